/** "Tell me when one is free": kept for a while beside the price that was asked for, and answered once. */
import { type Kysely, sql } from 'kysely'
import type { TellProps } from '../../views/rides/quotes.ts'
import type { CompanyId, IdentityId, QuoteId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import type { Viewer } from '../web/viewer.ts'
import type { LoadedQuote } from './quotes.ts'

/** Who has not found a car in that time went another way. */
export const FREE_WAIT_MS = 30 * 60_000
/** More at a time would be letters nobody reads. */
const MOST_OPEN = 5

export interface FreeWait {
  readonly quoteId: QuoteId
  readonly untilMs: number
  readonly isTold: boolean
}

/**
 * Have somebody told once a car of the quote's class, seats and needs is free near its pickup. Asked twice counts once.
 * @returns false when they wait for too many at once
 */
export async function waitForFree(
  unit: Work,
  random: Random,
  { quote, identityId }: { quote: LoadedQuote; identityId: IdentityId },
): Promise<boolean> {
  const at = new Date(unit.atMs)
  // Two at once wait for each other, or both would be the last that fits.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`free waits ${identityId}`}, 0))`.execute(unit.db)
  const open = await unit.db
    .selectFrom('free_waits')
    .select('quote_id')
    .where('identity_id', '=', identityId)
    .where('told_at', 'is', null)
    .where('until_at', '>', at)
    .execute()
  if (open.some(({ quote_id }) => quote_id === quote.id)) return true
  if (open.length >= MOST_OPEN) return false
  await unit.db
    .insertInto('free_waits')
    .values({
      ...{ id: random.uuid(), company_id: quote.company_id, identity_id: identityId, quote_id: quote.id },
      ...{ region_id: quote.region_id, asked_at: at, until_at: new Date(unit.atMs + FREE_WAIT_MS) },
    })
    .onConflict((conflict) => conflict.columns(['identity_id', 'quote_id']).doNothing())
    .execute()
  return true
}

/** What somebody waits for among the quotes of a set, or was told of; by the wall it is their own. */
export async function openFreeWaits(
  db: Kysely<Tables>,
  viewer: Viewer | null,
  quotes: readonly LoadedQuote[],
): Promise<FreeWait[]> {
  if (viewer === null) return []
  const rows = await db
    .selectFrom('free_waits')
    .select(['quote_id', 'until_at', 'told_at'])
    .where('identity_id', '=', viewer.identityId)
    .where(
      'quote_id',
      'in',
      quotes.map(({ id }) => id),
    )
    .execute()
  return rows.map((row) => ({
    quoteId: row.quote_id,
    untilMs: row.until_at.getTime(),
    isTold: row.told_at !== null,
  }))
}

/** What a class that has no free car offers instead; null where one is free, or where it is for later or shared. */
export function tellOf(quote: LoadedQuote, waits: readonly FreeWait[]): TellProps | null {
  if (quote.pickup_eta_s !== null || quote.scheduled_for !== null || quote.shared) return null
  const wait = waits.find(({ quoteId }) => quoteId === quote.id)
  if (wait === undefined) return { state: 'may' }
  return wait.isTold ? { state: 'free' } : { state: 'asked', untilMs: wait.untilMs }
}

/** Whom of a region nobody has told yet, the longest waiting first. The system's own look: it sees everybody's. */
export function untoldFreeWaits(
  db: Kysely<Tables>,
  {
    companyId,
    regionId,
    at,
    limit,
  }: { companyId: CompanyId; regionId: LoadedQuote['region_id']; at: Date; limit: number },
) {
  return db
    .selectFrom('free_waits')
    .innerJoin('quotes', 'quotes.id', 'free_waits.quote_id')
    .selectAll('quotes')
    .select(['free_waits.id as wait_id', 'free_waits.identity_id'])
    .where('free_waits.company_id', '=', companyId)
    .where('free_waits.region_id', '=', regionId)
    .where('free_waits.told_at', 'is', null)
    .where('free_waits.until_at', '>', at)
    .orderBy('free_waits.asked_at')
    .limit(limit)
    .execute()
}

/** Say that it was told; false when somebody else has by now. */
export async function markTold(unit: Work, waitId: string): Promise<boolean> {
  const told = await unit.db
    .updateTable('free_waits')
    .set({ told_at: new Date(unit.atMs) })
    .where('id', '=', waitId)
    .where('told_at', 'is', null)
    .executeTakeFirst()
  return told.numUpdatedRows > 0n
}
