/** The vehicle queue: every car on shift, those that may be given a ride first, whoever has waited longest on top. */
import type { CarListRow, CarsProps } from '../../views/board/cars-list.ts'
import type { Companies, Region } from '../companies/companies.ts'
import { standingIn } from '../dispatch/queues.ts'
import type { Car, CarState } from '../positions/fleet.ts'
import { areaNamed, areasIn } from './areas.ts'
import type { CarFilters } from './filters.ts'
import type { BoardDeps } from './read.ts'
import { countsOf } from './table.ts'

/** More than a desk reads; words and states narrow it down. */
const CARS_LISTED = 200

/** Who can be sent stands above who is busy, and who cannot be reached last. */
const ORDER: readonly CarState[] = ['free', 'offered', 'on_board', 'to_pickup', 'waiting', 'paused', 'silent']

export async function readCars(
  deps: BoardDeps & { readonly companies: Companies },
  region: Region,
  filters: CarFilters,
): Promise<CarsProps> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const zones = new Map(
    (deps.companies.queueZones(region.id)?.zones ?? []).map((zone) => [zone.id, zone.name]),
  )
  const { zone } = filters
  const [counts, zoneName, standing] = await Promise.all([
    countsOf(deps, region),
    zone === undefined ? null : areaNamed(deps, region, zone),
    zones.size === 0 ? [] : standingIn(deps.db, region.companyId, region.id),
  ])
  const zoneOf = new Map(standing.map(({ driverId, zoneId }) => [driverId, zones.get(zoneId) ?? null]))
  const cars = [...deps.fleet.cars(region.id)]
  const areas = zone === undefined ? null : areasIn(deps, region.id)
  const rows = cars
    .filter(({ position }) => areas === null || (position !== null && areas.areaOf(position) === zone))
    .map((car) => rowOf(car, deps.fleet.stateOf(car), zoneOf.get(car.duty.driverId) ?? null))
    .filter((row) => fits(row, filters))
    .toSorted(byTurn)
  return {
    ...{ nowMs, counts, filters, total: cars.length },
    ...(zoneName !== null && { zoneName }),
    rows: rows.slice(0, CARS_LISTED),
    hasMore: rows.length > CARS_LISTED,
  }
}

/** A car as the list has it. */
export function rowOf({ duty, position }: Car, state: CarState, zone: string | null): CarListRow {
  const { driverId, callSign, driverName, plate, makeModel, colour, vehicleClass, rideId } = duty
  return {
    ...{ driverId, callSign, name: driverName, plate, class: vehicleClass, state, zone, rideId },
    vehicle: `${colour} ${makeModel}`,
    // Of a car with a ride nobody is free since.
    clearSinceMs: rideId === null ? duty.idleSinceMs : null,
    seenAtMs: position?.atMs ?? null,
    endsAtMs: earliest(duty.hoursEndAtMs, duty.drivesUntilMs),
  }
}

function earliest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b)
}

/** Whether the list shows it; in which part of the region it is, is asked elsewhere. */
export function fits(row: CarListRow, { q, state, class: ofClass }: CarFilters): boolean {
  // Who is asked just now is free for the counter above.
  if (state !== undefined && row.state !== state && !(state === 'free' && row.state === 'offered'))
    return false
  if (ofClass !== undefined && row.class !== ofClass) return false
  if (q === undefined) return true
  const wanted = q.toLocaleLowerCase('en')
  return [row.callSign, row.name, row.plate, row.vehicle, row.zone].some((text) =>
    text?.toLocaleLowerCase('en').includes(wanted),
  )
}

/** By state, then whoever waits longest, then by call sign. */
export function byTurn(a: CarListRow, b: CarListRow): number {
  return (
    ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
    (a.clearSinceMs ?? 0) - (b.clearSinceMs ?? 0) ||
    a.callSign.localeCompare(b.callSign, 'en', { numeric: true })
  )
}
