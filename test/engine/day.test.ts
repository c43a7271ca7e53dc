import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { addDays, dayEndMs, daysBetween, isDay, localDay } from '../../src/engine/day.ts'

const at = (text: string) => Date.parse(text)

describe('a day ends where somebody is', () => {
  test.each([
    // In winter and in summer.
    ['2027-01-15', 'America/New_York', '2027-01-16T05:00:00Z'],
    ['2027-07-15', 'America/New_York', '2027-07-16T04:00:00Z'],
    ['2027-07-15', 'UTC', '2027-07-16T00:00:00Z'],
    ['2027-07-15', 'Asia/Kolkata', '2027-07-15T18:30:00Z'],
    ['2027-07-15', 'Pacific/Kiritimati', '2027-07-15T10:00:00Z'],
    ['2027-07-15', 'Pacific/Pago_Pago', '2027-07-16T11:00:00Z'],
    // The 23 and the 25 hours of New York's days with a change of clocks, and the nights before them.
    ['2027-03-13', 'America/New_York', '2027-03-14T05:00:00Z'],
    ['2027-03-14', 'America/New_York', '2027-03-15T04:00:00Z'],
    ['2026-10-31', 'America/New_York', '2026-11-01T04:00:00Z'],
    ['2026-11-01', 'America/New_York', '2026-11-02T05:00:00Z'],
    // Half an hour of summer.
    ['2027-04-03', 'Australia/Lord_Howe', '2027-04-03T13:00:00Z'],
    // Midnight does not exist: clocks go from 24:00 to 01:00.
    ['2018-11-03', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    // Midnight comes twice: clocks go from 24:00 back to 23:00, and the day goes on.
    ['2018-02-17', 'America/Sao_Paulo', '2018-02-18T03:00:00Z'],
    // Clocks go from 01:00 back to 00:00 of the same day.
    ['2026-10-31', 'America/Havana', '2026-11-01T04:00:00Z'],
    // A leap day, and the end of a year.
    ['2028-02-29', 'Europe/Berlin', '2028-02-29T23:00:00Z'],
    ['2027-12-31', 'Europe/Berlin', '2027-12-31T23:00:00Z'],
    // A day that was left out: Samoa went from the 29th to the 31st.
    ['2011-12-29', 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('%s in %s until %s', (day, timeZone, end) => {
    expect(new Date(dayEndMs(day, timeZone)).toISOString()).toBe(new Date(end).toISOString())
    expect(localDay(dayEndMs(day, timeZone) - 1, timeZone)).toBe(day)
    expect(localDay(dayEndMs(day, timeZone), timeZone) > day).toBe(true)
  })

  test('any day in any zone: the last instant before its end is in it, and ends follow each other', () => {
    const zones = Intl.supportedValuesOf('timeZone')
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 20_000 }), (timeZone, n) => {
        const day = addDays('2020-01-01', n)
        const end = dayEndMs(day, timeZone)
        expect(localDay(end - 1, timeZone)).toBe(day)
        expect(dayEndMs(addDays(day, 1), timeZone)).toBeGreaterThan(end)
      }),
      { numRuns: 150 },
    )
  })
})

test('the calendar on the wall decides which day it is', () => {
  expect(localDay(at('2026-11-22T04:59:59Z'), 'America/New_York')).toBe('2026-11-21')
  expect(localDay(at('2026-11-22T05:00:00Z'), 'America/New_York')).toBe('2026-11-22')
  expect(localDay(at('2026-11-21T10:00:00Z'), 'Pacific/Kiritimati')).toBe('2026-11-22')
})

test('days are counted by the calendar, over changes of clocks too', () => {
  expect(daysBetween('2027-03-13', '2027-03-15')).toBe(2)
  expect(daysBetween('2027-03-15', '2027-03-13')).toBe(-2)
  expect(daysBetween('2028-02-28', '2028-03-01')).toBe(2)
  expect(addDays('2028-02-28', 2)).toBe('2028-03-01')
})

test('only days of the calendar are days', () => {
  for (const day of ['2028-02-29', '2027-12-31', '1999-01-01']) expect(isDay(day)).toBe(true)
  for (const text of [
    '2027-02-29',
    '2027-13-01',
    '2027-00-10',
    '27-01-01',
    '2027-1-1',
    '',
    '2027-01-01T00:00',
  ])
    expect(isDay(text)).toBe(false)
})
