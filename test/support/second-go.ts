/** A second go, each by itself, for the files of a pass in which few tests failed. */
import type { Counts, Failure } from './run-report.ts'

export interface PassDone {
  readonly exitCode: number
  readonly counts: Counts
  readonly failures: readonly Failure[]
}

/** More than these have something in common, and it is not chance. */
const MAX_FILES = 3

/**
 * What fails again has failed; what passes then counts as passed, and is unsteady.
 * @param byItself runs one file
 */
export async function secondGo(
  first: PassDone,
  byItself: (file: string) => Promise<PassDone>,
): Promise<{ done: PassDone; unsteady: readonly Failure[] }> {
  const failed = [...new Set(first.failures.map(({ file }) => file))]
  // Whatever failed outside of a test, or left no name, cannot be tried again.
  const isNamed = first.counts.error === 0 && first.counts.fail === first.failures.length
  if (failed.length === 0 || failed.length > MAX_FILES || !isNamed) return { done: first, unsteady: [] }
  const recovered = new Set<string>()
  for (const file of failed) {
    const { exitCode, counts } = await byItself(file)
    if (exitCode === 0 && counts.pass > 0) recovered.add(file)
  }
  const unsteady = first.failures.filter(({ file }) => recovered.has(file))
  const failures = first.failures.filter(({ file }) => !recovered.has(file))
  const counts = {
    ...first.counts,
    pass: first.counts.pass + unsteady.length,
    fail: first.counts.fail - unsteady.length,
  }
  return { done: { counts, failures, exitCode: failures.length === 0 ? 0 : first.exitCode }, unsteady }
}
