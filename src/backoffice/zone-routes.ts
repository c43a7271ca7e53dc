/** Zones: the list by region, a new one, one that is there, its end. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { type ZoneFields, type ZoneRegionProps, zonePage, zonesPage } from '../../views/backoffice/zones.ts'
import type { Region } from '../companies/companies.ts'
import { outlinesOf } from '../companies/zones.ts'
import type { ZoneId } from '../engine/units.ts'
import { HYSTERESIS_MAX_M, ZONE_KINDS } from '../engine/zone.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { oneLine } from '../web/text.ts'
import { AREA_TEXT_MOST, areaText, parseArea } from './area-text.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope, rereadCompanies } from './scope.ts'
import { tariffsNaming } from './tariff-read.ts'
import {
  areaWords,
  changeZone,
  closeZone,
  digestOf,
  drawZone,
  findZone,
  type KnownZone,
  listZones,
  type ZoneDraft,
} from './zone-office.ts'
import { isInRegion } from './zone-shape.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const whole = (least: number, most: number) =>
  z
    .string()
    .trim()
    .refine((text) => /^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most, {
      error: `A whole number from ${least} to ${most}.`,
    })
    .transform(Number)
/** A switch of a form: there when it is on. */
const checked = z
  .literal('on')
  .optional()
  .transform((value) => value === 'on')
const zoneForm = z.strictObject({
  name: z
    .string()
    .overwrite(oneLine)
    .max(120)
    .refine((text) => text !== '', { error: 'A zone needs a name.' }),
  kind: z.enum(ZONE_KINDS),
  area: z.string().max(AREA_TEXT_MOST, { error: 'This is longer than any zone is.' }),
  queue: checked,
  hysteresis_m: whole(0, HYSTERESIS_MAX_M),
  places_most: whole(1, 500),
  on_decline: z.enum(['end', 'keep']),
  outside_rides: checked,
  seen: z.string().max(64).optional(),
  key: z.string().max(128).optional(),
})
const closingForm = z.strictObject({ closed: z.enum(['yes', 'no']), key: z.string().max(128).optional() })
const FIELDS = Object.keys(zoneForm.shape).filter((name) => name !== 'key')
const params = z.object({ id: z.uuid() })
const DONE = {
  drawn: 'The zone is drawn. It counts from now on.',
  changed: 'Saved. It counts from now on.',
  closed: 'The zone is closed.',
  opened: 'The zone is open again.',
} as const
const query = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })
type Done = z.infer<typeof query>['done']
const toastsOf = (done: Done) => (done === undefined ? [] : [{ id: 'done', text: DONE[done] }])
const BLANK: ZoneFields = {
  ...{ name: '', kind: 'area', area: '', queue: '', hysteresis_m: '30', places_most: '50' },
  ...{ on_decline: 'end', outside_rides: '' },
}

interface Shown {
  readonly typed?: Partial<ZoneFields>
  readonly errors?: Readonly<Record<string, string | undefined>>
  readonly done?: Done
}

/** A problem of one field that only the database could see, thrown out of the unit of work. */
class FieldProblem extends HttpProblem {
  override name = 'FieldProblem'
}

export function zoneRoutes(deps: OfficeDeps) {
  const { companies, random } = deps

  function reachRegion(web: WebContext, id: string): Region {
    return requireReach(
      web,
      companies.regions.find((region) => region.id === id),
    )
  }

  async function reachZone(web: WebContext, id: string): Promise<{ zone: KnownZone; region: Region }> {
    const zone = await findZone(web.db, id)
    if (zone === undefined) throw notThere()
    requireReach(web, { companyId: zone.company_id })
    const region = companies.region(zone.region_id)
    if (region === undefined) throw notThere()
    return { zone, region }
  }

  /** The region for a map: its border, and its open zones but for one. */
  function regionProps(region: Region, without?: ZoneId): ZoneRegionProps {
    const { id, name, center, zoom } = region
    const zones = companies.zones(region.id).filter((zone) => zone.id !== without)
    const border = outlinesOf([{ name, area: region.area }])
    return {
      id,
      name,
      center,
      zoom,
      outlines: [...border.map((one) => ({ ...one, isBorder: true })), ...outlinesOf(zones)],
    }
  }

  async function listMarkup({ request, web }: Omit<Asked, 'body'>, done: Done): Promise<string> {
    const scope = officeScope(web, companies)
    const shown = companiesOf(scope, companies)
    const zones = await listZones(
      web.db,
      shown.map(({ id }) => id),
    )
    const regions = shown.flatMap((company) =>
      companies.regions
        .filter(({ companyId }) => companyId === company.id)
        .map((region) => ({
          ...regionProps(region),
          company: shown.length > 1 ? company.name : null,
          zones: zones
            .filter((zone) => zone.region_id === region.id)
            .map((zone) => ({
              ...{ id: zone.id, name: zone.name, kind: zone.kind, hasQueue: zone.has_queue },
              ...{ area: areaWords(zone.area), isClosed: zone.deleted_at !== null },
            })),
        })),
    )
    return String(
      zonesPage(officeContext(deps, { request, web }, scope), { regions, toasts: toastsOf(done) }),
    )
  }

  function newMarkup({ request, web }: Omit<Asked, 'body'>, region: Region, shown: Shown = {}): string {
    return String(
      zonePage(officeContext(deps, { request, web }, officeScope(web, companies)), {
        ...{ region: regionProps(region), zone: null, errors: shown.errors ?? {} },
        ...{ typed: { ...BLANK, ...shown.typed }, key: () => random.uuid(), toasts: [] },
      }),
    )
  }

  async function zoneMarkup(
    { request, web }: Omit<Asked, 'body'>,
    { zone, region }: { zone: KnownZone; region: Region },
    shown: Shown = {},
  ): Promise<string> {
    const { id, slug, name } = zone
    const named = await tariffsNaming(web.db, region, { zoneId: zone.id, nowMs: deps.clock.nowMs() })
    return String(
      zonePage(officeContext(deps, { request, web }, officeScope(web, companies)), {
        region: regionProps(region, zone.id),
        zone: { id, slug, name, isClosed: zone.deleted_at !== null, seen: digestOf(zone), named },
        ...{ typed: shown.typed === undefined ? fieldsOf(zone) : { ...BLANK, ...shown.typed } },
        ...{ errors: shown.errors ?? {}, key: () => random.uuid(), toasts: toastsOf(shown.done) },
      }),
    )
  }

  /** The form read whole, its area too; else the page again with what was typed. */
  function readZone(
    body: unknown,
    region: Region,
    zones: readonly KnownZone[],
    own: ZoneId | null,
  ): { ok: true; draft: ZoneDraft; seen: string } | { ok: false; shown: Shown } {
    const form = readForm(zoneForm, body, FIELDS)
    const typed = typedOf(body)
    if (!form.ok) return { ok: false, shown: { typed, errors: Object.fromEntries(form.errors) } }
    const { data } = form
    const drawn = parseArea(data.area)
    const again = (field: string, message: string) => ({
      ok: false as const,
      shown: { typed, errors: { [field]: message } },
    })
    if (!drawn.ok) return again('area', drawn.reason)
    if (!isInRegion(drawn.value, region.area as typeof drawn.value))
      return again('area', `No part of it lies in ${region.name}: no ride ever begins or ends there.`)
    const twin = zones.find(
      (zone) =>
        zone.region_id === region.id &&
        zone.id !== own &&
        zone.deleted_at === null &&
        zone.name === data.name,
    )
    if (twin !== undefined) return again('name', 'Another zone of this region has this name.')
    const draft: ZoneDraft = {
      ...{ name: data.name, kind: data.kind, area: drawn.value, queue: data.queue },
      ...{ hysteresisM: data.hysteresis_m, placesMost: data.places_most },
      ...{ onDecline: data.on_decline, outsideRides: data.outside_rides },
    }
    return { ok: true, draft, seen: data.seen ?? '' }
  }

  /** What is kept of companies here, read before the page that shows it. */
  async function known(answer: Response): Promise<Response> {
    await rereadCompanies(deps)
    return answer
  }

  async function draw(asked: Asked, id: string): Promise<Response> {
    const region = reachRegion(asked.web, id)
    const route = `POST /admin/regions/${id}/zones`
    // Sent again, its own zone is there already and would be in its way.
    const before = await answeredBefore({ ...asked, route })
    if (before !== null) return before
    const zones = await listZones(asked.web.db, [region.companyId])
    const read = readZone(asked.body, region, zones, null)
    if (!read.ok) return htmlResponse(newMarkup(asked, region, read.shown), 422)
    return known(
      await act(deps, { ...asked, route }, async (unit, viewer) => {
        const { companyId, id: regionId } = region
        const drawn = { companyId, regionId, draft: read.draft }
        const zoneId = await drawZone(unit, random, { viewer, web: asked.web }, drawn)
        return { location: `/admin/zones/${zoneId}?done=drawn`, json: { zoneId } }
      }),
    )
  }

  async function change(asked: Asked, id: string): Promise<Response> {
    const reached = await reachZone(asked.web, id)
    const zones = await listZones(asked.web.db, [reached.zone.company_id])
    const read = readZone(asked.body, reached.region, zones, reached.zone.id)
    if (!read.ok) return htmlResponse(await zoneMarkup(asked, reached, read.shown), 422)
    try {
      return await known(
        await act(deps, { ...asked, route: `POST /admin/zones/${id}` }, async (unit, viewer) => {
          const { draft, seen } = read
          const doer = { viewer, web: asked.web }
          const changed = await changeZone(unit, random, doer, { id: reached.zone.id, seen, draft })
          if (!changed.ok && changed.reason === 'not_there') throw notThere()
          if (!changed.ok) throw new FieldProblem(422, CHANGED)
          return { location: `/admin/zones/${id}?done=changed`, json: {} }
        }),
      )
    } catch (error) {
      if (!(error instanceof FieldProblem) || asked.web.wantsJson) throw error
      const shown = { typed: typedOf(asked.body), errors: { seen: CHANGED } }
      return htmlResponse(await zoneMarkup(asked, reached, shown), 422)
    }
  }

  async function close(asked: Asked, id: string, closed: boolean): Promise<Response> {
    const { zone } = await reachZone(asked.web, id)
    return known(
      await act(deps, { ...asked, route: `POST /admin/zones/${id}/closing` }, async (unit, viewer) => {
        const done = await closeZone(unit, random, { viewer, web: asked.web }, { id: zone.id, closed })
        if (!done.ok) throw notThere()
        return { location: `/admin/zones/${id}?done=${closed ? 'closed' : 'opened'}`, json: { closed } }
      }),
    )
  }

  return new Elysia({ name: 'zones' })
    .use(deps.shell)
    .get(
      '/admin/zones',
      async ({ request, web, query: { done } }) => htmlResponse(await listMarkup({ request, web }, done)),
      { query },
    )
    .get(
      '/admin/regions/:id/zones/new',
      ({ request, web, params: { id } }) => htmlResponse(newMarkup({ request, web }, reachRegion(web, id))),
      { params },
    )
    .post('/admin/regions/:id/zones', ({ params: { id }, ...asked }) => draw(asked, id), { params })
    .get(
      '/admin/zones/:id',
      async ({ request, web, params: { id }, query: { done } }) =>
        htmlResponse(await zoneMarkup({ request, web }, await reachZone(web, id), { done })),
      { params, query },
    )
    .post('/admin/zones/:id', ({ params: { id }, ...asked }) => change(asked, id), { params })
    .post(
      '/admin/zones/:id/closing',
      ({ params: { id }, body, ...asked }) => close({ ...asked, body }, id, body.closed === 'yes'),
      { params, body: closingForm },
    )
}

const CHANGED =
  'Somebody changed this zone since you opened it. Below is what you typed: save again to put it in its place, or open the zone anew.'

/** Areas are longer than other texts, so they are kept here whole. */
function typedOf(body: unknown): Partial<ZoneFields> {
  const given = (body ?? {}) as Record<string, unknown>
  return Object.fromEntries(
    FIELDS.map((name) => [name, typeof given[name] === 'string' ? given[name].slice(0, AREA_TEXT_MOST) : '']),
  )
}

function fieldsOf(zone: KnownZone): ZoneFields {
  return {
    ...{ name: zone.name, kind: zone.kind, area: areaText(zone.area) },
    ...{ queue: zone.has_queue ? 'on' : '', outside_rides: zone.outside_rides ? 'on' : '' },
    ...{ hysteresis_m: String(zone.hysteresis_m), places_most: String(zone.places_most) },
    on_decline: zone.on_decline,
  }
}
