/**
 * Which pings to believe. The checks stand in order, the cheap and certain ones first; a ping is refused for the first
 * that it fails. Pure but for the driver's own track, which is what the checks compare with. It is one path for all
 * that comes in, whatever it was written in, and it makes no objects: at full load it runs ten thousands of times a second.
 */
import { bearingDeg, EARTH_RADIUS_M, greatCircleM } from '../engine/geo.ts'
import { LIVE, type PingBatch, verdictOf } from './batch.ts'
import type { Position } from './store.ts'
import type { Track } from './track.ts'

/** A phone's clock may be this much ahead of ours; beyond, its fixes would hide the true ones that follow. */
export const FUTURE_SLACK_MS = 5_000
/** The freshness contract: a position older than this may not be matched, so it does not move the car either. */
export const LIVE_AGE_MS = 30_000
/** A phone that was out of reach delivers what it kept; older than this it belongs to no ride still open. */
export const TRAIL_AGE_MS = 2 * 3_600_000
/** Worse than two city blocks says nothing about which street the car is in. */
export const MAX_ACCURACY_M = 100
/** 216 km/h: faster than any cab, slower than any jump worth catching. */
export const MAX_SPEED_MPS = 60
/** How far a fix's own error may excuse its distance from the one before; the phone may claim any accuracy. */
export const MAX_EXCUSED_M = 30
/** A new place is believed this long after the last believed fix ... */
export const BELIEVE_AFTER_MS = 8_000
/** ... when this many fixes in a row agree on it. */
export const BELIEVE_FIXES = 3
/** Under this a change of place is the receiver's noise, and its bearing means nothing. */
const HEADING_MIN_M = 5
/** Up to the last instant a Date can hold. */
const LAST_INSTANT_MS = 8.64e15
/** No accuracy or speed beyond is a measurement. */
const MOST_METRES = 1e6
const ZERO_DEG = 1e-6

const INVALID = verdictOf('invalid')
const ZERO = verdictOf('zero')
const FUTURE = verdictOf('future')
const TOO_OLD = verdictOf('too_old')
const DUPLICATE = verdictOf('duplicate')
const INACCURATE = verdictOf('inaccurate')
const IMPOSSIBLE_SPEED = verdictOf('impossible_speed')
const STALE = verdictOf('stale')
const OUT_OF_ORDER = verdictOf('out_of_order')

/**
 * Judge a batch, oldest first whatever order it came in, and remember in `track` what was believed. Fills the batch's
 * order, verdicts and jumps, the heading of what was believed, and which are live.
 * @param nowMs the server's clock, epoch ms
 */
export function judgeBatch(track: Track, batch: PingBatch, nowMs: number): void {
  batch.sortByTime()
  for (let turn = takePlain(track, batch, 0, nowMs); turn < batch.count; ) {
    const place = batch.order[turn]!
    batch.setVerdict(place, judge(track, batch, place, nowMs))
    turn = takePlain(track, batch, turn + 1, nowMs)
  }
}

/**
 * What nearly all pings are: of now, newer than the newest, precise, with speed and heading, and within a car's reach
 * of the one before. Such a ping passes every check, so it is believed without asking them one by one.
 * @param from the first turn to look at
 * @returns the first turn that is not so, for the checks to judge
 */
function takePlain(track: Track, batch: PingBatch, from: number, nowMs: number): number {
  const newest = track.count - 1
  if (newest < 0 || track.candidate.count > 0) return from
  let beforeMs = track.timeMs(newest)
  let beforeSeq = track.seq(newest)
  let beforeLat = track.lat(newest)
  let beforeLng = track.lng(newest)
  let beforeM = track.accuracyM(newest)
  const oldestMs = nowMs - LIVE_AGE_MS
  const latestMs = nowMs + FUTURE_SLACK_MS
  for (let turn = from; turn < batch.count; turn++) {
    const place = batch.order[turn]!
    const timeMs = batch.timeMs(place)
    const seq = batch.seq(place)
    const lat = batch.lat(place)
    const lng = batch.lng(place)
    const accuracyM = batch.accuracyM(place)
    const speedMps = batch.speedMps(place)
    const headingDeg = batch.headingDeg(place)
    const isPlain =
      timeMs > beforeMs &&
      timeMs >= oldestMs &&
      timeMs <= latestMs &&
      seq !== beforeSeq &&
      Math.abs(lat) <= 90 &&
      Math.abs(lng) <= 180 &&
      Math.abs(lat) + Math.abs(lng) > 2 * ZERO_DEG &&
      accuracyM >= 0 &&
      accuracyM <= MAX_ACCURACY_M &&
      speedMps >= 0 &&
      speedMps <= MAX_SPEED_MPS &&
      headingDeg >= 0 &&
      headingDeg < 360 &&
      cornerM(beforeLat, beforeLng, lat, lng) <= reachM(timeMs - beforeMs, excusedM(beforeM, accuracyM))
    if (!isPlain) return turn
    track.append(timeMs, seq, lat, lng, accuracyM, headingDeg)
    batch.setVerdict(place, LIVE)
    beforeMs = timeMs
    beforeSeq = seq
    beforeLat = lat
    beforeLng = lng
    beforeM = accuracyM
  }
  return batch.count
}

function judge(track: Track, batch: PingBatch, place: number, nowMs: number): number {
  const timeMs = batch.timeMs(place)
  if (isInvalid(batch, place, timeMs)) return INVALID
  if (Math.abs(batch.lat(place)) < ZERO_DEG && Math.abs(batch.lng(place)) < ZERO_DEG) return ZERO
  if (timeMs > nowMs + FUTURE_SLACK_MS) return FUTURE
  if (timeMs < nowMs - TRAIL_AGE_MS) return TOO_OLD
  const known = track.count
  const before = known > 0 && timeMs <= track.timeMs(known - 1) ? track.placeAt(timeMs) : known
  if (isDuplicate(track, timeMs, batch.seq(place), before)) return DUPLICATE
  if (batch.accuracyM(place) > MAX_ACCURACY_M) return INACCURATE
  const isTooFast = isFasterThanCars(track, batch, place, before)
  if (isTooFast && !isBelievedAtLast(track, batch, place)) return IMPOSSIBLE_SPEED
  believe(track, batch, place, before, isTooFast)
  if (timeMs < nowMs - LIVE_AGE_MS) return STALE
  return before === known ? LIVE : OUT_OF_ORDER
}

/** Not one of the numbers may be out of its range, nor be none; absent speed and heading are fine. */
function isInvalid(batch: PingBatch, place: number, timeMs: number): boolean {
  const lat = batch.lat(place)
  const lng = batch.lng(place)
  const accuracyM = batch.accuracyM(place)
  const speedMps = batch.speedMps(place)
  const headingDeg = batch.headingDeg(place)
  return !(
    lat >= -90 &&
    lat <= 90 &&
    lng >= -180 &&
    lng <= 180 &&
    timeMs >= 0 &&
    timeMs <= LAST_INSTANT_MS &&
    accuracyM >= 0 &&
    accuracyM <= MOST_METRES &&
    ((speedMps >= 0 && speedMps <= MOST_METRES) || Number.isNaN(speedMps)) &&
    ((headingDeg >= 0 && headingDeg < 360) || Number.isNaN(headingDeg))
  )
}

/**
 * The same instant cannot have two fixes. Nor can a running number, but that starts again when the phone's page is
 * opened anew, so an older number with a newer time is the new count, not a repeat.
 * @param before how many believed fixes are not newer
 */
function isDuplicate(track: Track, timeMs: number, seq: number, before: number): boolean {
  if (before === 0) return track.count > 0 && track.hasSeq(seq)
  if (track.timeMs(before - 1) === timeMs) return true
  return before === track.count ? track.seq(before - 1) === seq : track.hasSeq(seq)
}

/**
 * Against the believed fixes just before and just after it in time, since late ones fall between.
 * @param before how many believed fixes are not newer
 */
function isFasterThanCars(track: Track, batch: PingBatch, place: number, before: number): boolean {
  if (batch.speedMps(place) > MAX_SPEED_MPS) return true
  return (
    (before > 0 && !canDriveFrom(track, before - 1, batch, place)) ||
    (before < track.count && !canDriveFrom(track, before, batch, place))
  )
}

function canDriveFrom(track: Track, known: number, batch: PingBatch, place: number): boolean {
  return canDrive(
    Math.abs(batch.timeMs(place) - track.timeMs(known)),
    excusedM(track.accuracyM(known), batch.accuracyM(place)),
    track.lat(known),
    track.lng(known),
    batch.lat(place),
    batch.lng(place),
  )
}

/** What the errors of two fixes excuse of the way between them. */
export function excusedM(accuracyAM: number, accuracyBM: number): number {
  return Math.min(accuracyAM, MAX_EXCUSED_M) + Math.min(accuracyBM, MAX_EXCUSED_M)
}

const M_PER_DEGREE = (EARTH_RADIUS_M * Math.PI) / 180
/** What rounding may add to the sum of degrees below. */
const ROUNDING = 1 + 1e-9

/**
 * Whether a car can have come from one place to the other in the time between, their errors granted. Bare numbers,
 * since it is asked for every ping; the way along meridian and equator is never shorter than the great circle, and
 * where a car can drive even that, as nearly always, the great circle is not needed.
 */
export function canDrive(
  tookMs: number,
  excused: number,
  latA: number,
  lngA: number,
  latB: number,
  lngB: number,
): boolean {
  const reach = reachM(tookMs, excused)
  return cornerM(latA, lngA, latB, lngB) <= reach || greatCircleM(latA, lngA, latB, lngB) <= reach
}

/** How far a car comes. */
function reachM(tookMs: number, excused: number): number {
  return (tookMs / 1000) * MAX_SPEED_MPS + excused
}

/** The way along meridian and equator, which is never shorter than the great circle. */
function cornerM(latA: number, lngA: number, latB: number, lngB: number): number {
  return (Math.abs(latA - latB) + Math.abs(lngA - lngB)) * M_PER_DEGREE * ROUNDING
}

/**
 * One bad fix must not lock out the good ones after it: when nothing was believed for a while and the refused fixes
 * agree with one another, it is the old place that was wrong.
 */
function isBelievedAtLast(track: Track, batch: PingBatch, place: number): boolean {
  const newest = track.count - 1
  const timeMs = batch.timeMs(place)
  // A late fix, or a phone that itself says it moves at an impossible speed, proves nothing about a new place.
  if (newest < 0 || timeMs <= track.timeMs(newest) || batch.speedMps(place) > MAX_SPEED_MPS) return false
  const { candidate } = track
  if (candidate.count > 0 && timeMs <= candidate.timeMs) return false
  candidate.count = agreesWithCandidate(track, batch, place) ? candidate.count + 1 : 1
  candidate.timeMs = timeMs
  candidate.lat = batch.lat(place)
  candidate.lng = batch.lng(place)
  candidate.accuracyM = batch.accuracyM(place)
  return candidate.count >= BELIEVE_FIXES && timeMs - track.timeMs(newest) >= BELIEVE_AFTER_MS
}

function agreesWithCandidate({ candidate }: Track, batch: PingBatch, place: number): boolean {
  return (
    candidate.count > 0 &&
    canDrive(
      Math.abs(batch.timeMs(place) - candidate.timeMs),
      excusedM(candidate.accuracyM, batch.accuracyM(place)),
      candidate.lat,
      candidate.lng,
      batch.lat(place),
      batch.lng(place),
    )
  )
}

/** Put a believed ping into the track, with the way it moved for a heading where the phone gave none. */
function believe(track: Track, batch: PingBatch, place: number, before: number, isTooFast: boolean): void {
  const timeMs = batch.timeMs(place)
  const lat = batch.lat(place)
  const lng = batch.lng(place)
  // Time alone makes any place reachable in the end. Where several refused fixes already were there, it was a jump
  // all the same, and the way to it was not driven.
  const agreesWithRefused =
    track.candidate.count > 1 && timeMs > track.candidate.timeMs && agreesWithCandidate(track, batch, place)
  const isAfterJump = before > 0 && (isTooFast || agreesWithRefused)
  const said = batch.headingDeg(place)
  const headingDeg = !Number.isNaN(said) ? said : before > 0 ? headingFrom(track, before - 1, lat, lng) : 0
  batch.setWay(place, headingDeg, isAfterJump)
  if (before === track.count) track.candidate.count = 0
  track.insert(before, timeMs, batch.seq(place), lat, lng, batch.accuracyM(place), headingDeg)
}

function headingFrom(track: Track, known: number, lat: number, lng: number): number {
  const from = { lat: track.lat(known), lng: track.lng(known) }
  if (greatCircleM(from.lat, from.lng, lat, lng) < HEADING_MIN_M) return track.headingDeg(known)
  return bearingDeg(from, { lat, lng })
}

/** Its running number was another connection's and is nothing to compare with. */
const NO_SEQ = -1

/** Take over a position that another process believed, so that this one's checks know of it. */
export function rememberElsewhere(track: Track, position: Omit<Position, 'driverId' | 'speedMps'>): void {
  const { atMs, lat, lng, accuracyM, headingDeg } = position
  if (track.has(atMs)) return
  const place = track.placeAt(atMs)
  if (place === track.count) track.candidate.count = 0
  track.insert(place, atMs, NO_SEQ, lat, lng, accuracyM, headingDeg)
}
