/** The position store of one process. */
import type { DriverId, RegionId } from '../engine/units.ts'
import type { MovedHandler, Position, PositionStore } from './store.ts'

interface Region {
  readonly latest: Map<DriverId, Position>
  readonly listeners: Map<MovedHandler, PositionStore>
}

/** What several memory stores share when one program plays several processes, as tests do. */
export type MemoryRegions = Map<RegionId, Region>

export function makeMemoryPositions(shared: MemoryRegions = new Map()): PositionStore {
  let written = 0
  const regionOf = (regionId: RegionId): Region => {
    const known = shared.get(regionId)
    if (known !== undefined) return known
    const region: Region = { latest: new Map(), listeners: new Map() }
    shared.set(regionId, region)
    return region
  }

  function isHeardElsewhere(listeners: Region['listeners']): boolean {
    for (const owner of listeners.values()) if (owner !== store) return true
    return false
  }

  const store: PositionStore = {
    put(regionId, batch) {
      const { latest, listeners } = regionOf(regionId)
      // Mostly there is one process, and nobody else to be told.
      const newer: Position[] | null = isHeardElsewhere(listeners) ? [] : null
      for (const position of batch) {
        const known = latest.get(position.driverId)
        if (known !== undefined && known.atMs >= position.atMs) continue
        latest.set(position.driverId, position)
        written++
        newer?.push(position)
      }
      if (newer === null || newer.length === 0) return
      for (const [handler, owner] of [...listeners]) if (owner !== store) handler(newer)
    },
    load: async (regionId) => [...regionOf(regionId).latest.values()],
    async onMoved(regionId, handler) {
      // A key of its own an entry, so that each unsubscribe ends its own.
      const entry: MovedHandler = (batch) => handler(batch)
      const { listeners } = regionOf(regionId)
      listeners.set(entry, store)
      return () => void listeners.delete(entry)
    },
    remove: (regionId, driverId) => void regionOf(regionId).latest.delete(driverId),
    flush: async () => {},
    hearingSinceMs: () => 0,
    figures: () => ({ pending: 0, written, dropped: 0, failures: 0 }),
    async close() {
      for (const { listeners } of shared.values()) {
        for (const [entry, owner] of [...listeners]) if (owner === store) listeners.delete(entry)
      }
    },
  }
  return store
}
