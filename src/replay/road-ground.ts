/** A road graph as the ground of a replay: every place is a node, every way the quickest one. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Leg } from '../engine/fare.ts'
import { distanceM } from '../engine/geo.ts'
import { assert, type LatLng } from '../engine/units.ts'
import { readCsv } from '../io/csv.ts'
import type { Ground } from './ground.ts'
import { ReplayInputError, readText } from './input.ts'
import { type RoadEdges, RoadTimes, type RoadTree } from './road-times.ts'

export interface RoadGround extends Ground {
  readonly nodeCount: number
  point(node: number): LatLng
  /** The node nearest to a point, or -1 where none is within `withinM`. */
  snap(at: LatLng, withinM: number): number
  /** Legs from one node to several, in one search. */
  legsFrom(node: number, to: readonly number[]): Leg[]
  /** Legs from several nodes to one, in one search that is kept. */
  legsTo(from: readonly number[], node: number): Leg[]
  /** The nodes' points along the quickest way, both ends among them; null where no road leads. */
  wayTo(from: number, node: number): LatLng[] | null
}

const NodeRow = z.object({
  node: z.coerce.number().int().min(0),
  lat: z.coerce.number().min(-90).max(90),
  lng: z.coerce.number().min(-180).max(180),
})
const EdgeRow = z.object({
  from_node: z.coerce.number().int().min(0),
  to_node: z.coerce.number().int().min(0),
  length_m: z.coerce.number().positive(),
  night_s: z.coerce.number().positive(),
})

/**
 * Read the one file of nodes and the one of edges in a directory, `*nodes.csv` and `*edges.csv`, gzip or not.
 * @throws ReplayInputError naming the flag and the file
 */
export async function readRoadGround(directory: string, flag: string): Promise<RoadGround> {
  const names = await readdir(directory).catch(() => {
    throw new ReplayInputError(`${flag}: ${directory} is no directory that can be read`)
  })
  const table = async <T>(kind: string, row: z.ZodType<T>): Promise<T[]> => {
    const [name, ...more] = names.filter((each) => new RegExp(`${kind}\\.csv(\\.gz)?$`).test(each))
    if (name === undefined || more.length > 0)
      throw new ReplayInputError(
        `${flag}: ${directory} must hold one file that ends in ${kind}.csv or ${kind}.csv.gz`,
      )
    const parsed = z
      .array(row)
      .min(1)
      .safeParse(readCsv(await readText(join(directory, name), flag)))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const line =
      typeof issue!.path[0] === 'number' ? `line ${issue!.path[0] + 2}, ${String(issue!.path[1])}: ` : ''
    throw new ReplayInputError(`${flag}: ${name}: ${line}${issue!.message}`)
  }
  const nodes = await table('nodes', NodeRow)
  const edges = await table('edges', EdgeRow)
  const outOfOrder = nodes.findIndex(({ node }, n) => node !== n)
  if (outOfOrder >= 0)
    throw new ReplayInputError(
      `${flag}: nodes are numbered from 0 without gaps, line ${outOfOrder + 2} is not`,
    )
  const astray = edges.findIndex(({ from_node, to_node }) => Math.max(from_node, to_node) >= nodes.length)
  if (astray >= 0) throw new ReplayInputError(`${flag}: the edge in line ${astray + 2} leads nowhere`)
  return roadGround(nodes, {
    from: Int32Array.from(edges, ({ from_node }) => from_node),
    to: Int32Array.from(edges, ({ to_node }) => to_node),
    lengthM: Float64Array.from(edges, ({ length_m }) => length_m),
    durationS: Float64Array.from(edges, ({ night_s }) => night_s),
  })
}

export function roadGround(points: readonly LatLng[], edges: RoadEdges): RoadGround {
  const times = new RoadTimes(points.length, edges)
  const nodeOf = new Map<number, Map<number, number>>()
  points.forEach(({ lat, lng }, node) => {
    const row = nodeOf.get(lat) ?? new Map<number, number>()
    nodeOf.set(lat, row.set(lng, node))
  })
  // Most who ask hold the very point that was handed out; a car's position comes back from the index as a copy.
  const nodeOfPoint = new Map(points.map((point, node) => [point, node]))
  const at = (point: LatLng): number => {
    const { lat, lng } = point
    const node = nodeOfPoint.get(point) ?? nodeOf.get(lat)?.get(lng)
    assert(node !== undefined, `cars and riders are at road nodes, and ${lat}, ${lng} is none`)
    return node
  }
  const snap = nearestNodes(points)
  return {
    nodeCount: points.length,
    point(node) {
      const point = points[node]
      assert(point !== undefined, `no road node ${node}`)
      return point
    },
    snap,
    leastSPerM: leastSPerM(points, edges),
    leg: (from, to) => legOf(times.towards(at(to)), at(from)),
    legsFrom(node, to) {
      const tree = times.from(node)
      return to.map((each) => legOf(tree, each))
    },
    legsTo(from, node) {
      const tree = times.towards(node)
      return from.map((each) => legOf(tree, each))
    },
    wayTo(from, node) {
      const { nextNodes, durationsS } = times.towards(node)
      if (!Number.isFinite(durationsS[from]!)) return null
      const way = [points[from]!]
      for (let next = nextNodes[from]!; next >= 0; next = nextNodes[next]!) way.push(points[next]!)
      return way
    },
    along(from, to, share) {
      const tree = times.towards(at(to))
      let node = at(from)
      const leftS = tree.durationsS[node]! * (1 - share)
      // The next node it comes to: a car cannot be let go between two.
      while (tree.durationsS[node]! > leftS && tree.nextNodes[node]! >= 0) node = tree.nextNodes[node]!
      return points[node]!
    },
  }
}

function legOf(tree: RoadTree, node: number): Leg {
  return { distanceM: tree.lengthsM[node]!, durationS: tree.durationsS[node]! }
}

function leastSPerM(points: readonly LatLng[], edges: RoadEdges): number {
  let least = Number.POSITIVE_INFINITY
  for (let edge = 0; edge < edges.from.length; edge++) {
    const straightM = distanceM(points[edges.from[edge]!]!, points[edges.to[edge]!]!)
    if (straightM > 0) least = Math.min(least, edges.durationS[edge]! / straightM)
  }
  return least
}

/** Nodes in squares of about 110 m, so that one looks at the nearest few and not at all. */
function nearestNodes(points: readonly LatLng[]): RoadGround['snap'] {
  const SQUARE = 0.001
  const key = (row: number, column: number) => row * 1_000_000 + column
  const rowOf = (lat: number) => Math.floor((lat + 90) / SQUARE)
  const columnOf = (lng: number) => Math.floor((lng + 180) / SQUARE)
  const squares = Map.groupBy(points.keys(), (node) =>
    key(rowOf(points[node]!.lat), columnOf(points[node]!.lng)),
  )
  return (at, withinM) => {
    const rows = Math.ceil(withinM / 111_000 / SQUARE)
    const columns = Math.ceil(rows / Math.max(0.01, Math.cos((at.lat * Math.PI) / 180)))
    let [nearest, leastM] = [-1, withinM]
    for (let row = rowOf(at.lat) - rows; row <= rowOf(at.lat) + rows; row++)
      for (let column = columnOf(at.lng) - columns; column <= columnOf(at.lng) + columns; column++)
        for (const node of squares.get(key(row, column)) ?? []) {
          const awayM = distanceM(at, points[node]!)
          if (awayM < leastM || (awayM === leastM && (nearest < 0 || node < nearest)))
            [nearest, leastM] = [node, awayM]
        }
    return nearest
  }
}
