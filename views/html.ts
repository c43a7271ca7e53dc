/** HTML as values: a tagged template that escapes whatever is not already `Html`. */
import { assert } from '../src/engine/units.ts'

/** Markup that has been through `html`; the only thing a template lets through as it is. */
export class Html {
  constructor(private readonly markup: string) {}

  toString(): string {
    return this.markup
  }
}

export type HtmlValue = Html | string | number | bigint | null | undefined | false | readonly HtmlValue[]

const checkedTemplates = new WeakSet<TemplateStringsArray>()

/**
 * Markup from a template. Strings and numbers are escaped, arrays joined, `null`, `undefined` and `false` vanish.
 * It does not judge addresses: an href made from foreign text must be checked where it comes in.
 * @throws BugError for an interpolated attribute without quotes
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  // A list of rows comes from one place in the code: the template of the call before is mostly this call's too.
  if (strings !== lastChecked) check(strings)
  let markup = strings[0]!
  let i = 0
  // Put together in one go they cost a fraction of one after the other.
  for (; i + 4 <= values.length; i += 4)
    markup = `${markup}${toMarkup(values[i])}${strings[i + 1]!}${toMarkup(values[i + 1])}${strings[i + 2]!}${toMarkup(values[i + 2])}${strings[i + 3]!}${toMarkup(values[i + 3])}${strings[i + 4]!}`
  for (; i < values.length; i++) markup = `${markup}${toMarkup(values[i])}${strings[i + 1]!}`
  return new Html(markup)
}

let lastChecked: TemplateStringsArray | null = null

function check(strings: TemplateStringsArray): void {
  if (!checkedTemplates.has(strings)) {
    assert(!hasUnquotedHole(strings), 'an attribute with a value from outside is quoted')
    checkedTemplates.add(strings)
  }
  lastChecked = strings
}

/** `<a href=${x}` would let a space in x start a second attribute: an opening quote has to stand before it. */
function hasUnquotedHole(strings: readonly string[]): boolean {
  let inside: 'text' | 'tag' | '"' | "'" = 'text'
  for (const text of strings.slice(0, -1)) {
    for (const char of text) {
      if (inside === 'text') inside = char === '<' ? 'tag' : 'text'
      else if (inside !== 'tag') inside = char === inside ? 'tag' : inside
      else if (char === '>') inside = 'text'
      else if (char === '"' || char === "'") inside = char
    }
    if (inside === 'tag' && /=\s*$/.test(text)) return true
  }
  return false
}

function toMarkup(value: HtmlValue): string {
  if (typeof value === 'string') return escaped(value)
  if (value instanceof Html) return value.toString()
  if (value === null || value === undefined || value === false) return ''
  if (typeof value !== 'object') return String(value)
  let markup = ''
  for (const part of value) markup += toMarkup(part)
  return markup
}

const SPECIAL = /["&'<>]/

/** Most texts have nothing to escape, and looking costs less than the way to the escaper. */
function escaped(text: string): string {
  return SPECIAL.test(text) ? Bun.escapeHTML(text) : text
}

/** Let markup through unescaped. For the icons and drawings we ship, never for anything a person typed. */
export function raw(markup: string): Html {
  return new Html(markup)
}
