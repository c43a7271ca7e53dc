/** What the back office does to a person: roles, bans, sessions, a way to a new password. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import type { RefusedForm } from '../../views/backoffice/person.ts'
import { forgetTries, signInTries } from '../accounts/lockout.ts'
import { endSessions } from '../accounts/session-life.ts'
import type { AuditAction } from '../audit/actions.ts'
import { type AuditEntry, record } from '../audit/audit.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { ROLES } from '../io/tables/accounts.ts'
import { act } from '../web/act.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { oneLine } from '../web/text.ts'
import { type BanRefusal, banAtCompany, banEverywhere, liftBan } from './bans.ts'
import { dayEndMs } from './days.ts'
import { findPerson } from './people-read.ts'
import {
  answersFor,
  type DoneWord,
  EVERYWHERE,
  personMarkup,
  personParams,
  type SeenPerson,
  seenPerson,
} from './person-page.ts'
import { grantRole, isCallSignClash, type RoleChange, removeRole } from './roles.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext } from './scope.ts'
import { callSignShape } from './shapes.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const key = z.string().max(128).optional()
const emptyIsNone = (text: string) => (text === '' ? undefined : text)
const rolesForm = z.strictObject({
  company: z.uuid(),
  role: z.enum(ROLES),
  call_sign: z
    .string()
    .trim()
    .max(60)
    .default('')
    .refine((text) => text === '' || callSignShape.safeParse(text).success, {
      error: 'Up to 12 letters, digits and hyphens.',
    })
    .transform(emptyIsNone),
  key,
})
const removalForm = z.strictObject({ company: z.uuid(), role: z.enum(ROLES), key })
export const reasonText = z
  .string()
  .overwrite(oneLine)
  .max(500)
  .refine((text) => text.length >= 3, { error: 'Say why, in a few words.' })
const banForm = z.strictObject({
  company: z.union([z.uuid(), z.literal(EVERYWHERE)]),
  reason: reasonText,
  until: z
    .union([z.literal(''), z.iso.date()])
    .default('')
    .transform(emptyIsNone),
  key,
})
const liftForm = z.strictObject({ company: z.union([z.uuid(), z.literal(EVERYWHERE)]), key })
const endForm = z.strictObject({ session: z.uuid().optional(), key })
const onlyKey = z.strictObject({ key })

const ROLE_WORDS: Readonly<Record<string, { readonly field: string; readonly words: string }>> = {
  held: { field: 'role', words: 'They have this role already.' },
  not_held: { field: '', words: 'They did not have this role any more.' },
  last_admin: {
    field: '',
    words: 'This is the last admin. Make somebody else admin first, or nobody could run the company.',
  },
  call_sign_taken: { field: 'call_sign', words: 'Another driver has this call sign.' },
  call_sign_needed: { field: 'call_sign', words: 'A new driver needs a call sign, such as 204.' },
  carrying: { field: '', words: 'Somebody is in their car right now. Wait until that ride has ended.' },
}
const BAN_WORDS: Readonly<Record<Exclude<BanRefusal, 'not_there'>, string>> = {
  oneself: 'You cannot ban yourself.',
  runs_installation: 'Who runs the installation cannot be banned; that is taken back by command.',
  is_admin: 'An admin cannot be banned here. Take that role away first.',
  carrying: 'Somebody is in their car right now. Wait until that ride has ended.',
}

/** Rolls everything back and shows the page again with what was wrong. */
class Refused extends Error {
  constructor(
    readonly form: RefusedForm['form'],
    readonly field: string,
    readonly words: string,
  ) {
    super(words)
  }
}

export function personActs(deps: OfficeDeps) {
  const { random } = deps

  /** One deed of a form: seen, done once, and back on the page; or the page again with what was wrong. */
  async function does(
    asked: Asked,
    id: string,
    deed: {
      readonly route: string
      readonly proof: boolean
      work(unit: Work, seen: SeenPerson): Promise<DoneWord>
    },
  ): Promise<Response> {
    const back = `/admin/people/${id}`
    const seen = await seenPerson(deps, asked.web, id)
    if (deed.proof) requireProof(asked.web, deps.clock.nowMs(), back)
    try {
      return await act(deps, { ...asked, route: `POST ${back}${deed.route}` }, async (unit) => {
        const done = await deed.work(unit, seen)
        // Whose last role went has nothing to do with the company any more.
        const still = await findPerson(
          { db: unit.db, system: deps.system },
          seen.scope,
          seen.person.id,
          unit.atMs,
        )
        return { location: `${still === undefined ? '/admin/people' : back}?done=${done}`, json: { done } }
      })
    } catch (error) {
      const refused = isCallSignClash(error)
        ? new Refused('roles', 'call_sign', 'Another driver has this call sign.')
        : error
      if (!(refused instanceof Refused)) throw error
      return again(asked, seen, {
        form: refused.form,
        typed: textsOf(asked.body),
        errors: new Map([[refused.field, refused.words]]),
      })
    }
  }

  async function again(asked: Asked, seen: SeenPerson, refused: RefusedForm): Promise<Response> {
    const errors = [...refused.errors].map(([field, message]) => ({ field, message }))
    if (asked.web.wantsJson)
      throw new HttpProblem(422, errors[0]?.message ?? 'Some fields need another look.', { errors })
    return htmlResponse(await personMarkup(deps, asked, seen, { refused }), 422)
  }

  const doer = (web: WebContext, { scope }: SeenPerson) => ({ viewer: scope.viewer, web })

  function companyIn({ scope }: SeenPerson, id: string) {
    const companyId = scope.companyIds.find((one) => one === id)
    const company = companyId === undefined ? undefined : deps.companies.company(companyId)
    if (company === undefined) throw notThere()
    return company
  }

  function roleChange(seen: SeenPerson, form: { company: string; role: RoleChange['role'] }): RoleChange {
    const company = companyIn(seen, form.company)
    return {
      companyId: company.id,
      company: company.name,
      timeZone: deps.companies.homeRegion(company.id)?.timeZone ?? 'UTC',
      identityId: seen.person.id,
      role: form.role,
    }
  }

  function note(
    { web }: Asked,
    unit: Work,
    { scope, person }: SeenPerson,
    entry: { action: AuditAction } & Pick<AuditEntry, 'subject' | 'subjectKind' | 'detail'>,
  ) {
    const companyId = scope.platform ? undefined : person.roles[0]?.companyId
    return record(unit.db, random, {
      subject: person.id,
      ...entry,
      ...(companyId === undefined ? {} : { companyId }),
      atMs: unit.atMs,
      actorId: scope.viewer.identityId,
      address: web.address,
      requestId: web.requestId,
    })
  }

  function refuseRole(reason: string): never {
    if (reason === 'not_there') throw notThere()
    const { field, words } = ROLE_WORDS[reason]!
    throw new Refused('roles', field, words)
  }

  async function grant(asked: Asked, id: string): Promise<Response> {
    const form = readForm(rolesForm, asked.body, ['company', 'role', 'call_sign'])
    if (!form.ok) return again(asked, await seenPerson(deps, asked.web, id), { form: 'roles', ...form })
    const { call_sign: callSign } = form.data
    return does(asked, id, {
      ...{ route: '/roles', proof: true },
      async work(unit, seen) {
        const change = { ...roleChange(seen, form.data), ...(callSign === undefined ? {} : { callSign }) }
        const granted = await grantRole(unit, random, doer(asked.web, seen), change)
        return granted.ok ? 'granted' : refuseRole(granted.reason)
      },
    })
  }

  function remove(asked: Asked, id: string, form: z.infer<typeof removalForm>): Promise<Response> {
    return does(asked, id, {
      ...{ route: '/roles/removal', proof: true },
      async work(unit, seen) {
        const removed = await removeRole(unit, random, doer(asked.web, seen), roleChange(seen, form))
        return removed.ok ? 'removed' : refuseRole(removed.reason)
      },
    })
  }

  async function ban(asked: Asked, id: string): Promise<Response> {
    const seenFirst = await seenPerson(deps, asked.web, id)
    const form = readForm(banForm, asked.body, ['company', 'reason', 'until'])
    if (!form.ok) return again(asked, seenFirst, { form: 'ban', ...form })
    const { company: where, reason, until } = form.data
    const { timeZone } = officeContext(deps, asked, seenFirst.scope)
    const untilMs = until === undefined ? null : dayEndMs(until, timeZone)
    if (untilMs !== null && untilMs <= deps.clock.nowMs())
      return again(asked, seenFirst, {
        ...{ form: 'ban', typed: textsOf(asked.body) },
        errors: new Map([['until', 'That day is over. Choose a later one, or none.']]),
      })
    return does(asked, id, {
      ...{ route: '/ban', proof: true },
      async work(unit, seen) {
        const by = doer(asked.web, seen)
        const what = { identityId: seen.person.id, reason, untilMs }
        if (where === EVERYWHERE && !seen.scope.platform) throw notThere()
        const banned =
          where === EVERYWHERE
            ? await banEverywhere(unit, random, by, what)
            : await banAtCompany(unit, random, by, { ...what, ...namedCompany(seen, where) })
        if (banned.ok) return 'banned'
        if (banned.reason === 'not_there') throw notThere()
        throw new Refused('ban', '', BAN_WORDS[banned.reason])
      },
    })
  }

  function namedCompany(seen: SeenPerson, id: string): { companyId: CompanyId; company: string } {
    const { id: companyId, name } = companyIn(seen, id)
    return { companyId, company: name }
  }

  function lift(asked: Asked, id: string, where: string): Promise<Response> {
    return does(asked, id, {
      ...{ route: '/ban/lift', proof: true },
      async work(unit, seen) {
        if (where === EVERYWHERE && !seen.scope.platform) throw notThere()
        const companyId = where === EVERYWHERE ? null : companyIn(seen, where).id
        const lifted = await liftBan(unit, random, doer(asked.web, seen), {
          identityId: seen.person.id,
          companyId,
        })
        if (!lifted.ok) throw new Refused('ban', '', 'This ban was lifted already.')
        return 'lifted'
      },
    })
  }

  function end(asked: Asked, id: string, sessionId: string | undefined): Promise<Response> {
    return does(asked, id, {
      ...{ route: '/sessions/end', proof: false },
      async work(unit, seen) {
        if (!answersFor(seen)) throw notThere()
        const ended = await endSessions(
          unit,
          seen.person.id,
          sessionId === undefined ? {} : { onlySessionId: sessionId },
        )
        if (ended.length > 0)
          await note(asked, unit, seen, {
            action: 'session.ended_by_admin',
            ...{ subject: seen.person.id, subjectKind: 'person', detail: { ended: ended.length } },
          })
        return 'ended'
      },
    })
  }

  function sendLetter(asked: Asked, id: string): Promise<Response> {
    return does(asked, id, {
      ...{ route: '/reset-letter', proof: false },
      async work(unit, seen) {
        if (!answersFor(seen)) throw notThere()
        // The same letter as for who asks for it themselves; the link in it is theirs alone.
        await deps.joining.forgot(seen.person.email, asked.web)
        await note(asked, unit, seen, { action: 'password.reset_asked', detail: { by: 'back office' } })
        return 'letter'
      },
    })
  }

  function unlock(asked: Asked, id: string): Promise<Response> {
    return does(asked, id, {
      ...{ route: '/unlock', proof: false },
      async work(unit, seen) {
        if (!answersFor(seen)) throw notThere()
        // The tries of all addresses lie beyond every request's wall.
        await forgetTries(deps.system, signInTries(seen.person.email))
        await note(asked, unit, seen, { action: 'account.unlocked' })
        return 'unlocked'
      },
    })
  }

  const params = personParams
  return new Elysia({ name: 'person-acts' })
    .use(deps.shell)
    .post('/admin/people/:id/roles', ({ params: { id }, ...asked }) => grant(asked, id), { params })
    .post(
      '/admin/people/:id/roles/removal',
      ({ params: { id }, body, ...asked }) => remove({ ...asked, body }, id, body),
      { params, body: removalForm },
    )
    .post('/admin/people/:id/ban', ({ params: { id }, ...asked }) => ban(asked, id), { params })
    .post(
      '/admin/people/:id/ban/lift',
      ({ params: { id }, body, ...asked }) => lift({ ...asked, body }, id, body.company),
      { params, body: liftForm },
    )
    .post(
      '/admin/people/:id/sessions/end',
      ({ params: { id }, body, ...asked }) => end({ ...asked, body }, id, body.session),
      { params, body: endForm },
    )
    .post(
      '/admin/people/:id/reset-letter',
      ({ params: { id }, body, ...asked }) => sendLetter({ ...asked, body }, id),
      { params, body: onlyKey },
    )
    .post(
      '/admin/people/:id/unlock',
      ({ params: { id }, body, ...asked }) => unlock({ ...asked, body }, id),
      { params, body: onlyKey },
    )
}

function textsOf(body: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((body ?? {}) as Record<string, unknown>).filter(
      (pair): pair is [string, string] => typeof pair[1] === 'string',
    ),
  )
}
