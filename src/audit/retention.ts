/** Entries past their time go by the one door the database has for it, and their going is an entry too. */
import { sql } from 'kysely'
import { type CommitDeps, commit } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { record } from './audit.ts'

const DAY_MS = 86_400_000
/** One transaction's worth: short enough to hold nobody up. */
const AT_ONCE = 5_000
/** A job that has fallen far behind goes on next time. */
const MOST_ROUNDS = 200

/**
 * Remove entries older than `keptDays`; safe in several processes at once. Answers how many there were. The database
 * itself keeps whatever is younger than 30 days.
 */
export async function forgetOldEntries(
  deps: CommitDeps & { readonly random: Random },
  keptDays: number,
): Promise<number> {
  let total = 0
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const gone = await commit(deps, async (unit) => {
      const before = new Date(unit.atMs - keptDays * DAY_MS)
      const { rows } = await sql<{ gone: string; oldest: Date | null; newest: Date | null }>`
        select gone, oldest, newest from forget_audit_entries(${before}, ${AT_ONCE})`.execute(unit.db)
      const { gone, oldest, newest } = rows[0]!
      const removed = Number(gone)
      if (removed > 0)
        await record(unit.db, deps.random, {
          action: 'audit.forgotten',
          atMs: unit.atMs,
          detail: { removed, keptDays, oldest, newest },
        })
      return removed
    })
    total += gone
    if (gone < AT_ONCE) break
  }
  return total
}
