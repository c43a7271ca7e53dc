/** What a person has beside the password, and the code that proves it. */
import type { Kysely } from 'kysely'
import type { IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { useBackupCode } from './backup-codes.ts'
import { useOldBackupCode } from './old-backup-codes.ts'
import type { Sealer } from './sealing.ts'
import { TOTP_CODE, useTotp } from './totp.ts'

export interface Factors {
  readonly password: boolean
  readonly totp: boolean
  readonly passkeys: number
  readonly backupCodes: number
}

/** How a second step may be taken. */
export type SecondMethod = 'totp' | 'passkey' | 'backup_code'

export interface FactorSealers {
  readonly totp: Sealer
  readonly backupCodes: Sealer
}

export async function factorsOf(db: Kysely<Tables>, identityId: IdentityId): Promise<Factors> {
  const row = await db
    .selectNoFrom(({ exists, selectFrom, fn }) => [
      exists(
        selectFrom('credentials')
          .select('credentials.id')
          .where('credentials.identity_id', '=', identityId)
          .where('credentials.password', 'is not', null),
      ).as('password'),
      exists(
        selectFrom('totp_secrets')
          .select('totp_secrets.identity_id')
          .where('totp_secrets.identity_id', '=', identityId),
      ).as('totp'),
      selectFrom('passkeys')
        .select(fn.countAll<number>().as('count'))
        .where('passkeys.identity_id', '=', identityId)
        .as('passkeys'),
      selectFrom('backup_codes')
        .select(fn.countAll<number>().as('count'))
        .where('backup_codes.identity_id', '=', identityId)
        .where('backup_codes.used_at', 'is', null)
        .as('backupCodes'),
      selectFrom('imported_backup_codes')
        .select(fn.countAll<number>().as('count'))
        .where('imported_backup_codes.identity_id', '=', identityId)
        .where('imported_backup_codes.used_at', 'is', null)
        .as('oldBackupCodes'),
    ])
    .executeTakeFirstOrThrow()
  return {
    password: Boolean(row.password),
    totp: Boolean(row.totp),
    passkeys: row.passkeys ?? 0,
    backupCodes: (row.backupCodes ?? 0) + (row.oldBackupCodes ?? 0),
  }
}

/** Whether a password alone does not sign this person in. */
export function hasSecondFactor({ totp, passkeys }: Factors): boolean {
  return totp || passkeys > 0
}

/** The ways a second step may be taken, the quickest first. */
export function secondMethods(factors: Factors): SecondMethod[] {
  const methods: SecondMethod[] = []
  if (factors.totp) methods.push('totp')
  if (factors.passkeys > 0) methods.push('passkey')
  if (factors.backupCodes > 0) methods.push('backup_code')
  return methods
}

/** Use up the app's code or a backup code, whichever it looks like; null when it is neither. */
export async function useCode(
  db: Kysely<Tables>,
  sealers: FactorSealers,
  given: { readonly identityId: IdentityId; readonly code: string; readonly atMs: number },
): Promise<'totp' | 'backup_code' | null> {
  const code = given.code.replace(/\s/g, '')
  if (TOTP_CODE.test(code)) return (await useTotp(db, sealers.totp, { ...given, code })) ? 'totp' : null
  const isUsed = (await useBackupCode(db, sealers.backupCodes, given)) || (await useOldBackupCode(db, given))
  return isUsed ? 'backup_code' : null
}
