/** A person's picture, one at a time. */
import { record } from '../audit/audit.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { deleteUpload, settleUpload } from './uploads.ts'

/** Put a kept picture, or none, in the place of the one before; false when the picture was swept meanwhile. */
export async function setAvatar(
  unit: Work,
  random: Random,
  change: {
    readonly identityId: IdentityId
    readonly uploadId: string | null
    readonly address: string
    readonly requestId: string
  },
): Promise<boolean> {
  const { identityId, uploadId } = change
  if (uploadId !== null && !(await settleUpload(unit, uploadId))) return false
  // Keeps two changes at once from leaving a picture that is on nobody's profile. Not FOR UPDATE: each request's
  // one-time key holds a key share of this row, so two that both wanted it whole would wait for each other.
  const before = await unit.db
    .selectFrom('identities')
    .select('avatar_id')
    .where('id', '=', identityId)
    .forNoKeyUpdate()
    .executeTakeFirst()
  await unit.db
    .updateTable('identities')
    .set({ avatar_id: uploadId, updated_at: new Date(unit.atMs) })
    .where('id', '=', identityId)
    .execute()
  const previous = before?.avatar_id ?? null
  if (previous !== null) await deleteUpload(unit, previous)
  if (previous === null && uploadId === null) return true
  await record(unit.db, random, {
    action: uploadId === null ? 'avatar.removed' : 'avatar.changed',
    atMs: unit.atMs,
    actorId: identityId,
    subject: identityId,
    detail: { before: previous, after: uploadId },
    address: change.address,
    requestId: change.requestId,
  })
  return true
}
