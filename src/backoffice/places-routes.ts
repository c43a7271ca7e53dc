/** The gazetteer on pages, for who runs the installation: what is in it, files brought in, the search tried. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type ImportRunProps, placeImportPage } from '../../views/backoffice/place-import.ts'
import { type GeocoderProps, type PlacesProps, placesPage } from '../../views/backoffice/places.ts'
import { record } from '../audit/audit.ts'
import { distanceM } from '../engine/geo.ts'
import { askForImport, findImportRun, type ImportRun, lastImportRuns } from '../places/import-runs.ts'
import { fallbackWords } from '../places/places.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { notThere, tooMany } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { SentFile } from '../web/sent-file.ts'
import { oneLine } from '../web/text.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope } from './scope.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
}

const dataset = z.string().overwrite(oneLine).min(1, { error: 'Give the list a name.' }).max(80)
const key = z.string().max(128).optional()
const importForm = z.strictObject({
  dataset,
  file: z.instanceof(SentFile, { error: 'Choose a file first.' }),
  skip_bad: z.literal('on').optional(),
  what: z.enum(['import', 'check']).default('import'),
  key,
})
const removalForm = z.strictObject({ dataset: z.string().min(1).max(500), key })
const params = z.object({ id: z.uuid() })
const query = z.object({ q: z.string().trim().max(120).optional(), done: z.string().max(40).optional() })
const TRIED = 8

const COUNTED = [
  ['asked', 'Asked since the start'],
  ['kept', 'Answered from what was kept'],
  ['busy', 'Left out: too often'],
  ['away', 'No answer'],
  ['refused', 'Refused'],
  ['strange', 'Not to be read'],
] as const

export function placesOfficeRoutes(deps: OfficeDeps) {
  const { random, clock, geocoding } = deps

  async function listPage(
    asked: Asked,
    more: Partial<PlacesProps> & { readonly q?: string | undefined } = {},
  ): Promise<string> {
    const { db } = asked.web
    const scope = officeScope(asked.web, deps.companies)
    const lists = await db
      .selectFrom('place_imports')
      .select(['dataset', 'place_count', 'imported_at'])
      .orderBy('dataset')
      .execute()
    const { q, ...shown } = more
    return String(
      placesPage(officeContext(deps, asked, scope), {
        datasets: lists.map((row) => ({
          ...{ name: row.dataset, places: row.place_count, importedAtMs: row.imported_at.getTime() },
          key: random.uuid(),
        })),
        runs: (await lastImportRuns(db)).map(runProps),
        geocoder: await geocoderProps(),
        tried: q === undefined || q === '' ? null : await tried(asked, q),
        ...{ typed: { dataset: '', skipBad: false }, errors: {}, key: random.uuid(), done: undefined },
        ...shown,
      }),
    )
  }

  async function tried({ web }: Asked, q: string) {
    const taken = await deps.limits.take('places_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    const near = deps.companies.regions[0]?.center ?? null
    const found = await geocoding.search(web.db, { text: q, near, limit: TRIED, typing: false })
    return {
      query: q,
      places: found.places.map(({ name, kind, detail, isGuess, lat, lng }) => ({
        ...{ name, kind, detail, isGuess },
        distanceM: near === null ? null : distanceM(near, { lat, lng }),
      })),
      note: fallbackWords(found.fallback),
    }
  }

  async function geocoderProps(): Promise<GeocoderProps | null> {
    const [{ outside }, config] = [geocoding, deps.config.geocoder]
    if (outside === null || config === null) return null
    const { counts, leftAlone, geocoder } = outside.state()
    const waitS = leftAlone === null ? 0 : Math.ceil((leftAlone.untilMs - clock.nowMs()) / 1_000)
    return {
      ...{ name: NAMES[geocoder.name], host: new URL(config.url).host, perDay: config.perDay },
      askedToday: await outside.askedToday(),
      counts: COUNTED.map(([outcome, what]) => [what, counts[outcome]] as const),
      trouble:
        leftAlone === null
          ? null
          : `${TROUBLE[leftAlone.because]} Our own list stands in; it is asked again in ${waitS} s.`,
    }
  }

  return new Elysia({ name: 'places-office' })
    .use(deps.shell)
    .get(
      '/admin/places',
      async ({ web, request, query: { q, done } }) =>
        htmlResponse(await listPage({ web, request }, { q, done })),
      { query },
    )
    .post('/admin/places/imports', async ({ web, request, body }) => {
      const form = readForm(importForm, body, ['dataset', 'file'])
      if (!form.ok) {
        const { skip_bad: skip } = (body ?? {}) as { skip_bad?: unknown }
        const typed = { dataset: form.typed.dataset ?? '', skipBad: skip === 'on' }
        return htmlResponse(
          await listPage({ web, request }, { typed, errors: Object.fromEntries(form.errors) }),
          422,
        )
      }
      const taken = await deps.limits.take('uploads_person', requireViewer(web).identityId)
      if (!taken.allowed) throw tooMany(taken.retryAfterS)
      const { dataset: name, file, skip_bad: skip, what } = form.data
      return act(deps, { request, web, body, route: 'POST /admin/places/imports' }, async (unit, viewer) => {
        const id = random.uuid()
        const dryRun = what === 'check'
        await askForImport(unit.db, {
          ...{ id, dataset: name, skipBad: skip === 'on', dryRun, file: file.bytes, atMs: unit.atMs },
        })
        if (!dryRun)
          await record(unit.db, random, {
            ...{ action: 'places.sent', subject: name, atMs: unit.atMs, actorId: viewer.identityId },
            ...{ address: web.address, requestId: web.requestId },
            detail: { fileBytes: file.size, sha256: file.sha256 },
          })
        return { location: `/admin/places/imports/${id}`, json: { id } }
      })
    })
    .get(
      '/admin/places/imports/:id',
      async ({ web, request, params: { id } }) => {
        requireReach(web, { companyId: null })
        const run = await findImportRun(web.db, id)
        if (run === undefined) throw notThere()
        const ctx = officeContext(deps, { web, request }, officeScope(web, deps.companies))
        return htmlResponse(String(placeImportPage(ctx, runProps(run))))
      },
      { params },
    )
    .post(
      '/admin/places/removal',
      ({ web, request, body }) =>
        act(deps, { request, web, body, route: 'POST /admin/places/removal' }, async (unit, viewer) => {
          const gone = await unit.db
            .deleteFrom('place_imports')
            .where('dataset', '=', body.dataset)
            .returning('place_count')
            .executeTakeFirst()
          if (gone === undefined) throw notThere()
          await record(unit.db, random, {
            ...{
              action: 'places.removed',
              subject: body.dataset,
              atMs: unit.atMs,
              actorId: viewer.identityId,
            },
            ...{ address: web.address, requestId: web.requestId, detail: { places: gone.place_count } },
          })
          return { location: '/admin/places?done=removed', json: {} }
        }),
      { body: removalForm },
    )
}

const NAMES = { nominatim: 'Nominatim', photon: 'Photon', mapbox: 'Mapbox' }
const TROUBLE = {
  busy: 'It asked to be left alone for a while.',
  away: 'It did not answer three times in a row.',
  refused: 'It sent us elsewhere, is at an address we may not ask, or does not know our key.',
  strange: 'Its answers cannot be read.',
}

function runProps(run: ImportRun): ImportRunProps {
  const { report } = run
  return {
    ...{ id: run.id, dataset: run.dataset, dryRun: run.dryRun, fileBytes: run.fileBytes, share: run.share },
    ...{ isWaiting: run.state === 'waiting', askedAtMs: run.askedAtMs, endedAtMs: run.endedAtMs },
    outcome: report?.outcome ?? null,
    report: report !== null && 'places' in report ? report : null,
    why: report?.outcome === 'no_gazetteer' ? report.why : null,
  }
}
