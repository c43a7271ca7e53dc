/** Where a point is counted: once, in the smallest zone it lies in or in the hexagon around it. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { AREA_RESOLUTION, AreaIndex, centreOfCell } from '../../src/engine/area.ts'
import type { LatLng, ZoneId } from '../../src/engine/units.ts'
import type { Zone } from '../../src/engine/zone.ts'

const square = (id: string, { lat, lng }: LatLng, half: number): Zone => ({
  id: id as ZoneId,
  hysteresisM: 0,
  area: {
    type: 'Polygon',
    coordinates: [
      [
        [lng - half, lat - half],
        [lng + half, lat - half],
        [lng + half, lat + half],
        [lng - half, lat + half],
        [lng - half, lat - half],
      ],
    ],
  },
})
const CENTRE = { lat: 40.75, lng: -73.98 }
const DISTRICT = square('district', CENTRE, 0.02)
const RANK = square('rank', { lat: 40.751, lng: -73.981 }, 0.001)
const point = fc.record({
  lat: fc.double({ min: 40.7, max: 40.8, noNaN: true }),
  lng: fc.double({ min: -74.03, max: -73.93, noNaN: true }),
})

test('of zones in one place the smaller one counts', () => {
  const index = new AreaIndex([DISTRICT, RANK])
  expect(index.areaOf({ lat: 40.751, lng: -73.981 })).toBe('rank')
  expect(index.areaOf({ lat: 40.74, lng: -73.97 })).toBe('district')
  expect(index.areaOf({ lat: 40.79, lng: -73.95 })).toMatch(/^87/)
})

test('a point lies within the corners of its area, and no two areas have it', () => {
  const index = new AreaIndex([DISTRICT, RANK])
  fc.assert(
    fc.property(point, (at) => {
      const area = index.areaOf(at)
      const [southWest, northEast] = index.cornersOf(area)!
      // A hexagon's edge is an arc, and its corners are those of the arc's ends: 1 m of 2.4 km.
      const slack = index.isZone(area) ? 0 : 1e-5
      expect(at.lat).toBeGreaterThanOrEqual(southWest.lat - slack)
      expect(at.lat).toBeLessThanOrEqual(northEast.lat + slack)
      expect(at.lng).toBeGreaterThanOrEqual(southWest.lng - slack)
      expect(at.lng).toBeLessThanOrEqual(northEast.lng + slack)
      // Brute force: the squares by their sides.
      const inside = [RANK, DISTRICT].find(({ area: { coordinates } }) => {
        const ring = (coordinates as number[][][])[0]!
        return (
          at.lng >= ring[0]![0]! && at.lng <= ring[2]![0]! && at.lat >= ring[0]![1]! && at.lat <= ring[2]![1]!
        )
      })
      if (inside !== undefined) expect(area).toBe(inside.id)
      else expect(index.isZone(area)).toBe(false)
    }),
  )
})

test('a hexagon is found by its middle again; what is no area here has no corners', () => {
  const index = new AreaIndex([])
  const cell = index.areaOf(CENTRE)
  expect(index.areaOf(centreOfCell(cell))).toBe(cell)
  expect(AREA_RESOLUTION).toBe(7)
  for (const id of ['', 'rank', '8a2a1072b59ffff', '872a1072bffffff0', '87zzzzzzzzzzzzz', '870000000000000'])
    expect(index.cornersOf(id)).toBeNull()
})
