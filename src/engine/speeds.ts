/**
 * How fast a city is, learned from rides driven: a slowness of each hexagon on the way, of each hexagon by part of the
 * day, of the two ends, of the hour, and a curve of the way's length. Pure; `speeds-fit.ts` learns it.
 *
 * With a leg's expected seconds e (by the region's set speed, or by a road engine's free streets), the model is
 *   log(seconds ÷ e) = curve(straight) + hour + from + to + Σ share of the way in a hexagon × (hexagon + hexagon by part of day)
 * and the same without what changes by the hour for metres. Everything unknown is 0: without rides it says e, and where
 * few were driven it stays near it.
 */
import { weekMinute } from './day.ts'
import { EARTH_RADIUS_M } from './geo.ts'
import { Lattice, type Place } from './lattice.ts'
import { UnitVector } from './unit-vector.ts'
import type { LatLng } from './units.ts'

/** The clock on the wall where a leg is driven. */
export interface WeekHour {
  /** 0 to 23. */
  readonly hour: number
  readonly isWeekend: boolean
}

/** What the clock on the wall shows at an instant. */
export function weekHourOf(atMs: number, timeZone: string): WeekHour {
  const hours = Math.floor(weekMinute(atMs, timeZone) / 60)
  return { hour: hours % 24, isWeekend: hours >= 5 * 24 }
}

/** Road metres and seconds of a leg. */
export interface Estimate {
  readonly distanceM: number
  readonly durationS: number
}

// Hexagons of 0.7 km² on the way: a street's jam shows, and a week of rides fills them. At the ends a seventh of that.
const WAY_RESOLUTION = 8
const END_RESOLUTION = 9
/** The straight way is looked at this often; shorter steps change nothing in hexagons a kilometre wide. */
const STEP_M = 300
const STEPS_MOST = 40
/** Three hours make a part of the day: rush hours stay apart, and each has rides enough. */
const PART_HOURS = 3
const PARTS = (2 * 24) / PART_HOURS
const KNOTS = 16
/** The curve's first knot, and the factor from one to the next: to 55 km. */
const FIRST_KNOT_M = 100
const LOG_KNOT_STEP = 0.42
const FIRST_HOUR = KNOTS
const FIRST_LEARNED = KNOTS + 48
/** Entries a leg has at most: each step's hexagon and part of the day, two knots, the hour, both ends. */
export const ENTRIES_MOST = 2 * STEPS_MOST + 5

export type FeatureKind = 'curve' | 'hour' | 'cell' | 'part' | 'end'

/** Nobody drives slower for long, stops included, or faster: beyond, a prediction is a mistake of the fit. */
const SPEED_LEAST_MPS = 0.8
const SPEED_MOST_MPS = 36

/** Names what a leg's time depends on by numbers, and finds them again. `find` fills `ids` and `weights` up to `count`. */
export class SpeedFeatures {
  count = 0
  readonly ids = new Int32Array(ENTRIES_MOST)
  readonly weights = new Float64Array(ENTRIES_MOST)
  /** Straight, of the last leg. */
  straightM = 0
  readonly kinds: FeatureKind[] = []
  readonly #known = new Map<number, number>()
  readonly #way = new Lattice(WAY_RESOLUTION)
  readonly #end = new Lattice(END_RESOLUTION)
  readonly #place: Place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  readonly #from = new UnitVector()
  readonly #to = new UnitVector()

  constructor() {
    for (let n = 0; n < FIRST_LEARNED; n++) this.kinds.push(n < FIRST_HOUR ? 'curve' : 'hour')
  }

  /** How many there are by now. */
  get size(): number {
    return this.kinds.length
  }

  /** @param isNew whether what was never seen gets a number; otherwise it is left out */
  find(from: LatLng, to: LatLng, when: WeekHour, isNew = false): void {
    this.count = 0
    this.#from.point(from.lat, from.lng)
    this.#to.point(to.lat, to.lng)
    const { x, y, z } = this.#from
    const [dx, dy, dz] = [this.#to.x - x, this.#to.y - y, this.#to.z - z]
    this.straightM = 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(dx * dx + dy * dy + dz * dz) / 2))
    this.#curve()
    this.#put(FIRST_HOUR + when.hour + (when.isWeekend ? 24 : 0), 1)
    this.#put(this.#numberOf(this.#keyAt(this.#end, x, y, z, 1), 'end', isNew), 1)
    this.#put(this.#numberOf(this.#keyAt(this.#end, this.#to.x, this.#to.y, this.#to.z, 2), 'end', isNew), 1)
    const part = Math.floor((when.hour + (when.isWeekend ? 24 : 0)) / PART_HOURS)
    const steps = Math.max(1, Math.min(STEPS_MOST, Math.ceil(this.straightM / STEP_M)))
    let last = -1
    let inLast = 0
    for (let n = 0; n <= steps; n++) {
      const along = (n + 0.5) / steps
      // Through the Earth, and out again: no angle is needed for a point on the way.
      const key = n < steps ? this.#keyThrough(x + along * dx, y + along * dy, z + along * dz) : -1
      if (key !== last && inLast > 0) {
        this.#put(this.#numberOf(last, 'cell', isNew), inLast / steps)
        this.#put(this.#numberOf(last + 3 + part, 'part', isNew), inLast / steps)
        inLast = 0
      }
      last = key
      inLast++
    }
  }

  #curve(): void {
    const at = Math.log(Math.max(FIRST_KNOT_M, this.straightM) / FIRST_KNOT_M) / LOG_KNOT_STEP
    const knot = Math.min(KNOTS - 2, Math.floor(at))
    const share = Math.min(1, at - knot)
    this.#put(knot, 1 - share)
    this.#put(knot + 1, share)
  }

  #put(id: number, weight: number): void {
    if (id < 0 || weight === 0) return
    this.ids[this.count] = id
    this.weights[this.count++] = weight
  }

  #keyThrough(x: number, y: number, z: number): number {
    const scale = 1 / Math.sqrt(x * x + y * y + z * z)
    return this.#keyAt(this.#way, x * scale, y * scale, z * scale, 0)
  }

  /** One whole number a hexagon, with room between two for its parts of the day; `use` tells its three uses apart. */
  #keyAt(lattice: Lattice, x: number, y: number, z: number, use: 0 | 1 | 2): number {
    // On a border either side will do, as long as it is always the same one.
    lattice.locate(x, y, z, this.#place)
    const { face, a, b } = this.#place
    return ((face * 65_536 + a + 32_768) * 65_536 + b + 32_768) * (PARTS + 3) + use
  }

  #numberOf(key: number, kind: FeatureKind, isNew: boolean): number {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (!isNew) return -1
    this.#known.set(key, this.kinds.length)
    this.kinds.push(kind)
    return this.kinds.length - 1
  }
}

/** What was learned; asked for one leg it takes some microseconds and keeps nothing. */
export class LearnedSpeeds {
  /** Legs it was learned from. */
  readonly legs: number
  readonly #features: SpeedFeatures
  readonly #time: Float64Array
  readonly #metres: Float64Array

  constructor(features: SpeedFeatures, learned: { legs: number; time: Float64Array; metres: Float64Array }) {
    this.legs = learned.legs
    this.#features = features
    this.#time = learned.time
    this.#metres = learned.metres
  }

  /**
   * What the leg should take, and how far it should be, from what was expected of it.
   * @param expected by the region's set speed, or by a road engine, as the model was taught
   * @param when by the wall of the region at the start
   * @returns never shorter than straight, nor slower than walking or faster than a motorway
   */
  leg(from: LatLng, to: LatLng, expected: Estimate, when: WeekHour): Estimate {
    const features = this.#features
    features.find(from, to, when)
    let [time, metres] = [0, 0]
    for (let n = 0; n < features.count; n++) {
      time += this.#time[features.ids[n]!]! * features.weights[n]!
      metres += this.#metres[features.ids[n]!]! * features.weights[n]!
    }
    const distanceM = Math.max(features.straightM, expected.distanceM * Math.exp(metres))
    const durationS = expected.durationS * Math.exp(time)
    return {
      distanceM,
      durationS: Math.min(distanceM / SPEED_LEAST_MPS, Math.max(distanceM / SPEED_MOST_MPS, durationS)),
    }
  }
}
