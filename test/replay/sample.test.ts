import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { plainGround } from '../../src/replay/ground.ts'
import { replayPolicy } from '../../src/replay/policies.ts'
import { readRecorded } from '../../src/replay/recorded.ts'
import { replay } from '../../src/replay/replay.ts'
import { report } from '../../src/replay/report.ts'

const SAMPLE = join(import.meta.dir, '../../samples/nyc-taxi-hour/trips.csv.gz')

test('the shipped New York hour replays with both policies; the batch comes sooner with fewer empty kilometres', async () => {
  const recorded = await readRecorded(SAMPLE, '--trips')
  expect(recorded).toHaveLength(9_422)
  const ground = plainGround()
  const [nearest, batch] = (['nearest', 'batch'] as const).map((kind) => {
    const outcome = replay({
      recorded,
      history: [],
      fleet: 2_500,
      ground,
      policy: replayPolicy(kind, 600, ground),
      people: null,
      maxWaitS: 600,
      seed: 1,
      stopwatch: () => 0,
    })
    return report(outcome, { policy: kind, seed: 1, wallS: 0 })
  })
  expect(nearest!.served_share).toBeGreaterThan(0.94)
  expect(batch!.served_share).toBeGreaterThan(0.94)
  expect(batch!.wait_mean_s).toBeLessThan(nearest!.wait_mean_s)
  expect(batch!.empty_km_share).toBeLessThan(nearest!.empty_km_share)
}, 60_000)
