import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { type HoursRules, hoursAt, type ShiftHours, type Span } from '../../src/engine/shift.ts'

const H = 3_600_000
const RULES: HoursRules = { driveLimitMs: 10 * H, restMs: 8 * H }
const shift = (of: Partial<ShiftHours> = {}): ShiftHours => ({
  ...{ before: null, startedAtMs: 0, endedAtMs: null, breaks: [] },
  ...of,
})

test('who never drove has all their hours', () => {
  expect(hoursAt(null, RULES, 5 * H)).toEqual({
    ...{ drivenMs: 0, leftMs: 10 * H, endsAtMs: null, restedAtMs: null, driven: null },
  })
})

test('time on shift counts, a break does not', () => {
  expect(hoursAt(shift({ breaks: [{ fromMs: 2 * H, untilMs: 3 * H }] }), RULES, 6 * H)).toEqual({
    ...{ drivenMs: 5 * H, leftMs: 5 * H, endsAtMs: 11 * H, restedAtMs: 14 * H },
    driven: { drivenMs: 5 * H, droveUntilMs: 6 * H },
  })
})

test('the limit is reached to the millisecond, and never exceeded in what is left', () => {
  expect(hoursAt(shift(), RULES, 10 * H - 1)).toMatchObject({ leftMs: 1, endsAtMs: 10 * H })
  expect(hoursAt(shift(), RULES, 10 * H)).toMatchObject({ leftMs: 0, endsAtMs: 10 * H })
  expect(hoursAt(shift(), RULES, 12 * H)).toMatchObject({ drivenMs: 12 * H, leftMs: 0 })
})

test('on a break nothing runs down, and a break as long as a rest is one', () => {
  const onBreak = shift({ breaks: [{ fromMs: 4 * H, untilMs: Number.POSITIVE_INFINITY }] })
  expect(hoursAt(onBreak, RULES, 5 * H)).toMatchObject({ drivenMs: 4 * H, endsAtMs: null })
  expect(hoursAt(onBreak, RULES, 12 * H)).toMatchObject({ drivenMs: 0, restedAtMs: null })
  const back = shift({ breaks: [{ fromMs: 4 * H, untilMs: 12 * H }] })
  expect(hoursAt(back, RULES, 13 * H)).toMatchObject({ drivenMs: H, endsAtMs: 22 * H })
})

test('a rest is over at its last millisecond, a shorter time off carries on', () => {
  const over = shift({ endedAtMs: 6 * H })
  const ended = hoursAt(over, RULES, 14 * H - 1)
  expect(ended).toMatchObject({ leftMs: 4 * H, restedAtMs: 14 * H })
  expect(hoursAt(over, RULES, 14 * H)).toMatchObject({ leftMs: 10 * H, restedAtMs: null, driven: null })
  const carried = shift({ before: ended.driven, startedAtMs: 10 * H })
  expect(hoursAt(carried, RULES, 11 * H)).toMatchObject({ drivenMs: 7 * H, endsAtMs: 14 * H })
})

/** Minute by minute: the oracle. */
function countedMinutes(driving: readonly boolean[], restMin: number): number {
  let driven = 0
  let idle = 0
  for (const isDriving of driving) {
    if (isDriving) {
      if (idle >= restMin) driven = 0
      idle = 0
      driven++
    } else idle++
  }
  return idle >= restMin ? 0 : driven
}

test('shift after shift, what is carried along says the same as a minute by minute count of everything', () => {
  const lengths = fc.record({
    off: fc.integer({ min: 0, max: 30 }),
    parts: fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 25 })), {
      minLength: 1,
      maxLength: 4,
    }),
  })
  const MIN = 60_000
  fc.assert(
    fc.property(
      fc.array(lengths, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(40),
      (shifts, restMin, after) => {
        const rules = { driveLimitMs: 600 * MIN, restMs: restMin * MIN }
        const driving: boolean[] = []
        let newest: ShiftHours | null = null
        for (const { off, parts } of shifts) {
          for (let n = 0; n < off; n++) driving.push(false)
          const startedAtMs = driving.length * MIN
          const { driven: before } = hoursAt(newest, rules, startedAtMs)
          const breaks: Span[] = []
          for (const [work, pause] of parts) {
            for (let n = 0; n < work; n++) driving.push(true)
            const fromMs = driving.length * MIN
            for (let n = 0; n < pause; n++) driving.push(false)
            breaks.push({ fromMs, untilMs: driving.length * MIN })
            const soFar = { before, startedAtMs, endedAtMs: null, breaks: breaks.slice() }
            const { drivenMs } = hoursAt(soFar, rules, driving.length * MIN)
            expect(drivenMs).toBe(countedMinutes(driving, restMin) * MIN)
          }
          newest = { before, startedAtMs, endedAtMs: driving.length * MIN, breaks }
        }
        for (let n = 0; n < after; n++) driving.push(false)
        const { drivenMs, leftMs } = hoursAt(newest, rules, driving.length * MIN)
        expect(drivenMs).toBe(countedMinutes(driving, restMin) * MIN)
        expect(leftMs).toBe(Math.max(0, rules.driveLimitMs - drivenMs))
      },
    ),
    { numRuns: 300 },
  )
})
