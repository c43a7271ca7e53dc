/** Leaving, and the links of letters that take a step back. */
import { Elysia } from 'elysia'
import { goneLinkPage } from '../../views/accounts/card.ts'
import { deletedPage, deletionPage, linkDonePage, linkStepPage } from '../../views/accounts/leaving.ts'
import { html } from '../../views/html.ts'
import { undoNewEmail } from '../accounts/email-change.ts'
import { takeLimits } from '../accounts/joining-routes.ts'
import { tokenParams } from '../accounts/joining-shapes.ts'
import { peekLink, useLink } from '../accounts/links.ts'
import { keyOnly } from '../accounts/shapes.ts'
import type { TakenOut } from '../accounts/take-back.ts'
import { commit } from '../io/commit.ts'
import type { LinkKind } from '../io/tables/joining.ts'
import { actOpenly } from '../web/act.ts'
import { htmlResponse, requireViewer, type WebContext } from '../web/context.ts'
import { HttpProblem } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import { deletePerson, PERSON_REFUSALS, PURGE_AFTER_DAYS, restorePerson } from './deletions.ts'
import type { PrivacyRouteDeps } from './routes.ts'

const DELETION_PAGE = '/account/deletion'
const OLD_EMAIL_GONE =
  'It works once, and for three days after the change. If your address was changed without you, tell your company.'
const OLD_EMAIL_TAKEN =
  'Somebody else has this address by now, so it cannot be put back. Tell your company what happened.'
const BACK_GONE = `It works once, and for ${PURGE_AFTER_DAYS} days. Perhaps the account is back already: then sign in. Afterwards nothing is left of it.`

/** A refusal that the deletion page shows on itself. */
class CannotLeave extends HttpProblem {
  override name = 'CannotLeave'
}

export function leavingRoutes(deps: PrivacyRouteDeps) {
  const { db, clock, random, limits, toPage, auth } = deps

  function deletionMarkup(web: WebContext, request: Request, error?: string): string {
    const props = { email: requireViewer(web).email, days: PURGE_AFTER_DAYS, key: random.uuid() }
    return String(deletionPage(toPage(web, request), { ...props, ...(error === undefined ? {} : { error }) }))
  }

  function gone(web: WebContext, request: Request, text: string): Response {
    const props = { text, href: '/', action: 'To the first page' }
    return htmlResponse(String(goneLinkPage(toPage(web, request), props)), 404)
  }

  async function pending(web: WebContext, kind: LinkKind, token: string) {
    await takeLimits(limits, [['links_address', web.address]])
    return peekLink(db, [kind], token, clock.nowMs())
  }

  return new Elysia({ name: 'leaving' })
    .use(deps.shell)
    .get(DELETION_PAGE, ({ web, request }) => htmlResponse(deletionMarkup(web, request)))
    .post(
      DELETION_PAGE,
      async ({ web, request, body }) => {
        const viewer = requireProof(web, clock.nowMs(), DELETION_PAGE)
        try {
          // With the system's own handle: what goes lies in other companies' rows too.
          const done = await actOpenly(
            deps,
            { web, request, body, route: `POST ${DELETION_PAGE}` },
            async (unit) => {
              const { identityId } = viewer
              const by = { id: identityId, address: web.address, requestId: web.requestId }
              const deleted = await deletePerson(unit, random, { identityId, by, reason: null })
              if (!deleted.ok && deleted.reason !== 'gone')
                throw new CannotLeave(409, PERSON_REFUSALS[deleted.reason])
              return { location: '/goodbye', json: { deleted: true, restorableDays: PURGE_AFTER_DAYS } }
            },
          )
          web.setCookie(auth.signedOutCookie)
          return done
        } catch (error) {
          if (web.wantsJson || !(error instanceof CannotLeave)) throw error
          return htmlResponse(deletionMarkup(web, request, error.detail), 409)
        }
      },
      { body: keyOnly },
    )
    .get('/goodbye', ({ web, request }) =>
      htmlResponse(String(deletedPage(toPage(web, request), { days: PURGE_AFTER_DAYS }))),
    )

    .get(
      '/account-back/:token',
      async ({ web, request, params }) => {
        const link = await pending(web, 'undo_deletion', params.token)
        if (link === null) return gone(web, request, BACK_GONE)
        return htmlResponse(
          String(
            linkStepPage(toPage(web, request), {
              action: `/account-back/${params.token}`,
              title: 'Bring your account back?',
              text: html`The account of <b><bdi dir="ltr">${link.email}</bdi></b> is as it was before it was deleted. You sign in with the same password.`,
              button: 'Bring it back',
              busy: 'Bringing back…',
            }),
          ),
        )
      },
      { params: tokenParams },
    )
    .post(
      '/account-back/:token',
      async ({ web, request, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const back = await commit(deps, async (unit) => {
          const link = await useLink(unit, ['undo_deletion'], params.token)
          if (link?.identity_id == null) return false
          const by = { id: null, address: web.address, requestId: web.requestId }
          return (await restorePerson(unit, random, { identityId: link.identity_id, by })).ok
        })
        if (!back) return gone(web, request, BACK_GONE)
        return htmlResponse(
          String(
            linkDonePage(toPage(web, request), {
              title: 'Your account is back',
              text: 'Sign in as before. If it was not you who deleted it, choose a new password first.',
              href: '/sign-in',
              action: 'Sign in',
            }),
          ),
        )
      },
      { params: tokenParams, body: keyOnly },
    )

    .get(
      '/old-email/:token',
      async ({ web, request, params }) => {
        const link = await pending(web, 'undo_email', params.token)
        if (link === null) return gone(web, request, OLD_EMAIL_GONE)
        return htmlResponse(
          String(
            linkStepPage(toPage(web, request), {
              action: `/old-email/${params.token}`,
              title: 'Put your old address back?',
              text: html`The account gets <b><bdi dir="ltr">${link.email}</bdi></b> again. Every device is signed out, the password no longer counts, and we send you a link to choose a new one. Passkeys, authenticator apps, backup codes and phone numbers that were added since the change was asked for are taken out too.`,
              button: 'Put it back',
              busy: 'Putting back…',
            }),
          ),
        )
      },
      { params: tokenParams },
    )
    .post(
      '/old-email/:token',
      async ({ web, request, params }) => {
        await takeLimits(limits, [['links_address', web.address]])
        const undone = await commit(deps, async (unit) => {
          // Whoever took the address may have deleted the account too.
          const link = await peekLink(unit.db, ['undo_email'], params.token, unit.atMs)
          const by = { id: null, address: web.address, requestId: web.requestId }
          if (link?.identity_id != null)
            await restorePerson(unit, random, { identityId: link.identity_id, by })
          return undoNewEmail(unit, random, params.token, web)
        })
        if (!undone.ok)
          return gone(web, request, undone.reason === 'taken' ? OLD_EMAIL_TAKEN : OLD_EMAIL_GONE)
        return htmlResponse(
          String(
            linkDonePage(toPage(web, request), {
              title: 'Your old address is back',
              text: `Every device is signed out. ${takenOutWords(undone.value)}Open the letter we just sent you and choose a new password.`,
              href: '/sign-in',
              action: 'Sign in',
            }),
          ),
        )
      },
      { params: tokenParams, body: keyOnly },
    )
}

/** A sentence on what went with the address; empty when nothing did. */
function takenOutWords({ app, passkeys, backupCodes, phone }: TakenOut): string {
  const gone = [
    ...(app ? ['the authenticator app'] : []),
    ...(passkeys === 0 ? [] : [passkeys === 1 ? 'a passkey' : `${passkeys} passkeys`]),
    ...(backupCodes ? ['the backup codes'] : []),
    ...(phone ? ['the phone number'] : []),
  ]
  if (gone.length === 0) return ''
  const last = gone.pop()
  const list = gone.length === 0 ? last : `${gone.join(', ')} and ${last}`
  return `What was added since then is taken out: ${list}. `
}
