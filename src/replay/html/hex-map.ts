/** Where riders asked and where they asked in vain, by hexagon: a map without a map's server. */
import { cellToBoundary, cellToLatLng } from 'h3-js'
import { type Html, html } from '../../../views/html.ts'
import type { Series } from '../series.ts'

const WIDE = 360
const TALL_MAX = 560
/** Hexagons outside these parts of the requests' spread are not drawn, or one ride to a far airport shrinks the city. */
const EDGE = 0.025

interface Frame {
  readonly tall: number
  readonly leftOut: number
  place(lat: number, lng: number): readonly [x: number, y: number]
  holds(cell: string): boolean
}

/** The same frame for every map of one set of requests. */
export function frameOf(cells: Series['cells']): Frame {
  const centres = cells.map(([cell, asked]) => ({ cell, asked, at: cellToLatLng(cell) }))
  const [south, north] = spread(centres.map(({ at, asked }) => [at[0], asked] as const))
  const [west, east] = spread(centres.map(({ at, asked }) => [at[1], asked] as const))
  const shrink = Math.cos((((south + north) / 2) * Math.PI) / 180)
  const margin = 0.006
  const [wideDeg, tallDeg] = [(east - west) * shrink + 2 * margin, north - south + 2 * margin]
  const unit = Math.min(WIDE / wideDeg, TALL_MAX / tallDeg)
  const offset = (WIDE - wideDeg * unit) / 2
  const isInside = ([lat, lng]: readonly [number, number]) =>
    lat >= south && lat <= north && lng >= west && lng <= east
  const inside = new Set(centres.filter(({ at }) => isInside(at)).map(({ cell }) => cell))
  return {
    tall: tallDeg * unit,
    leftOut: cells.reduce((sum, [cell, asked]) => sum + (inside.has(cell) ? 0 : asked), 0),
    place: (lat, lng) => [offset + ((lng - west) * shrink + margin) * unit, (north - lat + margin) * unit],
    holds: (cell) => inside.has(cell),
  }
}

function spread(values: readonly (readonly [value: number, weight: number])[]): [number, number] {
  const sorted = values.toSorted(([a], [b]) => a - b)
  const whole = sorted.reduce((sum, [, weight]) => sum + weight, 0)
  const reached = (share: number) => {
    let sum = 0
    for (const [value, weight] of sorted) {
      sum += weight
      if (sum >= share * whole) return value
    }
    return sorted.at(-1)![0]
  }
  return [reached(EDGE), reached(1 - EDGE)]
}

/** The most that were not served in one hexagon, of all maps that are to be compared. */
export function worstOf(maps: readonly Series['cells'][]): number {
  return Math.max(1, ...maps.flat().map(([, , missed]) => missed))
}

/**
 * One policy's map: hexagons darker the more asked there, a dot the larger the more were not served.
 * @param worst how many the largest dot stands for
 */
export function hexMap(name: string, cells: Series['cells'], frame: Frame, worst: number): Html {
  const drawn = cells.filter(([cell]) => frame.holds(cell))
  const most = Math.max(...drawn.map(([, asked]) => asked))
  const edgeOf = (cell: string) =>
    cellToBoundary(cell)
      .map(([lat, lng], n) => {
        const [x, y] = frame.place(lat, lng)
        return `${n === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`
      })
      .join('')
  // One path a shade: half the size of one a hexagon.
  const shades = [1, 2, 3, 4].map((shade) => {
    const path = drawn
      .filter(([, asked]) => Math.min(4, 1 + Math.floor(4 * Math.sqrt(asked / most))) === shade)
      .map(([cell]) => `${edgeOf(cell)}Z`)
    return html`<path class="hex h${shade}" d="${path.join('')}"/>`
  })
  const unserved = drawn.reduce((sum, [, , missed]) => sum + missed, 0)
  const dots = drawn
    .filter(([, , missed]) => missed >= 0.5)
    .map(([cell, , missed]) => {
      const [x, y] = frame.place(...cellToLatLng(cell))
      return html`<circle class="missed" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(1 + 6 * Math.sqrt(missed / worst)).toFixed(1)}"/>`
    })
  const note = `${Math.round(unserved).toLocaleString('en')} requests not served`
  return html`<figure class="map"><figcaption><b>${name}</b><span>${note}</span></figcaption>
<svg viewBox="0 0 ${WIDE} ${frame.tall.toFixed(0)}" role="img" aria-label="${`Map of pickups with ${name}: ${note}`}">${shades}${dots}</svg></figure>`
}
