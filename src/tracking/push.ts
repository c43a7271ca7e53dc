/**
 * What changed → who may see it → what they are sent. News marks rides, drivers and boards as changed; a short beat
 * later each open page of theirs gets its fragment anew, drawn by the component that drew the page. However much
 * happens in between, a page gets at most one fragment a beat and one position a second.
 */
import type { Html } from '../../views/html.ts'
import type { Hints } from '../dispatch/hints.ts'
import type { DriverId, RegionId, RideId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import { OutsideError } from '../io/outside.ts'
import { ridesOf } from '../positions/duty.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { DriverHandle } from '../positions/positions.ts'
import { type LivePage, type LivePages, makeLivePages } from './live-pages.ts'

/** Short enough to feel immediate, long enough that one action's several news become one fragment. */
const BEAT_MS = 100
/** The database did not answer; the pages stay as they are for so long. */
const AFTER_FAILURE_MS = 1000
/** One position a second a viewer is what a person can follow. */
const CAR_EVERY_MS = 1000
/** What changes by the clock alone (minutes to go, how far we look) is drawn anew this often while a ride is open. */
const REDRAW_EVERY_MS = 5000

export interface RidePage extends LivePage {
  /** Draw the changing part of this page as of now; null when there is nothing to show any more. */
  draw(): Promise<Html | null>
  /** Whether the last drawing showed a ride that nothing can happen to any more. */
  isOver(): boolean
  /** The car's message as of now, if the viewer may see it. */
  car(): Promise<string | null>
}

export interface DriverPage extends LivePage {
  readonly regionId: RegionId
  draw(): Promise<string | null>
}

export interface Tracking {
  readonly rides: LivePages<RideId, RidePage>
  readonly drivers: LivePages<DriverId, DriverPage>
  /** Told when anything of a region changed that a board shows. */
  onRegionChanged(handler: (regionId: RegionId) => void): void
  /** A position moved a car. */
  moved(driver: DriverHandle): void
  start(): void
  /** Send what is due; called by the beat, and by tests. */
  flush(): Promise<void>
  stop(): void
}

export function makeTracking(deps: {
  bus: Bus
  clock: Clock
  log: Logger
  fleet: Pick<Fleet, 'carAt' | 'markChanged' | 'settle'>
  hints: Pick<Hints, 'onChanged'>
  surge: Pick<SurgeNow, 'onCounted'>
  /** What a driver's map is coloured by, as a message for every page of a region; null while nothing is counted. */
  hexesOf: (regionId: RegionId) => string | null
}): Tracking {
  const { bus, clock, log, fleet, hints, hexesOf } = deps
  const rides = makeLivePages<RideId, RidePage>()
  const drivers = makeLivePages<DriverId, DriverPage>()
  const regionHandlers: ((regionId: RegionId) => void)[] = []
  const changedRides = new Set<RideId>()
  const changedDrivers = new Set<DriverId>()
  const movedRides = new Set<RideId>()
  let carsSentAtMs = 0
  let redrawnAtMs = 0
  let stopped = false
  let cancel: (() => void) | null = null

  function regionChanged(regionId: RegionId): void {
    for (const handler of regionHandlers) handler(regionId)
  }

  function driverChanged(driverId: DriverId | null): void {
    if (driverId === null) return
    fleet.markChanged(driverId)
    changedDrivers.add(driverId)
  }

  bus.on('ride.changed', (news) => {
    changedRides.add(news.rideId)
    driverChanged(news.driverId)
    driverChanged(news.previousDriverId)
    regionChanged(news.regionId)
  })
  bus.on('offer.changed', (news) => {
    changedRides.add(news.rideId)
    driverChanged(news.driverId)
    regionChanged(news.regionId)
  })
  bus.on('shift.changed', (news) => {
    driverChanged(news.driverId)
    regionChanged(news.regionId)
  })
  bus.on('chat.changed', ({ rideId, driverId, regionId }) => {
    changedRides.add(rideId)
    if (driverId !== null && drivers.of(driverId).size > 0) changedDrivers.add(driverId)
    regionChanged(regionId)
  })
  bus.on('ride.noted', ({ rideId, driverId, regionId }) => {
    changedRides.add(rideId)
    if (driverId !== null && drivers.of(driverId).size > 0) changedDrivers.add(driverId)
    regionChanged(regionId)
  })
  bus.on('alarm.changed', (news) => {
    // Nothing of their duty changed; only pages that are open are drawn.
    changedRides.add(news.rideId)
    if (drivers.of(news.driverId).size > 0) changedDrivers.add(news.driverId)
    regionChanged(news.regionId)
  })
  bus.on('rescue.changed', (news) => {
    changedRides.add(news.rideId)
    regionChanged(news.regionId)
  })
  bus.on('queue.changed', (news) => {
    // Nothing of their duty changed, so the fleet need not look; only pages that are open are drawn.
    for (const driverId of news.driverIds) if (drivers.of(driverId).size > 0) changedDrivers.add(driverId)
    regionChanged(news.regionId)
  })
  // Who stops being held is asked about, or looks on, which its page says at the next redraw.
  bus.on('region.decided', ({ regionId, held }) => {
    for (const { rideId } of held) changedRides.add(rideId)
    regionChanged(regionId)
  })
  hints.onChanged((driverIds) => {
    for (const driverId of driverIds) if (drivers.of(driverId).size > 0) changedDrivers.add(driverId)
  })
  // Drawn once for all drivers of the region, and told when it is another picture than before.
  const hexesTold = new Map<RegionId, string>()
  deps.surge.onCounted((regionId) => {
    const message = hexesOf(regionId)
    if (message === null || hexesTold.get(regionId) === message) return
    hexesTold.set(regionId, message)
    for (const driverId of drivers.keys())
      for (const page of drivers.of(driverId)) if (page.regionId === regionId) page.send(message)
  })
  bus.onGap(() => {
    for (const rideId of rides.keys()) changedRides.add(rideId)
    for (const driverId of drivers.keys()) changedDrivers.add(driverId)
  })

  /**
   * Draw what is due, page by page. What the database could not be asked for stays due, so that no page misses the
   * last word; a page that cannot be drawn for another reason costs nobody else theirs.
   */
  async function drawAll<Id, Page extends LivePage>(
    due: Set<Id>,
    pagesOf: (id: Id) => Iterable<Page>,
    draw: (page: Page) => Promise<Html | string | null>,
  ): Promise<void> {
    const taken = [...due]
    due.clear()
    for (const [index, id] of taken.entries())
      for (const page of pagesOf(id))
        try {
          const message = await draw(page)
          if (message !== null) page.send(String(message))
        } catch (error) {
          if (error instanceof OutsideError) {
            for (const left of taken.slice(index)) due.add(left)
            throw error
          }
          log.error({ error, id }, 'push.draw_failed')
        }
  }

  async function flush(): Promise<void> {
    const nowMs = clock.nowMs()
    if (nowMs - redrawnAtMs >= REDRAW_EVERY_MS) {
      redrawnAtMs = nowMs
      for (const rideId of rides.keys())
        if ([...rides.of(rideId)].some((page) => !page.isOver())) changedRides.add(rideId)
    }
    // The fleet looks up who changed before anything is drawn from it.
    if (changedDrivers.size > 0) await fleet.settle()
    // A driver who stands still when the ride becomes theirs is on the rider's map all the same.
    for (const rideId of changedRides) if (rides.of(rideId).size > 0) movedRides.add(rideId)
    await drawAll(changedRides, rides.of, (page) => page.draw())
    await drawAll(changedDrivers, drivers.of, (page) => page.draw())
    if (nowMs - carsSentAtMs >= CAR_EVERY_MS && movedRides.size > 0) {
      carsSentAtMs = nowMs
      await drawAll(movedRides, rides.of, (page) => page.car())
    }
  }

  function beat(waitMs = BEAT_MS): void {
    if (stopped) return
    cancel = clock.after(waitMs, () => {
      flush().then(
        () => beat(),
        (error: unknown) => {
          log.warn({ error }, 'push.failed')
          beat(AFTER_FAILURE_MS)
        },
      )
    })
  }

  return {
    rides,
    drivers,
    onRegionChanged: (handler) => void regionHandlers.push(handler),
    start: () => beat(),
    flush,
    stop() {
      stopped = true
      cancel?.()
    },
    moved(driver) {
      const duty = fleet.carAt(driver)?.duty
      if (duty === undefined || duty.rideId === null) return
      if (duty.shared === null) {
        if (rides.of(duty.rideId).size > 0) movedRides.add(duty.rideId)
        return
      }
      for (const { rideId } of ridesOf(duty)) if (rides.of(rideId).size > 0) movedRides.add(rideId)
    },
  }
}
