/** What a search from the desk found: rides, drivers, people and places, each a step away. */

import type { RideState } from '../../src/engine/ride.ts'
import type { IdentityId, LatLng, RideId } from '../../src/engine/units.ts'
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import { type PageContext, page } from '../page.ts'
import { emptyState } from '../parts/empty.ts'
import { address, clock, day } from '../parts/figures.ts'
import { RIDE_WORDS } from '../parts/ride-state.ts'
import { topBar } from '../parts/top.ts'
import { driverLink } from './driver-link.ts'
import { MARKER_OF, marker } from './marker.ts'
import { shortPlace } from './place.ts'
import { rideLink } from './ride-link.ts'

export interface FoundProps {
  readonly query: string
  readonly rides: readonly {
    readonly id: RideId
    readonly reference: string
    readonly state: RideState
    readonly riderName: string
    readonly from: string
    readonly to: string
    readonly callSign: string | null
    /** When it was asked for, or is booked for. */
    readonly atMs: number
  }[]
  readonly drivers: readonly {
    readonly id: string
    readonly callSign: string
    readonly name: string
    readonly plate: string | null
    /** Null off shift. */
    readonly state: 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'paused' | 'silent' | null
  }[]
  readonly people: readonly {
    readonly id: IdentityId
    readonly name: string
    readonly phone: string | null
    readonly email: string
    readonly isBlocked: boolean
  }[]
  readonly places: readonly { readonly label: string; readonly area: string | null; readonly point: LatLng }[]
}

const STATE_WORDS: Record<NonNullable<FoundProps['drivers'][number]['state']>, string> = {
  free: 'free',
  offered: 'is being asked',
  to_pickup: 'to a pickup',
  waiting: 'waiting',
  on_board: 'rider on board',
  paused: 'on a break',
  silent: 'silent',
}

/** `<div id="found">`: the groups that have something, in the order a desk needs them. */
export function foundList(ctx: PageContext, found: FoundProps): Html {
  const isNothing = [found.rides, found.drivers, found.people, found.places].every(
    ({ length }) => length === 0,
  )
  if (isNothing) {
    const none =
      found.query === ''
        ? {
            title: 'Type to find.',
            text: 'A ride’s number, a name, a telephone number, a call sign, a plate, an address.',
          }
        : {
            title: `Nothing fits “${found.query}”.`,
            text: 'Try part of a name, an address, a number or a call sign.',
          }
    return html`<div id="found" class="found found-none">${emptyState(none)}</div>`
  }
  return html`<div id="found" class="found">${group('Rides', found.rides, (ride) => rideOption(ctx, ride))}${group('Drivers', found.drivers, driverOption)}${group('People', found.people, personOption)}${group('Places', found.places, placeOption)}</div>`
}

function group<T>(title: string, items: readonly T[], draw: (item: T, n: number) => Html): Html | null {
  if (items.length === 0) return null
  return html`<section class="found-group" aria-label="${title}"><h2 class="found-title">${title}</h2>${items.map((item, n) => draw(item, n))}</section>`
}

function rideOption(ctx: PageContext, ride: FoundProps['rides'][number]): Html {
  return html`<a class="found-row" id="found-${ride.id}" ${rideLink(ride.id)}>${marker(MARKER_OF[ride.state])}<b class="numbers">${ride.reference}</b><span class="found-words"><bdi>${ride.riderName}</bdi> · ${address(shortPlace(ride.from))} → ${address(shortPlace(ride.to))}</span><span class="second">${RIDE_WORDS[ride.state].desk}${ride.callSign === null ? null : ` · ${ride.callSign}`} · ${day(ctx, ride.atMs)} ${clock(ctx, ride.atMs)}</span></a>`
}

function driverOption(driver: FoundProps['drivers'][number]): Html {
  const state = driver.state === 'paused' ? 'break' : (driver.state ?? 'ended')
  return html`<a class="found-row" id="found-${driver.id}" ${driverLink(driver.id)} data-call-sign="${driver.callSign}">${marker(state)}<b class="numbers">${driver.callSign}</b><span class="found-words"><bdi>${driver.name}</bdi>${driver.plate === null ? null : html` · <bdi dir="ltr">${driver.plate}</bdi>`}</span><span class="second">${driver.state === null ? 'off shift' : STATE_WORDS[driver.state]}</span></a>`
}

function personOption(person: FoundProps['people'][number]): Html {
  return html`<a class="found-row" id="found-${person.id}" href="/board/bookings?rider=${person.id}" data-book-for="${person.id}">${icon('user')}<b><bdi>${person.name}</bdi></b><span class="found-words"><bdi dir="ltr">${person.phone ?? person.email}</bdi></span><span class="second">${person.isBlocked ? 'blocked' : 'book for them'}</span></a>`
}

function placeOption(place: FoundProps['places'][number], n: number): Html {
  return html`<a class="found-row" id="found-place-${n}" href="/board?q=${encodeURIComponent(place.label)}" data-shows="${JSON.stringify([place.point])}">${icon('map-pin')}<b>${address(place.label)}</b><span class="found-words">${place.area}</span><span class="second">on the map</span></a>`
}

/** `GET /board/find`: the same as a page of its own, for a desk without scripts. */
export function findPage(ctx: PageContext, found: FoundProps): Html {
  return page(ctx, {
    title: 'Find',
    styles: ['board.css', 'board-keys.css'],
    body: html`${topBar(ctx)}<main id="main" class="narrow find-page" tabindex="-1"><section class="card stack"><h1>Find</h1><form class="search" role="search" action="/board/find" method="get"><label class="screen-reader" for="find-q">Ride, rider, number, driver, plate or place</label><input class="input" id="find-q" type="search" name="q" value="${found.query}" maxlength="80" autocomplete="off"><button class="button button-next">Find</button></form>${foundList(ctx, found)}<p><a class="button button-plain" href="/board">Back to the board</a></p></section></main>`,
  })
}
