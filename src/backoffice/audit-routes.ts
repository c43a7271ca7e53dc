/** The audit trail to be read: a page with filters, the same as JSON, and files to take along. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { auditPage } from '../../views/backoffice/audit.ts'
import { ACTIONS } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import { type AuditFilter, type AuditRow, searchAudit } from '../audit/search.ts'
import { csvLine } from '../io/csv-write.ts'
import { htmlResponse, jsonResponse, type WebContext } from '../web/context.ts'
import { auditEntryProps } from './audit-props.ts'
import { dayEndMs, dayStartMs } from './days.ts'
import type { OfficeDeps } from './routes.ts'
import { auditScope, officeContext, officeScope } from './scope.ts'

const PAGE_SIZE = 50
const EXPORT_BATCH = 1_000
/** Whoever needs more narrows the days. */
const MOST_EXPORTED = 50_000
/** Words are looked for entry by entry, so not further back than this unless a day is given. */
const WORDS_REACH_DAYS = 90
const DAY_MS = 86_400_000

const empty = (text: string) => (text === '' ? undefined : text)
const words = z.string().trim().max(120).default('').transform(empty)
const date = z
  .union([z.literal(''), z.iso.date()])
  .default('')
  .transform(empty)
const filterShape = z.object({
  from: date,
  to: date,
  who: words,
  action: z.string().trim().max(60).default('').transform(empty),
  subject: words,
  text: words,
})
const listQuery = filterShape.extend({
  before: z
    .string()
    .regex(/^[1-9]\d{0,17}$/)
    .optional(),
})
const exportQuery = filterShape.extend({ format: z.enum(['csv', 'json']).default('csv') })
type FilterQuery = z.infer<typeof filterShape>

export function auditRoutes(deps: OfficeDeps) {
  const { clock, random } = deps

  /** The filter as instants; `shownFrom` when words alone reach no further back. */
  function filterOf(
    query: FilterQuery,
    timeZone: string,
  ): { filter: AuditFilter; reachesBackTo: number | null } {
    const { from, to, who, action, subject, text } = query
    const limited = text !== undefined && from === undefined
    const reachesBackTo = limited ? clock.nowMs() - WORDS_REACH_DAYS * DAY_MS : null
    const fromMs = from === undefined ? reachesBackTo : dayStartMs(from, timeZone)
    const filter: AuditFilter = {
      ...(fromMs === null ? {} : { fromMs }),
      ...(to === undefined ? {} : { untilMs: dayEndMs(to, timeZone) }),
      ...(who === undefined ? {} : { who }),
      ...(action === undefined ? {} : { action }),
      ...(subject === undefined ? {} : { subject }),
      ...(text === undefined ? {} : { text }),
    }
    return { filter, reachesBackTo }
  }

  async function* exported(
    reader: WebContext['db'],
    scope: ReturnType<typeof auditScope>,
    filter: AuditFilter,
  ): AsyncGenerator<AuditRow> {
    let before: string | undefined
    for (let count = 0; count < MOST_EXPORTED; count += EXPORT_BATCH) {
      const { rows, next } = await searchAudit(reader, scope, filter, {
        limit: EXPORT_BATCH,
        ...(before === undefined ? {} : { before }),
      })
      yield* rows
      if (next === null) return
      before = next
    }
  }

  async function recordExport(web: WebContext, format: string, query: FilterQuery): Promise<void> {
    const { viewer, platform, companyIds } = officeScope(web, deps.companies)
    const [only] = companyIds
    await record(web.db, random, {
      action: 'audit.exported',
      atMs: clock.nowMs(),
      actorId: viewer.identityId,
      address: web.address,
      requestId: web.requestId,
      detail: { format, filter: query },
      ...(platform || only === undefined ? {} : { companyId: only }),
    })
  }

  return new Elysia({ name: 'audit' })
    .use(deps.shell)
    .get(
      '/admin/audit',
      async ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const ctx = officeContext(deps, { request, web }, scope)
        const { before, ...asked } = query
        const { filter, reachesBackTo } = filterOf(asked, ctx.timeZone)
        const { rows, next } = await searchAudit(web.db, auditScope(scope), filter, {
          limit: PAGE_SIZE,
          ...(before === undefined ? {} : { before }),
        })
        return htmlResponse(
          String(
            auditPage(ctx, {
              filter: asked,
              entries: rows.map(auditEntryProps),
              actions: Object.entries(ACTIONS).map(([name, { words: said }]) => ({ name, words: said })),
              older: next,
              isFirstPage: before === undefined,
              reachesBackToMs: reachesBackTo,
              mostExported: MOST_EXPORTED,
            }),
          ),
        )
      },
      { query: listQuery },
    )
    .get(
      '/api/v1/audit',
      async ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const { before, ...asked } = query
        const { filter } = filterOf(asked, officeContext(deps, { request, web }, scope).timeZone)
        const { rows, next } = await searchAudit(web.db, auditScope(scope), filter, {
          limit: PAGE_SIZE,
          ...(before === undefined ? {} : { before }),
        })
        return jsonResponse({ entries: rows.map(entryJson), next })
      },
      { query: listQuery },
    )
    .get(
      '/admin/audit/export',
      async ({ request, web, query }) => {
        const scope = officeScope(web, deps.companies)
        const { format, ...asked } = query
        const { filter } = filterOf(asked, officeContext(deps, { request, web }, scope).timeZone)
        await recordExport(web, format, asked)
        const rows = exported(web.db, auditScope(scope), filter)
        const name = `audit-${new Date(clock.nowMs()).toISOString().slice(0, 10)}.${format}`
        return new Response(streamOf(format === 'csv' ? csvOf(rows) : jsonOf(rows)), {
          headers: {
            'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8',
            'content-disposition': `attachment; filename="${name}"`,
          },
        })
      },
      { query: exportQuery },
    )
}

function entryJson({ atMs, sequence, ...entry }: AuditRow) {
  return { sequence, at: new Date(atMs).toISOString(), ...entry }
}

const COLUMNS = [
  ...['sequence', 'at', 'company', 'actor_id', 'actor', 'action', 'subject_kind', 'subject', 'subject_name'],
  ...['detail', 'address', 'request_id'],
]

async function* csvOf(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  yield csvLine(COLUMNS)
  for await (const row of rows)
    yield csvLine([
      ...[row.sequence, new Date(row.atMs).toISOString(), row.company, row.actorId, row.actor, row.action],
      ...[row.subjectKind, row.subject, row.subjectName, JSON.stringify(row.detail), row.address],
      row.requestId,
    ])
}

async function* jsonOf(rows: AsyncIterable<AuditRow>): AsyncGenerator<string> {
  let lead = '[\n'
  for await (const row of rows) {
    yield `${lead}${JSON.stringify(entryJson(row))}`
    lead = ',\n'
  }
  yield lead === '[\n' ? '[]\n' : '\n]\n'
}

/** Read from the database only as fast as the reader takes it. */
function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await texts.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}
