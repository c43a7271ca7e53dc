/** What the tick does about queues: see who came and who left, write it down, and hand the queues to the matcher. */
import type { QueueZones } from '../companies/companies.ts'
import type { Region } from '../companies/regions.ts'
import { type QueueCar, queueChanges } from '../engine/queue.ts'
import type { Queues } from '../engine/queue-match.ts'
import { ZoneIndex } from '../engine/zone.ts'
import type { Work } from '../io/commit.ts'
import type { Car } from '../positions/fleet.ts'
import { changeQueues, queuesFor, standingIn } from './queues.ts'
import type { TickDeps } from './tick.ts'

export interface QueueKeeper {
  /**
   * The queues of the region as of now; undefined where it has none.
   * @param write one unit of work of the tick, fenced by its lease
   */
  keep(write: (work: (unit: Work) => Promise<void>) => Promise<unknown>): Promise<Queues | undefined>
}

const NO_ZONES: QueueZones = { zones: [], index: new ZoneIndex([]) }

/** @param startedAtMs since when this process hears of cars at the earliest */
export function makeQueueKeeper(
  deps: Pick<TickDeps, 'db' | 'clock' | 'random' | 'fleet' | 'queueZones' | 'hearingSinceMs'>,
  region: Region,
  startedAtMs: number,
): QueueKeeper {
  /** Until it was looked at once, there may be places in zones that are closed by now. */
  let mayStand = true

  return {
    async keep(write) {
      const own = deps.queueZones?.()
      if (own === undefined && !mayStand) return undefined
      const { zones, index } = own ?? NO_ZONES
      const places = await standingIn(deps.db, region.companyId, region.id)
      mayStand = own !== undefined || places.length > 0
      const changes = queueChanges({
        zones: index,
        rules: new Map(zones.map((zone) => [zone.id, zone])),
        places,
        cars: carsOf(deps.fleet.cars(region.id)),
        nowMs: deps.clock.nowMs(),
        hearingSinceMs: Math.max(startedAtMs, deps.hearingSinceMs?.() ?? startedAtMs),
      })
      if (changes.length === 0) return queuesFor({ zones, index }, places)
      await write((unit) => changeQueues(unit, deps.random, region, changes))
      return queuesFor({ zones, index }, await standingIn(deps.db, region.companyId, region.id))
    },
  }
}

function* carsOf(cars: Iterable<Car>): Iterable<QueueCar> {
  for (const { duty, position } of cars)
    yield { driverId: duty.driverId, seen: position, hasRide: duty.rideId !== null }
}
