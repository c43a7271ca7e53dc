/**
 * What the desk does to one ride, one function an act. Each works inside the caller's unit, takes the ride's lock first,
 * refuses `stale_ride` when the ride is another one by now than the desk looked at, writes the audit entry, and keeps
 * what is needed to take it back (undo.ts). Several rides in one unit are taken in the order of their ids.
 */
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import type { Region } from '../companies/companies.ts'
import { leaveWithCar } from '../dispatch/alarms.ts'
import { keepAct, keptColumns, type LoadedDeskAct } from '../dispatch/desk-acts.ts'
import type { DeskJoinRefusal } from '../dispatch/desk-joins.ts'
import type { AssignMergedRefusal } from '../dispatch/desk-merged.ts'
import { type AssignRefusal, assignByDesk } from '../dispatch/offers.ts'
import { lookWider, putOff, putOn } from '../dispatch/rescue.ts'
import type { PutOffMinutes } from '../engine/rescue.ts'
import { hasOpenRun } from '../engine/ride.ts'
import type { TravelS } from '../engine/run.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  ok,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { DeskActKind, RideBefore } from '../io/tables/desk-acts.ts'
import type { Car } from '../positions/fleet.ts'
import type { EditRefusal } from '../rides/edits.ts'
import { rideJson } from '../rides/json.ts'
import { type Actor, cancelByDesk, type LoadedRide, lockRide, releaseRide } from '../rides/rides.ts'
import { startWithoutCode } from '../rides/start-code.ts'
import type { CallerRefusal } from './caller-edit.ts'

/** A desk at work: whose, where, and who sits there. */
export interface Hand {
  readonly companyId: CompanyId
  readonly region: Region
  readonly random: Random
  /** Prices of ours are signed with one of them. */
  readonly secrets: readonly string[]
  /** Seconds until a car is at a ride's pickup; null while nobody knows where it is. */
  readonly pickupEtaS: (driverId: DriverId, ride: LoadedRide) => number | null
  /** As this process knows it; undefined where it does not. */
  readonly car: (driverId: DriverId) => Car | undefined
  /** Seconds from place to place. */
  readonly travelS: TravelS<LatLng>
  readonly by: {
    readonly actorId: IdentityId
    readonly address?: string
    readonly requestId?: string
  }
  /** Of one choice of many rides at once: their acts go by it. */
  readonly batchId?: string
}

/** Which ride is meant, and as which version the desk saw it; programs may leave that out and act on what is so now. */
export interface Meant {
  readonly rideId: RideId
  readonly version?: number | undefined
}

export interface Acted {
  readonly ride: LoadedRide
  /** What can be taken back for ten seconds; null where there is nothing to take back. */
  readonly act: LoadedDeskAct | null
  /** What a program is answered. */
  readonly json: Record<string, unknown>
}

export type ActRefusal =
  | AssignRefusal
  | DeskJoinRefusal
  | AssignMergedRefusal
  | 'stale_ride'
  | 'nothing_asked'
  | 'nothing_changed'
  | 'same_driver'
  | 'not_put_off'
  | 'no_code_asked'
  | EditRefusal
  | CallerRefusal

export type Outcome = Promise<Result<Acted, ActRefusal>>

/** What a waiting ride's search goes by and what it promises, to be as it was. */
export const SEARCH_COLUMNS = [
  ...(['deadline_at', 'rescue_at', 'wider_at', 'put_off_until', 'letter_due_at', 'merged_id'] as const),
  ...(['latest_pickup_at', 'latest_dropoff_at'] as const),
]

/** Another driver in one step; whoever had it reads why. Never while somebody is on board. */
export function reassign(
  unit: Work,
  hand: Hand,
  meant: Meant & { readonly driverId: DriverId; readonly reason: string },
): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    if (ride.driver_id === meant.driverId) return refuse('same_driver')
    const released = await take(unit, hand, ride, meant.reason)
    if (!released.ok) return released
    const given = await give(unit, hand, released.value, meant.driverId)
    if (!given.ok) return given
    return done(unit, hand, ride, given.value, {
      ...{ kind: 'reassign', action: 'ride.reassigned', reason: meant.reason },
      detail: {
        reason: meant.reason,
        ...{ before: { driverId: ride.driver_id }, after: { driverId: meant.driverId } },
      },
    })
  })
}

/** Take the driver off; the engine looks for another one at once. */
export function release(unit: Work, hand: Hand, meant: Meant & { readonly reason: string }): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const released = await take(unit, hand, ride, meant.reason)
    if (!released.ok) return released
    return done(unit, hand, ride, released.value, {
      ...{ kind: 'release', action: 'ride.released', reason: meant.reason },
      detail: {
        reason: meant.reason,
        ...{ before: { driverId: ride.driver_id }, after: { driverId: null } },
      },
    })
  })
}

/** Cancel, with a word to the rider where there is one; it costs the rider nothing. */
export function cancel(
  unit: Work,
  hand: Hand,
  meant: Meant & { readonly reason: string; readonly words?: string | undefined },
): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const { reason, words } = meant
    const cancelled = await cancelByDesk(unit, hand.random, {
      ...{ companyId: hand.companyId, rideId: ride.id, dispatcherId: hand.by.actorId },
      ...{ reason, words },
    })
    if (!cancelled.ok) return cancelled
    return done(unit, hand, ride, cancelled.value, {
      ...{ kind: 'cancel', action: 'ride.cancelled', reason },
      detail: { reason, before: { state: ride.state }, after: { state: cancelled.value.state } },
    })
  })
}

/** Ask nobody for some minutes. */
export function hold(unit: Work, hand: Hand, meant: Meant & { readonly minutes: PutOffMinutes }): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const off = await putOff(unit, hand.random, { ...searched(hand, ride), minutes: meant.minutes })
    if (!off.ok) return off
    const detail = { minutes: meant.minutes }
    return done(unit, hand, ride, off.value, { kind: 'hold', action: 'ride.put_off', detail })
  })
}

/** Ask again now what was put off. */
export function unhold(unit: Work, hand: Hand, meant: Meant): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    if ((ride.put_off_until?.getTime() ?? 0) <= unit.atMs) return refuse('not_put_off')
    const on = await putOn(unit, hand.random, searched(hand, ride))
    if (!on.ok) return on
    return done(unit, hand, ride, on.value, { kind: 'unhold', action: 'ride.put_on', detail: {} })
  })
}

/** Look as far as the region's policy goes, and ask again who let it lapse. */
export function widen(unit: Work, hand: Hand, meant: Meant): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const wider = await lookWider(unit, hand.random, searched(hand, ride))
    if (!wider.ok) return wider
    const detail = { misses: ride.misses }
    return done(unit, hand, ride, wider.value, { kind: 'widen', action: 'ride.looked_wider', detail })
  })
}

/** The watchdog takes the ride from nobody for a while. There is nothing to take back: it ends by itself. */
export function leave(unit: Work, hand: Hand, meant: Meant): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const left = await leaveWithCar(unit, { companyId: hand.companyId, rideId: ride.id })
    if (!left.ok) return left
    const actsAtMs = left.value.acts_at.getTime()
    await audit(unit, hand, ride, 'ride.left_with_car', {
      ...{ driverId: ride.driver_id, kind: left.value.kind, actsAtMs },
    })
    return ok({ ride, act: null, json: { rideId: ride.id, actsAtMs } })
  })
}

/**
 * The rider cannot say the code, or too many were wrong: the desk made sure of the rider in another way. It cannot be
 * taken back, which the button says.
 */
export function startWithout(unit: Work, hand: Hand, meant: Meant & { readonly reason: string }): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const { reason } = meant
    const opened = await startWithoutCode(unit, { companyId: hand.companyId, rideId: ride.id, reason })
    if (!opened.ok) return opened
    await audit(unit, hand, ride, 'ride.started_without_code', { reason })
    return ok({ ride: opened.value, act: null, json: rideJson(opened.value) })
  })
}

/** The ride, locked and as the desk saw it, of the desk's own company and region. */
export async function onRide(
  unit: Work,
  hand: Hand,
  { rideId, version }: Meant,
  work: (ride: LoadedRide) => Outcome,
): Outcome {
  const ride = await lockRide(unit.db, hand.companyId, rideId)
  if (ride === undefined || ride.region_id !== hand.region.id) return refuse('not_found')
  if (version !== undefined && version !== ride.version) return refuse('stale_ride')
  return work(ride)
}

/** An act that was done: audited, and kept for as long as it can be taken back. */
export async function done(
  unit: Work,
  hand: Hand,
  before: LoadedRide,
  after: LoadedRide,
  of: {
    readonly kind: DeskActKind
    readonly action: AuditAction
    readonly detail: Record<string, unknown>
    /** Said to the driver whom it took the ride from. */
    readonly reason?: string
    readonly columns?: readonly (keyof LoadedRide)[]
    readonly stops?: RideBefore['stops']
    readonly together?: RideBefore['together']
    readonly caller?: RideBefore['caller']
    readonly isAsked?: boolean
  },
): Outcome {
  await audit(unit, hand, before, of.action, of.detail)
  const lost = before.driver_id !== null && before.driver_id !== after.driver_id ? before.driver_id : null
  const took = lost ?? (after.state === 'cancelled' ? before.driver_id : null)
  const act = await keepAct(unit, hand.random, {
    ...{ kind: of.kind, actorId: hand.by.actorId, batchId: hand.batchId ?? null, after },
    before: {
      ...{ state: before.state, driverId: before.driver_id },
      columns: keptColumns(before, [...SEARCH_COLUMNS, ...(of.columns ?? [])]),
      ...(of.stops === undefined ? {} : { stops: of.stops }),
      ...(of.together === undefined ? {} : { together: of.together }),
      ...(of.caller === undefined ? {} : { caller: of.caller }),
      ...(of.isAsked === true && { isAsked: true as const }),
    },
    took: took === null || of.reason === undefined ? null : { driverId: took, reason: of.reason },
  })
  return ok({
    ride: after,
    act,
    json: { ...rideJson(after), undo: { act: act.id, untilMs: act.undo_until.getTime() } },
  })
}

/** Give a waiting ride to a driver; also when a mistake is taken back. */
export function give(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  driverId: DriverId,
): Promise<Result<LoadedRide, AssignRefusal>> {
  return assignByDesk(unit, hand.random, {
    ...{ companyId: hand.companyId, rideId: ride.id, driverId, dispatcherId: hand.by.actorId },
    pickupEtaS: hand.pickupEtaS(driverId, ride),
  })
}

async function take(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  reason: string,
): Promise<Result<LoadedRide, 'not_found' | 'not_allowed_now' | 'driver_busy'>> {
  if (!hasOpenRun(ride.state)) return refuse('not_allowed_now')
  const { companyId } = hand
  return releaseRide(unit, hand.random, { companyId, rideId: ride.id, actor: actorOf(hand), reason })
}

export function actorOf(hand: Hand): Actor {
  return { kind: 'dispatcher', id: hand.by.actorId }
}

function searched(hand: Hand, ride: LoadedRide) {
  const { companyId, region } = hand
  return { companyId, rideId: ride.id, unfulfilledAfterS: region.unfulfilledAfterS, actor: actorOf(hand) }
}

export function audit(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  action: AuditAction,
  detail: Record<string, unknown>,
): Promise<void> {
  return record(unit.db, hand.random, {
    ...{ action, companyId: hand.companyId, subject: ride.id, atMs: unit.atMs, ...hand.by },
    detail: hand.batchId === undefined ? detail : { ...detail, batch: hand.batchId },
  })
}
