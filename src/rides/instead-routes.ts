/** Taking the other car that a search was offered. */
import { Elysia } from 'elysia'
import type { z } from 'zod'
import { requireTakingRides } from '../companies/flags.ts'
import { placeOf } from '../companies/page-context.ts'
import type { QuoteId, RideId } from '../engine/units.ts'
import { act } from '../web/act.ts'
import { requireWelcome } from '../web/bans.ts'
import { seeOther, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { takeInstead } from './instead.ts'
import { rideJson } from './json.ts'
import { RefusalProblem, refusalProblem } from './refusals.ts'
import { findRide, ridersThing } from './rides.ts'
import type { RideRouteDeps } from './routes.ts'
import { rebookBody, rebookForm, rideParams } from './shapes.ts'

const shapes = { params: rideParams }

export function insteadRoutes(deps: RideRouteDeps) {
  function take(
    asked: { request: Request; web: WebContext; body: unknown },
    rideId: z.infer<typeof rideParams>['id'],
    quoteId: string,
  ): Promise<Response> {
    const { company } = placeOf(deps.companies, asked.request)
    return act(deps, { ...asked, route: `POST /rides/${rideId}/instead` }, async (unit, viewer) => {
      requireWelcome(viewer, company.id)
      requireTakingRides(deps.flags, company)
      const ride = await findRide(unit.db, company.id, rideId as RideId)
      if (ride === undefined || !mayReach(asked.web, ridersThing(ride))) throw notThere()
      const region = deps.companies.region(ride.region_id)
      if (region === undefined) throw notThere()
      const taken = await takeInstead(
        unit,
        { random: deps.random, secrets: deps.config.sessionSecrets },
        {
          ...{ companyId: company.id, rideId: ride.id, rider: viewer, quoteId: quoteId as QuoteId },
          ...{ unfulfilledAfterS: region.unfulfilledAfterS, leadFloorS: region.leadFloorS },
        },
      )
      if (!taken.ok) throw refusalProblem(taken.reason)
      return { location: `/rides/${taken.value.id}`, json: rideJson(taken.value), status: 201 }
    })
  }

  return new Elysia({ name: 'instead' })
    .use(deps.shell)
    .post(
      '/rides/:id/instead',
      async ({ request, web, params, body }) => {
        try {
          return await take({ request, web, body }, params.id, body.quote_id)
        } catch (error) {
          // A driver said yes meanwhile: the ride's page tells that better than any sentence.
          if (!(error instanceof RefusalProblem) || error.reason !== 'not_allowed_now') throw error
          return seeOther(`/rides/${params.id}`)
        }
      },
      { ...shapes, body: rebookForm },
    )
    .post(
      '/api/v1/rides/:id/instead',
      ({ request, web, params, body }) => take({ request, web, body }, params.id, body.quoteId),
      { ...shapes, body: rebookBody },
    )
}
