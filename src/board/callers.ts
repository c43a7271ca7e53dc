/** Who rings: people who have ridden with the company or work there, what a desk may know of them, and who is new. */
import { type Kysely, sql } from 'kysely'
import { type CompanyId, type IdentityId, type LatLng, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'
import { peopleByLetters } from './people-search.ts'
import { partsOf } from './search-words.ts'

export interface Caller {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
  /** E.164, or null where they gave none. */
  readonly phone: string | null
  /** Set while the company carries them no more: why, and until when; null means until somebody lifts it. */
  readonly blocked: { readonly reason: string | null; readonly untilMs: number | null } | null
}

export interface CallersPlace {
  readonly label: string
  readonly point: LatLng
}

export interface CallersRide {
  readonly atMs: number
  readonly from: CallersPlace
  readonly to: CallersPlace
}

/** More than one reads out on the phone. */
const FOUND_MOST = 6
/** As many as there are keys for. */
const PLACES_MOST = 4
const RIDES_LOOKED_AT = 30

export function isBlocked(caller: Pick<Caller, 'blocked'>): boolean {
  return caller.blocked !== null
}

/** The desk's two handles: what finds by letters, and what the viewer may see. */
export interface Readers {
  /** Sees every row; gives out ids alone, of one company. */
  readonly system: Kysely<Tables>
  readonly db: Kysely<Tables>
}

/** Those whose number, address or name has all of these words; whoever rode last comes first, and who is blocked too. */
export async function peopleFound(
  { system, db }: Readers,
  companyId: CompanyId,
  { text, at, most = FOUND_MOST }: { text: string; at: Date; most?: number },
): Promise<Caller[]> {
  const ids = await peopleByLetters(system, companyId, { parts: partsOf(digitsOf(text) ?? text), most })
  if (ids.length === 0) return []
  const people = await callers(db, companyId, at).where('identities.id', 'in', ids).execute()
  const byId = new Map(people.map((person) => [person.id, person]))
  return ids.flatMap((id) => {
    const person = byId.get(id)
    return person === undefined ? [] : [callerOf(person)]
  })
}

/** The digits of a number, whole or in part; null for names and addresses. */
function digitsOf(text: string): string | null {
  const digits = text.replaceAll(/[\s().\u2010-\u2015/-]/gu, '').replace(/^00/, '+')
  return /^\+?\d{3,15}$/.test(digits) ? digits : null
}

/** One of them; undefined for who has never ridden with the company. */
export async function findCaller(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { id, at }: { id: IdentityId; at: Date },
): Promise<Caller | undefined> {
  const person = await callers(db, companyId, at).where('identities.id', '=', id).executeTakeFirst()
  return person === undefined ? undefined : callerOf(person)
}

function callers(db: Kysely<Tables>, companyId: CompanyId, at: Date) {
  return db
    .selectFrom('identities')
    .leftJoin('company_bans', (join) =>
      join
        .onRef('company_bans.identity_id', '=', 'identities.id')
        .on('company_bans.company_id', '=', companyId)
        .on(({ or, eb }) => or([eb('company_bans.until', 'is', null), eb('company_bans.until', '>', at)])),
    )
    .select(['identities.id', 'identities.name', 'identities.email', 'identities.phone'])
    .select(['company_bans.identity_id as banned', 'company_bans.reason', 'company_bans.until'])
    .where('identities.deleted_at', 'is', null)
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
        exists(
          selectFrom('company_callers')
            .select('company_callers.identity_id')
            .whereRef('company_callers.identity_id', '=', 'identities.id')
            .where('company_callers.company_id', '=', companyId),
        ),
      ]),
    )
}

interface CallerRow {
  readonly id: IdentityId
  readonly name: string
  readonly email: string
  readonly phone: string | null
  readonly banned: IdentityId | null
  readonly reason: string | null
  readonly until: Date | null
}

function callerOf({ banned, reason, until, ...person }: CallerRow): Caller {
  return {
    ...person,
    blocked: banned === null ? null : { reason, untilMs: until?.getTime() ?? null },
  }
}

/**
 * Where somebody went and was lately with this company, each place once, up to four; and their last ride. What they
 * saved under a name of their own is theirs alone and not told to a desk.
 */
export async function habitsOf(
  db: Kysely<Tables>,
  companyId: CompanyId,
  id: IdentityId,
): Promise<{ places: CallersPlace[]; lastRide: CallersRide | null }> {
  const rides = await lastRides(db, companyId, id)
  const places = new Map<string, CallersPlace>()
  for (const { from, to } of rides)
    for (const place of [from, to]) if (!places.has(place.label)) places.set(place.label, place)
  return { places: [...places.values()].slice(0, PLACES_MOST), lastRide: rides[0] ?? null }
}

async function lastRides(
  db: Kysely<Tables>,
  companyId: CompanyId,
  riderId: IdentityId,
): Promise<CallersRide[]> {
  const rows = await db
    .selectFrom('rides')
    .select(['pickup_label', 'pickup_lat', 'pickup_lng', 'dropoff_label', 'dropoff_lat', 'dropoff_lng'])
    .select('requested_at')
    .where('company_id', '=', companyId)
    .where('rider_id', '=', riderId)
    .orderBy('requested_at', 'desc')
    .limit(RIDES_LOOKED_AT)
    .execute()
  return rows.map((ride) => ({
    atMs: ride.requested_at.getTime(),
    from: placeAt(ride.pickup_label, ride.pickup_lat, ride.pickup_lng),
    to: placeAt(ride.dropoff_label, ride.dropoff_lat, ride.dropoff_lng),
  }))
}

function placeAt(label: string, lat: number, lng: number): CallersPlace {
  return { label, point: { lat, lng } }
}

/** One at a time gives a number to somebody: two desks that answer the same person at once make one of them. */
export async function holdNumber(
  unit: Work,
  { companyId, phone }: { companyId: CompanyId; phone: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`caller ${companyId} ${phone}`}, 0))`.execute(
    unit.db,
  )
}

/** Whether somebody whom the company knows has this number. */
export async function isKnownNumber(
  db: Kysely<Tables>,
  { companyId, phone, atMs }: { companyId: CompanyId; phone: string; atMs: number },
): Promise<boolean> {
  const known = await callers(db, companyId, new Date(atMs))
    .where('identities.phone', '=', phone)
    .executeTakeFirst()
  return known !== undefined
}

/**
 * Somebody who rings for the first time, kept with their first ride: in the unit that books it.
 * @returns `known` where a caller of the company has this number already: choose them
 */
export async function addCaller(
  unit: Work,
  random: Random,
  { companyId, name, phone }: { companyId: CompanyId; name: string; phone: string },
): Promise<Result<IdentityId, 'known'>> {
  await holdNumber(unit, { companyId, phone })
  if (await isKnownNumber(unit.db, { companyId, phone, atMs: unit.atMs })) return refuse('known')
  const at = new Date(unit.atMs)
  const id = random.uuid() as IdentityId
  // Nothing is read back: the wall shows a new person to nobody before the next row says whose caller they are.
  await unit.db
    .insertInto('identities')
    .values({ id, name, email: `caller-${id}@phone.invalid`, phone, created_at: at, updated_at: at })
    .execute()
  await unit.db
    .insertInto('company_callers')
    .values({ company_id: companyId, identity_id: id, added_at: at })
    .execute()
  return ok(id)
}
