/** What the desk's one list is drawn from: everything that needs a person, each kind with its own facts. */
import type { DriverId, LatLng, RideId } from '../../src/engine/units.ts'
import type { AlarmProps, QueueCard } from './props.ts'

interface Failing {
  /** The same thing has the same name each time it is drawn. */
  readonly id: string
  /** When it is too late, epoch ms; may have passed. */
  readonly failsAtMs: number
  /** Where its rider is picked up; left out where it is about no ride of somebody. */
  readonly pickup?: LatLng
  /** The part of the region that it is counted in: a zone's id, or an H3 cell. */
  readonly area?: string
}

/** Nobody drives it yet. */
export interface WaitingNeed extends Failing, QueueCard {
  readonly kind: 'waiting'
}

/** The pickup watchdog speaks of its car. */
export interface AlarmNeed extends Failing {
  readonly kind: 'alarm'
  readonly rideId: RideId
  readonly callSign: string
  readonly from: string
  readonly alarm: AlarmProps
}

export interface LateNeed extends Failing {
  readonly kind: 'late'
  readonly rideId: RideId
  readonly callSign: string
  /** Where it is late: the pickup, or with the rider on board the destination. */
  readonly at: string
  readonly isOnBoard: boolean
  readonly lateS: number
  readonly toldAtMs: number
}

export interface OffRouteNeed extends Failing {
  readonly kind: 'off_route'
  readonly rideId: RideId
  readonly callSign: string
  readonly to: string
  /** By so much at least the ride becomes longer than promised, metres. */
  readonly excessM: number
}

/** A car that is not heard of while its rider is in it, or waits beside it. */
export interface SilentNeed extends Failing {
  readonly kind: 'silent'
  readonly rideId: RideId
  readonly callSign: string
  readonly isOnBoard: boolean
  readonly seenAtMs: number | null
}

export interface NoShowNeed extends Failing {
  readonly kind: 'no_show'
  readonly rideId: RideId
  readonly callSign: string
  readonly from: string
  readonly riderName: string
}

/** Rides booked for a quarter of an hour that no car is expected for. */
export interface UncoveredNeed extends Failing {
  readonly kind: 'uncovered'
  /** The first of them. */
  readonly rideId: RideId
  readonly atMs: number
  readonly booked: number
  readonly cars: number
}

/** Somebody at work whose licence ends. */
export interface PapersNeed extends Failing {
  readonly kind: 'papers'
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
}

export type NeedCard =
  | WaitingNeed
  | AlarmNeed
  | LateNeed
  | OffRouteNeed
  | SilentNeed
  | NoShowNeed
  | UncoveredNeed
  | PapersNeed

export interface QueueProps {
  readonly nowMs: number
  /** Least time left first. */
  readonly cards: readonly NeedCard[]
  /** How many need somebody in all; more than the cards where the list was cut. */
  readonly total: number
  readonly selectedRideId: RideId | null
}
