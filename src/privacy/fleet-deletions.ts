/** Drivers, cars and companies leave: hidden from now on, kept for the rides they drove, and brought back when asked. */
import { rotateSoon } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { endShift, hasOpenRun, lockDriver } from '../drivers/drivers.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type Result,
  refuse,
  type VehicleId,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { DeletedKind, KeptOfDeleted } from '../io/tables/privacy.ts'
import type { Doer } from './deletions.ts'

export type FleetKind = Exclude<DeletedKind, 'person'>
export type FleetRefusal = 'gone' | 'drives_now' | 'car_is_out' | 'company_busy'

export const FLEET_REFUSALS: Readonly<Record<Exclude<FleetRefusal, 'gone'>, string>> = {
  drives_now: 'This driver has a ride. It must be finished or handed back first.',
  car_is_out: 'Somebody is on shift in this car. Their shift must end first.',
  company_busy: 'Rides are open or drivers are on shift. End them first, so that nobody is left at the kerb.',
}

export interface FleetDeletion {
  readonly companyId: CompanyId
  readonly by: Doer
  readonly reason: string
}

/** Take a driver off the fleet: the shift ends and the driver's role goes, the rides they drove stay. */
export async function deleteDriver(
  unit: Work,
  random: Random,
  { driverId, ...deletion }: FleetDeletion & { driverId: DriverId },
): Promise<Result<null, FleetRefusal>> {
  const { companyId } = deletion
  const driver = await lockDriver(unit, driverId)
  if (driver === undefined || driver.company_id !== companyId || driver.deleted_at !== null)
    return refuse('gone')
  if (await hasOpenRun(unit.db, driverId)) return refuse('drives_now')
  const ended = await endShift(unit, { companyId, driverId, reason: 'driver deleted' })
  if (!ended.ok) return refuse('drives_now')
  await unit.db
    .updateTable('drivers')
    .set({ deleted_at: new Date(unit.atMs) })
    .where('id', '=', driverId)
    .execute()
  const taken = await unit.db
    .deleteFrom('memberships')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', driver.identity_id)
    .where('role', '=', 'driver')
    .returning('role')
    .execute()
  await rotateSoon(unit, driver.identity_id)
  await write(unit, random, {
    ...deletion,
    kind: 'driver',
    subjectId: driverId,
    kept: { role: taken.length > 0 },
  })
  return ok(null)
}

/** Take a car off the fleet. */
export async function deleteVehicle(
  unit: Work,
  random: Random,
  { vehicleId, ...deletion }: FleetDeletion & { vehicleId: VehicleId },
): Promise<Result<null, FleetRefusal>> {
  const vehicle = await unit.db
    .selectFrom('vehicles')
    .select('id')
    .where('id', '=', vehicleId)
    .where('company_id', '=', deletion.companyId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst()
  if (vehicle === undefined) return refuse('gone')
  const out = await unit.db
    .selectFrom('shifts')
    .select('id')
    .where('vehicle_id', '=', vehicleId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (out !== undefined) return refuse('car_is_out')
  await unit.db
    .updateTable('vehicles')
    .set({ deleted_at: new Date(unit.atMs) })
    .where('id', '=', vehicleId)
    .execute()
  await write(unit, random, { ...deletion, kind: 'vehicle', subjectId: vehicleId, kept: {} })
  return ok(null)
}

/** Close a company: its pages and its people's roles are gone, its books stay. */
export async function deleteCompany(
  unit: Work,
  random: Random,
  deletion: FleetDeletion,
): Promise<Result<null, FleetRefusal>> {
  const { companyId } = deletion
  const company = await unit.db
    .selectFrom('companies')
    .select('id')
    .where('id', '=', companyId)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (company === undefined) return refuse('gone')
  if (await isBusy(unit, companyId)) return refuse('company_busy')
  await unit.db
    .updateTable('companies')
    .set({ deleted_at: new Date(unit.atMs) })
    .where('id', '=', companyId)
    .execute()
  await tellCompany(unit, companyId)
  await write(unit, random, { ...deletion, kind: 'company', subjectId: companyId, kept: {} })
  return ok(null)
}

async function isBusy(unit: Work, companyId: CompanyId): Promise<boolean> {
  const ride = await unit.db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  const shift = await unit.db
    .selectFrom('shifts')
    .select('id')
    .where('company_id', '=', companyId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return ride !== undefined || shift !== undefined
}

/** Bring back what was deleted; `gone` when it is back already. */
export async function restoreFleet(
  unit: Work,
  random: Random,
  { deletionId, by }: { deletionId: string; by: Doer },
): Promise<Result<null, 'gone'>> {
  const at = new Date(unit.atMs)
  const found = await unit.db
    .updateTable('deletions')
    .set({ restored_at: at, restored_by: by.id })
    .where('id', '=', deletionId)
    .where('kind', '!=', 'person')
    .where('restored_at', 'is', null)
    .returning(['kind', 'subject_id', 'company_id', 'kept'])
    .executeTakeFirst()
  if (found?.company_id == null) return refuse('gone')
  const { subject_id: subject, company_id: companyId } = found
  const kind = found.kind as FleetKind
  if (kind === 'driver') await restoreDriver(unit, companyId, subject as DriverId, found.kept)
  if (kind === 'vehicle')
    await unit.db
      .updateTable('vehicles')
      .set({ deleted_at: null })
      .where('id', '=', subject as VehicleId)
      .execute()
  if (kind === 'company') {
    await unit.db.updateTable('companies').set({ deleted_at: null }).where('id', '=', companyId).execute()
    await tellCompany(unit, companyId)
  }
  await audit(unit, random, { action: `${kind}.restored`, companyId, subjectId: subject, by, detail: {} })
  return ok(null)
}

async function restoreDriver(
  unit: Work,
  companyId: CompanyId,
  driverId: DriverId,
  kept: KeptOfDeleted,
): Promise<void> {
  const driver = await unit.db
    .updateTable('drivers')
    .set({ deleted_at: null })
    .where('id', '=', driverId)
    .returning('identity_id')
    .executeTakeFirstOrThrow()
  if (kept.role === true)
    await unit.db
      .insertInto('memberships')
      .values({ company_id: companyId, identity_id: driver.identity_id, role: 'driver' })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  await rotateSoon(unit, driver.identity_id)
}

/** The roles of everybody there have changed, and so have the pages at its address. */
async function tellCompany(unit: Work, companyId: CompanyId): Promise<void> {
  const people = await unit.db
    .selectFrom('memberships')
    .select('identity_id')
    .distinct()
    .where('company_id', '=', companyId)
    .execute()
  for (const { identity_id } of people) await rotateSoon(unit, identity_id)
  unit.tell({ type: 'company.changed', companyId })
}

interface Written extends FleetDeletion {
  readonly kind: FleetKind
  readonly subjectId: string
  readonly kept: KeptOfDeleted
}

async function write(unit: Work, random: Random, deletion: Written): Promise<void> {
  const { kind, subjectId, companyId, by, reason, kept } = deletion
  await unit.db
    .insertInto('deletions')
    .values({
      ...{ id: random.uuid(), kind, subject_id: subjectId, company_id: companyId, deleted_by: by.id },
      ...{ reason, kept: JSON.stringify(kept), deleted_at: new Date(unit.atMs) },
    })
    .execute()
  await audit(unit, random, { action: `${kind}.deleted`, companyId, subjectId, by, detail: { reason } })
}

function audit(
  unit: Work,
  random: Random,
  entry: {
    readonly action: `${FleetKind}.${'deleted' | 'restored'}`
    readonly companyId: CompanyId
    readonly subjectId: string
    readonly by: Doer
    readonly detail: Readonly<Record<string, unknown>>
  },
): Promise<void> {
  const { action, companyId, subjectId: subject, by, detail } = entry
  return record(unit.db, random, {
    ...{ action, atMs: unit.atMs, companyId, subject, detail },
    ...(by.id === null ? {} : { actorId: by.id as IdentityId }),
    ...{ address: by.address, requestId: by.requestId },
  })
}
