/**
 * Four digits that the rider says and the driver types before the ride starts, so that nobody gets into the wrong car.
 * Made when a driver takes the ride, where the company asks for one; another driver gets another code.
 */
import type { Selectable } from 'kysely'
import { hasOpenRun } from '../engine/ride.ts'
import { type CompanyId, type DriverId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { StartCodeRow } from '../io/tables/riding.ts'
import { type LoadedRide, lockRide } from './store.ts'

/** One in two thousand to guess, and the desk hears of whoever tries. */
export const CODE_TRIES = 5

export interface StartCode {
  readonly code: string
  /** 0: only the desk starts this ride. */
  readonly triesLeft: number
  /** It was said, or the desk did without. */
  readonly isOpen: boolean
}

/** A code for the driver who just took the ride; nothing where the company asks for none. */
export async function issueStartCode(
  unit: Work,
  random: Random,
  { company_id, id: ride_id, driver_id }: LoadedRide & { driver_id: DriverId },
): Promise<void> {
  const flag = await unit.db
    .selectFrom('company_flags')
    .select('is_on')
    .where('company_id', '=', company_id)
    .where('flag', '=', 'start_codes')
    .executeTakeFirst()
  const fresh = { wrong_tries: 0, opened_at: null, opened_by: null, reason: null }
  if (flag?.is_on !== true) {
    await unit.db.deleteFrom('start_codes').where('ride_id', '=', ride_id).execute()
    return
  }
  const made = { driver_id, code: random.digits(4), ...fresh }
  await unit.db
    .insertInto('start_codes')
    .values({ company_id, ride_id, ...made })
    .onConflict((conflict) => conflict.column('ride_id').doUpdateSet(made))
    .execute()
}

/** The code of a ride that a driver is to pick up, null where none is asked for, and after the ride began. */
export async function startCodeOf(
  db: Db | Work['db'],
  ride: Pick<LoadedRide, 'id' | 'company_id' | 'driver_id' | 'state'>,
): Promise<StartCode | null> {
  if (ride.driver_id === null || !hasOpenRun(ride.state) || ride.state === 'in_progress') return null
  const row = await db
    .selectFrom('start_codes')
    .selectAll()
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('driver_id', '=', ride.driver_id)
    .executeTakeFirst()
  return row === undefined ? null : readCode(row)
}

function readCode(row: Selectable<StartCodeRow>): StartCode {
  return { code: row.code, triesLeft: CODE_TRIES - row.wrong_tries, isOpen: row.opened_at !== null }
}

/** What became of a typed code; `none_asked` also where it was said before. */
export type CodeTry = 'right' | 'wrong' | 'locked' | 'none_asked'

/**
 * The driver types what the rider says. A wrong one counts, so the caller commits it instead of throwing.
 * Tries at the same time wait for each other at the ride's row: however many come, five are looked at.
 */
export async function tryStartCode(
  unit: Work,
  tried: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly driverId: DriverId
    readonly code: string
  },
): Promise<{ readonly outcome: CodeTry; readonly triesLeft: number }> {
  const ride = await lockRide(unit.db, tried.companyId, tried.rideId)
  const code =
    ride === undefined || ride.driver_id !== tried.driverId ? null : await startCodeOf(unit.db, ride)
  if (ride === undefined || code === null || code.isOpen)
    return { outcome: 'none_asked', triesLeft: CODE_TRIES }
  if (code.triesLeft === 0) return { outcome: 'locked', triesLeft: 0 }
  if (code.code === tried.code) {
    await open(unit, ride, { opened_by: 'driver', reason: null })
    return { outcome: 'right', triesLeft: code.triesLeft }
  }
  const triesLeft = code.triesLeft - 1
  await unit.db
    .updateTable('start_codes')
    .set({ wrong_tries: CODE_TRIES - triesLeft })
    .where('ride_id', '=', ride.id)
    .execute()
  tellNoted(unit, ride)
  return { outcome: triesLeft === 0 ? 'locked' : 'wrong', triesLeft }
}

/** Whether nothing is asked before the ride starts, or it was answered. */
export async function mayStart(unit: Work, ride: LoadedRide): Promise<boolean> {
  const code = await startCodeOf(unit.db, ride)
  return code === null || code.isOpen
}

/** The desk lets the ride start without its code, for a reason that is kept. */
export async function startWithoutCode(
  unit: Work,
  { companyId, rideId, reason }: { companyId: CompanyId; rideId: RideId; reason: string },
): Promise<Result<LoadedRide, 'not_found' | 'no_code_asked'>> {
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined) return refuse('not_found')
  const code = await startCodeOf(unit.db, ride)
  if (code === null || code.isOpen) return refuse('no_code_asked')
  await open(unit, ride, { opened_by: 'desk', reason })
  return ok(ride)
}

async function open(
  unit: Work,
  ride: LoadedRide,
  how: Pick<StartCodeRow, 'opened_by' | 'reason'>,
): Promise<void> {
  await unit.db
    .updateTable('start_codes')
    .set({ ...how, opened_at: new Date(unit.atMs) })
    .where('ride_id', '=', ride.id)
    .execute()
  tellNoted(unit, ride)
}

/** Something that stands beside the ride changed; its pages are drawn anew. */
function tellNoted(unit: Work, ride: LoadedRide): void {
  unit.tell({
    type: 'ride.noted',
    companyId: ride.company_id,
    regionId: ride.region_id,
    rideId: ride.id,
    driverId: ride.driver_id,
    alertId: null,
  })
}
