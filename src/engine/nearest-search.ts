/**
 * The walk of one nearest query: balls from large to small, near ones first, none that cannot hold a winner. What is
 * compared on the way are squared chords (no sine a candidate); the winners then get their great-circle distance.
 */

import { DISK, RINGS } from './addresses.ts'
import { type Balls, type CellTree, CHILDREN_MAX, doubled } from './cells.ts'
import type { Handle, NearestQuery, NearestResult } from './fleet-index.ts'
import { EARTH_RADIUS_M } from './geo.ts'
import type { Place } from './lattice.ts'
import { type Plane, RECORD, type RecordPool } from './plane.ts'

const RAD = Math.PI / 180
// What chords and haversines can disagree on, by rounding: 1e-15 of the Earth's radius near by, 1e-8 of the distance at
// the antipodes. Whatever lies closer together than this is settled by the haversine.
const HALF_ROOT_3 = Math.sqrt(3) / 2
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

/** Up to 64 km a chord tells the arc to a micrometre; toward the antipodes ever less. */
const NEAR2 = 1e-4

/** Great-circle metres of a squared chord below NEAR2: the arcsine's series, whose next term is under a double's digits. */
function nearArcM(chord2: number): number {
  return EARTH_RADIUS_M * Math.sqrt(chord2) * (1 + chord2 * (1 / 24 + chord2 * (3 / 640)))
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
  /** Squared chord of the query's own limit. */
  #reach2 = 0
  /** The best so far as a heap, the farthest on top. */
  #best2 = new Float64Array(16)
  #bestHandles = new Int32Array(16)
  #found = 0
  /** The nearest of those that fit and were passed over. */
  #out2 = 0
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  /** Which leaves have been scanned in the walk of this number. */
  #stamps = new Int32Array(64)
  #walked = 0
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
    if (this.#found === this.#k && this.#out2 <= widened(this.#best2[this.#k - 1]!))
      this.#rankCrowd(planes, out)
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
    while (this.#best2.length < query.k) {
      this.#best2 = doubled(this.#best2)
      this.#bestHandles = doubled(this.#bestHandles)
    }
    this.#found = 0
    this.#out2 = Number.POSITIVE_INFINITY
    const chord = 2 * Math.sin(Math.min(query.maxM / (2 * EARTH_RADIUS_M), Math.PI / 2))
    this.#reach2 = chord * chord
    this.#setLimit2(widened(this.#reach2))
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
      this.#walked++
      if (this.#walkRings(plane)) continue
      const { districts } = this.#tree
      this.#gather(this.#districts, districts, plane.districts, 0, plane.districtCount)
      for (;;) {
        const district = this.#districts.takeNearest(districts, this.#limit)
        if (district < 0) break
        this.#walkDistrict(plane, district)
      }
    }
  }

  /**
   * The cells around the query's own, ring by ring: what most queries need.
   * @returns whether nobody farther out can be within the limit; else the walk goes on from above
   */
  #walkRings(plane: Plane): boolean {
    const x = this.#x
    const y = this.#y
    const z = this.#z
    const { lattice, addresses, leaves, reachMost } = this.#tree
    const place = this.#place
    if (!lattice.locate(x, y, z, place)) return false
    const address = addresses.find(place.face, place.a, place.b)
    if (address < 0) return false
    const { disks } = addresses
    const { at } = leaves
    const { counts, starts } = plane
    if (this.#stamps.length < leaves.parents.length) this.#stamps = new Int32Array(leaves.parents.length)
    const stamps = this.#stamps
    const edgeSine = lattice.edgeSine(place.face, x, y, z)
    const cosine = lattice.centreCosine(place.face, x, y, z)
    const { offA, offB } = place
    const off = Math.max(Math.abs(offA), Math.abs(offB), Math.abs(offA + offB))
    const apothem = HALF_ROOT_3 * lattice.spacing
    const base = address * DISK
    let n = base
    for (let ring = 0; ring <= RINGS; ring++) {
      const end = ring === 0 ? base + 1 : n + 6 * ring
      for (; n < end; n++) {
        const leaf = disks[n]!
        if (leaf < 0) continue
        const count = counts[leaf]!
        if (!(count > 0)) continue
        const dx = at[4 * leaf]! - x
        const dy = at[4 * leaf + 1]! - y
        const dz = at[4 * leaf + 2]! - z
        const within = this.#limit + at[4 * leaf + 3]!
        if (dx * dx + dy * dy + dz * dz > within * within) continue
        stamps[leaf] = this.#walked
        this.#scan(starts[leaf]!, count)
      }
      const reach = this.#limit + reachMost
      // An arc is longer than its chord by a 24th of the chord's cube; a tenth is on the safe side.
      const arc = reach * (1 + reach * reach * 0.1)
      if (arc > edgeSine) continue
      const shrink = (cosine - arc) * (cosine - arc)
      if ((ring + 1 - off) * apothem * shrink > arc) return true
    }
    return false
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
      if (this.#stamps[leaf] === this.#walked) continue
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
    const best2 = this.#best2
    const k = this.#k
    let place = this.#found
    if (place === k) {
      place--
      if (chord2 >= best2[place]!) {
        this.#out2 = Math.min(this.#out2, chord2)
        return
      }
      this.#out2 = Math.min(this.#out2, best2[place]!)
    } else this.#found = place + 1
    const bestHandles = this.#bestHandles
    while (place > 0 && best2[place - 1]! > chord2) {
      best2[place] = best2[place - 1]!
      bestHandles[place] = bestHandles[place - 1]!
      place--
    }
    best2[place] = chord2
    bestHandles[place] = handle
    if (this.#found === k) this.#limit2 = widened(best2[k - 1]!)
  }

  /** Empty the heap into the result, farthest first, then put near ties right by the haversine. */
  #rankHeap(out: NearestResult): void {
    const query = this.#query
    const { handles, distancesM } = out
    for (let i = 0; i < this.#found; i++) {
      handles[i] = this.#bestHandles[i]!
      distancesM[i] = this.#best2[i]!
    }
    this.#measure(handles, distancesM)
    let count = this.#found
    while (count > 0 && distancesM[count - 1]! > query.maxM) count--
    out.count = count
  }

  /**
   * Squared chords, ascending, into metres. A chord tells the distance far below a micrometre; only whom it cannot put in order
   * for certain, next to another or to the limit, is measured by the haversine, which reads memory far away.
   */
  #measure(handles: Int32Array, distancesM: Float64Array): void {
    let before2 = -1
    for (let i = 0; i < this.#found; i++) {
      const handle = handles[i]!
      const chord2 = distancesM[i]!
      const after2 = i + 1 < this.#found ? distancesM[i + 1]! : this.#reach2
      if (chord2 < NEAR2 && chord2 > widened(before2) && after2 > widened(chord2)) {
        distancesM[i] = nearArcM(chord2)
      } else {
        const metres = this.#drivers.distanceM(handle, this.#query)
        let place = i
        while (place > 0 && this.#isBefore(metres, handle, distancesM[place - 1]!, handles[place - 1]!)) {
          distancesM[place] = distancesM[place - 1]!
          handles[place] = handles[place - 1]!
          place--
        }
        distancesM[place] = metres
        handles[place] = handle
      }
      before2 = chord2
    }
  }

  /**
   * The k-th and the next are too close to call by chords (a rank of parked cars, say): look again at all who are no
   * farther, and sort them by the haversine. Rare, and the one path that allocates.
   */
  #rankCrowd(planes: readonly Plane[], out: NearestResult): void {
    const query = this.#query
    const crowd: Handle[] = []
    this.#setLimit2(widened(this.#best2[this.#k - 1]!))
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
