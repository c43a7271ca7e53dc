/** The last question about a ride's way, as its rider and its driver are told of it. */
import type { Kysely } from 'kysely'
import { isEnded } from '../engine/ride.ts'
import { findQuote, type LoadedQuote } from '../fares/quotes.ts'
import type { ChangeState, QuotedStop } from '../io/tables/ways.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from './store.ts'
import { changesOfRide, type LoadedChange } from './way-changes.ts'

/** One of the two ways, with its price. */
export interface PricedWay {
  readonly label: string
  readonly stops: readonly QuotedStop[]
  readonly fareMinor: number
  readonly driverMinor: number
  readonly distanceM: number
  readonly durationS: number
}

export interface WayQuestion {
  readonly id: string
  readonly state: ChangeState
  readonly askedAtMs: number
  readonly expiresAtMs: number
  readonly endedAtMs: number | null
  /** Whom it was put to has the ride no more. */
  readonly isDriverGone: boolean
  readonly before: PricedWay
  readonly after: PricedWay
  readonly currency: string
}

/** How long an answer is news. */
const TOLD_MS = 3 * 60_000

/**
 * The open question, or the last one while its answer is news; null where there is none. From its expiry on it counts
 * as expired, whether somebody has written that down or not.
 */
export async function lastQuestion(
  db: Kysely<Tables>,
  ride: LoadedRide,
  nowMs: number,
): Promise<WayQuestion | null> {
  if (isEnded(ride.state) || ride.state === 'scheduled' || ride.shared) return null
  const change = (await changesOfRide(db, ride.company_id, ride.id)).at(-1)
  if (change === undefined) return null
  if (change.ended_at !== null && nowMs - change.ended_at.getTime() > TOLD_MS) return null
  return questionOf(db, change, nowMs)
}

/** What was agreed on during a ride, in order, for its receipt: epoch ms, and each way with the names of its stops. */
export async function agreedWays(db: Kysely<Tables>, ride: LoadedRide) {
  const changes = await changesOfRide(db, ride.company_id, ride.id)
  const agreed = changes.filter(({ state }) => state === 'agreed')
  const questions = await Promise.all(agreed.map((change) => questionOf(db, change, 0)))
  const named = ({ label, stops, fareMinor }: PricedWay) => ({
    ...{ label, fareMinor, stops: stops.map((stop) => stop.label) },
  })
  return questions.flatMap((question) =>
    question === null
      ? []
      : [
          {
            atMs: question.endedAtMs ?? question.askedAtMs,
            before: named(question.before),
            after: named(question.after),
          },
        ],
  )
}

async function questionOf(
  db: Kysely<Tables>,
  change: LoadedChange,
  nowMs: number,
): Promise<WayQuestion | null> {
  const after = await findQuote(db, change.company_id, change.quote_id)
  const before = after?.replaces == null ? undefined : await findQuote(db, change.company_id, after.replaces)
  if (after === undefined || before === undefined) return null
  const expiresAtMs = change.expires_at.getTime()
  const isOver = change.state === 'pending' && nowMs >= expiresAtMs
  return {
    id: change.id,
    state: isOver ? 'expired' : change.state,
    askedAtMs: change.asked_at.getTime(),
    expiresAtMs,
    endedAtMs: change.ended_at?.getTime() ?? (isOver ? expiresAtMs : null),
    isDriverGone: change.end_reason === 'driver gone',
    before: wayOf(before, before.pickup_label !== after.pickup_label),
    after: wayOf(after, before.pickup_label !== after.pickup_label),
    currency: after.currency,
  }
}

/** @param fromToo whether it begins somewhere else as well, which only a desk asks for */
function wayOf(quote: LoadedQuote, fromToo: boolean): PricedWay {
  return {
    label: fromToo ? `${quote.dropoff_label} from ${quote.pickup_label}` : quote.dropoff_label,
    stops: quote.stops,
    fareMinor: quote.fare_minor,
    driverMinor: quote.driver_minor,
    distanceM: quote.distance_m,
    durationS: quote.duration_s,
  }
}

/** As programs read it: to the rider without the driver's part, to the driver with it. */
export function questionJson(question: WayQuestion | null, side: 'rider' | 'driver') {
  if (question === null) return null
  const way = ({ label, stops, fareMinor, driverMinor, distanceM, durationS }: PricedWay) => ({
    ...{ label, stops, fareMinor, distanceM: Math.round(distanceM), durationS: Math.round(durationS) },
    ...(side === 'driver' && { earnedMinor: driverMinor }),
  })
  return {
    id: question.id,
    state: question.state,
    expiresAtMs: question.expiresAtMs,
    before: way(question.before),
    after: way(question.after),
  }
}
