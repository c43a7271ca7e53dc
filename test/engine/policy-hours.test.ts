import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { WEEK_MINUTES, weekMinute } from '../../src/engine/day.ts'
import { DEFAULT_POLICY } from '../../src/engine/decide.ts'
import {
  gapsOf,
  overlapsOf,
  type PolicyWindow,
  policyAt,
  spansOf,
  windowAt,
} from '../../src/engine/policy-hours.ts'

const at = (text: string) => Date.parse(text)
const window = (
  weekdays: number[],
  from: string,
  until: string,
  policy: PolicyWindow['policy'] = {},
): PolicyWindow => ({
  weekdays,
  fromMinute: minuteOf(from),
  untilMinute: minuteOf(until),
  policy,
})
const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]
const NEW_YORK = 'America/New_York'

/** The wall clock by the offset that is in force, another way than asking for weekday and hour. */
function weekMinuteByOffset(atMs: number, timeZone: string): number {
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(atMs)
    .find(({ type }) => type === 'timeZoneName')!.value
  const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
    /^GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(name)!
  const offsetS = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  const local = new Date(atMs + (sign === '-' ? -1 : 1) * offsetS * 1000)
  return ((local.getUTCDay() + 6) % 7) * 1_440 + local.getUTCHours() * 60 + local.getUTCMinutes()
}

describe('which policy counts', () => {
  const nights = window([5, 6], '22:00', '04:00', { kind: 'nearest' })
  const rush = window([1, 2, 3, 4, 5], '07:00', '10:00', { radiusM: 9_000, candidates: 8 })

  test.each([
    // Friday 21:59, Saturday 04:00 and Sunday 03:59 in New York.
    ['2026-11-21T02:59:00Z', 'batch'],
    ['2026-11-21T03:00:00Z', 'nearest'],
    ['2026-11-21T08:59:59Z', 'nearest'],
    ['2026-11-21T09:00:00Z', 'batch'],
    ['2026-11-22T08:59:59Z', 'nearest'],
    // Sunday night is nobody's.
    ['2026-11-23T03:30:00Z', 'batch'],
  ])('%s: %s', (text, kind) => {
    expect(policyAt(DEFAULT_POLICY, [nights, rush], { atMs: at(text), timeZone: NEW_YORK }).kind).toBe(
      kind as 'batch',
    )
  })

  test('what a window does not say stays the region’s, and its radius is reached', () => {
    const policy = policyAt(DEFAULT_POLICY, [nights, rush], {
      atMs: at('2026-11-20T13:00:00Z'),
      timeZone: NEW_YORK,
    })
    expect(policy).toEqual({ ...DEFAULT_POLICY, radiusM: 9_000, radiusMaxM: 9_000, candidates: 8 })
    expect(policyAt(DEFAULT_POLICY, [], { atMs: 0, timeZone: NEW_YORK })).toBe(DEFAULT_POLICY)
  })

  test('an hour that clocks skip does not come, and one that they repeat comes twice', () => {
    const early = [window([7], '02:00', '03:00')]
    const openMinutes = (day: string, windows: PolicyWindow[]) => {
      let open = 0
      for (let minute = 0; minute < 36 * 60; minute++)
        if (windowAt(windows, at(`${day}T00:00:00Z`) + minute * 60_000, NEW_YORK) >= 0) open++
      return open
    }
    expect(openMinutes('2027-03-14', early)).toBe(0)
    expect(openMinutes('2027-11-07', [window([7], '01:00', '02:00')])).toBe(120)
    expect(openMinutes('2027-06-06', early)).toBe(60)
  })

  test('any zone and instant, on days when clocks change too: the minute of the week is that of the offset in force', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    const changes = ['2026-11-01', '2027-03-14', '2027-03-28', '2027-04-04', '2027-10-31'].map((day) =>
      at(`${day}T00:00:00Z`),
    )
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...changes),
        fc.integer({ min: -36 * 60, max: 36 * 60 }),
        (timeZone, changeMs, minutes) => {
          const atMs = changeMs + minutes * 60_000 + 30_000
          expect(weekMinute(atMs, timeZone)).toBe(weekMinuteByOffset(atMs, timeZone))
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('a week of windows', () => {
  const some = fc.array(
    fc.record({
      weekdays: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      fromMinute: fc.integer({ min: 0, max: 1_439 }),
      untilMinute: fc.integer({ min: 0, max: 1_440 }),
      policy: fc.constant({}),
    }),
    { maxLength: 5 },
  )

  test('any windows: overlaps and gaps are those of counting every minute', () => {
    fc.assert(
      fc.property(some, (windows) => {
        const open = Array.from({ length: WEEK_MINUTES }, () => [] as number[])
        for (const [place, { weekdays, fromMinute, untilMinute }] of windows.entries())
          for (const weekday of weekdays) {
            const lengthM =
              untilMinute > fromMinute ? untilMinute - fromMinute : untilMinute + 1_440 - fromMinute
            for (let n = 0; n < lengthM; n++)
              open[((weekday - 1) * 1_440 + fromMinute + n) % WEEK_MINUTES]!.push(place)
          }
        const pairs = new Set<string>()
        for (const places of open)
          for (const [n, a] of places.entries())
            for (const b of places.slice(n + 1)) pairs.add([a, b].toSorted().join())
        const overlaps = overlapsOf(windows)
        expect(new Set(overlaps.map((overlap) => overlap.windows.toSorted().join()))).toEqual(pairs)
        for (const {
          windows: [a, b],
          span: [from],
        } of overlaps)
          expect(open[from]!.filter((place) => place === a || place === b).length).toBeGreaterThan(1)
        const gaps = new Set(
          gapsOf(windows).flatMap(([from, until]) =>
            Array.from({ length: until - from }, (_, n) => from + n),
          ),
        )
        expect(gaps).toEqual(new Set(open.flatMap((places, minute) => (places.length === 0 ? [minute] : []))))
      }),
      { numRuns: 40 },
    )
  })

  test('a whole day, and one that goes over Sunday night', () => {
    expect(spansOf(window([1], '00:00', '24:00'))).toEqual([[0, 1_440]])
    expect(spansOf(window([7], '22:00', '06:00'))).toEqual([
      [0, 360],
      [10_000 - 40, WEEK_MINUTES],
    ])
    expect(gapsOf([window(EVERY_DAY, '00:00', '24:00')])).toEqual([])
    expect(gapsOf([])).toEqual([[0, WEEK_MINUTES]])
  })
})
