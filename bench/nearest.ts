/** The k nearest free cars of a class: ours against kdbush with geokdbush, and against a plain use of H3. */
import { around } from 'geokdbush'
import KDBush from 'kdbush'
import { FleetIndex, type Handle, type NearestResult } from '../src/engine/fleet-index.ts'
import { distanceM } from '../src/engine/geo.ts'
import { type DriverId, seededRandom } from '../src/engine/units.ts'
import { type Found, NaiveH3 } from './peers.ts'
import { type Bench, interleave, median, medianRatio, type Report, timeMs } from './run.ts'
import { type City, cityOf, MAX_M, type Points, requestsOf } from './workload.ts'

const K = 8
const ROUNDS = 5
const CHECKED = 1_000
const SEED = 20_261_121
const TOLERANCE_M = 1e-6
// Enough of each for some tens of milliseconds a turn; the slow ones ask the first of the same requests.
const OUR_REQUESTS = 20_000
const KDBUSH_REQUESTS = 4_000
const NAIVE_REQUESTS = 400

interface Size {
  readonly label: string
  readonly cars: number
}
const SIZES: readonly Size[] = [
  { label: '10k', cars: 10_000 },
  { label: '100k', cars: 100_000 },
]

/** Our index with a city in it; a car's number is its handle. */
export function filled(city: City): FleetIndex {
  const index = new FleetIndex()
  for (let car = 0; car < city.lats.length; car++) {
    const traits = { classMask: city.classMasks[car]!, seats: 4, attributes: 0 }
    const at = { lat: city.lats[car]!, lng: city.lngs[car]! }
    const handle: Handle = index.add(`driver-${String(car).padStart(7, '0')}` as DriverId, at, traits)
    if (city.free[car] === 1) index.setAvailable(handle, true)
  }
  return index
}

/** How many answers of `nearest` differ from those of looking at every car, and likewise of each peer. */
export function wrongAnswers(
  city: City,
  requests: Points,
  nearest: (request: number) => readonly Found[],
): number {
  let wrong = 0
  for (let request = 0; request < requests.who.length; request++) {
    const expected = byLookingAtAll(city, requests, request)
    const found = nearest(request)
    const same =
      found.length === expected.length &&
      found.every(({ car, metres }, i) => {
        return car === expected[i]!.car && Math.abs(metres - expected[i]!.metres) <= TOLERANCE_M
      })
    if (!same) wrong++
  }
  return wrong
}

function byLookingAtAll(city: City, requests: Points, request: number): Found[] {
  const at = { lat: requests.lats[request]!, lng: requests.lngs[request]! }
  const found: Found[] = []
  for (let car = 0; car < city.lats.length; car++) {
    if (city.free[car] === 0 || (city.classMasks[car]! & requests.who[request]!) === 0) continue
    // A degree of latitude is over 110 km: a cheap first look, for an oracle that takes its time.
    if (Math.abs(city.lats[car]! - at.lat) > MAX_M / 110_000) continue
    const metres = distanceM({ lat: city.lats[car]!, lng: city.lngs[car]! }, at)
    if (metres <= MAX_M) found.push({ car, metres })
  }
  return found.sort((a, b) => a.metres - b.metres || a.car - b.car).slice(0, K)
}

/** Ours on one request, answered into `out`. */
export function ask(index: FleetIndex, requests: Points, request: number, out: NearestResult): number {
  return index.nearest(
    {
      lat: requests.lats[request]!,
      lng: requests.lngs[request]!,
      k: K,
      maxM: MAX_M,
      classMask: requests.who[request]!,
      seatsMin: 1,
      attributes: 0,
    },
    out,
  )
}

export function foundIn(out: NearestResult): Found[] {
  return Array.from({ length: out.count }, (_, i) => ({
    car: out.handles[i]!,
    metres: out.distancesM[i]!,
  }))
}

function measure({ label, cars }: Size): Report {
  const random = seededRandom(SEED)
  const city = cityOf(cars, random)
  const requests = requestsOf(OUR_REQUESTS, random)
  const checked = requestsOf(CHECKED, random)
  const index = filled(city)
  const out = index.makeResult(K)
  const naive = new NaiveH3(city)
  const tree = new KDBush(cars)
  for (let car = 0; car < cars; car++) tree.add(city.lngs[car]!, city.lats[car]!)
  tree.finish()
  const askTree = (points: Points, request: number): number[] => {
    const classMask = points.who[request]!
    const fits = (car: number) => city.free[car] === 1 && (city.classMasks[car]! & classMask) !== 0
    return around(tree, points.lngs[request]!, points.lats[request]!, K, MAX_M / 1000, fits)
  }
  const askNaive = (points: Points, request: number): Found[] => {
    const at = { lat: points.lats[request]!, lng: points.lngs[request]! }
    return naive.nearest(at, K, MAX_M, points.who[request]!)
  }

  const wrong = wrongAnswers(city, checked, (request) => {
    ask(index, checked, request, out)
    return foundIn(out)
  })
  const wrongNaive = wrongAnswers(city, checked, (request) => askNaive(checked, request))

  const timesMs = interleave(ROUNDS, {
    ours: () => timeMs(() => repeat(OUR_REQUESTS, (i) => ask(index, requests, i, out))) / OUR_REQUESTS,
    kdbush: () => timeMs(() => repeat(KDBUSH_REQUESTS, (i) => askTree(requests, i))) / KDBUSH_REQUESTS,
    naive: () => timeMs(() => repeat(NAIVE_REQUESTS, (i) => askNaive(requests, i))) / NAIVE_REQUESTS,
  })
  const micros = (times: readonly number[]) => Number((median(times) * 1_000).toFixed(2))
  return {
    figures: {
      [`k${K}_${label}_vs_kdbush_filter`]: medianRatio(timesMs.kdbush, timesMs.ours),
      [`k${K}_${label}_vs_naive_h3`]: medianRatio(timesMs.naive, timesMs.ours),
    },
    table: [
      {
        cars,
        'ours µs': micros(timesMs.ours),
        'kdbush µs': micros(timesMs.kdbush),
        'naive H3 µs': micros(timesMs.naive),
        'wrong of 1,000': wrong,
        'wrong, naive': wrongNaive,
      },
    ],
    wrong,
    skipped: [],
  }
}

function repeat(times: number, work: (i: number) => unknown): void {
  for (let i = 0; i < times; i++) work(i)
}

export const bench: Bench = {
  name: 'nearest',
  run() {
    const reports = SIZES.map(measure)
    return {
      figures: Object.assign({}, ...reports.map(({ figures }) => figures)),
      table: reports.flatMap(({ table }) => table),
      wrong: reports.reduce((sum, { wrong }) => sum + wrong, 0),
      skipped: [],
    }
  },
}
