/** A company out of its file: made where it is not there yet, brought up to the file where it is. */
import { sql } from 'kysely'
import { type AuditEntry, record } from '../audit/audit.ts'
import type { ShadowPolicy } from '../engine/shadow.ts'
import type { CompanyId, RegionId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import { commitForOthers, type Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { callSignClashes, hashNewPasswords, settlePeople } from './crew.ts'
import { CompanyFileError, type Mistake } from './mistakes.ts'
import { besideOffice, leftToOffice, officeSetAfter } from './office-set.ts'
import { settlePolicyHours } from './policy-hours.ts'
import { settlePromos } from './promos.ts'
import { countEffects, differences, type NewPassword, type ReportEntry } from './report.ts'
import type { CompanyFile, RegionEntry } from './shapes.ts'
import { settleTariffs } from './tariffs.ts'
import { settleVehicles } from './vehicles.ts'
import { settleZones } from './zones.ts'

export interface FoundDeps {
  readonly db: Db
  readonly random: Random
  /** Agreeing with the database's, as a changed tariff is in force from this clock's now. */
  readonly clock: Clock
}

export interface Founded {
  readonly entries: readonly ReportEntry[]
  /** Of the people made now; known nowhere else. */
  readonly passwords: readonly NewPassword[]
}

/** One unit of founding: what every step needs. */
export interface Founding {
  readonly unit: Work
  readonly random: Random
  readonly companyId: CompanyId
  readonly entries: ReportEntry[]
  /** Whether the file has the last word on what the office set. */
  readonly overOffice: boolean
}

/** Leaves the transaction of a dry run. */
class Rehearsed extends Error {}

/**
 * Bring the database to what the file says, all of it or nothing. What the file leaves out stays as it is; a tariff
 * that differs becomes a new version from now on, and rides keep the one they were quoted by.
 * @param dryRun do it and take it back
 * @param overOffice the file has the last word on what the office set on its pages, which stays otherwise
 * @throws CompanyFileError for what is wrong with the file in this database
 */
export async function foundCompany(
  deps: FoundDeps,
  file: CompanyFile,
  { dryRun = false, overOffice = false }: { readonly dryRun?: boolean; readonly overOffice?: boolean } = {},
): Promise<Founded> {
  const { random } = deps
  const fresh = await hashNewPasswords(deps, file.people, dryRun)
  const entries: ReportEntry[] = []
  try {
    await commitForOthers(deps, async (unit) => {
      await foundWithin(unit, random, { file, hashes: fresh.hashes, entries, overOffice })
      if (dryRun) throw new Rehearsed()
    })
  } catch (error) {
    if (!(error instanceof Rehearsed)) throw error
  }
  return { entries, passwords: fresh.passwords }
}

/**
 * The same inside somebody's unit of work, with the hashes of `hashNewPasswords`; what was done is added to `entries`.
 * @throws CompanyFileError for what is wrong with the file in this database
 */
export async function foundWithin(
  unit: Work,
  random: Random,
  {
    file,
    hashes,
    entries,
    by,
    overOffice = false,
  }: {
    readonly file: CompanyFile
    readonly hashes: ReadonlyMap<string, string>
    readonly entries: ReportEntry[]
    /** Who does it on a page; left out for a command. */
    readonly by?: Pick<AuditEntry, 'actorId' | 'address' | 'requestId'>
    readonly overOffice?: boolean
  },
): Promise<CompanyId> {
  await takeTurn(unit)
  await refuseClashes(unit, file)
  const companyId = await settleCompany({ unit, random, entries, overOffice }, file)
  const founding: Founding = { unit, random, companyId, entries, overOffice }
  for (const region of file.regions) await settleRegion(founding, file.company, region)
  await tellRegionsLeft(founding, file.regions)
  await settlePromos(founding, file.company.currency, file.promos)
  const vehicleIds = await settleVehicles(founding, file.vehicles)
  await settlePeople(founding, file.people, { vehicleIds, hashes, timeZone: homeTimeZone(file) })
  await recordRun(founding, by)
  unit.tell({ type: 'company.changed', companyId })
  return companyId
}

/** Where the company's drivers go online: its first region by slug. */
function homeTimeZone({ company, regions }: CompanyFile): string {
  const [home] = regions.toSorted((a, b) => (a.slug < b.slug ? -1 : 1))
  return home?.timeZone ?? company.timeZone
}

/** Two runs at once would each make what the other does. */
async function takeTurn(unit: Work): Promise<void> {
  const { rows } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('honeycab company file')) as mine`.execute(unit.db)
  if (rows[0]?.mine !== true)
    throw new CompanyFileError([{ path: '', message: 'Another company file is being read in right now.' }])
}

/** What only the database knows to be wrong, all at once. */
async function refuseClashes({ db }: Work, { company, people }: CompanyFile): Promise<void> {
  const mistakes: Mistake[] = []
  const sameHost = await db
    .selectFrom('companies')
    .select('slug')
    .where('host', '=', company.host)
    .where('slug', '<>', company.slug)
    .executeTakeFirst()
  if (sameHost !== undefined)
    mistakes.push({ path: 'company.host', message: `is the host of ${sameHost.slug} already` })
  const known = await db
    .selectFrom('companies')
    .select(['id', 'currency'])
    .where('slug', '=', company.slug)
    .executeTakeFirst()
  if (known !== undefined) {
    // Books in one currency cannot go on in another.
    if (known.currency !== company.currency && (await hasRides(db, known.id)))
      mistakes.push({
        path: 'company.currency',
        message: `stays ${known.currency}: there are rides that are paid in it`,
      })
    mistakes.push(...(await callSignClashes(db, known.id, people)))
  }
  if (mistakes.length > 0) throw new CompanyFileError(mistakes)
}

async function hasRides(db: Work['db'], companyId: CompanyId): Promise<boolean> {
  const ride = await db
    .selectFrom('rides')
    .select('id')
    .where('company_id', '=', companyId)
    .limit(1)
    .executeTakeFirst()
  return ride !== undefined
}

async function settleCompany(
  { unit, random, entries, overOffice }: Omit<Founding, 'companyId'>,
  { company }: CompanyFile,
): Promise<CompanyId> {
  const { slug } = company
  const wanted = {
    name: company.name,
    host: company.host,
    currency: company.currency,
    time_zone: company.timeZone,
    locale: company.locale,
    phone: company.phone,
    ...(company.licences === undefined ? {} : { licence_check: company.licences }),
  }
  const row = await unit.db.selectFrom('companies').selectAll().where('slug', '=', slug).executeTakeFirst()
  if (row === undefined) {
    const id = random.uuid() as CompanyId
    await unit.db
      .insertInto('companies')
      .values({ id, slug, ...wanted, created_at: new Date(unit.atMs) })
      .execute()
    entries.push({ effect: 'created', kind: 'company', name: slug, details: [company.name] })
    return id
  }
  const { taken, stays } = besideOffice(row, wanted, overOffice)
  const details = differences(row, taken)
  if (details.length > 0)
    await unit.db
      .updateTable('companies')
      .set({ ...taken, office_set: officeSetAfter(row, wanted, overOffice) })
      .where('id', '=', row.id)
      .execute()
  entries.push({ effect: details.length > 0 ? 'changed' : 'kept', kind: 'company', name: slug, details })
  entries.push(...leftToOffice({ kind: 'company', name: slug }, { row, wanted, stays }))
  return row.id
}

async function settleRegion(
  founding: Founding,
  company: CompanyFile['company'],
  region: RegionEntry,
): Promise<void> {
  const { unit, random, companyId, entries, overOffice } = founding
  const { slug } = region
  const plain = {
    name: region.name,
    time_zone: region.timeZone ?? company.timeZone,
    center_lat: region.center.lat,
    center_lng: region.center.lng,
    zoom: region.zoom,
    circuity: region.circuity,
    speed_mps: region.speedMps,
    policy: region.policy,
    batch_window_ms: region.batchWindowMs,
    radius_m: region.radiusM,
    candidates: region.candidates,
    offer_ttl_s: region.offerTtlS,
    unfulfilled_after_s: region.unfulfilledAfterS,
    shared_seats: region.sharing?.seats ?? null,
    shared_detour_s: region.sharing?.detourS ?? null,
    shared_wait_s: region.sharing?.waitS ?? null,
    shared_discount_basis_points: region.sharing?.discountBasisPoints ?? null,
    idle_hints: region.idleHints,
    drive_limit_s: region.driveLimitS,
    rest_s: region.restS,
    emergency_number: region.emergencyNumber,
    book_ahead_days: region.bookAheadDays,
    lead_floor_s: region.leadFloorS,
    swap_gain_s: region.swapGainS,
  }
  const shadow = shadowOf(region.shadowPolicy)
  const written = {
    ...{ ...plain, area: JSON.stringify(region.area) },
    shadow_policy: shadow === null ? null : JSON.stringify(shadow),
    ...(region.surge !== undefined && {
      surge: region.surge === null ? null : JSON.stringify(region.surge),
    }),
  }
  const row = await unit.db
    .selectFrom('regions')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('slug', '=', slug)
    .executeTakeFirst()
  const regionId = row?.id ?? (random.uuid() as RegionId)
  if (row === undefined) {
    await unit.db
      .insertInto('regions')
      .values({ company_id: companyId, id: regionId, slug, ...written })
      .execute()
    entries.push({ effect: 'created', kind: 'region', name: slug, details: [] })
  } else {
    const wanted = {
      ...{ ...plain, area: region.area, shadow_policy: shadow },
      ...(region.surge !== undefined && { surge: region.surge }),
    }
    const { taken, stays } = besideOffice(row, wanted, overOffice)
    const details = differences(row, taken)
    const columns = Object.entries(written).filter(([column]) => !stays.includes(column))
    if (details.length > 0)
      await unit.db
        .updateTable('regions')
        .set({ ...Object.fromEntries(columns), office_set: officeSetAfter(row, wanted, overOffice) })
        .where('id', '=', regionId)
        .execute()
    entries.push({ effect: details.length > 0 ? 'changed' : 'kept', kind: 'region', name: slug, details })
    entries.push(...leftToOffice({ kind: 'region', name: slug }, { row, wanted, stays }))
  }
  await settlePolicyHours(founding, { regionId, slug, entries: region.policyHours })
  await settleZones(founding, { regionId, slug, zones: region.zones })
  await settleTariffs(founding, { regionId, slug, currency: company.currency, tariffs: region.tariffs })
}

function shadowOf(entry: RegionEntry['shadowPolicy']): ShadowPolicy | null {
  if (entry === null) return null
  const { policy, ...rest } = entry
  return { ...(policy !== undefined && { kind: policy }), ...rest }
}

async function tellRegionsLeft({ unit, companyId, entries }: Founding, regions: readonly RegionEntry[]) {
  const left = await unit.db
    .selectFrom('regions')
    .select('slug')
    .where('company_id', '=', companyId)
    .where(
      'slug',
      'not in',
      regions.map(({ slug }) => slug),
    )
    .orderBy('slug')
    .execute()
  for (const { slug } of left) entries.push({ effect: 'left', kind: 'region', name: slug, details: [] })
}

async function recordRun(
  { unit, random, companyId, entries }: Founding,
  by: Pick<AuditEntry, 'actorId' | 'address' | 'requestId'> = {},
): Promise<void> {
  const counts = countEffects(entries)
  if (counts.created + counts.changed === 0) return
  const isNew = entries.some(({ kind, effect }) => kind === 'company' && effect === 'created')
  const action = isNew ? 'company.founded' : 'company.changed'
  await record(unit.db, random, {
    action,
    atMs: unit.atMs,
    companyId,
    subject: companyId,
    detail: counts,
    ...by,
  })
}
