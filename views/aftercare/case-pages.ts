/** The pages of lost things and reports: of one and of all, the rider's, the driver's and the desk's. */
import { afterPage } from '../board/after-frame.ts'
import { DRIVER_STYLES } from '../drivers/parts.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { topBar } from '../parts/top.ts'
import { CASE_TITLES, type CaseProps, caseSection } from './case.ts'
import { type CaseListProps, caseList } from './case-list.ts'

const STYLES = ['rating.css', 'after.css']

export function riderCasePage(ctx: PageContext, props: CaseProps & { readonly back: string }): Html {
  const title = CASE_TITLES[props.kind]
  return page(ctx, {
    title,
    styles: ['receipt.css', ...STYLES],
    body: html`<main id="main" class="narrow receipt" tabindex="-1"><header class="receipt-head"><a class="button button-quiet button-compact" href="${props.back}" aria-label="Back to your ride">${icon('arrow-left')}</a><h1>${title}</h1></header>${caseSection(ctx, props)}</main>`,
  })
}

function driverFrame(
  ctx: PageContext,
  {
    title,
    back,
    isNight,
    content,
    refreshS,
  }: { title: string; back: string; isNight: boolean; content: Html; refreshS?: number },
): Html {
  return page(ctx, {
    ...{ title, ...(refreshS !== undefined && { refreshS }) },
    layout: 'plain',
    styles: [...DRIVER_STYLES, ...STYLES],
    theme: isNight ? 'dark' : undefined,
    body: html`<main id="main" class="earnings"><header class="earnings-head"><a class="pill pill-round" href="${back}">${icon('arrow-left')}<span class="screen-reader">Back</span></a><h1>${title}</h1></header>${content}</main>`,
  })
}

export function driverCasePage(ctx: PageContext, props: CaseProps, options: { isNight: boolean }): Html {
  const content = caseSection(ctx, props)
  return driverFrame(ctx, { title: CASE_TITLES[props.kind], back: '/driver/cases', content, ...options })
}

export function deskCasePage(ctx: PageContext, props: CaseProps): Html {
  const title = props.kind === 'lost_item' ? 'Lost item' : 'Report'
  return afterPage(ctx, {
    part: 'cases',
    title: `${title} · ${props.ride.reference}`,
    content: caseSection(ctx, props),
  })
}

/** Without script a list asks again this often: what waits there is nothing of seconds. */
const REFRESH_S = 30

export function riderCasesPage(ctx: PageContext, props: CaseListProps): Html {
  return page(ctx, {
    title: 'Lost and reported',
    styles: ['rider.css', ...STYLES],
    refreshS: REFRESH_S,
    body: html`${topBar(ctx)}<main id="main" class="narrow stack" tabindex="-1"><div class="list-head"><h1>Lost and reported</h1><a class="button button-plain button-compact" href="/rides">Your rides</a></div>${caseList(ctx, props)}</main>`,
  })
}

export function driverCasesPage(ctx: PageContext, props: CaseListProps, options: { isNight: boolean }): Html {
  const content = caseList(ctx, props)
  return driverFrame(ctx, {
    ...{ title: 'Lost things', back: '/driver/earnings', refreshS: REFRESH_S, content },
    ...options,
  })
}

export function deskCasesPage(ctx: PageContext, props: CaseListProps): Html {
  return afterPage(ctx, {
    ...{ part: 'cases', title: 'Lost things and reports', refreshS: REFRESH_S },
    content: caseList(ctx, props),
  })
}
