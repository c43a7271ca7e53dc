/** What was deleted and can come back, and what of a fleet can be deleted, as far as somebody reaches. */
import { type Kysely, sql } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { DeletedKind } from '../io/tables/privacy.ts'
import type { Tables } from '../io/tables.ts'
import type { OfficeScope } from './scope.ts'

export interface DeletedThing {
  readonly id: string
  readonly kind: DeletedKind
  readonly subjectId: string
  readonly name: string
  /** A person's e-mail, a driver's call sign, a car's make. */
  readonly more: string | null
  readonly companyId: CompanyId | null
  readonly companyName: string | null
  readonly by: string | null
  readonly bySelf: boolean
  readonly reason: string | null
  readonly deletedAtMs: number
  readonly purgeAtMs: number | null
}

const MOST_LISTED = 200

/**
 * What is deleted now, the newest first. A person belongs to a company's office when they work nowhere else; who
 * only rode, or runs the installation, is the platform's to bring back, and so is a closed company.
 * @param system the handle without a scope: where else somebody works is hidden from the one company's
 */
export async function deletedThings(
  system: Kysely<Tables>,
  scope: Pick<OfficeScope, 'platform' | 'companyIds'>,
  only?: string,
): Promise<DeletedThing[]> {
  const { rows } = await sql<{
    id: string
    kind: DeletedKind
    subject_id: string
    name: string | null
    more: string | null
    company_id: CompanyId | null
    company_name: string | null
    deleted_by: string | null
    by_name: string | null
    reason: string | null
    deleted_at: Date
    purge_at: Date | null
  }>`
    select d.id, d.kind, d.subject_id, d.deleted_by, d.reason, d.deleted_at, d.purge_at,
      coalesce(person.name, driver.name, vehicle.plate, company.name) as name,
      coalesce(person.email, driver.call_sign, vehicle.make_model, company.slug) as more,
      owner.id as company_id, owner.name as company_name, deleter.name as by_name
    from deletions d
    left join identities person on d.kind = 'person' and person.id = d.subject_id
    left join drivers driver on d.kind = 'driver' and driver.id = d.subject_id
    left join vehicles vehicle on d.kind = 'vehicle' and vehicle.id = d.subject_id
    left join companies company on d.kind = 'company' and company.id = d.subject_id
    left join identities deleter on deleter.id = d.deleted_by
    left join companies owner on owner.id = coalesce(d.company_id, case when d.kind = 'person' and not person.platform then (
      select min(m.company_id::text)::uuid from memberships m where m.identity_id = d.subject_id
      having count(distinct m.company_id) = 1) end)
    where d.restored_at is null and d.purged_at is null
      and (${scope.platform} or (d.kind <> 'company' and owner.id = any (${[...scope.companyIds]}::uuid[])))
      ${only === undefined ? sql`` : sql`and d.id = ${only}`}
    order by d.deleted_at desc limit ${MOST_LISTED}`.execute(system)
  return rows.map((row) => ({
    ...{ id: row.id, kind: row.kind, subjectId: row.subject_id, name: row.name ?? '', more: row.more },
    ...{ companyId: row.company_id, companyName: row.company_name, reason: row.reason },
    ...{ by: row.by_name, bySelf: row.deleted_by === row.subject_id },
    deletedAtMs: row.deleted_at.getTime(),
    purgeAtMs: row.purge_at?.getTime() ?? null,
  }))
}

export interface Deletable {
  readonly kind: Exclude<DeletedKind, 'company'>
  readonly id: string
  readonly name: string
  readonly more: string
  /** Null: only the platform reaches it. */
  readonly companyId: CompanyId | null
}

/**
 * A driver, a car or a person that is there; undefined when it is not.
 * @param db the handle without a scope, as above
 */
export async function deletable(
  db: Kysely<Tables>,
  kind: Deletable['kind'],
  id: string,
): Promise<Deletable | undefined> {
  if (kind === 'driver') {
    const row = await db
      .selectFrom('drivers')
      .select(['name', 'call_sign', 'company_id'])
      .where('id', '=', id as never)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return row && { kind, id, name: row.name, more: `Driver ${row.call_sign}`, companyId: row.company_id }
  }
  if (kind === 'vehicle') {
    const row = await db
      .selectFrom('vehicles')
      .select(['plate', 'make_model', 'colour', 'company_id'])
      .where('id', '=', id as never)
      .where('deleted_at', 'is', null)
      .executeTakeFirst()
    return (
      row && { kind, id, name: row.plate, more: `${row.colour} ${row.make_model}`, companyId: row.company_id }
    )
  }
  const row = await db
    .selectFrom('identities')
    .select(['name', 'email', 'platform'])
    .where('id', '=', id as IdentityId)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return undefined
  const works = await db
    .selectFrom('memberships')
    .select('company_id')
    .distinct()
    .where('identity_id', '=', id as IdentityId)
    .execute()
  const only = works.length === 1 && !row.platform ? works[0]!.company_id : null
  return { kind, id, name: row.name, more: row.email, companyId: only }
}

export interface FleetOf {
  readonly companyId: CompanyId
  readonly drivers: readonly { readonly id: string; readonly name: string; readonly callSign: string }[]
  readonly vehicles: readonly { readonly id: string; readonly plate: string; readonly words: string }[]
}

const MOST_OF_A_FLEET = 500

/** The drivers and cars of companies, as their office lists them. */
export async function fleetsOf(db: Kysely<Tables>, companyIds: readonly CompanyId[]): Promise<FleetOf[]> {
  if (companyIds.length === 0) return []
  const drivers = await db
    .selectFrom('drivers')
    .select(['id', 'name', 'call_sign', 'company_id'])
    .where('company_id', 'in', companyIds)
    .where('deleted_at', 'is', null)
    .orderBy('call_sign')
    .limit(MOST_OF_A_FLEET)
    .execute()
  const vehicles = await db
    .selectFrom('vehicles')
    .select(['id', 'plate', 'make_model', 'colour', 'company_id'])
    .where('company_id', 'in', companyIds)
    .where('deleted_at', 'is', null)
    .orderBy('plate')
    .limit(MOST_OF_A_FLEET)
    .execute()
  return companyIds.map((companyId) => ({
    companyId,
    drivers: drivers
      .filter((row) => row.company_id === companyId)
      .map((row) => ({ id: row.id, name: row.name, callSign: row.call_sign })),
    vehicles: vehicles
      .filter((row) => row.company_id === companyId)
      .map((row) => ({ id: row.id, plate: row.plate, words: `${row.colour} ${row.make_model}` })),
  }))
}
