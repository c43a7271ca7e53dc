/** Rides, who drove them, and the books. */
import { sql } from 'kysely'
import { coarse, FORGOTTEN_PLACE } from '../forget-rides.ts'
import {
  by,
  DELETED_DRIVER,
  DELETED_PERSON,
  each,
  erased,
  exported,
  impersonal,
  kept,
  keptUnseen,
  NULL,
  type Subject,
  type TablePlan,
  theirDrivers,
  theirRides,
} from '../plan.ts'

const BOOKS = 'the books must balance and be kept; without the name it says nothing of anybody'
const REFERENCE = 'refers to another row of the books'
const place = (end: 'pickup' | 'dropoff') => ({
  [`${end}_lat`]: exported(coarse(`${end}_lat`)),
  [`${end}_lng`]: exported(coarse(`${end}_lng`)),
  [`${end}_label`]: exported(sql`${FORGOTTEN_PLACE}`),
})
const ofTheirRuns = (person: Subject) =>
  sql`run_id in (select id from runs where driver_id in ${theirDrivers(person)})`
const drivenByThem = (person: Subject) => sql`driver_id in ${theirDrivers(person)}`

export const RIDES: Readonly<Record<string, TablePlan>> = {
  // The ways go before the rides are emptied, and events before their actors.
  ride_trails: {
    title: 'The ways of your rides',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'remove',
    key: ['ride_id', 'at'],
    columns: {
      ...each('ride_id at lat lng accuracy_m', exported()),
      company_id: erased('stands with the ride'),
    },
  },
  ride_events: {
    title: 'What happened to your rides',
    about: (person) => sql`(ride_id in ${theirRides(person)} or actor_id = ${person.id})`,
    purge: 'empty',
    key: ['ride_id', 'version'],
    columns: {
      ...each('ride_id version type from_state to_state at said_at actor_kind', kept(BOOKS)),
      reason: erased('the words of the desk or the driver', NULL),
      ...each('company_id actor_id driver_id', keptUnseen(REFERENCE)),
    },
  },
  ride_fares: {
    title: 'What your rides came to, and why',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'leave',
    key: ['ride_id'],
    columns: {
      ...each('ride_id promised_minor total_minor currency lines reasons evidence at', kept(BOOKS)),
      company_id: kept(BOOKS),
      driver_minor: keptUnseen('what the driver earns is the driver’s'),
    },
  },
  safety_fixes: {
    title: null,
    about: (person) => sql`alert_id in (select id from safety_alerts where raised_by = ${person.id})`,
    purge: 'remove',
    key: ['alert_id', 'at'],
    columns: each('alert_id at lat lng', erased('where the car was when help was asked for')),
  },
  safety_alerts: {
    title: 'When you asked the desk for help',
    about: by('raised_by'),
    purge: 'empty',
    key: ['id'],
    columns: {
      ...each('id ride_id side raised_at seen_at closed_at', kept('a call for help has to be accounted for')),
      words: erased('the words of the desk', sql`case when words is null then null else 'erased' end`),
      ...each('company_id region_id driver_id raised_by seen_by closed_by', keptUnseen(REFERENCE)),
    },
  },
  desk_acts: {
    title: null,
    about: (person) =>
      sql`(ride_id in ${theirRides(person)} or actor_id = ${person.id} or driver_id in ${theirDrivers(person)})`,
    purge: 'remove',
    key: ['id'],
    columns: each(
      'company_id id region_id ride_id actor_id kind batch_id at undo_until ride_version before driver_id reason undone_at',
      erased('what a desk could take back for seconds; a day later nobody has it'),
    ),
  },
  start_codes: {
    title: null,
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'remove',
    key: ['ride_id'],
    columns: each(
      'company_id ride_id driver_id code wrong_tries opened_at opened_by reason',
      erased('a number that opened one ride'),
    ),
  },
  ride_shares: {
    title: null,
    about: (person) => sql`(ride_id in ${theirRides(person)} or identity_id = ${person.id})`,
    purge: 'remove',
    key: ['ride_id'],
    columns: each(
      'company_id ride_id identity_id salt token_hash opened_at ended_at',
      erased('a link that opened while one ride lasted'),
    ),
  },
  ride_arrivals: {
    title: 'When a car was at your pickups',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'leave',
    key: ['ride_id', 'driver_id'],
    columns: {
      ...each('ride_id at away_m', kept(BOOKS)),
      ...each('company_id driver_id', keptUnseen(REFERENCE)),
    },
  },
  ride_stops: {
    title: 'Stops on your rides',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'empty',
    key: ['ride_id', 'place'],
    columns: {
      lat: exported(coarse('lat')),
      lng: exported(coarse('lng')),
      label: exported(sql`${FORGOTTEN_PLACE}`),
      ...each('ride_id place arrived_at left_at', kept(BOOKS)),
      company_id: keptUnseen(REFERENCE),
    },
  },
  ride_changes: {
    title: 'Other ways you asked for on rides',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each('ride_id state asked_at expires_at ended_at end_reason', kept(BOOKS)),
      ...each('company_id id region_id quote_id driver_id', keptUnseen(REFERENCE)),
    },
  },
  promo_uses: {
    title: 'Codes you used',
    about: by('identity_id'),
    purge: 'leave',
    key: ['ride_id'],
    columns: {
      ...each('ride_id amount_minor used_at released_at', kept(BOOKS)),
      ...each('company_id promo_id identity_id', keptUnseen(REFERENCE)),
    },
  },
  free_waits: {
    title: 'Cars you wanted to be told of',
    about: by('identity_id'),
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('company_id asked_at until_at told_at', exported()),
      ...each('id identity_id quote_id region_id', erased('stands with the price that was asked for')),
    },
  },
  quotes: {
    title: 'Prices you asked for',
    about: by('rider_id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      ...place('pickup'),
      ...place('dropoff'),
      stops: exported(sql`'[]'::jsonb`),
      ...each('company_id class seats attributes distance_m duration_s fare_minor', kept(BOOKS)),
      ...each('currency lines trip', kept(BOOKS)),
      ...each(
        'pickup_eta_s scheduled_for created_at expires_at shared shared_detour_s shared_wait_s promo_minor',
        kept(BOOKS),
      ),
      ...each('id set_id region_id rider_id tariff_id promo_id replaces', keptUnseen(REFERENCE)),
      driver_minor: keptUnseen('what the driver earns is the driver’s'),
      signature: impersonal('proves that the price is ours'),
    },
  },
  rides: {
    title: 'Your rides',
    about: by('rider_id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      ...place('pickup'),
      ...place('dropoff'),
      rider_name: exported(sql`${DELETED_PERSON}`),
      note: exported(sql`''`),
      end_reason: exported(NULL),
      end_words: exported(NULL),
      ...each('id company_id number state class seats attributes payment_method', kept(BOOKS)),
      ...each('distance_m duration_s fare_minor currency pickup_eta_s ended_by', kept(BOOKS)),
      ...each('shared latest_pickup_at latest_dropoff_at promo_minor', kept(BOOKS)),
      ...each('requested_at assigned_at set_off_at arrived_at boarded_at ended_at', kept(BOOKS)),
      ...each('scheduled_for booked_at', kept(BOOKS)),
      ...each('release_at letter_due_at letters_sent', keptUnseen('how we kept the booking')),
      ...each('region_id rider_id quote_id tariff_id driver_id vehicle_id', keptUnseen(REFERENCE)),
      ...each('version misses swaps deadline_at changed_at', keptUnseen('how the matcher went about it')),
      ...each('rescue_at wider_at put_off_until merged_id', keptUnseen('how the desk went about it')),
      driver_minor: keptUnseen('what the driver earns is the driver’s'),
    },
    also: [
      {
        title: 'Rides you drove',
        about: drivenByThem,
        columns: [
          ...['company_id', 'number', 'state', 'class', 'distance_m', 'duration_s', 'fare_minor'],
          ...[
            'driver_minor',
            'currency',
            'assigned_at',
            'set_off_at',
            'arrived_at',
            'boarded_at',
            'ended_at',
          ],
        ],
      },
    ],
  },
  payments: {
    title: 'What your rides cost',
    about: (person) => sql`ride_id in ${theirRides(person)}`,
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each('company_id ride_id kind method state amount_minor currency captured_at', kept(BOOKS)),
      id: keptUnseen(REFERENCE),
    },
  },
  ledger_transactions: {
    title: null,
    about: (person) => sql`payment_id in (select id from payments where ride_id in ${theirRides(person)})`,
    purge: 'leave',
    key: ['id'],
    columns: each('company_id id payment_id at', keptUnseen(BOOKS)),
  },
  ledger_entries: {
    title: 'Your accounts in the books',
    about: (person) => sql`(account = 'receivable:rider:' || ${person.id}::text
      or account in (select 'cash:driver:' || own.id from ${theirDrivers(person)} as own))`,
    purge: 'leave',
    key: ['transaction_id', 'seq'],
    columns: {
      ...each('company_id account amount_minor currency', kept(BOOKS)),
      ...each('transaction_id seq', keptUnseen(REFERENCE)),
    },
  },
  runs: {
    title: null,
    about: drivenByThem,
    purge: 'leave',
    key: ['id'],
    columns: each('company_id id driver_id shared opened_at closed_at', keptUnseen(BOOKS)),
  },
  run_rides: {
    title: null,
    about: ofTheirRuns,
    purge: 'leave',
    key: ['run_id', 'ride_id'],
    columns: each('company_id run_id ride_id shared joined_at left_at', keptUnseen(BOOKS)),
  },
  run_stops: {
    title: null,
    about: ofTheirRuns,
    purge: 'leave',
    key: ['run_id', 'ride_id', 'kind'],
    columns: each('company_id run_id ride_id kind place done_at', keptUnseen(BOOKS)),
  },
  offers: {
    title: 'Rides you were offered',
    about: drivenByThem,
    purge: 'empty',
    key: ['id'],
    columns: {
      ...each('state pickup_distance_m pickup_eta_s offered_at expires_at ended_at', kept(BOOKS)),
      reason: exported(NULL),
      company_id: kept(BOOKS),
      released_at: kept(BOOKS),
      added_s: kept(BOOKS),
      ...each(
        'id region_id ride_id driver_id zone_id swaps_from run_id merged_id stops',
        keptUnseen(REFERENCE),
      ),
    },
  },
  pickup_alarms: {
    title: 'Pickups on which your car was looked for',
    about: drivenByThem,
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each('company_id kind since_at raised_at acts_at answers answered_at', kept(BOOKS)),
      ...each('left_at ended_at outcome', kept(BOOKS)),
      ...each('id region_id ride_id driver_id', keptUnseen(REFERENCE)),
    },
  },
  queue_places: {
    title: 'Your places at ranks',
    about: drivenByThem,
    purge: 'remove',
    key: ['id'],
    columns: {
      ...each('entered_at entered_as moved_at moved_reason left_at left_reason', exported()),
      ...each('company_id region_id zone_id driver_id', exported()),
      ...each('id place lapses', erased('stands with the place')),
    },
  },
  shifts: {
    title: 'Your shifts',
    about: drivenByThem,
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each(
        'company_id started_at ended_at end_reason phone_since driven_before_s drove_until',
        kept(BOOKS),
      ),
      ...each('id region_id driver_id vehicle_id phone_session_id', keptUnseen(REFERENCE)),
    },
  },
  breaks: {
    title: 'Your breaks',
    about: drivenByThem,
    purge: 'leave',
    key: ['id'],
    columns: {
      ...each('company_id started_at ended_at', kept(BOOKS)),
      ...each('id driver_id shift_id run_id', keptUnseen(REFERENCE)),
    },
  },
  driver_vehicles: {
    title: null,
    about: drivenByThem,
    purge: 'remove',
    key: ['driver_id', 'vehicle_id'],
    columns: each('company_id driver_id vehicle_id', erased('which cars a driver may take out')),
  },
  drivers: {
    title: 'You as a driver',
    about: by('identity_id'),
    purge: 'empty',
    key: ['id'],
    columns: {
      name: exported(sql`${DELETED_DRIVER}`),
      call_sign: exported(sql`'x-' || substr(md5(random()::text), 1, 10)`),
      paused_until: exported(NULL),
      navigates_by: exported(sql`'phone'`),
      disabled_at: kept('since when the company did not let them drive'),
      disabled_reason: exported(NULL),
      held_at: exported(NULL),
      held_by: erased('who at the desk it was', NULL),
      held_reason: exported(NULL),
      stopped_at: exported(NULL),
      company_id: kept('whom they drove for'),
      deleted_at: keptUnseen('drives no more'),
      id: keptUnseen('the pseudonym: rides and books refer to it'),
      identity_id: keptUnseen('the pseudonym'),
      swapped_at: kept('when another car took a ride over from them'),
      lapsed_in_a_row: impersonal('a count that starts anew with each shift'),
    },
  },
}
