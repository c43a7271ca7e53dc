/** What somebody proves with that they are themselves. */
import { by, each, erased, exported, impersonal, type TablePlan } from '../plan.ts'

const SECRET = 'opens the account for who knows it'
const PASSING = 'gone within the hour'

export const FACTORS: Readonly<Record<string, TablePlan>> = {
  totp_secrets: {
    title: 'Your authenticator app',
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id'],
    columns: {
      ...each('created_at used_at', exported()),
      ...each('identity_id sealed last_step', erased(SECRET)),
    },
  },
  backup_codes: {
    title: 'Your backup codes',
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id', 'code_hash'],
    columns: {
      ...each('created_at used_at', exported()),
      ...each('identity_id code_hash', erased(SECRET)),
    },
  },
  backup_code_sheets: {
    title: null,
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id'],
    columns: each('identity_id session_id sealed expires_at', erased(SECRET)),
  },
  passkeys: {
    title: 'Your passkeys',
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('name synced created_at used_at', exported()),
      ...each('id identity_id credential_id public_key counter transports', erased(SECRET)),
    },
  },
  passkey_challenges: {
    title: null,
    about: by('identity_id'),
    purge: 'remove',
    key: ['challenge'],
    columns: each('challenge purpose identity_id expires_at', erased(PASSING)),
  },
  pending_sign_ins: {
    title: null,
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: each('id identity_id kind token remembered next tries expires_at created_at', erased(PASSING)),
  },
  known_browsers: {
    title: 'Browsers you signed in with',
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id', 'token'],
    columns: {
      ...each('first_seen_at last_seen_at', exported()),
      ...each('identity_id token', erased(SECRET)),
    },
  },
  sign_in_tries: {
    title: null,
    about: null,
    purge: 'leave',
    key: [],
    columns: each(
      'key failures failed_at locked_until',
      impersonal('counted under a hash made with a secret of ours, and gone after a day'),
    ),
  },
}
