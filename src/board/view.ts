/** What part of the map a desk looks at, and which cells of the region's cars that is. */
import { z } from 'zod'
import { BugError, type DriverId, type LatLng } from '../engine/units.ts'

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
  const x = wrapped(Math.floor(mercatorX(lng) * CELLS_ROUND), CELLS_ROUND)
  return rowOf(lat, CELLS_ROUND) * CELLS_ROUND + x
}

function wrapped(column: number, around: number): number {
  return ((column % around) + around) % around
}

function rowOf(lat: number, rows: number): number {
  return Math.min(rows - 1, Math.max(0, Math.floor(mercatorY(lat) * rows)))
}

/**
 * A square of the web map that desks hear the cars of, `2^level` of them round the world. Desks whose views are not the
 * same have most of their tiles in common, so what happens in one is told to all of them in one message.
 */
export class Tile {
  readonly level: number
  readonly x: number
  readonly y: number
  /** The same for the same tile. */
  readonly key: string
  readonly south: number
  readonly west: number
  readonly north: number
  readonly east: number
  readonly #cells: number

  constructor(level: number, x: number, y: number) {
    const tiles = 2 ** level
    this.level = level
    this.x = x
    this.y = y
    this.key = `${level}/${x}/${y}`
    this.#cells = 2 ** (CELL_ZOOM - level)
    this.west = (x / tiles - 0.5) * 360
    this.east = ((x + 1) / tiles - 0.5) * 360
    // The last rows hold what lies beyond the map's square, too.
    this.north = y === 0 ? 90 : latOfMercatorY(y / tiles)
    this.south = y === tiles - 1 ? -90 : latOfMercatorY((y + 1) / tiles)
  }

  /** How many cells it has. */
  get size(): number {
    return this.#cells ** 2
  }

  has(cell: number): boolean {
    const [column, row] = [cell % CELLS_ROUND, Math.floor(cell / CELLS_ROUND)]
    return Math.floor(column / this.#cells) === this.x && Math.floor(row / this.#cells) === this.y
  }

  *cells(): Generator<number> {
    const [left, top] = [this.x * this.#cells, this.y * this.#cells]
    for (let row = top; row < top + this.#cells; row++)
      for (let column = left; column < left + this.#cells; column++) yield row * CELLS_ROUND + column
  }
}

/** The tiles that a view touches. */
export interface Tiles {
  readonly level: number
  /** The first column; columns run on beyond the date line. */
  readonly left: number
  readonly tiles: readonly Tile[]
  /** The same for the same tiles. */
  readonly key: string
}

/** From near to far: the finest are 3.7 km wide at 40° north, a few of them a screen. */
const LEVELS = [13, 10, 7, 4, 1] as const
/** A wall of screens hears coarser ones. */
const MOST_TILES = 128

/** At a zoom that a level is for, a screen is a few tiles wide, and a 65,535th of a tile is a fraction of a pixel. */
export function tilesOf({ south, west, north, east, zoom }: View): Tiles {
  for (const level of LEVELS) {
    if (level > zoom + 0.5 && level > 1) continue
    const round = 2 ** level
    const left = Math.floor(mercatorX(west) * round)
    const right = Math.min(left + round - 1, Math.floor(mercatorX(east) * round))
    const [top, bottom] = [rowOf(north, round), rowOf(south, round)]
    if ((right - left + 1) * (bottom - top + 1) > MOST_TILES && level > 1) continue
    const tiles: Tile[] = []
    for (let y = top; y <= bottom; y++)
      for (let x = left; x <= right; x++) tiles.push(new Tile(level, wrapped(x, round), y))
    return { level, left, tiles, key: `${level} ${left} ${right} ${top} ${bottom}` }
  }
  throw new BugError('the coarsest tiles take any view')
}
