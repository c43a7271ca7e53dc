import { expect, test } from 'bun:test'
import { startOfDayMs } from '../../src/dispatch/driver-state.ts'

const NEW_YORK = 'America/New_York'
/** Now, zone, and when that day began there, worked out by hand. */
const TABLE: [string, string, string, string][] = [
  ['an ordinary day', '2026-11-21T14:00:00Z', NEW_YORK, '2026-11-21T05:00:00Z'],
  ['the first second of a day', '2026-11-21T05:00:00Z', NEW_YORK, '2026-11-21T05:00:00Z'],
  ['the last second of a day', '2026-11-21T04:59:59.999Z', NEW_YORK, '2026-11-20T05:00:00Z'],
  ['a day of 23 hours, after the change', '2026-03-08T16:00:00Z', NEW_YORK, '2026-03-08T05:00:00Z'],
  ['a day of 23 hours, before the change', '2026-03-08T06:30:00Z', NEW_YORK, '2026-03-08T05:00:00Z'],
  ['a day of 25 hours, after the change', '2026-11-01T17:00:00Z', NEW_YORK, '2026-11-01T04:00:00Z'],
  ['the hour that comes twice, the second time', '2026-11-01T06:30:00Z', NEW_YORK, '2026-11-01T04:00:00Z'],
  ['the hour that comes twice, the first time', '2026-11-01T05:30:00Z', NEW_YORK, '2026-11-01T04:00:00Z'],
  ['a leap day', '2028-02-29T12:00:00Z', NEW_YORK, '2028-02-29T05:00:00Z'],
  ['a zone of half hours', '2026-11-21T20:00:00Z', 'Asia/Kolkata', '2026-11-21T18:30:00Z'],
  ['a day that begins at one o’clock', '2026-04-24T12:00:00Z', 'Africa/Cairo', '2026-04-23T22:00:00Z'],
]

test.each(TABLE)('the driver’s day begins at local midnight: %s', (_name, now, zone, began) => {
  expect(new Date(startOfDayMs(Date.parse(now), zone)).toISOString()).toBe(new Date(began).toISOString())
})
