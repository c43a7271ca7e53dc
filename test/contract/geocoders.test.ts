/** One specification for every geocoder elsewhere, each against a server of its wire shape on this machine. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import type { GeocoderConfig } from '../../src/io/config.ts'
import { createLog } from '../../src/io/log.ts'
import { makeOutgoing } from '../../src/io/outgoing.ts'
import { forgetOldAnswers } from '../../src/places/answers.ts'
import type { GeocoderName } from '../../src/places/geocoders/geocoder.ts'
import { type Geocoding, makeGeocoding } from '../../src/places/geocoding.ts'
import { importPlaces } from '../../src/places/places.ts'
import { type Mood, startGeocoder, type TestGeocoder } from '../support/geocoders.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const NEAR = { lat: 40.75812, lng: -73.98551 }
const NAMES: readonly GeocoderName[] = ['nominatim', 'photon', 'mapbox']

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase('embedded')
  const csv = 'name,kind,lat,lng\nJay Diner,restaurant,40.7,-73.99\nMain Station,station,40.75,-73.98\n'
  await importPlaces(database.db, { dataset: 'ours', csv })
}, 30_000)
afterAll(() => database?.stop())

describe.each(NAMES)('%s', (name) => {
  let server: TestGeocoder
  let clock: ReturnType<typeof manualClock>
  let lines: Record<string, unknown>[]
  let geocoding: Geocoding
  const closing: (() => void)[] = []

  /** A process that asks this server; all of them share the database. */
  function process(
    more: Partial<GeocoderConfig> = {},
    privateHosts: readonly string[] = ['127.0.0.1'],
  ): Geocoding {
    const config: GeocoderConfig = {
      ...{ name, url: server.url, key: 'pk.test-token', perSecond: 100, perDay: null, cacheDays: 30 },
      ...more,
    }
    const outgoing = makeOutgoing({ allowed: [config.url], privateHosts })
    closing.push(() => outgoing.close())
    const log = createLog('warn', { write: (line) => void lines.push(JSON.parse(line)) })
    return makeGeocoding({ db: database.db, clock, log, outgoing, publicUrl: 'https://cabs.example' }, config)
  }
  const search = (text: string, from = geocoding, typing = false) =>
    from.search(database.db, { text, near: NEAR, limit: 6, typing })

  beforeEach(async () => {
    server = startGeocoder(name)
    clock = manualClock(Date.UTC(2026, 10, 21, 12))
    lines = []
    geocoding = process()
    await database.db.deleteFrom('geocode_answers').execute()
    await database.db.deleteFrom('geocode_budgets').execute()
  })
  afterEach(() => {
    for (const close of closing.splice(0)) close()
    server.stop()
  })

  test('finds a door and an area, each with its name, what it is, and where', async () => {
    const door = await search('350 Jay Street, Brooklyn, New York')
    expect(door).toMatchObject({
      fallback: null,
      credit: name === 'mapbox' ? '© Mapbox' : '© OpenStreetMap contributors',
    })
    expect(door.places).toMatchObject([
      { name: '350 Jay Street', kind: 'address', lat: 40.6935, lng: -73.9874, isGuess: false },
    ])
    expect(door.places[0]!.detail).toContain('Brooklyn')
    const [area] = (await search('cobble hill')).places
    expect(area).toMatchObject({
      name: 'Cobble Hill',
      kind: 'neighbourhood',
      matchRanges: [
        [0, 6],
        [7, 11],
      ],
    })
  })

  test('is told who asks, and no more of where than a kilometre', async () => {
    await search('cobble hill')
    expect(server.agents).toEqual(['Honeycab (https://cabs.example)'])
    const sent = server.asked[0]!.search
    expect(sent).toMatch(/40\.76|41\.11|40\.41/)
    expect(sent).not.toContain('40.758')
  })

  test('names a point by its door, and says nothing of the sea', async () => {
    expect(await geocoding.nearest(database.db, { lat: 40.69352, lng: -73.98741 })).toMatchObject({
      label: '350 Jay Street',
    })
    const farther = await geocoding.nearest(database.db, { lat: 40.6945, lng: -73.9874 })
    expect(farther?.label).toBe('near 350 Jay Street')
    expect(await geocoding.nearest(database.db, { lat: 40.2, lng: -72 })).toBeNull()
  })

  test('is not asked for what our own list has under this very name', async () => {
    const found = await search('main station')
    expect(found).toMatchObject({ places: [{ name: 'Main Station' }], fallback: null, credit: null })
    expect(server.asked).toEqual([])
  })

  test('is asked beside our own list, which comes first, and each place stands there once', async () => {
    const { places } = await search('jay')
    expect(places.map((place) => place.name)).toEqual(['Jay Diner', '350 Jay Street'])
    expect(places[1]!.isGuess).toBe(true)
  })

  test(`while somebody types it is ${name === 'nominatim' ? 'left alone: it finds whole words' : 'asked as well'}`, async () => {
    const found = await search('cobb', geocoding, true)
    const isAsked = name !== 'nominatim'
    expect(found.places.map((place) => place.name)).toEqual(isAsked ? ['Cobble Hill'] : [])
    expect(server.asked).toHaveLength(isAsked ? 1 : 0)
    expect(found.fallback).toBeNull()
  })

  test('the same question is asked once, whoever asks, however many at once, until its answer is old', async () => {
    const other = process()
    await Promise.all([1, 2, 3].map(() => search('cobble hill')))
    await search('Cobble  Hill', other)
    await search('nothing of the kind there', other)
    await search('nothing of the kind there')
    expect(server.asked).toHaveLength(2)
    clock.advance(2 * 86_400_000)
    await search('cobble hill')
    expect(server.asked).toHaveLength(2)
    // That there was nothing is believed for a day.
    await search('nothing of the kind there')
    expect(server.asked).toHaveLength(3)
    clock.advance(29 * 86_400_000)
    await search('cobble hill')
    expect(server.asked).toHaveLength(4)
    // One of the four was the other process's.
    expect(geocoding.outside!.state().counts.asked).toBe(3)
  })

  test('kept answers hold no question, and go when they are old', async () => {
    await search('cobble hill')
    const rows = await database.db.selectFrom('geocode_answers').selectAll().execute()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify({ ...rows[0], answer: null })).not.toContain('obble')
    clock.advance(31 * 86_400_000)
    await forgetOldAnswers(database.db, clock.nowMs())
    expect(await database.db.selectFrom('geocode_answers').selectAll().execute()).toEqual([])
  })

  test('where nothing is to be kept nothing is, and it is told so', async () => {
    const forgetful = process({ cacheDays: 0 })
    await search('cobble hill', forgetful)
    await search('cobble hill', forgetful)
    expect(server.asked).toHaveLength(2)
    expect(server.asked[0]!.searchParams.has('permanent')).toBe(false)
    expect(await database.db.selectFrom('geocode_answers').selectAll().execute()).toEqual([])
    await search('cobble hill')
    if (name === 'mapbox') expect(server.asked[2]!.searchParams.get('permanent')).toBe('true')
  })

  test('all processes together ask no more than a second and a day allow', async () => {
    const [one, other] = [process({ perSecond: 2, perDay: 5 }), process({ perSecond: 2, perDay: 5 })]
    let n = 0
    const round = async () => {
      const typing = name !== 'nominatim'
      const before = server.asked.length
      const answers = await Promise.all(
        [one, other, one, other, one, other].map((from) => search(`cobble ${n++}`, from, typing)),
      )
      return {
        asked: server.asked.length - before,
        busy: answers.filter(({ fallback }) => fallback === 'busy').length,
      }
    }
    if (name === 'nominatim') {
      // Sent forms wait for their turn up to a second and a half: two at once, three more in that time.
      expect(await round()).toEqual({ asked: 5, busy: 1 })
      return
    }
    expect(await round()).toEqual({ asked: 2, busy: 4 })
    clock.advance(500)
    expect(await round()).toEqual({ asked: 1, busy: 5 })
    clock.advance(10_000)
    expect(await round()).toEqual({ asked: 2, busy: 4 })
    clock.advance(10_000)
    expect(await round()).toEqual({ asked: 0, busy: 6 })
    expect(await one.outside!.askedToday()).toBe(5)
    clock.advance(86_400_000)
    expect(await round()).toEqual({ asked: 2, busy: 4 })
  })

  test.each([
    ['elsewhere', 'refused'],
    ['denied', 'refused'],
    ['too_much', 'busy'],
    ['broken', 'away'],
    ['huge', 'away'],
    ['garbage', 'strange'],
    ['other_shape', 'strange'],
  ] as const)('when it is %s our own list stands in, and says so: %s', async (mood: Mood, fallback) => {
    let reached = 0
    const inside = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch() {
        reached += 1
        return new Response('secrets')
      },
    })
    closing.push(() => void inside.stop(true))
    server.elsewhere = `http://127.0.0.1:${inside.port}/admin`
    server.mood = mood
    expect(await search('jay')).toMatchObject({ places: [{ name: 'Jay Diner' }], fallback, credit: null })
    expect(await geocoding.nearest(database.db, { lat: 40.6935, lng: -73.9874 })).toMatchObject({
      label: 'near Jay Diner',
    })
    expect(reached).toBe(0)
    expect(JSON.stringify(lines)).not.toContain('jay')
    expect(JSON.stringify(lines)).not.toContain('pk.test-token')
  })

  // Waiting is the same for all of them, and takes its time.
  if (name === 'photon')
    test('one that hangs costs whoever types its time and no more', async () => {
      server.mood = 'hanging'
      const found = await search('jay', geocoding, true)
      expect(found).toMatchObject({ places: [{ name: 'Jay Diner' }], fallback: 'away' })
    })

  test('at a private address that nobody named it is not reached', async () => {
    expect((await search('jay', process({}, []))).fallback).toBe('refused')
    expect(server.asked).toEqual([])
  })

  test('after three failures it is left alone for half a minute, then asked again', async () => {
    server.mood = 'broken'
    for (let n = 0; n < 6; n++) expect((await search(`cobble ${n}`)).fallback).toBe('away')
    expect(server.asked).toHaveLength(3)
    expect(geocoding.outside!.state().leftAlone).toMatchObject({ because: 'away' })
    clock.advance(30_001)
    server.mood = 'well'
    expect((await search('cobble hill')).places).toHaveLength(1)
    expect(geocoding.outside!.state()).toMatchObject({ leftAlone: null, counts: { asked: 4, away: 6 } })
  })

  test('told to wait, it is left alone as long as it says', async () => {
    server.mood = 'too_much'
    await search('cobble 1')
    server.mood = 'well'
    clock.advance(119_000)
    expect((await search('cobble hill')).fallback).toBe('busy')
    expect(server.asked).toHaveLength(1)
    clock.advance(1_001)
    expect((await search('cobble hill')).fallback).toBeNull()
  })

  test.each([
    'cobble;hill',
    'x'.repeat(119),
    'a b c d e f g h i j k l m n o p q r s t u v w x y z',
    '%00&key=1#',
    '«ñ»中文',
  ])('whatever is typed is asked as text: %p', async (text) => {
    const { fallback } = await search(text)
    expect(fallback).toBeNull()
    for (const url of server.asked) expect(url.searchParams.getAll('key')).toEqual([])
  })
})
