/** "Busy here: +$3.00", and on asking why: in numbers of people and cars. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import { money } from '../parts/format.ts'

export interface BusyProps {
  readonly asking: number
  readonly free: number
  readonly place: string | null
  readonly overAtMs: number | null
}

export interface BusyOption {
  readonly surgeMinor: number
  readonly currency: string
}

/** Shown before the rider confirms; the sum follows the row that is chosen. Nothing where no option costs more. */
export function busyRow(
  ctx: PageContext,
  props: {
    readonly busy: BusyProps | null
    readonly options: readonly BusyOption[]
    readonly heldUntilMs: number
  },
): Html | null {
  const { busy, options } = props
  if (busy === null || options.every(({ surgeMinor }) => surgeMinor === 0)) return null
  const until =
    busy.overAtMs === null
      ? null
      : html` <span class="busy-until">until about ${clock(ctx, busy.overAtMs)}</span>`
  return html`<details class="busy"><summary>${icon('hexagon')}<span class="busy-words">Busy here: <b class="busy-sum">${options.map((option) => html`<span class="of-class">${sumText(ctx, option)}</span>`)}</b>${until}</span><span class="busy-why">Why</span></summary><p>${whyText(busy)} Your price is fixed until ${clock(ctx, props.heldUntilMs)}.${busy.overAtMs === null ? null : html` It is usually over by ${clock(ctx, busy.overAtMs)}.`}</p></details>`
}

function sumText(ctx: PageContext, { surgeMinor, currency }: BusyOption): Html {
  if (surgeMinor === 0) return html`nothing more for this fare`
  return html`<bdi dir="ltr">+${money(surgeMinor, currency, ctx.lang)}</bdi>`
}

/** In plain numbers: the counts that made the price. */
export function whyText({ asking, free, place }: BusyProps): string {
  const people = asking === 1 ? '1 person asked' : `${asking} people asked`
  const cars = free === 0 ? 'no car is free' : free === 1 ? '1 car is free' : `${free} cars are free`
  const where = place === null ? 'around here' : `around ${place}`
  return `In the last five minutes ${people} for a car ${where}, and ${cars} there.`
}
