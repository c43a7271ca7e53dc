/** Shared cars under way that could take the chosen ride along, each with what that means for everybody in it. */
import type { DriverId, RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { clock } from '../parts/figures.ts'
import { rideForm, rideKeys } from './pane-form.ts'
import type { PaneProps } from './props.ts'

export interface SharedCarProps {
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
  /** What the car still has to drive: who agrees agrees to that. */
  readonly plan: string
  readonly pickupAtMs: number
  readonly dropoffAtMs: number
  /** Of the car, for riders who share. */
  readonly seats: number
  /** While the new rider is in it, where it is fullest. */
  readonly seatsTaken: number
  /** How much longer the car drives. */
  readonly addedS: number
  readonly others: readonly {
    readonly rideId: RideId
    readonly reference: string
    readonly riderName: string
    /** Null for who is on board. */
    readonly pickupLaterS: number | null
    readonly dropoffLaterS: number
    readonly dropoffAtMs: number
    /** What they were promised. */
    readonly latestAtMs: number
  }[]
}

export interface SharedCarsProps {
  readonly nowMs: number
  /** The least trouble first. */
  readonly cars: readonly SharedCarProps[]
  /** How many have no seat left, and in how many somebody would be later than they were told. */
  readonly full: number
  readonly late: number
}

/** Nothing where no car is shared just now. */
export function sharedCarsPart(ctx: PageContext, props: PaneProps): Html | null {
  const shared = props.sharedCars ?? null
  if (shared === null || shared.cars.length + shared.full + shared.late === 0) return null
  return html`<section id="shared-cars" class="pane-part shared-cars" aria-labelledby="shared-cars-title"><header class="part-head"><h3 id="shared-cars-title" class="part-title">Shared cars under way</h3></header>${
    shared.cars.length === 0
      ? null
      : html`<ul>${shared.cars.map((car, n) => carRow(ctx, props, { car, nowMs: shared.nowMs, isFirst: n === 0 }))}</ul>`
  }${leftOut(shared)}</section>`
}

function carRow(
  ctx: PageContext,
  props: PaneProps,
  { car, nowMs, isFirst }: { car: SharedCarProps; nowMs: number; isFirst: boolean },
): Html {
  const { callSign, name } = car
  return html`<li class="shared-car"><div class="shared-car-head"><p><b class="numbers">${callSign}</b> <bdi class="second">${name}</bdi></p><form ${rideForm(props.ride, 'joining')}>${rideKeys(ctx, props)}<input type="hidden" name="driver_id" value="${car.driverId}"><input type="hidden" name="plan" value="${car.plan}"><button class="button button-plain" data-busy="Putting in…">Put in ${callSign}${isFirst ? html`<kbd>I</kbd>` : null}</button></form></div><p class="second">${icon('users')}<span class="numbers">${car.seatsTaken} of ${car.seats} seats</span> · picked up ${inMinutes(car.pickupAtMs - nowMs)} · there at ${clock(ctx, car.dropoffAtMs)} · ${drives(car.addedS)}</p><ul class="shared-car-others">${car.others.map((other) => html`<li><bdi>${other.riderName}</bdi> <span class="second numbers">${other.reference}</span> ${laterWords(ctx, other)}</li>`)}</ul></li>`
}

/** Under half a minute nobody notices. */
function minutesOf(seconds: number): number {
  return Math.round(seconds / 60)
}

function inMinutes(ms: number): string {
  const minutes = minutesOf(ms / 1000)
  return minutes <= 0 ? 'now' : `in ${minutes} min`
}

function drives(addedS: number): string {
  const minutes = minutesOf(addedS)
  return minutes === 0 ? 'no detour' : `${minutes} min more to drive`
}

/** "waits 2 min longer, there 4 min later at 18:21, told 18:30 at the latest". */
export function laterWords(
  ctx: PageContext,
  {
    pickupLaterS,
    dropoffLaterS,
    dropoffAtMs,
    latestAtMs,
  }: Pick<SharedCarProps['others'][number], 'pickupLaterS' | 'dropoffLaterS' | 'dropoffAtMs' | 'latestAtMs'>,
): Html {
  const waits = pickupLaterS === null ? 0 : minutesOf(pickupLaterS)
  const later = minutesOf(dropoffLaterS)
  const waitWords = waits > 0 ? `waits ${waits} min longer, ` : ''
  const thereWords =
    later > 0
      ? `there ${later} min later at`
      : later < 0
        ? `there ${-later} min sooner at`
        : waits > 0
          ? 'there as before at'
          : 'no later, there at'
  return html`<span>${waitWords}${thereWords} ${clock(ctx, dropoffAtMs)}</span> <span class="second">told ${clock(ctx, latestAtMs)} at the latest</span>`
}

function leftOut({ full, late, cars }: SharedCarsProps): Html | null {
  const reasons = [
    ...(full === 0 ? [] : [`${full} ${full === 1 ? 'has' : 'have'} no seat left`]),
    ...(late === 0 ? [] : [`in ${late} somebody would be later than they were told`]),
  ]
  if (reasons.length === 0) return null
  const lead = cars.length === 0 ? 'No shared car under way can take this ride: ' : 'Of the others '
  return html`<p class="second">${lead}${reasons.join(', ')}.</p>`
}
