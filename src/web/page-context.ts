import type { PageContext, ViewerProps } from '../../views/page.ts'
import type { WebContext } from './context.ts'

/** What pages need that does not come with the request. */
export interface PageSettings {
  readonly asset: (name: string) => string
  readonly map: PageContext['map']
  readonly timeZone: string
  readonly currency: string
}

export type ToPage = (web: WebContext, request: Request, live?: string) => PageContext

/** A request's `web` as the views want it; asking for it may set the visitor cookie, because its forms need a token. */
export function makeToPage(settings: PageSettings): ToPage {
  return (web, request, live) => {
    const { pathname, search } = new URL(request.url)
    return {
      ...settings,
      nonce: web.nonce,
      csrf: web.csrf(),
      lang: 'en',
      path: `${pathname}${search}`,
      viewer: web.viewer === null ? null : { name: web.viewer.name, roles: rolesOf(web) },
      ...(live === undefined ? {} : { live }),
    }
  }
}

function rolesOf(web: WebContext): ViewerProps['roles'] {
  const held = new Set(web.viewer?.memberships.map(({ role }) => role))
  return ['rider' as const, ...(['driver', 'dispatcher', 'admin'] as const).filter((role) => held.has(role))]
}
