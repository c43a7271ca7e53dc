/** `replay` on the command line: files in, a table out, and with --json one object as the last line. */

import { parseFlags, type ReplayFlags } from './flags.ts'
import { type RecordedRide, ReplayInputError, readRecorded } from './recorded.ts'
import { replay, replayPolicy } from './replay.ts'
import { faresMinor, report, reportTable } from './report.ts'

// One wrong stamp would otherwise have the clock tick through the years between.
const SPAN_MAX_MS = 31 * 86_400_000

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
  const startedMs = performance.now()
  const recorded = await readTrips(flags.trips)
  const history = await readHistory(flags.history, recorded)
  const outcome = replay({
    recorded,
    history,
    fleet: flags.fleet,
    policy: replayPolicy(flags.policy, flags.maxWaitS),
    maxWaitS: flags.maxWaitS,
    seed: flags.seed,
    stopwatch: () => performance.now(),
  })
  const wallS = (performance.now() - startedMs) / 1_000
  const figures = report(outcome, { policy: flags.policy, seed: flags.seed, wallS })
  const lines = [
    reportTable(figures, faresMinor(outcome)),
    'Recorded pickup times stand for request times: nobody wrote down when a rider asked.',
  ]
  if (flags.history.length > 0) lines.push(`Demand learned from ${history.length} rides of other days.`)
  if (flags.json) lines.push(JSON.stringify(figures))
  return `${lines.join('\n')}\n`
}

async function readTrips(path: string): Promise<RecordedRide[]> {
  const recorded = await readRecorded(path, '--trips')
  const stampsMs = recorded.map(({ requestedAtMs }) => requestedAtMs)
  const spanMs = stampsMs.reduce((a, b) => Math.max(a, b)) - stampsMs.reduce((a, b) => Math.min(a, b))
  if (spanMs > SPAN_MAX_MS) throw new ReplayInputError('--trips: its rides lie more than 31 days apart')
  return recorded
}

/** Past rides of other days than those replayed, so that no day is ever predicted from itself. */
async function readHistory(
  paths: readonly string[],
  recorded: readonly RecordedRide[],
): Promise<RecordedRide[]> {
  const ownDates = new Set(recorded.map(({ localDate }) => localDate))
  const files = await Promise.all(paths.map((path) => readRecorded(path, '--history')))
  return files.flat().filter(({ localDate }) => !ownDates.has(localDate))
}

if (import.meta.main) process.exitCode = await replayCommand(process.argv.slice(2))
