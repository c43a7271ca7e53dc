/** The HTTP front on a throwaway database: shell, sign-in, and a browser that keeps its cookies. */
import { type AnyElysia, Elysia } from 'elysia'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { confirmRoutes } from '../../src/accounts/confirm-routes.ts'
import { makeFactors } from '../../src/accounts/factors.ts'
import { accountRoutes } from '../../src/accounts/routes.ts'
import { securityRoutes } from '../../src/accounts/security-routes.ts'
import { sessionRoutes } from '../../src/accounts/session-routes.ts'
import { signInRoutes } from '../../src/accounts/sign-in-routes.ts'
import { loadCompanies } from '../../src/companies/companies.ts'
import { makeToPage } from '../../src/companies/page-context.ts'
import { assert, type CompanyId, type IdentityId } from '../../src/engine/units.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import { manualClock } from '../../src/io/clock.ts'
import { parseConfig } from '../../src/io/config.ts'
import { type Limits, makeLimits } from '../../src/io/limits.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import type { Role } from '../../src/io/tables/accounts.ts'
import { loadAssets } from '../../src/web/assets.ts'
import { type Permission, permissionFor } from '../../src/web/permissions.ts'
import { makeShell, type Shell } from '../../src/web/shell.ts'
import { problemPage } from '../../views/errors.ts'
import { testDatabase } from './postgres.ts'

export const ORIGIN = 'http://localhost'
const SECRET = 'a secret of the tests that is long enough to sign with'

export interface FrontOptions {
  readonly publicUrl?: string
  readonly exempt?: readonly string[]
  /** More of the environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Routes of the test's own, with their rows of the permission table. */
  readonly routes?: (shell: Shell) => AnyElysia
  readonly permissions?: readonly Permission[]
}

export type Front = Awaited<ReturnType<typeof startFront>>

/** An app with sign-in and the test's own routes. Its clock stands until it is moved. */
export async function startFront(options: FrontOptions = {}) {
  const database = await testDatabase()
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  const clock = manualClock(Date.UTC(2026, 10, 21, 9, 0, 0))
  const random = systemRandom(clock)
  const bus = makeLocalBus(log)
  const config = parseConfig({
    PUBLIC_URL: options.publicUrl ?? ORIGIN,
    SESSION_SECRETS: SECRET,
    TRUST_PROXY: 'on',
    TILE_URL: 'https://{s}.tiles.example/{z}/{x}/{y}.png',
    ...options.env,
  })
  const auth = makeAuth({ db: database.db, bus, config, clock, random, log })
  const companies = await loadCompanies(database.db)
  const toPage = makeToPage({ assets: loadAssets(), config, companies })
  const limits: Limits = makeLimits({ log, exempt: options.exempt ?? [] })
  const shell = makeShell({
    config,
    log,
    clock,
    random,
    auth,
    walled: database.walled,
    limits,
    companyAt: () => null,
    problemPage: (web, problem) =>
      problemPage(toPage(web, new Request(`${ORIGIN}/`)), {
        title: problem.title,
        text: problem.detail,
        action: { href: '/', label: 'Go to the start' },
        reference: problem.reference,
      }).toString(),
    permissionFor: (method, path) =>
      options.permissions?.find((row) => row.method === method && row.path === path) ??
      permissionFor(method, path),
  })
  const { db } = database
  const factors = makeFactors({ db, bus, clock, random, config, auth })
  const base = { shell, auth, factors, limits, toPage, config, db, bus, clock, random }
  const app = new Elysia()
    .use(shell)
    .use(accountRoutes(base))
    .use(signInRoutes(base))
    .use(confirmRoutes(base))
    .use(securityRoutes({ ...base, companyName: (id) => companies.company(id)?.name }))
    .use(sessionRoutes(base))
  if (options.routes !== undefined) app.use(options.routes(shell))
  return { ...database, app, auth, companies, factors, bus, clock, random, limits, lines, shell, config }
}

/** A company to work for; the demo's, whose people need no second factor here, unless said otherwise. */
export async function foundCompany(front: Front, slug: string, demo = true): Promise<CompanyId> {
  const id = front.random.uuid() as CompanyId
  await front.db
    .insertInto('companies')
    .values({
      id,
      slug,
      name: slug,
      host: null,
      currency: 'USD',
      time_zone: 'America/New_York',
      locale: 'en-US',
      phone: null,
      demo,
    })
    .execute()
  await front.companies.reload()
  return id
}

/** Somebody who can sign in with `password`. */
export async function person(
  front: Front,
  who: {
    name: string
    email: string
    password: string | null
    roles?: readonly Role[]
    companyId?: CompanyId
  },
): Promise<IdentityId> {
  const memberships = (who.roles ?? []).map((role) => ({ role, companyId: who.companyId! }))
  const made = await front.auth.createPerson({ ...who, memberships })
  assert(made.ok, 'the cast has different addresses')
  return made.value
}

export interface Browser {
  readonly cookies: Map<string, string>
  /** The last answer's Set-Cookie lines. */
  setCookies: string[]
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** As a form, with the token of the page it stands on unless `csrf` is given. */
  post(path: string, fields: Record<string, string>, options?: SendOptions): Promise<Response>
  /** As JSON; `csrf` goes into the header. */
  send(method: string, path: string, body: unknown, options?: SendOptions): Promise<Response>
  /** The token for forms, from the session's own resource. */
  token(): Promise<string>
  signIn(email: string, password: string): Promise<Response>
}

export interface SendOptions {
  readonly csrf?: string | null
  readonly headers?: Record<string, string>
}

/** Somebody at a browser at `address`, who keeps cookies and says where they come from. */
export function browser(
  app: { handle(request: Request): Promise<Response> },
  address = '203.0.113.7',
): Browser {
  const cookies = new Map<string, string>()

  async function ask(
    path: string,
    init: RequestInit & { headers: Record<string, string> },
  ): Promise<Response> {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const headers = { 'x-forwarded-for': address, ...(cookie && { cookie }), ...init.headers }
    const response = await app.handle(new Request(`${ORIGIN}${path}`, { ...init, headers }))
    self.setCookies = response.headers.getSetCookie()
    for (const line of self.setCookies) {
      const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s)
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return response
  }

  const self: Browser = {
    cookies,
    setCookies: [],
    get: (path, headers = {}) => ask(path, { headers: { accept: 'text/html', ...headers } }),
    post: async (path, fields, options = {}) => {
      const csrf = options.csrf === undefined ? await self.token() : options.csrf
      const body = new URLSearchParams(csrf === null ? fields : { ...fields, csrf }).toString()
      const headers = {
        accept: 'text/html',
        origin: ORIGIN,
        'content-type': 'application/x-www-form-urlencoded',
        ...options.headers,
      }
      return ask(path, { method: 'POST', body, headers })
    },
    send: (method, path, body, options = {}) =>
      ask(path, {
        method,
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...(options.csrf && { 'x-csrf-token': options.csrf }),
          ...options.headers,
        },
      }),
    token: async () => {
      const response = await ask('/api/v1/session', { headers: {} })
      return ((await response.json()) as { csrf: string }).csrf
    },
    signIn: (email, password) => self.post('/sign-in', { email, password, next: '', remember: 'on' }),
  }
  return self
}
