/** How a simulated car moves: along the edges of the road graph and nowhere else, at the graph's own pace. */
import { bearingDeg, distanceM } from '../../engine/geo.ts'
import { assert, type LatLng } from '../../engine/units.ts'
import type { RoadGraph } from '../roads.ts'

/** Points a car passes and when, epoch ms; the last one is where it stays. Every point but the first is a node. */
export interface Way {
  readonly points: readonly LatLng[]
  readonly atMs: readonly number[]
  /** Node numbers along `points`; null for a first point that lies between two nodes. */
  readonly nodes: readonly (number | null)[]
}

export interface Spot extends LatLng {
  /** Degrees, 0 is north, clockwise. */
  readonly headingDeg: number
  readonly speedMps: number
  readonly isMoving: boolean
}

/** A car that stands at a node. */
export function standAt(roads: RoadGraph, node: number, nowMs: number): Way {
  return { points: [roads.point(node)], atMs: [nowMs], nodes: [node] }
}

/** Where a car on this way is at an instant. */
export function spotOn(way: Way, nowMs: number): Spot {
  const { points, atMs } = way
  const next = atMs.findIndex((reachedMs) => reachedMs > nowMs)
  if (next === 0) return { ...points[0]!, headingDeg: headingOf(way, 0), speedMps: 0, isMoving: false }
  if (next === -1) {
    const last = points.length - 1
    return { ...points[last]!, headingDeg: headingOf(way, last), speedMps: 0, isMoving: false }
  }
  const [from, to] = [points[next - 1]!, points[next]!]
  const spanMs = atMs[next]! - atMs[next - 1]!
  const share = (nowMs - atMs[next - 1]!) / spanMs
  return {
    lat: from.lat + share * (to.lat - from.lat),
    lng: from.lng + share * (to.lng - from.lng),
    headingDeg: headingOf(way, next),
    speedMps: distanceM(from, to) / (spanMs / 1000),
    isMoving: true,
  }
}

/** The direction of the piece that leads to a point; at the very start that of the first piece. */
function headingOf({ points }: Way, index: number): number {
  if (points.length < 2) return 0
  const end = Math.max(1, index)
  return bearingDeg(points[end - 1]!, points[end]!)
}

/** When the car comes to the end of its way, epoch ms. */
export function endsAtMs(way: Way): number {
  return way.atMs.at(-1)!
}

/** The node a car stands at or will reach next. */
export function nextNode(way: Way, nowMs: number): number {
  const next = way.atMs.findIndex((reachedMs) => reachedMs > nowMs)
  const node = way.nodes[next === -1 ? way.nodes.length - 1 : Math.max(1, next)] ?? way.nodes.at(-1)
  assert(typeof node === 'number', 'a way ends at a node')
  return node
}

/**
 * Send a car somewhere else: on to the corner it is coming to, then the quickest way from there.
 * @param slowness factor on the graph's times; 1 is a driver who is expected
 */
export function driveTo(
  roads: RoadGraph,
  way: Way,
  { toNode, nowMs, slowness = 1 }: { toNode: number; nowMs: number; slowness?: number },
): Way {
  const spot = spotOn(way, nowMs)
  const corner = nextNode(way, nowMs)
  const route = roads.route(corner, toNode)
  assert(route !== null, `no road leads from node ${corner} to node ${toNode}`)
  const cornerAtMs = spot.isMoving ? way.atMs.find((reachedMs) => reachedMs > nowMs)! : nowMs
  const rest = {
    points: route.points,
    atMs: route.reachedS.map((seconds) => cornerAtMs + seconds * 1000 * slowness),
    nodes: route.nodes,
  }
  if (!spot.isMoving) return rest
  return {
    points: [{ lat: spot.lat, lng: spot.lng }, ...rest.points],
    atMs: [nowMs, ...rest.atMs],
    nodes: [null, ...rest.nodes],
  }
}
