/** "Who did what" at the desk: a page with filters in its address, and the same as JSON. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { deedsPage } from '../../views/board/deeds.ts'
import { ACTIONS } from '../audit/actions.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import { instantsAt } from '../engine/wall-clock.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { DESK_ACTIONS, deedProps, readDeeds } from './deeds.ts'
import { type Desk, deskOf } from './desk.ts'

export interface DeedRouteDeps extends PageDeps {
  readonly shell: Shell
}

const empty = (text: string) => (text === '' ? undefined : text)
const words = z.string().trim().max(120).default('').transform(empty)
/** A local time as its field sends it; what cannot be read filters nothing. */
const localTime = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d$/)
  .optional()
  .catch(undefined)
const query = z.object({
  ...{ who: words, about: words, from: localTime, to: localTime },
  action: z
    .string()
    .refine((name) => (DESK_ACTIONS as readonly string[]).includes(name))
    .optional()
    .catch(undefined),
  before: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
})
type Query = z.infer<typeof query>

export function deedRoutes(deps: DeedRouteDeps) {
  function read(web: WebContext, { company, region }: Desk, { from, to, ...asked }: Query) {
    const at = (text: string | undefined) =>
      text === undefined ? undefined : instantOf(text, region.timeZone)
    return readDeeds(web.db, company.id, { ...asked, fromMs: at(from), untilMs: at(to) })
  }

  return new Elysia({ name: 'deeds' })
    .use(deps.shell)
    .get(
      '/board/deeds',
      async ({ request, web, query: asked }) => {
        const desk = deskOf(deps, web)
        const { entries, names, next } = await read(web, desk, asked)
        const { before, ...filter } = asked
        return htmlResponse(
          String(
            deedsPage(pageContext(deps, { request, web, place: desk }), {
              filter,
              entries: entries.map((row) => deedProps(row, names)),
              actions: DESK_ACTIONS.map((name) => ({ name, words: ACTIONS[name].words })),
              older: next,
              isFirstPage: before === undefined,
            }),
          ),
        )
      },
      { query },
    )
    .get(
      '/api/v1/board/deeds',
      async ({ web, query: asked }) => {
        const { entries, names, next } = await read(web, deskOf(deps, web), asked)
        return jsonResponse({
          deeds: entries.map(({ sequence, atMs, actor, action, subjectKind, subject, detail }) => ({
            ...{ sequence, atMs, by: actor, action, subjectKind, subject },
            ...{ about: (subject !== null && names.get(subject)) || null, detail },
          })),
          next,
        })
      },
      { query },
    )
}

/** Undefined for a time that a wall never shows; of two the earlier. */
function instantOf(text: string, timeZone: string): number | undefined {
  const [day, time] = text.split('T') as [string, string]
  if (Number.isNaN(Date.parse(`${day}T00:00:00Z`))) return undefined
  const [hour, minute] = time.split(':').map(Number) as [number, number]
  return instantsAt({ day, minute: hour * 60 + minute }, timeZone)[0]
}
