/** `replay` on the command line: files in, a table out, and with --json one object as the last line. */

import { runAll } from './crew.ts'
import { parseFlags, type ReplayFlags } from './flags.ts'
import { reportPage } from './html/page.ts'
import { ReplayInputError } from './input.ts'
import { reportTable } from './report.ts'
import { rowsOf, rowsTable } from './rows.ts'
import { type BoundResult, historyFor, type Material, type RunSpec, readMaterial, ridesOf } from './runs.ts'

const RUNS_MAX = 10_000

/**
 * Run the command with the arguments after its name.
 * @returns the exit code: 0, or 2 when a flag or file has to be put right
 */
export async function replayCommand(args: readonly string[]): Promise<number> {
  try {
    process.stdout.write(await run(parseFlags(args)))
    return 0
  } catch (wrong) {
    if (!(wrong instanceof ReplayInputError)) throw wrong
    process.stderr.write(`${wrong.message}\n`)
    return 2
  }
}

async function run(flags: ReplayFlags): Promise<string> {
  // Read here too, so that a wrong file is told of once, and before anything is started.
  const material = await readMaterial(flags)
  const specs = specsOf(flags, material)
  const results = await runAll(material, specs, flags.jobs, tellProgress('runs', specs.length))
  const bounds = flags.oracle ? await boundsOf(flags, material, specs) : []
  const [only] = results
  const rows = rowsOf(results)
  const lines =
    results.length === 1
      ? [reportTable(only!.figures, only!.faresMinor)]
      : [rowsTable(rows), ...(flags.seeds.length > 1 ? ['± is half the 95 % interval over seeds.'] : [])]
  if (flags.oracle) lines.push(...boundLines(bounds))
  const remarks = notes(flags, material, specs)
  lines.push(...remarks)
  if (flags.report !== null) {
    await writeReport(flags.report, await reportPage({ flags, results, rows, bounds, remarks }))
    lines.push(`Report: ${flags.report}`)
  }
  if (flags.json) {
    const runs = results.map(({ spec, figures }) => ({ day: spec.day, ...figures }))
    const all = { runs, rows, bounds: bounds.map(({ spec, ...bound }) => ({ ...spec, ...bound })) }
    lines.push(JSON.stringify(results.length === 1 && !flags.oracle ? only!.figures : all))
  }
  return `${lines.join('\n')}\n`
}

/** One a day and fleet, for the first seed: where the cars start makes next to no difference to it. */
function boundsOf(flags: ReplayFlags, material: Material, specs: readonly RunSpec[]): Promise<BoundResult[]> {
  const days = [...new Set(specs.map(({ day }) => day))]
  const [seed] = flags.seeds as [number]
  const asked = days.flatMap((day) =>
    flags.fleets.map((fleet) => ({ bound: true, day, fleet, seed }) as const),
  )
  return runAll(material, asked, flags.jobs, tellProgress('bounds', asked.length))
}

function boundLines(bounds: readonly BoundResult[]): string[] {
  return [
    'Nobody could serve more, one party a car, whatever they knew (an upper bound, not a policy):',
    ...bounds.map(
      ({ spec, served_share_at_most }) =>
        `  ${spec.day === null ? '' : `${spec.day}, `}${spec.fleet} cars  ${(100 * served_share_at_most).toFixed(1)} %`,
    ),
  ]
}

async function writeReport(path: string, page: string): Promise<void> {
  await Bun.write(path, page).catch((cause: unknown) => {
    throw new ReplayInputError(`--report: ${path} cannot be written`, { cause })
  })
}

function specsOf(flags: ReplayFlags, material: Material): RunSpec[] {
  const dates = () => [...new Set(material.rides.map(({ localDate }) => localDate))].toSorted()
  const days = flags.days === 'each' ? dates() : (flags.days ?? [null])
  for (const day of days) ridesOf(material, day)
  const policies = [...new Set([...flags.policies, ...(flags.oracle ? ['foreknown' as const] : [])])]
  const specs = days.flatMap((day) =>
    flags.fleets.flatMap((fleet) =>
      policies.flatMap((policy) => flags.seeds.map((seed) => ({ day, fleet, policy, seed }))),
    ),
  )
  if (policies.includes('pooled') && (flags.behaviour === 'people' || (flags.idle ?? 'stay') !== 'stay'))
    throw new ReplayInputError(
      '--policy pooled: its cars stay where they are when idle, and its people are obliging',
    )
  if (specs.length > RUNS_MAX)
    throw new ReplayInputError(`That is ${specs.length} runs, and ${RUNS_MAX} is the most of one command.`)
  return specs
}

function notes(flags: ReplayFlags, material: Material, specs: readonly RunSpec[]): string[] {
  const lines = ['Recorded pickup times stand for request times: nobody wrote down when a rider asked.']
  if (flags.history.length > 0) {
    const learned = new Set(specs.map(({ day }) => historyFor(material, ridesOf(material, day)).length))
    lines.push(`Demand learned from ${[...learned].join(' or ')} rides of other days.`)
  }
  if (material.offRoad > 0) lines.push(`Left out: ${material.offRoad} rides that are not on the road graph.`)
  if (specs.some(({ policy }) => policy === 'foreknown'))
    lines.push(
      'foreknown is no policy to run: it knows the demand of the very day, and each rider a minute ahead.',
    )
  if (flags.behaviour === 'people') lines.push('How people answer is assumed (docs/replay.md), not recorded.')
  return lines
}

/** One line that says how far it is, where somebody looks on and it takes a while. */
function tellProgress(what: string, total: number): (done: number) => void {
  if (!process.stderr.isTTY || total < 4) return () => undefined
  return (done) => process.stderr.write(`\r${done} of ${total} ${what}${done === total ? '\n' : ''}`)
}

if (import.meta.main) process.exitCode = await replayCommand(process.argv.slice(2))
