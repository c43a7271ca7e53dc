import { expect, test } from 'bun:test'
import { usualAt } from '../../src/engine/usual-supply.ts'

const day = (name: string, cars: number, asked: number) => ({
  day: name,
  cars: Array.from({ length: 24 }, (_, hour) => (hour === 18 ? cars : 0)),
  asked: Array.from({ length: 24 }, (_, hour) => (hour === 18 ? asked : 1)),
})

test('an hour is usually as on the days of its kind', () => {
  // Thursday, Friday; Saturday, Sunday.
  const days = [
    day('2026-11-19', 20, 30),
    day('2026-11-20', 30, 50),
    day('2026-11-21', 8, 10),
    day('2026-11-22', 6, 20),
  ]
  expect(usualAt(days, '2026-11-23', 18)).toEqual({ cars: 25, asked: 40 })
  expect(usualAt(days, '2026-11-28', 18)).toEqual({ cars: 7, asked: 15 })
  expect(usualAt(days, '2026-11-28', 3)).toEqual({ cars: 0, asked: 1 })
})

test('with fewer than two days of its kind all days count, and with none nothing is known', () => {
  const days = [day('2026-11-19', 20, 30), day('2026-11-20', 30, 50), day('2026-11-21', 10, 10)]
  expect(usualAt(days, '2026-11-28', 18)).toEqual({ cars: 20, asked: 30 })
  expect(usualAt([], '2026-11-28', 18)).toBeNull()
})
