/**
 * What the tick does about cars on their way to a rider: look at each, say what is wrong, take it back, and in the end
 * take the ride from a car that does not come. What a car did before this process looked is not known here: its memory
 * begins anew with the lease, but what was said, and when it acts, is in Postgres.
 */
import type { Region } from '../companies/regions.ts'
import { travel } from '../engine/eta.ts'
import { distanceM } from '../engine/geo.ts'
import type { DriverId, LatLng, RideId } from '../engine/units.ts'
import {
  actsAtMs,
  beginWatch,
  isOutage,
  look,
  nextMove,
  type Seen,
  WATCH_TERMS,
  type Watch,
} from '../engine/watchdog.ts'
import type { Db } from '../io/postgres.ts'
import { type TravelDeps, travelIn } from '../roads/roads.ts'
import { endAlarm, type LoadedAlarm, liveAlarms, raiseAlarm, reassign } from './alarms.ts'
import type { Fenced, SweepDeps } from './sweeps.ts'

export interface WatchDeps extends SweepDeps, TravelDeps {
  /** Whether the company wants it, as it stands now; left out, it does. */
  readonly isWatching?: () => boolean
}

export interface WatchKeeper {
  /**
   * Look once at every car on its way; at most once in `LOOK_EVERY_MS`, however often it is called.
   * @param fenced one write of the tick under its lease
   */
  keep(fenced: Fenced): Promise<{ raised: number; reassigned: number }>
}

/** Fixes come every five seconds; looking more often would see nothing new. */
const LOOK_EVERY_MS = 1_000
/** More cars on their way than any region of ours has. */
const ON_THEIR_WAY_LIMIT = 10_000

interface OnItsWay {
  readonly rideId: RideId
  readonly driverId: DriverId
  readonly pickup: LatLng
  readonly assignedAtMs: number
  readonly shared: boolean
}

interface Watched {
  readonly driverId: DriverId
  readonly assignedAtMs: number
  watch: Watch
}

/** @param startedAtMs when this process began to listen, epoch ms */
export function makeWatchKeeper(deps: WatchDeps, region: Region, startedAtMs: number): WatchKeeper {
  const { clock, fleet, random } = deps
  let watches = new Map<RideId, Watched>()
  let lookedAtMs = Number.NEGATIVE_INFINITY

  /** Since when the fixes of all cars reach this process. */
  const hearingSinceMs = () => Math.max(startedAtMs, deps.hearingSinceMs?.() ?? startedAtMs)

  function seenOf(ride: OnItsWay, nowMs: number): Seen {
    const position = fleet.car(ride.driverId)?.position ?? null
    return {
      nowMs,
      fix: position,
      distanceM: position === null ? 0 : distanceM(position, ride.pickup),
      etaS: position === null ? 0 : travel(position, ride.pickup, travelIn(deps, region)).durationS,
      hearingSinceMs: hearingSinceMs(),
    }
  }

  function watchedOf(ride: OnItsWay, alarm: LoadedAlarm | undefined, nowMs: number): Watched {
    const known = watches.get(ride.rideId)
    if (known?.driverId === ride.driverId && known.assignedAtMs === ride.assignedAtMs) return known
    const said = alarm === undefined ? null : { kind: alarm.kind, sinceMs: alarm.since_at.getTime() }
    // Of a car that riders share, the way to this rider begins when the stops before are made.
    const sinceMs = ride.shared ? nowMs : Math.max(ride.assignedAtMs, hearingSinceMs())
    return {
      driverId: ride.driverId,
      assignedAtMs: ride.assignedAtMs,
      watch: beginWatch(sinceMs, said),
    }
  }

  /** Half of the cars silent is no driver's fault; counted only when it matters. */
  function isOutageNow(): boolean {
    let silent = 0
    let onShift = 0
    for (const car of fleet.cars(region.id)) {
      onShift++
      if (fleet.stateOf(car) === 'silent') silent++
    }
    return isOutage({ silent, onShift })
  }

  async function follow(
    fenced: Fenced,
    { ride, watch, alarm }: { ride: OnItsWay; watch: Watch; alarm: LoadedAlarm | null },
    nowMs: number,
  ): Promise<'raised' | 'reassigned' | null> {
    const due = alarm !== null && nowMs >= alarm.acts_at.getTime()
    const move = nextMove(
      watch,
      alarm === null ? null : { kind: alarm.kind, actsAtMs: alarm.acts_at.getTime() },
      { nowMs, isOutage: due && alarm.kind === 'dark' && isOutageNow() },
    )
    switch (move) {
      case 'raise': {
        const { kind, sinceMs } = watch.trouble!
        const { companyId } = region
        const raised = await fenced((unit) =>
          raiseAlarm(unit, random, {
            ...{ companyId, regionId: region.id, rideId: ride.rideId, driverId: ride.driverId },
            ...{ kind, sinceMs, actsAtMs: actsAtMs(kind, nowMs) },
          }),
        )
        return raised === null ? null : 'raised'
      }
      case 'end':
        await fenced((unit) => endAlarm(unit, alarm!, 'recovered'))
        return null
      case 'reassign': {
        // Whoever has just begun to listen has not yet had the chance to hear the car.
        if (nowMs - hearingSinceMs() < WATCH_TERMS.darkAfterS * 1_000) return null
        const released = await fenced((unit) => reassign(unit, random, alarm!))
        return released === null ? null : 'reassigned'
      }
      default:
        return null
    }
  }

  return {
    async keep(fenced) {
      const nowMs = clock.nowMs()
      const figures = { raised: 0, reassigned: 0 }
      if (nowMs - lookedAtMs < LOOK_EVERY_MS) return figures
      lookedAtMs = nowMs
      const [rides, alarms] = await Promise.all([
        ridesOnTheirWay(deps.db, region),
        liveAlarms(deps.db, { companyId: region.companyId, regionId: region.id }),
      ])
      const isWatching = deps.isWatching?.() !== false
      const alarmOf = new Map(alarms.map((alarm) => [alarm.ride_id, alarm]))
      const next = new Map<RideId, Watched>()
      for (const ride of rides) {
        const alarm = alarmOf.get(ride.rideId)
        const own = alarm?.driver_id === ride.driverId ? alarm : undefined
        if (!isWatching || !isNextStop(ride)) continue
        const watched = watchedOf(ride, own, nowMs)
        watched.watch = look(watched.watch, seenOf(ride, nowMs))
        next.set(ride.rideId, watched)
        if (own !== undefined) alarmOf.delete(ride.rideId)
        const done = await follow(fenced, { ride, watch: watched.watch, alarm: own ?? null }, nowMs)
        if (done !== null) figures[done]++
      }
      watches = next
      // What is left was said of a way that is over: arrived, cancelled, handed back, or nobody watches any more.
      for (const alarm of alarmOf.values()) await fenced((unit) => endAlarm(unit, alarm, 'over'))
      return figures
    },
  }

  /** A shared car may have others to fetch or bring first; then the way to this rider has not begun. */
  function isNextStop({ shared, driverId, rideId }: OnItsWay): boolean {
    return !shared || fleet.car(driverId)?.duty.rideId === rideId
  }
}

/** Rides of a region whose car is under way to their pickup. */
export async function ridesOnTheirWay(db: Db, region: Pick<Region, 'id' | 'companyId'>): Promise<OnItsWay[]> {
  const rows = await db
    .selectFrom('rides')
    .select(['id', 'driver_id', 'pickup_lat', 'pickup_lng', 'assigned_at', 'shared'])
    .where('company_id', '=', region.companyId)
    .where('region_id', '=', region.id)
    .where('ended_at', 'is', null)
    .where('state', 'in', ['assigned', 'en_route'])
    .orderBy('requested_at')
    .limit(ON_THEIR_WAY_LIMIT)
    .execute()
  return rows.flatMap((row) =>
    row.driver_id === null || row.assigned_at === null
      ? []
      : [
          {
            ...{ rideId: row.id, driverId: row.driver_id, shared: row.shared },
            pickup: { lat: row.pickup_lat, lng: row.pickup_lng },
            assignedAtMs: row.assigned_at.getTime(),
          },
        ],
  )
}
