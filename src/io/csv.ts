/**
 * Read comma separated text with one header line into records keyed by column name.
 * Quoted fields may hold commas, doubled quotes and line breaks (RFC 4180); a leading byte order mark is dropped.
 * @throws RangeError naming the line when a row has another number of fields than the header
 */
export function readCsv(text: string): Record<string, string>[] {
  const rows = splitRows(text.replace(/^\uFEFF/, ''))
  const header = rows.shift()
  if (header === undefined) return []
  return rows.map((fields, index) => {
    if (fields.length !== header.length) {
      throw new RangeError(`row ${index + 2} has ${fields.length} fields, the header has ${header.length}`)
    }
    return Object.fromEntries(header.map((column, at) => [column, fields[at]!]))
  })
}

function splitRows(text: string): string[][] {
  const rows: string[][] = []
  let fields: string[] = []
  let at = 0
  while (at < text.length) {
    const field = text[at] === '"' ? quotedField(text, at) : plainField(text, at)
    fields.push(field.value)
    at = field.end
    if (text[at] === ',') {
      at += 1
      if (at === text.length) fields.push('')
      continue
    }
    if (text[at] === '\r') at += 1
    at += 1
    if (fields.length > 1 || fields[0] !== '') rows.push(fields)
    fields = []
  }
  if (fields.length > 0) rows.push(fields)
  return rows
}

function plainField(text: string, start: number): { value: string; end: number } {
  let end = start
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end += 1
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
