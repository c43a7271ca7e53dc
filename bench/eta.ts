/**
 * How well travel times are told, on rides that were really driven: by a constant pace, by a regression of log seconds
 * on log metres by hour and weekend, by road times alone, and by what `engine/speeds.ts` learns. San Francisco needs
 * BENCH_DATA (the directory with sf-trips-week.csv.gz) and is learned from its days but the last; Manhattan is shipped,
 * one holiday night, told in five parts each learned from the four others. Ends are learned from as they are stored, by
 * hexagon. Figures are the peer's error over ours: above 1 ours is the smaller.
 */
import { join } from 'node:path'
import { DEFAULT_TRAVEL, travel } from '../src/engine/eta.ts'
import { distanceM } from '../src/engine/geo.ts'
import { type Estimate, type LearnedSpeeds, weekHourOf } from '../src/engine/speeds.ts'
import { type DrivenLeg, learnSpeeds } from '../src/engine/speeds-fit.ts'
import type { LatLng } from '../src/engine/units.ts'
import { readCsv } from '../src/io/csv.ts'
import { sampleRoads } from '../src/replay/city/sample.ts'
import { endOf, storedEnd } from '../src/roads/legs.ts'
import { type Bench, IS_SMALL, type Report } from './run.ts'

const DATA = process.env.BENCH_DATA
const SHIPPED = join(import.meta.dir, '../samples/nyc-taxi-hour/trips.csv.gz')
const PARTS = 5
const SNAP_MOST_M = 100
/** Shorter is a slip of the record; the logarithm must have something to stand on. */
const STRAIGHT_LEAST_M = 50

interface Trip {
  readonly from: LatLng
  readonly to: LatLng
  readonly day: string
  readonly hour: number
  readonly isWeekend: boolean
  readonly distanceM: number
  readonly durationS: number
  /** Of the road graph, where both ends lie on it. */
  readonly road?: Estimate
}

type Predict = (trip: Trip) => number

interface Errors {
  readonly maeS: number
  readonly mape: number
  readonly median: number
  readonly wrong: number
}

function errorsOf(trips: readonly Trip[], predict: Predict): Errors {
  let [sumS, sumShare, wrong] = [0, 0, 0]
  const shares = trips.map((trip) => {
    const s = predict(trip)
    if (!(Number.isFinite(s) && s > 0)) wrong++
    const errorS = Math.abs(s - trip.durationS)
    sumS += errorS
    sumShare += errorS / trip.durationS
    return errorS / trip.durationS
  })
  return {
    maeS: sumS / trips.length,
    mape: sumShare / trips.length,
    median: shares.sort((a, b) => a - b)[Math.floor(shares.length / 2)]!,
    wrong,
  }
}

const straightOf = ({ from, to }: Trip) => Math.max(STRAIGHT_LEAST_M, distanceM(from, to))

/** Seconds a straight metre, one for all. */
function constantPace(trips: readonly Trip[]): Predict {
  const pace = sum(trips, ({ durationS }) => durationS) / sum(trips, straightOf)
  return (trip) => pace * straightOf(trip)
}

/** The peer: least squares of log seconds on log metres, one line an hour of weekdays and of weekends. */
function logLog(trips: readonly Trip[]): Predict {
  const keyOf = ({ hour, isWeekend }: Trip) => hour + (isWeekend ? 24 : 0)
  const lines = new Map(
    [...Map.groupBy(trips, keyOf)].map(([key, some]) => {
      const x = some.map((trip) => Math.log(straightOf(trip)))
      const y = some.map(({ durationS }) => Math.log(durationS))
      const [meanX, meanY] = [sum(x, Number) / x.length, sum(y, Number) / y.length]
      const slope =
        sum(x, (at, n) => (at - meanX) * (y[n]! - meanY)) / sum(x, (at) => (at - meanX) * (at - meanX))
      return [key, { slope, base: meanY - slope * meanX }]
    }),
  )
  return (trip) => {
    const { slope, base } = lines.get(keyOf(trip))!
    return Math.exp(base + slope * Math.log(straightOf(trip)))
  }
}

function sum<T>(list: readonly T[], of: (item: T, n: number) => number): number {
  return list.reduce((total, item, n) => total + of(item, n), 0)
}

const byStraight = ({ from, to }: Trip): Estimate => travel(from, to, DEFAULT_TRAVEL)

/** As a server would: ends as they are stored when learning, as they are when asked. */
function learned(trips: readonly Trip[], expectedOf: (trip: Trip) => Estimate): Predict {
  const speeds: LearnedSpeeds = learnSpeeds(
    trips.map((trip): DrivenLeg => {
      const [from, to] = [endOf(storedEnd(trip.from)), endOf(storedEnd(trip.to))]
      return { ...trip, from, to, when: trip, expected: expectedOf(trip) }
    }),
  )
  return (trip) => speeds.leg(trip.from, trip.to, expectedOf(trip), trip).durationS
}

async function readTrips(path: string, timeZoneShiftS: number): Promise<Trip[]> {
  const text = new TextDecoder().decode(Bun.gunzipSync(await Bun.file(path).bytes()))
  return readCsv(text).map((row) => {
    const atS = Number(row.request_time_utc) + timeZoneShiftS
    return {
      from: { lat: Number(row.pickup_lat), lng: Number(row.pickup_lng) },
      to: { lat: Number(row.dropoff_lat), lng: Number(row.dropoff_lng) },
      day: new Date(atS * 1_000).toISOString().slice(0, 10),
      ...weekHourOf(atS * 1_000, 'UTC'),
      distanceM: Number(row.trip_distance_m),
      durationS: Number(row.trip_duration_s),
    }
  })
}

interface Compared {
  readonly rows: Report['table']
  readonly figures: Record<string, number>
  readonly wrong: number
}

function compared(
  city: string,
  short: string,
  errors: Readonly<Record<string, Errors>>,
  ours: string,
  peer: string,
): Compared {
  const rows = Object.entries(errors).map(([source, { maeS, mape, median }]) => ({
    ...{ city, source, 'MAE s': maeS.toFixed(1), MAPE: mape.toFixed(4), 'median error': median.toFixed(4) },
  }))
  const [our, their] = [errors[ours]!, errors[peer]!]
  return {
    rows,
    figures: {
      [`${short}_mae_vs_peer`]: their.maeS / our.maeS,
      [`${short}_mape_vs_peer`]: their.mape / our.mape,
    },
    wrong: sum(Object.values(errors), ({ wrong }) => wrong),
  }
}

async function sanFrancisco(data: string): Promise<Compared> {
  // Daylight saving time throughout: seven hours behind.
  const trips = await readTrips(join(data, 'sf-trips-week.csv.gz'), -7 * 3_600)
  const last = trips
    .map(({ day }) => day)
    .toSorted()
    .at(-1)!
  const past = trips.filter(({ day }) => day !== last)
  const test = trips.filter(({ day }) => day === last)
  const errors = {
    'constant pace': errorsOf(test, constantPace(past)),
    'log-log by hour and weekend': errorsOf(test, logLog(past)),
    'set speed, nothing learned': errorsOf(test, (trip) => byStraight(trip).durationS),
    'learned speeds': errorsOf(test, learned(past, byStraight)),
  }
  return compared('San Francisco', 'sf', errors, 'learned speeds', 'log-log by hour and weekend')
}

async function manhattan(): Promise<Compared> {
  const roads = await sampleRoads()
  const read = await readTrips(SHIPPED, -5 * 3_600)
  const trips = read.flatMap((trip, n): Trip[] => {
    if (IS_SMALL && n % 10 !== 0) return []
    const [from, to] = [roads.nearestNode(trip.from), roads.nearestNode(trip.to)]
    if (Math.max(from.distanceM, to.distanceM) >= SNAP_MOST_M || from.node === to.node) return []
    const road = roads.route(from.node, to.node)!
    return [{ ...trip, road: { distanceM: road.distanceM, durationS: road.durationS } }]
  })
  const parts = Array.from({ length: PARTS }, (_, part) => trips.filter((_trip, n) => n % PARTS === part))
  /** Each trip told by what the other parts taught. */
  const inTurn = (teach: (others: readonly Trip[]) => Predict): Errors => {
    const told = new Map<Trip, number>()
    for (const part of parts) {
      const predict = teach(parts.flatMap((other) => (other === part ? [] : other)))
      for (const trip of part) told.set(trip, predict(trip))
    }
    return errorsOf(trips, (trip) => told.get(trip)!)
  }
  const errors = {
    'constant pace': inTurn(constantPace),
    'log-log by hour and weekend': inTurn(logLog),
    'road graph, night_s': errorsOf(trips, ({ road }) => road!.durationS),
    'learned speeds': inTurn((others) => learned(others, byStraight)),
    'road graph, corrected by learned speeds': inTurn((others) => learned(others, ({ road }) => road!)),
  }
  return compared('Manhattan', 'nyc', errors, 'learned speeds', 'road graph, night_s')
}

async function run(): Promise<Report> {
  const cities = [...(DATA === undefined ? [] : [await sanFrancisco(DATA)]), await manhattan()]
  return {
    figures: Object.assign({}, ...cities.map(({ figures }) => figures)),
    table: cities.flatMap(({ rows }) => rows),
    wrong: sum(cities, ({ wrong }) => wrong),
    skipped: DATA === undefined ? ['San Francisco’s week (BENCH_DATA)'] : [],
  }
}

export const bench: Bench = { name: 'eta', run }
