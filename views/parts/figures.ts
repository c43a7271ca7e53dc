/** The same figures as elements: never mirrored in a right-to-left page, tabular, machine-readable times. */
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { ageText, clockSecondsText, clockText, countdownText, dayText, money } from './format.ts'

/** A price, `$24.80`; large when it stands alone at the end of a row. */
export function price(
  ctx: Pick<PageContext, 'lang'>,
  props: { amountMinor: number; currency: string },
): Html {
  return html`<bdi dir="ltr" class="price">${money(props.amountMinor, props.currency, ctx.lang)}</bdi>`
}

/** A price in running text or in a column, in the weight of its surroundings. */
export function amount(
  ctx: Pick<PageContext, 'lang'>,
  props: { amountMinor: number; currency: string },
): Html {
  return html`<bdi dir="ltr" class="numbers">${money(props.amountMinor, props.currency, ctx.lang)}</bdi>`
}

/** The region's clock at an instant, `18:12`. */
export function clock(ctx: PageContext, atMs: number): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${clockText(ctx, atMs)}</time>`
}

/** The region's clock with seconds, `18:05:02`. */
export function clockSeconds(ctx: PageContext, atMs: number): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${clockSecondsText(ctx, atMs)}</time>`
}

/** The region's day at an instant, `Sat 21 Nov 2026`. */
export function day(ctx: PageContext, atMs: number): Html {
  return html`<time datetime="${new Date(atMs).toISOString()}">${dayText(ctx, atMs)}</time>`
}

/** An address: kept left to right, so that "828 Broadway" stays in order inside an Arabic sentence. */
export function address(label: string): Html {
  return html`<bdi dir="ltr">${label}</bdi>`
}

/** A licence plate in its frame. */
export function plate(text: string): Html {
  return html`<bdi dir="ltr" class="plate">${text}</bdi>`
}

/** The digits a rider says while getting in, one tile each, read out as one number of single digits. */
export function codeTiles(digits: string): Html {
  return html`<span class="code" role="img" aria-label="${[...digits].join(' ')}">${[...digits].map((digit) => html`<span>${digit}</span>`)}</span>`
}

/**
 * Time left, `4:32`, that `live.js` counts down from the server's two instants, whatever the phone's clock says.
 * At zero it shows the elements with the ids in `dueShow` and hides those in `dueHide`, spaces between them.
 */
export function countdown(props: {
  untilMs: number
  nowMs: number
  dueShow?: string
  dueHide?: string
}): Html {
  const show = props.dueShow === undefined ? null : html` data-due-show="${props.dueShow}"`
  const hide = props.dueHide === undefined ? null : html` data-due-hide="${props.dueHide}"`
  return html`<span class="numbers" role="timer" data-until="${props.untilMs}" data-now="${props.nowMs}"${show}${hide}>${countdownText(props.untilMs - props.nowMs)}</span>`
}

/** From here on the ring is red; `live.js` knows it too. */
const LAST_MS = 3_000

/** A ring with the seconds left inside, draining clockwise from `totalMs`; its last three seconds are red. */
export function countdownRing(props: { untilMs: number; nowMs: number; totalMs: number }): Html {
  const remainingMs = Math.max(0, props.untilMs - props.nowMs)
  const share = props.totalMs > 0 ? Math.min(1, remainingMs / props.totalMs) : 0
  return html`<span class="ring" role="timer" data-until="${props.untilMs}" data-now="${props.nowMs}" data-total="${props.totalMs}"${remainingMs <= LAST_MS ? html` data-last` : null}><svg viewBox="0 0 64 64" aria-hidden="true"><circle cx="32" cy="32" r="28"/><circle class="ring-left" cx="32" cy="32" r="28" pathLength="100" stroke-dashoffset="${(100 - share * 100).toFixed(1)}"/></svg><span>${Math.ceil(remainingMs / 1000)}</span></span>`
}

/** Full at 0 s and empty here; after it the car counts as silent. */
const SILENT_AFTER_S = 30

/** How old a position is, `Seen 3 s ago` with its ring; `live.js` lets it grow. */
export function age(props: { seenAtMs: number; nowMs: number }): Html {
  const ageMs = Math.max(0, props.nowMs - props.seenAtMs)
  const left = Math.max(0, 1 - ageMs / 1000 / SILENT_AFTER_S)
  return html`<span class="age" data-seen="${props.seenAtMs}" data-now="${props.nowMs}" data-age="${ageTone(ageMs)}"><svg viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="13"/><circle class="age-left" cx="16" cy="16" r="13" pathLength="100" stroke-dashoffset="${(100 - left * 100).toFixed(1)}"/></svg><span>Seen <span data-age-text>${ageText(ageMs)}</span> ago</span></span>`
}

/** The colour of a position's age: ok to 10 s, warn to 20, danger after. */
export function ageTone(ageMs: number): 'ok' | 'warn' | 'danger' {
  if (ageMs <= 10_000) return 'ok'
  return ageMs <= 20_000 ? 'warn' : 'danger'
}
