/**
 * Mapbox, geocoding v6. Source: https://docs.mapbox.com/api/search/geocoding/. Answers may be kept only when they were asked
 * for as `permanent`, which Mapbox bills apart. It knows addresses, streets and areas, and no shops or sights.
 */
import { z } from 'zod'
import type { Place } from '../gazetteer.ts'
import { type Geocoder, type GeocoderAddress, placesOf, StrangeAnswer, withQuery } from './geocoder.ts'

/** What Mapbox takes: no semicolon, 256 characters, twenty words. */
const LONGEST = 256
const MOST_WORDS = 20

const collection = z.object({ features: z.array(z.unknown()) })
const feature = z.object({
  properties: z.object({
    feature_type: z.string(),
    name: z.string(),
    name_preferred: z.string().optional(),
    place_formatted: z.string().optional(),
    coordinates: z.object({ longitude: z.number(), latitude: z.number() }),
  }),
})

const KINDS: Readonly<Record<string, string>> = {
  neighborhood: 'neighbourhood',
  locality: 'neighbourhood',
  secondary_address: 'address',
}

export function mapbox({ url, key, keepsAnswers }: GeocoderAddress): Geocoder {
  const common = { access_token: key, language: 'en', permanent: keepsAnswers ? 'true' : null }
  return {
    name: 'mapbox',
    credit: '© Mapbox',
    asYouType: true,
    searchUrl({ text, near, limit }) {
      const q = text.replaceAll(';', ' ').slice(0, LONGEST).split(/\s+/).slice(0, MOST_WORDS).join(' ')
      const proximity = near === null ? null : `${near.lng},${near.lat}`
      return withQuery(url, '/search/geocode/v6/forward', {
        q,
        limit,
        proximity,
        autocomplete: 'true',
        ...common,
      })
    },
    readSearch: (body) => placesOf(featuresOf(body).map(readOne)),
    reverseUrl: ({ lat, lng }) =>
      withQuery(url, '/search/geocode/v6/reverse', { longitude: lng, latitude: lat, ...common }),
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
  const {
    feature_type: type,
    name,
    name_preferred: preferred,
    place_formatted: area,
    coordinates,
  } = read.data.properties
  return {
    name: preferred ?? name,
    kind: KINDS[type] ?? type,
    ...{ lat: coordinates.latitude, lng: coordinates.longitude },
    detail: area ?? '',
  }
}
