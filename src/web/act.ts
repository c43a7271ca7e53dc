/** One unsafe request, done once: its key claimed, its work and its answer kept in one transaction. */
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import { requireViewer, type WebContext } from './context.ts'
import { hashBody, type KeptAnswer, type KeyHolder, once, oneTimeKey, visitorOf } from './idempotency.ts'
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

async function actFor(
  deps: CommitDeps,
  { request, web, body, route, keyless }: Act,
  holder: KeyHolder,
  work: (unit: Work) => Promise<Done>,
): Promise<Response> {
  const given = request.headers.get('idempotency-key') ?? (body as { key?: string } | null)?.key
  const answer = async (unit: Work): Promise<KeptAnswer> => {
    const done = await work(unit)
    return web.wantsJson
      ? { status: done.status ?? 200, body: done.json }
      : { status: 303, body: null, location: done.location }
  }
  const use = {
    ...holder,
    route: `${web.wantsJson ? 'api' : 'page'} ${route}`,
    key: keyless && given === undefined ? null : oneTimeKey(given),
    bodyHash: hashBody(body),
  }
  const kept = await commit(deps, (unit) => {
    const { key } = use
    return key === null ? answer(unit) : once(unit.db, { ...use, key, atMs: unit.atMs }, () => answer(unit))
  })
  if (kept.location !== undefined)
    return new Response(null, { status: kept.status, headers: { location: kept.location } })
  return new Response(JSON.stringify(kept.body), {
    status: kept.status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}
