/** How people behave, in seconds and shares; a test makes them quicker. */
import type { RandomFn } from '../../engine/units.ts'

export type Span = readonly [fromS: number, toS: number]

export interface Habits {
  /** From seeing an offer to the tap. */
  readonly answerS: Span
  readonly declineShare: number
  /** Offers nobody looks at. */
  readonly lapseShare: number
  readonly setOffS: Span
  /** From the car's arrival to the rider on board. */
  readonly boardS: Span
  readonly finishS: Span
  /** Rests between two drifts. */
  readonly restS: Span
  /** After a rest: drive slowly to a busier corner, or stay. */
  readonly driftShare: number
  /** After a rest: drive to a rank near by that wants another car. */
  readonly rankShare: number
  /** Between two riders who come out of a station and ask at its rank. */
  readonly rankRiderS: Span
  /** Rides booked ahead once the city is open, so far ahead; and between two more. */
  readonly bookings: number
  readonly bookAheadS: Span
  readonly bookEveryS: Span
  /** Riders who think better of it, and after how long. */
  readonly cancelShare: number
  readonly cancelAfterS: Span
  /** Riders who never come out. */
  readonly missShare: number
  /** On the way to a rider: phones without a network for a while, and cars that stop for something. */
  readonly darkShare: number
  readonly darkS: Span
  readonly stallShare: number
  readonly stallS: Span
  /** Who stands and is asked about it says that they are on their way, and how soon. */
  readonly nudgeAnswerShare: number
  readonly nudgeAnswerS: Span
  /** Rides that hardly anybody wants: too short, too far, three suitcases. */
  readonly unlovedShare: number
}

/** Of an unloved ride so many say no. */
export const UNLOVED_DECLINE_SHARE = 0.85

export const CITY_HABITS: Habits = {
  answerS: [1, 6],
  declineShare: 0.05,
  lapseShare: 0.02,
  setOffS: [1, 5],
  boardS: [20, 60],
  finishS: [1, 4],
  restS: [30, 240],
  driftShare: 0.5,
  rankShare: 0.3,
  rankRiderS: [25, 75],
  bookings: 12,
  bookAheadS: [1_500, 14_400],
  bookEveryS: [240, 600],
  cancelShare: 0.03,
  cancelAfterS: [20, 120],
  missShare: 0.008,
  darkShare: 0.03,
  darkS: [50, 200],
  stallShare: 0.03,
  stallS: [140, 360],
  nudgeAnswerShare: 0.5,
  nudgeAnswerS: [5, 30],
  unlovedShare: 0.012,
}

/** Whether a ride is one of those; the same for every driver who is asked. Ids end in chance. */
export function isUnloved(rideId: string, share: number): boolean {
  return Number.parseInt(rideId.slice(-4), 16) / 0x10000 < share
}

/** While the city opens: everybody is just about to tap. */
export const OPENING_HABITS: Pick<Habits, 'answerS' | 'setOffS' | 'declineShare' | 'lapseShare'> = {
  answerS: [0.3, 1.5],
  setOffS: [0.2, 1],
  declineShare: 0,
  lapseShare: 0,
}

/** Some moment of a span, in milliseconds. */
export function someMs([fromS, toS]: Span, random: RandomFn): number {
  return (fromS + random() * (toS - fromS)) * 1000
}
