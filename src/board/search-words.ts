/** What was typed into a search, as the database looks for it. */

import { sql } from 'kysely'

/** What of a ride is found by its letters, as the index of them has it (migration 41). */
export const RIDE_LETTERS = sql<string>`(rider_name || ' ' || pickup_label || ' ' || dropoff_label)`

/** Whether an index of letters knows any of the parts: it keeps three letters in a row. */
export function hasIndex(parts: readonly string[]): boolean {
  return parts.some((part) => /[\p{L}\p{N}]{3}/u.test(part))
}

/** More parts than these find nothing that fewer do not. */
const PARTS_MOST = 3

/** Words as `ilike` patterns, the longest first: it leaves the fewest rides. */
export function partsOf(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .filter((part) => part !== '')
    .toSorted((a, b) => b.length - a.length)
    .slice(0, PARTS_MOST)
    .map((part) => `%${part.replaceAll(/[\\%_]/g, '\\$&')}%`)
}
