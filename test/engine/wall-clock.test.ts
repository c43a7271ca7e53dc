import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { localDay } from '../../src/engine/day.ts'
import { instantsAt, minuteText, wallTimeAt } from '../../src/engine/wall-clock.ts'

const at = (iso: string) => Date.parse(iso)

test('a time of the day is one instant, where people are', () => {
  expect(instantsAt({ day: '2026-11-21', minute: 18 * 60 + 5 }, 'America/New_York')).toEqual([
    at('2026-11-21T23:05:00Z'),
  ])
  expect(instantsAt({ day: '2026-11-21', minute: 0 }, 'Asia/Kolkata')).toEqual([at('2026-11-20T18:30:00Z')])
  expect(instantsAt({ day: '2028-02-29', minute: 1_439 }, 'Europe/Berlin')).toEqual([
    at('2028-02-29T22:59:00Z'),
  ])
})

test('where the clocks go forward, the time between is none', () => {
  expect(instantsAt({ day: '2027-03-14', minute: 150 }, 'America/New_York')).toEqual([])
  expect(instantsAt({ day: '2027-03-14', minute: 119 }, 'America/New_York')).toEqual([
    at('2027-03-14T06:59:00Z'),
  ])
  expect(instantsAt({ day: '2027-03-14', minute: 180 }, 'America/New_York')).toEqual([
    at('2027-03-14T07:00:00Z'),
  ])
})

test('where the clocks go back, the time comes twice, the earlier first', () => {
  expect(instantsAt({ day: '2026-11-01', minute: 90 }, 'America/New_York')).toEqual([
    at('2026-11-01T05:30:00Z'),
    at('2026-11-01T06:30:00Z'),
  ])
  // Half an hour, on Lord Howe Island.
  expect(instantsAt({ day: '2027-04-04', minute: 105 }, 'Australia/Lord_Howe')).toHaveLength(2)
})

test('a day that was skipped has no time, and one at the far side of the date line has', () => {
  expect(instantsAt({ day: '2011-12-30', minute: 720 }, 'Pacific/Apia')).toEqual([])
  expect(instantsAt({ day: '2026-11-21', minute: 720 }, 'Pacific/Kiritimati')).toEqual([
    at('2026-11-20T22:00:00Z'),
  ])
})

test('what the wall shows at an instant names that instant, in every zone', () => {
  const zones = [
    'America/New_York',
    'Europe/London',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'UTC',
  ]
  fc.assert(
    fc.property(
      fc.integer({ min: at('2005-01-01T00:00:00Z') / 60_000, max: at('2035-01-01T00:00:00Z') / 60_000 }),
      fc.constantFrom(...zones),
      (minutes, zone) => {
        const atMs = minutes * 60_000
        const shown = wallTimeAt(atMs, zone)
        expect(shown.day).toBe(localDay(atMs, zone))
        expect(instantsAt(shown, zone)).toContain(atMs)
      },
    ),
    { numRuns: 60 },
  )
})

test('minutes of a day read as a clock does', () => {
  expect([0, 65, 1_439].map(minuteText)).toEqual(['00:00', '01:05', '23:59'])
})
