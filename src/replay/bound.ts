/**
 * What nobody could beat: an upper bound on the requests a fleet serves, all of them known in advance.
 *
 * A car's day is a chain of rides. Give every second of a car's time a price μ(t) ≥ 0 and let M be its integral. From one
 * drop-off to the next a car uses up M(end of this ride) - M(end of the one before), standing and driving included, so a
 * chain costs at most M(whole day), and N of them at most N · M. Each request comes after one drop-off, or after the start of
 * one car, and each of those comes before one request: choosing them is an assignment. Where the price of time makes
 * a request dearer than the 1 it counts for, it is left. So, for any prices,
 *
 *     served ≤ N · M(whole day) + Σ max(0, 1 - cost) over the best assignment
 *
 * (the Lagrange dual of the fleet's time). A further price λ ≥ 0 on each ride takes back that the drop-off of a ride
 * nobody served can come before another. Whatever is unknown is taken to be as good as it could be: of two rides in a
 * row the first ends as late and the second begins whenever it costs least within the longest wait. Prices are improved by
 * subgradient steps (Held, Wolfe, Crowder, "Validation of subgradient optimization", Mathematical Programming 6, 1974,
 * doi 10.1007/BF01580223); any prices give a bound, the best found is told.
 *
 * It holds for cars of one party at a time that drive as the ground says, on duty from the first request on.
 */
import { assign, makeMatchWorkspace } from '../engine/match.ts'
import type { LatLng } from '../engine/units.ts'
import { type Chains, chainsOf } from './bound-chains.ts'
import type { Ground } from './ground.ts'
import type { RecordedRide } from './recorded.ts'

export interface BoundInput {
  /** In the order of the requests. */
  readonly rides: readonly RecordedRide[]
  readonly starts: readonly LatLng[]
  readonly ground: Ground
  readonly maxWaitS: number
  /** How often prices are improved; more is tighter and slower. */
  readonly steps?: number
}

const STEPS = 60
const LONG_S = 3 * 3_600

/** No dispatcher serves more of the requests than this, 0 to their number. */
export function mostServed(input: BoundInput): number {
  const chains = chainsOf(input)
  const { count } = chains
  const spanS = chains.endsS.reduce((latest, endS) => Math.max(latest, endS), 0)
  const slotS = spanS > LONG_S ? 900 : 150
  const prices = new Float64Array(Math.ceil(spanS / slotS) + 1)
  const ridePrices = new Float64Array(count)
  const problem = new Priced(chains, slotS, prices, ridePrices)
  let best = count
  // How far below the best one still hopes to come; halved when hope has not come true for a while.
  let hope = 0.05
  let inVain = 0
  for (let step = 0; step < (input.steps ?? STEPS); step++) {
    const { bound, used, balance } = problem.solve(input.starts.length)
    if (bound < best - 1e-3) inVain = 0
    else if (++inVain >= 4) [hope, inVain] = [hope / 2, 0]
    best = Math.min(best, bound)
    let norm = 0
    for (let slot = 0; slot < prices.length; slot++)
      norm += (slotS * (input.starts.length - used[slot]!)) ** 2 * WEIGH_TIME
    for (let ride = 0; ride < count; ride++) norm += balance[ride]! ** 2
    if (norm === 0) break
    const far = (bound - best * (1 - hope)) / norm
    for (let slot = 0; slot < prices.length; slot++)
      prices[slot] = Math.max(
        0,
        prices[slot]! - far * WEIGH_TIME * slotS * (input.starts.length - used[slot]!),
      )
    for (let ride = 0; ride < count; ride++)
      ridePrices[ride] = Math.max(0, ridePrices[ride]! - far * balance[ride]!)
  }
  return Math.max(0, Math.min(count, Math.floor(best + 1e-6)))
}

/** A second of a car is worth far less than a ride; steps for both have to be of a size that suits each. */
const WEIGH_TIME = 1e-7

interface Solved {
  readonly bound: number
  /** Cars busy on average, by slot. */
  readonly used: Float64Array
  /** Times served less times driven on from, by ride. */
  readonly balance: Float64Array
}

/** The assignment at the prices of the moment. */
class Priced {
  readonly #chains: Chains
  readonly #slotS: number
  readonly #prices: Float64Array
  readonly #ridePrices: Float64Array
  readonly #integral: Float64Array
  readonly #costs: Float64Array
  readonly #pickupsS: Float64Array
  readonly #workspace = makeMatchWorkspace()

  constructor(chains: Chains, slotS: number, prices: Float64Array, ridePrices: Float64Array) {
    this.#chains = chains
    this.#slotS = slotS
    this.#prices = prices
    this.#ridePrices = ridePrices
    this.#integral = new Float64Array(prices.length + 1)
    this.#costs = new Float64Array(chains.columns.length)
    this.#pickupsS = new Float64Array(chains.columns.length)
  }

  solve(fleet: number): Solved {
    const { count, rowStarts, columns, columnCount, latestEndsS, drivesS, durationsS } = this.#chains
    const integral = this.#integral
    for (let slot = 0; slot < this.#prices.length; slot++)
      integral[slot + 1] = integral[slot]! + this.#slotS * this.#prices[slot]!
    for (let row = 0; row < count; row++)
      for (let edge = rowStarts[row]!; edge < rowStarts[row + 1]!; edge++) this.#price(row, edge)
    const edgeOfRow = new Int32Array(count)
    const costs = {
      rows: count,
      columns: columnCount,
      rowStarts,
      edgeColumns: columns,
      edgeCosts: this.#costs,
    }
    const total = assign({ ...costs, dropCosts: new Float64Array(count).fill(1) }, edgeOfRow, this.#workspace)
    const used = new Float64Array(this.#prices.length)
    const balance = new Float64Array(count)
    edgeOfRow.forEach((edge, row) => {
      if (edge < 0) return
      balance[row]!++
      if (columns[edge]! < count) balance[columns[edge]!]!--
      const pickupS = this.#pickupsS[edge]!
      this.#use(used, Math.min(latestEndsS[edge]!, pickupS - drivesS[edge]!), pickupS + durationsS[row]!)
    })
    return { bound: fleet * integral.at(-1)! + count - total, used, balance }
  }

  /** The least an edge can cost, and the pickup at which it does: a piecewise linear function, least at one of its bends. */
  #price(row: number, edge: number): void {
    const { count, columns, fromS, requestsS, maxWaitS, latestEndsS, drivesS, durationsS } = this.#chains
    const [endS, driveS, durationS] = [latestEndsS[edge]!, drivesS[edge]!, durationsS[row]!]
    const firstS = fromS[edge]!
    const lastS = requestsS[row]! + maxWaitS
    let least = Number.POSITIVE_INFINITY
    let at = firstS
    const look = (pickupS: number) => {
      if (pickupS < firstS || pickupS > lastS) return
      const cost = this.#upTo(pickupS + durationS) - this.#upTo(Math.min(endS, pickupS - driveS))
      if (cost < least) [least, at] = [cost, pickupS]
    }
    look(firstS)
    look(lastS)
    look(endS + driveS)
    for (
      let s = this.#slotS * Math.ceil((firstS + durationS) / this.#slotS);
      s <= lastS + durationS;
      s += this.#slotS
    )
      look(s - durationS)
    for (
      let s = this.#slotS * Math.ceil((firstS - driveS) / this.#slotS);
      s <= lastS - driveS;
      s += this.#slotS
    )
      look(s + driveS)
    const before = columns[edge]! < count ? this.#ridePrices[columns[edge]!]! : 0
    this.#costs[edge] = least + before - this.#ridePrices[row]!
    this.#pickupsS[edge] = at
  }

  /** The price of a car's time from the first request until then. */
  #upTo(untilS: number): number {
    if (untilS <= 0) return 0
    const slot = Math.floor(untilS / this.#slotS)
    if (slot >= this.#prices.length) return this.#integral.at(-1)!
    return this.#integral[slot]! + (untilS - slot * this.#slotS) * this.#prices[slot]!
  }

  #use(used: Float64Array, fromS: number, untilS: number): void {
    const last = Math.min(used.length - 1, Math.floor(untilS / this.#slotS))
    for (let slot = Math.max(0, Math.floor(fromS / this.#slotS)); slot <= last; slot++) {
      const overlapS = Math.min(untilS, (slot + 1) * this.#slotS) - Math.max(0, fromS, slot * this.#slotS)
      used[slot]! += overlapS / this.#slotS
    }
  }
}
