/** Where nothing sends mail, a developer reads the letters here: to register, and then to verify. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { outboxLetterPage, outboxPage } from '../../views/notices/outbox.ts'
import type { Config } from '../io/config.ts'
import type { Db } from '../io/postgres.ts'
import { htmlResponse, type ToPage, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { Shell } from '../web/shell.ts'
import { atThisMachine, isLocalDefault } from '../web/this-machine.ts'
import { companyOfLetter, wordsOf } from './post.ts'

export interface OutboxDeps {
  readonly shell: Shell
  readonly db: Db
  readonly config: Pick<Config, 'smtpUrl' | 'databaseUrl' | 'publicUrl'>
  readonly toPage: ToPage
}

/** The newest ones; who looks for an older letter asks for a new one. */
const SHOWN = 50

/** Whether letters are kept here for whoever sits at this machine. */
export function hasOutbox(config: OutboxDeps['config']): boolean {
  return config.smtpUrl === null && isLocalDefault(config)
}

/** Whether this person can read what was not sent: pages that speak of a letter may lead to `/outbox` then. */
export function outboxOpen(
  config: OutboxDeps['config'],
  request: Request,
  web: Pick<WebContext, 'address'>,
): boolean {
  return hasOutbox(config) && atThisMachine(config, request, web)
}

export function outboxRoutes({ shell, db, config, toPage }: OutboxDeps) {
  const kept = db
    .selectFrom('notices')
    .select(['id', 'kind', 'address', 'data', 'created_at'])
    .select(companyOfLetter)
    .where('state', '=', 'kept')

  return new Elysia({ name: 'outbox' })
    .use(shell)
    .get('/outbox', async ({ request, web }) => {
      if (!outboxOpen(config, request, web)) throw notThere()
      const rows = await kept.orderBy('created_at', 'desc').limit(SHOWN).execute()
      const letters = rows.map(({ id, address, created_at, ...letter }) => ({
        ...{ id, to: address, atMs: created_at.getTime() },
        subject: wordsOf(letter)?.subject ?? letter.kind,
      }))
      return htmlResponse(String(outboxPage(toPage(web, request), { letters })))
    })
    .get(
      '/outbox/:id',
      async ({ request, web, params }) => {
        if (!outboxOpen(config, request, web)) throw notThere()
        const row = await kept.where('id', '=', params.id).executeTakeFirst()
        const letter = row === undefined ? null : wordsOf(row)
        if (row === undefined || letter === null) throw notThere()
        const props = { letter, to: row.address, atMs: row.created_at.getTime() }
        return htmlResponse(String(outboxLetterPage(toPage(web, request), props)))
      },
      { params: z.object({ id: z.uuid() }) },
    )
}
