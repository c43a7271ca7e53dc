/** What the suite's own runner reads from the words of `bun test`, and whom it gives a second go. */
import { expect, test } from 'bun:test'
import { countsOf, type Failure, failuresOf, noCounts } from './support/run-report.ts'
import { type PassDone, secondGo } from './support/second-go.ts'

const SAID = `bun test v1.4.5

test/pages/way.test.ts:
(pass) a way > is shown [12.50ms]
12 |   expect(1).toBe(2)
error: expect(received).toBe(expected)
(fail) a way > is changed [1776.52ms]

test/faults/cut.test.ts:
(pass) a cut > is healed
error: not within 20 s
(fail) a cut > is seen

2 tests failed:
(fail) a way > is changed [1776.52ms]
(fail) a cut > is seen

 2 pass
 2 fail
 9 expect() calls
Ran 4 tests across 2 files. [9.00s]
`

const failure = (file: string): Failure => ({ file, test: 'a test', words: 'error: no' })
/** A pass of ten tests of which these failed. */
const passWith = (files: readonly string[], error = 0): PassDone => ({
  exitCode: files.length + error === 0 ? 0 : 1,
  counts: { ...noCounts(), pass: 10 - files.length, fail: files.length, error },
  failures: files.map(failure),
})
/** Runs of one file: those named fail again. */
const fileRuns = (failing: readonly string[], asked: string[] = []) => ({
  asked,
  byItself: (file: string) => {
    asked.push(file)
    return Promise.resolve(passWith(failing.includes(file) ? [file] : []))
  },
})

test('of a pass each failure is told once, with its file and what was said of it', () => {
  expect(countsOf(SAID)).toEqual({ ...noCounts(), pass: 2, fail: 2 })
  expect(failuresOf(SAID)).toEqual([
    {
      file: 'test/pages/way.test.ts',
      test: 'a way > is changed',
      words: '12 |   expect(1).toBe(2)\nerror: expect(received).toBe(expected)',
    },
    { file: 'test/faults/cut.test.ts', test: 'a cut > is seen', words: 'error: not within 20 s' },
  ])
})

test('a file that passes by itself is unsteady, one that fails again has failed', async () => {
  const { byItself, asked } = fileRuns(['b'])
  const { done, unsteady } = await secondGo(passWith(['a', 'a', 'b']), byItself)
  expect(asked).toEqual(['a', 'b'])
  expect(unsteady).toEqual([failure('a'), failure('a')])
  expect(done).toEqual({
    exitCode: 1,
    counts: { ...noCounts(), pass: 9, fail: 1 },
    failures: [failure('b')],
  })
  const healed = await secondGo(passWith(['a']), fileRuns([]).byItself)
  expect(healed.done).toEqual({ exitCode: 0, counts: { ...noCounts(), pass: 10 }, failures: [] })
})

test('nothing has a second go where all is well, much is wrong, or something failed outside of a test', async () => {
  for (const first of [passWith([]), passWith(['a', 'b', 'c', 'd']), passWith(['a'], 1)]) {
    const { byItself, asked } = fileRuns([])
    expect(await secondGo(first, byItself)).toEqual({ done: first, unsteady: [] })
    expect(asked).toEqual([])
  }
})

test('a file that has no test left when it is run by itself has not passed', async () => {
  const empty: PassDone = { exitCode: 0, counts: noCounts(), failures: [] }
  const { done } = await secondGo(passWith(['a']), () => Promise.resolve(empty))
  expect(done.exitCode).toBe(1)
})
