import { afterAll, beforeAll, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { readCsv } from '../../src/io/csv.ts'
import { importPlaces, nearestPlace, searchPlaces } from '../../src/places/places.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { describeDatabases } from '../support/servers.ts'

const csv = gunzipSync(
  readFileSync(new URL('../../samples/manhattan-places/places.csv.gz', import.meta.url)),
).toString()
const strand = { lat: 40.7332, lng: -73.9911 }
const header = 'name,kind,lat,lng,detail,source'

describeDatabases('places', (twin) => {
  let database: TestDatabase
  let imported: number
  beforeAll(async () => {
    database = await testDatabase(twin)
    imported = await importPlaces(database.db, { dataset: 'manhattan', csv })
  }, 30_000)
  afterAll(() => database?.stop())

  const names = async (text: string, near: typeof strand | null = strand) =>
    (await searchPlaces(database.db, { text, near, limit: 5 })).map((place) => place.name)

  test('the shipped gazetteer is imported once, also when several processes start together', async () => {
    expect(imported).toBe(5994)
    const again = await Promise.all(
      [1, 2, 3].map(() => importPlaces(database.db, { dataset: 'manhattan', csv })),
    )
    expect(again).toEqual([0, 0, 0])
    expect(await names('Strand Bookstore')).toEqual(['Strand Bookstore'])
  })

  test('two processes that import at the same moment write one gazetteer', async () => {
    const small = `${header}\nTwin Rock,landmark,1,1,,test\n`
    const counts = await Promise.all(
      [1, 2].map(() => importPlaces(database.db, { dataset: 'twins', csv: small })),
    )
    expect(counts.toSorted()).toEqual([0, 1])
    expect(await names('twin rock')).toEqual(['Twin Rock'])
  })

  test('another file under the same name replaces the earlier places', async () => {
    const first = `${header}\nQuince Yard,landmark,1,1,,test\n`
    const second = `${header}\n"Quince, ""New"" Yard",landmark,1,1,,test\n`
    expect(await importPlaces(database.db, { dataset: 'other', csv: first })).toBe(1)
    expect(await importPlaces(database.db, { dataset: 'other', csv: second })).toBe(1)
    expect(await names('quince')).toEqual(['Quince, "New" Yard'])
  })

  test('a file that is no gazetteer is refused and changes nothing', async () => {
    for (const rows of [
      'Nowhere,landmark,91,0,,x',
      ',landmark,1,1,,x',
      'Short,landmark',
      'Text,park,a,b,,x',
    ]) {
      await expect(
        importPlaces(database.db, { dataset: 'bad', csv: `${header}\n${rows}\n` }),
      ).rejects.toThrow(RangeError)
    }
    expect(await names('Nowhere')).toEqual([])
  })

  test.each([
    ['JFK', 'John F. Kennedy International Airport (JFK)'],
    ['moma', 'Museum of Modern Art (MoMA)'],
    ['empire', 'Empire State Building'],
    ['5th ave and e 34th st', '5th Avenue & East 34th Street'],
    ['E 34 St & Fifth Ave', '5th Avenue & East 34th Street'],
    ['union sq', 'Union Square'],
    ['828 broadway', 'Strand Bookstore'],
    ['1071 Fifth Ave', 'Solomon R. Guggenheim Museum'],
    ['carnegie hall', 'Carnegie Hall'],
  ])('%p finds %p first', async (text, name) => {
    expect((await names(text))[0]).toBe(name)
  })

  test.each([
    ['emprie state', 'Empire State Building'],
    ['gugenheim', 'Solomon R. Guggenheim Museum'],
    ['gugen', 'Solomon R. Guggenheim Museum'],
    ['times sqare', 'Times Square'],
    ['brodway & 12', 'Broadway & East 12th Street'],
    ['sohp', 'SoHo'],
  ])('misspelt %p still finds %p', async (text, name) => {
    expect((await names(text))[0]).toBe(name)
  })

  test.each([
    ['timessquare', 'Times Square'],
    ['grandcentral', 'Grand Central Terminal'],
    ['gradncentralterminal', 'Grand Central Terminal'],
    ['828 Broadway, New York, NY 10003', 'Strand Bookstore'],
    ['Strand Bookstore, 828 Broadway, New York', 'Strand Bookstore'],
    ['times square nowhereville', 'Times Square'],
    ['carnegie hall manhattan new york usa', 'Carnegie Hall'],
  ])('what is not in the list leads to a guess: %p to %p', async (text, name) => {
    const found = await searchPlaces(database.db, { text, near: strand, limit: 5 })
    expect(found.map((place) => place.name)).toContain(name)
    expect(found.every(({ isGuess }) => isGuess)).toBe(true)
  })

  test('a name, also a misspelt one, is no guess; a neighbour’s house is', async () => {
    const isGuess = async (text: string) =>
      (await searchPlaces(database.db, { text, near: strand, limit: 5 })).map((place) => place.isGuess)
    expect(await isGuess('Strand Bookstore')).toEqual([false])
    expect(new Set(await isGuess('emprie state'))).toEqual(new Set([false]))
    expect(new Set(await isGuess('830 Broadway'))).toEqual(new Set([true]))
  })

  test('most names are found with one letter wrong, wherever it is', async () => {
    // Every 80th of the gazetteer's names, spoilt in one of four ways inside its longest word: the same every time.
    const spoil = (name: string, n: number) => {
      const longest = name.match(/[A-Za-z]+/g)?.toSorted((a, b) => b.length - a.length)[0] ?? ''
      const at = name.indexOf(longest) + ((n * 7) % Math.max(1, longest.length - 1))
      const [head, letter, next, tail] = [
        name.slice(0, at),
        name[at]!,
        name[at + 1] ?? '',
        name.slice(at + 2),
      ]
      const ways = [head + next + tail, `${head}${letter}x${next}${tail}`, `${head}x${next}${tail}`]
      return [...ways, head + next + letter + tail][n % 4]!
    }
    const sample = readCsv(csv).filter((_, row) => row % 80 === 0)
    let found = 0
    for (const [n, { name = '', lat, lng }] of sample.entries()) {
      const near = { lat: Number(lat) + 0.01, lng: Number(lng) + 0.01 }
      if ((await names(spoil(name, n), near)).includes(name)) found += 1
    }
    expect(found / sample.length).toBeGreaterThan(0.9)
  })

  test('every beginning of a name, letter by letter, keeps it among the answers', async () => {
    for (let length = 5; length <= 'Grand Central Terminal'.length; length++) {
      const typed = 'grand central terminal'.slice(0, length)
      expect(await names(typed, { lat: 40.752, lng: -73.977 })).toContain('Grand Central Terminal')
    }
  })

  test('a house nobody listed is answered with its neighbours on that street', async () => {
    const found = await names('830 Broadway')
    expect(found.slice(0, 4)).toEqual(['890 Broadway', '915 Broadway', '928 Broadway', '936 Broadway'])
  })

  test('of equal names the nearer comes first', async () => {
    const uptown = { lat: 40.8, lng: -73.95 }
    expect((await names('5th avenue & east', strand))[0]).toBe('5th Avenue & East 12th Street')
    expect((await names('5th avenue & east', uptown))[0]).not.toBe('5th Avenue & East 12th Street')
  })

  test('another city’s place of the same name comes last, however well it is known', async () => {
    const far = `${header}\nBroadway & East 12th Street,airport,41.9,-87.6,,test\n`
    await importPlaces(database.db, { dataset: 'far', csv: far })
    const found = await searchPlaces(database.db, { text: 'broadway & east 12th street', near: strand })
    expect(found.map(({ lat }) => Math.round(lat))).toEqual([41, 41, 42])
    const there = await searchPlaces(database.db, {
      text: 'broadway & east 12th street',
      near: { lat: 41.9, lng: -87.7 },
    })
    expect(there.map(({ lat }) => Math.round(lat))).toEqual([42, 41, 41])
  })

  test('on both sides of the antimeridian one is near the other', async () => {
    const rows = [
      'Taveuni Pier East,pier,-16.8,-179.9999',
      'Taveuni Pier West,pier,-16.8,179.9',
      'Pole Hut,landmark,89.9999,10',
    ]
    await importPlaces(database.db, { dataset: 'fiji', csv: `name,kind,lat,lng\n${rows.join('\n')}\n` })
    expect(await names('taveuni pier', { lat: -16.8, lng: 179.99 })).toEqual([
      'Taveuni Pier East',
      'Taveuni Pier West',
    ])
    const label = async (point: typeof strand) => (await nearestPlace(database.db, point))?.label
    expect(await label({ lat: -16.8, lng: 179.9999 })).toBe('Taveuni Pier East')
    expect(await label({ lat: -16.8, lng: -179.9985 })).toBe('near Taveuni Pier East')
    expect(await label({ lat: -16.8, lng: 179.95 })).toBeUndefined()
    expect(await label({ lat: 89.9999, lng: -170 })).toBe('Pole Hut')
  })

  test('a number is not taken for the beginning of another, unless it is still being typed', async () => {
    expect(await names('1 ave & e 34 st')).toEqual(['1st Avenue & East 34th Street'])
    expect((await names('e 3')).length).toBe(5)
  })

  test('the parts of a name that were asked for are marked', async () => {
    const [place] = await searchPlaces(database.db, { text: 'emp sta', near: strand, limit: 1 })
    expect(place!.matchRanges.map(([start, end]) => place!.name.slice(start, end))).toEqual(['Emp', 'Sta'])
  })

  test.each(['', '  ', '&&', 'the', 'xyzzyqq', "'", "a' | 'b", '\\', ':*', '%', '\u0000'])(
    '%p is answered without an error',
    async (text) => {
      expect(Array.isArray(await names(text))).toBe(true)
    },
  )

  test('a very long question is cut, not refused', async () => {
    expect(Array.isArray(await names('broadway '.repeat(10_000)))).toBe(true)
  })

  test('never more than asked for, and never more than 50', async () => {
    expect(await searchPlaces(database.db, { text: 'street', limit: 3 })).toHaveLength(3)
    expect(await searchPlaces(database.db, { text: 'street', limit: 1_000 })).toHaveLength(50)
  })

  test('a point on the map is named by its door, its corner, or what is near', async () => {
    const label = async (point: typeof strand) => (await nearestPlace(database.db, point))?.label
    expect(await label({ lat: 40.733214, lng: -73.991114 })).toBe('Strand Bookstore')
    expect(await label({ lat: 40.7625, lng: -73.963 })).toBe('near 2nd Avenue & East 62nd Street')
    expect(await label({ lat: 40.7829, lng: -73.9654 })).toBe('near Central Park')
    expect(await label({ lat: 51, lng: 0 })).toBeUndefined()
  })
})
