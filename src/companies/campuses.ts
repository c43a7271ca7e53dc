/**
 * Campuses, and who belongs to them: those whose confirmed address has exactly one of the campus's domains behind its
 * @. Nothing is read into an address: a subdomain, a name that looks alike or a longer one is another domain.
 */
import { domainToASCII } from 'node:url'
import { type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'

export interface Campus {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly city: string
  /** IANA name. */
  readonly timeZone: string
}

/** A name of at least two labels in lower-case ASCII, as the database checks it. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$/
const LONGEST_DOMAIN = 253
/** What stands before the @ of an address that belongs to one person: no quotes, no second name after a plus. */
const LOCAL_PART = /^[a-z0-9!#$%&'*/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*/=?^_`{|}~-]+)*$/

/**
 * The domain by which an address may belong to a campus; null when it is written in a way that one mailbox can have
 * many of (plus, quotes), or that needs reading to be understood (other scripts, a dot at the end, capitals).
 */
export function campusDomainOf(email: string): string | null {
  const at = email.indexOf('@')
  const [local, domain] = [email.slice(0, at), email.slice(at + 1)]
  return at > 0 && LOCAL_PART.test(local) && isDomain(domain) ? domain : null
}

function isDomain(text: string): boolean {
  return text.length <= LONGEST_DOMAIN && DOMAIN.test(text)
}

/** A domain as an admin types it, as it is kept: lower-case, other scripts as punycode; null when it is none. */
export function keptDomain(typed: string): string | null {
  const text = typed.trim().replace(/^@/, '')
  // Whatever names more than a host (a path, a port, an address) is no domain, even where the URL rules would mend it.
  if (!/^[\p{L}\p{N}\p{M}.-]+$/u.test(text)) return null
  const ascii = domainToASCII(text.toLowerCase())
  // `1.2` and the like become IPv4 addresses.
  return isDomain(ascii) && !/^[\d.]+$/.test(ascii) ? ascii : null
}

const CAMPUS = ['campuses.id', 'slug', 'name', 'city', 'time_zone as timeZone'] as const

/** The campus an address would belong to once it is confirmed. */
export async function campusByEmail(db: Pick<Db, 'selectFrom'>, email: string): Promise<Campus | null> {
  const domain = campusDomainOf(email)
  if (domain === null) return null
  const campus = await db
    .selectFrom('campus_domains')
    .innerJoin('campuses', 'campuses.id', 'campus_domains.campus_id')
    .select(CAMPUS)
    .where('domain', '=', domain)
    .executeTakeFirst()
  return campus ?? null
}

/** The name of the campus an address would belong to. */
export async function campusNameOf(db: Pick<Db, 'selectFrom'>, email: string): Promise<string | null> {
  return (await campusByEmail(db, email))?.name ?? null
}

/** The campus whose rights a person has now: by the address they have confirmed, and by nothing else. */
export async function campusOf(db: Pick<Db, 'selectFrom'>, identityId: IdentityId): Promise<Campus | null> {
  const person = await db
    .selectFrom('identities')
    .select('email')
    .where('id', '=', identityId)
    .where('email_verified', '=', true)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return person === undefined ? null : campusByEmail(db, person.email)
}

export interface ListedCampus extends Campus {
  readonly domains: readonly string[]
  /** People with a confirmed address of one of its domains. */
  readonly people: number
}

/** Every campus by name, with its domains and how many people it has. */
export async function listCampuses(db: Db): Promise<ListedCampus[]> {
  const campuses = await db.selectFrom('campuses').select(CAMPUS).orderBy('name').orderBy('slug').execute()
  const domains = await db
    .selectFrom('campus_domains')
    .select(['domain', 'campus_id'])
    .orderBy('domain')
    .execute()
  const counts = await countPeople(
    db,
    domains.map(({ domain }) => domain),
  )
  return campuses.map((campus) => {
    const own = domains.filter(({ campus_id }) => campus_id === campus.id).map(({ domain }) => domain)
    return {
      ...campus,
      domains: own,
      people: own.reduce((sum, domain) => sum + (counts.get(domain) ?? 0), 0),
    }
  })
}

async function countPeople(db: Db, domains: readonly string[]): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  if (domains.length === 0) return counts
  const rows = await db
    .selectFrom('identities')
    .select(['email'])
    .where('email_verified', '=', true)
    .where('deleted_at', 'is', null)
    .where(({ eb, fn }) => eb(fn<string>('split_part', ['email', eb.val('@'), eb.val(2)]), 'in', domains))
    .execute()
  for (const { email } of rows) {
    const domain = campusDomainOf(email)
    if (domain !== null) counts.set(domain, (counts.get(domain) ?? 0) + 1)
  }
  return counts
}

export interface CampusDetails {
  readonly slug: string
  readonly name: string
  readonly city: string
  readonly timeZone: string
}

export type CampusRefusal = 'slug_taken' | 'not_found'

/** A new campus, without domains yet. */
export async function addCampus(
  unit: Work,
  random: Random,
  { timeZone, ...details }: CampusDetails,
): Promise<Result<string, 'slug_taken'>> {
  const made = await unit.db
    .insertInto('campuses')
    .values({ id: random.uuid(), ...details, time_zone: timeZone, created_at: new Date(unit.atMs) })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returning('id')
    .executeTakeFirst()
  return made === undefined ? refuse('slug_taken') : ok(made.id)
}

/** Change what a campus is called and where it is; its slug stays. */
export async function changeCampus(
  unit: Work,
  id: string,
  { name, city, timeZone }: Omit<CampusDetails, 'slug'>,
): Promise<Result<Campus, 'not_found'>> {
  const before = await unit.db
    .selectFrom('campuses')
    .select(CAMPUS)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  if (before === undefined) return refuse('not_found')
  await unit.db
    .updateTable('campuses')
    .set({ name, city, time_zone: timeZone })
    .where('id', '=', id)
    .execute()
  return ok(before)
}

/** Remove a campus with its domains: whoever was of it is not any more, at once. */
export async function removeCampus(unit: Work, id: string): Promise<Result<{ name: string }, 'not_found'>> {
  const gone = await unit.db.deleteFrom('campuses').where('id', '=', id).returning('name').executeTakeFirst()
  return gone === undefined ? refuse('not_found') : ok(gone)
}

/** Give a campus a domain; a domain belongs to one campus. */
export async function addDomain(
  unit: Work,
  campusId: string,
  domain: string,
): Promise<Result<null, 'not_found' | 'domain_taken'>> {
  const campus = await unit.db
    .selectFrom('campuses')
    .select('id')
    .where('id', '=', campusId)
    .forShare()
    .executeTakeFirst()
  if (campus === undefined) return refuse('not_found')
  const made = await unit.db
    .insertInto('campus_domains')
    .values({ domain, campus_id: campusId, created_at: new Date(unit.atMs) })
    .onConflict((conflict) => conflict.column('domain').doNothing())
    .returning('domain')
    .executeTakeFirst()
  return made === undefined ? refuse('domain_taken') : ok(null)
}

/** Take a domain off a campus. */
export async function removeDomain(
  unit: Work,
  campusId: string,
  domain: string,
): Promise<Result<null, 'not_found'>> {
  const gone = await unit.db
    .deleteFrom('campus_domains')
    .where('campus_id', '=', campusId)
    .where('domain', '=', domain)
    .returning('domain')
    .executeTakeFirst()
  return gone === undefined ? refuse('not_found') : ok(null)
}
