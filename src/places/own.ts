/** A rider's own places: those they saved under a name, and where their rides began and ended lately. */
import { type Kysely, sql } from 'kysely'
import type { OwnPlacesProps, SavedKind, SavedPlaceProps } from '../../views/rides/own-places.ts'
import { type CompanyId, type IdentityId, type LatLng, ok, type Result, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { Tables } from '../io/tables.ts'

/** More would be an address book, and a list to search instead of to see. */
export const MOST_SAVED = 20
const MOST_RECENT = 6
/** Beyond these rides nothing is recent; it bounds the look. */
const RIDES_LOOKED_AT = 40

/** Saved and recent places of somebody; none of a visitor. What is saved is not told again as recent. */
export async function ownPlaces(
  db: Kysely<Tables>,
  companyId: CompanyId,
  identityId: IdentityId | null,
): Promise<OwnPlacesProps> {
  if (identityId === null) return { saved: [], recent: [] }
  const [saved, recent] = await Promise.all([
    savedPlaces(db, identityId),
    recentPlaces(db, companyId, identityId),
  ])
  const known = new Set(saved.map(({ label }) => label))
  return { saved, recent: recent.filter(({ label }) => !known.has(label)).slice(0, MOST_RECENT) }
}

/** What somebody saved: home, work, then the others as they came. */
export async function savedPlaces(db: Kysely<Tables>, identityId: IdentityId): Promise<SavedPlaceProps[]> {
  const rows = await db
    .selectFrom('saved_places')
    .select(['id', 'kind', 'name', 'label', 'lat', 'lng'])
    .where('identity_id', '=', identityId)
    .orderBy(sql`array_position(array['home', 'work', 'other'], kind)`)
    .orderBy('created_at')
    .limit(MOST_SAVED)
    .execute()
  return rows.map(({ lat, lng, ...row }) => ({ ...row, point: { lat, lng } }))
}

/** Ends of their last rides with a company, each place once, the newest first. */
async function recentPlaces(
  db: Kysely<Tables>,
  companyId: CompanyId,
  identityId: IdentityId,
): Promise<{ label: string; point: LatLng }[]> {
  const rides = await db
    .selectFrom('rides')
    .select(['pickup_label', 'pickup_lat', 'pickup_lng', 'dropoff_label', 'dropoff_lat', 'dropoff_lng'])
    .where('company_id', '=', companyId)
    .where('rider_id', '=', identityId)
    .orderBy('requested_at', 'desc')
    .limit(RIDES_LOOKED_AT)
    .execute()
  const places = new Map<string, LatLng>()
  for (const ride of rides) {
    // Where they went before where they were: it is the likelier place to go to.
    add(ride.dropoff_label, { lat: ride.dropoff_lat, lng: ride.dropoff_lng })
    add(ride.pickup_label, { lat: ride.pickup_lat, lng: ride.pickup_lng })
  }
  return [...places].map(([label, point]) => ({ label, point }))

  function add(label: string, point: LatLng): void {
    if (!places.has(label)) places.set(label, point)
  }
}

export interface PlaceToSave {
  readonly kind: SavedKind
  /** How its owner calls it. */
  readonly name: string
  readonly label: string
  readonly point: LatLng
}

/**
 * Save a place. There is one home and one work: saving another one replaces it.
 * @returns `too_many` from MOST_SAVED on
 */
export async function savePlace(
  unit: Work,
  random: Random,
  { identityId, place }: { identityId: IdentityId; place: PlaceToSave },
): Promise<Result<string, 'too_many'>> {
  // Two at once wait for each other, or both would be the last that fits.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`saved places ${identityId}`}, 0))`.execute(
    unit.db,
  )
  const saved = await savedPlaces(unit.db, identityId)
  const { kind, name, label, point } = place
  const before = kind === 'other' ? undefined : saved.find((known) => known.kind === kind)
  if (before !== undefined) {
    await unit.db
      .updateTable('saved_places')
      .set({ name, label, ...point })
      .where('id', '=', before.id)
      .where('identity_id', '=', identityId)
      .execute()
    return ok(before.id)
  }
  if (saved.length >= MOST_SAVED) return refuse('too_many')
  const id = random.uuid()
  await unit.db
    .insertInto('saved_places')
    .values({
      ...{ id, identity_id: identityId, kind, name, label, lat: point.lat, lng: point.lng },
      created_at: new Date(unit.atMs),
    })
    .execute()
  return ok(id)
}

/** Give a saved place another name; false when it is not theirs or not there. */
export async function renamePlace(
  unit: Work,
  { identityId, id, name }: { identityId: IdentityId; id: string; name: string },
): Promise<boolean> {
  const renamed = await unit.db
    .updateTable('saved_places')
    .set({ name })
    .where('id', '=', id)
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  return renamed.numUpdatedRows > 0n
}

/** Forget a saved place; false when it is not theirs or not there. */
export async function removePlace(
  unit: Work,
  { identityId, id }: { identityId: IdentityId; id: string },
): Promise<boolean> {
  const removed = await unit.db
    .deleteFrom('saved_places')
    .where('id', '=', id)
    .where('identity_id', '=', identityId)
    .executeTakeFirst()
  return removed.numDeletedRows > 0n
}
