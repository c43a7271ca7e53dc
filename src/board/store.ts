/** Small look-ups for the desk, each within its company. */
import { type Kysely, sql } from 'kysely'
import type { TableFilters } from '../../views/board/props.ts'
import { rideIdsOf } from '../dispatch/merged-offers.ts'
import type { Corners } from '../engine/area.ts'
import { isEnded, type RideState } from '../engine/ride.ts'
import type { CompanyId, DriverId, IdentityId, RegionId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import { isOverdue, rowFilter } from './filters.ts'

type Reader = Kysely<Tables>

/** Rides that ended today are what a desk looks back on; older ones are found by searching. */
const LOOK_BACK = sql<Date>`now() - interval '24 hours'`

export async function countEnded(db: Reader, companyId: CompanyId, regionId: RegionId): Promise<number> {
  const row = await db
    .selectFrom('rides')
    .select(sql<number>`count(*)`.as('ended'))
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', '>', LOOK_BACK)
    .executeTakeFirst()
  return row?.ended ?? 0
}

/** How many rides of a region are in each state that is not over. */
export async function countOpen(
  db: Reader,
  companyId: CompanyId,
  regionId: RegionId,
): Promise<ReadonlyMap<RideState, number>> {
  const rows = await db
    .selectFrom('rides')
    .select(['state', sql<number>`count(*)`.as('rides')])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', 'is', null)
    .groupBy('state')
    .execute()
  return new Map(rows.map((row) => [row.state, row.rides]))
}

/** As a desk calls them by name. */
export function ridesNamed(
  db: Reader,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Pick<LoadedRide, 'id' | 'number' | 'rider_name'>[]> {
  if (rideIds.length === 0) return Promise.resolve([])
  return db
    .selectFrom('rides')
    .select(['id', 'number', 'rider_name'])
    .where('company_id', '=', companyId)
    .where('id', 'in', [...rideIds])
    .orderBy('number')
    .execute()
}

/** How many requests wait longer than a desk should let them, or were handed to it. */
export async function countOverdue(
  db: Reader,
  companyId: CompanyId,
  { regionId, nowMs }: { regionId: RegionId; nowMs: number },
): Promise<number> {
  const row = await db
    .selectFrom('rides')
    .select(sql<number>`count(*)`.as('rides'))
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'requested')
    .where((eb) => isOverdue(eb, nowMs))
    .executeTakeFirst()
  return row?.rides ?? 0
}

/** Requests that nobody drives: those handed to the desk, then the one that is given up first. */
export function requestsByDeadline(
  db: Reader,
  companyId: CompanyId,
  { regionId, limit }: { regionId: RegionId; limit: number },
): Promise<LoadedRide[]> {
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'requested')
    .orderBy(sql`rescue_at is null`)
    .orderBy('deadline_at')
    .orderBy('number')
    .limit(limit)
    .execute()
}

/** Rides in these states that pass the filters: ended ones the newest first, booked ones by pickup, others the oldest first. */
export function ridesInStates(
  db: Reader,
  companyId: CompanyId,
  asked: {
    regionId: RegionId
    states: readonly RideState[]
    filters: TableFilters
    nowMs: number
    limit: number
    /** Only those whose pickup lies between these corners, south-west and north-east. */
    within?: Corners | null
  },
): Promise<LoadedRide[]> {
  const { regionId, states, filters, nowMs, limit, within = null } = asked
  const ended = states.every(isEnded)
  const booked = states.includes('scheduled')
  return (
    db
      .selectFrom('rides')
      .selectAll()
      .where('company_id', '=', companyId)
      .where('region_id', '=', regionId)
      .where('state', 'in', [...states])
      .where('ended_at', ended ? 'is not' : 'is', null)
      .where(rowFilter(filters, nowMs))
      .$if(within !== null, (rides) =>
        rides.where((eb) =>
          eb.and([
            eb.between('pickup_lat', within![0].lat, within![1].lat),
            eb.between('pickup_lng', within![0].lng, within![1].lng),
          ]),
        ),
      )
      // A desk looks back on its day; narrowed, on all there was (ended.ts).
      .$if(ended, (rides) => rides.where('ended_at', '>', LOOK_BACK))
      .$if(ended, (rides) => rides.orderBy('ended_at', 'desc'))
      .$if(booked, (rides) => rides.orderBy('scheduled_for'))
      .$if(!ended && !booked, (rides) => rides.orderBy('requested_at'))
      .orderBy('number')
      .limit(limit)
      .execute()
  )
}

/** How many rides in these states pass the filters. */
export async function countInStates(
  db: Reader,
  companyId: CompanyId,
  asked: { regionId: RegionId; states: readonly RideState[]; filters: TableFilters; nowMs: number },
): Promise<number> {
  const { regionId, states, filters, nowMs } = asked
  const row = await db
    .selectFrom('rides')
    .select(sql<number>`count(*)`.as('rides'))
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', 'in', [...states])
    .where('ended_at', states.every(isEnded) ? 'is not' : 'is', null)
    .where(rowFilter(filters, nowMs))
    .executeTakeFirst()
  return row?.rides ?? 0
}

/** Who is being asked for each of these rides just now. */
export async function liveOffersOf(
  db: Reader,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, DriverId>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('offers')
    .select(['ride_id', 'driver_id', 'merged_id', 'stops'])
    .where('company_id', '=', companyId)
    .where('state', '=', 'pending')
    .where((eb) => eb.or([eb('ride_id', 'in', [...rideIds]), eb('merged_id', 'is not', null)]))
    .execute()
  return new Map(rows.flatMap((row) => rideIdsOf(row).map((rideId) => [rideId, row.driver_id] as const)))
}

export async function driverNames(
  db: Reader,
  companyId: CompanyId,
  driverIds: readonly DriverId[],
): Promise<Map<DriverId, { callSign: string; name: string }>> {
  if (driverIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('drivers')
    .select(['id', 'call_sign', 'name'])
    .where('company_id', '=', companyId)
    .where('id', 'in', [...new Set(driverIds)])
    .execute()
  return new Map(rows.map((row) => [row.id, { callSign: row.call_sign, name: row.name }]))
}

/** The numbers that rides are spoken of by. */
export async function referencesOf(
  db: Reader,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, string>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('rides')
    .select(['id', 'number'])
    .where('company_id', '=', companyId)
    .where('id', 'in', [...rideIds])
    .execute()
  return new Map(rows.map((row) => [row.id, referenceOf(row)]))
}

/** People by id, for the line that says who did it. */
export async function namesOf(db: Reader, identityIds: readonly string[]): Promise<Map<string, string>> {
  if (identityIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('identities')
    .select(['id', 'name'])
    .where('id', 'in', [...new Set(identityIds)] as IdentityId[])
    .execute()
  return new Map(rows.map((row) => [row.id, row.name]))
}
