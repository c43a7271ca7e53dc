/**
 * A region's cars as all its desks see them, and what is told of them to many desks at once: what changed in a tile of
 * the map is drawn as one message, the same bytes for all who see the tile. Desks that see the very same tiles hear one
 * topic: each message is given to each topic that has its tile, which costs less than a topic a tile where many look at
 * the same, since whom a topic goes to is then at hand from one tile to the next.
 */
import type { RegionId } from '../engine/units.ts'
import type { Topics } from '../io/topics.ts'
import { CarCounts } from './car-counts.ts'
import { carsFrame, type FrameTile } from './car-frame.ts'
import { CarCells, type SeenCar } from './cars.ts'
import type { Tile, Tiles } from './view.ts'

/** There are enough cars to count them. */
const COUNTS_FROM_CARS = 300
/** Single cars again only well below that, or a region of that size would go to and fro. */
const COUNTS_UNTIL_CARS = 270
/** Zooms that are counted at once; the one that was asked for longest ago is forgotten. */
const MOST_ZOOMS = 12

/** A tile that somebody hears. */
interface ToldTile {
  readonly tile: Tile
  /** Whoever hears it has it as of this look. */
  look: number
  /** Or of this one: nothing changed from then until `look`. */
  changedAt: number
  /** Whose hearers see it. */
  readonly topics: Set<string>
}

export class RegionCars {
  readonly cells = new CarCells()
  /** Where it is told how many cars there are, wherever they are. */
  readonly topic: string
  #all = 0
  #isLarge = false
  readonly #counts = new Map<number, CarCounts>()
  /** By the tile's key. */
  readonly #told = new Map<string, ToldTile>()
  /** By topic. */
  readonly #heard = new Map<string, Tiles>()

  constructor(regionId: RegionId) {
    this.topic = `cars ${regionId}`
  }

  /** Whether there are enough cars to count them. */
  get isLarge(): boolean {
    return this.#isLarge
  }

  /** Look at all cars. @returns whether any moved, changed, came or left */
  look(cars: Iterable<SeenCar>): boolean {
    const hasChanged = this.cells.look(cars)
    this.#isLarge = this.cells.size >= (this.#isLarge ? COUNTS_UNTIL_CARS : COUNTS_FROM_CARS)
    return hasChanged
  }

  /** From now on what changes of these tiles is told. @returns their topic, for whoever has them as of now */
  tell(of: Tiles): string {
    const topic = `${this.topic} ${of.key}`
    if (this.#heard.has(topic)) return topic
    this.#heard.set(topic, of)
    const look = this.cells.looks
    for (const tile of of.tiles) {
      const told = this.#told.get(tile.key) ?? { tile, look, changedAt: look, topics: new Set() }
      this.#told.set(tile.key, told)
      told.topics.add(topic)
    }
    return topic
  }

  /** Tell what the last look found, to whoever hears it. */
  publish(topics: Topics, nowMs: number): void {
    for (const [topic, of] of this.#heard) if (topics.hearers(topic) === 0) this.#forget(topic, of)
    const { looks, size: all } = this.cells
    for (const told of this.#told.values()) {
      const news = this.tileSince(told.tile, told.look)
      told.look = looks
      if (news.cars.length === 0 && news.gone.length === 0) continue
      const tiles = [{ ...news, since: told.changedAt }]
      told.changedAt = looks
      const frame = newsFrame({ level: told.tile.level, all, tiles, nowMs })
      for (const topic of told.topics) topics.publish(topic, frame)
    }
    // Once, and not again in each tile where nothing else is new.
    if (this.#all !== all) topics.publish(this.topic, newsFrame({ level: 0, all, tiles: [], nowMs }))
    this.#all = all
  }

  #forget(topic: string, { tiles }: Tiles): void {
    this.#heard.delete(topic)
    for (const { key } of tiles) {
      const told = this.#told.get(key)
      told?.topics.delete(topic)
      if (told?.topics.size === 0) this.#told.delete(key)
    }
  }

  /**
   * What changed of a tile since a look that is known, or with null all of it. For who has it as of that look by
   * numbered messages, which see by themselves that nothing is missing.
   */
  tileSince(tile: Tile, since: number | null): FrameTile {
    const look = this.cells.looks
    if (since === null) {
      const cars = [...this.cells.in(tile)]
      return { tile, since, look, named: cars, cars, gone: [] }
    }
    const { cars, came, gone } = this.cells.changes(tile, since)
    return { tile, since: 0, look, named: came, cars, gone }
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

function newsFrame(news: { level: number; all: number; tiles: readonly FrameTile[]; nowMs: number }) {
  return carsFrame({ ...news, isPicture: false, left: 0 })
}
