/** Counted cells as the maps of desk and drivers draw them. */
import { cellToBoundary } from 'h3-js'
import type { MapHexesProps } from '../../views/parts/map.ts'
import { surgeText } from '../../views/parts/surge.ts'
import { type SurgeRules, stepsOf, surgeOf } from '../engine/surge.ts'
import type { Counted } from './surge.ts'

/** Colours of a map's sequential scale. */
export const MAP_STEPS = 6
/** Fewer people than this are not shown to drivers: one dot would be one person. */
const SHOWN_FROM = 2
/** People asking in a cell, from which each colour counts. */
export const ASKING_FROM = [0.5, 2, 4, 8, 16, 32] as const
/** Five decimals are a metre. */
const DEGREES_SCALE = 100_000

const shapes = new Map<string, number[]>()
/** Cells of all regions that were ever busy; each is fourteen short numbers. */
const SHAPES_MOST = 50_000

/** The corners of a cell, latitude and longitude by turns, times 10⁵. */
export function cornersOf(cell: string): readonly number[] {
  let corners = shapes.get(cell)
  if (corners === undefined) {
    corners = cellToBoundary(cell)
      .flat()
      .map((degrees) => Math.round(degrees * DEGREES_SCALE))
    if (shapes.size >= SHAPES_MOST) shapes.clear()
    shapes.set(cell, corners)
  }
  return corners
}

/** The colour of a surge, 1 to `MAP_STEPS`; 0 for none. The last one is the cap. */
export function mapStep({ rules }: Pick<Counted, 'rules'>, step: number): number {
  return rules === null ? 0 : Math.ceil((MAP_STEPS * Math.min(step, stepsOf(rules))) / stepsOf(rules))
}

/** A driver's map as a message: coloured by what is added to prices, or where the region adds nothing, by who asks. */
export function driverHexes({ rules, cells }: Counted, currency: string): string {
  return JSON.stringify({
    type: 'hexes',
    hexes: {
      scale: 'sequential',
      cells: rules === null ? askedCells(cells) : surgedCells({ rules, cells }, currency),
    } satisfies MapHexesProps,
    words: rules === null ? ASKED_WORDS : surgedWords(rules, currency),
  })
}

const ASKED_WORDS = { title: 'People asking now', low: 'a few', high: `${ASKING_FROM.at(-1)} and more` }

function surgedWords(rules: SurgeRules, currency: string) {
  const [least, most] = [1, stepsOf(rules)].map((step) => surgeText(surgeOf(rules, step) ?? {}, currency))
  return { title: 'Fares are up', low: least, high: most }
}

function askedCells(cells: Counted['cells']): MapHexesProps['cells'] {
  return cells
    .filter(({ asking }) => asking >= SHOWN_FROM)
    .map(({ cell, asking }) => ({
      boundary: pairs(cornersOf(cell)),
      step: ASKING_FROM.filter((from) => asking >= from).length,
    }))
}

function surgedCells({ rules, cells }: Counted, currency: string): MapHexesProps['cells'] {
  return cells.flatMap(({ cell, step }) => {
    const surge = rules === null ? null : surgeOf(rules, step)
    if (surge === null) return []
    const figure = surgeText(surge, currency)
    return [{ boundary: pairs(cornersOf(cell)), step: mapStep({ rules }, step), figure }]
  })
}

function pairs(corners: readonly number[]): [lat: number, lng: number][] {
  return Array.from({ length: corners.length / 2 }, (_, n) => [
    corners[2 * n]! / DEGREES_SCALE,
    corners[2 * n + 1]! / DEGREES_SCALE,
  ])
}
