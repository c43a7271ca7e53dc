/** A new company on a page: out of a few answers, or out of the file the command takes. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type FoundingProps, foundingPage } from '../../views/backoffice/founding.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { requireProof } from '../web/proof.ts'
import { hashNewPasswords } from './crew.ts'
import { essentialsForm, fieldOfPath, fileOfEssentials } from './essentials.ts'
import { foundWithin } from './found.ts'
import { CompanyFileError, type Mistake, parseCompanyFile } from './mistakes.ts'
import type { ReportEntry } from './report.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope, rereadCompanies } from './scope.ts'
import type { CompanyFile } from './shapes.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const FIELDS = Object.keys(essentialsForm.shape).filter((name) => name !== 'key')
const fileForm = z.strictObject({ file: z.string().max(60_000), key: z.string().max(128).optional() })
const NEW = '/admin/companies/new'
const MISTAKES_SHOWN = 20

export function foundingRoutes(deps: OfficeDeps) {
  const { random } = deps

  function pageOf({ request, web }: Omit<Asked, 'body'>, more: Partial<FoundingProps> = {}): string {
    const scope = officeScope(web, deps.companies)
    return String(
      foundingPage(officeContext(deps, { request, web }, scope), {
        ...{ typed: {}, errors: new Map<string, string>(), file: '', mistakes: [], key: () => random.uuid() },
        ...more,
      }),
    )
  }

  /** @throws CompanyFileError for a company that is there already, too: a page makes new ones only */
  async function found(asked: Asked, file: CompanyFile): Promise<Response> {
    requireProof(asked.web, deps.clock.nowMs(), NEW)
    const { hashes, passwords } = await hashNewPasswords({ ...deps, db: asked.web.db }, file.people, false)
    const answer = await act(deps, { ...asked, route: 'POST /admin/companies' }, async (unit, viewer) => {
      const known = await unit.db
        .selectFrom('companies')
        .select('id')
        .where('slug', '=', file.company.slug)
        .executeTakeFirst()
      if (known !== undefined)
        throw new CompanyFileError([
          { path: 'company.slug', message: 'is the short name of another company' },
        ])
      const entries: ReportEntry[] = []
      const { address, requestId } = asked.web
      const by = { actorId: viewer.identityId, address, requestId }
      const companyId = await foundWithin(unit, random, { file, hashes, entries, by })
      return { location: `/admin/companies/${companyId}?done=founded`, json: { companyId } }
    })
    // Nobody knows the passwords they were made with; each sets their own by letter.
    for (const { email } of passwords) await deps.joining.forgot(email, asked.web)
    await rereadCompanies(deps)
    return answer
  }

  return new Elysia({ name: 'founding' })
    .use(deps.shell)
    .get('/admin/companies/new', ({ request, web }) => htmlResponse(pageOf({ request, web })))
    .post('/admin/companies', async ({ request, web, body }) => {
      const asked = { request, web, body }
      const form = readForm(essentialsForm, body, FIELDS)
      if (!form.ok) return htmlResponse(pageOf(asked, form), 422)
      try {
        return await found(asked, parseCompanyFile(JSON.stringify(fileOfEssentials(form.data))))
      } catch (error) {
        if (!(error instanceof CompanyFileError)) throw error
        const typed = Object.fromEntries(
          FIELDS.map((name) => [name, String((body as Record<string, unknown>)[name] ?? '')]),
        )
        const errors = new Map(
          error.mistakes.map(({ path, message }) => {
            const field = fieldOfPath(path)
            return [field, `${field === '' ? `${path} ` : 'This '}${message}.`]
          }),
        )
        return htmlResponse(pageOf(asked, { typed, errors }), 422)
      }
    })
    .post('/admin/companies/file', async ({ request, web, body }) => {
      const asked = { request, web, body }
      const form = readForm(fileForm, body, ['file'])
      if (!form.ok) return htmlResponse(pageOf(asked, { mistakes: [...form.errors.values()] }), 422)
      try {
        return await found(asked, parseCompanyFile(form.data.file))
      } catch (error) {
        if (!(error instanceof CompanyFileError)) throw error
        return htmlResponse(pageOf(asked, { file: form.data.file, mistakes: linesOf(error.mistakes) }), 422)
      }
    })
}

function linesOf(mistakes: readonly Mistake[]): string[] {
  const shown = mistakes
    .slice(0, MISTAKES_SHOWN)
    .map(({ path, message }) => (path === '' ? message : `${path} ${message}`))
  const unsaid = mistakes.length - shown.length
  return unsaid > 0 ? [...shown, `and ${unsaid} more`] : shown
}
