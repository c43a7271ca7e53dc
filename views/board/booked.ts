/** The lane of rides booked ahead: the next hours with the cars expected for them, and the next rides. */
import type { RideId, VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { address, clock } from '../parts/figures.ts'
import { shortPlace } from './place.ts'
import { rideLink } from './ride-link.ts'

/** A quarter of an hour in which cars are to be somewhere. */
export interface BookedQuarter {
  readonly atMs: number
  readonly rides: number
  /** Expected for them: those on shift less those that are busy with other rides. */
  readonly cars: number
  readonly onShift: number
  readonly busy: number
  /** Whether that is who is on shift now, or what days like that one had. */
  readonly from: 'shift' | 'usual'
}

export interface BookedLaneProps {
  /** All that are booked, also later than the lane shows. */
  readonly total: number
  readonly quarters: readonly BookedQuarter[]
  /** The first of them. */
  readonly next: readonly {
    readonly rideId: RideId
    readonly reference: string
    readonly class: VehicleClass
    readonly pickupAtMs: number
    readonly searchFromMs: number
    readonly from: string
    readonly to: string
  }[]
}

/** `<section id="board-booked">`: the next 12 hours, replaced whole. */
export function boardBooked(ctx: PageContext, props: BookedLaneProps): Html {
  return html`<section id="board-booked" class="board-booked" aria-labelledby="booked-title"><header class="part-head"><h2 id="booked-title">Booked <span class="part-count numbers">${props.total}</span></h2><a class="booked-new" href="/board/bookings">Book for a caller</a></header>${
    props.quarters.length === 0
      ? html`<p class="booked-none second">${props.total === 0 ? 'No ride is booked ahead.' : 'None of them is for the next 12 hours.'}</p>`
      : html`<ul class="booked-hours">${props.quarters.map((quarter) => quarterRow(ctx, quarter))}</ul><ol class="booked-next">${props.next.map((ride) => rideRow(ctx, ride))}</ol>`
  }</section>`
}

function quarterRow(ctx: PageContext, { atMs, rides, cars, onShift, busy, from }: BookedQuarter): Html {
  const words = `${rides} ${rides === 1 ? 'ride' : 'rides'}`
  const tooFew = rides - cars
  const expected = `${cars} of ${onShift} ${onShift === 1 ? 'car' : 'cars'} expected`
  const why = `${from === 'shift' ? 'on shift now' : 'as usual then'}${busy === 0 ? '' : `, ${busy} busy with other rides`}`
  return html`<li class="booked-hour${tooFew > 0 ? ' booked-short' : ''}">${clock(ctx, atMs)}<b class="numbers">${words}</b><span class="second" title="${why}">${tooFew > 0 ? `${tooFew} ${tooFew === 1 ? 'car' : 'cars'} too few · ` : ''}${expected}<span class="screen-reader">: ${why}</span></span></li>`
}

function rideRow(ctx: PageContext, ride: BookedLaneProps['next'][number]): Html {
  return html`<li><a class="booked-ride" ${rideLink(ride.rideId)}>${clock(ctx, ride.pickupAtMs)}<span><b>${address(shortPlace(ride.from))}</b> <span aria-label="to">→</span> ${address(shortPlace(ride.to))}<span class="second">${CLASS_WORDS[ride.class]} · driver from ${clock(ctx, ride.searchFromMs)}</span></span></a></li>`
}
