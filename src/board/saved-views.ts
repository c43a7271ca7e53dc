/**
 * Saved views of the board: a name for what its table shows, of one person or shared with the desk, and the one that a
 * person's board begins with. A shared view is the desk's: whoever works there may rename or delete it, by the version
 * they saw; whether it is shared is its owner's to say.
 */
import { type Kysely, sql } from 'kysely'
import { type CompanyId, type IdentityId, ok, type RegionId, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'

/** More than one person finds their way in; the same again for what a desk shares. */
export const MOST_VIEWS = 40

interface Desk {
  readonly companyId: CompanyId
  readonly regionId: RegionId
  /** Who asks. */
  readonly byId: IdentityId
}

export interface SavedView {
  readonly id: string
  readonly name: string
  /** The search part of the board's address. */
  readonly search: string
  readonly isShared: boolean
  readonly isOwn: boolean
  /** The viewer's board begins with it. */
  readonly isFirst: boolean
  readonly version: number
  /** Whose it is, by name. */
  readonly owner: string
}

export type ViewRefusal = 'not_found' | 'name_taken' | 'too_many_views' | 'not_yours'
/** Somebody else changed it since it was looked at. */
export interface StaleView {
  readonly reason: 'stale_view'
  readonly by: string
  readonly agoS: number
}

/** What a person may look at: their own views and those of the desk, by name. */
export async function savedViews(
  db: Kysely<Tables>,
  { companyId, byId }: Pick<Desk, 'companyId' | 'byId'>,
): Promise<SavedView[]> {
  const rows = await db
    .selectFrom('saved_views as v')
    .leftJoin('identities as owner', 'owner.id', 'v.owner_id')
    .leftJoin('first_views as f', (join) =>
      join.onRef('f.view_id', '=', 'v.id').on('f.identity_id', '=', byId).on('f.company_id', '=', companyId),
    )
    .select(['v.id', 'v.name', 'v.search', 'v.is_shared', 'v.owner_id', 'v.version'])
    .select(['owner.name as owner', 'f.view_id as first'])
    .where('v.company_id', '=', companyId)
    .where((eb) => eb.or([eb('v.owner_id', '=', byId), eb('v.is_shared', '=', true)]))
    .orderBy(sql`lower(v.name)`)
    .orderBy('v.id')
    .limit(2 * MOST_VIEWS)
    .execute()
  return rows.map((row) => ({
    ...{ id: row.id, name: row.name, search: row.search, isShared: row.is_shared, version: row.version },
    ...{ isOwn: row.owner_id === byId, isFirst: row.first !== null, owner: row.owner ?? 'Somebody' },
  }))
}

/** The search that a person's board begins with; null where they chose none, or it is theirs to see no more. */
export async function firstSearch(
  db: Kysely<Tables>,
  { companyId, byId }: Pick<Desk, 'companyId' | 'byId'>,
): Promise<string | null> {
  const row = await db
    .selectFrom('first_views as f')
    .innerJoin('saved_views as v', (join) =>
      join.onRef('v.id', '=', 'f.view_id').onRef('v.company_id', '=', 'f.company_id'),
    )
    .select('v.search')
    .where('f.company_id', '=', companyId)
    .where('f.identity_id', '=', byId)
    .where((eb) => eb.or([eb('v.owner_id', '=', byId), eb('v.is_shared', '=', true)]))
    .executeTakeFirst()
  return row?.search ?? null
}

/** @returns its id */
export async function saveView(
  unit: Work,
  random: Random,
  wanted: Desk & {
    readonly name: string
    readonly search: string
    readonly isShared: boolean
    readonly isFirst: boolean
  },
): Promise<Result<string, ViewRefusal>> {
  await inTurn(unit, wanted.companyId)
  const hindrance = await nameRefusal(unit, wanted, { ...wanted, id: null, ownerId: wanted.byId })
  if (hindrance !== null) return refuse(hindrance)
  const id = random.uuid()
  const { companyId, byId, name, search, isShared } = wanted
  await unit.db
    .insertInto('saved_views')
    .values({
      ...{ company_id: companyId, id, owner_id: byId, name, search, is_shared: isShared },
      ...{ changed_at: new Date(unit.atMs), changed_by: byId },
    })
    .execute()
  if (wanted.isFirst) await beginWith(unit, wanted, id)
  tellDesks(unit, wanted)
  return ok(id)
}

export interface ViewChange {
  readonly id: string
  /** As which it was looked at. */
  readonly version: number
  readonly name?: string
  readonly search?: string
  readonly isShared?: boolean
  /** Whether the board of who asks begins with it; that is nobody else's business and no change of the view. */
  readonly isFirst?: boolean
}

/** @returns what was changed, by name, with how it was before */
export async function changeView(
  unit: Work,
  desk: Desk,
  change: ViewChange,
): Promise<Result<{ readonly before: object; readonly after: object } | null, ViewRefusal> | StaleView> {
  await inTurn(unit, desk.companyId)
  const view = await viewInTurn(unit, desk, change.id)
  if (view === undefined) return refuse('not_found')
  if (view.version !== change.version) return stale(unit, view)
  const next = {
    name: change.name ?? view.name,
    search: change.search ?? view.search,
    is_shared: change.isShared ?? view.is_shared,
  }
  if (next.is_shared !== view.is_shared && view.owner_id !== desk.byId) return refuse('not_yours')
  const changed = (['name', 'search', 'is_shared'] as const).filter((field) => next[field] !== view[field])
  if (change.isFirst !== undefined) {
    if (change.isFirst) await beginWith(unit, desk, view.id)
    else await beginWith(unit, desk, null, view.id)
  }
  if (changed.length === 0) {
    // Other windows of the same person are told all the same.
    if (change.isFirst !== undefined) tellDesks(unit, desk)
    return ok(null)
  }
  const asked = { name: next.name, isShared: next.is_shared, id: view.id, ownerId: view.owner_id }
  const hindrance =
    changed.includes('name') || changed.includes('is_shared') ? await nameRefusal(unit, desk, asked) : null
  if (hindrance !== null) return refuse(hindrance)
  await unit.db
    .updateTable('saved_views')
    .set({ ...next, version: view.version + 1, changed_at: new Date(unit.atMs), changed_by: desk.byId })
    .where('company_id', '=', desk.companyId)
    .where('id', '=', view.id)
    .execute()
  tellDesks(unit, desk)
  const of = (row: typeof next) => Object.fromEntries(changed.map((field) => [field, row[field]]))
  return ok({ before: of(view), after: of(next) })
}

export type Gone = Pick<SavedView, 'name' | 'search' | 'isShared'>

/** @returns what it was, so that it can be put back */
export async function deleteView(
  unit: Work,
  desk: Desk,
  { id, version }: Pick<ViewChange, 'id' | 'version'>,
): Promise<Result<Gone, ViewRefusal> | StaleView> {
  await inTurn(unit, desk.companyId)
  const view = await viewInTurn(unit, desk, id)
  if (view === undefined) return refuse('not_found')
  if (view.version !== version) return stale(unit, view)
  await unit.db
    .deleteFrom('saved_views')
    .where('company_id', '=', desk.companyId)
    .where('id', '=', id)
    .execute()
  tellDesks(unit, desk)
  return ok({ name: view.name, search: view.search, isShared: view.is_shared })
}

/** Names are looked at before they are taken: a company's changes come one after the other. */
async function inTurn(unit: Work, companyId: CompanyId): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`saved views ${companyId}`}, 0))`.execute(unit.db)
}

function viewInTurn(unit: Work, { companyId, byId }: Desk, id: string) {
  return unit.db
    .selectFrom('saved_views')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', id)
    .where((eb) => eb.or([eb('owner_id', '=', byId), eb('is_shared', '=', true)]))
    .executeTakeFirst()
}

type Row = NonNullable<Awaited<ReturnType<typeof viewInTurn>>>

async function stale(unit: Work, view: Row): Promise<StaleView> {
  const who =
    view.changed_by === null
      ? undefined
      : await unit.db
          .selectFrom('identities')
          .select('name')
          .where('id', '=', view.changed_by)
          .executeTakeFirst()
  const agoS = Math.max(0, Math.round((unit.atMs - view.changed_at.getTime()) / 1_000))
  return { reason: 'stale_view', by: who?.name ?? 'Somebody', agoS }
}

/** Whether the name, or one more of them, would be too much where it stands. */
async function nameRefusal(
  unit: Work,
  { companyId }: Desk,
  view: {
    readonly id: string | null
    readonly ownerId: IdentityId
    readonly name: string
    readonly isShared: boolean
  },
): Promise<'name_taken' | 'too_many_views' | null> {
  const beside = await unit.db
    .selectFrom('saved_views')
    .select(['id', sql<boolean>`lower(name) = lower(${view.name})`.as('has_name')])
    .where('company_id', '=', companyId)
    .where('is_shared', '=', view.isShared)
    .$if(!view.isShared, (views) => views.where('owner_id', '=', view.ownerId))
    .execute()
  const others = beside.filter(({ id }) => id !== view.id)
  if (others.some((other) => other.has_name)) return 'name_taken'
  return others.length >= MOST_VIEWS ? 'too_many_views' : null
}

/** @param unless with no view to begin with, the one that is not to be it any more */
async function beginWith(unit: Work, desk: Desk, viewId: string | null, unless?: string): Promise<void> {
  await unit.db
    .deleteFrom('first_views')
    .where('company_id', '=', desk.companyId)
    .where('identity_id', '=', desk.byId)
    .$if(unless !== undefined, (views) => views.where('view_id', '=', unless!))
    .execute()
  if (viewId !== null)
    await unit.db
      .insertInto('first_views')
      .values({ company_id: desk.companyId, identity_id: desk.byId, view_id: viewId })
      .execute()
}

/** Boards read their table again, and with it the views above it. */
function tellDesks(unit: Work, { companyId, regionId }: Desk): void {
  unit.tell({ type: 'desk.messaged', companyId, regionId, driverIds: [] })
}
