/**
 * What busy places add to prices now: the process that holds a region counts, every process hears it for its quotes
 * and maps. Who has heard nothing for a while adds nothing.
 */
import { latLngToCell } from 'h3-js'
import type { Region } from '../companies/regions.ts'
import type { SurgeTerms } from '../engine/fare.ts'
import { SUPPLY_RESOLUTION } from '../engine/supply.ts'
import { type SurgeRules, stepsOf, surgeOf } from '../engine/surge.ts'
import type { LatLng, RegionId } from '../engine/units.ts'
import type { Bus, CountedCell, RegionCells } from '../io/bus.ts'
import type { Clock } from '../io/clock.ts'

/** Three looks missed: whoever counted does so no more. */
const STALE_MS = 30_000

/** What is added to a ride from a place, and why. */
export interface SurgeHere extends SurgeTerms {
  /** H3, of `SUPPLY_RESOLUTION`. */
  readonly cell: string
  /** People who ask and cars that are free in the cell and the six around it. */
  readonly asking: number
  readonly free: number
  /** When it is usually over, epoch ms; null where past days do not tell. */
  readonly overAtMs: number | null
}

export interface Counted {
  readonly rules: SurgeRules | null
  readonly cells: readonly CountedCell[]
}

export interface SurgeNow {
  /** What is added to a ride that begins there now; null for nothing. */
  at(regionId: RegionId, pickup: LatLng): SurgeHere | null
  /** What was counted last; null where nothing was heard for a while. */
  counted(regionId: RegionId): Counted | null
  say(region: Pick<Region, 'id' | 'companyId'>, counted: Counted): void
  /** Called when a region was counted anew. */
  onCounted(handler: (regionId: RegionId) => void): void
}

interface Heard {
  readonly counted: Counted
  readonly atMs: number
  readonly byCell: ReadonlyMap<string, CountedCell>
}

/** @param deps.rulesOf what the region allows as it stands now; a region switched off adds nothing at once */
export function makeSurge(deps: {
  bus: Bus
  clock: Clock
  rulesOf: (regionId: RegionId) => SurgeRules | null
}): SurgeNow {
  const { bus, clock, rulesOf } = deps
  const heard = new Map<RegionId, Heard>()
  const handlers: ((regionId: RegionId) => void)[] = []

  function lastOf(regionId: RegionId): Heard | null {
    const last = heard.get(regionId)
    return last === undefined || clock.nowMs() - last.atMs > STALE_MS ? null : last
  }

  bus.on('region.cells', ({ regionId, rules, cells }: RegionCells) => {
    const byCell = new Map(cells.map((cell) => [cell.cell, cell]))
    heard.set(regionId, { atMs: clock.nowMs(), counted: { rules, cells }, byCell })
    for (const handler of handlers) handler(regionId)
  })

  return {
    at(regionId, pickup) {
      const rules = rulesOf(regionId)
      if (rules === null) return null
      const cell = latLngToCell(pickup.lat, pickup.lng, SUPPLY_RESOLUTION)
      const counted = lastOf(regionId)?.byCell.get(cell)
      if (counted === undefined || counted.busy === null) return null
      // A cap that was lowered a moment ago counts at once, whatever the last count knew of.
      const surge = surgeOf(rules, Math.min(counted.step, stepsOf(rules)))
      return surge === null ? null : { ...surge, cell, ...counted.busy }
    },
    counted: (regionId) => lastOf(regionId)?.counted ?? null,
    say({ id, companyId }, { rules, cells }) {
      bus.publish({ type: 'region.cells', companyId, regionId: id, rules, cells })
    },
    onCounted: (handler) => void handlers.push(handler),
  }
}
