/** Which ride a car could drive after which, taken as good as it could be; the graph of the bound (bound.ts). */
import type { BoundInput } from './bound.ts'

/** Rows are rides; columns the drop-offs of rides (by their place), then the starts of cars, then one for all others a row. */
export interface Chains {
  readonly count: number
  readonly columnCount: number
  readonly rowStarts: Int32Array
  /** By edge: the column. */
  readonly columns: Int32Array
  /** By edge: when the car is let go there at the latest; the earliest pickup after it; the way between, in seconds. */
  readonly latestEndsS: Float64Array
  readonly fromS: Float64Array
  readonly drivesS: Float64Array
  /** By row, seconds since the first request. */
  readonly requestsS: Float64Array
  readonly durationsS: Float64Array
  /** By row: when it is over at the latest. */
  readonly endsS: Float64Array
  readonly maxWaitS: number
}

/** Of the drop-offs a car could come from, so many with the least time lost; all others count as the best of them. */
const CANDIDATES = 24
/** Drop-offs longer ago than this count as exactly that long ago. */
const LOOK_BACK_S = 1_800

interface Edge {
  readonly column: number
  readonly lostS: number
  readonly driveS: number
  readonly endS: number
  readonly fromS: number
}

export function chainsOf({ rides, starts, ground, maxWaitS }: BoundInput): Chains {
  const count = rides.length
  const firstMs = rides[0]!.requestedAtMs
  const requestsS = Float64Array.from(rides, ({ requestedAtMs }) => (requestedAtMs - firstMs) / 1_000)
  const durationsS = Float64Array.from(rides, ({ durationS }) => durationS)
  const endsS = requestsS.map((requestS, ride) => requestS + maxWaitS + durationsS[ride]!)
  const longestS = durationsS.reduce((longest, durationS) => Math.max(longest, durationS), 0)
  const rowStarts = new Int32Array(count + 1)
  const edges: Edge[] = []
  let oldest = 0
  for (let row = 0; row < count; row++) {
    const requestS = requestsS[row]!
    const { pickup } = rides[row]!
    const found: Edge[] = []
    const consider = (column: number, earliestEndS: number, endS: number, driveS: number) => {
      const fromS = Math.max(requestS, earliestEndS + driveS)
      if (fromS > requestS + maxWaitS) return
      keep(found, { column, lostS: Math.max(driveS, requestS - endS), driveS, endS, fromS })
    }
    const isHopeless = (endS: number) =>
      found.length > CANDIDATES && requestS - endS > found[CANDIDATES]!.lostS
    while (requestsS[oldest]! < requestS - LOOK_BACK_S - maxWaitS - longestS) oldest++
    for (let ride = oldest; ride < count && requestsS[ride]! <= requestS + maxWaitS; ride++) {
      const earliestEndS = requestsS[ride]! + durationsS[ride]!
      if (ride === row || earliestEndS > requestS + maxWaitS || endsS[ride]! < requestS - LOOK_BACK_S)
        continue
      if (isHopeless(endsS[ride]!)) continue
      consider(ride, earliestEndS, endsS[ride]!, ground.leg(rides[ride]!.dropoff, pickup).durationS)
    }
    if (requestS <= LOOK_BACK_S)
      for (const [car, start] of starts.entries())
        consider(count + car, 0, 0, ground.leg(start, pickup).durationS)
    edges.push(...found.slice(0, CANDIDATES))
    edges.push(anyOther(count + starts.length + row, requestS, found[CANDIDATES]?.lostS))
    rowStarts[row + 1] = edges.length
  }
  return {
    ...{
      count,
      columnCount: count + starts.length + count,
      rowStarts,
      requestsS,
      durationsS,
      endsS,
      maxWaitS,
    },
    columns: Int32Array.from(edges, ({ column }) => column),
    latestEndsS: Float64Array.from(edges, ({ endS }) => endS),
    fromS: Float64Array.from(edges, ({ fromS }) => fromS),
    drivesS: Float64Array.from(edges, ({ driveS }) => driveS),
  }
}

/** The best so far in order, and one more, which tells what all others lose at least. */
function keep(found: Edge[], edge: Edge): void {
  if (found.length > CANDIDATES && edge.lostS >= found[CANDIDATES]!.lostS) return
  let place = Math.min(found.length, CANDIDATES)
  while (place > 0 && found[place - 1]!.lostS > edge.lostS) {
    found[place] = found[place - 1]!
    place--
  }
  found[place] = edge
}

/** A drop-off of its own for each ride, at least as good as every one that is not an edge: what is lost is lost. */
function anyOther(column: number, requestS: number, nextLostS = Number.POSITIVE_INFINITY): Edge {
  const lostS = Math.min(nextLostS, LOOK_BACK_S)
  return { column, lostS, driveS: lostS, endS: Number.POSITIVE_INFINITY, fromS: requestS }
}
