/** A tip after the ride: on the rider's account, all of it the driver's, once. */
import { type CompanyId, type IdentityId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { capture, tipsOfRides } from '../money/money.ts'
import { type LoadedRide, lockRide } from './store.ts'

/** Long enough to find the receipt again; afterwards the driver's statements are out. */
export const TIP_WITHIN_MS = 14 * 86_400_000
/** More than the ride itself, and more than this, is most likely a slip of the hand. */
const TIP_MOST_MINOR = 5_000

export type TipRefusal = 'not_found' | 'not_allowed_now' | 'tip_given' | 'tip_too_late' | 'tip_too_large'

/** The largest tip a ride may have, minor units. */
export function mostTipMinor({ fare_minor, promo_minor }: Pick<LoadedRide, 'fare_minor' | 'promo_minor'>) {
  return Math.max(fare_minor + promo_minor, TIP_MOST_MINOR)
}

/** Whether a ride may have a tip still, its tip not looked at. */
export function mayTip(ride: Pick<LoadedRide, 'state' | 'ended_at'>, nowMs: number): boolean {
  return (
    ride.state === 'completed' && ride.ended_at !== null && nowMs < ride.ended_at.getTime() + TIP_WITHIN_MS
  )
}

/** Three tips to choose from, of the fare without what a code took off: about 10, 15 and 20 %, in tenths of the major unit. */
export function tipChoices({ fare_minor, promo_minor }: Pick<LoadedRide, 'fare_minor' | 'promo_minor'>) {
  const choices = [10, 15, 20].map((percent) =>
    Math.max(10, Math.round(((fare_minor + promo_minor) * percent) / 1_000) * 10),
  )
  return [...new Set(choices)]
}

/** Give the driver of a ride a tip. */
export async function tipRide(
  unit: Work,
  random: Random,
  tip: {
    readonly companyId: CompanyId
    readonly rideId: RideId
    readonly riderId: IdentityId
    readonly amountMinor: number
  },
): Promise<Result<LoadedRide, TipRefusal>> {
  const ride = await lockRide(unit.db, tip.companyId, tip.rideId)
  if (ride === undefined || ride.rider_id !== tip.riderId) return refuse('not_found')
  if (ride.state !== 'completed' || ride.driver_id === null) return refuse('not_allowed_now')
  if (!mayTip(ride, unit.atMs)) return refuse('tip_too_late')
  if (tip.amountMinor > mostTipMinor(ride)) return refuse('tip_too_large')
  if ((await tipsOfRides(unit.db, tip.companyId, [ride.id])).has(ride.id)) return refuse('tip_given')
  await capture(unit, random, {
    ...{ companyId: ride.company_id, rideId: ride.id, riderId: ride.rider_id, driverId: ride.driver_id },
    ...{ kind: 'tip', method: 'account', amountMinor: tip.amountMinor, currency: ride.currency },
  })
  return ok(ride)
}
