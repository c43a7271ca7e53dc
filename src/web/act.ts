/** One unsafe request, done once: its key claimed, its work and its answer kept in one transaction. */
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import { requireViewer, type WebContext } from './context.ts'
import {
  hashBody,
  type KeptAnswer,
  type KeyHolder,
  keptBefore,
  once,
  oneTimeKey,
  visitorOf,
} from './idempotency.ts'
import type { Viewer } from './viewer.ts'

/** What routes need to act; the database comes with the request. */
export type ActDeps = Omit<CommitDeps, 'db'>

export interface Done {
  /** Where a person's browser goes on. */
  readonly location: string
  /** What a program reads. */
  readonly json: unknown
  /** For the program's answer; 200 unless said. */
  readonly status?: number
}

export interface Act {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
  /** Names what the key was used for: method, route and what it is about. */
  readonly route: string
  /** A request without a key is taken too, and counts as a new one: what it makes is of no weight by itself. */
  readonly keyless?: true
}

/**
 * Do `work` in one unit, once per one-time key, and answer a page's form with 303 or a program with JSON. It sees of
 * the database what the viewer may see. A refusal is thrown as an HttpProblem: it rolls everything back, the key too.
 */
export function act(
  deps: ActDeps,
  asked: Act,
  work: (unit: Work, viewer: Viewer) => Promise<Done>,
): Promise<Response> {
  const viewer = requireViewer(asked.web)
  const holder = { identityId: viewer.identityId }
  return actFor({ ...deps, db: asked.web.db }, asked, holder, (unit) => work(unit, viewer))
}

/**
 * As `act`, for routes that are open to those who have not signed in: until then the key is their browser's. The
 * work is done with the handle it is given: `web.db`, or the system's own where nobody is signed in who could do it.
 */
export function actOpenly(
  deps: CommitDeps,
  asked: Act,
  work: (unit: Work, viewer: Viewer | null) => Promise<Done>,
): Promise<Response> {
  const { viewer, visitor, address } = asked.web
  const holder = viewer === null ? visitorOf(visitor ?? `at ${address}`) : { identityId: viewer.identityId }
  return actFor(deps, asked, holder, (unit) => work(unit, viewer))
}

/**
 * The answer this request got when it was sent before; null for the first time. For handlers that look at the state of
 * things before they `act`: what was decided already would turn a repeat away that has its answer.
 * @throws HttpProblem 422 when the key came with another body
 */
export async function answeredBefore(asked: Act): Promise<Response | null> {
  const { web, request, body } = asked
  const key = givenKey(request, body)
  if (web.viewer === null || key === undefined) return null
  const holder = { identityId: web.viewer.identityId }
  const kept = await keptBefore(web.db, { ...holder, ...useOf(asked), key })
  return kept === null ? null : responseOf(kept)
}

/**
 * For handlers that look things up before they `act`: what comes without a proper one-time key is refused first.
 * @throws HttpProblem 422 that names the key
 */
export function requireKey({ request, body }: Pick<Act, 'request' | 'body'>): void {
  oneTimeKey(givenKey(request, body))
}

function givenKey(request: Request, body: unknown): string | undefined {
  return request.headers.get('idempotency-key') ?? (body as { key?: string } | null)?.key
}

function useOf({ web, body, route }: Act): { route: string; bodyHash: string } {
  return { route: `${web.wantsJson ? 'api' : 'page'} ${route}`, bodyHash: hashBody(body) }
}

async function actFor(
  deps: CommitDeps,
  asked: Act,
  holder: KeyHolder,
  work: (unit: Work) => Promise<Done>,
): Promise<Response> {
  const { web, keyless } = asked
  const given = givenKey(asked.request, asked.body)
  const answer = async (unit: Work): Promise<KeptAnswer> => {
    const done = await work(unit)
    return web.wantsJson
      ? { status: done.status ?? 200, body: done.json }
      : { status: 303, body: null, location: done.location }
  }
  const use = {
    ...{ ...holder, ...useOf(asked) },
    key: keyless && given === undefined ? null : oneTimeKey(given),
  }
  const kept = await commit(deps, (unit) => {
    const { key } = use
    return key === null ? answer(unit) : once(unit.db, { ...use, key, atMs: unit.atMs }, () => answer(unit))
  })
  return responseOf(kept)
}

function responseOf(kept: KeptAnswer): Response {
  if (kept.location !== undefined)
    return new Response(null, { status: kept.status, headers: { location: kept.location } })
  return new Response(JSON.stringify(kept.body), {
    status: kept.status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}
