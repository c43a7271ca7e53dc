/**
 * The whole suite in three passes, each two files at a time: what shares nothing; pages in browsers; then what kills,
 * freezes and cuts off servers of its own, which mostly waits for them, beside the benches, small and without their
 * figures. With arguments it is `bun test` with them.
 * Of browsers and whole servers a few files that failed run once more, each by itself: two at a time on a busy machine,
 * something may come later than any test should wait for. What passes then is told as unsteady, for somebody to mend, and
 * does not fail the run; what is wrong fails again.
 * What failed is told once more at the end, with what was said of it: of a long run often the end alone is kept. The last
 * lines are the sums of all, in the runner's own words.
 */
import { join } from 'node:path'
import { Glob } from 'bun'
import {
  afterAnotherTry,
  type Counts,
  countsOf,
  type Failure,
  failuresOf,
  noCounts,
} from './support/run-report.ts'

const ROOT = join(import.meta.dir, '..')
/**
 * What takes longest begins first, or it would run alone at the end. Which that is, a pass writes down itself, now and
 * then: `bun run test --parallel=2 --no-isolate --update-timings`.
 */
const COMMON = ['test', '--timeout', '30000', '--timings=test/timings.json']
/** In two processes that share what they have loaded, and a database server each. */
const TOGETHER = ['--parallel=2', '--no-isolate']
const PAGES = ['test/pages/']
/** What starts whole servers, a dozen all in all: not beside browsers. */
const SERVERS = ['test/faults/', 'test/readme.test.ts']
/** Where more files than these fail, it is not by chance. */
const MOST_AGAIN = 3

interface PassDone {
  readonly exitCode: number
  readonly counts: Counts
  readonly failures: readonly Failure[]
}

/** Run one pass and show all of it while it runs. */
async function pass(args: readonly string[]): Promise<PassDone> {
  const child = Bun.spawn([process.execPath, ...COMMON, ...args], {
    cwd: ROOT,
    stdin: 'inherit',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const stop = (signal: NodeJS.Signals) => child.kill(signal)
  process.on('SIGINT', stop).on('SIGTERM', stop)
  const said = await Promise.all([shown(child.stdout, process.stdout), shown(child.stderr, process.stderr)])
  const exitCode = await child.exited
  process.off('SIGINT', stop).off('SIGTERM', stop)
  const text = Bun.stripANSI(said.join('\n'))
  return { exitCode, counts: countsOf(text), failures: failuresOf(text) }
}

async function shown(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of from) {
    to.write(chunk)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

const own = process.argv.slice(2)
if (own.length > 0) process.exit((await pass(own)).exitCode)

const files = [...new Glob('test/**/*.test.ts').scanSync({ cwd: ROOT })].toSorted()
const isIn = (folders: readonly string[]) => (file: string) => folders.some((start) => file.startsWith(start))
const named = (chosen: readonly string[]) => chosen.map((file) => `./${file}`)
const sum = noCounts()
const failures: Failure[] = []
let isBroken = false
for (const args of [
  [...TOGETHER, ...named(files.filter((file) => !isIn([...PAGES, ...SERVERS])(file)))],
  [...TOGETHER, ...named(files.filter(isIn(PAGES)))],
  [...TOGETHER, ...named(files.filter(isIn(SERVERS)))],
]) {
  const done = await pass(args)
  for (const word of Object.keys(sum) as (keyof Counts)[]) sum[word] += done.counts[word]
  // A pass that ended before its summary has failed, whatever it had counted.
  if (done.counts.pass === 0) sum.error += 1
  isBroken ||= done.exitCode !== 0 && done.counts.fail === 0
  failures.push(...done.failures)
}

const again = [...new Set(failures.map(({ file }) => file))].filter(isIn([...PAGES, ...SERVERS]))
const passedAlone = new Set<string>()
if (again.length <= MOST_AGAIN)
  for (const file of again) {
    console.log(`\nOnce more, by itself: ${file}`)
    if ((await pass(named([file]))).exitCode === 0) passedAlone.add(file)
  }
const { counts, failed, unsteady } = afterAnotherTry(sum, failures, passedAlone)
const tell = (how: string, { file, test, words }: Failure) =>
  console.log(`\n${how}: ${file}: ${test}\n${words}`)
for (const failure of unsteady) tell('Unsteady, passed by itself', failure)
for (const failure of failed) tell('Failed', failure)
console.log(`\nAll passes, ${files.length} files:`)
for (const [word, figure] of Object.entries(counts)) console.log(` ${figure} ${word}`)
process.exit(isBroken || counts.fail + counts.error > 0 ? 1 : 0)
