/** What was said about rides. */
import { sql } from 'kysely'
import {
  by,
  each,
  erased,
  exported,
  keptUnseen,
  nobodys,
  type Subject,
  type TablePlan,
  theirDrivers,
  theirRides,
} from '../plan.ts'

const STANDS = 'stands with the message'

export const CHAT: Readonly<Record<string, TablePlan>> = {
  chat_messages: {
    title: 'Messages you wrote about rides',
    about: by('sender_id'),
    purge: 'remove',
    key: ['ride_id', 'seq'],
    columns: {
      ...each('company_id ride_id seq side text sent_at reported_at', exported()),
      ...each('sender_id driver_id reported_side', erased(STANDS)),
    },
  },
  chat_sides: {
    title: null,
    about: ofTheirRides,
    purge: 'remove',
    key: ['ride_id', 'side'],
    columns: each('company_id ride_id side read_seq typing_at here_at', erased('how far was read')),
  },
  driver_messages: {
    title: 'Messages between you and the desk',
    about: (person) => sql`(sender_id = ${person.id} or driver_id in ${theirDrivers(person)})`,
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('id side text must_read sent_at delivered_at read_at', exported()),
      ...each('company_id region_id driver_id seq sending_id sender_id', erased(STANDS)),
    },
  },
  desk_sendings: {
    title: 'What you wrote to drivers from the desk',
    about: by('sender_id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      ...each('id audience must_read drivers sent_at', {
        as: 'keep',
        why: 'how far it came stands with the drivers',
        given: true,
      }),
      text: exported(sql`'—'`),
      ...each('company_id region_id sender_id', keptUnseen('refers to another row')),
    },
  },
  handover_notes: {
    title: 'Notes you left at the desk',
    about: by('author_id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      ...each('id is_pinned written_at taken_at done_at', {
        as: 'keep',
        why: 'what became of it stands with the desk',
        given: true,
      }),
      text: exported(sql`'—'`),
      ...each('company_id region_id author_id taken_by done_by', keptUnseen('refers to another row')),
    },
  },
  first_views: {
    title: null,
    about: by('identity_id'),
    purge: 'remove',
    key: ['company_id', 'identity_id'],
    columns: each('company_id identity_id view_id', erased('which view a board began with')),
  },
  saved_views: {
    title: 'Views of the board you saved',
    about: by('owner_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('id name search is_shared changed_at', exported()),
      ...each('company_id owner_id version changed_by', erased('goes with the view')),
    },
  },
  fleet_frames: nobodys(
    'where the cars of a region were, for six hours; gone long before anybody is forgotten',
    'company_id region_id slot at cars frame',
  ),
  chats: {
    title: null,
    about: ofTheirRides,
    purge: 'leave',
    key: ['ride_id'],
    columns: each('company_id ride_id last_seq', keptUnseen('the last number that was given to a message')),
  },
}

function ofTheirRides(person: Subject) {
  return sql`(ride_id in ${theirRides(person)}
    or ride_id in (select id from rides where driver_id in ${theirDrivers(person)}))`
}
