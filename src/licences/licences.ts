/**
 * Entering a licence: pictures and words are gathered in a draft; handed in, they do not change any more, so that who
 * decides knows on what. A new one may be entered at any time; the approved one counts until the new one is approved.
 */
import type { Kysely, Selectable } from 'kysely'
import { record } from '../audit/audit.ts'
import { type Day, localDay } from '../engine/day.ts'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { LicencesTable } from '../io/tables/licences.ts'
import type { Tables } from '../io/tables.ts'
import { deleteUpload, settleUpload } from '../uploads/uploads.ts'
import { nameLikeness } from './names.ts'
import type { ReadFields } from './read-text.ts'

export type LoadedLicence = Selectable<LicencesTable>

/** Whose licence, and for whom they drive or want to. */
export interface Holder {
  readonly companyId: CompanyId
  readonly identityId: IdentityId
}

/** Who asked, for the audit trail. */
export interface From {
  readonly address: string
  readonly requestId: string
}

/** What is written on a licence. */
export interface LicenceWords {
  readonly legalName: string
  readonly number: string
  readonly country: string
  readonly issuingState: string | null
  readonly classes: string
  readonly issuedOn: Day
  readonly expiresOn: Day
}

const MOST_SHOWN = 50

/** All that a person ever entered for a company, the newest first. */
export function licencesOf(db: Kysely<Tables>, { companyId, identityId }: Holder): Promise<LoadedLicence[]> {
  return db
    .selectFrom('licences')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(MOST_SHOWN)
    .execute()
}

export function findLicence(db: Kysely<Tables>, id: string): Promise<LoadedLicence | undefined> {
  return db.selectFrom('licences').selectAll().where('id', '=', id).executeTakeFirst()
}

/** What the machine read off a picture, as it was kept. */
export function readOf(licence: Pick<LoadedLicence, 'read_text'>): ReadFields {
  return (licence.read_text ?? {}) as ReadFields
}

/**
 * Where a person may enter a licence: a company they drive for, or one they asked to drive for; the one whose pages
 * they are on before others. Undefined for everybody else.
 */
export async function enteringCompany(
  db: Kysely<Tables>,
  { identityId, near }: { identityId: IdentityId; near: CompanyId | null },
): Promise<CompanyId | undefined> {
  const drives = await db
    .selectFrom('drivers')
    .select('company_id')
    .where('identity_id', '=', identityId)
    .execute()
  const asked = await db
    .selectFrom('driver_applications')
    .select('company_id')
    .where('identity_id', '=', identityId)
    .where('decided_at', 'is', null)
    .execute()
  const companies = [...drives, ...asked].map(({ company_id }) => company_id)
  return companies.find((id) => id === near) ?? companies[0]
}

export interface Pictures {
  /** Kept and not yet settled. */
  readonly frontId?: string
  readonly backId?: string
  /** What was read off the front. */
  readonly read?: ReadFields
}

/** Put pictures into the draft, in place of those before; `swept` when one took too long to get here. */
export async function addPictures(
  unit: Work,
  random: Random,
  holder: Holder,
  pictures: Pictures,
): Promise<Result<null, 'swept'>> {
  for (const id of [pictures.frontId, pictures.backId])
    if (id !== undefined && !(await settleUpload(unit, id))) return refuse('swept')
  const draft = await draftOf(unit, random, holder)
  const { frontId = draft.front_id, backId = draft.back_id, read } = pictures
  await unit.db
    .updateTable('licences')
    .set({
      ...{ front_id: frontId, back_id: backId },
      ...(read === undefined ? {} : { read_text: JSON.stringify(read) }),
    })
    .where('company_id', '=', holder.companyId)
    .where('id', '=', draft.id)
    .execute()
  if (draft.front_id !== null && draft.front_id !== frontId) await deleteUpload(unit, draft.front_id)
  if (draft.back_id !== null && draft.back_id !== backId) await deleteUpload(unit, draft.back_id)
  return ok(null)
}

/** The draft, made where there is none, with its row locked. */
async function draftOf(
  unit: Work,
  random: Random,
  { companyId, identityId }: Holder,
): Promise<LoadedLicence> {
  await unit.db
    .insertInto('licences')
    .values({
      ...{ company_id: companyId, id: random.uuid(), identity_id: identityId },
      ...{ state: 'draft', source: 'driver', created_at: new Date(unit.atMs) },
    })
    .onConflict((conflict) =>
      conflict.columns(['company_id', 'identity_id']).where('state', '=', 'draft').doNothing(),
    )
    .execute()
  return unit.db
    .selectFrom('licences')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('state', '=', 'draft')
    .forUpdate()
    .executeTakeFirstOrThrow()
}

export type SubmitRefusal = 'pictures_missing' | 'ran_out'

/**
 * Hand the draft in. What was handed in before and not yet decided is withdrawn by it.
 * @param timeZone where the person drives or wants to
 */
export async function submitLicence(
  unit: Work,
  random: Random,
  { holder, words, timeZone, from }: { holder: Holder; words: LicenceWords; timeZone: string; from: From },
): Promise<Result<string, SubmitRefusal>> {
  const { companyId, identityId } = holder
  if (words.expiresOn < localDay(unit.atMs, timeZone)) return refuse('ran_out')
  const draft = await draftOf(unit, random, holder)
  if (draft.front_id === null || draft.back_id === null) return refuse('pictures_missing')
  const person = await unit.db
    .selectFrom('identities')
    .select('name')
    .where('id', '=', identityId)
    .executeTakeFirstOrThrow()
  const at = new Date(unit.atMs)
  const withdrawn = await unit.db
    .updateTable('licences')
    .set({ state: 'withdrawn', ended_at: at })
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('state', '=', 'submitted')
    .returning(['front_id', 'back_id'])
    .execute()
  // Nobody decided on these, so nobody will ask for them again.
  for (const { front_id, back_id } of withdrawn)
    for (const id of [front_id, back_id]) if (id !== null) await deleteUpload(unit, id)
  await unit.db
    .updateTable('licences')
    .set({
      ...{ state: 'submitted', submitted_at: at, legal_name: words.legalName, number: words.number },
      ...{ country: words.country, issuing_state: words.issuingState, classes: words.classes },
      ...{ issued_on: words.issuedOn, expires_on: words.expiresOn },
      name_score: nameLikeness(words.legalName, person.name).score,
    })
    .where('company_id', '=', companyId)
    .where('id', '=', draft.id)
    .execute()
  await record(unit.db, random, {
    ...{ action: 'licence.submitted', atMs: unit.atMs, actorId: identityId, companyId, subject: draft.id },
    ...{ detail: { expiresOn: words.expiresOn }, address: from.address, requestId: from.requestId },
  })
  return ok(draft.id)
}

/** Everything a person entered, anywhere: for when nothing of them is to be left. Pictures go with their uploads. */
export async function deleteLicencesOf(unit: Pick<Work, 'db'>, identityId: IdentityId): Promise<number> {
  const deleted = await unit.db
    .deleteFrom('licences')
    .where('identity_id', '=', identityId)
    .returning('id')
    .execute()
  return deleted.length
}
