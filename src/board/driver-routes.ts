/** The desk and one driver: the card, taking them off the road, and putting them back. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type DriverCardProps, driverCard } from '../../views/board/driver-card.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { onlyKey } from '../dispatch/shapes.ts'
import { findDriver } from '../drivers/drivers.ts'
import { holdDriver, putBack } from '../drivers/held.ts'
import type { DriverId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { openRidesOfDriver, releaseRide } from '../rides/rides.ts'
import { reason } from '../rides/shapes.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import type { Viewer } from '../web/viewer.ts'
import { type Desk, deskOf } from './desk.ts'
import { type DriverCardDeps, readDriverCard } from './driver-card.ts'

export interface DriverRouteDeps extends ActDeps, PageDeps, Omit<DriverCardDeps, 'db' | 'clock'> {
  readonly shell: Shell
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const params = z.object({ id: z.uuid() })
const key = z.string().max(128).optional()
/** `give`: rides whose rider is not on board go to other drivers at once; `keep`: they are driven to their end. */
const rides = z.enum(['keep', 'give']).default('keep')
const holdForm = z.strictObject({ reason, rides, key })
const holdBody = z.strictObject({ reason, rides })

export function driverRoutes(deps: DriverRouteDeps) {
  const { random } = deps
  const on = (web: WebContext) => ({ ...deps, db: web.db })

  /** The desk, and that the driver is within its reach. */
  async function about(db: WebContext['db'], web: WebContext, driverId: string) {
    const desk = deskOf(deps, web)
    const driver = await findDriver(db, desk.company.id, driverId as DriverId)
    if (driver === undefined || driver.deleted_at !== null) throw notThere()
    if (!mayReach(web, { companyId: driver.company_id })) throw notThere()
    return { ...desk, driver }
  }

  async function cardOf(web: WebContext, desk: Desk, driverId: string): Promise<DriverCardProps> {
    await about(web.db, web, driverId)
    const card = await readDriverCard(on(web), desk, driverId as DriverId)
    if (card === null) throw notThere()
    return card
  }

  function recordDesk(
    { web }: Asked,
    unit: Work,
    viewer: Viewer,
    done: { action: AuditAction; desk: Desk; driverId: string; detail: Record<string, unknown> },
  ): Promise<void> {
    return record(unit.db, random, {
      ...{ action: done.action, atMs: unit.atMs, actorId: viewer.identityId, detail: done.detail },
      ...{ companyId: done.desk.company.id, subject: done.driverId },
      ...{ address: web.address, requestId: web.requestId },
    })
  }

  /** Where the answer is seen: the card itself, or the board with it where scripts are off. */
  function cardAddress(request: Request, driverId: string): string {
    return request.headers.get('hx-request') === 'true'
      ? `/board/drivers/${driverId}`
      : `/board?driver=${driverId}`
  }

  function hold(asked: Asked, driverId: string, given: { reason: string; rides: 'keep' | 'give' }) {
    const route = `POST /board/drivers/${driverId}/hold`
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const { company, region, driver } = await about(unit.db, asked.web, driverId)
      const gave: string[] = []
      // Rides are locked before drivers, by everybody.
      if (given.rides === 'give')
        for (const ride of await openRidesOfDriver(unit.db, company.id, driver.id)) {
          if (ride.state === 'in_progress') continue
          const released = await releaseRide(unit, random, {
            ...{ companyId: company.id, rideId: ride.id, driverId: driver.id, reason: given.reason },
            actor: { kind: 'dispatcher', id: viewer.identityId },
          })
          // One that ended or moved on meanwhile needs nobody's hand.
          if (released.ok) gave.push(ride.id)
        }
      const held = await holdDriver(unit, {
        ...{ companyId: company.id, regionId: region.id, driverId: driver.id },
        ...{ byId: viewer.identityId, reason: given.reason },
      })
      if (!held.ok) throw refusalProblem(held.reason)
      if (held.value.changed)
        await recordDesk(asked, unit, viewer, {
          ...{ action: 'driver.held', desk: { company, region }, driverId },
          detail: { reason: given.reason, rides: given.rides, gave },
        })
      return {
        location: cardAddress(asked.request, driverId),
        json: {
          driverId,
          held: true,
          changed: held.value.changed,
          ridesGiven: gave,
          driving: held.value.runOpen,
        },
      }
    })
  }

  function takeBack(asked: Asked, driverId: string) {
    const route = `POST /board/drivers/${driverId}/return`
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const { company, region, driver } = await about(unit.db, asked.web, driverId)
      const back = await putBack(unit, { companyId: company.id, regionId: region.id, driverId: driver.id })
      if (!back.ok) throw refusalProblem(back.reason)
      if (back.value)
        await recordDesk(asked, unit, viewer, {
          ...{ action: 'driver.put_back', desk: { company, region }, driverId },
          detail: { reason: driver.held_reason },
        })
      return {
        location: cardAddress(asked.request, driverId),
        json: { driverId, held: false, changed: back.value },
      }
    })
  }

  return new Elysia({ name: 'board-drivers' })
    .use(deps.shell)
    .get(
      '/board/drivers/:id',
      async ({ request, web, params: { id } }) => {
        const desk = deskOf(deps, web)
        const card = await cardOf(web, desk, id)
        return htmlResponse(String(driverCard(pageContext(deps, { request, web, place: desk }), card)))
      },
      { params },
    )
    .get(
      '/api/v1/board/drivers/:id',
      async ({ web, params: { id } }) => {
        const { key: _, ...card } = await cardOf(web, deskOf(deps, web), id)
        return jsonResponse(card)
      },
      { params },
    )
    .post(
      '/board/drivers/:id/hold',
      ({ request, web, params: { id }, body }) => hold({ request, web, body }, id, body),
      { params, body: holdForm },
    )
    .post(
      '/api/v1/board/drivers/:id/hold',
      ({ request, web, params: { id }, body }) => hold({ request, web, body }, id, body),
      { params, body: holdBody },
    )
    .post(
      '/board/drivers/:id/return',
      ({ request, web, params: { id }, body }) => takeBack({ request, web, body }, id),
      { params, body: onlyKey },
    )
    .post(
      '/api/v1/board/drivers/:id/return',
      ({ request, web, params: { id }, body }) => takeBack({ request, web, body }, id),
      { params, body: onlyKey },
    )
}
