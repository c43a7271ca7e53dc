/** What waits for somebody of the back office: counted, with the way to it. */
import { type Kysely, sql } from 'kysely'
import { signInTries } from '../accounts/lockout.ts'
import type { Tables } from '../io/tables.ts'
import type { Handles } from './people-read.ts'
import type { OfficeScope } from './scope.ts'

export interface Waiting {
  readonly licences: number
  readonly applications: number
  /** By riders, and not answered. */
  readonly reports: number
  /** Letters that nobody tries to send any more. */
  readonly deadLetters: number
  /** People who cannot sign in after wrong tries. */
  readonly lockedOut: readonly { readonly id: string; readonly name: string }[]
}

/** More addresses than a company's admin could look at are not counted. */
const MOST_LOOKED_AT = 5_000

export async function whatWaits(
  { db, system }: Handles,
  scope: OfficeScope,
  nowMs: number,
): Promise<Waiting> {
  return {
    licences: await countIn(db, scope, sql`select count(*) from licences where state = 'submitted'`),
    applications: await countIn(
      db,
      scope,
      sql`select count(*) from driver_applications where decided_at is null`,
    ),
    // Only who works at the company may open them.
    reports: scope.platform
      ? 0
      : await countIn(
          db,
          scope,
          sql`select count(*) from ride_cases where kind = 'problem' and state = 'open'`,
        ),
    deadLetters: await countIn(system, scope, sql`select count(*) from notices where state = 'dead'`),
    lockedOut: await lockedOut({ db, system }, scope, nowMs),
  }
}

async function countIn(
  db: Kysely<Tables>,
  { platform, companyIds }: OfficeScope,
  query: ReturnType<typeof sql>,
): Promise<number> {
  const within = platform ? sql`` : sql` and company_id = any(${[...companyIds]}::uuid[])`
  const { rows } = await sql<{ count: string }>`${query}${within}`.execute(db)
  return Number(rows[0]?.count ?? 0)
}

/** Locks are kept by a hash of the address, so that they are found by asking for each person's. */
async function lockedOut({ db, system }: Handles, scope: OfficeScope, nowMs: number) {
  const locks = await system
    .selectFrom('sign_in_tries')
    .select('key')
    .where('locked_until', '>', new Date(nowMs))
    .limit(MOST_LOOKED_AT)
    .execute()
  if (locks.length === 0) return []
  const keys = new Set<string>(locks.map(({ key }) => key))
  let people = db
    .selectFrom('identities')
    .select(['id', 'name', 'email'])
    .where('deleted_at', 'is', null)
    .orderBy('name')
    .limit(MOST_LOOKED_AT)
  if (!scope.platform)
    people = people.where('id', 'in', (eb) =>
      eb
        .selectFrom('memberships')
        .select('identity_id')
        .where('company_id', 'in', [...scope.companyIds]),
    )
  return (await people.execute()).filter(({ email }) => keys.has(signInTries(email)))
}
