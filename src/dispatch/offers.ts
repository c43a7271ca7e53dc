import { sql } from 'kysely'
import { type Hindrance, hindranceIn } from '../drivers/capability.ts'
import { hasOpenRun, lockDriver, openShift } from '../drivers/drivers.ts'
import { workingHours } from '../drivers/hours.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  type OfferId,
  ok,
  type RegionId,
  type Result,
  type RideId,
  refuse,
  type ZoneId,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { type Actor, changeRide, type LoadedRide, lockRide } from '../rides/rides.ts'
import { isOpenTo, type Join, joiningOf } from './joining.ts'
import { assignRest, lockOffered, lockToOffer, type MergedAsk } from './merged-offers.ts'
import {
  countMiss,
  endPending,
  findOffer,
  holdPending,
  isInTime,
  type LoadedOffer,
  recordLapses,
  tellOffer,
  whyNot,
} from './offer-ends.ts'
import { leaveForRide, moveAfterOffer } from './queues.ts'
import { isOnItsWay, releaseForSwap } from './swaps.ts'

export { findOffer, type LoadedOffer } from './offer-ends.ts'

export interface NewOffer {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly pickupDistanceM: number
  readonly pickupEtaS: number
  readonly ttlS: number
  /** To take the ride along in a run that is under way; without it the driver must be free. */
  readonly joins?: Join | undefined
  /** With it the driver is asked for all rides that were merged, of which `rideId` is picked up first. */
  readonly merged?: MergedAsk | undefined
  /** The queue by which the driver is asked. */
  readonly zoneId?: ZoneId
  /** Who is on the way to the ride, which the driver is asked to take over. */
  readonly swapsFrom?: DriverId
}

/**
 * Show a ride to a driver, if both are still free for it: the ride waits, the driver is on shift without a run,
 * neither has a live offer.
 * @returns the offer, or null when something changed since the tick looked
 */
export async function makeOffer(unit: Work, random: Random, offer: NewOffer): Promise<LoadedOffer | null> {
  const { ride, isWhole } = await lockToOffer(unit, offer)
  if (ride === undefined || !isWhole || !isToBeAsked(ride, offer.swapsFrom ?? null)) return null
  const driver = await lockDriver(unit, offer.driverId)
  if (driver === undefined || (driver.paused_until?.getTime() ?? 0) > unit.atMs) return null
  if ((await openShift(unit.db, offer.companyId, offer.driverId)) === undefined) return null
  if ((await restingWhy(unit, offer)) !== null) return null
  if (!(await isOpenTo(unit, { driverId: offer.driverId, ride, runId: offer.joins?.runId ?? null })))
    return null
  if ((await hindranceIn(unit, offer)) !== null) return null
  const stops = offer.joins?.stops ?? offer.merged?.stops
  const made = await unit.db
    .insertInto('offers')
    .values({
      company_id: offer.companyId,
      id: random.uuid() as OfferId,
      region_id: offer.regionId,
      ride_id: offer.rideId,
      driver_id: offer.driverId,
      state: 'pending',
      pickup_distance_m: offer.pickupDistanceM,
      pickup_eta_s: Math.round(offer.pickupEtaS),
      offered_at: new Date(unit.atMs),
      expires_at: new Date(unit.atMs + offer.ttlS * 1000),
      ended_at: null,
      released_at: null,
      reason: null,
      run_id: offer.joins?.runId ?? null,
      added_s: offer.joins === undefined ? null : Math.max(0, Math.round(offer.joins.addedS)),
      merged_id: offer.merged?.mergedId ?? null,
      stops: stops === undefined ? null : JSON.stringify(stops),
      zone_id: offer.zoneId ?? null,
      swaps_from: offer.swapsFrom ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst()
  if (made === undefined) return null
  tellOffer(unit, made)
  return made
}

/** A ride waits, or is still on its way to the driver it would be taken over from. */
function isToBeAsked(ride: LoadedRide, swapsFrom: DriverId | null): boolean {
  return swapsFrom === null ? ride.state === 'requested' : isOnItsWay(ride, swapsFrom)
}

export type AcceptRefusal =
  | 'not_found'
  | 'too_late'
  | 'already_ended'
  | 'not_on_shift'
  | 'driver_busy'
  | 'no_longer_fits'
  | Hindrance

/**
 * The driver takes the ride: one conditional update decides, by the server's clock, and the run opens with it.
 * @returns `too_late` after the expiry, `already_ended` when the offer was answered, withdrawn or given up before
 */
export async function acceptOffer(
  unit: Work,
  random: Random,
  accepted: { companyId: CompanyId; offerId: OfferId; driverId: DriverId; actor: Actor },
): Promise<Result<LoadedRide, AcceptRefusal>> {
  const offer = await findOffer(unit.db, accepted.companyId, accepted.offerId)
  if (offer === undefined || offer.driver_id !== accepted.driverId) return refuse('not_found')
  const { ride, rest, isWhole } = await lockOffered(unit, offer)
  // In the order of the ids, for two drivers may stand in each other's place.
  for (const driverId of [
    accepted.driverId,
    ...(offer.swaps_from === null ? [] : [offer.swaps_from]),
  ].toSorted())
    await lockDriver(unit, driverId)
  if (ride === undefined || !isToBeAsked(ride, offer.swaps_from))
    return refuse(await whyNot(unit, offer, 'accept'))
  const shift = await openShift(unit.db, accepted.companyId, accepted.driverId)
  if (shift === undefined) return refuse('not_on_shift')
  const joins = await joiningOf(unit, offer, ride)
  if (!joins.ok) return joins
  const hindrance = await hindranceIn(unit, accepted)
  if (hindrance !== null) return refuse(hindrance)
  if (!(await holdPending(unit, offer))) return refuse(await whyNot(unit, offer, 'accept'))
  if (!isWhole) return refuse('no_longer_fits')
  if (offer.swaps_from !== null) await releaseForSwap(unit, random, ride, offer)
  const taken = await endPending(unit, offer, 'accepted', isInTime(unit))
  assert(taken !== undefined, 'an offer that is held and in time can be accepted')
  await recordLapses(unit, offer, 'accepted')
  await leaveForRide(unit, { companyId: offer.company_id, id: offer.region_id }, offer.driver_id)
  const changed = await changeRide(unit, random, {
    companyId: accepted.companyId,
    rideId: offer.ride_id,
    event: { type: 'assign', driverId: accepted.driverId },
    actor: accepted.actor,
    assignment: { vehicleId: shift.vehicle_id, pickupEtaS: offer.pickup_eta_s, joins: joins.value },
  })
  assert(changed.ok, 'a locked waiting ride and a locked driver with room can be joined')
  await assignRest(unit, random, { offer, rest, vehicleId: shift.vehicle_id, actor: accepted.actor })
  return changed
}

/** The driver says no, which counts against nobody; the ride looks on and passes this driver over. */
export async function declineOffer(
  unit: Work,
  declined: { companyId: CompanyId; offerId: OfferId; driverId: DriverId },
): Promise<Result<LoadedOffer, 'not_found' | 'too_late' | 'already_ended'>> {
  const offer = await findOffer(unit.db, declined.companyId, declined.offerId)
  if (offer === undefined || offer.driver_id !== declined.driverId) return refuse('not_found')
  await lockOffered(unit, offer)
  await lockDriver(unit, declined.driverId)
  const ended = await endPending(unit, offer, 'declined', isInTime(unit))
  if (ended === undefined) return refuse(await whyNot(unit, offer, 'decline'))
  if (offer.swaps_from === null) await countMiss(unit, offer)
  await recordLapses(unit, offer, 'declined')
  await moveAfterOffer(unit, offer, 'declined')
  return ok(ended)
}

/** End an offer whose time is up; null when it was answered in the last moment. */
export async function expireOffer(unit: Work, offer: LoadedOffer): Promise<LoadedOffer | null> {
  await lockOffered(unit, offer)
  await lockDriver(unit, offer.driver_id)
  const ended = await endPending(unit, offer, 'expired', sql<boolean>`expires_at <= ${new Date(unit.atMs)}`)
  if (ended === undefined) return null
  if (offer.swaps_from === null) await countMiss(unit, offer)
  await recordLapses(unit, offer, 'expired')
  await moveAfterOffer(unit, offer, 'expired')
  return ended
}

export type AssignRefusal =
  | 'not_found'
  | 'not_allowed_now'
  | 'not_on_shift'
  | 'driver_busy'
  | 'driver_may_not_drive'
  | 'driver_on_break'
  | 'driver_hours_used'

/**
 * The desk gives a waiting ride to a driver, at once: live offers of the ride and of the driver are withdrawn.
 */
export async function assignByDesk(
  unit: Work,
  random: Random,
  assigned: {
    companyId: CompanyId
    rideId: RideId
    driverId: DriverId
    dispatcherId: IdentityId
    /** Null while nobody knows where the car is. */
    pickupEtaS: number | null
  },
): Promise<Result<LoadedRide, AssignRefusal>> {
  const ride = await lockRide(unit.db, assigned.companyId, assigned.rideId)
  if (ride === undefined) return refuse('not_found')
  if (ride.state !== 'requested') return refuse('not_allowed_now')
  const driver = await lockDriver(unit, assigned.driverId)
  if (driver === undefined || driver.company_id !== assigned.companyId) return refuse('not_found')
  const shift = await openShift(unit.db, assigned.companyId, assigned.driverId)
  if (shift === undefined) return refuse('not_on_shift')
  if (await hasOpenRun(unit.db, assigned.driverId)) return refuse('driver_busy')
  if ((await hindranceIn(unit, assigned)) !== null) return refuse('driver_may_not_drive')
  const resting = await restingWhy(unit, { ...assigned, regionId: shift.region_id })
  if (resting !== null) return refuse(resting)
  await withdrawLiveOffers(unit, assigned)
  await leaveForRide(unit, { companyId: assigned.companyId, id: ride.region_id }, assigned.driverId)
  return changeRide(unit, random, {
    companyId: assigned.companyId,
    rideId: assigned.rideId,
    event: { type: 'assign', driverId: assigned.driverId },
    actor: { kind: 'dispatcher', id: assigned.dispatcherId },
    assignment: { vehicleId: shift.vehicle_id, pickupEtaS: assigned.pickupEtaS },
  })
}

/** What is asked of the driver, and who is asked for the ride, ends: the desk has decided. */
export async function withdrawLiveOffers(
  unit: Work,
  { driverId, rideId }: { readonly driverId: DriverId; readonly rideId: RideId },
): Promise<void> {
  // Two at most, locked in one order: two desks that cross (each gives a driver the ride the other one was asked for)
  // would else wait for each other.
  const live = await unit.db
    .selectFrom('offers')
    .selectAll()
    .where('state', '=', 'pending')
    .where((eb) => eb.or([eb('driver_id', '=', driverId), eb('ride_id', '=', rideId)]))
    .orderBy('id')
    .forUpdate()
    .execute()
  for (const offer of live) await endPending(unit, offer, 'withdrawn', sql<boolean>`true`)
}

/** A break that is wanted or has begun, or hours that are used up: then nothing new is asked of the driver. */
export async function restingWhy(
  unit: Work,
  of: { companyId: CompanyId; driverId: DriverId; regionId: RegionId },
): Promise<'driver_on_break' | 'driver_hours_used' | null> {
  const { pause, hours } = await workingHours(unit.db, { ...of, nowMs: unit.atMs })
  if (pause !== null) return 'driver_on_break'
  return hours?.leftMs === 0 ? 'driver_hours_used' : null
}

/** The offer a driver has on the screen now, if any; it may have lapsed a moment ago and wait for the sweep. */
export function liveOfferOfDriver(
  db: Db,
  companyId: CompanyId,
  driverId: DriverId,
): Promise<LoadedOffer | undefined> {
  return db
    .selectFrom('offers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('state', '=', 'pending')
    .executeTakeFirst()
}

/** Everybody who was asked for a ride, in order. */
export function offersOfRide(db: Db, companyId: CompanyId, rideId: RideId): Promise<LoadedOffer[]> {
  return db
    .selectFrom('offers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where((eb) =>
      eb.or([
        eb('ride_id', '=', rideId),
        // For a ride that goes with others somebody is asked under the name of the first of them.
        eb('merged_id', '=', eb.selectFrom('rides').select('rides.merged_id').where('rides.id', '=', rideId)),
      ]),
    )
    .orderBy('offered_at')
    .limit(200)
    .execute()
}
