/**
 * The life of a tariff: drafted by somebody in the office, published from an instant on, withdrawn if that has not come.
 * A class of a region has one draft at most, and as many published versions as it had prices; those never change.
 */
import { type Kysely, type Selectable, sql } from 'kysely'
import { type AuditEntry, changesBetween, record } from '../audit/audit.ts'
import { zonesOf } from '../engine/tariff.ts'
import { type CompanyId, ok, type RegionId, type Result, refuse, type VehicleClass } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { TariffRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import type { TariffDraft } from './tariff-shape.ts'
import { columnsOf, figuresOf, type TariffFigures } from './tariffs.ts'

/** Who does it, for the trail. */
export type Publisher = Pick<AuditEntry, 'actorId' | 'address' | 'requestId'>

/** A version, published or withdrawn, as the office lists it. */
export interface TariffVersion {
  readonly id: string
  readonly class: VehicleClass
  readonly version: number
  readonly state: 'published' | 'withdrawn'
  readonly effectiveFromMs: number
  /** Null for those of a company file and from before it was kept. */
  readonly publishedAtMs: number | null
  readonly publishedBy: string | null
  readonly withdrawnAtMs: number | null
  readonly withdrawnBy: string | null
  readonly figures: TariffFigures
}

/** The draft of a class, with the revision that whoever changes it has to name. */
export interface StoredDraft {
  readonly id: string
  readonly class: VehicleClass
  readonly regionId: RegionId
  readonly revision: number
  readonly figures: TariffFigures
}

export interface TariffPlace {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  readonly class: VehicleClass
}

const MOST_VERSIONS = 500

/** The versions of a region, class by class, the one that comes into force last first. */
export async function tariffVersions(
  db: Kysely<Tables>,
  companyId: CompanyId,
  regionId: RegionId,
): Promise<TariffVersion[]> {
  const rows = await db
    .selectFrom('tariffs')
    .leftJoin('identities as publisher', 'publisher.id', 'tariffs.published_by')
    .leftJoin('identities as withdrawer', 'withdrawer.id', 'tariffs.withdrawn_by')
    .selectAll('tariffs')
    .select(['publisher.name as publisher_name', 'withdrawer.name as withdrawer_name'])
    .where('tariffs.company_id', '=', companyId)
    .where('tariffs.region_id', '=', regionId)
    .where('tariffs.state', '<>', 'draft')
    .orderBy('tariffs.class')
    .orderBy('tariffs.effective_from', 'desc')
    .orderBy('tariffs.version', 'desc')
    .limit(MOST_VERSIONS)
    .execute()
  return rows.map((row) => ({
    id: row.id,
    class: row.class,
    version: row.version!,
    state: row.state as TariffVersion['state'],
    effectiveFromMs: row.effective_from!.getTime(),
    publishedAtMs: row.published_at?.getTime() ?? null,
    publishedBy: row.publisher_name,
    withdrawnAtMs: row.withdrawn_at?.getTime() ?? null,
    withdrawnBy: row.withdrawer_name,
    figures: figuresOf(row),
  }))
}

/** The draft of a class of a region; undefined where nobody has begun one. */
export async function tariffDraft(
  db: Kysely<Tables>,
  { companyId, regionId, class: vehicleClass }: TariffPlace,
): Promise<StoredDraft | undefined> {
  const row = await db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('class', '=', vehicleClass)
    .where('state', '=', 'draft')
    .executeTakeFirst()
  return row === undefined ? undefined : draftOf(row)
}

function draftOf(row: Selectable<TariffRow>): StoredDraft {
  return {
    id: row.id,
    class: row.class,
    regionId: row.region_id,
    revision: row.revision,
    figures: figuresOf(row),
  }
}

export type DraftRefusal = 'changed_meanwhile' | 'unknown_zone'

/**
 * Keep a draft: a new one, or the one that is there as it was when `revision` was read.
 * @param revision null where whoever saves knows of no draft
 * @returns the draft as it is now; `unknown_zone` for a rule about a zone that the region does not have (any more)
 */
export async function saveDraft(
  unit: Work,
  random: Random,
  saved: TariffPlace & {
    readonly draft: TariffDraft
    readonly currency: string
    readonly revision: number | null
    readonly by: Publisher
  },
): Promise<Result<StoredDraft, DraftRefusal>> {
  const { companyId, regionId, draft, by } = saved
  if (!(await hasZones(unit, saved, zonesOf(draft.rules)))) return refuse('unknown_zone')
  const columns = {
    ...columnsOf(draft),
    currency: saved.currency,
    rules: JSON.stringify(draft.rules),
  }
  await takeTurn(unit, saved)
  const known = await tariffDraft(unit.db, saved)
  if ((known?.revision ?? null) !== saved.revision) return refuse('changed_meanwhile')
  const row =
    known === undefined
      ? await unit.db
          .insertInto('tariffs')
          .values({
            ...{ company_id: companyId, id: random.uuid(), region_id: regionId, class: saved.class },
            ...{ state: 'draft', version: null, effective_from: null },
            ...{ created_at: new Date(unit.atMs), created_by: by.actorId ?? null },
            ...columns,
          })
          .returningAll()
          .executeTakeFirstOrThrow()
      : await unit.db
          .updateTable('tariffs')
          .set({ ...columns, revision: known.revision + 1 })
          .where('company_id', '=', companyId)
          .where('id', '=', known.id)
          .returningAll()
          .executeTakeFirstOrThrow()
  await audit(unit, random, 'tariff.drafted', { ...saved, subject: row.id }, {})
  return ok(draftOf(row))
}

/**
 * Throw a draft away.
 * @returns whether there was one
 */
export async function discardDraft(
  unit: Work,
  random: Random,
  place: TariffPlace & { readonly by: Publisher },
): Promise<boolean> {
  await takeTurn(unit, place)
  const gone = await unit.db
    .deleteFrom('tariffs')
    .where('company_id', '=', place.companyId)
    .where('region_id', '=', place.regionId)
    .where('class', '=', place.class)
    .where('state', '=', 'draft')
    .returning('id')
    .executeTakeFirst()
  if (gone === undefined) return false
  await audit(unit, random, 'tariff.discarded', { ...place, subject: gone.id }, {})
  return true
}

export type PublishRefusal = 'not_found' | 'changed_meanwhile' | 'in_the_past' | 'unknown_zone' | 'taken'

/**
 * Publish the draft of a class: it becomes the next version and stays as it is from then on.
 * @param published.fromMs from when on it counts, epoch ms; null: at once
 * @returns `in_the_past` for an instant that has gone, `taken` where another version begins at that very instant
 */
export async function publishDraft(
  unit: Work,
  random: Random,
  published: TariffPlace & {
    readonly revision: number
    readonly fromMs: number | null
    readonly by: Publisher
  },
): Promise<Result<{ readonly id: string; readonly version: number }, PublishRefusal>> {
  await takeTurn(unit, published)
  const draft = await tariffDraft(unit.db, published)
  if (draft === undefined) return refuse('not_found')
  if (draft.revision !== published.revision) return refuse('changed_meanwhile')
  if (!(await hasZones(unit, published, zonesOf(draft.figures.rules)))) return refuse('unknown_zone')
  if (published.fromMs !== null && published.fromMs < unit.atMs) return refuse('in_the_past')
  const from = new Date(published.fromMs ?? unit.atMs)
  const others = await unit.db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', published.companyId)
    .where('region_id', '=', published.regionId)
    .where('class', '=', published.class)
    .where('state', '<>', 'draft')
    .execute()
  const meets = others.some(
    ({ state, effective_from }) =>
      state === 'published' && effective_from?.getTime() === from.getTime() && published.fromMs !== null,
  )
  if (meets) return refuse('taken')
  const version = 1 + Math.max(0, ...others.map((row) => row.version ?? 0))
  await unit.db
    .updateTable('tariffs')
    .set({
      ...{ state: 'published', version, effective_from: from },
      ...{ published_at: new Date(unit.atMs), published_by: published.by.actorId ?? null },
    })
    .where('company_id', '=', published.companyId)
    .where('id', '=', draft.id)
    .execute()
  const before = others
    .filter(({ state, effective_from }) => state === 'published' && effective_from! <= from)
    .toSorted(
      (a, b) => b.effective_from!.getTime() - a.effective_from!.getTime() || b.version! - a.version!,
    )[0]
  await audit(
    unit,
    random,
    'tariff.published',
    { ...published, subject: draft.id },
    {
      version,
      effectiveFrom: from.toISOString(),
      ...(changesBetween(before === undefined ? {} : { ...figuresOf(before) }, { ...draft.figures }) ?? {}),
    },
  )
  return ok({ id: draft.id, version })
}

/**
 * Take a version back that has not come into force.
 * @returns `in_force` for one that has: publish another instead
 */
export async function withdrawTariff(
  unit: Work,
  random: Random,
  withdrawn: { readonly companyId: CompanyId; readonly tariffId: string; readonly by: Publisher },
): Promise<Result<{ readonly version: number }, 'not_found' | 'in_force'>> {
  const row = await unit.db
    .selectFrom('tariffs')
    .selectAll()
    .where('company_id', '=', withdrawn.companyId)
    .where('id', '=', sql<string>`${withdrawn.tariffId}::uuid`)
    .where('state', '=', 'published')
    .forUpdate()
    .executeTakeFirst()
  if (row === undefined) return refuse('not_found')
  if (row.effective_from!.getTime() <= unit.atMs) return refuse('in_force')
  await unit.db
    .updateTable('tariffs')
    .set({
      ...{ state: 'withdrawn', withdrawn_at: new Date(unit.atMs) },
      withdrawn_by: withdrawn.by.actorId ?? null,
    })
    .where('company_id', '=', withdrawn.companyId)
    .where('id', '=', row.id)
    .execute()
  const place = { companyId: withdrawn.companyId, regionId: row.region_id, class: row.class }
  await audit(
    unit,
    random,
    'tariff.withdrawn',
    { ...place, by: withdrawn.by, subject: row.id },
    { version: row.version!, effectiveFrom: row.effective_from!.toISOString() },
  )
  return ok({ version: row.version! })
}

/** One change of a class's tariffs at a time: the next number, and whether there is a draft, are asked and used at once. */
async function takeTurn(unit: Work, { regionId, class: vehicleClass }: TariffPlace): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`tariff ${regionId} ${vehicleClass}`}, 0))`.execute(
    unit.db,
  )
}

async function hasZones(
  unit: Work,
  { companyId, regionId }: Pick<TariffPlace, 'companyId' | 'regionId'>,
  zoneIds: readonly string[],
): Promise<boolean> {
  if (zoneIds.length === 0) return true
  const rows = await unit.db
    .selectFrom('zones')
    .select('id')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('id', 'in', zoneIds as never)
    .where('deleted_at', 'is', null)
    .execute()
  return rows.length === zoneIds.length
}

function audit(
  unit: Work,
  random: Random,
  action: 'tariff.drafted' | 'tariff.discarded' | 'tariff.published' | 'tariff.withdrawn',
  about: TariffPlace & { readonly by: Publisher; readonly subject: string },
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  return record(unit.db, random, {
    ...{ action, atMs: unit.atMs, companyId: about.companyId, subject: about.subject, ...about.by },
    detail: { class: about.class, region: about.regionId, ...detail },
  })
}
