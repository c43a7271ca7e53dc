/**
 * Runs the benches: `bun run bench` all of them, `bun run bench NAME` one, with `--json` a last line for machines:
 * {"bench","machine","figures","wrong"}. Figures are ratios of medians within one run, named as in the README; a wrong
 * answer, or with BENCH_ALL=1 a peer that is missing, ends in exit code 1. BENCH_SMALL=1 is quick and tells no speed.
 *
 * To add a bench: a file that exports `bench: Bench`, and a line in BENCHES.
 */
import { cpus } from 'node:os'

export interface Report {
  /** Ratios by figure name. */
  readonly figures: Readonly<Record<string, number>>
  /** Rows for people: absolute times and what else explains the ratios. */
  readonly table: readonly Readonly<Record<string, string | number>>[]
  /** Answers that differed from the oracle's. */
  readonly wrong: number
  /** Peers that are not on this machine, by name. */
  readonly skipped: readonly string[]
}

export interface Bench {
  readonly name: string
  run(): Report | Promise<Report>
}

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  nearest: () => import('./nearest.ts'),
  update: () => import('./update.ts'),
  wire: () => import('./wire.ts'),
  fanout: () => import('./fanout.ts'),
  live: () => import('./live.ts'),
  redis: () => import('./redis.ts'),
  views: () => import('./views.ts'),
  pages: () => import('./pages.ts'),
  board: () => import('./board.ts'),
  assign: () => import('./assign.ts'),
  eta: () => import('./eta.ts'),
  replay: () => import('./replay.ts'),
  session: () => import('./session.ts'),
  'sign-in': () => import('./sign-in.ts'),
  watchdog: () => import('./watchdog.ts'),
  trace: () => import('./trace.ts'),
}

/** Every bench and its checks, on small cities and few rounds: to see that all run, not to tell how fast. */
export const IS_SMALL = process.env.BENCH_SMALL === '1'

/** Turns of the contestants, one after the other and then again; the machine's moods fall on all of them alike. */
export function interleave<Name extends string>(
  rounds: number,
  contestants: Readonly<Record<Name, () => number>>,
): Record<Name, number[]> {
  const names = Object.keys(contestants) as Name[]
  const timesMs = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  // The first round warms up the compiler and the caches and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const tookMs = contestants[name]()
      if (round > 0) timesMs[name].push(tookMs)
    }
  }
  return timesMs
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** The median over the rounds of how many times longer `theirs` took than `ours`. */
export function medianRatio(theirs: readonly number[], ours: readonly number[]): number {
  return median(theirs.map((time, round) => time / ours[round]!))
}

/**
 * Milliseconds of processor time that `work` takes, on all of the process's threads. On a quiet machine that is the
 * wall's time; on a busy one it leaves out the turns of others, which would fall on the short contestant by chance.
 */
export function timeMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

async function main(args: readonly string[]): Promise<number> {
  const json = args.includes('--json')
  const asked = args.filter((arg) => !arg.startsWith('--'))
  const unknown = asked.filter((name) => BENCHES[name] === undefined)
  if (unknown.length > 0) {
    process.stderr.write(`bench: no ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}\n`)
    return 2
  }
  const [cpu] = cpus()
  const machine = `${cpu?.model.trim() ?? 'unknown'} × ${cpus().length}, Bun ${Bun.version}`
  let failed = false
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
    const { bench } = await BENCHES[name]!()
    const { figures, table, wrong, skipped } = await bench.run()
    process.stdout.write(`\n${bench.name} · ${machine}\n${Bun.inspect.table([...table])}`)
    for (const [figure, ratio] of Object.entries(figures)) {
      process.stdout.write(`  ${figure.padEnd(36)}${ratio.toFixed(2).padStart(9)}\n`)
    }
    for (const peer of skipped) process.stdout.write(`  skipped: ${peer} is not on this machine\n`)
    if (wrong > 0) process.stdout.write(`  WRONG: ${wrong} answers differ from the oracle's\n`)
    failed ||= wrong > 0 || (skipped.length > 0 && process.env.BENCH_ALL === '1')
    if (json) process.stdout.write(`${JSON.stringify({ bench: bench.name, machine, figures, wrong })}\n`)
  }
  return failed ? 1 : 0
}

if (import.meta.main) {
  const code = await main(process.argv.slice(2))
  // What a bench has left open, such as a pool's idle timer, must not keep the terminal waiting.
  process.stdout.write('', () => process.exit(code))
}
