/** After their time deleted people are gone for good: every table gives them up as its plan says. */
import { type RawBuilder, sql } from 'kysely'
import { record } from '../audit/audit.ts'
import { assert, type IdentityId } from '../engine/units.ts'
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { PLANS } from './columns.ts'
import { subjectOf } from './export.ts'
import type { Subject, TablePlan } from './plan.ts'

/** One person a transaction, so that a person with many rides holds up nobody else for long. */
const MOST_A_RUN = 50

export interface PurgeDeps extends CommitDeps {
  readonly random: Random
}

/** Purge whom it is time for; several processes may do it at once. Returns how many there were. */
export async function purgeDeleted(deps: PurgeDeps): Promise<number> {
  let purged = 0
  while (purged < MOST_A_RUN && (await purgeNext(deps))) purged++
  return purged
}

function purgeNext(deps: PurgeDeps): Promise<boolean> {
  return commit(deps, async (unit) => {
    const due = await unit.db
      .selectFrom('deletions')
      .select(['id', 'subject_id'])
      .where('kind', '=', 'person')
      .where('purge_at', '<=', new Date(unit.atMs))
      .where('restored_at', 'is', null)
      .where('purged_at', 'is', null)
      .orderBy('purge_at')
      .limit(1)
      .forUpdate()
      .skipLocked()
      .executeTakeFirst()
    if (due === undefined) return false
    await purgePerson(unit, due.subject_id as IdentityId)
    const at = new Date(unit.atMs)
    await unit.db.updateTable('deletions').set({ purged_at: at }).where('id', '=', due.id).execute()
    await record(unit.db, deps.random, {
      ...{ action: 'account.purged', atMs: unit.atMs, subject: due.subject_id },
    })
    return true
  })
}

async function purgePerson(unit: Work, identityId: IdentityId): Promise<void> {
  const person = await subjectOf(unit.db, identityId)
  assert(person !== undefined, 'a deleted person’s row stays')
  // The triggers of append-only tables let what the plans empty be emptied, in this transaction and no other.
  await sql`select set_config('honeycab.purge', 'person', true)`.execute(unit.db)
  for (const [table, plan] of Object.entries(PLANS)) await giveUp(unit, { table, plan, person })
  await sql`select set_config('honeycab.purge', '', true)`.execute(unit.db)
  await unit.db
    .updateTable('identities')
    .set({ purged_at: new Date(unit.atMs), updated_at: new Date(unit.atMs) })
    .where('id', '=', identityId)
    .execute()
}

async function giveUp(
  unit: Work,
  { table, plan, person }: { table: string; plan: TablePlan; person: Subject },
): Promise<void> {
  if (plan.about === null || plan.purge === 'leave') return
  const about = plan.about(person)
  if (plan.purge === 'remove') {
    await sql`delete from ${sql.table(table)} where ${about}`.execute(unit.db)
    return
  }
  const becoming = Object.entries(plan.columns).flatMap(([name, column]): RawBuilder<unknown>[] =>
    'becomes' in column && column.becomes !== undefined ? [sql`${sql.ref(name)} = ${column.becomes}`] : [],
  )
  await sql`update ${sql.table(table)} set ${sql.join(becoming)} where ${about}`.execute(unit.db)
}
