/** Pings in, positions out: what a driver's phone sent, judged, remembered as the newest, and told to who draws it. */
import { assert, type DriverId, type RegionId } from '../engine/units.ts'
import type { Unsubscribe } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import {
  judgePings,
  newTrack,
  type PingReason,
  REFUSALS,
  rememberElsewhere,
  TRAIL_ONLY,
  type Track,
} from './pings.ts'
import { MAX_PINGS_A_BATCH, type Ping } from './shapes.ts'
import type { Position, PositionStore } from './store.ts'

export { type PingReason, REFUSALS, TRAIL_ONLY } from './pings.ts'
export type { Position, PositionStore } from './store.ts'
export { trailDistanceM } from './trail.ts'

/** A believed fix on its way to a stored trail. */
export interface TrailPosition extends Position {
  /** The way here from the point before was not driven and is not billed. */
  readonly afterJump: boolean
}

export interface Accepted {
  /** The highest running number of the batch: the phone may forget everything up to it, believed or not. */
  readonly ackSeq: number
  /** How many pings did not move the car, by reason; `stale` and `out_of_order` ones are in the trail all the same. */
  readonly refused: Partial<Record<PingReason, number>>
  /** Where the car is now, when the batch moved it. */
  readonly live: Position | null
  /** Everything believed, in the order of time. */
  readonly trail: readonly TrailPosition[]
}

export type LiveHandler = (regionId: RegionId, position: Position) => void
export type TrailHandler = (regionId: RegionId, driverId: DriverId, trail: readonly TrailPosition[]) => void

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
  /** Judge a batch of one driver, who is known from the session, never from the message. */
  accept(regionId: RegionId, driverId: DriverId, pings: readonly Ping[]): Accepted
  latest(driverId: DriverId): Position | null
  /** How old the latest position is; Infinity when there is none. The same number for rider, driver and desk. */
  ageMs(driverId: DriverId): number
  /** Called for every position that moves a car, from this process's drivers and from others. */
  onLive(handler: LiveHandler): Unsubscribe
  /** Called with what a batch adds to its driver's trail, in this process alone, so that it is stored once. */
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
  readonly track: Track
  latest: Position | null
}

export function makePositions(deps: { store: PositionStore; clock: Clock; log: Logger }): Positions {
  const { store, clock, log } = deps
  const known = new Map<DriverId, Known>()
  const liveHandlers = new Set<LiveHandler>()
  const trailHandlers = new Set<TrailHandler>()
  const following: Unsubscribe[] = []
  const refusedSoFar = noRefusals()
  const counts = { live: 0, trailOnly: 0, heard: 0 }
  let closed = false

  function knownOf(driverId: DriverId): Known {
    const found = known.get(driverId)
    if (found !== undefined) return found
    if (known.size >= MAX_DRIVERS) {
      const oldest = known.keys().next().value
      if (oldest !== undefined) known.delete(oldest)
    }
    const made: Known = { track: newTrack(), latest: null }
    known.set(driverId, made)
    return made
  }

  function move(regionId: RegionId, driver: Known, position: Position): void {
    driver.latest = position
    for (const handler of liveHandlers) guard('position.handler_failed', () => handler(regionId, position))
  }

  /** One listener's mistake must not cost the others their news, nor the phone its answer. */
  function guard(event: string, run: () => void): void {
    try {
      run()
    } catch (error) {
      log.error({ error }, event)
    }
  }

  function hear(regionId: RegionId, batch: readonly Position[]): void {
    for (const position of batch) {
      const driver = knownOf(position.driverId)
      if (driver.latest !== null && driver.latest.atMs >= position.atMs) continue
      rememberElsewhere(driver.track, position)
      counts.heard++
      move(regionId, driver, position)
    }
  }

  return {
    accept(regionId, driverId, pings) {
      assert(pings.length > 0 && pings.length <= MAX_PINGS_A_BATCH, 'the shapes bound a batch')
      const driver = knownOf(driverId)
      const refused: Partial<Record<PingReason, number>> = {}
      const trail: TrailPosition[] = []
      let live: Position | null = null
      let ackSeq = 0
      for (const verdict of judgePings(driver.track, pings, clock.nowMs())) {
        ackSeq = Math.max(ackSeq, verdict.seq)
        if (verdict.kind !== 'live') {
          refused[verdict.reason] = (refused[verdict.reason] ?? 0) + 1
          refusedSoFar[verdict.reason]++
        }
        if (verdict.kind === 'refused') continue
        const { lat, lng, headingDeg, speedMps, accuracyM, atMs, afterJump } = verdict.fix
        const position: Position = { driverId, lat, lng, headingDeg, speedMps, accuracyM, atMs }
        trail.push({ ...position, afterJump })
        if (verdict.kind === 'live') {
          live = position
          counts.live++
        } else counts.trailOnly++
      }
      if (live !== null) {
        store.put(regionId, [live])
        move(regionId, driver, live)
      }
      if (trail.length > 0) {
        for (const handler of trailHandlers)
          guard('trail.handler_failed', () => handler(regionId, driverId, trail))
      }
      return { ackSeq, refused, live, trail }
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
      known.delete(driverId)
      store.remove(regionId, driverId)
    },
    figures: () => ({ refused: { ...refusedSoFar }, ...counts, drivers: known.size }),
    close() {
      closed = true
      for (const stop of following.splice(0)) stop()
    },
  }
}

function noRefusals(): Record<PingReason, number> {
  const counts: Partial<Record<PingReason, number>> = {}
  for (const reason of [...REFUSALS, ...TRAIL_ONLY]) counts[reason] = 0
  return counts as Record<PingReason, number>
}
