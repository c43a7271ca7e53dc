/** What people type, as text that stands in one line of any page, message or log and moves nothing around it. */

/** Control characters, line and paragraph ends, and the marks that turn the direction of the text that follows. */
const UNSEEN = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

/** For `z.string().overwrite(oneLine)`: everything unseen becomes a space, spaces are drawn together and trimmed. */
export function oneLine(text: string): string {
  // Half a character, as only a program sends it, is nothing that jsonb can keep.
  return text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()
}
