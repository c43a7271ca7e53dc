/** Places by name, in our own database: found while they are typed, misspelt or written another way. */
import { type Kysely, sql } from 'kysely'
import type { LatLng } from '../engine/units.ts'
import type { PlacesTables } from '../io/tables/places.ts'
import { metresFrom } from './around.ts'
import { alternatives } from './loosen.ts'
import { matchRanges } from './match-ranges.ts'
import { fold, words } from './normalise.ts'
import { correct } from './spelling.ts'

export interface Place {
  readonly name: string
  /** Street address or cross streets, then the area; may be empty. */
  readonly detail: string
  /** What it is, in the gazetteer's words: `landmark`, `intersection`, `address`, … */
  readonly kind: string
  readonly lat: number
  readonly lng: number
}

export interface FoundPlace extends Place {
  /** Parts of `name` that were asked for, `[start, end)` in UTF-16 units, in order; empty where only the detail has it. */
  readonly matchRanges: readonly (readonly [start: number, end: number])[]
  /** Something like what was asked for, to be offered and not taken: a neighbour's house, a name a few letters off. */
  readonly isGuess: boolean
}

/** No place's name is longer; longer questions are cut, which bounds the search's cost. */
const LONGEST_QUESTION = 120
const MOST_WORDS = 12
const MOST_RESULTS = 50
/** Neighbours of a house we do not know; more would be other blocks. */
const MOST_DOORS = 4
/** A ride goes there, a longer one hardly: what is farther comes after everything within. */
const NEAR_M = 60_000
/** How alike the letters of a question and a name have to be (pg_trgm, 0 to 1): before words are left out, and at last. */
const ALIKE = 0.5
const BARELY_ALIKE = 0.4
/** Of fewer letters, one slip leaves nothing to be alike. */
const SHORTEST_ALIKE = 5

/**
 * The places somebody who types `text` may mean, the likeliest first: the name itself, names that begin so, names with these
 * words, places whose address has them; if there is none, neighbours of the house on its street, then what a misspelt word may
 * mean; among equals the better known kinds, then the nearer ones.
 * A few milliseconds on 6,000 places.
 * @param near where the asker is or looks; without it shorter names come first
 * @param limit 8 unless said, at most 50
 */
export async function searchPlaces(
  db: Kysely<PlacesTables>,
  { text, near, limit = 8 }: { text: string; near?: LatLng | null; limit?: number },
): Promise<FoundPlace[]> {
  const question = text.slice(0, LONGEST_QUESTION)
  const folded = fold(question)
  if (folded === '') return []
  const wanted = Math.max(0, Math.min(limit, MOST_RESULTS))

  const asked: Question = { question, folded, near: near ?? null, limit: wanted }
  const { places, isGuess, meant } = await lookUp(db, asked)
  return places.map(({ name, detail, kind, lat, lng }) => ({
    ...{ name, detail, kind, lat, lng, isGuess },
    matchRanges: matchRanges(name, meant),
  }))
}

interface LookedUp {
  readonly places: readonly PlaceRow[]
  readonly isGuess: boolean
  /** The words by which they were found. */
  readonly meant: string
}

/** From what was typed to ever freer readings of it: a right answer needs no guesses beside it. */
async function lookUp(db: Kysely<PlacesTables>, asked: Question): Promise<LookedUp> {
  const { question, folded } = asked
  const named = await byWords(db, asked)
  if (named.length > 0) return { places: named, isGuess: false, meant: question }
  const doors = await byStreet(db, asked)
  if (doors.length > 0) return { places: doors, isGuess: true, meant: question }
  const guess = (places: readonly PlaceRow[], meant: string) => ({ places, isGuess: true, meant })
  const { heads, shorter } = alternatives(question)
  for (const head of heads) {
    const as = { ...asked, question: head, folded: fold(head) }
    const found = await byWords(db, as)
    if (found.length > 0) return guess(found, head)
  }
  const [address] = heads.slice(-1)
  if (address !== undefined) {
    const found = await byStreet(db, { ...asked, question: address, folded: fold(address) })
    if (found.length > 0) return guess(found, address)
  }
  const corrected = await correct(db, folded)
  if (corrected !== null) {
    const { text, leftOut } = corrected
    const as = { ...asked, question: text, folded: text }
    const found = await byWords(db, as)
    if (found.length > 0) return { places: found, isGuess: leftOut, meant: text }
    const near = await byStreet(db, as)
    if (near.length > 0) return guess(near, text)
  }
  const alike = await byLetters(db, asked, ALIKE)
  if (alike.length > 0) return guess(alike, question)
  for (const words of shorter) {
    const found = await byWords(db, { ...asked, question: words, folded: fold(words) })
    if (found.length > 0) return guess(found, words)
  }
  return guess(await byLetters(db, asked, BARELY_ALIKE), question)
}

type PlaceRow = Place & { readonly id: string }

interface Question {
  readonly question: string
  readonly folded: string
  readonly near: LatLng | null
  readonly limit: number
}

async function byWords(
  db: Kysely<PlacesTables>,
  { question, folded, near, limit }: Question,
): Promise<PlaceRow[]> {
  const whole = toTsquery(question, { prefixes: false })
  const begun = toTsquery(question, { prefixes: true })
  const { rows } = await sql<PlaceRow>`
    select id::text as id, name, detail, kind, lat, lng
    from places
    where words @@ ${begun}::tsquery
    order by
      ${farOff(near)},
      case
        when folded = ${folded} then 0
        when folded like ${`${folded} %`} then 1
        when starts_with(folded, ${folded}) then 2
        when name_vector @@ ${whole}::tsquery then 3
        when name_vector @@ ${begun}::tsquery then 4
        else 5
      end,
      ${kindOrder},
      case when starts_with(folded, ${`${folded.split(' ')[0]} `}) then 0 else 1 end,
      ${near === null ? sql`0::double precision` : metresFrom(near)},
      length(name), name, id
    limit ${limit}`.execute(db)
  return rows
}

/** A house we do not know, on a street we do: the closest numbers there, then what else bears the street's name. */
async function byStreet(db: Kysely<PlacesTables>, asked: Question): Promise<PlaceRow[]> {
  const [, number, street] = /^(\d{1,6}) (\S.*)$/.exec(asked.folded) ?? []
  if (number === undefined || street === undefined) return []
  const { rows: doors } = await sql<PlaceRow>`
    select id::text as id, name, detail, kind, lat, lng
    from places
    where kind = 'address' and regexp_replace(folded, '^[0-9]+ ', '') = ${street} and folded ~ '^[0-9]{1,6} '
    order by abs(substring(folded from '^[0-9]+')::integer - ${Number(number)}::integer), name, id
    limit ${Math.min(asked.limit, MOST_DOORS)}`.execute(db)
  const seen = new Set(doors.map((row) => row.id))
  const others = await byWords(db, { ...asked, question: street, folded: street })
  return [...doors, ...others.filter((row) => !seen.has(row.id))].slice(0, asked.limit)
}

/**
 * Names that share most of their letters with the question, spaces aside: "timessquare", "tims sqare". By threes of letters,
 * with an index over them.
 */
async function byLetters(
  db: Kysely<PlacesTables>,
  { folded, near, limit }: Question,
  alike: number,
): Promise<PlaceRow[]> {
  const letters = folded.replaceAll(' ', '')
  if (letters.length < SHORTEST_ALIKE) return []
  const { rows } = await sql<PlaceRow>`
    select id::text as id, name, detail, kind, lat, lng
    from places
    where letters % ${letters} and similarity(letters, ${letters}) >= ${alike}::real
    order by
      ${farOff(near)},
      round(similarity(letters, ${letters})::numeric, 1) desc,
      ${kindOrder},
      similarity(letters, ${letters}) desc,
      ${near === null ? sql`0::double precision` : metresFrom(near)},
      name, id
    limit ${limit}`.execute(db)
  return rows
}

/** Whole areas and well-known places before doors and corners, the many schools and gardens last. */
const kindOrder = sql`
  case
    when kind in ('airport', 'landmark', 'station') then 0
    when kind = 'neighbourhood' then 1
    when kind in ('museum', 'theatre', 'hotel', 'hospital', 'university', 'intersection') then 2
    when kind in ('address', 'park', 'pier', 'library') then 3
    else 4
  end`

/** Another city's place of the same name is not what somebody here means. */
function farOff(near: LatLng | null) {
  return near === null ? sql`null::boolean` : sql`${metresFrom(near)} > ${NEAR_M}`
}

/**
 * The question as PostgreSQL reads it: every word must be there or, with `prefixes`, begin a word that is. A number is not the
 * beginning of another, "5" is not 53rd Street, unless it may still be being typed.
 */
function toTsquery(question: string, { prefixes }: { prefixes: boolean }): string {
  const asked = words(question)
    .filter((word) => word.folded !== '')
    .slice(0, MOST_WORDS)
  return asked
    .map(({ plain, folded }, index) => {
      const isLast = index === asked.length - 1
      const isNumber = /^\d+$/.test(folded)
      const mark = prefixes && (isLast || !isNumber) ? ':*' : ''
      // "e" is East, and also how Empire begins while it is being typed.
      const spellings = isLast && prefixes ? [...new Set([folded, plain])] : [folded]
      const lexemes = spellings.map((spelling) =>
        spelling
          .split(' ')
          .map((part) => `'${part}'${mark}`)
          .join(' & '),
      )
      return `(${lexemes.join(' | ')})`
    })
    .join(' & ')
}
