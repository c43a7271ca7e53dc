/** People who asked to drive for a company, until its office has decided. They ask in accounts/joining.ts. */
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'

export interface DriverApplication {
  readonly id: string
  readonly companyId: CompanyId
  readonly identityId: IdentityId
  readonly name: string
  readonly email: string
  readonly language: string
  readonly askedAtMs: number
}

/** More are looked at when these are decided. */
const MOST_SHOWN = 200

function open(db: Pick<Db, 'selectFrom'>) {
  return db
    .selectFrom('driver_applications as application')
    .innerJoin('identities', 'identities.id', 'application.identity_id')
    .select(['application.id', 'company_id', 'identity_id', 'name', 'email', 'language', 'asked_at'])
    .where('decided_at', 'is', null)
    .where('deleted_at', 'is', null)
}

function shown(
  row: Awaited<ReturnType<ReturnType<typeof open>['executeTakeFirstOrThrow']>>,
): DriverApplication {
  const { id, name, email, language, company_id: companyId, identity_id: identityId, asked_at } = row
  return { id, name, email, language, companyId, identityId, askedAtMs: asked_at.getTime() }
}

/** Those of these companies that nobody has decided, the oldest first. */
export async function openApplications(
  db: Pick<Db, 'selectFrom'>,
  companyIds: readonly CompanyId[],
): Promise<DriverApplication[]> {
  if (companyIds.length === 0) return []
  const rows = await open(db)
    .where('company_id', 'in', companyIds)
    .orderBy('asked_at')
    .limit(MOST_SHOWN)
    .execute()
  return rows.map(shown)
}

/** One that is still open. */
export async function findApplication(
  db: Pick<Db, 'selectFrom'>,
  id: string,
): Promise<DriverApplication | undefined> {
  const row = await open(db).where('application.id', '=', id).executeTakeFirst()
  return row && shown(row)
}

/** Note what was decided; false when somebody has decided already. */
export async function decideApplication(
  unit: Pick<Work, 'db' | 'atMs'>,
  decided: { id: string; approved: boolean; by: IdentityId },
): Promise<boolean> {
  const row = await unit.db
    .updateTable('driver_applications')
    .set({ decided_at: new Date(unit.atMs), decided_by: decided.by, approved: decided.approved })
    .where('id', '=', decided.id)
    .where('decided_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}
