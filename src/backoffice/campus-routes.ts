/** Campuses, for those who run the installation. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type CampusFields, campusesPage, campusPage } from '../../views/backoffice/campuses.ts'
import type { AuditAction } from '../audit/actions.ts'
import { changesBetween, record } from '../audit/audit.ts'
import {
  addCampus,
  addDomain,
  changeCampus,
  keptDomain,
  type ListedCampus,
  listCampuses,
  removeCampus,
  removeDomain,
} from '../companies/campuses.ts'
import type { Work } from '../io/commit.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { oneLine } from '../web/text.ts'
import type { OfficeDeps } from './routes.ts'
import { isTimeZone } from './shapes.ts'

const text = z.string().overwrite(oneLine).min(1).max(120)
const key = z.string().max(128).optional()
const domain = z
  .string()
  .max(253)
  .transform((typed, context) => {
    const kept = keptDomain(typed)
    if (kept !== null) return kept
    context.issues.push({
      code: 'custom',
      message: 'Type what stands behind the @, as in campus.edu.',
      input: typed,
    })
    return z.NEVER
  })
const timeZone = z
  .string()
  .trim()
  .max(60)
  .refine(isTimeZone, { error: 'Type a time zone by its name, as in America/New_York.' })
const details = { name: text, city: text, time_zone: timeZone, key }
const addForm = z.strictObject({ ...details, domain })
const changeForm = z.strictObject(details)
const domainForm = z.strictObject({ domain, key })
const removeDomainForm = z.strictObject({ domain: z.string().max(253), key })
const removeForm = z.strictObject({ key })
const params = z.object({ id: z.uuid() })
const query = z.object({ done: z.string().max(40).optional() })

/** The problem of one field, thrown out of a unit of work so that nothing of it stands. */
class FieldProblem extends HttpProblem {
  override name = 'FieldProblem'
}

const refuseField = (field: string, message: string) =>
  new FieldProblem(422, message, { errors: [{ field, message }] })

type Errors = Readonly<Record<string, string | undefined>>
interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const TAKEN = 'A campus has this domain already. Remove it there first.'
const BLANK: CampusFields = { name: '', city: '', time_zone: '', domain: '' }

export function campusRoutes(deps: OfficeDeps) {
  const { random, toPage } = deps

  async function listMarkup(
    { web, request }: Omit<Asked, 'body'>,
    more: { typed?: CampusFields; errors?: Errors; done?: string | undefined },
  ): Promise<string> {
    const props = { campuses: await listCampuses(web.db), typed: BLANK, errors: {}, key: random.uuid() }
    return String(campusesPage(toPage(web, request), { ...props, done: undefined, ...more }))
  }

  async function oneMarkup(
    { web, request }: Omit<Asked, 'body'>,
    id: string,
    more: { typed?: Partial<CampusFields>; errors?: Errors; done?: string | undefined },
  ): Promise<string> {
    const campus = await findCampus(web, id)
    const { name, city, timeZone } = campus
    const typed = { name, city, time_zone: timeZone, domain: '', ...more.typed }
    const props = { campus, errors: {}, done: undefined, key: () => random.uuid(), ...more, typed }
    return String(campusPage(toPage(web, request), props))
  }

  async function findCampus(web: WebContext, id: string): Promise<ListedCampus> {
    requireReach(web, { companyId: null })
    const campus = (await listCampuses(web.db)).find((listed) => listed.id === id)
    if (campus === undefined) throw notThere()
    return campus
  }

  async function recordIt(
    unit: Work,
    { web }: Asked,
    entry: { action: AuditAction; subject: string; detail: Readonly<Record<string, unknown>> },
  ): Promise<void> {
    const { viewer, address, requestId } = web
    await record(unit.db, random, {
      ...{ ...entry, atMs: unit.atMs, address, requestId },
      ...(viewer === null ? {} : { actorId: viewer.identityId }),
    })
  }

  /** Do a form once; refused, its page is shown again with what was typed. */
  async function submit<T>(
    asked: Asked,
    form: {
      readonly shape: z.ZodType<T>
      readonly route: string
      readonly fields: readonly (keyof CampusFields)[]
      readonly again: (typed: Partial<CampusFields>, errors: Errors) => Promise<string>
    },
    work: (unit: Work, value: T) => Promise<string>,
  ): Promise<Response> {
    const read = readForm(form.shape, asked.body, form.fields)
    if (!read.ok) return htmlResponse(await form.again(read.typed, Object.fromEntries(read.errors)), 422)
    try {
      return await act(deps, { ...asked, route: form.route }, async (unit) => ({
        location: await work(unit, read.data),
        json: {},
      }))
    } catch (error) {
      if (!(error instanceof FieldProblem) || asked.web.wantsJson) throw error
      const errors = Object.fromEntries(error.errors.map(({ field, message }) => [field, message]))
      // What is shown again was accepted by the shape, so every field of it is text.
      return htmlResponse(await form.again(asked.body as Partial<CampusFields>, errors), 422)
    }
  }

  return new Elysia({ name: 'campuses' })
    .use(deps.shell)
    .get(
      '/admin/campuses',
      async ({ web, request, query: { done } }) => htmlResponse(await listMarkup({ web, request }, { done })),
      { query },
    )
    .post('/admin/campuses', ({ web, request, body }) => {
      const asked = { web, request, body }
      return submit(
        asked,
        {
          ...{
            shape: addForm,
            route: 'POST /admin/campuses',
            fields: ['name', 'city', 'time_zone', 'domain'],
          },
          again: (typed, errors) => listMarkup(asked, { typed: { ...BLANK, ...typed }, errors }),
        },
        async (unit, { name, city, time_zone, domain: first }) => {
          const made = await addCampus(unit, random, { slug: slugOf(name), name, city, timeZone: time_zone })
          if (!made.ok)
            throw refuseField('name', 'A campus has this name already. Add what tells them apart.')
          const added = await addDomain(unit, made.value, first)
          if (!added.ok) throw refuseField('domain', TAKEN)
          const detail = { name, city, domain: first }
          await recordIt(unit, asked, { action: 'campus.added', subject: made.value, detail })
          return `/admin/campuses/${made.value}?done=added`
        },
      )
    })
    .get(
      '/admin/campuses/:id',
      async ({ web, request, params: { id }, query: { done } }) =>
        htmlResponse(await oneMarkup({ web, request }, id, { done })),
      { params, query },
    )
    .post(
      '/admin/campuses/:id',
      async ({ web, request, body, params: { id } }) => {
        const asked = { web, request, body }
        await findCampus(web, id)
        return submit(
          asked,
          {
            ...{
              shape: changeForm,
              route: `POST /admin/campuses/${id}`,
              fields: ['name', 'city', 'time_zone'],
            },
            again: (typed, errors) => oneMarkup(asked, id, { typed, errors }),
          },
          async (unit, { name, city, time_zone }) => {
            const after = { name, city, timeZone: time_zone }
            const before = await changeCampus(unit, id, after)
            if (!before.ok) throw notThere()
            const detail = changesBetween({ ...before.value }, after)
            if (detail !== null)
              await recordIt(unit, asked, { action: 'campus.changed', subject: id, detail })
            return `/admin/campuses/${id}?done=changed`
          },
        )
      },
      { params },
    )
    .post(
      '/admin/campuses/:id/removal',
      ({ web, request, body, params: { id } }) => {
        const asked = { web, request, body }
        // Whether it is there is found out by the removal: sent again, it has gone already, and is answered the same.
        requireReach(web, { companyId: null })
        return act(deps, { ...asked, route: `POST /admin/campuses/${id}/removal` }, async (unit) => {
          const gone = await removeCampus(unit, id)
          if (!gone.ok) throw notThere()
          await recordIt(unit, asked, { action: 'campus.removed', subject: id, detail: gone.value })
          return { location: '/admin/campuses?done=removed', json: {} }
        })
      },
      { params, body: removeForm },
    )
    .post(
      '/admin/campuses/:id/domains',
      async ({ web, request, body, params: { id } }) => {
        const asked = { web, request, body }
        await findCampus(web, id)
        return submit(
          asked,
          {
            ...{ shape: domainForm, route: `POST /admin/campuses/${id}/domains`, fields: ['domain'] },
            again: (typed, errors) => oneMarkup(asked, id, { typed, errors }),
          },
          async (unit, { domain: added }) => {
            const done = await addDomain(unit, id, added)
            if (!done.ok) throw done.reason === 'not_found' ? notThere() : refuseField('domain', TAKEN)
            await recordIt(unit, asked, {
              action: 'campus.changed',
              subject: id,
              detail: { addedDomain: added },
            })
            return `/admin/campuses/${id}?done=domain_added`
          },
        )
      },
      { params },
    )
    .post(
      '/admin/campuses/:id/domains/removal',
      async ({ web, request, body, params: { id } }) => {
        const asked = { web, request, body }
        await findCampus(web, id)
        return act(deps, { ...asked, route: `POST /admin/campuses/${id}/domains/removal` }, async (unit) => {
          const gone = await removeDomain(unit, id, body.domain)
          if (!gone.ok) throw notThere()
          const detail = { removedDomain: body.domain }
          await recordIt(unit, asked, { action: 'campus.changed', subject: id, detail })
          return { location: `/admin/campuses/${id}?done=domain_removed`, json: {} }
        })
      },
      { params, body: removeDomainForm },
    )
}

/** A name as part of an address; names in other scripts go by chance letters of theirs, which is as good. */
function slugOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60)
    .replace(/-+$/, '')
  return plain === '' ? `campus-${Bun.hash(name).toString(36)}` : plain
}
