/** What a shared rider was promised, and how it changes on the way. */
import { type RawBuilder, sql } from 'kysely'
import { arriveByMs, type LoadedQuote } from '../fares/quotes.ts'
import type { RideChange } from './changes.ts'
import type { LoadedRide } from './store.ts'

/** The promises of a new ride: the wait counts from the request, the arrival is as the quote told it. */
export function promisesOf(
  quote: LoadedQuote,
  requestedAtMs: number,
): { latest_pickup_at: Date; latest_dropoff_at: Date } | null {
  const arriveAtMs = arriveByMs(quote)
  if (arriveAtMs === null || quote.shared_wait_s === null) return null
  return {
    latest_pickup_at: new Date(requestedAtMs + quote.shared_wait_s * 1000),
    latest_dropoff_at: new Date(arriveAtMs),
  }
}

/**
 * Once it is known when the car comes, the way may be longer by the detour and no more, however early that is. A car
 * that could only come later than promised is better than none: then the promise counts from it. After a driver gave
 * the ride back it counts from that moment.
 */
export function promisesAfter(
  change: RideChange,
  ride: LoadedRide,
  at: Date,
): { latest_pickup_at?: RawBuilder<Date>; latest_dropoff_at?: RawBuilder<Date> } {
  const detour = sql`(SELECT shared_detour_s FROM quotes WHERE quotes.id = rides.quote_id)`
  const wait = sql`(SELECT shared_wait_s FROM quotes WHERE quotes.id = rides.quote_id)`
  const after = (seconds: RawBuilder<unknown>) =>
    sql<Date>`${at}::timestamptz + make_interval(secs => ${seconds})`
  switch (change.event.type) {
    case 'assign': {
      const etaS = sql`${change.assignment?.pickupEtaS ?? 0}::float8`
      const direct = after(sql`${etaS} + ${ride.duration_s}::float8`)
      const longest = after(sql`${etaS} + ${ride.duration_s}::float8 + ${detour}`)
      return {
        latest_pickup_at: sql<Date>`greatest(latest_pickup_at, ${after(etaS)})`,
        latest_dropoff_at: sql<Date>`greatest(${direct}, least(latest_dropoff_at, ${longest}))`,
      }
    }
    case 'board':
      return {
        latest_dropoff_at: sql<Date>`least(latest_dropoff_at, ${after(sql`${ride.duration_s}::float8 + ${detour}`)})`,
      }
    case 'release':
      return {
        latest_pickup_at: after(wait),
        latest_dropoff_at: sql<Date>`greatest(latest_dropoff_at, ${after(
          sql`${wait} + ${ride.duration_s}::float8 + ${detour}`,
        )})`,
      }
    default:
      return {}
  }
}
