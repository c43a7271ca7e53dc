/** Everything of a region that needs a person, as one list: what goes wrong first stands on top. */
import type { NeedCard, WaitingNeed } from '../../views/board/need-props.ts'
import type { Region } from '../companies/companies.ts'
import { wayLeft } from '../dispatch/rider-state.ts'
import { waitsFromMs } from '../engine/booking.ts'
import { noShowFromMs } from '../engine/fare.ts'
import {
  byFailure,
  carsFor,
  lateness,
  NEED_TERMS,
  noShowSoon,
  offRouteM,
  papersSoon,
  requestFailsAtMs,
  uncovered,
} from '../engine/needs.ts'
import type { DriverId, LatLng, RideId } from '../engine/units.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Car, Fleet } from '../positions/fleet.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { expectedAtMs, toldAtMs } from './lateness.ts'
import type { BoardDeps } from './read.ts'
import type { PlannedQuarter } from './supply.ts'
import { type AlarmsByRide, alarmProps } from './watch.ts'

/** A car in a tunnel or a canyon is back by then; with a rider in it nothing else says that something is wrong. */
const SILENT_AFTER_MS = 60_000
/** Longer than that nobody should be unheard of with a rider. */
const SILENT_FAILS_MS = 5 * 60_000

export interface NeedFacts {
  readonly nowMs: number
  /** Open rides that have a driver. */
  readonly driven: readonly LoadedRide[]
  readonly alarms: AlarmsByRide
  /** The quarters of an hour that booked rides lie in. */
  readonly quarters: readonly PlannedQuarter[]
}

/** What needs somebody beside the requests that wait, least time left first. */
export async function readNeeds(deps: BoardDeps, region: Region, facts: NeedFacts): Promise<NeedCard[]> {
  const { nowMs } = facts
  const mayLeave = await noShowsOf(deps, facts.driven)
  const ofRides = facts.driven.map((ride) => needOfRide(deps, region, ride, { ...facts, mayLeave }))
  return byFailure([
    ...ofRides.filter((need) => need !== null),
    ...uncoveredNeeds(facts.quarters, nowMs),
    ...papersNeeds(deps.fleet, region, nowMs),
  ])
}

/** One card a ride: what is worst, for that is what somebody acts on. */
function needOfRide(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  {
    nowMs,
    alarms,
    mayLeave,
  }: Pick<NeedFacts, 'nowMs' | 'alarms'> & { mayLeave: ReadonlyMap<RideId, number> },
): NeedCard | null {
  const car = ride.driver_id === null ? undefined : deps.fleet.car(ride.driver_id)
  const pickup = { lat: ride.pickup_lat, lng: ride.pickup_lng }
  const is = { rideId: ride.id, callSign: car?.duty.callSign ?? '', pickup }
  const alarm = alarms.get(ride.id)
  if (alarm !== undefined) {
    const failsAtMs = alarm.acts_at.getTime()
    return {
      ...{ ...is, kind: 'alarm', id: `alarm-${ride.id}`, failsAtMs },
      ...{ from: ride.pickup_label, alarm: alarmProps(alarm) },
    }
  }
  return (
    silentNeed(car, ride, is, nowMs) ??
    offRouteNeed(car, ride, is) ??
    noShowNeed(ride, is, mayLeave.get(ride.id), nowMs) ??
    lateNeed(deps, region, ride, is, nowMs)
  )
}

type Named = { readonly rideId: RideId; readonly callSign: string; readonly pickup: LatLng }

function silentNeed(car: Car | undefined, ride: LoadedRide, is: Named, nowMs: number): NeedCard | null {
  if (ride.state !== 'arrived' && ride.state !== 'in_progress') return null
  const seenAtMs = car?.position?.atMs ?? null
  if (seenAtMs !== null && nowMs - seenAtMs < SILENT_AFTER_MS) return null
  // Who was never heard here may be known to another process; a shift that is over is not.
  if (seenAtMs === null && car !== undefined) return null
  const failsAtMs = (seenAtMs ?? ride.changed_at.getTime()) + SILENT_FAILS_MS
  return {
    ...{ ...is, kind: 'silent', id: `silent-${ride.id}`, failsAtMs },
    ...{ isOnBoard: ride.state === 'in_progress', seenAtMs },
  }
}

function offRouteNeed(car: Car | undefined, ride: LoadedRide, is: Named): NeedCard | null {
  // Who shares a car is promised a time, and no way.
  if (ride.state !== 'in_progress' || ride.shared || car?.position == null) return null
  const excessM = offRouteM({
    from: { lat: ride.pickup_lat, lng: ride.pickup_lng },
    to: { lat: ride.dropoff_lat, lng: ride.dropoff_lng },
    car: car.position,
    promisedM: ride.distance_m,
  })
  if (excessM === null) return null
  const failsAtMs = toldAtMs(ride) ?? ride.changed_at.getTime()
  return { ...is, kind: 'off_route', id: `off-${ride.id}`, failsAtMs, to: ride.dropoff_label, excessM }
}

function noShowNeed(
  ride: LoadedRide,
  is: Named,
  mayLeaveAtMs: number | undefined,
  nowMs: number,
): NeedCard | null {
  const failsAtMs = mayLeaveAtMs === undefined ? null : noShowSoon({ mayLeaveAtMs, nowMs })
  if (failsAtMs === null) return null
  const riderName = ride.rider_name
  return { ...is, kind: 'no_show', id: `no-show-${ride.id}`, failsAtMs, from: ride.pickup_label, riderName }
}

function lateNeed(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  is: Named,
  nowMs: number,
): NeedCard | null {
  const told = toldAtMs(ride)
  const { etaS } = wayLeft(deps, ride, region)
  const expected = expectedAtMs(ride, etaS, nowMs)
  if (told === null || expected === null) return null
  const isOnBoard = ride.state === 'in_progress'
  const late = lateness({ toldAtMs: told, expectedAtMs: expected, isOnBoard })
  if (late === null) return null
  return {
    ...{ ...is, ...late, kind: 'late', id: `late-${ride.id}`, isOnBoard, toldAtMs: told },
    at: isOnBoard ? ride.dropoff_label : ride.pickup_label,
  }
}

/** From when on the drivers who wait may leave, by ride. */
async function noShowsOf(
  { db }: BoardDeps,
  driven: readonly LoadedRide[],
): Promise<ReadonlyMap<RideId, number>> {
  const waiting = driven.filter((ride) => ride.state === 'arrived' && ride.arrived_at !== null)
  const tariffIds = [...new Set(waiting.map((ride) => ride.tariff_id))]
  const companyId = waiting[0]?.company_id
  if (companyId === undefined) return new Map()
  const tariffs = new Map(
    await Promise.all(tariffIds.map(async (id) => [id, await tariffById(db, companyId, id)] as const)),
  )
  return new Map(
    waiting.map((ride) => {
      const from = waitsFromMs(ride.arrived_at!.getTime(), ride.scheduled_for?.getTime() ?? null)
      return [ride.id, noShowFromMs(tariffs.get(ride.tariff_id)!, from)]
    }),
  )
}

function uncoveredNeeds(quarters: readonly PlannedQuarter[], nowMs: number): NeedCard[] {
  return quarters
    .filter(({ atMs }) => atMs < nowMs + NEED_TERMS.bookedAheadS * 1_000)
    .flatMap((quarter) => {
      const first = quarter.rides[carsFor(quarter)]
      if (uncovered(quarter) === 0 || first === undefined) return []
      return [
        {
          ...{ kind: 'uncovered' as const, id: `quarter-${quarter.atMs}`, atMs: quarter.atMs },
          ...{ rideId: first.id, booked: quarter.booked, cars: carsFor(quarter) },
          // Once the search begins, it is one of those that wait.
          failsAtMs: first.release_at?.getTime() ?? quarter.atMs,
        },
      ]
    })
}

function papersNeeds(fleet: Fleet, region: Region, nowMs: number): NeedCard[] {
  return [...fleet.cars(region.id)].flatMap(({ duty }) => {
    const failsAtMs = papersSoon({ endsAtMs: duty.drivesUntilMs, nowMs })
    if (failsAtMs === null) return []
    const { driverId, callSign, driverName: name } = duty
    return [{ kind: 'papers' as const, id: `papers-${driverId}`, driverId, callSign, name, failsAtMs }]
  })
}

/** A request as a card of the list. */
export function waitingNeed(
  { fleet, outlook }: Pick<BoardDeps, 'fleet' | 'outlook'>,
  ride: LoadedRide,
  asking: DriverId | null,
): WaitingNeed {
  const heldFor = outlook.heldFor(ride.region_id, ride.id)?.driverId ?? null
  return {
    ...{ kind: 'waiting', id: `queue-${ride.id}` },
    failsAtMs: requestFailsAtMs({
      deadlineAtMs: ride.deadline_at.getTime(),
      rescueAtMs: ride.rescue_at?.getTime() ?? null,
    }),
    ...{ rideId: ride.id, requestedAtMs: ride.requested_at.getTime() },
    pickup: { lat: ride.pickup_lat, lng: ride.pickup_lng },
    ...{ deadlineAtMs: ride.deadline_at.getTime(), from: ride.pickup_label, to: ride.dropoff_label },
    ...{ class: ride.class, seats: ride.seats, misses: ride.misses },
    askingCallSign: callSignOf(fleet, asking),
    waitsForCallSign: callSignOf(fleet, heldFor),
    needsRescue: ride.rescue_at !== null,
    putOffUntilMs: ride.put_off_until?.getTime() ?? null,
  }
}

function callSignOf(fleet: Fleet, driverId: DriverId | null): string | null {
  return driverId === null ? null : (fleet.car(driverId)?.duty.callSign ?? null)
}
