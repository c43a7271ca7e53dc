/**
 * The cars of a region by cells of the map, and which of them changed or left a cell at which look: enough to tell
 * what changed of any tile since any look, without keeping anything of what desks were told.
 */
import type { DriverId } from '../engine/units.ts'
import type { CarLook, FrameCar } from './car-frame.ts'
import { cellOf, mercatorX, mercatorY, type Tile } from './view.ts'

/** A car as it was looked at. */
export type SeenCar = Omit<FrameCar, 'number'>

/** A car as desks were last told of it. */
export interface ToldCar extends FrameCar {
  callSign: string
  lat: number
  lng: number
  headingDeg: number
  look: CarLook
  atMs: number
  cell: number
  /** On the web map, 0 to 1. */
  x: number
  y: number
  /** The look that found it changed. */
  changedAt: number
  /** The look that found it in its cell. */
  cameAt: number
  /** The pass over the fleet that saw it. */
  seenAt: number
}

/** Since a look: what of a tile changed, and who was in it then and is not now. */
export interface Changes {
  readonly cars: readonly ToldCar[]
  /** Those of them that may not have been in it then: new ones, and those that came into their cell since. */
  readonly came: readonly ToldCar[]
  readonly gone: readonly number[]
}

/** Of ten thousand cars a hundred a second leave their cell, and a page may be away for two minutes. */
const MOST_DEPARTURES = 40_000

interface Departure {
  readonly number: number
  readonly driverId: DriverId
  readonly cell: number
  readonly look: number
}

export class CarCells {
  /** Counts looks that found a change. */
  #look = 0
  #pass = 0
  #numbers = 0
  readonly #cars = new Map<DriverId, ToldCar>()
  readonly #cells = new Map<number, Set<ToldCar>>()
  /** In the order they happened. */
  #departures: Departure[] = []
  /** Who has less than this look cannot be told any more who left. */
  #floor = 0

  /** How often a look found something changed. */
  get looks(): number {
    return this.#look
  }
  get size(): number {
    return this.#cars.size
  }
  car(driverId: DriverId): ToldCar | undefined {
    return this.#cars.get(driverId)
  }
  cars(): Iterable<ToldCar> {
    return this.#cars.values()
  }

  /** Look at all cars. @returns whether any moved, changed, came or left */
  look(cars: Iterable<SeenCar>): boolean {
    const look = this.#look + 1
    const pass = ++this.#pass
    let changes = 0
    let present = 0
    for (const seen of cars) {
      present++
      const known = this.#cars.get(seen.driverId)
      // Another call sign is another car to who knows it by its number.
      const isNew = known === undefined || known.callSign !== seen.callSign
      if (!isNew && known.atMs === seen.atMs && known.look === seen.look) {
        known.seenAt = pass
        continue
      }
      changes++
      if (isNew) {
        if (known !== undefined) this.#leave(known, look)
        this.#enter(seen, look, pass)
      } else this.#change(known, seen, look, pass)
    }
    if (present < this.#cars.size)
      for (const car of this.#cars.values())
        if (car.seenAt !== pass) {
          this.#cars.delete(car.driverId)
          this.#leave(car, look)
          changes++
        }
    if (this.#departures.length > MOST_DEPARTURES) {
      const dropped = this.#departures.length - MOST_DEPARTURES / 2
      this.#floor = this.#departures[dropped - 1]!.look
      this.#departures = this.#departures.slice(dropped)
    }
    if (changes > 0) this.#look = look
    return changes > 0
  }

  /** Whether what changed since a look is still known. */
  knows(since: number): boolean {
    return since >= this.#floor
  }

  /** All cars in the tile. */
  *in(tile: Tile): Generator<ToldCar> {
    if (tile.size < this.#cells.size) {
      for (const cell of tile.cells()) {
        const cars = this.#cells.get(cell)
        if (cars !== undefined) yield* cars
      }
      return
    }
    for (const [cell, cars] of this.#cells) if (tile.has(cell)) yield* cars
  }

  /** @param since a look that is known, see `knows` */
  changes(tile: Tile, since: number): Changes {
    const cars: ToldCar[] = []
    for (const car of this.in(tile)) if (car.changedAt > since) cars.push(car)
    const gone = new Set<number>()
    for (let at = this.#departures.length - 1; at >= 0; at--) {
      const { number, driverId, cell, look } = this.#departures[at]!
      if (look <= since) break
      if (!tile.has(cell)) continue
      const now = this.#cars.get(driverId)
      if (now?.number !== number || !tile.has(now.cell)) gone.add(number)
    }
    return { cars, came: cars.filter((car) => car.cameAt > since), gone: [...gone] }
  }

  #enter(seen: SeenCar, look: number, pass: number): void {
    const car: ToldCar = {
      ...{ driverId: seen.driverId, callSign: seen.callSign, number: this.#numbers++ },
      ...{ lat: seen.lat, lng: seen.lng, headingDeg: seen.headingDeg, look: seen.look, atMs: seen.atMs },
      ...{ cell: cellOf(seen), x: mercatorX(seen.lng), y: mercatorY(seen.lat) },
      ...{ changedAt: look, cameAt: look, seenAt: pass },
    }
    this.#cars.set(car.driverId, car)
    this.#put(car)
  }

  #change(car: ToldCar, seen: SeenCar, look: number, pass: number): void {
    const cell = cellOf(seen)
    if (cell !== car.cell) this.#leave(car, look)
    const isElsewhere = cell !== car.cell
    car.lat = seen.lat
    car.lng = seen.lng
    car.headingDeg = seen.headingDeg
    car.look = seen.look
    car.atMs = seen.atMs
    car.x = mercatorX(seen.lng)
    car.y = mercatorY(seen.lat)
    car.cell = cell
    car.changedAt = look
    car.seenAt = pass
    if (isElsewhere) {
      car.cameAt = look
      this.#put(car)
    }
  }

  #put(car: ToldCar): void {
    const cars = this.#cells.get(car.cell)
    if (cars === undefined) this.#cells.set(car.cell, new Set([car]))
    else cars.add(car)
  }

  #leave(car: ToldCar, look: number): void {
    const { number, driverId, cell } = car
    const cars = this.#cells.get(cell)
    cars?.delete(car)
    if (cars?.size === 0) this.#cells.delete(cell)
    this.#departures.push({ number, driverId, cell, look })
  }
}
