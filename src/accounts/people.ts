/** A new person: identity, password and roles, as rows. */
import { assert, type CompanyId, type IdentityId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { passwordRow } from './credentials.ts'

export interface ArrivingPerson {
  readonly name: string
  /** Lower case, and shown to be theirs by the link they came with. */
  readonly email: string
  /** Argon2id in PHC form. */
  readonly passwordHash: string
}

/** The person's id; null when somebody has the address already. */
export async function insertPerson(
  unit: Pick<Work, 'db' | 'atMs'>,
  random: Random,
  { name, email, passwordHash }: ArrivingPerson,
): Promise<IdentityId | null> {
  const at = new Date(unit.atMs)
  const made = await unit.db
    .insertInto('identities')
    .values({
      ...{ id: random.uuid() as IdentityId, name, email, created_at: at, updated_at: at },
      ...{ email_verified: true, email_verified_at: at },
    })
    .onConflict((conflict) => conflict.column('email').doNothing())
    .returning('id')
    .executeTakeFirst()
  if (made === undefined) return null
  await unit.db
    .insertInto('credentials')
    .values(passwordRow(random, { identityId: made.id, hash: passwordHash, at }))
    .execute()
  return made.id
}

/** Note that an address is the person's own; they came with a link that only it was sent. */
export async function markVerified(
  unit: Pick<Work, 'db' | 'atMs'>,
  { identityId, email }: { identityId: IdentityId; email: string },
): Promise<boolean> {
  const at = new Date(unit.atMs)
  const marked = await unit.db
    .updateTable('identities')
    .set({ email_verified: true, email_verified_at: at, updated_at: at })
    .where('id', '=', identityId)
    // Somebody who has changed their address since confirms nothing of the new one.
    .where('email', '=', email)
    .where('email_verified', '=', false)
    .where('deleted_at', 'is', null)
    .returning('id')
    .executeTakeFirst()
  return marked !== undefined
}

/** Somebody known by their address; people who are gone count too, for their address is still taken. */
export function personByEmail(db: Pick<Work['db'], 'selectFrom'>, email: string) {
  return db
    .selectFrom('identities')
    .select(['id', 'name', 'language', 'email_verified', 'deleted_at'])
    .where('email', '=', email)
    .executeTakeFirst()
}

/** Name, address and language of somebody who is there. */
export async function personById(db: Pick<Work['db'], 'selectFrom'>, identityId: IdentityId) {
  const person = await db
    .selectFrom('identities')
    .select(['id', 'name', 'email', 'language', 'email_verified', 'deleted_at'])
    .where('id', '=', identityId)
    .executeTakeFirst()
  assert(person !== undefined, 'rows that point at a person go with them')
  return person
}

/** Names of companies a person works for: what their password shall not be built on. */
export async function companyNamesOf(
  db: Pick<Work['db'], 'selectFrom'>,
  whose: { readonly identityId: IdentityId } | { readonly companyId: CompanyId },
): Promise<string[]> {
  let query = db.selectFrom('companies').select('companies.name').distinct()
  query =
    'companyId' in whose
      ? query.where('companies.id', '=', whose.companyId)
      : query
          .innerJoin('memberships', 'memberships.company_id', 'companies.id')
          .where('memberships.identity_id', '=', whose.identityId)
  const rows = await query.limit(10).execute()
  return rows.map(({ name }) => name)
}
