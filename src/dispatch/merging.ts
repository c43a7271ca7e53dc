/**
 * Waiting rides that a desk merged, as the tick sees them: one request that begins at the first pickup and takes the
 * seats of all. Where no order of the stops keeps what everybody was promised any more, they go alone again.
 */
import { sql } from 'kysely'
import type { Region } from '../companies/regions.ts'
import type { WaitingRide } from '../engine/decide.ts'
import { travel } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import { planTogether, TOGETHER_MOST, type Together } from '../engine/pool-together.ts'
import type { PoolRequest } from '../engine/run.ts'
import type { LatLng, Result, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { PlannedStop } from '../io/tables/rides.ts'
import { changeRide, lockRide, SYSTEM } from '../rides/rides.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { lockOffered, type MergedAsk } from './merged-offers.ts'
import { endPending, type LoadedOffer } from './offer-ends.ts'
import { POOL_COLUMNS, poolRequestOf } from './open-cars.ts'
import type { Fenced } from './sweeps.ts'

interface Group {
  readonly mergedId: string
  readonly requests: readonly (PoolRequest<LatLng> & { readonly rideId: RideId })[]
}

export interface MergedWaiting {
  /** Who waits, with one ride for those that go together: the one that is picked up first. */
  readonly waiting: readonly WaitingRide[]
  /** By that ride. */
  readonly groups: ReadonlyMap<RideId, Group>
}

/** What a driver is asked for a group; the ride named is picked up first. */
export interface MergedOffer {
  readonly ask: MergedAsk
  readonly rideId: RideId
  readonly pickupEtaS: number
  readonly pickupDistanceM: number
}

interface MergeDeps extends TravelDeps {
  readonly db: Db
  readonly random: Random
}

/** Why merged rides go alone again, in their history. */
const PARTED = 'together somebody would be later than they were told'

/** The order in which one car comes to all of a group; seats are the region's for riders who share. */
export function planOf(
  deps: TravelDeps,
  region: Region,
  requests: readonly PoolRequest<LatLng>[],
  { from, nowMs }: { readonly from: LatLng | null; readonly nowMs: number },
): Result<Together<LatLng>, 'no_seat' | 'too_late'> {
  const model = travelIn(deps, region)
  return planTogether(requests, {
    ...{ from, fromAtS: nowMs / 1000, capacity: region.sharing?.seats ?? 0 },
    travelS: (a, b) => travel(a, b, model).durationS,
  })
}

/** Offers for several of whom one is gone end, so that whoever is left is asked for at once. */
export async function endBrokenOffers(db: Db, region: Region, fenced: Fenced): Promise<void> {
  for (const offer of await askedTogether(db, region)) await fenced((unit) => withdrawBroken(unit, offer))
}

/** Who waits, merged; those go alone again whom no order serves in time. Nobody in the answer is being asked for. */
export async function mergeWaiting(
  deps: MergeDeps,
  region: Region,
  { waiting, nowMs, fenced }: { waiting: readonly WaitingRide[]; nowMs: number; fenced: Fenced },
): Promise<MergedWaiting> {
  const { members, groups } = await readGroups(deps.db, region)
  if (groups.length === 0) return { waiting, groups: new Map() }
  const asked = await askedTogether(deps.db, region)
  const askedIds = new Set(asked.map(({ merged_id }) => merged_id))
  const byId = new Map(waiting.map((ride) => [ride.rideId, ride]))
  const leads = new Map<RideId, Group>()
  const merged: WaitingRide[] = []
  for (const group of groups) {
    const each = group.requests.flatMap(({ rideId }) => byId.get(rideId) ?? [])
    if (askedIds.has(group.mergedId) || each.length < group.requests.length) continue
    const classMask = each.reduce((mask, ride) => mask & ride.classMask, -1)
    const plan = planOf(deps, region, group.requests, { from: null, nowMs })
    if (!plan.ok || classMask === 0) {
      await fenced((unit) => part(unit, deps.random, region, group))
      continue
    }
    const lead = byId.get(plan.value.stops[0]!.rideId as RideId)!
    leads.set(lead.rideId, group)
    merged.push({
      ...{ ...lead, classMask, seats: plan.value.seatsMost, tripS: plan.value.driveS },
      attributes: each.reduce((bits, ride) => bits | ride.attributes, 0),
      requestedAtMs: Math.min(...each.map(({ requestedAtMs }) => requestedAtMs)),
      looksWide: each.some(({ looksWide }) => looksWide === true),
      excluded: new Set(each.flatMap(({ excluded }) => [...excluded])),
    })
  }
  return { waiting: [...waiting.filter(({ rideId }) => !members.has(rideId)), ...merged], groups: leads }
}

/**
 * What the driver is asked who was chosen for a group.
 * @returns null where from there somebody would be later than told: the rides go alone from now on
 */
export async function askFor(
  deps: MergeDeps,
  region: Region,
  group: Group,
  { from, nowMs, fenced }: { from: LatLng; nowMs: number; fenced: Fenced },
): Promise<MergedOffer | null> {
  const plan = planOf(deps, region, group.requests, { from, nowMs })
  if (!plan.ok) {
    await fenced((unit) => part(unit, deps.random, region, group))
    return null
  }
  const stops = plannedStops(plan.value, nowMs)
  const [first] = stops
  return {
    ask: { mergedId: group.mergedId, stops },
    rideId: first!.rideId,
    pickupEtaS: first!.etaS ?? 0,
    pickupDistanceM: distanceM(from, plan.value.stops[0]!.at),
  }
}

/** A plan as an offer and a run keep it: how long from now until each stop. */
export function plannedStops({ stops }: Together<LatLng>, nowMs: number): PlannedStop[] {
  return stops.map(({ rideId, kind, atS }) => ({
    ...{ rideId: rideId as RideId, kind },
    etaS: Math.round(atS - nowMs / 1000),
  }))
}

/** Rides with a mark that at least one other has. */
async function readGroups(db: Db, { companyId, id: regionId }: Region) {
  const rows = await db
    .selectFrom('rides')
    .select([...POOL_COLUMNS, 'merged_id'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'requested')
    .where('merged_id', 'is not', null)
    .orderBy('id')
    .execute()
  const groups = [...Map.groupBy(rows, (row) => row.merged_id!)]
    .filter(([, of]) => of.length > 1 && of.length <= TOGETHER_MOST)
    .map(([mergedId, of]): Group => ({ mergedId, requests: of.map(poolRequestOf) }))
  const members = new Set(groups.flatMap(({ requests }) => requests.map(({ rideId }) => rideId)))
  return { groups, members }
}

/** Offers for several that are out now. */
function askedTogether(db: Db, { companyId, id: regionId }: Region): Promise<LoadedOffer[]> {
  return db
    .selectFrom('offers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'pending')
    .where('merged_id', 'is not', null)
    .execute()
}

/** Somebody of those it was for is gone: the driver is asked anew, for who is left. */
async function withdrawBroken(unit: Work, offer: LoadedOffer): Promise<void> {
  const { isWhole } = await lockOffered(unit, offer)
  if (!isWhole) await endPending(unit, offer, 'withdrawn', sql<boolean>`true`)
}

async function part(unit: Work, random: Random, region: Region, group: Group): Promise<void> {
  for (const { rideId } of group.requests.toSorted((a, b) => (a.rideId < b.rideId ? -1 : 1))) {
    const ride = await lockRide(unit.db, region.companyId, rideId)
    if (ride?.merged_id !== group.mergedId || ride.state !== 'requested') continue
    await changeRide(unit, random, {
      ...{ companyId: region.companyId, rideId, event: { type: 'part' }, actor: SYSTEM, reason: PARTED },
      agreed: { merged_id: null },
    })
  }
}
