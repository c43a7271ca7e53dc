/** Works out, for a region this process holds, what its idle drivers are told; and learns from its days. */
import { latLngToCell } from 'h3-js'
import type { Region } from '../companies/companies.ts'
import { localDay } from '../engine/day.ts'
import { travel } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import { HINT_RULES, hintsFor, type IdleDriver, type UnderWay } from '../engine/hints.ts'
import { SUPPLY_RESOLUTION } from '../engine/supply.ts'
import type { DriverId, LatLng } from '../engine/units.ts'
import { type DriverHint, HINTS_LIMIT } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { knownPlaceBy } from '../places/places.ts'
import type { Car, Fleet } from '../positions/fleet.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { type LearnedDemand, learnNextDay, loadDemand } from './demand-history.ts'
import type { Hints } from './hints.ts'

/** With fewer days one rainy evening would be taken for a habit. */
export const HISTORY_DAYS_FEWEST = 3
const LEARN_EVERY_MS = 10 * 60_000
const PLAN_EVERY_MS = 30_000
/** Shorter waits are a pause, not a problem. */
const IDLE_LEAST_MS = 3 * 60_000
/** What was said stays said for so long, or until the driver is there or has something better to do. */
const HOLD_MS = 8 * 60_000
/** Whoever has come to where it is busier is left in peace for a while. */
const PEACE_MS = 15 * 60_000
const THERE_M = 300
/** More at once would hold up the tick; those idle longest come first. */
const CANDIDATES_MOST = 300

export interface HintKeeperDeps extends TravelDeps {
  readonly db: Db
  readonly clock: Clock
  readonly fleet: Fleet
  readonly hints: Hints
  /** The region as the office set it just now; left out, as it was at the start. */
  readonly regionNow?: () => Region
}

export interface HintKeeper {
  /**
   * Plan, where it is time for it, and say what holds.
   * @param write one unit of work of the tick, fenced by its lease
   * @param standing drivers who keep a place in a queue, and are not called away from it
   */
  keep(
    write: (work: (unit: Work) => Promise<void>) => Promise<unknown>,
    standing: ReadonlySet<DriverId>,
  ): Promise<void>
}

interface Held extends DriverHint {
  readonly cell: string
  readonly sinceMs: number
}

interface Spot {
  readonly label: string
  readonly at: LatLng
}

export function makeHintKeeper(deps: HintKeeperDeps, region: Region): HintKeeper {
  const { db, clock, fleet, hints, regionNow = () => region } = deps
  const held = new Map<DriverId, Held>()
  const inPeaceUntilMs = new Map<DriverId, number>()
  const spots = new Map<string, Spot>()
  let learned: LearnedDemand | null = null
  let learnedFor = ''
  let nextLearnMs = Number.NEGATIVE_INFINITY
  let nextPlanMs = Number.NEGATIVE_INFINITY
  let daysLeft = 0

  async function learn(nowMs: number, write: Parameters<HintKeeper['keep']>[0]): Promise<LearnedDemand> {
    const today = localDay(nowMs, region.timeZone)
    if (learned !== null && today === learnedFor && nowMs < nextLearnMs) return learned
    const counted = await learnNextDay(db, region, { nowMs, write })
    // A day a tick while there are more, so that no tick is long.
    nextLearnMs = counted ? nowMs : nowMs + LEARN_EVERY_MS
    if (!counted || learned === null) learned = await loadDemand(db, region, nowMs)
    learnedFor = today
    return learned
  }

  /** Let go of those who are there, who have waited long enough, and who are not idle any more. */
  function letGo(idle: ReadonlyMap<DriverId, Car>, nowMs: number): void {
    for (const [driverId, hint] of held) {
      const position = idle.get(driverId)?.position
      const isThere =
        position != null && (distanceM(position, hint.at) < THERE_M || cellOf(position) === hint.cell)
      if (isThere) inPeaceUntilMs.set(driverId, nowMs + PEACE_MS)
      if (position == null || isThere || nowMs - hint.sinceMs > HOLD_MS) held.delete(driverId)
    }
    for (const [driverId, untilMs] of inPeaceUntilMs)
      if (nowMs >= untilMs || !idle.has(driverId)) inPeaceUntilMs.delete(driverId)
  }

  async function plan(
    { model }: LearnedDemand,
    nowMs: number,
    standing: ReadonlySet<DriverId>,
  ): Promise<void> {
    const idle = new Map<DriverId, Car>()
    for (const car of fleet.cars(region.id)) {
      const { driverId, idleSinceMs } = car.duty
      if (fleet.stateOf(car) !== 'free' || nowMs - idleSinceMs < IDLE_LEAST_MS) continue
      if (!standing.has(driverId)) idle.set(driverId, car)
    }
    letGo(idle, nowMs)
    const asked: IdleDriver[] = []
    const underWay: UnderWay[] = []
    const longestFirst = [...idle.values()].sort(
      (a, b) => a.duty.idleSinceMs - b.duty.idleSinceMs || (a.duty.driverId < b.duty.driverId ? -1 : 1),
    )
    for (const { duty, position } of longestFirst) {
      const { driverId } = duty
      const driver = { driverId, at: { lat: position!.lat, lng: position!.lng }, cell: cellOf(position!) }
      const hint = held.get(driverId)
      if (hint !== undefined) underWay.push({ ...driver, to: hint.cell })
      else if (!inPeaceUntilMs.has(driverId) && asked.length < CANDIDATES_MOST) asked.push(driver)
    }
    const fromS = secondsOfDay(nowMs, region.timeZone)
    const index = fleet.index(region.id)
    const soon = fleet.soonFree(region.id).index
    const told = hintsFor({
      cells: [...model.cells].map((cell) => ({
        ...{ cell: cell.cell, centre: cell.centre },
        demand: model.expected(cell, fromS, fromS + HINT_RULES.aheadS),
      })),
      idle: asked,
      underWay,
      supplyOf: (cell) => index.supplyOf(cell, -1) + soon.supplyOf(cell, -1),
      travelS: (from, to) => travel(from, to, travelIn(deps, region)).durationS,
    })
    for (const { driverId, cell, centre, savedS } of told.slice(0, HINTS_LIMIT - held.size)) {
      const spot = await spotOf(cell, centre)
      if (spot !== null)
        held.set(driverId, { driverId, cell, sinceMs: nowMs, savedS: 60 * Math.round(savedS / 60), ...spot })
    }
  }

  /** A hexagon by the place that people know; where there is none, nothing is said. */
  async function spotOf(cell: string, centre: LatLng): Promise<Spot | null> {
    const known = spots.get(cell)
    if (known !== undefined) return known
    const place = await knownPlaceBy(db, centre)
    if (place === null) return null
    const spot = { label: place.name, at: { lat: place.lat, lng: place.lng } }
    spots.set(cell, spot)
    return spot
  }

  return {
    async keep(write, standing) {
      if (!regionNow().idleHints) {
        held.clear()
        return hints.say(region, { hints: [], daysLeft: 0 })
      }
      const nowMs = clock.nowMs()
      const demand = await learn(nowMs, write)
      daysLeft = Math.max(0, HISTORY_DAYS_FEWEST - demand.days)
      if (daysLeft > 0) held.clear()
      else if (nowMs >= nextPlanMs) {
        nextPlanMs = nowMs + PLAN_EVERY_MS
        await plan(demand, nowMs, standing)
      }
      hints.say(region, {
        hints: [...held.values()].map(({ driverId, label, at, savedS }) => ({ driverId, label, at, savedS })),
        daysLeft,
      })
    },
  }
}

function cellOf({ lat, lng }: LatLng): string {
  return latLngToCell(lat, lng, SUPPLY_RESOLUTION)
}

function secondsOfDay(atMs: number, timeZone: string): number {
  const [hour, minute, second] = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  })
    .format(atMs)
    .split(':')
    .map(Number)
  return hour! * 3_600 + minute! * 60 + second!
}
