/** Search as you type over the gazetteer: suggestions for the address fields, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type PlaceProps, suggestions } from '../../views/rides/address-field.ts'
import type { Companies } from '../companies/companies.ts'
import { placeOf } from '../companies/page-context.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { searchPlaces } from './gazetteer.ts'
import { nearestPlace } from './nearest.ts'
import { placeProps } from './shown.ts'

export interface PlaceRouteDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly companies: Companies
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
  field: z.enum(['from', 'to']),
  near: point.optional(),
  at: point.optional(),
})
const placeQuery = z.object({
  q: words,
  lat: degrees(90),
  lng: degrees(180),
})

export function placeRoutes({ shell, limits, companies }: PlaceRouteDeps) {
  async function find(request: Request, web: WebContext, text: string, near: LatLng | null) {
    const taken = await limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    if (text.length < 2) return []
    const around = near ?? placeOf(companies, request).region.center
    return searchPlaces(web.db, { text, near: around, limit: MOST_SUGGESTIONS })
  }

  /** What to call a bare point, as its only suggestion; nothing where nothing is near. */
  async function named(web: WebContext, point: LatLng): Promise<PlaceProps[]> {
    const taken = await limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    const nearest = await nearestPlace(web.db, point)
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
        const places =
          query.at === undefined
            ? (await find(request, web, query.q, near)).map((hit) => placeProps(hit, near))
            : await named(web, query.at)
        return htmlResponse(String(suggestions({ field: query.field, query: query.q, places })))
      },
      { query: suggestionQuery },
    )
    .get(
      '/api/v1/places',
      async ({ web, request, query }) => {
        const near =
          query.lat === undefined || query.lng === undefined ? null : { lat: query.lat, lng: query.lng }
        const found = await find(request, web, query.q, near)
        return jsonResponse({
          places: found.map(({ name, detail, kind, lat, lng }) => ({
            name,
            detail,
            kind,
            lat,
            lng,
            ...(near && { distanceM: Math.round(distanceM(near, { lat, lng })) }),
          })),
        })
      },
      { query: placeQuery },
    )
}
