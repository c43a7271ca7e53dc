/** The region's ranks and airports for the desk: who stands where, in order. */
import { bbox } from '@turf/turf'
import type { ZoneCar, ZonesProps } from '../../views/board/props.ts'
import type { Companies, LoadedZone, Region } from '../companies/companies.ts'
import { outlinesOf } from '../companies/zones.ts'
import { standingIn } from '../dispatch/queues.ts'
import type { Car } from '../positions/fleet.ts'
import type { BoardDeps } from './read.ts'

/** More cars than a desk reads one by one; how many more there are is said. */
const CARS_LISTED = 12

export async function readZones(
  deps: BoardDeps & { readonly companies: Companies },
  region: Region,
): Promise<ZonesProps> {
  const nowMs = Math.floor(deps.clock.nowMs())
  const zones = deps.companies.queueZones(region.id)?.zones ?? []
  if (zones.length === 0) return { nowMs, zones: [], outlines: [] }
  const byZone = Map.groupBy(await standingIn(deps.db, region.companyId, region.id), ({ zoneId }) => zoneId)
  return {
    nowMs,
    outlines: outlinesOf(zones),
    zones: zones.map((zone) => {
      const places = byZone.get(zone.id) ?? []
      return {
        name: zone.name,
        placesMost: zone.placesMost,
        standing: places.length,
        corners: cornersOf(zone.area),
        cars: places.slice(0, CARS_LISTED).flatMap(({ driverId, enteredAtMs }): ZoneCar[] => {
          const car = deps.fleet.car(driverId)
          return car === undefined
            ? []
            : [
                {
                  ...{ callSign: car.duty.callSign, name: car.duty.driverName },
                  enteredAtMs,
                  state: stateOf(car),
                },
              ]
        }),
      }
    }),
  }

  /** Who has a ride has left the queue, or does within a second. */
  function stateOf(car: Car): ZoneCar['state'] {
    const state = deps.fleet.stateOf(car)
    if (state === 'paused') return 'break'
    return state === 'offered' || state === 'silent' ? state : 'free'
  }
}

/** South-west and north-east of a zone, for the map to show it. */
function cornersOf(area: LoadedZone['area']): ZonesProps['zones'][number]['corners'] {
  const [west, south, east, north] = bbox(area as GeoJSON.Polygon)
  return [
    { lat: south!, lng: west! },
    { lat: north!, lng: east! },
  ]
}
