/** Whether the area of a region or zone can be driven in: closed rings that cross nothing, in degrees that exist. */
import { area, coordAll, kinks } from '@turf/turf'
import { z } from 'zod'

interface Bounds {
  /** `kinks` compares each edge with each other one; for 2,000 that takes a quarter second. */
  readonly pointsMost: number
  /** Anything smaller is a slip of the hand, such as all points on one line. */
  readonly leastM2: number
  readonly tooSmall: string
  readonly mostM2?: number
}
const REGION: Bounds = { pointsMost: 2_000, leastM2: 10_000, tooSmall: 'is smaller than a hectare' }
/** A stand for three cars has a hundred square metres; nothing that a car can come into and leave is larger. */
const ZONE: Bounds = {
  ...{ pointsMost: 500, leastM2: 100, mostM2: 10_000_000_000 },
  tooSmall: 'is smaller than a stand for three cars (100 m²)',
}
/** No edge is longer than half the globe; one that seems to be goes the other way round. */
const LONGEST_EDGE_DEG = 180

const LNG = { error: 'should be a longitude from -180 to 180' }
const LAT = { error: 'should be a latitude from -90 to 90; GeoJSON puts the longitude first' }
const position = z.tuple([z.number().min(-180, LNG).max(180, LNG), z.number().min(-90, LAT).max(90, LAT)], {
  error: 'should be two numbers, longitude and latitude',
})
const polygon = z.array(z.array(position)).min(1, { error: 'should have an outer ring' })
const parts = z.array(polygon).min(1, { error: 'should have a polygon' })

export type Position = readonly [lng: number, lat: number]

/** GeoJSON, without anything but the geometry. */
const geometry = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('Polygon'), coordinates: polygon }),
    z.strictObject({ type: z.literal('MultiPolygon'), coordinates: parts }),
  ],
  { error: 'should be a Polygon or MultiPolygon; of a Feature take what stands in its "geometry"' },
)
export type Area = z.infer<typeof geometry>

/** What stands in `area` of a region, and of a zone. */
export const areaShape = drawnWithin(REGION)
export const zoneAreaShape = drawnWithin(ZONE)

function drawnWithin({ pointsMost, leastM2, tooSmall, mostM2 = Number.POSITIVE_INFINITY }: Bounds) {
  return geometry.superRefine((drawn, context) => {
    const total = coordAll(drawn).length
    if (total > pointsMost) {
      context.addIssue({ code: 'custom', message: `has ${total} points; ${pointsMost} are enough` })
      return
    }
    const rings = ringsOf(drawn)
    for (const { points, path } of rings) {
      const fault = wrongRing(points)
      if (fault !== null) context.addIssue({ code: 'custom', ...fault, path: ['coordinates', ...path] })
    }
    if (rings.some(({ points }) => wrongRing(points) !== null)) return
    // Rings that are each in order may still cross each other.
    const sizeM2 = area(drawn)
    const fault =
      sizeM2 < leastM2
        ? { message: tooSmall }
        : sizeM2 > mostM2
          ? { message: `is larger than ${mostM2 / 1e6} km²` }
          : crossing(drawn, 'has rings that cross or touch each other')
    if (fault !== null) context.addIssue({ code: 'custom', ...fault })
  })
}

/** What is wrong; where edges cross, the place too, for who says it in words of their own. */
interface Fault {
  readonly message: string
  readonly params?: { readonly fault: { readonly at: Position } }
}

/** Every ring with its place in `coordinates`. */
export function ringsOf({
  type,
  coordinates,
}: {
  readonly type: 'Polygon' | 'MultiPolygon'
  readonly coordinates: readonly unknown[]
}): { points: readonly Position[]; path: number[] }[] {
  return type === 'Polygon'
    ? (coordinates as Position[][]).map((points, n) => ({ points, path: [n] }))
    : (coordinates as Position[][][]).flatMap((rings, part) =>
        rings.map((points, n) => ({ points, path: [part, n] })),
      )
}

function wrongRing(points: readonly Position[]): Fault | null {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined || points.length < 4)
    return { message: 'should have at least four points, the last of them equal to the first' }
  if (first[0] !== last[0] || first[1] !== last[1])
    return { message: 'is not closed: its last point should be its first' }
  if (points.some(([lng], n) => Math.abs(lng - (points[n - 1]?.[0] ?? lng)) > LONGEST_EDGE_DEG))
    return { message: 'leaps across the 180th meridian: cut the area in two there' }
  return crossing({ type: 'Polygon', coordinates: [points as unknown as number[][]] }, 'crosses itself')
}

function crossing(drawn: GeoJSON.Polygon | GeoJSON.MultiPolygon, what: string): Fault | null {
  const at = kinks(drawn).features[0]?.geometry.coordinates
  if (at === undefined) return null
  const message = `${what} near ${at.map((degrees) => degrees.toFixed(5)).join(', ')}`
  return { message, params: { fault: { at: at as unknown as Position } } }
}
