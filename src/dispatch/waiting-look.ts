/** Whom a tick reads of those that wait: everybody, or where nobody can be given a car hardly anybody. */
import type { Region } from '../companies/regions.ts'
import { hasSomebody, type Policy, type WaitingRide } from '../engine/decide.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Fleet } from '../positions/fleet.ts'
import { openCars } from './open-cars.ts'
import { countWaiting, waitingRides } from './waiting.ts'

/** So many are read in some milliseconds, whether there is a car for them or not. */
const FEW = 500
/** Without a car nothing changes but the time; the trace of a wait is told in pieces of half a minute. */
const LOOK_EVERY_MS = 5_000

export interface WaitingLook {
  /** Who waits; of more than a few that nobody can drive only those that were merged. */
  readonly rides: readonly WaitingRide[]
  /** How many more wait, as far as a tick counts. */
  readonly unread: number
}

/**
 * Whether there is a car for anybody, whoever waits: one that is free or about to be, or that riders share already.
 * @param fleet as it was settled for this tick
 */
export function hasCar(fleet: Fleet, region: Region, policy: Policy, nowMs: number): boolean {
  // Another policy in shadow may hold for others.
  if (region.shadowPolicy !== null) return true
  const cars = { fleet: fleet.index(region.id), soonFree: fleet.soonFree(region.id) }
  if (hasSomebody({ ...cars, policy })) return true
  return region.sharing !== null && openCars(fleet, region.id, nowMs).some(({ car }) => !car.duty.hasOffer)
}

/**
 * A tick's look at who waits.
 * @returns a function to ask once a tick; `couldGive` says whether there is any car for any of them. With nothing to
 *   give, more than a few are read every five seconds, for the trace, and else counted
 */
export function makeWaitingLook({ db, clock }: { readonly db: Db; readonly clock: Clock }, region: Region) {
  let readAtMs = Number.NEGATIVE_INFINITY
  return async ({ couldGive }: { readonly couldGive: boolean }): Promise<WaitingLook> => {
    const nowMs = clock.nowMs()
    const of = { regionId: region.id, at: new Date(nowMs) }
    if (!couldGive && nowMs - readAtMs < LOOK_EVERY_MS) {
      const waiting = await countWaiting(db, region.companyId, of)
      if (waiting > FEW) {
        // Whether merged rides still can go together is a matter of time, too.
        const rides = await waitingRides(db, region.companyId, { ...of, isMerged: true })
        return { rides, unread: waiting - rides.length }
      }
    }
    readAtMs = nowMs
    return { rides: await waitingRides(db, region.companyId, of), unread: 0 }
  }
}
