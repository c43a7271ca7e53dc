/**
 * Who rang, put right: somebody whom a desk took down by name and number has no account, so the desk is who corrects
 * them. Anybody else's number and name are theirs alone.
 */
import { type Kysely, sql } from 'kysely'
import { type CompanyId, type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { holdNumber, isKnownNumber } from './callers.ts'

export interface RidesCaller {
  readonly name: string
  /** E.164; null where none is known. */
  readonly phone: string | null
  /** Taken down by a desk of this company: nobody signs in as them. */
  readonly isDesks: boolean
}

/** Whom a ride is for, as its desk may know and correct them. */
export async function callerOfRide(
  db: Kysely<Tables>,
  ride: Pick<LoadedRide, 'company_id' | 'rider_id'>,
): Promise<RidesCaller> {
  const person = await db
    .selectFrom('identities')
    .leftJoin('company_callers', (join) =>
      join
        .onRef('company_callers.identity_id', '=', 'identities.id')
        .on('company_callers.company_id', '=', ride.company_id),
    )
    .select(['identities.name', 'identities.phone', 'identities.email', 'company_callers.company_id'])
    .where('identities.id', '=', ride.rider_id)
    .where('identities.deleted_at', 'is', null)
    .executeTakeFirst()
  if (person === undefined) return { name: '', phone: null, isDesks: false }
  const { name, phone, email, company_id } = person
  return { name, phone, isDesks: company_id !== null && email === `caller-${ride.rider_id}@phone.invalid` }
}

export type CallerRefusal = 'caller_has_account' | 'caller_known'

/** What an act changed of a caller, for taking it back. */
export interface CallerChange {
  readonly before: Pick<RidesCaller, 'name' | 'phone'>
  readonly after: Pick<RidesCaller, 'name' | 'phone'>
}

/**
 * Put a caller's number and name right, in the unit that changes their ride. Their name goes with the ride's where it
 * was the ride's name before; a ride that was for somebody else leaves it.
 * @param to.phone E.164; undefined to leave it
 * @returns what changed, null where nothing did; `caller_known` where somebody else of the company has the number
 */
export async function correctCaller(
  unit: Work,
  ride: LoadedRide,
  to: { readonly riderName: string; readonly phone: string | undefined },
): Promise<Result<CallerChange | null, CallerRefusal>> {
  const caller = await callerOfRide(unit.db, ride)
  const before = { name: caller.name, phone: caller.phone }
  if (!caller.isDesks) {
    return to.phone === undefined || to.phone === caller.phone ? ok(null) : refuse('caller_has_account')
  }
  const after = {
    name: caller.name === ride.rider_name ? to.riderName : caller.name,
    phone: to.phone ?? caller.phone,
  }
  if (after.name === before.name && after.phone === before.phone) return ok(null)
  if (after.phone !== null && after.phone !== before.phone) {
    const of = { companyId: ride.company_id, phone: after.phone, atMs: unit.atMs }
    await holdNumber(unit, of)
    if (await isKnownNumber(unit.db, of)) return refuse('caller_known')
  }
  await put(unit, ride.rider_id, after)
  return ok({ before, after })
}

/** As it was before an act; refused where somebody changed them since, by another ride of theirs. */
export async function takeCallerBack(
  unit: Work,
  { companyId, riderId, change }: { companyId: CompanyId; riderId: IdentityId; change: CallerChange },
): Promise<Result<null, 'undo_overtaken'>> {
  const now = await callerOfRide(unit.db, { company_id: companyId, rider_id: riderId })
  if (!now.isDesks || now.name !== change.after.name || now.phone !== change.after.phone)
    return refuse('undo_overtaken')
  await put(unit, riderId, change.before)
  return ok(null)
}

async function put(
  unit: Work,
  id: IdentityId,
  { name, phone }: Pick<RidesCaller, 'name' | 'phone'>,
): Promise<void> {
  await unit.db
    .updateTable('identities')
    .set({ name, phone, updated_at: sql<Date>`greatest(created_at, ${new Date(unit.atMs)})` })
    .where('id', '=', id)
    .execute()
}
