/** From two addresses to a price in every class: the request form, the quotes, and the same for programs. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type EndProps, type QuotesProps, quotesPage } from '../../views/rides/quotes.ts'
import { type RequestProps, requestPage } from '../../views/rides/request.ts'
import type { Region } from '../companies/companies.ts'
import { type Flags, requireTakingRides } from '../companies/flags.ts'
import { type PageDeps, type Place, pageContext, placeOf } from '../companies/page-context.ts'
import { attributeBits, attributesIn } from '../engine/attributes.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import { type Geocoding, ownPlaces } from '../places/places.ts'
import type { Roads } from '../roads/roads.ts'
import { type ActDeps, actOpenly } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { settleStops, stopMistakes, stopsTyped, withMistakes } from './asked-stops.ts'
import { type Collision, collisionsWith } from './collisions.ts'
import { openFreeWaits, tellOf } from './free-waits.ts'
import { fareLineProps } from './lines.ts'
import { promoWords, usablePromo } from './promos.ts'
import {
  arriveByMs,
  CLASS_SEATS,
  type LoadedQuote,
  makeQuotes,
  type QuoteDeps,
  type QuotedPlace,
  quoteSet,
  quotesThing,
} from './quotes.ts'
import { type End, makeSettle, nearly, normal, OUTSIDE, pointOf, SAME_PLACE } from './settle.ts'
import { neededOf, quoteBody, quoteForm, quotesQuery, requestQuery } from './shapes.ts'
import type { SurgeNow } from './surge.ts'
import { busyOf, quotedSurge, surgeMinor } from './surge-told.ts'
import { taxLabels } from './tariffs.ts'
import { legThrough } from './through.ts'
import { aheadRefusalWords, wantedAt, whenFormOf, whenProps } from './when.ts'

export interface FareRouteDeps extends ActDeps, PageDeps, QuoteDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly flags: Flags
  readonly geocoding: Geocoding
  readonly surge: Pick<SurgeNow, 'at'>
  readonly roads: Pick<Roads, 'leg' | 'way'>
}

const NO_PRICES = 'No prices are set here yet.'
export function fareRoutes(deps: FareRouteDeps) {
  const { settle, settleEnd, labelAt } = makeSettle(deps)

  async function ask(
    request: Request,
    web: WebContext,
    place: Place,
    props: Omit<RequestProps, 'key' | 'mapCenter' | 'places'>,
  ): Promise<string> {
    const ctx = pageContext(deps, { request, web, place })
    const places = await ownPlaces(web.db, place.company.id, web.viewer?.identityId ?? null)
    const more = { places, key: deps.random.uuid(), mapCenter: place.region.center }
    return String(requestPage(ctx, { ...props, ...more }))
  }

  /** Prices, once per one-time key: a form sent twice leads to the same ones. */
  async function quote(
    asked: { request: Request; web: WebContext; body: unknown },
    place: Place,
    wanted: {
      region: Region
      from: QuotedPlace
      to: QuotedPlace
      stops: readonly QuotedPlace[]
      seats: number
      /** What the car must have, in bits. */
      attributes: number
      scheduledForMs: number | undefined
      /** The booking these prices are to change. */
      change?: string | undefined
      /** A code to take something off. */
      code?: string | undefined
    },
  ): Promise<Response> {
    requireWelcome(asked.web.viewer, place.company.id)
    requireTakingRides(deps.flags, place.company)
    if (asked.web.viewer === null && !deps.flags.isOn(place.company.id, 'visitor_prices'))
      throw new HttpProblem(asked.web.wantsJson ? 401 : 403, 'Sign in to see prices.', {
        leadTo: '/sign-in?next=%2Frequest',
      })
    const taken = await deps.limits.take('quotes_address', asked.web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    // Before the unit of work: a road engine may take its time, and no transaction waits for it.
    const places = [wanted.from, ...wanted.stops, wanted.to]
    const leg = await legThrough(deps.roads, wanted.region, places, wanted.scheduledForMs)
    return actOpenly(
      { ...deps, db: asked.web.db },
      { ...asked, route: 'POST /quotes', keyless: true },
      async (unit, viewer) => {
        // A rush of now says nothing about the hour of a ride booked ahead.
        const isNow = wanted.scheduledForMs === undefined
        const here = isNow ? deps.surge.at(wanted.region.id, wanted.from) : null
        const busy = here === null ? null : await quotedSurge(unit.db, here)
        const tried = await tryCode(unit, place, wanted, viewer?.identityId ?? null)
        if (tried?.ok === false && asked.web.wantsJson)
          throw new HttpProblem(422, promoWords(tried.reason) ?? tried.reason, {
            errors: [{ field: 'code', message: promoWords(tried.reason) ?? tried.reason }],
          })
        const quotes = await makeQuotes(unit, deps, {
          companyId: place.company.id,
          regionId: wanted.region.id,
          riderId: viewer?.identityId ?? null,
          pickup: wanted.from,
          dropoff: wanted.to,
          stops: wanted.stops,
          ...{ seats: wanted.seats, attributes: wanted.attributes },
          pickupAtMs: wanted.scheduledForMs,
          travelModel: wanted.region.travel,
          leg,
          timeZone: wanted.region.timeZone,
          sharing: wanted.region.sharing,
          ...(busy !== null && { surge: () => busy }),
          ...(tried?.ok === true && { promo: tried.value }),
        })
        const first = quotes[0]
        if (first === undefined) throw new HttpProblem(409, NO_PRICES)
        const labels = await taxLabelsOf(unit.db, quotes)
        const query = new URLSearchParams({
          ...(wanted.change !== undefined && { change: wanted.change }),
          ...(tried?.ok === false && { told: tried.reason }),
        })
        return {
          location: `/quotes/${first.set_id}${query.size === 0 ? '' : `?${query}`}`,
          status: 201,
          json: {
            id: first.set_id,
            expiresAtMs: first.expires_at.getTime(),
            pickupAtMs: wanted.scheduledForMs ?? null,
            /** Rides this person has already that leave no time for this one. */
            collidesWith: await collisionsOf(unit.db, viewer, first),
            options: quotes.map((option) => ({
              quoteId: option.id,
              class: option.class,
              fareMinor: option.fare_minor,
              currency: option.currency,
              lines: fareLineProps(option.lines, {
                currency: option.currency,
                taxLabel: labels.get(option.tariff_id) ?? 'Tax',
              }),
              etaS: option.pickup_eta_s,
              distanceM: Math.round(option.distance_m),
              durationS: Math.round(option.duration_s),
              shared: sharedTerms(option),
              surgeMinor: surgeMinor(option.lines),
            })),
            busy: busyOf(first),
          },
        }
      },
    )
  }

  /** A code as it was typed; null where none was, and where a booking is changed: that keeps none. */
  async function tryCode(
    unit: Work,
    place: Place,
    { code = '', change }: { readonly code?: string | undefined; readonly change?: string | undefined },
    identityId: IdentityId | null,
  ) {
    if (code.trim() === '' || change !== undefined) return null
    return usablePromo(unit.db, { companyId: place.company.id, code, identityId, atMs: unit.atMs })
  }

  return new Elysia({ name: 'fares' })
    .use(deps.shell)
    .get(
      '/request',
      async ({ request, web, query }) => {
        const place = placeOf(deps.companies, request)
        const when = whenProps(query, place.region, deps.clock.nowMs())
        const fields = {
          ...{ when, change: query.change ?? null },
          from: { text: query.from ?? '', point: pointOf(query.from_lat, query.from_lng) },
          to: { text: query.to ?? '', point: pointOf(query.to_lat, query.to_lng) },
          stops: stopsTyped(query),
        }
        const wishes = { seats: Number(query.seats ?? 1), needs: attributesIn(neededOf(query)) }
        return htmlResponse(await ask(request, web, place, { ...fields, ...wishes }))
      },
      { query: requestQuery },
    )
    .post(
      '/quotes',
      async ({ request, web, body }) => {
        const place = placeOf(deps.companies, request)
        const settled = await settle(web, place, body)
        const { from, to } = settled.places
        const stops = await settleStops(settleEnd, { web, place, form: body })
        const region = settled.region ?? place.region
        const nowMs = deps.clock.nowMs()
        const time = wantedAt(body, region, nowMs)
        const attributes = neededOf(body)
        const again = async (error?: string, stopFields = stops.fields) => {
          const props = {
            stops: stopFields,
            ...{ ...settled.fields, seats: body.seats, needs: attributesIn(attributes) },
            change: body.change ?? null,
            when: whenProps(body, region, nowMs, time.ok ? undefined : time.error),
            ...(error === undefined ? {} : { error }),
          }
          return htmlResponse(await ask(request, web, place, props), 422)
        }
        if (settled.region === undefined || from === undefined || to === undefined || !time.ok)
          return again(settled.error)
        if (stops.places === null) return again()
        const mistakes = stopMistakes(deps.companies, place, { from, to, stops: stops.places })
        if (mistakes.length > 0) return again(undefined, withMistakes(stops.fields, mistakes))
        const wanted = {
          region,
          from,
          to,
          stops: stops.places,
          seats: body.seats,
          attributes,
          scheduledForMs: time.scheduledForMs,
        }
        return quote({ request, web, body }, place, {
          ...wanted,
          change: body.change,
          code: body.code,
        }).catch((error: unknown) => {
          if (!(error instanceof HttpProblem) || error.detail !== NO_PRICES) throw error
          return again(NO_PRICES)
        })
      },
      { body: quoteForm },
    )
    .get(
      '/quotes/:id',
      async ({ request, web, params, query }) => {
        const place = placeOf(deps.companies, request)
        const asked = {
          ...{ request, web, place, setId: params.id, change: query.change ?? null },
          codeTold: promoWords(query.told),
        }
        return htmlResponse(await quotesMarkup(deps, asked))
      },
      { params: z.object({ id: z.uuid() }), query: quotesQuery },
    )
    .post(
      '/api/v1/quotes',
      async ({ request, web, body }) => {
        const place = placeOf(deps.companies, request)
        const from = { ...normal(body.from), label: body.from.label || (await labelAt(web, body.from)) }
        const to = { ...normal(body.to), label: body.to.label || (await labelAt(web, body.to)) }
        const region = deps.companies.regionAt(place.company.id, from)
        const outside = (field: End) =>
          new HttpProblem(422, OUTSIDE, { errors: [{ field, message: 'This is outside our area.' }] })
        if (region === undefined) throw outside('from')
        if (deps.companies.regionAt(place.company.id, to) === undefined) throw outside('to')
        if (nearly(from, to))
          throw new HttpProblem(422, SAME_PLACE, {
            errors: [{ field: 'to', message: 'This is where it starts.' }],
          })
        const stops = await Promise.all(
          body.stops.map(async (stop) => ({
            ...normal(stop),
            label: stop.label || (await labelAt(web, stop)),
          })),
        )
        const mistakes = stopMistakes(deps.companies, place, { from, to, stops })
        if (mistakes.length > 0) throw new HttpProblem(422, mistakes[0]!.message, { errors: mistakes })
        const { pickupAtMs: scheduledForMs } = body
        const refused =
          scheduledForMs === undefined ? null : aheadRefusalWords(scheduledForMs, region, deps.clock.nowMs())
        if (refused !== null)
          throw new HttpProblem(422, refused, { errors: [{ field: 'pickupAtMs', message: refused }] })
        return quote({ request, web, body }, place, {
          ...{ region, from, to, stops, seats: body.seats, attributes: attributeBits(body.needs) },
          ...{ scheduledForMs, code: body.code },
        })
      },
      { body: quoteBody },
    )
}

/**
 * The fare choice; also shown again by the slice that asks for the ride, with what was wrong.
 * @throws HttpProblem 404 for a set that is not there or somebody else's
 */
export async function quotesMarkup(
  deps: Pick<FareRouteDeps, 'clock' | 'random' | 'flags' | 'roads'> & PageDeps,
  asked: {
    request: Request
    web: WebContext
    place: Place
    setId: string
    /** The booking these prices are to change. */
    change?: string | null
    /** Why the code that was typed was not taken. */
    codeTold?: string | null
    again?: Partial<
      Pick<QuotesProps, 'chosenQuoteId' | 'payment' | 'note' | 'noteError' | 'error' | 'isSpent'>
    >
  },
): Promise<string> {
  const { web, place } = asked
  const quotes = await quoteSet(web.db, place.company.id, asked.setId)
  const first = quotes[0]
  if (first === undefined || !mayReach(web, quotesThing(first))) throw notThere()
  const labels = await taxLabelsOf(web.db, quotes)
  const change = asked.change ?? null
  const ctx = pageContext(deps, { request: asked.request, web, place })
  const nowMs = deps.clock.nowMs()
  const region = deps.companies.region(first.region_id)
  const waits = await openFreeWaits(web.db, web.viewer, quotes)
  const end = (label: string, lat: number, lng: number): EndProps => ({ label, point: { lat, lng } })
  return String(
    quotesPage(ctx, {
      from: end(first.pickup_label, first.pickup_lat, first.pickup_lng),
      to: end(first.dropoff_label, first.dropoff_lat, first.dropoff_lng),
      stops: first.stops.map(({ label, lat, lng }) => end(label, lat, lng)),
      way: await deps.roads.way([
        { lat: first.pickup_lat, lng: first.pickup_lng },
        ...first.stops.map(({ lat, lng }) => ({ lat, lng })),
        { lat: first.dropoff_lat, lng: first.dropoff_lng },
      ]),
      seats: first.seats,
      needs: attributesIn(first.attributes),
      when: region === undefined ? null : whenProps(whenFormOf(first.scheduled_for, region), region, nowMs),
      pickupAtMs: first.scheduled_for?.getTime() ?? null,
      change,
      collisions: await collisionsOf(web.db, web.viewer, first, change),
      options: quotes.map((option) => ({
        quoteId: option.id,
        class: option.class,
        seats: CLASS_SEATS[option.class],
        fareMinor: option.fare_minor,
        currency: option.currency,
        etaS: option.pickup_eta_s,
        durationS: option.duration_s,
        shared: sharedTerms(option),
        tell: tellOf(option, waits),
        surgeMinor: surgeMinor(option.lines),
        lines: fareLineProps(option.lines, {
          currency: option.currency,
          taxLabel: labels.get(option.tariff_id) ?? 'Tax',
        }),
      })),
      busy: busyOf(first),
      code: codeOf(quotes),
      codeTold: asked.codeTold ?? null,
      chosenQuoteId: null,
      heldUntilMs: first.expires_at.getTime(),
      nowMs,
      payment: 'cash',
      accountName: deps.flags.isOn(place.company.id, 'account_payment')
        ? `${place.company.name} account`
        : null,
      note: '',
      key: deps.random.uuid(),
      ...asked.again,
    }),
  )
}

/** The code that was taken off these prices. */
function codeOf(quotes: readonly LoadedQuote[]): string | null {
  return quotes.flatMap(({ lines }) => lines).find((line) => line.code === 'promo')?.name ?? null
}

/** What leaves no time for this ride; a visitor has nothing yet. */
async function collisionsOf(
  db: WebContext['db'],
  viewer: WebContext['viewer'],
  first: LoadedQuote,
  change: string | null = null,
): Promise<Collision[]> {
  if (viewer === null) return []
  const fromMs = (first.scheduled_for ?? first.created_at).getTime()
  return collisionsWith(db, viewer.identityId, { fromMs, durationS: first.duration_s }, change)
}

function taxLabelsOf(db: WebContext['db'], quotes: readonly LoadedQuote[]) {
  return taxLabels(
    db,
    quotes[0]!.company_id,
    quotes.map((quote) => quote.tariff_id),
  )
}

/** What somebody who shares the car is told before they agree; null for going alone. */
function sharedTerms(option: LoadedQuote): { detourS: number; waitS: number; arriveByAtMs: number } | null {
  const { shared_detour_s: detourS, shared_wait_s: waitS } = option
  const arriveByAtMs = arriveByMs(option)
  return detourS === null || waitS === null || arriveByAtMs === null ? null : { detourS, waitS, arriveByAtMs }
}
