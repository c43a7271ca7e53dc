/** What was typed into a search, as the database looks for it. */

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
