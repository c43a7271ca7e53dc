/** Pictures and driving licences. */
import { sql } from 'kysely'
import { by, each, erased, exported, keptUnseen, type TablePlan } from '../plan.ts'

export const LICENCES: Readonly<Record<string, TablePlan>> = {
  licences: {
    title: 'Your driving licences',
    about: by('identity_id'),
    purge: 'remove',
    key: ['company_id', 'id'],
    columns: {
      ...each('company_id state source legal_name number country issuing_state classes', exported()),
      ...each('issued_on expires_on created_at submitted_at decided_at reason ended_at', exported()),
      ...each('front_id back_id read_text name_score', exported()),
      decided_by: erased('somebody else: who looked at it'),
      ...each('id identity_id reminded_days', erased('the number of a row')),
    },
  },
  // The files lie elsewhere: a row marked so is taken away with them by the uploads' own sweep.
  uploads: {
    title: 'Your pictures',
    about: ({ id }) => sql`identity_id = ${id} and state <> 'deleted'`,
    purge: 'empty',
    key: ['id'],
    columns: {
      ...each('kind content_type bytes width height created_at', exported()),
      id: exported(),
      state: erased('whether its files lie there', sql`'deleted'`),
      deleted_at: erased('since when its files are to go', sql`now()`),
      company_id: keptUnseen('until the sweep takes the row, a minute later'),
      ...each('identity_id key sha256', keptUnseen('until the sweep takes the row, a minute later')),
    },
  },
}
