/** Help during a ride: asked for by rider or driver on a page of its own, seen and closed by the desk on another. */
import { Elysia } from 'elysia'
import { safetyPage } from '../../views/safety/ask.ts'
import { deskSafetyPage } from '../../views/safety/desk.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { type PageDeps, pageContext, placeOf } from '../companies/page-context.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { assert, type CompanyId, type RegionId, type RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Fleet } from '../positions/fleet.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide, referenceOf, ridersThing } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, requireViewer, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { helpProps } from './props.ts'
import {
  acknowledgeAlert,
  alertsOfRide,
  closeAlert,
  type LoadedSafetyAlert,
  mayAskForHelp,
  newestAlertOf,
  raiseSafetyAlert,
  type SafetySide,
  trackOf,
} from './safety.ts'
import { alertParams, closingForm, onlyKey } from './shapes.ts'

export interface SafetyRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly fleet: Pick<Fleet, 'car'>
}

interface Asking {
  readonly request: Request
  readonly web: WebContext
}
interface Asked extends Asking {
  readonly body: unknown
}

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

  async function desksRide({ web }: Asking, rideId: string, db: Db | Work['db']): Promise<LoadedRide> {
    const ride = await findRide(db, actingCompany(web), rideId as RideId)
    if (ride === undefined || !mayReach(web, desksThing(ride))) throw notThere()
    return ride
  }

  function placeOfRide(ride: LoadedRide) {
    const company = deps.companies.company(ride.company_id)
    const region = deps.companies.region(ride.region_id as RegionId)
    assert(company !== undefined && region !== undefined, 'a ride lies in a region of a company we know')
    return { company, region }
  }

  async function askPage(asking: Asking, side: SafetySide, rideId: string): Promise<Response> {
    const { web, request } = asking
    const ride = await rideFor(side)(asking, rideId, web.db)
    const alert = await newestAlertOf(web.db, ride, side)
    const place = placeOfRide(ride)
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

  function keep(
    { web }: Asking,
    unit: Work,
    entry: { action: AuditAction; ride: LoadedRide; detail: object },
  ) {
    return record(unit.db, random, {
      ...{ action: entry.action, atMs: unit.atMs, actorId: requireViewer(web).identityId },
      ...{ companyId: entry.ride.company_id, subject: entry.ride.id, detail: { ...entry.detail } },
      ...{ address: web.address, requestId: web.requestId },
    })
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
      await keep(asked, unit, { action: 'safety.raised', ride, detail: { side } })
      return { location: pathOf(side, ride.id), json: alertJson(raised.value), status: 201 }
    })
  }

  /** Who looks is written down before anything is shown. */
  async function deskPage(asking: Asking, rideId: string): Promise<Response> {
    const { web, request } = asking
    const ride = await desksRide(asking, rideId, web.db)
    const alerts = await alertsOfRide(web.db, ride.company_id, ride.id)
    const newest = alerts[0]
    if (newest === undefined) throw notThere()
    await record(web.db, random, {
      ...{ action: 'safety.viewed', atMs: deps.clock.nowMs(), actorId: requireViewer(web).identityId },
      ...{ companyId: ride.company_id, subject: ride.id, detail: { alert: newest.id } },
      ...{ address: web.address, requestId: web.requestId },
    })
    const [track, driver, vehicle, names] = await Promise.all([
      trackOf(web.db, newest.id),
      findDriver(web.db, ride.company_id, newest.driver_id),
      ride.vehicle_id === null ? undefined : findVehicle(web.db, ride.company_id, ride.vehicle_id),
      namesOf(web.db, alerts),
    ])
    const position = deps.fleet.car(newest.driver_id)?.position ?? null
    const place = placeOfRide(ride)
    const ctx = pageContext(deps, { request, web, place })
    return htmlResponse(
      String(
        deskSafetyPage(ctx, {
          nowMs: Math.floor(deps.clock.nowMs()),
          rideId: ride.id,
          reference: referenceOf(ride),
          riderName: ride.rider_name,
          driver: driver === undefined ? null : { name: driver.name, callSign: driver.call_sign },
          vehicle:
            vehicle === undefined
              ? null
              : { words: `${vehicle.colour} ${vehicle.make_model}`, plate: vehicle.plate },
          pickup: { label: ride.pickup_label, point: { lat: ride.pickup_lat, lng: ride.pickup_lng } },
          dropoff: { label: ride.dropoff_label, point: { lat: ride.dropoff_lat, lng: ride.dropoff_lng } },
          emergencyNumber: place.region.emergencyNumber,
          track,
          car:
            position === null
              ? null
              : {
                  ...{ lat: position.lat, lng: position.lng, headingDeg: position.headingDeg },
                  ageMs: Math.max(0, Math.floor(deps.clock.nowMs()) - position.atMs),
                },
          alerts: alerts.map((alert) => ({
            id: alert.id,
            side: alert.side,
            raisedAtMs: alert.raised_at.getTime(),
            seen:
              alert.seen_at === null
                ? null
                : { atMs: alert.seen_at.getTime(), by: nameIn(names, alert.seen_by) },
            closed:
              alert.closed_at === null
                ? null
                : {
                    atMs: alert.closed_at.getTime(),
                    by: nameIn(names, alert.closed_by),
                    words: alert.words ?? '',
                  },
          })),
          key: () => random.uuid(),
        }),
      ),
    )
  }

  function onAlert(
    asked: Asked,
    { id: rideId, alert: alertId }: { id: string; alert: string },
    done: { readonly tail: 'seen' | 'closing'; readonly action: AuditAction; readonly words?: string },
  ): Promise<Response> {
    const home = `/board/rides/${rideId}/safety`
    return act(deps, { ...asked, route: `POST ${home}/${alertId}/${done.tail}` }, async (unit, viewer) => {
      const ride = await desksRide(asked, rideId, unit.db)
      const about = { companyId: ride.company_id as CompanyId, alertId, personId: viewer.identityId }
      const alerts = await alertsOfRide(unit.db as Db, ride.company_id, ride.id)
      if (!alerts.some(({ id }) => id === alertId)) throw notThere()
      const changed =
        done.words === undefined
          ? await acknowledgeAlert(unit, about)
          : await closeAlert(unit, { ...about, words: done.words })
      if (!changed.ok) throw refusalProblem(changed.reason)
      await keep(asked, unit, { action: done.action, ride, detail: { alert: alertId } })
      return { location: home, json: alertJson(changed.value) }
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
    .get('/board/rides/:id/safety', ({ request, web, params }) => deskPage({ request, web }, params.id), page)
    .post(
      '/board/rides/:id/safety/:alert/seen',
      ({ request, web, params, body }) =>
        onAlert({ request, web, body }, params, { tail: 'seen', action: 'safety.seen' }),
      { params: alertParams, body: onlyKey },
    )
    .post(
      '/board/rides/:id/safety/:alert/closing',
      ({ request, web, params, body }) =>
        onAlert({ request, web, body }, params, {
          tail: 'closing',
          action: 'safety.closed',
          words: body.words,
        }),
      { params: alertParams, body: closingForm },
    )
}

function pathOf(side: SafetySide, rideId: string): string {
  return `${side === 'driver' ? '/driver' : ''}/rides/${rideId}/safety`
}

function alertJson(alert: LoadedSafetyAlert) {
  return { id: alert.id, rideId: alert.ride_id, ...helpProps(alert) }
}

/** Of who took them in hand. */
async function namesOf(db: Db, alerts: readonly LoadedSafetyAlert[]): Promise<Map<string, string>> {
  const ids = alerts.flatMap(({ seen_by, closed_by }) => [seen_by, closed_by]).filter((id) => id !== null)
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('identities').select(['id', 'name']).where('id', 'in', ids).execute()
  return new Map(rows.map(({ id, name }) => [id, name]))
}

function nameIn(names: ReadonlyMap<string, string>, id: string | null): string {
  return (id !== null && names.get(id)) || 'the desk'
}
