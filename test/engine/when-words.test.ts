/** When a caller wants a car, in their own words. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Day } from '../../src/engine/day.ts'
import { instantsAt, minuteText, wallTimeAt } from '../../src/engine/wall-clock.ts'
import { wallOf, whenFromWords } from '../../src/engine/when-words.ts'

const ZONE = 'America/New_York'
/** A Saturday, 18:07 in New York. */
const NOW_MS = Date.parse('2026-11-21T23:07:30Z')
const said = (words: string, nowMs = NOW_MS) => {
  const when = whenFromWords(words, { nowMs, timeZone: ZONE })
  if (!when.ok) return when.reason
  if (when.value.kind === 'now') return 'now'
  if (when.value.kind === 'instant') return `in ${(when.value.atMs - nowMs) / 60_000} min`
  return `${when.value.wall.day} ${minuteText(when.value.wall.minute)}`
}

test.each([
  ['', 'now'],
  ['now', 'now'],
  [' ASAP ', 'now'],
  ['in 20', 'in 20 min'],
  ['45 min', 'in 45 min'],
  ['in 2 hours', 'in 120 min'],
  ['2h', 'in 120 min'],
  ['in half an hour', 'in 30 min'],
  ['in an hour', 'in 60 min'],
  ['18:30', '2026-11-21 18:30'],
  ['at 18.30', '2026-11-21 18:30'],
  ['1830', '2026-11-21 18:30'],
  ['6:30pm', '2026-11-21 18:30'],
  ['6:30', '2026-11-22 06:30'],
  ['18:07', '2026-11-21 18:07'],
  ['18:06', '2026-11-22 18:06'],
  ['tomorrow 7', '2026-11-22 07:00'],
  ['7 tomorrow', '2026-11-22 07:00'],
  ['tomorrow at 7:15', '2026-11-22 07:15'],
  ['tonight 11pm', '2026-11-21 23:00'],
  ['12am tomorrow', '2026-11-22 00:00'],
  ['noon tomorrow', '2026-11-22 12:00'],
  ['fri 9:15', '2026-11-27 09:15'],
  ['monday 8', '2026-11-23 08:00'],
  ['sat 8', '2026-11-28 08:00'],
  ['2026-12-24 17:00', '2026-12-24 17:00'],
  ['2026-02-30 17:00', 'unclear'],
  ['25:00', 'unclear'],
  ['13pm', 'unclear'],
  ['0am', 'unclear'],
  ['tomorrow', 'unclear'],
  ['when I call', 'unclear'],
  ['18:75', 'unclear'],
])('“%s” is %s', (words, when) => {
  expect(said(words)).toBe(when)
})

test('whatever time is said, it is the next moment at which the wall shows it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: Date.parse('2020-01-01'), max: Date.parse('2035-01-01') }),
      fc.integer({ min: 0, max: 1439 }),
      fc.constantFrom('America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia'),
      (nowMs, minute, timeZone) => {
        const when = whenFromWords(minuteText(minute), { nowMs, timeZone })
        if (!when.ok || when.value.kind !== 'wall') throw new Error('a time is a time')
        expect(when.value.wall.minute).toBe(minute)
        const earlier = minutesUntil(nowMs, when.value.wall.day, timeZone)
        // Where the clocks skip the minute there is none; the form says so.
        for (const atMs of instantsAt(when.value.wall, timeZone).slice(-1))
          expect(atMs).toBeGreaterThan(nowMs - 60_000)
        expect(earlier).toBeLessThanOrEqual(1)
      },
    ),
    { numRuns: 300 },
  )
})

/** How many days on a day is. */
function minutesUntil(nowMs: number, day: Day, timeZone: string): number {
  return (Date.parse(day) - Date.parse(wallTimeAt(nowMs, timeZone).day)) / 86_400_000
}

test('any words are made out or refused, and never throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z0-9: ]{0,14}$/)), (words) => {
      const when = whenFromWords(words, { nowMs: NOW_MS, timeZone: ZONE })
      if (when.ok && when.value.kind !== 'now') expect(wallOf(when.value, ZONE).minute).toBeLessThan(1440)
    }),
  )
})
