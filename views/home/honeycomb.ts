/** The landing page's honeycomb: how many free cars there are around each cell of the city. */
import { cellToBoundary, gridDiskDistances, latLngToCell } from 'h3-js'
import type { LatLng } from '../../src/engine/units.ts'
import type { MapHexesProps } from '../parts/map.ts'

/** Cells of about a kilometre: fine enough for a picture of a city, too coarse to find one car by. */
const RESOLUTION = 8
/** A car counts in its own cell and, less, in the six around it. */
const WEIGHT_BY_RING = [2, 1] as const
/** Honey in five strengths, 0 the strongest. */
const STEPS = 5
/** Four decimals of a degree are ten metres, less than a pixel here, and make half the page's weight. */
const DECIMALS = 4

/**
 * Hexagons for the map, deeper where more cars are free.
 * @param cars where they are
 * @returns null for no cars: then the map shows the city alone
 */
export function honeycomb(cars: Iterable<LatLng>): MapHexesProps | null {
  const weights = new Map<string, number>()
  for (const { lat, lng } of cars) {
    const rings = gridDiskDistances(latLngToCell(lat, lng, RESOLUTION), WEIGHT_BY_RING.length - 1)
    for (const [ring, cells] of rings.entries())
      for (const cell of cells) weights.set(cell, (weights.get(cell) ?? 0) + (WEIGHT_BY_RING[ring] ?? 0))
  }
  if (weights.size === 0) return null
  const highest = Math.max(...weights.values())
  return {
    scale: 'asked',
    cells: [...weights].map(([cell, weight]) => ({
      boundary: cellToBoundary(cell).map(([lat, lng]) => [round(lat), round(lng)] as const),
      step: Math.min(STEPS - 1, Math.floor((1 - weight / highest) * STEPS)),
    })),
  }
}

function round(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS))
}
