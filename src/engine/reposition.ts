/** Where idle cars should wait: expected requests, less the cars that will be there anyway. Pure. */
import { assign, makeMatchWorkspace } from './match.ts'
import type { LatLng } from './units.ts'

/** A place to wait, with what is known about the time ahead. */
export interface WaitingCell {
  readonly centre: LatLng
  /** Requests expected within the horizon. */
  readonly demand: number
  /** Cars that will be free there within the horizon without being sent. */
  readonly supply: number
}

/** A car that stands idle. */
export interface IdleCar {
  readonly at: LatLng
  /** Place in the list of cells of the one it stands in; -1 for none. */
  readonly cell: number
}

export interface RepositionRules {
  /** What a request that a car is there for is worth, in seconds of driving. */
  readonly worthS: number
  /** A car is not sent farther than this. */
  readonly farthestS: number
  /** What must be gained at least, in seconds, for a car to start its engine. */
  readonly leastGainS: number
}

/**
 * The cell each car should wait in, or -1 to stay. The n-th car of a cell is worth the chance that an n-th request
 * comes (Poisson), so the next one goes where that chance, less the way there, is best: an assignment of cars to places,
 * exact as the matcher's.
 * @param travelS seconds from a car to a cell's centre
 */
export function whereToWait(
  cars: readonly IdleCar[],
  cells: readonly WaitingCell[],
  rules: RepositionRules,
  travelS: (from: LatLng, to: LatLng) => number,
): Int32Array {
  const slots = slotsOf(cells, cars.length)
  const rowStarts = new Int32Array(cars.length + 1)
  const columns: number[] = []
  const costs: number[] = []
  const cellOfColumn: number[] = []
  slots.forEach(({ chances }, cell) => {
    for (let n = 0; n < chances.length; n++) cellOfColumn.push(cell)
  })
  cars.forEach((car, row) => {
    let column = 0
    slots.forEach(({ chances }, cell) => {
      const stays = car.cell === cell
      const awayS = stays ? 0 : travelS(car.at, cells[cell]!.centre)
      for (const chance of chances) {
        if (awayS <= rules.farthestS) {
          columns.push(column)
          costs.push(awayS + (stays ? 0 : rules.leastGainS) - rules.worthS * chance)
        }
        column++
      }
    })
    rowStarts[row + 1] = columns.length
  })
  const edgeOfRow = new Int32Array(cars.length)
  assign(
    {
      rows: cars.length,
      columns: cellOfColumn.length,
      rowStarts,
      edgeColumns: Int32Array.from(columns),
      edgeCosts: Float64Array.from(costs),
      dropCosts: new Float64Array(cars.length),
    },
    edgeOfRow,
    makeMatchWorkspace(),
  )
  return edgeOfRow.map((edge, row) => {
    if (edge < 0) return -1
    const cell = cellOfColumn[columns[edge]!]!
    return cell === cars[row]!.cell ? -1 : cell
  })
}

const CHANCE_LEAST = 0.02

/** For each cell the chances that the first, second, … car beyond those it has anyway gets a request. */
function slotsOf(cells: readonly WaitingCell[], most: number): { chances: number[] }[] {
  return cells.map(({ demand, supply }) => {
    const chances: number[] = []
    for (let n = Math.round(supply) + 1; chances.length < most; n++) {
      const chance = atLeast(n, demand)
      if (chance < CHANCE_LEAST) break
      chances.push(chance)
    }
    return { chances }
  })
}

/** The chance that a Poisson variable of this mean is `n` or more. */
export function atLeast(n: number, mean: number): number {
  let term = Math.exp(-mean)
  let below = 0
  for (let i = 0; i < n; i++) {
    below += term
    term *= mean / (i + 1)
  }
  return Math.max(0, 1 - below)
}
