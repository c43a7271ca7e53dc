/** Putting a booking to another time or way: the price of the new one is agreed on as that of a new ride is. */
import { Elysia } from 'elysia'
import { clockText, dayText } from '../../views/parts/format.ts'
import { placeOf } from '../companies/page-context.ts'
import type { QuoteId, RideId } from '../engine/units.ts'
import { findQuote, quotesThing } from '../fares/quotes.ts'
import { quotesMarkup } from '../fares/routes.ts'
import { act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { rideJson } from './json.ts'
import { RefusalProblem, refusalProblem } from './refusals.ts'
import { findRide, rebookRide, ridersThing } from './rides.ts'
import type { RideRouteDeps } from './routes.ts'
import { rebookBody, rebookForm, rideParams } from './shapes.ts'

export function bookingRoutes(deps: RideRouteDeps) {
  const { random } = deps
  const secrets = deps.config.sessionSecrets

  function rebook(
    asked: { request: Request; web: WebContext; body: unknown },
    rideId: string,
    quoteId: string,
  ): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/booking` }, async (unit, viewer) => {
      requireWelcome(viewer, company.id)
      const ride = await findRide(unit.db, company.id, rideId as RideId)
      const quote = await findQuote(unit.db, company.id, quoteId as QuoteId)
      if (ride === undefined || !mayReach(asked.web, ridersThing(ride))) throw notThere()
      if (quote === undefined || !mayReach(asked.web, quotesThing(quote))) throw notThere()
      const region = deps.companies.region(ride.region_id)
      if (region === undefined) throw notThere()
      const zone = { lang: 'en', timeZone: region.timeZone } as const
      const words = (at: Date | null) =>
        at === null ? 'now' : `${dayText(zone, at.getTime())}, ${clockText(zone, at.getTime())}`
      const rebooked = await rebookRide(
        unit,
        { random, secrets, unfulfilledAfterS: region.unfulfilledAfterS, leadFloorS: region.leadFloorS },
        {
          ...{ companyId: company.id, rideId: ride.id, riderId: viewer.identityId, quoteId: quote.id },
          actor: { kind: 'rider', id: viewer.identityId },
          reason: `${words(ride.scheduled_for)} → ${words(quote.scheduled_for)}`,
        },
      )
      if (!rebooked.ok) throw refusalProblem(rebooked.reason)
      return { location: `/rides/${ride.id}`, json: rideJson(rebooked.value) }
    })
  }

  return new Elysia({ name: 'bookings' })
    .use(deps.shell)
    .post(
      '/rides/:id/booking',
      async ({ request, web, params, body }) => {
        try {
          return await rebook({ request, web, body }, params.id, body.quote_id)
        } catch (error) {
          if (!(error instanceof HttpProblem) || error.status !== 409) throw error
          const place = placeOf(deps.companies, request)
          const quote = await findQuote(web.db, place.company.id, body.quote_id as QuoteId)
          if (quote === undefined || !mayReach(web, quotesThing(quote))) throw error
          const again = {
            chosenQuoteId: quote.id,
            error: error.detail,
            isSpent: error instanceof RefusalProblem,
          }
          const asked = { request, web, place, setId: quote.set_id, change: params.id, again }
          return htmlResponse(await quotesMarkup(deps, asked), 409)
        }
      },
      { params: rideParams, body: rebookForm },
    )
    .post(
      '/api/v1/rides/:id/booking',
      ({ request, web, params, body }) => rebook({ request, web, body }, params.id, body.quoteId),
      { params: rideParams, body: rebookBody },
    )
}
