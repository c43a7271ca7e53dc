/** Search as you type over the gazetteer: suggestions for the address fields, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { FIELD_NAMES, type PlaceProps, suggestions } from '../../views/rides/address-field.ts'
import type { Companies } from '../companies/companies.ts'
import { placeOf } from '../companies/page-context.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { fallbackWords } from './fallback-words.ts'
import type { Found, Geocoding } from './geocoding.ts'
import type { NearestPlace } from './nearest.ts'
import { ownPlaces } from './own.ts'
import { ownSuggestions, placeProps } from './shown.ts'

export interface PlaceRouteDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly companies: Companies
  readonly geocoding: Geocoding
}

const MOST_SUGGESTIONS = 6
/** Written as digits: an empty text is no place, though Number makes it 0. */
const degrees = (limit: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d{1,20})?$/)
    .transform(Number)
    .pipe(z.number().min(-limit).max(limit))
    .optional()
const point = z
  .string()
  .regex(/^-?\d{1,2}(\.\d{1,20})?,-?\d{1,3}(\.\d{1,20})?$/)
  .transform((text) => {
    const [lat = 0, lng = 0] = text.split(',').map(Number)
    return { lat, lng }
  })
  .refine(({ lat, lng }) => Math.abs(lat) <= 90 && Math.abs(lng) <= 180)
const words = z.string().trim().max(120).default('')

const suggestionQuery = z.object({
  q: words,
  field: z.enum(FIELD_NAMES),
  near: point.optional(),
  at: point.optional(),
})
const placeQuery = z.object({
  q: words,
  lat: degrees(90),
  lng: degrees(180),
  /** All of it is typed: geocoders that find whole words alone are asked too. */
  finished: z.enum(['true', 'false']).default('false'),
})
const pointQuery = z.object({ lat: degrees(90).unwrap(), lng: degrees(180).unwrap() })

export function placeRoutes({ shell, limits, companies, geocoding }: PlaceRouteDeps) {
  async function find(
    { request, web }: { request: Request; web: WebContext },
    { text, near, typing }: { text: string; near: LatLng | null; typing: boolean },
  ): Promise<Found> {
    const taken = await limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    if (text.length < 2) return { places: [], fallback: null, credit: null }
    const around = near ?? placeOf(companies, request).region.center
    return geocoding.search(web.db, { text, near: around, limit: MOST_SUGGESTIONS, typing })
  }

  async function nearestTo(web: WebContext, point: LatLng): Promise<NearestPlace | null> {
    const taken = await limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    return geocoding.nearest(web.db, { lat: point.lat, lng: point.lng === 180 ? -180 : point.lng })
  }

  /** What to call a bare point, as its only suggestion; nothing where nothing is near. */
  async function named(web: WebContext, point: LatLng): Promise<PlaceProps[]> {
    const nearest = await nearestTo(web, point)
    if (nearest === null) return []
    const label = nearest.label.charAt(0).toLocaleUpperCase('en') + nearest.label.slice(1)
    return [{ ...placeProps(nearest.place, point), label, point }]
  }

  return new Elysia({ name: 'places' })
    .use(shell)
    .get(
      '/places',
      async ({ web, request, query }) => {
        const near = query.near ?? null
        const props = { field: query.field, query: query.q }
        if (query.at !== undefined)
          return htmlResponse(String(suggestions({ ...props, places: await named(web, query.at) })))
        if (query.q === '' && web.viewer !== null) {
          const { company } = placeOf(companies, request)
          const own = await ownPlaces(web.db, company.id, web.viewer.identityId)
          return htmlResponse(String(suggestions({ ...props, places: ownSuggestions(own) })))
        }
        const found = await find({ request, web }, { text: query.q, near, typing: true })
        const note = fallbackWords(found.fallback)
        return htmlResponse(
          String(
            suggestions({
              ...{ ...props, places: found.places.map((hit) => placeProps(hit, near)) },
              ...(note !== null && { note }),
              ...(found.credit !== null && { credit: found.credit }),
            }),
          ),
        )
      },
      { query: suggestionQuery },
    )
    .get(
      '/api/v1/places',
      async ({ web, request, query }) => {
        const near =
          query.lat === undefined || query.lng === undefined ? null : { lat: query.lat, lng: query.lng }
        const typing = query.finished === 'false'
        const found = await find({ request, web }, { text: query.q, near, typing })
        return jsonResponse({
          places: found.places.map(({ name, detail, kind, lat, lng }) => ({
            name,
            detail,
            kind,
            lat,
            lng,
            ...(near && { distanceM: Math.round(distanceM(near, { lat, lng })) }),
          })),
          fallback: found.fallback,
          credit: found.credit,
        })
      },
      { query: placeQuery },
    )
    .get(
      '/api/v1/places/nearest',
      async ({ web, query }) => {
        const nearest = await nearestTo(web, query)
        if (nearest === null) return jsonResponse({ nearest })
        const { label, place, distanceM: awayM } = nearest
        return jsonResponse({ nearest: { label, ...place, distanceM: Math.round(awayM) } })
      },
      { query: pointQuery },
    )
}
