/** Hand-over at the desk: what the last shift left, a note for the next, and who took it over. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type HandoverProps, handoverPage } from '../../views/board/handover.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { refusalProblem } from '../rides/refusals.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { type Desk, deskOf } from './desk.ts'
import { changeNote, type NoteChange, notesOf, takeOver, writeNote } from './handover.ts'

export interface HandoverRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const key = z.string().max(128).optional()
const text = z
  .string()
  .overwrite(oneLine)
  .min(1, { error: 'Write a few words first.' })
  .max(500, { error: 'A note can have up to 500 letters.' })
const box = z
  .literal('yes')
  .optional()
  .transform((value) => value === 'yes')
const to = z.enum(['pin', 'unpin', 'done', 'reopen'])
const ids = z.array(z.uuid()).max(100)
const noteForm = z.strictObject({ text, pinned: box, key })
const noteBody = z.strictObject({ text, pinned: z.boolean().default(false) })
const takenForm = z.strictObject({
  ids: z
    .string()
    .max(4_000)
    .transform((joined) => joined.split(' ').filter((id) => id !== ''))
    .pipe(ids),
  key,
})
const takenBody = z.strictObject({ ids })
const changeForm = z.strictObject({ to, key })
const changeBody = z.strictObject({ to })
const params = z.object({ id: z.uuid() })
const query = z.object({ shows: z.enum(['open', 'done']).default('open').catch('open') })

const HOME = '/board/handover'
const DEEDS: Record<NoteChange, AuditAction> = {
  ...{ pin: 'note.pinned', unpin: 'note.unpinned', done: 'note.done', reopen: 'note.reopened' },
}

export function handoverRoutes(deps: HandoverRouteDeps) {
  const { random } = deps
  const placeOf = ({ company, region }: Desk) => ({ companyId: company.id, regionId: region.id })

  function recordDeed({ web }: Asked, unit: Work, action: AuditAction, subject: string, detail = {}) {
    return record(unit.db, random, {
      ...{ action, subject, atMs: unit.atMs, companyId: deskOf(deps, web).company.id, detail },
      ...{ actorId: requireViewer(web).identityId, address: web.address, requestId: web.requestId },
    })
  }

  function write(asked: Asked, words: { text: string; pinned: boolean }): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}` }, async (unit, viewer) => {
      const id = await writeNote(unit, random, {
        ...{ ...placeOf(deskOf(deps, asked.web)), authorId: viewer.identityId, ...words },
      })
      await recordDeed(asked, unit, 'note.written', id, words)
      return { location: HOME, json: { id }, status: 201 }
    })
  }

  function take(asked: Asked, noteIds: readonly string[]): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}/taken` }, async (unit, viewer) => {
      const place = placeOf(deskOf(deps, asked.web))
      const taken = await takeOver(unit, { ...place, byId: viewer.identityId, ids: noteIds })
      if (taken > 0) await recordDeed(asked, unit, 'note.taken', noteIds[0]!, { notes: taken })
      return { location: HOME, json: { taken } }
    })
  }

  function change(asked: Asked, id: string, wanted: NoteChange): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}/${id}` }, async (unit, viewer) => {
      const place = placeOf(deskOf(deps, asked.web))
      if (!mayReach(asked.web, { companyId: place.companyId })) throw notThere()
      const changed = await changeNote(unit, { ...place, id, byId: viewer.identityId, to: wanted })
      if (!changed.ok) throw refusalProblem(changed.reason)
      if (changed.value) await recordDeed(asked, unit, DEEDS[wanted], id)
      return { location: HOME, json: { id, changed: changed.value } }
    })
  }

  async function markup({ request, web }: Omit<Asked, 'body'>, shows: HandoverProps['shows']) {
    const desk = deskOf(deps, web)
    const notes = await notesOf(web.db, placeOf(desk), { done: shows === 'done' })
    const props = {
      viewerId: requireViewer(web).identityId,
      notes,
      shows,
      text: '',
      key: () => random.uuid(),
    }
    return String(handoverPage(pageContext(deps, { request, web, place: desk }), props))
  }

  return new Elysia({ name: 'handover' })
    .use(deps.shell)
    .get(
      HOME,
      async ({ request, web, query: { shows } }) => htmlResponse(await markup({ request, web }, shows)),
      {
        query,
      },
    )
    .get(
      `/api/v1${HOME}`,
      async ({ web, query: { shows } }) =>
        jsonResponse({
          notes: (await notesOf(web.db, placeOf(deskOf(deps, web)), { done: shows === 'done' })).map(
            ({ words, ...note }) => ({ ...note, text: words.map((part) => part.text).join('') }),
          ),
        }),
      { query },
    )
    .post(HOME, ({ request, web, body }) => write({ request, web, body }, body), { body: noteForm })
    .post(`/api/v1${HOME}`, ({ request, web, body }) => write({ request, web, body }, body), {
      body: noteBody,
    })
    .post(`${HOME}/taken`, ({ request, web, body }) => take({ request, web, body }, body.ids), {
      body: takenForm,
    })
    .post(`/api/v1${HOME}/taken`, ({ request, web, body }) => take({ request, web, body }, body.ids), {
      body: takenBody,
    })
    .post(
      `${HOME}/:id`,
      ({ request, web, params: { id }, body }) => change({ request, web, body }, id, body.to),
      { params, body: changeForm },
    )
    .post(
      `/api/v1${HOME}/:id`,
      ({ request, web, params: { id }, body }) => change({ request, web, body }, id, body.to),
      { params, body: changeBody },
    )
}
