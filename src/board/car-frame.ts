/**
 * A desk's cars as binary messages, little-endian; docs/wire.md describes them for who writes a client, and
 * `public/board-picture.js` reads them. Both kinds begin with
 *
 *     0  u8[2] "HC"   2  u8 version, 2   3  u8 kind   4  u32 the stream's number (io/stream.ts), 0 of what is told to many   8  u8 1 for a whole picture   9  u8[3] 0   12  u32 cars of the region
 *
 * Kind 2, single cars by tiles:  16 u32 tiles, 20 u8 level, 21 u8[3] 0, 24 i32 the view's first column; then each tile
 * (u16 x, u16 y, u32 the look it goes on from, 2^32 - 1 for none, u32 the look it shows, u32 named, u32 cars, u32 gone),
 * and of each its named cars (u32 number, 16 bytes driver's id, u8 length, call sign in UTF-8), its cars of 10 bytes
 * (u32 number × 8 + state, u16 from the tile's south and u16 from its west in 65,535ths of it, u8 heading in 256ths of a
 * turn, u8 age in seconds), and those that are gone from it (u32 number).
 *
 * Kind 3, hexagons with counts:  16 u32 hexagons, 20 f32 zoom, 24 i32 q, 28 i32 r; then each of 10 bytes (i16 q and i16
 * r from those, u16 cars, u16 free, u16 silent).
 */
import type { DriverId } from '../engine/units.ts'
import type { Tile } from './view.ts'

const MAGIC = 0x4348
const VERSION = 2
const KIND_CARS = 2
const KIND_COUNTS = 3

/** In the order of their numbers on the wire. */
export const CAR_STATES = ['free', 'offered', 'to_pickup', 'waiting', 'on_board', 'break', 'silent'] as const
export type CarLook = (typeof CAR_STATES)[number]

export interface FrameCar {
  readonly number: number
  readonly driverId: DriverId
  readonly callSign: string
  readonly lat: number
  readonly lng: number
  readonly headingDeg: number
  readonly look: CarLook
  /** When the fix was taken, epoch ms. */
  readonly atMs: number
}

export interface FrameCount {
  readonly q: number
  readonly r: number
  readonly cars: number
  readonly free: number
  readonly silent: number
}

const CARS_HEADER_BYTES = 28
const TILE_BYTES = 24
const NO_LOOK = 2 ** 32 - 1
const NAMED_BYTES = 21
const CAR_BYTES = 10
const GONE_BYTES = 4
const COUNTS_HEADER_BYTES = 32
const COUNT_BYTES = 10
const MOST_STEPS = 65_535
const MOST_AGE_S = 255
const MOST_CALL_SIGN_BYTES = 255

const encoder = new TextEncoder()

/** What is told of a tile. */
export interface FrameTile {
  readonly tile: Tile
  /** Who has the tile as of this look or a later one has it whole with this, 0 as of any; null where all of it is told. */
  readonly since: number | null
  readonly look: number
  /** Those of `cars` that the page may not have heard of yet. */
  readonly named: readonly FrameCar[]
  readonly cars: readonly FrameCar[]
  readonly gone: readonly number[]
}

/**
 * Single cars, each in its tile.
 * @param frame.isPicture these are all tiles of the view: what the page has of others goes
 * @param frame.left the view's first column, which may be beyond the date line
 */
export function carsFrame(frame: {
  readonly isPicture: boolean
  readonly all: number
  readonly level: number
  readonly left: number
  readonly tiles: readonly FrameTile[]
  readonly nowMs: number
}): Uint8Array<ArrayBuffer> {
  const { level, left, tiles, nowMs } = frame
  const callSigns = tiles.map(({ named }) =>
    named.map(({ callSign }) => encoder.encode(callSign).subarray(0, MOST_CALL_SIGN_BYTES)),
  )
  let length = CARS_HEADER_BYTES
  tiles.forEach(({ named, cars, gone }, n) => {
    length += TILE_BYTES + named.length * NAMED_BYTES + cars.length * CAR_BYTES + gone.length * GONE_BYTES
    for (const callSign of callSigns[n]!) length += callSign.length
  })
  const bytes = new Uint8Array(length)
  const view = new DataView(bytes.buffer)
  writeHead(view, KIND_CARS, { isFull: frame.isPicture, all: frame.all })
  view.setUint32(16, tiles.length, true)
  view.setUint8(20, level)
  view.setInt32(24, left, true)
  let at = CARS_HEADER_BYTES
  tiles.forEach(({ tile, since, look, named, cars, gone }, n) => {
    view.setUint16(at, tile.x, true)
    view.setUint16(at + 2, tile.y, true)
    view.setUint32(at + 4, since ?? NO_LOOK, true)
    view.setUint32(at + 8, look, true)
    view.setUint32(at + 12, named.length, true)
    view.setUint32(at + 16, cars.length, true)
    view.setUint32(at + 20, gone.length, true)
    at += TILE_BYTES
    named.forEach(({ number, driverId }, name) => {
      const callSign = callSigns[n]![name]!
      view.setUint32(at, number, true)
      writeId(bytes, at + 4, driverId)
      bytes[at + 20] = callSign.length
      bytes.set(callSign, at + NAMED_BYTES)
      at += NAMED_BYTES + callSign.length
    })
    const latStep = (tile.north - tile.south) / MOST_STEPS
    const lngStep = (tile.east - tile.west) / MOST_STEPS
    for (const car of cars) {
      view.setUint32(at, car.number * 8 + CAR_STATES.indexOf(car.look), true)
      view.setUint16(at + 4, stepsOf((car.lat - tile.south) / latStep), true)
      view.setUint16(at + 6, stepsOf(aroundTo(car.lng, tile.west) / lngStep), true)
      bytes[at + 8] = Math.round((car.headingDeg / 360) * 256) & 255
      bytes[at + 9] = Math.min(MOST_AGE_S, Math.max(0, Math.round((nowMs - car.atMs) / 1_000)))
      at += CAR_BYTES
    }
    for (const number of gone) {
      view.setUint32(at, number, true)
      at += GONE_BYTES
    }
  })
  return bytes
}

/**
 * Hexagons of the screen at a zoom, with what is in them; none where nothing is any more. 65,535 stands for as many and
 * more.
 */
export function countsFrame(frame: {
  readonly isFull: boolean
  readonly all: number
  readonly zoom: number
  readonly counts: readonly FrameCount[]
}): Uint8Array<ArrayBuffer> {
  const { counts, zoom } = frame
  const bytes = new Uint8Array(COUNTS_HEADER_BYTES + counts.length * COUNT_BYTES)
  const view = new DataView(bytes.buffer)
  writeHead(view, KIND_COUNTS, frame)
  const [first] = counts
  view.setUint32(16, counts.length, true)
  view.setFloat32(20, zoom, true)
  view.setInt32(24, first?.q ?? 0, true)
  view.setInt32(28, first?.r ?? 0, true)
  let at = COUNTS_HEADER_BYTES
  for (const { q, r, cars, free, silent } of counts) {
    view.setInt16(at, q - first!.q, true)
    view.setInt16(at + 2, r - first!.r, true)
    view.setUint16(at + 4, Math.min(MOST_STEPS, cars), true)
    view.setUint16(at + 6, Math.min(MOST_STEPS, free), true)
    view.setUint16(at + 8, Math.min(MOST_STEPS, silent), true)
    at += COUNT_BYTES
  }
  return bytes
}

function writeHead(view: DataView, kind: number, { isFull, all }: { isFull: boolean; all: number }): void {
  view.setUint16(0, MAGIC, true)
  view.setUint8(2, VERSION)
  view.setUint8(3, kind)
  view.setUint8(8, isFull ? 1 : 0)
  view.setUint32(12, all, true)
}

function writeId(bytes: Uint8Array, at: number, id: string): void {
  let from = 0
  for (let n = 0; n < 16; n++) {
    if (id[from] === '-') from++
    bytes[at + n] = Number.parseInt(id.slice(from, from + 2), 16)
    from += 2
  }
}

/** Degrees east of a meridian, once round at most. */
function aroundTo(lng: number, west: number): number {
  return (((lng - west) % 360) + 360) % 360
}

function stepsOf(steps: number): number {
  return Math.min(MOST_STEPS, Math.max(0, Math.round(steps)))
}
