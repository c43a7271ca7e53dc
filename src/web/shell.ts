/** The HTTP shell every slice stands in: header set, guard, CSRF, body parsing, and wrongs turned into answers. */
import { Elysia } from 'elysia'
import { assert, type CompanyId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Limits } from '../io/limits.ts'
import { correlated, type Logger } from '../io/log.ts'
import type { Random } from '../io/random.ts'
import type { Walled } from '../io/walls.ts'
import { clientAddress } from './address.ts'
import { type BodyKind, parseBody } from './body.ts'
import { ownPath, type WebContext } from './context.ts'
import { cookieLine, cookieNames, readCookie } from './cookies.ts'
import { corsHeaders, preflight } from './cors.ts'
import { allowedOrigin, csrfToken, csrfTokenFits, deskOfToken, sessionTie } from './csrf.ts'
import { diagnose } from './diagnosis.ts'
import { contentSecurityPolicy, fixedHeaders } from './headers.ts'
import { packed } from './packed.ts'
import { type Permission, permissionFor } from './permissions.ts'
import { HttpProblem, type Problem, problemDocument, titleOf, tooMany } from './problem.ts'
import { requireOpen, scopeOf } from './reach.ts'
import type { Viewer } from './viewer.ts'

export interface ShellConfig {
  readonly publicUrl: string
  readonly allowedOrigins: readonly string[]
  readonly sessionSecrets: readonly string[]
  readonly corsOrigins: readonly string[]
  readonly trustProxy: number
  readonly tileUrl: string | null
}

export interface ShellOptions {
  readonly config: ShellConfig
  readonly log: Logger
  readonly clock: Clock
  readonly random: Random
  /** Who sent this request, and the cookie that goes back with the answer. */
  readonly auth: Recogniser
  readonly walled: Walled
  readonly limits: Limits
  /** Whose pages this request asks for. */
  readonly companyAt: (request: Request) => CompanyId | null
  /** The page a person sees when something went wrong; the text in it is escaped by the page. */
  readonly problemPage: (web: WebContext, problem: Problem, request: Request) => string
  /** An admin does something as the person whose eyes they look through; told before it is done. */
  readonly onBorrowedEyes?: (web: WebContext, asked: { method: string; path: string }) => Promise<void>
  /** The table's row of a route; tests with routes of their own give their own. */
  readonly permissionFor?: (method: string, path: string) => Permission | undefined
}

/** What kind of address is asked for: programs' tokens open calls and sockets, never pages. */
export type Door = 'page' | 'api' | 'socket'

export interface Recogniser {
  /** @throws HttpProblem 401 when there is a token in the header that does not open this door */
  recognise(request: Request, door: Door): Promise<{ viewer: Viewer | null; cookie: string | null }>
}

export type Shell = ReturnType<typeof makeShell>

/** Methods that change nothing. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
const VISITOR_BYTES = 16
const NONCE_BYTES = 16

/** Before the guard has found the route's row, and where there is no route. */
const NO_ROUTE: Permission = { method: 'GET', path: '', who: [] }

interface RequestState {
  readonly startedAtMs: number
  readonly web: WebContext & { viewer: Viewer | null; permission: Permission; desk: string | null }
  /** The `csrf` field of the form that was sent. */
  formToken: string | null
  route: string | null
  /** Whether the viewer is known, and the route is for them. */
  isMet: boolean
  /** Of the answer to a wrong; other answers carry their own. */
  wrongStatus: number | null
}

type HeaderSet = { headers: Record<string, string | number | string[] | undefined> }

/**
 * The plugin that every slice and the app `use`. Handlers get `web` (see `WebContext`); they run only after the
 * permission table, the origin and the CSRF token have been checked. A route without a row there is refused.
 */
export function makeShell(options: ShellOptions) {
  const { config, clock, random } = options
  const names = cookieNames(config.publicUrl)
  const fixed = fixedHeaders(config)
  const policy = contentSecurityPolicy(config)
  const rowOf = options.permissionFor ?? permissionFor
  const states = new WeakMap<Request, RequestState>()

  function open(request: Request, set: HeaderSet, socketAddress: string | null): RequestState {
    const requestId = random.uuid()
    const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url')
    const cookies: string[] = []
    const setCookie = (line: string) => {
      cookies.push(line)
      set.headers['set-cookie'] = cookies
    }
    const web: RequestState['web'] = {
      requestId,
      nonce,
      viewer: null,
      visitor: readCookie(request.headers.get('cookie'), names.visitor) || null,
      permission: NO_ROUTE,
      companyId: options.companyAt(request),
      desk: request.headers.get('x-desk') ?? deskInAddress(request),
      get db() {
        return options.walled(scopeOf(web))
      },
      address: clientAddress(request, socketAddress, config.trustProxy),
      log: correlated(options.log, requestId),
      wantsJson: wantsJson(request),
      csrf: (desk) => csrfToken(config.sessionSecrets, tie(request, web, setCookie), { random, desk }),
      setCookie,
    }
    Object.assign(set.headers, fixed, corsHeaders(request, config.corsOrigins), {
      'content-security-policy': policy(nonce),
      'x-request-id': requestId,
    })
    return { web, startedAtMs: clock.nowMs(), formToken: null, route: null, isMet: false, wrongStatus: null }
  }

  /** What a token is tied to; with `setCookie`, a visitor without the cookie gets one. */
  function tie(request: Request, web: WebContext, setCookie?: (line: string) => void): string {
    if (web.viewer !== null) return sessionTie(web.viewer.sessionId)
    let visitor = madeVisitors.get(request) ?? web.visitor
    if (!visitor && setCookie !== undefined) {
      visitor = Buffer.from(random.bytes(VISITOR_BYTES)).toString('base64url')
      madeVisitors.set(request, visitor)
      setCookie(cookieLine(names.visitor, visitor, { secure: names.secure, maxAgeS: null }))
    }
    return visitor ? `visitor ${visitor}` : ''
  }
  const madeVisitors = new WeakMap<Request, string>()

  function checkOrigin(request: Request): void {
    if (!allowedOrigin(request, config.allowedOrigins)) {
      throw new HttpProblem(403, 'This came from another site, so it was not done.')
    }
  }

  function checkToken(request: Request, state: RequestState): void {
    const token = request.headers.get('x-csrf-token') ?? state.formToken
    const tiedTo = tie(request, state.web)
    if (token === null || tiedTo === '' || !csrfTokenFits(config.sessionSecrets, tiedTo, token)) {
      throw new HttpProblem(403, 'This page was open for too long or in another session. Load it again.')
    }
    state.web.desk ??= deskOfToken(token)
  }

  /** However much somebody may do of each thing, there is an end to all of it together. */
  async function countUse(name: 'unsafe_address' | 'unsafe_person', web: WebContext): Promise<void> {
    const key = name === 'unsafe_address' ? web.address : web.viewer?.identityId
    if (key === undefined || options.limits.isExempt(web.address)) return
    const taken = await options.limits.take(name, key)
    if (!taken.allowed) throw tooMany(taken.retryAfterS)
  }

  async function recognise(
    request: Request,
    door: Parameters<typeof options.auth.recognise>[1],
    { web }: RequestState,
  ): Promise<void> {
    const { viewer, cookie } = await options.auth.recognise(request, door)
    web.viewer = viewer
    if (cookie !== null) web.setCookie(cookie)
  }

  /** Find out who this is, and whether the route is for them. */
  async function meet(request: Request, row: Permission, state: RequestState): Promise<void> {
    const unsafe = !SAFE.has(request.method)
    if (unsafe) await countUse('unsafe_address', state.web)
    if (!row.impersonal) {
      const door = row.method === 'WS' ? 'socket' : /^\/(api|live)\//.test(row.path) ? 'api' : 'page'
      await recognise(request, door, state)
    }
    requireOpen(row, state.web.viewer)
    if (unsafe) await countUse('unsafe_person', state.web)
    state.isMet = true
  }

  /** Who is at an address that leads nowhere: its page must not offer a sign-in to somebody who is signed in. */
  async function greet(request: Request, state: RequestState): Promise<void> {
    if (state.isMet) return
    try {
      await recognise(request, 'page', state)
    } catch (error) {
      state.web.log.warn({ error }, 'http.not_recognised')
    }
  }

  /** Everything that must hold before a handler runs, from the outside in. */
  async function guard(request: Request, route: string, state: RequestState): Promise<WebContext> {
    const socket = request.headers.get('upgrade')?.toLowerCase() === 'websocket'
    // Anybody may claim to upgrade; where no socket is, what is asked for is the page or the call itself.
    const row = (socket ? rowOf('WS', route) : undefined) ?? rowOf(methodOf(request), route)
    assert(row !== undefined, `no permission for ${request.method} ${route}`)
    state.web.permission = row
    const unsafe = !SAFE.has(request.method)
    if (unsafe || socket) checkOrigin(request)
    if (!state.isMet) await meet(request, row, state)
    // A token in a header is sent by a program on purpose; only a cookie comes along by itself.
    const isProgram = state.web.viewer?.sessionKind === 'token'
    if (unsafe && !isProgram && (row.csrf !== 'origin' || state.web.viewer !== null))
      checkToken(request, state)
    if (unsafe && state.web.viewer?.impersonatorId != null)
      await options.onBorrowedEyes?.(state.web, {
        method: request.method,
        path: new URL(request.url).pathname,
      })
    return state.web
  }

  /** The answer to a wrong: a problem document, a page, or for the signed-out the way to sign in. */
  function answerWrong(code: unknown, error: unknown, request: Request, state: RequestState): Response {
    const { web } = state
    const diagnosis = diagnose(code, error)
    state.wrongStatus = diagnosis.status
    if (diagnosis.blame === 'us') web.log.error({ error, route: state.route }, 'http.bug')
    if (diagnosis.blame === 'outside') web.log.warn({ error, route: state.route }, 'http.outside_failure')
    if (diagnosis.status === 401 && !web.wantsJson) return toSignIn(request)
    if (error instanceof HttpProblem && error.leadTo !== null && !web.wantsJson)
      return leadTo(request, error.leadTo, diagnosis.status)
    const { status, detail, errors } = diagnosis
    const problem = { status, title: titleOf(status), detail, errors, reference: web.requestId }
    const page = web.wantsJson ? null : pageOf(problem, web, request)
    const type = page === null ? 'application/problem+json; charset=utf-8' : 'text/html; charset=utf-8'
    const headers = { ...diagnosis.headers, 'content-type': type }
    return new Response(page ?? problemDocument(problem), { status, headers })
  }

  /** Null when the page of a problem has a problem of its own; then the document has to do. */
  function pageOf(problem: Problem, web: WebContext, request: Request): string | null {
    try {
      return options.problemPage(web, problem, request)
    } catch (error) {
      web.log.error({ error }, 'http.problem_page_failed')
      return null
    }
  }

  return (
    new Elysia({ name: 'shell' })
      .onRequest(({ request, set, server }) => {
        states.set(request, open(request, set as HeaderSet, server?.requestIP(request)?.address ?? null))
        refuseBadAddress(request)
        return preflight(request, config.corsOrigins) ?? undefined
      })
      .onParse({ as: 'global' }, async ({ request, route }) => {
        if (SAFE.has(request.method)) return {}
        const row = rowOf(request.method, route)
        const state = states.get(request)!
        // Megabytes are read only for somebody who may send them.
        if (row?.accepts?.includes('multipart')) {
          checkOrigin(request)
          await meet(request, row, state)
        }
        const parsed = await parseBody(request, row?.accepts ?? kindsFor(route))
        state.formToken = parsed.csrf
        return parsed.body
      })
      // Elysia takes "828 Broadway, New York" for a list and "[1]" for JSON; a query here is text, name by name.
      .onTransform({ as: 'global' }, (context) => {
        context.query = queryOf(context.request)
      })
      // `body` is named here so that Elysia parses it for every route: the token of a form is in it.
      .derive({ as: 'global' }, async ({ request, route, body: _body }) => {
        const state = states.get(request)!
        state.route = route
        return { web: await guard(request, route, state) }
      })
      .mapResponse({ as: 'global' }, ({ request, responseValue }) => packed(request, responseValue))
      .onError({ as: 'global' }, async ({ code, error, request, set, server }) => {
        let state = states.get(request)
        if (state === undefined) {
          state = open(request, set as HeaderSet, server?.requestIP(request)?.address ?? null)
          states.set(request, state)
        }
        if (code === 'NOT_FOUND' && !state.web.wantsJson) await greet(request, state)
        return answerWrong(code, error, request, state)
      })
      .onAfterResponse({ as: 'global' }, ({ request, set, responseValue }) => {
        const state = states.get(request)
        if (state === undefined) return
        const { web, route, startedAtMs } = state
        const facts = {
          method: request.method,
          route,
          status:
            state.wrongStatus ?? (responseValue instanceof Response ? responseValue.status : set.status),
          tookMs: Math.round(clock.nowMs() - startedAtMs),
          identityId: web.viewer?.identityId,
        }
        if (SAFE.has(request.method)) web.log.debug(facts, 'http.request')
        else web.log.info(facts, 'http.request')
      })
  )
}

/** A HEAD request is a GET without its body. */
function methodOf(request: Request): string {
  return request.method === 'HEAD' ? 'GET' : request.method
}

function wantsJson(request: Request): boolean {
  const { headers } = request
  const accept = headers.get('accept') ?? ''
  // A token in a header is no browser's; the way to the sign-in page would say nothing to it.
  if (headers.has('x-session-token') || /^bearer\b/i.test(headers.get('authorization') ?? '')) return true
  return (
    /^\/(api|live)\//.test(new URL(request.url).pathname) || /^application\/(problem\+)?json\b/.test(accept)
  )
}

/** The traps say it: JSON routes that also take forms can be posted to from any site without a preflight. */
function kindsFor(route: string): readonly BodyKind[] {
  return route.startsWith('/api/') ? ['json'] : ['form']
}

/** Addresses that cannot be decoded, or hold the zero character, would reach Postgres as text and fail there. */
function refuseBadAddress(request: Request): void {
  const { pathname, search } = new URL(request.url)
  try {
    if (!decodeURIComponent(pathname).includes('\0') && !/%00/.test(search)) return
  } catch {
    // Falls through: a percent sign without its two digits.
  }
  throw new HttpProblem(400, 'This address cannot be read.')
}

/** The query as texts; a name given twice becomes a list, which no shape takes. */
function queryOf(request: Request): Record<string, string> {
  const query: Record<string, string | string[]> = Object.create(null)
  for (const [name, text] of new URL(request.url).searchParams) {
    const before = query[name]
    query[name] = before === undefined ? text : [before, text].flat()
  }
  return query as Record<string, string>
}

/** To the sign-in page and back; a fragment's request is told by the header htmx follows with the whole page. */
function toSignIn(request: Request): Response {
  const { pathname, search } = new URL(request.url)
  const fragment = request.headers.get('hx-request') === 'true'
  const from = fragment ? (request.headers.get('hx-current-url') ?? '') : `${pathname}${search}`
  const back = request.method === 'GET' ? ownPath(pathOf(from), '') : ''
  const location = back === '' || back === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(back)}`
  return leadTo(request, location, 401)
}

function leadTo(request: Request, location: string, status: number): Response {
  return request.headers.get('hx-request') === 'true'
    ? new Response(null, { status, headers: { 'hx-redirect': location } })
    : new Response(null, { status: 303, headers: { location } })
}

function pathOf(address: string): string {
  if (!URL.canParse(address)) return address
  const { pathname, search } = new URL(address)
  return `${pathname}${search}`
}

/** A socket brings no header of ours: the address of a page's line says whose desk it is. */
function deskInAddress(request: Request): string | null {
  const { pathname, searchParams } = new URL(request.url)
  return pathname.startsWith('/live/') ? searchParams.get('desk') : null
}
