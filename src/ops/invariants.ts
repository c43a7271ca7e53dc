/**
 * What must hold of rides, offers, shifts and money at every moment, whatever the processes did. Most of it the
 * database refuses to break; this looks all the same, because an index can be missing and a rule can be forgotten.
 */
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { CompanyId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

export interface Violation {
  readonly rule: InvariantRule
  readonly companyId: CompanyId | null
  /** The id of the driver, ride, offer, payment… that breaks the rule. */
  readonly subject: string
}

/** A live process ends what is overdue within a tick; this much later nobody did. */
const OVERDUE_GRACE_MS = 30_000
/** The sweep publishes what a dead process left after 2 s; after this long no process sweeps. */
const NEWS_GRACE_S = 60
/** A broken rule shows in its first few cases; a page of thousands helps nobody. */
const LIMIT_A_RULE = 20

const OPEN = sql`('assigned', 'en_route', 'arrived', 'in_progress')`

interface Moment {
  /** By the clock of the dispatchers: offers and deadlines are its. */
  readonly at: Date
  /** Rides and payments that ended before are not looked at again. */
  readonly since: Date
}

/** Each rule answers the rows that break it: company and subject. */
const RULES = {
  driver_two_open_rides: () => sql`
    SELECT company_id, driver_id::text FROM rides WHERE state IN ${OPEN}
    GROUP BY company_id, driver_id HAVING count(*) > 1 AND NOT bool_and(shared)`,
  driver_two_open_runs: () => sql`
    SELECT company_id, driver_id::text FROM runs WHERE closed_at IS NULL
    GROUP BY company_id, driver_id HAVING count(*) > 1`,
  ride_two_open_runs: () => sql`
    SELECT company_id, ride_id::text FROM run_rides WHERE left_at IS NULL
    GROUP BY company_id, ride_id HAVING count(*) > 1`,
  run_over_its_seats: () => sql`
    SELECT runs.company_id, runs.id::text FROM runs
    JOIN run_rides ON run_rides.run_id = runs.id AND run_rides.left_at IS NULL
    JOIN rides ON rides.id = run_rides.ride_id AND rides.state = 'in_progress'
    JOIN vehicles ON vehicles.id = rides.vehicle_id
    WHERE runs.closed_at IS NULL AND runs.shared
    GROUP BY runs.company_id, runs.id HAVING sum(rides.seats) > min(vehicles.seats)`,
  run_stops_not_its_rides: () => sql`
    SELECT run_rides.company_id, run_rides.ride_id::text FROM run_rides JOIN rides ON rides.id = run_rides.ride_id
    WHERE run_rides.left_at IS NULL AND run_rides.shared AND (
      SELECT string_agg(kind, ' ' ORDER BY place) FROM run_stops
      WHERE run_stops.run_id = run_rides.run_id AND run_stops.ride_id = run_rides.ride_id AND done_at IS NULL)
      IS DISTINCT FROM CASE rides.state WHEN 'in_progress' THEN 'dropoff' ELSE 'pickup dropoff' END`,
  driver_two_live_offers: () => sql`
    SELECT company_id, driver_id::text FROM offers WHERE state = 'pending'
    GROUP BY company_id, driver_id HAVING count(*) > 1`,
  ride_two_live_offers: () => sql`
    SELECT company_id, ride_id::text FROM offers WHERE state = 'pending'
    GROUP BY company_id, ride_id HAVING count(*) > 1`,
  ride_two_accepted_offers: () => sql`
    SELECT company_id, ride_id::text FROM offers WHERE state = 'accepted' AND released_at IS NULL
    GROUP BY company_id, ride_id HAVING count(*) > 1`,
  driver_two_open_shifts: () => sql`
    SELECT company_id, driver_id::text FROM shifts WHERE ended_at IS NULL
    GROUP BY company_id, driver_id HAVING count(*) > 1`,
  vehicle_two_open_shifts: () => sql`
    SELECT company_id, vehicle_id::text FROM shifts WHERE ended_at IS NULL
    GROUP BY company_id, vehicle_id HAVING count(*) > 1`,

  run_open_without_its_ride: () => sql`
    SELECT runs.company_id, runs.id::text FROM runs
    LEFT JOIN run_rides ON run_rides.run_id = runs.id AND run_rides.left_at IS NULL
    LEFT JOIN rides ON rides.id = run_rides.ride_id
    WHERE runs.closed_at IS NULL AND (
      rides.id IS NULL OR rides.state NOT IN ${OPEN} OR rides.driver_id IS DISTINCT FROM runs.driver_id)`,
  ride_open_without_its_run: () => sql`
    SELECT company_id, id::text FROM rides WHERE state IN ${OPEN} AND NOT EXISTS (
      SELECT 1 FROM run_rides JOIN runs ON runs.id = run_rides.run_id
      WHERE run_rides.ride_id = rides.id AND run_rides.left_at IS NULL
        AND runs.driver_id = rides.driver_id AND runs.closed_at IS NULL)`,
  driver_on_a_ride_off_shift: () => sql`
    SELECT company_id, driver_id::text FROM rides WHERE state IN ${OPEN} AND NOT EXISTS (
      SELECT 1 FROM shifts WHERE shifts.driver_id = rides.driver_id AND shifts.ended_at IS NULL)`,
  offer_live_for_a_ride_that_moved_on: () => sql`
    SELECT offers.company_id, offers.id::text FROM offers JOIN rides ON rides.id = offers.ride_id
    WHERE offers.state = 'pending' AND CASE WHEN offers.swaps_from IS NULL
      THEN rides.state <> 'requested'
      ELSE rides.state NOT IN ('assigned', 'en_route') OR rides.driver_id IS DISTINCT FROM offers.swaps_from
    END`,
  offer_live_for_a_driver_not_free: () => sql`
    SELECT company_id, id::text FROM offers WHERE state = 'pending' AND (
      EXISTS (SELECT 1 FROM runs WHERE runs.driver_id = offers.driver_id AND runs.closed_at IS NULL
        AND (offers.run_id IS NULL OR NOT runs.shared))
      OR NOT EXISTS (SELECT 1 FROM shifts WHERE shifts.driver_id = offers.driver_id AND shifts.ended_at IS NULL))`,
  offer_accepted_for_a_ride_not_driven: () => sql`
    SELECT offers.company_id, offers.id::text FROM offers JOIN rides ON rides.id = offers.ride_id
    WHERE offers.state = 'accepted' AND offers.released_at IS NULL
      AND (rides.state NOT IN ${OPEN} OR rides.driver_id IS DISTINCT FROM offers.driver_id)`,

  offer_past_its_expiry: ({ at }) => sql`
    SELECT company_id, id::text FROM offers
    WHERE state = 'pending' AND expires_at < ${new Date(at.getTime() - OVERDUE_GRACE_MS)}::timestamptz`,
  ride_past_its_deadline: ({ at }) => sql`
    SELECT company_id, id::text FROM rides
    WHERE state = 'requested' AND deadline_at < ${new Date(at.getTime() - OVERDUE_GRACE_MS)}::timestamptz`,
  ride_past_its_release: ({ at }) => sql`
    SELECT company_id, id::text FROM rides
    WHERE state = 'scheduled' AND release_at < ${new Date(at.getTime() - OVERDUE_GRACE_MS)}::timestamptz`,
  news_left_untold: () => sql`
    SELECT NULL::uuid, id::text FROM outbox
    WHERE created_at < now() - make_interval(secs => ${NEWS_GRACE_S})`,

  ride_without_its_events: ({ since }) => sql`
    SELECT company_id, id::text FROM rides
    WHERE (ended_at IS NULL OR ended_at >= ${since}::timestamptz) AND (
      rides.version <> (SELECT count(*) FROM ride_events WHERE ride_events.ride_id = rides.id)
      OR NOT EXISTS (
        SELECT 1 FROM ride_events AS last
        WHERE last.ride_id = rides.id AND last.version = rides.version AND last.to_state = rides.state))`,
  ride_events_with_a_gap: ({ since }) => sql`
    SELECT company_id, ride_id::text FROM (
      SELECT company_id, ride_id, from_state, at,
        lag(to_state) OVER (PARTITION BY ride_id ORDER BY version) AS before
      FROM ride_events
      WHERE ride_id IN (SELECT id FROM rides WHERE ended_at IS NULL OR ended_at >= ${since}::timestamptz)
    ) AS chain
    WHERE from_state IS DISTINCT FROM before`,

  ride_two_captures: ({ since }) => sql`
    SELECT company_id, ride_id::text FROM payments WHERE state = 'captured' AND captured_at >= ${since}::timestamptz
    GROUP BY company_id, ride_id, kind = 'tip' HAVING count(*) > 1`,
  ride_completed_without_its_fare: ({ since }) => sql`
    SELECT company_id, id::text FROM rides
    WHERE state = 'completed' AND fare_minor > 0 AND ended_at >= ${since}::timestamptz AND NOT EXISTS (
      SELECT 1 FROM payments
      WHERE payments.ride_id = rides.id AND payments.kind = 'fare' AND payments.amount_minor = rides.fare_minor)`,
  payment_its_ride_does_not_owe: ({ since }) => sql`
    SELECT payments.company_id, payments.id::text FROM payments JOIN rides ON rides.id = payments.ride_id
    WHERE payments.captured_at >= ${since}::timestamptz AND (
      (payments.amount_minor > rides.fare_minor AND payments.kind <> 'tip') OR payments.currency <> rides.currency
      OR rides.state <> CASE payments.kind WHEN 'fare' THEN 'completed' WHEN 'tip' THEN 'completed'
        WHEN 'no_show' THEN 'no_show' ELSE 'cancelled' END)`,
  fare_not_as_promised_without_a_reason: ({ since }) => sql`
    SELECT rides.company_id, rides.id::text FROM rides JOIN quotes ON quotes.id = rides.quote_id
    WHERE rides.state = 'completed' AND rides.ended_at >= ${since}::timestamptz
      AND rides.fare_minor <> quotes.fare_minor AND NOT EXISTS (
        SELECT 1 FROM ride_fares WHERE ride_fares.ride_id = rides.id
          AND ride_fares.total_minor = rides.fare_minor AND jsonb_array_length(ride_fares.reasons) > 0)`,
  code_beyond_its_uses: () => sql`
    SELECT promos.company_id, promos.id::text FROM promos
    LEFT JOIN promo_uses ON promo_uses.promo_id = promos.id AND promo_uses.released_at IS NULL
    GROUP BY promos.company_id, promos.id, promos.uses, promos.spent_minor
    HAVING promos.uses <> count(promo_uses.ride_id)
      OR promos.spent_minor <> coalesce(sum(promo_uses.amount_minor), 0)`,
  payment_without_its_books: ({ since }) => sql`
    SELECT company_id, id::text FROM payments
    WHERE captured_at >= ${since}::timestamptz AND payments.amount_minor IS DISTINCT FROM (
      SELECT sum(entries.amount_minor) FROM ledger_transactions AS booked
      JOIN ledger_entries AS entries ON entries.transaction_id = booked.id
      WHERE booked.payment_id = payments.id AND entries.amount_minor > 0
        AND entries.currency = payments.currency)`,
  ledger_not_zero: ({ since }) => sql`
    SELECT booked.company_id, booked.id::text FROM ledger_transactions AS booked
    JOIN ledger_entries AS entries ON entries.transaction_id = booked.id
    WHERE booked.at >= ${since}::timestamptz
    GROUP BY booked.company_id, booked.id, entries.currency HAVING sum(entries.amount_minor) <> 0`,
} satisfies Record<string, (moment: Moment) => RawBuilder<unknown>>

export type InvariantRule = keyof typeof RULES
export const INVARIANT_RULES = Object.keys(RULES) as InvariantRule[]

/**
 * Look for broken rules, all in one statement and so in one snapshot: what is under way is not seen half done.
 * @param nowMs the dispatchers' clock, epoch ms
 * @param sinceMs leaves out what ended before, for a look each minute; by default everything is looked at
 * @returns what is broken, at most twenty cases a rule; empty when all holds
 */
export async function checkInvariants(
  db: Kysely<Tables>,
  { nowMs, sinceMs = 0 }: { nowMs: number; sinceMs?: number },
): Promise<Violation[]> {
  const moment: Moment = { at: new Date(nowMs), since: new Date(sinceMs) }
  const parts = INVARIANT_RULES.map(
    (rule) => sql`
      (SELECT ${sql.lit(rule)} AS rule, broken.* FROM (${RULES[rule](moment)}) AS broken (company_id, subject)
       LIMIT ${sql.lit(LIMIT_A_RULE)})`,
  )
  const { rows } = await sql<{ rule: InvariantRule; company_id: CompanyId | null; subject: string }>`
    ${sql.join(parts, sql` UNION ALL `)}`.execute(db)
  return rows.map((row) => ({ rule: row.rule, companyId: row.company_id, subject: row.subject }))
}
