/** When and where the idle cars of a replay go. */
import { DemandModel } from '../engine/demand.ts'
import { whereToWait } from '../engine/reposition.ts'
import type { LatLng, RandomFn } from '../engine/units.ts'
import type { Cars } from './cars.ts'
import { type Ground, plainGround } from './ground.ts'
import type { RecordedRide } from './recorded.ts'

export interface Move {
  readonly car: number
  readonly to: LatLng
}

/** The cars to send off now; asked at every tick. `waiting` are the pickups of those who wait. */
export type Moves = (nowMs: number, cars: Cars, waiting: readonly LatLng[]) => readonly Move[]

const HOUR_MS = 3_600_000
const HUNCH_AFTER_MS = 600_000
const HUNCH_AT_LEAST_M = 1_000

const PLAN_EVERY_MS = 120_000
const PLAN_AFTER_MS = 300_000
/** Demand is looked ahead by so much: about the time that a car needs to be where it is sent, and to be asked for. */
const AHEAD_S = 1_500
/** Cars on rides count where they will be free within this. */
const SOON_MS = 1_100_000
/**
 * A car left where nobody asks is lost for hours and not for one ride: so long a way back is worth a request. Anything
 * from 8,000 to 20,000 does much the same.
 */
const RULES = { worthS: 12_000, farthestS: 20_000, leastGainS: 60 }
/** Saturdays and Sundays tell less about a weekday, and the other way round. */
const OTHER_KIND_OF_DAY = 0.4

/** With nothing known but the day so far: a random pickup of the last hour, if it is over a kilometre away. */
export function afterTheLastHour(rides: readonly RecordedRide[], random: RandomFn): Moves {
  let oldest = 0
  let known = 0
  return (nowMs, cars) => {
    while (known < rides.length && rides[known]!.requestedAtMs <= nowMs) known++
    while (oldest < known && rides[oldest]!.requestedAtMs <= nowMs - HOUR_MS) oldest++
    if (known === oldest) return []
    const moves: Move[] = []
    cars.doing.forEach((doing, car) => {
      if (doing.type !== 'resting' || doing.sinceMs > nowMs - HUNCH_AFTER_MS) return
      const to = rides[oldest + Math.floor(random() * (known - oldest))]!.pickup
      if (cars.straightM(car, to) > HUNCH_AT_LEAST_M) moves.push({ car, to })
      else cars.rest(car, nowMs)
    })
    return moves
  }
}

/** With other days to learn from: to where more is expected than cars will be there for. */
export function afterDemand(
  history: readonly RecordedRide[],
  localSecondsOfDay: (nowMs: number) => number,
  ground: Ground = plainGround(),
): Moves {
  const model = learned(history)
  const cells = [...model.cells]
  const placeOf = new Map(cells.map(({ cell }, place) => [cell, place]))
  const cellAt = (at: LatLng) => placeOf.get(model.cellOf(at)) ?? -1
  let nextMs = Number.NEGATIVE_INFINITY
  return (nowMs, cars, waiting) => {
    if (nowMs < nextMs) return []
    nextMs = nowMs + PLAN_EVERY_MS
    cars.moveAlong(nowMs)
    const supply = new Float64Array(cells.length)
    const idle: number[] = []
    const count = (at: LatLng) => {
      const cell = cellAt(at)
      if (cell >= 0) supply[cell]!++
    }
    cars.doing.forEach((doing, car) => {
      if (doing.type === 'going') count(doing.to)
      else if (doing.type === 'riding') {
        if (doing.freeAtMs <= nowMs + SOON_MS) count(doing.freeAt)
      } else if (doing.sinceMs <= nowMs - PLAN_AFTER_MS) idle.push(car)
      else count(cars.positionOf(car))
    })
    const askedNow = new Float64Array(cells.length)
    for (const pickup of waiting) {
      const cell = cellAt(pickup)
      if (cell >= 0) askedNow[cell]!++
    }
    const fromS = localSecondsOfDay(nowMs)
    const to = whereToWait(
      idle.map((car) => ({ at: cars.positionOf(car), cell: cellAt(cars.positionOf(car)) })),
      cells.map((cell, place) => ({
        centre: cell.centre,
        demand: model.expected(cell, fromS, fromS + AHEAD_S) + askedNow[place]!,
        supply: supply[place]!,
      })),
      RULES,
      (from, there) => ground.leg(from, there).durationS,
    )
    return idle.flatMap((car, n) => (to[n]! < 0 ? [] : [{ car, to: cells[to[n]!]!.centre }]))
  }
}

/** Counts of past days; those of the rarer kind, weekend or not, weigh less. */
function learned(history: readonly RecordedRide[]): DemandModel {
  const model = new DemandModel()
  const weights = new Map<string, number>()
  for (const { localDate } of history) {
    const weekday = new Date(`${localDate}T12:00:00Z`).getUTCDay()
    weights.set(localDate, weekday === 0 || weekday === 6 ? OTHER_KIND_OF_DAY : 1)
  }
  for (const weight of weights.values()) model.addDay(weight)
  for (const { pickup, localSecondsOfDay, localDate } of history)
    model.add(pickup, localSecondsOfDay, weights.get(localDate)!)
  return model
}
