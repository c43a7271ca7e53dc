/** The desk's table: rides by state, narrowed by what its address says. */
import type { TableCounts, TableFilters, TableProps, TableRow, TableShow } from '../../views/board/props.ts'
import type { Region } from '../companies/companies.ts'
import { goesWith } from '../dispatch/merged-state.ts'
import { wayLeft } from '../dispatch/rider-state.ts'
import { NEED_TERMS } from '../engine/needs.ts'
import { isEnded, type RideState } from '../engine/ride.ts'
import type { DriverId, RideId } from '../engine/units.ts'
import type { Fleet } from '../positions/fleet.ts'
import { type LoadedRide, referenceOf } from '../rides/rides.ts'
import { type AreaDeps, areaNamed, areasIn } from './areas.ts'
import type { Readers } from './callers.ts'
import { countEndedThat, endedRides } from './ended.ts'
import { expectedAtMs, latenessS } from './lateness.ts'
import { readNeeds } from './needs.ts'
import { byCar, byNeed } from './order.ts'
import { type BoardDeps, DRIVEN_LIMIT } from './read.ts'
import { countEnded, countInStates, countOpen, driverNames, ridesInStates } from './store.ts'
import { type AlarmsByRide, alarmNote, alarmsOn } from './watch.ts'

export const TABLE_ROWS = 100

const DRIVEN: readonly RideState[] = ['assigned', 'en_route', 'arrived', 'in_progress']
const SHOWN: Record<TableShow, readonly RideState[]> = {
  live: ['requested', ...DRIVEN],
  unassigned: ['requested'],
  to_pickup: ['assigned', 'en_route'],
  waiting: ['arrived'],
  on_board: ['in_progress'],
  booked: ['scheduled'],
  ended: ['completed', 'cancelled', 'no_show', 'unfulfilled'],
}

export type TableDeps = AreaDeps & Readers

/** One more than are listed, so that the page knows of the others. */
export async function readTable(
  deps: TableDeps,
  region: Region,
  asked: { show: TableShow; filters: TableFilters; selectedRideId: RideId | null },
): Promise<TableProps> {
  const { db, fleet } = deps
  const { companyId, id: regionId } = region
  const nowMs = Math.floor(deps.clock.nowMs())
  const { show, filters } = asked
  const [rides, counts, zoneName] = await Promise.all([
    ridesOf(deps, region, { show, filters, nowMs }),
    countsOf(deps, region),
    filters.zone === undefined ? null : areaNamed(deps, region, filters.zone),
  ])
  const together = await goesWith(db, companyId, rides)
  const alarms = await alarmsOn(db, { companyId, regionId }, rides)
  const troubled =
    filters.trouble === undefined ? null : await troubledBy(deps, region, { rides, alarms, nowMs })
  const names = await driverNames(
    db,
    companyId,
    rides.flatMap((ride) => ride.driver_id ?? []),
  )
  const listed = rides
    .map((ride) => {
      const row = {
        ...tableRow(deps, region, ride, names, nowMs),
        ...togetherNote(ride, together.get(ride.id)),
      }
      const alarm = alarms.get(ride.id)
      return alarm === undefined ? row : { ...row, ...alarmNote(alarm, nowMs) }
    })
    .filter(
      (row) =>
        (filters.late === undefined || (row.lateS ?? 0) >= NEED_TERMS.lateS) &&
        (troubled === null || row.state === 'requested' || troubled.has(row.rideId)) &&
        (filters.note !== 'alarm' || alarms.has(row.rideId)) &&
        (filters.note !== 'silent' || (row.driverId !== null && isSilent(fleet, row.driverId))),
    )
  const hasMore = listed.length > TABLE_ROWS
  const total = hasMore ? await totalOf(deps, region, { show, filters, counts, nowMs }) : undefined
  const rows = show === 'ended' || show === 'booked' ? listed : byCar(byNeed(listed))
  return {
    ...{ show, filters, counts, selectedRideId: asked.selectedRideId },
    ...(zoneName !== null && { zoneName }),
    cars: [...fleet.cars(regionId)].length,
    rows: rows.slice(0, TABLE_ROWS),
    hasMore,
    ...(total === undefined ? {} : { total }),
  }
}

/** How many rides there are of which the table lists the first; undefined where only the process could tell. */
function totalOf(
  { db, system }: TableDeps,
  { companyId, id: regionId }: Region,
  asked: { show: TableShow; filters: TableFilters; counts: TableCounts; nowMs: number },
): Promise<number | undefined> | number | undefined {
  const { show, filters, counts, nowMs } = asked
  if (Object.keys(filters).length === 0) return counts[show]
  if (isInMemory(filters) || filters.trouble !== undefined || filters.zone !== undefined) return undefined
  if (show === 'ended') return countEndedThat(system, companyId, { regionId, filters, nowMs })
  return countInStates(db, companyId, { regionId, states: SHOWN[show], filters, nowMs })
}

/** What no row of a ride says. */
function isInMemory({ late, note }: TableFilters): boolean {
  return late !== undefined || note === 'alarm' || note === 'silent'
}

/** In what only the process knows of a ride, nobody can search in the database: those are read whole. */
async function ridesOf(
  deps: TableDeps,
  region: Region,
  { show, filters, nowMs }: { show: TableShow; filters: TableFilters; nowMs: number },
): Promise<LoadedRide[]> {
  const { companyId, id: regionId } = region
  const { zone } = filters
  const areas = zone === undefined ? null : areasIn(deps, regionId)
  const within = areas === null ? null : areas.cornersOf(zone!)
  // Of no part of this region there is nothing to see.
  if (areas !== null && within === null) return []
  const limit = zone === undefined ? TABLE_ROWS + 1 : DRIVEN_LIMIT
  const isNarrowed = Object.keys(filters).some((name) => name !== 'zone')
  const read = async (states: readonly RideState[], most: number) => {
    const asked = { regionId, filters, nowMs, limit: most, within }
    const rides =
      show === 'ended' && isNarrowed
        ? await endedRides(deps, companyId, asked)
        : await ridesInStates(deps.db, companyId, { ...asked, states })
    return areas === null
      ? rides
      : rides.filter((ride) => areas.areaOf({ lat: ride.pickup_lat, lng: ride.pickup_lng }) === zone)
  }
  const states = SHOWN[show]
  const inMemory = isInMemory(filters)
  const driven = states.filter((state) => DRIVEN.includes(state))
  const rest = states.filter((state) => !DRIVEN.includes(state))
  const first = rest.length === 0 || (inMemory && show !== 'ended') ? [] : await read(rest, limit)
  // Who waits for a driver stands above everybody who has one.
  if (driven.length === 0 || first.length > TABLE_ROWS) return first
  return [...first, ...(await read(driven, DRIVEN_LIMIT))]
}

/** The rides that the desk's list speaks of. */
async function troubledBy(
  deps: BoardDeps,
  region: Region,
  { rides, alarms, nowMs }: { rides: readonly LoadedRide[]; alarms: AlarmsByRide; nowMs: number },
): Promise<ReadonlySet<RideId>> {
  const driven = rides.filter((ride) => DRIVEN.includes(ride.state))
  const needs = await readNeeds(deps, region, { nowMs, driven, alarms, quarters: [] })
  return new Set(needs.flatMap((need) => ('rideId' in need ? need.rideId : [])))
}

/** How many rides each tab has. */
export async function countsOf({ db }: BoardDeps, { companyId, id: regionId }: Region): Promise<TableCounts> {
  const [open, ended] = await Promise.all([
    countOpen(db, companyId, regionId),
    countEnded(db, companyId, regionId),
  ])
  const count = (show: TableShow) => SHOWN[show].reduce((sum, state) => sum + (open.get(state) ?? 0), 0)
  return {
    ...{ live: count('live'), unassigned: count('unassigned'), to_pickup: count('to_pickup') },
    ...{ waiting: count('waiting'), on_board: count('on_board'), booked: count('booked'), ended },
  }
}

function tableRow(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  names: ReadonlyMap<DriverId, { callSign: string; name: string }>,
  nowMs: number,
): TableRow {
  const { etaS } = wayLeft(deps, ride, region)
  const etaAtMs = expectedAtMs(ride, etaS, nowMs)
  return {
    rideId: ride.id,
    version: ride.version,
    driverId: ride.driver_id,
    state: ride.state,
    reference: referenceOf(ride),
    riderName: ride.rider_name,
    from: ride.pickup_label,
    to: ride.dropoff_label,
    driver: (ride.driver_id !== null && names.get(ride.driver_id)) || null,
    etaAtMs,
    lateS: latenessS(ride, etaAtMs),
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    shared: ride.shared,
    note: noteOf(deps.fleet, ride),
  }
}

/** Merged rides stand together, and each says with whom. */
function togetherNote(ride: LoadedRide, others: readonly Pick<LoadedRide, 'number'>[] | undefined) {
  if (others === undefined) return {}
  return { car: `merged ${ride.merged_id}`, note: `with ${others.map(referenceOf).join(', ')}` }
}

function noteOf(fleet: Fleet, ride: LoadedRide): string {
  if (isEnded(ride.state)) return ride.end_reason ?? ''
  if (ride.driver_id !== null && isSilent(fleet, ride.driver_id)) return 'silent'
  if (ride.state === 'requested' && ride.misses > 0)
    return ride.misses === 1 ? '1 miss' : `${ride.misses} misses`
  return ride.note
}

function isSilent(fleet: Fleet, driverId: DriverId): boolean {
  const car = fleet.car(driverId)
  return car === undefined || fleet.stateOf(car) === 'silent'
}
