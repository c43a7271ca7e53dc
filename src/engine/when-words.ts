/** When somebody wants a car, as it is said on the phone: "now", "18:30", "in 20", "tomorrow 7", "fri 9:15", "half past". */
import { addDays, type Day, isDay, localDay } from './day.ts'
import { ok, type Result, refuse } from './units.ts'
import { instantsAt, type WallTime, wallTimeAt } from './wall-clock.ts'

/** Now; an instant that was counted from now, epoch ms; or what the wall is to show. */
export type SaidWhen =
  | { readonly kind: 'now' }
  | { readonly kind: 'instant'; readonly atMs: number }
  | { readonly kind: 'wall'; readonly wall: WallTime }

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const NOW = /^(now|asap|right now|at once)?$/
const IN = /^(?:in )?(\d{1,3}) ?(m|min|mins|minute|minutes|h|hr|hrs|hour|hours)$|^in (\d{1,3})$/
const IN_HALF = /^in (?:an? )?(half an hour|hour|hour and a half)$/
const TIME = /^(?:at )?(\d{1,2})(?:[:.h ]?(\d{2}))? ?(am|pm|a|p)?$/

/**
 * What some words mean, said at an instant where the wall goes by a zone.
 * A time without a day is the next one that comes; one without am or pm is as a clock to 24 shows it. Nothing said is now.
 * @returns `unclear` for words that could not be made out; whether one may book so early or late is asked elsewhere
 */
export function whenFromWords(
  words: string,
  { nowMs, timeZone }: { nowMs: number; timeZone: string },
): Result<SaidWhen, 'unclear'> {
  const said = words.trim().toLowerCase().replaceAll(/\s+/g, ' ')
  if (NOW.test(said)) return ok({ kind: 'now' })
  const inMinutes = minutesAhead(said)
  if (inMinutes !== null) return ok({ kind: 'instant', atMs: nowMs + inMinutes * 60_000 })
  const { day, rest } = dayIn(said, nowMs, timeZone)
  const minute = minuteIn(rest)
  if (minute === null) return refuse('unclear')
  if (day !== null) return ok({ kind: 'wall', wall: { day, minute } })
  const today = localDay(nowMs, timeZone)
  const [latestToday] = instantsAt({ day: today, minute }, timeZone).toReversed()
  // A minute that is running may still be meant.
  const isOver = latestToday === undefined || latestToday + 60_000 <= nowMs
  return ok({ kind: 'wall', wall: { day: isOver ? addDays(today, 1) : today, minute } })
}

/** "in 20", "45 min", "2h", "in half an hour"; null for other words. */
function minutesAhead(said: string): number | null {
  const half = IN_HALF.exec(said)?.[1]
  if (half !== undefined) return half === 'half an hour' ? 30 : half === 'hour' ? 60 : 90
  const [, amount, unit, bare] = IN.exec(said) ?? []
  if (bare !== undefined) return Number(bare)
  if (amount === undefined || unit === undefined) return null
  return Number(amount) * (unit.startsWith('h') ? 60 : 1)
}

/** The day that stands before or after the time, and the words that are left. */
function dayIn(said: string, nowMs: number, timeZone: string): { day: Day | null; rest: string } {
  const today = localDay(nowMs, timeZone)
  const parts = said.split(' ')
  for (const at of [0, parts.length - 1]) {
    const day = dayOf(parts[at] ?? '', today)
    if (day !== null) return { day, rest: parts.filter((_, n) => n !== at).join(' ') }
  }
  return { day: null, rest: said }
}

function dayOf(word: string, today: Day): Day | null {
  if (/^today$|^tonight$/.test(word)) return today
  if (/^tomorrow$|^tmrw?$|^tom$/.test(word)) return addDays(today, 1)
  if (isDay(word)) return word
  const weekday = /^[a-z]{3,9}$/.test(word) ? WEEKDAYS.findIndex((name) => LONG[name]!.startsWith(word)) : -1
  if (weekday < 0) return null
  // "Friday", said on a Friday, is the one in a week: who means today says so.
  const now = new Date(`${today}T00:00:00Z`).getUTCDay()
  return addDays(today, (weekday - now + 7) % 7 || 7)
}

const LONG: Record<string, string> = {
  ...{ sun: 'sunday', mon: 'monday', tue: 'tuesday', wed: 'wednesday' },
  ...{ thu: 'thursday', fri: 'friday', sat: 'saturday' },
}

/** Minutes since midnight; null for what no clock shows. */
function minuteIn(said: string): number | null {
  if (said === 'noon') return 720
  if (said === 'midnight') return 0
  const [, hours, minutes = '00', half] = TIME.exec(said) ?? []
  if (hours === undefined) return null
  let hour = Number(hours)
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return null
    hour = (hour % 12) + (half.startsWith('p') ? 12 : 0)
  }
  const minute = hour * 60 + Number(minutes)
  return hour > 23 || Number(minutes) > 59 ? null : minute
}

/** The day and the time of an instant, as a form says them. */
export function wallOf(said: Exclude<SaidWhen, { kind: 'now' }>, timeZone: string): WallTime {
  return said.kind === 'wall' ? said.wall : wallTimeAt(said.atMs, timeZone)
}
