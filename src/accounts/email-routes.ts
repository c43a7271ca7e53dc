/** Changing one's e-mail address: asking for it, and the link that goes to the new one. */
import { Elysia } from 'elysia'
import { goneLinkPage } from '../../views/accounts/card.ts'
import { linkDonePage, linkStepPage } from '../../views/accounts/leaving.ts'
import { html } from '../../views/html.ts'
import { type CommitDeps, commit } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { actOpenly } from '../web/act.ts'
import { htmlResponse, type ToPage, type WebContext } from '../web/context.ts'
import { readForm } from '../web/forms.ts'
import { requireProof } from '../web/proof.ts'
import type { Shell } from '../web/shell.ts'
import { askNewEmail, confirmNewEmail } from './email-change.ts'
import { takeLimits } from './joining-routes.ts'
import { tokenParams } from './joining-shapes.ts'
import { peekLink } from './links.ts'
import type { ProfilePage } from './profile-routes.ts'
import { emailForm } from './profile-shapes.ts'
import { keyOnly } from './shapes.ts'

export interface EmailRouteDeps extends CommitDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly toPage: ToPage
  readonly profile: ProfilePage
}

const GONE = 'It works once, and for 24 hours. Ask for it again on your profile.'
const TAKEN = 'This address has an account of its own by now, so it cannot become yours. Nothing was changed.'

export function emailRoutes(deps: EmailRouteDeps) {
  const { db, clock, random, limits, toPage } = deps

  function goneEmail(web: WebContext, request: Request, text = GONE): Response {
    const props = { text, href: '/account/profile', action: 'Your profile' }
    return htmlResponse(String(goneLinkPage(toPage(web, request), props)), 404)
  }

  return new Elysia({ name: 'email' })
    .use(deps.shell)
    .post('/account/email', async ({ web, request, body }) => {
      const viewer = requireProof(web, clock.nowMs(), '/account/profile')
      const read = readForm(emailForm(viewer.email), body, ['email'])
      if (!read.ok) return htmlResponse(await deps.profile({ web, request }, { refused: read }), 422)
      const { email } = read.data
      // With the system's own handle: whether somebody else has the address is not the viewer's to see.
      return actOpenly(deps, { web, request, body, route: 'POST /account/email' }, async (unit) => {
        await takeLimits(limits, [
          ['letters_address', web.address],
          ['letters_email', email],
        ])
        const { address, requestId } = web
        await askNewEmail(unit, random, { viewer, address, requestId }, email)
        return { location: '/account/profile?saved=email', json: { letterTo: email } }
      })
    })
    .get(
      '/new-email/:token',
      async ({ web, request, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const link = await peekLink(db, ['change_email'], params.token, clock.nowMs())
        if (link === null) return goneEmail(web, request)
        return htmlResponse(
          String(
            linkStepPage(toPage(web, request), {
              action: `/new-email/${params.token}`,
              title: 'Use this address?',
              text: html`From then on you sign in with <b><bdi dir="ltr">${link.email}</bdi></b>, and letters go there. The old address is told, and can undo it for three days.`,
              button: 'Use this address',
              busy: 'Changing…',
            }),
          ),
        )
      },
      { params: tokenParams },
    )
    .post(
      '/new-email/:token',
      async ({ web, request, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const done = await commit(deps, (unit) => confirmNewEmail(unit, random, params.token, web))
        if (!done.ok) return goneEmail(web, request, done.reason === 'taken' ? TAKEN : GONE)
        return htmlResponse(
          String(
            linkDonePage(toPage(web, request), {
              title: 'This is your address now',
              text: html`Sign in with <b><bdi dir="ltr">${done.value.email}</bdi></b> from now on.`,
              href: '/account/profile',
              action: 'Your profile',
            }),
          ),
        )
      },
      { params: tokenParams, body: keyOnly },
    )
}
