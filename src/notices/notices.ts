/** Letters to people: written beside the deed they speak of, in its transaction; sent after, by the post. */
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'

/** Every kind of letter there is; each has its words in `views/notices/`. */
export const NOTICE_KINDS = [
  'verify_email',
  'reset_password',
  'account_exists',
  'invitation',
  'locked_out',
  'new_device',
  'password_changed',
  'second_factor_changed',
  'email_changed',
  'phone_changed',
  'roles_changed',
  'banned',
  'licence_approved',
  'licence_rejected',
  'licence_expiring',
  'licence_expired',
  'account_deleted',
  'data_export',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

export interface Notice {
  readonly kind: NoticeKind
  /** An e-mail address. */
  readonly to: string
  /** Null: to somebody who has no account yet. */
  readonly identityId: IdentityId | null
  readonly companyId?: CompanyId
  readonly language?: string
  /** What the words of this kind need. Links are paths of ours, such as `/verify/…`. */
  readonly data: Readonly<Record<string, string | number>>
  /** A second notice with the same key is not written. */
  readonly dedupeKey?: string
}

/** Have a letter sent once this unit of work has been committed. */
export async function notify(unit: Pick<Work, 'db' | 'atMs'>, random: Random, notice: Notice): Promise<void> {
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
    .onConflict((conflict) => conflict.column('dedupe_key').where('dedupe_key', 'is not', null).doNothing())
    .execute()
}
