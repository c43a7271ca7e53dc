/** Recorded taxi rides read from a public trip file. */

import { z } from 'zod'
import type { LatLng, RandomFn } from '../engine/units.ts'

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
}

/** What the person at the keyboard can put right: a flag, a file, a row. */
export class ReplayInputError extends Error {
  override name = 'ReplayInputError'
}

const number = z.string().trim().min(1).pipe(z.coerce.number())
const latitude = number.pipe(z.number().min(-90).max(90))
const longitude = number.pipe(z.number().min(-180).max(180))
const RecordedRow = z.object({
  request_time_utc: number.pipe(z.number().min(0).max(4_102_444_800)),
  local_seconds_of_day: number.pipe(z.number().min(0).lt(86_400)),
  pickup_lat: latitude,
  pickup_lng: longitude,
  dropoff_lat: latitude,
  dropoff_lng: longitude,
  trip_distance_m: number.pipe(z.number().min(0).max(1_000_000)),
  trip_duration_s: number.pipe(z.number().min(0).max(86_400)),
})
const COLUMNS = Object.keys(RecordedRow.shape) as (keyof typeof RecordedRow.shape)[]

// Meters round to the minute or not at all; every sixtieth exact stamp of the latter is a whole minute by chance.
const WHOLE_MINUTE_SHARE = 0.5

/**
 * Read a file of recorded rides, gzip or plain CSV, known by its header; further columns are ignored.
 * @param flag the flag that named the file, for the messages
 * @throws ReplayInputError naming the flag, and the line and column where there is one
 */
export async function readRecorded(path: string, flag: string): Promise<RecordedRide[]> {
  const bytes = await Bun.file(path)
    .bytes()
    .catch(() => {
      throw new ReplayInputError(`${flag}: ${path} cannot be read`)
    })
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
    return parseRecorded(new TextDecoder().decode(isGzip ? Bun.gunzipSync(bytes) : bytes))
  } catch (cause) {
    if (cause instanceof ReplayInputError) throw new ReplayInputError(`${flag}: ${path}: ${cause.message}`)
    throw new ReplayInputError(`${flag}: ${path} is not a whole gzip file`, { cause })
  }
}

/**
 * The rows of a trip file's text, in file order.
 * @throws ReplayInputError naming line and column
 */
export function parseRecorded(text: string): RecordedRide[] {
  const lines = text.split(/\r?\n/)
  const header = lines[0]!.split(',')
  const places = COLUMNS.map((column) => {
    const place = header.indexOf(column)
    if (place < 0) throw new ReplayInputError(`the header has no column ${column}`)
    return place
  })
  const rides: RecordedRide[] = []
  for (let n = 1; n < lines.length; n++) {
    if (lines[n] === '') continue
    const cells = lines[n]!.split(',')
    const row = RecordedRow.safeParse(
      Object.fromEntries(COLUMNS.map((column, i) => [column, cells[places[i]!] ?? ''])),
    )
    if (!row.success) {
      const [issue] = row.error.issues
      throw new ReplayInputError(`line ${n + 1}, ${String(issue!.path[0])}: ${issue!.message}`)
    }
    rides.push(fromRow(row.data))
  }
  if (rides.length === 0) throw new ReplayInputError('there is no ride in it')
  return rides
}

function fromRow(row: z.infer<typeof RecordedRow>): RecordedRide {
  const localMidnightS = row.request_time_utc - row.local_seconds_of_day
  // Noon of the local day falls on the same date in UTC wherever the offset is less than twelve hours.
  const noon = new Date((localMidnightS + 43_200) * 1_000)
  return {
    requestedAtMs: row.request_time_utc * 1_000,
    localDate: noon.toISOString().slice(0, 10),
    localSecondsOfDay: row.local_seconds_of_day,
    pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
    dropoff: { lat: row.dropoff_lat, lng: row.dropoff_lng },
    distanceM: row.trip_distance_m,
    durationS: row.trip_duration_s,
  }
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
