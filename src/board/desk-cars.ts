/**
 * What one desk's map shows of the fleet: the cars in the tiles of its view, or from far away hexagons with their
 * counts. A desk on a socket is told its tiles once, and from then on hears what is told of them to everybody
 * (region-cars.ts); any other is told what changed since what it has, when its line takes it.
 */
import type { Line, Made } from '../io/stream.ts'
import { carsFrame, countsFrame, type FrameTile } from './car-frame.ts'
import type { RegionCars } from './region-cars.ts'
import { type Tile, type Tiles, tilesOf, type View } from './view.ts'

/** Further away, and with so many in the region, cars are counted in hexagons. */
const COUNTS_BELOW_ZOOM = 12.5
/** As maps snap their zoom; others share the nearest of these. */
const ZOOM_STEP = 0.25
/** A mark is the picture (another view, or counts in place of cars, is another one) and the look it shows. */
const LOOKS_MOST = 2 ** 32

type Picture =
  | { readonly kind: 'cars'; readonly key: string; readonly of: Tiles }
  | { readonly kind: 'counts'; readonly key: string; readonly view: View; readonly zoom: number }

/** What a line hears. */
interface Hearing {
  readonly line: Line
  readonly of: Tiles
  readonly topic: string
}

export class DeskCars {
  readonly #region: RegionCars
  readonly #nowMs: () => number
  readonly #onHearing: (hears: boolean) => void
  #view: View | null = null
  #picture: Picture | null = null
  /** The view that it was made for. */
  #pictured: View | null = null
  #pictures = 0
  /** With the message of this mark it was told this number of cars in the region. */
  #told = { mark: -1, all: 0 }
  #hearing: Hearing | null = null

  /** @param onHearing whether from now on its line hears by itself what changes of all that it looks at */
  constructor(region: RegionCars, nowMs: () => number, onHearing: (hears: boolean) => void) {
    this.#region = region
    this.#nowMs = nowMs
    this.#onHearing = onHearing
  }

  /** Whether it follows a car, wherever that is. */
  get follows(): boolean {
    return (this.#view?.follows ?? null) !== null
  }

  /** The desk looks at a part of the map. @returns whether it is another one than before */
  look(view: View): boolean {
    const before = this.#view
    this.#view = view
    return before === null || !isSameView(before, view) || before.follows !== view.follows
  }

  /** Its line takes no more for now: what is told meanwhile is told once it does. */
  stopHearing(): void {
    const hearing = this.#hearing
    this.#hearing = null
    this.#onHearing(false)
    if (hearing === null) return
    hearing.line.topics?.leave(this.#region.topic)
    hearing.line.topics?.leave(hearing.topic)
  }

  /**
   * What changed since the mark the page has, or the whole picture; null when nothing did, or nothing is looked at. The
   * line hears from then on what changes of the tiles, if it can.
   * @param had of a message that arrived, with all before it
   */
  make(had: number | null, line: Line): Made | null {
    if (this.#view === null) return null
    if (this.#hearing !== null && this.#hearing.line !== line) this.#hearing = null
    const picture = this.#pictureOf(this.#view)
    const before = had !== null && Math.floor(had / LOOKS_MOST) === this.#pictures ? had % LOOKS_MOST : null
    const { looks, size } = this.#region.cells
    const isTold = had !== null && this.#told.mark === had && this.#told.all === size
    const bytes =
      picture.kind === 'cars'
        ? this.#carsSince(picture.of, before, { line, isTold })
        : this.#countsSince(picture, before, isTold)
    if (bytes === null) return null
    const mark = this.#pictures * LOOKS_MOST + looks
    this.#told = { mark, all: size }
    return { bytes, mark }
  }

  /** The car the desk follows, wherever it is; six decimals are 11 cm. @param had as of `make` */
  makeFollowed(had: number | null): Made | null {
    const follows = this.#view?.follows ?? null
    const car = follows === null ? undefined : this.#region.cells.car(follows)
    // Told once as it is: by its number and when it changed.
    const mark = car === undefined ? 0 : (car.number + 1) * 2 ** 27 + car.changedAt
    if (mark === (had ?? 0)) return null
    if (car === undefined) return { text: JSON.stringify({ type: 'followed', car: null }), mark }
    const { driverId, callSign, lat, lng, headingDeg, look, atMs } = car
    const place = [Math.round(lat * 1e6), Math.round(lng * 1e6), Math.round(headingDeg)]
    const row = [driverId, callSign, ...place, look, ageS(atMs, this.#nowMs())]
    return { text: JSON.stringify({ type: 'followed', car: row }), mark }
  }

  #pictureOf(view: View): Picture {
    const isFar = view.zoom < COUNTS_BELOW_ZOOM && this.#region.isLarge
    if (this.#picture !== null && this.#pictured === view && (this.#picture.kind === 'counts') === isFar)
      return this.#picture
    this.#pictured = view
    const picture = isFar ? countsOf(view) : carsOf(view)
    if (this.#picture?.kind === picture.kind && this.#picture.key === picture.key) return this.#picture
    this.#pictures += 1
    this.#picture = picture
    return picture
  }

  /** @param before the look that the page has of this picture */
  #carsSince(
    of: Tiles,
    before: number | null,
    { line, isTold }: { line: Line; isTold: boolean },
  ): Uint8Array<ArrayBuffer> | null {
    const { cells } = this.#region
    const since = before !== null && cells.knows(before) ? before : null
    const heard = new Set(this.#hearing?.of.tiles.map(({ key }) => key))
    const told = of.tiles.map((tile) =>
      // What it hears it has as of now.
      heard.has(tile.key) ? nothingNew(tile, cells.looks) : this.#region.tileSince(tile, since),
    )
    const joins = line.topics !== undefined && of.tiles.some(({ key }) => !heard.has(key))
    // Who hears a tile from now on is told as of when it has it.
    const isPicture = since === null || joins
    const tiles = isPicture ? told : told.filter(({ cars, gone }) => cars.length > 0 || gone.length > 0)
    this.#hear(of, line)
    if (!isPicture && tiles.length === 0 && isTold) return null
    const { level, left } = of
    return carsFrame({ isPicture, level, left, tiles, all: cells.size, nowMs: this.#nowMs() })
  }

  /** From now on the line hears these tiles and no others. */
  #hear(of: Tiles, line: Line): void {
    const { topics } = line
    this.#onHearing(topics !== undefined)
    const before = this.#hearing
    if (topics === undefined || before?.of.key === of.key) return
    if (before === null) topics.join(this.#region.topic)
    else topics.leave(before.topic)
    const topic = this.#region.tell(of)
    topics.join(topic)
    this.#hearing = { line, of, topic }
  }

  #countsSince(
    { view, zoom }: Picture & { kind: 'counts' },
    before: number | null,
    isTold: boolean,
  ): Uint8Array<ArrayBuffer> | null {
    this.stopHearing()
    const { cells } = this.#region
    const counts = this.#region.countsAt(zoom)
    const isFull = before === null || !counts.knows(before)
    const changed = [...counts.in(view, isFull ? null : before)]
    if (!isFull && changed.length === 0 && isTold) return null
    return countsFrame({ isFull, all: cells.size, zoom, counts: changed })
  }
}

function carsOf(view: View): Picture {
  const of = tilesOf(view)
  return { kind: 'cars', key: of.key, of }
}

function countsOf(view: View): Picture {
  const zoom = Math.round(view.zoom / ZOOM_STEP) * ZOOM_STEP
  const { south, west, north, east } = view
  return { kind: 'counts', key: [south, west, north, east, zoom].join(), view, zoom }
}

/** Of a tile that the page has, at whatever look it last changed. */
function nothingNew(tile: Tile, look: number): FrameTile {
  return { tile, since: 0, look, named: [], cars: [], gone: [] }
}

function isSameView(one: View, other: View): boolean {
  return (['south', 'west', 'north', 'east', 'zoom'] as const).every((side) => one[side] === other[side])
}

function ageS(atMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - atMs) / 1_000))
}
