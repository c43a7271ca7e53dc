/** What part of the map a desk looks at, and which cells of the region's cars that is. */
import { z } from 'zod'
import type { DriverId, LatLng } from '../engine/units.ts'

/** Degrees; `east` is beyond 180 where the view crosses the date line. Zoom as on web maps: 256 × 2^zoom pixels round the Earth. */
export interface View {
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
  readonly zoom: number
  /** A car that is told wherever it is: the one of the ride that is chosen. */
  readonly follows: DriverId | null
}

/** The side of the web map's square at zoom 0, pixels. */
const WORLD_PX = 256
/** A wall of screens; who asks for more looks at no map. */
const MOST_VIEW_PX = 16_384
/** Where the web map's square ends. */
const MOST_LAT = 85.051128779806604

const NUMBER = String.raw`-?\d{1,3}(?:\.\d{1,15})?`
const WRITTEN = new RegExp(`^${NUMBER}(?:,${NUMBER}){4}(?:,[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})?$`)

/** `SOUTH,WEST,NORTH,EAST,ZOOM` and, after one more comma, the id of a driver; a view no larger than screens are. */
export const viewShape = z
  .string()
  .max(200)
  .regex(WRITTEN, 'a view is south, west, north, east and zoom, and whom it follows')
  .transform((text): View => {
    const [south, west, north, east, zoom, follows] = text.split(',')
    return {
      ...{ south: Number(south), west: Number(west), north: Number(north), east: Number(east) },
      ...{ zoom: Number(zoom), follows: (follows ?? null) as DriverId | null },
    }
  })
  .refine(isOfScreens, 'a view is a part of the map that fits on screens')

function isOfScreens({ south, west, north, east, zoom }: View): boolean {
  if (south < -90 || north > 90 || south >= north || zoom < 0 || zoom > 22) return false
  if (west < -540 || east > 540 || west >= east || east - west > 360) return false
  const worldPx = WORLD_PX * 2 ** zoom
  const heightPx = (mercatorY(south) - mercatorY(north)) * worldPx
  return ((east - west) / 360) * worldPx <= MOST_VIEW_PX && heightPx <= MOST_VIEW_PX
}

/** 0 at the dateline, 1 once round. */
export function mercatorX(lng: number): number {
  return lng / 360 + 0.5
}

/** 0 at the square's northern edge, 1 at its southern one; what lies beyond is on the edge. */
export function mercatorY(lat: number): number {
  const sine = Math.sin((Math.min(MOST_LAT, Math.max(-MOST_LAT, lat)) * Math.PI) / 180)
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)
}

function latOfMercatorY(y: number): number {
  return (Math.atan(Math.sinh((0.5 - y) * 2 * Math.PI)) * 180) / Math.PI
}

/** Cells are squares of the web map at this zoom: 930 m at 40° north, a few of them a screen where single cars are drawn. */
const CELL_ZOOM = 15
export const CELLS_ROUND = 2 ** CELL_ZOOM

/** The cell that a point lies in: a number of its own. */
export function cellOf({ lat, lng }: LatLng): number {
  const x = ((Math.floor(mercatorX(lng) * CELLS_ROUND) % CELLS_ROUND) + CELLS_ROUND) % CELLS_ROUND
  const y = Math.min(CELLS_ROUND - 1, Math.max(0, Math.floor(mercatorY(lat) * CELLS_ROUND)))
  return y * CELLS_ROUND + x
}

/** Whole cells side by side, as much as a view touches; columns run on beyond the dateline. */
export class CellBox {
  readonly #left: number
  readonly #right: number
  readonly #top: number
  readonly #bottom: number
  /** The same for boxes of the same cells. */
  readonly key: string
  /** The corners of all of them, degrees. */
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number

  constructor({ south, west, north, east }: View) {
    const row = (lat: number) =>
      Math.min(CELLS_ROUND - 1, Math.max(0, Math.floor(mercatorY(lat) * CELLS_ROUND)))
    this.#left = Math.floor(mercatorX(west) * CELLS_ROUND)
    this.#right = Math.min(this.#left + CELLS_ROUND - 1, Math.floor(mercatorX(east) * CELLS_ROUND))
    this.#top = row(north)
    this.#bottom = row(south)
    this.key = `${this.#left} ${this.#right} ${this.#top} ${this.#bottom}`
    this.west = (this.#left / CELLS_ROUND - 0.5) * 360
    this.east = ((this.#right + 1) / CELLS_ROUND - 0.5) * 360
    // The last rows hold what lies beyond the square, too.
    this.north = this.#top === 0 ? 90 : latOfMercatorY(this.#top / CELLS_ROUND)
    this.south = this.#bottom === CELLS_ROUND - 1 ? -90 : latOfMercatorY((this.#bottom + 1) / CELLS_ROUND)
  }

  /** How many cells it has. */
  get size(): number {
    return (this.#right - this.#left + 1) * (this.#bottom - this.#top + 1)
  }

  has(cell: number): boolean {
    const y = Math.floor(cell / CELLS_ROUND)
    if (y < this.#top || y > this.#bottom) return false
    const x = cell % CELLS_ROUND
    const column = (((x - this.#left) % CELLS_ROUND) + CELLS_ROUND) % CELLS_ROUND
    return column <= this.#right - this.#left
  }

  *cells(): Generator<number> {
    for (let y = this.#top; y <= this.#bottom; y++)
      for (let x = this.#left; x <= this.#right; x++)
        yield y * CELLS_ROUND + (((x % CELLS_ROUND) + CELLS_ROUND) % CELLS_ROUND)
  }

  isSame(other: CellBox): boolean {
    return this.key === other.key
  }
}
