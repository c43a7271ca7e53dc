/**
 * Which drivers are free near a point: exact k nearest by great circle, over H3 cells in memory. A driver who keeps
 * within the circle around their cell costs two sines and four stores a ping; busy drivers cost two stores.
 */
import { doubled } from './addresses.ts'
import { CellTree } from './cells.ts'
import { greatCircleM } from './geo.ts'
import { NearestSearch } from './nearest-search.ts'
import { Plane, RecordPool } from './plane.ts'
import { SupplyCells } from './supply.ts'
import { UnitVector } from './unit-vector.ts'
import { assert, type DriverId, type LatLng } from './units.ts'

// Edge 530 m: quickest from some hundred to a hundred thousand free cars, since a cell costs a trip to memory, and
// reading on in it next to nothing. With more of them the next finer cells are.
const RESOLUTION = 8
const CROWD = 200_000
const CROWD_RESOLUTION = 9

/** A driver's slot in the index: small, and used again after the driver is removed. */
export type Handle = number

/** What a vehicle offers: bits of its classes, passenger seats, bits of its attributes. */
export interface Traits {
  readonly classMask: number
  readonly seats: number
  readonly attributes: number
}

/** Any of the classes asked for will do; of the attributes all must be there. */
export interface NearestQuery {
  readonly lat: number
  readonly lng: number
  /** At most as many as the result has room for. */
  readonly k: number
  /** Metres, inclusive; Infinity for no limit. */
  readonly maxM: number
  readonly classMask: number
  readonly seatsMin: number
  readonly attributes: number
  readonly exclude?: ReadonlySet<DriverId>
  /** A last say on a driver near enough; must give the same answer all through one query, and not ask the index. */
  readonly eligible?: (handle: Handle) => boolean
}

/** The caller's buffers, made by `makeResult` and filled by each `nearest` anew; the first `count` places hold. */
export interface NearestResult {
  readonly handles: Int32Array
  readonly distancesM: Float64Array
  count: number
}

/** The drivers of one region, of one company. */
export class FleetIndex {
  readonly #handles = new Map<DriverId, Handle>()
  readonly #ids: (DriverId | null)[] = []
  readonly #traits: Traits[] = []
  readonly #unused: Handle[] = []
  #lats = new Float64Array(64)
  #lngs = new Float64Array(64)
  /** Place of the driver's record in its leaf's bucket; -1 while not available. */
  #places = new Int32Array(64)
  /** The leaf of the record; for a driver who is not available, where they last were, or -1. */
  #leaves = new Int32Array(64)
  /** The supply cell that an available driver is counted in; for others, the last one, or -1. */
  #supplySlots = new Int32Array(64)
  readonly #supplyCells = new SupplyCells()
  #planeOf: Plane[] = []
  #tree: CellTree
  #pool!: RecordPool
  #planes!: Plane[]
  #search!: NearestSearch
  #availableCount = 0
  readonly #vector = new UnitVector()
  /** At how many the cells become finer. */
  #crowd: number

  /**
   * Both are choices of speed alone, never of the answer.
   * @param options.resolution H3 resolution of the cells
   * @param options.crowd with more free cars than this the cells become finer
   */
  constructor(options: { readonly resolution?: number; readonly crowd?: number } = {}) {
    this.#crowd = options.crowd ?? (options.resolution === undefined ? CROWD : Number.POSITIVE_INFINITY)
    this.#tree = this.#lay(options.resolution ?? RESOLUTION)
  }

  /** Empty cells of this resolution, and all that stands on them. */
  #lay(resolution: number): CellTree {
    this.#tree = new CellTree(resolution)
    this.#pool = new RecordPool()
    this.#planes = []
    this.#search = new NearestSearch(this.#tree, this.#pool, {
      fits: (handle, query) => this.#fits(handle, query),
      distanceM: (handle, query) =>
        greatCircleM(this.#lats[handle]!, this.#lngs[handle]!, query.lat, query.lng),
      comesFirst: (a, b) => this.#ids[a]! < this.#ids[b]!,
    })
    return this.#tree
  }

  /** Everybody into finer cells: once in a fleet's life, as an array that doubles, and half a second for a million. */
  #refine(resolution: number): void {
    this.#crowd = Number.POSITIVE_INFINITY
    this.#lay(resolution)
    for (let handle = 0; handle < this.#ids.length; handle++) {
      const available = this.#places[handle]! >= 0
      this.#places[handle] = -1
      this.#leaves[handle] = -1
      if (this.#ids[handle] === null) continue
      this.#planeOf[handle] = this.#planeFor(this.#traits[handle]!)
      if (available) this.#putIn(handle)
    }
  }

  get size(): number {
    return this.#handles.size
  }

  get availableCount(): number {
    return this.#availableCount
  }

  /** Buffers for up to `k` answers, for one caller to use again and again. */
  makeResult(k: number): NearestResult {
    return { handles: new Int32Array(k), distancesM: new Float64Array(k), count: 0 }
  }

  /**
   * Take in a driver, not available at first.
   * @throws BugError for a driver who is in already, or a point off the map
   */
  add(driverId: DriverId, at: LatLng, traits: Traits): Handle {
    assert(!this.#handles.has(driverId), 'a driver is added to the index once')
    assertOnMap(at.lat, at.lng)
    const handle = this.#unused.pop() ?? this.#ids.length
    if (handle === this.#lats.length) {
      this.#lats = doubled(this.#lats)
      this.#lngs = doubled(this.#lngs)
      this.#places = doubled(this.#places)
      this.#leaves = doubled(this.#leaves)
      this.#supplySlots = doubled(this.#supplySlots)
    }
    this.#handles.set(driverId, handle)
    this.#ids[handle] = driverId
    this.#traits[handle] = traits
    this.#planeOf[handle] = this.#planeFor(traits)
    this.#lats[handle] = at.lat
    this.#lngs[handle] = at.lng
    this.#places[handle] = -1
    this.#leaves[handle] = -1
    this.#supplySlots[handle] = -1
    return handle
  }

  /**
   * The driver is now here. Allocates nothing.
   * @throws BugError for an unknown handle or a point off the map
   */
  move(handle: Handle, lat: number, lng: number): void {
    this.#assertKnown(handle)
    assertOnMap(lat, lng)
    this.#lats[handle] = lat
    this.#lngs[handle] = lng
    const place = this.#places[handle]!
    if (place < 0) return
    this.#vector.point(lat, lng)
    const { x, y, z } = this.#vector
    const slot = this.#supplySlots[handle]!
    if (!this.#supplyCells.surelyHolds(slot, x, y, z)) {
      const nextSlot = this.#supplyCells.slotAt(lat, lng, x, y, z)
      if (nextSlot !== slot) {
        this.#supplySlots[handle] = nextSlot
        this.#planeOf[handle]!.supplied(slot, -1)
        this.#planeOf[handle]!.supplied(nextSlot, 1)
      }
    }
    const leaf = this.#leaves[handle]!
    // A car that waits on a border would change cells with every ping; it keeps its own until it is truly out.
    const next = this.#tree.holds(leaf, x, y, z) ? leaf : this.#tree.leafAt(x, y, z)
    if (next === leaf) {
      this.#planeOf[handle]!.write(leaf, place, x, y, z)
      return
    }
    this.#takeOut(handle)
    this.#leaves[handle] = next
    this.#places[handle] = this.#planeOf[handle]!.put(next, x, y, z, handle)
  }

  /** Let a driver be found, or not. */
  setAvailable(handle: Handle, available: boolean): void {
    this.#assertKnown(handle)
    if (available === this.#places[handle]! >= 0) return
    if (available) this.#putIn(handle)
    else {
      this.#withdraw(handle)
      this.#places[handle] = -1
    }
    this.#availableCount += available ? 1 : -1
    if (this.#availableCount > this.#crowd) this.#refine(CROWD_RESOLUTION)
  }

  setTraits(handle: Handle, traits: Traits): void {
    this.#assertKnown(handle)
    this.#traits[handle] = traits
    const plane = this.#planeFor(traits)
    if (plane === this.#planeOf[handle]) return
    const available = this.#places[handle]! >= 0
    if (available) this.#withdraw(handle)
    this.#planeOf[handle] = plane
    if (available) this.#putIn(handle)
  }

  /**
   * Lay the records out in memory as the cells lie on the map. A choice of speed alone, for after many drivers were
   * taken in: a query then touches fewer pages. Some 20 ms for a million drivers, and room for all records once more.
   */
  layOut(): void {
    const before = this.#pool.renew()
    for (const plane of this.#planes) plane.layOut(before)
  }

  /** Forget a driver; the handle may be given to another. */
  remove(handle: Handle): void {
    this.setAvailable(handle, false)
    this.#handles.delete(this.#ids[handle]!)
    this.#ids[handle] = null
    this.#unused.push(handle)
  }

  /** The driver's handle, or -1. */
  handleOf(driverId: DriverId): Handle {
    return this.#handles.get(driverId) ?? -1
  }

  driverIdOf(handle: Handle): DriverId {
    this.#assertKnown(handle)
    return this.#ids[handle]!
  }

  positionOf(handle: Handle): LatLng {
    this.#assertKnown(handle)
    return { lat: this.#lats[handle]!, lng: this.#lngs[handle]! }
  }

  isAvailable(handle: Handle): boolean {
    this.#assertKnown(handle)
    return this.#places[handle]! >= 0
  }

  /** All who can be found, in no order; the index must not change meanwhile. */
  *available(): Generator<Handle> {
    for (const handle of this.#handles.values()) if (this.#places[handle]! >= 0) yield handle
  }

  traitsOf(handle: Handle): Traits {
    this.#assertKnown(handle)
    return this.#traits[handle]!
  }

  /**
   * The k nearest available drivers that fit, by great circle, ascending; equal distances in the order of the ids'
   * strings. Exact anywhere on the globe.
   * @returns how many were found, as in `out.count`
   * @throws BugError when `out` has no room for k, or the point is off the map
   */
  nearest(query: NearestQuery, out: NearestResult): number {
    assert(query.k <= out.handles.length && query.k <= out.distancesM.length, 'the result has room for k')
    assertOnMap(query.lat, query.lng)
    return this.#search.run(this.#planes, query, out)
  }

  /**
   * How many available drivers of any of these classes are in an H3 cell of SUPPLY_RESOLUTION right now, by the cell
   * that h3-js gives for their position. One look a class mask.
   */
  supplyOf(cell: string, classMask: number): number {
    const slot = this.#supplyCells.slotOf(cell)
    if (slot < 0) return 0
    let sum = 0
    for (const plane of this.#planes) if ((plane.classMask & classMask) !== 0) sum += plane.supply[slot] ?? 0
    return sum
  }

  /** Every H3 cell that available drivers of these classes are in, and how many are. */
  supplied(classMask: number): Map<string, number> {
    const cells = new Map<string, number>()
    for (let slot = 0; slot < this.#supplyCells.count; slot++) {
      let sum = 0
      for (const plane of this.#planes)
        if ((plane.classMask & classMask) !== 0) sum += plane.supply[slot] ?? 0
      if (sum > 0) cells.set(this.#supplyCells.cellOf(slot), sum)
    }
    return cells
  }

  #fits(handle: Handle, query: NearestQuery): boolean {
    const { seats, attributes } = this.#traits[handle]!
    if (seats < query.seatsMin || (attributes & query.attributes) !== query.attributes) return false
    if (query.exclude?.has(this.#ids[handle]!)) return false
    return query.eligible === undefined || query.eligible(handle)
  }

  #putIn(handle: Handle): void {
    this.#vector.point(this.#lats[handle]!, this.#lngs[handle]!)
    const { x, y, z } = this.#vector
    let leaf = this.#leaves[handle]!
    if (leaf < 0 || !this.#tree.holds(leaf, x, y, z)) leaf = this.#tree.leafAt(x, y, z)
    this.#leaves[handle] = leaf
    this.#places[handle] = this.#planeOf[handle]!.put(leaf, x, y, z, handle)
    let slot = this.#supplySlots[handle]!
    if (slot < 0 || !this.#supplyCells.surelyHolds(slot, x, y, z))
      slot = this.#supplyCells.slotAt(this.#lats[handle]!, this.#lngs[handle]!, x, y, z)
    this.#supplySlots[handle] = slot
    this.#planeOf[handle]!.supplied(slot, 1)
  }

  /** The driver is no longer to be found, nor counted. */
  #withdraw(handle: Handle): void {
    this.#takeOut(handle)
    this.#planeOf[handle]!.supplied(this.#supplySlots[handle]!, -1)
  }

  #takeOut(handle: Handle): void {
    const place = this.#places[handle]!
    const moved = this.#planeOf[handle]!.take(this.#leaves[handle]!, place)
    if (moved >= 0) this.#places[moved] = place
  }

  #planeFor({ classMask, seats }: Traits): Plane {
    let plane = this.#planes.find((known) => known.classMask === classMask)
    if (plane === undefined) {
      plane = new Plane(classMask, this.#tree, this.#pool)
      this.#planes.push(plane)
    }
    plane.seatsFewest = Math.min(plane.seatsFewest, seats)
    return plane
  }

  #assertKnown(handle: Handle): void {
    assert(this.#ids[handle] != null, 'a handle names a driver in the index')
  }
}

function assertOnMap(lat: number, lng: number): void {
  // Written so that NaN fails too.
  assert(lat >= -90 && lat <= 90 && lng >= -180 && lng <= 180, 'a position lies on the map')
}
