import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { insertKeepingOrder, insertRider } from '../../src/engine/pool.ts'
import { takeAlong } from '../../src/engine/pool-effect.ts'
import { bestOrder } from '../../src/engine/pool-order.ts'
import { planTogether } from '../../src/engine/pool-together.ts'
import {
  arrivalsS,
  DEFAULT_POOL_WEIGHTS,
  type PoolRequest,
  promiseOf,
  type Run,
  runCostS,
  stopsOf,
} from '../../src/engine/run.ts'
import { refuse } from '../../src/engine/units.ts'
import {
  type Block,
  blocksS,
  isFeasible,
  leastCostOfAnyOrder,
  leastCostOfAnyPlace,
  request,
  someRun,
} from '../support/pool-oracle.ts'

const weights = fc.constantFrom(DEFAULT_POOL_WEIGHTS, { drive: 1, rider: 0 }, { drive: 1, rider: 0.25 })

function ride(rideId: string, from: Block, to: Block, limits: Partial<PoolRequest<Block>> = {}) {
  const directS = blocksS(from, to)
  const promise = promiseOf({ requestedAtS: 0, directS, waitS: 600, detourS: 900 })
  return { rideId, pickup: from, dropoff: to, seats: 1, requestedAtS: 0, ...promise, ...limits }
}

/** A car at the corner with Ada on board, who goes ten blocks east and has eight minutes to spare. */
const withAda: Run<Block> = {
  from: { x: 0, y: 0 },
  fromAtS: 0,
  capacity: 4,
  stops: [{ kind: 'dropoff', rideId: 'ada', at: { x: 10, y: 0 }, seats: 1, latestS: 1_080 }],
}

const words = (run: { stops: Run<Block>['stops'] } | null) =>
  run?.stops.map(({ kind, rideId }) => `${kind} ${rideId}`)

describe('what one more rider means to everybody', () => {
  test('who is on board is there later, and the fullest part of the way is counted', () => {
    const found = takeAlong(withAda, ride('ben', { x: 2, y: 1 }, { x: 6, y: 1 }), blocksS)
    expect(found.ok && found.value).toMatchObject({
      ...{ addedDriveS: 120, seatsTaken: 2, pickupAtS: 180 },
      others: [
        { rideId: 'ada', pickupLaterS: null, dropoffLaterS: 120, dropoffAtS: 720, latestDropoffS: 1_080 },
      ],
    })
  })

  test('why not is told: a seat, or somebody’s promise', () => {
    const full = { ...withAda, capacity: 1 }
    expect(takeAlong(full, ride('ben', { x: 2, y: 0 }, { x: 6, y: 0 }), blocksS)).toEqual(refuse('no_seat'))
    const far = ride('ben', { x: 2, y: 9 }, { x: 6, y: 9 }, { latestDropoffS: 700 })
    expect(takeAlong(withAda, far, blocksS)).toEqual(refuse('too_late'))
  })

  test('nobody who is told to be in time is late, and seats are never more than there are', () => {
    fc.assert(
      fc.property(someRun(3, false), request('new'), (run, added) => {
        const found = takeAlong(run, added, blocksS)
        if (!found.ok) return expect(insertRider(run, added, blocksS)).toBeNull()
        const { others, seatsTaken, stops } = found.value
        const times = arrivalsS({ ...run, stops }, blocksS)
        const before = arrivalsS(run, blocksS)
        expect(seatsTaken).toBeLessThanOrEqual(run.capacity)
        expect(seatsTaken).toBeGreaterThanOrEqual(added.seats)
        expect(others.map(({ rideId }) => rideId).toSorted()).toEqual(
          [...new Set(run.stops.map(({ rideId }) => rideId))].toSorted(),
        )
        for (const { rideId, dropoffAtS, dropoffLaterS, latestDropoffS } of others) {
          const isTheirs = (stop: { kind: string; rideId: string }) =>
            stop.kind === 'dropoff' && stop.rideId === rideId
          expect(dropoffAtS).toBe(times[stops.findIndex(isTheirs)]!)
          expect(dropoffAtS - dropoffLaterS).toBe(before[run.stops.findIndex(isTheirs)]!)
          expect(dropoffAtS).toBeLessThanOrEqual(latestDropoffS + 1e-6)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('several who wait, in one empty car', () => {
  const rides = [ride('ada', { x: 2, y: 0 }, { x: 8, y: 0 }), ride('ben', { x: 3, y: 0 }, { x: 6, y: 0 })]
  const of = { from: { x: 0, y: 0 }, fromAtS: 0, capacity: 4, travelS: blocksS }

  test('are picked up and dropped off along the way', () => {
    const found = planTogether(rides, of)
    expect(found.ok && words(found.value)).toEqual(['pickup ada', 'pickup ben', 'dropoff ben', 'dropoff ada'])
    expect(found.ok && found.value).toMatchObject({ seatsMost: 2, driveS: 480 })
  })

  test('without a car the way begins where somebody waits', () => {
    const found = planTogether(rides, { ...of, from: null })
    expect(found.ok && found.value.stops[0]).toMatchObject({ rideId: 'ada', atS: 0 })
  })

  test('why not is told: seats, or somebody’s promise', () => {
    const late = rides.map((one) => ({ ...one, latestDropoffS: 500 }))
    expect(planTogether([late[0]!, { ...late[1]!, seats: 4 }], of)).toEqual(refuse('no_seat'))
    expect(planTogether([rides[0]!, ride('cy', { x: 40, y: 40 }, { x: 0, y: 0 })], of)).toEqual(
      refuse('too_late'),
    )
  })

  test('is as cheap as any order that keeps every promise, and none where there is none', () => {
    const three = fc.tuple(request('a'), request('b'), request('c')).map((all) => all.map(easier))
    fc.assert(
      fc.property(three, fc.integer({ min: 2, max: 4 }), (asked, capacity) => {
        const run = { from: { x: 3, y: 3 }, fromAtS: 0, capacity, stops: [] }
        const found = planTogether(asked, { ...of, from: run.from, capacity })
        const orders = permutations(asked.flatMap(stopsOf)).filter((stops) => isKept(run, stops))
        if (!found.ok) return expect(orders).toEqual([])
        expect(isKept(run, found.value.stops)).toBe(true)
        expect(found.value.seatsMost).toBeLessThanOrEqual(capacity)
        const cost = (stops: Run<Block>['stops']) => runCostS({ ...run, stops }, blocksS)
        expect(cost(found.value.stops)).toBe(Math.min(...orders.map(cost)))
      }),
      { numRuns: 60 },
    )
  })
})

/** Ten minutes more than the generator gives, so that about half of them can go together. */
function easier(one: PoolRequest<Block>): PoolRequest<Block> {
  return { ...one, latestPickupS: one.latestPickupS + 600, latestDropoffS: one.latestDropoffS + 600 }
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]]
  return items.flatMap((item, n) => permutations(items.toSpliced(n, 1)).map((rest) => [item, ...rest]))
}

/** By the definition: pickups first, seats enough, nobody later than told. */
function isKept(run: Run<Block>, stops: Run<Block>['stops']): boolean {
  const times = arrivalsS({ ...run, stops }, blocksS)
  let taken = 0
  const inside = new Set<string>()
  return stops.every(({ kind, rideId, seats, latestS }, n) => {
    taken += kind === 'pickup' ? seats : -seats
    if (kind === 'pickup') inside.add(rideId)
    return inside.has(rideId) && taken <= run.capacity && times[n]! <= latestS + 1e-6
  })
}

describe('taking one more rider along', () => {
  test('somebody on the way is picked up and dropped off on the way', () => {
    const found = insertRider(withAda, ride('ben', { x: 2, y: 1 }, { x: 6, y: 1 }), blocksS)
    expect(words(found)).toEqual(['pickup ben', 'dropoff ben', 'dropoff ada'])
    expect(found).toMatchObject({ addedDriveS: 120, pickupAtS: 180, dropoffAtS: 420 })
  })

  test('a detour that breaks the promise to who is on board is not made', () => {
    const far = ride('ben', { x: 2, y: 5 }, { x: 6, y: 5 }, { latestDropoffS: 700 })
    expect(insertRider(withAda, far, blocksS)).toBeNull()
  })

  test('nobody is taken along where a seat is missing on any part of the way', () => {
    const full = { ...withAda, capacity: 1 }
    const later = ride('ben', { x: 10, y: 0 }, { x: 12, y: 0 })
    expect(insertRider(full, ride('ben', { x: 2, y: 0 }, { x: 6, y: 0 }), blocksS)).toBeNull()
    expect(words(insertRider(full, later, blocksS))).toEqual(['dropoff ada', 'pickup ben', 'dropoff ben'])
    expect(insertRider(full, { ...later, seats: 2 }, blocksS)).toBeNull()
  })

  test('who is late already is not made later', () => {
    const late: Run<Block> = { ...withAda, stops: [{ ...withAda.stops[0]!, latestS: 300 }] }
    const onTheWay = ride('ben', { x: 2, y: 0 }, { x: 6, y: 0 })
    const aside = ride('ben', { x: 2, y: 1 }, { x: 6, y: 1 }, { latestDropoffS: 600 })
    expect(insertRider(late, onTheWay, blocksS)?.addedDriveS).toBe(0)
    expect(insertRider(late, aside, blocksS)).toBeNull()
  })

  test('a promise counts the waiting: both limits run from the request', () => {
    const of = { requestedAtS: 100, directS: 400, waitS: 300, detourS: 600 }
    expect(promiseOf(of)).toEqual({ latestPickupS: 400, latestDropoffS: 1_100 })
  })

  test('the cheapest place equals trying every place', () => {
    fc.assert(
      fc.property(someRun(5, true), request('new'), weights, (run, added, weigh) => {
        const found = insertKeepingOrder(run, added, blocksS, weigh)
        const least = leastCostOfAnyPlace(run, added, weigh)
        if (found === null) return expect(least).toBe(Number.POSITIVE_INFINITY)
        expect(isFeasible(run, found.stops)).toBe(true)
        expect(found.costS).toBeCloseTo(least, 6)
      }),
      { numRuns: 3_000 },
    )
  })

  test('a small run is re-ordered: as cheap as any order of all its stops', () => {
    fc.assert(
      fc.property(someRun(2, true), request('new'), weights, (run, added, weigh) => {
        const found = insertRider(run, added, blocksS, weigh)
        const least = leastCostOfAnyOrder(run, [added], weigh)
        if (found === null) return expect(least).toBe(Number.POSITIVE_INFINITY)
        expect(isFeasible(run, found.stops)).toBe(true)
        expect(found.costS).toBeCloseTo(least, 5)
        const arrival = arrivalsS({ ...run, stops: found.stops }, blocksS)
        const at = (kind: string) =>
          arrival[found.stops.findIndex((stop) => stop.kind === kind && stop.rideId === 'new')]!
        expect([found.pickupAtS, found.dropoffAtS]).toEqual([at('pickup'), at('dropoff')])
      }),
      { numRuns: 1_500 },
    )
  })

  test('a run of four riders is never made worse by re-ordering', () => {
    fc.assert(
      fc.property(someRun(3, true), request('new'), (run, added) => {
        const kept = insertKeepingOrder(run, added, blocksS)
        const found = insertRider(run, added, blocksS)
        if (kept !== null) expect(found!.costS).toBeLessThanOrEqual(kept.costS + 1e-9)
        if (found !== null) expect(isFeasible(run, found.stops)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  test('two at once into a run: as cheap as any order', () => {
    fc.assert(
      fc.property(someRun(1, true), request('a'), request('b'), (run, a, b) => {
        const found = bestOrder(run, [a, b], blocksS)
        const least = leastCostOfAnyOrder(run, [a, b], DEFAULT_POOL_WEIGHTS)
        expect(found?.costS ?? Number.POSITIVE_INFINITY).toBeCloseTo(least, 5)
      }),
      { numRuns: 500 },
    )
  })
})
