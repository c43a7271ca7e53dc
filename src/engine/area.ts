/**
 * Which part of a region a point is counted in, so that each is counted once: the smallest zone that it lies in, else
 * the hexagon around it. Pure.
 */
import { cellToBoundary, cellToLatLng, isValidCell, latLngToCell } from 'h3-js'
import type { LatLng, ZoneId } from './units.ts'
import { type Zone, ZoneIndex, type ZoneShape } from './zone.ts'

/** About 5 km²: a dozen of them a city centre, as many as one reads at a glance. */
export const AREA_RESOLUTION = 7

/** A zone's id, or an H3 cell of `AREA_RESOLUTION`. */
export type AreaId = string

/** South-west and north-east. */
export type Corners = readonly [LatLng, LatLng]

export class AreaIndex {
  readonly #zones: ZoneIndex

  /** @param zones of one region; cost: about a millisecond a zone */
  constructor(zones: readonly Zone[]) {
    this.#zones = new ZoneIndex(zones)
  }

  areaOf(at: LatLng): AreaId {
    return this.#zones.at(at)[0]?.id ?? latLngToCell(at.lat, at.lng, AREA_RESOLUTION)
  }

  /** All that may lie in it, in degrees; null for what is no area here. A hexagon at the date line is as wide as the Earth. */
  cornersOf(id: AreaId): Corners | null {
    const zone = this.#zones.shape(id as ZoneId)
    if (zone !== undefined) return around(pointsOf(zone))
    if (!isCell(id)) return null
    return around(cellToBoundary(id).map(([lat, lng]) => ({ lat, lng })))
  }

  isZone(id: AreaId): boolean {
    return this.#zones.shape(id as ZoneId) !== undefined
  }
}

/** The middle of a hexagon. */
export function centreOfCell(cell: AreaId): LatLng {
  const [lat, lng] = cellToLatLng(cell)
  return { lat, lng }
}

function isCell(id: string): boolean {
  return /^87[0-9a-f]{13}$/.test(id) && isValidCell(id)
}

function pointsOf({ edges }: ZoneShape): LatLng[] {
  const points: LatLng[] = []
  for (let n = 0; n < edges.length; n += 2) points.push({ lng: edges[n]!, lat: edges[n + 1]! })
  return points
}

function around(points: readonly LatLng[]): Corners {
  const lats = points.map(({ lat }) => lat)
  const lngs = points.map(({ lng }) => lng)
  return [
    { lat: Math.min(...lats), lng: Math.min(...lngs) },
    { lat: Math.max(...lats), lng: Math.max(...lngs) },
  ]
}
