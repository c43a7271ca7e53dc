/**
 * The named scenarios of docs/replay.md over their seeds. B2, half an hour of Manhattan on its roads, is shipped; B1, a
 * day of San Francisco, is not: BENCH_DATA names the directory with sf-trips-day.csv.gz and sf-trips-week.csv.gz, and
 * with nyc-trips-hour-manhattan.csv.gz in it B2 takes that. The figures are what the policies reach; times are in the table.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { runAll } from '../src/replay/crew.ts'
import { parseFlags } from '../src/replay/flags.ts'
import { type Row, rowsOf } from '../src/replay/rows.ts'
import { type RunResult, type RunSpec, readMaterial } from '../src/replay/runs.ts'
import { type Bench, IS_SMALL, type Report } from './run.ts'

const DATA = process.env.BENCH_DATA
const B1_FLEETS = [225, 250, 300]
const B2_FLEETS = [1_000, 1_500, 2_000, 2_500]

interface Ran {
  readonly rows: readonly Row[]
  readonly wrong: number
}

async function ran(args: readonly string[]): Promise<Ran> {
  const flags = parseFlags([...args, '--jobs', String(availableParallelism())])
  const material = await readMaterial(flags)
  const specs: RunSpec[] = flags.fleets.flatMap((fleet) =>
    flags.policies.flatMap((policy) => flags.seeds.map((seed) => ({ day: null, fleet, policy, seed }))),
  )
  const results = await runAll(material, specs, flags.jobs)
  // The first once more, in this process: the same input has the same outcome, wherever it is run.
  const [again] = await runAll(material, specs.slice(0, 1), 1)
  const wrong = results.filter((result) => !addsUp(result, flags.maxWaitS)).length
  return { rows: rowsOf(results), wrong: wrong + (differs(results[0]!, again!) ? 1 : 0) }
}

/** Every request is served or has its cause, and nobody waited longer than allowed. */
function addsUp({ figures, series }: RunResult, maxWaitS: number): boolean {
  const unserved = Object.values(figures.cancels).reduce((sum, count) => sum + count, 0)
  const served = series.clock.served.reduce((sum, count) => sum + count, 0)
  return served + unserved === figures.requests && figures.wait_p95_s <= maxWaitS + 0.001
}

function differs(a: RunResult, b: RunResult): boolean {
  const unclocked = ({ figures, series }: RunResult) =>
    JSON.stringify([{ ...figures, tick_p50_ms: 0, tick_p99_ms: 0, wall_s: 0 }, series])
  return unclocked(a) !== unclocked(b)
}

function pick(rows: readonly Row[], fleet: number, policy: string): Row {
  return rows.find((row) => row.fleet === fleet && row.policy === policy)!
}

function b2Figures(rows: readonly Row[]): [string, number][] {
  return [...new Set(rows.map(({ fleet }) => fleet))].flatMap((fleet) => {
    const [nearest, plain, burst] = ['nearest', 'plain', 'burst'].map((policy) => pick(rows, fleet, policy))
    const bestWaitS = Math.min(nearest!.wait_mean_s.mean, plain!.wait_mean_s.mean)
    return [
      [`b2_n${fleet}_served_burst`, burst!.served_share.mean],
      [`b2_n${fleet}_served_burst_over_plain`, burst!.served_share.mean / plain!.served_share.mean],
      [`b2_n${fleet}_wait_best_over_burst`, bestWaitS / burst!.wait_mean_s.mean],
    ] as [string, number][]
  })
}

function b1Figures(rows: readonly Row[]): [string, number][] {
  return B1_FLEETS.flatMap((fleet) => {
    const batch = pick(rows, fleet, 'batch')
    return [
      [`b1_n${fleet}_served`, batch.served_share.mean],
      [`b1_n${fleet}_wait_p95_s`, batch.wait_p95_s.mean],
      [`b1_n${fleet}_empty_km`, batch.empty_km_share.mean],
      [
        `b1_n${fleet}_least_quartile`,
        Math.min(...batch.served_share_by_length_quartile.map(({ mean }) => mean)),
      ],
    ] as [string, number][]
  })
}

function lines(scenario: string, rows: readonly Row[]): Report['table'] {
  return rows.map((row) => ({
    scenario,
    cars: row.fleet,
    policy: row.policy,
    served: row.served_share.mean.toFixed(3),
    '±': row.served_share.pm?.toFixed(3) ?? '',
    by_length: row.served_share_by_length_quartile.map(({ mean }) => mean.toFixed(2)).join(' '),
    wait_mean_s: Math.round(row.wait_mean_s.mean),
    wait_p95_s: Math.round(row.wait_p95_s.mean),
    empty_km_share: row.empty_km_share.mean.toFixed(3),
    tick_p99_ms: row.tick_p99_ms.mean.toFixed(2),
    wall_s: row.wall_s.mean.toFixed(2),
  }))
}

async function has(name: string): Promise<boolean> {
  return DATA !== undefined && (await Bun.file(join(DATA, name)).exists())
}

async function run(): Promise<Report> {
  const seeds = ['--seed', IS_SMALL ? '1' : '1-5']
  const burst = ['--scenario', 'b2', '--fleet', IS_SMALL ? '150' : B2_FLEETS.join(), ...seeds]
  if (IS_SMALL) burst.push('--to', '00:06')
  if (await has('nyc-trips-hour-manhattan.csv.gz'))
    burst.push('--trips', join(DATA!, 'nyc-trips-hour-manhattan.csv.gz'))
  const b2 = await ran(burst)
  const hasDay = !IS_SMALL && (await has('sf-trips-day.csv.gz')) && (await has('sf-trips-week.csv.gz'))
  const day = [
    ...['--scenario', 'b1', '--fleet', B1_FLEETS.join(), '--policy', 'nearest,batch,plain', ...seeds],
    ...[
      '--trips',
      join(DATA ?? '', 'sf-trips-day.csv.gz'),
      '--history',
      join(DATA ?? '', 'sf-trips-week.csv.gz'),
    ],
  ]
  const b1: Ran = hasDay ? await ran(day) : { rows: [], wrong: 0 }
  return {
    figures: Object.fromEntries([...(hasDay ? b1Figures(b1.rows) : []), ...b2Figures(b2.rows)]),
    table: [...lines('b1', b1.rows), ...lines('b2', b2.rows)],
    wrong: b1.wrong + b2.wrong,
    skipped: [],
  }
}

export const bench: Bench = { name: 'replay', run }
