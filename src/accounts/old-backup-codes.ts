/** Backup codes an older system gave out and kept as hashes: each good once here, too. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { codeFits, isQuickHash } from './old-hashes.ts'

/** What systems give out; each may cost a slow hash to look at. */
export const MOST_OLD_CODES = 16

/**
 * Use such a code up: true once. Costs up to `MOST_OLD_CODES` slow hashes, so it comes after everything else has been
 * tried, and only where wrong tries are counted.
 */
export async function useOldBackupCode(
  db: Kysely<Tables>,
  given: { readonly identityId: IdentityId; readonly code: string; readonly atMs: number },
): Promise<boolean> {
  const rows = await db
    .selectFrom('imported_backup_codes')
    .select('code_hash')
    .where('identity_id', '=', given.identityId)
    .where('used_at', 'is', null)
    .limit(MOST_OLD_CODES)
    .execute()
  const hash = await matching(
    given.code,
    rows.map(({ code_hash }) => code_hash),
  )
  if (hash === null) return false
  const used = await db
    .updateTable('imported_backup_codes')
    .set({ used_at: new Date(given.atMs) })
    .where('identity_id', '=', given.identityId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .returning('code_hash')
    .executeTakeFirst()
  return used !== undefined
}

/**
 * The older system may have hashed the code with its hyphen or without, in small letters or large. Where looking is
 * cheap every spelling is tried, else the one that was typed.
 */
async function matching(code: string, hashes: readonly string[]): Promise<string | null> {
  const typed = code.trim()
  const plain = typed.replace(/[\s-]/g, '')
  if (plain === '') return null
  const spellings = new Set([
    typed,
    plain,
    ...[typed, plain].flatMap((text) => [text.toLowerCase(), text.toUpperCase()]),
  ])
  for (const hash of hashes)
    for (const spelling of isQuickHash(hash) ? spellings : [typed])
      if (await codeFits(spelling, hash)) return hash
  return null
}

/** How many of them are still good. */
export async function oldBackupCodesLeft(db: Kysely<Tables>, identityId: IdentityId): Promise<number> {
  const { left } = await db
    .selectFrom('imported_backup_codes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('identity_id', '=', identityId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
