/** The desk writes to drivers, one, some or all; sees how far it came; and reads what they answer. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type MessagesProps, messagesPage } from '../../views/board/messages.ts'
import { record } from '../audit/audit.ts'
import { markReadByDesk, newAnswers, sendingsOf, sendToDrivers, threadOf } from '../chat/desk-messages.ts'
import { messageBody, messageForm } from '../chat/shapes.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { onlyKey } from '../dispatch/shapes.ts'
import { findDriver } from '../drivers/drivers.ts'
import type { DriverId } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import {
  type Audience,
  type AudienceDeps,
  audienceShape,
  audiences,
  audienceText,
  audienceWord,
  resolve,
  zoneNameOf,
} from './audience.ts'
import { type Desk, deskOf } from './desk.ts'

export interface MessageRouteDeps extends ActDeps, PageDeps, AudienceDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly companies: AudienceDeps['companies']
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

interface Words {
  readonly text: string
  readonly mustRead: boolean
}

const params = z.object({ id: z.uuid() })
/** A tick box: sent only when it is set. */
const mustReadBox = z
  .literal('yes')
  .optional()
  .transform((value) => value === 'yes')
const sendForm = messageForm.extend({ to: audienceText, must_read: mustReadBox })
const sendBody = messageBody.extend({ audience: audienceShape, mustRead: z.boolean().default(false) })
const oneForm = messageForm.extend({ must_read: mustReadBox })
const oneBody = messageBody.extend({ mustRead: z.boolean().default(false) })
/** Whom a board picked; what cannot be read picks nobody. */
const pageQuery = z.object({
  to: z.string().max(8_000).default('all'),
  text: z.string().trim().max(500).default(''),
})

const NOBODY = 'Nobody is there now. Choose others, or write to a driver by name.'

export function messageRoutes(deps: MessageRouteDeps) {
  const { random } = deps

  async function driverOf(db: WebContext['db'], web: WebContext, driverId: string) {
    const desk = deskOf(deps, web)
    const driver = await findDriver(db, desk.company.id, driverId as DriverId)
    if (driver === undefined || driver.deleted_at !== null) throw notThere()
    if (!mayReach(web, { companyId: driver.company_id })) throw notThere()
    return { desk, driver }
  }

  async function pageProps(
    web: WebContext,
    { company, region }: Desk,
    typed: { to: string; text: string; mustRead: boolean; error?: string },
  ): Promise<MessagesProps> {
    const at = { companyId: company.id, regionId: region.id }
    const wanted = audienceText.safeParse(typed.to)
    const picked =
      wanted.success && wanted.data.kind === 'drivers'
        ? await web.db
            .selectFrom('drivers')
            .select(['id as driverId', 'call_sign as callSign', 'name'])
            .where('company_id', '=', company.id)
            .where('deleted_at', 'is', null)
            .where('id', 'in', wanted.data.driverIds as DriverId[])
            .orderBy('call_sign')
            .execute()
        : []
    return {
      ...{ ...typed, picked },
      audiences: await audiences({ ...deps, db: web.db }, region, wanted.success ? wanted.data : null),
      answers: await newAnswers(web.db, at),
      sendings: await sendingsOf(web.db, at),
      key: () => random.uuid(),
    }
  }

  async function limited(viewerId: string): Promise<void> {
    const taken = await deps.limits.take('messages_person', viewerId)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }

  /** @param find what is looked up first, in the same unit of work */
  function send(
    asked: Asked,
    audience: Audience,
    words: Words,
    location: string,
    route: string,
    find: (db: WebContext['db']) => Promise<unknown> = async () => {},
  ) {
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const { company, region } = deskOf(deps, asked.web)
      await find(unit.db)
      await limited(viewer.identityId)
      const zoneName = await zoneNameOf({ ...deps, db: unit.db }, region, audience)
      const whom = resolve(deps, region, audience, zoneName)
      const sent = await sendToDrivers(unit, random, {
        ...{ companyId: company.id, regionId: region.id, senderId: viewer.identityId },
        ...{ driverIds: whom.driverIds, audience: whom.words, ...words },
      })
      if (!sent.ok) throw new HttpProblem(409, NOBODY)
      await record(unit.db, random, {
        ...{ action: 'driver.messaged', companyId: company.id, subject: sent.value.id, atMs: unit.atMs },
        ...{ actorId: viewer.identityId, address: asked.web.address, requestId: asked.web.requestId },
        detail: { to: whom.words, drivers: sent.value.drivers, mustRead: words.mustRead },
      })
      return { location, json: sent.value, status: 201 }
    })
  }

  /** The page again with what was typed, where nobody fits what was chosen. */
  async function sendFromPage(asked: Asked, form: z.infer<typeof sendForm>, to: string): Promise<Response> {
    const words = { text: form.text, mustRead: form.must_read }
    try {
      return await send(asked, form.to, words, '/board/messages', 'POST /board/messages')
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status !== 409) throw error
      const { request, web } = asked
      const desk = deskOf(deps, web)
      const props = await pageProps(web, desk, { ...words, to, error: error.detail })
      return htmlResponse(String(messagesPage(pageContext(deps, { request, web, place: desk }), props)), 409)
    }
  }

  /** Where the answer to a form of the driver's card is seen. */
  function cardAddress(request: Request, driverId: string): string {
    return request.headers.get('hx-request') === 'true'
      ? `/board/drivers/${driverId}`
      : `/board?driver=${driverId}`
  }

  function sendToOne(asked: Asked, driverId: string, words: Words): Promise<Response> {
    const audience = { kind: 'drivers' as const, driverIds: [driverId] }
    const route = `POST /board/drivers/${driverId}/messages`
    const find = (db: WebContext['db']) => driverOf(db, asked.web, driverId)
    return send(asked, audience, words, cardAddress(asked.request, driverId), route, find)
  }

  function seen(asked: Asked, driverId: string): Promise<Response> {
    const route = `POST /board/drivers/${driverId}/messages/seen`
    return act(deps, { ...asked, route }, async (unit) => {
      const { desk, driver } = await driverOf(unit.db, asked.web, driverId)
      const read = await markReadByDesk(unit, {
        ...{ companyId: desk.company.id, regionId: desk.region.id, driverId: driver.id },
      })
      return { location: cardAddress(asked.request, driverId), json: { read } }
    })
  }

  return new Elysia({ name: 'board-messages' })
    .use(deps.shell)
    .get(
      '/board/messages',
      async ({ request, web, query }) => {
        const desk = deskOf(deps, web)
        const props = await pageProps(web, desk, { ...query, mustRead: false })
        return htmlResponse(String(messagesPage(pageContext(deps, { request, web, place: desk }), props)))
      },
      { query: pageQuery },
    )
    .post(
      '/board/messages',
      ({ request, web, body }) => {
        return sendFromPage({ request, web, body }, body, audienceWord(body.to))
      },
      { body: sendForm },
    )
    .get('/api/v1/board/messages', async ({ web }) => {
      const { company, region } = deskOf(deps, web)
      const at = { companyId: company.id, regionId: region.id }
      return jsonResponse({ sendings: await sendingsOf(web.db, at), answers: await newAnswers(web.db, at) })
    })
    .post(
      '/api/v1/board/messages',
      ({ request, web, body }) => {
        const words = { text: body.text, mustRead: body.mustRead }
        return send({ request, web, body }, body.audience, words, '/board/messages', 'POST /board/messages')
      },
      { body: sendBody },
    )
    .post(
      '/board/drivers/:id/messages',
      ({ request, web, params: { id }, body }) =>
        sendToOne({ request, web, body }, id, { text: body.text, mustRead: body.must_read }),
      { params, body: oneForm },
    )
    .get(
      '/api/v1/board/drivers/:id/messages',
      async ({ web, params: { id } }) => {
        const { desk, driver } = await driverOf(web.db, web, id)
        const about = { companyId: desk.company.id, driverId: driver.id }
        return jsonResponse({ messages: await threadOf(web.db, about) })
      },
      { params },
    )
    .post(
      '/api/v1/board/drivers/:id/messages',
      ({ request, web, params: { id }, body }) => sendToOne({ request, web, body }, id, body),
      { params, body: oneBody },
    )
    .post(
      '/board/drivers/:id/messages/seen',
      ({ request, web, params: { id }, body }) => seen({ request, web, body }, id),
      { params, body: onlyKey },
    )
    .post(
      '/api/v1/board/drivers/:id/messages/seen',
      ({ request, web, params: { id }, body }) => seen({ request, web, body }, id),
      { params, body: onlyKey },
    )
}
