/** How positions lie in Redis and travel through it: keys, the script that writes, and reading it all back. */
import { z } from 'zod'
import type { DriverId, LatLng, RegionId } from '../engine/units.ts'
import type { Position } from './store.ts'

/** A geo set ends where the Web Mercator square does; its longitudes go to 180 on both sides. */
const GEO_MAX_LAT = 85.05112878

export function keysOf(regionId: RegionId) {
  const tag = `{${regionId}}`
  const [geo, seen, last, epoch] = [`${tag}:geo`, `${tag}:seen`, `${tag}:last`, `${tag}:epoch`]
  return { geo, seen, last, channel: `${tag}:moved`, all: [geo, seen, last, epoch] }
}

/**
 * One flush of one region. Removals, then what is newer than what is there, then those silent for too long; the
 * batch goes to the channel in the same step. Calls are cut to 1,000 members, since Lua's stack holds 8,000 values.
 * Answers the region's epoch.
 */
export const WRITE_SCRIPT = `
local geo, seen, last, epoch = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local function forget(id)
  redis.call('ZREM', geo, id)
  redis.call('ZREM', seen, id)
  redis.call('HDEL', last, id)
end
local function inParts(command, key, values, width)
  local step = 1000 * width
  for from = 1, #values, step do
    redis.call(command, key, unpack(values, from, math.min(from + step - 1, #values)))
  end
end

local removals = tonumber(ARGV[5])
for i = 6, 5 + removals do forget(ARGV[i]) end

local places, times, records, offMap = {}, {}, {}, {}
for from = 6 + removals, #ARGV, 5000 do
  local to = math.min(from + 4999, #ARGV)
  local ids = {}
  for i = from, to, 5 do ids[#ids + 1] = ARGV[i] end
  local known = redis.call('ZMSCORE', seen, unpack(ids))
  for i = from, to, 5 do
    local id, at, lng, lat, record = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
    local score = known[(i - from) / 5 + 1]
    if not score or tonumber(score) < tonumber(at) then
      times[#times + 1] = at
      times[#times + 1] = id
      records[#records + 1] = id
      records[#records + 1] = record
      if lng == '' then
        offMap[#offMap + 1] = id
      else
        places[#places + 1] = lng
        places[#places + 1] = lat
        places[#places + 1] = id
      end
    end
  end
end
inParts('GEOADD', geo, places, 3)
inParts('ZREM', geo, offMap, 1)
inParts('ZADD', seen, times, 2)
inParts('HSET', last, records, 2)

for _, id in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', '(' .. ARGV[3], 'LIMIT', 0, 200)) do forget(id) end
if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
redis.call('SET', epoch, ARGV[4], 'NX')
return redis.call('GET', epoch)
`

export interface WriteCall {
  readonly channel: string
  readonly message: string
  /** Drivers whose last fix is older are forgotten. */
  readonly forgetBeforeMs: number
  readonly newEpoch: string
  readonly removals: readonly DriverId[]
  readonly batch: readonly Position[]
}

export function writeArguments(call: WriteCall): string[] {
  const { channel, message, forgetBeforeMs, newEpoch, removals, batch } = call
  const args = [channel, message, `${forgetBeforeMs}`, newEpoch, `${removals.length}`, ...removals]
  for (const position of batch) {
    const { driverId, lat, lng, atMs } = position
    const [lngText, latText] = isOnGeoMap(position) ? [`${lng}`, `${lat}`] : ['', '']
    args.push(driverId, `${atMs}`, lngText, latText, writeRecord(position))
  }
  return args
}

/** False near the poles, where one such member would make the whole GEOADD fail. */
function isOnGeoMap({ lat, lng }: LatLng): boolean {
  return Math.abs(lat) <= GEO_MAX_LAT && lng >= -180 && lng < 180
}

/** What the geo set does not hold: [atMs, headingDeg, speedMps, accuracyM], and off its map also lat and lng. */
function writeRecord(position: Position): string {
  const { atMs, headingDeg, speedMps, accuracyM, lat, lng } = position
  const record = [atMs, headingDeg, speedMps, accuracyM]
  return JSON.stringify(isOnGeoMap(position) ? record : [...record, lat, lng])
}

const moment = z.number().min(0).max(8.64e15)
const place = { lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) }
const rest = [moment, z.number().min(0).max(360), z.number().min(0).nullable(), z.number().min(0)] as const
const recordShape = z.union([z.tuple([...rest]), z.tuple([...rest, place.lat, place.lng])])

/** A position from its record and its place in the geo set; null for what is not ours or has just gone. */
export function readRecord(driverId: string, record: string, onMap: LatLng | null): Position | null {
  const parsed = recordShape.safeParse(parseJson(record))
  if (!parsed.success) return null
  const [atMs, headingDeg, speedMps, accuracyM, lat, lng] = parsed.data
  const where = lat !== undefined && lng !== undefined ? { lat, lng } : onMap
  if (where === null) return null
  return { driverId: driverId as DriverId, ...where, headingDeg, speedMps, accuracyM, atMs }
}

/** A geo set's answer for one member: longitude first, as text or as numbers by protocol. */
export function readPlace(
  answer: { longitude: string | number; latitude: string | number } | null | undefined,
): LatLng | null {
  return answer ? { lat: Number(answer.latitude), lng: Number(answer.longitude) } : null
}

/** Above MAX_A_CALL positions of ordinary length; what is longer is not ours. */
const MAX_MESSAGE_CHARS = 2_000_000
const messageShape = z.strictObject({
  from: z.string().max(64),
  moved: z.array(
    z.tuple([
      z
        .string()
        .min(1)
        .max(64)
        .transform((text) => text as DriverId),
      place.lat,
      place.lng,
      rest[1],
      rest[2],
      rest[3],
      moment,
    ]),
  ),
})

/** The message for other processes; empty for an empty batch, which nobody needs to hear. */
export function messageOf(from: string, batch: readonly Position[]): string {
  if (batch.length === 0) return ''
  const moved = batch.map((p) => [p.driverId, p.lat, p.lng, p.headingDeg, p.speedMps, p.accuracyM, p.atMs])
  return JSON.stringify({ from, moved })
}

/** What another process said, or null for what is not ours. */
export function readMessage(text: string): { from: string; batch: Position[] } | null {
  const parsed = text.length > MAX_MESSAGE_CHARS ? null : messageShape.safeParse(parseJson(text))
  if (!parsed?.success) return null
  const batch = parsed.data.moved.map(([driverId, lat, lng, headingDeg, speedMps, accuracyM, atMs]) => ({
    driverId,
    lat,
    lng,
    headingDeg,
    speedMps,
    accuracyM,
    atMs,
  }))
  return { from: parsed.data.from, batch }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Whatever it is, the shape refuses it.
    return null
  }
}
