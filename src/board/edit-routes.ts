/** The desk changes a ride: the page for it, and what the change would cost. The change itself is an act like any other. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { agreementPage, type EditProps, editPage } from '../../views/board/edit.ts'
import { CLASS_WORDS, seatsText } from '../../views/drivers/words.ts'
import { html } from '../../views/html.ts'
import { address, clock, day } from '../../views/parts/figures.ts'
import { needsText } from '../../views/rides/wishes.ts'
import { pageContext } from '../companies/page-context.ts'
import { ATTRIBUTES, attributeBits, attributesIn } from '../engine/attributes.ts'
import { hasOpenRun } from '../engine/ride.ts'
import { type QuoteId, VEHICLE_CLASSES, type VehicleClass } from '../engine/units.ts'
import { settleStops, stopMistakes, withMistakes } from '../fares/asked-stops.ts'
import { type ChangedTerms, makeChangeQuote } from '../fares/change-quotes.ts'
import {
  CLASS_SEATS,
  findQuote,
  type LoadedQuote,
  QUOTE_HELD_MS,
  type QuotedPlace,
  type RoadLeg,
} from '../fares/quotes.ts'
import { makeSettle, nearly, normal, OUTSIDE, SAME_PLACE } from '../fares/settle.ts'
import { label, latitude, longitude, MOST_STOPS, neededOf, quoteForm } from '../fares/shapes.ts'
import { tariffById, tariffsInForce } from '../fares/tariffs.ts'
import { legThrough } from '../fares/through.ts'
import { aheadRefusalWords, wantedAt, whenProps } from '../fares/when.ts'
import type { Work } from '../io/commit.ts'
import type { Geocoding } from '../places/places.ts'
import { keepsCar, noEditOf } from '../rides/edits.ts'
import { findRide, type LoadedRide } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { stopsOfRide } from '../rides/stops.ts'
import type { Roads } from '../roads/roads.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { deskOf } from './desk.ts'
import { makeEditPages } from './edit-pages.ts'
import { type Asked, makeRideDesk, type RideDeskDeps } from './ride-desk.ts'

export interface EditDeps extends RideDeskDeps, ActDeps {
  readonly shell: Shell
  readonly geocoding: Geocoding
  readonly roads: Pick<Roads, 'leg' | 'model' | 'way'>
}

const version = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .optional()
const editQuery = z.object({ quote: z.uuid().optional(), told: z.string().max(40).optional() })
const priceForm = quoteForm
  .omit({ change: true, code: true })
  .extend({ class: z.enum(VEHICLE_CLASSES).optional(), version })
const place = z.strictObject({ lat: latitude, lng: longitude, label: label.optional() })
const priceBody = z.strictObject({
  ...{ from: place.optional(), to: place.optional(), stops: z.array(place).max(MOST_STOPS).optional() },
  class: z.enum(VEHICLE_CLASSES).optional(),
  seats: z.int().min(1).max(4).optional(),
  needs: z.array(z.enum(ATTRIBUTES)).max(ATTRIBUTES.length).optional(),
  /** Of a booked ride: when the car is to be there. */
  pickupAtMs: z.int().min(0).max(253_402_300_799_999).optional(),
  version: z.int().min(1).optional(),
})

/** All that a price is made for. */
interface Wish {
  readonly from: QuotedPlace
  readonly to: QuotedPlace
  readonly stops: readonly QuotedPlace[]
  readonly class: VehicleClass
  readonly seats: number
  readonly attributes: number
  readonly scheduledFor: Date | null
}

export function editRoutes(deps: EditDeps) {
  const { random, roads } = deps
  const { settle, settleEnd, labelAt } = makeSettle(deps)
  const { rideOf, refusalOf } = makeRideDesk(deps)
  const { headOf, editProps, formMarkup } = makeEditPages(deps)

  /** The price, stored and signed for this ride as it is now. */
  async function quoteFor(
    unit: Work,
    asked: Asked,
    ride: LoadedRide,
    wish: Wish,
    leg: RoadLeg,
  ): Promise<LoadedQuote> {
    const { region } = deskOf(deps, asked.web)
    const said = asked.body as { version?: number }
    const now = await findRide(unit.db, ride.company_id, ride.id)
    if (now === undefined) throw notThere()
    if ((said.version ?? ride.version) !== now.version || now.quote_id !== ride.quote_id)
      throw await refusalOf(unit, asked.web, ride.id, 'stale_ride')
    const hindrance = noEditOf(now)
    if (hindrance !== null) throw await refusalOf(unit, asked.web, ride.id, hindrance)
    if (hasOpenRun(now.state) && !keepsCar(now, { ...wish, scheduled_for: wish.scheduledFor }))
      throw await refusalOf(unit, asked.web, ride.id, 'driver_has_it')
    const promise = await findQuote(unit.db, ride.company_id, ride.quote_id)
    if (promise === undefined) throw notThere()
    const at = wish.scheduledFor ?? new Date(unit.atMs)
    const isSame = wish.class === ride.class && wish.scheduledFor?.getTime() === ride.scheduled_for?.getTime()
    const tariff = isSame
      ? await tariffById(unit.db, ride.company_id, ride.tariff_id)
      : (await tariffsInForce(unit.db, ride.company_id, { regionId: region.id, at })).find(
          (one) => one.class === wish.class,
        )
    if (tariff === undefined) throw new HttpProblem(409, 'There is no price for this class then.')
    const as: ChangedTerms = {
      ...{ pickup: wish.from, class: wish.class, seats: wish.seats, attributes: wish.attributes },
      ...{ scheduledFor: wish.scheduledFor, timeZone: region.timeZone, heldMs: QUOTE_HELD_MS },
    }
    return makeChangeQuote(
      unit,
      { random, secret: deps.config.sessionSecrets[0]! },
      {
        ...{ promise, tariff, leg, riderId: ride.rider_id, dropoff: wish.to, stops: wish.stops, as },
        places: [wish.from, ...wish.stops, wish.to],
      },
    )
  }

  async function priced(asked: Asked, ride: LoadedRide, wish: Wish): Promise<Response> {
    const { region } = deskOf(deps, asked.web)
    // Before the unit of work: a road engine may take its time, and no transaction waits for it.
    const leg = await legThrough(
      roads,
      region,
      [wish.from, ...wish.stops, wish.to],
      wish.scheduledFor?.getTime(),
    )
    return act(deps, { ...asked, route: `POST /board/rides/${ride.id}/price` }, async (unit) => {
      const quote = await quoteFor(unit, asked, ride, wish, leg)
      return {
        location: `/board/rides/${ride.id}/edit?quote=${quote.id}`,
        status: 201,
        json: {
          ...{ quoteId: quote.id, fareMinor: quote.fare_minor, wasMinor: ride.fare_minor },
          ...{ currency: quote.currency, expiresAtMs: quote.expires_at.getTime() },
        },
      }
    })
  }

  /** Places, class and time from a form; the page again where something is wrong with them. */
  async function priceOfForm(
    asked: Asked,
    rideId: string,
    form: z.infer<typeof priceForm>,
  ): Promise<Response> {
    const { web, request } = asked
    const ride = await rideOf(web.db, web, rideId)
    const desk = deskOf(deps, web)
    const { region } = desk
    const nowMs = deps.clock.nowMs()
    const settled = await settle(web, desk, form)
    const stops = await settleStops(settleEnd, { web, place: desk, form })
    const { from, to } = settled.places
    const mistakes =
      from && to && stops.places !== null
        ? stopMistakes(deps.companies, desk, { from, stops: stops.places, to })
        : []
    const time =
      ride.state === 'scheduled'
        ? wantedAt({ ...form, when: 'later' }, region, nowMs)
        : ({ ok: true, scheduledForMs: ride.scheduled_for?.getTime() } as const)
    const wished = { class: form.class ?? ride.class, ...withDriver(ride, form) }
    const tooMany = wished.seats > CLASS_SEATS[wished.class]
    const error = tooMany
      ? `${CLASS_WORDS[wished.class]} takes ${CLASS_SEATS[wished.class]} people at most. Choose another class.`
      : settled.region !== undefined && settled.region.id !== region.id
        ? OUTSIDE
        : settled.error
    if (
      !from ||
      !to ||
      settled.region === undefined ||
      stops.places === null ||
      mistakes.length > 0 ||
      !time.ok ||
      error !== undefined
    ) {
      const props: EditProps = {
        ...(await editProps(web, ride)),
        ...{ from: settled.fields.from, to: settled.fields.to, stops: withMistakes(stops.fields, mistakes) },
        ...{ class: wished.class, seats: wished.seats, needs: attributesIn(wished.attributes) },
        ...(ride.state === 'scheduled' && {
          when: whenProps({ ...form, when: 'later' }, region, nowMs, time.ok ? undefined : time.error),
        }),
        ...(error === undefined ? {} : { error }),
      }
      const ctx = pageContext(deps, { request, web, place: desk })
      return htmlResponse(String(editPage(ctx, props)), 422)
    }
    const scheduledFor = time.scheduledForMs === undefined ? null : new Date(time.scheduledForMs)
    return priced(asked, ride, { from, to, stops: stops.places, scheduledFor, ...wished })
  }

  /** What was chosen, or with a driver on the way what it is: the car was chosen for that. */
  function withDriver(ride: LoadedRide, form: z.infer<typeof priceForm>) {
    return hasOpenRun(ride.state)
      ? { class: ride.class, seats: ride.seats, attributes: ride.attributes }
      : { seats: form.seats, attributes: neededOf(form) }
  }

  /** As `priceOfForm`, from a program: what it leaves out stays. */
  async function priceJson(asked: Asked, rideId: string, body: z.infer<typeof priceBody>): Promise<Response> {
    const { web } = asked
    const ride = await rideOf(web.db, web, rideId)
    const desk = deskOf(deps, web)
    const named = async (at: z.infer<typeof place> | undefined, is: QuotedPlace): Promise<QuotedPlace> => {
      if (at === undefined) return is
      const point = normal(at)
      return { ...point, label: at.label ?? (await labelAt(web, point)) }
    }
    const from = await named(body.from, {
      lat: ride.pickup_lat,
      lng: ride.pickup_lng,
      label: ride.pickup_label,
    })
    const to = await named(body.to, {
      lat: ride.dropoff_lat,
      lng: ride.dropoff_lng,
      label: ride.dropoff_label,
    })
    const before = (await stopsOfRide(web.db, ride.company_id, ride.id)).map(({ lat, lng, label: text }) => ({
      ...{ lat, lng, label: text },
    }))
    const stops =
      body.stops === undefined ? before : await Promise.all(body.stops.map((stop) => named(stop, from)))
    const scheduledFor =
      body.pickupAtMs === undefined || ride.state !== 'scheduled'
        ? ride.scheduled_for
        : new Date(body.pickupAtMs)
    const wished = {
      class: body.class ?? ride.class,
      seats: body.seats ?? ride.seats,
      attributes: body.needs === undefined ? ride.attributes : attributeBits(body.needs),
    }
    const isOutside = [from, to].some(
      (at) => deps.companies.regionAt(desk.company.id, at)?.id !== desk.region.id,
    )
    const late =
      scheduledFor === null || scheduledFor.getTime() === ride.scheduled_for?.getTime()
        ? null
        : aheadRefusalWords(scheduledFor.getTime(), desk.region, deps.clock.nowMs())
    const [mistake] = stopMistakes(deps.companies, desk, { from, stops, to })
    const wrong = isOutside
      ? OUTSIDE
      : nearly(from, to)
        ? SAME_PLACE
        : wished.seats > CLASS_SEATS[wished.class]
          ? `A car of this class takes ${CLASS_SEATS[wished.class]} people at most.`
          : (late ?? mistake?.message)
    if (wrong !== undefined) throw new HttpProblem(422, wrong)
    return priced(asked, ride, { from, to, stops, scheduledFor, ...wished })
  }

  async function agreementMarkup({ request, web }: Asked, rideId: string, quoteId: string): Promise<string> {
    const ride = await rideOf(web.db, web, rideId)
    const quote = await findQuote(web.db, ride.company_id, quoteId as QuoteId)
    if (quote === undefined || quote.replaces !== ride.quote_id)
      return formMarkup({ request, web, body: null }, rideId, 'changed_meanwhile')
    const stops = await stopsOfRide(web.db, ride.company_id, ride.id)
    const ctx = pageContext(deps, { request, web, place: deskOf(deps, web) })
    const at = (when: Date | null) =>
      when === null ? 'now' : html`${day(ctx, when.getTime())}, ${clock(ctx, when.getTime())}`
    const by = (list: readonly { label: string }[]) =>
      list.length === 0 ? 'none' : list.map((stop) => stop.label).join(', ')
    const needs = (bits: number) => needsText(attributesIn(bits)) || 'nothing'
    const rows = [
      { what: 'From', before: ride.pickup_label, after: quote.pickup_label },
      { what: 'Stops', before: by(stops), after: by(quote.stops) },
      { what: 'To', before: ride.dropoff_label, after: quote.dropoff_label },
      { what: 'Class', before: CLASS_WORDS[ride.class], after: CLASS_WORDS[quote.class] },
      { what: 'Seats', before: seatsText(ride.seats), after: seatsText(quote.seats) },
      { what: 'Needs', before: needs(ride.attributes), after: needs(quote.attributes) },
      { what: 'Pickup', before: String(at(ride.scheduled_for)), after: String(at(quote.scheduled_for)) },
    ]
    const changes = rows
      .filter(({ before, after }) => before !== after)
      .map(({ what, before, after }) =>
        what === 'Pickup'
          ? { what, before: at(ride.scheduled_for), after: at(quote.scheduled_for) }
          : { what, before: address(before), after: address(after) },
      )
    return String(
      agreementPage(ctx, {
        ...(await headOf(web, ride)),
        ...{
          quoteId: quote.id,
          fareMinor: quote.fare_minor,
          heldUntilMs: quote.expires_at.getTime(),
          changes,
        },
      }),
    )
  }

  return new Elysia({ name: 'desk-edits' })
    .use(deps.shell)
    .get(
      '/board/rides/:id/edit',
      async ({ request, web, params, query }) => {
        const asked = { request, web, body: null }
        return htmlResponse(
          query.quote === undefined
            ? await formMarkup(asked, params.id, query.told)
            : await agreementMarkup(asked, params.id, query.quote),
        )
      },
      { params: rideParams, query: editQuery },
    )
    .post(
      '/board/rides/:id/price',
      ({ request, web, params, body }) => priceOfForm({ request, web, body }, params.id, body),
      { params: rideParams, body: priceForm },
    )
    .post(
      '/api/v1/board/rides/:id/price',
      ({ request, web, params, body }) => priceJson({ request, web, body }, params.id, body),
      { params: rideParams, body: priceBody },
    )
}
