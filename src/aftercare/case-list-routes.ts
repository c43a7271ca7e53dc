/** The lists of lost things and reports: a rider's, a driver's and the desk's, as pages that are live, and as JSON. */
import { Elysia } from 'elysia'
import { caseList, type ListedCaseProps } from '../../views/aftercare/case-list.ts'
import { deskCasesPage, driverCasesPage, riderCasesPage } from '../../views/aftercare/case-pages.ts'
import { type Place, pageContext, placeOf } from '../companies/page-context.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { CaseSide } from '../engine/ride-case.ts'
import { isNight } from '../engine/sun.ts'
import { referenceOf } from '../rides/rides.ts'
import { htmlResponse, jsonResponse, requireViewer } from '../web/context.ts'
import { comingShape } from '../web/live.ts'
import { type CaseReader, pageLineHalves } from '../web/page-lines.ts'
import { type CaseDeps, type CaseSides, casePath } from './case-sides.ts'
import { type ListedCase, listCases } from './cases.ts'
import { deskOf, placeOfDriver } from './places.ts'
import type { Asking } from './routes.ts'

/** A list as who asks may read it. */
interface CaseList {
  readonly side: CaseSide
  readonly place: Place
  readonly reader: CaseReader
  read(): Promise<ListedCase[]>
}
type ListOf = (asking: Asking) => Promise<CaseList>

export function caseListRoutes(deps: CaseDeps, sides: CaseSides) {
  const { clock } = deps

  const ofRider: ListOf = async ({ request, web }) => {
    const place = placeOf(deps.companies, request)
    const { identityId: riderId } = requireViewer(web)
    const kinds = ['lost_item', 'problem'] as const
    return {
      ...{ side: 'rider', place, reader: riderId },
      read: () => listCases(web.db, place.company.id, { kinds, riderId, nowMs: clock.nowMs() }),
    }
  }

  /** What is reported is between the rider and the office. */
  const ofDriver: ListOf = async ({ web }) => {
    const driver = await requireDriver(web.db, web)
    const asked = { kinds: ['lost_item'] as const, driverId: driver.id }
    return {
      ...{ side: 'driver', place: placeOfDriver(deps, driver), reader: driver.id },
      read: () => listCases(web.db, driver.company_id, { ...asked, nowMs: clock.nowMs() }),
    }
  }

  const ofDesk: ListOf = async ({ web }) => {
    const place = deskOf(deps, web)
    const { id } = place.company
    return {
      ...{ side: 'desk', place, reader: id },
      // Which kinds, asked each time: a role may end while the page is open.
      read: () => listCases(web.db, id, { kinds: sides.kindsOfDesk(web, id), nowMs: clock.nowMs() }),
    }
  }

  /** @param path of the page, under which its line stands too */
  function routesOf(listOf: ListOf, path: string) {
    const live = pageLineHalves(deps.lines, async (asking) => {
      const list = await listOf(asking)
      const { side, reader, place } = list
      const ctx = pageContext(deps, { ...asking, place })
      return {
        about: `cases of ${side} ${reader}`,
        follow: (stream) => deps.lines.followCases(reader, stream),
        draw: async () => String(caseList(ctx, { side, cases: listed(side, await list.read()) })),
      }
    })
    return {
      live,
      page: async ({ request, web }: Asking) => {
        const { side, place, read } = await listOf({ request, web })
        const ctx = pageContext(deps, { request, web, place, live: `/live${path}` })
        const props = { side, cases: listed(side, await read()) }
        if (side === 'rider') return htmlResponse(String(riderCasesPage(ctx, props)))
        if (side === 'desk') return htmlResponse(String(deskCasesPage(ctx, props)))
        const options = { isNight: isNight(place.region.center, clock.nowMs()) }
        return htmlResponse(String(driverCasesPage(ctx, props, options)))
      },
      json: async ({ request, web }: Asking) => {
        const { side, read } = await listOf({ request, web })
        return jsonResponse({ cases: (await read()).map((row) => listedJson(side, row)) })
      },
    }
  }

  const rider = routesOf(ofRider, '/cases')
  const driver = routesOf(ofDriver, '/driver/cases')
  const desk = routesOf(ofDesk, '/board/cases')
  const line = { query: comingShape }
  return new Elysia({ name: 'case-lists' })
    .use(deps.shell)
    .get('/cases', rider.page)
    .get('/api/v1/cases', rider.json)
    .ws('/live/cases', { ...line, ...rider.live.socket })
    .get('/live/cases', rider.live.poll, line)
    .get('/driver/cases', driver.page)
    .get('/api/v1/driver/cases', driver.json)
    .ws('/live/driver/cases', { ...line, ...driver.live.socket })
    .get('/live/driver/cases', driver.live.poll, line)
    .get('/board/cases', desk.page)
    .get('/api/v1/board/cases', desk.json)
    .ws('/live/board/cases', { ...line, ...desk.live.socket })
    .get('/live/board/cases', desk.live.poll, line)
}

function listed(side: CaseSide, cases: readonly ListedCase[]): ListedCaseProps[] {
  return cases.map((row) => ({
    ...{ kind: row.kind, topic: row.topic, state: row.state, reference: referenceOf(row) },
    href: casePath(side, { id: row.rideId }, row.kind),
    about: side === 'rider' ? { from: row.from, to: row.to } : side === 'desk' ? whoOf(row) : null,
    changedAtMs: row.changedAtMs,
  }))
}

function whoOf({ riderName, driverName }: ListedCase): string {
  return driverName === null ? riderName : `${riderName}, with ${driverName}`
}

/** Who it is between is the desk's to know; a driver is told the ride alone. */
function listedJson(side: CaseSide, row: ListedCase) {
  const { rideId, kind, topic, state, openedAtMs, changedAtMs, riderName, driverName, from, to } = row
  return {
    ...{ rideId, reference: referenceOf(row), kind, topic, state, openedAtMs, changedAtMs },
    ...(side === 'desk' && { riderName, driverName }),
    ...(side === 'rider' && { from, to }),
  }
}
