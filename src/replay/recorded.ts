/** Recorded taxi rides read from a public trip file. */

import { z } from 'zod'
import type { LatLng, RandomFn } from '../engine/units.ts'
import { ReplayInputError, readText } from './input.ts'
import type { RoadGround } from './road-ground.ts'

/** One recorded ride. Nobody wrote down when the rider asked: the recorded pickup time stands for it. */
export interface RecordedRide {
  readonly requestedAtMs: number
  /** Local calendar day, `2008-05-23`. */
  readonly localDate: string
  readonly localSecondsOfDay: number
  readonly pickup: LatLng
  readonly dropoff: LatLng
  readonly distanceM: number
  readonly durationS: number
  /** What one could say of the duration when the rider asked, where the ground does not have to be asked. */
  readonly expectedS?: number
}

const number = z.string().trim().min(1).pipe(z.coerce.number())
const latitude = number.pipe(z.number().min(-90).max(90))
const longitude = number.pipe(z.number().min(-180).max(180))
const Meter = z.object({
  request_time_utc: number.pipe(z.number().min(0).max(4_102_444_800)),
  local_seconds_of_day: number.pipe(z.number().min(0).lt(86_400)),
  trip_distance_m: number.pipe(z.number().min(0).max(1_000_000)),
  trip_duration_s: number.pipe(z.number().min(0).max(86_400)),
})
const ByPoint = Meter.extend({
  pickup_lat: latitude,
  pickup_lng: longitude,
  dropoff_lat: latitude,
  dropoff_lng: longitude,
})
const node = number.pipe(z.number().int().min(0))
/** Files that were laid on a road graph before name its nodes. */
const ByNode = Meter.extend({ from_node: node, to_node: node })

// Meters round to the minute or not at all; every sixtieth exact stamp of the latter is a whole minute by chance.
const WHOLE_MINUTE_SHARE = 0.5

/**
 * Read a file of recorded rides, gzip or plain CSV, known by its header; further columns are ignored.
 * @param flag the flag that named the file, for the messages
 * @param roads the graph whose nodes the file may name instead of points
 * @throws ReplayInputError naming the flag, and the line and column where there is one
 */
export async function readRecorded(path: string, flag: string, roads?: RoadGround): Promise<RecordedRide[]> {
  const text = await readText(path, flag)
  try {
    return parseRecorded(text, roads)
  } catch (cause) {
    if (cause instanceof ReplayInputError) throw new ReplayInputError(`${flag}: ${path}: ${cause.message}`)
    throw cause
  }
}

/**
 * The rows of a trip file's text, in file order.
 * @throws ReplayInputError naming line and column
 */
export function parseRecorded(text: string, roads?: RoadGround): RecordedRide[] {
  const lines = text.split(/\r?\n/)
  const header = lines[0]!.split(',')
  const isByNode = header.includes('from_node') && !header.includes('pickup_lat')
  if (isByNode && !roads)
    throw new ReplayInputError('its places are nodes of a road graph: name it by --roads')
  const shape = isByNode ? ByNode : ByPoint
  const columns = Object.keys(shape.shape).map((column) => {
    const place = header.indexOf(column)
    if (place < 0) throw new ReplayInputError(`the header has no column ${column}`)
    return { column, place }
  })
  const rides: RecordedRide[] = []
  for (let n = 1; n < lines.length; n++) {
    if (lines[n] === '') continue
    const cells = lines[n]!.split(',')
    const row = shape.safeParse(
      Object.fromEntries(columns.map(({ column, place }) => [column, cells[place] ?? ''])),
    )
    if (!row.success) {
      const [issue] = row.error.issues
      throw new ReplayInputError(`line ${n + 1}, ${String(issue!.path[0])}: ${issue!.message}`)
    }
    rides.push(fromRow(row.data, n + 1, roads))
  }
  if (rides.length === 0) throw new ReplayInputError('there is no ride in it')
  return rides
}

function fromRow(
  row: z.infer<typeof ByPoint> | z.infer<typeof ByNode>,
  line: number,
  roads: RoadGround | undefined,
): RecordedRide {
  const localMidnightS = row.request_time_utc - row.local_seconds_of_day
  // Noon of the local day falls on the same date in UTC wherever the offset is less than twelve hours.
  const noon = new Date((localMidnightS + 43_200) * 1_000)
  return {
    requestedAtMs: row.request_time_utc * 1_000,
    localDate: noon.toISOString().slice(0, 10),
    localSecondsOfDay: row.local_seconds_of_day,
    ...placesOf(row, line, roads),
    distanceM: row.trip_distance_m,
    durationS: row.trip_duration_s,
  }
}

function placesOf(
  row: z.infer<typeof ByPoint> | z.infer<typeof ByNode>,
  line: number,
  roads: RoadGround | undefined,
): Pick<RecordedRide, 'pickup' | 'dropoff'> {
  if ('pickup_lat' in row)
    return {
      pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
      dropoff: { lat: row.dropoff_lat, lng: row.dropoff_lng },
    }
  if (Math.max(row.from_node, row.to_node) >= roads!.nodeCount)
    throw new ReplayInputError(`line ${line}: the road graph has no such node`)
  return { pickup: roads!.point(row.from_node), dropoff: roads!.point(row.to_node) }
}

/** Farther from every road than this, a place is not on the graph. */
const SNAP_M = 100

/**
 * Rides laid on a road graph: both ends at their nearest nodes, the time and length of the quickest way between. Those
 * with an end 100 m or farther from every node, without a way, or from a node to itself are left out.
 */
export function onRoads(recorded: readonly RecordedRide[], roads: RoadGround): RecordedRide[] {
  const ends = recorded.flatMap((ride) => {
    const [from, to] = [roads.snap(ride.pickup, SNAP_M), roads.snap(ride.dropoff, SNAP_M)]
    return from < 0 || to < 0 ? [] : [{ ride, from, to }]
  })
  const laid = new Map<RecordedRide, RecordedRide>()
  for (const [from, leaving] of Map.groupBy(ends, (each) => each.from)) {
    const legs = roads.legsFrom(
      from,
      leaving.map(({ to }) => to),
    )
    leaving.forEach(({ ride, to }, n) => {
      const leg = legs[n]!
      if (leg.durationS > 0 && leg.durationS < Number.POSITIVE_INFINITY)
        laid.set(ride, {
          ...{ ...ride, ...leg, expectedS: leg.durationS },
          ...{ pickup: roads.point(from), dropoff: roads.point(to) },
        })
    })
  }
  return recorded.flatMap((ride) => laid.get(ride) ?? [])
}

/**
 * Requests in the order they come in. Where a file's stamps are whole minutes, each is spread inside its minute, or
 * every minute would begin with a rush that nobody saw.
 */
export function inOrder(rides: readonly RecordedRide[], random: RandomFn): RecordedRide[] {
  const isWhole = (ride: RecordedRide) => ride.requestedAtMs % 60_000 === 0
  const spread = rides.filter(isWhole).length > WHOLE_MINUTE_SHARE * rides.length
  return rides
    .map((ride) => {
      if (!spread || !isWhole(ride)) return ride
      const laterMs = Math.floor(random() * 60_000)
      return {
        ...ride,
        requestedAtMs: ride.requestedAtMs + laterMs,
        localSecondsOfDay: (ride.localSecondsOfDay + laterMs / 1_000) % 86_400,
      }
    })
    .toSorted((a, b) => a.requestedAtMs - b.requestedAtMs)
}
