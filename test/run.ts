/**
 * The whole suite in three passes, each two files at a time: what shares nothing; pages in browsers; then what kills,
 * freezes and cuts off servers of its own, which mostly waits for them, beside the benches, small and without their
 * figures. With arguments it is `bun test` with them. The last lines are the sums of all, in the runner's own words.
 */
import { join } from 'node:path'
import { Glob } from 'bun'

const ROOT = join(import.meta.dir, '..')
const COMMON = ['test', '--timeout', '30000']
/** In two processes that share what they have loaded, and a database server each. */
const TOGETHER = ['--parallel=2', '--no-isolate']
const PAGES = ['test/pages/']
/** What starts whole servers, a dozen all in all: not beside browsers. */
const SERVERS = ['test/faults/', 'test/readme.test.ts']
const SUMMARY = /^ *(\d+) (pass|fail|skip|todo|error)s?$/

type Counts = Record<'pass' | 'fail' | 'skip' | 'todo' | 'error', number>

/** Run one pass and show all of it while it runs. */
async function pass(args: readonly string[]): Promise<{ exitCode: number; counts: Counts }> {
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
  return { exitCode, counts: countsOf(said.join('\n')) }
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

/** The numbers of the runner's summary: of each word the last one said. */
function countsOf(text: string): Counts {
  const counts: Counts = { pass: 0, fail: 0, skip: 0, todo: 0, error: 0 }
  for (const line of Bun.stripANSI(text).split('\n')) {
    const [, figure, word] = SUMMARY.exec(line) ?? []
    if (figure !== undefined) counts[word as keyof Counts] = Number(figure)
  }
  return counts
}

const own = process.argv.slice(2)
if (own.length > 0) process.exit((await pass(own)).exitCode)

const files = [...new Glob('test/**/*.test.ts').scanSync({ cwd: ROOT })].toSorted()
const isIn = (folders: readonly string[]) => (file: string) => folders.some((start) => file.startsWith(start))
const named = (chosen: readonly string[]) => chosen.map((file) => `./${file}`)
const sum: Counts = { pass: 0, fail: 0, skip: 0, todo: 0, error: 0 }
let exitCode = 0
for (const args of [
  [...TOGETHER, ...named(files.filter((file) => !isIn([...PAGES, ...SERVERS])(file)))],
  [...TOGETHER, ...named(files.filter(isIn(PAGES)))],
  [...TOGETHER, ...named(files.filter(isIn(SERVERS)))],
]) {
  const done = await pass(args)
  for (const word of Object.keys(sum) as (keyof Counts)[]) sum[word] += done.counts[word]
  // A pass that ended before its summary has failed, whatever it had counted.
  if (done.counts.pass === 0) sum.error += 1
  exitCode ||= done.exitCode
}
console.log(`\nAll passes, ${files.length} files:`)
for (const [word, figure] of Object.entries(sum)) console.log(` ${figure} ${word}`)
process.exit(exitCode !== 0 || sum.fail + sum.error > 0 ? 1 : 0)
