/** Charging a ride: one captured payment row and two ledger entries that sum to zero, in the ride's own transaction. */
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
 * a ride that never started is always owed by the rider, for there was nobody in the car to pay it. Nothing owed,
 * nothing written.
 * @throws the database's unique violation when the ride was already charged
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
  const owner = method === 'cash' ? `cash:driver:${charge.driverId}` : `receivable:rider:${charge.riderId}`
  const entry = { company_id: charge.companyId, transaction_id: transactionId, currency: charge.currency }
  await unit.db
    .insertInto('ledger_entries')
    .values([
      { ...entry, seq: 1, account: owner, amount_minor: charge.amountMinor },
      { ...entry, seq: 2, account: `revenue:${charge.kind}`, amount_minor: -charge.amountMinor },
    ])
    .execute()
}

/** The payment a ride ended with, if anything was owed; found by the index that allows one capture a ride. */
export function paymentOfRide(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideId: RideId,
): Promise<Selectable<PaymentRow> | undefined> {
  return db
    .selectFrom('payments')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', '=', rideId)
    .where('state', '=', 'captured')
    .executeTakeFirst()
}

/** The payments of several rides, by ride. */
export async function paymentsOfRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  rideIds: readonly RideId[],
): Promise<Map<RideId, Selectable<PaymentRow>>> {
  if (rideIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('payments')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('ride_id', 'in', [...rideIds])
    .where('state', '=', 'captured')
    .execute()
  return new Map(rows.map((row) => [row.ride_id, row]))
}
