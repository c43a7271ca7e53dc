/** What merging some waiting rides would mean, before anybody merges them; nothing is changed and nothing is held. */
import type { MergePreviewProps, MergeRiderProps } from '../../views/board/merge-preview.ts'
import type { Region } from '../companies/companies.ts'
import { poolRequestOf } from '../dispatch/open-cars.ts'
import { effectsOf } from '../engine/together-effect.ts'
import type { IdentityId, RideId } from '../engine/units.ts'
import { wordsFor } from '../rides/refusals.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import type { Meant } from './acts.ts'
import { planInOneCar, whyNotMerged } from './merge.ts'
import { type BoardDeps, candidatesFor } from './read.ts'
import { travelSIn } from './shared-cars.ts'
import { whatHappened } from './stale.ts'

/**
 * Who would wait and ride how much longer, counted from the nearest free car; without one from the first pickup.
 * @param asked.meant each ride once, with the version that was looked at
 * @returns null where none of them is a ride of this desk
 */
export async function previewMerge(
  deps: BoardDeps,
  region: Region,
  { meant, viewerId }: { readonly meant: readonly Meant[]; readonly viewerId: IdentityId },
): Promise<Omit<MergePreviewProps, 'key'> | null> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const rows = await deps.db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where(
      'id',
      'in',
      meant.map(({ rideId }) => rideId),
    )
    .execute()
  if (rows.length === 0) return null
  const byId = new Map<RideId, LoadedRide>(rows.map((row) => [row.id, row]))
  const each = meant.map((one) => ({ ...one, refused: whyNotMerged(nowMs, one, byId) }))
  const refusals = []
  for (const { rideId, refused } of each) {
    if (refused === null) continue
    const ride = byId.get(rideId)
    refusals.push({
      ...{ rideId, reference: ride === undefined ? null : referenceOf(ride), reason: refused },
      words:
        ride !== undefined && (refused === 'stale_ride' || refused === 'not_allowed_now')
          ? await whatHappened(deps.db, ride, { viewerId, nowMs })
          : wordsFor(refused),
    })
  }
  const marked = each.map(({ rideId, version }) => ({
    rideId,
    version: version ?? byId.get(rideId)?.version ?? 0,
  }))
  const nothing = {
    ...{ nowMs, marked, riders: [], car: null },
    seatsMost: null,
    seats: region.sharing?.seats ?? 0,
  }
  if (refusals.length > 0) return { ...nothing, hindrance: null, refusals }
  const rides = meant.map(({ rideId }) => byId.get(rideId)!)
  const planned = await planInOneCar(deps, region, { db: deps.db, rides, nowMs })
  if (!planned.ok)
    return { ...nothing, hindrance: { reason: planned.reason, words: wordsFor(planned.reason) }, refusals }
  const { plan, car } = planned.value
  const requests = rides.map(poolRequestOf)
  const effects = effectsOf(plan, requests, {
    fromAtS: nowMs / 1000,
    travelS: travelSIn(deps, region),
    aloneEtaS: (rideId) =>
      candidatesFor(deps, region, byId.get(rideId as RideId)!, [], 1).candidates[0]?.etaS ?? null,
  })
  const riders = effects.map((effect): MergeRiderProps => {
    const ride = byId.get(effect.rideId as RideId)!
    return {
      ...{ rideId: ride.id, reference: referenceOf(ride), riderName: ride.rider_name, seats: ride.seats },
      ...{ from: ride.pickup_label, to: ride.dropoff_label },
      ...{ fareMinor: ride.fare_minor, currency: ride.currency },
      pickupAtMs: Math.round(effect.pickupAtS * 1000),
      dropoffAtMs: Math.round(effect.dropoffAtS * 1000),
      waitsLongerS: effect.waitsLongerS === null ? null : Math.round(effect.waitsLongerS),
      ridesLongerS: Math.round(effect.ridesLongerS),
      latestPickupAtMs: ride.latest_pickup_at?.getTime() ?? nowMs,
      latestDropoffAtMs: ride.latest_dropoff_at?.getTime() ?? nowMs,
    }
  })
  return {
    ...{ nowMs, marked, riders, hindrance: null, refusals },
    car: car === null ? null : { driverId: car.driverId, callSign: car.callSign },
    seatsMost: plan.seatsMost,
    seats: region.sharing?.seats ?? 0,
  }
}
