/**
 * The post: takes the letters that are due and sends them, or keeps them where nothing sends. Any number of
 * processes may run it: a letter is claimed by one statement, and claimed for a while only, so one that dies with
 * a letter in its hands leaves it to the others. A letter can therefore come twice (sent, and not yet marked when
 * the process died), never not at all.
 */
import { type ExpressionBuilder, sql } from 'kysely'
import { letterHtml, letterText } from '../../views/notices/letter.ts'
import { type Letter, letterOf, RIDE_LETTERS, WORDS } from '../../views/notices/words.ts'
import type { IdentityId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Limits } from '../io/limits.ts'
import type { Logger } from '../io/log.ts'
import { type Mailer, MailRefusal } from '../io/mail.ts'
import type { Db } from '../io/postgres.ts'
import type { NoticeState } from '../io/tables/accounts.ts'
import type { Tables } from '../io/tables.ts'
import { oneLine } from '../web/text.ts'
import type { NoticeData, NoticeKind } from './notices.ts'

export interface PostDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly limits: Limits
  /** Null: nothing is sent, letters are kept. */
  readonly mailer: Mailer | null
  /** Links in letters begin with it. */
  readonly publicUrl: string
  /** Whether kept letters keep their links too: only where the outbox can be opened. */
  readonly keepLinks: boolean
}

export interface Post {
  /** Send what is due; returns how many letters left, were kept or were given up. */
  deliver(): Promise<number>
  /** Take no more, and wait a little for what is under way. */
  stop(): Promise<void>
}

interface Claimed {
  readonly id: string
  readonly kind: string
  readonly address: string
  readonly identity_id: IdentityId | null
  readonly data: Record<string, unknown>
  readonly tries: number
  /** Of the company it comes from; null of our own letters, and where a company has none. */
  readonly company_name: string | null
  readonly company_phone: string | null
}

/** How many letters a look takes, and how many of them travel at once. */
const BATCH = 40
const LANES = 8
/** Longer than a batch takes at its slowest: five rounds of the mailer's deadline. */
export const LEASE_MS = 3 * 60_000
/** The pause after each try that failed; after the last one the letter is given up. */
export const PAUSES_MS = [30_000, 2 * 60_000, 10 * 60_000, 40 * 60_000, 2 * 3_600_000, 6 * 3_600_000]
const LEAVE_MS = 3_000
/** A letter and its dedupe key are kept so long. */
export const KEPT_MS = 30 * 86_400_000
/** Longer texts have no place in a letter. */
const LONGEST_TEXT = 500

export function makePost(deps: PostDeps): Post {
  const { db, clock, log } = deps
  let stopped = false
  let underWay: Promise<number> = Promise.resolve(0)

  async function claim(): Promise<Claimed[]> {
    const nowMs = clock.nowMs()
    return db
      .with('due', (cte) =>
        cte
          .selectFrom('notices')
          .select('id')
          .where('state', '=', 'waiting')
          .where('due_at', '<=', new Date(nowMs))
          .orderBy('due_at')
          .limit(BATCH)
          .forUpdate()
          .skipLocked(),
      )
      .updateTable('notices')
      .from('due')
      .whereRef('notices.id', '=', 'due.id')
      .set({ due_at: new Date(nowMs + LEASE_MS), tries: sql`notices.tries + 1` })
      .returning([
        'notices.id',
        'notices.kind',
        'notices.address',
        'notices.identity_id',
        'notices.data',
        'notices.tries',
      ])
      .returning(companyOfLetter)
      .execute()
  }

  /** Whoever still holds the claim says how it went; a claim that ran out has a newer number of tries. */
  async function settle(letter: Claimed, change: Settled, whoever = false): Promise<void> {
    await db
      .updateTable('notices')
      .set(change)
      .where('id', '=', letter.id)
      .where('state', '=', 'waiting')
      .$if(!whoever, (query) => query.where('tries', '=', letter.tries))
      .execute()
  }

  async function handle(letter: Claimed): Promise<boolean> {
    const words = wordsOf(letter)
    if (words === null) {
      log.error({ noticeId: letter.id, kind: letter.kind }, 'mail.no_words')
      await settle(letter, { state: 'dead', error: 'There are no words for this kind of letter.' })
      return true
    }
    const at = () => new Date(clock.nowMs())
    if (deps.mailer === null) {
      await settle(letter, { state: 'kept', sent_at: at(), ...(deps.keepLinks ? {} : withoutLink) })
      return true
    }
    const taken = await deps.limits.take('mail_person', letter.identity_id ?? letter.address)
    if (!taken.allowed) {
      const later = new Date(clock.nowMs() + taken.retryAfterS * 1000)
      await settle(letter, { due_at: later, tries: letter.tries - 1 })
      return false
    }
    try {
      await deps.mailer.send({
        id: letter.id,
        to: letter.address,
        subject: words.subject,
        text: letterText(words, deps.publicUrl),
        html: letterHtml(words, deps.publicUrl),
      })
    } catch (error) {
      if (!(error instanceof MailRefusal)) throw error
      const pauseMs = error.never ? undefined : PAUSES_MS[letter.tries - 1]
      const facts = { noticeId: letter.id, kind: letter.kind, tries: letter.tries, error: error.message }
      log.warn(facts, pauseMs === undefined ? 'mail.given_up' : 'mail.not_taken')
      await settle(
        letter,
        pauseMs === undefined
          ? { state: 'dead', error: error.message }
          : { due_at: new Date(clock.nowMs() + pauseMs), error: error.message },
      )
      return pauseMs === undefined
    }
    // It has left, whoever holds the claim by now: another try would only be a copy.
    await settle(letter, { state: 'sent', sent_at: at(), error: null, ...withoutLink }, true)
    return true
  }

  async function deliver(): Promise<number> {
    let done = 0
    for (let more = true; more && !stopped; ) {
      const letters = await claim()
      more = letters.length === BATCH
      const waiting = letters.values()
      const lane = async () => {
        for (const letter of waiting) if (await handle(letter)) done++
      }
      // One lane that breaks must not leave the letters of the others unmarked.
      const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane))
      const broken = lanes.find((settled) => settled.status === 'rejected')
      if (broken !== undefined) throw broken.reason
    }
    return done
  }

  return {
    deliver() {
      underWay = deliver()
      return underWay
    },
    async stop() {
      stopped = true
      await Promise.race([
        underWay.catch(() => 0),
        new Promise((resolve) => clock.after(LEAVE_MS, () => resolve(0))),
      ])
    },
  }
}

interface Settled {
  readonly state?: NoticeState
  readonly sent_at?: Date
  readonly due_at?: Date
  readonly tries?: number
  readonly error?: string | null
  readonly data?: ReturnType<typeof sql<string>>
}

/** The link of a letter that has left opens an account: it has no business in our records any more. */
const withoutLink = { data: sql<string>`data - 'link'` }

/** Whom the reader of a letter may call, as columns. */
export function companyOfLetter(eb: ExpressionBuilder<Tables, 'notices'>) {
  const company = eb.selectFrom('companies as c').whereRef('c.id', '=', 'notices.company_id')
  return [company.select('c.name').as('company_name'), company.select('c.phone').as('company_phone')] as const
}

/** The words of a stored letter; null when its kind or data are none we know, as after a change of version. */
export function wordsOf(
  letter: Pick<Claimed, 'kind' | 'data'> & Partial<Pick<Claimed, 'company_name' | 'company_phone'>>,
): Letter | null {
  if (!Object.hasOwn(WORDS, letter.kind)) return null
  const entries = Object.entries(letter.data).map(([name, value]) => [
    name,
    typeof value === 'string' ? oneLine(value).slice(0, LONGEST_TEXT) : value,
  ])
  const data: unknown = Object.fromEntries(entries)
  try {
    // Written by `notify`, which the types hold to the kind; what an older version wrote may fail here.
    const kind = letter.kind as NoticeKind
    const words = letterOf(kind, data as NoticeData[NoticeKind])
    const { company_name: name, company_phone: phone } = letter
    if (!RIDE_LETTERS.has(kind) || name == null || phone == null) return words
    return { ...words, call: { who: oneLine(name), phone: oneLine(phone) } }
  } catch {
    return null
  }
}

/** Remove letters nobody needs any more; returns how many there were. */
export async function forgetOldLetters(db: Db, nowMs: number): Promise<number> {
  const result = await db
    .deleteFrom('notices')
    .where('created_at', '<', new Date(nowMs - KEPT_MS))
    .where('state', '!=', 'waiting')
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}
