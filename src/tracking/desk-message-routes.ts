/** A driver and the desk beside rides: the conversation, an answer, and that something came or was read. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { deskThreadPage } from '../../views/drivers/from-desk.ts'
import {
  type DriverMessage,
  markReadByDriver,
  noteDelivered,
  threadOf,
  writeToDesk,
} from '../chat/desk-messages.ts'
import { messageBody, messageForm } from '../chat/shapes.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { LoadedDriver } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import { isNight } from '../engine/sun.ts'
import type { Limits } from '../io/limits.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { placeOfDriver } from './followed.ts'
import { type FollowDeps, regionOfDriver } from './pages.ts'

export interface DeskMessageDeps extends Omit<FollowDeps, 'db'>, PageDeps, ActDeps {
  readonly shell: Shell
  readonly limits: Limits
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const key = z.string().max(128).optional()
/** Ids with spaces between, as a form sends them. */
const idsText = z
  .string()
  .max(4_000)
  .transform((text) => text.split(' ').filter((id) => id !== ''))
  .pipe(z.array(z.uuid()).max(100))
const idsForm = z.strictObject({ ids: idsText, key })
const readForm = z.strictObject({ ids: idsText, back: z.enum(['driving', 'thread']).default('driving'), key })
const idsBody = z.strictObject({ ids: z.array(z.uuid()).max(100) })
/** Without ids all of it. */
const readBody = z.strictObject({ ids: z.array(z.uuid()).max(100).optional() })

const THREAD = '/driver/messages'

export function deskMessageRoutes(deps: DeskMessageDeps) {
  const { random } = deps

  const placeIn = (driver: LoadedDriver) => ({
    ...{ companyId: driver.company_id, driverId: driver.id, regionId: regionOfDriver(deps, driver).id },
  })

  function write(asked: Asked, text: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${THREAD}` }, async (unit, viewer) => {
      const driver = await requireDriver(unit.db, asked.web)
      const taken = await deps.limits.take('messages_person', viewer.identityId)
      if (!taken.allowed) throw tooMany(taken.retryAfterS)
      const id = await writeToDesk(unit, random, {
        ...{ ...placeIn(driver), senderId: viewer.identityId, text },
      })
      return { location: THREAD, json: { id }, status: 201 }
    })
  }

  function read(asked: Asked, ids: readonly string[] | undefined, location: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${THREAD}/read` }, async (unit) => {
      const driver = await requireDriver(unit.db, asked.web)
      const read = await markReadByDriver(unit, { ...placeIn(driver), ...(ids !== undefined && { ids }) })
      return { location, json: { read } }
    })
  }

  /** Not an act that could be done twice: what has come once has come. */
  function delivered(asked: Asked, ids: readonly string[]): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${THREAD}/delivered`, keyless: true }, async (unit) => {
      const driver = await requireDriver(unit.db, asked.web)
      const count = await noteDelivered(unit, { ...placeIn(driver), ids })
      return { location: '/driver', json: { delivered: count } }
    })
  }

  return new Elysia({ name: 'desk-messages' })
    .use(deps.shell)
    .get(THREAD, async ({ request, web }) => {
      const driver = await requireDriver(web.db, web)
      const place = placeOfDriver(deps, driver)
      const thread = await threadOf(web.db, { companyId: driver.company_id, driverId: driver.id })
      const props = {
        messages: thread.map(({ readAtMs, ...message }) => ({ ...message, isRead: readAtMs !== null })),
        key: () => random.uuid(),
      }
      const options = { isNight: isNight(place.region.center, deps.clock.nowMs()) }
      return htmlResponse(String(deskThreadPage(pageContext(deps, { request, web, place }), props, options)))
    })
    .get(`/api/v1${THREAD}`, async ({ web }) => {
      const driver = await requireDriver(web.db, web)
      const thread = await threadOf(web.db, { companyId: driver.company_id, driverId: driver.id })
      return jsonResponse({ messages: thread.map(forDriver) })
    })
    .post(THREAD, ({ request, web, body }) => write({ request, web, body }, body.text), {
      body: messageForm,
    })
    .post(`/api/v1${THREAD}`, ({ request, web, body }) => write({ request, web, body }, body.text), {
      body: messageBody,
    })
    .post(
      `${THREAD}/read`,
      ({ request, web, body }) =>
        read({ request, web, body }, body.ids, body.back === 'thread' ? THREAD : '/driver'),
      { body: readForm },
    )
    .post(
      `/api/v1${THREAD}/read`,
      ({ request, web, body }) => read({ request, web, body }, body.ids, THREAD),
      {
        body: readBody,
      },
    )
    .post(`${THREAD}/delivered`, ({ request, web, body }) => delivered({ request, web, body }, body.ids), {
      body: idsForm,
    })
    .post(
      `/api/v1${THREAD}/delivered`,
      ({ request, web, body }) => delivered({ request, web, body }, body.ids),
      { body: idsBody },
    )
}

/** Which dispatcher wrote is the company's business: to a driver it is the desk. */
function forDriver({ by: _, ...message }: DriverMessage): Omit<DriverMessage, 'by'> {
  return message
}
