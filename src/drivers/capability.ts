/**
 * Whether a driver may drive at an instant, and what stands in the way: asked when they go online, when they are
 * offered a ride and when they take it, and again and again while they are on shift.
 */
import type { Kysely } from 'kysely'
import { sql } from 'kysely'
import { type Day, dayEndMs } from '../engine/day.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { LicenceCheck, LicenceState } from '../io/tables/licences.ts'
import type { Tables } from '../io/tables.ts'

/** What keeps a driver from driving, the company's word before all. */
export type Hindrance =
  | 'driver_disabled'
  | 'driver_held'
  | 'driver_stopped'
  | 'licence_missing'
  | 'licence_waiting'
  | 'licence_rejected'
  | 'licence_expired'

/** The columns of a driver's row, its company's and its licences' that decide. */
export interface CapabilityFacts {
  readonly disabled_at: Date | null
  readonly held_at: Date | null
  readonly stopped_at: Date | null
  readonly licence_check: LicenceCheck
  /** Of the approved licence. */
  readonly expires_on: Day | null
  /** Where the driver drives. */
  readonly time_zone: string
}

/**
 * Until when they may drive, epoch ms: the end of the licence's last day where they drive; 0 when they may not now,
 * null without an end.
 */
export function drivesUntilMs(facts: CapabilityFacts): number | null {
  if (facts.disabled_at !== null || facts.held_at !== null || facts.stopped_at !== null) return 0
  if (facts.licence_check === 'not_checked') return null
  return facts.expires_on === null ? 0 : dayEndMs(facts.expires_on, facts.time_zone)
}

export interface Capability extends CapabilityFacts {
  readonly disabled_reason: string | null
  readonly hindrance: Hindrance | null
  readonly drivesUntilMs: number | null
}

/** Undefined for a driver the company does not have. */
export async function capabilityOf(
  db: Kysely<Tables>,
  { companyId, driverId, nowMs }: { companyId: CompanyId; driverId: DriverId; nowMs: number },
): Promise<Capability | undefined> {
  const row = await db
    .selectFrom('drivers')
    .innerJoin('companies', 'companies.id', 'drivers.company_id')
    .select(({ selectFrom }) => [
      'drivers.disabled_at',
      'drivers.disabled_reason',
      'drivers.held_at',
      'drivers.stopped_at',
      'companies.licence_check',
      selectFrom('licences')
        .select('licences.expires_on')
        .whereRef('licences.company_id', '=', 'drivers.company_id')
        .whereRef('licences.identity_id', '=', 'drivers.identity_id')
        .where('licences.state', '=', 'approved')
        .as('expires_on'),
      // What became of the newest one that was handed in, for the words only.
      sql<LicenceState | null>`(
        select licences.state from licences
        where licences.company_id = drivers.company_id and licences.identity_id = drivers.identity_id
          and licences.state in ('submitted', 'rejected', 'expired')
        order by licences.submitted_at desc limit 1
      )`.as('newest'),
      // On shift the region of the shift, else the one they would go online in.
      sql<string>`coalesce(
        (select regions.time_zone from shifts join regions on regions.id = shifts.region_id
          where shifts.driver_id = drivers.id and shifts.ended_at is null),
        (select regions.time_zone from regions where regions.company_id = companies.id order by slug limit 1),
        companies.time_zone)`.as('time_zone'),
    ])
    .where('drivers.company_id', '=', companyId)
    .where('drivers.id', '=', driverId)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const { newest, ...facts } = row
  const untilMs = drivesUntilMs(facts)
  const may = untilMs === null || nowMs < untilMs
  return { ...facts, drivesUntilMs: untilMs, hindrance: may ? null : hindranceOf(facts, newest) }
}

function hindranceOf(facts: CapabilityFacts, newest: LicenceState | null): Hindrance {
  if (facts.disabled_at !== null) return 'driver_disabled'
  if (facts.held_at !== null) return 'driver_held'
  if (facts.stopped_at !== null) return 'driver_stopped'
  if (newest === 'submitted') return 'licence_waiting'
  if (facts.expires_on !== null || newest === 'expired') return 'licence_expired'
  return newest === 'rejected' ? 'licence_rejected' : 'licence_missing'
}

/** What stands in the way of a driver at this instant; null when nothing does. Ask it with the driver's row locked. */
export async function hindranceIn(
  unit: Work,
  driver: { companyId: CompanyId; driverId: DriverId },
): Promise<Hindrance | null> {
  const capability = await capabilityOf(unit.db, { ...driver, nowMs: unit.atMs })
  return capability?.hindrance ?? null
}

/** Have the fleet and the driver's page look again, should the driver be on shift. */
export async function tellCapability(
  unit: Work,
  { companyId, driverId }: { companyId: CompanyId; driverId: DriverId },
): Promise<void> {
  const shift = await unit.db
    .selectFrom('shifts')
    .select('region_id')
    .where('company_id', '=', companyId)
    .where('driver_id', '=', driverId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (shift !== undefined)
    unit.tell({ type: 'shift.changed', companyId, regionId: shift.region_id, driverId, state: 'on' })
}
