/**
 * The live board: once a second the cars that changed, as one message for all desks of a region; counts, queue and
 * the news that rides changed, at most once a second and only when something did.
 */

import { boardCounts } from '../../views/board/board.ts'
import { boardBooked } from '../../views/board/booked.ts'
import { boardQueue } from '../../views/board/queue.ts'
import { boardWatch } from '../../views/board/watch.ts'
import { boardZones } from '../../views/board/zones.ts'
import type { PageContext } from '../../views/page.ts'
import type { Companies } from '../companies/companies.ts'
import type { DriverId, RegionId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Logger } from '../io/log.ts'
import type { Walled } from '../io/walls.ts'
import type { Car } from '../positions/fleet.ts'
import type { Tracking } from '../tracking/push.ts'
import { readBookedLane } from './booked.ts'
import { HexMessages } from './hexes.ts'
import { type BoardDeps, readBoard } from './read.ts'
import { readZones } from './zones.ts'

export interface BoardPage {
  readonly ctx: PageContext
  send(message: string): void
}

export interface BoardLive {
  /** A desk opens: it gets everything once, then what changes. Returns how to close it, and when it has everything. */
  open(regionId: RegionId, page: BoardPage): { close(): void; readonly shown: Promise<void> }
  start(): void
  stop(): void
}

const BEAT_MS = 1000
/** Ages and waits move without news; the queue is drawn anew at least this often. */
const REDRAW_EVERY_MS = 5000
/** Six decimals are 11 cm. */
const DEGREES_SCALE = 1_000_000

/** id, call sign, lat × 10⁶, lng × 10⁶, heading, state, age of the fix in seconds. */
type CarRow = readonly [string, string, number, number, number, string, number]

interface Sent {
  readonly atMs: number
  readonly state: string
}

interface RegionBoard {
  readonly pages: Set<BoardPage>
  readonly sent: Map<DriverId, Sent>
  readonly hexes: HexMessages
  changed: boolean
  drawnAtMs: number
}

export function makeBoardLive(
  deps: Omit<BoardDeps, 'db'> & {
    walled: Walled
    log: Logger
    tracking: Tracking
    companies: Companies
    surge: SurgeNow
  },
): BoardLive {
  const { clock, fleet, log, tracking } = deps
  const boards = new Map<RegionId, RegionBoard>()
  let stopped = false
  let cancel: (() => void) | null = null

  tracking.onRegionChanged((regionId) => {
    const board = boards.get(regionId)
    if (board !== undefined) board.changed = true
  })

  deps.surge.onCounted((regionId) => {
    const board = boards.get(regionId)
    const counted = deps.surge.counted(regionId)
    if (board === undefined || counted === null) return
    const message = board.hexes.next(counted, currencyOf(regionId))
    for (const page of board.pages) page.send(message)
  })

  function currencyOf(regionId: RegionId): string {
    const region = deps.companies.region(regionId)
    return (region && deps.companies.company(region.companyId)?.currency) ?? 'USD'
  }

  /** What the map's word for a state is; a paused driver looks like one on a break. */
  function rowOf(car: Car): CarRow | null {
    if (car.position === null) return null
    const { lat, lng, headingDeg, atMs } = car.position
    const state = fleet.stateOf(car)
    return [
      car.duty.driverId,
      car.duty.callSign,
      Math.round(lat * DEGREES_SCALE),
      Math.round(lng * DEGREES_SCALE),
      Math.round(headingDeg),
      state === 'paused' ? 'break' : state,
      Math.max(0, Math.round((clock.nowMs() - atMs) / 1000)),
    ]
  }

  function fullMessage(regionId: RegionId): string {
    const cars = [...fleet.cars(regionId)].flatMap((car) => {
      const row = rowOf(car)
      return row === null ? [] : [row]
    })
    return JSON.stringify({ type: 'cars', full: true, cars, gone: [] })
  }

  /** The cars that moved or changed since the last message; null when none did. */
  function deltaMessage(regionId: RegionId, board: RegionBoard): string | null {
    const cars: CarRow[] = []
    const present = new Set<DriverId>()
    for (const car of fleet.cars(regionId)) {
      const row = rowOf(car)
      if (row === null || car.position === null) continue
      present.add(car.duty.driverId)
      const before = board.sent.get(car.duty.driverId)
      if (before?.atMs === car.position.atMs && before.state === row[5]) continue
      board.sent.set(car.duty.driverId, { atMs: car.position.atMs, state: row[5] })
      cars.push(row)
    }
    const gone = [...board.sent.keys()].filter((driverId) => !present.has(driverId))
    for (const driverId of gone) board.sent.delete(driverId)
    return cars.length + gone.length === 0 ? null : JSON.stringify({ type: 'cars', full: false, cars, gone })
  }

  async function draw(regionId: RegionId, pages: Iterable<BoardPage>): Promise<void> {
    const region = deps.companies.region(regionId)
    if (region === undefined) return
    // Drawn once for all desks of the region, so with what any of them may see.
    const companyIds = [region.companyId]
    const db = deps.walled({ companyIds, staffedIds: companyIds, personId: null, everywhere: false })
    const { counts, queue, watch } = await readBoard({ ...deps, db }, region, null)
    const booked = await readBookedLane({ ...deps, db }, region)
    const zones = await readZones({ ...deps, db }, region)
    for (const page of pages)
      page.send(
        `${boardCounts(counts)}${boardQueue(page.ctx, queue)}${boardWatch(page.ctx, watch)}${boardBooked(page.ctx, booked)}${boardZones(page.ctx, zones)}`,
      )
  }

  async function beatOnce(): Promise<void> {
    const nowMs = clock.nowMs()
    for (const [regionId, board] of boards) {
      const cars = deltaMessage(regionId, board)
      if (cars !== null) for (const page of board.pages) page.send(cars)
      if (!board.changed && nowMs - board.drawnAtMs < REDRAW_EVERY_MS) continue
      board.changed = false
      board.drawnAtMs = nowMs
      await draw(regionId, board.pages)
    }
  }

  function beat(): void {
    if (stopped) return
    cancel = clock.after(BEAT_MS, () => {
      void beatOnce()
        .catch((error: unknown) => log.warn({ error }, 'board.push_failed'))
        .finally(beat)
    })
  }

  return {
    open(regionId, page) {
      let board = boards.get(regionId)
      if (board === undefined) {
        board = {
          pages: new Set(),
          sent: new Map(),
          hexes: new HexMessages(),
          changed: false,
          drawnAtMs: clock.nowMs(),
        }
        boards.set(regionId, board)
        // The full message below says all this; what follows is only what changed since.
        deltaMessage(regionId, board)
      }
      const mine = board
      mine.pages.add(page)
      page.send(fullMessage(regionId))
      page.send(mine.hexes.whole(deps.surge.counted(regionId), currencyOf(regionId)))
      return {
        shown: draw(regionId, [page]),
        close() {
          mine.pages.delete(page)
          if (mine.pages.size === 0 && boards.get(regionId) === mine) boards.delete(regionId)
        },
      }
    },
    start: beat,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}
