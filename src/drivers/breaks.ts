/** Breaks: begun and ended by the driver; while one is open nothing is offered. */
import {
  type BreakId,
  type CompanyId,
  type DriverId,
  ok,
  type RegionId,
  type Result,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { closeBreak, lockDriver, openShift, withdrawOffers } from './drivers.ts'
import { type BreakNow, breakNow, breaksOf } from './hours.ts'

/**
 * Begin a break; during a ride it begins when that is over. A live offer is withdrawn and counts against nobody.
 * Beginning twice answers the break that is open.
 */
export async function startBreak(
  unit: Work,
  random: Random,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<Result<BreakNow, 'not_online'>> {
  await lockDriver(unit, driverId)
  const shift = await openShift(unit.db, companyId, driverId)
  if (shift === undefined) return refuse('not_online')
  const open = breakNow(await breaksOf(unit.db, shift.id))
  if (open !== null) return ok(open)
  const run = await unit.db
    .selectFrom('runs')
    .select('id')
    .where('driver_id', '=', driverId)
    .where('closed_at', 'is', null)
    .executeTakeFirst()
  await unit.db
    .insertInto('breaks')
    .values({
      company_id: companyId,
      id: random.uuid() as BreakId,
      driver_id: driverId,
      shift_id: shift.id,
      run_id: run?.id ?? null,
      started_at: new Date(unit.atMs),
      ended_at: null,
    })
    .execute()
  await withdrawOffers(unit, { companyId, driverId, regionId: shift.region_id })
  tellBreak(unit, { companyId, driverId, regionId: shift.region_id }, 'paused')
  return ok({ askedAtMs: unit.atMs, beganAtMs: run === undefined ? unit.atMs : null })
}

/** @returns whether one was open */
export async function endBreak(
  unit: Work,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<boolean> {
  await lockDriver(unit, driverId)
  const shift = await openShift(unit.db, companyId, driverId)
  if (shift === undefined || !(await closeBreak(unit, driverId))) return false
  tellBreak(unit, { companyId, driverId, regionId: shift.region_id }, 'on')
  return true
}

function tellBreak(
  unit: Work,
  of: { companyId: CompanyId; regionId: RegionId; driverId: DriverId },
  state: 'on' | 'paused',
): void {
  unit.tell({ type: 'shift.changed', ...of, state })
}
