/**
 * The tick of one region: sweep what is overdue, look at who waits and who is free, let the engine decide, write
 * the offers. Every write is fenced by the region's lease; what the engine proposes is a pure function of what was
 * read, so replay and simulation run the same decision.
 */
import type { QueueZones } from '../companies/companies.ts'
import type { Region } from '../companies/regions.ts'
import {
  DEFAULT_POLICY,
  decide,
  type Policy,
  type Proposal,
  reachShare,
  type Situation,
  tickEveryMs,
} from '../engine/decide.ts'
import { policyAt } from '../engine/policy-hours.ts'
import { matchQueues, type Queues } from '../engine/queue-match.ts'
import type { DriverId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import { type CommitDeps, commit, type Work } from '../io/commit.ts'
import type { Logger } from '../io/log.ts'
import { OutsideError } from '../io/outside.ts'
import type { Random } from '../io/random.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { Roads } from '../roads/roads.ts'
import { makeBookedKeeper } from './booked-keeper.ts'
import { makeFreeKeeper } from './free-keeper.ts'
import { makeHintKeeper } from './hint-keeper.ts'
import type { Hints } from './hints.ts'
import { dropLease, fence, holdLease, LEASE_TTL_S, type Lease, LeaseLost } from './lease.ts'
import { askFor, endBrokenOffers, type MergedWaiting, mergeWaiting } from './merging.ts'
import { makeOffer } from './offers.ts'
import type { Outlook } from './outlook.ts'
import { type JoinProposal, poolWaiting } from './pooling.ts'
import { makeQueueKeeper } from './queue-keeper.ts'
import { knownPickups, roadPickups } from './road-pickups.ts'
import { makeShadowKeeper, type ShadowSums } from './shadow.ts'
import { makeSurgeKeeper } from './surge-keeper.ts'
import { assignedRides } from './swaps.ts'
import { makeSweeps } from './sweeps.ts'
import type { TraceKeeper } from './trace-keeper.ts'
import { hasCar, makeWaitingLook } from './waiting-look.ts'
import { makeWatchKeeper } from './watch-keeper.ts'

export interface TickDeps extends CommitDeps {
  readonly random: Random
  readonly log: Logger
  readonly fleet: Fleet
  readonly outlook: Outlook
  readonly hints: Hints
  readonly surge: SurgeNow
  /** How long ways take; left out, by the region's set speed. */
  readonly roads?: Pick<Roads, 'model' | 'legs' | 'engine'>
  /** Names this process in the lease; unique among all that ever ran. */
  readonly holder: string
  /** Since when the positions of all cars come in, epoch ms; who was silent before may only not have been heard. */
  readonly hearingSinceMs?: () => number
  /** Whether rides are offered by the engine, or left to the desk; asked each tick. */
  readonly isOffering?: () => boolean
  /** The region as the office set it just now; left out, as it was when the dispatcher was made. */
  readonly regionNow?: () => Region
  /** Whether cars on their way are watched, as it stands now; left out, they are. */
  readonly isWatching?: () => boolean
  /** The region's zones with a queue as they are now; undefined where there are none. */
  readonly queueZones?: () => QueueZones | undefined
  /** Told after each tick of a held region. */
  readonly onTick?: (figures: TickFigures, tookMs: number) => void
  /** Told what a tick would have been by the policy in shadow. */
  readonly onShadow?: (tick: ShadowSums) => void
  /** Keeps whom each tick considered, and why each was asked or not; without it nothing is kept. */
  readonly trace?: TraceKeeper
}

/** Each is a commit of its own, most of which is waiting for the disk. */
const OFFERS_AT_ONCE = 4

export interface TickFigures {
  readonly waiting: number
  readonly proposed: number
  /** Of the proposed, rides that wait for a driver who is about to be free. */
  readonly held: number
  readonly offered: number
  readonly expired: number
  readonly unfulfilled: number
  readonly setOffline: number
  /** Rides booked ahead whose time to look for a driver had come. */
  readonly released: number
}

/** How this region matches at an instant: its own settings over the engine's defaults, and those of the hour over them. */
export function policyOf(region: Region, atMs: number): Policy {
  const own: Policy = {
    ...DEFAULT_POLICY,
    kind: region.policy,
    batchWindowMs: region.batchWindowMs,
    radiusM: region.radiusM,
    radiusMaxM: Math.max(region.radiusM, DEFAULT_POLICY.radiusMaxM),
    candidates: region.candidates,
    swapGainS: region.swapGainS ?? 0,
  }
  return policyAt(own, region.policyHours, { atMs, timeZone: region.timeZone })
}

/** The tick of one region in this process; `run` once, or `start` to go on by itself. */
export interface RegionDispatcher {
  /** One tick, if this process holds the region; null if another does. */
  run(): Promise<TickFigures | null>
  start(): void
  /** Stop after the tick under way and hand the region over. */
  stop(): Promise<void>
  holdsLease(): boolean
}

export function makeDispatcher(deps: TickDeps, region: Region): RegionDispatcher {
  const startedAtMs = deps.clock.nowMs()
  const regionNow = deps.regionNow ?? (() => region)
  const sweeps = makeSweeps(deps, region, startedAtMs)
  const watchKeeper = makeWatchKeeper(deps, region, startedAtMs)
  const queueKeeper = makeQueueKeeper(deps, region, startedAtMs)
  const shadowKeeper = makeShadowKeeper(region, deps.clock)
  const hintKeeper = makeHintKeeper(deps, region)
  const freeKeeper = makeFreeKeeper(deps, region)
  const bookedKeeper = makeBookedKeeper(deps, region)
  const surgeKeeper = makeSurgeKeeper(deps, region, startedAtMs)
  const waitingLook = makeWaitingLook(deps, region)
  let lease: Lease | null = null
  let leaseUntilMs = 0
  /** A region just taken over starts from what the database says; from then on the keeper of every process looks. */
  let isFresh = false
  let underWay: Promise<unknown> = Promise.resolve()
  let stopped = false
  let cancelNext: (() => void) | null = null

  async function keepLease(): Promise<Lease | null> {
    const nowMs = deps.clock.nowMs()
    if (lease !== null && nowMs < leaseUntilMs - (LEASE_TTL_S * 1000) / 2) return lease
    const held = await holdLease(deps.db, region.id, deps.holder)
    if (held !== null && held.epoch !== lease?.epoch) {
      deps.log.info({ event: 'lease.taken', regionId: region.id, epoch: held.epoch })
      isFresh = false
    }
    if (held === null && lease !== null) deps.log.warn({ event: 'lease.lost', regionId: region.id })
    lease = held
    leaseUntilMs = nowMs + LEASE_TTL_S * 1000
    return held
  }

  /**
   * One write of a tick. Null when it failed by a mistake of ours: one ride that cannot be handled must not keep the
   * region's others waiting, tick after tick. A lost lease or a database that is away ends the tick.
   */
  async function fenced<T>(held: Lease, work: (unit: Work) => Promise<T>): Promise<T | null> {
    try {
      return await commit(deps, async (unit) => {
        await fence(unit, held)
        return work(unit)
      })
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof OutsideError) throw error
      deps.log.error({ event: 'tick.write_failed', regionId: region.id, err: error })
      return null
    }
  }

  async function tick(): Promise<TickFigures | null> {
    const held = await keepLease()
    if (held === null) return null
    const { expired, unfulfilled } = await sweeps.endOverdue((work) => fenced(held, work))
    if (!isFresh) {
      await deps.fleet.reload()
      isFresh = true
    }
    const setOffline = await sweeps.endShifts((work) => fenced(held, work))
    await deps.fleet.settle()
    const released = await bookedKeeper.keep((work) => fenced(held, work))
    const { reassigned } = await watchKeeper.keep((work) => fenced(held, work))
    if (reassigned > 0) await deps.fleet.settle()
    const queues = await queueKeeper.keep((work) => fenced(held, work))
    await endBrokenOffers(deps.db, regionNow(), (work) => fenced(held, work))
    const isOffering = deps.isOffering?.() !== false
    const { rides: alone, unread } = await waitingLook({
      couldGive:
        isOffering &&
        hasCar(deps.fleet, regionNow(), policyOf(regionNow(), deps.clock.nowMs()), deps.clock.nowMs()),
    })
    const nowMs = deps.clock.nowMs()
    const inTurn = { nowMs, fenced: <T>(work: (unit: Work) => Promise<T>) => fenced(held, work) }
    const merged = await mergeWaiting(deps, regionNow(), { ...inTurn, waiting: alone })
    const { waiting } = merged
    const idle = deps.fleet.index(region.id).availableCount
    const policy = policyOf(regionNow(), nowMs)
    const asked: Situation = {
      waiting: isOffering ? waiting : [],
      ...(isOffering && policy.swapGainS > 0 && { assigned: await assignedRides(deps, region, policy) }),
      fleet: deps.fleet.index(region.id),
      soonFree: deps.fleet.soonFree(region.id),
      policy,
      nowMs,
      pickupEtaS: knownPickups(deps, region),
      ...(queues === undefined ? {} : { queues }),
      idleSinceMs: (driverId) => deps.fleet.car(driverId)?.duty.idleSinceMs ?? 0,
    }
    // Nobody joins a run whom a car at a rank has waited for.
    const byTurn = matchQueues(asked, asked.waiting).proposals
    const pooled = await poolWaiting(deps, {
      ...{ region: regionNow(), nowMs },
      waiting: asked.waiting.filter(({ rideId }) => !byTurn.has(rideId) && !merged.groups.has(rideId)),
    })
    const unasked: Situation = {
      ...asked,
      waiting: [
        ...asked.waiting.filter(({ rideId }) => byTurn.has(rideId) || merged.groups.has(rideId)),
        ...pooled.rest,
      ],
    }
    const situation: Situation = {
      ...unasked,
      pickupEtaS: await roadPickups(deps, region, unasked),
      ...(deps.trace && { onWeighed: deps.trace.weighed }),
    }
    const reach = reachShare(policy, { idle, waiting: situation.waiting.length + (isOffering ? unread : 0) })
    const startedMs = deps.clock.nowMs()
    const decided = decide(situation)
    const decidedMs = Math.max(0, deps.clock.nowMs() - startedMs)
    // A tick that saw no car and hardly anybody has nothing to tell that the last one did not.
    if (unread === 0)
      deps.trace?.look({
        ...{ situation, waiting, decided, joined: pooled.proposals },
        ...{ reachShare: reach, isOffering, decidedMs },
      })
    const shadow = regionNow().shadowPolicy
    if (shadow !== null && situation.waiting.length > 0) {
      const difference = shadowKeeper.follow(shadow, { situation, live: decided, liveMs: decidedMs })
      deps.onShadow?.(difference)
    }
    const proposals: (Proposal | JoinProposal)[] = [...pooled.proposals, ...decided]
    const holds = decided.filter(({ kind }) => kind === 'hold')
    const toAsk = proposals.filter(({ kind }) => kind !== 'hold')
    deps.outlook.say(region, {
      reachShare: reach,
      held: holds.map(({ rideId, driverId, pickupEtaS }) => ({
        ...{ rideId, driverId },
        pickupAtMs: nowMs + pickupEtaS * 1_000,
      })),
    })
    const offered = await sideBySide(toAsk, OFFERS_AT_ONCE, (proposal) => offer(held, proposal, merged))
    await shadowKeeper.keep((work) => fenced(held, work))
    await atLast('surge', () => surgeKeeper.keep((work) => fenced(held, work)))
    await atLast('free_cars', async () => void (await freeKeeper.keep((work) => fenced(held, work))))
    await atLast('hints', () => hintKeeper.keep((work) => fenced(held, work), standingIn(queues)))
    return {
      ...{ waiting: waiting.length + unread, proposed: proposals.length, held: holds.length, offered },
      ...{ expired, unfulfilled, setOffline, released },
    }
  }

  /** Ask the driver, if both may still be asked. */
  async function offer(
    held: Lease,
    proposal: Proposal | JoinProposal,
    { groups }: MergedWaiting,
  ): Promise<boolean> {
    const group = groups.get(proposal.rideId)
    const from = deps.fleet.car(proposal.driverId)?.position
    const merged =
      group === undefined || from == null
        ? undefined
        : await askFor(deps, regionNow(), group, {
            ...{ from, nowMs: deps.clock.nowMs() },
            fenced: (work) => fenced(held, work),
          })
    if (group !== undefined && merged == null) {
      deps.fleet.markChanged(proposal.driverId)
      return false
    }
    const made = await fenced(held, (unit) =>
      makeOffer(unit, deps.random, {
        companyId: region.companyId,
        regionId: region.id,
        rideId: proposal.rideId,
        driverId: proposal.driverId,
        pickupDistanceM: proposal.pickupDistanceM,
        pickupEtaS: proposal.pickupEtaS,
        ...(merged && { ...merged, merged: merged.ask }),
        ttlS: regionNow().offerTtlS,
        ...('joins' in proposal ? { joins: proposal.joins } : {}),
        ...('zoneId' in proposal && proposal.zoneId !== undefined ? { zoneId: proposal.zoneId } : {}),
        ...('swapsFrom' in proposal && proposal.swapsFrom !== undefined
          ? { swapsFrom: proposal.swapsFrom }
          : {}),
      }),
    )
    if (made === null) deps.fleet.markChanged(proposal.driverId)
    return made !== null
  }

  /** What drivers and prices are told comes last: riders are served whether it can be worked out or not. */
  async function atLast(what: 'surge' | 'hints' | 'free_cars', work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof OutsideError) throw error
      deps.log.error({ event: `tick.${what}_failed`, regionId: region.id, err: error })
    }
  }

  async function run(): Promise<TickFigures | null> {
    try {
      const startedAtMs = deps.clock.nowMs()
      const figures = await tick()
      if (figures !== null) deps.onTick?.(figures, deps.clock.nowMs() - startedAtMs)
      return figures
    } catch (error) {
      if (!(error instanceof LeaseLost)) throw error
      deps.log.warn({ event: 'lease.lost', regionId: region.id })
      lease = null
      return null
    }
  }

  /** The window is from tick to tick, however long one takes; one that is longer than half of it leaves others time. */
  function schedule(tookMs = 0): void {
    if (stopped) return
    const everyMs = tickEveryMs(policyOf(regionNow(), deps.clock.nowMs()))
    cancelNext = deps.clock.after(Math.max(everyMs / 2, everyMs - tookMs), () => {
      const startedAtMs = deps.clock.nowMs()
      underWay = run()
        .catch((error: unknown) => deps.log.error({ event: 'tick.failed', regionId: region.id, err: error }))
        .finally(() => schedule(deps.clock.nowMs() - startedAtMs))
    })
  }

  return {
    run,
    start: () => schedule(),
    async stop() {
      stopped = true
      cancelNext?.()
      await underWay
      if (lease !== null) await dropLease(deps.db, lease)
      lease = null
      await deps.trace?.stop()
    },
    holdsLease: () => lease !== null && deps.clock.nowMs() < leaseUntilMs,
  }
}

/**
 * Work at so many things at a time. When one fails the rest is left, and what is under way ends first.
 * @returns how many of them came to something
 */
async function sideBySide<T>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<boolean>,
): Promise<number> {
  const left = [...things]
  let count = 0
  async function takeTurns(): Promise<void> {
    try {
      for (let thing = left.shift(); thing !== undefined; thing = left.shift()) if (await work(thing)) count++
    } catch (error) {
      left.length = 0
      throw error
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, takeTurns))
  for (const end of ended) if (end.status === 'rejected') throw end.reason
  return count
}

/** Drivers who keep a place in a queue. */
function standingIn(queues: Queues | undefined): Set<DriverId> {
  return new Set([...(queues?.standing.values() ?? [])].flatMap(({ drivers }) => drivers))
}
