/**
 * The parts of a region side by side: its zones, and hexagons for the rest of it. Of each, what a desk sends cars by:
 * who is free, who is free soon, who waits, and what is booked for the next quarter of an hour.
 */
import type { AreaKind, AreaProps, AreasProps } from '../../views/board/areas.ts'
import type { Companies, LoadedZone, Region } from '../companies/companies.ts'
import { wayLeft } from '../dispatch/rider-state.ts'
import { type AreaId, AreaIndex, centreOfCell } from '../engine/area.ts'
import { QUARTER_MS } from '../engine/needs.ts'
import type { RideState } from '../engine/ride.ts'
import type { LatLng, RegionId } from '../engine/units.ts'
import { shapeOf } from '../engine/zone.ts'
import type { Db } from '../io/postgres.ts'
import { nearestArea, nearestPlace } from '../places/places.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { type BoardDeps, DRIVEN_LIMIT } from './read.ts'
import { ridesInStates } from './store.ts'

/** A car that drops its rider off within this time can be given the next one. */
const SOON_S = 600
/** Far more than a region has; nobody reads a grid of more. */
const WAITING_MOST = 20_000
const NAMES_KEPT = 5_000
/** Two hexagons: of a larger district they say more than it does. */
const DISTRICT_MOST_M2 = 10_500_000
const DRIVEN: readonly RideState[] = ['assigned', 'en_route', 'arrived', 'in_progress']

export type AreaDeps = BoardDeps & { readonly companies: Companies }

interface Built {
  readonly zones: readonly LoadedZone[]
  /** Those that are counted. */
  readonly shown: readonly LoadedZone[]
  readonly index: AreaIndex
}

/** Zones change a few times a year, and are read as new objects then. */
const built = new Map<RegionId, Built>()

function builtFor({ companies }: { readonly companies: Companies }, regionId: RegionId): Built {
  const zones = companies.zones(regionId)
  const known = built.get(regionId)
  if (known?.zones.length === zones.length && zones.every((zone, n) => zone === known.zones[n])) return known
  // Half a city under one price is a zone, too, and no place that a car is sent to.
  const shown = zones.filter((zone) => zone.kind !== 'area' || shapeOf(zone).areaM2 <= DISTRICT_MOST_M2)
  const fresh = { zones, shown, index: new AreaIndex(shown) }
  built.set(regionId, fresh)
  return fresh
}

/** Which part of the region a point is counted in. */
export function areasIn(deps: { readonly companies: Companies }, regionId: RegionId): AreaIndex {
  return builtFor(deps, regionId).index
}

interface Figures {
  free: number
  soon: number
  waiting: number
  booked: number
}

/** Every zone of the region, and every hexagon in which something is to be counted. */
export async function readAreas(deps: AreaDeps, region: Region): Promise<AreasProps> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const { index, shown: zones } = builtFor(deps, region.id)
  const byArea = new Map<AreaId, Figures>(
    zones.map(({ id }) => [id, { free: 0, soon: 0, waiting: 0, booked: 0 }]),
  )
  const count = (figure: keyof Figures, at: LatLng) => {
    const area = index.areaOf(at)
    const figures = byArea.get(area) ?? { free: 0, soon: 0, waiting: 0, booked: 0 }
    figures[figure]++
    byArea.set(area, figures)
  }
  for (const car of deps.fleet.cars(region.id)) {
    const state = deps.fleet.stateOf(car)
    if (car.position !== null && (state === 'free' || state === 'offered')) count('free', car.position)
  }
  const [waiting, driven] = await Promise.all([
    pickupsWanted(deps.db, region, nowMs),
    ridesInStates(deps.db, region.companyId, {
      ...{ regionId: region.id, states: DRIVEN, filters: {}, nowMs, limit: DRIVEN_LIMIT },
    }),
  ])
  for (const { isBooked, at } of waiting) count(isBooked ? 'booked' : 'waiting', at)
  for (const rides of Map.groupBy(driven, ({ driver_id }) => driver_id).values()) {
    const last = lastOfRun(deps, region, rides)
    if (last !== null && last.etaS <= SOON_S)
      count('soon', { lat: last.ride.dropoff_lat, lng: last.ride.dropoff_lng })
  }
  const byId = new Map(zones.map((zone) => [zone.id as string, zone]))
  const areas = await Promise.all(
    [...byArea].map(async ([id, figures]): Promise<AreaProps> => {
      const zone = byId.get(id)
      const named = zone === undefined ? await cellNamed(deps.db, id) : { name: zone.name, around: null }
      return { id, ...named, ...figures, kind: zone === undefined ? 'hexagon' : kindOf(zone) }
    }),
  )
  return { nowMs, areas: areas.toSorted(byKindAndName) }
}

/** The ride that a driver's run ends with; null while somebody is still to be picked up, or nobody knows. */
function lastOfRun(
  deps: AreaDeps,
  region: Region,
  rides: readonly LoadedRide[],
): { ride: LoadedRide; etaS: number } | null {
  let last: { ride: LoadedRide; etaS: number } | null = null
  for (const ride of rides) {
    const { etaS } = wayLeft(deps, ride, region)
    if (ride.state !== 'in_progress' || etaS === null) return null
    if (last === null || etaS > last.etaS) last = { ride, etaS }
  }
  return last
}

const KINDS: readonly AreaKind[] = ['airport', 'rank', 'area', 'hexagon']

/** The same order each time, so that one finds a tile where it was. */
function byKindAndName(a: AreaProps, b: AreaProps): number {
  return (
    KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
    a.name.localeCompare(b.name, 'en', { numeric: true }) ||
    (a.id < b.id ? -1 : 1)
  )
}

function kindOf({ kind }: LoadedZone): AreaKind {
  return kind
}

/** Where people wait, and where they will within a quarter of an hour. */
async function pickupsWanted(
  db: Db,
  { companyId, id: regionId }: Region,
  nowMs: number,
): Promise<{ isBooked: boolean; at: LatLng }[]> {
  const rows = await db
    .selectFrom('rides')
    .select(['state', 'pickup_lat as lat', 'pickup_lng as lng'])
    .where('company_id', '=', companyId)
    .where('region_id', '=', regionId)
    .where('ended_at', 'is', null)
    .where((eb) =>
      eb.or([
        eb('state', '=', 'requested'),
        eb.and([eb('state', '=', 'scheduled'), eb('scheduled_for', '<', new Date(nowMs + QUARTER_MS))]),
      ]),
    )
    .limit(WAITING_MOST)
    .execute()
  return rows.map(({ state, lat, lng }) => ({ isBooked: state === 'scheduled', at: { lat, lng } }))
}

interface CellName {
  readonly name: string
  /** A corner or place in its middle, where the name is that of a neighbourhood. */
  readonly around: string | null
}

/** What a hexagon is called: its neighbourhood, and what lies in its middle. */
const names = new Map<AreaId, CellName>()

async function cellNamed(db: Db, cell: AreaId): Promise<CellName> {
  const known = names.get(cell)
  if (known !== undefined) return known
  const centre = centreOfCell(cell)
  const [area, place] = await Promise.all([nearestArea(db, centre), nearestPlace(db, centre)])
  const around = place?.label.replace(/^near /, '') ?? null
  const named = {
    name: area?.name ?? around ?? `${centre.lat.toFixed(2)}, ${centre.lng.toFixed(2)}`,
    around: area === null ? null : around,
  }
  // Without any place nobody has read a list in yet; it is asked again then.
  if (area !== null || around !== null) {
    if (names.size >= NAMES_KEPT) names.clear()
    names.set(cell, named)
  }
  return named
}

/** A zone or hexagon by the words of its tile; null for what is no part of the region. */
export async function areaNamed(
  deps: Pick<AreaDeps, 'db' | 'companies'>,
  region: Region,
  id: AreaId,
): Promise<string | null> {
  const { shown, index } = builtFor(deps, region.id)
  const zone = shown.find((one) => one.id === id)
  if (zone !== undefined) return zone.name
  if (index.cornersOf(id) === null) return null
  const { name, around } = await cellNamed(deps.db, id)
  return around === null ? name : `${name}, ${around}`
}
