/** The queue of licences handed in, and the one decision on each. */
import type { Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import { rotateSoon } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { tellCapability } from '../drivers/capability.ts'
import { comeBack } from '../drivers/comeback.ts'
import { localDay } from '../engine/day.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type Result,
  refuse,
} from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { notify } from '../notices/notices.ts'
import type { From, LoadedLicence } from './licences.ts'

export interface Waiting {
  readonly id: string
  readonly companyId: CompanyId
  readonly company: string
  /** The account's. */
  readonly name: string
  readonly legalName: string
  readonly nameScore: number | null
  readonly expiresOn: string
  readonly submittedAtMs: number
  /** Null while they only asked to drive. */
  readonly callSign: string | null
  /** They have one that counts until then. */
  readonly approvedUntil: string | null
}

/** More than anybody looks at in a day. */
const QUEUE_LIMIT = 200

/** What waits for a decision, the longest first. `companies` null: all of them. */
export async function waitingLicences(
  db: Kysely<Tables>,
  companies: readonly CompanyId[] | null,
): Promise<Waiting[]> {
  if (companies?.length === 0) return []
  let query = db
    .selectFrom('licences')
    .innerJoin('identities', 'identities.id', 'licences.identity_id')
    .innerJoin('companies', 'companies.id', 'licences.company_id')
    .leftJoin('drivers', (join) =>
      join
        .onRef('drivers.company_id', '=', 'licences.company_id')
        .onRef('drivers.identity_id', '=', 'licences.identity_id'),
    )
    .leftJoin('licences as approved', (join) =>
      join
        .onRef('approved.company_id', '=', 'licences.company_id')
        .onRef('approved.identity_id', '=', 'licences.identity_id')
        .on('approved.state', '=', 'approved'),
    )
    .select([
      ...(['licences.id', 'licences.company_id', 'licences.legal_name', 'licences.name_score'] as const),
      ...(['licences.expires_on', 'licences.submitted_at', 'identities.name'] as const),
      ...([
        'companies.name as company',
        'drivers.call_sign',
        'approved.expires_on as approved_until',
      ] as const),
    ])
    .where('licences.state', '=', 'submitted')
    .where('identities.deleted_at', 'is', null)
    .orderBy('licences.submitted_at')
    .limit(QUEUE_LIMIT)
  if (companies !== null) query = query.where('licences.company_id', 'in', [...companies])
  const rows = await query.execute()
  return rows.map((row) => ({
    ...{ id: row.id, companyId: row.company_id, company: row.company, name: row.name },
    ...{ legalName: row.legal_name ?? '', nameScore: row.name_score, expiresOn: row.expires_on ?? '' },
    submittedAtMs: row.submitted_at?.getTime() ?? 0,
    ...{ callSign: row.call_sign, approvedUntil: row.approved_until },
  }))
}

export interface Decision {
  readonly companyId: CompanyId
  readonly licenceId: string
  readonly verdict: 'approved' | 'rejected'
  /** Why not; told to the driver. */
  readonly reason: string | null
  readonly deciderId: IdentityId
  /** Where the person drives or will. */
  readonly timeZone: string
  readonly from: From
}

export type DecisionRefusal = 'not_found' | 'decided_already' | 'withdrawn' | 'ran_out'

/**
 * Decide on a licence that was handed in: of several who decide at once the first one wins. Approved, it takes the
 * place of the one before; somebody who asked to drive becomes a driver with it.
 */
export async function decideLicence(
  unit: Work,
  random: Random,
  decision: Decision,
): Promise<Result<LoadedLicence, DecisionRefusal>> {
  const { companyId, licenceId, verdict } = decision
  const licence = await unit.db
    .selectFrom('licences')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', licenceId)
    .forUpdate()
    .executeTakeFirst()
  if (licence === undefined || licence.state === 'draft') return refuse('not_found')
  // Somebody who no longer works there has left the company's sight, and the queue with it.
  const person = await ownerOf(unit, licence.identity_id)
  if (person === undefined) return refuse('not_found')
  if (licence.state === 'withdrawn') return refuse('withdrawn')
  if (licence.state !== 'submitted') return refuse('decided_already')
  assert(licence.expires_on !== null, 'a licence handed in has its last day')
  if (verdict === 'approved' && licence.expires_on < localDay(unit.atMs, decision.timeZone))
    return refuse('ran_out')
  const at = new Date(unit.atMs)
  if (verdict === 'approved')
    await unit.db
      .updateTable('licences')
      .set({ state: 'replaced', ended_at: at })
      .where('company_id', '=', companyId)
      .where('identity_id', '=', licence.identity_id)
      .where('state', '=', 'approved')
      .execute()
  const decided = await unit.db
    .updateTable('licences')
    .set({
      ...{ state: verdict, decided_at: at, decided_by: decision.deciderId },
      reason: verdict === 'rejected' ? decision.reason : null,
    })
    .where('company_id', '=', companyId)
    .where('id', '=', licenceId)
    .where('state', '=', 'submitted')
    .returningAll()
    .executeTakeFirstOrThrow()
  await record(unit.db, random, {
    ...{ action: `licence.${verdict}`, atMs: unit.atMs, actorId: decision.deciderId, companyId },
    ...{ subject: licenceId, address: decision.from.address, requestId: decision.from.requestId },
    detail: {
      of: licence.identity_id,
      ...(verdict === 'rejected' ? { reason: decision.reason } : { expiresOn: licence.expires_on }),
    },
  })
  if (verdict === 'approved') {
    const driverId = await settleDriver(unit, random, decision, licence.identity_id)
    await tellCapability(unit, { companyId, driverId })
  }
  await tellOwner(unit, random, decided, person)
  return ok(decided)
}

type Owner = Pick<Selectable<Tables['identities']>, 'name' | 'email' | 'language'>

function ownerOf(unit: Work, identityId: IdentityId): Promise<Owner | undefined> {
  return unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language'])
    .where('id', '=', identityId)
    .executeTakeFirst()
}

async function tellOwner(unit: Work, random: Random, licence: LoadedLicence, person: Owner): Promise<void> {
  const envelope = {
    ...{ to: person.email, identityId: licence.identity_id, companyId: licence.company_id },
    language: person.language,
  }
  await notify(
    unit,
    random,
    licence.state === 'approved'
      ? {
          ...{ ...envelope, kind: 'licence_approved' },
          data: { name: person.name, expiresOn: licence.expires_on ?? '' },
        }
      : {
          ...{ ...envelope, kind: 'licence_rejected' },
          data: { name: person.name, reason: licence.reason ?? '' },
        },
  )
}

/** The driver of this person; made now, or put back on the fleet, where they had only asked to be one. */
async function settleDriver(
  unit: Work,
  random: Random,
  { companyId, deciderId, from }: Decision,
  identityId: IdentityId,
): Promise<DriverId> {
  const known = await unit.db
    .selectFrom('drivers')
    .select(['id', 'deleted_at'])
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  // Somebody taken off the fleet while their licence waited stays off it: they have not asked again.
  if (known !== undefined && (known.deleted_at === null || !(await asksToDrive(unit, companyId, identityId))))
    return known.id
  const back = await comeBack(unit, random, { companyId, identityId, byId: deciderId, from })
  const id = back ?? (await makeDriver(unit, random, companyId, identityId))
  const at = new Date(unit.atMs)
  await unit.db
    .insertInto('memberships')
    .values({ company_id: companyId, identity_id: identityId, role: 'driver', created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  await unit.db
    .updateTable('driver_applications')
    .set({ decided_at: at, decided_by: deciderId, approved: true })
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('decided_at', 'is', null)
    .execute()
  const trail = { atMs: unit.atMs, actorId: deciderId, companyId, ...from }
  await record(unit.db, random, { ...trail, action: 'driver.approved', subject: id })
  await record(unit.db, random, {
    ...{ ...trail, action: 'membership.granted', subject: identityId, detail: { role: 'driver' } },
  })
  await rotateSoon(unit, identityId)
  return id
}

async function asksToDrive(unit: Work, companyId: CompanyId, identityId: IdentityId): Promise<boolean> {
  const asked = await unit.db
    .selectFrom('driver_applications')
    .select('id')
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('decided_at', 'is', null)
    .executeTakeFirst()
  return asked !== undefined
}

async function makeDriver(
  unit: Work,
  random: Random,
  companyId: CompanyId,
  identityId: IdentityId,
): Promise<DriverId> {
  const person = await unit.db
    .selectFrom('identities')
    .select('name')
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  const id = random.uuid() as DriverId
  await unit.db
    .insertInto('drivers')
    .values({
      ...{ company_id: companyId, id, identity_id: identityId, name: person.name, paused_until: null },
      call_sign: await freeCallSign(unit, companyId),
    })
    .execute()
  return id
}

/** The next number after the highest; two who are made at once wait for each other. */
async function freeCallSign(unit: Work, companyId: CompanyId): Promise<string> {
  await unit.db
    .selectFrom('companies')
    .select('id')
    .where('id', '=', companyId)
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow()
  const { rows } = await sql<{ highest: number | null }>`
    select max(call_sign::bigint) as highest from drivers
    where company_id = ${companyId} and call_sign ~ '^[0-9]{1,9}$'`.execute(unit.db)
  return String((rows[0]?.highest ?? 100) + 1)
}
