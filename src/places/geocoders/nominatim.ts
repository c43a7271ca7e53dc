/**
 * Nominatim, OpenStreetMap's own geocoder. Source: https://nominatim.org/release-docs/latest/api/Search/ and Reverse/,
 * format `jsonv2`. It finds whole words only, and the public server forbids asking it while somebody types.
 */
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

/** Half the box that is preferred, in degrees of latitude: some 40 km. */
const VIEW_DEG = 0.35

const text = z.string().optional()
const result = z.object({
  lat: z.string(),
  lon: z.string(),
  category: text,
  type: text,
  name: z.string().nullish(),
  display_name: z.string(),
  address: z
    .object({
      house_number: text,
      road: text,
      neighbourhood: text,
      suburb: text,
      city_district: text,
      city: text,
      town: text,
      village: text,
    })
    .optional(),
})

export function nominatim({ url }: GeocoderAddress): Geocoder {
  const common = { format: 'jsonv2', addressdetails: 1, 'accept-language': 'en' }
  return {
    name: 'nominatim',
    credit: '© OpenStreetMap contributors',
    asYouType: false,
    searchUrl({ text: q, near, limit }) {
      const box =
        near === null
          ? null
          : [near.lng - VIEW_DEG, near.lat + VIEW_DEG, near.lng + VIEW_DEG, near.lat - VIEW_DEG]
              .map((degrees) => degrees.toFixed(2))
              .join(',')
      return withQuery(url, '/search', { q, ...common, limit, viewbox: box })
    },
    readSearch(body) {
      const list = z.array(z.unknown()).safeParse(body)
      if (!list.success) throw new StrangeAnswer('a list was expected')
      return placesOf(list.data.map(readOne))
    },
    reverseUrl: ({ lat, lng }) => withQuery(url, '/reverse', { lat, lon: lng, ...common, zoom: 18 }),
    readReverse(body) {
      if (z.object({ error: z.unknown() }).safeParse(body).success) return null
      const place = readOne(body)
      if (place === null) throw new StrangeAnswer('a place was expected')
      return placesOf([place])[0] ?? null
    },
  }
}

function readOne(value: unknown): Place | null {
  const read = result.safeParse(value)
  if (!read.success) return null
  const { lat, lon, category, type, name, display_name: whole, address = {} } = read.data
  const door = doorOf(address.house_number, address.road)
  const own = name?.trim() || door || whole.split(',')[0] || ''
  const isDoor = own === door || category === 'building' || (category === 'place' && type === 'house')
  return {
    name: own,
    kind: isDoor && own === door ? 'address' : ourWord(type ?? ''),
    ...{ lat: Number(lat), lng: Number(lon) },
    detail: joined([
      own === door ? undefined : door || address.road,
      address.neighbourhood ?? address.suburb ?? address.city_district,
      address.city ?? address.town ?? address.village,
    ]),
  }
}
