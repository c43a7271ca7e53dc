/** Ways that were asked for, kept for the pages that draw them again with every change of a ride. */
import type { LatLng } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'

const KEPT_MOST = 1_000
/** Streets close for a day now and then; a ride's page is open for an hour. */
const KEPT_MS = 30 * 60_000
/** Where nothing was said, it is asked again after this. */
const NOTHING_KEPT_MS = 15_000
/** Five decimals are a metre. */
const DECIMALS = 5

export interface WayCache {
  /** Remember what was found on another occasion. */
  keep(points: readonly LatLng[], way: readonly LatLng[]): void
  /** What is known for these points, or what `ask` finds; asked once by however many at the same time. */
  get(
    points: readonly LatLng[],
    ask: () => Promise<readonly LatLng[] | null>,
  ): Promise<readonly LatLng[] | null>
}

interface Kept {
  readonly way: Promise<readonly LatLng[] | null>
  untilMs: number
}

export function makeWayCache(clock: Clock): WayCache {
  const kept = new Map<string, Kept>()
  function add(key: string, entry: Kept): Kept {
    kept.delete(key)
    kept.set(key, entry)
    if (kept.size > KEPT_MOST) kept.delete(kept.keys().next().value!)
    return entry
  }
  return {
    keep(points, way) {
      add(keyOf(points), { way: Promise.resolve(way), untilMs: clock.nowMs() + KEPT_MS })
    },
    get(points, ask) {
      const key = keyOf(points)
      const known = kept.get(key)
      if (known !== undefined && clock.nowMs() < known.untilMs) return known.way
      const entry = add(key, { way: ask(), untilMs: Number.POSITIVE_INFINITY })
      void entry.way.then((way) => {
        entry.untilMs = clock.nowMs() + (way === null ? NOTHING_KEPT_MS : KEPT_MS)
      })
      return entry.way
    },
  }
}

function keyOf(points: readonly LatLng[]): string {
  const text = points.map(({ lat, lng }) => `${lat.toFixed(DECIMALS)},${lng.toFixed(DECIMALS)}`).join(' ')
  // A trail has hundreds of points; what tells two apart need not be as long.
  return text.length > 200 ? Bun.hash(text).toString(36) + text.length : text
}
