/** Pings in, positions out: what a driver's phone sent, judged, remembered as the newest, and told to who draws it. */
import { assert, type DriverId, type RegionId } from '../engine/units.ts'
import type { Unsubscribe } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import { isBelieved, LIVE, type PingBatch, type PingReason, REFUSALS, TRAIL_ONLY, VERDICTS } from './batch.ts'
import type { DriverHandle, DriverHandles } from './handles.ts'
import { judgeBatch, rememberElsewhere } from './pings.ts'
import { MAX_PINGS_A_BATCH } from './shapes.ts'
import type { Position, PositionStore } from './store.ts'
import { Track } from './track.ts'

export { isBelieved, PingBatch } from './batch.ts'
export type { DriverHandle } from './handles.ts'
export type { Position, PositionStore } from './store.ts'
export { trailDistanceM } from './trail.ts'

export type LiveHandler = (regionId: RegionId, position: Position, driver: DriverHandle) => void
/** What it needs it takes along: the batch is filled anew with the next message. */
export type TrailHandler = (driver: DriverHandle, batch: PingBatch) => void

export interface PingFigures {
  /** Since the start, by reason; every reason is there from the beginning. */
  readonly refused: Readonly<Record<PingReason, number>>
  readonly live: number
  readonly trailOnly: number
  /** Positions heard from other processes that were newer than what we had. */
  readonly heard: number
  /** Drivers whose latest position is kept. */
  readonly drivers: number
}

export interface Positions {
  /**
   * Judge a batch of one driver, who is known from the session, never from the message. The verdicts are in the batch
   * afterwards, and the car's newest position is known; the next `tell` tells it.
   * @returns where the car is now, when the batch moved it
   */
  judge(regionId: RegionId, driver: DriverHandle, batch: PingBatch): Position | null
  /**
   * Tell the store and who listens where the judged cars are now, each once, in however many batches it moved. Whoever
   * judges calls it before the turn of the event loop is over.
   */
  tell(): void
  /** Judge a batch that comes alone, and tell at once. */
  accept(regionId: RegionId, driver: DriverHandle, batch: PingBatch): Position | null
  latest(driverId: DriverId): Position | null
  /** How old the latest position is; Infinity when there is none. The same number for rider, driver and desk. */
  ageMs(driverId: DriverId): number
  /** Called for every position that moves a car, from this process's drivers and from others. */
  onLive(handler: LiveHandler): Unsubscribe
  /** Called with each batch that adds to its driver's trail, in this process alone, so that it is stored once. */
  onTrail(handler: TrailHandler): Unsubscribe
  /**
   * Take a region over from the store and follow it from now on; call once at the start.
   * A store that is away is logged, and its positions arrive when it is back.
   */
  follow(regionId: RegionId): Promise<void>
  /** A driver who went off duty, here and in the store. */
  forget(regionId: RegionId, driverId: DriverId): void
  figures(): PingFigures
  /** Stop following; the store is closed by who opened it. */
  close(): void
}

/** Drivers of one process: above any fleet we rate, below what memory minds. */
const MAX_DRIVERS = 200_000

interface Known {
  readonly driverId: DriverId
  readonly handle: DriverHandle
  readonly track: Track
  latest: Position | null
  /** The region in which it moved and nobody was told yet; null where there is nothing to tell. */
  movedIn: RegionId | null
}

export function makePositions(deps: {
  store: PositionStore
  clock: Clock
  log: Logger
  handles: DriverHandles
}): Positions {
  const { store, clock, log, handles } = deps
  /** By arrival, so that the first is the oldest; and the same by handle. */
  const known = new Map<DriverId, Known>()
  const byHandle: (Known | undefined)[] = []
  const liveHandlers = new Set<LiveHandler>()
  const trailHandlers = new Set<TrailHandler>()
  const following: Unsubscribe[] = []
  const refusedSoFar = noRefusals()
  const counts = { live: 0, trailOnly: 0, heard: 0 }
  /** Those that may have something to tell. */
  let moved: Known[] = []
  let closed = false

  function knownAs(handle: DriverHandle): Known {
    const found = byHandle[handle]
    if (found !== undefined) return found
    const driverId = handles.idOf(handle)
    if (known.size >= MAX_DRIVERS) {
      const oldest = known.keys().next().value
      if (oldest !== undefined) drop(oldest)
    }
    const made: Known = { driverId, handle, track: new Track(), latest: null, movedIn: null }
    known.set(driverId, made)
    byHandle[handle] = made
    return made
  }

  function drop(driverId: DriverId): void {
    const found = known.get(driverId)
    if (found === undefined) return
    known.delete(driverId)
    byHandle[found.handle] = undefined
    found.movedIn = null
  }

  function hasMoved(regionId: RegionId, driver: Known, position: Position): void {
    for (const handler of liveHandlers)
      try {
        handler(regionId, position, driver.handle)
      } catch (error) {
        // One listener's mistake must not cost the others their news, nor the phone its answer.
        log.error({ error }, 'position.handler_failed')
      }
  }

  /** @returns how many of those that did not move the car are believed all the same */
  function countRefused(batch: PingBatch): number {
    let believed = 0
    for (let place = 0; place < batch.count; place++) {
      const verdict = batch.verdict(place)
      if (verdict === LIVE) continue
      refusedSoFar[VERDICTS[verdict]!]++
      if (isBelieved(batch, place)) believed++
    }
    return believed
  }

  function hear(regionId: RegionId, batch: readonly Position[]): void {
    for (const position of batch) {
      const driver = known.get(position.driverId) ?? knownAs(handles.of(position.driverId))
      if (driver.latest !== null && driver.latest.atMs >= position.atMs) continue
      rememberElsewhere(driver.track, position)
      counts.heard++
      driver.latest = position
      driver.movedIn = null
      hasMoved(regionId, driver, position)
    }
  }

  function judge(regionId: RegionId, handle: DriverHandle, batch: PingBatch): Position | null {
    assert(batch.count > 0 && batch.count <= MAX_PINGS_A_BATCH, 'the readers bound a batch')
    const driver = knownAs(handle)
    judgeBatch(driver.track, batch, clock.nowMs())
    const { liveCount, newestLive } = batch
    const trailOnly = liveCount === batch.count ? 0 : countRefused(batch)
    counts.live += liveCount
    counts.trailOnly += trailOnly
    const live = newestLive === -1 ? null : positionAt(batch, newestLive, driver.driverId)
    if (live !== null) {
      driver.latest = live
      if (driver.movedIn === null) moved.push(driver)
      driver.movedIn = regionId
    }
    if (liveCount + trailOnly > 0)
      for (const handler of trailHandlers)
        try {
          handler(handle, batch)
        } catch (error) {
          log.error({ error }, 'trail.handler_failed')
        }
    return live
  }

  function tell(): void {
    const all = moved
    moved = []
    for (const driver of all) {
      const { movedIn, latest } = driver
      // Forgotten meanwhile, or another process knew a newer position, which was told.
      if (movedIn === null || latest === null) continue
      driver.movedIn = null
      store.put(movedIn, [latest])
      hasMoved(movedIn, driver, latest)
    }
  }

  return {
    judge,
    tell,
    accept(regionId, handle, batch) {
      const live = judge(regionId, handle, batch)
      tell()
      return live
    },
    latest: (driverId) => known.get(driverId)?.latest ?? null,
    ageMs(driverId) {
      const latest = known.get(driverId)?.latest
      // A phone's clock may be a little ahead of ours; nothing is younger than now.
      return latest ? Math.max(0, clock.nowMs() - latest.atMs) : Number.POSITIVE_INFINITY
    },
    onLive(handler) {
      liveHandlers.add(handler)
      return () => void liveHandlers.delete(handler)
    },
    onTrail(handler) {
      trailHandlers.add(handler)
      return () => void trailHandlers.delete(handler)
    },
    async follow(regionId) {
      // Listen first, then load: what is put in between comes twice rather than not at all.
      const stop = await store.onMoved(regionId, (batch) => hear(regionId, batch))
      if (closed) return stop()
      following.push(stop)
      try {
        hear(regionId, await store.load(regionId))
      } catch (error) {
        log.warn({ error, regionId }, 'positions.load_failed')
      }
    },
    forget(regionId, driverId) {
      drop(driverId)
      store.remove(regionId, driverId)
    },
    figures: () => ({ refused: { ...refusedSoFar }, ...counts, drivers: known.size }),
    close() {
      closed = true
      for (const stop of following.splice(0)) stop()
    },
  }
}

function positionAt(batch: PingBatch, place: number, driverId: DriverId): Position {
  const speedMps = batch.speedMps(place)
  return {
    driverId,
    lat: batch.lat(place),
    lng: batch.lng(place),
    headingDeg: batch.headingDeg(place),
    speedMps: Number.isNaN(speedMps) ? null : speedMps,
    accuracyM: batch.accuracyM(place),
    atMs: batch.timeMs(place),
  }
}

function noRefusals(): Record<PingReason, number> {
  const counts: Partial<Record<PingReason, number>> = {}
  for (const reason of [...REFUSALS, ...TRAIL_ONLY]) counts[reason] = 0
  return counts as Record<PingReason, number>
}
