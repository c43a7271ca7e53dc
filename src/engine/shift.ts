/** How long somebody has driven since they last rested, and how long they still may. Pure. */
import { assert } from './units.ts'

export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

export interface HoursRules {
  /** How long one may drive between two rests. */
  readonly driveLimitMs: number
  /** How long without driving in one go is a rest, after which the count begins anew. */
  readonly restMs: number
}

/** What was driven since the last rest, and until when. */
export interface Driven {
  readonly drivenMs: number
  readonly droveUntilMs: number
}

/** One shift as the count needs it: what was driven before it since the last rest stands with it. */
export interface ShiftHours {
  readonly before: Driven | null
  readonly startedAtMs: number
  /** Null while it goes on. */
  readonly endedAtMs: number | null
  /** In order, none over the other, within the shift; one that goes on ends at infinity. */
  readonly breaks: readonly Span[]
}

export interface Hours {
  /** Since the last rest: time on shift without the breaks. */
  readonly drivenMs: number
  /** 0 when the limit is reached. */
  readonly leftMs: number
  /** When who drives now, and goes on, reaches the limit (now, for who is over it); null on a break or off shift. */
  readonly endsAtMs: number | null
  /** When who does not drive from now on has rested; null who has rested already. */
  readonly restedAtMs: number | null
  /** What the next shift carries along; null when there was a rest since. */
  readonly driven: Driven | null
}

/**
 * The hours at an instant, from the newest shift alone. Time on shift counts, waiting for offers too, for a tired
 * driver is as tired; a break does not, and a long one is a rest. Tachograph rules count this way (Regulation (EC)
 * 561/2006, articles 4 and 6: daily driving time lies between two daily rests), so no day of the calendar is needed.
 * @param shift the newest one; null for who never drove
 */
export function hoursAt(shift: ShiftHours | null, rules: HoursRules, nowMs: number): Hours {
  let driven = shift?.before ?? null
  for (const { fromMs, untilMs } of shift === null ? [] : workOf(shift, nowMs)) {
    const before = isRested(driven, rules, fromMs) ? 0 : driven!.drivenMs
    driven = { drivenMs: before + untilMs - fromMs, droveUntilMs: untilMs }
  }
  if (isRested(driven, rules, nowMs)) driven = null
  const drivenMs = driven?.drivenMs ?? 0
  const leftMs = Math.max(0, rules.driveLimitMs - drivenMs)
  const isDriving =
    shift !== null &&
    shift.endedAtMs === null &&
    !shift.breaks.some(({ fromMs, untilMs }) => fromMs <= nowMs && untilMs > nowMs)
  return {
    drivenMs,
    leftMs,
    endsAtMs: isDriving ? nowMs + leftMs : null,
    restedAtMs: driven === null ? null : driven.droveUntilMs + rules.restMs,
    driven,
  }
}

function isRested(driven: Driven | null, { restMs }: HoursRules, atMs: number): boolean {
  return driven === null || atMs - driven.droveUntilMs >= restMs
}

/** A shift less its breaks, as far as it has come. */
function workOf({ startedAtMs, endedAtMs, breaks }: ShiftHours, nowMs: number): Span[] {
  const untilMs = endedAtMs ?? nowMs
  const work: Span[] = []
  let fromMs = startedAtMs
  for (const pause of breaks) {
    assert(pause.fromMs <= pause.untilMs, 'a break ends after it began')
    if (pause.fromMs > fromMs) work.push({ fromMs, untilMs: Math.min(pause.fromMs, untilMs) })
    fromMs = Math.max(fromMs, Math.min(pause.untilMs, untilMs))
  }
  if (untilMs > fromMs) work.push({ fromMs, untilMs })
  return work
}
