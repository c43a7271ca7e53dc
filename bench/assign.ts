/**
 * One batch of a city, each request with its 16 nearest free drivers: our matcher against a dense exact solver. Calm
 * has two free drivers a request; surge has nine for ten requests, where the work is deciding whom to leave waiting.
 */
import munkres from 'munkres'
import { DEFAULT_POLICY, pickupCostS } from '../src/engine/decide.ts'
import { travelOver } from '../src/engine/eta.ts'
import { FleetIndex } from '../src/engine/fleet-index.ts'
import { assign, makeMatchWorkspace, type SparseCosts } from '../src/engine/match.ts'
import { type DriverId, seededRandom } from '../src/engine/units.ts'
import { type Bench, IS_SMALL, interleave, median, medianRatio, type Report, timeMs } from './run.ts'
import { MAX_M, requestsOf } from './workload.ts'

const SEED = 20_261_123
const CANDIDATES = 16
const ANY_CLASS = 7
// Ours takes less than a millisecond, too little for one reading of the clock.
const OUR_TURNS = 20

function batchOf(requestCount: number, drivers: number): SparseCosts {
  const random = seededRandom(SEED)
  const requests = requestsOf(requestCount, random)
  const free = requestsOf(drivers, random)
  const fleet = new FleetIndex()
  for (let n = 0; n < drivers; n++) {
    const at = { lat: free.lats[n]!, lng: free.lngs[n]! }
    const handle = fleet.add(`driver-${n}` as DriverId, at, { classMask: 1, seats: 4, attributes: 0 })
    fleet.setAvailable(handle, true)
  }
  const columnOf = new Map(Array.from({ length: drivers }, (_, n) => [`driver-${n}` as DriverId, n]))
  const found = fleet.makeResult(CANDIDATES)
  const rowStarts = new Int32Array(requestCount + 1)
  const columns: number[] = []
  const costs: number[] = []
  for (let row = 0; row < requestCount; row++) {
    const at = { lat: requests.lats[row]!, lng: requests.lngs[row]! }
    const asked = { k: CANDIDATES, maxM: MAX_M, classMask: ANY_CLASS, seatsMin: 1, attributes: 0 }
    const count = fleet.nearest({ ...at, ...asked }, found)
    for (let n = 0; n < count; n++) {
      columns.push(columnOf.get(fleet.driverIdOf(found.handles[n]!))!)
      costs.push(pickupCostS(DEFAULT_POLICY, travelOver(found.distancesM[n]!).durationS))
    }
    rowStarts[row + 1] = columns.length
  }
  return {
    rows: requestCount,
    columns: drivers,
    rowStarts,
    edgeColumns: Int32Array.from(columns),
    edgeCosts: Float64Array.from(costs),
    dropCosts: new Float64Array(requestCount).fill(pickupCostS(DEFAULT_POLICY, travelOver(MAX_M).durationS)),
  }
}

/**
 * The same question as the smallest dense matrix with the same least cost: a row may take any column at its drop cost,
 * and there are at least as many columns as rows.
 */
function denseOf(costs: SparseCosts): number[][] {
  const width = Math.max(costs.rows, costs.columns)
  return Array.from({ length: costs.rows }, (_, row) => {
    const line = new Array<number>(width).fill(costs.dropCosts[row]!)
    for (let edge = costs.rowStarts[row]!; edge < costs.rowStarts[row + 1]!; edge++) {
      const column = costs.edgeColumns[edge]!
      line[column] = Math.min(line[column]!, costs.edgeCosts[edge]!)
    }
    return line
  })
}

/** A batch of so many requests with so many free drivers; the larger ones take munkres long, and few rounds do. */
interface Batch {
  readonly figure: string
  readonly requests: number
  readonly drivers: number
  readonly rounds: number
}

function measure({ figure, requests, drivers, rounds }: Batch): Report {
  const costs = batchOf(requests, drivers)
  const dense = denseOf(costs)
  const edgeOfRow = new Int32Array(requests)
  const workspace = makeMatchWorkspace()
  const ours = assign(costs, edgeOfRow, workspace)
  const oracle = munkres(dense).reduce((sum, [row, column]) => sum + dense[row]![column]!, 0)
  const timesMs = interleave(rounds, {
    ours: () =>
      timeMs(() => {
        for (let turn = 0; turn < OUR_TURNS; turn++) assign(costs, edgeOfRow, workspace)
      }) / OUR_TURNS,
    munkres: () => timeMs(() => void munkres(dense)),
  })
  return {
    figures: { [figure]: medianRatio(timesMs.munkres, timesMs.ours) },
    table: [
      {
        batch: `${requests} requests, ${drivers} drivers`,
        left: edgeOfRow.reduce((left, edge) => left + (edge < 0 ? 1 : 0), 0),
        ours_ms: median(timesMs.ours).toFixed(3),
        munkres_ms: median(timesMs.munkres).toFixed(1),
      },
    ],
    // Rounding differs in the last bits, no more.
    wrong: Math.abs(ours - oracle) > 1e-9 * oracle ? 1 : 0,
    skipped: [],
  }
}

const BATCHES: readonly Batch[] = [
  { figure: 'r1000_k16_calm_vs_munkres', requests: 1_000, drivers: 2_000, rounds: 5 },
  { figure: 'r1000_k16_surge_vs_munkres', requests: 1_000, drivers: 900, rounds: 5 },
  { figure: 'r5000_k16_calm_vs_munkres', requests: 5_000, drivers: 10_000, rounds: 3 },
  { figure: 'r5000_k16_surge_vs_munkres', requests: 5_000, drivers: 4_500, rounds: 3 },
]

export const bench: Bench = {
  name: 'assign',
  run() {
    const batches = IS_SMALL ? BATCHES.filter(({ requests }) => requests === 1_000) : BATCHES
    const reports = batches.map(measure)
    return {
      figures: Object.assign({}, ...reports.map(({ figures }) => figures)),
      table: reports.flatMap(({ table }) => table),
      wrong: reports.reduce((sum, { wrong }) => sum + wrong, 0),
      skipped: [],
    }
  },
}
