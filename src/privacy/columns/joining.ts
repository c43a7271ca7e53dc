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
  captcha_solutions: nobodys('a hash of a riddle', 'challenge_hash expires_at'),
  campuses: nobodys('speaks of a campus', 'id slug name city time_zone created_at'),
  campus_domains: nobodys('speaks of a campus', 'domain campus_id created_at'),
}
