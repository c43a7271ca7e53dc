/** Whether the area of a region can be driven in: closed rings that cross nothing, in degrees that exist. */
import { area, coordAll, kinks } from '@turf/turf'
import { z } from 'zod'

/** `kinks` compares each edge with each other one; for so many that takes a quarter second. */
const MOST_POINTS = 2_000
/** Anything smaller is a slip of the hand, such as all points on one line. */
const LEAST_AREA_M2 = 10_000
/** No edge is longer than half the globe; one that seems to be goes the other way round. */
const LONGEST_EDGE_DEG = 180

const LNG = { error: 'should be a longitude from -180 to 180' }
const LAT = { error: 'should be a latitude from -90 to 90; GeoJSON puts the longitude first' }
const position = z.tuple([z.number().min(-180, LNG).max(180, LNG), z.number().min(-90, LAT).max(90, LAT)], {
  error: 'should be two numbers, longitude and latitude',
})
const polygon = z.array(z.array(position)).min(1, { error: 'should have an outer ring' })
const parts = z.array(polygon).min(1, { error: 'should have a polygon' })

type Position = readonly [lng: number, lat: number]

/** What stands in `area` of a region: GeoJSON, without anything but the geometry. */
export const areaShape = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({ type: z.literal('Polygon'), coordinates: polygon }),
      z.strictObject({ type: z.literal('MultiPolygon'), coordinates: parts }),
    ],
    { error: 'should be a Polygon or MultiPolygon; of a Feature take what stands in its "geometry"' },
  )
  .superRefine((drawn, context) => {
    const total = coordAll(drawn).length
    if (total > MOST_POINTS) {
      context.addIssue({ code: 'custom', message: `has ${total} points; ${MOST_POINTS} are enough` })
      return
    }
    const rings = ringsOf(drawn)
    for (const { points, path } of rings) {
      const message = wrongRing(points)
      if (message !== null) context.addIssue({ code: 'custom', message, path: ['coordinates', ...path] })
    }
    if (rings.some(({ points }) => wrongRing(points) !== null)) return
    // Rings that are each in order may still cross each other.
    const message =
      area(drawn) < LEAST_AREA_M2
        ? 'is smaller than a hectare'
        : crossing(drawn, 'has rings that cross or touch each other')
    if (message !== null) context.addIssue({ code: 'custom', message })
  })
export type Area = z.infer<typeof areaShape>

function ringsOf(drawn: {
  type: 'Polygon' | 'MultiPolygon'
  coordinates: Position[][] | Position[][][]
}): { points: readonly Position[]; path: number[] }[] {
  return drawn.type === 'Polygon'
    ? (drawn.coordinates as Position[][]).map((points, n) => ({ points, path: [n] }))
    : (drawn.coordinates as Position[][][]).flatMap((rings, part) =>
        rings.map((points, n) => ({ points, path: [part, n] })),
      )
}

function wrongRing(points: readonly Position[]): string | null {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < 4)
    return 'should have at least four points, the last of them equal to the first'
  if (first[0] !== last[0] || first[1] !== last[1]) return 'is not closed: its last point should be its first'
  if (points.some(([lng], n) => Math.abs(lng - (points[n - 1]?.[0] ?? lng)) > LONGEST_EDGE_DEG))
    return 'leaps across the 180th meridian: cut the area in two there'
  return crossing({ type: 'Polygon', coordinates: [points as unknown as number[][]] }, 'crosses itself')
}

function crossing(drawn: GeoJSON.Polygon | GeoJSON.MultiPolygon, what: string): string | null {
  const at = kinks(drawn).features[0]?.geometry.coordinates
  return at === undefined ? null : `${what} near ${at.map((degrees) => degrees.toFixed(5)).join(', ')}`
}
