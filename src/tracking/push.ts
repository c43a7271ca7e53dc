/**
 * What changed → who may see it → what they are sent. News marks rides, drivers and boards as changed; a short beat
 * later each open page of theirs gets its fragment anew, drawn by the component that drew the page. However much
 * happens in between, a page gets at most one fragment a beat and one position a second.
 */
import type { Html } from '../../views/html.ts'
import type { DriverId, RegionId, RideId } from '../engine/units.ts'
import type { Bus } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { Position } from '../positions/positions.ts'
import { type LivePage, type LivePages, makeLivePages } from './live-pages.ts'

/** Short enough to feel immediate, long enough that one action's several news become one fragment. */
const BEAT_MS = 100
/** One position a second a viewer is what a person can follow. */
const CAR_EVERY_MS = 1000
/** What changes by the clock alone (how far we look, what is usual) is drawn anew this often while a rider waits. */
const WAITING_EVERY_MS = 5000

export interface RidePage extends LivePage {
  /** Draw the changing part of this page as of now; null when there is nothing to show any more. */
  draw(): Promise<Html | null>
  /** The car's message as of now, if the viewer may see it. */
  car(): Promise<string | null>
}

export interface DriverPage extends LivePage {
  draw(): Promise<string | null>
}

export interface Tracking {
  readonly rides: LivePages<RideId, RidePage>
  readonly drivers: LivePages<DriverId, DriverPage>
  /** Told when anything of a region changed that a board shows. */
  onRegionChanged(handler: (regionId: RegionId) => void): void
  /** A position moved a car. */
  moved(position: Position): void
  start(): void
  /** Send what is due; called by the beat, and by tests. */
  flush(): Promise<void>
  stop(): void
}

export function makeTracking(deps: {
  bus: Bus
  clock: Clock
  log: Logger
  fleet: Pick<Fleet, 'car' | 'markChanged' | 'reload' | 'settle'>
}): Tracking {
  const { bus, clock, log, fleet } = deps
  const rides = makeLivePages<RideId, RidePage>()
  const drivers = makeLivePages<DriverId, DriverPage>()
  const regionHandlers: ((regionId: RegionId) => void)[] = []
  const changedRides = new Set<RideId>()
  const changedDrivers = new Set<DriverId>()
  const movedRides = new Set<RideId>()
  let carsSentAtMs = 0
  let waitingDrawnAtMs = 0
  /** News of drivers may have been missed, so that looking up those we know of would not be enough. */
  let fleetMayBeOld = false
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
  bus.onGap(() => {
    fleetMayBeOld = true
    for (const rideId of rides.keys()) changedRides.add(rideId)
    for (const driverId of drivers.keys()) changedDrivers.add(driverId)
  })

  /** What cannot be drawn is marked again for the next beat, and costs nobody else theirs. */
  async function sendTo<Key, Page extends LivePage>(
    { key, pages, again }: { key: Key; pages: Iterable<Page>; again: Set<Key> },
    draw: (page: Page) => Promise<Html | string | null>,
  ): Promise<void> {
    for (const page of pages)
      try {
        const message = await draw(page)
        if (message !== null) page.send(String(message))
      } catch (error) {
        again.add(key)
        log.warn({ error }, 'push.page_failed')
      }
  }

  async function flush(): Promise<void> {
    const nowMs = clock.nowMs()
    if (Math.abs(nowMs - waitingDrawnAtMs) >= WAITING_EVERY_MS) {
      waitingDrawnAtMs = nowMs
      for (const rideId of rides.keys()) changedRides.add(rideId)
    }
    // The fleet looks up who changed before anything is drawn from it; while it cannot, all stays due.
    if (fleetMayBeOld) {
      fleetMayBeOld = false
      await fleet.reload().catch((error: unknown) => {
        fleetMayBeOld = true
        throw error
      })
    }
    if (changedDrivers.size > 0) await fleet.settle()
    const dueRides = [...changedRides]
    const dueDrivers = [...changedDrivers]
    changedRides.clear()
    changedDrivers.clear()
    for (const key of dueRides)
      await sendTo({ key, pages: rides.of(key), again: changedRides }, (page) => page.draw())
    for (const key of dueDrivers)
      await sendTo({ key, pages: drivers.of(key), again: changedDrivers }, (page) => page.draw())
    if (Math.abs(nowMs - carsSentAtMs) >= CAR_EVERY_MS && movedRides.size > 0) {
      carsSentAtMs = nowMs
      const moved = [...movedRides]
      movedRides.clear()
      for (const key of moved)
        await sendTo({ key, pages: rides.of(key), again: movedRides }, (page) => page.car())
    }
  }

  function beat(): void {
    if (stopped) return
    cancel = clock.after(BEAT_MS, () => {
      void flush()
        .catch((error: unknown) => log.error({ error }, 'push.failed'))
        .finally(beat)
    })
  }

  return {
    rides,
    drivers,
    onRegionChanged: (handler) => void regionHandlers.push(handler),
    start: beat,
    flush,
    stop() {
      stopped = true
      cancel?.()
    },
    moved(position) {
      const rideId = fleet.car(position.driverId)?.duty.rideId
      if (rideId != null && rides.of(rideId).size > 0) movedRides.add(rideId)
    },
  }
}
