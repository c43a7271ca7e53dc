/** Sign-in and sign-out, as pages and as JSON. */
import { Elysia } from 'elysia'
import { SIGN_IN_REFUSED, signInPage } from '../../views/accounts/sign-in.ts'
import type { Result } from '../engine/units.ts'
import type { Limits } from '../io/limits.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import {
  htmlResponse,
  jsonResponse,
  ownPath,
  requireViewer,
  seeOther,
  type ToPage,
  type WebContext,
} from '../web/context.ts'

import { fieldErrors, HttpProblem, tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { holds, type Viewer } from '../web/viewer.ts'
import type { Auth } from './accounts.ts'
import type { Issued } from './session-life.ts'
import { shownTokens } from './session-routes.ts'
import { nothing, signInCall, signInForm, signInQuery } from './shapes.ts'

export interface AccountRoutesOptions {
  readonly shell: Shell
  readonly auth: Auth
  readonly limits: Limits
  readonly toPage: ToPage
}

interface SignInTry {
  readonly email: string
  readonly password: string
}

export function accountRoutes({ shell, auth, limits, toPage }: AccountRoutesOptions) {
  /** @throws HttpProblem 429 when this address or this e-mail has tried too often */
  async function trySignIn(
    who: SignInTry & { readonly kind?: SessionKind },
    web: WebContext,
    request: Request,
  ): Promise<Result<Issued, 'wrong'>> {
    for (const taken of [
      await limits.take('sign_in_address', web.address),
      await limits.take('sign_in_email', who.email),
    ]) {
      if (!taken.allowed) throw tooMany(taken.retryAfterS)
    }
    const origin = {
      address: web.address,
      requestId: web.requestId,
      userAgent: request.headers.get('user-agent') ?? '',
    }
    const result = await auth.signIn(who, origin)
    if (!result.ok) return result
    await limits.forgive('sign_in_email', who.email)
    // The browser forgets the session it had, so nobody shall find that one either.
    if (result.value.cookie !== null) {
      if (web.viewer !== null) await auth.signOut(web.viewer, web)
      web.setCookie(result.value.cookie)
    }
    return result
  }

  function signInAgain(web: WebContext, request: Request, props: Parameters<typeof signInPage>[1]): Response {
    return htmlResponse(signInPage(toPage(web, request), props).toString(), 422)
  }

  return new Elysia({ name: 'accounts' })
    .use(shell)
    .get(
      '/sign-in',
      ({ web, request, query }) => {
        const next = ownPath(query.next, '')
        if (web.viewer !== null) return seeOther(next || homeOf(web.viewer))
        return htmlResponse(signInPage(toPage(web, request), { email: '', next }).toString())
      },
      { query: signInQuery },
    )
    .post('/sign-in', async ({ web, request, body }) => {
      const form = signInForm.safeParse(body)
      if (!form.success) {
        const typed = (body ?? {}) as Record<string, unknown>
        const errors = fieldErrors(form.error.issues, typed)
        const wrong = new Map(errors.map(({ field, message }) => [field, message]))
        const others = errors.filter(({ field }) => field !== 'email' && field !== 'password')
        if (others.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: others })
        const email = typeof typed.email === 'string' ? typed.email.slice(0, 254) : ''
        const next = ownPath(typeof typed.next === 'string' ? typed.next : '', '')
        const error = wrong.has('password') ? 'Type your password too.' : undefined
        return signInAgain(web, request, { email, next, emailError: wrong.get('email'), error })
      }
      const { email, password } = form.data
      const next = ownPath(form.data.next, '')
      const result = await trySignIn({ email, password }, web, request)
      if (!result.ok) return signInAgain(web, request, { email, next, error: SIGN_IN_REFUSED })
      return seeOther(next || homeOf(result.value.viewer))
    })
    .post(
      '/sign-out',
      async ({ web }) => {
        await leave(web)
        return seeOther('/')
      },
      { body: nothing },
    )
    .get('/api/v1/session', ({ web }) =>
      jsonResponse({ viewer: web.viewer === null ? null : shown(web.viewer), csrf: web.csrf() }),
    )
    .post(
      '/api/v1/session',
      async ({ web, request, body }) => {
        const result = await trySignIn(body, web, request)
        if (!result.ok) throw new HttpProblem(401, SIGN_IN_REFUSED)
        const { viewer, csrf } = result.value
        return jsonResponse({ viewer: shown(viewer), csrf })
      },
      { body: signInCall },
    )
    .post(
      '/api/v1/tokens',
      async ({ web, request, body }) => {
        const result = await trySignIn({ ...body, kind: 'token' }, web, request)
        if (!result.ok) throw new HttpProblem(401, SIGN_IN_REFUSED)
        const { viewer, tokens } = result.value
        return jsonResponse({ ...shownTokens(tokens!), viewer: shown(viewer) })
      },
      { body: signInCall },
    )
    .delete(
      '/api/v1/session',
      async ({ web }) => {
        requireViewer(web)
        await leave(web)
        return new Response(null, { status: 204 })
      },
      { body: nothing },
    )

  async function leave(web: WebContext): Promise<void> {
    if (web.viewer !== null) await auth.signOut(web.viewer, web)
    web.setCookie(auth.signedOutCookie)
  }
}

/** What a person may know of themselves; the session's id stays here. */
function shown({ identityId, name, email, memberships }: Viewer) {
  return { identityId, name, email, memberships }
}

/** Where somebody's work begins. */
function homeOf(viewer: Viewer): string {
  if (holds(viewer, ['dispatcher', 'admin'])) return '/board'
  if (holds(viewer, ['driver'])) return '/driver'
  return '/'
}
