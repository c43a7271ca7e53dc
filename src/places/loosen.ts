/** Other questions hidden in one: people write the city behind a place, and words nobody put into a list. */
import { words } from './normalise.ts'

/** Each is a query of its own. */
const MOST_SHORTER = 5
/** What is left has to say something. */
const SHORTEST_LEFT = 3

export interface Alternatives {
  /** What stands before a comma, the longest first: "828 Broadway" of "828 Broadway, New York, NY 10003". */
  readonly heads: readonly string[]
  /** The question with words left out, first at its end, then at its beginning. */
  readonly shorter: readonly string[]
}

export function alternatives(question: string): Alternatives {
  const parts = question.split(',')
  const heads = parts
    .slice(1)
    .map((_, at) =>
      parts
        .slice(0, parts.length - 1 - at)
        .join(',')
        .trim(),
    )
    .filter(saysSomething)
  const all = words(question).filter(({ folded }) => folded !== '')
  const cut = (from: number, to: number) => question.slice(all[from]!.start, all[to - 1]!.end)
  const shorter: string[] = []
  for (let left = all.length - 1; left >= 1; left--) shorter.push(cut(0, left))
  for (let gone = 1; gone < all.length; gone++) shorter.push(cut(gone, all.length))
  return { heads, shorter: spread(shorter.filter(saysSomething), all.length - 1) }
}

/** The first few of those that lost their end, and one that lost its beginning. */
function spread(shorter: readonly string[], ends: number): string[] {
  const most = shorter.slice(0, Math.min(ends, MOST_SHORTER - 1))
  return [...most, ...shorter.slice(ends, ends + MOST_SHORTER - most.length)]
}

function saysSomething(text: string): boolean {
  const letters = words(text)
    .filter(({ folded }) => folded !== '')
    .map(({ plain }) => plain)
    .join('')
  return letters.length >= SHORTEST_LEFT && !/^\d*$/.test(letters)
}
