/** Who runs the installation: given and taken by command alone, never on a page. */
import { endSessions, rotateSoon } from '../accounts/session-life.ts'
import { record } from '../audit/audit.ts'
import { ok, type Result, refuse } from '../engine/units.ts'
import { commitForOthers } from '../io/commit.ts'
import type { FoundDeps } from './found.ts'
import { CommandError, orSayWhatIsWrong, say, withDatabase } from './terminal.ts'

const USAGE = 'admin grant EMAIL, or admin revoke EMAIL'

/** @returns what there was to change: `done`, or `already` when it stood so before */
export function setPlatform(
  deps: FoundDeps,
  email: string,
  platform: boolean,
): Promise<Result<'done' | 'already', 'unknown'>> {
  return commitForOthers(deps, async (unit) => {
    const person = await unit.db
      .selectFrom('identities')
      .select(['id', 'platform'])
      .where('email', '=', email.trim().toLowerCase())
      .where('deleted_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst()
    if (person === undefined) return refuse('unknown')
    if (person.platform === platform) return ok('already')
    await unit.db.updateTable('identities').set({ platform }).where('id', '=', person.id).execute()
    if (platform) await rotateSoon(unit, person.id)
    // Eyes they borrowed as one of the platform's people are given back with it.
    else await endSessions(unit, person.id)
    await record(unit.db, deps.random, {
      ...{ action: platform ? 'platform.granted' : 'platform.revoked', atMs: unit.atMs, subject: person.id },
      detail: { by: 'command' },
    })
    return ok('done')
  })
}

/**
 * Make somebody run the installation, or take that back.
 * @returns the exit code: 0, or 2 when there is no such person
 */
export function adminCommand(args: readonly string[]): Promise<number> {
  return orSayWhatIsWrong(async () => {
    const [verb, email, ...more] = args
    if ((verb !== 'grant' && verb !== 'revoke') || email === undefined || more.length > 0)
      throw new CommandError(`Usage: ${USAGE}`)
    await withDatabase(async (deps) => {
      const set = await setPlatform(deps, email, verb === 'grant')
      if (!set.ok) throw new CommandError(`Nobody here has the e-mail address ${email}.`)
      const words =
        verb === 'grant'
          ? `${email} runs the installation: the back office is at ${deps.config.publicUrl}/admin.`
          : `${email} no longer runs the installation. All their sessions have ended.`
      say([set.value === 'already' ? 'That is so already; nothing was changed.' : words])
    })
  })
}
