/**
 * The fleet seen from far away: hexagons of the screen with how many cars are in them and how many of those are free or
 * silent. Their grid begins where the world does, so it stands still while a map is dragged, and desks at one zoom share
 * one count.
 */
import type { FrameCount } from './car-frame.ts'
import type { CarCells } from './cars.ts'
import { mercatorX, mercatorY, type View } from './view.ts'

/** From the middle to a corner, pixels; a hexagon holds two lines of figures. `public/map-clusters.js` draws them so. */
export const COUNT_RADIUS_PX = 24
const ROW_PX = COUNT_RADIUS_PX * 1.5
const COLUMN_PX = COUNT_RADIUS_PX * Math.sqrt(3)
const WORLD_PX = 256
/** Columns of a whole world at any zoom that is counted stay far below this. */
const MOST_COLUMNS = 2 ** 24

interface Count extends FrameCount {
  cars: number
  free: number
  silent: number
  /** Where its middle lies on the web map, pixels at its zoom. */
  readonly x: number
  readonly y: number
  /** The look that found other figures. */
  changedAt: number
}

/**
 * The hexagon (axial coordinates, corners up and down) that a point lies in: cube rounding, after Red Blob Games,
 * "Hexagonal Grids".
 * @param x pixels of the web map
 */
export function hexagonAt(x: number, y: number): [q: number, r: number] {
  const r = y / ROW_PX
  const q = x / COLUMN_PX - r / 2
  const s = -q - r
  let [wholeQ, wholeR] = [Math.round(q), Math.round(r)]
  const wholeS = Math.round(s)
  const [offQ, offR, offS] = [Math.abs(wholeQ - q), Math.abs(wholeR - r), Math.abs(wholeS - s)]
  if (offQ > offR && offQ > offS) wholeQ = -wholeR - wholeS
  else if (offR > offS) wholeR = -wholeQ - wholeS
  return [wholeQ, wholeR]
}

/** The counts at one zoom. */
export class CarCounts {
  readonly zoom: number
  readonly #scale: number
  readonly #counts = new Map<number, Count>()
  /** Before this look nothing was counted here. */
  readonly #bornAt: number
  #countedAt = -1

  constructor(zoom: number, look: number) {
    this.zoom = zoom
    this.#scale = WORLD_PX * 2 ** zoom
    this.#bornAt = look
  }

  /** Whether what changed since a look is known. */
  knows(since: number): boolean {
    return since >= this.#bornAt
  }

  /** Count anew, unless nothing changed. */
  count(cells: CarCells): void {
    if (this.#countedAt === cells.looks) return
    this.#countedAt = cells.looks
    const before = new Map<number, readonly [cars: number, free: number, silent: number]>()
    for (const [key, count] of this.#counts) {
      before.set(key, [count.cars, count.free, count.silent])
      count.cars = 0
      count.free = 0
      count.silent = 0
    }
    for (const { x, y, look } of cells.cars()) {
      const count = this.#at(...hexagonAt(x * this.#scale, y * this.#scale))
      count.cars++
      if (look === 'free') count.free++
      if (look === 'silent') count.silent++
    }
    for (const [key, count] of this.#counts) {
      const [cars, free, silent] = before.get(key) ?? [0, 0, 0]
      if (count.cars !== cars || count.free !== free || count.silent !== silent) count.changedAt = cells.looks
    }
  }

  /** The hexagons that a view shows some of, with figures since a look; with null all that have cars. */
  *in({ south, west, north, east }: View, since: number | null): Generator<FrameCount> {
    const left = mercatorX(west) * this.#scale - COUNT_RADIUS_PX
    const width = ((east - west) / 360) * this.#scale + 2 * COUNT_RADIUS_PX
    const top = mercatorY(north) * this.#scale - COUNT_RADIUS_PX
    const bottom = mercatorY(south) * this.#scale + COUNT_RADIUS_PX
    for (const count of this.#counts.values()) {
      if (since === null ? count.cars === 0 : count.changedAt <= since) continue
      if (count.y < top || count.y > bottom) continue
      const off = (((count.x - left) % this.#scale) + this.#scale) % this.#scale
      if (off <= width) yield count
    }
  }

  #at(q: number, r: number): Count {
    const key = r * MOST_COLUMNS + q
    let count = this.#counts.get(key)
    if (count === undefined) {
      count = {
        ...{ q, r, x: COLUMN_PX * (q + r / 2), y: ROW_PX * r },
        ...{ cars: 0, free: 0, silent: 0, changedAt: 0 },
      }
      this.#counts.set(key, count)
    }
    return count
  }
}
