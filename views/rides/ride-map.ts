/** What the map beside a ride shows: the cells that are asked, the way that was driven, and the rest of it dotted. */
import { cellToBoundary, gridDiskDistances, latLngToCell } from 'h3-js'
import type { LatLng } from '../../src/engine/units.ts'
import { type MapHexesProps, type MapLegProps, wayBetween } from '../parts/map.ts'
import type { RideStatusProps, SearchingProps } from './ride-props.ts'

/** Cells of half a kilometre's edge: a search of a few kilometres is some dozens of them. */
const RESOLUTION = 8
/** From the middle of a cell to that of its neighbour, on average. */
const RING_M = 920
/** The map fades cells out in six steps, so more rings would not show. */
const MOST_RINGS = 5
/** Four decimals of a degree are ten metres. */
const DECIMALS = 4

/** The cells in which drivers are asked, fading outwards; null once nobody is asked any more. */
export function askedCells(props: RideStatusProps): MapHexesProps | null {
  if (props.phase !== 'searching') return null
  const { lat, lng } = props.pickup.point
  const rings = Math.min(MOST_RINGS, Math.max(1, Math.round(radiusOf(props) / RING_M)))
  return {
    scale: 'asked',
    cells: gridDiskDistances(latLngToCell(lat, lng, RESOLUTION), rings).flatMap((cells, step) =>
      cells.map((cell) => ({
        boundary: cellToBoundary(cell).map(([atLat, atLng]) => [round(atLat), round(atLng)] as const),
        step,
      })),
    ),
  }
}

function radiusOf(props: SearchingProps): number {
  for (const step of props.steps) if (step.kind === 'looking') return step.radiusM
  return RING_M
}

function round(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS))
}

/** What the page knows of a ride's ways when it is drawn. */
export interface RideWays {
  /** Where the car went with the rider on board, in order. */
  readonly trail: readonly LatLng[]
  /** Along the streets from pickup to drop-off; null where it is not known. */
  readonly way: readonly LatLng[] | null
}

/** The way as the page begins; `ride.js` lets it grow and puts the car in. */
export function rideWay(props: RideStatusProps, { trail, way }: RideWays): readonly MapLegProps[] {
  const { pickup, dropoff, state } = props
  if (trail.length < 2) return wayBetween(pickup.point, dropoff.point, way)
  if (state === 'completed') return [{ kind: 'ahead', points: trail }]
  return [
    { kind: 'driven', points: trail },
    ...(way === null ? [] : [{ kind: 'ahead' as const, points: way }]),
    { kind: 'open', points: [trail.at(-1)!, dropoff.point] },
  ]
}
