/**
 * Keeps what a region's ticks saw. The tick hands over references and goes on; what became of each car is worked out
 * afterwards, a few rides a turn of the event loop, and written in batches. Whatever goes wrong here is logged, and
 * costs a gap in the trace and nothing else.
 */
import type { Region } from '../companies/regions.ts'
import type { Situation, WaitingRide } from '../engine/candidates.ts'
import type { Proposal } from '../engine/decide.ts'
import type { Queues } from '../engine/queue-match.ts'
import { type SeenCar, type SeenTick, TickLook, tellsTheSame, type Weighed } from '../engine/trace.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import { afterThisTurn } from '../io/turn.ts'
import type { Duty } from '../positions/duty.ts'
import { type CarState, classMaskOf, type Fleet } from '../positions/fleet.ts'
import type { Position } from '../positions/store.ts'
import type { JoinProposal } from './pooling.ts'
import { type TracedLook, writeLooks } from './trace-store.ts'

/** A dispatcher who looks at once sees what happened two seconds ago. */
const WRITE_EVERY_MS = 2_000
/** By then the tick has written its offers, and nothing of it waits for what is done here. */
const WORK_AFTER_MS = 100
/** A look that goes on saying the same is written again this often, and when it is over. */
const WRITE_AGAIN_MS = 10_000
/** A wait is told at least in such pieces, however little happens. */
const FOLD_MOST_MS = 30_000
/** Rides looked at before others have a turn: some milliseconds among ten thousand cars. */
const RIDES_A_TURN = 16
/** Ticks that wait to be worked out; when more come, the oldest go untold. */
const MOST_TICKS = 8
/** Looks that wait for a database that is away; beyond it the oldest go. */
const MOST_UNWRITTEN = 5_000
/** Rides that have not been seen for so long wait no more; their last look is complete. */
const FORGET_MS = 60_000

export interface TraceDeps {
  readonly db: Db
  readonly clock: Clock
  readonly log: Logger
  readonly fleet: Pick<Fleet, 'cars' | 'stateOf'>
}

/** What the tick knows when it has decided. */
export interface DecidedTick {
  readonly situation: Situation
  /** All that waited, also who was taken along or is left to the desk. */
  readonly waiting: readonly WaitingRide[]
  readonly decided: readonly Proposal[]
  readonly joined: readonly JoinProposal[]
  readonly reachShare: number
  readonly isOffering: boolean
  readonly decidedMs: number
}

export interface TraceKeeper {
  /** For `Situation.onWeighed`. */
  readonly weighed: NonNullable<Situation['onWeighed']>
  /** One tick has decided. Takes references to what it saw, at once: the cost on the tick. */
  look(tick: DecidedTick): void
  /** Everything seen so far is in the database when this comes back, or has been logged as lost. */
  flush(): Promise<void>
  /** The last flush. */
  stop(): Promise<void>
}

/** A car as the tick found it: both are replaced and never changed. */
interface CarThen {
  readonly position: Position
  readonly duty: Duty
  readonly state: CarState
}

interface Pending extends Omit<SeenTick, 'cars'> {
  readonly cars: readonly CarThen[]
  readonly rides: readonly WaitingRide[]
  readonly waiting: number
  readonly decidedMs: number
}

export function makeTraceKeeper(deps: TraceDeps, region: Region): TraceKeeper {
  let weighed = new Map<RideId, Weighed & { readonly ride: WaitingRide }>()
  const pending: Pending[] = []
  /** The newest look at each ride, while ticks may still say the same. */
  const open = new Map<RideId, TracedLook>()
  const unwritten = new Map<string, TracedLook>()
  /** When each of the newest looks was written, by the same key. */
  const writtenAtMs = new Map<string, number>()
  const timers = new Map<number, () => void>()
  let underWay: Promise<void> = Promise.resolve()
  let stopped = false

  /** Once, after that time, however often it is asked for. */
  function soon(afterMs: number, work: () => Promise<void>): void {
    if (stopped || timers.has(afterMs)) return
    const cancel = deps.clock.after(afterMs, () => {
      timers.delete(afterMs)
      void inTurn(work)
    })
    timers.set(afterMs, cancel)
  }

  /** One piece of work after the other; none of them throws. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    underWay = underWay.then(work)
    return underWay
  }

  function keep(look: TracedLook): void {
    const before = open.get(look.rideId)
    const isSame =
      before !== undefined && tellsTheSame(before, look) && look.untilMs - before.atMs < FOLD_MOST_MS
    const kept = isSame ? { ...look, atMs: before.atMs, ticks: before.ticks + 1 } : look
    open.set(look.rideId, kept)
    unwritten.set(keyOf(kept), kept)
  }

  async function workOut(tick: Pending): Promise<void> {
    const look = new TickLook({ ...tick, cars: tick.cars.map(seenCar) })
    const atMs = Math.floor(tick.nowMs)
    for (const [n, ride] of tick.rides.entries()) {
      if (n > 0 && n % RIDES_A_TURN === 0) await new Promise<void>(afterThisTurn)
      keep({
        ...look.at(ride),
        ...{ atMs, untilMs: atMs, ticks: 1, policy: tick.policy.kind },
        ...{ waiting: tick.waiting, cars: tick.cars.length, decidedMs: tick.decidedMs },
      })
    }
    for (const [rideId, look] of open)
      if (atMs - look.untilMs > FORGET_MS) {
        open.delete(rideId)
        writtenAtMs.delete(keyOf(look))
      }
  }

  async function workOutAll(): Promise<void> {
    try {
      for (let tick = pending.shift(); tick !== undefined; tick = pending.shift()) await workOut(tick)
    } catch (error) {
      deps.log.error({ event: 'trace.failed', regionId: region.id, err: error })
    }
  }

  /** A look that is new or over, or has grown for long enough. */
  function isDue(look: TracedLook): boolean {
    const wroteAtMs = writtenAtMs.get(keyOf(look))
    const isOver = open.get(look.rideId)?.atMs !== look.atMs
    return wroteAtMs === undefined || isOver || deps.clock.nowMs() - wroteAtMs >= WRITE_AGAIN_MS
  }

  async function write(isLast: boolean): Promise<void> {
    await workOutAll()
    const looks = [...unwritten.values()].filter((look) => isLast || isDue(look))
    try {
      if (looks.length > 0) await writeLooks(deps.db, region, looks)
      for (const look of looks) written(look)
    } catch (error) {
      deps.log.warn({
        event: 'trace.write_failed',
        regionId: region.id,
        unwritten: unwritten.size,
        err: error,
      })
      for (const key of unwritten.keys()) {
        if (unwritten.size <= MOST_UNWRITTEN) break
        unwritten.delete(key)
      }
    }
    if (unwritten.size > 0) soon(WRITE_EVERY_MS, () => write(false))
  }

  function written(look: TracedLook): void {
    const key = keyOf(look)
    // What a tick has added to a look meanwhile is another object, and stays.
    if (unwritten.get(key) === look) unwritten.delete(key)
    if (open.get(look.rideId)?.atMs === look.atMs) writtenAtMs.set(key, deps.clock.nowMs())
    else writtenAtMs.delete(key)
  }

  return {
    weighed(ride, candidates, driverOf) {
      const more = { ride, candidates, driverIds: candidates.map(driverOf) }
      const before = weighed.get(ride.rideId)
      // Another round of one tick: whoever the first one listed was in the running too.
      weighed.set(ride.rideId, before?.ride === ride ? { ride, ...joinedOf(before, more) } : more)
    },
    look({ situation, waiting, decided, joined, reachShare, isOffering, decidedMs }) {
      const ofTick = weighed
      weighed = new Map()
      const swaps = new Set(decided.flatMap(({ kind, rideId }) => (kind === 'swap' ? rideId : [])))
      const swapped = (situation.assigned ?? []).filter(({ rideId }) => swaps.has(rideId))
      if (waiting.length === 0 && swapped.length === 0) return
      const { nowMs, policy, pickupEtaS } = situation
      const cars = carsNow(deps.fleet, region)
      if (pending.length >= MOST_TICKS) {
        pending.shift()
        deps.log.warn({ event: 'trace.tick_untold', regionId: region.id })
      }
      pending.push({
        ...{ nowMs, policy, pickupEtaS, reachShare, isOffering, decidedMs, cars, joined },
        ...{ weighed: ofTick, proposals: decided, kept: keptIn(situation.queues) },
        waiting: waiting.length,
        // Who is on the way to somebody is asked about as if the request were new.
        rides: [...waiting, ...swapped.map((ride) => ({ ...ride, requestedAtMs: nowMs, tripS: 0 }))],
      })
      soon(WORK_AFTER_MS, workOutAll)
      soon(WRITE_EVERY_MS, () => write(false))
    },
    flush: () => inTurn(() => write(true)),
    async stop() {
      stopped = true
      for (const cancel of timers.values()) cancel()
      await inTurn(() => write(true))
    },
  }
}

function keyOf({ rideId, atMs }: TracedLook): string {
  return `${rideId} ${atMs}`
}

function joinedOf(a: Weighed, b: Weighed): Weighed {
  const known = new Set(a.driverIds)
  const isNew = (_: unknown, n: number) => !known.has(b.driverIds[n]!)
  return {
    candidates: [...a.candidates, ...b.candidates.filter(isNew)],
    driverIds: [...a.driverIds, ...b.driverIds.filter(isNew)],
  }
}

/** Every car whose position is known; the tick waits for this, so it takes references and no more. */
function carsNow(fleet: TraceDeps['fleet'], { id }: Region): CarThen[] {
  const cars: CarThen[] = []
  for (const car of fleet.cars(id)) {
    const { position, duty } = car
    if (position !== null) cars.push({ position, duty, state: fleet.stateOf(car) })
  }
  return cars
}

function seenCar({ position, duty, state }: CarThen): SeenCar {
  return {
    driverId: duty.driverId,
    at: position,
    headingDeg: position.headingDeg,
    fixAtMs: position.atMs,
    state,
    classMask: classMaskOf(duty.vehicleClass),
    seats: duty.seats,
    attributes: duty.attributes,
  }
}

function keptIn(queues: Queues | undefined): Set<DriverId> {
  return new Set(
    [...(queues?.standing.values() ?? [])].flatMap(({ drivers, outsideRides }) =>
      outsideRides ? [] : drivers,
    ),
  )
}
