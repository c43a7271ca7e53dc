import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { editDistance, nameLikeness, nameParts } from '../../src/licences/names.ts'

describe('the same person, written otherwise', () => {
  test.each([
    ['Bo Lindqvist', 'Bo Lindqvist', 100, 'The same name.'],
    ['LINDQVIST, BO', 'Bo Lindqvist', 97, 'Close: the order differs.'],
    ['José Muñoz', 'Jose Munoz', 100, 'The same name.'],
    ['JOSE MUNOZ', 'José Muñoz', 100, 'The same name.'],
    ['Jürgen Groß', 'Jurgen Gross', 100, 'The same name.'],
    ['Søren Ærø', 'Soren Aero', 100, 'The same name.'],
    ['Łukasz Dąbrowski', 'Lukasz Dabrowski', 100, 'The same name.'],
    ['Siobhan O’Brien', "Siobhán O'Brien", 100, 'The same name.'],
    ['Mr. Bo Lindqvist Jr.', 'Bo Lindqvist', 100, 'The same name.'],
    ['Anne-Marie Dupont', 'Anne Marie Dupont', 100, 'The same name.'],
    ['AnneMarie Dupont', 'Anne Marie Dupont', 100, 'The same name, parted in another way.'],
    ['Bo Erik Lindqvist', 'Bo Lindqvist', 93, 'Close: check the middle name.'],
    ['Bo Erik Sven Lindqvist', 'Bo Lindqvist', 86, 'Close: check the middle names.'],
    ['B. Lindqvist', 'Bo Lindqvist', 90, 'Close: one has only an initial.'],
    ['Bo E Lindqvist', 'Bo Erik Lindqvist', 92, 'Close: one has only an initial.'],
    ['Bo Lindqvlst', 'Bo Lindqvist', 94, 'Close: check the spelling of Lindqvlst.'],
    ['Katherine Johnson', 'Katharine Jonson', 88, 'Close: check the spelling of Katherine and Johnson.'],
    ['Мария Иванова', 'мария иванова', 100, 'The same name.'],
    ['محمد علي', 'محمد علي', 100, 'The same name.'],
  ])('%p and %p', (licence, account, score, words) => {
    const likeness = nameLikeness(licence, account)
    expect(likeness.words).toBe(words)
    expect(Math.abs(likeness.score - score)).toBeLessThanOrEqual(3)
  })
})

describe('perhaps or surely somebody else', () => {
  test.each([
    ['Bo Lindqvist', 'Cy Duval', 'Another name. Do not approve without asking.'],
    ['Ada Okafor', 'Ada Marsh', 'Only partly the same: check Okafor.'],
    ['Bo Lindqvist', 'Sven Lindqvist', 'Only partly the same: check Bo.'],
    ['Lee', 'Bo Lee', 'Doubtful: one has a single name.'],
    ['', 'Bo Lindqvist', 'There is no name to compare.'],
    ['12345', 'Bo Lindqvist', 'There is no name to compare.'],
  ])('%p and %p', (licence, account, words) => {
    const likeness = nameLikeness(licence, account)
    expect(likeness.words).toBe(words)
    expect(likeness.score).toBeLessThan(80)
  })
})

test('a score is the same both ways, between 0 and 100, and full for the same name', () => {
  const name = fc.array(fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }), {
    minLength: 1,
    maxLength: 4,
  })
  // Two parts that fit as well are as many as there are parts nothing like each other.
  const ties: [string[], string[]] = [['𐀀𐊀À ⻳㈀𐩠'], ['က ', '𐣠 Ć 𐊀𐀁𝐁']]
  fc.assert(
    fc.property(name, name, (a, b) => {
      const [one, other] = [a.join(' '), b.join(' ')]
      const { score } = nameLikeness(one, other)
      expect(score).toBeGreaterThanOrEqual(0)
      expect(score).toBeLessThanOrEqual(100)
      expect(nameLikeness(other, one).score).toBe(score)
      if (nameParts(one).length > 0) expect(nameLikeness(one, one).score).toBe(100)
    }),
    { numRuns: 300, examples: [ties] },
  )
})

test('edits are counted: put in, left out, changed, swapped', () => {
  expect(editDistance('anna', 'anna')).toBe(0)
  expect(editDistance('anna', 'ana')).toBe(1)
  expect(editDistance('anna', 'annna')).toBe(1)
  expect(editDistance('anna', 'anno')).toBe(1)
  expect(editDistance('anna', 'naan')).toBe(2)
  expect(editDistance('', 'abc')).toBe(3)
})
