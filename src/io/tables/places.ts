/** Row types of the tables that migrations 03 and 23 make. */
import type { ColumnType, Generated, GeneratedAlways } from 'kysely'

export interface PlaceImportRow {
  /** Which file the places came from, as the importer calls it. */
  dataset: string
  /** SHA-256 of that file and of the folding, hexadecimal. */
  digest: string
  place_count: number
  imported_at: Generated<Date>
}

export interface PlaceRow {
  id: Generated<string>
  dataset: string
  name: string
  kind: string
  lat: number
  lng: number
  detail: string
  source: string
  /** The name in its one spelling. */
  folded: string
  /** Words of the name and their other beginnings, separated by spaces. */
  name_words: string
  /** Words of the detail, the same way. */
  detail_words: string
  /** The folded name without its spaces. */
  letters: GeneratedAlways<string>
}

/** A gazetteer asked for on a page; whichever process claims it brings it in. */
export interface PlaceImportRunRow {
  id: string
  dataset: string
  skip_bad: boolean
  dry_run: boolean
  /** The file as it was sent, until the run has ended. */
  file: Buffer | null
  file_bytes: number
  state: Generated<'waiting' | 'running' | 'ended'>
  /** How much of the file is read, 0 to 1. */
  share: Generated<number>
  tries: Generated<number>
  /** Whoever works on it says so again and again; past this it has left. */
  claimed_until: Date | null
  /** A `RunReport`, once it has ended. */
  report: ColumnType<unknown, string | null, string>
  asked_at: Date
  ended_at: Date | null
}

/** What a geocoder answered, by the hash of what was asked. */
export interface GeocodeAnswerRow {
  key: Buffer
  geocoder: string
  answer: ColumnType<unknown, string, string>
  fetched_at: Date
  expires_at: Date
}

/** How much of what may be asked of a geocoder is used up, by all processes together. */
export interface GeocodeBudgetRow {
  geocoder: string
  /** When the next question is due by the rate alone. */
  due_at: Date
  day: string
  day_calls: number
}

/** A word of the gazetteer, for guessing what a misspelt one means. */
export interface PlaceWordRow {
  dataset: string
  word: string
  uses: number
}

export interface PlacesTables {
  geocode_answers: GeocodeAnswerRow
  geocode_budgets: GeocodeBudgetRow
  place_import_runs: PlaceImportRunRow
  place_imports: PlaceImportRow
  place_words: PlaceWordRow
  places: PlaceRow
}
