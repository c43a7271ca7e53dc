/** The desk books for somebody who rings: prices in their name, and the one they say yes to. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type BookingFormProps, bookingFormPage, bookingPricesPage } from '../../views/board/booking.ts'
import { record } from '../audit/audit.ts'
import type { Companies } from '../companies/companies.ts'
import { type Flags, requireTakingRides } from '../companies/flags.ts'
import { type PageDeps, type Place, pageContext } from '../companies/page-context.ts'
import { attributesIn } from '../engine/attributes.ts'
import type { IdentityId, QuoteId } from '../engine/units.ts'
import { collisionsWith } from '../fares/collisions.ts'
import { findQuote, makeQuotes, type QuoteDeps, quoteSet } from '../fares/quotes.ts'
import { makeSettle, pointOf } from '../fares/settle.ts'
import { neededOf, quoteForm } from '../fares/shapes.ts'
import { wantedAt, whenProps } from '../fares/when.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Geocoding } from '../places/places.ts'
import { rideJson } from '../rides/json.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { requestRide } from '../rides/rides.ts'
import { requestForm } from '../rides/shapes.ts'
import type { Roads } from '../roads/roads.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { type Caller, findCaller, peopleFound } from './callers.ts'

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

const bookingForm = quoteForm.omit({ change: true }).extend({
  caller: z.string().overwrite(oneLine).max(120).default(''),
  rider_id: z.uuid().optional(),
})
const setParams = z.object({ id: z.uuid() })

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

export function deskBookingRoutes(deps: DeskBookingDeps) {
  const { random } = deps
  const { settle } = makeSettle(deps)

  function deskOf(web: WebContext): Place {
    const company = deps.companies.company(actingCompany(web))
    const region = company && deps.companies.homeRegion(company.id)
    if (company === undefined || region === undefined) throw notThere()
    return { company, region }
  }

  /** Who is meant: the one that was chosen, or the only one that fits. */
  async function callerOf(
    web: WebContext,
    place: Place,
    { caller: text, rider_id: id }: z.infer<typeof bookingForm>,
  ): Promise<{ caller?: Caller; callers: Caller[]; callerError?: string }> {
    const at = new Date(deps.clock.nowMs())
    const companyId = place.company.id
    if (id !== undefined) {
      const caller = await findCaller(web.db, companyId, { id: id as IdentityId, at })
      if (caller !== undefined) return welcome(caller)
    }
    if (text === '') return { callers: [], callerError: 'Say who rides.' }
    const found = await peopleFound({ system: deps.system, db: web.db }, companyId, { text, at })
    if (found.length === 0)
      return { callers: [], callerError: `Nobody by “${text}” has ridden with ${place.company.name} yet.` }
    if (found.length > 1) return { callers: found, callerError: 'Several people fit. Choose one of them.' }
    return welcome(found[0]!)
  }

  /** A company that blocked somebody carries them no more, whoever rings for them. */
  function welcome(caller: Caller): { caller?: Caller; callers: Caller[]; callerError?: string } {
    if (caller.blocked === null) return { caller, callers: [] }
    const { reason } = caller.blocked
    return {
      callers: [],
      callerError: `${caller.name} is blocked here${reason === null ? '' : `: ${reason}`}. An admin can lift it.`,
    }
  }

  async function price({ request, web, body }: Asked, form: z.infer<typeof bookingForm>): Promise<Response> {
    const place = deskOf(web)
    requireTakingRides(deps.flags, place.company)
    const nowMs = deps.clock.nowMs()
    const { caller, ...who } = await callerOf(web, place, form)
    const settled = await settle(web, place, form)
    const { from, to } = settled.places
    const region = settled.region ?? place.region
    const time = wantedAt(form, region, nowMs)
    if (caller === undefined || settled.region === undefined || !from || !to || !time.ok) {
      const props: BookingFormProps = {
        ...{ caller: caller?.email ?? form.caller, ...who, ...settled.fields, seats: form.seats },
        needs: attributesIn(neededOf(form)),
        when: whenProps(form, region, nowMs, time.ok ? undefined : time.error),
        key: random.uuid(),
        ...(settled.error === undefined ? {} : { error: settled.error }),
      }
      return htmlResponse(String(bookingFormPage(pageContext(deps, { request, web, place }), props)), 422)
    }
    const leg = await deps.roads.leg(region, { from, to })
    return act(deps, { request, web, body, route: 'POST /board/bookings' }, async (unit) => {
      const [first] = await makeQuotes(unit, deps, {
        ...{ companyId: place.company.id, regionId: region.id, riderId: caller.id },
        ...{ pickup: from, dropoff: to, seats: form.seats, attributes: neededOf(form), leg },
        pickupAtMs: time.scheduledForMs,
        travelModel: region.travel,
        timeZone: region.timeZone,
        sharing: null,
      })
      if (first === undefined) throw new HttpProblem(409, 'No prices are set here yet.')
      return { location: `/board/bookings/${first.set_id}`, json: { id: first.set_id }, status: 201 }
    })
  }

  /** The prices of a set that a desk asked for in a rider's name. */
  async function setOf(web: WebContext, setId: string) {
    const place = deskOf(web)
    const quotes = await quoteSet(web.db, place.company.id, setId)
    const first = quotes[0]
    if (first === undefined || first.rider_id === null) throw notThere()
    if (!mayReach(web, { companyId: first.company_id })) throw notThere()
    const at = new Date(deps.clock.nowMs())
    const caller = await findCaller(web.db, place.company.id, { id: first.rider_id, at })
    if (caller === undefined) throw notThere()
    return { place, quotes, first, caller }
  }

  async function pricesMarkup({ request, web }: Asked, setId: string, error?: string): Promise<string> {
    const { place, quotes, first, caller } = await setOf(web, setId)
    const span = { fromMs: (first.scheduled_for ?? first.created_at).getTime(), durationS: first.duration_s }
    return String(
      bookingPricesPage(pageContext(deps, { request, web, place }), {
        setId,
        riderName: caller.name,
        from: first.pickup_label,
        to: first.dropoff_label,
        pickupAtMs: first.scheduled_for?.getTime() ?? null,
        heldUntilMs: first.expires_at.getTime(),
        options: quotes.map((quote) => ({
          ...{ quoteId: quote.id, class: quote.class, shared: quote.shared },
          ...{ fareMinor: quote.fare_minor, currency: quote.currency },
        })),
        collisions: await collisionsWith(web.db, caller.id, span, null),
        takesAccount: deps.flags.isOn(place.company.id, 'account_payment'),
        key: random.uuid(),
        ...(error === undefined ? {} : { error }),
      }),
    )
  }

  function book(asked: Asked, setId: string, wanted: z.infer<typeof requestForm>): Promise<Response> {
    const { web } = asked
    return act(deps, { ...asked, route: `POST /board/bookings/${setId}` }, async (unit, viewer) => {
      const { place, first, caller } = await setOf(web, setId)
      requireTakingRides(deps.flags, place.company)
      const quote = await findQuote(unit.db, place.company.id, wanted.quote_id as QuoteId)
      const region = deps.companies.region(first.region_id)
      if (quote === undefined || quote.set_id !== setId || region === undefined) throw notThere()
      const asking = await requestRide(
        unit,
        { random, secrets: deps.config.sessionSecrets },
        {
          ...{ companyId: place.company.id, riderId: caller.id, riderName: caller.name, quoteId: quote.id },
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
        detail: { of: caller.id, scheduledFor: ride.scheduled_for?.toISOString() ?? null },
      })
      return { location: `/board?ride=${ride.id}`, json: rideJson(ride), status: 201 }
    })
  }

  return new Elysia({ name: 'desk-bookings' })
    .use(deps.shell)
    .get('/board/bookings', ({ request, web }) => {
      const place = deskOf(web)
      const blank = { text: '', point: pointOf(undefined, undefined) }
      const props: BookingFormProps = {
        ...{ caller: '', callers: [], from: blank, to: blank, seats: 1, needs: [], key: random.uuid() },
        when: whenProps({ when: 'later' }, place.region, deps.clock.nowMs()),
      }
      return htmlResponse(String(bookingFormPage(pageContext(deps, { request, web, place }), props)))
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
          return htmlResponse(await pricesMarkup({ request, web, body }, params.id, error.detail), 409)
        }
      },
      { params: setParams, body: requestForm },
    )
}
