/** Where a request comes from, as signing in wants to know it. */
import type { WebContext } from '../web/context.ts'
import { type CookieNames, cookieLine, readCookie } from '../web/cookies.ts'
import { BROWSER_KEPT_MS } from './known-browsers.ts'
import type { Origin } from './session-life.ts'
import type { Place } from './sign-in.ts'

const BROWSER_TOKEN = /^[\w-]{43}$/

export function originOf(web: Pick<WebContext, 'address' | 'requestId'>, request: Request): Origin {
  return {
    address: web.address,
    requestId: web.requestId,
    userAgent: request.headers.get('user-agent') ?? '',
  }
}

export function placeOfSignIn(
  names: CookieNames,
  web: Pick<WebContext, 'address' | 'requestId'>,
  request: Request,
): Place {
  const browser = readCookie(request.headers.get('cookie'), names.browser)
  return {
    ...originOf(web, request),
    browser: browser !== null && BROWSER_TOKEN.test(browser) ? browser : null,
  }
}

/** The Set-Cookie line by which a browser is known next time. */
export function browserLine(names: CookieNames, token: string): string {
  const maxAgeS = Math.floor(BROWSER_KEPT_MS / 1000)
  return cookieLine(names.browser, token, { secure: names.secure, maxAgeS })
}
