/** One spelling for the many ways people write a place: "W 14 St", "west 14th street" and "West 14th Str." are one. */

const ORDINALS = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
  'eleventh',
  'twelfth',
]

/** Long forms win, so that what is typed so far ("aven", "wes") still begins the word. */
const LONG_FORMS: Record<string, string> = {
  ...Object.fromEntries(ORDINALS.map((word, index) => [word, String(index + 1)])),
  av: 'avenue',
  ave: 'avenue',
  bdwy: 'broadway',
  bway: 'broadway',
  bldg: 'building',
  blvd: 'boulevard',
  bridg: 'bridge',
  brg: 'bridge',
  ctr: 'center',
  centre: 'center',
  cntr: 'center',
  ct: 'court',
  dr: 'drive',
  e: 'east',
  expy: 'expressway',
  ft: 'fort',
  hosp: 'hospital',
  hts: 'heights',
  hwy: 'highway',
  ln: 'lane',
  mt: 'mount',
  n: 'north',
  natl: 'national',
  nyc: 'new york city',
  pk: 'park',
  pkwy: 'parkway',
  pl: 'place',
  plz: 'plaza',
  rd: 'road',
  s: 'south',
  // Both "St. Nicholas" and "14 St": one word for either, as nobody means to tell them apart.
  saint: 'street',
  sq: 'square',
  st: 'street',
  sta: 'station',
  stn: 'station',
  str: 'street',
  ter: 'terrace',
  theatre: 'theater',
  tpke: 'turnpike',
  univ: 'university',
  w: 'west',
}

/** Words between two streets of a corner, and articles: they carry nothing to find by. */
const EMPTY_WORDS = new Set([
  'and',
  'at',
  'the',
  'of',
  'corner',
  'cor',
  'near',
  'on',
  'between',
  'bet',
  'btw',
])

/** A word of the text as it stands there: where it begins and ends, and what it is folded to (may be several words, or none). */
export interface Word {
  readonly start: number
  readonly end: number
  /** Lower case without accents, apostrophes and ordinal endings. */
  readonly plain: string
  readonly folded: string
}

/** Cut a text into words and fold each. Positions are of the text as given. */
export function words(text: string): Word[] {
  const found: Word[] = []
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}'’.]+/gu)) {
    const plain = plainWord(match[0])
    if (plain === '') continue
    const folded = EMPTY_WORDS.has(plain) ? '' : (LONG_FORMS[plain] ?? plain)
    found.push({ start: match.index, end: match.index + match[0].length, plain, folded })
  }
  return found
}

/** The text in its one spelling: folded words joined by single spaces. */
export function fold(text: string): string {
  return words(text)
    .map((word) => word.folded)
    .filter((folded) => folded !== '')
    .join(' ')
}

/** Whether two texts are one name: "times sq" is Times Square. */
export function sameName(a: string, b: string): boolean {
  return fold(a) === fold(b)
}

/**
 * Other beginnings under which a folded text should be found while it is typed: "fif" for 5th Avenue, "sai" for St. Nicholas.
 */
export function alternateWords(text: string): string[] {
  const all = words(text)
  return all.flatMap(({ plain, start, end }, index) => {
    const isOrdinal = /^\d+(st|nd|rd|th)$/i.test(text.slice(start, end))
    const ordinal = ORDINALS[Number(plain) - 1]
    if (isOrdinal && ordinal !== undefined) return [ordinal]
    const isSaint = plain === 'saint' || (plain === 'st' && index + 1 < all.length)
    if (isSaint) return ['saint']
    return LONG_FORMS[plain] === undefined || plain.length < 3 ? [] : [plain]
  })
}

function plainWord(word: string): string {
  const bare = word
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/ø/g, 'o')
    .replace(/æ/g, 'ae')
    // Lower case may bring new accents, and taking signs apart new signs: "⑴" is "(1)".
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
  // "34th" and, half typed, "34t" are 34.
  return bare.replace(/^(\d+)(?:s|st|n|nd|r|rd|t|th)$/, '$1')
}
