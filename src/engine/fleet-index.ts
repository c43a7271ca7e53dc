/** Which drivers are free near a point: a plain list that is looked through whole. */
import { distanceM } from './geo.ts'
import { assert, type DriverId, type LatLng } from './units.ts'

/** A driver's slot in the index. */
export type Handle = number

export interface Traits {
  readonly classMask: number
  readonly seats: number
  readonly attributes: number
}

export interface NearestQuery {
  readonly lat: number
  readonly lng: number
  readonly k: number
  readonly maxM: number
  readonly classMask: number
  readonly seatsMin: number
  readonly attributes: number
  readonly exclude?: ReadonlySet<DriverId>
  readonly eligible?: (handle: Handle) => boolean
}

export interface NearestResult {
  readonly handles: Int32Array
  readonly distancesM: Float64Array
  count: number
}

interface Slot {
  driverId: DriverId
  at: LatLng
  traits: Traits
  available: boolean
}

export class FleetIndex {
  private readonly slots: (Slot | null)[] = []
  private readonly handles = new Map<DriverId, Handle>()

  get size(): number {
    return this.handles.size
  }

  makeResult(k: number): NearestResult {
    return { handles: new Int32Array(k), distancesM: new Float64Array(k), count: 0 }
  }

  add(driverId: DriverId, at: LatLng, traits: Traits): Handle {
    const handle = this.slots.push({ driverId, at, traits, available: false }) - 1
    this.handles.set(driverId, handle)
    return handle
  }

  move(handle: Handle, lat: number, lng: number): void {
    this.slot(handle).at = { lat, lng }
  }

  setAvailable(handle: Handle, available: boolean): void {
    this.slot(handle).available = available
  }

  setTraits(handle: Handle, traits: Traits): void {
    this.slot(handle).traits = traits
  }

  remove(handle: Handle): void {
    this.handles.delete(this.slot(handle).driverId)
    this.slots[handle] = null
  }

  handleOf(driverId: DriverId): Handle {
    return this.handles.get(driverId) ?? -1
  }

  driverIdOf(handle: Handle): DriverId {
    return this.slot(handle).driverId
  }

  positionOf(handle: Handle): LatLng {
    return this.slot(handle).at
  }

  nearest(query: NearestQuery, out: NearestResult): number {
    const found: { handle: Handle; distanceM: number; driverId: DriverId }[] = []
    this.slots.forEach((slot, handle) => {
      if (slot === null || !slot.available) return
      const { traits } = slot
      if ((traits.classMask & query.classMask) === 0 || traits.seats < query.seatsMin) return
      if ((traits.attributes & query.attributes) !== query.attributes) return
      const metres = distanceM(slot.at, query)
      if (metres > query.maxM || query.exclude?.has(slot.driverId)) return
      if (query.eligible !== undefined && !query.eligible(handle)) return
      found.push({ handle, distanceM: metres, driverId: slot.driverId })
    })
    found.sort((a, b) => a.distanceM - b.distanceM || (a.driverId < b.driverId ? -1 : 1))
    out.count = Math.min(query.k, found.length)
    for (let i = 0; i < out.count; i++) {
      out.handles[i] = found[i]!.handle
      out.distancesM[i] = found[i]!.distanceM
    }
    return out.count
  }

  private slot(handle: Handle): Slot {
    const slot = this.slots[handle]
    assert(slot != null, 'a handle names a driver in the index')
    return slot
  }
}
