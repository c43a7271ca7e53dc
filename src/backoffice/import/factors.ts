/** The second factors that come along with an account. */
import type { Sealer } from '../../accounts/sealing.ts'
import type { IdentityId } from '../../engine/units.ts'
import type { Work } from '../../io/commit.ts'

/** Keep codes the person has on paper: as ours where they are known, as the hash that came where not. */
export async function keepBackupCodes(
  unit: Pick<Work, 'db' | 'atMs'>,
  sealer: Sealer,
  given: {
    readonly identityId: IdentityId
    readonly codes: readonly { readonly text: string; readonly isHash: boolean }[]
  },
): Promise<void> {
  const own = { identity_id: given.identityId, created_at: new Date(unit.atMs) }
  const known = given.codes.filter(({ isHash }) => !isHash)
  const hashed = given.codes.filter(({ isHash }) => isHash)
  if (known.length > 0)
    await unit.db
      .insertInto('backup_codes')
      // As somebody will type them: without hyphens and spaces, in small letters.
      .values(
        known.map(({ text }) => ({
          ...own,
          code_hash: sealer.marks(text.replace(/[\s-]/g, '').toLowerCase())[0],
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  if (hashed.length > 0)
    await unit.db
      .insertInto('imported_backup_codes')
      .values(hashed.map(({ text }) => ({ ...own, code_hash: text })))
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}
