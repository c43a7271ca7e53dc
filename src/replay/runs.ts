/** One run of many: what it is, and how it is done once the files are read. */
import { mostServed } from './bound.ts'
import type { Setting } from './flags.ts'
import { type Ground, plainGround } from './ground.ts'
import { ReplayInputError } from './input.ts'
import { lineUp } from './line-up.ts'
import { People } from './people.ts'
import { type PolicyName, replayPolicy } from './policies.ts'
import { replayPooled } from './pooled.ts'
import { onRoads, type RecordedRide, readRecorded } from './recorded.ts'
import { replay } from './replay.ts'
import { faresMinor, type Report, report } from './report.ts'
import { readRoadGround } from './road-ground.ts'
import { type Series, seriesOf } from './series.ts'

/** One replay; `day` null is the whole file. */
export interface RunSpec {
  readonly day: string | null
  readonly fleet: number
  readonly policy: PolicyName
  readonly seed: number
}

/** What no policy could serve more than, for one fleet and seed. */
export interface BoundSpec {
  readonly bound: true
  readonly day: string | null
  readonly fleet: number
  readonly seed: number
}

export interface BoundResult {
  readonly spec: BoundSpec
  readonly requests: number
  /** 0 to 1. */
  readonly served_share_at_most: number
}

export interface RunResult {
  readonly spec: RunSpec
  readonly figures: Report
  readonly faresMinor: number
  readonly series: Series
}

/** The files of a command, read. */
export interface Material {
  readonly setting: Setting
  readonly ground: Ground
  readonly rides: readonly RecordedRide[]
  readonly history: readonly RecordedRide[]
  /** Rides of the trip file that are not on the road graph. */
  readonly offRoad: number
}

// One wrong stamp would otherwise have the clock tick through the years between.
const SPAN_MAX_MS = 31 * 86_400_000

/**
 * Read what all runs share.
 * @throws ReplayInputError naming the flag, and the line and column where there is one
 */
export async function readMaterial(setting: Setting): Promise<Material> {
  const roads = setting.roads === null ? undefined : await readRoadGround(setting.roads, '--roads')
  const all = await readRecorded(setting.trips, '--trips', roads)
  const within = all.filter(
    ({ localSecondsOfDay }) => localSecondsOfDay >= setting.fromS && localSecondsOfDay < setting.toS,
  )
  const rides = roads ? onRoads(within, roads) : within
  if (rides.length === 0)
    throw new ReplayInputError(
      within.length === 0
        ? '--from, --to: no ride of --trips was asked for in that time of day'
        : '--roads: no ride of --trips begins and ends on this road graph',
    )
  const files = await Promise.all(setting.history.map((path) => readRecorded(path, '--history', roads)))
  return {
    setting,
    ground: roads ?? plainGround(),
    rides,
    history: files.flat(),
    offRoad: within.length - rides.length,
  }
}

/**
 * The rides of one day, or all of the file.
 * @throws ReplayInputError when there are none, or they lie too far apart
 */
export function ridesOf(material: Material, day: string | null): readonly RecordedRide[] {
  const rides = day === null ? material.rides : material.rides.filter(({ localDate }) => localDate === day)
  if (rides.length === 0) throw new ReplayInputError(`--day: --trips has no ride on ${day}`)
  const stampsMs = rides.map(({ requestedAtMs }) => requestedAtMs)
  const spanMs = stampsMs.reduce((a, b) => Math.max(a, b)) - stampsMs.reduce((a, b) => Math.min(a, b))
  if (spanMs > SPAN_MAX_MS) throw new ReplayInputError('--trips: its rides lie more than 31 days apart')
  return rides
}

/** Past rides of other days than those replayed, so that no day is ever predicted from itself. */
export function historyFor(material: Material, rides: readonly RecordedRide[]): RecordedRide[] {
  const ownDates = new Set(rides.map(({ localDate }) => localDate))
  return material.history.filter(({ localDate }) => !ownDates.has(localDate))
}

export function boundOne(material: Material, spec: BoundSpec): BoundResult {
  const { ground, setting } = material
  const { rides, starts } = lineUp(ridesOf(material, spec.day), spec.fleet, spec.seed)
  const most = mostServed({ rides, starts, ground, maxWaitS: setting.maxWaitS })
  return { spec, requests: rides.length, served_share_at_most: most / rides.length }
}

export function runOne(material: Material, spec: RunSpec): RunResult {
  const startedMs = performance.now()
  const { setting, ground } = material
  const recorded = ridesOf(material, spec.day)
  const isForeknown = spec.policy === 'foreknown'
  const policy = replayPolicy(spec.policy, setting.maxWaitS, ground)
  const play = policy.pooling === null ? replay : replayPooled
  const outcome = play({
    recorded,
    history: isForeknown ? recorded : historyFor(material, recorded),
    ground,
    fleet: spec.fleet,
    policy,
    idle: setting.idle ?? undefined,
    people: setting.behaviour === 'people' ? new People(spec.seed) : null,
    maxWaitS: setting.maxWaitS,
    seed: spec.seed,
    stopwatch: () => performance.now(),
  })
  const wallS = (performance.now() - startedMs) / 1_000
  return {
    spec,
    figures: report(outcome, { policy: spec.policy, seed: spec.seed, wallS }),
    faresMinor: faresMinor(outcome),
    series: seriesOf(outcome, setting.maxWaitS),
  }
}
