/** One unsafe request, done once: its key claimed, its work and its answer kept in one transaction. */
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import { requireViewer, type WebContext } from './context.ts'
import { hashBody, once, oneTimeKey } from './idempotency.ts'
import type { Viewer } from './viewer.ts'

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
}

/**
 * Do `work` in one unit that sees what the viewer may, once per one-time key, and answer a page's form with 303 or a program with JSON.
 * A refusal is thrown as an HttpProblem: it rolls everything back, the key too.
 */
export async function act(
  deps: Omit<CommitDeps, 'db'>,
  { request, web, body, route }: Act,
  work: (unit: Work, viewer: Viewer) => Promise<Done>,
): Promise<Response> {
  const viewer = requireViewer(web)
  const key = oneTimeKey(request, (body as { key?: string } | null)?.key)
  const kept = await commit({ ...deps, db: web.db }, (unit) =>
    once(
      unit.db,
      {
        identityId: viewer.identityId,
        route: `${web.wantsJson ? 'api' : 'page'} ${route}`,
        key,
        bodyHash: hashBody(body),
        atMs: unit.atMs,
      },
      async () => {
        const done = await work(unit, viewer)
        return web.wantsJson
          ? { status: done.status ?? 200, body: done.json }
          : { status: 303, body: null, location: done.location }
      },
    ),
  )
  if (kept.location !== undefined)
    return new Response(null, { status: kept.status, headers: { location: kept.location } })
  return new Response(JSON.stringify(kept.body), {
    status: kept.status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
  })
}
