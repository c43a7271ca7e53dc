/** Policies by weekday and hour in a company file. */
import { z } from 'zod'
import { POLICY_KINDS } from '../engine/decide.ts'
import { DAY_MINUTES, gapsOf, overlapsOf, type PolicyWindow, type WeekSpan } from '../engine/policy-hours.ts'
import { timeOfDay, timeText, WEEKDAYS } from '../web/time-shape.ts'

const windowShape = z
  .strictObject({
    /** On which days it begins; all of them unless it says. */
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1, { error: 'should have a day' })
      .default([...WEEKDAYS]),
    from: timeOfDay.refine((minute) => minute < DAY_MINUTES, {
      error: 'should be before "24:00"',
      abort: true,
    }),
    /** Not after `from`: of the next day. */
    until: timeOfDay,
    policy: z.enum(POLICY_KINDS).optional(),
    batchWindowMs: z.int().min(0).max(60_000).optional(),
    radiusM: z.int().min(100).max(100_000).optional(),
    candidates: z.int().min(1).max(64).optional(),
  })
  .refine(({ days }) => new Set(days).size === days.length, {
    path: ['days'],
    error: 'names a day twice',
    abort: true,
  })
  .refine(
    ({ policy, batchWindowMs, radiusM, candidates }) =>
      [policy, batchWindowMs, radiusM, candidates].some((value) => value !== undefined),
    { error: 'changes nothing: say policy, batchWindowMs, radiusM or candidates' },
  )
export type PolicyHoursEntry = z.infer<typeof windowShape>

export const policyHoursShape = z
  .array(windowShape)
  .max(100)
  .superRefine((windows, context) => {
    for (const {
      windows: [a, b],
      span,
    } of overlapsOf(windows.map(windowOf)))
      context.addIssue({
        code: 'custom',
        path: [b],
        message:
          a === b
            ? `overlaps itself from ${spanText(span)}`
            : `overlaps policyHours[${a}] from ${spanText(span)}`,
      })
  })

/** The first stretch of the week without a window, in words; null where every minute has one. */
export function firstGap(windows: readonly PolicyHoursEntry[]): string | null {
  const [gap] = gapsOf(windows.map(windowOf))
  return gap === undefined ? null : spanText(gap)
}

export function windowOf(entry: PolicyHoursEntry): PolicyWindow {
  const { days, from, until, policy, batchWindowMs, radiusM, candidates } = entry
  return {
    weekdays: days.map((day) => WEEKDAYS.indexOf(day) + 1).toSorted((a, b) => a - b),
    fromMinute: from,
    untilMinute: until,
    policy: {
      ...(policy !== undefined && { kind: policy }),
      ...(batchWindowMs !== undefined && { batchWindowMs }),
      ...(radiusM !== undefined && { radiusM }),
      ...(candidates !== undefined && { candidates }),
    },
  }
}

/** "friday 22:00 to saturday 02:00". */
function spanText([from, until]: WeekSpan): string {
  return `${minuteText(from)} to ${minuteText(until)}`
}

function minuteText(minute: number): string {
  return `${WEEKDAYS[Math.floor(minute / DAY_MINUTES) % 7]} ${timeText(minute % DAY_MINUTES)}`
}
