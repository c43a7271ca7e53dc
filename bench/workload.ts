/**
 * The workload "city": seven crowded quarters and a thin spread over 60 × 60 km, three classes, three in ten cars
 * free. Seeded, so that two runs on one machine compare.
 */
import { EARTH_RADIUS_M } from '../src/engine/geo.ts'
import type { LatLng, RandomFn } from '../src/engine/units.ts'

export const MAX_M = 5_000
const CENTRE: LatLng = { lat: 40.75, lng: -73.98 }
const M_PER_DEGREE = (EARTH_RADIUS_M * Math.PI) / 180
const LNG_SCALE = Math.cos((CENTRE.lat * Math.PI) / 180)
const HALF_SIDE_M = 30_000
const SPREAD_SHARE = 0.15
const FREE_SHARE = 0.3
const PING_MAX_M = 60

/** Centre east and north of the middle, and sigma, in metres. */
const QUARTERS = [
  [0, 0, 800],
  [2_500, 5_000, 1_200],
  [-4_000, -6_000, 1_600],
  [9_000, -3_000, 2_200],
  [-8_000, 7_000, 2_800],
  [12_000, 10_000, 3_400],
  [-14_000, -12_000, 4_000],
] as const

export interface City {
  readonly lats: Float64Array
  readonly lngs: Float64Array
  /** Bit of the one class of each car. */
  readonly classMasks: Uint8Array
  readonly free: Uint8Array
}

/** Pings or questions: `who` is a car for a ping, a class bit for a question. */
export interface Points {
  readonly lats: Float64Array
  readonly lngs: Float64Array
  readonly who: Int32Array
}

export function cityOf(cars: number, random: RandomFn): City {
  const city = {
    lats: new Float64Array(cars),
    lngs: new Float64Array(cars),
    classMasks: new Uint8Array(cars),
    free: new Uint8Array(cars),
  }
  for (let i = 0; i < cars; i++) {
    const at = somewhere(random)
    city.lats[i] = at.lat
    city.lngs[i] = at.lng
    city.classMasks[i] = someClass(random)
    city.free[i] = random() < FREE_SHARE ? 1 : 0
  }
  return city
}

/** Requests out of the same mixture as the cars, each for one class. */
export function requestsOf(count: number, random: RandomFn): Points {
  const points = pointsOf(count)
  for (let i = 0; i < count; i++) {
    const at = somewhere(random)
    points.lats[i] = at.lat
    points.lngs[i] = at.lng
    points.who[i] = someClass(random)
  }
  return points
}

/** Pings of random cars, each up to 60 m from that car's last one. */
export function pingsOf(city: City, count: number, random: RandomFn): Points {
  const lats = city.lats.slice()
  const lngs = city.lngs.slice()
  const points = pointsOf(count)
  for (let i = 0; i < count; i++) {
    const car = Math.floor(random() * lats.length)
    const turn = random() * 2 * Math.PI
    const at = offset(lats[car]!, lngs[car]!, random() * PING_MAX_M, turn)
    lats[car] = at.lat
    lngs[car] = at.lng
    points.lats[i] = at.lat
    points.lngs[i] = at.lng
    points.who[i] = car
  }
  return points
}

function pointsOf(count: number): Points {
  return { lats: new Float64Array(count), lngs: new Float64Array(count), who: new Int32Array(count) }
}

function someClass(random: RandomFn): number {
  const share = random()
  return share < 0.7 ? 1 : share < 0.9 ? 2 : 4
}

function somewhere(random: RandomFn): LatLng {
  if (random() < SPREAD_SHARE) {
    return metresOff((2 * random() - 1) * HALF_SIDE_M, (2 * random() - 1) * HALF_SIDE_M)
  }
  const [east, north, sigma] = QUARTERS[Math.floor(random() * QUARTERS.length)]!
  // Box and Muller (1958): two uniform numbers make two normal ones.
  const radius = sigma * Math.sqrt(-2 * Math.log(1 - random()))
  const turn = random() * 2 * Math.PI
  return metresOff(east + radius * Math.cos(turn), north + radius * Math.sin(turn))
}

function metresOff(eastM: number, northM: number): LatLng {
  return {
    lat: CENTRE.lat + northM / M_PER_DEGREE,
    lng: CENTRE.lng + eastM / (M_PER_DEGREE * LNG_SCALE),
  }
}

function offset(lat: number, lng: number, byM: number, turn: number): LatLng {
  return {
    lat: lat + (byM * Math.sin(turn)) / M_PER_DEGREE,
    lng: lng + (byM * Math.cos(turn)) / (M_PER_DEGREE * LNG_SCALE),
  }
}
