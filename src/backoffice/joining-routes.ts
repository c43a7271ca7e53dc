/** Who is about to join: invitations of staff, and people who asked to drive. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { joiningPage, type RefusedJoining } from '../../views/backoffice/joining.ts'
import {
  findInvitation,
  invite,
  openInvitations,
  sendInvitation,
  withdrawInvitation,
} from '../accounts/invitations.ts'
import { emailShape } from '../accounts/joining-shapes.ts'
import { record } from '../audit/audit.ts'
import type { Company } from '../companies/companies.ts'
import {
  type DriverApplication,
  decideApplication,
  findApplication,
  openApplications,
} from '../drivers/applications.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { INVITED_ROLES } from '../io/tables/joining.ts'
import { notify } from '../notices/notices.ts'
import { act, answeredBefore } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { notThere, tooMany } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { requireReach } from '../web/reach.ts'
import type { Viewer } from '../web/viewer.ts'
import { reasonText } from './person-acts.ts'
import { grantRole, isCallSignClash } from './roles.ts'
import type { OfficeDeps } from './routes.ts'
import { companiesOf, officeContext, officeScope } from './scope.ts'
import { callSignShape } from './shapes.ts'

const PAGE = '/admin/joining'
const key = z.string().max(128).optional()
const inviteForm = z.strictObject({ email: emailShape, role: z.enum(INVITED_ROLES), company: z.uuid(), key })
const approvalForm = z.strictObject({ call_sign: z.string().trim().pipe(callSignShape), key })
const rejectionForm = z.strictObject({ reason: reasonText.pipe(z.string().max(300)), key })
const onlyKey = z.strictObject({ key })
const params = z.object({ id: z.uuid() })

const DONE = {
  invited: 'The invitation is on its way.',
  withdrawn: 'The invitation is withdrawn. Its link opens nothing any more.',
  approved: 'They drive for you now. Give them a car, and look at their licence.',
  rejected: 'The application is turned down, and a letter says so.',
} as const
const query = z.object({ done: z.enum(Object.keys(DONE) as [keyof typeof DONE]).optional() })

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

/** Rolls everything back and shows the page again with what was wrong. */
class Refused extends Error {
  constructor(
    readonly field: string,
    readonly words: string,
  ) {
    super(words)
  }
}

export function joiningOffice(deps: OfficeDeps) {
  const { random, clock } = deps

  async function markup(
    { request, web }: Omit<Asked, 'body'>,
    more: { refused?: RefusedJoining; done?: keyof typeof DONE | undefined } = {},
  ): Promise<string> {
    const scope = officeScope(web, deps.companies)
    const companies = companiesOf(scope, deps.companies)
    const nameOf = (id: CompanyId) => companies.find((company) => company.id === id)?.name ?? ''
    const ids = companies.map(({ id }) => id)
    const invitations = await openInvitations(web.db, ids)
    const applications = await openApplications(web.db, ids)
    const nowMs = clock.nowMs()
    const props = {
      invitations: invitations.map(({ companyId, ...row }) => ({
        ...{ ...row, company: nameOf(companyId), expired: row.expiresAtMs <= nowMs },
      })),
      applications: applications.map((row) => ({ ...row, company: nameOf(row.companyId) })),
      companies: companies.map(({ id, name }) => ({ value: id, label: name })),
      refused: more.refused ?? null,
      key: () => random.uuid(),
      toasts: more.done === undefined ? [] : [{ id: 'done', text: DONE[more.done] }],
    }
    return String(joiningPage(officeContext(deps, { request, web }, scope), props))
  }

  /** A form done once, and back on the page; or the page again with what was wrong. */
  async function submit<T>(
    asked: Asked,
    form: {
      shape: z.ZodType<T>
      id: string
      route: string
      fields: readonly string[]
      done: keyof typeof DONE
    },
    work: (unit: Work, viewer: Viewer, data: T) => Promise<void>,
  ): Promise<Response> {
    const { route, id, fields } = form
    const read = readForm(form.shape, asked.body, fields)
    const again = async (typed: Readonly<Record<string, string>>, errors: Readonly<Record<string, string>>) =>
      htmlResponse(await markup(asked, { refused: { form: id, typed, errors } }), 422)
    if (!read.ok) return again(read.typed, Object.fromEntries(read.errors))
    try {
      return await act(deps, { ...asked, route }, async (unit, viewer) => {
        await work(unit, viewer, read.data)
        return { location: `${PAGE}?done=${form.done}`, json: {} }
      })
    } catch (error) {
      const wrong = isCallSignClash(error) ? new Refused('call_sign', CALL_SIGN_TAKEN) : error
      if (!(wrong instanceof Refused)) throw error
      // Its shape was accepted, so the fields are text.
      return again(asked.body as Record<string, string>, { [wrong.field]: wrong.words })
    }
  }

  /** The company somebody acts for, if it is theirs to act for. */
  function companyOf(web: WebContext, id: string): Company {
    const company = companiesOf(officeScope(web, deps.companies), deps.companies).find((one) => one.id === id)
    return requireReach(web, company && { ...company, companyId: company.id })
  }

  async function applicationOf(
    web: WebContext,
    id: string,
  ): Promise<{ application: DriverApplication; company: Company }> {
    const application = requireReach(web, await findApplication(web.db, id))
    return { application, company: companyOf(web, application.companyId) }
  }

  async function recordDecision(
    unit: Work,
    { web }: Asked,
    decided: {
      application: DriverApplication
      viewer: Viewer
      approved: boolean
      detail: Record<string, unknown>
    },
  ): Promise<void> {
    const { application, viewer, approved, detail } = decided
    const by = viewer.identityId
    // Somebody else of the office was quicker.
    if (!(await decideApplication(unit, { id: application.id, approved, by }))) throw notThere()
    await record(unit.db, random, {
      ...{ action: approved ? 'driver.approved' : 'driver.rejected', atMs: unit.atMs, actorId: by },
      ...{ companyId: application.companyId, subject: application.identityId, subjectKind: 'person' },
      ...{ address: web.address, requestId: web.requestId, detail },
    })
  }

  /** What is done to one invitation. */
  function onInvitation(verb: typeof sendInvitation | typeof withdrawInvitation, done: keyof typeof DONE) {
    return async (asked: Asked, id: string, tail: string): Promise<Response> => {
      const route = `POST /admin/invitations/${id}/${tail}`
      const before = await answeredBefore({ ...asked, route })
      if (before !== null) return before
      const { companyId } = requireReach(asked.web, await findInvitation(asked.web.db, id))
      return act(deps, { ...asked, route }, async (unit, viewer) => {
        const by = { viewer, from: asked.web }
        const result = await verb(unit, random, by, { companyId, id })
        if (!result.ok) throw notThere()
        return { location: `${PAGE}?done=${done}`, json: {} }
      })
    }
  }
  const resend = onInvitation(sendInvitation, 'invited')
  const withdraw = onInvitation(withdrawInvitation, 'withdrawn')

  return new Elysia({ name: 'joining-office' })
    .use(deps.shell)
    .get(
      PAGE,
      async ({ request, web, query: { done } }) => htmlResponse(await markup({ request, web }, { done })),
      { query },
    )
    .post('/admin/invitations', async ({ request, web, body }) => {
      const { identityId } = requireProof(web, clock.nowMs(), PAGE)
      const form = {
        ...{ shape: inviteForm, id: 'invite', route: 'POST /admin/invitations', done: 'invited' as const },
        fields: ['email', 'role', 'company'],
      }
      return submit({ request, web, body }, form, async (unit, viewer, { email, role, company }) => {
        const { id: companyId } = companyOf(web, company)
        const taken = await deps.limits.take('invitations_person', identityId)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const made = await invite(unit, random, { viewer, from: web }, { companyId, email, role })
        if (!made.ok) throw new Refused('email', 'They have this role already.')
      })
    })
    .post(
      '/admin/invitations/:id/letter',
      ({ request, web, body, params: { id } }) => {
        requireProof(web, clock.nowMs(), PAGE)
        return resend({ request, web, body }, id, 'letter')
      },
      { params, body: onlyKey },
    )
    .post(
      '/admin/invitations/:id/withdrawal',
      ({ request, web, body, params: { id } }) => withdraw({ request, web, body }, id, 'withdrawal'),
      { params, body: onlyKey },
    )
    .post(
      '/admin/applications/:id/approval',
      async ({ request, web, body, params: { id } }) => {
        const route = `POST /admin/applications/${id}/approval`
        const before = await answeredBefore({ request, web, body, route })
        if (before !== null) return before
        const { application, company } = await applicationOf(web, id)
        requireProof(web, clock.nowMs(), PAGE)
        const asked = { request, web, body }
        const form = {
          ...{ shape: approvalForm, id, route },
          ...{ fields: ['call_sign'], done: 'approved' as const },
        }
        return submit(asked, form, async (unit, viewer, { call_sign: callSign }) => {
          const timeZone = deps.companies.homeRegion(company.id)?.timeZone ?? 'UTC'
          const granted = await grantRole(
            unit,
            random,
            { viewer, web },
            {
              ...{ companyId: company.id, company: company.name, timeZone },
              ...{ identityId: application.identityId, role: 'driver', callSign },
            },
          )
          if (!granted.ok && granted.reason === 'call_sign_taken')
            throw new Refused('call_sign', CALL_SIGN_TAKEN)
          // Who was made a driver otherwise meanwhile has what they asked for.
          if (!granted.ok && granted.reason !== 'held') throw notThere()
          await recordDecision(unit, asked, { application, viewer, approved: true, detail: { callSign } })
        })
      },
      { params },
    )
    .post(
      '/admin/applications/:id/rejection',
      async ({ request, web, body, params: { id } }) => {
        const route = `POST /admin/applications/${id}/rejection`
        const before = await answeredBefore({ request, web, body, route })
        if (before !== null) return before
        const { application, company } = await applicationOf(web, id)
        const asked = { request, web, body }
        const form = {
          ...{ shape: rejectionForm, id, route },
          ...{ fields: ['reason'], done: 'rejected' as const },
        }
        return submit(asked, form, async (unit, viewer, { reason }) => {
          await recordDecision(unit, asked, { application, viewer, approved: false, detail: { reason } })
          const { email, name, language, identityId } = application
          await notify(unit, random, {
            ...{ kind: 'application_rejected', to: email, identityId, companyId: company.id, language },
            data: { name, company: company.name, reason },
          })
        })
      },
      { params },
    )
}

const CALL_SIGN_TAKEN = 'Another driver has this call sign.'
