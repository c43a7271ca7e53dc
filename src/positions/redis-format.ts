/** How positions lie in Redis and travel through it: keys, the script that writes, and reading it all back. */
import { z } from 'zod'
import type { DriverId, LatLng, RegionId } from '../engine/units.ts'
import { geoScore, isOnGeoMap } from './geo-score.ts'
import type { Position } from './store.ts'

export function keysOf(regionId: RegionId) {
  const tag = `{${regionId}}`
  const [geo, last, epoch] = [`${tag}:geo`, `${tag}:last`, `${tag}:epoch`]
  return { geo, last, channel: `${tag}:moved`, all: [geo, last, epoch] }
}

/**
 * One flush of one region. Removals, then what is newer than what is there; the batch goes to the channel in the same
 * step. The caller has laid the arguments of each command side by side, so that the script hands them on in slices of
 * 2,000 members (Lua's stack holds 8,000 values) and looks at each driver only when some of them turn out to be known
 * with newer fixes. Answers the region's epoch.
 */
const WRITE_SCRIPT = `
local geo, last, epoch = KEYS[1], KEYS[2], KEYS[3]
local removals, count, mapped = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local ids = 7 + removals
local times = ids + count
local places = times + count
local records = places + 2 * mapped

local function each(from, members, width, call)
  for first = 0, members - 1, 2000 do
    call(from + first * width, from + math.min(first + 2000, members) * width - 1, first)
  end
end

for i = 7, 6 + removals do
  redis.call('ZREM', geo, ARGV[i])
  redis.call('HDEL', last, ARGV[i])
end

local newer, isNewer = 0, {}
each(ids, count, 1, function(from, to, first)
  for i, known in ipairs(redis.call('HMGET', last, unpack(ARGV, from, to))) do
    local at = known and tonumber(string.match(known, '^%[([^,]+)'))
    if not at or tonumber(ARGV[times + first + i - 1]) > at then
      newer = newer + 1
      isNewer[first + i] = true
    end
  end
end)
if newer == count then
  each(places, mapped, 2, function(from, to) redis.call('ZADD', geo, unpack(ARGV, from, to)) end)
  each(records, count, 2, function(from, to) redis.call('HSET', last, unpack(ARGV, from, to)) end)
  for i = mapped, count - 1 do redis.call('ZREM', geo, ARGV[ids + i]) end
else
  for i = 0, count - 1 do
    if isNewer[i + 1] then
      local id = ARGV[ids + i]
      if i < mapped then redis.call('ZADD', geo, ARGV[places + 2 * i], id)
      else redis.call('ZREM', geo, id) end
      redis.call('HSET', last, id, ARGV[records + 2 * i + 1])
    end
  end
end

if ARGV[2] ~= '' then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
redis.call('SET', epoch, ARGV[3], 'NX')
return redis.call('GET', epoch)
`

/** Forgets drivers whose record is still as old as it was when somebody looked. */
const FORGET_SCRIPT = `
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then
    redis.call('ZREM', KEYS[1], ARGV[i])
    redis.call('HDEL', KEYS[2], ARGV[i])
  end
end
`

/** The command that forgets drivers, each only while its record is the one given. */
export function forgetCommand(
  regionId: RegionId,
  silent: readonly { readonly driverId: string; readonly record: string }[],
): string[] {
  const { geo, last } = keysOf(regionId)
  return [
    'EVAL',
    FORGET_SCRIPT,
    '2',
    geo,
    last,
    ...silent.flatMap(({ driverId, record }) => [driverId, record]),
  ]
}

export interface WriteCall {
  readonly channel: string
  /** Who tells the other processes. */
  readonly from: string
  readonly newEpoch: string
  readonly removals: readonly DriverId[]
  readonly batch: readonly Position[]
}

/**
 * The command that hands over what has to be compared with what others wrote; the script does all of a flush.
 * Positions off the geo set's map are laid last.
 */
export function writeCommand(regionId: RegionId, call: WriteCall): string[] {
  const { channel, from, newEpoch, removals, batch } = call
  const keys = keysOf(regionId).all
  const onMap = batch.filter(isOnGeoMap)
  const sorted = onMap.length === batch.length ? batch : [...onMap, ...batch.filter((p) => !isOnGeoMap(p))]
  const command = ['EVAL', WRITE_SCRIPT, `${keys.length}`, ...keys]
  // Nobody needs to hear of an empty batch.
  command.push(channel, batch.length === 0 ? '' : movedMessage(from, batch), newEpoch)
  command.push(`${removals.length}`, `${batch.length}`, `${onMap.length}`, ...removals)
  command.push(...sorted.map(({ driverId }) => driverId), ...sorted.map(({ atMs }) => `${atMs}`))
  for (const position of onMap) command.push(`${geoScore(position)}`, position.driverId)
  for (const position of sorted) command.push(position.driverId, recordOf(position))
  return command
}

/** The commands of a plain hand-over, in the order their answers come. */
export interface PlainCommands {
  readonly writes: readonly (readonly string[])[]
  readonly publish: readonly string[]
  /** Answers the epoch the keys had. */
  readonly epoch: readonly string[]
}

/**
 * The commands that hand over positions of drivers whom nobody else has written since this process did: one a key, each
 * with all members, at half of what the script costs the server.
 * @param call.isTold whether the positions themselves are published, or only that there are some
 */
export function plainCommands(
  regionId: RegionId,
  call: Omit<WriteCall, 'removals'> & { readonly isTold: boolean },
): PlainCommands {
  const { geo, last, all } = keysOf(regionId)
  const places = ['ZADD', geo]
  const records = ['HSET', last]
  const offMap = ['ZREM', geo]
  for (const position of call.batch) {
    const { driverId } = position
    if (isOnGeoMap(position)) places.push(`${geoScore(position)}`, driverId)
    else offMap.push(driverId)
    records.push(driverId, recordOf(position))
  }
  return {
    writes: [records, ...[places, offMap].filter((command) => command.length > 2)],
    // A message without positions only asks: its answer says how many listen.
    publish: ['PUBLISH', call.channel, movedMessage(call.from, call.isTold ? call.batch : [])],
    epoch: ['SET', all.at(-1)!, call.newEpoch, 'NX', 'GET'],
  }
}

/** The positions of a batch as a message for the other processes. */
export function movedMessage(from: string, batch: readonly Position[]): string {
  return JSON.stringify({ from, moved: batch.map(itemOf) })
}

/** One position in the message for other processes. */
function itemOf({ driverId, lat, lng, headingDeg, speedMps, accuracyM, atMs }: Position) {
  return [driverId, degrees(lat), degrees(lng), short(headingDeg), short(speedMps), short(accuracyM), atMs]
}

/** What the geo set does not hold, as JSON: [atMs, headingDeg, speedMps, accuracyM], and off its map also lat and lng. */
function recordOf(position: Position): string {
  const { atMs, lat, lng, headingDeg, speedMps, accuracyM } = position
  const record = [atMs, short(headingDeg), short(speedMps), short(accuracyM)]
  if (!isOnGeoMap(position)) record.push(degrees(lat), degrees(lng))
  // Quicker than a template where numbers differ from car to car; and a template's text is joined from its pieces only
  // when the client measures and sends it, which costs as much again.
  return JSON.stringify(record)
}

/** To a centimetre, as frames have it. */
function degrees(value: number): number {
  return Math.round(value * 1e7) / 1e7
}

/**
 * To a thousandth; nobody measures finer, and a direction that was reckoned has fifteen digits. Downwards, so that a
 * direction stays below 360. Null stays null.
 */
function short(value: number | null): number | null {
  return value === null ? null : Math.floor(value * 1_000) / 1_000
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

/** When the fix of a record was taken, epoch ms; null for what is not ours. */
export function writtenAtMs(record: string): number | null {
  const parsed = recordShape.safeParse(parseJson(record))
  return parsed.success ? parsed.data[0] : null
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

/** Whether a message is this process's own, which comes back to it like everybody's. */
export function isFrom(from: string, text: string): boolean {
  return text.startsWith(`{"from":"${from}"`)
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
