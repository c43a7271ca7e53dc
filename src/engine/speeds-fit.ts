/** Learns `LearnedSpeeds` from legs driven, a slice of work at a time, so that whoever calls can let others run. Pure. */
import { type Estimate, type FeatureKind, LearnedSpeeds, SpeedFeatures, type WeekHour } from './speeds.ts'
import type { LatLng } from './units.ts'

/** One leg that was driven. */
export interface DrivenLeg extends Estimate {
  readonly from: LatLng
  readonly to: LatLng
  readonly when: WeekHour
  /** What was expected of it by what the model will be asked with. */
  readonly expected: Estimate
}

/** Sums over the data converge long before; each takes some milliseconds for ten thousand legs. */
export const SWEEPS = 20
/** How many legs of no correction each unknown begins with: those that few rides tell of stay near none. */
const RIDGE: Record<FeatureKind, number> = { curve: 3, hour: 3, cell: 2, part: 4, end: 10 }
/** Only these tell of metres: a way does not get longer by the hour. */
const OF_METRES: ReadonlySet<FeatureKind> = new Set(['curve', 'cell', 'end'])
/** A leg out of all proportion is a mistake in the record, not a way to learn from. */
const OUT_OF_PROPORTION = 6

/**
 * Ridge regression on logarithms by coordinate descent: each unknown in turn takes what the others leave unexplained.
 * (J. Friedman, T. Hastie, R. Tibshirani, "Regularization Paths for Generalized Linear Models via Coordinate Descent",
 * Journal of Statistical Software 33, 2010, doi 10.18637/jss.v033.i01, with the squared penalty alone.) Logarithms
 * because an error of a minute is much for a short ride and little for a long one.
 */
export class SpeedFit {
  readonly #features = new SpeedFeatures()
  readonly #rowStarts: number[] = [0]
  #ids = new Int32Array(1 << 12)
  #weights = new Float32Array(1 << 12)
  readonly #logTime: number[] = []
  readonly #logMetres: number[] = []
  #solver: { time: Descent; metres: Descent } | null = null

  /** Legs taken in. */
  get legs(): number {
    return this.#logTime.length
  }

  /** Take in one leg; not after the first sweep. One that nobody can have driven so is left out. */
  add({ from, to, when, expected, distanceM, durationS }: DrivenLeg): void {
    const time = Math.log(durationS / expected.durationS)
    const metres = Math.log(distanceM / expected.distanceM)
    const most = Math.log(OUT_OF_PROPORTION)
    if (!(Math.abs(time) <= most && Math.abs(metres) <= most)) return
    const features = this.#features
    features.find(from, to, when, true)
    const start = this.#rowStarts.at(-1)!
    const end = start + features.count
    this.#makeRoom(end)
    this.#ids.set(features.ids.subarray(0, features.count), start)
    this.#weights.set(features.weights.subarray(0, features.count), start)
    this.#rowStarts.push(end)
    this.#logTime.push(time)
    this.#logMetres.push(metres)
  }

  /** One round over all unknowns; `SWEEPS` of them are enough. */
  sweep(): void {
    this.#solver ??= this.#begin()
    this.#solver.time.sweep()
    this.#solver.metres.sweep()
  }

  learned(): LearnedSpeeds {
    const { time, metres } = this.#solver ?? this.#begin()
    return new LearnedSpeeds(this.#features, {
      legs: this.legs,
      time: time.unknowns,
      metres: metres.unknowns,
    })
  }

  #makeRoom(end: number): void {
    if (end <= this.#ids.length) return
    const [ids, weights] = [this.#ids, this.#weights]
    this.#ids = new Int32Array(2 * end)
    this.#weights = new Float32Array(2 * end)
    this.#ids.set(ids)
    this.#weights.set(weights)
  }

  #begin(): { time: Descent; metres: Descent } {
    const columns = columnsOf(this.#features.size, this.#rowStarts, this.#ids, this.#weights)
    const { kinds } = this.#features
    return {
      time: new Descent(columns, kinds, Float64Array.from(this.#logTime), () => true),
      metres: new Descent(columns, kinds, Float64Array.from(this.#logMetres), (kind) => OF_METRES.has(kind)),
    }
  }
}

/** Learn in one go: for tests and benches; a server goes by slices. */
export function learnSpeeds(legs: Iterable<DrivenLeg>): LearnedSpeeds {
  const fit = new SpeedFit()
  for (const leg of legs) fit.add(leg)
  for (let n = 0; n < SWEEPS; n++) fit.sweep()
  return fit.learned()
}

/** Entries by unknown: legs it is in, and how much. */
interface Columns {
  readonly starts: Int32Array
  readonly rows: Int32Array
  readonly weights: Float32Array
}

function columnsOf(
  count: number,
  rowStarts: readonly number[],
  ids: Int32Array,
  weights: Float32Array,
): Columns {
  const entries = rowStarts.at(-1)!
  const starts = new Int32Array(count + 1)
  for (let entry = 0; entry < entries; entry++) starts[ids[entry]! + 1]!++
  for (let id = 0; id < count; id++) starts[id + 1]! += starts[id]!
  const filled = starts.slice(0, count)
  const rows = new Int32Array(entries)
  const byColumn = new Float32Array(entries)
  for (let row = 0; row + 1 < rowStarts.length; row++)
    for (let entry = rowStarts[row]!; entry < rowStarts[row + 1]!; entry++) {
      const place = filled[ids[entry]!]!++
      rows[place] = row
      byColumn[place] = weights[entry]!
    }
  return { starts, rows, weights: byColumn }
}

class Descent {
  readonly unknowns: Float64Array
  readonly #columns: Columns
  readonly #rest: Float64Array
  readonly #squares: Float64Array
  readonly #ridges: Float64Array
  /** From the coarse to the fine: what the curve can say, no hexagon needs to. */
  readonly #order: readonly number[]

  constructor(
    columns: Columns,
    kinds: readonly FeatureKind[],
    target: Float64Array,
    isUsed: (kind: FeatureKind) => boolean,
  ) {
    const { starts, weights } = columns
    this.#columns = columns
    this.#rest = target
    this.unknowns = new Float64Array(kinds.length)
    this.#ridges = Float64Array.from(kinds, (kind) => RIDGE[kind])
    this.#squares = new Float64Array(kinds.length)
    for (let id = 0; id < kinds.length; id++)
      for (let entry = starts[id]!; entry < starts[id + 1]!; entry++)
        this.#squares[id]! += weights[entry]! * weights[entry]!
    const turn = Object.keys(RIDGE)
    this.#order = [...kinds.keys()]
      .filter((id) => isUsed(kinds[id]!) && this.#squares[id]! > 0)
      .sort((a, b) => turn.indexOf(kinds[a]!) - turn.indexOf(kinds[b]!) || a - b)
  }

  sweep(): void {
    const { starts, rows, weights } = this.#columns
    const rest = this.#rest
    for (const id of this.#order) {
      const end = starts[id + 1]!
      let explained = 0
      for (let entry = starts[id]!; entry < end; entry++) explained += weights[entry]! * rest[rows[entry]!]!
      const before = this.unknowns[id]!
      const squares = this.#squares[id]!
      const now = (explained + squares * before) / (squares + this.#ridges[id]!)
      const step = now - before
      this.unknowns[id] = now
      for (let entry = starts[id]!; entry < end; entry++) rest[rows[entry]!]! -= weights[entry]! * step
    }
  }
}
