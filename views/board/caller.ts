/** Who rings, as the booking panel shows it: who fits, where they go, or that they are new. */
import type { LatLng } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { field } from '../parts/field.ts'
import { address, day } from '../parts/figures.ts'

interface PlaceProps {
  readonly label: string
  readonly point: LatLng
}

export interface CallersFoundProps {
  readonly query: string
  /** Whether enough was typed to look for somebody. */
  readonly isAsked: boolean
  /** A number that nobody has yet. */
  readonly newPhone: { readonly e164: string; readonly spoken: string } | null
  readonly callers: readonly {
    readonly id: string
    readonly name: string
    /** Number or address, as it is read out. */
    readonly reach: string
    readonly blocked: { readonly reason: string | null } | null
  }[]
  /** Of the only one who fits. */
  readonly places: readonly PlaceProps[]
  readonly lastRide: { readonly atMs: number; readonly from: PlaceProps; readonly to: PlaceProps } | null
}

/** `<div id="booking-caller">`: the answer to `GET /board/callers`. */
export function callerPart(ctx: PageContext, props: CallersFoundProps): Html {
  return html`<div id="booking-caller" class="booking-caller">${content(ctx, props)}</div>`
}

function content(ctx: PageContext, props: CallersFoundProps): Html | null {
  const [first, ...others] = props.callers
  if (props.newPhone !== null)
    return html`<p class="caller-new">${icon('phone')}<span>New: <bdi dir="ltr" class="numbers">${props.newPhone.spoken}</bdi></span></p><input type="hidden" name="caller_phone" value="${props.newPhone.e164}">${field({ name: 'caller_name', label: 'Their name', maxLength: 120, autocomplete: 'off' })}`
  if (first === undefined)
    return props.isAsked
      ? html`<p class="second">Nobody by that name has ridden with you. A whole number makes a new caller.</p>`
      : null
  if (others.length > 0)
    return html`<fieldset class="caller-choice"><legend class="screen-reader">Which of them</legend>${props.callers.map(({ id, name, reach }) => html`<label><input type="radio" name="caller_choice" value="${id}"><b><bdi>${name}</bdi></b> <bdi dir="ltr" class="second">${reach}</bdi></label>`)}</fieldset>`
  if (first.blocked !== null)
    return html`<p class="notice notice-danger" role="alert" data-blocked>${icon('triangle-alert')}<span><bdi>${first.name}</bdi> is blocked here${first.blocked.reason === null ? null : html`: ${first.blocked.reason}`}. An admin can lift it.</span></p>`
  return html`<p class="caller-known"><b><bdi>${first.name}</bdi></b> <bdi dir="ltr" class="second">${first.reach}</bdi></p><input type="hidden" name="rider_id" value="${first.id}">${habits(ctx, props)}`
}

/** What one key fills in: their places by number, the last ride again, or the way back. */
function habits(ctx: PageContext, { places, lastRide }: CallersFoundProps): Html | null {
  if (places.length === 0) return null
  const again =
    lastRide === null
      ? null
      : html`<li><button type="button" data-way="${JSON.stringify([lastRide.from, lastRide.to])}" data-short="r"><kbd>R</kbd><span>Again: ${address(lastRide.from.label)} → ${address(lastRide.to.label)} <span class="second">${day(ctx, lastRide.atMs)}</span></span></button></li><li><button type="button" data-way="${JSON.stringify([lastRide.to, lastRide.from])}" data-short="b"><kbd>B</kbd><span>Back: ${address(lastRide.to.label)} → ${address(lastRide.from.label)}</span></button></li>`
  return html`<ul class="caller-places" aria-label="Type its letter or number in From or To, then Enter">${again}${places.map((place, n) => html`<li><button type="button" data-place="${JSON.stringify(place)}" data-short="${n + 1}"><kbd>${n + 1}</kbd><span>${address(place.label)}</span></button></li>`)}</ul>`
}
