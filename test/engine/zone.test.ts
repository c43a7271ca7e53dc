import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { destination, distanceM } from '../../src/engine/geo.ts'
import type { LatLng, ZoneId } from '../../src/engine/units.ts'
import {
  ABSENCE_MS,
  contains,
  outsideM,
  presenceAfter,
  type Seen,
  shapeOf,
  type Zone,
  type ZoneArea,
  ZoneIndex,
} from '../../src/engine/zone.ts'

const NOW_MS = 1_800_000_000_000
const NOW = { nowMs: NOW_MS, hearingSinceMs: 0 }
const HYSTERESIS_M = 40

const zone = (id: string, area: ZoneArea, hysteresisM = HYSTERESIS_M): Zone => ({
  id: id as ZoneId,
  area,
  hysteresisM,
})
const box = (west: number, south: number, east: number, north: number): number[][] => [
  [west, south],
  [east, south],
  [east, north],
  [west, north],
  [west, south],
]
const polygon = (...rings: number[][][]): ZoneArea => ({ type: 'Polygon', coordinates: rings })
const seen = (at: LatLng, ageMs = 0, accuracyM = 0): Seen => ({ ...at, atMs: NOW_MS - ageMs, accuracyM })
/** A point so many metres east of another. */
const east = (of: LatLng, goM: number): LatLng => destination(of, 90, goM)

/** A ring around a middle with a corner at each bearing: it never crosses itself. */
const star = (middle: LatLng, corners: readonly { at: number; awayM: number }[]): number[][] => {
  const ring = corners
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, awayM }) => destination(middle, at, awayM))
    .map(({ lat, lng }) => [lng, lat])
  return [...ring, ring[0]!]
}
const corners = (least: number, most: number) =>
  fc.uniqueArray(
    fc.record({ at: fc.integer({ min: 0, max: 359 }), awayM: fc.integer({ min: least, max: most }) }),
    { minLength: 5, maxLength: 12, selector: ({ at }) => Math.floor(at / 30) },
  )
/** Anywhere but at the antimeridian and the poles, where the plane is far from the sphere. */
const somewhere = fc.record({
  lat: fc.double({ min: -80, max: 80, noNaN: true }),
  lng: fc.double({ min: -179, max: 179, noNaN: true }),
})

/** By how often the border goes around the point (winding number), another way than counting crossings. */
function windsAround(rings: readonly number[][][], { lat, lng }: LatLng): boolean {
  const winding = (ring: number[][]) => {
    let turns = 0
    for (let n = 1; n < ring.length; n++) {
      const [ax, ay] = ring[n - 1] as [number, number]
      const [bx, by] = ring[n] as [number, number]
      const side = (bx - ax) * (lat - ay) - (lng - ax) * (by - ay)
      if (ay <= lat && by > lat && side > 0) turns++
      if (ay > lat && by <= lat && side < 0) turns--
    }
    return turns
  }
  const [outer, ...holes] = rings
  return winding(outer!) !== 0 && holes.every((hole) => winding(hole) === 0)
}

/** The nearest of many points along the border. */
function nearestOfMany(rings: readonly number[][][], at: LatLng): number {
  let least = Number.POSITIVE_INFINITY
  for (const ring of rings)
    for (let n = 1; n < ring.length; n++)
      for (let step = 0; step <= 200; step++) {
        const share = step / 200
        const lng = ring[n - 1]![0]! + share * (ring[n]![0]! - ring[n - 1]![0]!)
        const lat = ring[n - 1]![1]! + share * (ring[n]![1]! - ring[n - 1]![1]!)
        least = Math.min(least, distanceM(at, { lat, lng }))
      }
  return least
}

describe('a point and a zone', () => {
  const withHole = shapeOf(zone('a', polygon(box(0, 0, 4, 4), box(1, 1, 2, 2))))

  test.each([
    ['in the middle', { lat: 3, lng: 3 }, true],
    ['on the border', { lat: 0, lng: 2 }, true],
    ['at a corner', { lat: 4, lng: 4 }, true],
    ['in the hole', { lat: 1.5, lng: 1.5 }, false],
    ['on the border of the hole', { lat: 1, lng: 1.5 }, true],
    ['outside', { lat: 2, lng: 4.001 }, false],
  ])('%s', (_where, at, inside) => {
    expect(contains(withHole, at)).toBe(inside)
    expect(outsideM(withHole, at) === 0).toBe(inside)
  })

  test('how far outside: to the nearest edge, to a corner, and in a hole to its border', () => {
    expect(outsideM(withHole, { lat: 2, lng: 4.001 })).toBeCloseTo(111.13, 1)
    expect(outsideM(withHole, { lat: 1.5, lng: 1.999 })).toBeCloseTo(111.16, 1)
    const corner = { lat: 4.001, lng: 4.001 }
    expect(outsideM(withHole, corner)).toBeCloseTo(distanceM(corner, { lat: 4, lng: 4 }), 1)
  })

  test('a zone cut in two at the 180th meridian is one: nobody at the cut is outside', () => {
    const cut: ZoneArea = {
      type: 'MultiPolygon',
      coordinates: [[box(179.9, -1, 180, 1)], [box(-180, -1, -179.9, 1)]],
    }
    const shape = shapeOf(zone('a', cut))
    expect(outsideM(shape, { lat: 0, lng: -180 })).toBe(0)
    expect(outsideM(shape, { lat: 0, lng: 179.95 })).toBe(0)
    expect(outsideM(shape, { lat: 1.001, lng: -180 })).toBeCloseTo(111.2, 1)
    // Across the cut is nearer than around the Earth.
    const westOnly = shapeOf(zone('b', polygon(box(-180, -1, -179.9, 1))))
    expect(outsideM(westOnly, { lat: 0, lng: 179.999 })).toBeCloseTo(111.2, 1)
    expect(
      new ZoneIndex([zone('b', polygon(box(-180, -1, -179.9, 1)))]).near({ lat: 0, lng: 179.9999 }),
    ).toHaveLength(1)
    const index = new ZoneIndex([zone('a', cut)])
    for (const lng of [-180, 179.9999, -179.9999, 179.95, -179.95])
      expect(index.at({ lat: 0.5, lng }).map(({ id }) => id)).toEqual(['a' as ZoneId])
  })

  test('any zone with a hole, anywhere: inside and distance are those of brute force', () => {
    fc.assert(
      fc.property(
        somewhere,
        corners(300, 900),
        corners(50, 90),
        fc.integer({ min: 0, max: 359 }),
        fc.double({ min: 0, max: 1_400, noNaN: true }),
        (middle, outer, inner, bearing, awayM) => {
          const rings = [star(middle, outer), star(middle, inner)]
          // A corner must be in each quarter, or the middle, and so the hole, may lie outside.
          fc.pre(
            [outer, inner].every((ring) =>
              [0, 1, 2, 3].every((quarter) => ring.some(({ at }) => Math.floor(at / 90) === quarter)),
            ),
          )
          const shape = shapeOf(zone('a', polygon(...rings)))
          const at = destination(middle, bearing, awayM)
          const borderM = nearestOfMany(rings, at)
          fc.pre(borderM > 0.01)
          const inside = windsAround(rings, at)
          expect(contains(shape, at)).toBe(inside)
          if (inside) expect(outsideM(shape, at)).toBe(0)
          else expect(Math.abs(outsideM(shape, at) - borderM)).toBeLessThan(0.5 + borderM * 0.01)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('zones by where a car is', () => {
  test('any zones and points: nobody who is in a zone, or within its margin, is missed', () => {
    const zones = fc.array(
      fc.record({
        corners: corners(20, 2_500),
        bearing: fc.integer({ min: 0, max: 359 }),
        awayM: fc.integer({ min: 0, max: 4_000 }),
        marginM: fc.integer({ min: 0, max: 500 }),
      }),
      { minLength: 1, maxLength: 4 },
    )
    fc.assert(
      fc.property(
        somewhere,
        zones,
        fc.array(fc.tuple(fc.integer({ min: 0, max: 359 }), fc.integer({ min: 0, max: 8_000 })), {
          minLength: 20,
          maxLength: 20,
        }),
        (town, drawn, points) => {
          const all = drawn.map(({ corners, bearing, awayM, marginM }, n) =>
            zone(`zone-${n}`, polygon(star(destination(town, bearing, awayM), corners)), marginM),
          )
          const index = new ZoneIndex(all)
          for (const [bearing, awayM] of points) {
            const at = destination(town, bearing, awayM)
            const wanted = all.map(shapeOf).filter((shape) => outsideM(shape, at) <= shape.hysteresisM + 30)
            const near = new Set(index.near(at).map(({ id }) => id))
            for (const { id } of wanted) expect(near.has(id)).toBe(true)
            const inside = all.map(shapeOf).filter((shape) => contains(shape, at))
            expect(new Set(index.at(at).map(({ id }) => id))).toEqual(new Set(inside.map(({ id }) => id)))
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('of zones in one place the smaller comes first, whatever the order they are given in', () => {
    const small = zone('small', polygon(box(0.4, 0.4, 0.6, 0.6)))
    const large = zone('large', polygon(box(0, 0, 1, 1)))
    for (const zones of [
      [small, large],
      [large, small],
    ])
      expect(new ZoneIndex(zones).at({ lat: 0.5, lng: 0.5 }).map(({ id }) => id as string)).toEqual([
        'small',
        'large',
      ])
  })

  test('far from every zone nothing is looked at', () => {
    const index = new ZoneIndex([zone('a', polygon(box(0, 0, 0.01, 0.01)))])
    expect(index.near({ lat: 0.05, lng: 0.05 })).toEqual([])
    expect(new ZoneIndex([]).near({ lat: 0, lng: 0 })).toEqual([])
  })
})

describe('coming and going', () => {
  const border: LatLng = { lat: 40.75, lng: -73.99 }
  /** East of its border is outside. */
  const rank = zone('rank', polygon(box(-73.992, 40.749, -73.99, 40.751)))
  const index = new ZoneIndex([rank])
  const inside = east(border, -60)
  const in_ = 'rank' as ZoneId

  test('a car comes by a fresh fix inside, not by one in the margin or an old one', () => {
    expect(presenceAfter(index, null, seen(inside), NOW)).toEqual({ zoneId: in_, lost: null })
    expect(presenceAfter(index, null, seen(inside, 30_000), NOW).zoneId).toBe(in_)
    expect(presenceAfter(index, null, seen(inside, 30_001), NOW).zoneId).toBeNull()
    expect(presenceAfter(index, null, seen(east(border, 10)), NOW).zoneId).toBeNull()
    expect(presenceAfter(index, null, null, NOW)).toEqual({ zoneId: null, lost: null })
  })

  test('it goes by a fix further outside than the hysteresis and the fix’s own error', () => {
    const at = (awayM: number, accuracyM = 0) =>
      presenceAfter(index, in_, seen(east(border, awayM), 0, accuracyM), NOW)
    expect(at(39)).toEqual({ zoneId: in_, lost: null })
    expect(at(41)).toEqual({ zoneId: null, lost: 'left' })
    expect(at(55, 20).lost).toBeNull()
    expect(at(61, 20).lost).toBe('left')
    // Whatever a phone says of its error.
    expect(at(71, 5_000).lost).toBe('left')
  })

  test('a short silence is no leaving; a long one is, and so is a zone that is no more', () => {
    expect(presenceAfter(index, in_, seen(inside, ABSENCE_MS), NOW).lost).toBeNull()
    expect(presenceAfter(index, in_, seen(inside, ABSENCE_MS + 1), NOW)).toEqual({
      zoneId: null,
      lost: 'silent',
    })
    expect(presenceAfter(index, in_, null, NOW).lost).toBe('silent')
    // Who listens only since a moment ago cannot know.
    for (const fix of [null, seen(inside, ABSENCE_MS + 1)])
      expect(presenceAfter(index, in_, fix, { nowMs: NOW_MS, hearingSinceMs: NOW_MS - ABSENCE_MS })).toEqual({
        zoneId: in_,
        lost: null,
      })
    expect(presenceAfter(new ZoneIndex([]), in_, seen(inside), NOW)).toEqual({
      zoneId: null,
      lost: 'closed',
    })
  })

  test('who leaves one zone for the next is in the next at once; within the margin the first one keeps them', () => {
    const next = zone('next', polygon(box(-73.99, 40.749, -73.988, 40.751)))
    const both = new ZoneIndex([rank, next])
    expect(presenceAfter(both, in_, seen(east(border, 30)), NOW).zoneId).toBe(in_)
    expect(presenceAfter(both, in_, seen(east(border, 60)), NOW)).toEqual({
      zoneId: 'next' as ZoneId,
      lost: 'left',
    })
  })

  test('any jitter within the margin of the border: nobody comes and goes, and who is in stays in', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -80, max: HYSTERESIS_M - 1, noNaN: true }), { maxLength: 60 }),
        (fixes) => {
          let zoneId: ZoneId | null = null
          let entries = 0
          for (const awayM of fixes) {
            const now = presenceAfter(index, zoneId, seen(east(border, awayM)), NOW)
            expect(now.lost).toBeNull()
            if (zoneId === null && now.zoneId !== null) entries++
            zoneId = now.zoneId
          }
          expect(entries).toBe(fixes.some((awayM) => awayM < -0.01) ? 1 : entries)
        },
      ),
      { numRuns: 100 },
    )
  })
})
