/** The page that an invitation's link opens. */
import { Elysia } from 'elysia'
import { goneLinkPage } from '../../views/accounts/card.ts'
import { type InvitationProps, invitationPage, joinedPage } from '../../views/accounts/invitation.ts'
import { commit } from '../io/commit.ts'
import { htmlResponse, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { HttpProblem } from '../web/problem.ts'
import { acceptInvitation, type Newcomer, type PendingInvitation, pendingInvitation } from './invitations.ts'
import { type JoiningRoutesDeps, takeLimits } from './joining-routes.ts'
import { newcomerForm, tokenParams } from './joining-shapes.ts'
import { judgePassword } from './password-rules.ts'
import { nothing } from './shapes.ts'

const GONE =
  'It works once, for seven days, and not after it was withdrawn. Ask whoever invited you for a new one.'

export function invitationRoutes(deps: JoiningRoutesDeps) {
  const { shell, limits, toPage, db, clock, random, passwords } = deps

  function gone(web: WebContext, request: Request): Response {
    const props = { text: GONE, href: '/', action: 'Go to the start' }
    return htmlResponse(String(goneLinkPage(toPage(web, request), props)), 404)
  }

  /** Null when it could not be accepted (any more); then nothing of it stands, and the link is as good as before. */
  async function accept(how: Parameters<typeof acceptInvitation>[2]) {
    try {
      return await commit(deps, async (unit) => {
        const done = await acceptInvitation(unit, random, how)
        if (!done.ok) throw new HttpProblem(404, GONE)
        return done.value
      })
    } catch (error) {
      if (error instanceof HttpProblem && error.status === 404) return null
      throw error
    }
  }

  function show(
    web: WebContext,
    request: Request,
    { token, pending, more }: { token: string; pending: PendingInvitation; more?: Partial<InvitationProps> },
  ): Response {
    const { email, role, company } = pending
    const props: InvitationProps = {
      ...{ action: `/invitations/${token}`, email, role, company, name: '', errors: {} },
      state: stateOf(web, pending),
      ...more,
    }
    const status = more === undefined ? 200 : 422
    return htmlResponse(String(invitationPage(toPage(web, request), props)), status)
  }

  return new Elysia({ name: 'invitations' })
    .use(shell)
    .get(
      '/invitations/:token',
      async ({ web, request, params: { token } }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const pending = await pendingInvitation(db, token, clock.nowMs())
        return pending === null ? gone(web, request) : show(web, request, { token, pending })
      },
      { params: tokenParams },
    )
    .post(
      '/invitations/:token',
      async ({ web, request, body, params: { token } }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const pending = await pendingInvitation(db, token, clock.nowMs())
        if (pending === null) return gone(web, request)
        const state = stateOf(web, pending)
        if (state === 'somebody_else')
          throw new HttpProblem(
            409,
            `This invitation is for ${pending.email}. Sign out first, then open it again.`,
          )
        let newcomer: Newcomer | null = null
        if (state === 'newcomer') {
          const form = readForm(newcomerForm, body, ['name', 'password'])
          if (!form.ok) {
            const errors = Object.fromEntries(form.errors)
            return show(web, request, { token, pending, more: { name: form.typed.name ?? '', errors } })
          }
          const { name, password } = form.data
          const about = { name, email: pending.email, companies: [pending.company] }
          const verdict = judgePassword(password, about)
          if (verdict.fault !== null) {
            const errors = { password: verdict.words }
            return show(web, request, { token, pending, more: { name, errors } })
          }
          newcomer = { name, passwordHash: await passwords.hash(password) }
        } else {
          nothing.parse(body)
        }
        const joined = await accept({ token, newcomer, from: web })
        return joined === null
          ? gone(web, request)
          : htmlResponse(String(joinedPage(toPage(web, request), joined)))
      },
      { params: tokenParams },
    )
}

/** How whoever looks at an invitation stands to it. */
function stateOf({ viewer }: WebContext, pending: PendingInvitation): InvitationProps['state'] {
  if (viewer !== null)
    return viewer.email === pending.email && viewer.impersonatorId === null ? 'signed_in' : 'somebody_else'
  return pending.hasAccount ? 'signed_out' : 'newcomer'
}
