/** What a geocoder elsewhere is to us: two questions and how its answers are read. Pure; who asks is `outside.ts`. */
import type { LatLng } from '../../engine/units.ts'
import { settlePlace } from '../entry.ts'
import type { Place } from '../gazetteer.ts'

export type GeocoderName = 'nominatim' | 'photon' | 'mapbox'

export interface SearchQuestion {
  readonly text: string
  /** Answers near here are meant, to about a kilometre: nobody outside needs to know more. */
  readonly near: LatLng | null
  readonly limit: number
}

export interface Geocoder {
  readonly name: GeocoderName
  /** Whose data it is, to be shown with it. */
  readonly credit: string
  /** Whether it finds what is half typed, and may be asked at every pause of somebody's typing. */
  readonly asYouType: boolean
  searchUrl(question: SearchQuestion): URL
  /** @throws StrangeAnswer when it is not what this service answers with; single places that are none are left out */
  readSearch(body: unknown): Place[]
  reverseUrl(point: LatLng): URL
  /** @returns null where the service knows nothing there */
  readReverse(body: unknown): Place | null
}

export interface GeocoderAddress {
  /** Without a slash at the end; may hold a path. */
  readonly url: string
  readonly key: string | null
  /** Whether answers are kept; some services ask to be told. */
  readonly keepsAnswers: boolean
}

/** It answered, in a way we cannot read. */
export class StrangeAnswer extends Error {
  override name = 'StrangeAnswer'
}

/** An address below the service's own, with its parameters; what is null stays out. */
export function withQuery(
  base: string,
  path: string,
  query: Readonly<Record<string, string | number | null>>,
): URL {
  const url = new URL(`${base}${path}`)
  for (const [name, value] of Object.entries(query))
    if (value !== null) url.searchParams.set(name, String(value))
  return url
}

/** Places that are some, out of what was read; the others are left out. */
export function placesOf(read: readonly (Place | null)[]): Place[] {
  return read.flatMap((raw) => {
    if (raw === null) return []
    const settled = settlePlace({ ...raw, source: '' })
    if (!('place' in settled)) return []
    const { name, kind, lat, lng, detail } = settled.place
    return [{ name, kind, lat, lng, detail }]
  })
}

/** The parts that say something, each once, in order. */
export function joined(parts: readonly (string | undefined)[]): string {
  return [...new Set(parts.filter((part) => part !== undefined && part !== ''))].join(', ')
}

/** "828 Broadway": the number first, as in our own list; empty without both. */
export function doorOf(number: string | undefined, street: string | undefined): string {
  return number === undefined || street === undefined ? '' : `${number} ${street}`
}
