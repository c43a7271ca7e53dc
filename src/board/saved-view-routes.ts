/** Saved views at the desk: saved, renamed, shared, begun with, deleted; in place of the ride, as a page, and as JSON. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { savedViewsPage, savedViewsPane, type ViewsProps } from '../../views/board/saved-views.ts'
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import type { Companies } from '../companies/companies.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type ActDeps, act } from '../web/act.ts'
import { htmlResponse, jsonResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import type { Shell } from '../web/shell.ts'
import { oneLine } from '../web/text.ts'
import { deskOf } from './desk.ts'
import { listOfSearch, SEARCH_MOST, searchOf, showsOf } from './saved-search.ts'
import {
  changeView,
  deleteView,
  MOST_VIEWS,
  type StaleView,
  savedViews,
  saveView,
  type ViewChange,
  type ViewRefusal,
} from './saved-views.ts'

export interface SavedViewRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly companies: Companies
}

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const HOME = '/board/views'
const key = z.string().max(128).optional()
const name = z
  .string()
  .overwrite(oneLine)
  .min(1, { error: 'Give it a name, such as Late at night.' })
  .max(40, { error: 'A name can have up to 40 letters.' })
/** Written in one way, so that a board knows which view it shows. */
const search = z
  .string()
  .max(SEARCH_MOST)
  .transform((text, ctx) => {
    const query = listOfSearch(text)
    if (query !== null) return searchOf(query)
    ctx.addIssue({
      code: 'custom',
      message: 'This is no search of the board, such as show=on_board&late=yes.',
    })
    return z.NEVER
  })
const box = z
  .literal('yes')
  .optional()
  .transform((value) => value === 'yes')
const version = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
/** As typed: what is wrong with it is said beside it. */
const typedName = z.string().max(400).default('')
const saveForm = z.strictObject({ name: typedName, search: search.default(''), shared: box, first: box, key })
const saveBody = z.strictObject({
  ...{
    name,
    search: search.default(''),
    shared: z.boolean().default(false),
    first: z.boolean().default(false),
  },
})
const changeForm = z.strictObject({
  ...{ name: typedName, version, shared: box, first: box, key },
  /** Only its owner's form has the box, and one that is missing looks like one that is not set. */
  shareable: z.literal('yes').optional(),
  /** What the board shows now; taken over by its own button. */
  search: search.optional(),
  take: z.literal('search').optional(),
})
const changeBody = z.strictObject({
  ...{ version: z.int().min(1), name: name.optional(), search: search.optional() },
  ...{ shared: z.boolean().optional(), first: z.boolean().optional() },
})
const deleteForm = z.strictObject({ version, search: search.optional(), key })
const deleteBody = z.strictObject({ version: z.int().min(1) })
const params = z.object({ id: z.uuid() })
/** What the board shows, beside what was deleted last, both as this page's own forms write them. */
const pageQuery = z.looseObject({
  gone: z.string().max(40).optional(),
  gone_search: z.string().max(SEARCH_MOST).default(''),
  gone_shared: z.literal('yes').optional(),
})

const WORDS: Readonly<Record<Exclude<ViewRefusal, 'not_found'>, string>> = {
  name_taken: 'There is a view of that name already. Choose another name.',
  too_many_views: `${MOST_VIEWS} views are as many as fit. Delete one of them first.`,
  not_yours: 'Whoever made it says whether it is shared. Save it as one of your own instead.',
}
const GONE = 'That view is not there any more. Somebody deleted it, or keeps it to themselves.'

export function savedViewRoutes(deps: SavedViewRouteDeps) {
  const { random } = deps

  function at(web: WebContext) {
    const { company, region } = deskOf(deps, web)
    return { companyId: company.id, regionId: region.id, byId: requireViewer(web).identityId }
  }

  function recordDeed({ web }: Asked, unit: Work, action: AuditAction, subject: string, detail: object) {
    const { companyId, byId } = at(web)
    return record(unit.db, random, {
      ...{ action, subject, atMs: unit.atMs, companyId, actorId: byId, detail: { ...detail } },
      ...{ address: web.address, requestId: web.requestId },
    })
  }

  function save(asked: Asked, wanted: z.infer<typeof saveBody>): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}` }, async (unit) => {
      const { shared: isShared, first: isFirst, ...what } = wanted
      const saved = await saveView(unit, random, { ...at(asked.web), ...what, isShared, isFirst })
      if (!saved.ok) throw refusalOf(saved.reason)
      await recordDeed(asked, unit, 'view.saved', saved.value, { ...what, isShared })
      return { location: homeOf(asked, wanted.search), json: { id: saved.value }, status: 201 }
    })
  }

  function change(asked: Asked, wanted: ViewChange, shown: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}/${wanted.id}` }, async (unit) => {
      const desk = at(asked.web)
      if (!mayReach(asked.web, { companyId: desk.companyId })) throw notThere()
      const changed = await changeView(unit, desk, wanted)
      if (!('ok' in changed)) throw staleProblem(changed)
      if (!changed.ok) throw refusalOf(changed.reason)
      if (changed.value !== null) await recordDeed(asked, unit, 'view.changed', wanted.id, changed.value)
      return { location: homeOf(asked, shown), json: { id: wanted.id, changed: changed.value !== null } }
    })
  }

  function remove(asked: Asked, wanted: { id: string; version: number }, shown: string): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${HOME}/${wanted.id}/deletion` }, async (unit) => {
      const desk = at(asked.web)
      if (!mayReach(asked.web, { companyId: desk.companyId })) throw notThere()
      const deleted = await deleteView(unit, desk, wanted)
      if (!('ok' in deleted)) throw staleProblem(deleted)
      if (!deleted.ok) throw refusalOf(deleted.reason)
      const { name: gone, search: goneSearch, isShared } = deleted.value
      await recordDeed(asked, unit, 'view.deleted', wanted.id, deleted.value)
      const query = new URLSearchParams(shown)
      query.set('gone', gone)
      query.set('gone_search', goneSearch)
      if (isShared) query.set('gone_shared', 'yes')
      return { location: `${HOME}?${query}`, json: { id: wanted.id, deleted: true } }
    })
  }

  /** The pane goes on as the pane; a page goes on to the board with what was saved. */
  function homeOf({ request }: Asked, shown: string): string {
    return withSearch(isPart(request) ? HOME : '/board', shown)
  }

  async function markup(
    { request, web }: Pick<Asked, 'request' | 'web'>,
    shown: string,
    more: Pick<ViewsProps, 'gone' | 'notice' | 'typed'> = {},
  ): Promise<string> {
    const place = deskOf(deps, web)
    const showsOfSearch = (text: string) =>
      showsOf({ ...deps, db: web.db }, place.region, listOfSearch(text) ?? { show: 'live', q: '' })
    const views = await savedViews(web.db, at(web))
    const props: ViewsProps = {
      ...{ shown, key: () => random.uuid(), ...more },
      shows: await showsOfSearch(shown),
      views: await Promise.all(
        views.map(async (view) => ({ ...view, shows: await showsOfSearch(view.search) })),
      ),
    }
    const ctx = pageContext(deps, { request, web, place })
    return String(isPart(request) ? savedViewsPane(ctx, props) : savedViewsPage(ctx, props))
  }

  /** The list again where it did not work: with what was typed, and what is wrong beside it or above. */
  async function orAgain(
    asked: Asked,
    shown: string,
    typed: NonNullable<ViewsProps['typed']> | null,
    doing: (name: string) => Promise<Response>,
  ): Promise<Response> {
    const named = name.safeParse(typed?.name)
    if (typed !== null && !named.success) {
      const error = named.error.issues[0]?.message ?? 'Give it another name.'
      return htmlResponse(await markup(asked, shown, { typed: { ...typed, error } }), 422)
    }
    try {
      return await doing(named.data ?? '')
    } catch (error) {
      if (!(error instanceof HttpProblem) || (error.status !== 404 && error.status !== 409)) throw error
      const notice = error.status === 404 ? GONE : error.detail
      const isNew = typed?.id === null
      const again = isNew ? { typed: { ...typed, error: notice } } : { notice }
      return htmlResponse(await markup(asked, shown, again), error.status)
    }
  }

  return new Elysia({ name: 'saved-views' })
    .use(deps.shell)
    .get(
      HOME,
      async ({ request, web, query: { gone, gone_search, gone_shared, ...rest } }) => {
        const query = listOfSearch(new URLSearchParams(rest as Record<string, string>).toString())
        const shown = query === null ? '' : searchOf(query)
        const was =
          gone === undefined
            ? undefined
            : { name: gone, search: gone_search, isShared: gone_shared === 'yes' }
        return htmlResponse(await markup({ request, web }, shown, was === undefined ? {} : { gone: was }))
      },
      { query: pageQuery },
    )
    .get(`/api/v1${HOME}`, async ({ web }) => jsonResponse({ views: await savedViews(web.db, at(web)) }))
    .post(
      HOME,
      ({ request, web, body }) => {
        const asked = { request, web, body }
        const { search: shown, shared, first } = body
        const typed = { id: null, name: body.name, isShared: shared, isFirst: first }
        return orAgain(asked, shown, typed, (named) =>
          save(asked, { name: named, search: shown, shared, first }),
        )
      },
      { body: saveForm },
    )
    .post(`/api/v1${HOME}`, ({ request, web, body }) => save({ request, web, body }, body), {
      body: saveBody,
    })
    .post(
      `${HOME}/:id`,
      ({ request, web, params: { id }, body }) => {
        const asked = { request, web, body }
        const shown = body.search ?? ''
        const wanted = {
          ...{ id, version: body.version, isFirst: body.first },
          ...(body.take !== undefined && { search: shown }),
          ...(body.shareable !== undefined && { isShared: body.shared }),
        }
        const typed = { id, name: body.name, isShared: body.shared, isFirst: body.first }
        return orAgain(asked, shown, typed, (named) => change(asked, { ...wanted, name: named }, shown))
      },
      { params, body: changeForm },
    )
    .post(
      `/api/v1${HOME}/:id`,
      ({ request, web, params: { id }, body }) => {
        const { shared, first, ...rest } = body
        const wanted = {
          ...{ id, ...rest, ...(shared !== undefined && { isShared: shared }) },
          ...(first !== undefined && { isFirst: first }),
        }
        return change({ request, web, body }, wanted as ViewChange, '')
      },
      { params, body: changeBody },
    )
    .post(
      `${HOME}/:id/deletion`,
      ({ request, web, params: { id }, body }) => {
        const asked = { request, web, body }
        const shown = body.search ?? ''
        return orAgain(asked, shown, null, () => remove(asked, { id, version: body.version }, shown))
      },
      { params, body: deleteForm },
    )
    .post(
      `/api/v1${HOME}/:id/deletion`,
      ({ request, web, params: { id }, body }) =>
        remove({ request, web, body }, { id, version: body.version }, ''),
      { params, body: deleteBody },
    )
}

function withSearch(path: string, shown: string): string {
  return shown === '' ? path : `${path}?${shown}`
}

function refusalOf(reason: ViewRefusal): HttpProblem {
  return reason === 'not_found' ? notThere() : new HttpProblem(409, WORDS[reason])
}

function staleProblem({ by, agoS }: StaleView): HttpProblem {
  const ago = agoS < 60 ? `${agoS} s` : `${Math.round(agoS / 60)} min`
  return new HttpProblem(
    409,
    `${by} changed this view ${ago} ago. Nothing was done; look at it as it is now.`,
  )
}

/** Asked for by the board's script, for a part of the page. */
function isPart(request: Request): boolean {
  return request.headers.get('hx-request') === 'true'
}
