/** What the test runner said of a pass, read back from its words. */

export type Counts = Record<'pass' | 'fail' | 'skip' | 'todo' | 'error', number>

export interface Failure {
  readonly file: string
  /** Its whole name, as the runner writes it. */
  readonly test: string
  /** What was written since the test before it ended: the error, and where. */
  readonly words: string
}

const SUMMARY = /^ *(\d+) (pass|fail|skip|todo|error)s?$/
const FILE = /^(test\/\S+\.test\.ts):$/
const ENDED = /^\((pass|fail|skip|todo)\) (.*?)(?: \[[\d.]+m?s\])?$/
/** Before the list of names at the end of a pass. */
const NAMES = /^\d+ tests? failed:$/
/** An error's last lines say the most; the code around it comes first. */
const MAX_WORDS = 60

export function noCounts(): Counts {
  return { pass: 0, fail: 0, skip: 0, todo: 0, error: 0 }
}

/** The numbers of the runner's summary: of each word the last one said. @param text without colours */
export function countsOf(text: string): Counts {
  const counts = noCounts()
  for (const line of text.split('\n')) {
    const [, figure, word] = SUMMARY.exec(line) ?? []
    if (figure !== undefined) counts[word as keyof Counts] = Number(figure)
  }
  return counts
}

/** Each test that failed, with what was said of it. @param text without colours */
export function failuresOf(text: string): Failure[] {
  const failures: Failure[] = []
  let file = ''
  let words: string[] = []
  for (const line of text.split('\n')) {
    if (NAMES.test(line)) break
    const named = FILE.exec(line)
    const ended = ENDED.exec(line)
    if (named?.[1] !== undefined) file = named[1]
    else if (ended === null) words.push(line)
    else if (ended[1] === 'fail')
      failures.push({ file, test: ended[2] ?? '', words: words.slice(-MAX_WORDS).join('\n').trim() })
    if (named !== null || ended !== null) words = []
  }
  return failures
}

/**
 * What remains of the failures once their files ran again by themselves.
 * @param passedAlone the files that passed then: what failed in them before is unsteady, and counts as passed
 */
export function afterAnotherTry(
  counts: Counts,
  failures: readonly Failure[],
  passedAlone: ReadonlySet<string>,
): { readonly counts: Counts; readonly failed: readonly Failure[]; readonly unsteady: readonly Failure[] } {
  const [unsteady, failed] = [true, false].map((is) =>
    failures.filter(({ file }) => passedAlone.has(file) === is),
  ) as [Failure[], Failure[]]
  const { length } = unsteady
  return { counts: { ...counts, pass: counts.pass + length, fail: counts.fail - length }, failed, unsteady }
}
