/** The desk changes what was asked for: words at once, and what has a price at the price the caller said yes to. */
import { changesBetween } from '../audit/audit.ts'
import { ok, type QuoteId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { editRide, editWords } from '../rides/edits.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { stopsOfRide } from '../rides/stops.ts'
import { actorOf, done, type Hand, type Meant, type Outcome, onRide } from './acts.ts'
import { correctCaller } from './caller-edit.ts'

/** What a change of the way, the class or the time may touch. */
const AGREED = [
  ...(['quote_id', 'tariff_id', 'class', 'seats', 'attributes', 'distance_m', 'duration_s'] as const),
  ...(['pickup_lat', 'pickup_lng', 'pickup_label', 'dropoff_lat', 'dropoff_lng', 'dropoff_label'] as const),
  ...(['fare_minor', 'driver_minor', 'promo_minor', 'currency', 'requested_at'] as const),
  ...(['scheduled_for', 'release_at', 'letters_sent'] as const),
] satisfies readonly (keyof LoadedRide)[]

/**
 * The rider's name, the note, and the number of somebody whom a desk took down; refused as `nothing_changed` where all
 * are as they were.
 * @param meant.phone E.164; left out, it stays
 */
export function edit(
  unit: Work,
  hand: Hand,
  meant: Meant & { readonly riderName: string; readonly note: string; readonly phone?: string | undefined },
): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const { riderName, note, phone } = meant
    const caller = await correctCaller(unit, ride, { riderName, phone })
    if (!caller.ok) return refuse(caller.reason)
    const changed = changesBetween(
      { rider_name: ride.rider_name, note: ride.note },
      { rider_name: riderName, note },
    )
    const isOtherNumber = caller.value !== null && caller.value.before.phone !== caller.value.after.phone
    if (changed === null && !isOtherNumber) return refuse('nothing_changed')
    const edited = await editWords(unit, hand.random, {
      ...{ companyId: hand.companyId, rideId: ride.id, actor: actorOf(hand), riderName, note },
    })
    if (!edited.ok) return edited
    return done(unit, hand, ride, edited.value, {
      ...{ kind: 'edit', action: 'ride.edited', columns: ['rider_name', 'note'] },
      ...(caller.value !== null && { caller: caller.value }),
      // The words themselves are the rider's; that they changed is the trail's.
      detail: { changed: [...Object.keys(changed?.after ?? {}), ...(isOtherNumber ? ['phone'] : [])] },
    })
  })
}

/** Take what a quote says that was made for this ride (`/price`), as the caller agreed. */
export function agree(unit: Work, hand: Hand, meant: Meant & { readonly quoteId: QuoteId }): Outcome {
  return onRide(unit, hand, meant, async (ride) => {
    const stops = await stopsOfRide(unit.db, ride.company_id, ride.id)
    const edited = await editRide(
      unit,
      {
        unfulfilledAfterS: hand.region.unfulfilledAfterS,
        leadFloorS: hand.region.leadFloorS,
        random: hand.random,
        secrets: hand.secrets,
      },
      { companyId: hand.companyId, rideId: ride.id, actor: actorOf(hand), quoteId: meant.quoteId },
    )
    if (!edited.ok) return edited
    const { ride: after, isAsked } = edited.value
    const acted = await done(unit, hand, ride, after, {
      ...{ kind: 'edit', action: 'ride.edited', isAsked, columns: isAsked ? [] : AGREED },
      ...(isAsked ? {} : { stops: stops.map(({ lat, lng, label }) => ({ lat, lng, label })) }),
      detail: {
        isAsked,
        before: { fareMinor: ride.fare_minor, class: ride.class, quoteId: ride.quote_id },
        after: { fareMinor: after.fare_minor, class: after.class, quoteId: meant.quoteId },
      },
    })
    return acted.ok ? ok({ ...acted.value, json: { ...acted.value.json, isAsked } }) : acted
  })
}
