/** Help during a ride, asked for by rider or driver on a page of its own; the desk's is `desk-routes.ts`. */
import { Elysia } from 'elysia'
import { helpSection, type SafetyProps, safetyPage } from '../../views/safety/ask.ts'
import { pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isNight } from '../engine/sun.ts'
import type { RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { findRide, type LoadedRide, ridersThing } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { act } from '../web/act.ts'
import { htmlResponse } from '../web/context.ts'
import { comingShape } from '../web/live.ts'
import { type PageLine, pageLineHalves } from '../web/page-lines.ts'
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

  async function propsOf({ web }: Asking, side: SafetySide, ride: LoadedRide): Promise<SafetyProps> {
    const alert = await newestAlertOf(web.db, ride, side)
    const { company, region } = placeOfRide(deps.companies, ride)
    return {
      side,
      action: pathOf(side, ride.id),
      back: side === 'rider' ? `/rides/${ride.id}` : '/driver',
      emergencyNumber: region.emergencyNumber,
      companyName: company.name,
      mayAsk: mayAskForHelp(ride, deps.clock.nowMs()),
      alert: alert === undefined ? null : helpProps(alert),
      key: random.uuid(),
    }
  }

  async function askPage(asking: Asking, side: SafetySide, rideId: string): Promise<Response> {
    const ride = await rideFor(side)(asking, rideId, asking.web.db)
    const place = placeOfRide(deps.companies, ride)
    const ctx = pageContext(deps, { ...asking, place, live: `/live${pathOf(side, ride.id)}` })
    const night = side === 'driver' && isNight(place.region.center, deps.clock.nowMs())
    return htmlResponse(String(safetyPage(ctx, await propsOf(asking, side, ride), { isNight: night })))
  }

  /** Who called reads at once that the desk has seen it, and when it is over; the other side of the ride has none of it. */
  const lineOf = (side: SafetySide) =>
    pageLineHalves(deps.lines, async (asking: Asking, { id }: { readonly id: string }): Promise<PageLine> => {
      const ride = await rideFor(side)(asking, id, asking.web.db)
      const ctx = pageContext(deps, { ...asking, place: placeOfRide(deps.companies, ride) })
      return {
        about: `${side}’s help on ride ${ride.id}`,
        follow: (stream) => deps.lines.followRide(ride.id, stream, { growsOld: false }),
        draw: async () => {
          const now = await rideFor(side)(asking, id, asking.web.db)
          return String(helpSection(ctx, await propsOf(asking, side, now)))
        },
      }
    })
  const live = { rider: lineOf('rider'), driver: lineOf('driver') }

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
  const line = { params: rideParams, query: comingShape }
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
    .ws('/live/rides/:id/safety', { ...line, ...live.rider.socket })
    .get('/live/rides/:id/safety', live.rider.poll, line)
    .ws('/live/driver/rides/:id/safety', { ...line, ...live.driver.socket })
    .get('/live/driver/rides/:id/safety', live.driver.poll, line)
    .use(deskSafetyRoutes(deps))
}

function pathOf(side: SafetySide, rideId: string): string {
  return `${side === 'driver' ? '/driver' : ''}/rides/${rideId}/safety`
}
