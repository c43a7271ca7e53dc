/** What going together means to each of several riders, for a person who decides it: pure. */
import type { Together } from './pool-together.ts'
import type { PoolRequest, TravelS } from './run.ts'
import { assert } from './units.ts'

export interface TogetherEffect {
  readonly rideId: string
  /** When the car is at both ends, on the caller's clock, seconds. */
  readonly pickupAtS: number
  readonly dropoffAtS: number
  /** Against a car of their own now, below nothing they wait less; null where no car is free for them. */
  readonly waitsLongerS: number | null
  /** Against the straight drive, never below nothing. */
  readonly ridesLongerS: number
}

/**
 * Each rider's times in a plan beside those of going alone, in the order of the pickups.
 * @param of.fromAtS when the car would set off for any of them
 * @param of.aloneEtaS seconds until a car of their own would be there; null while none is free
 */
export function effectsOf<P>(
  { stops }: Together<P>,
  requests: readonly PoolRequest<P>[],
  of: {
    readonly fromAtS: number
    readonly aloneEtaS: (rideId: string) => number | null
    readonly travelS: TravelS<P>
  },
): TogetherEffect[] {
  const atS = (kind: 'pickup' | 'dropoff', rideId: string) => {
    const stop = stops.find((one) => one.kind === kind && one.rideId === rideId)
    assert(stop !== undefined, 'a plan has both ends of each ride')
    return stop.atS
  }
  return requests
    .map(({ rideId, pickup, dropoff }): TogetherEffect => {
      const [pickupAtS, dropoffAtS] = [atS('pickup', rideId), atS('dropoff', rideId)]
      const aloneEtaS = of.aloneEtaS(rideId)
      return {
        ...{ rideId, pickupAtS, dropoffAtS },
        waitsLongerS: aloneEtaS === null ? null : pickupAtS - of.fromAtS - aloneEtaS,
        ridesLongerS: Math.max(0, dropoffAtS - pickupAtS - of.travelS(pickup, dropoff)),
      }
    })
    .toSorted((a, b) => a.pickupAtS - b.pickupAtS)
}
