/**
 * Read comma separated text with one header line into records keyed by column name.
 * Quoted fields may hold commas, doubled quotes and line breaks (RFC 4180); a leading byte order mark is dropped.
 * @throws RangeError naming the line when a row has another number of fields than the header
 */
export function readCsv(text: string): Record<string, string>[] {
  const rows = [...csvRows(text)].map(({ fields }) => fields)
  const header = rows.shift()
  if (header === undefined) return []
  return rows.map((fields, index) => {
    if (fields.length !== header.length) {
      throw new RangeError(`row ${index + 2} has ${fields.length} fields, the header has ${header.length}`)
    }
    return Object.fromEntries(header.map((column, at) => [column, fields[at]!]))
  })
}

export interface CsvRow {
  readonly fields: readonly string[]
  /** Where the row ends in the text: how far the reading is. */
  readonly end: number
}

/**
 * The rows of such a text one by one, the header too, empty lines left out.
 * @param delimiter one character between fields; a comma unless said
 * @throws RangeError when a quoted field is never closed
 */
export function* csvRows(text: string, delimiter = ','): Generator<CsvRow> {
  let fields: string[] = []
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter)
    fields.push(field.value)
    at = field.end
    if (text[at] === delimiter) {
      at += 1
      if (at === text.length) fields.push('')
      continue
    }
    if (text[at] === '\r') at += 1
    at += 1
    if (fields.length > 1 || fields[0] !== '') yield { fields, end: Math.min(at, text.length) }
    fields = []
  }
  if (fields.length > 0) yield { fields, end: text.length }
}

function plainField(text: string, start: number, delimiter: string): { value: string; end: number } {
  let end = start
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n' && text[end] !== '\r') end += 1
  return { value: text.slice(start, end), end }
}

function quotedField(text: string, start: number): { value: string; end: number } {
  let value = ''
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote === -1) throw new RangeError('a quoted field is never closed')
    value += text.slice(at, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    at = quote + 2
  }
}
