/** Write comma separated text that spreadsheets show as it is. */

/** What a spreadsheet takes for the start of a formula, also behind spaces or in full width. */
const FORMULA = /^[\s\p{Cc}]*[=+\-@＝＋－＠]|^[\t\r\n]/u
/** A number may begin with its sign. */
const NUMBER = /^[+-]?\d+(\.\d+)?$/

/**
 * One line of CSV (RFC 4180) with its line end. A text that a spreadsheet would run gets an apostrophe in front, so
 * that it is shown instead.
 */
export function csvLine(fields: readonly (string | number | null)[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

function csvField(value: string | number | null): string {
  if (value === null) return ''
  const text = String(value)
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",;\r\n\t]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
