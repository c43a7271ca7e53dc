/** Prices: versions, the draft of a class, what it would change, its publishing, and taking a version back. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { coverSentences, differenceSentences } from '../../views/backoffice/tariff-words.ts'
import { tariffDraftPage, tariffsPage, tariffVersionPage } from '../../views/backoffice/tariffs.ts'
import { PLAIN_RULES } from '../engine/tariff.ts'
import { VEHICLE_CLASSES } from '../engine/units.ts'
import { discardDraft, saveDraft, tariffDraft, withdrawTariff } from '../fares/tariff-versions.ts'
import { figuresOf, type TariffFigures } from '../fares/tariffs.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, seeOther, type WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope } from './scope.ts'
import { type Mistakes, readTariff, rowsOf, type Typed, typedOf } from './tariff-form.ts'
import { type Asked, byOf, type Page, type Priced, priceReach, Refused } from './tariff-reach.ts'
import { readTariffs, standingVersions, versionProps, zoneNames } from './tariff-read.ts'

const key = z.string().max(128).optional()
const keyForm = z.strictObject({ key })
const params = z.object({ id: z.uuid() })
const classParams = z.object({ id: z.uuid(), class: z.enum(VEHICLE_CLASSES) })
const DONE = {
  saved: 'The draft is kept. Nobody is priced by it before it is published.',
  discarded: 'The draft is gone.',
  published: 'Published. Prices follow it from the moment you chose.',
  withdrawn: 'Withdrawn. It will not come into force.',
} as const
const query = z.object({
  done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional(),
  from: z.uuid().optional(),
})
type Done = z.infer<typeof query>['done']
const toastsOf = (done: Done) => (done === undefined ? [] : [{ id: 'done', text: DONE[done] }])

const MEANWHILE =
  'Somebody changed this draft since you opened it. Below is what you typed: save again to put it in its place, or open the draft anew.'
const ZONE_GONE = 'A rule names a zone that is closed. Choose another, or open it again under Zones.'

export function tariffRoutes(deps: OfficeDeps) {
  const { clock, companies, random } = deps
  const { reachClass, reachTariff, contextOf, inForce } = priceReach(deps)

  async function listMarkup({ request, web }: Page, done: Done): Promise<string> {
    const scope = officeScope(web, companies)
    const nowMs = clock.nowMs()
    const { regions } = companies
    return String(
      tariffsPage(officeContext(deps, { request, web }, scope), {
        regions: await readTariffs(web.db, companiesOf(scope, companies), { regions, nowMs }),
        ...{ key: () => random.uuid(), toasts: toastsOf(done) },
      }),
    )
  }

  /** What a form begins with: the draft, the version asked for, the one in force, or nothing. */
  async function begun(web: WebContext, priced: Priced, from: string | undefined): Promise<Typed> {
    const draft = await tariffDraft(web.db, priced.place)
    if (from === undefined && draft !== undefined) return typedOf(draft.figures)
    const versions = await standingVersions(web.db, priced.region, clock.nowMs())
    const chosen =
      versions.find((one) => one.id === from) ??
      versions.find((one) => one.class === priced.place.class && one.standing === 'in force')
    return typedOf(chosen?.figures ?? blank(priced.company.currency))
  }

  async function draftMarkup(
    asked: Page,
    priced: Priced,
    shown: { typed: Typed; mistakes?: Mistakes; done?: Done },
  ): Promise<string> {
    const { company, region, place, path } = priced
    const draft = await tariffDraft(asked.web.db, place)
    const names = await zoneNames(asked.web.db, place.companyId, place.regionId)
    const { typed } = shown
    const open = new Set<string>(companies.zones(region.id).map(({ id }) => id))
    // A closed zone that a rule still names is shown as such, and not silently as none.
    const named = new Set(
      Object.keys(typed).flatMap((name) => (/^zones\.\d+\.(zone|to)$/.test(name) ? typed[name]! : [])),
    )
    const zones = [...names].flatMap(([value, label]) =>
      open.has(value) || named.has(value) ? { value, label } : [],
    )
    const differences =
      draft === undefined ? null : differenceSentences(await inForce(asked.web, priced), draft.figures, names)
    return String(
      tariffDraftPage(contextOf(asked, priced), {
        ...{ region: region.name, class: place.class, path, differences, key: () => random.uuid() },
        toasts: toastsOf(shown.done),
        form: {
          ...{ action: path, key: random.uuid(), revision: draft?.revision ?? null },
          ...{ currency: company.currency, timeZone: region.timeZone, zones, typed },
          errors: shown.mistakes ?? new Map(),
          rows: {
            schedule: rowsOf(typed, 'schedule'),
            zones: rowsOf(typed, 'zones'),
            cancellation: rowsOf(typed, 'cancellation'),
          },
          cover: coverSentences(draft?.figures.rules.schedule ?? []),
        },
      }),
    )
  }

  async function save(asked: Asked, priced: Priced): Promise<Response> {
    const { place, path, company } = priced
    const read = readTariff(asked.body, company.currency)
    if (!read.ok) return htmlResponse(await draftMarkup(asked, priced, read), 422)
    const { draft, revision, preview } = read
    try {
      return await act(deps, { ...asked, route: `POST ${path}` }, async (unit, viewer) => {
        const saved = await saveDraft(unit, random, {
          ...{ ...place, draft, revision, currency: company.currency, by: byOf(viewer, asked.web) },
        })
        if (!saved.ok) throw new Refused('revision', saved.reason === 'unknown_zone' ? ZONE_GONE : MEANWHILE)
        const { id, revision: now } = saved.value
        return { location: preview ? `${path}/preview` : `${path}?done=saved`, json: { id, revision: now } }
      })
    } catch (error) {
      if (!(error instanceof Refused) || asked.web.wantsJson) throw error
      const typed = asked.body as Typed
      const mistakes = new Map([[error.field, error.detail]])
      return htmlResponse(await draftMarkup(asked, priced, { typed, mistakes }), 422)
    }
  }

  async function discard(asked: Asked, { place, path }: Priced): Promise<Response> {
    return act(deps, { ...asked, route: `POST ${path}/discard` }, async (unit, viewer) => {
      const by = byOf(viewer, asked.web)
      if (!(await discardDraft(unit, random, { ...place, by }))) throw notThere()
      return { location: '/admin/tariffs?done=discarded', json: {} }
    })
  }

  async function version({ request, web }: Page, id: string): Promise<Response> {
    const { row, priced } = await reachTariff(web, id)
    if (row.state === 'draft') return seeOther(priced.path)
    const versions = await standingVersions(web.db, priced.region, clock.nowMs())
    const found = versions.find((one) => one.id === id)
    if (found === undefined) throw notThere()
    const zones = await zoneNames(web.db, row.company_id, row.region_id)
    const page = tariffVersionPage(contextOf({ request, web }, priced), {
      ...{ regionId: row.region_id, region: priced.region.name, class: row.class, zones },
      ...{ version: versionProps(found), figures: figuresOf(row) },
    })
    return htmlResponse(String(page))
  }

  async function withdraw(asked: Asked, id: string): Promise<Response> {
    const route = `POST /admin/tariffs/${id}/withdrawal`
    const before = await answeredBefore({ ...asked, route })
    if (before !== null) return before
    const { row } = await reachTariff(asked.web, id)
    return act(deps, { ...asked, route }, async (unit, viewer) => {
      const by = byOf(viewer, asked.web)
      const withdrawn = await withdrawTariff(unit, random, { companyId: row.company_id, tariffId: id, by })
      if (!withdrawn.ok && withdrawn.reason === 'not_found') throw notThere()
      if (!withdrawn.ok)
        throw new HttpProblem(409, 'It is in force already. Publish another version instead.')
      return { location: '/admin/tariffs?done=withdrawn', json: withdrawn.value }
    })
  }

  return new Elysia({ name: 'tariffs' })
    .use(deps.shell)
    .get(
      '/admin/tariffs',
      async ({ request, web, query: { done } }) => htmlResponse(await listMarkup({ request, web }, done)),
      { query },
    )
    .get('/admin/tariffs/:id', ({ request, web, params: { id } }) => version({ request, web }, id), {
      params,
    })
    .post('/admin/tariffs/:id/withdrawal', ({ params: { id }, ...asked }) => withdraw(asked, id), {
      ...{ params, body: keyForm },
    })
    .get(
      '/admin/regions/:id/tariffs/:class',
      async ({ request, web, params, query: { done, from } }) => {
        const priced = reachClass(web, params.id, params.class)
        const typed = await begun(web, priced, from)
        return htmlResponse(await draftMarkup({ request, web }, priced, { typed, done }))
      },
      { params: classParams, query },
    )
    .post(
      '/admin/regions/:id/tariffs/:class',
      ({ params, ...asked }) => save(asked, reachClass(asked.web, params.id, params.class)),
      { params: classParams },
    )
    .post(
      '/admin/regions/:id/tariffs/:class/discard',
      ({ params, ...asked }) => discard(asked, reachClass(asked.web, params.id, params.class)),
      { params: classParams, body: keyForm },
    )
}

/** The first tariff of a class begins with the usual shares and times, and no prices. */
function blank(currency: string): TariffFigures {
  return {
    ...{ currency, baseMinor: 0, bookingFeeMinor: 0, perKmMinor: 0, perMinuteMinor: 0, minimumMinor: 0 },
    ...{ taxBasisPoints: 0, taxLabel: 'Tax', cancelFeeMinor: 0, cancelFreeS: 120, noShowFeeMinor: 0 },
    ...{ noShowAfterS: 300, driverShareBasisPoints: 8_000, rules: PLAIN_RULES },
  }
}
