import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { distanceM } from '../../src/engine/geo.ts'
import { onRoads, parseRecorded } from '../../src/replay/recorded.ts'
import { type RoadGround, readRoadGround, roadGround } from '../../src/replay/road-ground.ts'
import { RoadTimes } from '../../src/replay/road-times.ts'
import { loadRoads } from '../../src/replay/roads.ts'

const SAMPLES = join(import.meta.dir, '../../samples/manhattan-roads')
const unzipped = async (name: string) =>
  new TextDecoder().decode(Bun.gunzipSync(await Bun.file(join(SAMPLES, name)).bytes()))

let folder: string
let manhattan: RoadGround
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roads-'))
  manhattan = await readRoadGround(SAMPLES, '--roads')
})
afterAll(() => rm(folder, { recursive: true }))

test('the quickest ways of Manhattan are those of another search', async () => {
  const [nodesCsv, edgesCsv] = await Promise.all([unzipped('nodes.csv.gz'), unzipped('edges.csv.gz')])
  const other = loadRoads({ nodesCsv, edgesCsv })
  for (let n = 0; n < 30; n++) {
    const [from, to] = [(n * 997) % 6_134, (n * 3_571 + 17) % 6_134]
    const way = other.route(from, to)!
    const leg = manhattan.leg(manhattan.point(from), manhattan.point(to))
    expect(leg.durationS).toBeCloseTo(way.durationS, 2)
    expect(Math.abs(leg.distanceM - way.distanceM)).toBeLessThan(0.1)
    expect(manhattan.legsFrom(from, [to])[0]!.durationS).toBeCloseTo(way.durationS, 2)
    expect(manhattan.along(manhattan.point(from), manhattan.point(to), 0)).toEqual(manhattan.point(from))
    expect(manhattan.along(manhattan.point(from), manhattan.point(to), 1)).toEqual(manhattan.point(to))
    const half = manhattan.along(manhattan.point(from), manhattan.point(to), 0.5)
    // On a quickest way, and at the first node behind the middle.
    const [before, after] = [
      manhattan.leg(manhattan.point(from), half),
      manhattan.leg(half, manhattan.point(to)),
    ]
    expect(before.durationS + after.durationS).toBeCloseTo(way.durationS, 2)
    expect(after.durationS).toBeLessThanOrEqual(way.durationS / 2 + 0.01)
    expect(after.durationS).toBeGreaterThan(way.durationS / 2 - 300)
  }
})

test('on any small graph, from one to all and from all to one, it is what trying every way says', () => {
  const edge = fc.tuple(fc.nat(6), fc.nat(6), fc.integer({ min: 1, max: 9 }))
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 25 }), (edges) => {
      const least = Array.from({ length: 7 }, (_, from) =>
        Array.from({ length: 7 }, (_, to) => (from === to ? 0 : Number.POSITIVE_INFINITY)),
      )
      for (const [from, to, s] of edges) least[from]![to] = Math.min(least[from]![to]!, s)
      for (let by = 0; by < 7; by++)
        for (let from = 0; from < 7; from++)
          for (let to = 0; to < 7; to++)
            least[from]![to] = Math.min(least[from]![to]!, least[from]![by]! + least[by]![to]!)
      const weights = Float64Array.from(edges, ([, , s]) => s)
      const times = new RoadTimes(7, {
        from: Int32Array.from(edges, ([from]) => from),
        to: Int32Array.from(edges, ([, to]) => to),
        lengthM: weights.map((s) => 10 * s),
        durationS: weights,
      })
      for (let node = 0; node < 7; node++) {
        expect([...times.from(node).durationsS]).toEqual(least[node]!)
        const towards = times.towards(node)
        expect([...towards.durationsS]).toEqual(least.map((row) => row[node]!))
        expect([...towards.lengthsM]).toEqual(least.map((row) => 10 * row[node]!))
      }
    }),
  )
})

describe('rides on roads', () => {
  const points = [
    { lat: 40.75, lng: -73.99 },
    { lat: 40.751, lng: -73.99 },
    { lat: 40.76, lng: -73.99 },
  ]
  const ground = roadGround(points, {
    from: Int32Array.of(0, 1, 2),
    to: Int32Array.of(1, 2, 0),
    lengthM: Float64Array.of(120, 1_100, 1_300),
    durationS: Float64Array.of(20, 150, 200),
  })
  const header = 'request_time_utc,local_seconds_of_day,from_node,to_node,trip_distance_m,trip_duration_s'

  test('begin and end at the nearest nodes, and take the time and length of the way between', () => {
    const near =
      'request_time_utc,local_seconds_of_day,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,trip_distance_m,trip_duration_s'
    const row = (from: string, to: string) => `1357016400,0,${from},${to},700,120`
    const rows = [
      row('40.7502,-73.9901', '40.7601,-73.99'),
      row('40.7502,-73.9901', '40.9,-73.99'),
      row('40.7502,-73.9901', '40.7499,-73.99'),
    ]
    const [ride, ...others] = onRoads(parseRecorded([near, ...rows].join('\n')), ground)
    expect(ride).toMatchObject({ pickup: points[0], dropoff: points[2], distanceM: 1_220, durationS: 170 })
    // The second ends too far from every road, the third where it began.
    expect(others).toEqual([])
  })

  test('may be named by nodes, which takes the graph they are of', () => {
    const text = `${header}\n1357016400,0,2,1,700,120\n`
    expect(parseRecorded(text, ground)[0]).toMatchObject({ pickup: points[2], dropoff: points[1] })
    expect(() => parseRecorded(text)).toThrow('name it by --roads')
    expect(() => parseRecorded(text.replace(',2,1,', ',2,3,'), ground)).toThrow(
      'line 2: the road graph has no such node',
    )
  })

  test('the nearest node is that of looking at all, and none is none', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 40.74, max: 40.77, noNaN: true }),
        fc.double({ min: -74, max: -73.98, noNaN: true }),
        (lat, lng) => {
          const away = points.map((point) => distanceM(point, { lat, lng }))
          const least = Math.min(...away)
          expect(ground.snap({ lat, lng }, 400)).toBe(least <= 400 ? away.indexOf(least) : -1)
        },
      ),
    )
  })
})

describe('a directory of roads', () => {
  const nodes = 'node,lat,lng\n0,40,-74\n1,40,-73.99\n'
  const edges = 'from_node,to_node,length_m,night_s\n0,1,900,100\n1,0,900,100\n'
  const wrong: [string, Record<string, string>, RegExp][] = [
    ['that is empty', {}, /must hold one file that ends in nodes\.csv/],
    ['without edges', { 'nodes.csv': nodes }, /must hold one file that ends in edges\.csv/],
    [
      'with two of a kind',
      { 'nodes.csv': nodes, 'b-nodes.csv': nodes, 'edges.csv': edges },
      /one file that ends in nodes/,
    ],
    [
      'whose nodes have gaps',
      { 'nodes.csv': nodes.replace('1,40', '3,40'), 'edges.csv': edges },
      /line 3 is not$/,
    ],
    [
      'whose edge leads nowhere',
      { 'nodes.csv': nodes, 'edges.csv': `${edges}1,7,5,5\n` },
      /line 4 leads nowhere$/,
    ],
    [
      'with a road without length',
      { 'nodes.csv': nodes, 'edges.csv': edges.replace('900', '0') },
      /line 2, length_m/,
    ],
  ]
  for (const [name, files, message] of wrong) {
    test(`${name} is refused`, async () => {
      const directory = join(folder, name.replaceAll(' ', '-'))
      for (const [file, text] of Object.entries(files)) await Bun.write(join(directory, file), text)
      await Bun.write(join(directory, 'README'), '')
      expect(readRoadGround(directory, '--roads')).rejects.toThrow(message)
    })
  }

  test('that is not there is refused by its flag', () => {
    expect(readRoadGround(join(folder, 'none'), '--roads')).rejects.toThrow(/^--roads: .* no directory/)
  })
})
