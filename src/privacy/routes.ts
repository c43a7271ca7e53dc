/** Taking one's data along, and leaving. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { record } from '../audit/audit.ts'
import { type CommitDeps, commit } from '../io/commit.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import { notify } from '../notices/notices.ts'
import type { Uploads } from '../uploads/uploads.ts'
import type { ToPage } from '../web/context.ts'
import { HttpProblem, tooMany } from '../web/problem.ts'
import { requireProof } from '../web/proof.ts'
import type { Shell } from '../web/shell.ts'
import { exportParts, subjectOf } from './export.ts'
import { EXPORT_FORMATS, type ExportFormat, streamOf } from './export-files.ts'
import { leavingRoutes } from './leaving-routes.ts'

export interface PrivacyRouteDeps extends CommitDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly uploads: Pick<Uploads, 'read'>
  readonly toPage: ToPage
  readonly auth: { readonly signedOutCookie: string }
}

const PRIVACY_PAGE = '/account/privacy'
const exportQuery = z.object({
  as: z.enum(Object.keys(EXPORT_FORMATS) as [ExportFormat, ...ExportFormat[]]).default('json'),
})

export function privacyRoutes(deps: PrivacyRouteDeps) {
  const { clock, random } = deps

  return new Elysia({ name: 'privacy' })
    .use(leavingRoutes(deps))
    .use(deps.shell)
    .get(
      '/account/export',
      async ({ web, query }) => {
        const viewer = requireProof(web, clock.nowMs(), PRIVACY_PAGE)
        const taken = await deps.limits.take('export_person', viewer.identityId)
        if (!taken.allowed) throw tooMany(taken.retryAfterS)
        const { address, requestId } = web
        const { person, madeAtMs } = await commit(deps, async (unit) => {
          const found = await subjectOf(unit.db, viewer.identityId)
          if (found === undefined) throw new HttpProblem(401, 'Sign in to go on.')
          await record(unit.db, random, {
            ...{ action: 'data.exported', atMs: unit.atMs, actorId: viewer.identityId },
            ...{ subject: viewer.identityId, detail: { as: query.as }, address, requestId },
          })
          await notify(unit, random, {
            ...{ kind: 'data_export', to: viewer.email, identityId: viewer.identityId },
            ...{ language: viewer.language, data: { name: viewer.name, atMs: unit.atMs, address } },
          })
          return { person: found, madeAtMs: unit.atMs }
        })
        const { type, write } = EXPORT_FORMATS[query.as]
        const texts = write({ person, madeAtMs, parts: exportParts(deps, person) })
        const day = new Date(madeAtMs).toISOString().slice(0, 10)
        return new Response(
          streamOf(texts, (error) => web.log.error({ error }, 'export.failed')),
          {
            headers: {
              'content-type': type,
              'content-disposition': `attachment; filename="honeycab-data-${day}.${query.as}"`,
              'cache-control': 'no-store',
            },
          },
        )
      },
      { query: exportQuery },
    )
}
