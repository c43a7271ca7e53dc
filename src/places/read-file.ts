/** A gazetteer's file, CSV or GeoJSON, read one place at a time; what cannot be one is told with where it stands. */
import { csvRows } from '../io/csv.ts'
import { type Entry, FileRefused, settlePlace } from './entry.ts'
import { readFeatures, withoutMark } from './read-geojson.ts'

const DELIMITERS = [',', ';', '\t'] as const

/** How files call what we need; the first that is there is taken. */
const COLUMNS = {
  name: ['name', 'title', 'label'],
  kind: ['kind', 'type', 'category', 'class'],
  lat: ['lat', 'latitude', 'y'],
  lng: ['lng', 'lon', 'long', 'longitude', 'x'],
  detail: ['detail', 'address', 'addr', 'street'],
  source: ['source'],
} as const
type Column = keyof typeof COLUMNS

/**
 * The entries of a file. It is GeoJSON when it begins with a brace (a collection, or one feature a line), else CSV with a
 * header line, parted by commas, semicolons or tabs.
 * @throws FileRefused when it is neither, or lacks a column; also in the middle, at a quote that is never closed
 */
export function readEntries(text: string): Iterable<Entry> {
  const start = withoutMark(text.replace(/^\uFEFF/, '').trimStart())
  if (start === '') throw new FileRefused('The file is empty.')
  if (start.startsWith('{') || start.startsWith('[')) return readFeatures(start)
  return readTable(text)
}

function* readTable(text: string): Generator<Entry> {
  const firstLine = text.slice(0, text.search(/[\r\n]|$/))
  const delimiter = DELIMITERS.toSorted((a, b) => countOf(firstLine, b) - countOf(firstLine, a))[0]!
  try {
    const rows = csvRows(text, delimiter)
    const header = rows.next()
    if (header.done === true) throw new FileRefused('The file is empty.')
    const at = columnsOf(header.value.fields)
    let row = 1
    for (const { fields, end } of rows) {
      row += 1
      const [where, share] = [`row ${row}`, end / text.length]
      if (fields.length !== header.value.fields.length) {
        const why = `has ${fields.length} fields, the header has ${header.value.fields.length}`
        yield { where, share, why }
        continue
      }
      const cell = (column: Column) => (at[column] === undefined ? '' : (fields[at[column]] ?? ''))
      // Where semicolons part the fields, a comma may stand in the numbers.
      const number = (column: Column) =>
        degrees(delimiter === ';' ? cell(column).replace(',', '.') : cell(column))
      yield {
        ...{ where, share },
        ...settlePlace({
          ...{ name: cell('name'), kind: cell('kind'), detail: cell('detail'), source: cell('source') },
          ...{ lat: number('lat'), lng: number('lng') },
        }),
      }
    }
  } catch (error) {
    if (error instanceof RangeError) throw new FileRefused(`The file breaks off: ${error.message}.`)
    throw error
  }
}

function columnsOf(header: readonly string[]): Partial<Record<Column, number>> {
  const names = header.map((name) => name.trim().toLowerCase())
  const found = Object.entries(COLUMNS).flatMap(([column, called]) => {
    const name = called.find((one) => names.includes(one))
    return name === undefined ? [] : [[column, names.indexOf(name)] as const]
  })
  const at: Partial<Record<Column, number>> = Object.fromEntries(found)
  const missing = (['name', 'lat', 'lng'] as const).filter((column) => at[column] === undefined)
  if (missing.length > 0) {
    const shown = header.slice(0, 12).join(', ').slice(0, 120)
    throw new FileRefused(
      `The first line has to name the columns: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing. It says: ${shown}`,
    )
  }
  return at
}

/** Written as digits: an empty cell is no number, though Number makes it 0. */
function degrees(text: string): number {
  return /^[+-]?\d{1,3}(\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN
}

function countOf(text: string, character: string): number {
  return text.split(character).length - 1
}
