/** `replay` on the command line: files in, a table out, and with --json one object as the last line. */

import { runAll } from './crew.ts'
import { parseFlags, type ReplayFlags } from './flags.ts'
import { ReplayInputError } from './input.ts'
import { reportTable } from './report.ts'
import { rowsOf, rowsTable } from './rows.ts'
import { historyFor, type Material, type RunSpec, readMaterial, ridesOf } from './runs.ts'

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
  const results = await runAll(material, specs, flags.jobs, tellProgress(specs.length))
  const [only] = results
  const rows = rowsOf(results)
  const lines =
    results.length === 1
      ? [reportTable(only!.figures, only!.faresMinor)]
      : [rowsTable(rows), ...(flags.seeds.length > 1 ? ['± is half the 95 % interval over seeds.'] : [])]
  lines.push(...notes(flags, material, specs))
  if (flags.json) {
    const runs = results.map(({ spec, figures }) => ({ day: spec.day, ...figures }))
    lines.push(JSON.stringify(results.length === 1 ? only!.figures : { runs, rows }))
  }
  return `${lines.join('\n')}\n`
}

function specsOf(flags: ReplayFlags, material: Material): RunSpec[] {
  const dates = () => [...new Set(material.rides.map(({ localDate }) => localDate))].toSorted()
  const days = flags.days === 'each' ? dates() : (flags.days ?? [null])
  for (const day of days) ridesOf(material, day)
  const specs = days.flatMap((day) =>
    flags.fleets.flatMap((fleet) =>
      flags.policies.flatMap((policy) => flags.seeds.map((seed) => ({ day, fleet, policy, seed }))),
    ),
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
  if (flags.behaviour === 'people') lines.push('How people answer is assumed (docs/replay.md), not recorded.')
  return lines
}

/** One line that says how far it is, where somebody looks on and it takes a while. */
function tellProgress(total: number): (done: number) => void {
  if (!process.stderr.isTTY || total < 4) return () => undefined
  return (done) => process.stderr.write(`\r${done} of ${total} runs${done === total ? '\n' : ''}`)
}

if (import.meta.main) process.exitCode = await replayCommand(process.argv.slice(2))
