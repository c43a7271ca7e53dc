/**
 * Another way for a ride that has its price: the rider asks at the price of a new quote, whoever drives agrees or not
 * within a time of the server's clock, and until then all stays as it was. Where nobody drives yet it is agreed at once.
 */
import type { Kysely, Selectable } from 'kysely'
import { hasOpenRun } from '../engine/ride.ts'
import {
  assert,
  type CompanyId,
  type DriverId,
  type IdentityId,
  ok,
  type QuoteId,
  type RegionId,
  type Result,
  type RideId,
  refuse,
} from '../engine/units.ts'
import { claimQuote, findQuote, type LoadedQuote, type QuoteRefusal } from '../fares/quotes.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { ChangeState, RideChangeRow } from '../io/tables/ways.ts'
import type { Tables } from '../io/tables.ts'
import { agreedIn } from './booking.ts'
import { type Actor, changeRide, SYSTEM } from './changes.ts'
import { keepsReached, putStops, stopsOfRide } from './stops.ts'
import { type LoadedRide, lockRide } from './store.ts'

export type LoadedChange = Selectable<RideChangeRow>

/** Long enough to read it at the next red light, short enough that the way is still the one that was priced. */
export const CHANGE_ANSWER_MS = 90_000
/** More questions than this are no change of mind; each one lights up the driver's screen. */
const MOST_ASKED = 10

export type AskChangeRefusal =
  | QuoteRefusal
  | 'not_allowed_now'
  | 'pooled_ride'
  | 'change_pending'
  | 'changed_meanwhile'
  | 'asked_enough'

/** Why a ride cannot go another way, whatever it costs; null where it can. */
export function noChangeOf(
  ride: Pick<LoadedRide, 'state' | 'shared'>,
): 'pooled_ride' | 'not_allowed_now' | null {
  if (ride.state !== 'requested' && !hasOpenRun(ride.state)) return 'not_allowed_now'
  return ride.shared ? 'pooled_ride' : null
}

/**
 * The rider wants the way of a quote that was made for this ride. With a driver it waits for the driver's answer; else
 * it holds from now on.
 * @returns the question, `agreed` or `pending`; `changed_meanwhile` when the ride's way is another one by now than the
 *   price was made for, `change_pending` while the last question is open
 */
export async function askChange(
  unit: Work,
  { random, secrets }: { random: Random; secrets: readonly string[] },
  asked: {
    companyId: CompanyId
    rideId: RideId
    riderId: IdentityId
    quoteId: QuoteId
    /** Who asks; the rider, unless the desk does in their name. */
    actor?: Actor
  },
): Promise<Result<{ ride: LoadedRide; change: LoadedChange }, AskChangeRefusal>> {
  const { companyId, rideId, riderId, quoteId } = asked
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.rider_id !== riderId) return refuse('not_found')
  const hindrance = noChangeOf(ride)
  if (hindrance !== null) return refuse(hindrance)
  const named = await findQuote(unit.db, companyId, quoteId)
  if (named?.replaces == null) return refuse('not_found')
  if (named.replaces !== ride.quote_id) return refuse('changed_meanwhile')
  const claimed = await claimQuote(unit, secrets, { companyId, quoteId, riderId, replaces: ride.quote_id })
  if (!claimed.ok) return claimed
  const quote = claimed.value
  if (!keepsReached(quote.stops, await stopsOfRide(unit.db, companyId, rideId)))
    return refuse('changed_meanwhile')
  const before = await changesOfRide(unit.db, companyId, rideId)
  if (before.length >= MOST_ASKED) return refuse('asked_enough')
  const open = before.find(({ state }) => state === 'pending')
  if (open !== undefined && unit.atMs < open.expires_at.getTime()) return refuse('change_pending')
  if (open !== undefined) await endOpen(unit, random, open, { state: 'expired', actor: SYSTEM })
  if (before.some(({ quote_id }) => quote_id === quoteId)) return refuse('changed_meanwhile')

  const at = new Date(unit.atMs)
  const driven = hasOpenRun(ride.state)
  const change = await unit.db
    .insertInto('ride_changes')
    .values({
      ...{ company_id: companyId, id: random.uuid(), region_id: ride.region_id, ride_id: rideId },
      quote_id: quoteId,
      state: driven ? 'pending' : 'agreed',
      driver_id: driven ? ride.driver_id : null,
      asked_at: at,
      expires_at: driven ? new Date(unit.atMs + CHANGE_ANSWER_MS) : at,
      ended_at: driven ? null : at,
      end_reason: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  const actor: Actor = asked.actor ?? { kind: 'rider', id: riderId }
  const changed = driven
    ? await changeRide(unit, random, {
        ...{ companyId, rideId, actor, event: { type: 'ask_change' } },
        reason: wayWords(ride, quote),
      })
    : await takeWay(unit, random, { ride, quote, actor })
  if (!changed.ok) return refuse('not_allowed_now')
  return ok({ ride: changed.value, change })
}

export type AnswerRefusal = 'not_found' | 'change_over' | 'change_too_late' | 'changed_meanwhile'

/**
 * The driver says yes or no to the open question about their ride.
 * @returns the ride as it goes on; `change_too_late` from the expiry on, `change_over` when it was answered or taken
 *   back before, `changed_meanwhile` when the car has been at a stop since that the new way leaves out
 */
export async function answerChange(
  unit: Work,
  random: Random,
  answer: {
    companyId: CompanyId
    rideId: RideId
    driverId: DriverId
    changeId: string
    agrees: boolean
    actor: Actor
  },
): Promise<Result<LoadedRide, AnswerRefusal>> {
  const { companyId, rideId, driverId, changeId, agrees, actor } = answer
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.driver_id !== driverId) return refuse('not_found')
  const change = await findChange(unit.db, companyId, changeId)
  if (change === undefined || change.ride_id !== rideId || change.driver_id !== driverId)
    return refuse('not_found')
  if (change.state === 'expired') return refuse('change_too_late')
  if (change.state !== 'pending' || !hasOpenRun(ride.state)) return refuse('change_over')
  if (unit.atMs >= change.expires_at.getTime()) return refuse('change_too_late')
  if (!agrees) return ok(await endOpen(unit, random, change, { state: 'refused', actor }))
  const quote = await findQuote(unit.db, companyId, change.quote_id)
  if (quote === undefined || quote.replaces !== ride.quote_id) return refuse('changed_meanwhile')
  if (!keepsReached(quote.stops, await stopsOfRide(unit.db, companyId, rideId)))
    return refuse('changed_meanwhile')
  await endChange(unit, change, { state: 'agreed' })
  const changed = await takeWay(unit, random, { ride, quote, actor })
  return changed.ok ? ok(changed.value) : refuse('change_over')
}

/** The rider takes the open question back: all stays as it was. */
export async function withdrawChange(
  unit: Work,
  random: Random,
  {
    companyId,
    rideId,
    riderId,
    ...by
  }: {
    companyId: CompanyId
    rideId: RideId
    riderId: IdentityId
    /** The desk, where it takes back what it asked in the rider's name. */
    actor?: Actor
  },
): Promise<Result<LoadedRide, 'not_found' | 'change_over'>> {
  const ride = await lockRide(unit.db, companyId, rideId)
  if (ride === undefined || ride.rider_id !== riderId) return refuse('not_found')
  const open = await openChangeOf(unit.db, companyId, rideId)
  if (open === undefined || unit.atMs >= open.expires_at.getTime()) return refuse('change_over')
  const actor: Actor = by.actor ?? { kind: 'rider', id: riderId }
  return ok(await endOpen(unit, random, open, { state: 'withdrawn', actor, reason: 'taken back' }))
}

/** End a question whose time is up; null when it was answered in the last moment. */
export async function expireChange(
  unit: Work,
  random: Random,
  overdue: Pick<LoadedChange, 'company_id' | 'ride_id' | 'id'>,
): Promise<LoadedRide | null> {
  const ride = await lockRide(unit.db, overdue.company_id, overdue.ride_id)
  const change = await findChange(unit.db, overdue.company_id, overdue.id)
  if (ride === undefined || change?.state !== 'pending' || unit.atMs < change.expires_at.getTime())
    return null
  return endOpen(unit, random, change, { state: 'expired', actor: SYSTEM })
}

/** Open questions of a region whose time is up, the oldest first. */
export function overdueChanges(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { regionId, at }: { regionId: RegionId; at: Date },
): Promise<Pick<LoadedChange, 'company_id' | 'ride_id' | 'id'>[]> {
  return db
    .selectFrom('ride_changes')
    .select(['company_id', 'ride_id', 'id'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('state', '=', 'pending')
    .where('expires_at', '<=', at)
    .orderBy('expires_at')
    .limit(500)
    .execute()
}

/** All that was asked about a ride's way, in order. */
export function changesOfRide(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideId: RideId,
): Promise<LoadedChange[]> {
  return db
    .selectFrom('ride_changes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .orderBy('asked_at')
    .execute()
}

function findChange(db: Kysely<Tables>, companyId: CompanyId, id: string) {
  return db
    .selectFrom('ride_changes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', id)
    .executeTakeFirst()
}

function openChangeOf(db: Kysely<Tables>, companyId: CompanyId, rideId: RideId) {
  return db
    .selectFrom('ride_changes')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .where('state', '=', 'pending')
    .executeTakeFirst()
}

/** The way of a quote becomes the ride's, its price the promise. */
async function takeWay(
  unit: Work,
  random: Random,
  { ride, quote, actor }: { ride: LoadedRide; quote: LoadedQuote; actor: Actor },
) {
  await putStops(unit, ride, quote.stops)
  return changeRide(unit, random, {
    ...{ companyId: ride.company_id, rideId: ride.id, actor, event: { type: 'agree_change' } },
    reason: wayWords(ride, quote),
    agreed: agreedIn(quote),
  })
}

/** It comes to nothing, which the ride's history says, and its pages with it. */
async function endOpen(
  unit: Work,
  random: Random,
  change: LoadedChange,
  end: { state: Exclude<ChangeState, 'pending' | 'agreed'>; actor: Actor; reason?: string },
): Promise<LoadedRide> {
  await endChange(unit, change, end)
  const dropped = await changeRide(unit, random, {
    ...{ companyId: change.company_id, rideId: change.ride_id, actor: end.actor },
    event: { type: 'drop_change' },
    reason: end.reason ?? (end.state === 'refused' ? 'refused' : 'no answer in time'),
  })
  assert(dropped.ok, 'a ride with an open question has somebody who drives it')
  return dropped.value
}

async function endChange(
  unit: Work,
  change: Pick<LoadedChange, 'id'>,
  { state, reason = null }: { state: ChangeState; reason?: string | null },
): Promise<void> {
  await unit.db
    .updateTable('ride_changes')
    .set({ state, ended_at: new Date(unit.atMs), end_reason: reason })
    .where('id', '=', change.id)
    .execute()
}

/** For the desk: what becomes of it. */
function wayWords(ride: LoadedRide, quote: LoadedQuote): string {
  const by = quote.stops.length === 0 ? '' : ` by ${quote.stops.map(({ label }) => label).join(', ')}`
  return `${ride.dropoff_label} → ${quote.dropoff_label}${by}`
}
