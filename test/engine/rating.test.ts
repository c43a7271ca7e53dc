import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  CHANGE_WITHIN_MS,
  fittingWords,
  praises,
  RATE_WITHIN_MS,
  RATING_WORDS,
  RATINGS_FOR_AVERAGE,
  type RatingSide,
  rateUntilMs,
  summaryOf,
} from '../../src/engine/rating.ts'

const side = fc.constantFrom<RatingSide>('rider', 'driver')
const stars = fc.integer({ min: 1, max: 5 })
const rating = fc.record({
  stars,
  words: fc.uniqueArray(fc.constantFrom(...Object.keys(RATING_WORDS.rider)), { maxLength: 6 }),
})

describe('when a ride can be rated', () => {
  test('for two weeks after its end; once rated, for a day from then', () => {
    const endedAtMs = 1_000_000
    const first = { endedAtMs, ratedAtMs: null }
    expect(rateUntilMs(first, endedAtMs)).toBe(endedAtMs + RATE_WITHIN_MS)
    expect(rateUntilMs(first, endedAtMs + RATE_WITHIN_MS - 1)).toBe(endedAtMs + RATE_WITHIN_MS)
    expect(rateUntilMs(first, endedAtMs + RATE_WITHIN_MS)).toBeNull()
    const ratedAtMs = endedAtMs + RATE_WITHIN_MS - 1
    const rated = { endedAtMs, ratedAtMs }
    expect(rateUntilMs(rated, ratedAtMs + CHANGE_WITHIN_MS - 1)).toBe(ratedAtMs + CHANGE_WITHIN_MS)
    expect(rateUntilMs(rated, ratedAtMs + CHANGE_WITHIN_MS)).toBeNull()
  })
})

describe('the words', () => {
  test('that are kept are of the side and of the kind the stars ask for, each once, whatever was sent', () => {
    fc.assert(
      fc.property(
        side,
        stars,
        fc.array(fc.oneof(fc.string(), fc.constantFrom('safe', 'unsafe', 'rude'))),
        (of, n, sent) => {
          const kept = fittingWords(of, n, sent)
          expect(new Set(kept).size).toBe(kept.length)
          for (const word of kept) {
            expect(sent).toContain(word)
            expect(RATING_WORDS[of][word]?.isGood).toBe(praises(n))
          }
        },
      ),
    )
    expect(fittingWords('rider', 5, ['safe', 'unsafe'])).toEqual(['safe'])
    expect(fittingWords('rider', 2, ['safe', 'unsafe'])).toEqual(['unsafe'])
  })
})

describe('many ratings', () => {
  test('of fewer than five nothing is told but their number', () => {
    fc.assert(
      fc.property(fc.array(rating, { maxLength: RATINGS_FOR_AVERAGE - 1 }), (few) => {
        expect(summaryOf(few)).toEqual({ count: few.length, average: null, byStars: [], words: [] })
      }),
    )
  })

  test('from five on: the average to a tenth, all stars counted, words by how often they were said', () => {
    fc.assert(
      fc.property(fc.array(rating, { minLength: RATINGS_FOR_AVERAGE, maxLength: 60 }), (many) => {
        const { count, average, byStars, words } = summaryOf(many)
        const mean = many.reduce((sum, one) => sum + one.stars, 0) / many.length
        expect(Math.abs(average! - mean)).toBeLessThanOrEqual(0.05 + 1e-9)
        expect(byStars.reduce((sum, times) => sum + times, 0)).toBe(count)
        expect(count).toBe(many.length)
        expect(byStars).toEqual([1, 2, 3, 4, 5].map((n) => many.filter((one) => one.stars === n).length))
        expect(words.reduce((sum, word) => sum + word.count, 0)).toBe(many.flatMap((one) => one.words).length)
        expect(words.map((word) => word.count)).toEqual(
          words.map((word) => word.count).toSorted((a, b) => b - a),
        )
      }),
    )
  })
})
