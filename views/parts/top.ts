/** What stands at the top of a page: the mark, and the door to one's own things. */
import { type Html, html } from '../html.ts'
import { icon } from '../icon.ts'
import type { PageContext } from '../page.ts'
import { formKeys } from './field.ts'
import { initials } from './format.ts'
import { wordmark } from './mark.ts'

/** The bar of pages without a map. */
export function topBar(ctx: PageContext): Html {
  return html`<header class="top">${wordmark()}<nav class="top-links" aria-label="Main">${links(ctx).map(
    ({ href, label }) => html`<a href="${href}">${label}</a>`,
  )}</nav>${viewerDoor(ctx)}</header>`
}

/** The same two ends as pills floating on a map. */
export function floatingTop(ctx: PageContext): Html {
  return html`<header class="floating-top"><span class="pill">${wordmark()}</span>${viewerDoor(ctx)}</header>`
}

interface Link {
  readonly href: string
  readonly label: string
}

function links(ctx: PageContext): Link[] {
  const roles = ctx.viewer?.roles ?? []
  const own: Link[] = [{ href: '/request', label: 'Ride' }]
  if (ctx.viewer === null)
    return [
      ...own,
      { href: '/driver', label: 'Drive' },
      { href: '/board', label: 'Companies' },
      { href: '/register', label: 'Register' },
    ]
  if (roles.includes('rider')) own.push({ href: '/rides', label: 'Your rides' })
  if (roles.includes('driver')) own.push({ href: '/driver', label: 'Drive' })
  if (roles.includes('dispatcher') || roles.includes('admin')) own.push({ href: '/board', label: 'Board' })
  if (roles.includes('admin') || roles.includes('platform'))
    own.push({ href: '/admin', label: 'Back office' })
  return own
}

/** Sign in, or one's initials with a menu under them; a `details` element, so it opens without script too. */
function viewerDoor(ctx: PageContext): Html {
  if (ctx.viewer === null)
    return html`<a class="button button-plain button-compact" href="/sign-in?next=${encodeURIComponent(ctx.path)}">Sign in</a>`
  return html`<details class="menu"><summary class="pill pill-round" aria-label="${initials(ctx.viewer.name)}, menu of ${ctx.viewer.name}">${initials(ctx.viewer.name)}</summary><div class="menu-card card"><p class="menu-name">${ctx.viewer.name}</p>${links(
    ctx,
  ).map(
    ({ href, label }) => html`<a href="${href}">${label}</a>`,
  )}<a href="/account/profile">Your account</a><form method="post" action="/sign-out">${formKeys({ csrf: ctx.csrf })}<button class="menu-button">${icon('log-out')}Sign out</button></form></div></details>`
}
