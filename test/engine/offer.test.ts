import { expect, test } from 'bun:test'
import { afterOffer, answer, OFFER_STATES, type OfferEvent, type OfferState } from '../../src/engine/offer.ts'

const EXPIRES_MS = 15_000
const offerIn = (state: OfferState) => ({ state, expiresAtMs: EXPIRES_MS })
const EVENTS: OfferEvent[] = ['accept', 'decline', 'expire', 'withdraw']
const ENDED: Record<OfferEvent, OfferState> = {
  accept: 'accepted',
  decline: 'declined',
  expire: 'expired',
  withdraw: 'withdrawn',
}

test('until the last millisecond a live offer can be answered or withdrawn, but not swept up', () => {
  for (const atMs of [0, EXPIRES_MS - 1])
    for (const event of EVENTS)
      expect(answer(offerIn('pending'), event, atMs)).toEqual(
        event === 'expire'
          ? { ok: false, reason: 'not_yet_expired' }
          : { ok: true, value: { state: ENDED[event], expiresAtMs: EXPIRES_MS } },
      )
})

test('from its expiry on a tap is too late, and the offer can be swept up or withdrawn', () => {
  for (const atMs of [EXPIRES_MS, EXPIRES_MS + 60_000])
    for (const event of EVENTS)
      expect(answer(offerIn('pending'), event, atMs)).toEqual(
        event === 'accept' || event === 'decline'
          ? { ok: false, reason: 'too_late' }
          : { ok: true, value: { state: ENDED[event], expiresAtMs: EXPIRES_MS } },
      )
})

test('an offer ends once; a tap on one that lapsed is too late, whenever it was swept up', () => {
  for (const state of OFFER_STATES.filter((state) => state !== 'pending'))
    for (const event of EVENTS) {
      const late = state === 'expired' && (event === 'accept' || event === 'decline')
      expect(answer(offerIn(state), event, 0)).toEqual({
        ok: false,
        reason: late ? 'too_late' : 'already_ended',
      })
    }
})

test('the third lapse in a row pauses for five minutes and starts the count anew', () => {
  expect(afterOffer(0, 'expired', 1000)).toEqual({ lapsedInARow: 1, pausedUntilMs: null })
  expect(afterOffer(1, 'expired', 1000)).toEqual({ lapsedInARow: 2, pausedUntilMs: null })
  expect(afterOffer(2, 'expired', 1000)).toEqual({ lapsedInARow: 0, pausedUntilMs: 301_000 })
})

test('an answer clears the record; what is withdrawn says nothing about the driver', () => {
  expect(afterOffer(2, 'accepted', 0)).toEqual({ lapsedInARow: 0, pausedUntilMs: null })
  expect(afterOffer(2, 'declined', 0)).toEqual({ lapsedInARow: 0, pausedUntilMs: null })
  expect(afterOffer(2, 'withdrawn', 0)).toEqual({ lapsedInARow: 2, pausedUntilMs: null })
})
