import { describe, expect, test } from 'bun:test'
import { meanOf, studentT95 } from '../../src/replay/intervals.ts'

describe('a mean over seeds', () => {
  test('comes with half the 95 % interval by Student: five seeds, worked by hand', () => {
    // s² = 2.5, so 2.7764 · √2.5 / √5.
    const { mean, pm } = meanOf([1, 2, 3, 4, 5])
    expect(mean).toBe(3)
    expect(pm).toBeCloseTo(1.9632, 3)
  })

  test('of one seed says nothing of its spread, and of equal ones that there is none', () => {
    expect(meanOf([0.7])).toEqual({ mean: 0.7, pm: null })
    expect(meanOf([2, 2, 2])).toEqual({ mean: 2, pm: 0 })
  })

  test('the quantile is that of the tables, also past our own, and falls towards the normal one', () => {
    // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2.
    const known = {
      1: 12.706,
      4: 2.776,
      9: 2.262,
      30: 2.0423,
      31: 2.0395,
      40: 2.0211,
      60: 2.0003,
      100: 1.984,
    }
    for (const [freedom, t] of Object.entries(known)) expect(studentT95(Number(freedom))).toBeCloseTo(t, 3)
    const falling = Array.from({ length: 200 }, (_, n) => studentT95(n + 1))
    expect(falling).toEqual(falling.toSorted((a, b) => b - a))
    expect(studentT95(1e9)).toBeCloseTo(1.96, 3)
  })
})
