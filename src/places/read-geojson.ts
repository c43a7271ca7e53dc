/** Places out of GeoJSON (RFC 7946): a collection, a feature, or one feature a line; with OpenStreetMap's words understood. */
import { centroid, pointOnFeature } from '@turf/turf'
import type { Feature, Geometry, Position } from 'geojson'
import { type Entry, FileRefused, settlePlace } from './entry.ts'
import { kindOf } from './osm-words.ts'

type Properties = Readonly<Record<string, unknown>>

/**
 * The entries of such a text; an area counts where a point lies inside it, a line at its middle.
 * @throws FileRefused when it is not GeoJSON, or in other coordinates than degrees of WGS84
 */
export function* readFeatures(text: string): Generator<Entry> {
  let index = 0
  for (const { value, share } of valuesOf(text)) {
    index += 1
    yield { where: `feature ${index}`, share, ...readFeature(value) }
  }
}

function valuesOf(text: string): Iterable<{ value: unknown; share: number }> {
  let whole: unknown
  try {
    whole = JSON.parse(text)
  } catch (error) {
    // One feature a line (RFC 8142, and what large exports look like) is no JSON as a whole.
    if (isJson(text.slice(0, text.search(/\n|$/)))) return lineByLine(text)
    throw new FileRefused(`The file begins like GeoJSON and is no JSON: ${(error as Error).message}.`)
  }
  const features = featuresOf(whole)
  return (function* () {
    for (const [at, value] of features.entries()) yield { value, share: (at + 1) / features.length }
  })()
}

function* lineByLine(text: string): Generator<{ value: unknown; share: number }> {
  let at = 0
  while (at < text.length) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = withoutMark(text.slice(at, end)).trim()
    at = end + 1
    if (line === '') continue
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      value = undefined
    }
    yield { value, share: Math.min(1, at / text.length) }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(withoutMark(text))
    return true
  } catch {
    return false
  }
}

/** Sequences of features put a record separator before each (RFC 8142). */
export function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0x1e ? text.slice(1) : text
}

function featuresOf(whole: unknown): readonly unknown[] {
  const { type, features, crs } = (whole ?? {}) as { type?: unknown; features?: unknown; crs?: unknown }
  // The member is of GeoJSON's first version, where it named other coordinates than ours.
  const named = (crs as { properties?: { name?: unknown } } | undefined)?.properties?.name
  if (named !== undefined && !/CRS84|EPSG:{1,2}4326|WGS ?84/i.test(String(named)))
    throw new FileRefused(
      `The coordinates are of ${String(named).slice(0, 80)}; degrees of WGS84 are needed.`,
    )
  if (type === 'Feature') return [whole]
  if (type === 'FeatureCollection' && Array.isArray(features)) return features
  throw new FileRefused('The file is JSON, but neither a FeatureCollection nor a Feature of GeoJSON.')
}

function readFeature(value: unknown) {
  const { type, geometry, properties } = (value ?? {}) as Partial<Feature>
  if (type !== 'Feature') return { why: 'is no feature' }
  const point = pointOf(geometry ?? null)
  if (point === null) return { why: 'has no geometry that could be a place' }
  const words = (properties ?? {}) as Properties
  const address = addressOf(words)
  const name = first(words, ['name', 'name:en', 'title', 'label']) || address
  const kind = first(words, ['kind', 'fclass']) || kindOf(words) || (name === address ? 'address' : '')
  return settlePlace({
    ...{ name, kind, lat: point[1] ?? Number.NaN, lng: point[0] ?? Number.NaN },
    detail: first(words, ['detail', 'address']) || detailOf(words, name === address ? '' : address),
    source: first(words, ['source']),
  })
}

/** `[lng, lat]`; null where there is none. */
function pointOf(geometry: Geometry | null): Position | null {
  if (geometry === null || typeof geometry !== 'object') return null
  if (geometry.type === 'Point') return isPosition(geometry.coordinates) ? geometry.coordinates : null
  try {
    const found = geometry.type === 'LineString' ? centroid(geometry) : pointOnFeature(geometry)
    const { coordinates } = found.geometry
    return isPosition(coordinates) ? coordinates : null
  } catch {
    // Rings that are empty, or made of something else than numbers.
    return null
  }
}

function isPosition(value: unknown): value is Position {
  return Array.isArray(value) && Number.isFinite(value[0]) && Number.isFinite(value[1])
}

function first(words: Properties, keys: readonly string[]): string {
  for (const key of keys) {
    const value = words[key]
    if (typeof value === 'string' && value.trim() !== '') return value
    if (typeof value === 'number') return String(value)
  }
  return ''
}

/** OpenStreetMap's number and street, the number first as in our own. */
function addressOf(words: Properties): string {
  const street = first(words, ['addr:street', 'addr:place'])
  const number = first(words, ['addr:housenumber'])
  return street === '' || number === '' ? '' : `${number} ${street}`
}

function detailOf(words: Properties, address: string): string {
  const area = first(words, ['addr:suburb', 'addr:neighbourhood'])
  const city = first(words, ['addr:city'])
  return [address, area, city].filter((part) => part !== '').join(', ')
}
