/** Registering and confirming an address, as pages and as JSON. */
import { Elysia } from 'elysia'
import { goneLinkPage } from '../../views/accounts/card.ts'
import {
  letterSentPage,
  registerPage,
  unverifiedPage,
  verifiedPage,
  verifyPage,
} from '../../views/accounts/register.ts'
import type { CompanyId } from '../engine/units.ts'
import { commit } from '../io/commit.ts'
import type { LimitName, Limits } from '../io/limits.ts'
import { act } from '../web/act.ts'
import {
  htmlResponse,
  jsonResponse,
  ownPath,
  requireViewer,
  seeOther,
  type ToPage,
  type WebContext,
} from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem, tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Captcha } from './captcha.ts'
import type { Joining, JoiningDeps } from './joining.ts'
import {
  emailOnly,
  registerCall,
  registerForm,
  registerQuery,
  resendForm,
  strengthForm,
  tokenParams,
  verifyForm,
  verifyQuery,
} from './joining-shapes.ts'
import { judgePassword } from './password-rules.ts'
import { keyOnly, nothing } from './shapes.ts'

/** The company on whose pages a visitor is. */
export interface VisitedCompany {
  readonly id: CompanyId
  readonly name: string
}

export interface JoiningRoutesDeps extends JoiningDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly toPage: ToPage
  readonly joining: Joining
  readonly captcha: Captcha
  readonly visited: (request: Request) => VisitedCompany | null
  /** The campus an address belongs to by its domain. */
  readonly campusNameOf: (email: string) => Promise<string | null>
}

/** @throws HttpProblem 429 for the first limit that is used up */
export async function takeLimits(
  limits: Limits,
  uses: readonly (readonly [name: LimitName, key: string])[],
): Promise<void> {
  for (const [name, key] of uses) {
    const taken = await limits.take(name, key)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }
}

const GONE =
  'It works once, and for 48 hours. Perhaps you have used it already: then sign in. Else register again.'
const CAPTCHA_AGAIN =
  'The proof that you are no robot did not arrive in time. Send the form again; your browser makes a new one.'

interface Wish {
  readonly name: string
  readonly email: string
  readonly password: string
  readonly as: 'rider' | 'driver'
  readonly altcha: string
  readonly next?: string
}

export function joiningRoutes(deps: JoiningRoutesDeps) {
  const { shell, limits, toPage, joining, captcha, clock } = deps

  /** Register, or say what has to be another: by field, `form` for the form as a whole. */
  async function tryRegister(
    wish: Wish,
    web: WebContext,
    request: Request,
  ): Promise<{ field: 'password' | 'as' | 'form'; message: string } | null> {
    await takeLimits(limits, [['register_address', web.address]])
    const company = deps.visited(request)
    const wantsToDrive = wish.as === 'driver'
    if (wantsToDrive && company === null)
      return { field: 'as', message: 'Open the page of the company you would drive for, and register there.' }
    const { name, email, password } = wish
    const verdict = judgePassword(password, {
      name,
      email,
      companies: company === null ? [] : [company.name],
    })
    if (verdict.fault !== null) return { field: 'password', message: verdict.words }
    if (wish.altcha === '') {
      await takeLimits(limits, [
        ['register_unproved_address', web.address],
        ['register_unproved_all', 'all'],
      ])
    } else if ((await commit(deps, (unit) => captcha.spend(unit, wish.altcha))) !== null) {
      return { field: 'form', message: CAPTCHA_AGAIN }
    }
    await takeLimits(limits, [['letters_email', email]])
    await joining.register({
      name,
      email,
      password,
      companyId: company?.id ?? null,
      wantsToDrive,
      next: ownPath(wish.next, ''),
    })
    return null
  }

  async function resend(email: string, web: WebContext, next = ''): Promise<void> {
    await takeLimits(limits, [
      ['letters_address', web.address],
      ['letters_email', email],
    ])
    await joining.resend(email, next)
  }

  async function letterSent(
    web: WebContext,
    request: Request,
    { email, again, next }: { email: string; again: boolean; next: string },
  ): Promise<Response> {
    const campusName = await deps.campusNameOf(email)
    return htmlResponse(String(letterSentPage(toPage(web, request), { email, campusName, again, next })))
  }

  function gone(web: WebContext, request: Request): Response {
    const props = { text: GONE, href: '/register', action: 'Register' }
    return htmlResponse(String(goneLinkPage(toPage(web, request), props)), 404)
  }

  return new Elysia({ name: 'joining' })
    .use(shell)
    .get(
      '/register',
      ({ web, request, query }) => {
        const next = ownPath(query.next, '')
        if (web.viewer !== null) return seeOther(next || '/')
        const as = query.as === 'driver' ? 'driver' : 'rider'
        const companyName = deps.visited(request)?.name ?? null
        const props = { name: '', email: '', as, companyName, next, errors: {} } as const
        return htmlResponse(String(registerPage(toPage(web, request), props)))
      },
      { query: registerQuery },
    )
    .post('/register', async ({ web, request, body }) => {
      const form = readForm(registerForm, body, ['name', 'email', 'password', 'as', 'next'])
      const next = ownPath(form.ok ? form.data.next : form.typed.next, '')
      const again = (
        props: Pick<Parameters<typeof registerPage>[1], 'name' | 'email' | 'as' | 'errors' | 'error'>,
      ) => {
        const companyName = deps.visited(request)?.name ?? null
        return htmlResponse(String(registerPage(toPage(web, request), { ...props, companyName, next })), 422)
      }
      if (!form.ok) {
        const as = (form.typed.as ?? '') === 'driver' ? 'driver' : 'rider'
        const password = !form.errors.has('password')
          ? undefined
          : 'Type a password of at least 10 characters.'
        const errors = { ...Object.fromEntries(form.errors), password }
        return again({ name: form.typed.name ?? '', email: form.typed.email ?? '', as, errors })
      }
      const { name, email, as } = form.data
      const wrong = await tryRegister(form.data, web, request)
      if (wrong === null) return letterSent(web, request, { email, again: false, next })
      const { field, message } = wrong
      return again({
        name,
        email,
        as,
        errors: { [field]: message },
        ...(field === 'password' ? {} : { error: message }),
      })
    })
    .post(
      '/api/v1/registrations',
      async ({ web, request, body }) => {
        const wrong = await tryRegister(body, web, request)
        if (wrong !== null) {
          const field = wrong.field === 'form' ? 'altcha' : wrong.field
          throw new HttpProblem(422, wrong.message, { errors: [{ field, message: wrong.message }] })
        }
        return jsonResponse({ letterTo: body.email }, 202)
      },
      { body: registerCall },
    )
    .get('/api/v1/captcha', async ({ web }) => {
      await takeLimits(limits, [['captcha_address', web.address]])
      return jsonResponse(await captcha.challenge(clock.nowMs()))
    })
    .post(
      '/password-strength',
      async ({ web, request, body }) => {
        await takeLimits(limits, [['strength_address', web.address]])
        const company = deps.visited(request)
        const about = web.viewer === null ? body : { name: web.viewer.name, email: web.viewer.email }
        const companies = company === null ? [] : [company.name]
        const { score, words } = judgePassword(body.password, { ...about, companies })
        return jsonResponse({ score, words })
      },
      { body: strengthForm },
    )

    .post(
      '/verifications',
      async ({ web, request, body }) => {
        const { email } = body
        const next = ownPath(body.next, '')
        await resend(email, web, next)
        return letterSent(web, request, { email, again: true, next })
      },
      { body: resendForm },
    )
    .post(
      '/api/v1/verifications',
      async ({ web, body }) => {
        await resend(body.email, web)
        return jsonResponse({ letterTo: body.email }, 202)
      },
      { body: emailOnly },
    )
    .get(
      '/verify/:token',
      async ({ web, request, params, query }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const link = await joining.pendingVerification(params.token)
        if (link === null) return gone(web, request)
        const props = {
          action: `/verify/${params.token}`,
          email: link.email,
          campusName: await deps.campusNameOf(link.email),
          wantsToDrive: link.wants_to_drive,
          next: ownPath(query.next, ''),
        }
        return htmlResponse(String(verifyPage(toPage(web, request), props)))
      },
      { params: tokenParams, query: verifyQuery },
    )
    .post(
      '/verify/:token',
      async ({ web, request, params, body }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const done = await joining.verify(params.token, web)
        if (!done.ok) return gone(web, request)
        const props = { ...done.value, next: ownPath(body.next, '') }
        return htmlResponse(String(verifiedPage(toPage(web, request), props)))
      },
      { params: tokenParams, body: verifyForm },
    )
    .post(
      '/api/v1/verifications/:token',
      async ({ web, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const done = await joining.verify(params.token, web)
        if (!done.ok) throw new HttpProblem(404, GONE)
        return jsonResponse({ email: done.value.email })
      },
      { params: tokenParams, body: nothing },
    )

    .get('/account/verification', ({ web, request, query }) => {
      const viewer = requireViewer(web)
      if (viewer.emailVerified) return seeOther('/account/profile')
      const props = { email: viewer.email, sent: query.sent === 'yes', key: deps.random.uuid() }
      return htmlResponse(String(unverifiedPage(toPage(web, request), props)))
    })
    .post(
      '/account/verification',
      ({ web, request, body }) =>
        act(deps, { request, web, body, route: 'POST /account/verification' }, async (unit, viewer) => {
          await takeLimits(limits, [
            ['letters_address', web.address],
            ['letters_email', viewer.email],
          ])
          if (!viewer.emailVerified) await joining.sendVerifyLink(unit, viewer.identityId, viewer.email)
          return { location: '/account/verification?sent=yes', json: { letterTo: viewer.email } }
        }),
      { body: keyOnly },
    )
}
