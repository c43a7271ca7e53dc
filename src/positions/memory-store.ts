/** The position store of one process. */
import type { DriverId, RegionId } from '../engine/units.ts'
import type { MovedHandler, Position, PositionStore } from './store.ts'

interface Region {
  readonly latest: Map<DriverId, Position>
  readonly listeners: Listener[]
}

interface Listener {
  readonly handler: MovedHandler
  readonly owner: PositionStore
}

/** What several memory stores share when one program plays several processes, as tests do. */
export type MemoryRegions = Map<RegionId, Region>

export function makeMemoryPositions(shared: MemoryRegions = new Map()): PositionStore {
  let written = 0
  const regionOf = (regionId: RegionId): Region => {
    const known = shared.get(regionId)
    if (known !== undefined) return known
    const region: Region = { latest: new Map(), listeners: [] }
    shared.set(regionId, region)
    return region
  }

  const store: PositionStore = {
    put(regionId, batch) {
      const { latest, listeners } = regionOf(regionId)
      // Mostly there is one process, and nobody else to be told.
      const newer: Position[] | null = listeners.some(({ owner }) => owner !== store) ? [] : null
      for (const position of batch) {
        const known = latest.get(position.driverId)
        if (known !== undefined && known.atMs >= position.atMs) continue
        latest.set(position.driverId, position)
        written++
        newer?.push(position)
      }
      if (newer === null || newer.length === 0) return
      for (const { handler, owner } of [...listeners]) if (owner !== store) handler(newer)
    },
    load: async (regionId) => [...regionOf(regionId).latest.values()],
    async onMoved(regionId, handler) {
      const { listeners } = regionOf(regionId)
      // An object of its own, so that each unsubscribe ends its own.
      const listener: Listener = { handler, owner: store }
      listeners.push(listener)
      return () => remove(listeners, listener)
    },
    remove: (regionId, driverId) => void regionOf(regionId).latest.delete(driverId),
    flush: async () => {},
    hearingSinceMs: () => 0,
    figures: () => ({ pending: 0, written, dropped: 0, failures: 0 }),
    async close() {
      for (const { listeners } of shared.values()) {
        for (const listener of [...listeners]) if (listener.owner === store) remove(listeners, listener)
      }
    },
  }
  return store
}

function remove(listeners: Listener[], listener: Listener): void {
  const at = listeners.indexOf(listener)
  if (at !== -1) listeners.splice(at, 1)
}
