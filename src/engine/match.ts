/** Rides × candidate drivers → who drives whom, at the least total cost. Pure and exact. */

import { assert } from './units.ts'

/**
 * A sparse assignment problem in compressed rows: the edges of row `r` are `rowStarts[r]` up to, not including,
 * `rowStarts[r + 1]`. Costs and drop costs are finite, of one unit, and may be negative.
 */
export interface SparseCosts {
  readonly rows: number
  readonly columns: number
  /** `rows + 1` offsets into the edge arrays, which may be longer than the last offset. */
  readonly rowStarts: Int32Array
  readonly edgeColumns: Int32Array
  readonly edgeCosts: Float64Array
  /** What it costs to leave a row without a column; a dearer way to serve it is not taken. */
  readonly dropCosts: Float64Array
}

/** Scratch memory for `assign`; keep one and pass it again, and a tick allocates nothing here. */
export interface MatchWorkspace {
  price: Float64Array
  distance: Float64Array
  rowOfColumn: Int32Array
  cameFrom: Int32Array
  heap: Int32Array
  heapSlot: Int32Array
  reached: Int32Array
  openRows: Int32Array
}

// A chain of displacements longer than this is a price war over scarce columns, which the search below ends for good.
const CHAIN_STEPS_MAX = 24

/** An empty workspace; it grows to the largest problem it has seen. */
export function makeMatchWorkspace(): MatchWorkspace {
  return {
    price: new Float64Array(0),
    distance: new Float64Array(0),
    rowOfColumn: new Int32Array(0),
    cameFrom: new Int32Array(0),
    heap: new Int32Array(0),
    heapSlot: new Int32Array(0),
    reached: new Int32Array(0),
    openRows: new Int32Array(0),
  }
}

/**
 * The assignment of least total cost: every row gets one of its columns or is dropped, no column is used twice.
 *
 * Shortest augmenting paths as in Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse
 * linear assignment problems", Computing 38 (1987), doi 10.1007/BF02278710. Each row also owns a private column at its
 * drop cost, so that a path always ends, and no search goes further than dropping somebody would cost. A search
 * touches only what its row can reach: connected components are solved apart without being separated first, and the
 * answer of one does not depend on the others. Equal costs are broken by the order of rows and columns alone.
 *
 * @param edgeOfRow filled with the chosen edge's index for each row, -1 where the row is dropped
 * @returns the total cost, dropped rows included
 * @throws BugError on a cost that is not finite or a column out of range
 */
export function assign(
  costs: SparseCosts,
  edgeOfRow: Int32Array,
  workspace: MatchWorkspace = makeMatchWorkspace(),
): number {
  check(costs, edgeOfRow)
  reset(workspace, costs)
  const open = bid(costs, edgeOfRow, workspace)
  for (let n = 0; n < open; n++) augment(costs, edgeOfRow, workspace, workspace.openRows[n]!)
  return total(costs, edgeOfRow)
}

/**
 * Most rows find their place by outbidding: a row takes its best column and lowers that column's price by its lead over
 * the second best, so whoever held it looks elsewhere.
 * @returns how many rows are still open, listed in `workspace.openRows`
 */
function bid(costs: SparseCosts, edgeOfRow: Int32Array, workspace: MatchWorkspace): number {
  const { rowStarts, edgeColumns, edgeCosts, dropCosts } = costs
  const { price, rowOfColumn, openRows } = workspace
  let open = 0
  for (let first = 0; first < costs.rows; first++) {
    let row = first
    for (let step = 0; row >= 0; step++) {
      if (step === CHAIN_STEPS_MAX) {
        openRows[open++] = row
        break
      }
      let best = dropCosts[row]!
      let second = Number.POSITIVE_INFINITY
      let bestEdge = -1
      const end = rowStarts[row + 1]!
      for (let edge = rowStarts[row]!; edge < end; edge++) {
        const cost = edgeCosts[edge]! - price[edgeColumns[edge]!]!
        if (cost < best || (cost === best && bestEdge < 0)) {
          second = best
          best = cost
          bestEdge = edge
        } else if (cost < second) second = cost
      }
      edgeOfRow[row] = bestEdge
      if (bestEdge < 0) break
      const column = edgeColumns[bestEdge]!
      const holder = rowOfColumn[column]!
      if (holder >= 0 && best === second) {
        // No lead to bid with: leaving the holder alone keeps the chain from going round in circles.
        edgeOfRow[row] = -1
        openRows[open++] = row
        break
      }
      price[column]! -= second - best
      rowOfColumn[column] = row
      if (holder >= 0) edgeOfRow[holder] = -1
      row = holder
    }
  }
  return open
}

/**
 * Serve one open row by the cheapest chain of changes: along columns, each held by a row that would move on, to a free
 * column or to a row better dropped (Dijkstra on reduced costs, nearest column first).
 */
function augment(costs: SparseCosts, edgeOfRow: Int32Array, workspace: MatchWorkspace, start: number): void {
  const { rowStarts, edgeColumns, edgeCosts, dropCosts } = costs
  const { price, distance, rowOfColumn, cameFrom, heap, heapSlot, reached } = workspace
  let heapSize = 0
  let reachedCount = 0
  let endFar = Number.POSITIVE_INFINITY
  let endEdge = -1
  let endRow = start
  let row = start
  let base = 0
  for (;;) {
    // `base` turns the row's edge costs into distances from the start row.
    const end = rowStarts[row + 1]!
    for (let edge = rowStarts[row]!; edge < end; edge++) {
      const column = edgeColumns[edge]!
      const far = edgeCosts[edge]! - price[column]! + base
      if (far >= endFar) continue
      if (rowOfColumn[column]! < 0) {
        endFar = far
        endEdge = edge
        endRow = row
        continue
      }
      if (far >= distance[column]!) continue
      if (distance[column] === Number.POSITIVE_INFINITY) {
        reached[reachedCount++] = column
        heapSlot[column] = heapSize
        heap[heapSize++] = column
      } else if (heapSlot[column]! < 0) {
        // Settled columns get no nearer; only rounding in the last bit says so, and would turn the path into a ring.
        continue
      }
      distance[column] = far
      cameFrom[column] = edge
      siftUp(heap, heapSlot, distance, heapSlot[column]!)
    }
    const dropFar = dropCosts[row]! + base
    if (dropFar < endFar) {
      endFar = dropFar
      endEdge = -1
      endRow = row
    }
    if (heapSize === 0 || distance[heap[0]!]! >= endFar) break
    const column = heap[0]!
    heapSize = removeFirst(heap, heapSlot, distance, heapSize)
    row = rowOfColumn[column]!
    base = distance[column]! - (edgeCosts[edgeOfRow[row]!]! - price[column]!)
  }
  for (let n = 0; n < reachedCount; n++) {
    const column = reached[n]!
    if (distance[column]! < endFar) price[column]! += distance[column]! - endFar
  }
  turnPath(costs, edgeOfRow, workspace, { start, endRow, endEdge })
  for (let n = 0; n < reachedCount; n++) distance[reached[n]!] = Number.POSITIVE_INFINITY
}

/** Walk back from the end of the path: every row on it hands its old column to the row before. */
function turnPath(
  costs: SparseCosts,
  edgeOfRow: Int32Array,
  workspace: MatchWorkspace,
  path: { start: number; endRow: number; endEdge: number },
): void {
  const { rowStarts, edgeColumns } = costs
  const { rowOfColumn, cameFrom } = workspace
  let row = path.endRow
  let edge = path.endEdge
  for (;;) {
    const given = edgeOfRow[row]!
    edgeOfRow[row] = edge
    if (edge >= 0) rowOfColumn[edgeColumns[edge]!] = row
    if (row === path.start) return
    edge = cameFrom[edgeColumns[given]!]!
    row = rowOfEdge(rowStarts, costs.rows, edge)
  }
}

/** The row an edge belongs to, by bisection; paths are short, so it is cheaper than keeping it for every edge. */
function rowOfEdge(rowStarts: Int32Array, rows: number, edge: number): number {
  let low = 0
  let high = rows - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (rowStarts[middle]! <= edge) low = middle
    else high = middle - 1
  }
  return low
}

function nearer(distance: Float64Array, a: number, b: number): boolean {
  const difference = distance[a]! - distance[b]!
  return difference < 0 || (difference === 0 && a < b)
}

function siftUp(heap: Int32Array, heapSlot: Int32Array, distance: Float64Array, from: number): void {
  const column = heap[from]!
  let slot = from
  while (slot > 0) {
    const parent = (slot - 1) >> 1
    const above = heap[parent]!
    if (!nearer(distance, column, above)) break
    heap[slot] = above
    heapSlot[above] = slot
    slot = parent
  }
  heap[slot] = column
  heapSlot[column] = slot
}

/** Take the nearest column off the heap; its slot becomes -1. Returns the new size. */
function removeFirst(heap: Int32Array, heapSlot: Int32Array, distance: Float64Array, size: number): number {
  heapSlot[heap[0]!] = -1
  const last = size - 1
  if (last === 0) return 0
  const column = heap[last]!
  let slot = 0
  for (;;) {
    let child = 2 * slot + 1
    if (child >= last) break
    if (child + 1 < last && nearer(distance, heap[child + 1]!, heap[child]!)) child++
    const below = heap[child]!
    if (!nearer(distance, below, column)) break
    heap[slot] = below
    heapSlot[below] = slot
    slot = child
  }
  heap[slot] = column
  heapSlot[column] = slot
  return last
}

function total(costs: SparseCosts, edgeOfRow: Int32Array): number {
  let sum = 0
  for (let row = 0; row < costs.rows; row++) {
    const edge = edgeOfRow[row]!
    sum += edge < 0 ? costs.dropCosts[row]! : costs.edgeCosts[edge]!
  }
  return sum
}

function reset(workspace: MatchWorkspace, costs: SparseCosts): void {
  if (workspace.price.length < costs.columns) {
    const size = Math.max(costs.columns, 2 * workspace.price.length)
    workspace.price = new Float64Array(size)
    workspace.distance = new Float64Array(size)
    workspace.rowOfColumn = new Int32Array(size)
    workspace.cameFrom = new Int32Array(size)
    workspace.heap = new Int32Array(size)
    workspace.heapSlot = new Int32Array(size)
    workspace.reached = new Int32Array(size)
  }
  if (workspace.openRows.length < costs.rows) workspace.openRows = new Int32Array(2 * costs.rows)
  workspace.price.fill(0, 0, costs.columns)
  workspace.distance.fill(Number.POSITIVE_INFINITY, 0, costs.columns)
  workspace.rowOfColumn.fill(-1, 0, costs.columns)
}

function check(costs: SparseCosts, edgeOfRow: Int32Array): void {
  assert(costs.rowStarts.length > costs.rows, 'one more row start than rows')
  assert(edgeOfRow.length >= costs.rows, 'room for every row in the answer')
  for (let row = 0; row < costs.rows; row++) {
    assert(Number.isFinite(costs.dropCosts[row]), 'drop costs are finite')
    assert(costs.rowStarts[row + 1]! >= costs.rowStarts[row]!, 'row starts never go back')
  }
  let fits = true
  for (let edge = costs.rowStarts[0]!; edge < costs.rowStarts[costs.rows]!; edge++) {
    const cost = costs.edgeCosts[edge]!
    const column = costs.edgeColumns[edge]!
    // Infinity and NaN less themselves are NaN.
    fits &&= cost - cost === 0 && column >= 0 && column < costs.columns
  }
  assert(fits, 'edge costs are finite and columns in range')
}
