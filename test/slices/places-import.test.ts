/** Gazetteers from files: what is read as a place, what is told to be none, and that a file counts whole or not at all. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Entry, FileRefused } from '../../src/places/entry.ts'
import { bringIn, nearestPlace, searchPlaces, textOfFile } from '../../src/places/places.ts'
import { readEntries } from '../../src/places/read-file.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const read = (text: string): Entry[] => [...readEntries(text)]
const placesOf = (text: string) => read(text).map((entry) => ('place' in entry ? entry.place : entry.why))
const refusal = (text: string): string => {
  try {
    read(text)
  } catch (error) {
    if (error instanceof FileRefused) return error.message
    throw error
  }
  return 'read'
}
const feature = (properties: object, geometry: object | null) => ({ type: 'Feature', properties, geometry })
const collection = (...features: unknown[]) => JSON.stringify({ type: 'FeatureCollection', features })
const at = (lng: number, lat: number) => ({ type: 'Point', coordinates: [lng, lat] })

describe('a table', () => {
  test('is read by its column names, in any order, with what is not ours left aside', () => {
    const text =
      '\uFEFFsource,Longitude,extra,Latitude,NAME,Category,Address\r\nme,-73.99,x,40.73,Strand,Shop,"828 Broadway, NY"\r\n'
    expect(placesOf(text)).toEqual([
      { name: 'Strand', kind: 'shop', lat: 40.73, lng: -73.99, detail: '828 Broadway, NY', source: 'me' },
    ])
  })

  test.each([
    ['name;lat;lng\nDom;50,9413;6,9583\n', 50.9413, 6.9583],
    ['name\tlat\tlng\nDom\t50.9413\t6.9583', 50.9413, 6.9583],
    ['name,y,x\nPier,-16.8,180\n', -16.8, -180],
  ])('%p is a table too', (text, lat, lng) => {
    expect(placesOf(text)).toEqual([expect.objectContaining({ lat, lng, kind: 'place' })])
  })

  test('says of each row that is no place where it stands and why', () => {
    const rows = [
      'Here,40,-73',
      ',40,-73',
      'Nowhere,,',
      'North of north,90.5,0',
      'Far east,10,181',
      'Null Island,0,0',
      'Hexes,0x28,-73',
      '"…",40,-73',
      'Short,40',
      `${'x'.repeat(201)},40,-73`,
    ]
    const found = read(`name,lat,lng\n${rows.join('\n')}\n`).map((entry) =>
      'why' in entry ? `${entry.where} ${entry.why}` : entry.place.name,
    )
    expect(found).toEqual([
      'Here',
      'row 3 has no name',
      'row 4 has no position in degrees',
      'row 5 lies at latitude 90.5, which is nowhere on Earth',
      'row 6 lies at longitude 181, which is nowhere on Earth',
      'row 7 lies at 0, 0: so its position is missing',
      'row 8 has no position in degrees',
      'row 9 is called “…”, which nobody can type',
      'row 10 has 2 fields, the header has 3',
      'row 11 has a name of over 200 characters',
    ])
  })

  test('control characters become spaces, so that a name is one line', () => {
    expect(placesOf('name,lat,lng\n"Two\n\tlines\u0000",1,2\n')).toEqual([
      expect.objectContaining({ name: 'Two lines' }),
    ])
  })
})

describe('GeoJSON', () => {
  test('is read as a collection, a single feature, or a feature a line', () => {
    const one = feature({ name: 'Strand' }, at(-73.99, 40.73))
    const two = feature({ name: 'Dom' }, at(6.9583, 50.9413))
    const [a, b] = [JSON.stringify(one), JSON.stringify(two)]
    for (const text of [collection(one, two), `${a}\n\n${b}`, `\u001e${a}\n\u001e${b}\n`])
      expect(placesOf(text)).toEqual([
        expect.objectContaining({ name: 'Strand', lat: 40.73, lng: -73.99 }),
        expect.objectContaining({ name: 'Dom', lat: 50.9413, lng: 6.9583 }),
      ])
    expect(placesOf(JSON.stringify(two))).toHaveLength(1)
  })

  test('an area is a point inside it, also where its middle lies outside; a line its middle', () => {
    // A horseshoe: the middle of its corners is in the gap.
    const ring = [
      [0, 0],
      [9, 0],
      [9, 9],
      [6, 9],
      [6, 3],
      [3, 3],
      [3, 9],
      [0, 9],
      [0, 0],
    ]
    const [shoe, line] = placesOf(
      collection(
        feature({ name: 'Shoe' }, { type: 'Polygon', coordinates: [ring] }),
        feature(
          { name: 'Way' },
          {
            type: 'LineString',
            coordinates: [
              [10, 10],
              [12, 10],
            ],
          },
        ),
      ),
    ) as { lat: number; lng: number }[]
    const inGap = shoe!.lng > 3 && shoe!.lng < 6 && shoe!.lat > 3
    expect(inGap).toBe(false)
    expect(shoe).toMatchObject({ lat: expect.any(Number), lng: expect.any(Number) })
    expect(line).toMatchObject({ lat: 10, lng: 11 })
  })

  test('what OpenStreetMap says is put in our words', () => {
    const osm = [
      { name: 'JFK', aeroway: 'aerodrome' },
      {
        name: 'Engine 10',
        amenity: 'fire_station',
        'addr:street': 'Liberty Street',
        'addr:housenumber': '124',
      },
      { 'addr:street': 'Broadway', 'addr:housenumber': '828', 'addr:city': 'New York', building: 'yes' },
      { name: 'SoHo', place: 'suburb' },
      { name: 'Joe’s', amenity: 'fast_food' },
    ]
    const found = placesOf(collection(...osm.map((words) => feature(words, at(-73, 40)))))
    expect(found).toMatchObject([
      { name: 'JFK', kind: 'airport' },
      { name: 'Engine 10', kind: 'fire station', detail: '124 Liberty Street' },
      { name: '828 Broadway', kind: 'address', detail: 'New York' },
      { name: 'SoHo', kind: 'neighbourhood' },
      { name: 'Joe’s', kind: 'fast food' },
    ])
  })

  test.each([
    ['a feature without geometry', feature({ name: 'X' }, null), 'has no geometry that could be a place'],
    [
      'rings of nothing',
      feature({ name: 'X' }, { type: 'Polygon', coordinates: [] }),
      'has no geometry that could be a place',
    ],
    [
      'rings of text',
      feature({ name: 'X' }, { type: 'Polygon', coordinates: [[['a', 'b']]] }),
      'has no geometry that could be a place',
    ],
    [
      'a kind of geometry nobody knows',
      feature({ name: 'X' }, { type: 'Blob', coordinates: [1, 2] }),
      'has no geometry that could be a place',
    ],
    ['no feature', { type: 'Point', coordinates: [1, 2] }, 'is no feature'],
    ['nothing', null, 'is no feature'],
    ['no name', feature({}, at(1, 2)), 'has no name'],
    [
      'latitude first',
      feature({ name: 'X' }, at(40, -120)),
      'lies at latitude -120, which is nowhere on Earth',
    ],
  ])('%s is told to be no place', (_, value, why) => {
    expect(placesOf(collection(value))).toEqual([why as never])
  })
})

describe('a file that is no gazetteer', () => {
  test.each([
    ['', 'empty'],
    ['   \n', 'empty'],
    ['what,is,this\n1,2,3\n', 'name and lat and lng are missing. It says: what, is, this'],
    ['name,lat\nA,1\n', 'lng is missing'],
    ['name,lat,lng\n"never closed,1,2\n', 'breaks off'],
    ['{"type":', 'is no JSON'],
    ['{"type":"Topology"}', 'neither a FeatureCollection'],
    ['[1,2]', 'neither a FeatureCollection'],
    [
      JSON.stringify({
        type: 'FeatureCollection',
        features: [],
        crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::3857' } },
      }),
      'EPSG::3857; degrees of WGS84 are needed',
    ],
  ])('%p is refused with what is wrong', (text, message) => {
    expect(refusal(text)).toContain(message)
  })

  test('whatever it holds, it is read or refused, and never breaks', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.json(),
          fc.string().map((text) => `name,lat,lng\n${text}`),
        ),
        (text) => {
          for (const entry of refusal(text) === 'read' ? read(text) : [])
            if ('place' in entry) expect(Math.abs(entry.place.lat)).toBeLessThanOrEqual(90)
        },
      ),
      { numRuns: 300 },
    )
  })

  test('packed or not it is one file; packed too much, damaged or in other letters it is refused', async () => {
    const text = 'name,lat,lng\nCafé,1,2\n'
    expect(await textOfFile(new TextEncoder().encode(text), 1_000)).toBe(text)
    expect(await textOfFile(Bun.gzipSync(text), 1_000)).toBe(text)
    const bomb = Bun.gzipSync(Buffer.alloc(5_000_000))
    expect(bomb.length).toBeLessThan(10_000)
    const said = async (bytes: Uint8Array) =>
      textOfFile(bytes, 1_048_576).then(
        () => 'read',
        (error: Error) => (error instanceof FileRefused ? error.message : String(error)),
      )
    expect(await said(bomb)).toContain('larger than 1 MB')
    expect(await said(new Uint8Array(2_000_000))).toContain('larger than 1 MB')
    expect(await said(Bun.gzipSync(text).subarray(0, 20))).toContain('damaged')
    expect(await said(new Uint8Array([110, 97, 109, 101, 0xe9, 10]))).toContain('CSV UTF-8')
  })
})

describe('bringing in', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await testDatabase('embedded')
  }, 30_000)
  afterAll(() => database?.stop())

  const header = 'name,kind,lat,lng'
  const countIn = async (dataset: string) =>
    Number(
      (
        await database.db
          .selectFrom('places')
          .select(({ fn }) => fn.countAll().as('count'))
          .where('dataset', '=', dataset)
          .executeTakeFirstOrThrow()
      ).count,
    )

  test('tells what is in the file, and what changed since the last one', async () => {
    const first = `${header}\nA,park,1,1\nB,park,2,2\nC,pier,3,3\n`
    expect(await bringIn(database.db, { dataset: 'd', text: first })).toEqual({
      ...{
        outcome: 'brought_in',
        entries: 3,
        places: 3,
        doubled: 0,
        bad: 0,
        problems: [],
        added: 3,
        gone: 0,
      },
      kinds: [
        ['park', 2],
        ['pier', 1],
      ],
      bounds: { south: 1, west: 1, north: 3, east: 3 },
    })
    const second = `${header}\nA,park,1,1\nB,park,2,2.5\nB,park,2,2.5\nD,pier,-4,4\n`
    expect(await bringIn(database.db, { dataset: 'd', text: second })).toMatchObject({
      ...{ outcome: 'brought_in', entries: 4, places: 3, doubled: 1, added: 2, gone: 2 },
      bounds: { south: -4, west: 1, north: 2, east: 4 },
    })
    expect(await bringIn(database.db, { dataset: 'd', text: second })).toMatchObject({
      outcome: 'same_as_before',
      places: 3,
    })
  })

  test('a file with mistakes changes nothing, unless they are to be left out', async () => {
    const before = `${header}\nKept,park,1,1\n`
    await bringIn(database.db, { dataset: 'm', text: before })
    const bad = `${header}\n${Array.from({ length: 70 }, (_, n) => `Bad ${n},park,,`).join('\n')}\nGood,park,2,2\n`
    const report = await bringIn(database.db, { dataset: 'm', text: bad })
    expect(report).toMatchObject({ outcome: 'refused', bad: 70, places: 1 })
    expect(report.problems).toHaveLength(50)
    expect(await searchPlaces(database.db, { text: 'kept' })).toHaveLength(1)
    expect(await bringIn(database.db, { dataset: 'm', text: bad, skipBad: true })).toMatchObject({
      ...{ outcome: 'brought_in', bad: 70, places: 1, added: 1, gone: 1 },
    })
    expect(await searchPlaces(database.db, { text: 'kept' })).toEqual([])
  })

  test('a dry run tells the same and changes nothing, and the file can still be brought in', async () => {
    const text = `${header}\nDry Dock,pier,1,1\n`
    const dry = await bringIn(database.db, { dataset: 'dry', text, dryRun: true })
    expect(dry).toMatchObject({ outcome: 'checked', places: 1, added: 1 })
    expect(await countIn('dry')).toBe(0)
    expect(await bringIn(database.db, { dataset: 'dry', text })).toEqual({ ...dry, outcome: 'brought_in' })
    expect(await bringIn(database.db, { dataset: 'dry', text, dryRun: true })).toMatchObject({
      ...{ outcome: 'checked', places: 1, added: 0, gone: 0 },
    })
    expect(await countIn('dry')).toBe(1)
  })

  test('a file that breaks off in the middle leaves what was there', async () => {
    await bringIn(database.db, { dataset: 'm2', text: `${header}\nStays,park,1,1\n` })
    const broken = `${header}\nNew,park,1,1\n"never closed,park,2,2\n`
    await expect(bringIn(database.db, { dataset: 'm2', text: broken })).rejects.toThrow(FileRefused)
    expect(await searchPlaces(database.db, { text: 'stays' })).toHaveLength(1)
    await expect(bringIn(database.db, { dataset: 'm2', text: `${header}\n` })).rejects.toThrow(
      'names no places',
    )
  })

  test('says how far it is, and whoever searches meanwhile finds the earlier places', async () => {
    const many = (name: string) =>
      `${header}\n${Array.from({ length: 3_500 }, (_, n) => `${name} ${n},park,1,${n / 100}`).join('\n')}\n`
    await bringIn(database.db, { dataset: 'p', text: many('Earlier') })
    const earlier = async () =>
      (await searchPlaces(database.db, { text: 'earlier 7' })).filter(({ name }) =>
        name.startsWith('Earlier'),
      )
    const shares: number[] = []
    const meanwhile: number[] = []
    await bringIn(database.db, {
      ...{ dataset: 'p', text: many('Later') },
      async onProgress(share) {
        shares.push(share)
        meanwhile.push((await earlier()).length)
      },
    })
    expect(shares).toHaveLength(4)
    expect(shares.toSorted((a, b) => a - b)).toEqual(shares)
    expect(shares.at(-1)).toBe(1)
    expect(Math.min(...meanwhile)).toBeGreaterThan(0)
    expect(await earlier()).toEqual([])
  })

  test('what was brought in is found by its words and by where it is', async () => {
    const text = collection(feature({ name: 'Zoological Köln', tourism: 'zoo' }, at(6.9733, 50.9583)))
    await bringIn(database.db, { dataset: 'cologne', text })
    const [found] = await searchPlaces(database.db, { text: 'koln zoologcal' })
    expect(found).toMatchObject({ name: 'Zoological Köln', kind: 'zoo' })
    expect((await nearestPlace(database.db, { lat: 50.9583, lng: 6.9734 }))?.label).toBe('Zoological Köln')
  })
})
