/** From when on a tariff counts, as the form says it: at once, or a day and time on the wall of the region. */
import { isDay } from '../engine/day.ts'
import { instantsAt } from '../engine/wall-clock.ts'
import type { PublishRefusal } from '../fares/tariff-versions.ts'
import { HttpProblem } from '../web/problem.ts'
import { timeOfDay } from '../web/time-shape.ts'

type Typed = Readonly<Record<string, string>>

export type ReadPublication =
  | { readonly ok: true; readonly typed: Typed; readonly revision: number; readonly fromMs: number | null }
  | { readonly ok: false; readonly typed: Typed; readonly errors: Readonly<Record<string, string>> }

const FIELDS = ['when', 'day', 'time', 'revision', 'key']
/** A date further off than this is a slip of the hand. */
const FURTHEST_MS = 5 * 366 * 86_400_000

/**
 * Read the form. A time that comes twice, as clocks go back, means the first of the two.
 * @throws HttpProblem 422 for a field that is none of it
 */
export function readPublication(body: unknown, timeZone: string, nowMs: number): ReadPublication {
  const given = (body ?? {}) as Record<string, unknown>
  const stray = Object.entries(given).filter(
    ([name, value]) => !FIELDS.includes(name) || typeof value !== 'string',
  )
  if (stray.length > 0 || !/^\d{1,9}$/.test(String(given.revision ?? '')))
    throw new HttpProblem(422, 'This form cannot be read.', {
      errors: stray.map(([name]) => ({ field: name.slice(0, 80), message: 'This field is not known.' })),
    })
  const typed = given as Typed
  const revision = Number(typed.revision)
  const wrong = (field: string, message: string) => ({
    ok: false as const,
    typed,
    errors: { [field]: message },
  })
  if (typed.when !== 'later') {
    // A date that was typed and would not count is no way to begin a price.
    if ((typed.day ?? '') + (typed.time ?? '') !== '')
      return wrong('day', 'Choose “From a day and time”, or leave day and time empty.')
    return { ok: true, typed, revision, fromMs: null }
  }
  const day = (typed.day ?? '').trim()
  if (!isDay(day)) return wrong('day', 'A day, such as 2026-12-01.')
  const time = timeOfDay.safeParse((typed.time ?? '').trim() || '00:00')
  if (!time.success || time.data === 1_440) return wrong('time', 'A time of the day, such as 00:00.')
  const [fromMs] = instantsAt({ day, minute: time.data }, timeZone)
  if (fromMs === undefined)
    return wrong('time', 'Clocks go forward over this time: it does not come on that day.')
  if (fromMs < nowMs) return wrong('day', 'This has gone by. Choose a time to come, or “At once”.')
  if (fromMs - nowMs > FURTHEST_MS) return wrong('day', 'This is more than five years off.')
  return { ok: true, typed, revision, fromMs }
}

/** The field a refusal belongs to, and its words. */
export function publicationMistakes(
  reason: Exclude<PublishRefusal, 'not_found'>,
): [field: string, words: string] {
  switch (reason) {
    case 'changed_meanwhile':
      return [
        'draft',
        'Somebody changed the draft meanwhile. Below is what it says now: look again before you publish.',
      ]
    case 'unknown_zone':
      return ['draft', 'A rule names a zone that was closed. Go back to the draft and choose another.']
    case 'in_the_past':
      return ['day', 'This has gone by. Choose a time to come, or “At once”.']
    case 'taken':
      return [
        'time',
        'Another version comes into force at this very instant. Withdraw it, or choose another time.',
      ]
  }
}
