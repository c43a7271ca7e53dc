/**
 * What changed → who may see it → what they are sent. News marks parts of rides', drivers' and boards' pages as owed; a
 * short beat later each page whose line takes it gets them anew, drawn by the component that drew the page. However much
 * happens in between, a page gets at most one fragment a beat and one position a second, and a slow one the newest alone.
 */
import type { Hints } from '../dispatch/hints.ts'
import type { DriverId, RegionId, RideId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Bus } from '../io/bus.ts'
import type { Cancel, Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import { OutsideError } from '../io/outside.ts'
import type { Stream } from '../io/stream.ts'
import { ridesOf } from '../positions/duty.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { DriverHandle } from '../positions/positions.ts'
import type { CaseReader } from '../web/page-lines.ts'
import { type LivePage, type LivePages, makeLivePages } from './live-pages.ts'

/** Short enough to feel immediate, long enough that one action's several news become one fragment. */
const BEAT_MS = 100
/** The database did not answer; the pages stay as they are for so long. */
const AFTER_FAILURE_MS = 1000
/** One position a second a viewer is what a person can follow. */
const CAR_EVERY_MS = 1000
/** What changes by the clock alone (minutes to go, how far we look) is drawn anew this often while a ride is open. */
const REDRAW_EVERY_MS = 5000
/** So many of these a beat: with thousands of pages open they come round more slowly, and nothing waits behind them. */
const MOST_REDRAWN = 8
/** Pages drawn side by side, each over one connection: enough to keep the database busy, and few enough to leave it to others. */
const AT_ONCE = 4

export interface RidePage extends LivePage {
  /** Its parts: `status`, drawn from the database, and `car`, made at once. */
  readonly stream: Stream
  /** Whether the last drawing showed a ride that nothing can happen to any more. */
  isOver(): boolean
  /** Epoch ms; kept here. */
  carAtMs: number
  redrawnAtMs: number
}

/** Its parts: `main`, drawn from the database, and `hexes`. */
export interface DriverPage extends LivePage {
  readonly regionId: RegionId
}

export interface Tracking {
  readonly rides: LivePages<RideId, RidePage>
  readonly drivers: LivePages<DriverId, DriverPage>
  /** Lists of lost things and reports, by whose they are; their one part is `status`. */
  readonly caseLists: LivePages<CaseReader, LivePage>
  /** Told when anything of a region changed that a board shows. */
  onRegionChanged(handler: (regionId: RegionId) => void): void
  /** A position moved a car. */
  moved(driver: DriverHandle): void
  /** A page that was slow or away takes what it is owed. */
  due(stream: Stream): void
  start(): void
  /** Send the positions that are due; called by the beats, and by tests. */
  sendCars(): void
  /** Send what is due; called by the beats, and by tests. */
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
  const caseLists = makeLivePages<CaseReader, LivePage>()
  const regionHandlers: ((regionId: RegionId) => void)[] = []
  const changedRides = new Set<RideId>()
  const changedDrivers = new Set<DriverId>()
  const changedLists = new Set<CaseReader>()
  const movedRides = new Set<RideId>()
  /** Pages that are owed news, in the order they came to be. */
  const due = new Set<Stream>()
  /** Pages that only grew older: drawn when nothing else is to be. */
  const aged = new Set<Stream>()
  const drawers = new Set<Promise<void>>()
  let failed: unknown = null
  let redrawing = rides.all()
  let stopped = false
  const cancels = new Set<Cancel>()

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
  bus.on('desk.messaged', ({ driverIds, regionId }) => {
    for (const driverId of driverIds) if (drivers.of(driverId).size > 0) changedDrivers.add(driverId)
    regionChanged(regionId)
  })
  bus.on('ride.noted', ({ rideId, driverId, regionId }) => {
    changedRides.add(rideId)
    if (driverId !== null && drivers.of(driverId).size > 0) changedDrivers.add(driverId)
    regionChanged(regionId)
  })
  bus.on('case.changed', ({ companyId, regionId, rideId, riderId, driverId }) => {
    changedRides.add(rideId)
    for (const reader of [companyId, riderId, driverId])
      if (reader !== null && caseLists.of(reader).size > 0) changedLists.add(reader)
    regionChanged(regionId)
  })
  bus.on('alarm.changed', (news) => {
    // Nothing of their duty changed; only pages that are open are drawn.
    changedRides.add(news.rideId)
    if (drivers.of(news.driverId).size > 0) changedDrivers.add(news.driverId)
    regionChanged(news.regionId)
  })
  bus.on('desk.presence', ({ regionId, isNew }) => {
    if (isNew) regionChanged(regionId)
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
      for (const page of drivers.of(driverId)) if (page.regionId === regionId) owe(page.stream, 'hexes')
  })
  bus.onGap(() => {
    for (const rideId of rides.keys()) changedRides.add(rideId)
    for (const driverId of drivers.keys()) changedDrivers.add(driverId)
    for (const reader of caseLists.keys()) changedLists.add(reader)
  })

  function owe(stream: Stream, part: string): void {
    stream.owe(part)
    due.add(stream)
  }

  /** From what changed to the pages that show it. */
  function oweChanged(nowMs: number): void {
    for (const rideId of changedRides)
      for (const page of rides.of(rideId)) {
        page.redrawnAtMs = nowMs
        owe(page.stream, 'status')
        // A driver who stands still when the ride becomes theirs is on the rider's map all the same.
        movedRides.add(rideId)
      }
    changedRides.clear()
    for (const driverId of changedDrivers) for (const page of drivers.of(driverId)) owe(page.stream, 'main')
    changedDrivers.clear()
    for (const reader of changedLists) for (const { stream } of caseLists.of(reader)) owe(stream, 'status')
    changedLists.clear()
    oweRedrawn(nowMs)
  }

  /** What nobody told of, page after page in turn: those that have their line and were drawn a while ago. */
  function oweRedrawn(nowMs: number): void {
    let left = MOST_REDRAWN
    for (let looked = rides.size(); looked > 0 && left > 0; looked--) {
      const next = redrawing.next()
      if (next.done === true) {
        redrawing = rides.all()
        return
      }
      const page = next.value
      if (nowMs - page.redrawnAtMs < REDRAW_EVERY_MS || page.isOver() || !page.stream.isReady()) continue
      page.redrawnAtMs = nowMs
      page.stream.owe('status')
      aged.add(page.stream)
      left--
    }
  }

  /**
   * See what is due, and that it is being drawn. What the database could not be asked for stays due, so that no page
   * misses the last word; a page that cannot be drawn for another reason costs nobody else theirs.
   * @throws what kept the database from being asked, since the look before
   */
  async function drawDue(): Promise<void> {
    // The fleet looks up who changed before anything is drawn from it.
    if (changedDrivers.size > 0) await fleet.settle()
    oweChanged(clock.nowMs())
    const error = failed
    failed = null
    if (error !== null) throw error
    while (drawers.size < Math.min(AT_ONCE, due.size + aged.size)) {
      const drawer = draw()
      drawers.add(drawer)
      void drawer.finally(() => drawers.delete(drawer))
    }
  }

  /** Page after page until none is left; what becomes due meanwhile does not wait for the next look. */
  async function draw(): Promise<void> {
    for (let stream = next(); stream !== undefined; stream = next())
      try {
        await stream.pump()
      } catch (error) {
        if (error instanceof OutsideError) {
          due.add(stream)
          failed = error
        } else {
          // Owed still, and tried again with the next change.
          log.error({ error, stream: stream.id }, 'push.draw_failed')
        }
      }
  }

  function next(): Stream | undefined {
    if (failed !== null) return undefined
    const from = due.size > 0 ? due : aged
    for (const stream of from) {
      due.delete(stream)
      aged.delete(stream)
      return stream
    }
    return undefined
  }

  /** Made from memory, so they go ahead of what has to be drawn. */
  function sendCars(): void {
    const nowMs = clock.nowMs()
    for (const rideId of movedRides) {
      let isDone = true
      for (const page of rides.of(rideId)) {
        if (nowMs - page.carAtMs < CAR_EVERY_MS) isDone = false
        else if (page.stream.sendAhead('car')) page.carAtMs = nowMs
      }
      if (isDone) movedRides.delete(rideId)
    }
  }

  async function flush(): Promise<void> {
    await drawDue()
    await Promise.all(drawers)
    sendCars()
    if (failed !== null) throw failed
  }

  function beat(work: () => void | Promise<void>, waitMs = BEAT_MS): void {
    if (stopped) return
    const cancel = clock.after(waitMs, async () => {
      cancels.delete(cancel)
      try {
        await work()
        beat(work)
      } catch (error) {
        log.warn({ error }, 'push.failed')
        beat(work, AFTER_FAILURE_MS)
      }
    })
    cancels.add(cancel)
  }

  return {
    rides,
    drivers,
    caseLists,
    onRegionChanged: (handler) => void regionHandlers.push(handler),
    due: (stream) => void due.add(stream),
    start() {
      beat(drawDue)
      beat(sendCars)
    },
    sendCars,
    flush,
    stop() {
      stopped = true
      for (const cancel of cancels) cancel()
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
