/** Another way for a ride that has its price: looking at what it costs, asking for it, and the driver's answer. */
import { Elysia } from 'elysia'
import type { RequestFieldProps } from '../../views/rides/request.ts'
import { type WayFormProps, wayFormPage, wayOfferPage } from '../../views/rides/way-pages.ts'
import { type Place, pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { LatLng, QuoteId, RideId } from '../engine/units.ts'
import { makeChangeQuote } from '../fares/change-quotes.ts'
import { fareLineProps } from '../fares/lines.ts'
import { findQuote, type LoadedQuote, type QuotedPlace } from '../fares/quotes.ts'
import { makeSettle, nearly, normal, OUTSIDE, pointOf } from '../fares/settle.ts'
import { STOP_FIELDS } from '../fares/shapes.ts'
import { tariffById } from '../fares/tariffs.ts'
import { legThrough } from '../fares/through.ts'
import type { Geocoding } from '../places/places.ts'
import type { Fleet } from '../positions/fleet.ts'
import { act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, seeOther, type WebContext } from '../web/context.ts'
import { type FieldError, HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { rideJson } from './json.ts'
import { orTellDriver, RefusalProblem, refusalProblem, wordsFor } from './refusals.ts'
import { findRide, type LoadedRide, ridersThing } from './rides.ts'
import type { RideRouteDeps } from './routes.ts'
import { rideParams } from './shapes.ts'
import { isReached, type LoadedStop, stopsOfRide } from './stops.ts'
import { answerChange, askChange, noChangeOf, withdrawChange } from './way-changes.ts'
import {
  answerBody,
  answerForm,
  answerParams,
  askChangeBody,
  askChangeForm,
  type ChangeForm,
  changeForm,
  changeParams,
  changeQuery,
  changeQuoteBody,
  onlyKeyForm,
} from './way-shapes.ts'

export interface WayRouteDeps extends RideRouteDeps {
  readonly geocoding: Geocoding
  readonly fleet: Pick<Fleet, 'car'>
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

/** The ride, the company on whose pages it is, and where the car is to go as of now. */
interface Under {
  readonly ride: LoadedRide
  readonly place: Place
  readonly stops: readonly LoadedStop[]
}

interface WantedWay {
  readonly to: QuotedPlace
  /** Those ahead. */
  readonly stops: readonly QuotedPlace[]
}

/** Older than this, nobody knows how far the car has come. */
const SEEN_WITHIN_MS = 120_000
const SAME_WAY = 'It goes there already. Choose another place, or keep it as it is.'
const TWICE = 'The car is there already by then. Choose another place, or leave this stop out.'

export function wayRoutes(deps: WayRouteDeps) {
  const { random } = deps
  const secrets = deps.config.sessionSecrets
  const { settleEnd, labelAt } = makeSettle(deps)

  /** The viewer's own ride. @throws HttpProblem 404, or 409 for a ride that can go no other way */
  async function changeable(
    { request, web }: Pick<Asked, 'request' | 'web'>,
    rideId: string,
  ): Promise<Under> {
    const place = placeOf(deps.companies, request)
    const ride = await findRide(web.db, place.company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    const hindrance = noChangeOf(ride)
    if (hindrance !== null) throw refusalProblem(hindrance)
    return { ride, place, stops: await stopsOfRide(web.db, ride.company_id, ride.id) }
  }

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

  async function offerMarkup(
    asked: Pick<Asked, 'request' | 'web'>,
    under: Under,
    quoteId: string,
    error?: string,
  ): Promise<string> {
    const { ride, place } = under
    const quote = await findQuote(asked.web.db, ride.company_id, quoteId as QuoteId)
    if (quote === undefined || quote.replaces !== ride.quote_id) throw refusalProblem('changed_meanwhile')
    const { taxLabel } = await tariffById(asked.web.db, ride.company_id, ride.tariff_id)
    const reached = under.stops.filter(isReached).length
    const ahead = quote.stops.slice(reached)
    const places = [pickupOf(ride), ...quote.stops, dropoffOf(quote)]
    return String(
      wayOfferPage(pageContext(deps, { ...asked, place }), {
        rideId: ride.id,
        quoteId: quote.id,
        to: { label: quote.dropoff_label, point: dropoffOf(quote) },
        pickup: pickupOf(ride),
        stops: quote.stops.map(({ label, lat, lng }) => ({ label, point: { lat, lng } })),
        way: await deps.roads.way(places),
        addedStops: ahead
          .filter((stop) => !aheadOf(under.stops).some((old) => nearly(old, stop)))
          .map(({ label }) => label),
        isElsewhere: !nearly(dropoffOf(quote), dropoffOf(ride)),
        addsM: quote.distance_m - ride.distance_m,
        addsS: quote.duration_s - ride.duration_s,
        fareNowMinor: ride.fare_minor,
        fareMinor: quote.fare_minor,
        currency: quote.currency,
        lines: fareLineProps(quote.lines, { currency: quote.currency, taxLabel }),
        oldLabel: ride.dropoff_label,
        isDriven: ride.driver_id !== null,
        heldUntilMs: quote.expires_at.getTime(),
        nowMs: deps.clock.nowMs(),
        again: againQuery(quote, ahead),
        key: random.uuid(),
        ...(error !== undefined && { error }),
      }),
    )
  }

  function ask(asked: Asked, rideId: string, quoteId: string): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/changes` }, async (unit, viewer) => {
      requireWelcome(viewer, company.id)
      const answer = await askChange(
        unit,
        { random, secrets },
        {
          ...{ companyId: company.id, rideId: rideId as RideId, riderId: viewer.identityId },
          quoteId: quoteId as QuoteId,
        },
      )
      if (!answer.ok) throw refusalProblem(answer.reason)
      const { change, ride } = answer.value
      return {
        location: `/rides/${rideId}`,
        status: 201,
        json: {
          ...{ id: change.id, state: change.state, expiresAtMs: change.expires_at.getTime() },
          ride: rideJson(ride),
        },
      }
    })
  }

  function withdraw(asked: Asked, rideId: string): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    const route = `POST /rides/${rideId}/changes/withdrawal`
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const withdrawn = await withdrawChange(unit, random, {
        ...{ companyId: company.id, rideId: rideId as RideId, riderId: viewer.identityId },
      })
      if (!withdrawn.ok) throw refusalProblem(withdrawn.reason)
      return { location: `/rides/${rideId}`, json: rideJson(withdrawn.value) }
    })
  }

  function answer(asked: Asked, { id, change }: { id: string; change: string }, agrees: boolean) {
    const route = `POST /rides/${id}/changes/${change}/answer`
    const work: Parameters<typeof act>[2] = async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const answered = await answerChange(unit, random, {
        ...{ companyId: driver.company_id, rideId: id as RideId, driverId: driver.id, changeId: change },
        ...{ agrees, actor: { kind: 'driver', id: viewer.identityId } },
      })
      if (!answered.ok) throw refusalProblem(answered.reason)
      return { location: '/driver', json: rideJson(answered.value) }
    }
    return orTellDriver(asked.web, act(deps, { ...asked, route }, work))
  }

  /** A refusal is told on the ride's own page where there is nothing left to decide here. */
  async function orBackToRide(web: WebContext, rideId: string, answer: Promise<Response>): Promise<Response> {
    try {
      return await answer
    } catch (error) {
      if (web.wantsJson || !(error instanceof RefusalProblem)) throw error
      return seeOther(`/rides/${rideId}`)
    }
  }

  return new Elysia({ name: 'ways' })
    .use(deps.shell)
    .get(
      '/rides/:id/change',
      async ({ request, web, params, query }) => {
        const under = await changeable({ request, web }, params.id)
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
        const under = await changeable(asked, params.id)
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
        const under = await changeable(asked, params.id)
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
    .get(
      '/rides/:id/changes/:quote',
      async ({ request, web, params }) =>
        orBackToRide(
          web,
          params.id,
          (async () => {
            const under = await changeable({ request, web }, params.id)
            return htmlResponse(await offerMarkup({ request, web }, under, params.quote))
          })(),
        ),
      { params: changeParams },
    )
    .post(
      '/rides/:id/changes',
      async ({ request, web, params, body }) => {
        try {
          return await ask({ request, web, body }, params.id, body.quote_id)
        } catch (error) {
          if (!(error instanceof RefusalProblem)) throw error
          return orBackToRide(
            web,
            params.id,
            (async () => {
              const under = await changeable({ request, web }, params.id)
              const words = wordsFor(error.reason)
              return htmlResponse(await offerMarkup({ request, web }, under, body.quote_id, words), 409)
            })(),
          )
        }
      },
      { params: rideParams, body: askChangeForm },
    )
    .post(
      '/api/v1/rides/:id/changes',
      ({ request, web, params, body }) => ask({ request, web, body }, params.id, body.quoteId),
      { params: rideParams, body: askChangeBody },
    )
    .post(
      '/rides/:id/changes/withdrawal',
      ({ request, web, params, body }) =>
        orBackToRide(web, params.id, withdraw({ request, web, body }, params.id)),
      { params: rideParams, body: onlyKeyForm },
    )
    .post(
      '/api/v1/rides/:id/changes/withdrawal',
      ({ request, web, params, body }) => withdraw({ request, web, body }, params.id),
      { params: rideParams, body: onlyKeyForm },
    )
    .post(
      '/rides/:id/changes/:change/answer',
      ({ request, web, params, body }) => answer({ request, web, body }, params, body.answer === 'agree'),
      { params: answerParams, body: answerForm },
    )
    .post(
      '/api/v1/rides/:id/changes/:change/answer',
      ({ request, web, params, body }) => answer({ request, web, body }, params, body.agrees),
      { params: answerParams, body: answerBody },
    )
}

function aheadOf(stops: readonly LoadedStop[]): LoadedStop[] {
  return stops.filter((stop) => !isReached(stop))
}

function stopOf({ lat, lng, label }: LoadedStop): QuotedPlace {
  return { lat, lng, label }
}

function pickupOf(ride: LoadedRide): LatLng {
  return { lat: ride.pickup_lat, lng: ride.pickup_lng }
}

function dropoffOf(of: Pick<LoadedRide | LoadedQuote, 'dropoff_lat' | 'dropoff_lng'>): LatLng {
  return { lat: of.dropoff_lat, lng: of.dropoff_lng }
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

/** The form as it was for this price, to be asked anew. */
function againQuery(
  quote: LoadedQuote,
  ahead: readonly { lat: number; lng: number; label: string }[],
): string {
  const query = new URLSearchParams()
  const fields = [
    ['to', { ...dropoffOf(quote), label: quote.dropoff_label }] as const,
    ...ahead.map((stop, n) => [STOP_FIELDS[n]!, stop] as const),
  ]
  for (const [name, { label, lat, lng }] of fields) {
    query.set(name, label)
    query.set(`${name}_lat`, String(lat))
    query.set(`${name}_lng`, String(lng))
  }
  return query.toString()
}
