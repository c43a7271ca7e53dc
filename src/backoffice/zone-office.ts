/** Zones as a company's admins keep them: drawn, changed, closed and opened again, each with its entry in the trail. */
import { area, bbox } from '@turf/turf'
import type { Selectable } from 'kysely'
import type { AuditAction } from '../audit/actions.ts'
import { changesBetween, record } from '../audit/audit.ts'
import { type CompanyId, ok, type RegionId, type Result, refuse, type ZoneId } from '../engine/units.ts'
import type { ZoneArea } from '../engine/zone.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { ZoneRow } from '../io/tables/zones.ts'
import { ringsOf } from './area.ts'
import type { Doer } from './roles.ts'
import { hasQueue, type ZoneEntry } from './zone-shape.ts'

export type KnownZone = Selectable<ZoneRow>

/** What an admin says of a zone; its short name comes from its name and stays. */
export type ZoneDraft = Omit<ZoneEntry, 'slug' | 'closed'>

/** Every zone of these regions, closed ones too, by name. */
export function listZones(db: Db, companyIds: readonly CompanyId[]): Promise<KnownZone[]> {
  return db
    .selectFrom('zones')
    .selectAll()
    .where('company_id', 'in', [...companyIds])
    .orderBy('name')
    .orderBy('slug')
    .execute()
}

export function findZone(db: Db, id: string): Promise<KnownZone | undefined> {
  return db
    .selectFrom('zones')
    .selectAll()
    .where('id', '=', id as ZoneId)
    .executeTakeFirst()
}

/** Tells two states of a zone apart, so that nobody writes over what a colleague changed meanwhile. */
export function digestOf(zone: KnownZone): string {
  return new Bun.CryptoHasher('sha256').update(JSON.stringify(zone)).digest('hex').slice(0, 16)
}

function columnsOf(draft: ZoneDraft) {
  return {
    name: draft.name,
    kind: draft.kind,
    area: draft.area as ZoneArea,
    has_queue: hasQueue(draft),
    hysteresis_m: draft.hysteresisM,
    places_most: draft.placesMost,
    on_decline: draft.onDecline,
    outside_rides: draft.outsideRides,
  }
}

export async function drawZone(
  unit: Work,
  random: Random,
  doer: Doer,
  { companyId, regionId, draft }: { companyId: CompanyId; regionId: RegionId; draft: ZoneDraft },
): Promise<ZoneId> {
  const id = random.uuid() as ZoneId
  const columns = columnsOf(draft)
  const taken = await unit.db
    .selectFrom('zones')
    .select('slug')
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .execute()
  const slug = freeSlug(
    draft.name,
    taken.map((row) => row.slug),
  )
  await unit.db
    .insertInto('zones')
    .values({
      ...{ company_id: companyId, region_id: regionId, id, slug, ...columns },
      area: JSON.stringify(columns.area),
    })
    .execute()
  await tell(unit, random, doer, { companyId, id, action: 'zone.drawn', detail: { after: told(columns) } })
  return id
}

/** @returns `changed_meanwhile` when the zone is not any more as `seen` says */
export async function changeZone(
  unit: Work,
  random: Random,
  doer: Doer,
  { id, seen, draft }: { id: ZoneId; seen: string; draft: ZoneDraft },
): Promise<Result<null, 'not_there' | 'changed_meanwhile'>> {
  const row = await lockZone(unit, id)
  if (row === undefined) return refuse('not_there')
  if (digestOf(row) !== seen) return refuse('changed_meanwhile')
  const columns = columnsOf(draft)
  const changes = changesBetween({ ...row }, columns)
  if (changes === null) return ok(null)
  await unit.db
    .updateTable('zones')
    .set({ ...columns, area: JSON.stringify(columns.area) })
    .where('id', '=', id)
    .execute()
  const detail = { before: told(changes.before), after: told(changes.after) }
  await tell(unit, random, doer, { companyId: row.company_id, id, action: 'zone.changed', detail })
  return ok(null)
}

/** Closed, no queue stands in it and no price names it any more; its row stays for what spoke of it. */
export async function closeZone(
  unit: Work,
  random: Random,
  doer: Doer,
  { id, closed }: { id: ZoneId; closed: boolean },
): Promise<Result<null, 'not_there'>> {
  const row = await lockZone(unit, id)
  if (row === undefined) return refuse('not_there')
  if ((row.deleted_at !== null) === closed) return ok(null)
  await unit.db
    .updateTable('zones')
    .set({ deleted_at: closed ? new Date(unit.atMs) : null })
    .where('id', '=', id)
    .execute()
  const detail = { name: row.name }
  const action = closed ? 'zone.closed' : 'zone.opened'
  await tell(unit, random, doer, { companyId: row.company_id, id, action, detail })
  return ok(null)
}

function lockZone(unit: Work, id: ZoneId): Promise<KnownZone | undefined> {
  return unit.db.selectFrom('zones').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

async function tell(
  unit: Work,
  random: Random,
  { viewer, web }: Doer,
  entry: {
    companyId: CompanyId
    id: ZoneId
    action: AuditAction
    detail: Readonly<Record<string, unknown>>
  },
): Promise<void> {
  const { companyId, id, action, detail } = entry
  await record(unit.db, random, {
    ...{ action, atMs: unit.atMs, actorId: viewer.identityId, companyId, subject: id, detail },
    ...{ address: web.address, requestId: web.requestId },
  })
  unit.tell({ type: 'company.changed', companyId })
}

/** As the trail keeps it: the area in a few words instead of hundreds of numbers. */
function told(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return 'area' in values ? { ...values, area: areaWords(values.area as ZoneArea) } : { ...values }
}

/** `6 corners, 0.42 km² around 40.75120, -73.98811`. */
export function areaWords(drawn: ZoneArea): string {
  const corners = ringsOf(drawn).reduce((n, { points }) => n + points.length - 1, 0)
  const polygon = drawn as GeoJSON.Polygon
  const [west, south, east, north] = bbox(polygon)
  const middle = [(south! + north!) / 2, (west! + east!) / 2].map((degrees) => degrees.toFixed(5)).join(', ')
  return `${corners} corners, ${sizeWords(area(polygon))} around ${middle}`
}

function sizeWords(sizeM2: number): string {
  return sizeM2 < 100_000 ? `${Math.round(sizeM2)} m²` : `${(sizeM2 / 1e6).toFixed(2)} km²`
}

/** A name as part of a file: letters, digits and hyphens; one that is taken gets a number. */
function freeSlug(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 34)
    .replace(/-+$/, '')
  const stem = plain === '' ? 'zone' : plain
  if (!taken.includes(stem)) return stem
  for (let n = 2; ; n++) if (!taken.includes(`${stem}-${n}`)) return `${stem}-${n}`
}
