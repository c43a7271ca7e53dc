/** Named scenarios: nothing but flags, each of which the command line may set otherwise. docs/replay.md has their tables. */
import { join } from 'node:path'

const SAMPLES = join(import.meta.dir, '..', '..', 'samples')

/** The flags as one would type them. */
type Preset = Readonly<Record<string, string>>

interface Scenario {
  readonly flags: Preset
  /** What has to be given beside, said when it is missing. */
  readonly needs: string
}

export const SCENARIOS = {
  /** A day of San Francisco, demand learned from other days. */
  b1: {
    flags: { fleet: '225,250,300', policy: 'nearest,batch', seed: '1-5', 'max-wait': '600' },
    needs:
      'Scenario b1 replays a day of San Francisco, which may not be shipped: give it by --trips, the other days by --history.',
  },
  /** Half an hour of a night in Manhattan on its roads, more riders than cars. */
  b2: {
    flags: {
      ...{ trips: join(SAMPLES, 'nyc-taxi-hour/trips.csv.gz'), roads: join(SAMPLES, 'manhattan-roads') },
      ...{
        from: '00:05',
        to: '00:35',
        fleet: '1000,1500,2000,2500',
        policy: 'nearest,plain,burst',
        seed: '1-5',
      },
      ...{ 'max-wait': '300', idle: 'stay' },
    },
    needs: '',
  },
} as const satisfies Readonly<Record<string, Scenario>>

export type ScenarioName = keyof typeof SCENARIOS
