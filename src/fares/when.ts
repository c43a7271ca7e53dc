/** When a ride is wanted, from what a form or a program says: now, or at an instant that may be booked. */
import type { WhenProps } from '../../views/rides/when.ts'
import type { Region } from '../companies/companies.ts'
import { aheadRefusal } from '../engine/booking.ts'
import { addDays, isDay, localDay } from '../engine/day.ts'
import { instantsAt, minuteText, wallTimeAt } from '../engine/wall-clock.ts'

/** As a form sends it. */
export interface WhenForm {
  readonly when: 'now' | 'later'
  readonly day: string
  readonly time: string
  /** Which of two, where the clocks go back over the time: the earlier unless said. */
  readonly fold: '1' | '2' | ''
}

export type Wanted =
  | { readonly ok: true; readonly scheduledForMs: number | undefined }
  | { readonly ok: false; readonly error: string }

const DAY_S = 86_400
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/

/** The instant a form means, in the region's time; a refusal says which time to choose instead. */
export function wantedAt(form: WhenForm, region: Region, nowMs: number): Wanted {
  if (form.when === 'now') return { ok: true, scheduledForMs: undefined }
  const time = TIME.exec(form.time)
  if (!isDay(form.day) || time === null)
    return { ok: false, error: 'Choose a day and a time for the pickup.' }
  const minute = Number(time[1]) * 60 + Number(time[2])
  const instants = instantsAt({ day: form.day, minute }, region.timeZone)
  const [first, second] = instants
  if (first === undefined)
    return {
      ok: false,
      error: `The clocks go forward that night: there is no ${form.time} on that day. Choose a time an hour later.`,
    }
  if (second !== undefined && form.fold === '')
    return {
      ok: false,
      error: `The clocks go back that night, so ${form.time} comes twice. Choose which one you mean.`,
    }
  const atMs = form.fold === '2' && second !== undefined ? second : first
  const refused = aheadRefusalWords(atMs, region, nowMs)
  return refused === null ? { ok: true, scheduledForMs: atMs } : { ok: false, error: refused }
}

/** Why an instant may not be booked here, in a sentence; null when it may. */
export function aheadRefusalWords(atMs: number, region: Region, nowMs: number): string | null {
  if (region.bookAheadDays === 0) return 'Rides cannot be booked ahead here. Ask for one when you need it.'
  switch (aheadRefusal(atMs, { nowMs, aheadMostS: region.bookAheadDays * DAY_S })) {
    case 'too_soon':
      return 'That is too soon to book ahead. Choose a time at least 20 minutes from now, or ask for a ride now.'
    case 'too_far':
      return `That is too far ahead. Rides can be booked for the next ${region.bookAheadDays} days.`
    case null:
      return null
  }
}

/** What a fresh form offers: an hour from now, on the next quarter. Null where nothing may be booked. */
export function whenProps(
  form: Partial<WhenForm>,
  region: Region,
  nowMs: number,
  error?: string,
): WhenProps | null {
  if (region.bookAheadDays === 0) return null
  const offered = wallTimeAt(Math.ceil((nowMs + 3_600_000) / QUARTER_MS) * QUARTER_MS, region.timeZone)
  const today = localDay(nowMs, region.timeZone)
  return {
    chosen: form.when ?? 'now',
    day: form.day || offered.day,
    time: form.time || minuteText(offered.minute),
    firstDay: today,
    lastDay: addDays(today, region.bookAheadDays),
    twice: twiceOf(form, region.timeZone),
    fold: form.fold || '1',
    ...(error === undefined ? {} : { error }),
  }
}

/** The form of a price that was asked for, to be asked for anew: the day and the time it was for, or now. */
export function whenFormOf(scheduledFor: Date | null, region: Pick<Region, 'timeZone'>): WhenForm {
  if (scheduledFor === null) return { when: 'now', day: '', time: '', fold: '' }
  const atMs = scheduledFor.getTime()
  const { day, minute } = wallTimeAt(atMs, region.timeZone)
  const instants = instantsAt({ day, minute }, region.timeZone)
  const isSecond = instants.length > 1 && instants[1] === atMs - (atMs % 60_000)
  return { when: 'later', day, time: minuteText(minute), fold: isSecond ? '2' : '1' }
}

const QUARTER_MS = 15 * 60_000

/** The two instants that a time means where the clocks go back over it, each by its zone; else nothing. */
function twiceOf({ day = '', time = '' }: Partial<WhenForm>, timeZone: string): WhenProps['twice'] {
  const said = TIME.exec(time)
  if (!isDay(day) || said === null) return []
  const instants = instantsAt({ day, minute: Number(said[1]) * 60 + Number(said[2]) }, timeZone)
  if (instants.length < 2) return []
  return instants.map((atMs, n) => ({ value: String(n + 1), label: `${time} ${zoneName(atMs, timeZone)}` }))
}

/** `EST`, or `GMT+1` where the zone has no letters of its own. */
function zoneName(atMs: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    timeZoneName: 'short',
    hour: 'numeric',
  }).formatToParts(atMs)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}
