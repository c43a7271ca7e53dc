/** What time does to licences: letters 7, 3 and 1 days ahead, the end on the day, and old pictures going. */
import { sql } from 'kysely'
import { record } from '../audit/audit.ts'
import { addDays, daysBetween, localDay } from '../engine/day.ts'
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import { deleteUpload } from '../uploads/uploads.ts'
import { findLicence, type LoadedLicence } from './licences.ts'

/** Days ahead; the nearest one that is not behind us is sent, so a reminder missed is made up for once. */
const REMINDERS = [1, 3, 7] as const
/** Wherever on earth: a day may have ended there already, or be the eighth from today here. */
const LOOK_AHEAD_DAYS = 9
const AT_ONCE = 500
/** Pictures of licences that count no more are kept for questions, then not. */
const PICTURES_KEPT_MS = 180 * 86_400_000

type ChoreDeps = CommitDeps & { readonly random: Random }

/** Remind and end whatever is due; several processes may do it at once, each letter goes out once. */
export async function watchLicences(deps: ChoreDeps): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const { rows } = await sql<{
    id: string
    expires_on: string
    reminded_days: number | null
    time_zone: string
  }>`
    select licences.id, licences.expires_on, licences.reminded_days, coalesce(
      (select regions.time_zone from regions where regions.company_id = licences.company_id order by slug limit 1),
      companies.time_zone) as time_zone
    from licences join companies on companies.id = licences.company_id
    where licences.state = 'approved'
      and licences.expires_on <= ${addDays(localDay(nowMs, 'UTC'), LOOK_AHEAD_DAYS)}
    order by licences.expires_on limit ${AT_ONCE}`.execute(deps.db)
  for (const { id, expires_on, reminded_days, time_zone } of rows) {
    const daysLeft = daysBetween(localDay(nowMs, time_zone), expires_on)
    if (daysLeft < 0) await commit(deps, (unit) => expire(unit, deps.random, id))
    const due = REMINDERS.find((days) => daysLeft <= days)
    if (daysLeft >= 0 && due !== undefined && (reminded_days === null || due < reminded_days))
      await commit(deps, (unit) => remind(unit, deps.random, { id, due, daysLeft }))
  }
}

async function remind(
  unit: Work,
  random: Random,
  { id, due, daysLeft }: { id: string; due: number; daysLeft: number },
): Promise<void> {
  const licence = await unit.db
    .updateTable('licences')
    .set({ reminded_days: due })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .where((eb) => eb.or([eb('reminded_days', 'is', null), eb('reminded_days', '>', due)]))
    .returningAll()
    .executeTakeFirst()
  // Another process has sent it, or the licence counts no more.
  if (licence === undefined) return
  const person = await ownerOf(unit, licence)
  if (person === null) return
  await notify(unit, random, {
    ...{ kind: 'licence_expiring', ...person.envelope },
    data: { name: person.name, days: daysLeft, expiresOn: licence.expires_on ?? '' },
    dedupeKey: `licence_expiring:${id}:${due}`,
  })
}

async function expire(unit: Work, random: Random, id: string): Promise<void> {
  const licence = await unit.db
    .updateTable('licences')
    .set({ state: 'expired', ended_at: new Date(unit.atMs) })
    .where('id', '=', id)
    .where('state', '=', 'approved')
    .returningAll()
    .executeTakeFirst()
  if (licence === undefined) return
  await record(unit.db, random, {
    ...{ action: 'licence.expired', atMs: unit.atMs, companyId: licence.company_id, subject: id },
    detail: { of: licence.identity_id, expiresOn: licence.expires_on },
  })
  const person = await ownerOf(unit, licence)
  if (person === null) return
  await notify(unit, random, {
    ...{ kind: 'licence_expired', ...person.envelope },
    data: { name: person.name, expiresOn: licence.expires_on ?? '' },
    dedupeKey: `licence_expired:${id}`,
  })
}

/** Null for somebody who is gone, or who drives no more. */
async function ownerOf(unit: Work, { company_id, identity_id }: LoadedLicence) {
  const person = await unit.db
    .selectFrom('identities')
    .innerJoin('memberships', 'memberships.identity_id', 'identities.id')
    .select(['identities.name', 'identities.email', 'identities.language'])
    .where('identities.id', '=', identity_id)
    .where('identities.deleted_at', 'is', null)
    .where('memberships.company_id', '=', company_id)
    .where('memberships.role', '=', 'driver')
    .executeTakeFirst()
  if (person === undefined) return null
  const { name, email, language } = person
  return { name, envelope: { to: email, identityId: identity_id, companyId: company_id, language } }
}

/** Take away the pictures of licences that have not counted for half a year; says of how many. */
export async function forgetOldPictures(deps: ChoreDeps): Promise<number> {
  const before = new Date(deps.clock.nowMs() - PICTURES_KEPT_MS)
  const old = await deps.db
    .selectFrom('licences')
    .select('id')
    .where('state', 'in', ['rejected', 'withdrawn', 'replaced', 'expired'])
    .where(sql<boolean>`coalesce(ended_at, decided_at) < ${before}`)
    .where((eb) => eb.or([eb('front_id', 'is not', null), eb('back_id', 'is not', null)]))
    .limit(AT_ONCE)
    .execute()
  for (const { id } of old)
    await commit(deps, async (unit) => {
      const licence = await findLicence(unit.db, id)
      await unit.db
        .updateTable('licences')
        .set({ front_id: null, back_id: null })
        .where('id', '=', id)
        .execute()
      for (const uploadId of [licence?.front_id, licence?.back_id])
        if (uploadId != null) await deleteUpload(unit, uploadId)
    })
  return old.length
}
