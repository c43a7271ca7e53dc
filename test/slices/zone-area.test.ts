/** The text of a zone's area: what people type or paste, read on the server and by the page's script alike. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/zone-shape.js'
import { areaText, parseArea } from '../../src/backoffice/area-text.ts'
import { destination } from '../../src/engine/geo.ts'
import type { ZoneArea } from '../../src/engine/zone.ts'

const { readRings, writeRings, sizeM2, crossing, wordsOf } = globalThis.HoneycabZoneShape
const SQUARE = '40.70, -74.00\n40.70, -73.98\n40.72, -73.98\n40.72, -74.00'
const HOLE = '40.705, -73.995\n40.705, -73.985\n40.715, -73.985\n40.715, -73.995'
const SQUARE_RING = [
  [-74, 40.7],
  [-73.98, 40.7],
  [-73.98, 40.72],
  [-74, 40.72],
  [-74, 40.7],
]
/** Never -0, which no text tells from 0. */
const rounded = (degrees: number) => Number(degrees.toFixed(6)) || 0
const mistake = (text: string) => {
  const read = parseArea(text)
  return read.ok ? 'no mistake' : read.reason
}

describe('corners as lines', () => {
  test('latitude first, closed by itself, however the numbers are put apart', () => {
    for (const text of [
      SQUARE,
      SQUARE.replaceAll(', ', ' '),
      SQUARE.replaceAll(', ', ';'),
      `${SQUARE}\n40.70, -74.00`,
      `\n  ${SQUARE.replaceAll('\n', '\r\n')}\n\n`,
      SQUARE.replace('40.72, -74.00', '(40.72°, -74.00°)'),
      // The same corner twice is a slip of the hand.
      SQUARE.replace('\n', '\n40.70, -74.00\n'),
    ])
      expect(parseArea(text)).toEqual({
        ok: true,
        value: { type: 'Polygon', coordinates: [SQUARE_RING] } as never,
      })
  })

  test('holes and further outlines', () => {
    const read = parseArea(`${SQUARE}\nhole\n${HOLE}\npart\n40.80, -73.95\n40.80, -73.94\n40.81, -73.94`)
    expect(read.ok && read.value.type).toBe('MultiPolygon')
    expect(read.ok && read.value.coordinates.map((rings) => rings.map(({ length }) => length))).toEqual([
      [5, 5],
      [4],
    ])
    expect(read.ok && parseArea(areaText(read.value))).toEqual(read)
  })

  test('any area is written and read back, here and in the browser', () => {
    const corners = fc.uniqueArray(
      fc.record({ at: fc.integer({ min: 0, max: 359 }), awayM: fc.integer({ min: 300, max: 4_000 }) }),
      { minLength: 6, maxLength: 40, selector: ({ at }) => Math.floor(at / 8) },
    )
    const middle = fc.record({
      lat: fc.double({ min: -70, max: 70, noNaN: true }),
      lng: fc.double({ min: -170, max: 170, noNaN: true }),
    })
    fc.assert(
      fc.property(middle, corners, (at, drawn) => {
        const ring = drawn
          .toSorted((a, b) => a.at - b.at)
          .map((corner) => destination(at, corner.at, corner.awayM))
          .map(({ lat, lng }) => [rounded(lng), rounded(lat)])
        const area = { type: 'Polygon', coordinates: [[...ring, ring[0]!]] } as ZoneArea
        const text = areaText(area)
        const read = parseArea(text)
        const rings = readRings(text)!
        // A star around its middle crosses itself only where the middle lies outside of it; both must see the same.
        expect(read.ok).toBe(crossing(rings) === null)
        if (read.ok) expect(read.value as ZoneArea).toEqual(area)
        expect(writeRings(rings)).toBe(text)
        expect(readRings(JSON.stringify(area))).toEqual(rings)
      }),
      { numRuns: 300 },
    )
  })
})

describe('GeoJSON', () => {
  const polygon = { type: 'Polygon', coordinates: [SQUARE_RING] }
  test('alone, in a Feature or in a collection of one', () => {
    const feature = { type: 'Feature', properties: { name: 'x' }, geometry: polygon }
    for (const value of [polygon, feature, { type: 'FeatureCollection', features: [feature] }]) {
      expect(parseArea(JSON.stringify(value))).toEqual({ ok: true, value: polygon as never })
      expect(readRings(JSON.stringify(value))).toHaveLength(1)
    }
  })

  test('anything else is refused in words', () => {
    const two = { type: 'FeatureCollection', features: [polygon, polygon] }
    expect(mistake(JSON.stringify(two))).toBe('This collection has 2 features; a zone is one of them.')
    expect(mistake('{"type":"Polygon"')).toContain('not whole')
    expect(mistake('{"type":"Point","coordinates":[1,2]}')).toContain('a Polygon or a MultiPolygon')
    expect(mistake('{"type":"Feature","geometry":null}')).toContain('a Polygon or a MultiPolygon')
    expect(mistake('{"type":"Polygon","coordinates":[[[1]]]}')).toContain('corner 1')
    for (const text of [
      '{"type":"Point"}',
      '{',
      '{"type":"Polygon","coordinates":7}',
      '{"type":"FeatureCollection"}',
    ])
      expect(readRings(text)).toBeNull()
  })
})

describe('what is no area is refused, and where', () => {
  test.each([
    ['nothing', ' \n', 'Draw the zone on the map'],
    ['words', `${SQUARE}\nthe pier`, 'Line 5 should be a latitude and a longitude'],
    ['a latitude that is none', SQUARE.replace('40.72', '94.72'), 'Line 3: a latitude'],
    ['a longitude that is none', SQUARE.replace('-73.98', '-273.98'), 'Line 2: a longitude'],
    ['two corners', '40.7, -74\n40.7, -73.98', 'The outline needs at least three corners'],
    [
      'all on one line',
      '40.7, -74\n40.7, -73.98\n40.7, -73.96',
      'The zone is smaller than a stand for three cars',
    ],
    [
      'a bow',
      '40.70, -74.00\n40.72, -73.98\n40.70, -73.98\n40.72, -74.00',
      'The outline crosses or touches itself near 40.71000, -73.99000.',
    ],
    ['a way there and back', `${SQUARE}\n40.75, -74.00`, 'The outline crosses or touches itself'],
    [
      'a hole that crosses the outline',
      `${SQUARE}\nhole\n40.71, -73.99\n40.71, -73.97\n40.715, -73.97`,
      'cross or touch each other near 40.71',
    ],
    [
      'a hole outside',
      `${SQUARE}\nhole\n40.81, -73.99\n40.81, -73.98\n40.82, -73.98`,
      'Hole 1 lies outside its outline.',
    ],
    [
      'a hole that crosses itself',
      `${SQUARE}\nhole\n40.705, -73.995\n40.715, -73.985\n40.705, -73.985\n40.715, -73.995`,
      'Hole 1 crosses or touches itself near 40.71000, -73.99000.',
    ],
    [
      'the second outline’s hole',
      `${SQUARE}\npart\n40.80, -73.95\n40.80, -73.94\n40.81, -73.94\nhole\n40.705, -73.985\n40.705, -73.99\n40.71, -73.99`,
      'Hole 1 of outline 2 lies outside its outline.',
    ],
    [
      'a speck',
      '40.7, -74\n40.7, -73.99999\n40.70001, -73.99999',
      'The zone is smaller than a stand for three cars',
    ],
    ['half a continent', '30, -100\n30, -80\n45, -80\n45, -100', 'The zone is larger than'],
    [
      'around the 180th meridian',
      '10, 179\n10, -179\n11, -179\n11, 179',
      'The outline leaps across the 180th meridian',
    ],
    [
      'hundreds of corners',
      Array.from(
        { length: 600 },
        (_, n) => `${40 + Math.cos(n / 95.5) / 10}, ${-74 + Math.sin(n / 95.5) / 10}`,
      ).join('\n'),
      'The zone has 601 points; 500 are enough',
    ],
  ])('%s', (_what, text, words) => {
    expect(mistake(text)).toContain(words)
  })
})

describe('while it is drawn', () => {
  test('its size is that of the square it is, less its hole', () => {
    const rings = readRings(SQUARE)!
    // 0.02° of latitude by 0.02° of longitude at 40.71°.
    const side = 0.02 * 111_195
    expect(sizeM2(rings) / (side * side * Math.cos((40.71 * Math.PI) / 180))).toBeCloseTo(1, 4)
    expect(sizeM2(readRings(`${SQUARE}\nhole\n${HOLE}`)!) / sizeM2(rings)).toBeCloseTo(0.75, 4)
  })

  test('it says how many corners are missing, how large it is, and which edges cross', () => {
    expect(wordsOf(readRings('')!).words).toBe('Outline: 3 more corners to go.')
    expect(wordsOf(readRings(`${SQUARE}\nhole\n40.71, -73.99\n40.712, -73.99`)!).words).toBe(
      'Hole 1: one more corner to go.',
    )
    expect(wordsOf(readRings(SQUARE)!)).toEqual({ words: '4 corners, 3.75 km².', isWrong: false })
    const bow = readRings('40.70, -74.00\n40.72, -73.98\n40.70, -73.98\n40.72, -74.00')!
    expect(wordsOf(bow)).toEqual({
      words: 'It crosses itself: the edge from corner 1 to 2 meets the one from 3 to 4.',
      isWrong: true,
    })
    const spike = readRings(`${SQUARE}\n40.75, -74.00`)!
    expect(wordsOf(spike).isWrong).toBe(true)
  })
})
