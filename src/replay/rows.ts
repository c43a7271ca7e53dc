/** Runs of one kind together: a line of the table, means over seeds and days with their intervals. */
import { type Mean, meanOf } from './intervals.ts'
import type { PolicyName } from './policies.ts'
import type { Report } from './report.ts'
import type { RunResult } from './runs.ts'

/** The figures of a report that are one number each. */
const NUMBERS = [
  'requests',
  'served_share',
  'wait_mean_s',
  'wait_p50_s',
  'wait_p95_s',
  'delay_mean_s',
  'pickup_km',
  'repositioning_km',
  'empty_km_share',
  'occupied_time_share',
  'rides_per_car',
  'declines',
  'tick_p50_ms',
  'tick_p99_ms',
  'wall_s',
] as const satisfies readonly (keyof Report)[]
export type NumberName = (typeof NUMBERS)[number]

export interface Row extends Readonly<Record<NumberName, Mean>> {
  /** null where several days, or the whole file, are taken together. */
  readonly day: string | null
  readonly days: number
  readonly fleet: number
  readonly policy: PolicyName
  readonly seeds: number
  readonly served_share_by_length_quartile: readonly Mean[]
  readonly cancels: Readonly<Record<string, Mean>>
}

/**
 * A row for each day, fleet and policy, in the order they were asked for; with several days one more for all of them. A
 * seed counts once: where several days are taken together, with its mean over the days.
 */
export function rowsOf(results: readonly RunResult[]): Row[] {
  const days = new Set(results.map(({ spec }) => spec.day))
  const byKind = Map.groupBy(results, ({ spec }) => [spec.fleet, spec.policy].join())
  return [...byKind.values()].flatMap((kind) => {
    const byDay = Map.groupBy(kind, ({ spec }) => spec.day)
    const rows = [...byDay].map(([day, ofDay]) => rowOf(ofDay, day, 1))
    return days.size > 1 ? [...rows, rowOf(kind, null, days.size)] : rows
  })
}

function rowOf(results: readonly RunResult[], day: string | null, days: number): Row {
  const { fleet, policy } = results[0]!.spec
  const bySeed = [...Map.groupBy(results, ({ spec }) => spec.seed).values()]
  const mean = (read: (figures: Report) => number) =>
    meanOf(
      bySeed.map((ofSeed) => ofSeed.reduce((sum, { figures }) => sum + read(figures), 0) / ofSeed.length),
    )
  const causes = new Set(results.flatMap(({ figures }) => Object.keys(figures.cancels)))
  return {
    ...{ day, days, fleet, policy, seeds: bySeed.length },
    ...(Object.fromEntries(NUMBERS.map((name) => [name, mean((figures) => figures[name])])) as Record<
      NumberName,
      Mean
    >),
    served_share_by_length_quartile: [0, 1, 2, 3].map((n) =>
      mean((figures) => figures.served_share_by_length_quartile[n]!),
    ),
    cancels: Object.fromEntries(
      [...causes].map((cause) => [cause, mean(({ cancels }) => cancels[cause] ?? 0)]),
    ),
  }
}

/** The rows for people, with half the width of the 95 % interval where there are seeds to tell it by. */
export function rowsTable(rows: readonly Row[]): string {
  const header = ['cars', 'policy', 'served', 'by length', 'wait mean/p50/p95', 'empty km', 'rides/car']
  const hasDays = rows.some(({ day }) => day !== null)
  const lines = rows.map((row) => [
    ...(hasDays ? [row.day ?? 'all days'] : []),
    String(row.fleet),
    row.policy,
    percent(row.served_share),
    row.served_share_by_length_quartile.map(({ mean }) => (100 * mean).toFixed(0)).join(', '),
    `${[row.wait_mean_s, row.wait_p50_s, row.wait_p95_s].map(({ mean }) => mean.toFixed(0)).join(' / ')} s${within(row.wait_mean_s.pm, 0)}`,
    percent(row.empty_km_share),
    row.rides_per_car.mean.toFixed(1),
  ])
  return table([hasDays ? ['day', ...header] : header, ...lines])
}

function percent({ mean, pm }: Mean): string {
  return `${(100 * mean).toFixed(1)} %${within(pm === null ? null : 100 * pm, 1)}`
}

function within(pm: number | null, digits: number): string {
  return pm === null ? '' : ` ±${pm.toFixed(digits)}`
}

function table(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)))
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
