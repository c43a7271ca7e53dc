/**
 * The walk of one nearest query: balls from large to small, near ones first, none that cannot hold a winner. What is
 * compared on the way are squared chords (no sine a candidate); the winners then get their great-circle distance.
 */

import { doubled } from './addresses.ts'
import { type Balls, type CellTree, CHILDREN, NEIGHBOURS, TILE_BITS, TILE_SIDE } from './cells.ts'
import type { Handle, NearestQuery, NearestResult } from './fleet-index.ts'
import { EARTH_RADIUS_M } from './geo.ts'
import type { Place } from './lattice.ts'
import { type Plane, RECORD, type RecordPool } from './plane.ts'
import { UnitVector } from './unit-vector.ts'
import { AT_LEAST, BEYOND, CELLS, orderFor, RINGS, STEPS_A, STEPS_B } from './walk-order.ts'

// What chords and haversines can disagree on, by rounding: 1e-15 of the Earth's radius near by, 1e-8 of the distance at
// the antipodes. Whatever lies closer together than this is settled by the haversine.
const SLACK = 1e-7
const SLACK_FLOOR = 1e-20
// Which face a point is on is rounded by less.
const EDGE_SLACK = 1e-9

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

/** Above the arc of a chord, which is longer by a 24th of the chord's cube; a tenth is on the safe side below 1. */
function arcOf(chord: number): number {
  return chord < 1 ? chord * (1 + chord * chord * 0.1) : Number.POSITIVE_INFINITY
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
  readonly #tiles = new Frontier()
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
  /** The limit that was worked out for: callers have one, as a rule. */
  #maxM = -1
  /** The best so far, ascending: k of them and one more. */
  #best2 = new Float64Array(16)
  #bestHandles = new Int32Array(16)
  #found = 0
  readonly #vector = new UnitVector()
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  /** Leaves that the walk around has read, the first `#scannedCount`. */
  readonly #scanned = new Int32Array(CELLS)
  #scannedCount = 0
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
    if (this.#found > this.#k && this.#best2[this.#k]! <= widened(this.#best2[this.#k - 1]!))
      this.#rankCrowd(planes, out)
    else this.#rankBest(out)
    return out.count
  }

  #begin(query: NearestQuery): void {
    this.#query = query
    this.#crowd = null
    this.#vector.point(query.lat, query.lng)
    this.#x = this.#vector.x
    this.#y = this.#vector.y
    this.#z = this.#vector.z
    this.#k = query.k
    while (this.#best2.length <= query.k) {
      this.#best2 = doubled(this.#best2)
      this.#bestHandles = doubled(this.#bestHandles)
    }
    this.#found = 0
    if (query.maxM !== this.#maxM) {
      this.#maxM = query.maxM
      const chord = 2 * Math.sin(Math.min(query.maxM / (2 * EARTH_RADIUS_M), Math.PI / 2))
      this.#reach2 = chord * chord
    }
    this.#setLimit2(widened(this.#reach2))
  }

  #setLimit2(limit2: number): void {
    this.#limit2 = limit2
    this.#limit = Math.sqrt(limit2)
  }

  #walk(planes: readonly Plane[]): void {
    const { classMask, seatsMin, attributes, exclude, eligible } = this.#query
    for (let i = 0; i < planes.length; i++) {
      const plane = planes[i]!
      if (plane.count === 0 || (plane.classMask & classMask) === 0) continue
      this.#picky =
        this.#crowd !== null ||
        seatsMin > plane.seatsFewest ||
        attributes !== 0 ||
        exclude !== undefined ||
        eligible !== undefined
      this.#scannedCount = 0
      if (!this.#walkAround(plane)) this.#walkFromAbove(plane)
    }
  }

  /**
   * The cells around the query's own, near ones first: what most queries need.
   * @returns whether nobody farther out can be within the limit; else the walk goes on from above
   */
  #walkAround(plane: Plane): boolean {
    const x = this.#x
    const y = this.#y
    const z = this.#z
    const { lattice, neighbours, reachMost } = this.#tree
    const place = this.#place
    lattice.locate(x, y, z, place)
    const { face, a, b, offA, offB } = place
    const home = this.#tree.find(face, a >> TILE_BITS, b >> TILE_BITS)
    if (home < 0) return false
    plane.follow()
    const { heads } = plane
    const scanned = this.#scanned
    const stepsA = STEPS_A
    const stepsB = STEPS_B
    const atLeast = AT_LEAST
    const homeA = a & (TILE_SIDE - 1)
    const homeB = b & (TILE_SIDE - 1)
    // An arc of length e covers at most e / (cos θ − e)² of the plane, θ being the way to the face's centre.
    const farthest = (RINGS + 1) * lattice.spacing
    const cosine = lattice.centreCosine(face, x, y, z) - farthest
    const perArc = cosine > 0 ? 1 / (cosine * cosine * lattice.spacing) : Number.POSITIVE_INFINITY
    // Centres of cells farther off than this, in spacings, have nobody within the limit.
    let most = (arcOf(this.#limit) + reachMost) * perArc
    const first = orderFor(offA, offB)
    for (let n = first; n < first + CELLS; n++) {
      if (atLeast[n]! > most) break
      const stepA = stepsA[n]!
      const stepB = stepsB[n]!
      const wayA = stepA - offA
      const wayB = stepB - offB
      if (wayA * wayA + wayA * wayB + wayB * wayB > most * most) continue
      const cellA = homeA + stepA
      const cellB = homeB + stepB
      const toTile = ((cellB >> TILE_BITS) + 1) * 3 + (cellA >> TILE_BITS) + 1
      const tile = neighbours[home * NEIGHBOURS + toTile]!
      if (tile < 0) continue
      const leaf = tile * CHILDREN + (cellB & (TILE_SIDE - 1)) * TILE_SIDE + (cellA & (TILE_SIDE - 1))
      const count = heads[2 * leaf + 1]!
      if (count === 0) continue
      scanned[this.#scannedCount++] = leaf
      this.#scan(heads[2 * leaf]!, count)
      most = (arcOf(this.#limit) + reachMost) * perArc
    }
    // Whoever is near enough but in a cell of another face has that cell's centre within two reaches of the edge.
    const arc = arcOf(this.#limit) + 2 * reachMost
    return most < BEYOND && arc + EDGE_SLACK < lattice.edgeSine(face, x, y, z)
  }

  /** Nested balls, near ones first: exact wherever it starts, and quick where there is nobody for miles. */
  #walkFromAbove(plane: Plane): void {
    const { districts, tiles } = this.#tree
    this.#gather(this.#districts, districts, plane.districts, 0, plane.districtCount)
    for (;;) {
      const district = this.#districts.takeNearest(districts, this.#limit)
      if (district < 0) return
      const count = plane.tileCounts[district]!
      this.#gather(this.#tiles, tiles, plane.tilesOf, district * CHILDREN, count)
      for (;;) {
        const tile = this.#tiles.takeNearest(tiles, this.#limit)
        if (tile < 0) break
        this.#walkTile(plane, tile)
      }
    }
  }

  #walkTile(plane: Plane, tile: number): void {
    const { leaves } = this.#tree
    const { heads } = plane
    this.#leaves.count = 0
    for (let leaf = tile * CHILDREN; leaf < (tile + 1) * CHILDREN; leaf++) {
      if (heads[2 * leaf + 1] === 0) continue
      const chord2 = leaves.chord2(leaf, this.#x, this.#y, this.#z)
      const within = this.#limit + leaves.at[4 * leaf + 3]!
      if (chord2 <= within * within && !this.#wasScanned(leaf)) this.#leaves.add(leaf, chord2)
    }
    for (;;) {
      const leaf = this.#leaves.takeNearest(leaves, this.#limit)
      if (leaf < 0) return
      this.#scan(heads[2 * leaf]!, heads[2 * leaf + 1]!)
    }
  }

  /** Whether the walk around has read this leaf. */
  #wasScanned(leaf: number): boolean {
    for (let i = 0; i < this.#scannedCount; i++) if (this.#scanned[i] === leaf) return true
    return false
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
    const k = this.#k
    const best2 = this.#best2
    const bestHandles = this.#bestHandles
    let found = this.#found
    let limit2 = this.#limit2
    const end = RECORD * (start + count)
    for (let i = RECORD * start; i < end; i += RECORD) {
      const dx = records[i]! - x
      const dy = records[i + 1]! - y
      const dz = records[i + 2]! - z
      const chord2 = dx * dx + dy * dy + dz * dz
      if (chord2 > limit2) continue
      // As an integer to the compiler too: a double for an index takes the slow way through every array.
      const handle = records[i + 3]! | 0
      if (this.#picky && !this.#isWanted(handle)) continue
      // Of one more than asked for: whether the order by chords can be trusted at the cut, the first left out tells.
      let place = found
      if (found <= k) found++
      else if (chord2 < best2[k]!) place = k
      else continue
      while (place > 0 && best2[place - 1]! > chord2) {
        best2[place] = best2[place - 1]!
        bestHandles[place] = bestHandles[place - 1]!
        place--
      }
      best2[place] = chord2
      bestHandles[place] = handle
      if (found >= k) limit2 = widened(best2[k - 1]!)
    }
    this.#found = found
    this.#limit2 = limit2
    this.#limit = Math.sqrt(limit2)
  }

  /** A driver who fits; in the second walk all who do are noted down, and none is kept as one of the best. */
  #isWanted(handle: Handle): boolean {
    if (!this.#drivers.fits(handle, this.#query)) return false
    if (this.#crowd === null) return true
    this.#crowd.push(handle)
    return false
  }

  /** The best into the result, near ties put right by the haversine. */
  #rankBest(out: NearestResult): void {
    const query = this.#query
    const { handles, distancesM } = out
    this.#found = Math.min(this.#found, this.#k)
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
