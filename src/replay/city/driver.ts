/** One simulated driver: sees what the server says, does what a driver would do next, and is seen by GPS meanwhile. */
import type { LatLng } from '../../engine/units.ts'
import type { Cancel } from '../../io/clock.ts'
import type { Ping } from '../../positions/shapes.ts'
import type { RoadGraph } from '../roads.ts'
import { type Habits, isUnloved, OPENING_HABITS, someMs, UNLOVED_DECLINE_SHARE } from './habits.ts'
import {
  type Answer,
  type DriverSocket,
  makePhone,
  openDriverSocket,
  type PhoneDeps,
  type Session,
} from './phone.ts'
import type { Ranks } from './ranks.ts'
import { type SeenRide, type SeenState, stateShape } from './seen.ts'
import { driveTo, endsAtMs, spotOn, standAt, type Way } from './way.ts'

export interface DriverDeps extends PhoneDeps {
  readonly roads: RoadGraph
  readonly habits: Habits
  /** Whether the city is still opening. */
  readonly isOpening: () => boolean
  /** A corner where riders are likelier than here. */
  readonly busierCorner: (near: LatLng) => number
  /** A place at a rank that is near enough, if one is free. */
  readonly joinRank: Ranks['join']
  /** How long the rider of this ride takes to board; null for one who never comes. */
  readonly boardsAfterMs: (rideId: string) => number | null
  readonly finished: () => void
}

export interface Driver {
  /** Resolves with what the server knows of this driver, once it has said so. */
  readonly met: Promise<SeenState>
  /** Be here, standing; only before the first ping. */
  startAt(node: number): void
  /** Be at a rank, standing in its queue; only before the first ping. False where no place is free near there. */
  startAtRank(near: LatLng): boolean
  goOnShift(): Promise<void>
  /** Send the position if it is due; called a few times a second. */
  beat(): void
  spot(): LatLng
  stop(): void
}

const PING_MOVING_MS = 5_000
const PING_STILL_MS = 15_000
/** What the phone keeps while there is no network. */
const MOST_KEPT_PINGS = 60
/** Nothing came of what was done: look again. */
const LOOK_AGAIN_MS = 6_000
const AFTER_REFUSAL_MS = 1_500
/** To be surely past the instant at which a button opens. */
const A_MOMENT_MS = 2_000
/** A cab that looks for riders goes slower than one that is expected. */
const DRIFT_SLOWNESS = 1.7

export function makeDriver(deps: DriverDeps, session: Session): Driver {
  const { roads, clock, random, habits } = deps
  const chance = () => random.fraction()
  const phone = makePhone(deps, session)
  let state: SeenState | null = null
  let way: Way | null = null
  /** What the driver is busy with, so that the same news twice does not start it twice. */
  let doing = ''
  let cancel: Cancel = () => {}
  /** One more rider is thought about while the ride goes on. */
  let joining = ''
  /** The last question about the way that was answered. */
  let answered = ''
  // Counts on from the clock, so that a phone started again does not repeat its numbers.
  let seq = Math.floor(clock.nowMs() / 1000)
  let pingAtMs = 0
  /** The rank where this car stands, or is on its way to. */
  let rank: ReturnType<Ranks['join']> = null
  const kept: Ping[] = []
  /** Until when the phone has no network. */
  let darkUntilMs = 0
  /** The last question why the car does not come, so that it is heard once. */
  let nudged = ''
  let stopped = false
  const met = Promise.withResolvers<SeenState>()
  const socket: DriverSocket = openDriverSocket(deps, session, {
    // A city has phones of both kinds: pages that send frames, and programs that send JSON.
    framed: chance() < 0.5,
    heard: (message) => {
      const seen = stateShape.safeParse(message)
      if (seen.success && seen.data.type === 'driver') see(seen.data)
    },
  })

  function see(seen: SeenState): void {
    state = seen
    met.resolve(seen)
    if (way !== null) follow()
    hearNudge()
  }

  /** Do the next thing for what is now so; `anew` also when it was already being done. */
  function follow(anew = false): void {
    if (state === null || stopped) return
    const { offer, ride, shift } = state
    if (ride && offer) takeAlong(offer)
    if (ride && state.wayAsked?.state === 'pending') agreeTo(ride.id, state.wayAsked.id)
    const now = ride
      ? `ride ${ride.id} ${ride.state}${ride.state === 'in_progress' ? ` ${ride.dropoff.lat} ${ride.dropoff.lng}` : ''}`
      : offer
        ? `offer ${offer.id}`
        : shift === null
          ? 'off'
          : 'free'
    if (now === doing && !anew) return
    doing = now
    cancel()
    if (ride) drive(ride)
    else if (offer) consider(offer)
    else if (shift === null) later([5, 20], () => void goOnShift())
    else rest()
  }

  function later(span: readonly [number, number], run: () => void): void {
    laterMs(someMs(span, chance), run)
  }

  function laterMs(waitMs: number, run: () => void): void {
    cancel()
    cancel = clock.after(waitMs, run)
  }

  /** Tell the server, and look at what is so when it refused, failed, or nothing came of it. */
  async function tell(path: string, body: unknown): Promise<Answer> {
    const before = doing
    const answer = await phone.send('POST', path, body)
    if (!stopped && doing === before) {
      laterMs(
        answer.status >= 200 && answer.status < 300 ? LOOK_AGAIN_MS : AFTER_REFUSAL_MS,
        () => void look(),
      )
    }
    return answer
  }

  async function look(): Promise<void> {
    const answer = await phone.get('/api/v1/driver')
    if (stopped) return
    const seen = stateShape.safeParse(answer.body)
    if (answer.status !== 200 || !seen.success) {
      laterMs(LOOK_AGAIN_MS, () => void look())
      return
    }
    state = seen.data
    met.resolve(seen.data)
    follow(true)
  }

  function consider(offer: NonNullable<SeenState['offer']>): void {
    const mood = deps.isOpening() ? { ...habits, ...OPENING_HABITS } : habits
    const dice = chance()
    if (dice < mood.lapseShare) {
      laterMs(offer.remainingMs + LOOK_AGAIN_MS, () => void look())
      return
    }
    const declineShare =
      !deps.isOpening() && isUnloved(offer.rideId, habits.unlovedShare)
        ? UNLOVED_DECLINE_SHARE
        : mood.declineShare
    const answer = dice < mood.lapseShare + declineShare ? 'decline' : 'acceptance'
    later(mood.answerS, () => void tell(`/api/v1/offers/${offer.id}/${answer}`, {}))
  }

  /** Somebody on the way is nearly always taken along. */
  function takeAlong(offer: NonNullable<SeenState['offer']>): void {
    if (offer.id === joining) return
    joining = offer.id
    const answer = chance() < habits.declineShare ? 'decline' : 'acceptance'
    clock.after(someMs(habits.answerS, chance), () => {
      if (!stopped) void phone.send('POST', `/api/v1/offers/${offer.id}/${answer}`, {})
    })
  }

  /** Who is asked to drive elsewhere is as willing as anybody asked to take somebody along. */
  function agreeTo(rideId: string, changeId: string): void {
    if (changeId === answered) return
    answered = changeId
    const agrees = chance() >= habits.declineShare
    clock.after(someMs(habits.answerS, chance), () => {
      if (!stopped) void phone.send('POST', `/api/v1/rides/${rideId}/changes/${changeId}/answer`, { agrees })
    })
  }

  function drive(ride: SeenRide): void {
    rank?.leave()
    rank = null
    const step = (name: string) => void tell(`/api/v1/rides/${ride.id}/steps`, { step: name })
    switch (ride.state) {
      case 'assigned': {
        park()
        const mood = deps.isOpening() ? OPENING_HABITS : habits
        later(mood.setOffS, () => step('set_off'))
        break
      }
      case 'en_route':
        comeFor(ride, () => {
          pingAtMs = 0
          beat()
          step('arrive')
        })
        break
      case 'arrived':
        waitFor(ride.id, step)
        break
      case 'in_progress':
        laterMs(headFor(ride.dropoff) + someMs(habits.finishS, chance), () => {
          deps.finished()
          step('finish')
        })
        break
    }
  }

  /** Nearly always straight there; now and then out of the network, or with a stop on the way. */
  function comeFor(ride: SeenRide, arrived: () => void): void {
    const dice = deps.isOpening() ? 1 : chance()
    const thereMs = headFor(ride.pickup)
    if (dice < habits.darkShare) {
      const outMs = someMs(habits.darkS, chance)
      darkUntilMs = clock.nowMs() + outMs
      laterMs(Math.max(thereMs, outMs), arrived)
    } else if (dice < habits.darkShare + habits.stallShare) {
      laterMs(thereMs / 2, () => {
        park()
        laterMs(someMs(habits.stallS, chance), () => laterMs(headFor(ride.pickup), arrived))
      })
    } else laterMs(thereMs, arrived)
  }

  /** Who stands somewhere and looks at the phone says that they come, or does not care to. */
  function hearNudge(): void {
    const about = state?.nudge ?? null
    const ride = state?.ride ?? null
    const asked = about === null || ride === null ? '' : `${ride.id} ${about.sinceMs}`
    if (asked === nudged) return
    nudged = asked
    if (about === null || ride === null || about.kind === 'dark' || about.answersLeft === 0) return
    if (chance() >= habits.nudgeAnswerShare) return
    clock.after(someMs(habits.nudgeAnswerS, chance), () => {
      if (!stopped && state?.ride?.id === ride.id)
        void phone.send('POST', `/api/v1/rides/${ride.id}/on-my-way`, {})
    })
  }

  function waitFor(rideId: string, step: (name: string) => void): void {
    const boardsAfterMs = deps.boardsAfterMs(rideId)
    if (boardsAfterMs !== null) {
      laterMs(boardsAfterMs, () => step('board'))
      return
    }
    const nowMs = clock.nowMs()
    laterMs(Math.max(0, (state?.noShowFromMs ?? nowMs) - nowMs) + A_MOMENT_MS, () => step('miss'))
  }

  /** Leave for the corner next to a point. @returns milliseconds until the car is there */
  function headFor(point: LatLng): number {
    const nowMs = clock.nowMs()
    way = driveTo(roads, way!, { toNode: roads.nearestNode(point).node, nowMs })
    pingAtMs = Math.min(pingAtMs, nowMs + 1_000)
    return Math.max(0, endsAtMs(way) - nowMs)
  }

  /** Roll on to the next corner and stop there. */
  function park(): void {
    const nowMs = clock.nowMs()
    if (endsAtMs(way!) <= nowMs) return
    const next = way!.atMs.findIndex((reachedMs) => reachedMs > nowMs) + 1
    way = {
      points: way!.points.slice(0, next),
      atMs: way!.atMs.slice(0, next),
      nodes: way!.nodes.slice(0, next),
    }
  }

  /** Stand for a while, then drift to a rank or to where riders are, or stay; whoever queues does not leave. */
  function rest(): void {
    later(habits.restS, () => {
      const nowMs = clock.nowMs()
      const spot = spotOn(way!, nowMs)
      if (rank === null && chance() < habits.rankShare) {
        rank = deps.joinRank(spot)
        if (rank !== null) return driftTo(rank.node, nowMs)
      }
      if (rank === null && chance() < habits.driftShare) {
        const hint = state?.hint ?? null
        driftTo(hint === null ? deps.busierCorner(spot) : roads.nearestNode(hint).node, nowMs)
      } else rest()
    })
  }

  function driftTo(toNode: number, nowMs: number): void {
    way = driveTo(roads, way!, { toNode, nowMs, slowness: DRIFT_SLOWNESS })
    laterMs(endsAtMs(way) - nowMs, rest)
  }

  async function goOnShift(): Promise<void> {
    if (state === null || state.shift !== null || stopped) return
    cancel()
    const [vehicle] = state.vehicles
    if (vehicle !== undefined) await tell('/api/v1/driver/shift', { vehicleId: vehicle.id })
  }

  function beat(): void {
    const nowMs = clock.nowMs()
    if (way === null || stopped || state === null || state.shift === null || nowMs < pingAtMs) return
    const { lat, lng, speedMps, headingDeg, isMoving } = spotOn(way, nowMs)
    kept.push({
      seq: seq++,
      at: Math.round(nowMs),
      ...{ lat, lng, speed: speedMps, heading: headingDeg },
      accuracy: 4 + 6 * chance(),
    })
    if (kept.length > MOST_KEPT_PINGS) kept.shift()
    if (nowMs >= darkUntilMs && socket.sendPings(kept)) kept.length = 0
    pingAtMs = nowMs + (isMoving ? PING_MOVING_MS : PING_STILL_MS) * (0.95 + 0.1 * chance())
  }

  return {
    met: met.promise,
    startAt(node) {
      way = standAt(roads, node, clock.nowMs())
      follow()
    },
    startAtRank(near) {
      rank = deps.joinRank(near)
      if (rank === null) return false
      way = standAt(roads, rank.node, clock.nowMs())
      follow()
      return true
    },
    goOnShift,
    beat,
    spot: () => (way === null ? { lat: 0, lng: 0 } : spotOn(way, clock.nowMs())),
    stop() {
      stopped = true
      cancel()
      socket.close()
    },
  }
}
