/** The pages of lost things and reports: the rider's, the driver's, the desk's, and the lists of the latter two. */
import { CASE_TOPICS, type CaseKind, type CaseState, isCaseOver } from '../../src/engine/ride-case.ts'
import { afterPage } from '../board/after-frame.ts'
import { DRIVER_STYLES } from '../drivers/parts.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { clock, day } from '../parts/figures.ts'
import { CASE_TITLES, type CaseProps, caseBadge, caseSection } from './case.ts'

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
  { title, back, isNight, content }: { title: string; back: string; isNight: boolean; content: Html },
): Html {
  return page(ctx, {
    title,
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

export interface ListedCaseProps {
  readonly href: string
  readonly kind: CaseKind
  readonly topic: string
  readonly state: CaseState
  readonly reference: string
  /** `Ada Okafor, with Bo Lindqvist`; null on the driver's own list. */
  readonly who: string | null
  readonly changedAtMs: number
}

const NONE = {
  title: 'Nothing is missed.',
  text: 'What riders lose in a car, and what they report, appears here at once.',
}

export function driverCasesPage(
  ctx: PageContext,
  { cases }: { readonly cases: readonly ListedCaseProps[] },
  options: { isNight: boolean },
): Html {
  const content =
    cases.length === 0
      ? html`<div class="card">${emptyState({ title: 'Nothing is missed.', text: 'If a rider leaves something in your car and tells us, it stands here and you get a letter.' })}</div>`
      : list(ctx, cases)
  return driverFrame(ctx, { title: 'Lost things', back: '/driver/earnings', content, ...options })
}

export function deskCasesPage(
  ctx: PageContext,
  { cases }: { readonly cases: readonly ListedCaseProps[] },
): Html {
  const content = cases.length === 0 ? html`<div class="card">${emptyState(NONE)}</div>` : list(ctx, cases)
  return afterPage(ctx, { part: 'cases', title: 'Lost things and reports', content })
}

function list(ctx: PageContext, cases: readonly ListedCaseProps[]): Html {
  return html`<ul class="after-list">${cases.map(
    ({ href, kind, topic, state, reference, who, changedAtMs }) =>
      html`<li><a class="card case-row${isCaseOver(state) ? ' case-over' : ''}" href="${href}">${icon(kind === 'lost_item' ? 'luggage' : 'flag')}<span><b>${CASE_TOPICS[kind][topic] ?? topic}</b><span class="second numbers">${who === null ? null : `${who} · `}<bdi dir="ltr">${reference}</bdi> · ${day(ctx, changedAtMs)}, ${clock(ctx, changedAtMs)}</span></span>${caseBadge(state)}</a></li>`,
  )}</ul>`
}
