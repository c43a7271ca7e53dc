/** Letters to people: written beside the deed they speak of, in its transaction; sent after, by the post. */
import type { NoticeData, NoticeKind } from '../../views/notices/data.ts'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { wants } from './preferences.ts'

export type { NoticeData, NoticeKind } from '../../views/notices/data.ts'
export { NOTICE_KINDS } from '../../views/notices/words.ts'
export { NOTICE_SWITCHES, type NoticeSwitch } from './preferences.ts'

/** A letter of one kind with what its words need: `views/notices/data.ts` says what that is, kind by kind. */
export type Notice = {
  readonly [Kind in NoticeKind]: Envelope & { readonly kind: Kind; readonly data: NoticeData[Kind] }
}[NoticeKind]

interface Envelope {
  /** An e-mail address. */
  readonly to: string
  /** Null: to somebody who has no account yet. */
  readonly identityId: IdentityId | null
  readonly companyId?: CompanyId
  readonly language?: string
  /**
   * A second notice with the same key is not written for as long as the first is kept: at least a day. Name the
   * occasion in it (`locked_out:ID:UNTIL`), or the next occasion goes unsaid.
   */
  readonly dedupeKey?: string
}

/** Have a letter sent once this unit of work has been committed, unless its reader does without that kind. */
export async function notify(unit: Pick<Work, 'db' | 'atMs'>, random: Random, notice: Notice): Promise<void> {
  // Nobody has a mailbox there (RFC 6761): callers who gave a desk nothing but their number.
  if (notice.to.endsWith('.invalid')) return
  if (notice.identityId !== null && !(await wants(unit.db, notice.identityId, notice.kind))) return
  const at = new Date(unit.atMs)
  await unit.db
    .insertInto('notices')
    .values({
      id: random.uuid(),
      channel: 'mail',
      address: notice.to,
      kind: notice.kind,
      identity_id: notice.identityId,
      company_id: notice.companyId ?? null,
      language: notice.language ?? 'en',
      data: JSON.stringify(notice.data),
      dedupe_key: notice.dedupeKey ?? null,
      due_at: at,
      created_at: at,
    })
    // Only where it is needed: looking for a conflict asks for the right to read what is written, and a letter to
    // somebody else is not its writer's to read.
    .$if(notice.dedupeKey !== undefined, (query) =>
      query.onConflict((conflict) =>
        conflict.column('dedupe_key').where('dedupe_key', 'is not', null).doNothing(),
      ),
    )
    .execute()
}
