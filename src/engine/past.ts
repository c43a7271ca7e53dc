/** The cars of one moment in few bytes, and a ride as it was at an instant. Pure. */
import type { RideState } from './ride.ts'
import { assert, type DriverId, type LatLng } from './units.ts'

/** What a car does, in the order of their numbers in a frame: only ever add at the end. */
export const FRAME_STATES = [
  ...(['free', 'offered', 'to_pickup', 'waiting', 'on_board', 'break', 'silent'] as const),
] as const
export type FrameState = (typeof FRAME_STATES)[number]

export interface FrameCar extends LatLng {
  readonly driverId: DriverId
  /** 0 is north, clockwise; kept to two degrees. */
  readonly headingDeg: number
  readonly state: FrameState
}

const VERSION = 1
const HEAD_BYTES = 1
/** 16 of the id, twice 4 of the place, one of the heading, one of the state. */
const CAR_BYTES = 26
/** Six decimals are 11 cm. */
const SCALE = 1_000_000

/**
 * Pack the cars of a moment: a version byte, then 26 bytes a car, little-endian.
 * @param cars their ids are UUIDs
 */
export function packFrame(cars: readonly FrameCar[]): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES + cars.length * CAR_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = VERSION
  cars.forEach((car, n) => {
    const at = HEAD_BYTES + n * CAR_BYTES
    const hex = car.driverId.replaceAll('-', '')
    assert(/^[0-9a-f]{32}$/i.test(hex), 'a driver’s id is a UUID')
    for (let byte = 0; byte < 16; byte++)
      bytes[at + byte] = Number.parseInt(hex.slice(byte * 2, byte * 2 + 2), 16)
    view.setInt32(at + 16, Math.round(car.lat * SCALE), true)
    view.setInt32(at + 20, Math.round(car.lng * SCALE), true)
    bytes[at + 24] = Math.round((((car.headingDeg % 360) + 360) % 360) / 2) % 180
    bytes[at + 25] = FRAME_STATES.indexOf(car.state)
  })
  return bytes
}

/** @returns the cars of a packed frame; null for bytes of another version, or torn ones */
export function unpackFrame(bytes: Uint8Array): FrameCar[] | null {
  if (bytes[0] !== VERSION || (bytes.length - HEAD_BYTES) % CAR_BYTES !== 0) return null
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const cars: FrameCar[] = []
  for (let at = HEAD_BYTES; at < bytes.length; at += CAR_BYTES) {
    const state = FRAME_STATES[bytes[at + 25]!]
    if (state === undefined) return null
    let hex = ''
    for (let byte = 0; byte < 16; byte++) hex += bytes[at + byte]!.toString(16).padStart(2, '0')
    cars.push({
      driverId: hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') as DriverId,
      lat: view.getInt32(at + 16, true) / SCALE,
      lng: view.getInt32(at + 20, true) / SCALE,
      headingDeg: bytes[at + 24]! * 2,
      state,
    })
  }
  return cars
}

/** One step of a ride: from then on it was in this state, with this driver. */
export interface RideMoment {
  readonly atMs: number
  readonly state: RideState
  readonly driverId: DriverId | null
}

/** What a ride was at an instant; null before it began. @param moments in the order of time */
export function rideAt(moments: readonly RideMoment[], atMs: number): RideMoment | null {
  return moments.findLast((moment) => moment.atMs <= atMs) ?? null
}
