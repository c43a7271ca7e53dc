import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { seededRandom } from '../../src/engine/units.ts'
import { readCsv } from '../../src/io/csv.ts'
import { loadRoads } from '../../src/replay/roads.ts'

const sample = (name: string) =>
  gunzipSync(readFileSync(new URL(`../../samples/manhattan-roads/${name}`, import.meta.url))).toString()
const roads = loadRoads({ nodesCsv: sample('nodes.csv.gz'), edgesCsv: sample('edges.csv.gz') })
const truth = readCsv(
  readFileSync(new URL('../fixtures/roads/manhattan-od-truth.csv', import.meta.url), 'utf8'),
)

describe('the road graph of Manhattan', () => {
  test('quickest and shortest ways agree with an exact search', () => {
    expect(truth).toHaveLength(200)
    for (const row of truth) {
      const [from, to] = [Number(row.from_node), Number(row.to_node)]
      const quickest = roads.route(from, to)
      const shortest = roads.route(from, to, { by: 'length' })
      expect(Math.abs(quickest!.durationS - Number(row.shortest_night_s))).toBeLessThan(0.01)
      expect(Math.abs(shortest!.distanceM - Number(row.shortest_length_m))).toBeLessThan(0.1)
      expect(quickest!.distanceM).toBeGreaterThanOrEqual(shortest!.distanceM - 0.1)
    }
  })

  test('a way begins and ends at its nodes and its points lie on them', () => {
    const way = roads.route(598, 1166)!
    expect(way.nodes[0]).toBe(598)
    expect(way.nodes.at(-1)).toBe(1166)
    expect(way.points).toEqual(way.nodes.map((node) => roads.point(node)))
    expect(way.reachedS).toHaveLength(way.nodes.length)
    expect(way.reachedS.at(-1)).toBe(way.durationS)
  })

  test('from a node to itself the way is empty', () => {
    expect(roads.route(42, 42)).toEqual({
      nodes: [42],
      points: [roads.point(42)],
      reachedS: [0],
      distanceM: 0,
      durationS: 0,
    })
  })

  test('an unknown node is a bug, not an empty way', () => {
    expect(() => roads.route(0, 999_999)).toThrow()
    expect(() => roads.point(-1)).toThrow('no road node')
  })

  test('the nearest node to a node is itself, and to any point it is the same as by looking at all', () => {
    for (const node of [0, 17, 6133]) {
      expect(roads.nearestNode(roads.point(node))).toEqual({ node, distanceM: 0 })
    }
    const random = seededRandom(7)
    for (let round = 0; round < 200; round++) {
      const point = { lat: 40.69 + random() * 0.19, lng: -74.02 + random() * 0.12 }
      const found = roads.nearestNode(point)
      const distances = Array.from({ length: roads.nodeCount }, (_, node) =>
        haversineM(point, roads.point(node)),
      )
      const leastM = Math.min(...distances)
      expect(Math.abs(found.distanceM - leastM)).toBeLessThan(0.1 + leastM / 1000)
    }
  })
})

describe('a small graph', () => {
  const nodesCsv = 'node,lat,lng\n0,40,-74\n1,40,-73.99\n2,40,-73.98\n'
  const edgesCsv =
    'from_node,to_node,length_m,road_class,freeflow_s,night_s\n0,1,900,6,1,100\n1,2,900,6,1,100\n2,0,1800,6,1,150\n'

  test('a one-way street is not driven against its direction', () => {
    expect(loadRoads({ nodesCsv, edgesCsv }).route(1, 0)).toMatchObject({ nodes: [1, 2, 0], durationS: 250 })
  })

  test('where no road leads there is no way', () => {
    const cut = edgesCsv.replace('2,0,1800,6,1,150\n', '')
    expect(loadRoads({ nodesCsv, edgesCsv: cut }).route(2, 0)).toBeNull()
  })

  test('a time scale changes times and leaves lengths', () => {
    expect(loadRoads({ nodesCsv, edgesCsv, timeScale: 0.5 }).route(0, 1)).toMatchObject({
      distanceM: 900,
      durationS: 50,
    })
  })

  test('an edge that leads nowhere stops the load', () => {
    expect(() => loadRoads({ nodesCsv, edgesCsv: `${edgesCsv}2,9,1,6,1,1\n` })).toThrow('leads nowhere')
  })
})

function haversineM(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180
  const s =
    Math.sin(radians(b.lat - a.lat) / 2) ** 2 +
    Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(radians(b.lng - a.lng) / 2) ** 2
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(s))
}
