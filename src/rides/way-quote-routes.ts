/** Another way for a ride that has its price: where it shall go, and what that costs. */
import { Elysia } from 'elysia'
import type { RequestFieldProps } from '../../views/rides/request.ts'
import { type WayFormProps, wayFormPage } from '../../views/rides/way-pages.ts'
import { pageContext } from '../companies/page-context.ts'
import type { LatLng } from '../engine/units.ts'
import { makeChangeQuote } from '../fares/change-quotes.ts'
import { fareLineProps } from '../fares/lines.ts'
import { findQuote, type QuotedPlace } from '../fares/quotes.ts'
import { makeSettle, nearly, normal, OUTSIDE, pointOf } from '../fares/settle.ts'
import { STOP_FIELDS } from '../fares/shapes.ts'
import { tariffById } from '../fares/tariffs.ts'
import { legThrough } from '../fares/through.ts'
import { act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { type FieldError, HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { RefusalProblem, refusalProblem } from './refusals.ts'
import { findRide, type LoadedRide, ridersThing } from './rides.ts'
import { rideParams } from './shapes.ts'
import { isReached } from './stops.ts'
import { type ChangeForm, changeForm, changeQuery, changeQuoteBody } from './way-shapes.ts'
import {
  type Asked,
  aheadOf,
  changeable,
  dropoffOf,
  stopOf,
  type Under,
  type WayRouteDeps,
} from './way-under.ts'

interface WantedWay {
  readonly to: QuotedPlace
  /** Those ahead. */
  readonly stops: readonly QuotedPlace[]
}

/** Older than this, nobody knows how far the car has come. */
const SEEN_WITHIN_MS = 120_000
const SAME_WAY = 'It goes there already. Choose another place, or keep it as it is.'
const TWICE = 'The car is there already by then. Choose another place, or leave this stop out.'

export function wayQuoteRoutes(deps: WayRouteDeps) {
  const { random } = deps
  const secrets = deps.config.sessionSecrets
  const { settleEnd, labelAt } = makeSettle(deps)

  /** Where the way leads in all, the car's own place too while somebody is on board. */
  function placesOf({ ride, stops }: Under, { to, stops: ahead }: WantedWay): LatLng[] {
    const car = ride.state === 'in_progress' ? carOf(ride) : []
    return [{ lat: ride.pickup_lat, lng: ride.pickup_lng }, ...stops.filter(isReached), ...car, ...ahead, to]
  }

  function carOf(ride: LoadedRide): LatLng[] {
    const seen = ride.driver_id === null ? null : (deps.fleet.car(ride.driver_id)?.position ?? null)
    if (seen === null || deps.clock.nowMs() - seen.atMs > SEEN_WITHIN_MS)
      throw new RefusalProblem('car_not_seen')
    return [{ lat: seen.lat, lng: seen.lng }]
  }

  /** What is wrong with a way, by field; none for one that can be priced. */
  function mistakesOf(under: Under, { to, stops }: WantedWay): FieldError[] {
    const { ride } = under
    const companyId = ride.company_id
    const fields = [...stops.map((stop, n) => [STOP_FIELDS[n]!, stop] as const), ['to', to] as const]
    const outside = fields
      .filter(([, at]) => deps.companies.regionAt(companyId, at) === undefined)
      .map(([field]) => ({ field, message: OUTSIDE }))
    if (outside.length > 0) return outside
    const start = under.stops.filter(isReached).at(-1) ?? { lat: ride.pickup_lat, lng: ride.pickup_lng }
    const twice = fields
      .filter(([, at], n) => nearly(n === 0 ? start : fields[n - 1]![1], at))
      .map(([field]) => ({ field, message: TWICE }))
    if (twice.length > 0) return twice
    const isSame =
      nearly(to, { lat: ride.dropoff_lat, lng: ride.dropoff_lng }) && samePlaces(stops, aheadOf(under.stops))
    return isSame ? [{ field: 'to', message: SAME_WAY }] : []
  }

  /** Price a way, and lead to where it can be asked for. */
  async function price(asked: Asked, under: Under, wanted: WantedWay): Promise<Response> {
    const { ride } = under
    const region = deps.companies.region(ride.region_id)
    if (region === undefined) throw notThere()
    const taken = await deps.limits.take('quotes_address', asked.web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    const places = placesOf(under, wanted)
    // Before the unit of work: a road engine may take its time, and no transaction waits for it.
    const leg = await legThrough(deps.roads, region, places)
    const route = `POST /rides/${ride.id}/change`
    return act(deps, { ...asked, route, keyless: true }, async (unit, viewer) => {
      requireWelcome(viewer, ride.company_id)
      const now = await findRide(unit.db, ride.company_id, ride.id)
      if (now === undefined || !mayReach(asked.web, ridersThing(now))) throw notThere()
      if (now.quote_id !== ride.quote_id) throw refusalProblem('changed_meanwhile')
      const promise = await findQuote(unit.db, ride.company_id, ride.quote_id)
      if (promise === undefined) throw notThere()
      const tariff = await tariffById(unit.db, ride.company_id, ride.tariff_id)
      const quote = await makeChangeQuote(
        unit,
        { random, secret: secrets[0]! },
        {
          ...{ promise, tariff, leg, places, riderId: ride.rider_id, dropoff: wanted.to },
          stops: [...under.stops.filter(isReached).map(stopOf), ...wanted.stops],
        },
      )
      return {
        location: `/rides/${ride.id}/changes/${quote.id}`,
        status: 201,
        json: {
          quoteId: quote.id,
          fareMinor: quote.fare_minor,
          fareNowMinor: ride.fare_minor,
          currency: quote.currency,
          distanceM: Math.round(quote.distance_m),
          addsM: Math.round(quote.distance_m - ride.distance_m),
          durationS: Math.round(quote.duration_s),
          stops: quote.stops,
          lines: fareLineProps(quote.lines, { currency: quote.currency, taxLabel: tariff.taxLabel }),
          expiresAtMs: quote.expires_at.getTime(),
        },
      }
    })
  }

  /** The form as it was sent, or as the ride is now, with what is wrong where. */
  function formMarkup(
    asked: Pick<Asked, 'request' | 'web'>,
    { ride, place, stops }: Under,
    fields: Pick<WayFormProps, 'to' | 'stops'>,
    error?: string,
  ): string {
    return String(
      wayFormPage(pageContext(deps, { ...asked, place }), {
        ...fields,
        rideId: ride.id,
        dropoffLabel: ride.dropoff_label,
        passed: stops.filter(isReached).map(({ label }) => label),
        isDriven: ride.driver_id !== null,
        key: random.uuid(),
        ...(error !== undefined && { error }),
      }),
    )
  }

  /** Every field as a place, or as it is to be shown again. */
  async function settled(web: WebContext, under: Under, form: ChangeForm) {
    const to = await settleEnd(web, under.place, form.to, pointOf(form.to_lat, form.to_lng))
    const typed = STOP_FIELDS.map((name) => ({
      text: form[name],
      point: pointOf(form[`${name}_lat`], form[`${name}_lng`]),
    })).filter(({ text }) => text.trim() !== '')
    const stops = await Promise.all(typed.map(({ text, point }) => settleEnd(web, under.place, text, point)))
    const fields = { to: to.field, stops: stops.map(({ field }) => field) }
    const places = stops.flatMap(({ place }) => place ?? [])
    const wanted =
      to.place === undefined || places.length < stops.length ? null : { to: to.place, stops: places }
    return { fields, wanted }
  }

  return new Elysia({ name: 'way-quotes' })
    .use(deps.shell)
    .get(
      '/rides/:id/change',
      async ({ request, web, params, query }) => {
        const under = await changeable(deps, { request, web }, params.id)
        const asked = { request, web }
        if (query.to === '' && STOP_FIELDS.every((name) => query[name] === ''))
          return htmlResponse(
            formMarkup(asked, under, {
              to: { text: '', point: null },
              stops: aheadOf(under.stops).map(({ label, lat, lng }) => ({
                text: label,
                point: { lat, lng },
              })),
            }),
          )
        return htmlResponse(formMarkup(asked, under, fieldsOf(query)))
      },
      { params: rideParams, query: changeQuery },
    )
    .post(
      '/rides/:id/change',
      async ({ request, web, params, body }) => {
        const asked = { request, web, body }
        const under = await changeable(deps, asked, params.id)
        // Who leaves the end empty keeps it: they want a stop on the way.
        const to = body.to.trim() === '' ? keptEnd(under.ride) : {}
        const { fields, wanted } = await settled(web, under, { ...body, ...to })
        if (wanted === null) return htmlResponse(formMarkup(asked, under, fields), 422)
        const mistakes = mistakesOf(under, wanted)
        if (mistakes.length > 0) {
          const again = withMistakes(fields, mistakes)
          return htmlResponse(formMarkup(asked, under, again), 422)
        }
        try {
          return await price(asked, under, wanted)
        } catch (error) {
          if (!(error instanceof RefusalProblem)) throw error
          return htmlResponse(formMarkup(asked, under, fields, error.detail), 409)
        }
      },
      { params: rideParams, body: changeForm },
    )
    .post(
      '/api/v1/rides/:id/change-quotes',
      async ({ request, web, params, body }) => {
        const asked = { request, web, body }
        const under = await changeable(deps, asked, params.id)
        const named = async (at: { lat: number; lng: number; label?: string | undefined }) => ({
          ...normal(at),
          label: at.label || (await labelAt(web, at)),
        })
        const wanted: WantedWay = {
          to:
            body.to === undefined
              ? { ...dropoffOf(under.ride), label: under.ride.dropoff_label }
              : await named(body.to),
          stops:
            body.stops === undefined
              ? aheadOf(under.stops).map(stopOf)
              : await Promise.all(body.stops.map(named)),
        }
        const mistakes = mistakesOf(under, wanted)
        if (mistakes.length > 0) throw new HttpProblem(422, mistakes[0]!.message, { errors: mistakes })
        return price(asked, under, wanted)
      },
      { params: rideParams, body: changeQuoteBody },
    )
}

function keptEnd(ride: LoadedRide) {
  return { to: ride.dropoff_label, to_lat: ride.dropoff_lat, to_lng: ride.dropoff_lng }
}

function samePlaces(some: readonly LatLng[], others: readonly LatLng[]): boolean {
  return some.length === others.length && some.every((at, n) => nearly(at, others[n]!))
}

/** A form's fields as they came, each with its mistake. */
function withMistakes(
  { to, stops }: Pick<WayFormProps, 'to' | 'stops'>,
  mistakes: readonly FieldError[],
): Pick<WayFormProps, 'to' | 'stops'> {
  const marked = (name: string, field: RequestFieldProps): RequestFieldProps => {
    const mistake = mistakes.find((one) => one.field === name)
    return mistake === undefined ? field : { ...field, error: mistake.message }
  }
  return {
    to: marked('to', to),
    stops: stops.map((stop, n) => marked(STOP_FIELDS[n]!, stop)),
  }
}

function fieldsOf(query: Omit<ChangeForm, 'key'>): Pick<WayFormProps, 'to' | 'stops'> {
  return {
    to: { text: query.to, point: pointOf(query.to_lat, query.to_lng) },
    stops: STOP_FIELDS.flatMap((name) =>
      query[name] === ''
        ? []
        : [{ text: query[name], point: pointOf(query[`${name}_lat`], query[`${name}_lng`]) }],
    ),
  }
}
