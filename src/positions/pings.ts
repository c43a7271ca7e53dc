/**
 * Which pings to believe. An ordered list of checks, the cheap and certain ones first, each ping refused for the
 * first that it fails. Pure but for the driver's own track, which is what the checks compare with.
 */
import { bearingDeg, distanceM } from '../engine/geo.ts'
import type { LatLng } from '../engine/units.ts'
import type { Ping } from './shapes.ts'

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
/** Fixes kept for comparing: a minute at one a second. */
export const RECENT_FIXES = 64
/** Under this a change of place is the receiver's noise, and its bearing means nothing. */
const HEADING_MIN_M = 5

export const REFUSALS = [
  'invalid',
  'zero',
  'future',
  'too_old',
  'duplicate',
  'inaccurate',
  'impossible_speed',
] as const
export type Refusal = (typeof REFUSALS)[number]
/** Refused as a live position, kept for the trail. */
export const TRAIL_ONLY = ['stale', 'out_of_order'] as const
export type TrailOnly = (typeof TRAIL_ONLY)[number]
export type PingReason = Refusal | TrailOnly

/** A place at a time, known to some metres. */
export interface Timed extends LatLng {
  readonly atMs: number
  readonly accuracyM: number
}

/** A ping in our own words. */
export interface Fix extends Timed {
  readonly seq: number
  readonly speedMps: number | null
  readonly headingDeg: number | null
}

/** A believed fix: always with a heading, and marked where the trace was torn before it. */
export interface TrailFix extends Fix {
  readonly headingDeg: number
  /** The car cannot have driven here from the fix before: the way between is not billed. */
  readonly afterJump: boolean
}

export type Verdict =
  | { readonly kind: 'live'; readonly seq: number; readonly fix: TrailFix }
  | { readonly kind: 'trail'; readonly seq: number; readonly fix: TrailFix; readonly reason: TrailOnly }
  | { readonly kind: 'refused'; readonly seq: number; readonly reason: Refusal }

/** What is remembered of one driver between batches. */
export interface Track {
  /** Believed fixes by time, oldest first, at most RECENT_FIXES. */
  readonly recent: TrailFix[]
  /** Where the fixes refused for their speed say the car is, and how many in a row agree. */
  candidate: { fix: Fix; count: number } | null
}

export function newTrack(): Track {
  return { recent: [], candidate: null }
}

type Check = readonly [reason: Refusal, fails: (fix: Fix, track: Track, nowMs: number) => boolean]

const CHECKS: readonly Check[] = [
  ['invalid', isInvalid],
  ['zero', (fix) => Math.abs(fix.lat) < 1e-6 && Math.abs(fix.lng) < 1e-6],
  ['future', (fix, _track, nowMs) => fix.atMs > nowMs + FUTURE_SLACK_MS],
  ['too_old', (fix, _track, nowMs) => fix.atMs < nowMs - TRAIL_AGE_MS],
  ['duplicate', isDuplicate],
  ['inaccurate', (fix) => fix.accuracyM > MAX_ACCURACY_M],
  ['impossible_speed', isTooFast],
]

/**
 * Judge a batch, oldest first whatever order it came in, and remember in `track` what was believed.
 * @param nowMs the server's clock, epoch ms
 * @returns a verdict a ping, in the order of time
 */
export function judgePings(track: Track, pings: readonly Ping[], nowMs: number): Verdict[] {
  const fixes = pings.map(toFix)
  fixes.sort((a, b) => instant(a) - instant(b) || 0)
  return fixes.map((fix) => judge(track, fix, nowMs))
}

/** Fixes without a time come first, where `invalid` takes them; equal ones keep the order they came in. */
function instant(fix: Fix): number {
  return Number.isNaN(fix.atMs) ? Number.NEGATIVE_INFINITY : fix.atMs
}

function judge(track: Track, fix: Fix, nowMs: number): Verdict {
  for (const [reason, fails] of CHECKS) {
    if (!fails(fix, track, nowMs)) continue
    if (reason !== 'impossible_speed' || !isBelievedAtLast(track, fix))
      return { kind: 'refused', seq: fix.seq, reason }
  }
  const newest = track.recent.at(-1)
  const reason =
    fix.atMs < nowMs - LIVE_AGE_MS ? 'stale' : newest && fix.atMs < newest.atMs ? 'out_of_order' : null
  const believed = remember(track, fix)
  if (reason === null) return { kind: 'live', seq: fix.seq, fix: believed }
  return { kind: 'trail', seq: fix.seq, fix: believed, reason }
}

/** Take over a position that another process believed, so that this one's checks know of it. */
export function rememberElsewhere(track: Track, position: Omit<Fix, 'seq'>): void {
  if (track.recent.some((fix) => fix.atMs === position.atMs)) return
  // Its running number was another connection's and is nothing to compare with.
  remember(track, { ...position, seq: -1 })
}

function toFix(ping: Ping): Fix {
  const { seq, at, lat, lng, accuracy, speed, heading } = ping
  return {
    seq,
    atMs: at ?? Number.NaN,
    lat: lat ?? Number.NaN,
    // One meridian, one name: 180 east is stored as 180 west.
    lng: lng === 180 ? -180 : (lng ?? Number.NaN),
    accuracyM: accuracy ?? Number.NaN,
    speedMps: speed ?? null,
    headingDeg: heading === 360 ? 0 : (heading ?? null),
  }
}

/** Not one of the numbers may be out of its range; absent speed and heading are fine. */
function isInvalid(fix: Fix): boolean {
  const { lat, lng, atMs, accuracyM, speedMps, headingDeg } = fix
  return !(
    within(lat, -90, 90) &&
    within(lng, -180, 180) &&
    // Up to the last instant a Date can hold.
    within(atMs, 0, 8.64e15) &&
    within(accuracyM, 0, 1e6) &&
    (speedMps === null || within(speedMps, 0, 1e6)) &&
    (headingDeg === null || (headingDeg >= 0 && headingDeg < 360))
  )
}

function within(value: number, min: number, max: number): boolean {
  return value >= min && value <= max
}

/**
 * The same instant cannot have two fixes. Nor can a running number, but that starts again when the phone's page is
 * opened anew, so an older number with a newer time is the new count, not a repeat.
 */
function isDuplicate(fix: Fix, { recent }: Track): boolean {
  const newest = recent.at(-1)
  if (newest === undefined) return false
  const isLate = fix.atMs < newest.atMs
  return recent.some(
    (known) => known.atMs === fix.atMs || (known.seq === fix.seq && (isLate || known === newest)),
  )
}

/** Against the believed fixes just before and just after it in time, since late ones fall between. */
function isTooFast(fix: Fix, { recent }: Track): boolean {
  if (fix.speedMps !== null && fix.speedMps > MAX_SPEED_MPS) return true
  const next = recent.findIndex((known) => known.atMs > fix.atMs)
  const before = recent[next === -1 ? recent.length - 1 : next - 1]
  const after = next === -1 ? undefined : recent[next]
  return (before !== undefined && !canDrive(before, fix)) || (after !== undefined && !canDrive(fix, after))
}

/** Whether a car can have come from one fix to the other in the time between, their errors granted. */
export function canDrive(from: Timed, to: Timed): boolean {
  const seconds = Math.abs(to.atMs - from.atMs) / 1000
  const excusedM = Math.min(from.accuracyM, MAX_EXCUSED_M) + Math.min(to.accuracyM, MAX_EXCUSED_M)
  return distanceM(from, to) <= seconds * MAX_SPEED_MPS + excusedM
}

/**
 * One bad fix must not lock out the good ones after it: when nothing was believed for a while and the refused fixes
 * agree with one another, it is the old place that was wrong.
 */
function isBelievedAtLast(track: Track, fix: Fix): boolean {
  const newest = track.recent.at(-1)
  // A late fix, or a phone that itself says it moves at an impossible speed, proves nothing about a new place.
  if (newest === undefined || fix.atMs <= newest.atMs || (fix.speedMps ?? 0) > MAX_SPEED_MPS) return false
  const { candidate } = track
  if (candidate !== null && fix.atMs <= candidate.fix.atMs) return false
  const agrees = candidate !== null && canDrive(candidate.fix, fix)
  track.candidate = { fix, count: agrees ? candidate.count + 1 : 1 }
  return track.candidate.count >= BELIEVE_FIXES && fix.atMs - newest.atMs >= BELIEVE_AFTER_MS
}

/** Put a believed fix in its place by time; the oldest falls out. */
function remember(track: Track, fix: Fix): TrailFix {
  const { recent } = track
  let index = recent.length
  while (index > 0 && recent[index - 1]!.atMs > fix.atMs) index--
  const before = recent[index - 1]
  const afterJump = before !== undefined && (!canDrive(before, fix) || agreesWithRefused(track, fix))
  const believed = { ...fix, headingDeg: fix.headingDeg ?? headingFrom(before, fix), afterJump }
  if (index === recent.length) track.candidate = null
  recent.splice(index, 0, believed)
  if (recent.length > RECENT_FIXES) recent.shift()
  return believed
}

/**
 * Time alone makes any place reachable in the end. Where several refused fixes already were there, it was a jump
 * all the same, and the way to it was not driven.
 */
function agreesWithRefused({ candidate }: Track, fix: Fix): boolean {
  return (
    candidate !== null && candidate.count > 1 && fix.atMs > candidate.fix.atMs && canDrive(candidate.fix, fix)
  )
}

function headingFrom(before: TrailFix | undefined, fix: Fix): number {
  if (before === undefined) return 0
  return distanceM(before, fix) < HEADING_MIN_M ? before.headingDeg : bearingDeg(before, fix)
}
