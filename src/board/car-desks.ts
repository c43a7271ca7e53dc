/**
 * The desks of a region and its cars: once a look what changed is told to all who hear it by themselves, and owed to
 * the others: polls, lines that are slow, those who see counts, and who is away.
 */
import type { RegionId } from '../engine/units.ts'
import type { Stream } from '../io/stream.ts'
import type { StreamedPage } from '../io/streams.ts'
import type { Topics } from '../io/topics.ts'
import type { SeenCar } from './cars.ts'
import { DeskCars } from './desk-cars.ts'
import { RegionCars } from './region-cars.ts'
import type { View } from './view.ts'

/** Each line is asked every so many looks whether it takes what it hears: what comes meanwhile fits in front of it. */
const ASKED_EVERY_LOOKS = 4

export interface CarDesksDeps {
  readonly topics: Topics
  nowMs(): number
  /** Of this stream's page a part is another one now: `cars` or `followed`. */
  owe(stream: Stream, part: string): void
  /** Its line takes no more for now: whatever else it hears would build up in front of it too. */
  letOff(stream: Stream): void
}

export class CarDesks {
  readonly #cars: RegionCars
  readonly #deps: CarDesksDeps
  readonly #desks = new Map<Stream, DeskCars>()
  /** Those that do not hear by themselves. */
  readonly #apart = new Set<Stream>()
  /** Those that follow a car. */
  readonly #following = new Set<Stream>()
  #looks = 0

  constructor(regionId: RegionId, deps: CarDesksDeps) {
    this.#cars = new RegionCars(regionId)
    this.#deps = deps
  }

  /** A desk's parts of the page, which show no car until the desk has said where it looks. */
  page(): StreamedPage {
    let its: Stream | undefined
    const cars = new DeskCars(this.#cars, this.#deps.nowMs, (hears) => {
      if (its === undefined) return
      if (hears) this.#apart.delete(its)
      else this.#apart.add(its)
    })
    return {
      parts: [
        { name: 'cars', isHeard: true, make: (had, line) => cars.make(had, line) },
        { name: 'followed', make: (had) => cars.makeFollowed(had) },
      ],
      follow: (stream) => {
        its = stream
        this.#desks.set(stream, cars)
        this.#apart.add(stream)
        return () => {
          this.#desks.delete(stream)
          this.#apart.delete(stream)
          this.#following.delete(stream)
        }
      },
    }
  }

  /** A desk looks at another part of the map. */
  turn(stream: Stream, view: View): void {
    const cars = this.#desks.get(stream)
    if (cars?.look(view) !== true) return
    if (cars.follows) this.#following.add(stream)
    else this.#following.delete(stream)
    this.#deps.owe(stream, 'cars')
    this.#deps.owe(stream, 'followed')
  }

  /** Look at all cars of the region, and tell what changed. */
  look(seen: Iterable<SeenCar>): void {
    this.#askLines()
    const wasLarge = this.#cars.isLarge
    if (!this.#cars.look(seen)) return
    // Who saw cars may see counts now, or the other way.
    if (this.#cars.isLarge !== wasLarge) for (const stream of this.#desks.keys()) this.#apart.add(stream)
    this.#cars.publish(this.#deps.topics, this.#deps.nowMs())
    for (const stream of this.#apart) this.#deps.owe(stream, 'cars')
    for (const stream of this.#following) this.#deps.owe(stream, 'followed')
  }

  /** What is told to everybody would build up in front of a slow line. */
  #askLines(): void {
    const turn = this.#looks++ % ASKED_EVERY_LOOKS
    let n = 0
    for (const [stream, cars] of this.#desks) {
      if (n++ % ASKED_EVERY_LOOKS !== turn || stream.line === null || stream.isReady()) continue
      cars.stopHearing()
      this.#deps.letOff(stream)
    }
  }
}
