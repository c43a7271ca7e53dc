/**
 * What the last tick of each region decided and nothing in the database says: which rides wait for a driver who is
 * about to be free. The process that ticks tells the others, whose pages speak of it. All of it is made anew by every
 * tick, so a process that has just started, or missed the news, is right again within seconds.
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

export interface Outlook {
  /** The driver a waiting ride is held for, as far as is known; null when it is looking for whoever is free. */
  heldFor(regionId: RegionId, rideId: RideId): HeldRide | null
  /** What this tick decided; others are told when it differs, and now and then. */
  say(region: Pick<Region, 'id' | 'companyId'>, held: readonly HeldRide[]): void
}

interface Told {
  readonly atMs: number
  readonly held: ReadonlyMap<RideId, HeldRide>
}

export function makeOutlook({ bus, clock }: { bus: Bus; clock: Clock }): Outlook {
  const told = new Map<RegionId, Told>()

  bus.on('region.decided', ({ regionId, held }: RegionDecided) => {
    told.set(regionId, { atMs: clock.nowMs(), held: new Map(held.map((ride) => [ride.rideId, ride])) })
  })

  return {
    heldFor(regionId, rideId) {
      const last = told.get(regionId)
      if (last === undefined || clock.nowMs() - last.atMs > STALE_MS) return null
      return last.held.get(rideId) ?? null
    },
    say({ id, companyId }, held) {
      const last = told.get(id)
      const isDue = last === undefined || clock.nowMs() - last.atMs >= REPEAT_MS
      if (isDue ? held.length > 0 || (last?.held.size ?? 0) > 0 : !isSame(last.held, held))
        bus.publish({ type: 'region.decided', companyId, regionId: id, held })
    },
  }
}

function isSame(last: ReadonlyMap<RideId, HeldRide>, held: readonly HeldRide[]): boolean {
  return (
    last.size === held.length &&
    held.every(({ rideId, driverId, pickupAtMs }) => {
      const known = last.get(rideId)
      return known?.driverId === driverId && Math.abs(known.pickupAtMs - pickupAtMs) < SAME_ARRIVAL_MS
    })
  )
}
