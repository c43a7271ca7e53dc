/**
 * One unit of work: state, its events and the news of it in one transaction; told to others only after the commit.
 * The news rows wait in `outbox`, so that a process that dies between commit and publish loses nothing: any
 * process's sweep publishes what is left over.
 */
import { sql, type Transaction } from 'kysely'
import type { Bus, News } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Db } from './postgres.ts'
import type { Tables } from './tables.ts'

export interface Work {
  readonly db: Transaction<Tables>
  /** One instant for the whole unit of work. */
  readonly atMs: number
  /** Said to the bus after the commit, in this order. */
  tell(news: News): void
}

export interface CommitDeps {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
}

/** Deadlocks and serialization failures are the database asking us to try again; three tries, then it is an error. */
const TRIES = 3

/**
 * Run `work` in a transaction, retried on deadlock or serialization failure: it must have no effect but through
 * its `Work`. What it returns is answered after the commit.
 */
export async function commit<T>(deps: CommitDeps, work: (unit: Work) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const news: News[] = []
    const outboxIds: number[] = []
    try {
      const answer = await deps.db.transaction().execute(async (db) => {
        const value = await work({
          db,
          atMs: Math.floor(deps.clock.nowMs()),
          tell: (item) => news.push(item),
        })
        if (news.length > 0) for (const row of await keepNews(db, news)) outboxIds.push(row.id)
        return value
      })
      for (const item of news) deps.bus.publish(item)
      if (outboxIds.length > 0) void forget(deps.db, outboxIds)
      return answer
    } catch (error) {
      if (attempt >= TRIES || !isRetryable(error)) throw error
    }
  }
}

/**
 * `commit` for a process that no one listens to, such as a command: its news stay in `outbox`, for the sweep of a
 * process that serves.
 */
export async function commitForOthers<T>(
  { db, clock }: Omit<CommitDeps, 'bus'>,
  work: (unit: Work) => Promise<T>,
): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const news: News[] = []
    const atMs = Math.floor(clock.nowMs())
    const answer = await work({ db: trx, atMs, tell: (item) => news.push(item) })
    if (news.length > 0) await keepNews(trx, news)
    return answer
  })
}

function keepNews(db: Transaction<Tables>, news: readonly News[]): Promise<{ id: number }[]> {
  return db
    .insertInto('outbox')
    .values(news.map((item) => ({ news: JSON.stringify(item) })))
    .returning('id')
    .execute()
}

/** A published row that could not be deleted is published once more by the sweep: news may repeat, never vanish. */
async function forget(db: Db, ids: number[]): Promise<void> {
  try {
    await db.deleteFrom('outbox').where('id', 'in', ids).execute()
  } catch {
    // The database went away between commit and here; the sweep finds the rows.
  }
}

function isRetryable(error: unknown): boolean {
  const code = (error as { code?: unknown })?.code
  return code === '40P01' || code === '40001'
}

/** What another process left behind is published after this long; its own publish takes milliseconds. */
const LEFT_BEHIND_S = 2
const SWEEP_LIMIT = 500

/** Publish what a dead process committed but never told; returns how many there were. */
export async function sweepOutbox(deps: Pick<CommitDeps, 'db' | 'bus'>): Promise<number> {
  return deps.db.transaction().execute(async (db) => {
    const left = await db
      .selectFrom('outbox')
      .select(['id', 'news'])
      .where('created_at', '<', sql<Date>`now() - make_interval(secs => ${LEFT_BEHIND_S})`)
      .orderBy('id')
      .limit(SWEEP_LIMIT)
      .forUpdate()
      .skipLocked()
      .execute()
    if (left.length === 0) return 0
    for (const row of left) deps.bus.publish(row.news as News)
    await db
      .deleteFrom('outbox')
      .where(
        'id',
        'in',
        left.map((row) => row.id),
      )
      .execute()
    return left.length
  })
}
