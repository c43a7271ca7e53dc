/** Why a ride went to whom it did, or to nobody: the page of one click, the same as JSON, and files to take along. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { tracePage } from '../../views/board/trace.ts'
import { answerText, whySentence } from '../../views/board/trace-words.ts'
import { record } from '../audit/audit.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { STEPS } from '../engine/trace-gates.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import { csvLine } from '../io/csv-write.ts'
import type { Random } from '../io/random.ts'
import { desksThing, findRide, referenceOf } from '../rides/rides.ts'
import { rideParams } from '../rides/shapes.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany, mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { type ExportedTrace, exportTrace, readTrace } from './trace.ts'

export interface TraceRouteDeps extends PageDeps {
  readonly shell: Shell
  readonly clock: Clock
  readonly random: Random
}

/** An unreadable choice shows the newest look, as an old link does whose look has gone. */
const traceQuery = z.object({
  at: z.coerce.number().int().positive().optional().catch(undefined),
  step: z.enum(STEPS).optional().catch(undefined),
  driver: z.uuid().optional().catch(undefined),
})
const exportQuery = z.object({ format: z.enum(['csv', 'json']).default('csv') })

export function traceRoutes(deps: TraceRouteDeps) {
  const { clock, random } = deps

  /** The desk's own ride, of its company's home region. */
  async function rideOf(web: WebContext, rideId: string) {
    const company = deps.companies.company(actingCompany(web))
    const region = company && deps.companies.homeRegion(company.id)
    if (company === undefined || region === undefined) throw notThere()
    const ride = await findRide(web.db, company.id, rideId as RideId)
    if (ride === undefined || ride.region_id !== region.id || !mayReach(web, desksThing(ride)))
      throw notThere()
    return { company, region, ride }
  }

  return new Elysia({ name: 'trace' })
    .use(deps.shell)
    .get(
      '/board/rides/:id/trace',
      async ({ request, web, params, query }) => {
        const { company, region, ride } = await rideOf(web, params.id)
        const props = await readTrace({ db: web.db, clock }, region, ride, {
          ...{ atMs: query.at, step: query.step, driverId: query.driver as DriverId | undefined },
        })
        return htmlResponse(
          String(tracePage(pageContext(deps, { request, web, place: { company, region } }), props)),
        )
      },
      { params: rideParams, query: traceQuery },
    )
    .get(
      '/board/rides/:id/trace/export',
      async ({ web, params, query }) => {
        const { company, region, ride } = await rideOf(web, params.id)
        const trace = await exportTrace({ db: web.db, clock }, region, ride)
        await record(web.db, random, {
          ...{ action: 'ride.trace_exported', companyId: company.id, subject: ride.id },
          ...{ atMs: clock.nowMs(), actorId: requireViewer(web).identityId, address: web.address },
          ...{ requestId: web.requestId, detail: { format: query.format, looks: trace.looks.length } },
        })
        const isCsv = query.format === 'csv'
        return new Response(isCsv ? csvOf(trace, clock.nowMs()) : JSON.stringify(traceJson(trace), null, 2), {
          headers: {
            'content-type': `${isCsv ? 'text/csv' : 'application/json'}; charset=utf-8`,
            'content-disposition': `attachment; filename="trace-${referenceOf(ride)}.${query.format}"`,
          },
        })
      },
      { params: rideParams, query: exportQuery },
    )
    .get(
      '/api/v1/board/rides/:id/trace',
      async ({ web, params }) => {
        const { region, ride } = await rideOf(web, params.id)
        return jsonResponse(traceJson(await exportTrace({ db: web.db, clock }, region, ride)))
      },
      { params: rideParams },
    )
}

function traceJson(trace: ExportedTrace) {
  const { ride, waitedMs, asked, why, looks } = trace
  return {
    ride: { id: ride.id, reference: ride.reference, state: ride.state, requestedAtMs: ride.requestedAtMs },
    ...{ sentence: whySentence(trace), waitedMs, asked, why, looks },
  }
}

const COLUMNS = [
  ...['ride', 'looked_at', 'until', 'ticks', 'outcome', 'radius_m', 'rides_waiting', 'cars_on_shift'],
  ...['driver', 'name', 'gate', 'state', 'lat', 'lng', 'pin_age_s', 'distance_m', 'eta_s', 'cost_s'],
  ...['pickup_cost_s', 'soon_free', 'other_ride', 'answer'],
]

/** One line a look and car; a look without a car has one line all the same. */
function csvOf({ ride, looks }: ExportedTrace, nowMs: number): string {
  const lines = looks.flatMap((look) => {
    const of = [
      ...[ride.reference, new Date(look.atMs).toISOString(), new Date(look.untilMs).toISOString()],
      ...[look.ticks, look.kind, Math.round(look.radiusM), look.waiting, look.cars],
    ]
    if (look.drivers.length === 0) return [csvLine([...of, ...COLUMNS.slice(of.length).map(() => null)])]
    return look.drivers.map((driver) =>
      csvLine([
        ...of,
        ...[driver.callSign, driver.name, driver.gate, driver.state, driver.at.lat, driver.at.lng],
        ...[driver.ageS, driver.distanceM, driver.etaS, driver.costS, driver.pickupCostS],
        ...[driver.isSoonFree ? 'yes' : '', driver.otherRide, answerText(driver, nowMs)],
      ]),
    )
  })
  return [csvLine(COLUMNS), ...lines].join('')
}
