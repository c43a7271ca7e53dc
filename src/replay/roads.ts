/** The road graph of a city, and the quickest way along it; what the living city's cars drive on. */
import createGraph, { type Graph, type Link, type Node } from 'ngraph.graph'
import { aStar, type PathFinder } from 'ngraph.path'
import { assert, type LatLng } from '../engine/units.ts'
import { readCsv } from '../io/csv.ts'

/** A place on the graph; `node` is its number in the file. */
export interface NearestNode {
  readonly node: number
  readonly distanceM: number
}

/** A way from node to node, ends included; `points` and `reachedS` (seconds since leaving) run along `nodes`. */
export interface RoadRoute {
  readonly nodes: readonly number[]
  readonly points: readonly LatLng[]
  readonly reachedS: readonly number[]
  readonly distanceM: number
  readonly durationS: number
}

export interface RoadGraph {
  readonly nodeCount: number
  /** Where a node lies. */
  point(node: number): LatLng
  /** The node closest to a point, however far; callers decide what is too far to walk. About 20 µs for 6,000 nodes. */
  nearestNode(point: LatLng): NearestNode
  /** The quickest way (or the shortest, `by: 'length'`), or null where no road leads; about 1 ms across Manhattan. */
  route(fromNode: number, toNode: number, options?: { by?: 'time' | 'length' }): RoadRoute | null
}

interface RoadEdge {
  readonly lengthM: number
  readonly durationS: number
}

/** A node on a sphere of the Earth's radius, metres from its centre, so that straight distances need no trigonometry. */
interface RoadNode {
  readonly x: number
  readonly y: number
  readonly z: number
}

const EARTH_RADIUS_M = 6_371_008.8

/**
 * Load a graph from two tables: nodes (`node`, `lat`, `lng`, numbered from 0 without gaps) and directed edges
 * (`from_node`, `to_node`, `length_m`, and `night_s` as the time).
 * @param timeScale factor on every edge's time: under 1 for an emptier hour than that of the table
 * @throws BugError when an edge names a node that is not there, or a length or time is not above zero
 */
export function loadRoads(tables: { nodesCsv: string; edgesCsv: string; timeScale?: number }): RoadGraph {
  const points = readCsv(tables.nodesCsv).map((row, index): LatLng => {
    assert(Number(row.node) === index, `road nodes are numbered in order, ${row.node} is not ${index}`)
    return { lat: Number(row.lat), lng: Number(row.lng) }
  })
  const graph: Graph<RoadNode, RoadEdge> = createGraph({ multigraph: false })
  for (const [node, point] of points.entries()) graph.addNode(node, onSphere(point))
  for (const row of readCsv(tables.edgesCsv)) {
    const [from, to] = [Number(row.from_node), Number(row.to_node)]
    const edge = { lengthM: Number(row.length_m), durationS: Number(row.night_s) * (tables.timeScale ?? 1) }
    assert(points[from] !== undefined && points[to] !== undefined, `edge ${from}-${to} leads nowhere`)
    assert(edge.lengthM > 0 && edge.durationS > 0, `edge ${from}-${to} has no length or no time`)
    graph.addLink(from, to, edge)
  }
  const finders = {
    time: finder(graph, (edge) => edge.durationS),
    length: finder(graph, (edge) => edge.lengthM),
  }

  return {
    nodeCount: points.length,
    point(node) {
      const point = points[node]
      assert(point !== undefined, `no road node ${node}`)
      return point
    },
    nearestNode: (point) => nearestTo(point, points),
    route(fromNode, toNode, { by = 'time' } = {}) {
      const path = finders[by].find(fromNode, toNode).reverse()
      if (path.length === 0) return null
      const nodes = path.map((node) => Number(node.id))
      let [distanceM, durationS] = [0, 0]
      const reachedS = [0]
      for (let at = 1; at < nodes.length; at++) {
        const { data } = graph.getLink(nodes[at - 1]!, nodes[at]!)!
        distanceM += data.lengthM
        durationS += data.durationS
        reachedS.push(durationS)
      }
      return { nodes, points: nodes.map((node) => points[node]!), reachedS, distanceM, durationS }
    },
  }
}

/**
 * A* whose estimate never exceeds the truth: the straight distance times the least weight a metre of any edge. Each edge then
 * weighs at least its own estimate, so the estimate is consistent and a closed node needs no second look.
 */
function finder(graph: Graph<RoadNode, RoadEdge>, weigh: (edge: RoadEdge) => number): PathFinder<RoadNode> {
  let leastPerM = Number.POSITIVE_INFINITY
  graph.forEachLink((link) => {
    const straightM = straight(graph.getNode(link.fromId)!, graph.getNode(link.toId)!)
    if (straightM > 0) leastPerM = Math.min(leastPerM, weigh(link.data) / straightM)
  })
  return aStar(graph, {
    oriented: true,
    // The library asks with the far end first; the link itself knows its direction.
    distance: (_far, _near, link: Link<RoadEdge>) => weigh(link.data),
    heuristic: (from, to) => straight(from, to) * leastPerM,
  })
}

/** Metres through the Earth; under a city's width this is the way over it, and it keeps the triangle rule exactly. */
function straight(a: Node<RoadNode>, b: Node<RoadNode>): number {
  return Math.hypot(a.data.x - b.data.x, a.data.y - b.data.y, a.data.z - b.data.z)
}

function onSphere({ lat, lng }: LatLng): RoadNode {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lng * Math.PI) / 180]
  return {
    x: EARTH_RADIUS_M * Math.cos(phi) * Math.cos(lambda),
    y: EARTH_RADIUS_M * Math.cos(phi) * Math.sin(lambda),
    z: EARTH_RADIUS_M * Math.sin(phi),
  }
}

function nearestTo(point: LatLng, points: readonly LatLng[]): NearestNode {
  assert(points.length > 0, 'the road graph has nodes')
  const shrink = Math.cos((point.lat * Math.PI) / 180)
  let [node, least] = [0, Number.POSITIVE_INFINITY]
  for (let at = 0; at < points.length; at++) {
    const other = points[at]!
    const north = other.lat - point.lat
    const east = (other.lng - point.lng) * shrink
    const squared = north * north + east * east
    if (squared < least) [node, least] = [at, squared]
  }
  return { node, distanceM: (Math.sqrt(least) * Math.PI * EARTH_RADIUS_M) / 180 }
}
