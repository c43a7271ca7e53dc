import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { alternateWords, fold, words } from '../../src/places/normalise.ts'
import { edits } from '../../src/places/spelling.ts'

describe('folding', () => {
  test.each([
    ['W 14 St', 'West 14th Street'],
    ['w. 14th str.', 'West 14th Street'],
    ['Fifth Ave', '5th Avenue'],
    ['5 AV', '5th Avenue'],
    ['5th Ave and E 34 St', '5th Avenue & East 34th Street'],
    ['5th ave at e. 34th', '5th Avenue & East 34th'],
    ['Saint Mark’s Pl', "St. Mark's Place"],
    ['Café Zürich', 'cafe zurich'],
    ['Lincoln Centre', 'Lincoln Center'],
    ['34t', '34th'],
  ])('%p and %p are one spelling', (a, b) => {
    expect(fold(a)).toBe(fold(b))
  })

  test.each([
    ['5th Avenue', '5th Street'],
    ['West 14th Street', 'East 14th Street'],
    ['Avenue A', 'Avenue B'],
  ])('%p and %p stay apart', (a, b) => {
    expect(fold(a)).not.toBe(fold(b))
  })

  test('nothing but letters, numbers and single spaces is left, and folding again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const folded = fold(text)
        expect(folded).toMatch(/^([\p{L}\p{N}]+( [\p{L}\p{N}]+)*)?$/u)
        expect(fold(folded)).toBe(folded)
      }),
    )
  })

  test('each word knows where it stands in the text', () => {
    const text = 'St. Mark’s Pl & 2nd Ave'
    expect(words(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      'St.',
      'Mark’s',
      'Pl',
      '2nd',
      'Ave',
    ])
  })

  test('an ordinal street is also found by its word, a saint by his title', () => {
    expect(alternateWords('5th Avenue')).toContain('fifth')
    expect(alternateWords('Saint Nicholas Avenue')).toContain('saint')
    expect(alternateWords('5 World Trade Center')).toEqual([])
  })
})

describe('edits between a typed word and a known one', () => {
  test.each([
    ['sohp', 'soho', 1],
    ['emprie', 'empire', 1],
    ['sqare', 'square', 1],
    ['broadway', 'broadway', 0],
    ['', 'abc', 3],
  ])('%p to %p are %p', (typed, known, count) => {
    expect(edits(typed, known, { unfinished: false })).toBe(count)
  })

  test('an unfinished word is compared with the beginning', () => {
    expect(edits('gugen', 'guggenheim', { unfinished: true })).toBe(1)
  })

  test('are the same in both directions, and never more than the longer word', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(word, word, (a, b) => {
        const count = edits(a, b, { unfinished: false })
        expect(count).toBe(edits(b, a, { unfinished: false }))
        expect(count).toBeLessThanOrEqual(Math.max(a.length, b.length))
        expect(count === 0).toBe(a === b)
      }),
    )
  })
})
