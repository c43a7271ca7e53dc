/**
 * Rides booked ahead, in a region this process holds: each goes to the matcher when its lead time begins, once, and its
 * rider has the letters that are due. All of it stands in the rows, so it goes on wherever the lease goes.
 */
import type { Region } from '../companies/companies.ts'
import { localDay } from '../engine/day.ts'
import { travel } from '../engine/eta.ts'
import { leadS, WaitModel } from '../engine/lead-time.ts'
import type { RideId } from '../engine/units.ts'
import { wallTimeAt } from '../engine/wall-clock.ts'
import type { Clock } from '../io/clock.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Fleet } from '../positions/fleet.ts'
import { bookedRides, changeRide, type LoadedRide, SYSTEM } from '../rides/rides.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { sendDueLetter } from './booked-letters.ts'
import type { Fenced } from './sweeps.ts'
import { makeUsualWait } from './usual-wait.ts'
import { learnNextWaits, loadWaits } from './wait-history.ts'

/** A ride is released this late at most; two small look-ups each time. */
const LOOK_EVERY_MS = 5_000
/** How often leads are worked out anew: the street changes slower. */
const PLAN_EVERY_MS = 60_000
const LEARN_EVERY_MS = 10 * 60_000
/** Beyond an hour, what the street is like now says nothing of then. */
const STREET_COUNTS_MS = 3_600_000
/** A plan that moves by less stays as it is. */
const MOVED_MS = 60_000
const PLANNED_MOST = 500
const RELEASED_AT_ONCE = 200
const LETTERS_AT_ONCE = 50
/** From further away than that a car's way says little of how long it takes. */
const REACH_M = 8_000

export interface BookedKeeperDeps extends TravelDeps {
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Pick<Fleet, 'nearestFree'>
  /** The region as the office set it just now; left out, as it was at the start. */
  readonly regionNow?: () => Region
}

export interface BookedKeeper {
  /** Do what is due. @returns how many rides went to the matcher */
  keep(fenced: Fenced): Promise<number>
}

export function makeBookedKeeper(deps: BookedKeeperDeps, region: Region): BookedKeeper {
  const { db, clock, random, fleet } = deps
  const usualWait = makeUsualWait(deps)
  let model = new WaitModel()
  let learnedFor = ''
  let nextLearnMs = Number.NEGATIVE_INFINITY
  let nextPlanMs = Number.NEGATIVE_INFINITY
  let nextLookMs = Number.NEGATIVE_INFINITY

  /** A day a tick while there are more, so that no tick is long. */
  async function learn(nowMs: number, fenced: Fenced): Promise<void> {
    const today = localDay(nowMs, region.timeZone)
    if (today === learnedFor && nowMs < nextLearnMs) return
    const counted = await learnNextWaits(db, region, { nowMs, write: fenced })
    nextLearnMs = counted ? nowMs : nowMs + LEARN_EVERY_MS
    if (!counted) model = await loadWaits(db, region, nowMs)
    learnedFor = today
  }

  /** When each booking goes to the matcher, as far as is known now; the row keeps it. */
  async function plan(nowMs: number, fenced: Fenced): Promise<void> {
    const booked = await bookedRides(db, region.companyId, { regionId: region.id, limit: PLANNED_MOST })
    if (booked.length === 0) return
    const recentWaitS = await usualWait(region.companyId, region.id)
    const moved = booked.flatMap((ride) => {
      const releaseAtMs = releaseOf(ride, nowMs, recentWaitS)
      return Math.abs(releaseAtMs - ride.release_at!.getTime()) < MOVED_MS
        ? []
        : [{ id: ride.id, releaseAtMs }]
    })
    if (moved.length > 0) await fenced((unit) => keepPlans(unit, moved))
  }

  function releaseOf(ride: LoadedRide, nowMs: number, recentWaitS: number | null): number {
    const at = { lat: ride.pickup_lat, lng: ride.pickup_lng }
    const pickupAtMs = ride.scheduled_for!.getTime()
    const isNear = pickupAtMs - nowMs < STREET_COUNTS_MS
    const car = isNear
      ? fleet.nearestFree(region.id, at, {
          ...{ vehicleClass: ride.class, seats: ride.seats, attributes: ride.attributes, maxM: REACH_M },
        })
      : null
    const hour = Math.floor(wallTimeAt(pickupAtMs, region.timeZone).minute / 60)
    const lead = leadS({
      usualWaitS: model.usualWaitS(at, hour),
      recentWaitS: isNear ? recentWaitS : null,
      pickupEtaS: car === null ? null : travel(car, at, travelIn(deps, region)).durationS,
      floorS: (deps.regionNow?.() ?? region).leadFloorS,
    })
    return pickupAtMs - lead * 1_000
  }

  async function release(nowMs: number, fenced: Fenced): Promise<number> {
    const due = await db
      .selectFrom('rides')
      .select('id')
      .where('company_id', '=', region.companyId)
      .where('region_id', '=', region.id)
      .where('state', '=', 'scheduled')
      .where('release_at', '<=', new Date(nowMs))
      .orderBy('release_at')
      .limit(RELEASED_AT_ONCE)
      .execute()
    let released = 0
    for (const { id } of due) {
      const changed = await fenced((unit) =>
        changeRide(unit, random, {
          companyId: region.companyId,
          rideId: id,
          event: { type: 'start_search' },
          actor: SYSTEM,
        }),
      )
      if (changed?.ok) released++
    }
    return released
  }

  async function sendLetters(nowMs: number, fenced: Fenced): Promise<void> {
    const due = await db
      .selectFrom('rides')
      .select('id')
      .where('company_id', '=', region.companyId)
      .where('region_id', '=', region.id)
      .where('letter_due_at', '<=', new Date(nowMs))
      .orderBy('letter_due_at')
      .limit(LETTERS_AT_ONCE)
      .execute()
    for (const { id } of due) await fenced((unit) => sendDueLetter(unit, random, { region, rideId: id }))
  }

  return {
    async keep(fenced) {
      const nowMs = clock.nowMs()
      if (nowMs < nextLookMs) return 0
      nextLookMs = nowMs + LOOK_EVERY_MS
      await learn(nowMs, fenced)
      if (nowMs >= nextPlanMs) {
        nextPlanMs = nowMs + PLAN_EVERY_MS
        await plan(nowMs, fenced)
      }
      const released = await release(nowMs, fenced)
      await sendLetters(nowMs, fenced)
      return released
    },
  }
}

/** A plan is no event of the ride: nothing of the promise changes with it. */
async function keepPlans(
  unit: Work,
  plans: readonly { readonly id: RideId; readonly releaseAtMs: number }[],
): Promise<void> {
  for (const { id, releaseAtMs } of plans)
    await unit.db
      .updateTable('rides')
      .set({ release_at: new Date(releaseAtMs), requested_at: new Date(releaseAtMs) })
      .where('id', '=', id)
      .where('state', '=', 'scheduled')
      .execute()
}
