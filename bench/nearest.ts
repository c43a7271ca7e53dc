/** The k nearest free cars of a class: ours against the libraries and servers one could pick instead. */
import { heapStats } from 'bun:jsc'
import { latLngToCell } from 'h3-js'
import { FleetIndex, type Handle, type NearestResult } from '../src/engine/fleet-index.ts'
import { distanceM } from '../src/engine/geo.ts'
import { Lattice } from '../src/engine/lattice.ts'
import { type DriverId, seededRandom } from '../src/engine/units.ts'
import { type Found, NaiveH3, RESOLUTION } from './peers.ts'
import { type Bench, IS_SMALL, interleave, median, medianRatio, type Report, timeMs } from './run.ts'
import { NO_SERVERS, serverPeers } from './server-peers.ts'
import { filteredTree, flatbushByClass, treesByClass } from './tree-peers.ts'
import { type City, cityOf, MAX_M, type Points, pingsOf, requestsOf } from './workload.ts'

const K = 8
const ROUNDS = IS_SMALL ? 1 : 5
const CHECKED = IS_SMALL ? 200 : 1_000
const SEED = 20_261_121
const TOLERANCE_M = 1e-6
// Enough of each for some tens of milliseconds a turn.
const OUR_REQUESTS = 20_000
const KDBUSH_REQUESTS = 4_000
const NAIVE_REQUESTS = 400
const CALLS = IS_SMALL ? 50_000 : 1_000_000
const CELLS = IS_SMALL ? 20_000 : 200_000
const RAD = Math.PI / 180

interface Size {
  readonly label: string
  readonly cars: number
  /** Beside servers too, which take long to fill. */
  readonly all?: true
}
const SIZES: readonly Size[] = [
  { label: '10k', cars: 10_000 },
  { label: '100k', cars: IS_SMALL ? 20_000 : 100_000, all: true },
  { label: '1m', cars: IS_SMALL ? 30_000 : 1_000_000 },
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
  // As the fleet does once it is read.
  index.layOut()
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

/** One object for all questions: a caller that cares for its garbage keeps one too. */
const question = { lat: 0, lng: 0, k: K, maxM: MAX_M, classMask: 0, seatsMin: 1, attributes: 0 }

/** Ours on one request, answered into `out`. */
export function ask(index: FleetIndex, requests: Points, request: number, out: NearestResult): number {
  question.lat = requests.lats[request]!
  question.lng = requests.lngs[request]!
  question.classMask = requests.who[request]!
  return index.nearest(question, out)
}

export function foundIn(out: NearestResult): Found[] {
  return Array.from({ length: out.count }, (_, i) => ({
    car: out.handles[i]!,
    metres: out.distancesM[i]!,
  }))
}

/** What one size of city tells; `oursMs` is the mean time of a query. */
interface Measured extends Report {
  readonly oursMs: number
}

async function measure({ label, cars, all }: Size): Promise<Measured> {
  const random = seededRandom(SEED)
  const city = cityOf(cars, random)
  const requests = requestsOf((ROUNDS + 1) * OUR_REQUESTS, random)
  const checked = requestsOf(CHECKED, random)
  const index = filled(city)
  const out = index.makeResult(K)
  const naive = new NaiveH3(city)
  const fineNaive = new NaiveH3(city, { resolution: RESOLUTION.fine })
  const filter = filteredTree(city)
  const perClass = treesByClass(city)
  const boxes = flatbushByClass(city)

  const wrong = wrongAnswers(city, checked, (request) => {
    ask(index, checked, request, out)
    return foundIn(out)
  })
  const timesMs = interleave(ROUNDS, {
    ours: inTurns(OUR_REQUESTS, (i) => ask(index, requests, i, out)),
    filter: inTurns(KDBUSH_REQUESTS, (i) => filter(requests, i)),
    perClass: inTurns(KDBUSH_REQUESTS, (i) => perClass(requests, i)),
    flatbush: inTurns(KDBUSH_REQUESTS, (i) => boxes(requests, i)),
    naive: inTurns(NAIVE_REQUESTS, (i) => naive.nearest(at(requests, i), K, MAX_M, requests.who[i]!)),
    fine: inTurns(NAIVE_REQUESTS, (i) => fineNaive.nearest(at(requests, i), K, MAX_M, requests.who[i]!)),
  })
  const oursMs = median(timesMs.ours)
  const servers = all ? await serverPeers(city, requests, oursMs) : NO_SERVERS
  const micros = (times: readonly number[]) => Number((median(times) * 1_000).toFixed(2))
  return {
    oursMs,
    figures: {
      [`k${K}_${label}_vs_kdbush_filter`]: medianRatio(timesMs.filter, timesMs.ours),
      [`k${K}_${label}_vs_kdbush_per_class`]: medianRatio(timesMs.perClass, timesMs.ours),
      [`k${K}_${label}_vs_flatbush_per_class`]: medianRatio(timesMs.flatbush, timesMs.ours),
      [`k${K}_${label}_vs_naive_h3`]: medianRatio(timesMs.naive, timesMs.ours),
      [`k${K}_${label}_vs_naive_h3_fine`]: medianRatio(timesMs.fine, timesMs.ours),
      [`p99_over_p50_k${K}_${label}`]: tail(index, requests, out),
      ...servers.figures,
    },
    table: [
      {
        cars,
        'ours µs': micros(timesMs.ours),
        'kdbush filter': micros(timesMs.filter),
        'kdbush a class': micros(timesMs.perClass),
        'flatbush a class': micros(timesMs.flatbush),
        'naive H3': micros(timesMs.naive),
        'naive H3, finer': micros(timesMs.fine),
        ...servers.row,
        wrong,
      },
    ],
    wrong,
    skipped: servers.skipped,
  }
}

/** How much slower the slowest hundredth of queries is than the middle one. */
function tail(index: FleetIndex, requests: Points, out: NearestResult): number {
  const ratios: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const took = new Float64Array(requests.who.length)
    for (let i = 0; i < took.length; i++) {
      const before = Bun.nanoseconds()
      ask(index, requests, i, out)
      took[i] = Bun.nanoseconds() - before
    }
    took.sort()
    ratios.push(took[Math.floor(0.99 * took.length)]! / took[took.length >> 1]!)
  }
  return median(ratios)
}

/** Heap that a million pings and a million queries leave behind, in bytes a call. */
function bytesPerCall(city: City): number {
  const random = seededRandom(SEED + 2)
  const index = filled(city)
  const pings = pingsOf(city, CALLS, random)
  const requests = requestsOf(OUR_REQUESTS, random)
  const out = index.makeResult(K)
  const both = () => {
    for (let i = 0; i < CALLS; i++) {
      index.move(pings.who[i]!, pings.lats[i]!, pings.lngs[i]!)
      ask(index, requests, i % OUR_REQUESTS, out)
    }
  }
  // The first time new cells are made and the compiler works.
  both()
  Bun.gc(true)
  const before = heapStats().heapSize
  both()
  return Math.max(0, heapStats().heapSize - before) / (2 * CALLS)
}

/** The time of our arithmetic for the cell of a ping, over that of h3-js; and how often they disagree. */
function cellOfPing(city: City): { ratio: number; wrong: number } {
  const random = seededRandom(SEED + 3)
  const pings = pingsOf(city, CELLS, random)
  const lattice = new Lattice(9)
  const place = { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
  const locate = (i: number) => {
    const lat = pings.lats[i]! * RAD
    const lng = pings.lngs[i]! * RAD
    const cosLat = Math.cos(lat)
    return lattice.locate(cosLat * Math.cos(lng), cosLat * Math.sin(lng), Math.sin(lat), place)
  }
  const cells = new Map<string, string>()
  let wrong = 0
  for (let i = 0; i < CELLS; i++) {
    if (!locate(i)) continue
    const address = `${place.face} ${place.a} ${place.b}`
    const cell = latLngToCell(pings.lats[i]!, pings.lngs[i]!, 9)
    if ((cells.get(address) ?? cell) !== cell) wrong++
    cells.set(address, cell)
  }
  const timesMs = interleave(ROUNDS, {
    ours: () => eachMs(CELLS, locate),
    h3js: () => eachMs(CELLS / 10, (i) => latLngToCell(pings.lats[i]!, pings.lngs[i]!, 9)),
  })
  return {
    ratio: medianRatio(timesMs.ours, timesMs.h3js),
    wrong: wrong + (new Set(cells.values()).size - cells.size),
  }
}

function at(points: Points, i: number): { lat: number; lng: number } {
  return { lat: points.lats[i]!, lng: points.lngs[i]! }
}

/**
 * A contestant whose every turn asks requests that it has not been asked before: asked again and again, a few hundred
 * would be answered from the processor's caches, with the branches known, and a peer asked fewer would gain by that.
 */
function inTurns(times: number, work: (i: number) => unknown): () => number {
  let next = 0
  return () => {
    const first = next
    next += times
    return eachMs(times, (i) => work(first + i))
  }
}

function eachMs(times: number, work: (i: number) => unknown): number {
  return timeMs(() => repeat(times, work)) / times
}

function repeat(times: number, work: (i: number) => unknown): void {
  for (let i = 0; i < times; i++) work(i)
}

export const bench: Bench = {
  name: 'nearest',
  async run() {
    const reports: Measured[] = []
    for (const size of SIZES) reports.push(await measure(size))
    const city = cityOf(SIZES[1]!.cars, seededRandom(SEED))
    const cell = cellOfPing(city)
    const [small, , large] = reports
    return {
      figures: {
        ...Object.assign({}, ...reports.map(({ figures }) => figures)),
        growth_k8_1m_over_10k: small!.oursMs / large!.oursMs,
        bytes_per_call: bytesPerCall(city),
        cell_of_ping_vs_h3js: cell.ratio,
      },
      table: reports.flatMap(({ table }) => table),
      wrong: reports.reduce((sum, { wrong }) => sum + wrong, cell.wrong),
      skipped: reports.flatMap(({ skipped }) => skipped),
    }
  },
}
