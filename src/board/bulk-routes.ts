/** One act on many rides, by the table's form and by programs: an answer a ride, and one way back for all of them. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type BulkKind, batchPage, boardBulk } from '../../views/board/bulk.ts'
import { boardUndo } from '../../views/board/undo.ts'
import { messageBody } from '../chat/shapes.ts'
import { pageContext } from '../companies/page-context.ts'
import { onlyKey } from '../dispatch/shapes.ts'
import { PUT_OFF_MINUTES } from '../engine/rescue.ts'
import type { RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import { reason } from '../rides/shapes.ts'
import { type ActDeps, act, type Done } from '../web/act.ts'
import { htmlResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere, titleOf, tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { actOnMany, BULK_MOST, type BulkAct, type BulkOutcome, undoMany } from './bulk.ts'
import { type BatchAsked, readBatch } from './bulk-props.ts'
import { deskOf } from './desk.ts'
import { mergeAddress } from './merge-routes.ts'
import { type Asked, makeRideDesk, type RideDeskDeps } from './ride-desk.ts'

export interface BulkRouteDeps extends RideDeskDeps, ActDeps {
  readonly shell: Shell
  readonly limits: Limits
}

const key = z.string().max(128).optional()
const minutes = z.literal(PUT_OFF_MINUTES)
const MANY = `Up to ${BULK_MOST} rides at once.`
const NONE = 'Mark the rides first.'

/** A row's box: the ride and the version of it that was looked at. */
const box = z
  .string()
  .regex(/^[\da-f-]{36}:\d{1,9}$/, { error: 'This should be a ride and its version.' })
  .transform((text) => ({ id: text.slice(0, 36), version: Number(text.slice(37)) }))
  .pipe(z.object({ id: z.uuid(), version: z.number() }))

/** Every menu of the bar is in one form, so each sends what it stands at; the button that was pressed says which counts. */
const bulkForm = z.strictObject({
  act: z.enum(['assign', 'look_merge', 'merge', 'release', 'hold', 'cancel', 'message'], {
    error: 'Choose what to do.',
  }),
  ride: z
    .union([z.string(), z.array(z.string())], { error: NONE })
    .transform((one) => [one].flat())
    .pipe(z.array(box).min(1, { error: NONE }).max(BULK_MOST, { error: MANY })),
  minutes: z.coerce.number().pipe(minutes).optional(),
  release_reason: reason.optional(),
  cancel_reason: reason.optional(),
  text: z.string().max(500).optional(),
  must_read: z.literal('yes').optional(),
  key,
})

const rides = z
  .array(z.strictObject({ id: z.uuid(), version: z.int().min(1).optional() }))
  .min(1, { error: NONE })
  .max(BULK_MOST, { error: MANY })
const bulkBody = z.discriminatedUnion('act', [
  z.strictObject({ act: z.literal('assign'), rides }),
  z.strictObject({ act: z.literal('merge'), rides }),
  z.strictObject({ act: z.literal('release'), rides, reason }),
  z.strictObject({ act: z.literal('hold'), rides, minutes }),
  z.strictObject({ act: z.literal('cancel'), rides, reason, words: reason.optional() }),
  messageBody.extend({ act: z.literal('message'), rides, mustRead: z.boolean().default(false) }).strict(),
])
type BulkBody = z.infer<typeof bulkBody>

const params = z.object({ id: z.uuid() })
/** How it ended, as the answer to the form leads to it: `RIDE.done` or `RIDE.reason`, with commas between. */
const resultQuery = z.object({
  act: z.enum(['assign', 'merge', 'release', 'hold', 'cancel', 'message', 'undo']),
  rows: z
    .string()
    .max(8_000)
    .transform((text) => text.split(','))
    .pipe(z.array(z.string().regex(/^[\da-f-]{36}\.[a-z_]{2,30}$/)).max(BULK_MOST))
    .transform((rows) =>
      rows.map((row) => {
        const refused = row.slice(37)
        return { rideId: row.slice(0, 36) as RideId, refused: refused === 'done' ? null : refused }
      }),
    )
    .refine((rows) => rows.every(({ rideId }) => z.uuid().safeParse(rideId).success)),
})

export function bulkRoutes(deps: BulkRouteDeps) {
  const { handOf } = makeRideDesk(deps)

  function perform(asked: Asked, body: BulkBody): Promise<Response> {
    return act(deps, { ...asked, route: 'POST /board/batches' }, async (unit, viewer) => {
      const batchId = deps.random.uuid()
      const hand = { ...handOf(asked.web, batchId), batchId }
      if (body.act === 'message') {
        const taken = await deps.limits.take('messages_person', viewer.identityId)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
      }
      const meant = [...new Map(body.rides.map((ride) => [ride.id, ride])).values()].map((ride) => ({
        ...{ rideId: ride.id as RideId, version: ride.version },
      }))
      const on = { ...deps, db: asked.web.db }
      const outcomes = await actOnMany(unit, hand, on, { act: bulkAct(body), meant })
      return answer(asked, unit, { batchId, kind: body.act, rows: outcomes })
    })
  }

  function takeBack(asked: Asked, batchId: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST /board/batches/${batchId}/undo` }, async (unit) => {
      const { region } = deskOf(deps, asked.web)
      const outcomes = await undoMany(unit, { ...handOf(asked.web, batchId), batchId }, region)
      if (outcomes === null) throw notThere()
      return answer(asked, unit, { batchId, kind: 'undo', rows: outcomes })
    })
  }

  /** Where a page reads how it ended, and the same for a program: each refused ride with its problem. */
  async function answer(
    asked: Asked,
    unit: Work,
    batch: BatchAsked & { rows: readonly BulkOutcome[] },
  ): Promise<Done> {
    const { batchId, kind, rows } = batch
    const read = await readOf(unit.db, asked.web, batch, unit.atMs)
    if (read === null) throw notThere()
    const search = new URLSearchParams({
      act: kind,
      rows: rows.map(({ rideId, refused }) => `${rideId}.${refused ?? 'done'}`).join(','),
    })
    return {
      location: `/board/batches/${batchId}?${search.toString()}`,
      json: {
        ...{ batchId, act: kind, done: read.rows.filter(({ refused }) => refused === null).length },
        rows: read.rows.map(({ rideId, reference, refused, words }) => ({
          ...{ rideId, reference, done: refused === null },
          ...(refused === null ? { words } : { problem: problemOf(refused, words) }),
        })),
        undo: read.undoUntilMs === null ? null : { batchId, untilMs: read.undoUntilMs },
      },
    }
  }

  function readOf(db: WebContext['db'] | Work['db'], web: WebContext, batch: BatchAsked, nowMs: number) {
    const viewerId = requireViewer(web).identityId
    return readBatch(db, deskOf(deps, web).region, batch, { viewerId, nowMs })
  }

  async function shown(request: Request, web: WebContext, batch: BatchAsked): Promise<Response> {
    const read = await readOf(web.db, web, batch, Math.floor(deps.clock.nowMs()))
    if (read === null) throw notThere()
    const nextKey = () => deps.random.uuid()
    const ctx = pageContext(deps, { request, web, place: deskOf(deps, web) })
    const result = { ...read, key: nextKey }
    if (request.headers.get('hx-request') !== 'true') return htmlResponse(String(batchPage(ctx, result)))
    // What was done to one ride before is not what U takes back any more.
    return htmlResponse(`${boardBulk(ctx, { result, key: nextKey })}${boardUndo(ctx, null)}`)
  }

  return new Elysia({ name: 'board-bulk' })
    .use(deps.shell)
    .post(
      '/board/batches',
      // Awaited here: a promise out of a branch that rejects is not the framework's to catch.
      async ({ request, web, body }) =>
        body.act === 'look_merge'
          ? // Nothing is done yet: what it would mean is looked at first.
            seeOther(mergeAddress(body.ride))
          : await perform({ request, web, body }, bodyOf({ ...body, act: body.act })),
      { body: bulkForm },
    )
    .post('/api/v1/board/batches', ({ request, web, body }) => perform({ request, web, body }, body), {
      body: bulkBody,
    })
    .get(
      '/board/batches/:id',
      ({ request, web, params: { id }, query }) =>
        shown(request, web, { batchId: id, kind: query.act, rows: query.rows }),
      { params, query: resultQuery },
    )
    .post(
      '/board/batches/:id/undo',
      ({ request, web, params: { id }, body }) => takeBack({ request, web, body }, id),
      { params, body: onlyKey },
    )
    .post(
      '/api/v1/board/batches/:id/undo',
      ({ request, web, params: { id }, body }) => takeBack({ request, web, body }, id),
      { params, body: onlyKey },
    )
}

/** RFC 9457, for one ride of many. */
function problemOf(refused: string, detail: string) {
  const status = refused === 'not_found' ? 404 : 409
  return { type: 'about:blank', title: titleOf(status), status, detail, reason: refused }
}

function bulkAct(body: BulkBody): BulkAct {
  const { act: kind, rides: _rides, ...rest } = body
  return { kind, ...rest } as BulkAct
}

/** The form as a program would say it; the menu's own part has to be there. */
function bodyOf(
  form: Omit<z.infer<typeof bulkForm>, 'act'> & { readonly act: Exclude<BulkKind, 'undo'> },
): BulkBody {
  const { act: kind, ride, minutes, release_reason, cancel_reason, text, must_read } = form
  const said: Record<Exclude<BulkKind, 'undo'>, Record<string, unknown>> = {
    assign: {},
    merge: {},
    release: { reason: release_reason },
    hold: { minutes },
    cancel: { reason: cancel_reason },
    message: { text, mustRead: must_read === 'yes' },
  }
  const whole = bulkBody.safeParse({ act: kind, rides: ride, ...said[kind] })
  if (whole.success) return whole.data
  throw new HttpProblem(422, kind === 'message' ? 'Write the message first.' : 'Say why, or for how long.')
}
