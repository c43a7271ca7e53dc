/** What the suite's own runner reads from the words of `bun test`. */
import { expect, test } from 'bun:test'
import { afterAnotherTry, countsOf, failuresOf, noCounts } from './support/run-report.ts'

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

test('what passes by itself is told and counts as passed; what fails again has failed', () => {
  const [counts, failures] = [countsOf(SAID), failuresOf(SAID)]
  const after = afterAnotherTry(counts, failures, new Set(['test/pages/way.test.ts']))
  expect(after.counts).toEqual({ ...noCounts(), pass: 3, fail: 1 })
  expect(after.unsteady.map(({ file }) => file)).toEqual(['test/pages/way.test.ts'])
  expect(after.failed.map(({ file }) => file)).toEqual(['test/faults/cut.test.ts'])
  expect(afterAnotherTry(counts, failures, new Set()).counts).toEqual(counts)
})
