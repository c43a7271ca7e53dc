/** An offer for several rides that a desk merged: all of them or none, locked in the order of their ids. */
import { assert, type CompanyId, type RideId, type VehicleId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { PlannedStop } from '../io/tables/rides.ts'
import { type Actor, changeRide, type LoadedRide, lockRide } from '../rides/rides.ts'
import { lockRun } from '../rides/runs.ts'
import { payFor } from './joining.ts'
import type { LoadedOffer } from './offer-ends.ts'

/** What one car is asked for: the rides of one mark, and its stops in order. */
export interface MergedAsk {
  readonly mergedId: string
  readonly stops: readonly PlannedStop[]
}

export interface OfferedRides {
  /** The one the offer names: who is picked up first. */
  readonly ride: LoadedRide | undefined
  /** Who goes along, in the order of the pickups. */
  readonly rest: readonly LoadedRide[]
  /** All of them wait and belong together as when they were looked at. */
  readonly isWhole: boolean
}

/** The rides that an offer is about. */
export function rideIdsOf(offer: {
  readonly ride_id: RideId
  readonly merged_id: string | null
  readonly stops: readonly PlannedStop[] | null
}): RideId[] {
  if (offer.merged_id === null) return [offer.ride_id]
  return [...new Set([offer.ride_id, ...(offer.stops ?? []).map(({ rideId }) => rideId)])]
}

/** Lock all rides of an offer that stands, before its driver. */
export function lockOffered(unit: Work, offer: LoadedOffer): Promise<OfferedRides> {
  const ids = rideIdsOf(offer)
  return lockTogether(unit, offer.company_id, { ids, mergedId: offer.merged_id })
}

/** Lock all rides of an offer to be made. One that goes with others is not offered by itself. */
export async function lockToOffer(
  unit: Work,
  offer: { readonly companyId: CompanyId; readonly rideId: RideId; readonly merged?: MergedAsk | undefined },
): Promise<OfferedRides> {
  const { companyId, rideId, merged } = offer
  const stops = merged?.stops ?? []
  const mergedId = merged?.mergedId ?? null
  const ids = rideIdsOf({ ride_id: rideId, merged_id: mergedId, stops })
  const locked = await lockTogether(unit, companyId, { ids, mergedId })
  if (mergedId !== null || locked.ride === undefined || locked.ride.merged_id === null) return locked
  return { ...locked, isWhole: (await othersWith(unit, locked.ride)) === 0 }
}

async function lockTogether(
  unit: Work,
  companyId: CompanyId,
  { ids, mergedId }: { ids: readonly RideId[]; mergedId: string | null },
): Promise<OfferedRides> {
  const locked = new Map<RideId, LoadedRide>()
  for (const id of ids.toSorted()) {
    const ride = await lockRide(unit.db, companyId, id)
    if (ride !== undefined) locked.set(id, ride)
  }
  const [first, ...others] = ids
  const rest = others.flatMap((id) => locked.get(id) ?? [])
  const all = [...locked.values()]
  const isWhole =
    mergedId === null ||
    (all.length === ids.length &&
      all.every(({ state, merged_id }) => state === 'requested' && merged_id === mergedId))
  return { ride: locked.get(first!), rest, isWhole }
}

async function othersWith(unit: Work, ride: LoadedRide): Promise<number> {
  const row = await unit.db
    .selectFrom('rides')
    .select((eb) => eb.fn.countAll<string>().as('others'))
    .where('company_id', '=', ride.company_id)
    .where('merged_id', '=', ride.merged_id)
    .where('state', '=', 'requested')
    .where('id', '<>', ride.id)
    .executeTakeFirstOrThrow()
  return Number(row.others)
}

/** The first ride has its driver and its run: the others get in, each at its place in `offer.stops`. */
export async function assignRest(
  unit: Work,
  random: Random,
  of: {
    readonly offer: Pick<LoadedOffer, 'company_id' | 'driver_id' | 'ride_id' | 'stops'>
    readonly rest: readonly LoadedRide[]
    readonly vehicleId: VehicleId
    readonly actor: Actor
  },
): Promise<LoadedRide[]> {
  const { offer, rest } = of
  if (rest.length === 0) return []
  const run = await unit.db
    .selectFrom('runs')
    .select('id')
    .where('driver_id', '=', offer.driver_id)
    .where('closed_at', 'is', null)
    .executeTakeFirstOrThrow()
  await lockRun(unit, run.id)
  const stops = offer.stops ?? []
  const inside = new Set([offer.ride_id])
  const assigned: LoadedRide[] = []
  for (const ride of rest) {
    inside.add(ride.id)
    const pickup = stops.find(({ kind, rideId }) => kind === 'pickup' && rideId === ride.id)
    const changed = await changeRide(unit, random, {
      ...{ companyId: offer.company_id, rideId: ride.id, actor: of.actor },
      event: { type: 'assign', driverId: offer.driver_id },
      assignment: {
        ...{ vehicleId: of.vehicleId, pickupEtaS: pickup?.etaS ?? null },
        joins: {
          runId: run.id,
          stops: stops.filter(({ rideId }) => inside.has(rideId)),
          driverMinor: await payFor(unit, run.id, ride),
        },
      },
    })
    assert(changed.ok, 'a locked waiting ride goes along in the run that its offer was for')
    assigned.push(changed.value)
  }
  return assigned
}
