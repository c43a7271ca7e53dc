/** How offers end, whoever ends them: one conditional update, and what it means for the driver's record. */
import type { Selectable } from 'kysely'
import { sql } from 'kysely'
import { lockDriver } from '../drivers/drivers.ts'
import { afterOffer, answer } from '../engine/offer.ts'
import { RESCUE_AFTER_MISSES } from '../engine/rescue.ts'
import { assert, type CompanyId, type OfferId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { OfferRow } from '../io/tables/rides.ts'
import { rideIdsOf } from './merged-offers.ts'

export type LoadedOffer = Selectable<OfferRow>

/** Holds of a row of `rides` for which no driver is being asked at this moment. */
export const NOBODY_ASKED = sql<boolean>`NOT EXISTS (
  SELECT 1 FROM offers AS live WHERE live.ride_id = rides.id AND live.state = 'pending'
)`

/** Holds of an offer whose time is not up, by the server's clock. */
export function isInTime(unit: Work) {
  return sql<boolean>`expires_at > ${new Date(unit.atMs)}`
}

export function findOffer(
  db: Db | Work['db'],
  companyId: CompanyId,
  offerId: OfferId,
): Promise<LoadedOffer | undefined> {
  return db
    .selectFrom('offers')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('id', '=', offerId)
    .executeTakeFirst()
}

/** The one conditional update that ends an offer: whoever gets the row has won. */
export async function endPending(
  unit: Work,
  offer: LoadedOffer,
  state: 'accepted' | 'declined' | 'expired' | 'withdrawn',
  condition: ReturnType<typeof sql<boolean>>,
): Promise<LoadedOffer | undefined> {
  const ended = await unit.db
    .updateTable('offers')
    .set({ state, ended_at: new Date(unit.atMs) })
    .where('id', '=', offer.id)
    .where('state', '=', 'pending')
    .where(condition)
    .returningAll()
    .executeTakeFirst()
  if (ended !== undefined) tellOffer(unit, ended)
  return ended
}

/** Keep an offer that is pending and in time as it is until the unit ends; false when it is not. */
export async function holdPending(unit: Work, offer: LoadedOffer): Promise<boolean> {
  const held = await unit.db
    .selectFrom('offers')
    .select('id')
    .where('id', '=', offer.id)
    .where('state', '=', 'pending')
    .where(isInTime(unit))
    .forUpdate()
    .executeTakeFirst()
  return held !== undefined
}

/** Why a tap found nothing to end: read again, for the offer may have ended while the tap waited for its locks. */
export async function whyNot(
  unit: Work,
  offer: LoadedOffer,
  event: 'accept' | 'decline',
): Promise<'too_late' | 'already_ended'> {
  const now = await findOffer(unit.db, offer.company_id, offer.id)
  assert(now !== undefined, 'offers are never deleted')
  const answered = answer({ state: now.state, expiresAtMs: now.expires_at.getTime() }, event, unit.atMs)
  return !answered.ok && answered.reason === 'too_late' ? 'too_late' : 'already_ended'
}

/** One more who did not want the ride; after enough of them it stands in the desk's rescue queue as well. */
export async function countMiss(unit: Work, offer: LoadedOffer): Promise<void> {
  await unit.db
    .updateTable('rides')
    .set((eb) => ({
      misses: eb('misses', '+', 1),
      rescue_at: sql<Date | null>`CASE WHEN misses + 1 >= ${RESCUE_AFTER_MISSES}
        THEN coalesce(rescue_at, ${new Date(unit.atMs)}::timestamptz) ELSE rescue_at END`,
    }))
    .where('id', 'in', rideIdsOf(offer))
    .execute()
}

/** Keep the driver's record of lapses; three in a row pause the shift, and the page says so. */
export async function recordLapses(
  unit: Work,
  offer: LoadedOffer,
  state: 'accepted' | 'declined' | 'expired',
): Promise<void> {
  // Who drives somebody has better things to look at than an offer: that one lapsed says nothing of them.
  if (offer.run_id !== null && state === 'expired') return
  const driver = await lockDriver(unit, offer.driver_id)
  assert(driver !== undefined, 'an offer belongs to a driver')
  const next = afterOffer(driver.lapsed_in_a_row, state, unit.atMs)
  if (next.lapsedInARow === driver.lapsed_in_a_row && next.pausedUntilMs === null) return
  await unit.db
    .updateTable('drivers')
    .set({
      lapsed_in_a_row: next.lapsedInARow,
      ...(next.pausedUntilMs === null ? {} : { paused_until: new Date(next.pausedUntilMs) }),
    })
    .where('id', '=', driver.id)
    .execute()
  if (next.pausedUntilMs !== null)
    unit.tell({
      type: 'shift.changed',
      companyId: offer.company_id,
      regionId: offer.region_id,
      driverId: driver.id,
      state: 'paused',
    })
}

export function tellOffer(unit: Work, offer: LoadedOffer): void {
  unit.tell({
    type: 'offer.changed',
    companyId: offer.company_id,
    regionId: offer.region_id,
    offerId: offer.id,
    rideId: offer.ride_id,
    driverId: offer.driver_id,
    state: offer.state,
  })
}
