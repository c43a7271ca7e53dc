/** A small number for each driver, so that what is kept of them is found by a place in an array, not by their id. */
import { assert, type DriverId } from '../engine/units.ts'

/** The same driver has the same number as long as the process runs. */
export type DriverHandle = number

export interface DriverHandles {
  of(driverId: DriverId): DriverHandle
  /** Whose number this is; it must have come from `of`. */
  idOf(handle: DriverHandle): DriverId
}

/** Numbers from 0 on, shared by all that keep something of a driver; never given to another one, at some 100 bytes each. */
export function makeHandles(): DriverHandles {
  const handles = new Map<DriverId, DriverHandle>()
  const ids: DriverId[] = []
  return {
    of(driverId) {
      const known = handles.get(driverId)
      if (known !== undefined) return known
      const handle = ids.push(driverId) - 1
      handles.set(driverId, handle)
      return handle
    },
    idOf(handle) {
      const driverId = ids[handle]
      assert(driverId !== undefined, 'a handle was given out before it is used')
      return driverId
    },
  }
}
