/**
 * The desk takes its last act on a ride back, within ten seconds by the server's clock and while nobody has done
 * anything to the ride since: the ride is as it was, as far as the world allows. What a driver was told stays told: one
 * who gets a ride back begins with it anew.
 */
import {
  columnsBefore,
  findAct,
  type LoadedDeskAct,
  lockAct,
  markUndone,
  ridesOfAct,
} from '../dispatch/desk-acts.ts'
import type { AssignRefusal } from '../dispatch/offers.ts'
import { assert, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import { rideJson } from '../rides/json.ts'
import { reopenRide } from '../rides/reopen.ts'
import { changeRide, type LoadedRide, lockRide, releaseRide } from '../rides/rides.ts'
import { putStops } from '../rides/stops.ts'
import { withdrawChange } from '../rides/way-changes.ts'
import { type Acted, actorOf, audit, give, type Hand } from './acts.ts'
import { takeOffToo } from './assign.ts'
import { takeCallerBack } from './caller-edit.ts'

export type UndoRefusal =
  | AssignRefusal
  | 'undo_too_late'
  | 'undo_overtaken'
  | 'undo_done'
  | 'change_over'
  | 'code_used_up'
  | 'code_used_by_you'

/** Why a ride left a driver again, in its history. */
const TAKEN_BACK = 'taken back at once'

/**
 * Take an act back; the board shows the button for it to whoever did it.
 * @returns `undo_too_late` after the ten seconds, `undo_overtaken` when the ride went on since, `undo_done` the second
 *   time; and why the driver who had the ride cannot have it back
 */
export async function undo(
  unit: Work,
  hand: Hand,
  { rideId, actId }: { readonly rideId: RideId; readonly actId: string },
): Promise<Result<Acted, UndoRefusal>> {
  const seen = await findAct(unit.db, hand.companyId, actId)
  if (seen === undefined || seen.ride_id !== rideId) return refuse('not_found')
  const locked = new Map<RideId, LoadedRide>()
  for (const id of ridesOfAct(seen)) {
    const one = await lockRide(unit.db, hand.companyId, id)
    if (one !== undefined) locked.set(id, one)
  }
  const ride = locked.get(rideId)
  if (ride === undefined || ride.region_id !== hand.region.id) return refuse('not_found')
  const act = await lockAct(unit, hand.companyId, actId)
  if (act === undefined) return refuse('not_found')
  if (act.undone_at !== null) return refuse('undo_done')
  if (unit.atMs >= act.undo_until.getTime()) return refuse('undo_too_late')
  const others = act.before.together ?? []
  if (act.ride_version !== ride.version) return refuse('undo_overtaken')
  if (others.some((other) => locked.get(other.rideId)?.version !== other.version))
    return refuse('undo_overtaken')
  const undone = await inverse(unit, hand, ride, act)
  if (!undone.ok) return undone
  await markUndone(unit, act)
  await audit(unit, hand, ride, 'ride.act_undone', { act: act.kind })
  return ok({ ride: undone.value, act: null, json: rideJson(undone.value) })
}

async function inverse(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  act: LoadedDeskAct,
): Promise<Result<LoadedRide, UndoRefusal>> {
  const { companyId } = hand
  const restores = columnsBefore(act.before)
  const of = { companyId, rideId: ride.id, actor: actorOf(hand) }
  switch (act.kind) {
    case 'assign':
    case 'join': {
      for (const other of act.before.together ?? []) {
        const released = await takeOffToo(unit, hand, other, TAKEN_BACK)
        if (!released.ok) return released
      }
      return takeOff(unit, hand, ride, restores)
    }
    case 'release': {
      assert(act.before.driverId !== null, 'a ride that was released had a driver')
      return give(unit, hand, ride, act.before.driverId)
    }
    case 'reassign': {
      assert(act.before.driverId !== null, 'a ride that was given to another had a driver')
      const released = await takeOff(unit, hand, ride, {})
      return released.ok ? give(unit, hand, released.value, act.before.driverId) : released
    }
    case 'cancel':
      return bringBack(unit, hand, ride, act)
    case 'edit':
      if (act.before.isAsked === true)
        return withdrawChange(unit, hand.random, { ...of, riderId: ride.rider_id })
      if (act.before.stops !== undefined) await putStops(unit, ride, act.before.stops)
      if (act.before.caller !== undefined) {
        const change = act.before.caller
        const taken = await takeCallerBack(unit, { companyId, riderId: ride.rider_id, change })
        if (!taken.ok) return refuse(taken.reason)
      }
      return changeRide(unit, hand.random, {
        ...of,
        event: { type: 'take_back' },
        reason: act.kind,
        restores,
      })
    case 'hold':
    case 'unhold':
    case 'widen':
    case 'merge':
    case 'part':
      return changeRide(unit, hand.random, {
        ...of,
        event: { type: 'take_back' },
        reason: act.kind,
        restores,
      })
  }
}

function takeOff(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  restores: ReturnType<typeof columnsBefore>,
): Promise<Result<LoadedRide, UndoRefusal>> {
  return releaseRide(unit, hand.random, {
    ...{ companyId: hand.companyId, rideId: ride.id, actor: actorOf(hand), reason: TAKEN_BACK },
    restores,
  })
}

/** The ride waits again; whoever drove it gets it back if they are free still, else the engine looks on. */
async function bringBack(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  act: LoadedDeskAct,
): Promise<Result<LoadedRide, UndoRefusal>> {
  const { before } = act
  const restores = columnsBefore(before)
  const reopened = await reopenRide(unit, hand.random, {
    ...{ companyId: hand.companyId, rideId: ride.id, actor: actorOf(hand) },
    isBooked: before.state === 'scheduled',
    // With a driver its search was over: it has its full time again.
    restores:
      before.driverId === null
        ? restores
        : { ...restores, deadline_at: new Date(unit.atMs + hand.region.unfulfilledAfterS * 1_000) },
  })
  if (!reopened.ok || before.driverId === null) return reopened
  const given = await give(unit, hand, reopened.value, before.driverId)
  return given.ok ? given : reopened
}
