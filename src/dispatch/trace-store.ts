/** Looks of ticks in the database: written in batches, read for one ride, and dropped by the day. */
import { sql } from 'kysely'
import type { Look, LookKind, SeenDriver, SeenState } from '../engine/trace.ts'
import type { Gate, GateCounts } from '../engine/trace-gates.ts'
import type { LookInTime } from '../engine/trace-why.ts'
import type { CompanyId, DriverId, RegionId, RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

const DAY_MS = 86_400_000
/** Days in UTC, today's counted in: what a deleted driver left behind is gone before they are purged, after 30. */
export const KEPT_DAYS = 30
/** Rows of one statement. */
const BATCH = 100
/** More than a ride that waits its ten minutes ever gets. */
const MOST_LOOKS = 500
/** Of the seventh decimal nobody knows anything. */
const DEGREES_SCALE = 1e6

/** A look with when it was, folded with those after it that said the same. */
export interface TracedLook extends Look, LookInTime {
  readonly rideId: RideId
  readonly policy: string
  /** In the last tick of it: rides that waited, cars on shift, and how long deciding took, milliseconds. */
  readonly waiting: number
  readonly cars: number
  readonly decidedMs: number
}

/** What the page lists: a look without its cars. */
export type LookSummary = Omit<TracedLook, 'drivers'>

/** A driver in a row: a list, for forty names of fields in every look would be most of what is kept. */
type Packed = [
  driverId: DriverId,
  gate: Gate,
  state: SeenState,
  lat6: number,
  lng6: number,
  headingDeg: number,
  ageS: number,
  distanceM: number,
  etaS: number | null,
  costS: number | null,
  pickupCostS: number | null,
  isSoonFree: 0 | 1,
  otherRideId: RideId | null,
]

const rounded = (value: number | null) => (value === null ? null : Math.round(value))

function packed(driver: SeenDriver): Packed {
  return [
    ...([driver.driverId, driver.gate, driver.state] as const),
    ...([Math.round(driver.at.lat * DEGREES_SCALE), Math.round(driver.at.lng * DEGREES_SCALE)] as const),
    ...([Math.round(driver.headingDeg), Math.round(driver.ageS), Math.round(driver.distanceM)] as const),
    ...([rounded(driver.etaS), rounded(driver.costS), rounded(driver.pickupCostS)] as const),
    driver.isSoonFree ? 1 : 0,
    driver.otherRideId,
  ]
}

function unpacked(row: Packed): SeenDriver {
  const [driverId, gate, state, lat6, lng6, headingDeg, ageS, distanceM, etaS, costS, pickupCostS] = row
  return {
    ...{ driverId, gate, state, headingDeg, ageS, distanceM, etaS, costS, pickupCostS },
    at: { lat: lat6 / DEGREES_SCALE, lng: lng6 / DEGREES_SCALE },
    isSoonFree: row[11] === 1,
    otherRideId: row[12],
  }
}

/**
 * Write looks; one that is there already is put in its newest state. Not fenced by the lease: each is what a tick saw
 * that did happen, under a key of its own, so no process can undo another's.
 */
export async function writeLooks(
  db: Db,
  region: { readonly companyId: CompanyId; readonly id: RegionId },
  looks: readonly TracedLook[],
): Promise<void> {
  for (const day of new Set(looks.map(({ atMs }) => dayOf(atMs))))
    await sql`select honeycab_looks_day(${day}::date)`.execute(db)
  for (let from = 0; from < looks.length; from += BATCH)
    await db
      .insertInto('ride_looks')
      .values(
        looks.slice(from, from + BATCH).map((look) => ({
          ...{ company_id: region.companyId, region_id: region.id, ride_id: look.rideId },
          ...{ at: new Date(look.atMs), until_at: new Date(look.untilMs), ticks: look.ticks },
          ...{ kind: look.kind, driver_id: look.driverId, policy: look.policy },
          ...{ radius_m: Math.round(look.radiusM), waiting: look.waiting, cars: look.cars },
          decided_ms: look.decidedMs,
          gates: JSON.stringify(look.gates),
          drivers: JSON.stringify(look.drivers.map(packed)),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['ride_id', 'at']).doUpdateSet(({ ref }) => ({
          until_at: ref('excluded.until_at'),
          ticks: ref('excluded.ticks'),
          radius_m: ref('excluded.radius_m'),
          waiting: ref('excluded.waiting'),
          cars: ref('excluded.cars'),
          decided_ms: ref('excluded.decided_ms'),
          gates: sql`excluded.gates`,
          drivers: sql`excluded.drivers`,
        })),
      )
      .execute()
}

function dayOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

/** The first instant of which anything may still be known. */
export function keptSinceMs(nowMs: number): number {
  return (Math.floor(nowMs / DAY_MS) - KEPT_DAYS + 1) * DAY_MS
}

/** Drop the days before that; several processes may do it at once. Returns how many went. */
export async function forgetOldLooks(db: Db, nowMs: number): Promise<number> {
  const { rows } = await sql<{ dropped: number }>`
    select honeycab_looks_forget(${dayOf(keptSinceMs(nowMs))}::date) as dropped`.execute(db)
  return rows[0]?.dropped ?? 0
}

const SUMMARY = [
  ...(['ride_id', 'at', 'until_at', 'ticks', 'kind', 'driver_id', 'policy', 'radius_m'] as const),
  ...(['waiting', 'cars', 'decided_ms', 'gates'] as const),
] as const

interface SummaryRow {
  readonly ride_id: RideId
  readonly at: Date
  readonly until_at: Date
  readonly ticks: number
  readonly kind: LookKind
  readonly driver_id: DriverId | null
  readonly policy: string
  readonly radius_m: number
  readonly waiting: number
  readonly cars: number
  readonly decided_ms: number
  readonly gates: GateCounts
}

function summaryOf(row: SummaryRow): LookSummary {
  return {
    ...{ rideId: row.ride_id, atMs: row.at.getTime(), untilMs: row.until_at.getTime(), ticks: row.ticks },
    ...{ kind: row.kind, driverId: row.driver_id, policy: row.policy, radiusM: row.radius_m },
    ...{ waiting: row.waiting, cars: row.cars, decidedMs: row.decided_ms, gates: row.gates },
  }
}

/** All looks at a ride in the order of time, without their cars. */
export async function looksOf(db: Db, companyId: CompanyId, rideId: RideId): Promise<LookSummary[]> {
  const rows = await db
    .selectFrom('ride_looks')
    .select(SUMMARY)
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('at')
    .limit(MOST_LOOKS)
    .execute()
  return rows.map(summaryOf)
}

/** The same with every car; for an export. */
export async function wholeLooksOf(db: Db, companyId: CompanyId, rideId: RideId): Promise<TracedLook[]> {
  const rows = await db
    .selectFrom('ride_looks')
    .select([...SUMMARY, 'drivers'])
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('at')
    .limit(MOST_LOOKS)
    .execute()
  return rows.map((row) => ({ ...summaryOf(row), drivers: (row.drivers as Packed[]).map(unpacked) }))
}

/** The cars of one look, the nearest first. */
export async function driversOfLook(
  db: Db,
  companyId: CompanyId,
  look: Pick<LookSummary, 'rideId' | 'atMs'>,
): Promise<SeenDriver[]> {
  const row = await db
    .selectFrom('ride_looks')
    .select('drivers')
    .where('company_id', '=', companyId)
    .where('ride_id', '=', look.rideId)
    .where('at', '=', new Date(look.atMs))
    .executeTakeFirst()
  return ((row?.drivers ?? []) as Packed[]).map(unpacked)
}
