/** The life of one offer: a ride shown to one driver, for a short time, by the server's clock. */
import { ok, type Result, refuse } from './units.ts'

export const OFFER_STATES = ['pending', 'accepted', 'declined', 'expired', 'withdrawn'] as const
export type OfferState = (typeof OFFER_STATES)[number]
export type OfferEvent = 'accept' | 'decline' | 'expire' | 'withdraw'

export interface Offer {
  readonly state: OfferState
  readonly expiresAtMs: number
}

const ENDS: Record<OfferEvent, OfferState> = {
  accept: 'accepted',
  decline: 'declined',
  expire: 'expired',
  withdraw: 'withdrawn',
}

/** Three offers in a row left to lapse mean nobody is looking at that phone. */
export const LAPSES_BEFORE_PAUSE = 3
export const PAUSE_MS = 5 * 60_000

/**
 * Answer or end an offer. Only a pending offer can end, and only once; after its expiry a tap comes too late,
 * whether or not the offer has been swept up yet, and before it nobody may sweep it up.
 * @param atMs the server's clock, epoch ms
 * @returns the ended offer; `too_late` for a tap on an offer that lapsed, `already_ended` on one that was answered or
 *   withdrawn, `not_yet_expired`
 */
export function answer(
  offer: Offer,
  event: OfferEvent,
  atMs: number,
): Result<Offer, 'already_ended' | 'too_late' | 'not_yet_expired'> {
  const tap = event === 'accept' || event === 'decline'
  if (tap && offer.state === 'expired') return refuse('too_late')
  if (offer.state !== 'pending') return refuse('already_ended')
  const lapsed = atMs >= offer.expiresAtMs
  if (lapsed && tap) return refuse('too_late')
  if (!lapsed && event === 'expire') return refuse('not_yet_expired')
  return ok({ ...offer, state: ENDS[event] })
}

/** What a driver's record of lapses becomes when one more offer ends in `state`. */
export function afterOffer(
  lapsedInARow: number,
  state: OfferState,
  atMs: number,
): { lapsedInARow: number; pausedUntilMs: number | null } {
  if (state !== 'expired')
    return { lapsedInARow: state === 'withdrawn' ? lapsedInARow : 0, pausedUntilMs: null }
  const lapses = lapsedInARow + 1
  if (lapses < LAPSES_BEFORE_PAUSE) return { lapsedInARow: lapses, pausedUntilMs: null }
  return { lapsedInARow: 0, pausedUntilMs: atMs + PAUSE_MS }
}
