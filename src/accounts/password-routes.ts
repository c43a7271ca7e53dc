/** A forgotten password, as pages and as JSON. */
import { Elysia } from 'elysia'
import { goneLinkPage } from '../../views/accounts/card.ts'
import { forgotPage, forgotSentPage, resetDonePage, resetPage } from '../../views/accounts/forgotten.ts'
import type { Limits } from '../io/limits.ts'
import { htmlResponse, jsonResponse, type ToPage, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Joining } from './joining.ts'
import { takeLimits } from './joining-routes.ts'
import { emailOnly, passwordCall, resetForm, tokenParams } from './joining-shapes.ts'
import { judgePassword } from './password-rules.ts'

export interface PasswordRoutesDeps {
  readonly shell: Shell
  readonly limits: Limits
  readonly toPage: ToPage
  readonly joining: Joining
}

const GONE = 'It works once, and for an hour. Ask for a new one; it takes a minute.'

export function passwordRoutes({ shell, limits, toPage, joining }: PasswordRoutesDeps) {
  async function forgot(email: string, web: WebContext): Promise<void> {
    await takeLimits(limits, [
      ['letters_address', web.address],
      ['letters_email', email],
    ])
    await joining.forgot(email, web)
  }

  function gone(web: WebContext, request: Request): Response {
    const props = { text: GONE, href: '/forgot-password', action: 'Send me a new link' }
    return htmlResponse(String(goneLinkPage(toPage(web, request), props)), 404)
  }

  /** Change the password by the link: null when that was done, else why not. */
  async function tryReset(
    token: string,
    password: string,
    web: WebContext,
  ): Promise<'gone' | { email: string; message: string } | null> {
    await takeLimits(limits, [['links_address', web.address]])
    // Judged before the link is used up, so that a weak password costs another try and not another letter.
    const about = await joining.pendingReset(token)
    if (about === null) return 'gone'
    const verdict = judgePassword(password, about)
    if (verdict.fault !== null) return { email: about.email, message: verdict.words }
    const done = await joining.reset(token, password, web)
    return done.ok ? null : 'gone'
  }

  return new Elysia({ name: 'passwords' })
    .use(shell)
    .get('/forgot-password', ({ web, request }) =>
      htmlResponse(String(forgotPage(toPage(web, request), { email: web.viewer?.email ?? '' }))),
    )
    .post('/forgot-password', async ({ web, request, body }) => {
      const form = readForm(emailOnly, body, ['email'])
      if (!form.ok) {
        const props = { email: form.typed.email ?? '', emailError: form.errors.get('email') }
        return htmlResponse(String(forgotPage(toPage(web, request), props)), 422)
      }
      await forgot(form.data.email, web)
      return htmlResponse(String(forgotSentPage(toPage(web, request), form.data)))
    })
    .post(
      '/api/v1/password-resets',
      async ({ web, body }) => {
        await forgot(body.email, web)
        return jsonResponse({ letterTo: body.email }, 202)
      },
      { body: emailOnly },
    )
    .get(
      '/reset-password/:token',
      async ({ web, request, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const about = await joining.pendingReset(params.token)
        if (about === null) return gone(web, request)
        const props = { action: `/reset-password/${params.token}`, email: about.email }
        return htmlResponse(String(resetPage(toPage(web, request), props)))
      },
      { params: tokenParams },
    )
    .post(
      '/reset-password/:token',
      async ({ web, request, params, body }) => {
        const form = readForm(resetForm, body, ['password'])
        const password = form.ok ? form.data.password : ''
        const wrong = await tryReset(params.token, password, web)
        if (wrong === 'gone') return gone(web, request)
        if (wrong === null) return htmlResponse(String(resetDonePage(toPage(web, request))))
        const { email, message } = wrong
        const props = { action: `/reset-password/${params.token}`, email, passwordError: message }
        return htmlResponse(String(resetPage(toPage(web, request), props)), 422)
      },
      { params: tokenParams },
    )
    .post(
      '/api/v1/password-resets/:token',
      async ({ web, params, body }) => {
        const wrong = await tryReset(params.token, body.password, web)
        if (wrong === 'gone') throw new HttpProblem(404, GONE)
        if (wrong !== null) {
          const errors = [{ field: 'password', message: wrong.message }]
          throw new HttpProblem(422, wrong.message, { errors })
        }
        return new Response(null, { status: 204 })
      },
      { params: tokenParams, body: passwordCall },
    )
}
