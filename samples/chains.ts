/** Turns single road edges into long lines, so that the map is small to send and quick to draw. */

/** A road between two nodes, driven in one or both directions. */
export interface RoadEdge {
  readonly from: number
  readonly to: number
  readonly roadClass: number
}

export type Xy = readonly [x: number, y: number]

/**
 * Join edges into lines that run straight on over junctions; every pair of nodes is drawn once, whatever its directions.
 * Only edges for which `kindOf` gives the same word are joined.
 * @param positions node positions on a plane, metres
 * @returns lines of node numbers
 */
export function chainRoads(
  edges: readonly RoadEdge[],
  positions: readonly Xy[],
  kindOf: (edge: RoadEdge) => string,
): Map<string, number[][]> {
  const kindByPair = new Map<string, string>()
  for (const edge of edges) {
    const pair = edge.from < edge.to ? `${edge.from} ${edge.to}` : `${edge.to} ${edge.from}`
    if (!kindByPair.has(pair)) kindByPair.set(pair, kindOf(edge))
  }
  const neighbours = new Map<number, Map<number, string>>()
  const link = (a: number, b: number, kind: string) => {
    const known = neighbours.get(a) ?? new Map<number, string>()
    neighbours.set(a, known.set(b, kind))
  }
  for (const [pair, kind] of kindByPair) {
    const [a, b] = pair.split(' ').map(Number) as [number, number]
    link(a, b, kind)
    link(b, a, kind)
  }

  const drawn = new Set<string>()
  const isDrawn = (a: number, b: number) => drawn.has(a < b ? `${a} ${b}` : `${b} ${a}`)
  const draw = (a: number, b: number) => drawn.add(a < b ? `${a} ${b}` : `${b} ${a}`)

  /** Where a line that comes from `before` to `here` goes on: the straightest free road, bent by 50 degrees at most. */
  const straightOn = (before: number, here: number, kind: string): number | null => {
    let best: number | null = null
    let bestCosine = Math.cos((50 * Math.PI) / 180)
    for (const [next, nextKind] of neighbours.get(here)!) {
      if (nextKind !== kind || next === before || isDrawn(here, next)) continue
      const cosine = cosineOfTurn(positions[before]!, positions[here]!, positions[next]!)
      if (cosine > bestCosine) {
        best = next
        bestCosine = cosine
      }
    }
    return best
  }

  const lines = new Map<string, number[][]>()
  for (const [pair, kind] of kindByPair) {
    const [a, b] = pair.split(' ').map(Number) as [number, number]
    if (isDrawn(a, b)) continue
    draw(a, b)
    const line = [a, b]
    for (const end of ['last', 'first'] as const) {
      for (;;) {
        if (end === 'first') line.reverse()
        const next = straightOn(line.at(-2)!, line.at(-1)!, kind)
        if (next !== null) {
          draw(line.at(-1)!, next)
          line.push(next)
        }
        if (end === 'first') line.reverse()
        if (next === null) break
      }
    }
    lines.set(kind, [...(lines.get(kind) ?? []), line])
  }
  return lines
}

function cosineOfTurn(a: Xy, b: Xy, c: Xy): number {
  const [ux, uy, vx, vy] = [b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1]]
  const lengths = Math.hypot(ux, uy) * Math.hypot(vx, vy)
  return lengths === 0 ? -1 : (ux * vx + uy * vy) / lengths
}

/**
 * Drop points that lie within `toleranceM` of the line through those kept.
 * Source: Douglas and Peucker 1973, doi:10.3138/FM57-6770-U75U-7727.
 */
export function simplify(points: readonly Xy[], toleranceM: number): Xy[] {
  if (points.length <= 2) return [...points]
  const first = points[0]!
  const last = points.at(-1)!
  let farthest = 0
  let farthestM = -1
  for (let at = 1; at < points.length - 1; at++) {
    const distanceM = distanceToSegment(points[at]!, first, last)
    if (distanceM > farthestM) {
      farthest = at
      farthestM = distanceM
    }
  }
  if (farthestM <= toleranceM) return [first, last]
  const head = simplify(points.slice(0, farthest + 1), toleranceM)
  return [...head.slice(0, -1), ...simplify(points.slice(farthest), toleranceM)]
}

function distanceToSegment(p: Xy, a: Xy, b: Xy): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]]
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / squared
  const t = Math.min(1, Math.max(0, along))
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy)
}
