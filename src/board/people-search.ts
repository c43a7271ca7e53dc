/**
 * Who has ridden with a company, works there or rang it, by parts of name, e-mail and number; quick however many people
 * there are, and however many of them the words fit.
 *
 * Row-level security asks its own question before any that could tell of a row, and so before any index of letters: the
 * search sees all rows, names the company itself, and what it found is read through the wall.
 */
import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely'
import type { CompanyId, IdentityId } from '../engine/units.ts'
import type { Tables } from '../io/tables.ts'
import { hasIndex } from './search-words.ts'

/** Of so many it is looked up when each of them rode last. */
const FEW = 300
/** Where words fit more, who rode last is among the riders of so many newest rides of a region. */
const NEWEST_RIDES = 3_000

interface Asked {
  readonly companyId: CompanyId
  /** Patterns for `ilike`, all of which have to fit. */
  readonly parts: readonly string[]
  readonly most: number
}

/**
 * Their ids, whoever rode last first. Words of one or two letters, which no index knows, find those who rode lately and
 * those who work there.
 */
export async function peopleByLetters(
  system: Kysely<Tables>,
  companyId: CompanyId,
  { parts, most }: Pick<Asked, 'parts' | 'most'>,
): Promise<IdentityId[]> {
  if (parts.length === 0) return []
  const asked = { companyId, parts, most }
  const found = hasIndex(parts) ? await whoFits(system, asked) : await staffThatFits(system, asked)
  if (found.length <= FEW && hasIndex(parts)) return byLastRide(system, asked, found)
  const lately = await whoRodeLately(system, asked)
  const rest = found.filter((id) => !lately.includes(id))
  if (lately.length >= most || rest.length === 0) return lately
  return [...lately, ...(await byLastRide(system, asked, rest))].slice(0, most)
}

/**
 * One more than a few, where there are. Each is looked up by itself: an "exists" would be made into a list of all who
 * ever rode first.
 */
async function whoFits(system: Kysely<Tables>, { companyId, parts }: Asked): Promise<IdentityId[]> {
  const { rows } = await sql<{ id: IdentityId }>`
    select i.id from identities i
    where i.deleted_at is null and ${fits(parts)} and (
      (select true from rides r where r.rider_id = i.id and r.company_id = ${companyId} limit 1)
      or (select true from memberships m where m.identity_id = i.id and m.company_id = ${companyId} limit 1)
      or (select true from company_callers c where c.identity_id = i.id and c.company_id = ${companyId} limit 1))
    limit ${FEW + 1}`.execute(system)
  return rows.map(({ id }) => id)
}

async function staffThatFits(system: Kysely<Tables>, { companyId, parts }: Asked): Promise<IdentityId[]> {
  const { rows } = await sql<{ id: IdentityId }>`
    select i.id from memberships m join identities i on i.id = m.identity_id
    where m.company_id = ${companyId} and i.deleted_at is null and ${fits(parts)}
    limit ${FEW}`.execute(system)
  return rows.map(({ id }) => id)
}

async function whoRodeLately(
  system: Kysely<Tables>,
  { companyId, parts, most }: Asked,
): Promise<IdentityId[]> {
  const { rows } = await sql<{ id: IdentityId }>`
    select fitting.id from (
      select newest.rider_id as id, max(newest.requested_at) as at
      from regions g cross join lateral (
        select r.rider_id, r.requested_at from rides r
        where r.region_id = g.id order by r.requested_at desc limit ${NEWEST_RIDES}) newest
      where g.company_id = ${companyId}
      group by newest.rider_id
      order by at desc, id) riders
    -- One by one in that order, until there are enough.
    cross join lateral (
      select i.id from identities i
      where i.id = riders.id and i.deleted_at is null and ${fits(parts)} limit 1) fitting
    order by riders.at desc, riders.id limit ${most}`.execute(system)
  return rows.map(({ id }) => id)
}

async function byLastRide(
  system: Kysely<Tables>,
  { companyId, most }: Asked,
  ids: readonly IdentityId[],
): Promise<IdentityId[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<{ id: IdentityId }>`
    select i.id from identities i left join lateral (
      select max(r.requested_at) as at from rides r where r.rider_id = i.id and r.company_id = ${companyId}) rode on true
    where i.id = any(${[...ids]}::uuid[])
    order by rode.at desc nulls last, i.name limit ${most}`.execute(system)
  return rows.map(({ id }) => id)
}

function fits(parts: readonly string[]): RawBuilder<SqlBool> {
  const letters = sql`i.name || ' ' || i.email || ' ' || coalesce(i.phone, '')`
  return sql<SqlBool>`${sql.join(
    parts.map((part) => sql`(${letters}) ilike ${part}`),
    sql` and `,
  )}`
}
