/** Row types of the tables that migration 03 makes. */
import type { Generated } from 'kysely'

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
}

/** A word of the gazetteer, for guessing what a misspelt one means. */
export interface PlaceWordRow {
  dataset: string
  word: string
  uses: number
}

export interface PlacesTables {
  place_imports: PlaceImportRow
  place_words: PlaceWordRow
  places: PlaceRow
}
