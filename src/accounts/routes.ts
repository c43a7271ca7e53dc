/** Signing out, and what a browser or program may know of its session. */
import { Elysia } from 'elysia'
import { jsonResponse, requireViewer, seeOther, type WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import type { Auth } from './accounts.ts'
import { nothing } from './shapes.ts'
import { viewerShown } from './shown.ts'

export interface AccountRoutesOptions {
  readonly shell: Shell
  readonly auth: Auth
}

export function accountRoutes({ shell, auth }: AccountRoutesOptions) {
  return new Elysia({ name: 'accounts' })
    .use(shell)
    .post(
      '/sign-out',
      async ({ web }) => {
        await leave(web)
        return seeOther('/')
      },
      { body: nothing },
    )
    .get('/api/v1/session', ({ web }) =>
      jsonResponse({ viewer: web.viewer === null ? null : viewerShown(web.viewer), csrf: web.csrf() }),
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
