/**
 * The rescue queue: a ride that so many drivers did not want is put before the desk, which may look wider, put it off,
 * give it to a driver by hand or cancel it with a word to the rider. The engine goes on asking meanwhile: riders are
 * served whether a desk looks or not.
 */
import type { PutOffMinutes } from '../engine/rescue.ts'
import type { CompanyId, Result, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type Actor, changeRide, type LoadedRide } from '../rides/rides.ts'

/** `driver_busy` is of assignments and never comes of these. */
type RescueRefusal = 'not_found' | 'not_allowed_now' | 'driver_busy'

interface Rescued {
  readonly companyId: CompanyId
  readonly rideId: RideId
  /** From the region: how long the matcher looks before it gives up. */
  readonly unfulfilledAfterS: number
  readonly actor: Actor
}

/**
 * Look as far as the region's policy goes at once, and ask again who let an offer lapse; who said no, or had the ride,
 * is not asked again. The search gets its full time anew.
 */
export function lookWider(
  unit: Work,
  random: Random,
  { unfulfilledAfterS, ...of }: Rescued,
): Promise<Result<LoadedRide, RescueRefusal>> {
  return changeRide(unit, random, {
    ...of,
    event: { type: 'widen' },
    agreed: {
      ...{ wider_at: new Date(unit.atMs), put_off_until: null },
      deadline_at: new Date(unit.atMs + unfulfilledAfterS * 1_000),
    },
  })
}

/** Ask nobody for a while: the offer that is open is taken back, and the search begins anew when the time is over. */
export function putOff(
  unit: Work,
  random: Random,
  { unfulfilledAfterS, minutes, ...of }: Rescued & { minutes: PutOffMinutes },
): Promise<Result<LoadedRide, RescueRefusal>> {
  const untilMs = unit.atMs + minutes * 60_000
  return changeRide(unit, random, {
    ...of,
    event: { type: 'hold' },
    reason: `${minutes} min`,
    agreed: {
      put_off_until: new Date(untilMs),
      deadline_at: new Date(untilMs + unfulfilledAfterS * 1_000),
    },
  })
}

/** Ask again now what was put off, as far as any request of its age looks. */
export function putOn(
  unit: Work,
  random: Random,
  { unfulfilledAfterS, ...of }: Rescued,
): Promise<Result<LoadedRide, RescueRefusal>> {
  return changeRide(unit, random, {
    ...of,
    event: { type: 'unhold' },
    agreed: { put_off_until: null, deadline_at: new Date(unit.atMs + unfulfilledAfterS * 1_000) },
  })
}
