/** The two ends of a ride as points with names: given by the map or a suggestion, else looked up by their words. */
import type { RequestFieldProps } from '../../views/rides/request.ts'
import type { Companies, Region } from '../companies/companies.ts'
import type { Place } from '../companies/page-context.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import { fallbackWords, type Geocoding, placeProps, sameName } from '../places/places.ts'
import type { WebContext } from '../web/context.ts'
import type { QuotedPlace } from './quotes.ts'
import type { QuoteForm } from './shapes.ts'

export const OUTSIDE = 'We do not drive there. Choose a place inside our area.'
export const SAME_PLACE = 'Both ends are the same place. Choose another one to go to.'
/** Closer than this, walking is faster than waiting, and one end is most likely a slip. */
const SHORTEST_M = 30

export type End = 'from' | 'to'
export interface Settled {
  readonly fields: Record<End, RequestFieldProps>
  readonly places: Partial<Record<End, QuotedPlace>>
  readonly region: Region | undefined
  readonly error?: string
}

export interface SettledEnd {
  readonly field: RequestFieldProps
  readonly place?: QuotedPlace
}

export function makeSettle(deps: { readonly companies: Companies; readonly geocoding: Geocoding }) {
  /** Each end as a point with a name: given by the map or a suggestion, else looked up by its words. */
  async function settle(web: WebContext, place: Place, form: Partial<QuoteForm>): Promise<Settled> {
    const from = await settleEnd(web, place, form.from ?? '', pointOf(form.from_lat, form.from_lng))
    const to = await settleEnd(web, place, form.to ?? '', pointOf(form.to_lat, form.to_lng))
    const fields = { from: from.field, to: to.field }
    if (from.place === undefined || to.place === undefined)
      return {
        fields,
        places: { ...(from.place && { from: from.place }), ...(to.place && { to: to.place }) },
        region: undefined,
      }
    const region = deps.companies.regionAt(place.company.id, from.place)
    if (region === undefined)
      return { fields: { ...fields, from: { ...fields.from, error: OUTSIDE } }, places: {}, region }
    if (deps.companies.regionAt(place.company.id, to.place) === undefined)
      return { fields: { ...fields, to: { ...fields.to, error: OUTSIDE } }, places: {}, region: undefined }
    if (nearly(from.place, to.place)) return { fields, places: {}, region: undefined, error: SAME_PLACE }
    return { fields, places: { from: from.place, to: to.place }, region }
  }

  /** One place: its point as given, else looked up by its words; without a place the field says what is wrong. */
  async function settleEnd(
    web: WebContext,
    place: Place,
    text: string,
    point: LatLng | null,
  ): Promise<SettledEnd> {
    if (point !== null) {
      const label = text !== '' ? text : await labelAt(web, point)
      return { field: { text: label, point }, place: { ...point, label } }
    }
    if (text === '')
      return { field: { text, point, error: 'Type an address, a corner or a place, or pick it on the map.' } }
    const near = place.region.center
    const { places: found, fallback } = await deps.geocoding.search(web.db, {
      text,
      near,
      limit: 5,
      typing: false,
    })
    const searched = fallbackWords(fallback)
    const best = found[0]
    if (best === undefined)
      return {
        field: {
          text,
          point,
          error: saying(
            `We know no place called “${text}”. Try a corner, such as “Broadway & Houston”.`,
            searched,
          ),
        },
      }
    // A guess is offered, never taken: the rider would be driven there.
    const named = found.filter(({ name }) => sameName(name, text))
    const isClear = named.length === 1 ? named[0] === best : found.length === 1 && !best.isGuess
    if (!isClear)
      return {
        field: {
          text,
          point,
          error: saying('Several places fit. Choose one of them.', searched),
          choices: found.map((hit) => placeProps(hit, null)),
        },
      }
    const at = { lat: best.lat, lng: best.lng }
    return { field: { text: best.name, point: at }, place: { ...at, label: best.name } }
  }

  async function labelAt(web: WebContext, point: LatLng): Promise<string> {
    const nearest = await deps.geocoding.nearest(web.db, point)
    return nearest?.label ?? `${point.lat.toFixed(5)}, ${point.lng.toFixed(5)}`
  }

  return { settle, settleEnd, labelAt }
}

export function pointOf(lat: number | undefined, lng: number | undefined): LatLng | null {
  return lat === undefined || lng === undefined ? null : normal({ lat, lng })
}

/** Longitude 180 and -180 are one line; we keep the second. */
export function normal(point: LatLng): LatLng {
  return { lat: point.lat, lng: point.lng === 180 ? -180 : point.lng }
}

/** A mistake, with the words about who was asked in vain where there are some. */
export function saying(mistake: string, more: string | null): string {
  return more === null ? mistake : `${mistake} ${more}`
}

export function nearly(a: LatLng, b: LatLng): boolean {
  return distanceM(a, b) < SHORTEST_M
}
