/** What several riders in one car means to each of them, against a plan that is counted out. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { planTogether } from '../../src/engine/pool-together.ts'
import type { PoolRequest } from '../../src/engine/run.ts'
import { effectsOf } from '../../src/engine/together-effect.ts'

/** Places on a line, a second a step. */
const travelS = (from: number, to: number) => Math.abs(to - from)
const LONG_S = 1_000_000
const request = (rideId: string, pickup: number, dropoff: number): PoolRequest<number> => ({
  ...{ rideId, pickup, dropoff, seats: 1, requestedAtS: 0 },
  ...{ latestPickupS: LONG_S, latestDropoffS: LONG_S },
})
const planned = (requests: readonly PoolRequest<number>[], from: number | null, fromAtS = 0) => {
  const plan = planTogether(requests, { from, fromAtS, capacity: 4, travelS })
  if (!plan.ok) throw new Error(plan.reason)
  return plan.value
}

test('the second on the way waits for the first, and who is passed by first rides as long as alone', () => {
  const requests = [request('far', 10, 100), request('near', 20, 60)]
  const effects = effectsOf(planned(requests, 0, 500), requests, {
    ...{ fromAtS: 500, travelS },
    aloneEtaS: (rideId) => (rideId === 'far' ? 10 : null),
  })
  expect(effects).toEqual([
    { rideId: 'far', pickupAtS: 510, dropoffAtS: 600, waitsLongerS: 0, ridesLongerS: 0 },
    { rideId: 'near', pickupAtS: 520, dropoffAtS: 560, waitsLongerS: null, ridesLongerS: 0 },
  ])
})

test('a detour is the time on board beyond the straight drive, and a wait the time beyond a car of their own', () => {
  // The car stands between them: one is fetched first, and rides back past where it began.
  const requests = [request('a', 0, 50), request('b', -30, 50)]
  const effects = effectsOf(planned(requests, 5), requests, { fromAtS: 0, aloneEtaS: () => 4, travelS })
  const total = effects.reduce((sum, { ridesLongerS, waitsLongerS }) => sum + ridesLongerS + waitsLongerS!, 0)
  expect(effects.map(({ rideId }) => rideId)).toEqual(
    effects.toSorted((x, y) => x.pickupAtS - y.pickupAtS).map(({ rideId }) => rideId),
  )
  expect(total).toBeGreaterThan(0)
})

test('whatever is planned: the times are those of the plan, and nobody rides less than straight', () => {
  const place = fc.integer({ min: -50, max: 50 })
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, place), { minLength: 2, maxLength: 3 }),
      fc.option(place),
      (ways, from) => {
        const requests = ways.map(([pickup, dropoff], n) => request(`r${n}`, pickup, dropoff))
        const plan = planned(requests, from, 100)
        const effects = effectsOf(plan, requests, { fromAtS: 100, aloneEtaS: () => 7, travelS })
        expect(effects.map(({ rideId }) => rideId).toSorted()).toEqual(requests.map(({ rideId }) => rideId))
        for (const { rideId, pickupAtS, dropoffAtS, waitsLongerS, ridesLongerS } of effects) {
          const [pickup, dropoff] = ways[Number(rideId.slice(1))]!
          expect(plan.stops).toContainEqual(
            expect.objectContaining({ rideId, kind: 'pickup', atS: pickupAtS }),
          )
          expect(waitsLongerS).toBe(pickupAtS - 107)
          expect(dropoffAtS - pickupAtS - ridesLongerS).toBe(travelS(pickup, dropoff))
        }
      },
    ),
    { numRuns: 200 },
  )
})
