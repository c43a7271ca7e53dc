/** Codes that take something off a fare: which there are, a new one, and closing one. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type PromoFields, promosPage } from '../../views/backoffice/promos.ts'
import type { Company } from '../companies/companies.ts'
import { closePromo, createPromo, type Promo, promosOf } from '../fares/promos.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { readPromo } from './promo-form.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope } from './scope.ts'
import { byOf } from './tariff-reach.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const params = z.object({ id: z.uuid() })
const keyForm = z.strictObject({ key: z.string().max(128).optional() })
const DONE = {
  made: 'The code is made. Riders can type it where they see the price.',
  closed: 'The code is closed. Nobody uses it any more.',
} as const
const query = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })
type Done = z.infer<typeof query>['done']
const toastsOf = (done: Done) => (done === undefined ? [] : [{ id: 'done', text: DONE[done] }])
const TAKEN = 'A code with these letters is open already. Close it first, or choose others.'

class Taken extends HttpProblem {
  override name = 'Taken'
}

interface Shown {
  readonly done?: Done
  /** A form that was not taken. */
  readonly refused?: {
    readonly companyId: string
    readonly typed: PromoFields
    readonly errors: ReadonlyMap<string, string>
  }
}

export function promoRoutes(deps: OfficeDeps) {
  const { clock, companies, random } = deps

  async function markup({ request, web }: Omit<Asked, 'body'>, { done, refused }: Shown): Promise<string> {
    const scope = officeScope(web, companies)
    const shown = companiesOf(scope, companies)
    const nowMs = clock.nowMs()
    const parts = await Promise.all(
      shown.map(async (company) => {
        const mine = refused?.companyId === company.id ? refused : undefined
        const promos = await promosOf(web.db, company.id)
        return {
          ...{ id: company.id as string, name: shown.length > 1 ? company.name : null },
          ...{ currency: company.currency, timeZone: timeZoneOf(company) },
          promos: promos.map((promo) => promoProps(promo, nowMs)),
          ...{ typed: mine?.typed ?? {}, errors: mine?.errors ?? new Map<string, string>() },
        }
      }),
    )
    const page = promosPage(officeContext(deps, { request, web }, scope), {
      ...{ companies: parts, key: () => random.uuid(), toasts: toastsOf(done) },
    })
    return String(page)
  }

  const timeZoneOf = (company: Company) => companies.homeRegion(company.id)?.timeZone ?? 'UTC'

  async function make(asked: Asked, id: string): Promise<Response> {
    const company = companies.all.find((one) => one.id === id)
    if (company === undefined) throw notThere()
    requireReach(asked.web, { companyId: company.id })
    const read = readPromo(asked.body, { currency: company.currency, timeZone: timeZoneOf(company) })
    const again = async (errors: ReadonlyMap<string, string>) =>
      htmlResponse(await markup(asked, { refused: { companyId: id, typed: read.typed, errors } }), 422)
    if (!read.ok) return again(read.errors)
    try {
      return await act(
        deps,
        { ...asked, route: `POST /admin/companies/${id}/promos` },
        async (unit, viewer) => {
          const made = await createPromo(unit, random, {
            ...{ companyId: company.id, currency: company.currency, promo: read.promo },
            by: byOf(viewer, asked.web),
          })
          if (!made.ok) throw new Taken(422, TAKEN, { errors: [{ field: 'letters', message: TAKEN }] })
          return { location: '/admin/promos?done=made', json: { id: made.value.id } }
        },
      )
    } catch (error) {
      if (!(error instanceof Taken) || asked.web.wantsJson) throw error
      return again(new Map([['letters', TAKEN]]))
    }
  }

  async function close(asked: Asked, id: string): Promise<Response> {
    const route = `POST /admin/promos/${id}/closing`
    const before = await answeredBefore({ ...asked, route })
    if (before !== null) return before
    const row = await asked.web.db
      .selectFrom('promos')
      .select('company_id')
      .where('id', '=', id)
      .executeTakeFirst()
    if (row === undefined) throw notThere()
    requireReach(asked.web, { companyId: row.company_id })
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const by = byOf(viewer, asked.web)
      // Closed twice, by two desks at once, it is closed.
      await closePromo(unit, random, { companyId: row.company_id, promoId: id, by })
      return { location: '/admin/promos?done=closed', json: {} }
    })
  }

  return new Elysia({ name: 'promos' })
    .use(deps.shell)
    .get(
      '/admin/promos',
      async ({ request, web, query: { done } }) =>
        htmlResponse(await markup({ request, web }, done === undefined ? {} : { done })),
      { query },
    )
    .post('/admin/companies/:id/promos', ({ params: { id }, ...asked }) => make(asked, id), { params })
    .post('/admin/promos/:id/closing', ({ params: { id }, ...asked }) => close(asked, id), {
      ...{ params, body: keyForm },
    })
}

function promoProps(promo: Promo, nowMs: number) {
  const [startsAtMs, endsAtMs] = [promo.starts_at.getTime(), promo.ends_at?.getTime() ?? null]
  const isUsedUp =
    (promo.uses_most !== null && promo.uses >= promo.uses_most) ||
    (promo.budget_minor !== null && Number(promo.spent_minor) >= Number(promo.budget_minor))
  const standing =
    promo.closed_at !== null
      ? ('closed' as const)
      : endsAtMs !== null && endsAtMs <= nowMs
        ? ('over' as const)
        : isUsedUp
          ? ('used up' as const)
          : startsAtMs > nowMs
            ? ('to come' as const)
            : ('open' as const)
  return {
    ...{ id: promo.id, letters: promo.code, standing, startsAtMs, endsAtMs },
    ...{ offMinor: promo.off_minor, offBasisPoints: promo.off_basis_points, mostMinor: promo.most_minor },
    ...{ uses: promo.uses, usesMost: promo.uses_most },
    ...{ spentMinor: Number(promo.spent_minor) },
    budgetMinor: promo.budget_minor === null ? null : Number(promo.budget_minor),
  }
}
