/** Where somebody rode, taken out of a ride: its places, its way, its note. Price, times and books stay. */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { RideId } from '../engine/units.ts'
import type { CommitDeps } from '../io/commit.ts'
import { commit } from '../io/commit.ts'
import type { Tables } from '../io/tables.ts'

/** What stands where an address stood. */
export const FORGOTTEN_PLACE = 'Address removed'
/** How long rides of those are kept who want them forgotten. */
export const RIDES_KEPT_MS = 365 * 86_400_000
const BATCH = 500

/** A coordinate to the hundredth degree, about a kilometre: enough to count rides by district. */
export function coarse(column: string): RawBuilder<number> {
  return sql<number>`round(${sql.ref(column)}::numeric, 2)::double precision`
}

/** Take the places out of rides that have ended, and out of the quotes and ways that belong to them. */
export async function forgetPlaces(db: Kysely<Tables>, rideIds: readonly RideId[]): Promise<void> {
  if (rideIds.length === 0) return
  const places = {
    pickup_lat: coarse('pickup_lat'),
    pickup_lng: coarse('pickup_lng'),
    pickup_label: FORGOTTEN_PLACE,
    dropoff_lat: coarse('dropoff_lat'),
    dropoff_lng: coarse('dropoff_lng'),
    dropoff_label: FORGOTTEN_PLACE,
  }
  await db
    .updateTable('rides')
    .set({ ...places, note: '' })
    .where('id', 'in', rideIds)
    .execute()
  // Those it was promised before, and those that were asked for in vain, name places too.
  await sql`
    WITH RECURSIVE promised AS (
      SELECT quote_id AS id FROM rides WHERE id IN (${sql.join(rideIds)})
      UNION SELECT quote_id FROM ride_changes WHERE ride_id IN (${sql.join(rideIds)})
      UNION SELECT quotes.replaces FROM quotes JOIN promised ON promised.id = quotes.id
        WHERE quotes.replaces IS NOT NULL)
    UPDATE quotes SET pickup_lat = ${coarse('pickup_lat')}, pickup_lng = ${coarse('pickup_lng')},
      dropoff_lat = ${coarse('dropoff_lat')}, dropoff_lng = ${coarse('dropoff_lng')},
      pickup_label = ${FORGOTTEN_PLACE}, dropoff_label = ${FORGOTTEN_PLACE}, stops = '[]'
    WHERE id IN (SELECT id FROM promised)`.execute(db)
  await db
    .updateTable('ride_stops')
    .set({ lat: coarse('lat'), lng: coarse('lng'), label: FORGOTTEN_PLACE })
    .where('ride_id', 'in', rideIds)
    .execute()
  await db.deleteFrom('ride_trails').where('ride_id', 'in', rideIds).execute()
}

/**
 * Forget where people rode more than a year ago who want it so. Several processes may run it at once.
 * @returns how many rides were forgotten; at most one batch a call
 */
export function forgetOldRides(deps: CommitDeps): Promise<number> {
  return commit(deps, async ({ db, atMs }) => {
    const old = await db
      .selectFrom('rides')
      .innerJoin('identities', 'identities.id', 'rides.rider_id')
      .select('rides.id')
      .where(sql<boolean>`identities.privacy ->> 'rides_kept_a_year' = 'true'`)
      .where('rides.ended_at', '<', new Date(atMs - RIDES_KEPT_MS))
      .where('rides.pickup_label', '!=', FORGOTTEN_PLACE)
      .orderBy('rides.ended_at')
      .limit(BATCH)
      .forUpdate('rides')
      .skipLocked()
      .execute()
    await forgetPlaces(
      db,
      old.map(({ id }) => id),
    )
    return old.length
  })
}
