/** Places by name, in our own database: found while they are typed, misspelt or written another way. */
import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { PlaceProps } from '../../views/rides/address-field.ts'
import { distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import { readCsv } from '../io/csv.ts'
import type { PlacesTables } from '../io/tables/places.ts'
import { alternateWords, fold, words } from './normalise.ts'
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
}

/** Change this with the folding, so that stored places are folded anew. */
const FOLDING_VERSION = 1
/** Rows a statement: PostgreSQL takes 65,535 parameters. */
const IMPORT_BATCH_ROWS = 1_000
/** No place's name is longer; longer questions are cut, which bounds the search's cost. */
const LONGEST_QUESTION = 120
const MOST_WORDS = 12
const MOST_RESULTS = 50
/** Neighbours of a house we do not know; more would be other blocks. */
const MOST_DOORS = 4

/**
 * Bring a gazetteer into the database: columns `name`, `kind`, `lat`, `lng`, `detail`, `source`. The same file again changes
 * nothing, another file under the same dataset name replaces the earlier one; several processes may do this at once.
 * @returns how many rows were written; 0 when they were there already
 * @throws RangeError when the text is not such a table
 */
export async function importPlaces(
  db: Kysely<PlacesTables>,
  { dataset, csv }: { dataset: string; csv: string },
): Promise<number> {
  const digest = createHash('sha256').update(`${FOLDING_VERSION}\n${csv}`).digest('hex')
  const known = await db
    .selectFrom('place_imports')
    .select('digest')
    .where('dataset', '=', dataset)
    .executeTakeFirst()
  if (known?.digest === digest) return 0

  const rows = readCsv(csv).map((row) => toRow(row, dataset))
  return db.transaction().execute(async (transaction) => {
    // The row's lock lets one process import; the others then find its digest and have nothing to do.
    const claimed = await transaction
      .insertInto('place_imports')
      .values({ dataset, digest, place_count: rows.length })
      .onConflict((conflict) =>
        conflict
          .column('dataset')
          .doUpdateSet({ digest, place_count: rows.length, imported_at: sql`now()` })
          .where('place_imports.digest', '<>', digest),
      )
      .returning('dataset')
      .executeTakeFirst()
    if (claimed === undefined) return 0
    await transaction.deleteFrom('places').where('dataset', '=', dataset).execute()
    await transaction.deleteFrom('place_words').where('dataset', '=', dataset).execute()
    let written = 0
    for (let at = 0; at < rows.length; at += IMPORT_BATCH_ROWS) {
      const batch = await transaction
        .insertInto('places')
        .values(rows.slice(at, at + IMPORT_BATCH_ROWS))
        .onConflict((conflict) => conflict.columns(['dataset', 'name', 'kind', 'lat', 'lng']).doNothing())
        .executeTakeFirst()
      written += Number(batch.numInsertedOrUpdatedRows ?? 0)
    }
    await sql`
      insert into place_words (dataset, word, uses)
      select ${dataset}, word, count(*)
      from places, unnest(string_to_array(name_words || ' ' || detail_words, ' ')) as word
      where dataset = ${dataset} and word !~ '^[0-9]*$'
      group by word`.execute(transaction)
    // Until the server has counted the rows it plans as if there were none.
    await sql`analyze places, place_words`.execute(transaction)
    return written
  })
}

function toRow(row: Record<string, string>, dataset: string) {
  const { name, kind, detail = '', source = '' } = row
  const [lat, lng] = [Number(row.lat), Number(row.lng)]
  if (name === undefined || name === '' || kind === undefined || kind === '') {
    throw new RangeError('a place needs name and kind')
  }
  if (!(Math.abs(lat) <= 90 && lng >= -180 && lng < 180))
    throw new RangeError(`"${name}" is nowhere on Earth`)
  return {
    ...{ dataset, name, kind, lat, lng, detail, source },
    folded: fold(name),
    name_words: [...new Set([...fold(name).split(' '), ...alternateWords(name)])].join(' '),
    detail_words: [...new Set(fold(detail).split(' '))].join(' '),
  }
}

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

  let asked: Question = { question, folded, near: near ?? null, limit: wanted }
  const found = await byWords(db, asked)
  if (found.length === 0) found.push(...(await byStreet(db, asked)))
  // A right answer needs no guesses beside it.
  if (found.length === 0) {
    const meant = await correct(db, folded)
    if (meant !== null) {
      asked = { ...asked, question: meant, folded: meant }
      found.push(...(await byWords(db, asked)))
      if (found.length === 0) found.push(...(await byStreet(db, asked)))
    }
  }
  return found.map(({ name, detail, kind, lat, lng }) => ({
    ...{ name, detail, kind, lat, lng },
    matchRanges: matchRanges(name, asked.question),
  }))
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
      ${nearness(near)},
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

/** Whole areas and well-known places before doors and corners, the many schools and gardens last. */
const kindOrder = sql`
  case
    when kind in ('airport', 'landmark', 'station') then 0
    when kind = 'neighbourhood' then 1
    when kind in ('museum', 'theatre', 'hotel', 'hospital', 'university', 'intersection') then 2
    when kind in ('address', 'park', 'pier', 'library') then 3
    else 4
  end`

/** Square of the distance, in degrees of latitude; a whole order of kinds is decided before it. */
function nearness(near: LatLng | null) {
  if (near === null) return sql`0::double precision`
  const shrink = Math.cos((near.lat * Math.PI) / 180)
  return sql`power(lat - ${near.lat}::double precision, 2) + power((lng - ${near.lng}::double precision) * ${shrink}::double precision, 2)`
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

/** Where the question's words stand in a name, for bold letters. */
function matchRanges(name: string, question: string): [number, number][] {
  const asked = words(question).filter((word) => word.folded !== '')
  const ranges: [number, number][] = []
  for (const { start, end, plain, folded } of words(name)) {
    if (folded === '') continue
    const isWhole = asked.some((word) => word.folded === folded)
    const begun = asked.filter((word) => folded.startsWith(word.folded) || plain.startsWith(word.plain))
    if (isWhole) ranges.push([start, end])
    else if (begun.length > 0) {
      const longest = Math.max(...begun.map((word) => word.plain.length))
      ranges.push([start, Math.min(end, start + longest)])
    }
  }
  return ranges
}

export interface NearestPlace {
  /** What to call the point: "828 Broadway" at a door, else "near 5th Avenue & East 34th Street". */
  readonly label: string
  readonly place: Place
  readonly distanceM: number
}

/** A door this close is where one stands; GPS in a street is hardly better. */
const AT_DOOR_M = 30
const AT_CORNER_M = 250
/** Beyond, a name would mislead more than it helps. */
const NAMED_WITHIN_M = 1_000
const M_PER_DEG = 111_195

/**
 * A name for a point on the map: the door it is at, else the closest corner, else the closest place of any kind.
 * @returns null when nothing is known within 1 km
 */
export async function nearestPlace(db: Kysely<PlacesTables>, point: LatLng): Promise<NearestPlace | null> {
  const shrink = Math.max(0.01, Math.cos((point.lat * Math.PI) / 180))
  const [reachLat, reachLng] = [NAMED_WITHIN_M / M_PER_DEG, NAMED_WITHIN_M / M_PER_DEG / shrink]
  const { rows } = await sql<Place & { distance_m: number }>`
    with close as (
      select name, detail, kind, lat, lng, ${M_PER_DEG}::double precision * sqrt(${nearness(point)}) as distance_m
      from places
      where lat between ${point.lat - reachLat} and ${point.lat + reachLat}
        and lng between ${point.lng - reachLng} and ${point.lng + reachLng}
    )
    select name, detail, kind, lat, lng, distance_m
    from close
    where distance_m <= ${NAMED_WITHIN_M} and kind <> 'neighbourhood'
    order by
      case
        when distance_m <= ${AT_DOOR_M} and kind not in ('intersection', 'park') then 0
        when distance_m <= ${AT_CORNER_M} and kind = 'intersection' then 1
        else 2
      end,
      distance_m, name
    limit 1`.execute(db)
  const closest = rows[0]
  if (closest === undefined) return null
  const { distance_m: distanceM, ...place } = closest
  const isDoor = distanceM <= AT_DOOR_M && place.kind !== 'intersection' && place.kind !== 'park'
  return { label: isDoor ? place.name : `near ${place.name}`, place, distanceM }
}

/** Farther off, a place does not tell a driver where to go. */
const KNOWN_WITHIN_M = 450

/**
 * The place by which people know a spot: a landmark, station or park before a theatre or a hotel, and those before a
 * corner; of equals the nearest.
 * @returns null where nothing of the kind is within 450 m
 */
export async function knownPlaceBy(db: Kysely<PlacesTables>, point: LatLng): Promise<Place | null> {
  const shrink = Math.max(0.01, Math.cos((point.lat * Math.PI) / 180))
  const reachLat = KNOWN_WITHIN_M / M_PER_DEG
  const { rows } = await sql<Place>`
    with close as (
      select name, detail, kind, lat, lng, ${M_PER_DEG}::double precision * sqrt(${nearness(point)}) as distance_m
      from places
      where lat between ${point.lat - reachLat} and ${point.lat + reachLat}
        and lng between ${point.lng - reachLat / shrink} and ${point.lng + reachLat / shrink}
    )
    select name, detail, kind, lat, lng from close
    where distance_m <= ${KNOWN_WITHIN_M}
      and kind in ('landmark', 'station', 'airport', 'park', 'museum', 'theatre', 'hotel', 'hospital', 'university', 'intersection')
    order by
      case
        when kind in ('airport', 'landmark') then 0
        when kind in ('station', 'museum') then 1
        when kind = 'park' and name ilike '%park' then 1
        when kind = 'intersection' then 3
        else 2
      end,
      distance_m, name
    limit 1`.execute(db)
  return rows[0] ?? null
}

/** Notes of the gazetteer's makers to themselves: where the point was put, what a sign says, numbers of zones. */
const MAKERS_NOTES = / ?\(point: [^)]*\)|[;,] (?:signed [^,;]*|taxi zone \d+|NY \d{5})/g

/** A found place as the views show it, with how far it is from where the asker looks. */
export function placeProps(hit: Place | FoundPlace, near: LatLng | null): PlaceProps {
  const point = { lat: hit.lat, lng: hit.lng }
  const area = hit.detail.replace(MAKERS_NOTES, '').trim()
  return {
    label: hit.name,
    area: area === '' ? null : area,
    point,
    ...('matchRanges' in hit && { matchRanges: hit.matchRanges }),
    distanceM: near === null ? null : distanceM(near, point),
  }
}

/** Beyond, another area's name would be wrong rather than vague. */
const AREA_WITHIN_DEGREES = 0.03

/**
 * The neighbourhood a point lies in or by, for those who may not know the address yet.
 * @returns null where none is near
 */
export async function nearestArea(db: Kysely<PlacesTables>, point: LatLng): Promise<Place | null> {
  const narrow = Math.cos((point.lat * Math.PI) / 180)
  const row = await db
    .selectFrom('places')
    .select(['name', 'detail', 'kind', 'lat', 'lng'])
    .where('kind', '=', 'neighbourhood')
    .where('lat', '>', point.lat - AREA_WITHIN_DEGREES)
    .where('lat', '<', point.lat + AREA_WITHIN_DEGREES)
    .where('lng', '>', point.lng - AREA_WITHIN_DEGREES / narrow)
    .where('lng', '<', point.lng + AREA_WITHIN_DEGREES / narrow)
    .orderBy(
      sql`power(lat - ${point.lat}::float8, 2) + power((lng - ${point.lng}::float8) * ${narrow}::float8, 2)`,
    )
    .limit(1)
    .executeTakeFirst()
  return row ?? null
}
