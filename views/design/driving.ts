/** Parts of the driver's page: the offer, the four steps, the one big button. */
import type { DriverId, OfferId } from '../../src/engine/units.ts'
import { offerSheet } from '../drivers/offer.ts'
import { bigButton } from '../drivers/parts.ts'
import type { DriverRideState, OfferProps } from '../drivers/props.ts'
import { driverTimeline } from '../drivers/ride.ts'
import { html } from '../html.ts'
import { KEY, NOW_MS, type PartGroup } from './specimen.ts'

function offer(leftMs: number): OfferProps {
  return {
    ...{ state: 'offer', driver: { id: 'bo' as DriverId, callSign: '204' }, nowMs: NOW_MS },
    scene: { center: { lat: 40.7445, lng: -73.986 }, car: null },
    today: { earnedMinor: 18_420, currency: 'USD', rides: 9, onlineS: 22_320 },
    ...{ navigator: 'phone', hours: null, key: KEY },
    offer: {
      ...{ id: 'offer' as OfferId, shared: false, addedS: null, earnedMinor: 1840, fareMinor: 2480 },
      ...{ currency: 'USD', class: 'standard', seats: 1, payment: 'account' },
      ...{ expiresAtMs: NOW_MS + leftMs, totalMs: 15_000 },
      pickup: { label: '828 Broadway', area: 'Union Square', durationS: 240, distanceM: 1_200 },
      dropoff: { area: 'Upper East Side', bearingDeg: 40, durationS: 1_140, distanceM: 5_800 },
    },
  }
}

const STEPS: readonly [DriverRideState, string][] = [
  ['assigned', 'accepted'],
  ['en_route', 'on the way'],
  ['arrived', 'at the pickup'],
  ['in_progress', 'on board'],
]

export const DRIVING_PARTS: readonly PartGroup[] = [
  {
    title: 'Offer card',
    from: 'views/drivers/offer.ts',
    states: [
      {
        state: 'open',
        draw: (ctx) => html`<div class="driver-part">${offerSheet(ctx, offer(11_000))}</div>`,
      },
      {
        state: 'its last three seconds',
        draw: (ctx) => html`<div class="driver-part">${offerSheet(ctx, offer(3_000))}</div>`,
      },
      {
        state: 'late',
        draw: (ctx) => html`<div class="driver-part">${offerSheet(ctx, offer(0))}</div>`,
      },
    ],
  },
  {
    title: 'Driver’s steps',
    from: 'views/drivers/ride.ts driverTimeline',
    states: STEPS.map(([state, words]) => ({
      state: words,
      draw: () => html`<div class="driver-part">${driverTimeline(state)}</div>`,
    })),
  },
  {
    title: 'Step button',
    from: 'views/drivers/parts.ts bigButton',
    states: [
      {
        state: 'what it does stands under it',
        draw: () =>
          bigButton({ verb: 'Passenger on board', does: 'enter the code first', busy: 'Starting…' }),
      },
    ],
  },
]
