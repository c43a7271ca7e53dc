/** Waiting rides of riders who share, merged by the desk: one car is asked for all of them, or nothing is changed. */

import type { Candidate } from '../../views/board/props.ts'
import type { Region } from '../companies/companies.ts'
import { planOf } from '../dispatch/merging.ts'
import { offersOfRide } from '../dispatch/offers.ts'
import { poolRequestOf } from '../dispatch/open-cars.ts'
import { TOGETHER_MOST, type Together } from '../engine/pool-together.ts'
import { assert, type LatLng, ok, type Result, type RideId, refuse } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import { classMaskOf } from '../positions/fleet.ts'
import { changeRide, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { type Acted, type ActRefusal, actorOf, done, type Hand, type Meant, onRide } from './acts.ts'
import { type BoardDeps, candidatesFor } from './read.ts'

export type MergeRefusal =
  | 'merge_one'
  | 'merge_many'
  | 'merge_unlike'
  | 'merge_no_seat'
  | 'merge_too_late'
  | 'put_off'
  | 'not_merged'

/** The two things that stand in the way of all of them, or of one. */
type Why = ActRefusal | MergeRefusal
type Outcome = { readonly rideId: RideId; readonly refused: Why | null }

/**
 * Merge the locked rides of a choice, all or none. What stands in the way of one is said of it, and of the others that
 * they were not merged either.
 */
export async function mergeAll(
  unit: Work,
  hand: Hand,
  deps: BoardDeps,
  { meant, locked }: { meant: readonly Meant[]; locked: ReadonlyMap<RideId, LoadedRide> },
): Promise<Outcome[]> {
  const each = meant.map((one) => ({ rideId: one.rideId, refused: whyNotMerged(unit.atMs, one, locked) }))
  if (each.some(({ refused }) => refused !== null))
    return each.map(({ rideId, refused }) => ({ rideId, refused: refused ?? 'not_merged' }))
  const rides = meant.map(({ rideId }) => locked.get(rideId)!)
  const planned = await planInOneCar(deps, hand.region, { db: unit.db, rides, nowMs: unit.atMs })
  if (!planned.ok) return each.map(({ rideId }) => ({ rideId, refused: planned.reason }))
  const mergedId = hand.random.uuid()
  for (const ride of rides.toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const others = rides.filter(({ id }) => id !== ride.id).map(referenceOf)
    const merged = await mark(unit, hand, ride, { mergedId, others })
    assert(merged.ok, 'a locked ride that waits can be merged')
  }
  return each
}

/** One ride goes alone again; the others go on together, where two are left. */
export function part(unit: Work, hand: Hand, meant: Meant): Promise<Result<Acted, Why>> {
  return onRide(unit, hand, meant, async (ride) => {
    if (ride.state !== 'requested') return refuse('not_allowed_now')
    if (ride.merged_id === null) return refuse('nothing_changed')
    const parted = await changeRide(unit, hand.random, {
      ...{ companyId: hand.companyId, rideId: ride.id, event: { type: 'part' }, actor: actorOf(hand) },
      agreed: { merged_id: null },
    })
    if (!parted.ok) return parted
    return done(unit, hand, ride, parted.value, { kind: 'part', action: 'ride.parted', detail: {} })
  })
}

async function mark(
  unit: Work,
  hand: Hand,
  ride: LoadedRide,
  { mergedId, others }: { mergedId: string; others: readonly string[] },
): Promise<Result<Acted, Why>> {
  const merged = await changeRide(unit, hand.random, {
    ...{ companyId: hand.companyId, rideId: ride.id, event: { type: 'merge' }, actor: actorOf(hand) },
    ...{ reason: `with ${others.join(', ')}`, agreed: { merged_id: mergedId } },
  })
  if (!merged.ok) return merged
  return done(unit, hand, ride, merged.value, {
    ...{ kind: 'merge', action: 'ride.merged', detail: { with: others.join(', ') } },
  })
}

/** What keeps one ride from being merged with anybody. */
export function whyNotMerged(
  nowMs: number,
  { rideId, version }: Meant,
  rides: ReadonlyMap<RideId, LoadedRide>,
): ActRefusal | MergeRefusal | null {
  const ride = rides.get(rideId)
  if (ride === undefined) return 'not_found'
  if (version !== undefined && version !== ride.version) return 'stale_ride'
  if (ride.state !== 'requested') return 'not_allowed_now'
  if (!ride.shared) return 'not_shared'
  return (ride.put_off_until?.getTime() ?? 0) > nowMs ? 'put_off' : null
}

/**
 * How they would go together: counted from the nearest car that is free, or from their first pickup where none is.
 * @returns the plan and that car; or what keeps them from it
 */
export async function planInOneCar(
  deps: BoardDeps,
  region: Region,
  { db, rides, nowMs }: { db: Db; rides: readonly LoadedRide[]; nowMs: number },
): Promise<Result<{ plan: Together<LatLng>; car: Candidate | null }, MergeRefusal>> {
  if (rides.length < 2) return refuse('merge_one')
  if (rides.length > TOGETHER_MOST) return refuse('merge_many')
  if (rides.reduce((mask, ride) => mask & classMaskOf(ride.class), -1) === 0) return refuse('merge_unlike')
  const requests = rides.map(poolRequestOf)
  const planFrom = (from: LatLng | null) => planOf(deps, region, requests, { from, nowMs })
  const anywhere = planFrom(null)
  if (!anywhere.ok) return refuse(anywhere.reason === 'no_seat' ? 'merge_no_seat' : 'merge_too_late')
  const first = rides.find(({ id }) => id === anywhere.value.stops[0]!.rideId)!
  const offers = await offersOfRide(db, region.companyId, first.id)
  const [nearest] = candidatesFor(deps, region, first, offers, 1).candidates
  if (nearest === undefined) return ok({ plan: anywhere.value, car: null })
  const fromThere = planFrom(nearest.point)
  return fromThere.ok ? ok({ plan: fromThere.value, car: nearest }) : refuse('merge_too_late')
}
