/** How long a driver has driven since the last rest, and the breaks that stop the count. */
import type { Kysely } from 'kysely'
import { type Hours, type HoursRules, hoursAt, type ShiftHours, type Span } from '../engine/shift.ts'
import type { CompanyId, DriverId, RegionId, RunId, ShiftId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

/** The columns of a region that say how long one may drive. */
export interface LimitRow {
  readonly drive_limit_s: number | null
  readonly rest_s: number
}

export interface ShiftHoursRow {
  readonly started_at: Date
  readonly ended_at: Date | null
  readonly driven_before_s: number | null
  readonly drove_until: Date | null
}

export interface BreakRow {
  readonly shift_id: ShiftId
  readonly started_at: Date
  readonly ended_at: Date | null
  /** The run it was asked for in. */
  readonly run_id: RunId | null
  readonly run_closed_at: Date | null
}

export interface BreakNow {
  readonly askedAtMs: number
  /** Null while a ride goes on that is driven to its end first. */
  readonly beganAtMs: number | null
}

export interface WorkingHours {
  /** Null where nobody counts. */
  readonly hours: (Hours & { readonly driveLimitMs: number; readonly restMs: number }) | null
  /** The open one. */
  readonly pause: BreakNow | null
  /** On a break in the newest shift so far. */
  readonly onBreakMs: number
}

/** Null where nobody counts. */
export function limitOf({ drive_limit_s, rest_s }: LimitRow): HoursRules | null {
  return drive_limit_s === null ? null : { driveLimitMs: drive_limit_s * 1000, restMs: rest_s * 1000 }
}

/** @param regionId whose limit counts: that of the shift, or the one they would go online in */
export async function workingHours(
  db: Kysely<Tables>,
  asked: { companyId: CompanyId; driverId: DriverId; regionId: RegionId; nowMs: number },
): Promise<WorkingHours> {
  const region = await db
    .selectFrom('regions')
    .select(['drive_limit_s', 'rest_s'])
    .where('company_id', '=', asked.companyId)
    .where('id', '=', asked.regionId)
    .executeTakeFirst()
  const shift = await db
    .selectFrom('shifts')
    .select(['id', 'started_at', 'ended_at', 'driven_before_s', 'drove_until'])
    .where('company_id', '=', asked.companyId)
    .where('driver_id', '=', asked.driverId)
    // The open one, else the one that ended last.
    .orderBy('ended_at', (order) => order.desc().nullsFirst())
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const breaks = shift === undefined ? [] : await breaksOf(db, shift.id)
  const spans = breakSpans(breaks)
  const rules = region === undefined ? null : limitOf(region)
  const { nowMs } = asked
  return {
    hours:
      rules === null
        ? null
        : { ...hoursAt(shift === undefined ? null : shiftHours(shift, breaks), rules, nowMs), ...rules },
    pause: breakNow(breaks),
    onBreakMs: spans.reduce(
      (totalMs, { fromMs, untilMs }) => totalMs + Math.max(0, Math.min(untilMs, nowMs) - fromMs),
      0,
    ),
  }
}

/** The breaks of a shift, in order. */
export function breaksOf(db: Kysely<Tables>, shiftId: ShiftId): Promise<BreakRow[]> {
  return readBreaks(db).where('breaks.shift_id', '=', shiftId).execute()
}

/** The breaks of all shifts that are open, or of those of the drivers named; by shift, each in order. */
export async function breaksOfOpenShifts(
  db: Kysely<Tables>,
  driverIds?: readonly DriverId[],
): Promise<ReadonlyMap<ShiftId, BreakRow[]>> {
  let query = readBreaks(db)
    .innerJoin('shifts', 'shifts.id', 'breaks.shift_id')
    .where('shifts.ended_at', 'is', null)
  if (driverIds !== undefined) query = query.where('shifts.driver_id', 'in', [...driverIds])
  return Map.groupBy(await query.execute(), ({ shift_id }) => shift_id)
}

function readBreaks(db: Kysely<Tables>) {
  return db
    .selectFrom('breaks')
    .leftJoin('runs', 'runs.id', 'breaks.run_id')
    .select(['breaks.shift_id', 'breaks.run_id', 'breaks.started_at', 'breaks.ended_at'])
    .select('runs.closed_at as run_closed_at')
    .orderBy('breaks.started_at')
}

export function shiftHours(shift: ShiftHoursRow, breaks: readonly BreakRow[]): ShiftHours {
  return {
    before:
      shift.driven_before_s === null || shift.drove_until === null
        ? null
        : { drivenMs: shift.driven_before_s * 1000, droveUntilMs: shift.drove_until.getTime() },
    startedAtMs: shift.started_at.getTime(),
    endedAtMs: shift.ended_at?.getTime() ?? null,
    breaks: breakSpans(breaks),
  }
}

/** The break that is open among those of a shift. */
export function breakNow(breaks: readonly BreakRow[]): BreakNow | null {
  const open = breaks.find(({ ended_at }) => ended_at === null)
  if (open === undefined) return null
  return { askedAtMs: open.started_at.getTime(), beganAtMs: beganAtMs(open) }
}

/** When the break itself began; null while the run it was asked for in goes on. */
function beganAtMs({ started_at, run_id, run_closed_at }: BreakRow): number | null {
  if (run_id === null) return started_at.getTime()
  return run_closed_at === null ? null : Math.max(started_at.getTime(), run_closed_at.getTime())
}

/** A break that was over before its run was is none. */
function breakSpans(breaks: readonly BreakRow[]): Span[] {
  return breaks.flatMap((row) => {
    const fromMs = beganAtMs(row)
    const untilMs = row.ended_at?.getTime() ?? Number.POSITIVE_INFINITY
    return fromMs === null || fromMs >= untilMs ? [] : [{ fromMs, untilMs }]
  })
}
