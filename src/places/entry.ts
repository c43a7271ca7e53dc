/** What one entry of a gazetteer's file can be: a place, or nothing that could be one. */

export interface ReadPlace {
  readonly name: string
  readonly kind: string
  readonly lat: number
  readonly lng: number
  readonly detail: string
  readonly source: string
}

/** One entry of the file: a place, or why it is none. */
export type Entry = {
  /** "row 12" (the header is row 1), "feature 7". */
  readonly where: string
  /** How much of the file is read with it, 0 to 1. */
  readonly share: number
} & ({ readonly place: ReadPlace } | { readonly why: string })

/** The whole file is no gazetteer; the message says what it would have to be. */
export class FileRefused extends Error {
  override name = 'FileRefused'
}

const LONGEST_NAME = 200
const LONGEST_DETAIL = 400
const LONGEST_KIND = 40
/** What a place is when its file does not say. */
const SOME_KIND = 'place'

/** A place with its texts in order, or why there is none. Longitude 180 is kept as -180. */
export function settlePlace(raw: ReadPlace): { place: ReadPlace } | { why: string } {
  const name = tidy(raw.name)
  const { lat, lng } = raw
  if (name === '') return { why: 'has no name' }
  if (name.length > LONGEST_NAME) return { why: `has a name of over ${LONGEST_NAME} characters` }
  if (!/[\p{L}\p{N}]/u.test(name)) return { why: `is called “${name}”, which nobody can type` }
  if (!Number.isFinite(lat) || !Number.isFinite(lng)) return { why: 'has no position in degrees' }
  if (Math.abs(lat) > 90) return { why: `lies at latitude ${lat}, which is nowhere on Earth` }
  if (Math.abs(lng) > 180) return { why: `lies at longitude ${lng}, which is nowhere on Earth` }
  if (lat === 0 && lng === 0) return { why: 'lies at 0, 0: so its position is missing' }
  return {
    place: {
      ...{ name, lat, lng: lng === 180 ? -180 : lng },
      kind: tidy(raw.kind).toLowerCase().slice(0, LONGEST_KIND) || SOME_KIND,
      detail: tidy(raw.detail).slice(0, LONGEST_DETAIL),
      source: tidy(raw.source).slice(0, LONGEST_KIND),
    },
  }
}

/** One line without control characters. */
function tidy(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, ' ').trim()
}
