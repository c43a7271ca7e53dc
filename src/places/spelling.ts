/** What somebody meant to type: the known words nearest to a misspelt one. */
import { type Kysely, sql } from 'kysely'
import type { PlacesTables } from '../io/tables/places.ts'

/** Shorter words are too like each other to be guessed. */
const SHORTEST_GUESSED = 3

/**
 * Replace each unknown word of a folded question by the known one that needs the fewest changes; words nothing is near to are
 * left out. The last word may be unfinished.
 * @returns the question in known words and whether some were left out; null when there is nothing to change or nothing left
 */
export async function correct(
  db: Kysely<PlacesTables>,
  folded: string,
): Promise<{ text: string; leftOut: boolean } | null> {
  const asked = folded.split(' ')
  const candidates = await nearWords(db, [...new Set(asked.filter(isGuessable))])
  const meant = asked.flatMap((word, index) => {
    if (!isGuessable(word)) return [word]
    const isLast = index === asked.length - 1
    const near = candidates.filter((candidate) => candidate.asked === word)
    if (near.some((candidate) => candidate.word === word || (isLast && candidate.word.startsWith(word)))) {
      return [word]
    }
    const ranked = near
      .map(({ word: known, uses }) => ({ known, uses, edits: edits(word, known, { unfinished: isLast }) }))
      .filter((candidate) => candidate.edits <= allowedEdits(word))
      .sort((a, b) => a.edits - b.edits || b.uses - a.uses || (a.known < b.known ? -1 : 1))
    return ranked.length === 0 ? [] : [ranked[0]!.known]
  })
  const corrected = meant.join(' ')
  if (corrected === folded || corrected === '') return null
  return { text: corrected, leftOut: meant.length < asked.length }
}

function isGuessable(word: string): boolean {
  return word.length >= SHORTEST_GUESSED && !/^\d+$/.test(word)
}

/** One slip in a short word, three in a long one. */
function allowedEdits(word: string): number {
  if (word.length <= 4) return 1
  return word.length <= 8 ? 2 : 3
}

interface NearWord {
  readonly asked: string
  readonly word: string
  readonly uses: number
}

/**
 * Known words that share letters with one asked for: by three-letter pieces, or a first letter and about the length; the
 * second letter typed may be the first one meant ("acnal").
 */
async function nearWords(db: Kysely<PlacesTables>, asked: readonly string[]): Promise<NearWord[]> {
  if (asked.length === 0) return []
  const { rows } = await sql<NearWord>`
    select asked, word, sum(uses)::integer as uses
    from unnest(${asked}::text[]) as asked
    cross join lateral (
      select word, uses from place_words where word % asked
      union
      select word, uses from place_words
      where left(word, 1) in (left(asked, 1), substr(asked, 2, 1)) and length(word) >= length(asked) - 2
    ) as near
    group by asked, word`.execute(db)
  return rows
}

/**
 * How many letters must be changed, added, dropped or swapped with their neighbour to make `typed` into `known` or, when
 * `unfinished`, into its beginning.
 * Source: optimal string alignment, after Damerau 1964, doi:10.1145/363958.363994.
 */
export function edits(typed: string, known: string, { unfinished }: { unfinished: boolean }): number {
  let twoBack: number[] = []
  let oneBack: number[] = Array.from({ length: known.length + 1 }, (_, column) => column)
  for (let row = 1; row <= typed.length; row++) {
    const current = [row]
    for (let column = 1; column <= known.length; column++) {
      const isSame = typed[row - 1] === known[column - 1]
      let least = Math.min(
        oneBack[column - 1]! + (isSame ? 0 : 1),
        oneBack[column]! + 1,
        current[column - 1]! + 1,
      )
      const isSwap = typed[row - 1] === known[column - 2] && typed[row - 2] === known[column - 1]
      if (row > 1 && column > 1 && isSwap) least = Math.min(least, twoBack[column - 2]! + 1)
      current.push(least)
    }
    twoBack = oneBack
    oneBack = current
  }
  return unfinished ? Math.min(...oneBack) : oneBack[known.length]!
}
