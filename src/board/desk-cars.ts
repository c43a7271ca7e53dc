/**
 * What one desk's map shows of the fleet: the cars in the cells of its view, or from far away hexagons with their
 * counts. Made when the desk's line takes it, from what the desk has.
 */
import type { Made } from '../io/stream.ts'
import { CarCounts } from './car-counts.ts'
import { carsFrame, countsFrame } from './car-frame.ts'
import { CarCells, type Changes, type SeenCar, type ToldCar } from './cars.ts'
import { CellBox, type View } from './view.ts'

/** Further away, and with so many in the region, cars are counted in hexagons. */
const COUNTS_BELOW_ZOOM = 12.5
const COUNTS_FROM_CARS = 300
/** Single cars again only well below that, or a region of that size would go to and fro. */
const COUNTS_UNTIL_CARS = 270
/** As maps snap their zoom; others share the nearest of these. */
const ZOOM_STEP = 0.25
/** Zooms that are counted at once; the one that was asked for longest ago is forgotten. */
const MOST_ZOOMS = 12
/** Marks that are remembered: more than a stream can have on the way (`MAX_UNHEARD`). */
const MARKS = 512

/** What changed of a box, and the frame that says it to whoever knows all of these cars by name. */
interface Told {
  readonly changes: Changes
  frame: Uint8Array<ArrayBuffer> | null
}

/** A region's cars as all its desks see them. */
export class RegionCars {
  readonly cells = new CarCells()
  #isLarge = false
  readonly #counts = new Map<number, CarCounts>()
  /** By look and box: desks that look at the same, and had the same, are told the same. */
  readonly #told = new Map<number, Map<string, Told>>()

  /** Whether there are enough cars to count them. */
  get isLarge(): boolean {
    return this.#isLarge
  }

  /** Look at all cars. @returns whether any moved, changed, came or left */
  look(cars: Iterable<SeenCar>): boolean {
    const hasChanged = this.cells.look(cars)
    if (hasChanged) this.#told.clear()
    this.#isLarge = this.cells.size >= (this.#isLarge ? COUNTS_UNTIL_CARS : COUNTS_FROM_CARS)
    return hasChanged
  }

  /** What changed of a box since a look that is known; worked out once until the next look. */
  changesOf(box: CellBox, since: number): Told {
    const boxes = this.#told.get(since) ?? new Map<string, Told>()
    const known = boxes.get(box.key)
    if (known !== undefined) return known
    const told = { changes: this.cells.changes(box, since), frame: null }
    this.#told.set(since, boxes.set(box.key, told))
    return told
  }

  countsAt(zoom: number): CarCounts {
    const known = this.#counts.get(zoom) ?? new CarCounts(zoom, this.cells.looks)
    this.#counts.delete(zoom)
    this.#counts.set(zoom, known)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MOST_ZOOMS && oldest !== undefined) this.#counts.delete(oldest)
    known.count(this.cells)
    return known
  }
}

/** What the page has once it got the message with this mark. */
interface Mark {
  mark: number
  /** Which picture it is a part of: another view, or counts in place of cars, is another one. */
  picture: number
  look: number
  /** Cars of the whole region. */
  all: number
}

type Picture =
  | { readonly kind: 'cars'; readonly box: CellBox }
  | { readonly kind: 'counts'; readonly view: View; readonly zoom: number }

export class DeskCars {
  readonly #region: RegionCars
  readonly #nowMs: () => number
  #view: View | null = null
  #picture: Picture | null = null
  /** The view that it was made for. */
  #pictured: View | null = null
  #pictures = 0
  #marks = 0
  /** Of the newest message that was not lost, as far as we heard; 0 for none. */
  #newest = 0
  /** By mark modulo their number, written over: one a message for thousands of desks would keep the collector busy. */
  readonly #had: Mark[] = []
  /** By the car's number: the mark of the message that named it. */
  readonly #named = new Map<number, number>()

  constructor(region: RegionCars, nowMs: () => number) {
    this.#region = region
    this.#nowMs = nowMs
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

  /**
   * What changed since the mark the page has, or the whole picture; null when nothing did, or nothing is looked at.
   * @param had of a message that arrived, with all before it
   */
  make(had: number | null): Made | null {
    if (this.#view === null) return null
    this.#forgetLost(had ?? 0)
    const picture = this.#pictureOf(this.#view)
    const mark = had === null ? undefined : this.#had[had % MARKS]
    const before = mark?.mark === had && mark.picture === this.#pictures ? mark : null
    const bytes =
      picture.kind === 'cars'
        ? this.#carsSince(picture.box, before)
        : this.#countsSince(picture.view, picture.zoom, before)
    if (bytes === null) {
      // It has what is so now, too; what follows is told from here on.
      this.#remember(had!)
      return null
    }
    this.#marks += 1
    this.#newest = this.#marks
    this.#remember(this.#marks)
    return { bytes, mark: this.#marks }
  }

  /** With the message of this mark the page has what is so now. */
  #remember(mark: number): void {
    const { looks: look, size: all } = this.#region.cells
    const known = this.#had[mark % MARKS]
    if (known === undefined) this.#had[mark % MARKS] = { mark, picture: this.#pictures, look, all }
    else {
      known.mark = mark
      known.picture = this.#pictures
      known.look = look
      known.all = all
    }
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
    const picture: Picture = isFar
      ? { kind: 'counts', view, zoom: Math.round(view.zoom / ZOOM_STEP) * ZOOM_STEP }
      : { kind: 'cars', box: new CellBox(view) }
    if (this.#picture !== null && isSame(this.#picture, picture)) return this.#picture
    this.#pictures += 1
    this.#picture = picture
    return picture
  }

  /** What the page never got named no car to it, whatever it gets afterwards. */
  #forgetLost(had: number): void {
    if (this.#newest === had) return
    for (const [number, mark] of this.#named) if (mark > had) this.#named.delete(number)
    this.#newest = had
  }

  #carsSince(box: CellBox, before: Mark | null): Uint8Array<ArrayBuffer> | null {
    const { cells } = this.#region
    if (before === null || !cells.knows(before.look)) {
      const cars = [...cells.in(box)]
      return this.#frame(box, { isFull: true, named: this.#name(cars), cars, gone: [] })
    }
    const told = this.#region.changesOf(box, before.look)
    const { cars, came, gone } = told.changes
    if (cars.length === 0 && gone.length === 0 && before.all === cells.size) return null
    const named = this.#name(came)
    const frame = { isFull: false, named, cars, gone }
    // The stream's number is written into it for each desk, and each line copies what it is given.
    if (named.length === 0) told.frame ??= this.#frame(box, frame)
    return named.length === 0 ? told.frame : this.#frame(box, frame)
  }

  /** Those of the cars that the page has no name for yet; it has them with the message that is made now. */
  #name(cars: readonly ToldCar[]): readonly ToldCar[] {
    if (cars.length === 0) return cars
    const named = cars.filter(({ number }) => !this.#named.has(number))
    for (const { number } of named) this.#named.set(number, this.#marks + 1)
    return named
  }

  #frame(
    corners: CellBox,
    frame: Pick<Parameters<typeof carsFrame>[0], 'isFull' | 'named' | 'cars' | 'gone'>,
  ): Uint8Array<ArrayBuffer> {
    return carsFrame({ ...frame, corners, all: this.#region.cells.size, nowMs: this.#nowMs() })
  }

  #countsSince(view: View, zoom: number, before: Mark | null): Uint8Array<ArrayBuffer> | null {
    const { cells } = this.#region
    const counts = this.#region.countsAt(zoom)
    const isFull = before === null || !counts.knows(before.look)
    const changed = [...counts.in(view, isFull ? null : before.look)]
    if (!isFull && changed.length === 0 && before.all === cells.size) return null
    return countsFrame({ isFull, all: cells.size, zoom, counts: changed })
  }
}

function isSame(one: Picture, other: Picture): boolean {
  if (one.kind === 'cars') return other.kind === 'cars' && one.box.isSame(other.box)
  return other.kind === 'counts' && one.zoom === other.zoom && isSameView(one.view, other.view)
}

function isSameView(one: View, other: View): boolean {
  return (['south', 'west', 'north', 'east', 'zoom'] as const).every((side) => one[side] === other[side])
}

function ageS(atMs: number, nowMs: number): number {
  return Math.max(0, Math.round((nowMs - atMs) / 1_000))
}
