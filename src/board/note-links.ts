/** What a note speaks of: rides by their number and cars by their call sign, found in the words as they were typed. */

export type NotePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ride'; readonly text: string; readonly number: number }
  | { readonly kind: 'car'; readonly text: string; readonly callSign: string }

/** `HC-20418`, and `car 204`, `driver 204`, `cab 7A`: what else is a number may be anything. */
const SPOKEN = /\bHC-(\d{1,12})\b|\b(?:car|cab|driver) #?(\d[\w-]{0,11}|[A-Z][\w-]{0,10}\d[\w-]{0,3})\b/gi

/** The words in parts; joined they are the words again. */
export function partsOfNote(text: string): NotePart[] {
  const parts: NotePart[] = []
  let at = 0
  for (const found of text.matchAll(SPOKEN)) {
    if (found.index > at) parts.push({ kind: 'text', text: text.slice(at, found.index) })
    const [whole, number, callSign] = found
    if (number !== undefined) parts.push({ kind: 'ride', text: whole, number: Number(number) })
    else parts.push({ kind: 'car', text: whole, callSign: callSign ?? '' })
    at = found.index + whole.length
  }
  if (at < text.length) parts.push({ kind: 'text', text: text.slice(at) })
  return parts
}
