/**
 * The walk of one nearest query: balls from large to small, near ones first, none that cannot hold a winner. What is
 * compared on the way are squared chords (no sine a candidate); the winners then get their great-circle distance.
 */
import { type Balls, type CellTree, CHILDREN_MAX, doubled } from './cells.ts'
import type { Handle, NearestQuery, NearestResult } from './fleet-index.ts'
import { EARTH_RADIUS_M } from './geo.ts'
import { type Plane, RECORD, type RecordPool } from './plane.ts'

const RAD = Math.PI / 180
// What chords and haversines can disagree on, by rounding: 1e-15 of the Earth's radius near by, 1e-8 of the distance at
// the antipodes. Whatever lies closer together than this is settled by the haversine.
const SLACK = 1e-7
const SLACK_FLOOR = 1e-20

/** What the search asks about a driver. */
export interface Drivers {
  fits(handle: Handle, query: NearestQuery): boolean
  distanceM(handle: Handle, query: NearestQuery): number
  /** Which of two at the same distance is first. */
  comesFirst(a: Handle, b: Handle): boolean
}

function widened(chord2: number): number {
  return chord2 * (1 + SLACK) + SLACK_FLOOR
}

/** Balls still to be looked into at one level. */
class Frontier {
  count = 0
  slots = new Int32Array(64)
  chord2s = new Float64Array(64)

  add(slot: number, chord2: number): void {
    if (this.count === this.slots.length) {
      this.slots = doubled(this.slots)
      this.chord2s = doubled(this.chord2s)
    }
    this.slots[this.count] = slot
    this.chord2s[this.count++] = chord2
  }

  /** The ball with the nearest centre, taken off; those out of reach are dropped on the way. -1 when none is left. */
  takeNearest(balls: Balls, limit: number): number {
    let best = -1
    let best2 = Number.POSITIVE_INFINITY
    const { slots, chord2s } = this
    const { at } = balls
    for (let i = 0; i < this.count; ) {
      const chord2 = chord2s[i]!
      const within = limit + at[4 * slots[i]! + 3]!
      if (chord2 > within * within) {
        slots[i] = slots[--this.count]!
        chord2s[i] = chord2s[this.count]!
        continue
      }
      if (chord2 < best2) {
        best = i
        best2 = chord2
      }
      i++
    }
    if (best < 0) return -1
    const slot = slots[best]!
    slots[best] = slots[--this.count]!
    chord2s[best] = chord2s[this.count]!
    return slot
  }
}

export class NearestSearch {
  readonly #tree: CellTree
  readonly #pool: RecordPool
  readonly #drivers: Drivers
  readonly #districts = new Frontier()
  readonly #patches = new Frontier()
  readonly #leaves = new Frontier()
  #query!: NearestQuery
  #x = 0
  #y = 0
  #z = 0
  #k = 0
  /** Candidates beyond this squared chord cannot win; `#limit` is its root. */
  #limit2 = 0
  #limit = 0
  /** The best so far as a heap, the farthest on top. */
  #heap2 = new Float64Array(16)
  #heapHandles = new Int32Array(16)
  #found = 0
  /** The nearest of those that fit and were passed over. */
  #out2 = 0
  /** In the second walk, everybody within the limit; null in the first. */
  #crowd: Handle[] | null = null
  /** Whether a candidate of the plane at hand can fail to fit; asking reads memory far away. */
  #picky = false

  constructor(tree: CellTree, pool: RecordPool, drivers: Drivers) {
    this.#tree = tree
    this.#pool = pool
    this.#drivers = drivers
  }

  run(planes: readonly Plane[], query: NearestQuery, out: NearestResult): number {
    out.count = 0
    if (!(query.k > 0) || !(query.maxM >= 0)) return 0
    this.#begin(query)
    this.#walk(planes)
    if (this.#found === this.#k && this.#out2 <= widened(this.#heap2[0]!)) this.#rankCrowd(planes, out)
    else this.#rankHeap(out)
    return out.count
  }

  #begin(query: NearestQuery): void {
    this.#query = query
    this.#crowd = null
    const cosLat = Math.cos(query.lat * RAD)
    this.#x = cosLat * Math.cos(query.lng * RAD)
    this.#y = cosLat * Math.sin(query.lng * RAD)
    this.#z = Math.sin(query.lat * RAD)
    this.#k = query.k
    while (this.#heap2.length < query.k) {
      this.#heap2 = doubled(this.#heap2)
      this.#heapHandles = doubled(this.#heapHandles)
    }
    this.#found = 0
    this.#out2 = Number.POSITIVE_INFINITY
    const chord = 2 * Math.sin(Math.min(query.maxM / (2 * EARTH_RADIUS_M), Math.PI / 2))
    this.#setLimit2(widened(chord * chord))
  }

  #setLimit2(limit2: number): void {
    this.#limit2 = limit2
    this.#limit = Math.sqrt(limit2)
  }

  #walk(planes: readonly Plane[]): void {
    const { classMask, seatsMin, attributes, exclude, eligible } = this.#query
    for (const plane of planes) {
      if (plane.count === 0 || (plane.classMask & classMask) === 0) continue
      this.#picky =
        seatsMin > plane.seatsFewest || attributes !== 0 || exclude !== undefined || eligible !== undefined
      const { districts } = this.#tree
      this.#gather(this.#districts, districts, plane.districts, 0, plane.districtCount)
      for (;;) {
        const district = this.#districts.takeNearest(districts, this.#limit)
        if (district < 0) break
        this.#walkDistrict(plane, district)
      }
    }
  }

  #walkDistrict(plane: Plane, district: number): void {
    const { patches } = this.#tree
    const count = plane.patchCounts[district]!
    this.#gather(this.#patches, patches, plane.patchesOf, district * CHILDREN_MAX, count)
    for (;;) {
      const patch = this.#patches.takeNearest(patches, this.#limit)
      if (patch < 0) return
      this.#walkPatch(plane, patch)
    }
  }

  #walkPatch(plane: Plane, patch: number): void {
    const { leaves } = this.#tree
    const count = plane.leafCounts[patch]!
    this.#gather(this.#leaves, leaves, plane.leavesOf, patch * CHILDREN_MAX, count)
    for (;;) {
      const leaf = this.#leaves.takeNearest(leaves, this.#limit)
      if (leaf < 0) return
      this.#scan(plane.starts[leaf]!, plane.counts[leaf]!)
    }
  }

  /** Put the balls of a list that may hold somebody within the limit on the frontier. */
  #gather(frontier: Frontier, balls: Balls, list: Int32Array, start: number, count: number): void {
    const { at } = balls
    const x = this.#x
    const y = this.#y
    const z = this.#z
    const limit = this.#limit
    frontier.count = 0
    for (let i = start; i < start + count; i++) {
      const slot = list[i]!
      const dx = at[4 * slot]! - x
      const dy = at[4 * slot + 1]! - y
      const dz = at[4 * slot + 2]! - z
      const chord2 = dx * dx + dy * dy + dz * dz
      const within = limit + at[4 * slot + 3]!
      if (chord2 <= within * within) frontier.add(slot, chord2)
    }
  }

  #scan(start: number, count: number): void {
    const { records } = this.#pool
    const x = this.#x
    const y = this.#y
    const z = this.#z
    let limit2 = this.#limit2
    const end = RECORD * (start + count)
    for (let i = RECORD * start; i < end; i += RECORD) {
      const dx = records[i]! - x
      const dy = records[i + 1]! - y
      const dz = records[i + 2]! - z
      const chord2 = dx * dx + dy * dy + dz * dz
      if (chord2 > limit2) continue
      // As an integer to the compiler too: a double for an index takes the slow way through every array.
      this.#offer(chord2, records[i + 3]! | 0)
      limit2 = this.#limit2
    }
    this.#limit = Math.sqrt(limit2)
  }

  #offer(chord2: number, handle: Handle): void {
    if (this.#picky && !this.#drivers.fits(handle, this.#query)) return
    if (this.#crowd !== null) {
      this.#crowd.push(handle)
      return
    }
    if (this.#found < this.#k) {
      this.#siftUp(this.#found++, chord2, handle)
      if (this.#found < this.#k) return
    } else if (chord2 >= this.#heap2[0]!) {
      this.#out2 = Math.min(this.#out2, chord2)
      return
    } else {
      this.#out2 = Math.min(this.#out2, this.#heap2[0]!)
      this.#siftDown(chord2, handle, this.#k)
    }
    this.#limit2 = widened(this.#heap2[0]!)
  }

  #siftUp(from: number, chord2: number, handle: Handle): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      if (this.#heap2[above]! >= chord2) break
      this.#heap2[place] = this.#heap2[above]!
      this.#heapHandles[place] = this.#heapHandles[above]!
      place = above
    }
    this.#heap2[place] = chord2
    this.#heapHandles[place] = handle
  }

  /** Replace the top of the first `count` places of the heap. */
  #siftDown(chord2: number, handle: Handle, count: number): void {
    const heap2 = this.#heap2
    let place = 0
    for (;;) {
      let below = 2 * place + 1
      if (below >= count) break
      if (below + 1 < count && heap2[below + 1]! > heap2[below]!) below++
      if (heap2[below]! <= chord2) break
      heap2[place] = heap2[below]!
      this.#heapHandles[place] = this.#heapHandles[below]!
      place = below
    }
    heap2[place] = chord2
    this.#heapHandles[place] = handle
  }

  /** Empty the heap into the result, farthest first, then put near ties right by the haversine. */
  #rankHeap(out: NearestResult): void {
    const query = this.#query
    const { handles, distancesM } = out
    for (let left = this.#found; left > 0; left--) {
      handles[left - 1] = this.#heapHandles[0]!
      this.#siftDown(this.#heap2[left - 1]!, this.#heapHandles[left - 1]!, left - 1)
    }
    for (let i = 0; i < this.#found; i++) {
      const handle = handles[i]!
      const metres = this.#drivers.distanceM(handle, query)
      let place = i
      while (place > 0 && this.#isBefore(metres, handle, distancesM[place - 1]!, handles[place - 1]!)) {
        distancesM[place] = distancesM[place - 1]!
        handles[place] = handles[place - 1]!
        place--
      }
      distancesM[place] = metres
      handles[place] = handle
    }
    let count = this.#found
    while (count > 0 && distancesM[count - 1]! > query.maxM) count--
    out.count = count
  }

  /**
   * The k-th and the next are too close to call by chords (a rank of parked cars, say): look again at all who are no
   * farther, and sort them by the haversine. Rare, and the one path that allocates.
   */
  #rankCrowd(planes: readonly Plane[], out: NearestResult): void {
    const query = this.#query
    const crowd: Handle[] = []
    this.#setLimit2(widened(this.#heap2[0]!))
    this.#crowd = crowd
    this.#walk(planes)
    this.#crowd = null
    const ranked = crowd
      .map((handle) => ({ handle, metres: this.#drivers.distanceM(handle, query) }))
      .filter(({ metres }) => metres <= query.maxM)
      .sort((a, b) => (this.#isBefore(a.metres, a.handle, b.metres, b.handle) ? -1 : 1))
    out.count = Math.min(this.#k, ranked.length)
    for (let i = 0; i < out.count; i++) {
      out.handles[i] = ranked[i]!.handle
      out.distancesM[i] = ranked[i]!.metres
    }
  }

  #isBefore(metresA: number, a: Handle, metresB: number, b: Handle): boolean {
    return metresA < metresB || (metresA === metresB && this.#drivers.comesFirst(a, b))
  }
}
