import { describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { type Random, seededRandomSource, systemRandom } from '../../src/io/random.ts'

const NOON_MS = Date.UTC(2026, 10, 21, 12)
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const twins: [string, () => Random][] = [
  ['system', () => systemRandom(manualClock(NOON_MS))],
  ['seeded', () => seededRandomSource(42, manualClock(NOON_MS))],
]

describe.each(twins)('the %s source of chance', (_name, make) => {
  test('its ids are uuids of version 7 that carry the clock and sort in the order they were made', () => {
    const random = make()
    const ids = Array.from({ length: 10_000 }, () => random.uuid())
    expect(ids.filter((id) => !UUID_V7.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(ids)
    const stampMs = Number.parseInt(ids[0]!.replace('-', '').slice(0, 12), 16)
    expect(stampMs).toBe(NOON_MS)
  })

  test('its fractions lie from 0 up to, never at, 1 and spread evenly', () => {
    const random = make()
    const fractions = Array.from({ length: 10_000 }, () => random.fraction())
    expect(fractions.filter((fraction) => !(fraction >= 0 && fraction < 1))).toEqual([])
    const mean = fractions.reduce((sum, fraction) => sum + fraction, 0) / fractions.length
    // Ten standard errors of a uniform mean: sqrt(1/12/10000) is 0.0029.
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.029)
  })

  test('its digits are as many as asked for, and each occurs', () => {
    const digits = make().digits(1_000)
    expect(digits).toMatch(/^\d{1000}$/)
    expect(new Set(digits).size).toBe(10)
  })

  test('its bytes are as many as asked for', () => {
    expect(make().bytes(33)).toHaveLength(33)
    expect(make().bytes(0)).toHaveLength(0)
  })
})

test('one seed gives one sequence, another seed another', () => {
  const draw = (seed: number) => {
    const random = seededRandomSource(seed, manualClock(NOON_MS))
    return [random.uuid(), random.digits(6), random.fraction()]
  }
  expect(draw(1)).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
})
