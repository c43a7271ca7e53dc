/** A cancellation by the desk that was a mistake: the ride waits again, with all that was promised. */
import type { UpdateObject } from 'kysely'
import { type CompanyId, type Result, type RideId, refuse } from '../engine/units.ts'
import { holdPromo, usePromo } from '../fares/promos.ts'
import { findQuote } from '../fares/quotes.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { type Actor, type ChangeRefusal, changeRide } from './changes.ts'
import { type LoadedRide, lockRide } from './store.ts'

/**
 * Bring a cancelled ride back to where it waited: for its time where it was booked and not looked for yet, else for a
 * driver. Its price is the one it had; a code that came free with the cancellation is held again.
 * @param of.restores its deadlines and letters as they are to be
 * @returns `code_used_up` or `code_used_by_you` when the code went elsewhere meanwhile
 */
export async function reopenRide(
  unit: Work,
  random: Random,
  of: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly isBooked: boolean
    readonly actor: Actor
    readonly restores: UpdateObject<Tables, 'rides'>
  },
): Promise<Result<LoadedRide, ChangeRefusal | 'code_used_up' | 'code_used_by_you'>> {
  const { companyId, rideId, isBooked, ...change } = of
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined) return refuse('not_found')
  const reopened = await changeRide(unit, random, {
    ...{ companyId, rideId, ...change },
    event: { type: isBooked ? 'reopen_booked' : 'reopen' },
  })
  if (!reopened.ok || ride.promo_minor === 0) return reopened
  const quote = await findQuote(unit.db, companyId, ride.quote_id)
  if (quote?.promo_id == null) return reopened
  const identityId = ride.rider_id
  const held = await holdPromo(unit, {
    ...{ companyId, promoId: quote.promo_id, identityId, amountMinor: ride.promo_minor },
  })
  if (!held.ok) return held
  await unit.db.deleteFrom('promo_uses').where('ride_id', '=', rideId).execute()
  await usePromo(unit, { promo: held.value, rideId, identityId, amountMinor: ride.promo_minor })
  return reopened
}
