/** The lane of rides booked ahead: the next hours with what they usually have, and the next rides. */
import type { RideId, VehicleClass } from '../../src/engine/units.ts'
import { CLASS_WORDS } from '../drivers/words.ts'
import { type Html, html } from '../html.ts'
import type { PageContext } from '../page.ts'
import { address, clock } from '../parts/figures.ts'
import { shortPlace } from './place.ts'
import { rideLink } from './ride-link.ts'

/** An hour in which cars are to be somewhere. */
export interface BookedHour {
  readonly atMs: number
  readonly rides: number
  /** Of days like that one: cars on shift, and rides asked for; null while nothing is known. */
  readonly usual: { readonly cars: number; readonly asked: number } | null
}

export interface BookedLaneProps {
  /** All that are booked, also later than the lane shows. */
  readonly total: number
  readonly hours: readonly BookedHour[]
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
    props.hours.length === 0
      ? html`<p class="booked-none second">${props.total === 0 ? 'No ride is booked ahead.' : 'None of them is for the next 12 hours.'}</p>`
      : html`<ul class="booked-hours">${props.hours.map((hour) => hourRow(ctx, hour))}</ul><ol class="booked-next">${props.next.map((ride) => rideRow(ctx, ride))}</ol>`
  }</section>`
}

function hourRow(ctx: PageContext, { atMs, rides, usual }: BookedHour): Html {
  const words = `${rides} ${rides === 1 ? 'ride' : 'rides'}`
  const usually =
    usual === null ? 'nothing known of that hour yet' : `usually ${usual.cars} cars, ${usual.asked} rides`
  const isShort = usual !== null && rides > usual.cars
  return html`<li class="booked-hour${isShort ? ' booked-short' : ''}">${clock(ctx, atMs)}<b class="numbers">${words}</b><span class="second">${usually}${isShort ? ' · too few cars' : ''}</span></li>`
}

function rideRow(ctx: PageContext, ride: BookedLaneProps['next'][number]): Html {
  return html`<li><a class="booked-ride" ${rideLink(ride.rideId)}>${clock(ctx, ride.pickupAtMs)}<span><b>${address(shortPlace(ride.from))}</b> <span aria-label="to">→</span> ${address(shortPlace(ride.to))}<span class="second">${CLASS_WORDS[ride.class]} · driver from ${clock(ctx, ride.searchFromMs)}</span></span></a></li>`
}
