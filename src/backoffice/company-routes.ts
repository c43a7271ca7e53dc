/** Companies: the list, one's own settings and switches, and for the platform new ones and ends. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type CompanyFormProps, companiesPage, companyPage } from '../../views/backoffice/companies.ts'
import { FLAG_NAMES, FLAGS, type Flag } from '../companies/flags.ts'
import type { CompanyId } from '../engine/units.ts'
import { deleteCompany, FLEET_REFUSALS } from '../privacy/fleet-deletions.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, seeOther, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { requireReach } from '../web/reach.ts'
import { oneLine } from '../web/text.ts'
import { changeCompany, switchFlag } from './company-settings.ts'
import { reasonText } from './person-acts.ts'
import { readRegions } from './region-read.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, type OfficeScope, officeContext, officeScope, rereadCompanies } from './scope.ts'
import { hostShape, localeShape } from './shapes.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const key = z.string().max(128).optional()
const orNull = (most: number) =>
  z
    .string()
    .overwrite(oneLine)
    .max(most)
    .default('')
    .transform((text) => (text === '' ? null : text))
/** As people write numbers: digits with marks between; three are the shortest that is dialled anywhere. */
const isPhone = (text: string) => /^[0-9+()./ -]+$/.test(text) && text.replaceAll(/\D/g, '').length >= 3
const settingsForm = z.strictObject({
  name: z
    .string()
    .overwrite(oneLine)
    .max(120)
    .refine((text) => text !== '', { error: 'A company needs a name.' }),
  phone: orNull(40).refine((text) => text === null || isPhone(text), {
    error: 'A telephone number, such as +1 212 555 0167.',
  }),
  address: orNull(300),
  tax_number: orNull(60),
  licence_number: orNull(60),
  locale: z
    .string()
    .trim()
    .max(35)
    .refine((text) => localeShape.safeParse(text).success, {
      error: 'A language and country, such as en-US.',
    })
    .transform((text) => localeShape.parse(text)),
  host: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .refine((text) => text === '' || hostShape.safeParse(text).success, {
      error: 'A host name alone, such as cabs.example.org.',
    })
    .transform((text) => (text === '' ? null : text))
    .optional(),
  key,
})
const flagForm = z.strictObject({ flag: z.enum(FLAG_NAMES), on: z.enum(['yes', 'no']), key })
const deletionForm = z.strictObject({ reason: reasonText, key })
const params = z.object({ id: z.uuid() })
const DONE = {
  saved: 'Saved. It counts everywhere from now on.',
  switched: 'Switched. It counts from now on.',
  founded: 'The company is there. Its admin gets a letter to set a password.',
  deleted: 'The company is deleted. It can be brought back under Deleted.',
} as const
const doneQuery = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })
const toastsOf = (done: keyof typeof DONE | undefined) =>
  done === undefined ? [] : [{ id: 'done', text: DONE[done] }]

export function companyRoutes(deps: OfficeDeps) {
  const { random } = deps

  function seenCompany(web: WebContext, id: string): { scope: OfficeScope; companyId: CompanyId } {
    const scope = officeScope(web, deps.companies)
    const companyId = scope.companyIds.find((one) => one === id)
    if (companyId === undefined) throw notThere()
    requireReach(web, { companyId })
    return { scope, companyId }
  }

  async function companyMarkup(
    asked: Omit<Asked, 'body'>,
    id: string,
    more: { refused?: CompanyFormProps['refused']; done?: keyof typeof DONE | undefined } = {},
  ): Promise<string> {
    const { scope, companyId } = seenCompany(asked.web, id)
    const row = await asked.web.db
      .selectFrom('companies')
      .select(['slug', 'name', 'phone', 'address', 'tax_number', 'licence_number'])
      .select(['locale', 'host', 'currency', 'time_zone', 'created_at'])
      .where('id', '=', companyId)
      .executeTakeFirst()
    if (row === undefined) throw notThere()
    return String(
      companyPage(officeContext(deps, asked, scope), {
        ...{ id: companyId, platform: scope.platform, refused: more.refused ?? null },
        ...{ slug: row.slug, name: row.name, phone: row.phone, address: row.address, locale: row.locale },
        ...{ tax_number: row.tax_number, licence_number: row.licence_number },
        ...{ host: row.host, currency: row.currency, timeZone: row.time_zone },
        createdAtMs: row.created_at.getTime(),
        regions: await readRegions(
          { db: asked.web.db, companies: deps.companies, nowMs: deps.clock.nowMs() },
          companyId,
        ),
        flags: FLAG_NAMES.map((flag) => ({
          ...{ flag, name: FLAGS[flag].name, words: FLAGS[flag].words },
          isOn: deps.flags.isOn(companyId, flag),
          isUsual: deps.flags.isOn(companyId, flag) === FLAGS[flag].isOn,
        })),
        key: () => random.uuid(),
        toasts: toastsOf(more.done),
      }),
    )
  }

  /** What is kept of companies here, read before the page that shows it. */
  async function known(answer: Response): Promise<Response> {
    await rereadCompanies(deps)
    return answer
  }

  async function save(asked: Asked, id: string): Promise<Response> {
    const { scope, companyId } = seenCompany(asked.web, id)
    const form = readForm(settingsForm, asked.body, [
      'name',
      'phone',
      'address',
      'tax_number',
      'licence_number',
      'locale',
      'host',
    ])
    const again = async (refused: NonNullable<CompanyFormProps['refused']>) =>
      htmlResponse(await companyMarkup(asked, id, { refused }), 422)
    if (!form.ok) return again({ form: 'settings', ...form })
    const { key: _key, host, ...settings } = form.data
    if (host !== undefined && !scope.platform)
      throw new HttpProblem(422, 'The address of the pages is changed by who runs the installation.', {
        errors: [{ field: 'host', message: 'This field is not yours to change.' }],
      })
    if (host !== undefined) requireProof(asked.web, deps.clock.nowMs(), `/admin/companies/${id}`)
    try {
      const answer = await act(deps, { ...asked, route: `POST /admin/companies/${id}` }, async (unit) => {
        const changed = await changeCompany(
          unit,
          random,
          { viewer: scope.viewer, web: asked.web },
          { companyId, settings: { ...settings, ...(host === undefined ? {} : { host }) } },
        )
        if (!changed.ok) throw changed.reason === 'not_there' ? notThere() : new HostTaken()
        return { location: `/admin/companies/${id}?done=saved`, json: {} }
      })
      return await known(answer)
    } catch (error) {
      if (!(error instanceof HostTaken)) throw error
      const typed = { ...(asked.body as Record<string, string>) }
      return again({
        ...{ form: 'settings', typed },
        errors: new Map([['host', 'Another company answers at this host.']]),
      })
    }
  }

  async function flip(asked: Asked, id: string, flag: Flag, isOn: boolean): Promise<Response> {
    const { scope, companyId } = seenCompany(asked.web, id)
    const answer = await act(deps, { ...asked, route: `POST /admin/companies/${id}/flags` }, async (unit) => {
      await switchFlag(unit, random, { viewer: scope.viewer, web: asked.web }, { companyId, flag, isOn })
      return { location: `/admin/companies/${id}?done=switched`, json: { flag, isOn } }
    })
    return known(answer)
  }

  async function end(asked: Asked, id: string): Promise<Response> {
    const route = `POST /admin/companies/${id}/deletion`
    const before = await answeredBefore({ ...asked, route })
    if (before !== null) return before
    const { scope, companyId } = seenCompany(asked.web, id)
    const form = readForm(deletionForm, asked.body, ['reason'])
    if (!form.ok)
      return htmlResponse(await companyMarkup(asked, id, { refused: { form: 'deletion', ...form } }), 422)
    requireProof(asked.web, deps.clock.nowMs(), `/admin/companies/${id}`)
    const answer = await act(deps, { ...asked, route }, async (unit) => {
      const { address, requestId } = asked.web
      const gone = await deleteCompany(unit, random, {
        ...{ companyId, reason: form.data.reason },
        by: { id: scope.viewer.identityId, address, requestId },
      })
      if (!gone.ok && gone.reason !== 'gone') throw new HttpProblem(409, FLEET_REFUSALS[gone.reason])
      if (!gone.ok) throw notThere()
      return { location: '/admin/companies?done=deleted', json: {} }
    })
    return known(answer)
  }

  return new Elysia({ name: 'companies' })
    .use(deps.shell)
    .get(
      '/admin/companies',
      ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const companies = companiesOf(scope, deps.companies)
        const [only, ...more] = companies
        if (!scope.platform && only !== undefined && more.length === 0)
          return seeOther(`/admin/companies/${only.id}`)
        return htmlResponse(
          String(
            companiesPage(officeContext(deps, { request, web }, scope), {
              companies: companies.map(({ id, slug, name, host, currency }) => ({
                id,
                slug,
                name,
                host,
                currency,
              })),
              platform: scope.platform,
              toasts: toastsOf(query.done),
            }),
          ),
        )
      },
      { query: doneQuery },
    )
    .get(
      '/admin/companies/:id',
      async ({ request, web, params: { id }, query }) =>
        htmlResponse(await companyMarkup({ request, web }, id, { done: query.done })),
      { params, query: doneQuery },
    )
    .post('/admin/companies/:id', ({ params: { id }, ...asked }) => save(asked, id), { params })
    .post(
      '/admin/companies/:id/flags',
      ({ params: { id }, body, ...asked }) => flip({ ...asked, body }, id, body.flag, body.on === 'yes'),
      { params, body: flagForm },
    )
    .post('/admin/companies/:id/deletion', ({ params: { id }, ...asked }) => end(asked, id), { params })
}

class HostTaken extends Error {}
