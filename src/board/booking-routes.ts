/** The desk books for somebody who rings: prices in their name, and the one they say yes to. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import {
  type BookingFormProps,
  type BookingPricesProps,
  bookingFormPage,
  bookingPanel,
  bookingPrices,
  bookingPricesPage,
} from '../../views/board/booking.ts'
import { callerPart } from '../../views/board/caller.ts'
import { record } from '../audit/audit.ts'
import type { Companies, Region } from '../companies/companies.ts'
import { type Flags, requireTakingRides } from '../companies/flags.ts'
import { type PageDeps, type Place, pageContext } from '../companies/page-context.ts'
import { attributesIn } from '../engine/attributes.ts'
import type { IdentityId, QuoteId } from '../engine/units.ts'
import { minuteText } from '../engine/wall-clock.ts'
import { wallOf, whenFromWords } from '../engine/when-words.ts'
import { settleStops, stopMistakes, withMistakes } from '../fares/asked-stops.ts'
import { collisionsWith } from '../fares/collisions.ts'
import { findQuote, makeQuotes, type QuoteDeps, quoteSet } from '../fares/quotes.ts'
import { makeSettle, pointOf } from '../fares/settle.ts'
import { neededOf, quoteForm } from '../fares/shapes.ts'
import { legThrough } from '../fares/through.ts'
import { type Wanted, wantedAt } from '../fares/when.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Geocoding } from '../places/places.ts'
import { rideJson } from '../rides/json.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { requestRide } from '../rides/rides.ts'
import { requestBody, requestForm } from '../rides/shapes.ts'
import type { Roads } from '../roads/roads.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { addCaller, type Caller, findCaller, habitsOf, peopleFound } from './callers.ts'
import { NO_NUMBER, phoneNumberOf, spoken } from './phone-number.ts'

export interface DeskBookingDeps extends ActDeps, PageDeps, QuoteDeps {
  readonly shell: Shell
  /** Sees every row: it finds ids by letters, and nothing else here uses it. */
  readonly system: Db
  readonly random: Random
  readonly companies: Companies
  readonly flags: Flags
  readonly geocoding: Geocoding
  readonly roads: Pick<Roads, 'leg'>
}

const text = (most: number) => z.string().overwrite(oneLine).max(most)
const callerFields = {
  rider_id: z
    .literal('')
    .transform(() => undefined)
    .or(z.uuid())
    .optional(),
  caller_name: text(120).default(''),
  caller_phone: text(40).default(''),
}
const bookingForm = quoteForm.omit({ change: true, code: true }).extend({
  caller: text(120).default(''),
  ...callerFields,
  /** When, in words; a form with a day and a time leaves it out. */
  at: text(40).optional(),
})
const askForm = requestForm.extend(callerFields)
const askBody = requestBody.extend({
  riderId: z.uuid().optional(),
  caller: z.strictObject({ name: text(120), phone: text(40) }).optional(),
})
const setParams = z.object({ id: z.uuid() })
const openQuery = z.object({ rider: z.uuid().optional() })
const callersQuery = z.object({ q: text(120).default(''), rider: z.uuid().optional() })

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

export function deskBookingRoutes(deps: DeskBookingDeps) {
  const { random } = deps
  const { settle, settleEnd } = makeSettle(deps)

  function deskOf(web: WebContext): Place {
    const company = deps.companies.company(actingCompany(web))
    const region = company && deps.companies.homeRegion(company.id)
    if (company === undefined || region === undefined) throw notThere()
    return { company, region }
  }

  const readers = (web: WebContext) => ({ system: deps.system, db: web.db })

  /** Who is meant: the one that was chosen, or the only one that fits; somebody new is nobody yet. */
  async function callerOf(
    web: WebContext,
    place: Place,
    { caller: words, rider_id: id }: z.infer<typeof bookingForm>,
  ): Promise<{ caller?: Caller; callers: Caller[]; callerError?: string }> {
    const at = new Date(deps.clock.nowMs())
    const companyId = place.company.id
    if (id !== undefined) {
      const caller = await findCaller(web.db, companyId, { id: id as IdentityId, at })
      if (caller !== undefined) return welcome(caller)
    }
    if (words === '') return { callers: [] }
    const found = await peopleFound(readers(web), companyId, {
      text: phoneNumberOf(words, place.company) ?? words,
      at,
    })
    if (found.length === 1) return welcome(found[0]!)
    if (found.length > 1) return { callers: found, callerError: 'Several people fit. Choose one of them.' }
    // A number that nobody has is that of somebody new; a name alone could be a slip.
    if (phoneNumberOf(words, place.company) !== null) return { callers: [] }
    return {
      callers: [],
      callerError: `Nobody by “${words}” has ridden with ${place.company.name} yet. Type their number.`,
    }
  }

  /** A company that blocked somebody carries them no more, whoever rings for them. */
  function welcome(caller: Caller): { caller?: Caller; callers: Caller[]; callerError?: string } {
    if (caller.blocked === null) return { caller, callers: [] }
    return { callers: [], callerError: blockedWords(caller.name, caller.blocked.reason) }
  }

  /** When the car is wanted: as the words say, else by day and time. */
  function timeOf(form: z.infer<typeof bookingForm>, region: Region, nowMs: number): Wanted {
    if (form.at === undefined) return wantedAt(form, region, nowMs)
    const said = whenFromWords(form.at, { nowMs, timeZone: region.timeZone })
    if (!said.ok) return { ok: false, error: WHEN_UNCLEAR }
    if (said.value.kind === 'now') return { ok: true, scheduledForMs: undefined }
    const { day, minute } = wallOf(said.value, region.timeZone)
    // Said on the phone, a time that comes twice that night is the earlier one.
    return wantedAt({ when: 'later', day, time: minuteText(minute), fold: '1' }, region, nowMs)
  }

  async function price({ request, web, body }: Asked, form: z.infer<typeof bookingForm>): Promise<Response> {
    const place = deskOf(web)
    requireTakingRides(deps.flags, place.company)
    const nowMs = deps.clock.nowMs()
    const { caller, ...who } = await callerOf(web, place, form)
    const settled = await settle(web, place, form)
    const asked = await settleStops(settleEnd, { web, place, form })
    const { from, to } = settled.places
    const region = settled.region ?? place.region
    const time = timeOf(form, region, nowMs)
    const mistakes =
      from && to && asked.places !== null
        ? stopMistakes(deps.companies, place, { from, stops: asked.places, to })
        : []
    const isWhole = who.callerError === undefined && asked.places !== null && mistakes.length === 0
    if (!isWhole || settled.region === undefined || !from || !to || !time.ok) {
      const props: BookingFormProps = {
        ...{ caller: caller?.name ?? form.caller, riderId: caller?.id ?? null, ...who, ...settled.fields },
        ...{
          stops: withMistakes(asked.fields, mistakes),
          seats: form.seats,
          needs: attributesIn(neededOf(form)),
        },
        ...{ at: form.at ?? '', canBookAhead: region.bookAheadDays > 0, key: random.uuid() },
        ...(time.ok ? {} : { whenError: time.error }),
        ...(settled.error === undefined ? {} : { error: settled.error }),
      }
      return htmlResponse(String(bookingFormPage(pageContext(deps, { request, web, place }), props)), 422)
    }
    const stops = asked.places ?? []
    const leg = await legThrough(deps.roads, region, [from, ...stops, to], time.scheduledForMs)
    return act(deps, { request, web, body, route: 'POST /board/bookings' }, async (unit) => {
      const [first] = await makeQuotes(unit, deps, {
        ...{ companyId: place.company.id, regionId: region.id, riderId: caller?.id ?? null },
        ...{ pickup: from, stops, dropoff: to, seats: form.seats, attributes: neededOf(form), leg },
        pickupAtMs: time.scheduledForMs,
        travelModel: region.travel,
        timeZone: region.timeZone,
        sharing: null,
      })
      if (first === undefined) throw new HttpProblem(409, 'No prices are set here yet.')
      return { location: `/board/bookings/${first.set_id}`, json: { id: first.set_id }, status: 201 }
    })
  }

  /** The prices of a set that a desk asked for, in a rider's name or in nobody's yet. */
  async function setOf(web: WebContext, setId: string) {
    const place = deskOf(web)
    const quotes = await quoteSet(web.db, place.company.id, setId)
    const first = quotes[0]
    if (first === undefined || !mayReach(web, { companyId: first.company_id })) throw notThere()
    const at = new Date(deps.clock.nowMs())
    const id = first.rider_id
    const caller = id === null ? null : await findCaller(web.db, place.company.id, { id, at })
    if (caller === undefined) throw notThere()
    return { place, quotes, first, caller }
  }

  async function pricesMarkup(
    { request, web }: Asked,
    setId: string,
    wrong: { error?: string; typed?: z.infer<typeof askForm> } = {},
  ): Promise<string> {
    const { place, quotes, first, caller } = await setOf(web, setId)
    const span = { fromMs: (first.scheduled_for ?? first.created_at).getTime(), durationS: first.duration_s }
    const props: BookingPricesProps = {
      setId,
      caller: caller === null ? null : { name: caller.name },
      from: first.pickup_label,
      stops: first.stops.map(({ label }) => label),
      to: first.dropoff_label,
      pickupAtMs: first.scheduled_for?.getTime() ?? null,
      heldUntilMs: first.expires_at.getTime(),
      options: quotes.map((quote) => ({
        ...{ quoteId: quote.id, class: quote.class, shared: quote.shared },
        ...{ fareMinor: quote.fare_minor, currency: quote.currency, etaS: quote.pickup_eta_s },
      })),
      collisions: caller === null ? [] : await collisionsWith(web.db, caller.id, span, null),
      takesAccount: deps.flags.isOn(place.company.id, 'account_payment'),
      key: random.uuid(),
      ...(wrong.typed && { name: wrong.typed.caller_name, phone: wrong.typed.caller_phone }),
      ...(wrong.typed && { note: wrong.typed.note }),
      ...(wrong.error === undefined ? {} : { error: wrong.error }),
    }
    const ctx = pageContext(deps, { request, web, place })
    return String(isPart(request) ? bookingPrices(ctx, props) : bookingPricesPage(ctx, props))
  }

  /** Whom the ride is for: who was chosen, or somebody new with a name and a number. */
  async function riderOf(
    unit: Work,
    { company }: Place,
    { caller, wanted }: { caller: Caller | null; wanted: z.infer<typeof askForm> },
  ): Promise<{ id: IdentityId; name: string }> {
    const at = new Date(unit.atMs)
    const chosen =
      caller ??
      (wanted.rider_id === undefined
        ? null
        : await findCaller(unit.db, company.id, { id: wanted.rider_id as IdentityId, at }))
    if (chosen === undefined) throw notThere()
    if (chosen !== null) {
      if (chosen.blocked !== null)
        throw new HttpProblem(409, blockedWords(chosen.name, chosen.blocked.reason))
      return chosen
    }
    const phone = phoneNumberOf(wanted.caller_phone, company)
    if (wanted.caller_name === '')
      throw new HttpProblem(409, 'Ask for their name: the driver looks for them by it.')
    if (phone === null) throw new HttpProblem(409, NO_NUMBER)
    const added = await addCaller(unit, random, { companyId: company.id, name: wanted.caller_name, phone })
    if (!added.ok)
      throw new HttpProblem(409, 'Somebody with this number has ridden with you. Choose them instead.')
    return { id: added.value, name: wanted.caller_name }
  }

  function book(asked: Asked, setId: string, wanted: z.infer<typeof askForm>): Promise<Response> {
    const { web, request } = asked
    return act(deps, { ...asked, route: `POST /board/bookings/${setId}` }, async (unit, viewer) => {
      const { place, first, caller } = await setOf(web, setId)
      requireTakingRides(deps.flags, place.company)
      const quote = await findQuote(unit.db, place.company.id, wanted.quote_id as QuoteId)
      const region = deps.companies.region(first.region_id)
      if (quote === undefined || quote.set_id !== setId || region === undefined) throw notThere()
      const rider = await riderOf(unit, place, { caller, wanted })
      const asking = await requestRide(
        unit,
        { random, secrets: deps.config.sessionSecrets },
        {
          ...{ companyId: place.company.id, riderId: rider.id, riderName: rider.name, quoteId: quote.id },
          payment: deps.flags.isOn(place.company.id, 'account_payment') ? wanted.payment : 'cash',
          note: wanted.note,
          ...{ unfulfilledAfterS: region.unfulfilledAfterS, leadFloorS: region.leadFloorS },
          actor: { kind: 'dispatcher', id: viewer.identityId },
        },
      )
      if (!asking.ok) throw refusalProblem(asking.reason)
      const ride = asking.value
      await record(unit.db, random, {
        ...{ action: 'ride.booked', companyId: place.company.id, subject: ride.id, atMs: unit.atMs },
        ...{ actorId: viewer.identityId, address: web.address, requestId: web.requestId },
        detail: { of: rider.id, scheduledFor: ride.scheduled_for?.toISOString() ?? null },
      })
      // The board's own panel goes on to the ride; a page goes on to the board.
      const location = isPart(request) ? `/board/rides/${ride.id}` : `/board?ride=${ride.id}`
      return { location, json: rideJson(ride), status: 201 }
    })
  }

  /** Who fits some words or was chosen, with what helps to book for them. */
  async function callersFound(web: WebContext, { q, rider }: z.infer<typeof callersQuery>) {
    const { company } = deskOf(web)
    const at = new Date(deps.clock.nowMs())
    const phone = phoneNumberOf(q, company)
    const chosen =
      rider === undefined ? undefined : await findCaller(web.db, company.id, { id: rider as IdentityId, at })
    const isEnough = q.length >= 3
    const found =
      chosen !== undefined
        ? [chosen]
        : isEnough
          ? await peopleFound(readers(web), company.id, { text: phone ?? q, at })
          : []
    const only = found.length === 1 ? found[0]! : null
    const habits = only === null ? null : await habitsOf(web.db, company.id, only.id)
    return {
      query: q,
      isAsked: isEnough || chosen !== undefined,
      newPhone: found.length === 0 && phone !== null ? { e164: phone, spoken: spoken(phone) } : null,
      callers: found.map((caller) => ({
        ...{ id: caller.id, name: caller.name },
        reach: caller.phone === null ? caller.email : spoken(caller.phone),
        blocked: caller.blocked === null ? null : { reason: caller.blocked.reason },
      })),
      places: habits?.places ?? [],
      lastRide: habits?.lastRide ?? null,
    }
  }

  async function openForm({ request, web }: Asked, rider: string | undefined): Promise<Response> {
    const place = deskOf(web)
    const at = new Date(deps.clock.nowMs())
    const caller =
      rider === undefined
        ? undefined
        : await findCaller(web.db, place.company.id, { id: rider as IdentityId, at })
    const blank = { text: '', point: pointOf(undefined, undefined) }
    const props: BookingFormProps = {
      ...{ caller: caller?.name ?? '', riderId: caller?.id ?? null, callers: [], from: blank, to: blank },
      ...{ stops: [], seats: 1, needs: [], at: '', canBookAhead: place.region.bookAheadDays > 0 },
      key: random.uuid(),
    }
    const ctx = pageContext(deps, { request, web, place })
    return htmlResponse(String(isPart(request) ? bookingPanel(ctx, props) : bookingFormPage(ctx, props)))
  }

  return new Elysia({ name: 'desk-bookings' })
    .use(deps.shell)
    .get(
      '/board/bookings',
      ({ request, web, query }) => openForm({ request, web, body: null }, query.rider),
      { query: openQuery },
    )
    .get(
      '/board/callers',
      async ({ request, web, query }) => {
        const ctx = pageContext(deps, { request, web, place: deskOf(web) })
        return htmlResponse(String(callerPart(ctx, await callersFound(web, query))))
      },
      { query: callersQuery },
    )
    .get('/api/v1/board/callers', async ({ web, query }) => jsonResponse(await callersFound(web, query)), {
      query: callersQuery,
    })
    .post('/board/bookings', ({ request, web, body }) => price({ request, web, body }, body), {
      body: bookingForm,
    })
    .get(
      '/board/bookings/:id',
      async ({ request, web, params }) =>
        htmlResponse(await pricesMarkup({ request, web, body: null }, params.id)),
      { params: setParams },
    )
    .post(
      '/board/bookings/:id',
      async ({ request, web, params, body }) => {
        try {
          return await book({ request, web, body }, params.id, body)
        } catch (error) {
          if (!(error instanceof HttpProblem) || error.status !== 409) throw error
          const wrong = { error: error.detail, typed: body }
          return htmlResponse(await pricesMarkup({ request, web, body }, params.id, wrong), 409)
        }
      },
      { params: setParams, body: askForm },
    )
    .post(
      '/api/v1/board/bookings/:id',
      ({ request, web, params, body }) => {
        const { quoteId, payment, note, riderId, caller } = body
        return book({ request, web, body }, params.id, {
          ...{ quote_id: quoteId, payment, note, rider_id: riderId },
          ...{ caller_name: caller?.name ?? '', caller_phone: caller?.phone ?? '' },
        })
      },
      { params: setParams, body: askBody },
    )
}

const WHEN_UNCLEAR = 'Type a time, such as 18:30, in 20, tomorrow 7 or fri 9:15; or nothing for now.'

function blockedWords(name: string, reason: string | null): string {
  return `${name} is blocked here${reason === null ? '' : `: ${reason}`}. An admin can lift it.`
}

/** Asked for by the board's script, for a part of the page. */
function isPart(request: Request): boolean {
  return request.headers.get('hx-request') === 'true'
}
