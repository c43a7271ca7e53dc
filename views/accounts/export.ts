/** The export of a person's data as a page to keep: it stands alone, without scripts and without our server. */
import { type Html, html, raw } from '../html.ts'
import { dayText } from '../parts/format.ts'

const STYLE = raw(`<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:0 auto;padding:24px}
h1,h2{line-height:1.25}
h2{margin-top:40px}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:14px}
th,td{padding:6px 12px;border:1px solid #8b857d;text-align:start;vertical-align:top;overflow-wrap:anywhere}
img{max-width:240px}
</style>`)

/** Everything up to the first part. */
export function exportHead({ name, madeAtMs }: { name: string; madeAtMs: number }): Html {
  const day = dayText({ lang: 'en', timeZone: 'UTC' }, madeAtMs)
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Your data at Honeycab</title><meta name="viewport" content="width=device-width, initial-scale=1">${STYLE}</head><body>
<main><h1>Your data at Honeycab</h1>
<p>Everything that is kept about ${name}, as of ${day}. Times are universal time (UTC), amounts are in the smallest coin of their currency.</p>
`
}

/** The heading of a part that has rows, and its table up to the first of them. */
export function exportPartHead({ title, columns }: { title: string; columns: readonly string[] }): Html {
  return html`<h2>${title}</h2><div class="wide" tabindex="0" role="region" aria-label="${title}"><table><thead><tr>${columns.map((name) => html`<th scope="col">${label(name)}</th>`)}</tr></thead><tbody>
`
}

export function exportRow(values: readonly unknown[]): Html {
  return html`<tr>${values.map((value) => html`<td>${cell(value)}</td>`)}</tr>
`
}

/** The end of a part; one without rows says that nothing is kept. */
export function exportPartFoot({ title, isEmpty }: { title: string; isEmpty: boolean }): Html {
  return isEmpty ? html`<h2>${title}</h2><p>Nothing is kept here.</p>\n` : html`</tbody></table></div>\n`
}

export function exportFoot(): Html {
  return html`</main></body></html>
`
}

const PICTURE = /^data:image\/(jpeg|webp);base64,[A-Za-z0-9+/=]+$/

function cell(value: unknown): Html | string {
  if (value === null || value === undefined) return '–'
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string' && PICTURE.test(value)) return html`<img src="${value}" alt="The picture">`
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** `pickup_label` as `Pickup label`. */
function label(column: string): string {
  const words = column.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
