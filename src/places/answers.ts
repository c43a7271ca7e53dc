/** What geocoders answered, kept for all processes, and how often they may be asked, counted by all together. */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { PlacesTables } from '../io/tables/places.ts'
import type { Place } from './gazetteer.ts'
import type { GeocoderName } from './geocoders/geocoder.ts'

type Db = Kysely<PlacesTables>

/** Change this with what is kept, so that older answers are not read any more. */
const VERSION = 1
/** Nothing there is a short answer: tomorrow somebody may have put it on the map. */
const NOTHING_FOR_MS = 86_400_000
/** The oldest go beyond; an answer takes about a kilobyte. */
const MOST_ANSWERS = 200_000
const FORGOTTEN_AT_ONCE = 5_000

/** The hash that stands for a question; the question itself is not kept, it is somebody's way. */
export function keyOf(question: readonly unknown[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, ...question]))
    .digest()
}

/** What was answered before; undefined where nothing is kept. */
export async function keptAnswer(db: Db, key: Buffer, nowMs: number): Promise<Place[] | undefined> {
  const row = await db
    .selectFrom('geocode_answers')
    .select('answer')
    .where('key', '=', key)
    .where('expires_at', '>', new Date(nowMs))
    .executeTakeFirst()
  return row?.answer as Place[] | undefined
}

export async function keepAnswer(
  db: Db,
  kept: { key: Buffer; geocoder: GeocoderName; places: readonly Place[]; nowMs: number; forMs: number },
): Promise<void> {
  const { key, geocoder, places, nowMs, forMs } = kept
  const endsMs = nowMs + (places.length === 0 ? Math.min(forMs, NOTHING_FOR_MS) : forMs)
  const row = {
    ...{ key, geocoder, answer: JSON.stringify(places) },
    ...{ fetched_at: new Date(nowMs), expires_at: new Date(endsMs) },
  }
  await db
    .insertInto('geocode_answers')
    .values(row)
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row))
    .execute()
}

/** Remove what has expired, and the oldest of what is too much; a bounded piece at a time. */
export async function forgetOldAnswers(db: Db, nowMs: number): Promise<void> {
  await sql`
    delete from geocode_answers where key in (
      select key from geocode_answers where expires_at <= ${new Date(nowMs)} limit ${FORGOTTEN_AT_ONCE})`.execute(
    db,
  )
  await sql`
    delete from geocode_answers where key in (
      select key from geocode_answers order by expires_at desc offset ${MOST_ANSWERS} limit ${FORGOTTEN_AT_ONCE})`.execute(
    db,
  )
}

export interface Budget {
  readonly perSecond: number
  readonly perDay: number | null
}

/**
 * Take one question out of what a geocoder may be asked, counted by all processes. Source: the generic cell rate algorithm
 * (ITU-T I.371): one instant says when the next question is due, and a second's worth may come at once.
 * @param patienceMs how long the asker would wait for its turn
 * @returns how long to wait before asking, or null when it may not be asked
 */
export async function takeTurn(
  db: Db,
  asked: { geocoder: GeocoderName; budget: Budget; nowMs: number; patienceMs: number },
): Promise<number | null> {
  const { geocoder, budget, nowMs, patienceMs } = asked
  const gapMs = 1_000 / budget.perSecond
  const burstMs = 1_000 - gapMs
  const day = new Date(nowMs).toISOString().slice(0, 10)
  const { rows } = await sql<{ due_ms: number }>`
    insert into geocode_budgets as b (geocoder, due_at, day, day_calls)
    values (${geocoder}, ${new Date(nowMs + gapMs)}, ${day}, 1)
    on conflict (geocoder) do update set
      due_at = greatest(b.due_at, ${new Date(nowMs)}) + ${gapMs} * interval '1 ms',
      day = excluded.day,
      day_calls = case when b.day = excluded.day then b.day_calls + 1 else 1 end
    where b.due_at <= ${new Date(nowMs + burstMs + patienceMs)}
      and (b.day <> excluded.day or b.day_calls < ${budget.perDay ?? 2_147_483_647})
    returning extract(epoch from due_at)::float8 * 1000 as due_ms`.execute(db)
  const taken = rows[0]
  return taken === undefined ? null : Math.max(0, taken.due_ms - gapMs - burstMs - nowMs)
}

/** Questions of today, by all processes. */
export async function askedToday(db: Db, geocoder: GeocoderName, nowMs: number): Promise<number> {
  const row = await db
    .selectFrom('geocode_budgets')
    .select('day_calls')
    .where('geocoder', '=', geocoder)
    .where('day', '=', new Date(nowMs).toISOString().slice(0, 10))
    .executeTakeFirst()
  return row?.day_calls ?? 0
}
