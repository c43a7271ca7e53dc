/** Help during a ride, asked for by rider or driver on a page of its own; the desk's is `desk-routes.ts`. */
import { Elysia } from 'elysia'
import { safetyPage } from '../../views/safety/ask.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { findRide, ridersThing } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { act } from '../web/act.ts'
import { htmlResponse } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { deskSafetyRoutes } from './desk-routes.ts'
import { helpProps } from './props.ts'
import { mayAskForHelp, newestAlertOf, raiseSafetyAlert, type SafetySide } from './safety.ts'
import { onlyKey } from './shapes.ts'
import { type Asked, type Asking, alertJson, keepAct, placeOfRide, type SafetyRouteDeps } from './shared.ts'

export function safetyRoutes(deps: SafetyRouteDeps) {
  const { random } = deps

  async function ridersRide({ request, web }: Asking, rideId: string, db: Db | Work['db']) {
    const { company } = placeOf(deps.companies, request)
    const ride = await findRide(db, company.id, rideId as RideId)
    if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
    return ride
  }

  async function driversRide({ web }: Asking, rideId: string, db: Db | Work['db']) {
    const driver = await requireDriver(db, web)
    const ride = await findRide(db, driver.company_id, rideId as RideId)
    if (ride === undefined || ride.driver_id !== driver.id) throw notThere()
    return ride
  }
  const rideFor = (side: SafetySide) => (side === 'rider' ? ridersRide : driversRide)

  async function askPage(asking: Asking, side: SafetySide, rideId: string): Promise<Response> {
    const { web, request } = asking
    const ride = await rideFor(side)(asking, rideId, web.db)
    const alert = await newestAlertOf(web.db, ride, side)
    const place = placeOfRide(deps.companies, ride)
    const ctx = pageContext(deps, { request, web, place })
    return htmlResponse(
      String(
        safetyPage(ctx, {
          side,
          action: pathOf(side, ride.id),
          back: side === 'rider' ? `/rides/${ride.id}` : '/driver',
          emergencyNumber: place.region.emergencyNumber,
          companyName: place.company.name,
          mayAsk: mayAskForHelp(ride, deps.clock.nowMs()),
          alert: alert === undefined ? null : helpProps(alert),
          key: random.uuid(),
        }),
      ),
    )
  }

  function raise(asked: Asked, side: SafetySide, rideId: string): Promise<Response> {
    const route = `POST ${pathOf(side, rideId)}`
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const ride = await rideFor(side)(asked, rideId, unit.db)
      const raised = await raiseSafetyAlert(unit, random, {
        ...{ companyId: ride.company_id, rideId: ride.id, side, personId: viewer.identityId },
        ...(side === 'driver' && ride.driver_id !== null && { driverId: ride.driver_id }),
      })
      if (!raised.ok) throw refusalProblem(raised.reason)
      await keepAct(random, asked, unit, { action: 'safety.raised', ride, detail: { side } })
      return { location: pathOf(side, ride.id), json: alertJson(raised.value), status: 201 }
    })
  }

  const page = { params: rideParams }
  const once = { params: rideParams, body: onlyKey }
  return new Elysia({ name: 'safety' })
    .use(deps.shell)
    .get(
      '/rides/:id/safety',
      ({ request, web, params }) => askPage({ request, web }, 'rider', params.id),
      page,
    )
    .post(
      '/rides/:id/safety',
      ({ request, web, params, body }) => raise({ request, web, body }, 'rider', params.id),
      once,
    )
    .post(
      '/api/v1/rides/:id/safety',
      ({ request, web, params, body }) => raise({ request, web, body }, 'rider', params.id),
      once,
    )
    .get(
      '/driver/rides/:id/safety',
      ({ request, web, params }) => askPage({ request, web }, 'driver', params.id),
      page,
    )
    .post(
      '/driver/rides/:id/safety',
      ({ request, web, params, body }) => raise({ request, web, body }, 'driver', params.id),
      once,
    )
    .post(
      '/api/v1/driver/rides/:id/safety',
      ({ request, web, params, body }) => raise({ request, web, body }, 'driver', params.id),
      once,
    )
    .use(deskSafetyRoutes(deps))
}

function pathOf(side: SafetySide, rideId: string): string {
  return `${side === 'driver' ? '/driver' : ''}/rides/${rideId}/safety`
}
