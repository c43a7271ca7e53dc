/**
 * What the last tick of each region decided and nothing in the database says: which rides wait for a driver who is
 * about to be free, and how far new requests look. The process that ticks tells the others, whose pages speak of it.
 * All of it is made anew by every tick, so a process that has just started, or missed the news, is right again within
 * seconds.
 */
import type { Region } from '../companies/companies.ts'
import type { RegionId, RideId } from '../engine/units.ts'
import type { Bus, HeldRide, RegionDecided } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'

/** Told again this often though nothing changed, for who has just begun to listen. */
const REPEAT_MS = 10_000
/** Three times nothing heard: whoever ticked the region does so no more. */
const STALE_MS = 3 * REPEAT_MS
/** An arrival that moves by less is the same to a page that speaks of minutes. */
const SAME_ARRIVAL_MS = 20_000
/** Of two kilometres a hundred metres, which is what the page rounds to. */
const SAME_SHARE = 0.05

export interface Outlook {
  /** The driver a waiting ride is held for, as far as is known; null when it is looking for whoever is free. */
  heldFor(regionId: RegionId, rideId: RideId): HeldRide | null
  /** Which share of its first radius a new request looks. */
  reachShare(regionId: RegionId): number
  /** What this tick decided; others are told when it differs, and now and then while it is out of the ordinary. */
  say(region: Pick<Region, 'id' | 'companyId'>, decided: Decided): void
}

export type Decided = Pick<RegionDecided, 'held' | 'reachShare'>

interface Told {
  readonly atMs: number
  readonly reachShare: number
  readonly held: ReadonlyMap<RideId, HeldRide>
}

const NOTHING: Told = { atMs: 0, reachShare: 1, held: new Map() }

export function makeOutlook({ bus, clock }: { bus: Bus; clock: Clock }): Outlook {
  const told = new Map<RegionId, Told>()

  function lastOf(regionId: RegionId): Told {
    const last = told.get(regionId)
    return last === undefined || clock.nowMs() - last.atMs > STALE_MS ? NOTHING : last
  }

  bus.on('region.decided', ({ regionId, reachShare, held }) => {
    const byRide = new Map(held.map((ride) => [ride.rideId, ride]))
    told.set(regionId, { atMs: clock.nowMs(), reachShare, held: byRide })
  })

  return {
    heldFor: (regionId, rideId) => lastOf(regionId).held.get(rideId) ?? null,
    reachShare: (regionId) => lastOf(regionId).reachShare,
    say({ id, companyId }, decided) {
      const last = lastOf(id)
      const isOrdinary = decided.held.length === 0 && decided.reachShare === 1
      const isDue = !isOrdinary && clock.nowMs() - last.atMs >= REPEAT_MS
      if (isDue || !isSame(last, decided))
        bus.publish({ type: 'region.decided', companyId, regionId: id, ...decided })
    },
  }
}

function isSame(last: Told, { held, reachShare }: Decided): boolean {
  return (
    (last.reachShare === 1) === (reachShare === 1) &&
    Math.abs(last.reachShare - reachShare) < SAME_SHARE &&
    last.held.size === held.length &&
    held.every(({ rideId, driverId, pickupAtMs }) => {
      const known = last.held.get(rideId)
      return known?.driverId === driverId && Math.abs(known.pickupAtMs - pickupAtMs) < SAME_ARRIVAL_MS
    })
  )
}
