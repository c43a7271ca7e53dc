/** The demo city's own streets as a road engine: the roads its cars drive on, in memory, for one small city. */
import { DEFAULT_TRAVEL } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import type { Estimate } from '../engine/speeds.ts'
import type { LatLng } from '../engine/units.ts'
import { afterThisTurn } from '../io/turn.ts'
import type { RoadWay, RoutingProvider } from '../roads/roads.ts'
import type { RoadGround } from './road-ground.ts'

/** Farther from any corner than this is off the map. */
const SNAP_MOST_M = 400

/**
 * One search of about a millisecond an end, on the thread that asks; what leads to one pickup is found once. Trails are
 * not laid onto streets.
 */
export function graphRouting(ground: RoadGround): RoutingProvider {
  const cornerOf = (point: LatLng) => ground.snap(point, SNAP_MOST_M)
  const besideM = (point: LatLng, corner: number) => distanceM(point, ground.point(corner))

  /** With the way from the door to the first corner and from the last one to the door, as fast as the city is set. */
  function withDoors(leg: Estimate, doorsM: number): Estimate {
    return {
      distanceM: leg.distanceM + doorsM,
      durationS: leg.durationS + doorsM / DEFAULT_TRAVEL.speedMps,
    }
  }

  function legsTo(from: readonly LatLng[], to: LatLng): (Estimate | null)[] {
    const end = cornerOf(to)
    const starts = from.map(cornerOf)
    if (end < 0) return from.map(() => null)
    const legs = ground.legsTo(
      starts.filter((start) => start >= 0),
      end,
    )
    return starts.map((start, n) => {
      const leg = start < 0 ? null : legs.shift()!
      if (leg === null || !Number.isFinite(leg.durationS)) return null
      return withDoors(leg, besideM(from[n]!, start) + besideM(to, end))
    })
  }

  function wayBetween(from: LatLng, to: LatLng): RoadWay | null {
    const leg = legsTo([from], to)[0]
    if (leg == null) return null
    return { ...leg, points: [from, ...ground.wayTo(cornerOf(from), cornerOf(to))!, to] }
  }

  return {
    name: 'demo streets',
    async matrix({ from, to }) {
      // Whoever asks much lets pings and timers have their turn in between.
      await new Promise<void>(afterThisTurn)
      const columns = to.map((end) => legsTo(from, end))
      return from.map((_, i) => columns.map((column) => column[i]!))
    },
    async route({ stops }) {
      await new Promise<void>(afterThisTurn)
      const ways = stops.slice(1).map((stop, n) => wayBetween(stops[n]!, stop))
      return ways.reduce((whole, way) =>
        whole === null || way === null
          ? null
          : {
              points: [...whole.points, ...way.points.slice(1)],
              distanceM: whole.distanceM + way.distanceM,
              durationS: whole.durationS + way.durationS,
            },
      )!
    },
    match: async () => null,
    close: async () => {},
  }
}
