/**
 * What a desk did to a ride a moment ago: kept with how the ride was before, so that whoever did it can take it back for
 * some seconds, and so that a driver who lost a ride by it reads why. A day later the row is gone; what stays is the
 * ride's history and the audit trail.
 */
import type { Kysely, Selectable, UpdateObject } from 'kysely'
import type { CompanyId, DriverId, IdentityId, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { DeskActKind, DeskActRow, RideBefore } from '../io/tables/desk-acts.ts'
import type { Tables } from '../io/tables.ts'
import type { LoadedRide } from '../rides/rides.ts'

export type LoadedDeskAct = Selectable<DeskActRow>

/** Long enough to see the mistake, short enough that nobody has built on it. */
export const UNDO_MS = 10_000
/** A driver who looks up from the road after some minutes still reads why the ride is gone. */
const TAKEN_SAID_MS = 3 * 60_000
const KEPT_MS = 24 * 3_600_000

const MOMENTS = new Set([
  ...['deadline_at', 'rescue_at', 'wider_at', 'put_off_until', 'letter_due_at'],
  ...['scheduled_for', 'release_at', 'requested_at', 'latest_pickup_at', 'latest_dropoff_at'],
])

/** The columns of a ride by name, to be put back by `columnsBefore`. */
export function keptColumns(ride: LoadedRide, names: readonly (keyof LoadedRide)[]): RideBefore['columns'] {
  return Object.fromEntries(names.map((name) => [name, ride[name]]))
}

/** What an act kept of a ride, as an update that puts it back. */
export function columnsBefore(before: Pick<RideBefore, 'columns'>): UpdateObject<Tables, 'rides'> {
  return Object.fromEntries(
    Object.entries(before.columns).map(([name, value]) => [
      name,
      MOMENTS.has(name) && typeof value === 'string' ? new Date(value) : value,
    ]),
  )
}

/** Keep an act, in the unit of work that did it. `after` is the ride as it made it. */
export async function keepAct(
  unit: Work,
  random: Random,
  kept: {
    readonly kind: DeskActKind
    readonly actorId: IdentityId
    readonly batchId: string | null
    readonly after: LoadedRide
    readonly before: RideBefore
    /** Whom the ride was taken from, and what they read about it. */
    readonly took?: { readonly driverId: DriverId; readonly reason: string } | null
  },
): Promise<LoadedDeskAct> {
  const { after, took = null } = kept
  return unit.db
    .insertInto('desk_acts')
    .values({
      company_id: after.company_id,
      id: random.uuid(),
      region_id: after.region_id,
      ride_id: after.id,
      actor_id: kept.actorId,
      kind: kept.kind,
      batch_id: kept.batchId,
      at: new Date(unit.atMs),
      undo_until: new Date(unit.atMs + UNDO_MS),
      ride_version: after.version,
      before: JSON.stringify(kept.before),
      driver_id: took?.driverId ?? null,
      reason: took?.reason ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
}

/** The newest act of a person that can still be taken back; undefined where there is none. */
export function openActOf(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { actorId, nowMs }: { actorId: IdentityId; nowMs: number },
): Promise<LoadedDeskAct | undefined> {
  return db
    .selectFrom('desk_acts')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('actor_id', '=', actorId)
    .where('undone_at', 'is', null)
    .where('undo_until', '>', new Date(nowMs))
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** All acts of one choice of many rides. */
export function actsOfBatch(
  db: Kysely<Tables>,
  companyId: CompanyId,
  batchId: string,
): Promise<LoadedDeskAct[]> {
  return db
    .selectFrom('desk_acts')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('batch_id', '=', batchId)
    .orderBy('ride_id')
    .limit(1_000)
    .execute()
}

/** All rides that an act was about, in the order in which they are locked. */
export function ridesOfAct(act: Pick<LoadedDeskAct, 'ride_id' | 'before'>): RideId[] {
  return [act.ride_id, ...(act.before.together ?? []).map(({ rideId }) => rideId)].toSorted()
}

/** The act as it stands; undefined where the company has none of that id. */
export function findAct(
  db: Kysely<Tables>,
  companyId: CompanyId,
  id: string,
): Promise<LoadedDeskAct | undefined> {
  return actNamed(db, companyId, id).executeTakeFirst()
}

/** The act, locked; after the lock of its ride. */
export function lockAct(unit: Work, companyId: CompanyId, id: string): Promise<LoadedDeskAct | undefined> {
  return actNamed(unit.db, companyId, id).forUpdate().executeTakeFirst()
}

function actNamed(db: Kysely<Tables>, companyId: CompanyId, id: string) {
  return db.selectFrom('desk_acts').selectAll().where('company_id', '=', companyId).where('id', '=', id)
}

export async function markUndone(unit: Work, act: LoadedDeskAct): Promise<void> {
  await unit.db
    .updateTable('desk_acts')
    .set({ undone_at: new Date(unit.atMs) })
    .where('id', '=', act.id)
    .execute()
}

/** The ride that a desk took from a driver a moment ago, and why; undefined where it did not, or gave it back. */
export function takenByDesk(
  db: Kysely<Tables>,
  companyId: CompanyId,
  { driverId, nowMs }: { driverId: DriverId; nowMs: number },
): Promise<{ at: Date; reason: string | null; number: number } | undefined> {
  return db
    .selectFrom('desk_acts')
    .innerJoin('rides', 'rides.id', 'desk_acts.ride_id')
    .select(['desk_acts.at', 'desk_acts.reason', 'rides.number'])
    .where('desk_acts.company_id', '=', companyId)
    .where('desk_acts.driver_id', '=', driverId)
    .where('desk_acts.at', '>', new Date(nowMs - TAKEN_SAID_MS))
    .where('desk_acts.undone_at', 'is', null)
    .orderBy('desk_acts.at', 'desc')
    .orderBy('desk_acts.id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export async function forgetOldDeskActs(db: Kysely<Tables>, nowMs: number): Promise<void> {
  await db
    .deleteFrom('desk_acts')
    .where('at', '<', new Date(nowMs - KEPT_MS))
    .execute()
}
