/** People leave: access ends at once, the rest is hidden, and after a while nothing of them is left. */
import { makeLink, retireLinks } from '../accounts/links.ts'
import { endSessions } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { endShift, hasOpenRun, lockDriver } from '../drivers/drivers.ts'
import { type DriverId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { DELETED_DRIVER, DELETED_PERSON } from './plan.ts'

const DAY_MS = 86_400_000
/** Until then a deletion can be taken back; afterwards nothing is left to bring back. */
export const PURGE_AFTER_DAYS = 30

/** Who does it, and from where, for the audit trail; null: the person with a link of a letter. */
export interface Doer {
  readonly id: IdentityId | null
  readonly address: string
  readonly requestId: string
}

export type PersonRefusal = 'gone' | 'ride_open' | 'drives_now' | 'only_admin'

export const PERSON_REFUSALS: Readonly<Record<Exclude<PersonRefusal, 'gone'>, string>> = {
  ride_open: 'A ride is still open. Finish or cancel it first, then delete the account.',
  drives_now: 'Somebody is being driven, or waits for this driver. Finish or hand back the ride first.',
  only_admin:
    'This is the only administrator of a company. Make somebody else an administrator first, so that the company is not left alone.',
}

/**
 * Delete an account. Sessions and sockets end with the commit, the name is gone from rides and lists, and the person
 * gets a letter with the way back. `gone` when it was deleted before.
 */
export async function deletePerson(
  unit: Work,
  random: Random,
  { identityId, by, reason }: { identityId: IdentityId; by: Doer; reason: string | null },
): Promise<Result<{ deletionId: string }, PersonRefusal>> {
  // Whoever asks for a ride holds this row; so either the ride is seen here, or its asker sees the deletion. Not the
  // strongest lock: every one-time key of this person holds the row's key, the one of this very request too.
  const person = await unit.db
    .selectFrom('identities')
    .select(['name', 'email', 'language', 'deleted_at'])
    .where('id', '=', identityId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (person === undefined || person.deleted_at !== null) return refuse('gone')
  if (await ridesNow(unit, identityId)) return refuse('ride_open')
  if (await isOnlyAdmin(unit, identityId)) return refuse('only_admin')
  const drivers = await stopDriving(unit, identityId)
  if (drivers === null) return refuse('drives_now')

  const at = new Date(unit.atMs)
  await unit.db
    .updateTable('identities')
    .set({ deleted_at: at, updated_at: at })
    .where('id', '=', identityId)
    .execute()
  await unit.db
    .updateTable('rides')
    .set({ rider_name: DELETED_PERSON })
    .where('rider_id', '=', identityId)
    .execute()
  await endSessions(unit, identityId)
  await unit.db.deleteFrom('pending_sign_ins').where('identity_id', '=', identityId).execute()
  const deletionId = random.uuid()
  await unit.db
    .insertInto('deletions')
    .values({
      ...{ id: deletionId, kind: 'person', subject_id: identityId, company_id: null, deleted_by: by.id },
      ...{ reason, kept: JSON.stringify({ drivers }), deleted_at: at },
      purge_at: new Date(unit.atMs + PURGE_AFTER_DAYS * DAY_MS),
    })
    .execute()
  await retireLinks(unit, 'undo_deletion', { identityId })
  const token = await makeLink(unit, random, { kind: 'undo_deletion', email: person.email, identityId })
  await notify(unit, random, {
    ...{ kind: 'account_deleted', to: person.email, identityId, language: person.language },
    data: { name: person.name, days: PURGE_AFTER_DAYS, link: `/account-back/${token}` },
  })
  await record(unit.db, random, {
    ...{ action: 'account.deleted', atMs: unit.atMs, subject: identityId },
    ...(by.id === null ? {} : { actorId: by.id }),
    ...{ detail: { reason }, address: by.address, requestId: by.requestId },
  })
  return ok({ deletionId })
}

/** Whether a ride of theirs, asked for by them, has not come to its end. */
async function ridesNow(unit: Work, identityId: IdentityId): Promise<boolean> {
  const open = await unit.db
    .selectFrom('rides')
    .select('id')
    .where('rider_id', '=', identityId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst()
  return open !== undefined
}

/** Whether a company would be left without anybody to run it. Two admins who leave at once wait for each other here. */
async function isOnlyAdmin(unit: Work, identityId: IdentityId): Promise<boolean> {
  const companies = await unit.db
    .selectFrom('companies')
    .select('id')
    .where('deleted_at', 'is', null)
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('memberships')
        .select('company_id')
        .where('identity_id', '=', identityId)
        .where('role', '=', 'admin'),
    )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute()
  for (const { id } of companies) {
    const other = await unit.db
      .selectFrom('memberships')
      .innerJoin('identities', 'identities.id', 'memberships.identity_id')
      .select('identities.id')
      .where('memberships.company_id', '=', id)
      .where('memberships.role', '=', 'admin')
      .where('identities.id', '!=', identityId)
      .where('identities.deleted_at', 'is', null)
      .limit(1)
      .executeTakeFirst()
    if (other === undefined) return true
  }
  return false
}

/** End their shifts and take them off their fleets; the drivers they were by name, or null while one has a ride. */
async function stopDriving(unit: Work, identityId: IdentityId): Promise<Record<string, string> | null> {
  const mine = await unit.db
    .selectFrom('drivers')
    .select(['id', 'company_id'])
    .where('identity_id', '=', identityId)
    .orderBy('id')
    .execute()
  const names: Record<string, string> = {}
  for (const { id, company_id: companyId } of mine) {
    const driver = await lockDriver(unit, id)
    if (driver === undefined || driver.deleted_at !== null) continue
    if (await hasOpenRun(unit.db, id)) return null
    const ended = await endShift(unit, { companyId, driverId: id, reason: 'account deleted' })
    if (!ended.ok) return null
    names[id] = driver.name
    await unit.db
      .updateTable('drivers')
      .set({ deleted_at: new Date(unit.atMs), name: DELETED_DRIVER })
      .where('id', '=', id)
      .execute()
  }
  return names
}

/**
 * Bring an account back, name and drivers and all; sessions stay ended. Roles were never taken away.
 * `gone` when it was not deleted, or nothing is left of it.
 */
export async function restorePerson(
  unit: Work,
  random: Random,
  { identityId, by }: { identityId: IdentityId; by: Doer },
): Promise<Result<null, 'gone'>> {
  const at = new Date(unit.atMs)
  const deletion = await unit.db
    .updateTable('deletions')
    .set({ restored_at: at, restored_by: by.id })
    .where('kind', '=', 'person')
    .where('subject_id', '=', identityId)
    .where('restored_at', 'is', null)
    .where('purged_at', 'is', null)
    .returning('kept')
    .executeTakeFirst()
  if (deletion === undefined) return refuse('gone')
  const person = await unit.db
    .updateTable('identities')
    .set({ deleted_at: null, updated_at: at })
    .where('id', '=', identityId)
    .returning(['name', 'email', 'language'])
    .executeTakeFirstOrThrow()
  await unit.db
    .updateTable('rides')
    .set({ rider_name: person.name })
    .where('rider_id', '=', identityId)
    .execute()
  for (const [id, name] of Object.entries(deletion.kept.drivers ?? {}))
    await unit.db
      .updateTable('drivers')
      .set({ deleted_at: null, name })
      .where('id', '=', id as DriverId)
      .where('identity_id', '=', identityId)
      .execute()
  await retireLinks(unit, 'undo_deletion', { identityId })
  await notify(unit, random, {
    ...{ kind: 'account_restored', to: person.email, identityId, language: person.language },
    data: { name: person.name, by: by.id === null ? 'person' : 'admin', atMs: unit.atMs },
  })
  await record(unit.db, random, {
    ...{ action: 'account.restored', atMs: unit.atMs, subject: identityId, actorId: by.id ?? identityId },
    ...{ address: by.address, requestId: by.requestId },
  })
  return ok(null)
}
