/** Where it is busy: one page a region, with its form. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type SurgeFields, type SurgePageProps, surgePage } from '../../views/backoffice/surge.ts'
import { surgeText } from '../../views/parts/surge.ts'
import type { Region } from '../companies/companies.ts'
import type { SurgeTerms } from '../engine/fare.ts'
import { surgeOf } from '../engine/surge.ts'
import { surgeQuarters } from '../fares/surge-history.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { requireReach } from '../web/reach.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope, rereadCompanies } from './scope.ts'
import { fieldsOf, readSurge, type SurgeErrors } from './surge-form.ts'
import { changeSurge } from './surge-office.ts'

const DAY_MS = 86_400_000
const params = z.object({ id: z.uuid() })
const query = z.object({ done: z.literal('saved').optional() })

interface Asked {
  readonly request: Request
  readonly web: WebContext
}

export function surgeRoutes(deps: OfficeDeps) {
  const { companies, random } = deps

  function reachRegion(web: WebContext, id: string): { region: Region; currency: string } {
    const region = requireReach(
      web,
      companies.regions.find((one) => one.id === id),
    )
    return { region, currency: companies.company(region.companyId)?.currency ?? 'USD' }
  }

  async function markup(
    { request, web }: Asked,
    { region, currency }: { region: Region; currency: string },
    shown: { typed?: SurgeFields; errors?: SurgeErrors; isDone?: boolean } = {},
  ): Promise<string> {
    const untilMs = deps.clock.nowMs()
    const fromMs = untilMs - DAY_MS
    const { id, name, companyId } = region
    return String(
      surgePage(officeContext(deps, { request, web }, officeScope(web, companies)), {
        ...{ region: { id, name, companyId }, currency },
        ...{ typed: shown.typed ?? fieldsOf(region.surge, currency), errors: shown.errors ?? {} },
        now: nowOf(region, currency),
        day: { fromMs, untilMs, bars: await barsOf(web, region, { currency, fromMs }) },
        ...{ key: random.uuid(), toasts: shown.isDone ? [{ id: 'done', text: SAVED }] : [] },
      }),
    )
  }

  function nowOf(region: Region, currency: string): SurgePageProps['now'] {
    const counted = deps.surge.counted(region.id)
    if (counted === null) return null
    const { rules, cells } = counted
    const surged = cells.filter(({ step }) => step > 0)
    // Switched off a moment ago, it counts no more, whatever was counted last.
    const isOff = rules === null || region.surge === null
    const most = isOff ? null : surgeOf(rules, Math.max(0, ...surged.map(({ step }) => step)))
    return {
      asking: Math.round(cells.reduce((sum, { asking }) => sum + asking, 0)),
      free: Math.round(cells.reduce((sum, { free }) => sum + free, 0)),
      cells: surged.length,
      most: most === null ? null : surgeText(most, currency),
    }
  }

  async function barsOf(
    web: WebContext,
    region: Region,
    { currency, fromMs }: { currency: string; fromMs: number },
  ): Promise<SurgePageProps['day']['bars']> {
    const quarters = await surgeQuarters(web.db, region.companyId, { regionId: region.id, sinceMs: fromMs })
    const bars = quarters.map((quarter) => {
      const { factorMostBasisPoints, addMostMinor } = quarter
      // Where a day had both, because the rules were changed, the factor is told.
      const terms: SurgeTerms =
        factorMostBasisPoints === null
          ? { addMinor: addMostMinor ?? 0 }
          : { factorBasisPoints: factorMostBasisPoints }
      const height = factorMostBasisPoints === null ? (addMostMinor ?? 0) : factorMostBasisPoints - 10_000
      return {
        ...quarter,
        height,
        isFactor: factorMostBasisPoints !== null,
        words: surgeText(terms, currency),
      }
    })
    return bars.map(({ startsAtMs, cellsMost, height, isFactor, words }) => {
      // Each against the most of its kind: percents and sums do not compare.
      const most = Math.max(...bars.filter((bar) => bar.isFactor === isFactor).map((bar) => bar.height))
      return { startsAtMs, words, cells: cellsMost, share: height / most }
    })
  }

  return new Elysia({ name: 'surge' })
    .use(deps.shell)
    .get(
      '/admin/regions/:id/surge',
      async ({ request, web, params: { id }, query: { done } }) =>
        htmlResponse(await markup({ request, web }, reachRegion(web, id), { isDone: done === 'saved' })),
      { params, query },
    )
    .post(
      '/admin/regions/:id/surge',
      async ({ request, web, body, params: { id } }) => {
        const asked = { request, web, body }
        const reached = reachRegion(web, id)
        const read = readSurge(body, reached.currency)
        if (!read.ok) return htmlResponse(await markup(asked, reached, read), 422)
        const route = `POST /admin/regions/${id}/surge`
        const answer = await act(deps, { ...asked, route }, async (unit, viewer) => {
          const isChanged = await changeSurge(
            unit,
            random,
            { viewer, web },
            { region: reached.region, rules: read.rules },
          )
          return { location: `/admin/regions/${id}/surge?done=saved`, json: { changed: isChanged } }
        })
        await rereadCompanies(deps)
        return answer
      },
      { params },
    )
}

const SAVED = 'Saved. It counts from now on; prices that were promised stay as they are.'
