/** What a person does with their own second factors: adding, taking away, new backup codes. All told by letter. */
import type { RegistrationResponseJSON } from '@simplewebauthn/server'
import { type AuditEntry, record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { NoticeData } from '../notices/notices.ts'
import { notify } from '../notices/notices.ts'
import type { Viewer } from '../web/viewer.ts'
import { renewBackupCodes } from './backup-codes.ts'
import { type Passkeys, removePasskey } from './passkeys.ts'
import { forgetPendingOf } from './pending.ts'
import { type FactorSealers, factorsOf, hasSecondFactor } from './second-factor.ts'
import { type Issued, type Origin, rotateSoon, type SessionLife } from './session-life.ts'
import { confirmTotp } from './totp.ts'

export interface OwnFactorsOptions {
  readonly random: Random
  readonly life: Pick<SessionLife, 'rotateSession'>
  readonly passkeys: Passkeys
  readonly sealers: FactorSealers
}

type From = Pick<Origin, 'address' | 'requestId'>
type What = NoticeData['second_factor_changed']['what']

export interface Added {
  /** The session's new tokens: it has given this factor just now. */
  readonly issued: Issued
  /** Whether backup codes were made, because there were none yet. */
  readonly codesMade: boolean
}

export function makeOwnFactors({ random, life, passkeys, sealers }: OwnFactorsOptions) {
  /** The authenticator app of the set-up form, if `code` is its. */
  async function addApp(
    unit: Work,
    viewer: Viewer,
    form: { sealed: string; code: string },
    from: From,
  ): Promise<Added | 'wrong' | 'there_already'> {
    const { identityId } = viewer
    const kept = await confirmTotp(unit, sealers.totp, { ...form, identityId })
    if (kept !== 'kept') return kept
    await tell(unit, viewer, from, { action: 'second_factor.enabled', subject: identityId }, 'app_added')
    return added(unit, viewer, from)
  }

  /** A passkey that was just made. */
  async function addPasskey(
    unit: Work,
    viewer: Viewer,
    made: { name: string; response: RegistrationResponseJSON },
    from: From,
  ): Promise<Added | 'wrong' | 'there_already' | 'too_many'> {
    const { identityId } = viewer
    const kept = await passkeys.register(unit, { ...made, identityId })
    if (typeof kept === 'string') return kept
    const entry = { action: 'passkey.added', subject: kept.id, detail: { name: made.name } } as const
    await tell(unit, viewer, from, entry, 'passkey_added')
    return added(unit, viewer, from)
  }

  /** Both are there from the first factor on: the session that added it has given it, and backup codes are made. */
  async function added(unit: Work, viewer: Viewer, from: From): Promise<Added> {
    const { identityId, sessionId } = viewer
    const codesMade = (await factorsOf(unit.db, identityId)).backupCodes === 0
    if (codesMade) {
      await renewBackupCodes(unit, sealers.backupCodes, random, { identityId, sessionId })
      await write(unit, viewer, from, { action: 'backup_codes.made', subject: identityId })
    }
    await forgetPendingOf(unit.db, identityId)
    return {
      issued: await life.rotateSession(unit, viewer, { proved: true, secondFactor: true }, from),
      codesMade,
    }
  }

  /** False when there is none. */
  async function removeApp(unit: Work, viewer: Viewer, from: From): Promise<boolean> {
    const { identityId } = viewer
    const gone = await unit.db
      .deleteFrom('totp_secrets')
      .where('identity_id', '=', identityId)
      .returning('identity_id')
      .executeTakeFirst()
    if (gone === undefined) return false
    await tell(unit, viewer, from, { action: 'second_factor.disabled', subject: identityId }, 'app_removed')
    await removed(unit, identityId)
    return true
  }

  /** False when it is not there. */
  async function removePasskeyOf(unit: Work, viewer: Viewer, id: string, from: From): Promise<boolean> {
    const { identityId } = viewer
    const name = await removePasskey(unit.db, { identityId, id })
    if (name === null) return false
    await tell(
      unit,
      viewer,
      from,
      { action: 'passkey.removed', subject: id, detail: { name } },
      'passkey_removed',
    )
    await removed(unit, identityId)
    return true
  }

  /** Without any second factor left, backup codes are for nothing, and no session has given one. */
  async function removed(unit: Work, identityId: IdentityId): Promise<void> {
    await forgetPendingOf(unit.db, identityId)
    if (hasSecondFactor(await factorsOf(unit.db, identityId))) return
    for (const table of ['backup_codes', 'imported_backup_codes'] as const)
      await unit.db.deleteFrom(table).where('identity_id', '=', identityId).execute()
    await unit.db.deleteFrom('backup_code_sheets').where('identity_id', '=', identityId).execute()
    await unit.db
      .updateTable('sessions')
      .set({ second_factor_at: null })
      .where('identity_id', '=', identityId)
      .execute()
    await rotateSoon(unit, identityId)
  }

  /** New ones in the place of the old; the person has to have a second factor that they stand in for. */
  async function renewCodes(unit: Work, viewer: Viewer, from: From): Promise<boolean> {
    const { identityId, sessionId } = viewer
    if (!hasSecondFactor(await factorsOf(unit.db, identityId))) return false
    await renewBackupCodes(unit, sealers.backupCodes, random, { identityId, sessionId })
    await tell(unit, viewer, from, { action: 'backup_codes.made', subject: identityId }, 'codes_made')
    return true
  }

  type Entry = Pick<AuditEntry, 'action' | 'subject' | 'detail'>

  async function write(unit: Work, { identityId }: Viewer, from: From, entry: Entry): Promise<void> {
    const { address, requestId } = from
    await record(unit.db, random, { ...entry, atMs: unit.atMs, actorId: identityId, address, requestId })
  }

  async function tell(unit: Work, viewer: Viewer, from: From, entry: Entry, what: What): Promise<void> {
    await write(unit, viewer, from, entry)
    await notify(unit, random, {
      kind: 'second_factor_changed',
      to: viewer.email,
      identityId: viewer.identityId,
      language: viewer.language,
      data: { name: viewer.name, atMs: unit.atMs, what },
    })
  }

  return { addApp, addPasskey, removeApp, removePasskey: removePasskeyOf, renewCodes }
}
