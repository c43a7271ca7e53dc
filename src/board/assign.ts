/** The desk gives a waiting ride to a driver, at once; one that was merged with others goes with all of them. */
import { columnsBefore, keptColumns } from '../dispatch/desk-acts.ts'
import { assignMergedByDesk } from '../dispatch/desk-merged.ts'
import { idsTogether } from '../dispatch/merged-state.ts'
import type { AssignRefusal } from '../dispatch/offers.ts'
import { assert, type DriverId, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { type LoadedRide, lockRide, referenceOf, releaseRide } from '../rides/rides.ts'
import {
  actorOf,
  audit,
  done,
  give,
  type Hand,
  type Meant,
  type Outcome,
  onRide,
  SEARCH_COLUMNS,
} from './acts.ts'

/**
 * Give a waiting ride to a driver. Of merged rides all go to that driver as one run, or none: an offer for them would
 * have been for all, too.
 */
export async function assign(
  unit: Work,
  hand: Hand,
  meant: Meant & { readonly driverId: DriverId },
): Outcome {
  const { rideId, driverId } = meant
  const locked: LoadedRide[] = []
  for (const id of await idsTogether(unit.db, hand.companyId, [rideId])) {
    const ride = await lockRide(unit.db, hand.companyId, id)
    if (ride !== undefined) locked.push(ride)
  }
  return onRide(unit, hand, meant, async (ride) => {
    // Who left them meanwhile was seen before the locks and is none of them now.
    const together = locked.filter(
      ({ state, merged_id }) => state === 'requested' && merged_id !== null && merged_id === ride.merged_id,
    )
    if (ride.state === 'requested' && together.length > 1)
      return assignAll(unit, hand, { ride, together, driverId })
    const given = await give(unit, hand, ride, driverId)
    return given.ok
      ? done(unit, hand, ride, given.value, {
          ...{ kind: 'assign', action: 'ride.assigned' },
          detail: { before: { driverId: ride.driver_id }, after: { driverId } },
        })
      : given
  })
}

async function assignAll(
  unit: Work,
  hand: Hand,
  { ride, together, driverId }: { ride: LoadedRide; together: readonly LoadedRide[]; driverId: DriverId },
): Outcome {
  const { companyId, region } = hand
  const given = await assignMergedByDesk(unit, hand.random, {
    ...{ companyId, rides: together, driverId, dispatcherId: hand.by.actorId },
    ...{ car: hand.car(driverId), seats: region.sharing?.seats ?? 0, travelS: hand.travelS },
  })
  if (!given.ok) return refuse(given.reason)
  const byId = new Map(given.value.map((after) => [after.id, after]))
  const after = byId.get(ride.id)
  assert(after !== undefined, 'who was meant is among those who were given')
  const detailOf = (one: LoadedRide) => ({
    ...{ before: { driverId: null }, after: { driverId } },
    with: together
      .filter(({ id }) => id !== one.id)
      .map(referenceOf)
      .join(', '),
  })
  const others = together.filter(({ id }) => id !== ride.id)
  for (const other of others) await audit(unit, hand, other, 'ride.assigned', detailOf(other))
  const acted = await done(unit, hand, ride, after, {
    ...{ kind: 'assign', action: 'ride.assigned', detail: detailOf(ride) },
    together: others.map((other) => ({
      ...{ rideId: other.id, version: byId.get(other.id)?.version ?? 0 },
      columns: keptColumns(other, SEARCH_COLUMNS),
    })),
  })
  if (!acted.ok) return acted
  return ok({ ...acted.value, json: { ...acted.value.json, together: others.map(({ id }) => id) } })
}

/** A ride that went to a driver with another one goes back to where it waited, merged as before. */
export async function takeOffToo(
  unit: Work,
  hand: Hand,
  other: { readonly rideId: RideId; readonly columns: Readonly<Record<string, unknown>> },
  reason: string,
): Promise<Result<LoadedRide, AssignRefusal>> {
  const { companyId } = hand
  const released = await releaseRide(unit, hand.random, {
    ...{ companyId, rideId: other.rideId, actor: actorOf(hand), reason },
    restores: columnsBefore(other),
  })
  if (released.ok) await audit(unit, hand, released.value, 'ride.act_undone', { act: 'assign' })
  return released
}
