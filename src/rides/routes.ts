/** Asking for a ride, and ending it. */
import { Elysia } from 'elysia'
import { cancellationPage } from '../../views/rides/cancellation.ts'
import { type Flags, requireTakingRides } from '../companies/flags.ts'
import { type PageDeps, type Place, pageContext, placeOf } from '../companies/page-context.ts'
import { findDriver } from '../drivers/drivers.ts'
import { isEnded } from '../engine/ride.ts'
import type { QuoteId, RideId } from '../engine/units.ts'
import { findQuote, quotesThing } from '../fares/quotes.ts'
import { quotesMarkup } from '../fares/routes.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import type { Roads } from '../roads/roads.ts'
import { type ActDeps, act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, seeOther, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { rideJson } from './json.ts'
import { RefusalProblem, refusalProblem } from './refusals.ts'
import {
  cancelByRider,
  cancellationOf,
  findRide,
  type LoadedRide,
  requestRide,
  ridersThing,
  shortName,
} from './rides.ts'
import { cancelBody, cancelForm, requestBody, requestForm, rideParams } from './shapes.ts'

export interface RideRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly flags: Flags
  readonly roads: Pick<Roads, 'leg' | 'way' | 'streetsOf'>
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const page = { params: rideParams }

export function rideRoutes(deps: RideRouteDeps) {
  const { random } = deps
  const secrets = deps.config.sessionSecrets

  /** The viewer's own ride, with the company whose page this is. */
  async function ownRide(
    request: Request,
    web: WebContext,
    rideId: string,
  ): Promise<{ ride: LoadedRide; place: Place }> {
    const place = placeOf(deps.companies, request)
    const ride = await findRide(web.db, place.company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return { ride, place }
  }

  async function request(
    asked: Asked,
    wanted: { quoteId: string; payment: 'cash' | 'account'; note: string },
  ): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: 'POST /rides' }, async (unit, viewer) => {
      requireWelcome(viewer, company.id)
      requireTakingRides(deps.flags, company)
      if (wanted.payment === 'account' && !deps.flags.isOn(company.id, 'account_payment'))
        throw new HttpProblem(
          409,
          `${company.name} takes cash only at the moment. Ask again and pay in the car.`,
        )
      if (!viewer.emailVerified)
        throw new HttpProblem(403, 'Confirm your e-mail address first: open the link in our letter.', {
          leadTo: '/account/verification',
        })
      // In here, so that the same form sent again does not count.
      const taken = await deps.limits.take('rides_person', viewer.identityId)
      if (!taken.allowed) throw tooMany(taken.retryAfterS)
      const quote = await findQuote(unit.db, company.id, wanted.quoteId as QuoteId)
      const region = quote && deps.companies.region(quote.region_id)
      if (quote === undefined || region === undefined || !mayReach(asked.web, quotesThing(quote)))
        throw notThere()
      const asking = await requestRide(
        unit,
        { random, secrets },
        {
          companyId: company.id,
          riderId: viewer.identityId,
          riderName: viewer.name,
          quoteId: quote.id,
          payment: wanted.payment,
          note: wanted.note,
          unfulfilledAfterS: region.unfulfilledAfterS,
          leadFloorS: region.leadFloorS,
        },
      )
      if (!asking.ok) throw refusalProblem(asking.reason)
      return { location: `/rides/${asking.value.id}`, json: rideJson(asking.value), status: 201 }
    })
  }

  function cancel(asked: Asked, rideId: string, agreedFeeMinor: number) {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/cancellation` }, async (unit, viewer) => {
      const cancelled = await cancelByRider(unit, random, {
        companyId: company.id,
        rideId: rideId as RideId,
        riderId: viewer.identityId,
        agreedFeeMinor,
      })
      if (!cancelled.ok) throw refusalProblem(cancelled.reason)
      return { location: `/rides/${rideId}`, json: rideJson(cancelled.value) }
    })
  }

  async function cancellationMarkup(
    asked: { request: Request; web: WebContext },
    rideId: string,
    error?: string,
  ): Promise<string | null> {
    const { ride, place } = await ownRide(asked.request, asked.web, rideId)
    if (isEnded(ride.state) || ride.state === 'in_progress') return null
    const terms = await cancellationOf(asked.web.db, ride, deps.clock.nowMs())
    const driver =
      ride.driver_id === null ? undefined : await findDriver(asked.web.db, ride.company_id, ride.driver_id)
    const ctx = pageContext(deps, { ...asked, place })
    return String(
      cancellationPage(ctx, {
        rideId: ride.id,
        pickupLabel: ride.pickup_label,
        dropoffLabel: ride.dropoff_label,
        isBooked: ride.state === 'scheduled',
        driverName: driver === undefined ? null : shortName(driver.name),
        feeMinor: terms.feeMinor,
        currency: ride.currency,
        freeUntilMs: terms.freeUntilMs,
        wasFreeUntilMs: terms.wasFreeUntilMs,
        key: random.uuid(),
        ...(error === undefined ? {} : { error }),
      }),
    )
  }

  return new Elysia({ name: 'rides' })
    .use(deps.shell)
    .post(
      '/rides',
      async ({ request: req, web, body }) => {
        try {
          return await request(
            { request: req, web, body },
            { quoteId: body.quote_id, payment: body.payment, note: body.note },
          )
        } catch (error) {
          if (!(error instanceof HttpProblem) || error.status !== 409) throw error
          const place = placeOf(deps.companies, req)
          const quote = await findQuote(web.db, place.company.id, body.quote_id as QuoteId)
          if (quote === undefined || !mayReach(web, quotesThing(quote))) throw error
          const again = {
            chosenQuoteId: quote.id,
            payment: body.payment,
            note: body.note,
            error: error.detail,
            isSpent: error instanceof RefusalProblem,
          }
          return htmlResponse(
            await quotesMarkup(deps, { request: req, web, place, setId: quote.set_id, again }),
            409,
          )
        }
      },
      { body: requestForm },
    )
    .post('/api/v1/rides', ({ request: req, web, body }) => request({ request: req, web, body }, body), {
      body: requestBody,
    })
    .get(
      '/rides/:id/cancellation',
      async ({ request: req, web, params }) => {
        const markup = await cancellationMarkup({ request: req, web }, params.id)
        return markup === null ? seeOther(`/rides/${params.id}`) : htmlResponse(markup)
      },
      page,
    )
    .post(
      '/rides/:id/cancellation',
      async ({ request: req, web, params, body }) => {
        try {
          return await cancel({ request: req, web, body }, params.id, body.fee_minor)
        } catch (error) {
          if (!(error instanceof HttpProblem) || error.status !== 409) throw error
          const markup = await cancellationMarkup({ request: req, web }, params.id, error.detail)
          return markup === null ? seeOther(`/rides/${params.id}`) : htmlResponse(markup, 409)
        }
      },
      { ...page, body: cancelForm },
    )
    .post(
      '/api/v1/rides/:id/cancellation',
      ({ request: req, web, params, body }) => cancel({ request: req, web, body }, params.id, body.feeMinor),
      { ...page, body: cancelBody },
    )
}

/** Colour and model as they begin a line, `White Toyota Camry`. */
export function vehicleWords(colour: string, makeModel: string): string {
  const words = `${colour} ${makeModel}`.trim()
  return words.charAt(0).toLocaleUpperCase('en') + words.slice(1)
}
