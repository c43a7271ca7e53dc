/** What was said after rides: ratings, lost things, reports. */
import { sql } from 'kysely'
import { by, each, exported, keptUnseen, type TablePlan, theirDrivers } from '../plan.ts'

const REFERENCE = 'refers to another row of the books'

export const AFTERCARE: Readonly<Record<string, TablePlan>> = {
  ride_ratings: {
    title: 'How you found your rides',
    about: (person) => sql`(side = 'rider' and rider_id = ${person.id}
      or side = 'driver' and driver_id in ${theirDrivers(person)})`,
    purge: 'empty',
    key: ['ride_id', 'side'],
    columns: {
      ...each('ride_id side stars rated_at changed_at', {
        as: 'keep',
        why: 'the average of who was rated stands on it; without the words it says nothing of who rated',
        given: true,
      }),
      words: exported(sql`'{}'`),
      text: exported(sql`''`),
      ...each('company_id rider_id driver_id seen_by', keptUnseen(REFERENCE)),
      seen_at: keptUnseen('when the desk looked at it'),
    },
  },
  ride_case_messages: {
    title: 'What you wrote about lost things and problems',
    about: by('sender_id'),
    purge: 'empty',
    key: ['case_id', 'seq'],
    columns: {
      ...each('case_id seq side step sent_at', {
        as: 'keep',
        why: 'the other side’s answers stand on it',
        given: true,
      }),
      text: exported(sql`''`),
      ...each('company_id sender_id', keptUnseen(REFERENCE)),
    },
  },
  ride_cases: {
    title: 'Lost things and problems you told of',
    about: by('rider_id'),
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each('id ride_id kind topic state opened_at changed_at', {
        as: 'keep',
        why: 'what became of it stands with the ride',
        given: true,
      }),
      ...each('company_id rider_id driver_id last_seq', keptUnseen(REFERENCE)),
    },
  },
}
