/** One spec for the road engine, whichever way it is reached, on the roads of Manhattan and against their exact ways. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { destination, distanceM } from '../../src/engine/geo.ts'
import type { LatLng } from '../../src/engine/units.ts'
import { manualClock, systemClock } from '../../src/io/clock.ts'
import { parseConfig } from '../../src/io/config.ts'
import { readCsv } from '../../src/io/csv.ts'
import { makeOutgoing } from '../../src/io/outgoing.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { sampleGround, sampleRoads } from '../../src/replay/city/sample.ts'
import { graphRouting } from '../../src/replay/graph-routing.ts'
import type { RoadGround } from '../../src/replay/road-ground.ts'
import type { RoadGraph } from '../../src/replay/roads.ts'
import { openRouting } from '../../src/roads/open.ts'
import type { RoutingProvider } from '../../src/roads/provider.ts'
import { buildTiles, tilesIn } from '../../src/roads/valhalla/build-tiles.ts'
import { valhallaByUrl } from '../../src/roads/valhalla/by-url.ts'
import { type FromTiles, isInstalled, valhallaFromTiles } from '../../src/roads/valhalla/from-tiles.ts'
import { decodeShape } from '../../src/roads/valhalla/wire.ts'
import { makeTempDir } from '../support/servers.ts'
import { MANHATTAN_OSM, manhattanTiles, serveValhalla } from '../support/valhalla.ts'

const JFK = { lat: 40.6413, lng: -73.7781 }
const CATSKILLS = { lat: 42.1, lng: -74.4 }
/** What `night_s` is of the free-flow seconds the tiles hold. */
const NIGHT = 2.047

let tilesDir: string
let graph: RoadGraph
let ground: RoadGround
let server: ReturnType<typeof serveValhalla>
let truth: { from: LatLng; to: LatLng; shortestM: number; quickestS: number }[]

// The package has no build for every machine; where tests count, it must be there.
const suite = isInstalled() || process.env.CI === 'true' ? describe : describe.skip

const outgoingTo = (url: string) => makeOutgoing({ allowed: [url], privateHosts: ['127.0.0.1'] })
const byUrl = (path = '') => {
  const url = `http://127.0.0.1:${server.port}/${path}`
  return valhallaByUrl(url, outgoingTo(url))
}

suite('a road engine', () => {
  beforeAll(async () => {
    tilesDir = await manhattanTiles()
    server = serveValhalla(tilesDir)
    graph = await sampleRoads()
    ground = await sampleGround()
    const csv = await Bun.file(join(import.meta.dir, '../fixtures/roads/manhattan-od-truth.csv')).text()
    truth = readCsv(csv).map((row) => ({
      from: graph.point(Number(row.from_node)),
      to: graph.point(Number(row.to_node)),
      shortestM: Number(row.shortest_length_m),
      quickestS: Number(row.shortest_night_s) / NIGHT,
    }))
  }, 60_000)
  afterAll(() => server?.stop(true))

  const twins: Record<string, () => RoutingProvider> = {
    'from tiles': () => valhallaFromTiles(tilesDir, systemClock()),
    'by url': byUrl,
    // The demo's own: its seconds are those of the night.
    'demo streets': () => graphRouting(ground),
  }
  describe.each(Object.keys(twins))('%s', (name) => {
    let engine: RoutingProvider
    beforeAll(() => {
      engine = twins[name]!()
    })
    afterAll(() => engine.close())

    test('finds ways that are quickest, against the exact ones', async () => {
      const shares: number[] = []
      for (const { from, to, shortestM, quickestS } of truth.slice(0, 60)) {
        const way = (await engine.route({ stops: [from, to] }))!
        expect(way.distanceM).toBeGreaterThan(0.97 * shortestM)
        shares.push(way.durationS / (quickestS * (name === 'demo streets' ? NIGHT : 1)))
        expect(distanceM(way.points[0]!, from)).toBeLessThan(30)
        expect(distanceM(way.points.at(-1)!, to)).toBeLessThan(30)
      }
      shares.sort((a, b) => a - b)
      // Turns cost it some seconds that the exact ways do not know.
      expect(shares[0]!).toBeGreaterThan(0.98)
      expect(shares[30]!).toBeWithin(1, 1.1)
      expect(shares.at(-1)!).toBeLessThan(1.4)
    }, 30_000)

    test('tells a table what it tells one by one, and that nowhere is no way', async () => {
      const from = truth.slice(0, 3).map((pair) => pair.from)
      const to = truth.slice(0, 2).map((pair) => pair.to)
      const table = await engine.matrix({ from, to })
      expect(table).toHaveLength(3)
      for (const [i, row] of table.entries())
        for (const [j, leg] of row.entries()) {
          const way = (await engine.route({ stops: [from[i]!, to[j]!] }))!
          expect(leg!.distanceM / way.distanceM).toBeWithin(0.99, 1.01)
          expect(leg!.durationS / way.durationS).toBeWithin(0.98, 1.02)
        }
      expect(await engine.matrix({ from: [from[0]!], to: [from[0]!] })).toEqual([
        [{ distanceM: 0, durationS: 0 }],
      ])
    })

    test('goes by the stops in order', async () => {
      const [a, b] = [truth[0]!.from, truth[0]!.to]
      const by = truth[1]!.from
      const [there, on, whole] = [
        (await engine.route({ stops: [a, by] }))!,
        (await engine.route({ stops: [by, b] }))!,
        (await engine.route({ stops: [a, by, b] }))!,
      ]
      expect(whole.distanceM / (there.distanceM + on.distanceM)).toBeWithin(0.95, 1.1)
      expect(Math.min(...whole.points.map((point) => distanceM(point, by)))).toBeLessThan(40)
    })

    test('has no way to where its map does not go', async () => {
      const here = truth[0]!.from
      expect(await engine.route({ stops: [here, JFK] })).toBeNull()
      expect(await engine.matrix({ from: [here], to: [CATSKILLS] })).toEqual([[null]])
      expect(await engine.match({ points: [CATSKILLS, destination(CATSKILLS, 0, 300)] })).toBeNull()
    })

    test('lays a shaky trail onto its streets, or says that it does not', async () => {
      const driven = graph.route(100, 900)!
      const trail = driven.points.map((point, n) => destination(point, (n * 137) % 360, 9))
      const matched = await engine.match({ points: trail })
      expect(matched === null).toBe(name === 'demo streets')
      if (matched === null) return
      expect(matched.distanceM / driven.distanceM).toBeWithin(0.97, 1.03)
      // Each street corner that was passed lies on the line.
      for (const corner of driven.points)
        expect(Math.min(...matched.points.map((point) => distanceM(point, corner)))).toBeLessThan(35)
    })
  })

  test('looking for the least metres, its ways are as long as the exact ones', async () => {
    const engine = byUrl('shortest/')
    const shares: number[] = []
    for (const { from, to, shortestM } of truth.slice(0, 100))
      shares.push((await engine.route({ stops: [from, to] }))!.distanceM / shortestM)
    shares.sort((a, b) => a - b)
    expect(shares[5]!).toBeWithin(0.98, 1)
    expect(shares[50]!).toBeWithin(0.999, 1.001)
    expect(shares[95]!).toBeWithin(1, 1.01)
  }, 30_000)

  describe('that fails', () => {
    test('a helper that is killed in the middle fails what it was asked, and is there again', async () => {
      const engine: FromTiles = valhallaFromTiles(tilesDir, systemClock())
      const { from, to } = truth[0]!
      const first = (await engine.route({ stops: [from, to] }))!
      const pid = engine.pid()!
      const asked = engine.route({ stops: [from, to] })
      process.kill(pid, 'SIGKILL')
      expect(await asked.catch((error: unknown) => error)).toBeInstanceOf(OutsideError)
      expect(await engine.route({ stops: [from, to] })).toEqual(first)
      expect(engine.pid()).not.toBe(pid)
      await engine.close()
    }, 20_000)

    test('a search that never ends is ended', async () => {
      const clock = manualClock(0)
      const engine = valhallaFromTiles(tilesDir, clock)
      const asked = engine.route({ stops: [truth[0]!.from, truth[0]!.to] })
      clock.advance(20_000)
      expect(await asked.catch((error: unknown) => error)).toBeInstanceOf(OutsideError)
    })

    test.each([
      ['an error page', () => new Response('<html>', { status: 502 })],
      ['something else', () => new Response('it works')],
      ['another form', () => Response.json({ routes: [] })],
      [
        'a broken line',
        () => Response.json({ trip: { legs: [{ shape: '_' }], summary: { time: 1, length: 1 } } }),
      ],
      ['a refusal of its own', () => Response.json({ error_code: 107, error: 'busy' }, { status: 400 })],
      ['a way elsewhere', () => Response.redirect('http://127.0.0.1:1/')],
    ])('a server that sends %s is an outside failure', async (_words, answer) => {
      const odd = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: answer })
      const url = `http://127.0.0.1:${odd.port}`
      const asked = valhallaByUrl(url, outgoingTo(url)).route({ stops: [JFK, CATSKILLS] })
      expect(await asked.catch((error: unknown) => error)).toBeInstanceOf(OutsideError)
      await odd.stop(true)
    })
  })

  describe('tiles', () => {
    test('from a file that is none leave what was there', async () => {
      const broken = join(makeTempDir('osm'), 'broken.osm.pbf')
      writeFileSync(broken, 'these are no roads')
      const before = await tilesIn(tilesDir)
      for (const file of [broken, `${broken}.gone`]) {
        const made = await buildTiles(file, tilesDir).catch((error: unknown) => error)
        expect(made).toBeInstanceOf(OutsideError)
      }
      expect(await tilesIn(tilesDir)).toBe(before)
      expect(existsSync(`${tilesDir}.new`)).toBe(false)
    })

    test('replace those that were there', async () => {
      const before = await tilesIn(tilesDir)
      writeFileSync(join(tilesDir, 'of-the-old-ones'), '')
      expect(await buildTiles(MANHATTAN_OSM, tilesDir)).toBe(before)
      expect(await tilesIn(tilesDir)).toBe(before)
      expect(existsSync(join(tilesDir, 'of-the-old-ones'))).toBe(false)
    }, 20_000)

    test('that are not there are said at the start, by the variable that names them', async () => {
      const asked = openRouting(
        { valhallaUrl: null, valhallaTiles: makeTempDir('none') },
        { outgoing: outgoingTo('http://127.0.0.1:1'), clock: systemClock() },
      )
      expect(String(await asked.catch((error: unknown) => error))).toContain('VALHALLA_TILES')
    })
  })
})

test('of a server and tiles, one is enough', () => {
  expect(() => parseConfig({ VALHALLA_URL: 'http://roads:8002', VALHALLA_TILES: './tiles' })).toThrow(
    'VALHALLA_TILES',
  )
})

test('a line in six decimals is read as it was written', () => {
  // Worked by hand: 40.7, -74.0 and a ten-thousandth of a degree north and east of it.
  expect(decodeShape('_ecslA~frclCgEgE')).toEqual([
    { lat: 40.7, lng: -74 },
    { lat: 40.7001, lng: -73.9999 },
  ])
  expect(decodeShape('')).toEqual([])
  expect(() => decodeShape('_')).toThrow(OutsideError)
})
