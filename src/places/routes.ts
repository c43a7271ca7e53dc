/** Search as you type over the gazetteer: suggestions for the address fields, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { suggestions } from '../../views/rides/address-field.ts'
import type { Companies } from '../companies/companies.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import type { Db } from '../io/postgres.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { tooMany } from '../web/problem.ts'
import { describeQuery, readQuery } from '../web/query.ts'
import type { Shell } from '../web/shell.ts'
import { placeProps, searchPlaces } from './gazetteer.ts'

export interface PlaceRouteDeps {
  readonly shell: Shell
  readonly db: Db
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
const words = z.string().trim().max(120).default('')

const suggestionQuery = z.object({
  q: words,
  field: z.enum(['from', 'to']),
  near: z
    .string()
    .regex(/^-?\d{1,2}(\.\d{1,20})?,-?\d{1,3}(\.\d{1,20})?$/)
    .transform((text) => {
      const [lat = 0, lng = 0] = text.split(',').map(Number)
      return { lat, lng }
    })
    .optional(),
})
const placeQuery = z.object({
  q: words,
  lat: degrees(90),
  lng: degrees(180),
})

export function placeRoutes({ shell, db, limits, companies }: PlaceRouteDeps) {
  async function find(web: WebContext, text: string, near: LatLng | null) {
    const taken = await limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    if (text.length < 2) return []
    const around = near ?? companies.regions[0]?.center
    return searchPlaces(db, { text, ...(around && { near: around }), limit: MOST_SUGGESTIONS })
  }

  return new Elysia({ name: 'places' })
    .use(shell)
    .get('/places', async ({ web, request }) => {
      const query = readQuery(request, suggestionQuery)
      const near = query.near ?? null
      const found = await find(web, query.q, near)
      const places = found.map((hit) => placeProps(hit, near))
      return htmlResponse(String(suggestions({ field: query.field, query: query.q, places })))
    })
    .get(
      '/api/v1/places',
      async ({ web, request }) => {
        const query = readQuery(request, placeQuery)
        const near =
          query.lat === undefined || query.lng === undefined ? null : { lat: query.lat, lng: query.lng }
        const found = await find(web, query.q, near)
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
      describeQuery(placeQuery),
    )
}
