/**
 * Which idle drivers to tell of a busier place, and what it saves them. Who goes where is the assignment of
 * `reposition.ts`, so that not everybody is sent to one place; what is told is the wait here against the wait there, by
 * the same counts. Pure.
 */
import { gridDisk } from 'h3-js'
import { type RepositionRules, whereToWait } from './reposition.ts'
import type { DriverId, LatLng } from './units.ts'

export interface HintRules extends RepositionRules {
  /** Demand is looked ahead by so much. */
  readonly aheadS: number
  /** Less is not worth a word. */
  readonly savedLeastS: number
  /** No wait is told to be longer: what lies beyond is not known. */
  readonly waitMostS: number
}

export const HINT_RULES: HintRules = {
  // A place where nobody asks costs the longest wait that is told.
  worthS: 3_600,
  farthestS: 900,
  leastGainS: 60,
  aheadS: 1_500,
  savedLeastS: 120,
  waitMostS: 3_600,
}

export interface DemandThere {
  readonly cell: string
  readonly centre: LatLng
  /** Requests expected in this cell within `aheadS`. */
  readonly demand: number
}

export interface IdleDriver {
  readonly driverId: DriverId
  readonly at: LatLng
  /** The cell they stand in, demand or not. */
  readonly cell: string
}

/** An idle driver under way to where they were told. */
export interface UnderWay extends IdleDriver {
  readonly to: string
}

export interface Hint {
  readonly driverId: DriverId
  readonly cell: string
  readonly centre: LatLng
  readonly waitHereS: number
  readonly waitThereS: number
  readonly driveS: number
  /** `waitHereS` less the way and `waitThereS`. */
  readonly savedS: number
}

export interface HintSituation {
  readonly cells: readonly DemandThere[]
  /** Who may be told something, in a fixed order. */
  readonly idle: readonly IdleDriver[]
  readonly underWay: readonly UnderWay[]
  /** Cars free in a cell now or soon, everybody above among them. */
  readonly supplyOf: (cell: string) => number
  readonly travelS: (from: LatLng, to: LatLng) => number
}

export function hintsFor(situation: HintSituation, rules: HintRules = HINT_RULES): Hint[] {
  const { cells, idle, underWay, travelS } = situation
  if (cells.length === 0 || idle.length === 0) return []
  const crowd = new Crowd(situation, rules)
  for (const { cell, to } of underWay) crowd.move(cell, to)
  const placeOf = new Map(cells.map(({ cell }, place) => [cell, place]))
  const idleIn = new Map<string, number>()
  for (const { cell } of idle) idleIn.set(cell, (idleIn.get(cell) ?? 0) + 1)
  const places = whereToWait(
    idle.map(({ at, cell }) => ({ at, cell: placeOf.get(cell) ?? -1 })),
    cells.map(({ cell, centre, demand }) => ({
      ...{ centre, demand },
      supply: crowd.carsIn(cell) - (idleIn.get(cell) ?? 0),
    })),
    rules,
    travelS,
  )
  const going: Going[] = idle.flatMap((driver, n) => {
    if (places[n]! < 0) return []
    const to = cells[places[n]!]!
    crowd.move(driver.cell, to.cell)
    return [{ driver, to, driveS: travelS(driver.at, to.centre) }]
  })
  // Whoever gains least stays after all, until all who are left gain enough: each that stays makes the others' wait shorter.
  for (;;) {
    const hints = going.map((one) => hintOf(one, crowd))
    const worst = hints.reduce((least, hint, n) => (hint.savedS < hints[least]!.savedS ? n : least), 0)
    if (hints.length === 0 || hints[worst]!.savedS >= rules.savedLeastS) return hints
    const [stays] = going.splice(worst, 1)
    crowd.move(stays!.to.cell, stays!.driver.cell)
  }
}

interface Going {
  readonly driver: IdleDriver
  readonly to: DemandThere
  readonly driveS: number
}

function hintOf({ driver, to, driveS }: Going, crowd: Crowd): Hint {
  const waitHereS = crowd.waitS(driver.cell, 1)
  const waitThereS = crowd.waitS(to.cell, 0)
  return {
    ...{ driverId: driver.driverId, cell: to.cell, centre: to.centre },
    ...{ waitHereS, waitThereS, driveS, savedS: waitHereS - driveS - waitThereS },
  }
}

/** Who waits where once everybody has gone where they are told, and how long that takes. */
class Crowd {
  readonly #supplyOf: (cell: string) => number
  readonly #demandOf: ReadonlyMap<string, number>
  readonly #rules: HintRules
  readonly #moved = new Map<string, number>()
  readonly #disks = new Map<string, readonly string[]>()

  constructor({ cells, supplyOf }: HintSituation, rules: HintRules) {
    this.#supplyOf = supplyOf
    this.#demandOf = new Map(cells.map(({ cell, demand }) => [cell, demand]))
    this.#rules = rules
  }

  move(from: string, to: string): void {
    this.#moved.set(from, (this.#moved.get(from) ?? 0) - 1)
    this.#moved.set(to, (this.#moved.get(to) ?? 0) + 1)
  }

  carsIn(cell: string): number {
    return Math.max(0, this.#supplyOf(cell) + (this.#moved.get(cell) ?? 0))
  }

  /**
   * Expected seconds until a car in this cell is asked. Cars serve their own hexagon and the six around it, and share
   * what comes there: of n cars each gets every n-th request, so the wait is n over the rate.
   * @param more cars to count beside those that will be there
   */
  waitS(cell: string, more: number): number {
    let cars = more
    let demand = 0
    for (const near of this.#around(cell)) {
      cars += this.carsIn(near)
      demand += this.#demandOf.get(near) ?? 0
    }
    const { aheadS, waitMostS } = this.#rules
    return demand > 0 ? Math.min(waitMostS, (cars * aheadS) / demand) : waitMostS
  }

  #around(cell: string): readonly string[] {
    let around = this.#disks.get(cell)
    if (around === undefined) {
      around = gridDisk(cell, 1)
      this.#disks.set(cell, around)
    }
    return around
  }
}
