/**
 * A road engine that may be slow, wrong or gone, behind a door that always answers in time: within a budget, with few
 * questions under way at once, and after several failures not at all for a while. Null means: do without.
 */
import { distanceM } from '../engine/geo.ts'
import type { Estimate } from '../engine/speeds.ts'
import type { LatLng } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { MatchedWay, RoadWay, RoutingProvider } from './provider.ts'

/** What was not answered in time is still being worked on; more than this waiting there would only be later still. */
const UNDER_WAY_MOST = 4
const FAILURES_MOST = 3
const REST_FIRST_MS = 2_000
const REST_MOST_MS = 60_000

/** Ends are laid onto the nearest road; a way may be shorter than straight by as much. */
const SNAP_MOST_M = 400
const DETOUR_MOST = 6
const DETOUR_ROOM_M = 5_000
const SPEED_LEAST_MPS = 0.5
const SPEED_MOST_MPS = 60
/** One or two legs that cannot be may all begin at a point off the map. */
const SAID_LEAST = 4

export type AskedKind = 'matrix' | 'route' | 'match'
export type AskedOutcome = 'answered' | 'late' | 'failed' | 'wrong' | 'not_asked'

export interface GuardedRoads {
  readonly name: string
  /** From each to each within the budget; null as a whole where nothing can be said in time, in a place where no road leads. */
  matrix(
    from: readonly LatLng[],
    to: readonly LatLng[],
    budgetMs: number,
  ): Promise<(Estimate | null)[][] | null>
  route(stops: readonly LatLng[], budgetMs: number): Promise<RoadWay | null>
  match(points: readonly LatLng[], budgetMs: number): Promise<MatchedWay | null>
  /** Whether it would be asked now. */
  isUp(): boolean
  close(): Promise<void>
}

export interface GuardDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly onAsked?: (kind: AskedKind, outcome: AskedOutcome) => void
}

/** Whether a car could drive so far in such a time between two points that lie so far apart. */
export function isPlausible(straightM: number, { distanceM: roadM, durationS }: Estimate): boolean {
  if (!(Number.isFinite(roadM) && Number.isFinite(durationS) && roadM >= 0 && durationS >= 0)) return false
  if (roadM < straightM - SNAP_MOST_M || roadM > DETOUR_MOST * straightM + DETOUR_ROOM_M) return false
  return roadM < 1 || (durationS > roadM / SPEED_MOST_MPS && durationS < 60 + roadM / SPEED_LEAST_MPS)
}

export function guardRoads(provider: RoutingProvider, { clock, log, onAsked }: GuardDeps): GuardedRoads {
  let underWay = 0
  let failures = 0
  let restMs = REST_FIRST_MS
  let restsUntilMs = Number.NEGATIVE_INFINITY

  function isUp(): boolean {
    // After a rest one question goes out; others follow when it was answered.
    if (failures >= FAILURES_MOST) return clock.nowMs() >= restsUntilMs && underWay === 0
    return underWay < UNDER_WAY_MOST
  }

  function failed(kind: AskedKind, outcome: AskedOutcome, error?: unknown): void {
    failures++
    onAsked?.(kind, outcome)
    if (failures < FAILURES_MOST) return
    restsUntilMs = clock.nowMs() + restMs
    log.warn(
      { provider: provider.name, kind, outcome, restMs, ...(error !== undefined && { error }) },
      'roads.rest',
    )
    restMs = Math.min(REST_MOST_MS, 2 * restMs)
  }

  function answered(kind: AskedKind): void {
    if (failures >= FAILURES_MOST) log.info({ provider: provider.name }, 'roads.back')
    failures = 0
    restMs = REST_FIRST_MS
    onAsked?.(kind, 'answered')
  }

  /** @param isWrong whether an answer cannot be; no answer at all is not wrong */
  async function ask<T>(
    kind: AskedKind,
    budgetMs: number,
    work: (signal: AbortSignal) => Promise<T>,
    isWrong: (answer: T) => boolean = () => false,
  ): Promise<T | null> {
    if (!isUp()) {
      onAsked?.(kind, 'not_asked')
      return null
    }
    underWay++
    const ending = new AbortController()
    let cancel = () => {}
    const late = new Promise<'late'>((resolve) => {
      cancel = clock.after(budgetMs, () => resolve('late'))
    })
    // What a late answer still brings is nobody's; what it still costs is counted until it comes.
    const answer = work(ending.signal).finally(() => underWay--)
    answer.catch(() => {})
    try {
      const first = await Promise.race([answer.then((value) => ({ value })), late])
      if (first === 'late') {
        ending.abort()
        failed(kind, 'late')
        return null
      }
      if (isWrong(first.value)) {
        failed(kind, 'wrong')
        return null
      }
      answered(kind)
      return first.value
    } catch (error) {
      failed(kind, 'failed', error)
      return null
    } finally {
      cancel()
    }
  }

  return {
    name: provider.name,
    isUp,
    async matrix(from, to, budgetMs) {
      const rows = await ask(
        'matrix',
        budgetMs,
        (signal) => provider.matrix({ from, to, signal }),
        (answer) => mostAreWrong(from, to, answer),
      )
      return (
        rows?.map((row, i) =>
          row.map((leg, j) => (leg !== null && isPlausible(distanceM(from[i]!, to[j]!), leg) ? leg : null)),
        ) ?? null
      )
    },
    async route(stops, budgetMs) {
      const way = await ask('route', budgetMs, (signal) => provider.route({ stops, signal }))
      return way !== null && way.points.length >= 2 && isPlausible(straightBy(stops), way) ? way : null
    },
    async match(points, budgetMs) {
      const way = await ask('match', budgetMs, (signal) => provider.match({ points, signal }))
      return way !== null && way.points.length >= 2 ? way : null
    },
    close: () => provider.close(),
  }
}

/**
 * A point off the engine's map spoils its own legs, which are let go one by one; an answer that cannot be nearly
 * everywhere is an engine gone wrong.
 */
function mostAreWrong(
  from: readonly LatLng[],
  to: readonly LatLng[],
  rows: readonly (readonly (Estimate | null)[])[],
): boolean {
  if (rows.length !== from.length || rows.some((row) => row.length !== to.length)) return true
  let [said, wrong] = [0, 0]
  rows.forEach((row, i) => {
    row.forEach((leg, j) => {
      if (leg === null) return
      said++
      if (!isPlausible(distanceM(from[i]!, to[j]!), leg)) wrong++
    })
  })
  return said >= SAID_LEAST && 2 * wrong > said
}

function straightBy(stops: readonly LatLng[]): number {
  return stops.reduce((sumM, stop, n) => sumM + (n === 0 ? 0 : distanceM(stops[n - 1]!, stop)), 0)
}
