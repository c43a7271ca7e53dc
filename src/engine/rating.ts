/** How the two sides of a ride rate each other: stars, words to choose from, for how long, and what is made of many. */

export const RATING_MOST_STARS = 5
/** So many and fewer are looked at by the desk. */
export const LOW_STARS = 2
/** Long enough to come back to the receipt. */
export const RATE_WITHIN_MS = 14 * 86_400_000
/** From the first time on; afterwards it stands. */
export const CHANGE_WITHIN_MS = 24 * 3_600_000
/** Fewer say more of who rated than of who was rated. */
export const RATINGS_FOR_AVERAGE = 5

/** Who rates: the rider their driver, or the driver their rider. */
export type RatingSide = 'rider' | 'driver'

interface RatingWord {
  readonly label: string
  readonly isGood: boolean
}

/** What a side may say at one tap, by the key that is kept. */
export const RATING_WORDS: Readonly<Record<RatingSide, Readonly<Record<string, RatingWord>>>> = {
  rider: {
    safe: { label: 'Safe driving', isGood: true },
    friendly: { label: 'Friendly', isGood: true },
    clean: { label: 'Clean car', isGood: true },
    good_way: { label: 'Good way', isGood: true },
    helpful: { label: 'Helpful', isGood: true },
    unsafe: { label: 'Unsafe driving', isGood: false },
    unfriendly: { label: 'Unfriendly', isGood: false },
    dirty: { label: 'Car not clean', isGood: false },
    detour: { label: 'Not the best way', isGood: false },
    late: { label: 'Came late', isGood: false },
    other_car: { label: 'Another car or driver', isGood: false },
  },
  driver: {
    ready: { label: 'Was ready', isGood: true },
    polite: { label: 'Polite', isGood: true },
    easy: { label: 'Easy to find', isGood: true },
    waited_for: { label: 'Made me wait', isGood: false },
    rude: { label: 'Rude', isGood: false },
    mess: { label: 'Left a mess', isGood: false },
    wrong_pin: { label: 'Wrong pickup point', isGood: false },
    unsafe: { label: 'I did not feel safe', isGood: false },
  },
}

export function isRatingWord(side: RatingSide, word: string): boolean {
  return Object.hasOwn(RATING_WORDS[side], word)
}

/** Words of the other kind than the stars, such as praise with one star, are left out: they were hidden when it was sent. */
export function fittingWords(side: RatingSide, stars: number, words: readonly string[]): string[] {
  const known = RATING_WORDS[side]
  return Object.keys(known).filter((word) => words.includes(word) && known[word]!.isGood === praises(stars))
}

/** Whether so many stars are asked what was good rather than what was not. */
export function praises(stars: number): boolean {
  return stars >= 4
}

/**
 * Whether a rating may be given or changed: `endedAtMs` is when the ride was completed, `ratedAtMs` when it was first
 * rated, null while it is not.
 * @returns until when, epoch ms; null: not any more
 */
export function rateUntilMs(
  { endedAtMs, ratedAtMs }: { readonly endedAtMs: number; readonly ratedAtMs: number | null },
  nowMs: number,
): number | null {
  const untilMs = ratedAtMs === null ? endedAtMs + RATE_WITHIN_MS : ratedAtMs + CHANGE_WITHIN_MS
  return nowMs < untilMs ? untilMs : null
}

export interface RatingSummary {
  readonly count: number
  /** To one decimal; null while there are too few. */
  readonly average: number | null
  /** How many of one star, of two, … of five; none while there are too few. */
  readonly byStars: readonly number[]
  /** How often each word was said, most said first. */
  readonly words: readonly { readonly word: string; readonly count: number }[]
}

/** What several ratings come to; of too few no more than their number, so that nobody's can be told from it. */
export function summaryOf(
  ratings: readonly { readonly stars: number; readonly words: readonly string[] }[],
): RatingSummary {
  const count = ratings.length
  if (count < RATINGS_FOR_AVERAGE) return { count, average: null, byStars: [], words: [] }
  const byStars = Array.from({ length: RATING_MOST_STARS }, (_, i) => i + 1).map(
    (stars) => ratings.filter((rating) => rating.stars === stars).length,
  )
  const counts = new Map<string, number>()
  for (const { words } of ratings) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  const sum = ratings.reduce((total, { stars }) => total + stars, 0)
  return {
    count,
    average: Math.round((sum / count) * 10) / 10,
    byStars,
    words: [...counts]
      .map(([word, times]) => ({ word, count: times }))
      .toSorted((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1)),
  }
}
