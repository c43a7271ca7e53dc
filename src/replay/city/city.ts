/** The living city: drivers and riders who use a running server from outside, through its public interface alone. */
import { distanceM } from '../../engine/geo.ts'
import { type LatLng, seededRandom } from '../../engine/units.ts'
import type { Cancel } from '../../io/clock.ts'
import type { RecordedRide } from '../recorded.ts'
import type { RoadGraph } from '../roads.ts'
import { classOf } from './cast.ts'
import { type Driver, makeDriver } from './driver.ts'
import { type Habits, someMs } from './habits.ts'
import { firstFrom, type Hour, thinHour, type WantedRide } from './hour.ts'
import { nodeAbout, type Scene, scenesAt } from './opening.ts'
import { makePhone, type PhoneDeps, type Session } from './phone.ts'
import { makeRanks } from './ranks.ts'
import { askForRide, maybeCancel, type Wish } from './rider.ts'
import type { SeenState } from './seen.ts'

export interface CityDriver extends Session {
  /** Where the server last saw this car; null when it has not. */
  readonly at: LatLng | null
}

export interface CityOptions extends PhoneDeps {
  readonly roads: RoadGraph
  readonly recorded: readonly RecordedRide[]
  readonly drivers: readonly CityDriver[]
  readonly riders: readonly Session[]
  readonly habits: Habits
  /** Picks the rides; the same seed makes the same day. */
  readonly seed: number
  /** Where in the hour it begins, seconds. */
  readonly startAtS: number
  /** Share of the cars that demand keeps busy. */
  readonly busyShare: number
}

export interface CityFigures {
  asked: number
  refused: number
  finished: number
}

export interface City {
  /** Resolves when the opening's rides have been asked for. */
  readonly opened: Promise<void>
  figures(): CityFigures
  stop(): void
}

const BEAT_MS = 250
/** People act quicker than they would while the city comes to life, and for so long after. */
const OPENING_MS = 12_000
/** Whoever has not reached the server by then does not hold up the others. */
const MEET_MS = 15_000
/** Of the cars, so many are in the opening's rides at most; the others are free. */
const OPENING_SHARE = 0.55
const AT_ONCE = 6
const CORNERS_TRIED = 6
const DRIFT_REACH_M = 1_800
/** A rider beside an opening's car has the door open already. */
const DOOR_OPEN_MS = 600
/** Of the free cars, so many begin at a rank where one is near and has a place. */
const RANKED_AT_ONCE = 0.35
/** Nobody queues for a cab around the corner. */
const RANK_RIDE_M = 800

export function startCity(options: CityOptions): City {
  const { roads, clock, random, habits, log } = options
  const chance = () => random.fraction()
  const busyCars = options.drivers.length * options.busyShare
  const hour: Hour = thinHour(options.recorded, { roads, busyCars, random: seededRandom(options.seed) })
  const figures: CityFigures = { asked: 0, refused: 0, finished: 0 }
  const ranks = makeRanks(roads, { cars: options.drivers.length, random: chance })
  const boardsAfterMs = new Map<string, number | null>()
  const startedAtMs = clock.nowMs()
  let openingUntilMs = Number.POSITIVE_INFINITY
  let stopped = false
  let cancelBeat: Cancel = () => {}
  let cancelNext: Cancel = () => {}
  let cancelRider: Cancel = () => {}
  let cancelBooking: Cancel = () => {}
  /** A chance of its own, so that the rest of the city is the same with and without bookings. */
  const laterChance = seededRandom(options.seed + 1)
  let turn = 0

  const phones = options.riders.map((session) => makePhone(options, session))
  const drivers = options.drivers.map((session) =>
    makeDriver(
      {
        ...options,
        isOpening: () => clock.nowMs() < openingUntilMs,
        busierCorner,
        joinRank: ranks.join,
        boardsAfterMs: (rideId) => {
          const known = boardsAfterMs.get(rideId)
          return known === undefined ? someMs(habits.boardS, chance) : known
        },
        finished: () => void figures.finished++,
      },
      session,
    ),
  )

  function secondOfHour(): number {
    return (options.startAtS + (clock.nowMs() - startedAtMs) / 1000) % hour.lengthS
  }

  /** The nearest of some pickups of these minutes, if it is not too far to drift to. */
  function busierCorner(near: LatLng): number {
    const from = firstFrom(hour, secondOfHour())
    const some = Array.from(
      { length: CORNERS_TRIED },
      () => hour.rides[(from + Math.floor(chance() * 60)) % hour.rides.length]!,
    )
    const nearest = some.toSorted((a, b) => distanceM(near, a.pickup) - distanceM(near, b.pickup))[0]!
    if (distanceM(near, nearest.pickup) < DRIFT_REACH_M) return nearest.fromNode
    return nodeAbout(roads, near, { awayM: 400, random: chance })
  }

  async function ask(wish: Wish, boardMs: number | null | undefined): Promise<void> {
    const phone = phones[turn++ % phones.length]!
    figures.asked++
    const rideId = await askForRide(options, phone, wish)
    if (rideId === null) return void figures.refused++
    const misses = boardMs === undefined && chance() < habits.missShare
    boardsAfterMs.set(rideId, misses ? null : (boardMs ?? someMs(habits.boardS, chance)))
    if (boardsAfterMs.size > 5_000) boardsAfterMs.delete(boardsAfterMs.keys().next().value!)
    if (boardMs === undefined) maybeCancel(options, { phone, rideId, habits })
  }

  async function open(): Promise<void> {
    const met = await Promise.all(drivers.map((driver) => within(driver.met, MEET_MS)))
    if (stopped) return
    const free: { driver: Driver; index: number }[] = []
    for (const [index, driver] of drivers.entries()) {
      const state = met[index] ?? null
      const { at } = options.drivers[index]!
      if (at !== null) driver.startAt(roads.nearestNode(at).node)
      else if (state?.ride == null) free.push({ driver, index })
      else driver.startAt(resumeNode(state, { roads, nowMs: clock.nowMs(), random: chance }))
    }
    const most = Math.min(
      free.length,
      Math.max(0, Math.round(drivers.length * OPENING_SHARE) - (drivers.length - free.length)),
    )
    const scenes = scenesAt(hour, { atS: secondOfHour(), most, roads, random: chance })
    const staged = scenes.map((scene) => {
      const [crew] = free.splice(Math.floor(chance() * free.length), 1)
      crew!.driver.startAt(scene.carNode)
      return { scene, class: met[crew!.index]?.vehicles[0]?.class ?? classOf(crew!.index) }
    })
    for (const { driver } of free) {
      const { fromNode } = someWanted()
      if (chance() > RANKED_AT_ONCE || !driver.startAtRank(roads.point(fromNode))) driver.startAt(fromNode)
    }
    beat()
    await eachOf(drivers, (driver) => driver.goOnShift())
    openingUntilMs = clock.nowMs() + OPENING_MS
    // The first positions must be there before the first ride looks for a car.
    await new Promise<void>((resolve) => void clock.after(700, resolve))
    log.info({ scenes: staged.length, tookMs: Math.round(clock.nowMs() - startedAtMs) }, 'city.opening')
    askNext()
    askAtRank()
    await eachOf(staged, ({ scene, class: vehicleClass }) =>
      ask({ pickup: scene.pickup, dropoff: scene.dropoff, class: vehicleClass }, boardingOf(scene)),
    )
    openingUntilMs = Math.max(openingUntilMs, clock.nowMs() + OPENING_MS)
    log.info({ ...figures, tookMs: Math.round(clock.nowMs() - startedAtMs) }, 'city.opened')
    if (hour.rides.length > 0) await bookAhead(habits.bookings)
  }

  function boardingOf({ kind }: Scene): number | undefined {
    return kind === 'on_board' ? DOOR_OPEN_MS : kind === 'boarding' ? chance() * 40_000 : undefined
  }

  function someWanted(): WantedRide {
    return hour.rides[Math.floor(chance() * hour.rides.length)]!
  }

  function askNext(): void {
    if (stopped || hour.rides.length === 0) return
    const nowS = secondOfHour()
    const index = firstFrom(hour, nowS)
    const next = hour.rides[index % hour.rides.length]!
    const waitS = (next.atS - nowS + hour.lengthS) % hour.lengthS
    cancelNext = clock.after(waitS * 1000 + 1, () => {
      void ask({ ...next, class: classOf(Math.floor(chance() * 10)) }, undefined)
      askNext()
    })
  }

  /** Riders who come out of a station ask where the cabs stand. */
  function askAtRank(): void {
    cancelRider = clock.after(someMs(habits.rankRiderS, chance), () => {
      if (stopped) return
      const corner = ranks.someCorner()
      const { dropoff } = someWanted()
      if (corner === null) return
      const pickup = roads.point(corner)
      if (distanceM(pickup, dropoff) > RANK_RIDE_M)
        void ask({ pickup, dropoff, class: classOf(Math.floor(chance() * 10)) }, undefined)
      askAtRank()
    })
  }

  /** Some riders know today what they want later; some are there from the start, for the desk to see. */
  async function bookAhead(count: number): Promise<void> {
    for (let n = 0; n < count && !stopped; n++) {
      const { pickup, dropoff } = hour.rides[Math.floor(laterChance() * hour.rides.length)]!
      const pickupAtMs = Math.round(clock.nowMs() + someMs(habits.bookAheadS, laterChance))
      const phone = phones[Math.floor(laterChance() * phones.length)]!
      await askForRide(options, phone, { pickup, dropoff, class: classOf(n), pickupAtMs })
    }
    if (stopped) return
    cancelBooking = clock.after(someMs(habits.bookEveryS, laterChance), () => void bookAhead(1))
  }

  function beat(): void {
    if (stopped) return
    for (const driver of drivers) driver.beat()
    cancelBeat = clock.after(BEAT_MS, beat)
  }

  async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const left = [...items]
    const worker = async () => {
      for (let item = left.shift(); item !== undefined && !stopped; item = left.shift()) await work(item)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }

  function within<T>(promise: Promise<T>, waitMs: number): Promise<T | null> {
    return Promise.race([
      promise,
      new Promise<null>((resolve) => void clock.after(waitMs, () => resolve(null))),
    ])
  }

  return {
    opened: open(),
    figures: () => ({ ...figures }),
    stop() {
      stopped = true
      cancelBeat()
      cancelNext()
      cancelRider()
      cancelBooking()
      for (const driver of drivers) driver.stop()
    },
  }
}

/** Where a car with a ride is taken up again after a restart: nobody but the old process knew exactly. */
function resumeNode(
  { ride }: SeenState,
  { roads, nowMs, random }: { roads: RoadGraph; nowMs: number; random: () => number },
): number {
  if (ride === null) return 0
  const pickup = roads.nearestNode(ride.pickup).node
  if (ride.state === 'arrived') return pickup
  if (ride.state !== 'in_progress')
    return nodeAbout(roads, ride.pickup, { awayM: 300 + 500 * random(), random })
  const route = roads.route(pickup, roads.nearestNode(ride.dropoff).node)
  const sinceS = (nowMs - (ride.boardedAtMs ?? nowMs)) / 1000
  const at = route?.reachedS.findIndex((seconds) => seconds >= sinceS) ?? -1
  return route === null ? pickup : route.nodes.at(at)!
}
