/** What a tick ends before it looks at who waits: offers that lapsed, rides without hope, shifts that are none. */
import type { Region } from '../companies/regions.ts'
import { type Hindrance, hindranceIn } from '../drivers/capability.ts'
import { endShift, lockDriver, openShift } from '../drivers/drivers.ts'
import { workingHours } from '../drivers/hours.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { CommitDeps, Work } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import { type Car, type Fleet, mayDrive } from '../positions/fleet.ts'
import { changeRide, SYSTEM } from '../rides/rides.ts'
import { expireChange, overdueChanges } from '../rides/way-changes.ts'
import { expireOffer } from './offers.ts'
import { hopelessRides, lapsedOffers } from './waiting.ts'

/** A car that was not heard of for so long is off: its phone is, too. It must go online again to get offers. */
export const SILENT_OFF_SHIFT_MS = 120_000
/** Who is on a break may put the phone away; for so long, since the car is theirs alone meanwhile. */
export const SILENT_ON_BREAK_MS = 2 * 3_600_000

/** One write under the region's lease; null when it failed by a mistake of ours. */
export type Fenced = <T>(work: (unit: Work) => Promise<T>) => Promise<T | null>

export interface SweepDeps extends CommitDeps {
  readonly random: Random
  readonly fleet: Fleet
  /** Since when the positions of all cars come in, epoch ms; who was silent before may only not have been heard. */
  readonly hearingSinceMs?: () => number
}

export interface Sweeps {
  /** Offers and questions whose time is over, and rides that found nobody in time. */
  endOverdue(fenced: Fenced): Promise<{ expired: number; unfulfilled: number }>
  /** Shifts of cars that fell silent, and of drivers who may not drive any more; how many ended. */
  endShifts(fenced: Fenced): Promise<number>
}

/** @param startedAtMs when this process began to listen, epoch ms */
export function makeSweeps(deps: SweepDeps, region: Region, startedAtMs: number): Sweeps {
  async function expireLapsed(fenced: Fenced): Promise<number> {
    const overdue = await lapsedOffers(deps.db, region.companyId, {
      regionId: region.id,
      at: new Date(deps.clock.nowMs()),
    })
    let expired = 0
    for (const offer of overdue) if ((await fenced((unit) => expireOffer(unit, offer))) !== null) expired++
    return expired
  }

  async function expireQuestions(fenced: Fenced): Promise<void> {
    const at = new Date(deps.clock.nowMs())
    const overdue = await overdueChanges(deps.db, region.companyId, { regionId: region.id, at })
    for (const change of overdue) await fenced((unit) => expireChange(unit, deps.random, change))
  }

  async function giveUpHopeless(fenced: Fenced): Promise<number> {
    const overdue = await hopelessRides(deps.db, region.companyId, {
      regionId: region.id,
      at: new Date(deps.clock.nowMs()),
    })
    let givenUp = 0
    for (const rideId of overdue) {
      const changed = await fenced((unit) =>
        changeRide(unit, deps.random, {
          companyId: region.companyId,
          rideId,
          event: { type: 'give_up' },
          actor: SYSTEM,
          reason: 'no driver in time',
        }),
      )
      if (changed?.ok) givenUp++
    }
    return givenUp
  }

  async function endSilentShifts(fenced: Fenced): Promise<number> {
    const nowMs = deps.clock.nowMs()
    const sinceMs = Math.max(startedAtMs, deps.hearingSinceMs?.() ?? startedAtMs)
    const silent: DriverId[] = []
    for (const car of deps.fleet.cars(region.id)) {
      const { breakSinceMs, shiftStartedAtMs } = car.duty
      const heardAtMs = Math.max(car.position?.atMs ?? 0, breakSinceMs ?? shiftStartedAtMs, sinceMs)
      const allowedMs = breakSinceMs === null ? SILENT_OFF_SHIFT_MS : SILENT_ON_BREAK_MS
      if (car.duty.rideId === null && nowMs - heardAtMs > allowedMs) silent.push(car.duty.driverId)
    }
    let ended = 0
    for (const driverId of silent) {
      const done = await fenced((unit) =>
        endShift(unit, { companyId: region.companyId, driverId, reason: 'silent' }),
      )
      if (done?.ok && done.value) ended++
    }
    return ended
  }

  /** A licence that ran out, a company that said stop, hours that are used up: the shift ends, after the running ride. */
  async function endHinderedShifts(fenced: Fenced): Promise<number> {
    const nowMs = deps.clock.nowMs()
    const hindered = [...deps.fleet.cars(region.id)]
      .filter((car) => car.duty.rideId === null && isOver(car, nowMs))
      .map((car) => car.duty.driverId)
    let ended = 0
    for (const driverId of hindered) {
      const done = await fenced(async (unit) => {
        await lockDriver(unit, driverId)
        // The fleet's word may be old; what is written now counts.
        const reason = await overWhy(unit, { companyId: region.companyId, driverId })
        if (reason === null) return null
        return endShift(unit, { companyId: region.companyId, driverId, reason })
      })
      if (done?.ok && done.value) ended++
      else deps.fleet.markChanged(driverId)
    }
    return ended
  }

  return {
    async endOverdue(fenced) {
      const expired = await expireLapsed(fenced)
      await expireQuestions(fenced)
      return { expired, unfulfilled: await giveUpHopeless(fenced) }
    },
    endShifts: async (fenced) => (await endSilentShifts(fenced)) + (await endHinderedShifts(fenced)),
  }
}

function isOver(car: Car, nowMs: number): boolean {
  const { hoursEndAtMs } = car.duty
  return !mayDrive(car, nowMs) || (hoursEndAtMs !== null && nowMs >= hoursEndAtMs)
}

async function overWhy(
  unit: Work,
  driver: { companyId: CompanyId; driverId: DriverId },
): Promise<Hindrance | 'hours_used' | null> {
  const hindrance = await hindranceIn(unit, driver)
  const shift = await openShift(unit.db, driver.companyId, driver.driverId)
  if (hindrance !== null || shift === undefined) return hindrance
  const asked = { ...driver, regionId: shift.region_id, nowMs: unit.atMs }
  const { hours } = await workingHours(unit.db, asked)
  // On a break nobody drives; the shift ends when it goes on.
  return hours?.leftMs === 0 && hours.endsAtMs !== null ? 'hours_used' : null
}
