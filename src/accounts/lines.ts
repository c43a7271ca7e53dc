/** One after the other under the same name, side by side under different ones. */
import { HttpProblem } from '../web/problem.ts'

/** More than this many under one name are somebody's machine, not a person. */
const MOST_WAITING = 64

/**
 * Lines that people stand in. Signing in is done one at a time for an address: a try is taken before its password is
 * looked at, and several right ones at once must not use up the five among themselves.
 */
export function makeLines(mostWaiting = MOST_WAITING) {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()

  /** @throws HttpProblem 503 when too many wait under this name */
  return async function inLine<T>(name: string, work: () => Promise<T>): Promise<T> {
    const line = lines.get(name) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= mostWaiting)
      throw new HttpProblem(
        503,
        'This address is signing in many times at once. Try again in a few seconds.',
        {
          headers: { 'retry-after': '3' },
        },
      )
    line.waiting++
    const mine = line.last.then(work)
    line.last = mine.catch(() => {})
    lines.set(name, line)
    try {
      return await mine
    } finally {
      if (--line.waiting === 0) lines.delete(name)
    }
  }
}
