/** People, their roles, sessions, letters and deeds. */
import { sql } from 'kysely'
import {
  by,
  DELETED_PERSON,
  each,
  erased,
  exported,
  impersonal,
  kept,
  keptUnseen,
  NULL,
  type TablePlan,
} from '../plan.ts'

const SECRET = 'opens the account for who knows it'
const ROW_ID = 'the number of a row'

export const PEOPLE: Readonly<Record<string, TablePlan>> = {
  identities: {
    title: 'You',
    about: by('id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      id: kept('the pseudonym: rides and books refer to it'),
      name: exported(sql`${DELETED_PERSON}`),
      email: exported(sql`'deleted-' || id || '@deleted.invalid'`),
      email_verified: exported(sql`false`),
      email_verified_at: exported(NULL),
      image: exported(NULL),
      phone: exported(NULL),
      language: exported(sql`'en'`),
      theme: exported(NULL),
      avatar_id: exported(NULL),
      platform: exported(sql`false`),
      notify: exported(sql`'{}'::jsonb`),
      privacy: exported(sql`'{}'::jsonb`),
      banned_at: exported(NULL),
      ban_reason: exported(NULL),
      ban_until: exported(NULL),
      created_at: kept('how many came when, without who'),
      updated_at: keptUnseen('when the row was last written'),
      deleted_at: keptUnseen('that and when the account was deleted'),
      purged_at: keptUnseen('that and when nothing of the person was left'),
    },
  },
  saved_places: {
    title: 'Places you saved',
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('kind name label lat lng created_at', exported()),
      ...each('id identity_id', erased(ROW_ID)),
    },
  },
  memberships: {
    title: 'Your roles',
    about: by('identity_id'),
    purge: 'remove',
    key: ['company_id', 'identity_id', 'role'],
    columns: {
      ...each('company_id role created_at', exported()),
      identity_id: erased('the person themselves'),
    },
  },
  sessions: {
    title: 'Where you are signed in',
    about: ({ id }) => sql`identity_id = ${id}`,
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('kind ip_address user_agent remembered created_at updated_at expires_at', exported()),
      ...each('proved_at second_factor_at', exported()),
      impersonator_id: erased('somebody else: an administrator'),
      own_session_id: erased('the administrator’s session'),
      ...each('id identity_id rotate_at', erased('how the session is kept going')),
    },
  },
  session_tokens: {
    title: null,
    about: ({ id }) => sql`session_id in (select id from sessions where identity_id = ${id})`,
    purge: 'remove',
    key: ['hash'],
    columns: each('hash session_id purpose issued_at expires_at seen_at spent_at lingers', erased(SECRET)),
  },
  credentials: {
    title: 'How you sign in',
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('provider_id created_at updated_at', exported()),
      ...each('id identity_id account_id scope', erased(ROW_ID)),
      ...each(
        'password access_token refresh_token id_token access_token_expires_at refresh_token_expires_at',
        erased(SECRET),
      ),
    },
  },
  verifications: {
    title: null,
    about: ({ id, email }) => sql`identifier = ${email} or value = ${id}`,
    purge: 'remove',
    key: ['id'],
    columns: each('id identifier value expires_at created_at updated_at', erased(SECRET)),
  },
  notices: {
    title: 'Letters we sent you',
    about: ({ id, email }) => sql`(identity_id = ${id} or (identity_id is null and address = ${email}))`,
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('company_id channel address kind language state created_at sent_at', exported()),
      data: erased('holds links that open the account'),
      ...each('id identity_id dedupe_key tries due_at error', erased('how the letter was sent')),
    },
  },
  idempotency_keys: {
    title: null,
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id', 'route', 'key'],
    columns: each(
      'identity_id visitor route key body_hash status answer created_at',
      erased('answers that were given before, gone after a day'),
    ),
  },
  audit_entries: {
    title: 'What was done with your account',
    // Their deeds, deeds done to them or to their rides, and those in which they are spoken of by address.
    about: ({ id, email, phone }) => sql`(actor_id = ${id} or subject = ${id}::text
      or subject in (select rides.id::text from rides where rides.rider_id = ${id})
      or position(${email} in detail::text) > 0
      or position(coalesce(${phone}, 'nobody''s') in detail::text) > 0)`,
    purge: 'empty',
    key: ['id'],
    shown: ({ id }) => ({
      address: sql`case when actor_id = ${id} then address end`,
    }),
    columns: {
      ...each(
        'at action company_id',
        kept('that something was done; of the person only the pseudonym is left'),
      ),
      address: exported(NULL),
      actor_id: keptUnseen('the pseudonym, or an administrator'),
      subject: keptUnseen('the pseudonym, or the number of a row'),
      subject_kind: impersonal('what the subject is the number of'),
      detail: erased('may speak of others as well', sql`'{"removed": "this person was deleted"}'::jsonb`),
      ...each('id sequence request_id', impersonal(ROW_ID)),
    },
  },
  deletions: {
    title: null,
    about: ({ id }) => sql`kind = 'person' and subject_id = ${id}`,
    purge: 'empty',
    key: ['id'],
    columns: {
      reason: erased('the words of whoever deleted', NULL),
      kept: erased('names that a restoration puts back', sql`'{}'::jsonb`),
      ...each(
        'id kind subject_id company_id deleted_by deleted_at purge_at restored_at restored_by purged_at',
        keptUnseen('that, when and by whom something was deleted'),
      ),
    },
  },
  company_callers: {
    title: 'Companies that you rang',
    about: by('identity_id'),
    purge: 'remove',
    key: ['company_id', 'identity_id'],
    columns: { ...each('company_id added_at', exported()), identity_id: erased('the person themselves') },
  },
  company_bans: {
    title: 'Companies that do not drive you',
    about: by('identity_id'),
    purge: 'remove',
    key: ['company_id', 'identity_id'],
    columns: {
      ...each('company_id reason until banned_at', exported()),
      banned_by: erased('somebody else: an administrator'),
      identity_id: erased('the person themselves'),
    },
  },
}
