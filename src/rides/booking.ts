/** Rides booked ahead: what their row begins with, how they are changed, and how many one person may have. */
import { sql, type UpdateObject } from 'kysely'
import { MOST_BOOKED } from '../engine/booking.ts'
import { UNLEARNED_LEAD_S } from '../engine/lead-time.ts'
import {
  type CompanyId,
  type IdentityId,
  type QuoteId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import { releasePromo } from '../fares/promos.ts'
import { claimQuote, type LoadedQuote, type QuoteRefusal } from '../fares/quotes.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { type Actor, type ChangeRefusal, changeRide } from './changes.ts'
import { putStops } from './stops.ts'
import { type LoadedRide, lockRide } from './store.ts'
import { cancellationTermsOf } from './terms.ts'

/** From the region: how long the matcher looks past the booked time, and when it gets the ride at the latest. */
export interface BookingTerms {
  readonly unfulfilledAfterS: number
  readonly leadFloorS: number
}

/** The columns that make a ride one that was booked ahead; null where the quote is for now. */
export function bookedColumns(quote: Pick<LoadedQuote, 'scheduled_for'>, atMs: number, terms: BookingTerms) {
  if (quote.scheduled_for === null) return null
  return { ...plannedFor(quote.scheduled_for, atMs, terms), booked_at: new Date(atMs) }
}

/** A guess at the release until whoever holds the region works out the lead (dispatch/booked-keeper.ts). */
export function plannedFor(
  scheduledFor: Date,
  atMs: number,
  { unfulfilledAfterS, leadFloorS }: BookingTerms,
) {
  const scheduledForMs = scheduledFor.getTime()
  const leadS = Math.max(leadFloorS, UNLEARNED_LEAD_S)
  const releaseAt = new Date(Math.max(atMs, scheduledForMs - leadS * 1_000))
  return {
    scheduled_for: scheduledFor,
    release_at: releaseAt,
    requested_at: releaseAt,
    deadline_at: new Date(scheduledForMs + unfulfilledAfterS * 1_000),
    letter_due_at: new Date(atMs),
    letters_sent: 0,
  }
}

/**
 * Whether a rider may book one ride more. Their bookings wait for each other until the unit of work ends, or two at
 * once would both be the tenth.
 */
export async function mayBookMore(unit: Work, riderId: IdentityId): Promise<boolean> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`bookings ${riderId}`}, 0))`.execute(unit.db)
  const { booked } = await unit.db
    .selectFrom('rides')
    .select((eb) => eb.fn.countAll<number>().as('booked'))
    .where('rider_id', '=', riderId)
    .where('state', '=', 'scheduled')
    .executeTakeFirstOrThrow()
  return Number(booked) < MOST_BOOKED
}

export interface Rebooking {
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly riderId: IdentityId
  readonly quoteId: QuoteId
  readonly actor: Actor
  /** What changed, in words for the desk: `18:00 → 19:15`. */
  readonly reason: string
}

/**
 * Put a booking to another time or way, at the price of a new quote for it. The old promise ends with it.
 * @returns the ride still in `scheduled`; `not_later` for a price that is for now, `other_region` for one elsewhere,
 *   `too_late_to_change` from when on cancelling costs something
 */
export async function rebookRide(
  unit: Work,
  { random, secrets, ...terms }: { random: Random; secrets: readonly string[] } & BookingTerms,
  { companyId, rideId, riderId, quoteId, actor, reason }: Rebooking,
): Promise<
  Result<
    LoadedRide,
    QuoteRefusal | ChangeRefusal | 'already_used' | 'not_later' | 'other_region' | 'too_late_to_change'
  >
> {
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.rider_id !== riderId) return refuse('not_found')
  if (ride.state !== 'scheduled') return refuse('not_allowed_now')
  // Else one would move a ride away for nothing and cancel it there.
  const tariff = await tariffById(unit.db, companyId, ride.tariff_id)
  if (cancellationTermsOf(tariff, ride, unit.atMs).feeMinor > 0) return refuse('too_late_to_change')
  const claimed = await claimQuote(unit, secrets, { companyId, quoteId, riderId })
  if (!claimed.ok) return claimed
  const quote = claimed.value
  if (quote.scheduled_for === null || quote.shared) return refuse('not_later')
  if (quote.region_id !== ride.region_id) return refuse('other_region')
  const used = await unit.db
    .selectFrom('rides')
    .select('id')
    .where('quote_id', '=', quote.id)
    .executeTakeFirst()
  if (used !== undefined) return refuse('already_used')
  // The new price has none: the code is its rider's again.
  if (ride.promo_minor > 0) await releasePromo(unit, { companyId, rideId })
  const agreed: UpdateObject<Tables, 'rides'> = {
    ...agreedIn(quote),
    ...plannedFor(quote.scheduled_for, unit.atMs, terms),
  }
  await putStops(unit, ride, quote.stops)
  return changeRide(unit, random, { companyId, rideId, event: { type: 'rebook' }, actor, reason, agreed })
}

/** What a ride takes over from the quote it was asked for at. */
export function agreedIn(quote: LoadedQuote) {
  return {
    quote_id: quote.id,
    tariff_id: quote.tariff_id,
    class: quote.class,
    seats: quote.seats,
    attributes: quote.attributes,
    pickup_lat: quote.pickup_lat,
    pickup_lng: quote.pickup_lng,
    pickup_label: quote.pickup_label,
    dropoff_lat: quote.dropoff_lat,
    dropoff_lng: quote.dropoff_lng,
    dropoff_label: quote.dropoff_label,
    distance_m: quote.distance_m,
    duration_s: quote.duration_s,
    fare_minor: quote.fare_minor,
    driver_minor: quote.driver_minor,
    promo_minor: quote.promo_minor,
    currency: quote.currency,
  }
}
