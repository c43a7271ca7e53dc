/** What a rider, a driver and the desk do with a ride; the one file of this slice that others import. */
import type { Kysely } from 'kysely'
import { privacyFrom } from '../accounts/preferences.ts'
import { waitsFromMs } from '../engine/booking.ts'
import { noShowFromMs } from '../engine/fare.ts'
import type { Wish } from '../engine/final-fare.ts'
import { allowedEvents, hasOpenRun } from '../engine/ride.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type QuoteId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import { holdPromo, usePromo } from '../fares/promos.ts'
import { claimQuote, type LoadedQuote, type QuoteRefusal } from '../fares/quotes.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { PaymentMethod, PaymentRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'
import { capture } from '../money/money.ts'
import type { Belongs } from '../web/reach.ts'
import { agreedIn, type BookingTerms, bookedColumns, mayBookMore } from './booking.ts'
import { type Actor, type ChangeRefusal, changeRide, type RideChange } from './changes.ts'
import { fareAtEnd, keepFare } from './final-fare.ts'
import { promisesOf } from './promises.ts'
import { hasSeatFor } from './runs.ts'
import { mayStart } from './start-code.ts'
import { markStop, putStops } from './stops.ts'
import { type findRide, type LoadedRide, lockRide } from './store.ts'
import { cancellationTermsOf } from './terms.ts'

export { type Rebooking, rebookRide } from './booking.ts'
export { type Actor, changeRide, SYSTEM } from './changes.ts'
export * from './store.ts'
export { cancellationTermsOf } from './terms.ts'

/** How a ride is named to people: on the board, on a receipt, on the phone. */
export function referenceOf(ride: Pick<LoadedRide, 'number'>): string {
  return `HC-${ride.number}`
}

/** As riders may know their driver: first name and initial. */
export function shortName(name: string): string {
  const [first = '', ...rest] = name.split(' ')
  const initial = rest.at(-1)?.[0]
  return initial === undefined ? first : `${first} ${initial}.`
}

/** A rider as their driver may know them. */
export interface RiderToDriver {
  /** The first name, or all of it where the rider wants that. */
  readonly name: string
  /** Null where there is no picture, or the rider does not show it. */
  readonly avatarId: string | null
}

export async function riderToDriver(
  db: Kysely<Tables>,
  ride: Pick<LoadedRide, 'rider_id' | 'rider_name'>,
): Promise<RiderToDriver> {
  const rider = await db
    .selectFrom('identities')
    .select(['privacy', 'avatar_id'])
    .where('id', '=', ride.rider_id)
    .executeTakeFirst()
  // Out of the driver's reach: the ride left them since it was read, and their page is about to be drawn anew.
  if (rider === undefined) return { name: firstName(ride.rider_name), avatarId: null }
  const { full_name_to_drivers, photo_to_drivers } = privacyFrom(rider.privacy)
  return {
    name: full_name_to_drivers ? ride.rider_name : firstName(ride.rider_name),
    avatarId: photo_to_drivers ? rider.avatar_id : null,
  }
}

/** As drivers may know their rider. */
export function firstName(name: string): string {
  return name.split(' ')[0] ?? name
}

/** Whose a ride is, asked on its rider's side. */
export function ridersThing(ride: Pick<LoadedRide, 'company_id' | 'rider_id'>): Belongs {
  return { companyId: ride.company_id, ownerId: ride.rider_id }
}

/** Whose a ride is, asked on its company's side. */
export function desksThing(ride: Pick<LoadedRide, 'company_id'>): Belongs {
  return { companyId: ride.company_id }
}

/** A ride is asked for at a price for now, or booked ahead at one for later. */
export interface RideRequest extends BookingTerms {
  readonly companyId: CompanyId
  readonly riderId: IdentityId
  readonly riderName: string
  readonly quoteId: QuoteId
  readonly payment: PaymentMethod
  readonly note: string
  /** Who asks; the rider, unless the desk books for them. */
  readonly actor?: Actor
}

/**
 * Ask for a ride at the price of a quote.
 * @returns the ride in `requested`, or in `scheduled` where the price is for later; the quote's refusals,
 *   `already_used` when the quote has its ride, `too_many_booked` when the rider has enough still to come
 */
export async function requestRide(
  unit: Work,
  { random, secrets }: { random: Random; secrets: readonly string[] },
  request: RideRequest,
): Promise<
  Result<LoadedRide, QuoteRefusal | 'already_used' | 'too_many_booked' | 'code_used_up' | 'code_used_by_you'>
> {
  if (!(await holdRider(unit, request.riderId))) return refuse('not_found')
  const claimed = await claimQuote(unit, secrets, request)
  if (!claimed.ok) return claimed
  const quote = claimed.value
  const at = new Date(unit.atMs)
  const booked = bookedColumns(quote, unit.atMs, request)
  if (booked !== null && !(await mayBookMore(unit, request.riderId))) return refuse('too_many_booked')
  const state = booked === null ? 'requested' : 'scheduled'
  const type = booked === null ? 'request' : 'book'
  const actor = request.actor ?? { kind: 'rider', id: request.riderId }
  const promo = await heldPromo(unit, quote, request.riderId)
  if (promo !== null && !promo.ok) return promo
  const ride = await unit.db
    .insertInto('rides')
    .values({
      company_id: quote.company_id,
      id: random.uuid() as RideId,
      region_id: quote.region_id,
      rider_id: request.riderId,
      ...agreedIn(quote),
      state,
      version: 1,
      payment_method: request.payment,
      note: request.note,
      rider_name: request.riderName,
      requested_at: at,
      deadline_at: new Date(unit.atMs + request.unfulfilledAfterS * 1000),
      changed_at: at,
      shared: quote.shared,
      ...promisesOf(quote, unit.atMs),
      ...booked,
    })
    .onConflict((conflict) => conflict.column('quote_id').doNothing())
    .returningAll()
    .executeTakeFirst()
  if (ride === undefined) return refuse('already_used')
  if (quote.stops.length > 0) await putStops(unit, ride, quote.stops)
  if (promo !== null)
    await usePromo(unit, {
      ...{ promo: promo.value, rideId: ride.id, identityId: request.riderId },
      amountMinor: quote.promo_minor,
    })
  await unit.db
    .insertInto('ride_events')
    .values({
      company_id: ride.company_id,
      ride_id: ride.id,
      version: 1,
      type,
      from_state: null,
      to_state: state,
      at,
      actor_kind: actor.kind,
      actor_id: actor.id,
      driver_id: null,
      reason: null,
    })
    .execute()
  unit.tell({
    type: 'ride.changed',
    companyId: ride.company_id,
    regionId: ride.region_id,
    rideId: ride.id,
    riderId: ride.rider_id,
    driverId: null,
    previousDriverId: null,
    state,
    event: type,
  })
  return ok(ride)
}

/** The code of a quote, held until the ride has it; null for a quote without one. */
async function heldPromo(unit: Work, quote: LoadedQuote, identityId: IdentityId) {
  if (quote.promo_id === null) return null
  return holdPromo(unit, {
    ...{ companyId: quote.company_id, promoId: quote.promo_id, identityId },
    amountMinor: quote.promo_minor,
  })
}

/** Keep a rider's account until this unit of work ends; false when it was deleted while they asked. */
async function holdRider(unit: Work, riderId: IdentityId): Promise<boolean> {
  const held = await unit.db
    .selectFrom('identities')
    .select('id')
    .where('id', '=', riderId)
    .where('deleted_at', 'is', null)
    .forShare()
    .executeTakeFirst()
  return held !== undefined
}

/** What a cancellation costs the rider at this moment, for the page that names it first. */
export async function cancellationOf(
  db: Work['db'] | Parameters<typeof findRide>[0],
  ride: LoadedRide,
  nowMs: number,
) {
  const tariff = await tariffById(db, ride.company_id, ride.tariff_id)
  return cancellationTermsOf(tariff, ride, nowMs)
}

/**
 * The rider cancels at the fee they were shown.
 * @returns `fee_changed` when it costs more by now than the rider agreed to: ask again
 */
export async function cancelByRider(
  unit: Work,
  random: Random,
  cancel: { companyId: CompanyId; rideId: RideId; riderId: IdentityId; agreedFeeMinor: number },
): Promise<Result<LoadedRide, ChangeRefusal | 'fee_changed'>> {
  const ride = await lockRide(unit.db, cancel.companyId, cancel.rideId)
  if (ride === undefined || ride.rider_id !== cancel.riderId) return refuse('not_found')
  if (!allowedEvents(ride.state).includes('cancel')) return refuse('not_allowed_now')
  const { feeMinor } = await cancellationOf(unit.db, ride, unit.atMs)
  if (feeMinor > cancel.agreedFeeMinor) return refuse('fee_changed')
  const changed = await changeRide(unit, random, {
    companyId: cancel.companyId,
    rideId: cancel.rideId,
    event: { type: 'cancel' },
    actor: { kind: 'rider', id: cancel.riderId },
  })
  if (changed.ok) await charge(unit, random, ride, 'cancellation', feeMinor)
  return changed
}

/** The desk cancels, with a word to the rider where it has one; what the company decides costs the rider nothing. */
export async function cancelByDesk(
  unit: Work,
  random: Random,
  cancel: {
    companyId: CompanyId
    rideId: RideId
    dispatcherId: IdentityId
    reason: string
    /** What the rider reads about it. */
    words?: string | undefined
  },
): Promise<Result<LoadedRide, ChangeRefusal>> {
  const changed = await changeRide(unit, random, {
    companyId: cancel.companyId,
    rideId: cancel.rideId,
    event: { type: 'cancel' },
    actor: { kind: 'dispatcher', id: cancel.dispatcherId },
    reason: cancel.reason,
  })
  if (!changed.ok || cancel.words === undefined) return changed
  const said = await unit.db
    .updateTable('rides')
    .set({ end_words: cancel.words })
    .where('id', '=', cancel.rideId)
    .returningAll()
    .executeTakeFirstOrThrow()
  return ok(said)
}

export const DRIVER_STEPS = [
  'set_off',
  'arrive',
  'board',
  'reach_stop',
  'leave_stop',
  'finish',
  'miss',
] as const
export type DriverStep = (typeof DRIVER_STEPS)[number]

/**
 * One of the driver's status buttons on their own ride. `finish` charges the promised fare, or what it came to for a
 * reason that is named; `miss` the no-show fee.
 * @returns `too_early` for a no-show before the free wait is over, `car_full` when others have to get out first,
 *   `code_wanted` when the rider's start code was not said
 */
export async function takeDriverStep(
  unit: Work,
  random: Random,
  taken: {
    companyId: CompanyId
    rideId: RideId
    driverId: DriverId
    actor: Actor
    step: DriverStep
    reason?: string
    /** Only with `finish`: what the rider asked for on the way. */
    wish?: Wish | undefined
    /** Only with `reach_stop` and `leave_stop`: which one. */
    stop?: number | undefined
    /** When the phone says it was pressed; what counts is when it reached us. */
    saidAtMs?: number | undefined
  },
): Promise<
  Result<LoadedRide, ChangeRefusal | 'too_early' | 'car_full' | 'code_wanted' | 'cancelled_meanwhile'>
> {
  const ride = await lockRide(unit.db, taken.companyId, taken.rideId)
  if (ride === undefined || ride.driver_id !== taken.driverId) return refuse('not_found')
  if (ride.state === 'cancelled') return refuse('cancelled_meanwhile')
  const tariff = await tariffById(unit.db, ride.company_id, ride.tariff_id)
  if (taken.step === 'miss' && ride.state === 'arrived' && ride.arrived_at !== null) {
    const waitsFrom = waitsFromMs(ride.arrived_at.getTime(), ride.scheduled_for?.getTime() ?? null)
    if (unit.atMs < noShowFromMs(tariff, waitsFrom)) return refuse('too_early')
  }
  if (taken.step === 'board' && ride.shared && ride.state === 'arrived' && !(await hasSeatFor(unit, ride)))
    return refuse('car_full')
  if (taken.step === 'board' && ride.state === 'arrived' && !(await mayStart(unit, ride)))
    return refuse('code_wanted')
  if (taken.step === 'reach_stop' || taken.step === 'leave_stop') {
    if (ride.state !== 'in_progress') return refuse('not_allowed_now')
    const marked = await markStop(unit, ride, { type: taken.step, place: taken.stop ?? 0 })
    if (!marked.ok) return marked
    return changeRide(unit, random, {
      ...{ companyId: taken.companyId, rideId: taken.rideId, event: { type: taken.step } },
      ...{ actor: taken.actor, reason: marked.value.label },
      saidAtMs: saidEarlier(taken.saidAtMs, unit.atMs),
    })
  }
  const ended =
    taken.step === 'finish' && ride.state === 'in_progress'
      ? await fareAtEnd(unit, { ride, tariff, wish: taken.wish ?? null })
      : null
  const changed = await changeRide(unit, random, {
    companyId: taken.companyId,
    rideId: taken.rideId,
    event: { type: taken.step },
    actor: taken.actor,
    reason: taken.reason,
    saidAtMs: saidEarlier(taken.saidAtMs, unit.atMs),
    ...(ended !== null && { fare: { totalMinor: ended.fare.totalMinor, driverMinor: ended.driverMinor } }),
  })
  if (changed.ok && ended !== null) {
    await keepFare(unit, ride, ended)
    await charge(unit, random, ride, 'fare', ended.fare.totalMinor)
  }
  if (changed.ok && taken.step === 'miss')
    await charge(unit, random, ride, 'no_show', Math.min(tariff.noShowFeeMinor, ride.fare_minor))
  return changed
}

/** A press that came through at once needs no second time beside its own. */
const AT_ONCE_MS = 10_000
/** A step that a phone kept for longer says nothing believable any more. */
const OLDEST_STEP_MS = 24 * 3_600_000

/** When a step was pressed, where that was notably before it reached us; a phone may say anything. */
export function saidEarlier(saidAtMs: number | undefined, atMs: number): number | undefined {
  if (saidAtMs === undefined) return undefined
  const lateMs = atMs - saidAtMs
  return lateMs > AT_ONCE_MS && lateMs <= OLDEST_STEP_MS ? saidAtMs : undefined
}

/** Take the driver off a ride, which goes back to the matcher; never while somebody is on board. */
export async function releaseRide(
  unit: Work,
  random: Random,
  release: {
    companyId: CompanyId
    rideId: RideId
    driverId?: DriverId
    actor: Actor
    reason: string
    /** How its search goes on, where that is as before. */
    restores?: RideChange['restores']
  },
): Promise<Result<LoadedRide, ChangeRefusal>> {
  const ride = await lockRide(unit.db, release.companyId, release.rideId)
  if (ride === undefined) return refuse('not_found')
  if (release.driverId !== undefined && ride.driver_id !== release.driverId) return refuse('not_found')
  if (!hasOpenRun(ride.state)) return refuse('not_allowed_now')
  return changeRide(unit, random, {
    companyId: release.companyId,
    rideId: release.rideId,
    event: { type: 'release' },
    actor: release.actor,
    reason: release.reason,
    restores: release.restores,
  })
}

function charge(
  unit: Work,
  random: Random,
  ride: LoadedRide,
  kind: PaymentRow['kind'],
  amountMinor: number,
): Promise<void> {
  return capture(unit, random, {
    companyId: ride.company_id,
    rideId: ride.id,
    riderId: ride.rider_id,
    driverId: ride.driver_id,
    kind,
    method: ride.payment_method,
    amountMinor,
    currency: ride.currency,
  })
}
