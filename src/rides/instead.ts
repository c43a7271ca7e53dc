/** Another car than the one that was asked for, while none came: the search goes on with it, at the price that was shown. */
import type { Kysely } from 'kysely'
import { type CompanyId, type IdentityId, type QuoteId, type Result, refuse } from '../engine/units.ts'
import { findQuote, type LoadedQuote, type QuoteRefusal, quoteSet } from '../fares/quotes.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import type { ChangeRefusal } from './changes.ts'
import { cancelByRider, requestRide } from './rides.ts'
import { type LoadedRide, lockRide } from './store.ts'

/** Earlier than this a search has only begun. */
const OFFERED_AFTER_MS = 30_000
/** A price that runs out while somebody reads it would be a promise broken. */
const PRICE_LEFT_MS = 15_000

export interface Instead {
  readonly quote: LoadedQuote
  /** Seconds until its nearest free car could be at the pickup. */
  readonly etaS: number
}

/**
 * What a ride that has waited could be instead: of the prices that were shown beside its own and still hold, the lowest
 * of a class that has a free car near.
 * @param etaS seconds to the pickup for the nearest free car that fits a quote; null for none
 * @returns null while it is too early, a driver looks at the ride, or nothing else is free
 */
export async function insteadOf(
  db: Kysely<Tables>,
  ride: LoadedRide,
  { nowMs, etaS }: { nowMs: number; etaS: (quote: LoadedQuote) => number | null },
): Promise<Instead | null> {
  if (ride.state !== 'requested' || ride.scheduled_for !== null) return null
  if (nowMs - ride.requested_at.getTime() < OFFERED_AFTER_MS) return null
  const own = await findQuote(db, ride.company_id, ride.quote_id)
  if (own === undefined) return null
  const others = (await quoteSet(db, ride.company_id, own.set_id))
    .filter((quote) => mayStandIn(quote, ride) && quote.expires_at.getTime() > nowMs + PRICE_LEFT_MS)
    .toSorted((a, b) => a.fare_minor - b.fare_minor)
  for (const quote of others) {
    const seconds = etaS(quote)
    if (seconds !== null) return { quote, etaS: seconds }
  }
  return null
}

/** The same way in a car of another class, alone: whether one can share now, the tick alone knows. */
function mayStandIn(quote: LoadedQuote, ride: LoadedRide): boolean {
  return quote.class !== ride.class && !quote.shared && quote.scheduled_for === null
}

export interface TakeInstead {
  readonly companyId: CompanyId
  readonly rideId: LoadedRide['id']
  readonly rider: { readonly identityId: IdentityId; readonly name: string }
  readonly quoteId: QuoteId
  readonly unfulfilledAfterS: number
  readonly leadFloorS: number
}

/**
 * End a search that cost nothing and ask for the other car, in one unit: there is one of them at every moment.
 * @returns the new ride; `not_allowed_now` once a driver has the first one, `fee_changed` when ending it would cost
 *   something, `other_way` for a price that is not for the same way now, and what a quote can be refused for
 */
export async function takeInstead(
  unit: Work,
  { random, secrets }: { random: Random; secrets: readonly string[] },
  { companyId, rideId, rider, quoteId, ...terms }: TakeInstead,
): Promise<
  Result<
    LoadedRide,
    | QuoteRefusal
    | ChangeRefusal
    | 'fee_changed'
    | 'other_way'
    | 'already_used'
    | 'too_many_booked'
    | 'code_used_up'
    | 'code_used_by_you'
  >
> {
  const riderId = rider.identityId
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.rider_id !== riderId) return refuse('not_found')
  if (ride.state !== 'requested') return refuse('not_allowed_now')
  const [own, other] = await Promise.all([
    findQuote(unit.db, companyId, ride.quote_id),
    findQuote(unit.db, companyId, quoteId),
  ])
  if (other === undefined) return refuse('not_found')
  if (own?.set_id !== other.set_id || !mayStandIn(other, ride)) return refuse('other_way')
  const cancelled = await cancelByRider(unit, random, { companyId, rideId, riderId, agreedFeeMinor: 0 })
  if (!cancelled.ok) return cancelled
  return requestRide(
    unit,
    { random, secrets },
    {
      ...{ companyId, riderId, riderName: rider.name, quoteId, ...terms },
      ...{ payment: ride.payment_method, note: ride.note },
    },
  )
}
