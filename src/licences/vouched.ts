/** Licences that need no look of ours: a company vouches for its drivers in its file, the demo for its made-up ones. */
import type { Insertable } from 'kysely'
import { record } from '../audit/audit.ts'
import { type Day, localDay } from '../engine/day.ts'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { LicencesTable } from '../io/tables/licences.ts'

export interface VouchedLicence {
  readonly legalName: string
  readonly number: string
  /** ISO 3166. */
  readonly country: string
  readonly issuingState: string | null
  readonly classes: string | null
  readonly issuedOn: Day | null
  readonly expiresOn: Day
}

/** The row of an approved licence without pictures. */
export function vouchedRow(
  random: Random,
  of: { companyId: CompanyId; identityId: IdentityId; at: Date } & VouchedLicence,
): Insertable<LicencesTable> {
  return {
    company_id: of.companyId,
    id: random.uuid(),
    identity_id: of.identityId,
    ...{ state: 'approved', source: 'company_file', legal_name: of.legalName, number: of.number },
    ...{ country: of.country, issuing_state: of.issuingState, classes: of.classes },
    ...{ issued_on: of.issuedOn, expires_on: of.expiresOn },
    ...{ created_at: of.at, submitted_at: of.at, decided_at: of.at },
  }
}

export interface VouchOutcome {
  readonly effect: 'created' | 'changed' | 'kept' | 'left'
  /** What happened, for the report. */
  readonly said: string | null
}

/**
 * Approve what a company's file says of a driver's licence, unless the one approved is valid for longer: a file that
 * is run again must not undo what the driver has handed in since.
 */
export async function vouchFor(
  unit: Work,
  random: Random,
  of: { companyId: CompanyId; identityId: IdentityId; timeZone: string; licence: VouchedLicence },
): Promise<VouchOutcome> {
  const { companyId, identityId, licence } = of
  const known = await unit.db
    .selectFrom('licences')
    .select(['id', 'number', 'expires_on'])
    .where('company_id', '=', companyId)
    .where('identity_id', '=', identityId)
    .where('state', '=', 'approved')
    .executeTakeFirst()
  const until = known?.expires_on ?? ''
  if (until === licence.expiresOn && known?.number === licence.number) return { effect: 'kept', said: null }
  if (until > licence.expiresOn) return { effect: 'left', said: `has one until ${until}` }
  if (licence.expiresOn < localDay(unit.atMs, of.timeZone))
    return { effect: 'left', said: `ran out on ${licence.expiresOn}` }
  const at = new Date(unit.atMs)
  if (known !== undefined)
    await unit.db
      .updateTable('licences')
      .set({ state: 'replaced', ended_at: at })
      .where('company_id', '=', companyId)
      .where('id', '=', known.id)
      .execute()
  const row = vouchedRow(random, { companyId, identityId, at, ...licence })
  await unit.db.insertInto('licences').values(row).execute()
  await record(unit.db, random, {
    ...{ action: 'licence.approved', atMs: unit.atMs, companyId, subject: row.id },
    detail: { by: 'company file', of: identityId, expiresOn: licence.expiresOn },
  })
  return { effect: known === undefined ? 'created' : 'changed', said: `until ${licence.expiresOn}` }
}
