/** Photon, search as you type on OpenStreetMap. Source: https://github.com/komoot/photon, its `/api` and `/reverse`. */
import { z } from 'zod'
import type { Place } from '../gazetteer.ts'
import { ourWord } from '../osm-words.ts'
import {
  doorOf,
  type Geocoder,
  type GeocoderAddress,
  joined,
  placesOf,
  StrangeAnswer,
  withQuery,
} from './geocoder.ts'

const text = z.string().optional()
const collection = z.object({ features: z.array(z.unknown()) })
const feature = z.object({
  geometry: z.object({ type: z.literal('Point'), coordinates: z.tuple([z.number(), z.number()]) }),
  properties: z.object({
    name: text,
    housenumber: text,
    street: text,
    locality: text,
    district: text,
    city: text,
    county: text,
    osm_key: text,
    osm_value: text,
    type: text,
  }),
})

export function photon({ url }: GeocoderAddress): Geocoder {
  return {
    name: 'photon',
    credit: '© OpenStreetMap contributors',
    asYouType: true,
    searchUrl: ({ text: q, near, limit }) =>
      withQuery(url, '/api', { q, limit, lang: 'en', lat: near?.lat ?? null, lon: near?.lng ?? null }),
    readSearch: (body) => placesOf(featuresOf(body).map(readOne)),
    reverseUrl: ({ lat, lng }) => withQuery(url, '/reverse', { lat, lon: lng, limit: 1, lang: 'en' }),
    readReverse: (body) => placesOf(featuresOf(body).map(readOne))[0] ?? null,
  }
}

function featuresOf(body: unknown): unknown[] {
  const read = collection.safeParse(body)
  if (!read.success) throw new StrangeAnswer('a FeatureCollection was expected')
  return read.data.features
}

function readOne(value: unknown): Place | null {
  const read = feature.safeParse(value)
  if (!read.success) return null
  const { coordinates } = read.data.geometry
  const {
    name,
    housenumber,
    street,
    locality,
    district,
    city,
    county,
    osm_value: kind,
  } = read.data.properties
  const door = doorOf(housenumber, street)
  const own = name ?? (door || street || '')
  return {
    name: own,
    kind: own === door ? 'address' : ourWord(kind ?? ''),
    ...{ lat: coordinates[1], lng: coordinates[0] },
    detail: joined([own === door ? undefined : door || street, district ?? locality, city ?? county]),
  }
}
