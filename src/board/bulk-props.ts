/** How an act on many rides ended, a row a ride in words; for the board, for its page without scripts, and for programs. */
import type { BatchProps, BatchRow, BulkKind } from '../../views/board/bulk.ts'
import type { Region } from '../companies/companies.ts'
import { actsOfBatch } from '../dispatch/desk-acts.ts'
import type { IdentityId, RideId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { wordsFor } from '../rides/refusals.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import { whatHappened } from './stale.ts'
import { driverNames } from './store.ts'

/** Refusals that are told by what happened to the ride meanwhile. */
const BY_HISTORY: ReadonlySet<string> = new Set(['stale_ride', 'not_allowed_now', 'undo_overtaken'])

export interface BatchAsked {
  readonly batchId: string
  readonly kind: BulkKind
  readonly rows: readonly { readonly rideId: RideId; readonly refused: string | null }[]
}

/** Null where none of the rides is one of this desk. */
export async function readBatch(
  db: Db | Work['db'],
  region: Region,
  { batchId, kind, rows }: BatchAsked,
  { viewerId, nowMs }: { readonly viewerId: IdentityId; readonly nowMs: number },
): Promise<Omit<BatchProps, 'key'> | null> {
  if (rows.length === 0) return null
  const { companyId } = region
  const rides = await db
    .selectFrom('rides')
    .selectAll()
    .where('company_id', '=', companyId)
    .where('region_id', '=', region.id)
    .where(
      'id',
      'in',
      rows.map(({ rideId }) => rideId),
    )
    .execute()
  if (rides.length === 0) return null
  const byId = new Map<RideId, LoadedRide>(rides.map((ride) => [ride.id, ride]))
  const drivers = await driverNames(
    db,
    companyId,
    rides.flatMap((ride) => ride.driver_id ?? []),
  )
  const told: BatchRow[] = []
  for (const { rideId, refused } of rows) {
    const ride = byId.get(rideId)
    const car = (ride?.driver_id && drivers.get(ride.driver_id)?.callSign) || 'its driver'
    const of = { rideId, reference: ride === undefined ? null : referenceOf(ride), refused }
    if (ride === undefined) told.push({ ...of, words: 'There is no such ride at this desk.' })
    else if (refused === null) told.push({ ...of, words: DONE[kind](car) })
    else if (BY_HISTORY.has(refused))
      told.push({ ...of, words: await whatHappened(db, ride, { viewerId, nowMs }) })
    else told.push({ ...of, words: wordsFor(refused) })
  }
  const acts = (await actsOfBatch(db, companyId, batchId)).filter(
    (act) => act.undone_at === null && act.undo_until.getTime() > nowMs && act.actor_id === viewerId,
  )
  const untilMs = acts[0]?.undo_until.getTime() ?? null
  return { batchId, kind, nowMs, rows: told, undoUntilMs: kind === 'undo' ? null : untilMs }
}

const DONE: Readonly<Record<BulkKind, (car: string) => string>> = {
  assign: (car) => `Given to ${car}.`,
  merge: () => 'Goes together with the others: the nearest car is asked for all of them.',
  release: () => 'Taken from its driver; the engine looks on.',
  hold: () => 'Put off.',
  cancel: () => 'Cancelled.',
  message: (car) => `${car} was written to.`,
  undo: () => 'As it was.',
}
