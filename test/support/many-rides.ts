/** One ride as thousands: a desk on its worst day, in a second. */
import { sql } from 'kysely'
import type { Db } from '../../src/io/postgres.ts'

/** Each part is a statement, and none may take long. */
const PART = 1_111

/**
 * The same ride again so often, each with a quote of its own, a deadline a second after the one before and a rider's name
 * of its own: "Rider 1" and so on, or as `names` says by number.
 */
export async function multiplyRide(
  db: Db,
  rideId: string,
  { times, names = {} }: { times: number; names?: Readonly<Record<number, string>> },
): Promise<void> {
  const sameRide = await columnsOf(db, 'rides', ['id', 'number', 'quote_id', 'rider_name', 'deadline_at'])
  const sameQuote = await columnsOf(db, 'quotes', ['id', 'set_id'])
  for (let from = 0; from < times; from += PART) {
    const some = Math.min(PART, times - from)
    await sql`
    with made as (
      insert into quotes (id, set_id, ${sameQuote})
      select gen_random_uuid(), gen_random_uuid(), ${sameQuote} from quotes, generate_series(1, ${some}::int)
      where id = (select quote_id from rides where id = ${rideId})
      returning id
    ), numbered as (select id, ${from}::int + row_number() over () as n from made)
    insert into rides (id, quote_id, rider_name, deadline_at, ${sameRide})
    select gen_random_uuid(), numbered.id, coalesce(${JSON.stringify(names)}::jsonb ->> n::text, 'Rider ' || n),
      deadline_at + n * interval '1 second', ${sameRide}
    from rides, numbered where rides.id = ${rideId}`.execute(db)
  }
}

/** Most of them again: those of "Rider 1000" to "Rider 9999". */
export async function takeManyAway(db: Db): Promise<void> {
  for (let thousand = 1; thousand <= 9; thousand++)
    await db.deleteFrom('rides').where('rider_name', 'like', `Rider ${thousand}___`).execute()
}

async function columnsOf(db: Db, table: string, but: readonly string[]) {
  const columns = await sql<{ column_name: string }>`
    select column_name from information_schema.columns
    where table_name = ${table} and is_generated = 'NEVER' and not column_name = any(${but})`.execute(db)
  return sql.join(columns.rows.map(({ column_name }) => sql.ref(column_name)))
}
