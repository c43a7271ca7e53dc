/**
 * The live board: once a second the cars that changed, as one message for all desks that are up to date; counts, queue
 * and the news that rides changed, at most once a second and only when something did. A desk that is slow or was away
 * gets in one message all that changed since what it has.
 */
import { pushedLanes } from '../../views/board/lanes.ts'
import type { PageContext } from '../../views/page.ts'
import type { Companies, Region } from '../companies/companies.ts'
import type { RegionId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Logger } from '../io/log.ts'
import type { Stream } from '../io/stream.ts'
import type { StreamedPage } from '../io/streams.ts'
import type { Walled } from '../io/walls.ts'
import type { Car } from '../positions/fleet.ts'
import type { Tracking } from '../tracking/push.ts'
import { CarChanges, type CarRow } from './cars.ts'
import { HexMessages } from './hexes.ts'
import { readLanes } from './lanes.ts'
import type { BoardDeps } from './read.ts'

export interface BoardLive {
  /** A desk's page: it gets everything once, then what changes. */
  page(regionId: RegionId, ctx: PageContext): StreamedPage
  start(): void
  stop(): void
}

const BEAT_MS = 1000
/** Ages and waits move without news; the queue is drawn anew at least this often. */
const REDRAW_EVERY_MS = 5000
/** Six decimals are 11 cm. */
const DEGREES_SCALE = 1_000_000

type Lanes = Awaited<ReturnType<typeof readLanes>>

interface RegionBoard {
  readonly streams: Set<Stream>
  readonly cars: CarChanges
  readonly hexes: HexMessages
  /** Read once for all desks of the region, and only when one takes it. */
  lanes: Promise<Lanes> | null
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
    for (const stream of board.streams) stream.owe('hexes')
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

  function* rowsOf(regionId: RegionId): Generator<{ row: CarRow; atMs: number }> {
    for (const car of fleet.cars(regionId)) {
      const row = rowOf(car)
      if (row !== null && car.position !== null) yield { row, atMs: car.position.atMs }
    }
  }

  function boardOf(regionId: RegionId): RegionBoard {
    const open = boards.get(regionId)
    if (open !== undefined) return open
    const board: RegionBoard = {
      ...{ streams: new Set(), cars: new CarChanges(), hexes: new HexMessages() },
      ...{ lanes: null, changed: false, drawnAtMs: clock.nowMs() },
    }
    board.cars.look(rowsOf(regionId))
    boards.set(regionId, board)
    return board
  }

  /** Drawn once for all desks of the region, so with what any of them may see. */
  function lanesOf(region: Region, board: RegionBoard): Promise<Lanes> {
    const companyIds = [region.companyId]
    const db = deps.walled({ companyIds, staffedIds: companyIds, personId: null, everywhere: false })
    board.lanes ??= readLanes({ ...deps, db }, region).catch((error: unknown) => {
      board.lanes = null
      throw error
    })
    return board.lanes
  }

  async function beatOnce(): Promise<void> {
    const nowMs = clock.nowMs()
    for (const [regionId, board] of boards) {
      const hasMoved = board.cars.look(rowsOf(regionId))
      const { changed } = board
      const isDue = changed || nowMs - board.drawnAtMs >= REDRAW_EVERY_MS
      if (isDue) {
        board.changed = false
        board.drawnAtMs = nowMs
        board.lanes = null
      }
      // The cars first, to all: they are said once for everybody and wait for no drawing.
      for (const stream of board.streams) {
        if (hasMoved) stream.owe('cars')
        if (!stream.owes('lanes')) await stream.pump()
      }
      for (const stream of board.streams) {
        // A desk that is away is owed what changed, and not the ages that grew meanwhile.
        if (changed || (isDue && stream.line !== null)) stream.owe('lanes')
        await stream.pump()
      }
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
    page(regionId, ctx) {
      const board = boardOf(regionId)
      // What a page begins with is of now.
      board.lanes = null
      return {
        parts: [
          { name: 'cars', make: (had) => board.cars.message(had, () => rowsOf(regionId)) },
          {
            name: 'hexes',
            make: (had) => board.hexes.message(had, deps.surge.counted(regionId), currencyOf(regionId)),
          },
          {
            name: 'lanes',
            async make() {
              const region = deps.companies.region(regionId)
              if (region === undefined) return null
              return { text: String(pushedLanes(ctx, await lanesOf(region, board))) }
            },
          },
        ],
        follow(stream) {
          board.streams.add(stream)
          boards.set(regionId, board)
          return () => {
            board.streams.delete(stream)
            if (board.streams.size === 0 && boards.get(regionId) === board) boards.delete(regionId)
          }
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
