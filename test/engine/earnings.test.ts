import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { addDays, localDay } from '../../src/engine/day.ts'
import {
  booksBetween,
  daysOfWeek,
  type EarnedRide,
  mondayOf,
  perHourMinor,
} from '../../src/engine/earnings.ts'

const ZONES = ['America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'America/Sao_Paulo', 'Pacific/Apia']
const day = fc.integer({ min: 0, max: 9_000 }).map((days) => addDays('2010-01-01', days))

describe('a week', () => {
  test('begins on Monday and has seven days that follow each other without a gap, whatever the clocks do', () => {
    fc.assert(
      fc.property(day, fc.constantFrom(...ZONES), (of, zone) => {
        const monday = mondayOf(of)
        expect(new Date(`${monday}T00:00:00Z`).getUTCDay()).toBe(1)
        expect(monday <= of && of < addDays(monday, 7)).toBe(true)
        const days = daysOfWeek(monday, zone)
        for (const [i, one] of days.entries()) {
          if (i > 0) expect(one.fromMs).toBe(days[i - 1]!.untilMs)
          // The day that Samoa left out in 2011 has no instant at all.
          if (one.untilMs > one.fromMs) {
            expect(localDay(one.fromMs, zone)).toBe(one.day)
            expect(localDay(one.untilMs - 1, zone)).toBe(one.day)
          }
        }
      }),
      { numRuns: 60 },
    )
  })

  test('of the change of clocks has a day of 23 hours', () => {
    const sunday = daysOfWeek('2026-03-02', 'America/New_York')[6]!
    expect((sunday.untilMs - sunday.fromMs) / 3_600_000).toBe(23)
  })
})

const ride = fc.record<EarnedRide>({
  endedAtMs: fc.integer({ min: 0, max: 700 }),
  isCompleted: fc.boolean(),
  chargedMinor: fc.integer({ min: 0, max: 9_000 }),
  partMinor: fc.integer({ min: 0, max: 9_000 }),
  tipMinor: fc.integer({ min: 0, max: 900 }),
  isCash: fc.boolean(),
})
const worked = fc
  .tuple(fc.integer({ min: -50, max: 800 }), fc.integer({ min: 0, max: 300 }))
  .map(([fromMs, forMs]) => ({
    ...{ fromMs, untilMs: fromMs + forMs },
  }))

describe('the books', () => {
  test('of the days add up to those of the week, and each adds up in itself', () => {
    fc.assert(
      fc.property(fc.array(ride), fc.array(worked, { maxLength: 8 }), (rides, shifts) => {
        const of = (fromMs: number, untilMs: number) =>
          booksBetween({ rides, worked: shifts }, { fromMs, untilMs })
        const week = of(0, 700)
        const days = Array.from({ length: 7 }, (_, i) => of(i * 100, i * 100 + 100))
        for (const name of Object.keys(week) as (keyof typeof week)[])
          expect([name, days.reduce((sum, one) => sum + one[name], 0)]).toEqual([name, week[name]])
        expect(week.faresMinor - week.companyMinor + week.tipsMinor).toBe(week.earnedMinor)
        expect(week.owedMinor + week.cashMinor).toBe(week.earnedMinor)
        const driven = rides.filter((one) => one.isCompleted && one.endedAtMs < 700)
        expect(week.rides).toBe(driven.length)
      }),
    )
  })

  test('in words: $20 in cash of which $15 are mine, $30 on account of which $22 are mine with $4 tip', () => {
    const common = { endedAtMs: 5, isCompleted: true }
    const rides = [
      { ...common, chargedMinor: 2000, partMinor: 1500, tipMinor: 0, isCash: true },
      { ...common, chargedMinor: 3000, partMinor: 2200, tipMinor: 400, isCash: false },
      { ...common, isCompleted: false, chargedMinor: 500, partMinor: 1800, tipMinor: 0, isCash: false },
    ]
    const books = booksBetween(
      { rides, worked: [{ fromMs: 0, untilMs: 7_200_000 }] },
      { fromMs: 0, untilMs: 9e9 },
    )
    expect(books).toEqual({
      ...{ rides: 2, faresMinor: 5000, companyMinor: 1300, tipsMinor: 400, earnedMinor: 4100 },
      ...{ cashMinor: 2000, owedMinor: 2100, onlineMs: 7_200_000 },
    })
    expect(perHourMinor(books)).toBe(2050)
    expect(perHourMinor({ earnedMinor: 4100, onlineMs: 599_999 })).toBeNull()
  })
})
