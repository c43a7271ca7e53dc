/** A driver kept off the road by the desk for a while, with a reason they read; and put back. */
import type { Kysely } from 'kysely'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type RegionId,
  type Result,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Tables } from '../io/tables.ts'
import { endShift, hasOpenRun, lockDriver, openShift, withdrawOffers } from './drivers.ts'

export interface Held {
  readonly atMs: number
  readonly reason: string
  /** Who did it, by name. */
  readonly by: string
}

/** What became of it: whether it was done now, and whether somebody is still driven first. */
export interface Holding {
  readonly changed: boolean
  readonly runOpen: boolean
}

interface About {
  readonly companyId: CompanyId
  /** Told of it, should the driver not be on shift. */
  readonly regionId: RegionId
  readonly driverId: DriverId
}

/**
 * Keep a driver off the road from now on: what they are asked is taken back, nothing more is offered, and the shift
 * ends, now or, as for any hindrance, by the tick that finds the run under way driven to its end. They cannot go
 * online until they are put back. Keeping off who is kept off changes nothing, the first reason stands.
 */
export async function holdDriver(
  unit: Work,
  held: About & { readonly byId: IdentityId; readonly reason: string },
): Promise<Result<Holding, 'not_found'>> {
  const { companyId, driverId } = held
  const driver = await lockDriver(unit, driverId)
  if (driver === undefined || driver.company_id !== companyId || driver.deleted_at !== null)
    return refuse('not_found')
  const runOpen = await hasOpenRun(unit.db, driverId)
  if (driver.held_at !== null) return ok({ changed: false, runOpen })
  await unit.db
    .updateTable('drivers')
    .set({ held_at: new Date(unit.atMs), held_by: held.byId, held_reason: held.reason })
    .where('id', '=', driverId)
    .execute()
  const shift = await openShift(unit.db, companyId, driverId)
  if (shift === undefined) tellOff(unit, held)
  else if (runOpen) {
    await withdrawOffers(unit, { companyId, driverId, regionId: shift.region_id })
    unit.tell({ type: 'shift.changed', companyId, regionId: shift.region_id, driverId, state: 'on' })
  } else await endShift(unit, { companyId, driverId, reason: 'driver_held' })
  return ok({ changed: true, runOpen })
}

/** Let a driver drive again; a shift that has not ended yet goes on. @returns whether they were kept off */
export async function putBack(unit: Work, of: About): Promise<Result<boolean, 'not_found'>> {
  const { companyId, driverId } = of
  const driver = await lockDriver(unit, driverId)
  if (driver === undefined || driver.company_id !== companyId || driver.deleted_at !== null)
    return refuse('not_found')
  if (driver.held_at === null) return ok(false)
  await unit.db
    .updateTable('drivers')
    .set({ held_at: null, held_by: null, held_reason: null })
    .where('id', '=', driverId)
    .execute()
  const shift = await openShift(unit.db, companyId, driverId)
  if (shift === undefined) tellOff(unit, of)
  else unit.tell({ type: 'shift.changed', companyId, regionId: shift.region_id, driverId, state: 'on' })
  return ok(true)
}

/** Who keeps a driver off the road, since when and why; null where nobody does. */
export async function heldOf(
  db: Kysely<Tables>,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<Held | null> {
  const row = await db
    .selectFrom('drivers')
    .leftJoin('identities', 'identities.id', 'drivers.held_by')
    .select(['drivers.held_at', 'drivers.held_reason', 'identities.name'])
    .where('drivers.company_id', '=', companyId)
    .where('drivers.id', '=', driverId)
    .executeTakeFirst()
  if (row?.held_at == null) return null
  return { atMs: row.held_at.getTime(), reason: row.held_reason ?? '', by: row.name ?? 'The desk' }
}

/** Nobody is on shift; the pages of the driver and of the desks look again. */
function tellOff(unit: Work, { companyId, regionId, driverId }: About): void {
  unit.tell({ type: 'shift.changed', companyId, regionId, driverId, state: 'off' })
}
