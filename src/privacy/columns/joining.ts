/** How people come in. */
import { sql } from 'kysely'
import { by, each, erased, exported, nobodys, type TablePlan } from '../plan.ts'

export const JOINING: Readonly<Record<string, TablePlan>> = {
  one_time_links: {
    title: null,
    about: ({ id, email }) => sql`(identity_id = ${id} or email = ${email})`,
    purge: 'remove',
    key: ['id'],
    columns: each(
      'id kind token_hash email identity_id company_id invitation_id name password_hash wants_to_drive created_at expires_at used_at',
      erased('opens the account for who holds the letter, and is gone a week after it ran out'),
    ),
  },
  invitations: {
    title: 'Invitations to companies',
    about: ({ id, email }) => sql`(accepted_by = ${id} or email = ${email})`,
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('company_id email role created_at expires_at accepted_at withdrawn_at', exported()),
      invited_by: erased('somebody else: who invited'),
      ...each('id accepted_by', erased('the number of a row')),
    },
  },
  driver_applications: {
    title: 'Where you asked to drive',
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('company_id asked_at decided_at approved', exported()),
      decided_by: erased('somebody else: who decided'),
      ...each('id identity_id', erased('the number of a row')),
    },
  },
  imported_accounts: {
    title: 'Your number in the older system',
    about: by('identity_id'),
    purge: 'remove',
    key: ['import_id', 'old_id'],
    columns: { old_id: exported(), ...each('import_id identity_id', erased('which import brought it')) },
  },
  imported_backup_codes: {
    title: 'Backup codes of the older system',
    about: by('identity_id'),
    purge: 'remove',
    key: ['identity_id', 'code_hash'],
    columns: {
      ...each('created_at used_at', exported()),
      ...each('identity_id code_hash', erased('opens the account for who knows it')),
    },
  },
  imports: nobodys(
    'counts of a file as a whole; who was in it stands in imported_accounts',
    'id kind file_name file_sha256 company_id report created_at undone_at',
  ),
  captcha_solutions: nobodys('a hash of a riddle', 'challenge_hash expires_at'),
  campuses: nobodys('speaks of a campus', 'id slug name city time_zone created_at'),
  campus_domains: nobodys('speaks of a campus', 'domain campus_id created_at'),
}
