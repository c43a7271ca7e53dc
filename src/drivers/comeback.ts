/** A driver who was taken off a company's fleet and drives for it again: the row they had, for one person has one there. */
import { record } from '../audit/audit.ts'
import type { CompanyId, DriverId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'

export interface Comeback {
  readonly companyId: CompanyId
  readonly identityId: IdentityId
  /** Null: a command. */
  readonly byId: IdentityId | null
  readonly from?: { readonly address: string; readonly requestId: string }
}

/**
 * Put a deleted driver back on the fleet, with call sign and cars as they were, and close the deletion so that nobody
 * restores it once more. The role is for the caller to give.
 * @returns the driver's id; null when they have no deleted row there
 */
export async function comeBack(
  unit: Work,
  random: Random,
  { companyId, identityId, byId, from }: Comeback,
): Promise<DriverId | null> {
  const driver = await unit.db
    .updateTable('drivers')
    .set({ deleted_at: null })
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('deleted_at', 'is not', null)
    .returning('id')
    .executeTakeFirst()
  if (driver === undefined) return null
  await unit.db
    .updateTable('deletions')
    .set({ restored_at: new Date(unit.atMs), restored_by: byId })
    .where('kind', '=', 'driver')
    .where('subject_id', '=', driver.id)
    .where('restored_at', 'is', null)
    .where('purged_at', 'is', null)
    .execute()
  await record(unit.db, random, {
    ...{ action: 'driver.restored', atMs: unit.atMs, companyId, subject: driver.id, ...from },
    ...(byId === null ? {} : { actorId: byId }),
  })
  return driver.id
}
