/** Time enters here: one clock that runs by itself, one that a test or a replay moves by hand. */

/** Stop a timer; harmless after it has fired. */
export type Cancel = () => void

export interface Clock {
  /** Epoch milliseconds, with fractions; never goes back unless `calibrate` corrects it. */
  nowMs(): number
  /** Call `fn` once, `delayMs` from now; a negative delay counts as 0. What `fn` throws is the caller's bug. */
  after(delayMs: number, fn: () => void): Cancel
}

export interface SystemClock extends Clock {
  /** Take `databaseNowMs` as the present, so that all processes agree with the database's `now()`. */
  calibrate(databaseNowMs: number): void
}

/** setTimeout keeps its delay in 31 bits and fires at once beyond, so longer waits go in steps. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/**
 * The production clock. It counts by the monotonic counter from one reading of the wall clock, so a step
 * of the wall clock neither expires nor extends anything.
 */
export function systemClock(): SystemClock {
  let offsetMs = Date.now() - performance.now()
  return {
    nowMs: () => performance.now() + offsetMs,
    calibrate: (databaseNowMs) => {
      offsetMs = databaseNowMs - performance.now()
    },
    after: (delayMs, fn) => {
      let leftMs = Math.max(0, delayMs)
      let timer: ReturnType<typeof setTimeout>
      const wait = () => {
        const stepMs = Math.min(leftMs, LONGEST_TIMEOUT_MS)
        leftMs -= stepMs
        timer = setTimeout(leftMs > 0 ? wait : fn, stepMs)
      }
      wait()
      return () => clearTimeout(timer)
    },
  }
}

/** A slower answer says too little: it may have waited for a free connection before it was made, or on the way back. */
const SLOWEST_ANSWER_MS = 200

/**
 * Ask the database for its time and take it over, half the way back added; an answer slower than `slowestMs` is let
 * be, for the clock by itself is closer than that.
 * @returns whether the clock was set
 */
export async function calibrate(
  clock: Pick<SystemClock, 'calibrate'>,
  askNowMs: () => Promise<number>,
  {
    slowestMs = SLOWEST_ANSWER_MS,
    counterMs = () => performance.now(),
  }: { slowestMs?: number; counterMs?: () => number } = {},
): Promise<boolean> {
  const askedAtMs = counterMs()
  const databaseNowMs = await askNowMs()
  const tookMs = counterMs() - askedAtMs
  if (tookMs > slowestMs) return false
  clock.calibrate(databaseNowMs + tookMs / 2)
  return true
}

export interface ManualClock extends Clock {
  /** Move on by `ms`, firing every timer that falls due, each at its own instant, in order. */
  advance(ms: number): void
  /** As `advance`, and waits for what each timer's function promises before the next one fires. */
  advanceAndWait(ms: number): Promise<void>
  /** How many timers are still waiting. */
  pending(): number
}

interface Timer {
  atMs: number
  /** Timers of one instant fire in the order they were set. */
  order: number
  fn: () => unknown
}

/** A clock that stands still at `startMs` (epoch milliseconds) until it is moved. */
export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs
  let order = 0
  const timers = new Set<Timer>()

  function takeDue(untilMs: number): Timer | null {
    let next: Timer | null = null
    for (const timer of timers) {
      if (timer.atMs > untilMs) continue
      if (next === null || timer.atMs < next.atMs || (timer.atMs === next.atMs && timer.order < next.order)) {
        next = timer
      }
    }
    if (next === null) return null
    timers.delete(next)
    nowMs = next.atMs
    return next
  }

  return {
    nowMs: () => nowMs,
    after: (delayMs, fn) => {
      const timer: Timer = { atMs: nowMs + Math.max(0, delayMs), order: order++, fn }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    advance: (ms) => {
      const untilMs = nowMs + ms
      for (let timer = takeDue(untilMs); timer !== null; timer = takeDue(untilMs)) timer.fn()
      nowMs = untilMs
    },
    advanceAndWait: async (ms) => {
      const untilMs = nowMs + ms
      for (let timer = takeDue(untilMs); timer !== null; timer = takeDue(untilMs)) await timer.fn()
      nowMs = untilMs
    },
    pending: () => timers.size,
  }
}
