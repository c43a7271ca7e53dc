/**
 * What idle drivers are told: the process that holds a region works it out, every process hears it for its pages. None
 * of it is written down; a new holder goes on from what it has heard.
 */
import type { Region } from '../companies/companies.ts'
import type { DriverId, RegionId } from '../engine/units.ts'
import type { Bus, DriverHint } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'

/** Told again this often though nothing changed, for who has just begun to listen. */
const REPEAT_MS = 10_000
/** Three times nothing heard: whoever worked it out does so no more. */
const STALE_MS = 3 * REPEAT_MS

export interface Hints {
  /** What a driver is told now; null for nothing. */
  of(regionId: RegionId, driverId: DriverId): DriverHint | null
  /** Whole days of rides still to be known before there are hints in this region; 0 when it has them, or never will. */
  daysLeft(regionId: RegionId): number
  /** All that the region's drivers are told now; others hear it when it differs, and now and then. */
  say(region: Pick<Region, 'id' | 'companyId'>, told: Told): void
  /** Called with the drivers to whom something else is said than before. */
  onChanged(handler: (driverIds: readonly DriverId[]) => void): void
}

export interface Told {
  readonly hints: readonly DriverHint[]
  readonly daysLeft: number
}

interface Heard {
  readonly atMs: number
  readonly byDriver: ReadonlyMap<DriverId, DriverHint>
  readonly daysLeft: number
}

const NOTHING: Heard = { atMs: Number.NEGATIVE_INFINITY, byDriver: new Map(), daysLeft: 0 }

export function makeHints({ bus, clock }: { bus: Bus; clock: Clock }): Hints {
  const heard = new Map<RegionId, Heard>()
  const handlers: ((driverIds: readonly DriverId[]) => void)[] = []

  function lastOf(regionId: RegionId): Heard {
    const last = heard.get(regionId)
    return last === undefined || clock.nowMs() - last.atMs > STALE_MS ? NOTHING : last
  }

  bus.on('region.hints', ({ regionId, hints, daysLeft }) => {
    const before = heard.get(regionId)?.byDriver ?? NOTHING.byDriver
    const byDriver = new Map(hints.map((hint) => [hint.driverId, hint]))
    heard.set(regionId, { atMs: clock.nowMs(), byDriver, daysLeft })
    const changed = [...new Set([...before.keys(), ...byDriver.keys()])].filter(
      (driverId) => !isSame(before.get(driverId), byDriver.get(driverId)),
    )
    if (changed.length > 0) for (const handler of handlers) handler(changed)
  })

  return {
    of: (regionId, driverId) => lastOf(regionId).byDriver.get(driverId) ?? null,
    daysLeft: (regionId) => lastOf(regionId).daysLeft,
    say({ id, companyId }, { hints, daysLeft }) {
      const last = lastOf(id)
      const isQuiet = hints.length === 0 && daysLeft === 0
      const isDue = !isQuiet && clock.nowMs() - last.atMs >= REPEAT_MS
      const same =
        last.daysLeft === daysLeft &&
        last.byDriver.size === hints.length &&
        hints.every((hint) => isSame(last.byDriver.get(hint.driverId), hint))
      if (isDue || !same) bus.publish({ type: 'region.hints', companyId, regionId: id, hints, daysLeft })
    },
    onChanged: (handler) => void handlers.push(handler),
  }
}

function isSame(one: DriverHint | undefined, other: DriverHint | undefined): boolean {
  return one?.label === other?.label && one?.savedS === other?.savedS && one?.at.lat === other?.at.lat
}
