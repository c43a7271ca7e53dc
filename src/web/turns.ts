/** Heavy work a few at a time: the rest waits in line, and when the line is long people are told so. */
import { HttpProblem } from './problem.ts'

export interface TurnsOptions {
  readonly atOnce: number
  readonly mostWaiting: number
  /** What is told to whom no place is left for; a sentence. */
  readonly busy: string
  readonly retryAfterS: number
}

/** @throws HttpProblem 503 from what it returns, when too many are waiting already */
export function makeTurns(options: TurnsOptions): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let running = 0
  return async (work) => {
    if (running >= options.atOnce) {
      if (waiting.length >= options.mostWaiting)
        throw new HttpProblem(503, options.busy, { headers: { 'retry-after': String(options.retryAfterS) } })
      // Whoever finishes hands its place on, so `running` stays as it is.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
