/**
 * Both policies over the shipped New York hour, or over the rides of TRIPS with FLEET cars. The figures compare the
 * policies; the times are in the table.
 */
import { join } from 'node:path'
import type { Policy } from '../src/engine/decide.ts'
import { readRecorded } from '../src/replay/recorded.ts'
import { replay, replayPolicy } from '../src/replay/replay.ts'
import { report } from '../src/replay/report.ts'
import type { Bench } from './run.ts'

const SAMPLE = join(import.meta.dir, '../samples/nyc-taxi-hour/trips.csv.gz')
const SAMPLE_FLEET = 2_500
const MAX_WAIT_S = 600
const SEED = 1

export const bench: Bench = {
  name: 'replay',
  async run() {
    const trips = process.env.TRIPS ?? SAMPLE
    const fleet = Number(process.env.FLEET ?? SAMPLE_FLEET)
    const recorded = await readRecorded(trips, 'TRIPS')
    const reportOf = (kind: Policy['kind']) => {
      const startedMs = performance.now()
      const policy = replayPolicy(kind, MAX_WAIT_S)
      const stopwatch = () => performance.now()
      const input = { recorded, history: [], fleet, policy, maxWaitS: MAX_WAIT_S, seed: SEED, stopwatch }
      const outcome = replay(input)
      const wallS = (performance.now() - startedMs) / 1_000
      return report(outcome, { policy: kind, seed: SEED, wallS })
    }
    const nearest = reportOf('nearest')
    const batch = reportOf('batch')
    return {
      figures: {
        batch_served_share: batch.served_share,
        nearest_served_share: nearest.served_share,
        wait_mean_nearest_over_batch: nearest.wait_mean_s / batch.wait_mean_s,
        empty_km_nearest_over_batch: nearest.empty_km_share / batch.empty_km_share,
      },
      table: [nearest, batch].map((figures) => ({
        policy: figures.policy,
        cars: figures.fleet,
        requests: figures.requests,
        served: figures.served_share.toFixed(3),
        wait_mean_s: Math.round(figures.wait_mean_s),
        wait_p95_s: Math.round(figures.wait_p95_s),
        empty_km_share: figures.empty_km_share.toFixed(3),
        tick_p99_ms: figures.tick_p99_ms.toFixed(2),
        wall_s: figures.wall_s.toFixed(2),
      })),
      wrong: 0,
      skipped: [],
    }
  },
}
