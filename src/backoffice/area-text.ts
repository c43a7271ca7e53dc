/**
 * A zone's area as text that people type and read: a corner a line, latitude first as maps on phones write it. A line
 * `hole` begins a hole in the outline above it, `part` another outline. GeoJSON is taken as well, and stays longitude
 * first.
 */
import { booleanPointInPolygon } from '@turf/turf'
import type { z } from 'zod'
import { ok, type Result, refuse } from '../engine/units.ts'
import type { ZoneArea } from '../engine/zone.ts'
import { type Area, type Position, ringsOf, zoneAreaShape } from './area.ts'

/** Far more than the points of any zone take; what is longer is not looked at. */
export const AREA_TEXT_MOST = 48_000
/** A hand's breadth. */
const DECIMALS = 6
const CORNER = /^\(?\s*([+-]?\d+(?:\.\d+)?)\s*[°]?\s*(?:,|;|\s)\s*([+-]?\d+(?:\.\d+)?)\s*[°]?\s*\)?[,;]?$/

/** The area as lines; what `parseArea` reads back to the same area, to the hand's breadth. */
export function areaText(area: ZoneArea): string {
  const polygons = area.type === 'Polygon' ? [area.coordinates] : area.coordinates
  return polygons
    .map((rings) => (rings as unknown as Position[][]).map(ringText).join('\nhole\n'))
    .join('\npart\n')
}

function ringText(ring: readonly Position[]): string {
  return ring
    .slice(0, -1)
    .map(([lng, lat]) => `${degrees(lat)}, ${degrees(lng)}`)
    .join('\n')
}

function degrees(value: number): string {
  return String(Number(value.toFixed(DECIMALS)))
}

/**
 * Read an area.
 * @returns it with its rings closed, or a sentence that says what is wrong with it and where
 */
export function parseArea(text: string): Result<Area, string> {
  const trimmed = text.trim()
  if (trimmed === '') return refuse('Draw the zone on the map, or type its corners.')
  const drawn = trimmed.startsWith('{') ? fromGeoJson(trimmed) : fromLines(trimmed)
  if (!drawn.ok) return drawn
  const read = zoneAreaShape.safeParse(drawn.value)
  if (!read.success) return refuse(mistakeText(read.error.issues[0]!, drawn.value))
  const stray = strayHole(read.data)
  return stray === null ? ok(read.data) : refuse(stray)
}

type Drawn = Pick<Area, 'type'> & { readonly coordinates: unknown }

function fromLines(text: string): Result<Drawn, string> {
  const parts: [number, number][][][] = [[[]]]
  for (const [n, line] of text.split('\n').entries()) {
    const words = line.trim().toLowerCase()
    if (words === '') continue
    if (words === 'part') {
      parts.push([[]])
      continue
    }
    if (words === 'hole') {
      parts.at(-1)!.push([])
      continue
    }
    const corner = CORNER.exec(words)
    if (corner === null)
      return refuse(`Line ${n + 1} should be a latitude and a longitude, such as 40.71274, -74.00602.`)
    const [lat, lng] = [Number(corner[1]), Number(corner[2])]
    if (Math.abs(lat) > 90) return refuse(`Line ${n + 1}: a latitude is from -90 to 90, and comes first.`)
    if (Math.abs(lng) > 180) return refuse(`Line ${n + 1}: a longitude is from -180 to 180.`)
    const ring = parts.at(-1)!.at(-1)!
    const before = ring.at(-1)
    // The same corner twice is a slip of the hand and changes nothing.
    if (before?.[0] !== lng || before[1] !== lat) ring.push([lng, lat])
  }
  const coordinates = parts.map((rings) => rings.map(closed))
  return ok(
    coordinates.length === 1
      ? { type: 'Polygon', coordinates: coordinates[0] }
      : { type: 'MultiPolygon', coordinates },
  )
}

function closed(ring: [number, number][]): [number, number][] {
  const [first, last] = [ring[0], ring.at(-1)]
  if (first === undefined || last === undefined) return ring
  const isClosed = ring.length > 1 && first[0] === last[0] && first[1] === last[1]
  return isClosed ? ring : [...ring, first]
}

/** A geometry, or a Feature or a collection that holds just one. */
function fromGeoJson(text: string): Result<Drawn, string> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse(
      'This begins like GeoJSON and is not whole: a bracket or a comma is missing or one too many.',
    )
  }
  for (let depth = 0; depth < 3; depth++) {
    const { type, geometry, features } = value as { type?: unknown; geometry?: unknown; features?: unknown }
    if (type === 'Feature' && typeof geometry === 'object' && geometry !== null) value = geometry
    else if (type === 'FeatureCollection' && Array.isArray(features)) {
      if (features.length !== 1 || typeof features[0] !== 'object' || features[0] === null)
        return refuse(`This collection has ${features.length} features; a zone is one of them.`)
      value = features[0]
    } else break
  }
  const { type, coordinates } = value as { type?: unknown; coordinates?: unknown }
  if (type !== 'Polygon' && type !== 'MultiPolygon')
    return refuse('GeoJSON of a zone is a Polygon or a MultiPolygon, alone or in a Feature.')
  return ok({ type, coordinates })
}

/** Which ring, which corner, and what is wrong there. */
function mistakeText(issue: z.core.$ZodIssue, drawn: Drawn): string {
  const [, ...path] = issue.path
  const [part, ring, corner] = drawn.type === 'Polygon' ? [0, path[0], path[1]] : path
  const name =
    typeof part !== 'number' || typeof ring !== 'number' ? 'The zone' : ringName(part, ring, drawn.type)
  const where = typeof corner === 'number' ? `${name}, corner ${corner + 1}:` : name
  const { fault } = ((issue as { params?: unknown }).params ?? {}) as { fault?: { at: Position } }
  if (fault !== undefined) {
    const [lng, lat] = fault.at
    const at = `near ${lat.toFixed(5)}, ${lng.toFixed(5)}`
    return name === 'The zone'
      ? `Two outlines or holes of the zone cross or touch each other ${at}.`
      : `${name} crosses or touches itself ${at}.`
  }
  if (issue.message.startsWith('should have at least four points'))
    return `${name} needs at least three corners that are not on one line.`
  return `${where} ${issue.message}.`
}

function ringName(part: number, ring: number, type: Area['type']): string {
  const outline = type === 'Polygon' ? 'The outline' : `Outline ${part + 1}`
  return ring === 0 ? outline : type === 'Polygon' ? `Hole ${ring}` : `Hole ${ring} of outline ${part + 1}`
}

/** Rings that cross nothing lie in each other or apart, so one point tells; a hole elsewhere would be no hole. */
function strayHole(area: Area): string | null {
  const rings = ringsOf(area)
  for (const { points, path } of rings) {
    const n = path.at(-1)!
    if (n === 0) continue
    const part = area.type === 'Polygon' ? 0 : path[0]!
    const outline = rings.find(
      (ring) => ring.path.at(-1) === 0 && (ring.path.length === 1 || ring.path[0] === part),
    )
    const ground = { type: 'Polygon' as const, coordinates: [outline!.points as unknown as number[][]] }
    if (!booleanPointInPolygon(points[0] as unknown as number[], ground))
      return `${ringName(part, n, area.type)} lies outside its outline.`
  }
  return null
}
