/**
 * One act on many rides at once: each ride by itself, done or refused with its reason, all in one unit of work and under
 * one batch, by which what was done is taken back together.
 */
import { sql } from 'kysely'
import { record } from '../audit/audit.ts'
import { sendToDrivers } from '../chat/desk-messages.ts'
import type { Region } from '../companies/companies.ts'
import { actsOfBatch, ridesOfAct } from '../dispatch/desk-acts.ts'
import { idsTogether } from '../dispatch/merged-state.ts'
import { offersOfRide } from '../dispatch/offers.ts'
import type { PutOffMinutes } from '../engine/rescue.ts'
import { hasOpenRun } from '../engine/ride.ts'
import { type DriverId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { News } from '../io/bus.ts'
import type { Work } from '../io/commit.ts'
import { type LoadedRide, lockRide } from '../rides/rides.ts'
import { type ActRefusal, cancel, type Hand, hold, type Meant, release } from './acts.ts'
import { assign } from './assign.ts'
import { type MergeRefusal, mergeAll } from './merge.ts'
import { type BoardDeps, CANDIDATES, candidatesFor } from './read.ts'
import { type UndoRefusal, undo } from './undo.ts'

/** As many as a table lists. */
export const BULK_MOST = 100

/** What is done to each ride of a choice. */
export type BulkAct =
  | { readonly kind: 'assign' }
  | { readonly kind: 'merge' }
  | { readonly kind: 'release'; readonly reason: string }
  | { readonly kind: 'hold'; readonly minutes: PutOffMinutes }
  | { readonly kind: 'cancel'; readonly reason: string; readonly words?: string | undefined }
  | { readonly kind: 'message'; readonly text: string; readonly mustRead: boolean }

export type BulkRefusal = ActRefusal | UndoRefusal | MergeRefusal | 'no_car_near' | 'nobody_drives'

/** How it ended for one ride: null is done. */
export interface BulkOutcome {
  readonly rideId: RideId
  readonly refused: BulkRefusal | null
}

type Batch = Hand & { readonly batchId: string }
type OneByOne = (unit: Work, ride: Meant) => Promise<Result<unknown, BulkRefusal>>

/**
 * Do `act` to each ride, in the unit of work. All are locked first in the order of their ids, so that two choices that
 * overlap wait for each other and never in a circle; where cars are given out, who asked first chooses first.
 * @param meant each ride once, with the version that was looked at
 */
export async function actOnMany(
  unit: Work,
  hand: Batch,
  deps: BoardDeps,
  { act, meant }: { readonly act: BulkAct; readonly meant: readonly Meant[] },
): Promise<BulkOutcome[]> {
  const ids = meant.map(({ rideId }) => rideId)
  const locked = await lockAll(
    unit,
    hand,
    // Merged rides go to one driver, those that were not marked too.
    act.kind === 'assign' ? await idsTogether(unit.db, hand.companyId, ids) : ids,
  )
  if (act.kind === 'message') return tellDrivers(unit, hand, act, meant, locked)
  if (act.kind === 'merge') return mergeAll(unit, hand, deps, { meant, locked })
  const stale = meant.filter(
    ({ rideId, version }) => version !== undefined && version !== locked.get(rideId)?.version,
  )
  const one = oneOf(
    hand,
    deps,
    act,
    new Set(stale.flatMap(({ rideId }) => locked.get(rideId)?.merged_id ?? [])),
  )
  const askedAtMs = ({ rideId }: Meant) => locked.get(rideId)?.requested_at.getTime() ?? 0
  return eachAlone(
    unit,
    meant.toSorted((a, b) => askedAtMs(a) - askedAtMs(b)),
    one,
  )
}

/** Take back what of a batch can be; null where it is no batch of this desk. */
export async function undoMany(unit: Work, hand: Batch, region: Region): Promise<BulkOutcome[] | null> {
  const acts = (await actsOfBatch(unit.db, hand.companyId, hand.batchId)).filter(
    (act) => act.region_id === region.id,
  )
  if (acts.length === 0) return null
  const actIds = new Map(acts.map((act) => [act.ride_id, act.id]))
  const meant = acts.map((act) => ({ rideId: act.ride_id }))
  await lockAll(unit, hand, [...new Set(acts.flatMap(ridesOfAct))])
  return eachAlone(unit, meant, (alone, { rideId }) =>
    undo(alone, hand, { rideId, actId: actIds.get(rideId) ?? '' }),
  )
}

async function lockAll(
  unit: Work,
  hand: Hand,
  rideIds: readonly RideId[],
): Promise<ReadonlyMap<RideId, LoadedRide>> {
  const locked = new Map<RideId, LoadedRide>()
  for (const rideId of rideIds.toSorted()) {
    const ride = await lockRide(unit.db, hand.companyId, rideId)
    if (ride !== undefined && ride.region_id === hand.region.id) locked.set(rideId, ride)
  }
  return locked
}

function oneOf(
  hand: Batch,
  deps: BoardDeps,
  act: Exclude<BulkAct, { kind: 'message' | 'merge' }>,
  staleMarks: ReadonlySet<string>,
): OneByOne {
  switch (act.kind) {
    case 'assign':
      return toNearest(hand, deps, staleMarks)
    case 'release':
      return (unit, meant) => release(unit, hand, { ...meant, reason: act.reason })
    case 'hold':
      return (unit, meant) => hold(unit, hand, { ...meant, minutes: act.minutes })
    case 'cancel':
      return (unit, meant) => cancel(unit, hand, { ...meant, reason: act.reason, words: act.words })
  }
}

/** Refusals that are about the driver: another one may do. */
const NEXT_DRIVER: ReadonlySet<string> = new Set([
  ...['driver_busy', 'not_on_shift', 'driver_may_not_drive', 'driver_on_break', 'driver_hours_used'],
  ...['car_silent', 'merged_no_seat', 'merged_late'],
])

/**
 * The nearest free driver whom none of the rides before got; the fleet hears of those only after the commit.
 * @param staleMarks of merged rides of which one that was marked changed since: none of them is given
 */
function toNearest(hand: Batch, deps: BoardDeps, staleMarks: ReadonlySet<string>): OneByOne {
  const taken = new Set<DriverId>()
  /** Given with another one that they were merged with. */
  const along = new Set<RideId>()
  return async (unit, meant) => {
    const ride = await lockRide(unit.db, hand.companyId, meant.rideId)
    if (ride === undefined || ride.region_id !== hand.region.id) return refuse('not_found')
    if (along.has(ride.id)) return ok(ride)
    if (meant.version !== undefined && meant.version !== ride.version) return refuse('stale_ride')
    if (ride.state !== 'requested') return refuse('not_allowed_now')
    if (ride.merged_id !== null && staleMarks.has(ride.merged_id)) return refuse('not_merged')
    const offers = await offersOfRide(unit.db, hand.companyId, ride.id)
    const { candidates } = candidatesFor(deps, hand.region, ride, offers, CANDIDATES + taken.size)
    let why: BulkRefusal = 'no_car_near'
    for (const { driverId } of candidates) {
      if (taken.has(driverId)) continue
      const given = await assign(unit, hand, { ...meant, driverId })
      if (given.ok) {
        taken.add(driverId)
        for (const { rideId } of given.value.act?.before.together ?? []) along.add(rideId)
        return given
      }
      why = given.reason
      if (!NEXT_DRIVER.has(why)) break
    }
    return refuse(why)
  }
}

/** One message to whoever drives them, each driver once. */
async function tellDrivers(
  unit: Work,
  hand: Batch,
  { text, mustRead }: Extract<BulkAct, { kind: 'message' }>,
  meant: readonly Meant[],
  locked: ReadonlyMap<RideId, LoadedRide>,
): Promise<BulkOutcome[]> {
  const { companyId, region, random, by } = hand
  const driverIds = new Set<DriverId>()
  const outcomes = meant.map(({ rideId, version }): BulkOutcome => {
    const ride = locked.get(rideId)
    if (ride === undefined) return { rideId, refused: 'not_found' }
    if (version !== undefined && version !== ride.version) return { rideId, refused: 'stale_ride' }
    if (ride.driver_id === null || !hasOpenRun(ride.state)) return { rideId, refused: 'nobody_drives' }
    driverIds.add(ride.driver_id)
    return { rideId, refused: null }
  })
  if (driverIds.size === 0) return outcomes
  const audience = driverIds.size === 1 ? 'one driver' : `${driverIds.size} drivers`
  const sent = await sendToDrivers(unit, random, {
    ...{ companyId, regionId: region.id, senderId: by.actorId, driverIds: [...driverIds] },
    ...{ audience, text, mustRead },
  })
  if (!sent.ok)
    return outcomes.map((outcome) => ({ ...outcome, refused: outcome.refused ?? 'nobody_drives' }))
  await record(unit.db, random, {
    ...{ action: 'driver.messaged', companyId, subject: sent.value.id, atMs: unit.atMs, ...by },
    detail: { to: audience, drivers: sent.value.drivers, mustRead, batch: hand.batchId },
  })
  return outcomes
}

/** What a refused ride had changed until then is rolled back, and its news are never told. */
async function eachAlone(unit: Work, meant: readonly Meant[], one: OneByOne): Promise<BulkOutcome[]> {
  const outcomes: BulkOutcome[] = []
  for (const ride of meant) {
    const news: News[] = []
    await sql`savepoint one_of_many`.execute(unit.db)
    const acted = await one({ ...unit, tell: (item) => news.push(item) }, ride)
    if (acted.ok) for (const item of news) unit.tell(item)
    else await sql`rollback to savepoint one_of_many`.execute(unit.db)
    await sql`release savepoint one_of_many`.execute(unit.db)
    outcomes.push({ rideId: ride.rideId, refused: acted.ok ? null : acted.reason })
  }
  return outcomes
}
