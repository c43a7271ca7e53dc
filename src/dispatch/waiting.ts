/** What the tick reads: rides that wait without a live offer, and what is overdue. */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import type { WaitingRide } from '../engine/decide.ts'
import type { CompanyId, DriverId, RegionId, RideId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { classMaskOf } from '../positions/fleet.ts'
import { type LoadedOffer, NOBODY_ASKED } from './offer-ends.ts'
import { SWAPPED } from './swaps.ts'

/** More than a region of ours ever has waiting; the oldest come first, the rest has its turn a tick later. */
const WAITING_LIMIT = 5_000
const OVERDUE_LIMIT = 500

/**
 * Requests nobody is being asked for, the oldest first, each with the drivers who are not asked (again): who
 * declined or let it lapse, and who had it and gave it back or was taken off. Who only made room for a nearer car is
 * asked again like anybody, and so is who let it lapse before the desk had it look wider. What the desk put off does
 * not wait before its time.
 */
export async function waitingRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at, isMerged = false }: { regionId: RegionId; at: Date; isMerged?: boolean },
): Promise<WaitingRide[]> {
  const rows = await waiting(db, companyId, { regionId, at })
    .$if(isMerged, (rides) => rides.where('rides.merged_id', 'is not', null))
    .select([
      'rides.id',
      'rides.class',
      'rides.seats',
      'rides.attributes',
      'rides.pickup_lat',
      'rides.pickup_lng',
      'rides.requested_at',
      'rides.duration_s',
      'rides.wider_at',
      sql<DriverId[] | null>`(
        SELECT array_agg(DISTINCT asked.driver_id::text) FROM offers AS asked
        WHERE asked.ride_id = rides.id AND asked.state IN ('declined', 'expired', 'accepted')
          AND asked.reason IS DISTINCT FROM ${SWAPPED}
          AND NOT (asked.state = 'expired' AND asked.ended_at <= coalesce(rides.wider_at, '-infinity'))
      )`.as('asked'),
      sql<DriverId[] | null>`(
        SELECT array_agg(DISTINCT had.driver_id::text) FROM ride_events AS had
        WHERE had.ride_id = rides.id AND had.type = 'release' AND had.driver_id IS NOT NULL
          AND had.reason IS DISTINCT FROM ${SWAPPED}
      )`.as('had'),
    ])
    .orderBy('rides.requested_at')
    .limit(WAITING_LIMIT)
    .execute()
  return rows.map((row) => ({
    rideId: row.id,
    pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
    classMask: classMaskOf(row.class),
    seats: row.seats,
    attributes: row.attributes,
    requestedAtMs: row.requested_at.getTime(),
    tripS: row.duration_s,
    looksWide: row.wider_at !== null,
    excluded: new Set([...(row.asked ?? []), ...(row.had ?? [])]),
  }))
}

/** How many `waitingRides` would read. */
export async function countWaiting(
  db: Kysely<Tables>,
  companyId: CompanyId,
  of: { regionId: RegionId; at: Date },
): Promise<number> {
  const { count } = await db
    .selectFrom(waiting(db, companyId, of).select('rides.id').limit(WAITING_LIMIT).as('some'))
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Requests nobody is being asked for, which may be asked for now. */
function waiting(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at }: { regionId: RegionId; at: Date },
) {
  return db
    .selectFrom('rides')
    .where('rides.company_id', '=', companyId)
    .where('rides.region_id', '=', regionId)
    .where('rides.state', '=', 'requested')
    .where((eb) => eb.or([eb('rides.put_off_until', 'is', null), eb('rides.put_off_until', '<=', at)]))
    .where(NOBODY_ASKED)
}

/** Live offers whose time is up. */
export function lapsedOffers(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at }: { regionId: RegionId; at: Date },
): Promise<LoadedOffer[]> {
  return db
    .selectFrom('offers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'pending')
    .where('expires_at', '<=', at)
    .orderBy('expires_at')
    .limit(OVERDUE_LIMIT)
    .execute()
}

/** Requests nobody was found for in time. */
export async function hopelessRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at }: { regionId: RegionId; at: Date },
): Promise<RideId[]> {
  const rows = await db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'requested')
    .where('deadline_at', '<=', at)
    .orderBy('deadline_at')
    .limit(OVERDUE_LIMIT)
    .execute()
  return rows.map((row) => row.id)
}
