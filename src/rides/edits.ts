/** What a desk changes of a ride in its rider's name: words at once, and what has a price at the price that was said. */
import type { UpdateObject } from 'kysely'
import { hasOpenRun } from '../engine/ride.ts'
import { type CompanyId, ok, type QuoteId, type Result, type RideId, refuse } from '../engine/units.ts'
import { claimQuote, findQuote, type QuoteRefusal } from '../fares/quotes.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { agreedIn, type BookingTerms, plannedFor } from './booking.ts'
import { type Actor, type ChangeRefusal, changeRide } from './changes.ts'
import { keepsReached, putStops, stopsOfRide } from './stops.ts'
import { type LoadedRide, lockRide } from './store.ts'
import { type AskChangeRefusal, askChange } from './way-changes.ts'

interface Edited {
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly actor: Actor
}

/** The rider's name and the note for the driver, as they are from now on. */
export function editWords(
  unit: Work,
  random: Random,
  { riderName, note, ...of }: Edited & { readonly riderName: string; readonly note: string },
): Promise<Result<LoadedRide, ChangeRefusal>> {
  return changeRide(unit, random, {
    ...of,
    event: { type: 'edit' },
    reason: 'name, note or number',
    agreed: { rider_name: riderName, note },
    keepsOffers: true,
  })
}

export type EditRefusal = 'on_board' | 'driver_has_it' | QuoteRefusal | ChangeRefusal | AskChangeRefusal

/** Why what has a price cannot be changed by the desk now; null where it can. */
export function noEditOf(
  ride: Pick<LoadedRide, 'state' | 'shared'>,
): 'pooled_ride' | 'on_board' | 'not_allowed_now' | null {
  if (ride.state === 'in_progress') return 'on_board'
  if (ride.state !== 'scheduled' && ride.state !== 'requested' && !hasOpenRun(ride.state))
    return 'not_allowed_now'
  return ride.shared ? 'pooled_ride' : null
}

/** Whether a car that was chosen for a ride still is what the rider wants, and then when. */
export function keepsCar(
  ride: Pick<LoadedRide, 'class' | 'seats' | 'attributes' | 'scheduled_for'>,
  wished: Pick<LoadedRide, 'class' | 'seats' | 'attributes' | 'scheduled_for'>,
): boolean {
  return (
    wished.class === ride.class &&
    wished.seats === ride.seats &&
    wished.attributes === ride.attributes &&
    wished.scheduled_for?.getTime() === ride.scheduled_for?.getTime()
  )
}

/**
 * Take what a quote says that was made for this ride: where nobody drives yet at once, else whoever drives is asked and
 * it stays as it was until they agree.
 * @returns the ride, and whether a driver is asked; `changed_meanwhile` when the ride's price is another one by now,
 *   `driver_has_it` for what a driver's car was chosen by
 */
export async function editRide(
  unit: Work,
  deps: { random: Random; secrets: readonly string[] } & BookingTerms,
  { quoteId, ...of }: Edited & { readonly quoteId: QuoteId },
): Promise<Result<{ ride: LoadedRide; isAsked: boolean }, EditRefusal>> {
  const { companyId, rideId } = of
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined) return refuse('not_found')
  const hindrance = noEditOf(ride)
  if (hindrance !== null) return refuse(hindrance)
  const named = await findQuote(unit.db, companyId, quoteId)
  if (named?.replaces == null) return refuse('not_found')
  if (named.replaces !== ride.quote_id) return refuse('changed_meanwhile')
  if (hasOpenRun(ride.state)) {
    if (!keepsCar(ride, named)) return refuse('driver_has_it')
    const asked = await askChange(unit, deps, { ...of, riderId: ride.rider_id, quoteId })
    return asked.ok ? ok({ ride: asked.value.ride, isAsked: true }) : asked
  }
  const claimed = await claimQuote(unit, deps.secrets, {
    ...{ companyId, quoteId, riderId: ride.rider_id, replaces: ride.quote_id },
  })
  if (!claimed.ok) return claimed
  const quote = claimed.value
  if (!keepsReached(quote.stops, await stopsOfRide(unit.db, companyId, rideId)))
    return refuse('changed_meanwhile')
  const agreed: UpdateObject<Tables, 'rides'> = {
    ...agreedIn(quote),
    ...(quote.scheduled_for === null || ride.state !== 'scheduled'
      ? {}
      : plannedFor(quote.scheduled_for, unit.atMs, deps)),
  }
  await putStops(unit, ride, quote.stops)
  const changed = await changeRide(unit, deps.random, {
    ...of,
    event: { type: 'edit' },
    reason: `${quote.pickup_label} → ${quote.dropoff_label}`.slice(0, 200),
    agreed,
  })
  return changed.ok ? ok({ ride: changed.value, isAsked: false }) : changed
}
