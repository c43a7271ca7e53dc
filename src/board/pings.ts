/**
 * The last fixes of every car on shift, in memory: a desk that asks where a driver has been sees the last minutes at
 * once. All processes hear all cars, so any of them can say it; nothing is stored.
 */
import type { DriverId, LatLng } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { DriverHandle, DriverHandles } from '../positions/handles.ts'
import type { Position } from '../positions/store.ts'

/** Closer together they say nothing more of a way through streets. */
const APART_MS = 10_000
/** With the distance above: five minutes, and 960 bytes a car. */
const MOST_KEPT = 30
/** lat, lng, instant, and speed, below 0 where the phone did not say. */
const FIELDS = 4

export interface RecentFix extends LatLng {
  readonly atMs: number
  readonly speedMps: number | null
}

interface Ring {
  readonly values: Float64Array
  /** Fixes ever kept; the newest stands at `(count − 1) mod MOST_KEPT`. */
  count: number
}

export interface RecentPings {
  moved(position: Position, driver: DriverHandle): void
  /** The newest first. */
  of(driverId: DriverId): RecentFix[]
  /** How many cars are remembered. */
  size(): number
}

export function keepRecentPings(deps: { readonly bus: Bus; readonly handles: DriverHandles }): RecentPings {
  const { bus, handles } = deps
  /** By driver's number. */
  const rings: (Ring | undefined)[] = []

  bus.on('shift.changed', ({ driverId, state }) => {
    if (state === 'off') rings[handles.of(driverId)] = undefined
  })

  return {
    moved({ lat, lng, atMs, speedMps }, driver) {
      let ring = rings[driver]
      if (ring === undefined) {
        ring = { values: new Float64Array(MOST_KEPT * FIELDS), count: 0 }
        rings[driver] = ring
      }
      const newest = ((ring.count - 1 + MOST_KEPT) % MOST_KEPT) * FIELDS
      if (ring.count > 0 && atMs - ring.values[newest + 2]! < APART_MS) return
      ring.values.set([lat, lng, atMs, speedMps ?? -1], (ring.count % MOST_KEPT) * FIELDS)
      ring.count++
    },
    of(driverId) {
      const ring = rings[handles.of(driverId)]
      if (ring === undefined) return []
      const { values, count } = ring
      return Array.from({ length: Math.min(count, MOST_KEPT) }, (_, back) => {
        const at = ((count - 1 - back) % MOST_KEPT) * FIELDS
        const speedMps = values[at + 3]!
        return {
          ...{ lat: values[at]!, lng: values[at + 1]!, atMs: values[at + 2]! },
          speedMps: speedMps < 0 ? null : speedMps,
        }
      })
    },
    size: () => rings.filter((ring) => ring !== undefined).length,
  }
}
