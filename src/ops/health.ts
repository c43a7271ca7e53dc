/** What those who run it look at: is it alive, should it get traffic, and what it counts. */
import { Elysia } from 'elysia'
import { sql } from 'kysely'
import type { Config } from '../io/config.ts'
import { pendingMigrations } from '../io/migrate.ts'
import type { Db } from '../io/postgres.ts'
import { jsonResponse } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import type { Metrics } from './metrics.ts'

export interface HealthDeps {
  readonly shell: Shell
  readonly db: Db
  readonly config: Config
  readonly metrics: Metrics
  /** Whether the process is on its way out. */
  readonly isDraining: () => boolean
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
/** A proxy on this machine calls from loopback too, for whoever is behind it. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'x-real-ip']

export function healthRoutes(deps: HealthDeps) {
  async function notReadyBecause(): Promise<string | null> {
    if (deps.isDraining()) return 'draining'
    try {
      await sql`SELECT 1`.execute(deps.db)
      const pending = await pendingMigrations(deps.db as never)
      return pending.length > 0 ? 'migrations' : null
    } catch {
      return 'database'
    }
  }

  return new Elysia({ name: 'health' })
    .use(deps.shell)
    .get('/health/live', () => jsonResponse({ status: 'live' }))
    .get('/health/ready', async () => {
      const because = await notReadyBecause()
      return because === null
        ? jsonResponse({ status: 'ready' })
        : jsonResponse({ status: 'not ready', because }, 503)
    })
    .get('/metrics', async ({ web, request }) => {
      const token = deps.config.metricsToken
      const allowed =
        token === null
          ? LOOPBACK.has(web.address) && !FORWARDED.some((name) => request.headers.has(name))
          : request.headers.get('authorization') === `Bearer ${token}`
      if (!allowed) throw notThere()
      return new Response(await deps.metrics.text(), {
        headers: { 'content-type': deps.metrics.contentType, 'cache-control': 'no-store' },
      })
    })
}
