/** What a replay says about itself: the figures, as one object and as a table. */

import type { Outcome, ReplayedRide } from './outcome.ts'

/** Shares are 0 to 1. All but the last three repeat to the last digit for the same input. */
export interface Report {
  readonly policy: string
  readonly fleet: number
  readonly seed: number
  readonly requests: number
  readonly served_share: number
  /** By recorded length of the ride, shortest quarter first. */
  readonly served_share_by_length_quartile: readonly [number, number, number, number]
  readonly wait_mean_s: number
  readonly wait_p50_s: number
  readonly wait_p95_s: number
  /** How much later than alone and at once those served arrived: their wait, and where cars are shared the detour. */
  readonly delay_mean_s: number
  readonly pickup_km: number
  readonly repositioning_km: number
  /** (pickup + repositioning) ÷ all kilometres. */
  readonly empty_km_share: number
  /** Time with a rider on board ÷ time on duty, both between the first request and the last. */
  readonly occupied_time_share: number
  readonly rides_per_car: number
  /** Offers that drivers declined. */
  readonly declines: number
  /** Requests not served, by cause. */
  readonly cancels: Readonly<Record<string, number>>
  readonly tick_p50_ms: number
  readonly tick_p99_ms: number
  readonly wall_s: number
}

export function report(outcome: Outcome, run: { policy: string; seed: number; wallS: number }): Report {
  const { rides, fleet } = outcome
  const served = rides.filter(isServed)
  const waitsS = served.map(waitS).sort((a, b) => a - b)
  const pickupM = sum(rides.map(({ pickupM }) => pickupM))
  const occupiedM = outcome.pooled?.occupiedM ?? sum(served.map(({ recorded }) => recorded.distanceM))
  const emptyM = outcome.pooled?.emptyM ?? pickupM + outcome.repositioningM
  const ticksMs = outcome.tickMs.toSorted((a, b) => a - b)
  return {
    policy: run.policy,
    fleet,
    seed: run.seed,
    requests: rides.length,
    served_share: round(share(served.length, rides.length)),
    served_share_by_length_quartile: servedByLength(rides),
    wait_mean_s: round(share(sum(waitsS), waitsS.length)),
    wait_p50_s: round(percentile(waitsS, 50)),
    wait_p95_s: round(percentile(waitsS, 95)),
    delay_mean_s: round(share(sum(served.map(delayS)), served.length)),
    pickup_km: round((outcome.pooled?.emptyM ?? pickupM) / 1_000),
    repositioning_km: round(outcome.repositioningM / 1_000),
    empty_km_share: round(share(emptyM, emptyM + occupiedM)),
    occupied_time_share: round(occupiedTimeShare(outcome)),
    rides_per_car: round(served.length / fleet),
    declines: outcome.declines,
    cancels: causes(rides),
    tick_p50_ms: round(percentile(ticksMs, 50)),
    tick_p99_ms: round(percentile(ticksMs, 99)),
    wall_s: round(run.wallS),
  }
}

/** The report for people: one line a figure. */
export function reportTable(figures: Report, fareMinor: number): string {
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`
  const rows: [string, string][] = [
    ['Policy', figures.policy],
    ['Cars, seed', `${figures.fleet}, ${figures.seed}`],
    ['Requests', String(figures.requests)],
    ['Served', percent(figures.served_share)],
    ['  by length, shortest quarter first', figures.served_share_by_length_quartile.map(percent).join(', ')],
    [
      'Wait, mean / half / 95 of 100 under',
      `${[figures.wait_mean_s, figures.wait_p50_s, figures.wait_p95_s].map(Math.round).join(' / ')} s`,
    ],
    ['Later than alone and at once, mean', `${figures.delay_mean_s.toFixed(0)} s`],
    ['Driven to pickups', `${figures.pickup_km.toFixed(0)} km`],
    ['Driven to reposition', `${figures.repositioning_km.toFixed(0)} km`],
    ['Empty kilometres', percent(figures.empty_km_share)],
    ['Time with a rider on board', percent(figures.occupied_time_share)],
    ['Rides a car', figures.rides_per_car.toFixed(1)],
    ...(figures.declines > 0 ? [['Offers declined', String(figures.declines)] as [string, string]] : []),
    ['Fares', `${(fareMinor / 100).toFixed(2)} USD`],
    ...Object.entries(figures.cancels).map(([cause, count]): [string, string] => [
      `Not served: ${cause.replaceAll('_', ' ')}`,
      String(count),
    ]),
    [
      'Tick, half / 99 of 100 under',
      `${figures.tick_p50_ms.toFixed(2)} / ${figures.tick_p99_ms.toFixed(2)} ms`,
    ],
    ['Took', `${figures.wall_s.toFixed(1)} s`],
  ]
  const width = Math.max(...rows.map(([name]) => name.length)) + 2
  return rows.map(([name, value]) => `${name.padEnd(width)}${value}`).join('\n')
}

/** The fares of the rides that were driven to their end, in minor units. */
export function faresMinor(outcome: Outcome): number {
  return sum(outcome.rides.filter(isServed).map((ride) => ride.fareMinor))
}

/** Those who found no driver are always told, the other causes where they happened. */
function causes(rides: readonly ReplayedRide[]): Record<string, number> {
  const counts: Record<string, number> = { no_driver_in_time: 0 }
  for (const { unserved } of rides) if (unserved !== null) counts[unserved] = (counts[unserved] ?? 0) + 1
  return counts
}

function isServed(ride: ReplayedRide): boolean {
  return ride.ride.state === 'completed'
}

function waitS(ride: ReplayedRide): number {
  return (ride.pickedUpAtMs! - ride.recorded.requestedAtMs) / 1_000
}

function delayS({ ride, recorded }: ReplayedRide): number {
  return (ride.changedAtMs - recorded.requestedAtMs) / 1_000 - recorded.durationS
}

function servedByLength(rides: readonly ReplayedRide[]): Report['served_share_by_length_quartile'] {
  const byLength = rides.toSorted((a, b) => a.recorded.distanceM - b.recorded.distanceM)
  const quarter = (n: number) => {
    const part = byLength.slice(Math.floor((n * rides.length) / 4), Math.floor(((n + 1) * rides.length) / 4))
    return round(share(part.filter(isServed).length, part.length))
  }
  return [quarter(0), quarter(1), quarter(2), quarter(3)]
}

function occupiedTimeShare({ rides, fleet, pooled }: Outcome): number {
  const startMs = rides[0]!.recorded.requestedAtMs
  const endMs = rides.at(-1)!.recorded.requestedAtMs
  const onRidesMs = sum(
    rides
      .filter(isServed)
      .map((ride) =>
        Math.max(0, Math.min(endMs, ride.ride.changedAtMs) - Math.min(endMs, ride.pickedUpAtMs!)),
      ),
  )
  const occupiedMs = pooled === undefined ? onRidesMs : 1_000 * pooled.occupiedS
  return share(occupiedMs, fleet * (endMs - startMs))
}

/** The smallest value that `percent` of a hundred values do not exceed; 0 where there are none. */
export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? 0
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}
