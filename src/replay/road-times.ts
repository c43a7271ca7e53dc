/** Exact quickest ways on a road graph, from one node to all or from all to one, in about a millisecond for 6,000 nodes. */
import { assert } from '../engine/units.ts'

/** Directed edges, one entry each. */
export interface RoadEdges {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly lengthM: Float64Array
  readonly durationS: Float64Array
}

/** By node: seconds of the quickest way, its metres, and the next node on it; Infinity and -1 where no road leads. */
export interface RoadTree {
  readonly durationsS: Float32Array
  readonly lengthsM: Float32Array
  readonly nextNodes: Int16Array | Int32Array
}

/** Edges sorted by the node one arrives from in the search. */
interface Adjacency {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly lengthM: Float64Array
  readonly durationS: Float64Array
}

/** What the kept trees may take; 3,200 of them for Manhattan, so all stops of an hour fit. */
const KEPT_BYTES_MAX = 200_000_000

/**
 * Dijkstra's algorithm over arrays. What many ask for, the ways to one pickup, is kept, the least recently asked for
 * let go first; so a replay searches once a pickup and not once a candidate.
 */
export class RoadTimes {
  readonly #nodeCount: number
  readonly #forward: Adjacency
  readonly #backward: Adjacency
  readonly #towards = new Map<number, RoadTree>()
  readonly #distance: Float64Array
  readonly #heap: Int32Array
  readonly #slot: Int32Array

  constructor(nodeCount: number, edges: RoadEdges) {
    this.#nodeCount = nodeCount
    this.#forward = adjacency(nodeCount, edges, edges.from, edges.to)
    this.#backward = adjacency(nodeCount, edges, edges.to, edges.from)
    this.#distance = new Float64Array(nodeCount)
    this.#heap = new Int32Array(nodeCount)
    this.#slot = new Int32Array(nodeCount)
  }

  /** The ways from every node to this one; kept for the next who asks. */
  towards(node: number): RoadTree {
    const known = this.#towards.get(node)
    if (known !== undefined) {
      this.#towards.delete(node)
      this.#towards.set(node, known)
      return known
    }
    if (this.#towards.size * this.#nodeCount * 10 >= KEPT_BYTES_MAX)
      this.#towards.delete(this.#towards.keys().next().value!)
    const tree = this.#search(node, this.#backward)
    this.#towards.set(node, tree)
    return tree
  }

  /** The ways from this node to every other; `nextNodes` leads back. */
  from(node: number): RoadTree {
    return this.#search(node, this.#forward)
  }

  #search(start: number, { starts, ends, lengthM, durationS }: Adjacency): RoadTree {
    assert(start >= 0 && start < this.#nodeCount, `no road node ${start}`)
    const distance = this.#distance.fill(Number.POSITIVE_INFINITY)
    const lengths = new Float32Array(this.#nodeCount).fill(Number.POSITIVE_INFINITY)
    const next = new (this.#nodeCount < 32_768 ? Int16Array : Int32Array)(this.#nodeCount).fill(-1)
    const heap = this.#heap
    const slot = this.#slot.fill(-1)
    let size = 1
    heap[0] = start
    slot[start] = 0
    distance[start] = 0
    lengths[start] = 0
    while (size > 0) {
      const node: number = heap[0]!
      size--
      if (size > 0) siftDown(heap, slot, distance, heap[size]!, size)
      for (let edge: number = starts[node]!; edge < starts[node + 1]!; edge++) {
        const other = ends[edge]!
        const far = distance[node]! + durationS[edge]!
        if (far >= distance[other]!) continue
        if (slot[other]! < 0) slot[other] = size++
        distance[other] = far
        lengths[other] = lengths[node]! + lengthM[edge]!
        next[other] = node
        siftUp(heap, slot, distance, other)
      }
    }
    return { durationsS: Float32Array.from(distance), lengthsM: lengths, nextNodes: next }
  }
}

function siftUp(heap: Int32Array, slot: Int32Array, distance: Float64Array, node: number): void {
  let at = slot[node]!
  while (at > 0) {
    const parent = (at - 1) >> 1
    const above = heap[parent]!
    if (distance[above]! <= distance[node]!) break
    heap[at] = above
    slot[above] = at
    at = parent
  }
  heap[at] = node
  slot[node] = at
}

/** Put `node` at the top of a heap of `size` and let it sink. */
function siftDown(
  heap: Int32Array,
  slot: Int32Array,
  distance: Float64Array,
  node: number,
  size: number,
): void {
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= size) break
    if (child + 1 < size && distance[heap[child + 1]!]! < distance[heap[child]!]!) child++
    const below = heap[child]!
    if (distance[below]! >= distance[node]!) break
    heap[at] = below
    slot[below] = at
    at = child
  }
  heap[at] = node
  slot[node] = at
}

function adjacency(nodeCount: number, edges: RoadEdges, key: Int32Array, other: Int32Array): Adjacency {
  const starts = new Int32Array(nodeCount + 1)
  for (const node of key) {
    assert(node >= 0 && node < nodeCount, `an edge leads from or to ${node}, which is no node`)
    starts[node + 1]!++
  }
  for (let node = 0; node < nodeCount; node++) starts[node + 1]! += starts[node]!
  const filled = starts.slice(0, nodeCount)
  const count = key.length
  const ends = new Int32Array(count)
  const lengthM = new Float64Array(count)
  const durationS = new Float64Array(count)
  for (let edge = 0; edge < count; edge++) {
    const place = filled[key[edge]!]!++
    ends[place] = other[edge]!
    lengthM[place] = edges.lengthM[edge]!
    durationS[place] = edges.durationS[edge]!
  }
  return { starts, ends, lengthM, durationS }
}
