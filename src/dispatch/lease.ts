/**
 * One process at a time decides for a region. The lease lies in Postgres with an epoch that grows with every change
 * of holder; each write of a tick holds the lease row and checks the epoch, so a process that was asleep while
 * another took over changes nothing. Source of the idea: fencing tokens, M. Kleppmann, "How to do distributed
 * locking" (2016); C. Gray and D. Cheriton, "Leases" (SOSP 1989).
 */
import { sql } from 'kysely'
import type { RegionId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'

export interface Lease {
  readonly regionId: RegionId
  readonly epoch: number
}

/** Long enough to outlive a slow tick, short enough that riders of a dead process wait little. */
export const LEASE_TTL_S = 6

/** A tick tried to write after its lease had passed to another process. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
}

/**
 * Take the region if it is free or expired, or hold on to it for another while, by the database's clock.
 * @param holder names this process uniquely
 * @returns the lease with its epoch, or null while another process holds it
 */
export async function holdLease(db: Db, regionId: RegionId, holder: string): Promise<Lease | null> {
  const { rows } = await sql<{ epoch: number }>`
    INSERT INTO region_leases AS held (region_id, holder, epoch, expires_at)
    VALUES (${regionId}, ${holder}, 1, now() + make_interval(secs => ${LEASE_TTL_S}))
    ON CONFLICT (region_id) DO UPDATE SET
      holder = excluded.holder,
      epoch = held.epoch + (held.holder <> excluded.holder OR held.expires_at <= now())::int,
      expires_at = excluded.expires_at
    WHERE held.holder = excluded.holder OR held.expires_at <= now()
    RETURNING epoch`.execute(db)
  const row = rows[0]
  return row === undefined ? null : { regionId, epoch: row.epoch }
}

/** Hand the region over at once, when this process stops. */
export async function dropLease(db: Db, lease: Lease): Promise<void> {
  await sql`
    UPDATE region_leases SET expires_at = now()
    WHERE region_id = ${lease.regionId} AND epoch = ${lease.epoch}`.execute(db)
}

/**
 * Fence a unit of work: the lease row stays share-locked until the commit, so nobody takes over in between.
 * @throws LeaseLost when the epoch has moved on
 */
export async function fence(unit: Work, lease: Lease): Promise<void> {
  const { rows } = await sql`
    SELECT 1 FROM region_leases
    WHERE region_id = ${lease.regionId} AND epoch = ${lease.epoch}
    FOR SHARE`.execute(unit.db)
  if (rows.length === 0) throw new LeaseLost(`region ${lease.regionId}: epoch ${lease.epoch} is over`)
}
