/** The question about another way, as the pages of both sides show it. */
import type { WayToAnswerProps } from '../../views/drivers/way-change.ts'
import type { WayChangeProps, WayQuestionProps } from '../../views/rides/way-change.ts'
import { isEnded } from '../engine/ride.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { CHANGE_ANSWER_MS, noChangeOf } from '../rides/way-changes.ts'
import type { PricedWay, WayQuestion } from '../rides/way-questions.ts'

/** Null of a ride whose way is not to be changed from its page: ended, or booked ahead, which has its own door. */
export function wayChangeProps(
  ride: LoadedRide,
  question: WayQuestion | null,
  key: string,
): WayChangeProps | null {
  if (isEnded(ride.state) || ride.state === 'scheduled') return null
  return {
    way: ride.quote_id,
    mayAsk: noChangeOf(ride) === null,
    question: question === null ? null : questionProps(question),
    key,
  }
}

/** For the driver; an answer is news on their page for as long as they look at it. */
export function wayToAnswer(question: WayQuestion | null, nowMs: number): WayToAnswerProps | null {
  if (question === null || question.isDriverGone) return null
  if (question.endedAtMs !== null && nowMs - question.endedAtMs > TOLD_DRIVER_MS) return null
  const { before, after } = question
  return {
    ...questionProps(question),
    earnsMoreMinor: after.driverMinor - before.driverMinor,
    addsM: after.distanceM - before.distanceM,
    addsS: after.durationS - before.durationS,
  }
}

/** A driver reads it at a glance; then the room is needed. */
const TOLD_DRIVER_MS = 60_000

function questionProps({ before, after, ...question }: WayQuestion): WayQuestionProps {
  const { id, state, isDriverGone, expiresAtMs } = question
  return {
    ...{ id, state, isDriverGone, expiresAtMs, totalMs: CHANGE_ANSWER_MS },
    before: wayProps(before),
    after: wayProps(after),
  }
}

function wayProps({ label, stops, fareMinor }: PricedWay) {
  return { label, fareMinor, stops: stops.map((stop) => stop.label) }
}
