/** The desk's half of a call for help: where the car is and was, live, who has it in hand, and how it ended. */
import { Elysia } from 'elysia'
import { sql } from 'kysely'
import { type DeskSafetyProps, deskSafetyNow, deskSafetyPage } from '../../views/safety/desk.ts'
import type { AuditAction } from '../audit/actions.ts'
import { pageContext } from '../companies/page-context.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import type { CompanyId, DriverId, IdentityId, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Made } from '../io/stream.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { desksThing, findRide, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer } from '../web/context.ts'
import { comingShape } from '../web/live.ts'
import { type PageLine, pageLineHalves } from '../web/page-lines.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import { acknowledgeAlert, alertsOfRide, closeAlert, type LoadedSafetyAlert, trackOf } from './safety.ts'
import { alertParams, closingForm, onlyKey } from './shapes.ts'
import { type Asked, type Asking, alertJson, keepAct, placeOfRide, type SafetyRouteDeps } from './shared.ts'

export function deskSafetyRoutes(deps: SafetyRouteDeps) {
  const { random, clock } = deps

  async function desksRide({ web }: Asking, rideId: string, db: Db | Work['db']): Promise<LoadedRide> {
    const ride = await findRide(db, actingCompany(web), rideId as RideId)
    if (ride === undefined || !mayReach(web, desksThing(ride))) throw notThere()
    return ride
  }

  /** The ride, and its calls with the newest first. @throws HttpProblem 404 where there was none */
  async function calledFrom(asking: Asking, rideId: string) {
    const ride = await desksRide(asking, rideId, asking.web.db)
    const alerts = await alertsOfRide(asking.web.db, ride.company_id, ride.id)
    const [newest] = alerts
    if (newest === undefined) throw notThere()
    return { ride, alerts, newest }
  }
  type Called = Awaited<ReturnType<typeof calledFrom>>

  /** Who looks is written down before anything is shown: once, with its page, however often its line comes back. */
  async function keepLook(asking: Asking, { ride, newest }: Called): Promise<void> {
    const unit = { db: asking.web.db, atMs: clock.nowMs() }
    const actorId = requireViewer(asking.web).identityId
    if (await hasLooked(unit.db, { actorId, newest, sinceMs: unit.atMs - LOOK_MS })) return
    await keepAct(random, asking, unit, { action: 'safety.viewed', ride, detail: { alert: newest.id } })
  }

  async function propsOf({ web }: Asking, { ride, alerts, newest }: Called): Promise<DeskSafetyProps> {
    const [track, driver, vehicle, names] = await Promise.all([
      trackOf(web.db, newest.id),
      findDriver(web.db, ride.company_id, newest.driver_id),
      ride.vehicle_id === null ? undefined : findVehicle(web.db, ride.company_id, ride.vehicle_id),
      namesOf(web.db, alerts),
    ])
    const position = deps.fleet.car(newest.driver_id)?.position ?? null
    const place = placeOfRide(deps.companies, ride)
    return {
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
          alert.seen_at === null ? null : { atMs: alert.seen_at.getTime(), by: nameIn(names, alert.seen_by) },
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
    }
  }

  async function deskPage(asking: Asking, rideId: string): Promise<Response> {
    const called = await calledFrom(asking, rideId)
    await keepLook(asking, called)
    const place = placeOfRide(deps.companies, called.ride)
    const ctx = pageContext(deps, { ...asking, place, live: `/live/board/rides/${called.ride.id}/safety` })
    return htmlResponse(String(deskSafetyPage(ctx, await propsOf(asking, called))))
  }

  const live = pageLineHalves(
    deps.lines,
    async (asking: Asking, { id }: { readonly id: string }): Promise<PageLine> => {
      const { ride } = await calledFrom(asking, id)
      const ctx = pageContext(deps, { ...asking, place: placeOfRide(deps.companies, ride) })
      /** Of the newest call; null until the look is written down. */
      let driverId: DriverId | null = null
      let kept: string | null = null
      return {
        about: `safety of ride ${ride.id}`,
        follow: (stream) => deps.lines.followRide(ride.id, stream, { growsOld: true }),
        async draw() {
          const called = await calledFrom(asking, id)
          if (kept !== called.newest.id) await keepLook(asking, called)
          kept = called.newest.id
          driverId = called.newest.driver_id
          return String(deskSafetyNow(ctx, await propsOf(asking, called)))
        },
        car: (had) => (driverId === null ? null : carMade(driverId, had)),
      }
    },
  )

  function carMade(driverId: DriverId, had: number | null): Made | null {
    const position = deps.fleet.car(driverId)?.position ?? null
    if (position === null || position.atMs === had) return null
    const { lat, lng, headingDeg, atMs } = position
    const ageMs = Math.max(0, Math.round(clock.nowMs() - atMs))
    return { mark: atMs, text: JSON.stringify({ type: 'car', lat, lng, headingDeg, ageMs, etaS: null }) }
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
      await keepAct(random, asked, unit, { action: done.action, ride, detail: { alert: alertId } })
      return { location: home, json: alertJson(changed.value) }
    })
  }

  const line = { params: rideParams, query: comingShape }
  return new Elysia({ name: 'desk-safety' })
    .use(deps.shell)
    .ws('/live/board/rides/:id/safety', { ...line, ...live.socket })
    .get('/live/board/rides/:id/safety', live.poll, line)
    .get('/board/rides/:id/safety', ({ request, web, params }) => deskPage({ request, web }, params.id), {
      params: rideParams,
    })
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

/** A page left open, its line that comes back and the page loaded again within this time are one look. */
const LOOK_MS = 10 * 60_000

/** Whether that person's look at a call was written down since then. */
async function hasLooked(
  db: Db,
  {
    actorId,
    newest,
    sinceMs,
  }: { readonly actorId: IdentityId; readonly newest: LoadedSafetyAlert; readonly sinceMs: number },
): Promise<boolean> {
  const found = await db
    .selectFrom('audit_entries')
    .select('id')
    .where('actor_id', '=', actorId)
    .where('at', '>', new Date(sinceMs))
    .where('action', '=', 'safety.viewed')
    .where('subject', '=', newest.ride_id)
    .where(sql<string>`detail ->> 'alert'`, '=', newest.id)
    .limit(1)
    .executeTakeFirst()
  return found !== undefined
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
