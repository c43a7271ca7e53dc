/** Licences to be looked at, the decision on each, and driving turned off and on by the company. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { driverOfficePage } from '../../views/licences/driver.ts'
import { licenceQueuePage } from '../../views/licences/queue.ts'
import { licenceReviewPage, reviewWords } from '../../views/licences/review.ts'
import { record } from '../audit/audit.ts'
import { capabilityOf, type Hindrance } from '../drivers/capability.ts'
import { type LoadedDriver, openShift } from '../drivers/drivers.ts'
import { switchDriving } from '../drivers/switch.ts'
import { daysBetween, localDay } from '../engine/day.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import { findLicence, type LoadedLicence, licencesOf, readOf } from '../licences/licences.ts'
import { nameLikeness } from '../licences/names.ts'
import { type DecisionRefusal, decideLicence, waitingLicences } from '../licences/review.ts'
import { act } from '../web/act.ts'
import { htmlResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import { fieldErrors, HttpProblem, notThere, tooMany } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import { oneLine } from '../web/text.ts'
import { DRIVERS_SHOWN, listDrivers } from './licence-list.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope } from './scope.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const params = z.object({ id: z.uuid() })
const toldQuery = z.object({ told: z.string().max(20).optional() })
const queueQuery = toldQuery.extend({
  view: z.enum(['waiting', 'drivers']).default('waiting'),
  q: z.string().trim().max(80).default(''),
})
const key = z.string().max(128).optional()
const reason = z.string().max(500, { error: 'A reason can have up to 500 letters.' }).overwrite(oneLine)
const decisionForm = z
  .strictObject({ verdict: z.enum(['approved', 'rejected']), reason: reason.default(''), key })
  .refine((form) => form.verdict === 'approved' || form.reason !== '', {
    path: ['reason'],
    error: 'Say why, so that the driver knows what to do.',
  })
const capabilityForm = z
  .strictObject({ able: z.enum(['on', 'off']), reason: reason.default(''), key })
  .refine((form) => form.able === 'on' || form.reason !== '', {
    path: ['reason'],
    error: 'Say why; the driver reads it.',
  })

const HINDRANCES: Record<Hindrance, string> = {
  driver_disabled: 'May not drive: the company has turned driving off.',
  driver_held: 'Does not drive now: the desk keeps them off the road until it puts them back.',
  driver_stopped: 'Does not drive now: they have turned it off for themselves.',
  licence_missing: 'May not drive: no licence was handed in yet.',
  licence_waiting: 'May not drive yet: a licence waits to be looked at.',
  licence_rejected: 'May not drive: the licence handed in was not approved.',
  licence_expired: 'May not drive: the licence has run out.',
}

export function licenceOfficeRoutes(deps: OfficeDeps) {
  const { clock, random, companies } = deps
  const timeZoneOf = (companyId: CompanyId) => companies.homeRegion(companyId)?.timeZone ?? 'UTC'
  const nameOf = (companyId: CompanyId) => companies.company(companyId)?.name ?? ''
  const contextOf = (asked: Pick<Asked, 'request' | 'web'>) =>
    officeContext(deps, asked, officeScope(asked.web, companies))

  async function reachLicence(web: WebContext, id: string): Promise<LoadedLicence> {
    const licence = await findLicence(web.db, id)
    // A draft is nobody's business but the driver's.
    if (licence === undefined || licence.state === 'draft') throw notThere()
    requireReach(web, { companyId: licence.company_id })
    return licence
  }

  async function reachDriver(web: WebContext, id: string): Promise<LoadedDriver> {
    const driver = await web.db
      .selectFrom('drivers')
      .selectAll()
      .where('id', '=', id as DriverId)
      .executeTakeFirst()
    if (driver === undefined) throw notThere()
    requireReach(web, { companyId: driver.company_id })
    return driver
  }

  async function queue(request: Request, web: WebContext, query: z.infer<typeof queueQuery>) {
    const scope = officeScope(web, companies)
    const nowMs = clock.nowMs()
    const waiting = await waitingLicences(web.db, scope.platform ? null : scope.companyIds)
    const found =
      query.view === 'drivers'
        ? await listDrivers(web.db, { companyIds: scope.companyIds, words: query.q })
        : []
    const page = licenceQueuePage(contextOf({ request, web }), {
      view: query.view,
      waiting: waiting.map(({ submittedAtMs, ...row }) => ({ ...row, ageMs: nowMs - submittedAtMs })),
      waitingCount: waiting.length,
      drivers: found.slice(0, DRIVERS_SHOWN).map((row) => ({
        ...row,
        company: nameOf(row.companyId),
        daysLeft:
          row.approvedUntil === null
            ? null
            : daysBetween(localDay(nowMs, timeZoneOf(row.companyId)), row.approvedUntil),
      })),
      severalCompanies: companiesOf(scope, companies).length > 1,
      query: query.q,
      hasMore: found.length > DRIVERS_SHOWN,
      told: query.told,
    })
    return htmlResponse(page.toString())
  }

  async function review(
    { request, web }: Pick<Asked, 'request' | 'web'>,
    id: string,
    more: { told?: string | undefined; reason?: string; reasonError?: string } = {},
  ): Promise<Response> {
    const licence = await reachLicence(web, id)
    const holder = { companyId: licence.company_id, identityId: licence.identity_id }
    const person = await web.db
      .selectFrom('identities')
      .select(['name', 'email'])
      .where('id', '=', licence.identity_id)
      .executeTakeFirstOrThrow()
    const driver = await web.db
      .selectFrom('drivers')
      .select('id')
      .where('company_id', '=', holder.companyId)
      .where('identity_id', '=', holder.identityId)
      .executeTakeFirst()
    const decider =
      licence.decided_by === null
        ? undefined
        : await web.db
            .selectFrom('identities')
            .select('name')
            .where('id', '=', licence.decided_by)
            .executeTakeFirst()
    const approved = (await licencesOf(web.db, holder)).find(
      ({ state, id: other }) => state === 'approved' && other !== id,
    )
    const read = readOf(licence)
    const nowMs = clock.nowMs()
    const page = licenceReviewPage(contextOf({ request, web }), {
      ...{ id, state: licence.state, driverId: driver?.id ?? null },
      person: { ...person, company: nameOf(holder.companyId) },
      ...{ frontId: licence.front_id, backId: licence.back_id },
      words: reviewWords(
        {
          ...{ legalName: licence.legal_name, number: licence.number, country: licence.country },
          ...{ issuingState: licence.issuing_state, classes: licence.classes },
          ...{ issuedOn: licence.issued_on, expiresOn: licence.expires_on },
        },
        read,
      ),
      likeness: nameLikeness(licence.legal_name ?? '', person.name),
      wasRead: Object.keys(read).length > 0,
      submittedAtMs: licence.submitted_at?.getTime() ?? nowMs,
      approvedUntil: approved?.expires_on ?? null,
      decided:
        licence.decided_at === null
          ? null
          : { by: decider?.name ?? null, atMs: licence.decided_at.getTime(), reason: licence.reason },
      ranOut: (licence.expires_on ?? '') < localDay(nowMs, timeZoneOf(holder.companyId)),
      keys: [random.uuid(), random.uuid()],
      ...more,
    })
    await record(web.db, random, {
      ...{ action: 'licence.viewed', atMs: nowMs, actorId: requireViewer(web).identityId },
      ...{ companyId: licence.company_id, subject: id, detail: { of: licence.identity_id } },
      ...{ address: web.address, requestId: web.requestId },
    })
    return htmlResponse(page.toString(), more.reasonError === undefined ? 200 : 422)
  }

  async function decide(asked: Asked, id: string): Promise<Response> {
    const { web, body } = asked
    const licence = await reachLicence(web, id)
    const form = decisionForm.safeParse(body)
    if (!form.success) {
      const problem = refusedReason(form.error, body)
      if (web.wantsJson || problem.message === null) throw problem.problem
      return review(asked, id, { reason: problem.typed, reasonError: problem.message })
    }
    const { verdict } = form.data
    const companyId = licence.company_id
    try {
      return await act(
        deps,
        { ...asked, route: `POST /admin/licences/${id}/decision` },
        async (unit, viewer) => {
          const decided = await decideLicence(unit, random, {
            ...{ companyId, licenceId: id, verdict, deciderId: viewer.identityId },
            ...{ reason: form.data.reason || null, timeZone: timeZoneOf(companyId) },
            from: { address: web.address, requestId: web.requestId },
          })
          if (!decided.ok) throw new NotDecided(decided.reason)
          return { location: `/admin/licences?told=${verdict}`, json: { id, state: decided.value.state } }
        },
      )
    } catch (error) {
      if (!(error instanceof NotDecided) || web.wantsJson) throw error
      return seeOther(`/admin/licences/${id}?told=${error.reason}`)
    }
  }

  async function driverPage(
    { request, web }: Pick<Asked, 'request' | 'web'>,
    id: string,
    more: { told?: string | undefined; reason?: string; reasonError?: string } = {},
  ): Promise<Response> {
    const driver = await reachDriver(web, id)
    const holder = { companyId: driver.company_id, identityId: driver.identity_id }
    const person = await web.db
      .selectFrom('identities')
      .select(['email', 'avatar_id'])
      .where('id', '=', driver.identity_id)
      .executeTakeFirstOrThrow()
    const capability = await capabilityOf(web.db, {
      ...{ companyId: driver.company_id, driverId: driver.id, nowMs: clock.nowMs() },
    })
    const shift = await openShift(web.db, driver.company_id, driver.id)
    const page = driverOfficePage(contextOf({ request, web }), {
      ...{ id, name: driver.name, callSign: driver.call_sign, company: nameOf(driver.company_id) },
      ...{ email: person.email, avatarId: person.avatar_id, onShift: shift !== undefined },
      hindrance: capability?.hindrance == null ? null : HINDRANCES[capability.hindrance],
      disabled:
        driver.disabled_at === null
          ? null
          : { sinceMs: driver.disabled_at.getTime(), reason: driver.disabled_reason ?? '' },
      stoppedSinceMs: driver.stopped_at?.getTime() ?? null,
      licences: (await licencesOf(web.db, holder))
        .filter(({ state }) => state !== 'draft')
        .map((licence) => ({
          ...{ id: licence.id, state: licence.state, number: licence.number, expiresOn: licence.expires_on },
          submittedAtMs: licence.submitted_at?.getTime() ?? null,
          vouched: licence.source === 'company_file',
        })),
      key: random.uuid(),
      ...more,
    })
    return htmlResponse(page.toString(), more.reasonError === undefined ? 200 : 422)
  }

  async function switchDriver(asked: Asked, id: string): Promise<Response> {
    const { web, body } = asked
    const driver = await reachDriver(web, id)
    const form = capabilityForm.safeParse(body)
    if (!form.success) {
      const problem = refusedReason(form.error, body)
      if (web.wantsJson || problem.message === null) throw problem.problem
      return driverPage(asked, id, { reason: problem.typed, reasonError: problem.message })
    }
    const taken = await deps.limits.take('capability_admin', requireViewer(web).identityId)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
    const able = form.data.able === 'on'
    return act(deps, { ...asked, route: `POST /admin/drivers/${id}/capability` }, async (unit, viewer) => {
      const switched = await switchDriving(unit, random, {
        ...{ companyId: driver.company_id, driverId: driver.id, actorId: viewer.identityId },
        ...{ by: 'company', able, reason: form.data.reason || null },
        from: { address: web.address, requestId: web.requestId },
      })
      if (!switched.ok) throw notThere()
      return { location: `/admin/drivers/${id}?told=${able ? 'enabled' : 'disabled'}`, json: { id, able } }
    })
  }

  return new Elysia({ name: 'office-licences' })
    .use(deps.shell)
    .get('/admin/licences', ({ request, web, query }) => queue(request, web, query), { query: queueQuery })
    .get(
      '/admin/licences/:id',
      ({ request, web, params: { id }, query }) => review({ request, web }, id, query),
      {
        params,
        query: toldQuery,
      },
    )
    .post(
      '/admin/licences/:id/decision',
      ({ request, web, body, params: { id } }) => decide({ request, web, body }, id),
      { params },
    )
    .get(
      '/admin/drivers/:id',
      ({ request, web, params: { id }, query }) => driverPage({ request, web }, id, query),
      {
        params,
        query: toldQuery,
      },
    )
    .post(
      '/admin/drivers/:id/capability',
      ({ request, web, body, params: { id } }) => switchDriver({ request, web, body }, id),
      { params },
    )
}

/** Rolls back; on a page it is told above the licence as it now stands. */
class NotDecided extends HttpProblem {
  override name = 'NotDecided'
  readonly reason: DecisionRefusal

  constructor(refusal: DecisionRefusal) {
    const words: Record<DecisionRefusal, string> = {
      not_found: 'There is nothing at this address.',
      decided_already: 'Somebody else decided on this one before you. Your choice was not used.',
      withdrawn: 'The driver has handed in a newer one meanwhile. Your choice was not used.',
      ran_out: 'This licence has run out already, so it was not approved.',
    }
    super(refusal === 'not_found' ? 404 : 409, words[refusal])
    this.reason = refusal
  }
}

/** A form whose only mistake is its reason comes back with it; any other one was not made by our page. */
function refusedReason(error: z.ZodError, body: unknown) {
  const errors = fieldErrors(error.issues, body)
  const [mistake] = errors
  const typed = (body as { reason?: unknown } | null)?.reason
  return {
    problem: new HttpProblem(422, 'Some fields need another look.', { errors }),
    message: errors.length === 1 && mistake?.field === 'reason' ? mistake.message : null,
    typed: typeof typed === 'string' ? typed.slice(0, 600) : '',
  }
}
