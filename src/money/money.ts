/** Charging a ride, and tips: one captured payment row and two ledger entries that sum to zero, in one transaction. */
import type { Kysely, Selectable } from 'kysely'
import { assert, type CompanyId, type DriverId, type IdentityId, type RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { PaymentMethod, PaymentRow } from '../io/tables/rides.ts'
import type { Tables } from '../io/tables.ts'

export interface Charge {
  readonly companyId: CompanyId
  readonly rideId: RideId
  readonly riderId: IdentityId
  readonly driverId: DriverId | null
  readonly kind: PaymentRow['kind']
  readonly method: PaymentMethod
  readonly amountMinor: number
  readonly currency: string
}

/**
 * Capture what a ride costs. Cash lies with the driver who took it, an account ride is owed by the rider; a fee of
 * a ride that never started is always owed by the rider, for there was nobody in the car to pay it. A tip is owed by
 * the rider and all the driver's. Nothing owed, nothing written.
 * @throws the database's unique violation when the ride was already charged, or has its tip
 */
export async function capture(unit: Work, random: Random, charge: Charge): Promise<void> {
  assert(Number.isSafeInteger(charge.amountMinor) && charge.amountMinor >= 0, 'a charge is whole minor units')
  if (charge.amountMinor === 0) return
  const at = new Date(unit.atMs)
  const paymentId = random.uuid()
  const transactionId = random.uuid()
  const method: PaymentMethod = charge.kind === 'fare' ? charge.method : 'account'
  await unit.db
    .insertInto('payments')
    .values({
      company_id: charge.companyId,
      id: paymentId,
      ride_id: charge.rideId,
      kind: charge.kind,
      method,
      state: 'captured',
      amount_minor: charge.amountMinor,
      currency: charge.currency,
      captured_at: at,
    })
    .execute()
  await unit.db
    .insertInto('ledger_transactions')
    .values({ company_id: charge.companyId, id: transactionId, payment_id: paymentId, at })
    .execute()
  const earner = charge.kind === 'tip' ? `payable:driver:${charge.driverId}` : `revenue:${charge.kind}`
  const owner = method === 'cash' ? `cash:driver:${charge.driverId}` : `receivable:rider:${charge.riderId}`
  const entry = { company_id: charge.companyId, transaction_id: transactionId, currency: charge.currency }
  await unit.db
    .insertInto('ledger_entries')
    .values([
      { ...entry, seq: 1, account: owner, amount_minor: charge.amountMinor },
      { ...entry, seq: 2, account: earner, amount_minor: -charge.amountMinor },
    ])
    .execute()
}

/** What a ride ended with, its tip not counted. */
export interface RidePayment extends Selectable<PaymentRow> {
  readonly kind: Exclude<PaymentRow['kind'], 'tip'>
}

/** The payment a ride ended with, if anything was owed; found by the index that allows one capture a ride. */
export async function paymentOfRide(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideId: RideId,
): Promise<RidePayment | undefined> {
  return (await paymentsOfRides(db, companyId, [rideId])).get(rideId)
}

/** The tips of several rides, minor units by ride; of one without a tip there is none. */
export async function tipsOfRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, number>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('payments')
    .select(['ride_id', 'amount_minor'])
    .where('company_id', '=', companyId)
    .where('ride_id', 'in', [...rideIds])
    .where('state', '=', 'captured')
    .where('kind', '=', 'tip')
    .execute()
  return new Map(rows.map((row) => [row.ride_id, row.amount_minor]))
}

/** The payments several rides ended with, by ride. */
export async function paymentsOfRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, RidePayment>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('payments')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', 'in', [...rideIds])
    .where('state', '=', 'captured')
    .where('kind', '<>', 'tip')
    .execute()
  return new Map(rows.map((row) => [row.ride_id, row as RidePayment]))
}
