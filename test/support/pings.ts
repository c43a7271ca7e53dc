/** Pings as objects, verdicts as objects: what the product keeps in rows, written so that a test can be read. */
import type { DriverId, RegionId } from '../../src/engine/units.ts'
import { type Acknowledgement, Answer } from '../../src/positions/answer.ts'
import { isBelieved, LIVE, PingBatch, type PingReason, VERDICTS } from '../../src/positions/batch.ts'
import type { DriverHandles } from '../../src/positions/handles.ts'
import { judgeBatch } from '../../src/positions/pings.ts'
import type { Positions } from '../../src/positions/positions.ts'
import { fillBatch } from '../../src/positions/read-json.ts'
import type { Ping } from '../../src/positions/shapes.ts'
import { Track } from '../../src/positions/track.ts'

/** A believed fix. */
export interface BelievedFix {
  readonly seq: number
  readonly atMs: number
  readonly lat: number
  readonly lng: number
  readonly accuracyM: number
  readonly headingDeg: number
  readonly afterJump: boolean
}

export type Verdict =
  | { readonly kind: 'live'; readonly seq: number; readonly fix: BelievedFix }
  | { readonly kind: 'trail'; readonly seq: number; readonly fix: BelievedFix; readonly reason: PingReason }
  | { readonly kind: 'refused'; readonly seq: number; readonly reason: PingReason }

/** A track that also keeps, for the test to read, all that was ever believed, by time. */
export class RememberingTrack extends Track {
  readonly recent: BelievedFix[] = []
}

/** Judge pings as the product does; verdicts in the order of time. */
export function judgePings(track: RememberingTrack, pings: readonly Ping[], nowMs: number): Verdict[] {
  const batch = batchOf(pings)
  judgeBatch(track, batch, nowMs)
  const verdicts = verdictsOf(batch)
  for (const verdict of verdicts) if (verdict.kind !== 'refused') track.recent.push(verdict.fix)
  track.recent.sort((a, b) => a.atMs - b.atMs)
  return verdicts
}

/** What a judged batch says, in the order of time. */
export function verdictsOf(batch: PingBatch): Verdict[] {
  return [...batch.order.subarray(0, batch.count)].map((place) => {
    const seq = batch.seq(place)
    const reason = VERDICTS[batch.verdict(place)]!
    if (!isBelieved(batch, place)) return { kind: 'refused', seq, reason }
    const fix = {
      seq,
      atMs: batch.timeMs(place),
      lat: batch.lat(place),
      lng: batch.lng(place),
      accuracyM: batch.accuracyM(place),
      headingDeg: batch.headingDeg(place),
      afterJump: batch.isAfterJump(place),
    }
    return batch.verdict(place) === LIVE ? { kind: 'live', seq, fix } : { kind: 'trail', seq, fix, reason }
  })
}

/** The times of the fixes a track remembers, oldest first. */
export function timesOf(track: Track): number[] {
  return Array.from({ length: track.count }, (_, place) => track.timeMs(place))
}

/** The answer to a judged batch. */
export function acknowledge(batch: PingBatch): Acknowledgement {
  const answer = new Answer()
  answer.add(batch)
  return answer.take()
}

export function batchOf(pings: readonly Ping[]): PingBatch {
  const batch = new PingBatch()
  fillBatch(pings, batch)
  return batch
}

/** A batch judged through `positions`, and all that came of it. */
export function acceptPings(
  { positions, handles }: { positions: Positions; handles: DriverHandles },
  { regionId, driverId }: { regionId: RegionId; driverId: DriverId },
  pings: readonly Ping[],
) {
  const batch = batchOf(pings)
  const live = positions.accept(regionId, handles.of(driverId), batch)
  const trail = verdictsOf(batch).flatMap((verdict) => (verdict.kind === 'refused' ? [] : [verdict.fix]))
  return { ...acknowledge(batch), live, trail }
}
