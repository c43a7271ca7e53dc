/** What people do to bring a ride into each of its states, through the API as a program would. */
import type { LatLng } from '../../src/engine/units.ts'
import {
  type AppWorld,
  BRYANT_PARK,
  type Crew,
  type DriverPerson,
  type Person,
  TIMES_SQUARE,
  WALL_STREET,
} from './app-world.ts'

export interface QuoteAnswer {
  readonly id: string
  readonly expiresAtMs: number
  readonly options: readonly {
    readonly quoteId: string
    readonly class: string
    readonly fareMinor: number
  }[]
}
export interface RideAnswer {
  readonly id: string
  readonly reference: string
  readonly state: string
  readonly fareMinor: number
}
export interface DriverAnswer {
  readonly driverId: string
  readonly shift: { readonly id: string } | null
  readonly offer: { readonly id: string; readonly rideId: string; readonly remainingMs: number } | null
  readonly ride: RideAnswer | null
}

const FROM = { ...TIMES_SQUARE, label: 'Times Square' }
const TO = { ...WALL_STREET, label: 'Wall Street' }

/** @param pickupAtMs when the car is to be there; as soon as one can, unless given */
export function askPrices(
  rider: Person,
  pickupAtMs?: number,
  way: { readonly from: LatLng; readonly to: LatLng } = { from: FROM, to: TO },
): Promise<QuoteAnswer> {
  const later = pickupAtMs === undefined ? {} : { pickupAtMs }
  return rider.client.done('POST', '/api/v1/quotes', { ...way, seats: 1, ...later })
}

/** A ride booked ahead, in `scheduled`. */
export async function bookRide(rider: Person, pickupAtMs: number): Promise<RideAnswer> {
  const { options } = await askPrices(rider, pickupAtMs)
  return rider.client.done('POST', '/api/v1/rides', {
    quoteId: options[0]!.quoteId,
    payment: 'cash',
    note: '',
  })
}

export async function askRide(
  rider: Person,
  note = '',
  way?: { readonly from: LatLng; readonly to: LatLng },
): Promise<RideAnswer> {
  const { options } = await askPrices(rider, undefined, way)
  return rider.client.done('POST', '/api/v1/rides', { quoteId: options[0]!.quoteId, payment: 'cash', note })
}

/** Numbers of pings grow for ever, so that none counts as a repeat. */
let seq = 0
export function pingAt(world: Pick<AppWorld, 'clock'>, at = BRYANT_PARK, more: Record<string, unknown> = {}) {
  return { seq: ++seq, at: Math.floor(world.clock.nowMs()), lat: at.lat, lng: at.lng, accuracy: 8, ...more }
}

export async function goOnline(world: AppWorld, driver: DriverPerson, at = BRYANT_PARK): Promise<void> {
  await driver.client.done('POST', '/api/v1/driver/shift', { vehicleId: driver.vehicleId })
  await driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
  await world.fleet.settle()
}

export const STEPS = ['set_off', 'arrive', 'board', 'finish'] as const

export async function takeSteps(
  driver: DriverPerson,
  rideId: string,
  count: number,
): Promise<RideAnswer | null> {
  let ride: RideAnswer | null = null
  for (const step of STEPS.slice(0, count))
    ride = await driver.client.done('POST', `/api/v1/rides/${rideId}/steps`, { step })
  return ride
}

/** The desk gives the ride to the driver, who must be online. */
export function assign({ dispatcher, driver }: Crew, rideId: string): Promise<RideAnswer> {
  return dispatcher.client.done('POST', `/api/v1/board/rides/${rideId}/assignment`, {
    driverId: driver.driverId,
  })
}
