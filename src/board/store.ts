/** Small look-ups for the desk, each within its company. */
import { type Kysely, sql } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RegionId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'

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

/** Ended rides, the newest first; with words, those whose number, rider, address or driver has them. */
export function searchEnded(
  db: Reader,
  companyId: CompanyId,
  { regionId, query, limit }: { regionId: RegionId; query: string; limit: number },
): Promise<LoadedRide[]> {
  const like = `%${query.replace(/[\\%_]/g, '\\$&')}%`
  const number = /^(?:HC-)?(\d{1,12})$/i.exec(query)?.[1]
  return db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', 'is not', null)
    .$if(query === '', (rides) => rides.where('ended_at', '>', LOOK_BACK))
    .$if(query !== '', (rides) =>
      rides.where((eb) =>
        eb.or([
          eb('rider_name', 'ilike', like),
          eb('pickup_label', 'ilike', like),
          eb('dropoff_label', 'ilike', like),
          ...(number === undefined ? [] : [eb('number', '=', Number(number))]),
          eb.exists(
            eb
              .selectFrom('drivers')
              .select('drivers.id')
              .whereRef('drivers.id', '=', 'rides.driver_id')
              .where((driver) =>
                driver.or([driver('name', 'ilike', like), driver('call_sign', 'ilike', like)]),
              ),
          ),
        ]),
      ),
    )
    .orderBy('ended_at', 'desc')
    .limit(limit)
    .execute()
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
    .select(['ride_id', 'driver_id'])
    .where('company_id', '=', companyId)
    .where('state', '=', 'pending')
    .where('ride_id', 'in', [...rideIds])
    .execute()
  return new Map(rows.map((row) => [row.ride_id, row.driver_id]))
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
