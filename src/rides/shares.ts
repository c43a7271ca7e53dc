/**
 * The link by which others follow a ride. Its token is an HMAC of a random salt, so it can be shown again to who made
 * it without being kept: of the token itself only the hash stands in the database.
 */
import { createHash, createHmac } from 'node:crypto'
import { sql } from 'kysely'
import { hasOpenRun } from '../engine/ride.ts'
import { type IdentityId, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { findRide, type LoadedRide, lockRide } from './store.ts'

const SALT_BYTES = 32

export interface RideShare {
  readonly openedAtMs: number
  /** Null where the secret it was made with is not ours any more: the link works, only we cannot say it again. */
  readonly token: string | null
}

/** Newest first, as sessions are signed: an older one still says links that were made with it. */
type Secrets = readonly string[]

/**
 * Open a link for a ride under way. One that is open stays as it is, so many presses make one link; after an end it is
 * another one, and the old one opens nothing.
 */
export async function openShare(
  unit: Work,
  { random, secrets }: { readonly random: Random; readonly secrets: Secrets },
  asked: { readonly ride: LoadedRide; readonly identityId: IdentityId },
): Promise<Result<null, 'not_found' | 'not_allowed_now'>> {
  const ride = await lockRide(unit.db, asked.ride.company_id, asked.ride.id)
  if (ride === undefined) return refuse('not_found')
  if (!hasOpenRun(ride.state)) return refuse('not_allowed_now')
  const open = await shareOf(unit.db, secrets, ride)
  if (open !== null && open.token !== null) return ok(null)
  const salt = Buffer.from(random.bytes(SALT_BYTES)).toString('base64url')
  const made = {
    ...{ identity_id: asked.identityId, salt, token_hash: hashOf(tokenOf(secrets[0] ?? '', salt)) },
    ...{ opened_at: new Date(unit.atMs), ended_at: null },
  }
  await unit.db
    .insertInto('ride_shares')
    .values({ company_id: ride.company_id, ride_id: ride.id, ...made })
    .onConflict((conflict) => conflict.column('ride_id').doUpdateSet(made))
    .execute()
  tellNoted(unit, ride)
  return ok(null)
}

/** From now on the link opens nothing. */
export async function endShare(unit: Work, ride: LoadedRide): Promise<void> {
  await unit.db
    .updateTable('ride_shares')
    // A unit's instant is of its beginning, and another one may have opened the link since.
    .set({ ended_at: sql<Date>`greatest(opened_at, ${new Date(unit.atMs)})` })
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('ended_at', 'is', null)
    .execute()
  tellNoted(unit, ride)
}

/** The open link of a ride, for who rides; null where there is none. */
export async function shareOf(
  db: Db | Work['db'],
  secrets: Secrets,
  ride: Pick<LoadedRide, 'company_id' | 'id' | 'state'>,
): Promise<RideShare | null> {
  if (!isShowable(ride)) return null
  const row = await db
    .selectFrom('ride_shares')
    .select(['salt', 'token_hash', 'opened_at'])
    .where('company_id', '=', ride.company_id)
    .where('ride_id', '=', ride.id)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) return null
  const tokens = secrets.map((secret) => tokenOf(secret, row.salt))
  const token = tokens.find((said) => hashOf(said) === row.token_hash) ?? null
  return { openedAtMs: row.opened_at.getTime(), token }
}

/** The ride that a token opens; undefined for a token that is none, of an ended link and of an ended ride alike. */
export async function rideSharedBy(db: Db, token: string): Promise<LoadedRide | undefined> {
  const row = await db
    .selectFrom('ride_shares')
    .select(['company_id', 'ride_id'])
    .where('token_hash', '=', hashOf(token))
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  const ride = row && (await findRide(db, row.company_id, row.ride_id))
  return ride !== undefined && isShowable(ride) ? ride : undefined
}

/** Under way, or looking for another driver after one gave it back. */
function isShowable({ state }: Pick<LoadedRide, 'state'>): boolean {
  return hasOpenRun(state) || state === 'requested'
}

function tokenOf(secret: string, salt: string): string {
  return createHmac('sha256', secret).update(`ride share ${salt}`).digest('base64url')
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** The pages of who rides say that a link is open, or not any more. */
function tellNoted(unit: Work, ride: LoadedRide): void {
  unit.tell({
    type: 'ride.noted',
    companyId: ride.company_id,
    regionId: ride.region_id,
    rideId: ride.id,
    driverId: null,
    alertId: null,
  })
}
