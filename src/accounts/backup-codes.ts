/** Ten codes for the day the phone is lost: random enough to be kept as an HMAC, each of them good once. */
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { legible } from './passwords.ts'
import type { Sealer } from './sealing.ts'

export const BACKUP_CODES = 10
/** From here on the person is asked to make new ones. */
export const FEW_BACKUP_CODES = 3
/** How long fresh codes can be looked at, in the session that made them. */
export const SHEET_LASTS_MS = 10 * 60_000
/** Ten letters and digits of 32: 50 bits. */
const HALF = 5

/** New codes in the place of all old ones. They can be read for ten minutes in this session, and never again. */
export async function renewBackupCodes(
  unit: Pick<Work, 'db' | 'atMs'>,
  sealer: Sealer,
  random: Random,
  who: { readonly identityId: IdentityId; readonly sessionId: string },
): Promise<void> {
  const { db, atMs } = unit
  const { identityId, sessionId } = who
  const codes = Array.from({ length: BACKUP_CODES }, () => legible(random, 2 * HALF))
  // Two renewals at once take turns at the sheet's row, so the codes kept are those that are shown.
  const sheet = {
    session_id: sessionId,
    sealed: sealer.seal(JSON.stringify(codes), identityId),
    expires_at: new Date(atMs + SHEET_LASTS_MS),
  }
  await db
    .insertInto('backup_code_sheets')
    .values({ identity_id: identityId, ...sheet })
    .onConflict((conflict) => conflict.column('identity_id').doUpdateSet(sheet))
    .execute()
  for (const table of ['backup_codes', 'imported_backup_codes'] as const)
    await db.deleteFrom(table).where('identity_id', '=', identityId).execute()
  await db
    .insertInto('backup_codes')
    .values(
      codes.map((code) => ({
        identity_id: identityId,
        code_hash: sealer.marks(code)[0],
        created_at: new Date(atMs),
      })),
    )
    .execute()
}

/** The fresh codes of this session, as they are written; null when there are none, or they were put away. */
export async function backupCodeSheet(
  db: Kysely<Tables>,
  sealer: Sealer,
  who: { readonly identityId: IdentityId; readonly sessionId: string; readonly atMs: number },
): Promise<string[] | null> {
  const row = await db
    .selectFrom('backup_code_sheets')
    .select('sealed')
    .where('identity_id', '=', who.identityId)
    .where('session_id', '=', who.sessionId)
    .where('expires_at', '>', new Date(who.atMs))
    .executeTakeFirst()
  const text = row === undefined ? null : sealer.unseal(row.sealed, who.identityId)
  return text === null ? null : z.array(z.string()).parse(JSON.parse(text)).map(written)
}

/** The person has kept them: nobody can read them here any more. */
export async function putSheetAway(db: Kysely<Tables>, identityId: IdentityId): Promise<void> {
  await db.deleteFrom('backup_code_sheets').where('identity_id', '=', identityId).execute()
}

/** `abcde-fghij` */
function written(code: string): string {
  return `${code.slice(0, HALF)}-${code.slice(HALF)}`
}

/** Use a code up, typed in any case, with or without the hyphen: true once. */
export async function useBackupCode(
  db: Kysely<Tables>,
  sealer: Sealer,
  given: { readonly identityId: IdentityId; readonly code: string; readonly atMs: number },
): Promise<boolean> {
  const code = given.code.replace(/[\s-]/g, '').toLowerCase()
  const used = await db
    .updateTable('backup_codes')
    .set({ used_at: new Date(given.atMs) })
    .where('identity_id', '=', given.identityId)
    .where('code_hash', 'in', sealer.marks(code))
    .where('used_at', 'is', null)
    .returning('code_hash')
    .executeTakeFirst()
  return used !== undefined
}

/** How many of the codes are still good. */
export async function backupCodesLeft(db: Kysely<Tables>, identityId: IdentityId): Promise<number> {
  const { left } = await db
    .selectFrom('backup_codes')
    .select((eb) => eb.fn.countAll<number>().as('left'))
    .where('identity_id', '=', identityId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
