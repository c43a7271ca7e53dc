/** Small runs on a grid, and every way there is to drive them: what the pooling of the engine is measured against. */
import fc from 'fast-check'
import {
  arrivalsS,
  type PoolRequest,
  type PoolWeights,
  type Run,
  runCostS,
  type Stop,
  seatsOnBoard,
  stopsOf,
} from '../../src/engine/run.ts'

export interface Block {
  readonly x: number
  readonly y: number
}

/** Streets and avenues, a minute a block: whole seconds that obey the triangle inequality. */
export const blocksS = (a: Block, b: Block): number => 60 * (Math.abs(a.x - b.x) + Math.abs(a.y - b.y))

const block = fc.record({ x: fc.integer({ min: 0, max: 6 }), y: fc.integer({ min: 0, max: 6 }) })

/** A request made at second 0, with tight or easy promises. */
export const request = (rideId: string, seatsMax = 2): fc.Arbitrary<PoolRequest<Block>> =>
  fc
    .record({
      pickup: block,
      dropoff: block,
      seats: fc.integer({ min: 1, max: seatsMax }),
      waitS: fc.integer({ min: 0, max: 15 }).map((minutes) => 60 * minutes),
      detourS: fc.integer({ min: 0, max: 15 }).map((minutes) => 60 * minutes),
    })
    .map(({ waitS, detourS, ...rest }) => ({
      ...rest,
      rideId,
      requestedAtS: 0,
      latestPickupS: waitS,
      latestDropoffS: waitS + blocksS(rest.pickup, rest.dropoff) + detourS,
    }))

/** A run with up to `most` riders, on board or waiting, in any order that seats allow; some are late if `mayBeLate`. */
export const someRun = (most: number, mayBeLate: boolean): fc.Arbitrary<Run<Block>> =>
  fc
    .record({
      from: block,
      capacity: fc.integer({ min: 1, max: 4 }),
      fromAtS: fc.constantFrom(0, 60),
      riders: fc.array(
        fc.record({
          pickup: block,
          dropoff: block,
          seats: fc.integer({ min: 1, max: 2 }),
          spareS: fc.integer({ min: mayBeLate ? -5 : 0, max: 10 }).map((minutes) => 60 * minutes),
          onBoard: fc.boolean(),
          places: fc.tuple(fc.nat(1_000), fc.nat(1_000)),
        }),
        { maxLength: most },
      ),
    })
    .map(({ from, capacity, fromAtS, riders }) => {
      let stops: Stop<Block>[] = []
      riders.forEach(({ pickup, dropoff, seats, onBoard, places }, n) => {
        const own = { rideId: `old-${n}`, seats, latestS: 0 }
        const first = onBoard ? 0 : places[0] % (stops.length + 1)
        const grown = onBoard ? [...stops] : stops.toSpliced(first, 0, { ...own, kind: 'pickup', at: pickup })
        const last = first + (onBoard ? 0 : 1)
        const second = last + (places[1] % (grown.length - last + 1))
        const whole = grown.toSpliced(second, 0, { ...own, kind: 'dropoff', at: dropoff })
        if (fits(whole, capacity)) stops = whole
      })
      const arrival = arrivalsS({ from, fromAtS, capacity, stops }, blocksS)
      const spareOf = (rideId: string) => riders[Number(rideId.slice(4))]!.spareS
      const promised = stops.map((stop, k) => ({ ...stop, latestS: arrival[k]! + spareOf(stop.rideId) }))
      return { from, fromAtS, capacity, stops: promised }
    })

function fits(stops: readonly Stop<Block>[], capacity: number): boolean {
  let load = seatsOnBoard(stops)
  if (load > capacity) return false
  for (const { kind, seats } of stops) {
    load += kind === 'pickup' ? seats : -seats
    if (load > capacity) return false
  }
  return true
}

/** Whether an order of stops keeps seats, pickups before drop-offs, and promises no later than planned or promised. */
export function isFeasible(run: Run<Block>, stops: readonly Stop<Block>[]): boolean {
  if (!fits(stops, run.capacity)) return false
  const planned = arrivalsS(run, blocksS)
  const limitOf = (stop: Stop<Block>) => {
    const at = run.stops.findIndex((old) => old.kind === stop.kind && old.rideId === stop.rideId)
    return Math.max(stop.latestS, at < 0 ? stop.latestS : planned[at]!)
  }
  const arrival = arrivalsS({ ...run, stops }, blocksS)
  return stops.every((stop, k) => {
    if (arrival[k]! > limitOf(stop)) return false
    const pickup = stops.findIndex((other) => other.kind === 'pickup' && other.rideId === stop.rideId)
    return stop.kind === 'pickup' || pickup < k
  })
}

/** The least cost of taking `added` along in any order of all stops; infinite where none is feasible. */
export function leastCostOfAnyOrder(
  run: Run<Block>,
  added: readonly PoolRequest<Block>[],
  weights: PoolWeights,
): number {
  const stops = [...run.stops, ...added.flatMap(stopsOf)]
  return Math.min(
    Number.POSITIVE_INFINITY,
    ...ordersOf(stops).map((order) => addedCostS(run, order, added, weights)),
  )
}

/** The least cost of taking one along where the others keep their order. */
export function leastCostOfAnyPlace(
  run: Run<Block>,
  added: PoolRequest<Block>,
  weights: PoolWeights,
): number {
  const [pickup, dropoff] = stopsOf(added)
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i <= run.stops.length; i++)
    for (let j = i + 1; j <= run.stops.length + 1; j++) {
      const order = run.stops.toSpliced(i, 0, pickup).toSpliced(j, 0, dropoff)
      least = Math.min(least, addedCostS(run, order, [added], weights))
    }
  return least
}

function addedCostS(
  run: Run<Block>,
  order: readonly Stop<Block>[],
  added: readonly PoolRequest<Block>[],
  weights: PoolWeights,
): number {
  if (!isFeasible(run, order)) return Number.POSITIVE_INFINITY
  const waitedS = added.reduce((sum, { requestedAtS }) => sum + run.fromAtS - requestedAtS, 0)
  const after = runCostS({ ...run, stops: order }, blocksS, weights)
  return after - runCostS(run, blocksS, weights) + weights.rider * waitedS
}

/** Every order in which nobody gets out before they got in. */
function ordersOf(stops: readonly Stop<Block>[]): Stop<Block>[][] {
  if (stops.length === 0) return [[]]
  return stops.flatMap((stop, n) => {
    const rest = stops.toSpliced(n, 1)
    const early = stop.kind === 'dropoff' && rest.some(({ rideId }) => rideId === stop.rideId)
    return early ? [] : ordersOf(rest).map((order) => [stop, ...order])
  })
}
