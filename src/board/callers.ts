/** Whom a desk may book for: people who have ridden with the company or work there, and are welcome. */
import { type Kysely, sql } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'

export interface Caller {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
}

/** More than one reads out on the phone. */
const FOUND_MOST = 6

function callers(db: Kysely<Tables>, companyId: CompanyId, at: Date) {
  return db
    .selectFrom('identities')
    .select(['id', 'name', 'email'])
    .where('deleted_at', 'is', null)
    .where(({ or, exists, selectFrom }) =>
      or([
        exists(
          selectFrom('rides')
            .select('rides.id')
            .whereRef('rides.rider_id', '=', 'identities.id')
            .where('rides.company_id', '=', companyId),
        ),
        exists(
          selectFrom('memberships')
            .select('memberships.identity_id')
            .whereRef('memberships.identity_id', '=', 'identities.id')
            .where('memberships.company_id', '=', companyId),
        ),
      ]),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('company_bans')
            .select('company_bans.identity_id')
            .whereRef('company_bans.identity_id', '=', 'identities.id')
            .where('company_bans.company_id', '=', companyId)
            .where(({ or, eb }) => or([eb('until', 'is', null), eb('until', '>', at)])),
        ),
      ),
    )
}

/** Those whose address or number this is, or whose name holds these words; by name. */
export function findCallers(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { text, at }: { text: string; at: Date },
): Promise<Caller[]> {
  const part = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`
  return callers(db, companyId, at)
    .where(({ or, eb }) =>
      or([eb(sql`lower(email)`, '=', text.toLowerCase()), eb('phone', '=', text), eb('name', 'ilike', part)]),
    )
    .orderBy('name')
    .limit(FOUND_MOST)
    .execute()
}

export function findCaller(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { id, at }: { id: IdentityId; at: Date },
): Promise<Caller | undefined> {
  return callers(db, companyId, at).where('id', '=', id).executeTakeFirst()
}
