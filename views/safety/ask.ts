/** The safety page of rider and driver: whom to call, and one button that tells the desk. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { formKeys } from '../parts/field.ts'
import { topBar } from '../parts/top.ts'
import { type HelpProps, helpWords } from './line.ts'

export interface SafetyProps {
  readonly side: 'rider' | 'driver'
  readonly action: string
  readonly back: string
  /** As it is dialled where the ride is. */
  readonly emergencyNumber: string
  readonly companyName: string
  /** False once the ride is over for a while. */
  readonly mayAsk: boolean
  /** The newest of this side; null where none was asked for. */
  readonly alert: HelpProps | null
  readonly key: string
}

/** While help is under way a page without script asks again this often; one with it is told. */
const REFRESH_S = 5

/** @param options.isNight where a driver looks, after sunset: the page is dark then, as all of theirs */
export function safetyPage(ctx: PageContext, props: SafetyProps, options: { isNight: boolean }): Html {
  return page(ctx, {
    title: 'Safety',
    theme: options.isNight ? 'dark' : undefined,
    body: html`${topBar(ctx)}<main id="main" class="narrow" tabindex="-1">${helpSection(ctx, props)}</main>`,
    styles: ['safety.css'],
    ...(isOpen(props) ? { refreshS: REFRESH_S } : {}),
  })
}

function isOpen({ alert }: SafetyProps): boolean {
  return alert !== null && alert.closedAtMs === null
}

/** Whom to call, and what became of the call, drawn anew with each news of it; root id `help`. */
export function helpSection(ctx: PageContext, props: SafetyProps): Html {
  const { alert } = props
  const call = html`<a class="button button-danger-solid button-wide" href="tel:${props.emergencyNumber.replaceAll(' ', '')}">${icon('phone')}Call <bdi dir="ltr">${props.emergencyNumber}</bdi></a>`
  return html`<section id="help" class="card decision safety">
<h1>${isOpen(props) ? 'The desk knows' : 'Do you need help?'}</h1>
<p>In danger, call <b><bdi dir="ltr">${props.emergencyNumber}</bdi></b> first.</p>
${call}
<hr class="hairline">
${alert === null ? null : html`<p class="notice" role="status">${icon('shield-alert')}<span>${helpWords(ctx, alert)}</span></p>`}
${isOpen(props) ? null : props.mayAsk ? askForm(ctx, props) : html`<p class="second">This ride has been over for a while, so the desk is not called from here any more.</p>`}
<p><a class="button button-quiet button-wide" href="${props.back}">Back to the ride</a></p>
</section>`
}

function askForm(ctx: PageContext, { action, companyName, key, side }: SafetyProps): Html {
  return html`<p>Tell the desk of ${companyName}: they see at once where the car is and where it was in the last five minutes, and write or call. ${side === 'rider' ? 'Your driver' : 'Your rider'} is not told.</p>
<form method="post" action="${action}">${formKeys({ csrf: ctx.csrf, key })}<button class="button button-next button-wide" data-busy="Telling the desk…">${icon('shield-alert')}Tell the desk now</button></form>`
}
