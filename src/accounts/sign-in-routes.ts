/** Signing in as pages and as JSON: password or passkey, then the second step where there is one. */
import { Elysia } from 'elysia'
import type { z } from 'zod'
import {
  PASSKEY_REFUSED,
  SECOND_STEP_GONE,
  SECOND_STEP_LOCKED,
  SIGN_IN_REFUSED,
  type SignInProps,
  secondStepPage,
  signInPage,
} from '../../views/accounts/sign-in.ts'
import type { Limits } from '../io/limits.ts'
import type { SessionKind } from '../io/tables/sessions.ts'
import {
  htmlResponse,
  jsonResponse,
  ownPath,
  seeOther,
  type ToPage,
  type WebContext,
} from '../web/context.ts'
import { cookieLine, cookieNames, readCookie } from '../web/cookies.ts'
import { fieldErrors, HttpProblem, tooMany } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Auth } from './accounts.ts'
import type { Factors } from './factors.ts'
import { homeOf } from './home.ts'
import { PENDING_MS } from './pending.ts'
import { browserLine, placeOfSignIn } from './place.ts'
import {
  assertionShape,
  inField,
  passkeyCall,
  passkeyForm,
  passkeyOptionsCall,
  secondCall,
  secondForm,
  signInCall,
  signInForm,
  signInQuery,
  tokenCall,
} from './shapes.ts'
import { sessionShown } from './shown.ts'
import type { SecondOutcome, SecondStep, SignedIn } from './sign-in.ts'

export interface SignInRoutesOptions {
  readonly shell: Shell
  readonly auth: Auth
  readonly factors: Factors
  readonly limits: Limits
  readonly toPage: ToPage
  readonly config: { readonly publicUrl: string }
}

export function signInRoutes({ shell, auth, factors, limits, toPage, config }: SignInRoutesOptions) {
  const { signIn } = factors
  const names = cookieNames(config.publicUrl)

  /** @throws HttpProblem 429 when this address has tried too often, whoever it was about */
  async function takeAddress(web: WebContext): Promise<void> {
    const taken = await limits.take('sign_in_address', web.address)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }

  /** What one machine may try for one person; from many machines at once the lock stops it. */
  async function takePair(web: WebContext, email: string): Promise<void> {
    const taken = await limits.take('sign_in_email', `${email} ${web.address}`)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }

  /** Give the browser its session; the one it had is ended, for nobody can use it any more. */
  async function welcome(web: WebContext, request: Request, { issued, browser }: SignedIn): Promise<void> {
    if (issued.cookie !== null) {
      if (web.viewer !== null) await auth.signOut(web.viewer, web)
      web.setCookie(issued.cookie)
    }
    if (browser !== null) web.setCookie(browserLine(names, browser))
    if (pendingIn(request) !== null) web.setCookie(pendingLine('', 0))
  }

  function pendingIn(request: Request): string | null {
    return readCookie(request.headers.get('cookie'), names.pending)
  }

  function pendingLine(token: string, maxAgeS: number): string {
    return cookieLine(names.pending, token, { secure: names.secure, maxAgeS })
  }

  const page = (web: WebContext, request: Request, props: SignInProps, status = 200) =>
    htmlResponse(String(signInPage(toPage(web, request), props)), status)

  /** Back to the password. */
  function backToStart(web: WebContext, request: Request, error: string): Response {
    web.setCookie(pendingLine('', 0))
    return page(web, request, { email: '', next: '', error }, 422)
  }

  async function afterSecond(
    outcome: SecondOutcome,
    usedPasskey: boolean,
    web: WebContext,
    request: Request,
  ) {
    switch (outcome.state) {
      case 'signed_in':
        await welcome(web, request, outcome)
        return seeOther(outcome.next || homeOf(outcome.issued.viewer))
      case 'locked':
        return backToStart(web, request, SECOND_STEP_LOCKED)
      case 'gone':
        return backToStart(web, request, SECOND_STEP_GONE)
      case 'wrong': {
        const waiting = await signIn.secondStep(pendingIn(request) ?? '')
        if (waiting === null) return backToStart(web, request, SECOND_STEP_GONE)
        const props = { ...waiting, triesLeft: outcome.triesLeft, passkeyError: usedPasskey }
        return htmlResponse(String(secondStepPage(toPage(web, request), props)), 422)
      }
    }
  }

  /** RFC 9457 lets a problem carry more: here the token for the second step, and how it can be taken. */
  function secondFactorNeeded(web: WebContext, { pending, methods }: SecondStep): Response {
    const problem = {
      type: 'about:blank',
      title: 'One more step',
      status: 401,
      detail: 'The password is right. Send a second factor to /api/v1/session/second with this `pending`.',
      errors: [],
      reference: web.requestId,
      pending,
      methods,
      expiresInS: PENDING_MS / 1000,
    }
    return new Response(JSON.stringify(problem), {
      status: 401,
      headers: { 'content-type': 'application/problem+json; charset=utf-8' },
    })
  }

  /** A program's sign-in, for a cookie or for tokens. */
  async function call({
    web,
    request,
    body: { email, password, remember: remembered, kind },
  }: {
    web: WebContext
    request: Request
    body: { email: string; password: string; remember: boolean; kind: SessionKind }
  }): Promise<Response> {
    await takeAddress(web)
    await takePair(web, email)
    const who = { email, password, remembered, next: '', kind }
    const outcome = await signIn.byPassword(who, placeOfSignIn(names, web, request))
    if (outcome.state === 'wrong') throw new HttpProblem(401, SIGN_IN_REFUSED)
    await limits.forgive('sign_in_email', `${email} ${web.address}`)
    if (outcome.state === 'second_factor') return secondFactorNeeded(web, outcome)
    await welcome(web, request, outcome)
    return jsonResponse(sessionShown(outcome.issued))
  }

  return new Elysia({ name: 'sign-in' })
    .use(shell)
    .get(
      '/sign-in',
      ({ web, request, query }) => {
        const next = ownPath(query.next, '')
        if (web.viewer !== null) return seeOther(next || homeOf(web.viewer))
        return page(web, request, { email: '', next })
      },
      { query: signInQuery },
    )
    .post('/sign-in', async ({ web, request, body }) => {
      const form = signInForm.safeParse(body)
      if (!form.success) return page(web, request, mistakesOf(form.error.issues, body), 422)
      const { email, password, remember } = form.data
      const next = ownPath(form.data.next, '')
      const remembered = remember === 'on'
      await takeAddress(web)
      await takePair(web, email)
      const who = { email, password, next, remembered, kind: 'cookie' as const }
      const outcome = await signIn.byPassword(who, placeOfSignIn(names, web, request))
      if (outcome.state === 'wrong')
        return page(web, request, { email, next, remember: remembered, error: SIGN_IN_REFUSED }, 422)
      await limits.forgive('sign_in_email', `${email} ${web.address}`)
      if (outcome.state === 'second_factor') {
        web.setCookie(pendingLine(outcome.pending, PENDING_MS / 1000))
        return seeOther('/sign-in/second')
      }
      await welcome(web, request, outcome)
      return seeOther(next || homeOf(outcome.issued.viewer))
    })
    .post(
      '/sign-in/passkey',
      async ({ web, request, body }) => {
        const next = ownPath(body.next, '')
        await takeAddress(web)
        const response = inField(assertionShape, body.passkey)
        const given = { kind: 'cookie' as const, remembered: body.remember === 'on', next }
        const signedIn =
          response && (await signIn.byPasskey({ ...given, response }, placeOfSignIn(names, web, request)))
        if (signedIn === null) return page(web, request, { email: '', next, error: PASSKEY_REFUSED }, 422)
        await welcome(web, request, signedIn)
        return seeOther(next || homeOf(signedIn.issued.viewer))
      },
      { body: passkeyForm },
    )
    .get('/sign-in/second', async ({ web, request }) => {
      const waiting = await signIn.secondStep(pendingIn(request) ?? '')
      if (waiting === null && web.viewer !== null) return seeOther(homeOf(web.viewer))
      if (waiting === null) return page(web, request, { email: '', next: '', error: SECOND_STEP_GONE })
      return htmlResponse(String(secondStepPage(toPage(web, request), waiting)))
    })
    .post(
      '/sign-in/second',
      async ({ web, request, body }) => {
        const pending = pendingIn(request)
        if (pending === null) return backToStart(web, request, SECOND_STEP_GONE)
        await takeAddress(web)
        const place = placeOfSignIn(names, web, request)
        const response = body.passkey === undefined ? null : inField(assertionShape, body.passkey)
        if (response !== null) {
          const outcome = await signIn.byPasskeyAfterPassword({ pending, response }, place)
          return afterSecond(outcome, true, web, request)
        }
        const outcome = await signIn.byCode({ pending, code: body.code ?? '' }, place)
        return afterSecond(outcome, false, web, request)
      },
      { body: secondForm },
    )
    .post('/api/v1/session', ({ body, ...asked }) => call({ ...asked, body: { ...body, kind: 'cookie' } }), {
      body: signInCall,
    })
    .post(
      '/api/v1/tokens',
      ({ body, ...asked }) => call({ ...asked, body: { ...body, remember: true, kind: 'token' } }),
      { body: tokenCall },
    )
    .post(
      '/api/v1/session/second',
      async ({ web, request, body }) => {
        const { pending, code, passkey } = body
        await takeAddress(web)
        const place = placeOfSignIn(names, web, request)
        const outcome =
          passkey === undefined
            ? await signIn.byCode({ pending, code: code ?? '' }, place)
            : await signIn.byPasskeyAfterPassword({ pending, response: passkey }, place)
        if (outcome.state === 'locked') throw new HttpProblem(401, SECOND_STEP_LOCKED)
        if (outcome.state === 'gone') throw new HttpProblem(401, SECOND_STEP_GONE)
        if (outcome.state === 'wrong')
          throw new HttpProblem(
            401,
            `That is not right, or was used before. Tries left: ${outcome.triesLeft}.`,
          )
        await welcome(web, request, outcome)
        return jsonResponse(sessionShown(outcome.issued))
      },
      { body: secondCall },
    )
    .post(
      '/api/v1/session/passkey',
      async ({ web, request, body }) => {
        await takeAddress(web)
        const given = { response: body.passkey, kind: 'cookie' as const, remembered: body.remember, next: '' }
        const signedIn = await signIn.byPasskey(given, placeOfSignIn(names, web, request))
        if (signedIn === null) throw new HttpProblem(401, PASSKEY_REFUSED)
        await welcome(web, request, signedIn)
        return jsonResponse(sessionShown(signedIn.issued))
      },
      { body: passkeyCall },
    )
    .post(
      '/api/v1/session/passkey-options',
      async ({ web, request, body }) => {
        const taken = await limits.take('passkey_address', web.address)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const pending = body.step === 'sign_in' ? null : (body.pending ?? pendingIn(request) ?? '')
        const options = await signIn.passkeyOptions(pending)
        if (options === null) throw new HttpProblem(401, SECOND_STEP_GONE)
        return jsonResponse(options)
      },
      { body: passkeyOptionsCall },
    )
}

/** The page again after a form that was not filled in; what a person could not have sent is a problem instead. */
function mistakesOf(issues: readonly z.core.$ZodIssue[], body: unknown): SignInProps {
  const typed = (body ?? {}) as Record<string, unknown>
  const errors = fieldErrors(issues, typed)
  const wrong = new Map(errors.map(({ field, message }) => [field, message]))
  const others = errors.filter(({ field }) => field !== 'email' && field !== 'password')
  if (others.length > 0) throw new HttpProblem(422, 'This form cannot be read.', { errors: others })
  const emailError = wrong.get('email')
  return {
    email: typeof typed.email === 'string' ? typed.email.slice(0, 254) : '',
    next: ownPath(typeof typed.next === 'string' ? typed.next : '', ''),
    remember: typed.remember === 'on',
    ...(emailError === undefined ? {} : { emailError }),
    ...(wrong.has('password') ? { error: 'Type your password too.' } : {}),
  }
}
