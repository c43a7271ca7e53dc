import type { PageContext } from '../../views/page.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import type { Permission } from './permissions.ts'
import { HttpProblem } from './problem.ts'
import type { Viewer } from './viewer.ts'

/** What the shell knows about one request; every handler has it as `web`. */
export interface WebContext {
  /** Also sent as X-Request-Id and shown as the reference of a mistake. */
  readonly requestId: string
  /** Admits an inline script in this response's content security policy. */
  readonly nonce: string
  /** Null when signed out, and in sockets and pages before the guard has run. */
  readonly viewer: Viewer | null
  /** The random value in a browser's cookie from before it signs in; null before its first form. */
  readonly visitor: string | null
  /** The row of the route in the permission table. */
  readonly permission: Permission
  /** The company whose pages these are; null where none answers to the address. */
  readonly companyId: CompanyId | null
  /**
   * The company at whose desk the page is that asks, as the page itself says it (a header, its form's token, the address
   * of its line); null of pages that are at no desk, and of programs.
   */
  readonly desk: string | null
  /** The database as far as this viewer may see it, here. */
  readonly db: Db
  /** The client's address, for limits and the audit trail. */
  readonly address: string
  readonly log: Logger
  /** Whether the answer is for a program: JSON and problem documents instead of pages. */
  readonly wantsJson: boolean
  /** A token for this page's forms; for visitors it also sets the cookie it is tied to. */
  csrf(desk?: CompanyId): string
  /** Send this Set-Cookie line. A `set-cookie` header put on a Response of one's own would hide these. */
  setCookie(line: string): void
}

/** A request as the views want it; `live` names the page's socket. */
export type ToPage = (web: WebContext, request: Request, live?: string) => PageContext

/** @throws HttpProblem 401, which becomes the way to the sign-in page for browsers */
export function requireViewer(web: Pick<WebContext, 'viewer'>): Viewer {
  if (web.viewer === null) throw new HttpProblem(401, 'Sign in to go on.')
  return web.viewer
}

/** 303 to a path of ours, after a form was accepted. */
export function seeOther(location: string): Response {
  return new Response(null, { status: 303, headers: { location } })
}

/** A page. */
export function htmlResponse(markup: string, status = 200): Response {
  return new Response(markup, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
}

/** A JSON answer. */
export function jsonResponse(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}

/** Any base will do: only what stays on it is ours. */
const BASE = 'http://ours.invalid'

/** `next` when it is a path of our own, else `fallback`: a sign-in link must not lead people elsewhere. */
export function ownPath(next: string | null | undefined, fallback: string): string {
  // Browsers read a backslash as a slash, and drop tabs and line ends.
  if (!next?.startsWith('/') || /[\\\p{Cc}]/u.test(next) || !URL.canParse(next, BASE)) return fallback
  const url = new URL(next, BASE)
  // `/.//elsewhere` resolves to `//elsewhere`, which a Location header reads as another host.
  if (url.origin !== BASE || url.pathname.startsWith('//')) return fallback
  return `${url.pathname}${url.search}${url.hash}`
}
