import { describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { chainRoads, simplify, type Xy } from '../../samples/chains.ts'
import { readCsv } from '../../src/io/csv.ts'

const sample = (name: string) => readFileSync(new URL(`../../samples/${name}`, import.meta.url))

describe('the shipped map', () => {
  const bytes = sample('manhattan-map/manhattan.json')
  const city: MapCity = JSON.parse(bytes.toString())
  const nodes = readCsv(gunzipSync(sample('manhattan-roads/nodes.csv.gz')).toString())

  test('is small enough to send: 150 KB compressed at most', () => {
    expect(gzipSync(bytes).length).toBeLessThan(150_000)
  })

  test('every road ends where the road graph has a node', () => {
    const known = new Set(
      nodes.map((row) => `${Math.round(Number(row.lat) * 1e5)} ${Math.round(Number(row.lng) * 1e5)}`),
    )
    const near = ([lat, lng]: [number, number]) =>
      [-1, 0, 1].some((dLat) => [-1, 0, 1].some((dLng) => known.has(`${lat + dLat} ${lng + dLng}`)))
    for (const line of Object.values(city.roads).flat()) {
      const points = pointsOf(line)
      expect(near(points[0]!)).toBe(true)
      expect(near(points.at(-1)!)).toBe(true)
    }
  })

  test('names stand in the city, the far ones first', () => {
    expect(city.labels.map(([name]) => name)).toContain('Midtown')
    const ranks = city.labels.map(([, , , rank]) => rank)
    expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
    for (const [, lat, lng] of city.labels) {
      expect(lat).toBeWithin(40.68, 40.89)
      expect(lng).toBeWithin(-74.06, -73.9)
    }
  })

  test('each road between two nodes is drawn once, both directions together', () => {
    const edges = readCsv(gunzipSync(sample('manhattan-roads/edges.csv.gz')).toString()).map((row) => ({
      from: Number(row.from_node),
      to: Number(row.to_node),
      roadClass: Number(row.road_class),
    }))
    const positions = nodes.map((row): Xy => [Number(row.lng), Number(row.lat)])
    const drawn = [...chainRoads(edges, positions, () => 'road').values()]
      .flat()
      .flatMap((line) => line.slice(1).map((node, at) => pairOf(node, line[at]!)))
    const wanted = new Set(edges.map(({ from, to }) => pairOf(from, to)))
    expect(drawn.length).toBe(wanted.size)
    expect(new Set(drawn)).toEqual(wanted)
  })
})

describe('a simplified line', () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
  test('keeps its ends, its order and no point of its own making', () => {
    fc.assert(
      fc.property(
        fc.array(point, { minLength: 2, maxLength: 30 }),
        fc.integer({ min: 0, max: 20 }),
        (line, m) => {
          const kept = simplify(line, m)
          expect(kept[0]).toEqual(line[0]!)
          expect(kept.at(-1)).toEqual(line.at(-1)!)
          let at = -1
          for (const one of kept) {
            at = line.findIndex((other, index) => index > at && other === one)
            expect(at).not.toBe(-1)
          }
        },
      ),
    )
  })
})

function pairOf(a: number, b: number): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}

function pointsOf(line: number[]): [number, number][] {
  let [lat, lng] = [0, 0]
  return Array.from({ length: line.length / 2 }, (_, at) => {
    lat += line[2 * at]!
    lng += line[2 * at + 1]!
    return [lat, lng]
  })
}
