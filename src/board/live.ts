/**
 * The live board: once a second the cars that changed, told to all desks that look there; counts, queue and the news that
 * rides changed a moment after they did. A desk that is slow or was away gets in one message all that changed since what
 * it has.
 */
import { pushedLanes } from '../../views/board/lanes.ts'
import type { PageContext } from '../../views/page.ts'
import type { Companies, Region } from '../companies/companies.ts'
import type { RegionId } from '../engine/units.ts'
import type { SurgeNow } from '../fares/surge.ts'
import { Hearers } from '../io/hearers.ts'
import type { Logger } from '../io/log.ts'
import type { Stream } from '../io/stream.ts'
import type { StreamedPage } from '../io/streams.ts'
import type { Topics } from '../io/topics.ts'
import type { Walled } from '../io/walls.ts'
import type { Tracking } from '../tracking/push.ts'
import { CarDesks } from './car-desks.ts'
import type { SeenCar } from './cars.ts'
import { HexMessages } from './hexes.ts'
import { readLanes } from './lanes.ts'
import type { BoardDeps } from './read.ts'
import type { View } from './view.ts'

export interface BoardLive {
  /** A desk's page: it gets everything once, then what changes. */
  page(regionId: RegionId, ctx: PageContext): StreamedPage
  /** The desk whose page this is looks at another part of the map; until it said so it is told of no car. */
  look(stream: Stream, view: View): void
  start(): void
  stop(): void
}

const BEAT_MS = 100
const CARS_EVERY_MS = 1000
/** Of what changed at once much is drawn at once, and at most a quarter of the time goes to drawing. */
const LANES_EVERY_MS = { least: 200, most: 1000 }
const DRAWN_SHARE = 4
/** Ages and waits move without news; the queue is drawn anew at least this often. */
const REDRAW_EVERY_MS = 5000
/** Of markup that is told to all; what is longer goes as each line takes it. */
const SHORT_CHARS = 16 * 1024

/** As they were read once for all desks of a region, and as they were drawn from that in each language. */
interface Lanes {
  readonly read: ReturnType<typeof readLanes>
  readonly drawn: Map<PageContext['lang'], Drawing>
}

/** Markup, and a number that another one gets only when it differs. */
interface Drawing {
  readonly text: string
  readonly mark: number
}

/** The queue and the counts in a language, as its desks hear them. */
interface Reading {
  readonly ctx: PageContext
  readonly desks: Set<Stream>
  readonly hearers: Hearers
  /** The newest: a desk that has it is not told it again. */
  newest: Drawing | null
  /** Of what was told to all. */
  toldMark: number
}

interface RegionBoard {
  readonly desks: Set<Stream>
  /** Of the desks' pages those that may be owed something; most of the time none is. */
  readonly due: Set<Stream>
  readonly cars: CarDesks
  readonly hexes: HexMessages
  readonly hexHearers: Hearers
  /** Cells that all who hear of them have. */
  hexesTold: number
  /** Read only when a desk takes them. */
  lanes: Lanes | null
  readonly readings: Map<PageContext['lang'], Reading>
  changed: boolean
  drawnAtMs: number
  /** How long the last reading took. */
  readMs: number
  lookedAtMs: number
}

export function makeBoardLive(
  deps: Omit<BoardDeps, 'db'> & {
    walled: Walled
    log: Logger
    tracking: Tracking
    companies: Companies
    surge: SurgeNow
    topics: Topics
  },
): BoardLive {
  const { clock, fleet, log, tracking } = deps
  const boards = new Map<RegionId, RegionBoard>()
  const lookers = new Map<Stream, (view: View) => void>()
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
    for (const stream of board.hexHearers.missing(board.desks)) owe(board, stream, 'hexes')
    if (board.hexHearers.isEmpty) return
    const { text, mark } = board.hexes.message(board.hexesTold, counted, currencyOf(regionId))
    board.hexesTold = mark
    board.hexHearers.tell(text)
  })

  function owe(board: RegionBoard, stream: Stream, ...parts: string[]): void {
    for (const part of parts) stream.owe(part)
    board.due.add(stream)
  }

  function currencyOf(regionId: RegionId): string {
    const region = deps.companies.region(regionId)
    return (region && deps.companies.company(region.companyId)?.currency) ?? 'USD'
  }

  function* seenCars(regionId: RegionId): Generator<SeenCar> {
    for (const car of fleet.cars(regionId)) {
      if (car.position === null) continue
      const { driverId, callSign } = car.duty
      const { lat, lng, headingDeg, atMs } = car.position
      const state = fleet.stateOf(car)
      // The map's word for it; a paused driver looks like one on a break.
      yield { driverId, callSign, lat, lng, headingDeg, atMs, look: state === 'paused' ? 'break' : state }
    }
  }

  function boardOf(regionId: RegionId): RegionBoard {
    const open = boards.get(regionId)
    if (open !== undefined) return open
    const board: RegionBoard = {
      ...{ desks: new Set(), due: new Set(), hexes: new HexMessages() },
      cars: new CarDesks(regionId, {
        topics: deps.topics,
        nowMs: () => clock.nowMs(),
        owe: (stream, part) => owe(board, stream, part),
        letOff(stream) {
          board.hexHearers.remove(stream)
          for (const { hearers } of board.readings.values()) hearers.remove(stream)
        },
      }),
      ...{
        lanes: null,
        readings: new Map(),
        hexHearers: new Hearers(`cells ${regionId}`, deps.topics),
        hexesTold: 0,
        changed: false,
        drawnAtMs: clock.nowMs(),
        readMs: 0,
        lookedAtMs: clock.nowMs(),
      },
    }
    board.cars.look(seenCars(regionId))
    boards.set(regionId, board)
    return board
  }

  /** Drawn once for all desks of the region, so with what any of them may see and nothing that is one's own. */
  function lanesOf(region: Region, board: RegionBoard, ctx: PageContext): Drawing | Promise<Drawing> {
    // A thousand desks wait for the first one's drawing together, and not each for itself.
    return board.lanes?.drawn.get(ctx.lang) ?? drawLanes(region, board, ctx)
  }

  async function drawLanes(region: Region, board: RegionBoard, ctx: PageContext): Promise<Drawing> {
    const companyIds = [region.companyId]
    const db = deps.walled({ companyIds, staffedIds: companyIds, personId: null, everywhere: false })
    const lanes = board.lanes ?? { read: timedLanes({ ...deps, db }, region, board), drawn: new Map() }
    board.lanes = lanes
    try {
      const read = await lanes.read
      const drawn =
        lanes.drawn.get(ctx.lang) ??
        asNewest(readingOf(region.id, board, ctx), String(pushedLanes(everybodys(ctx), read)))
      lanes.drawn.set(ctx.lang, drawn)
      return drawn
    } catch (error) {
      if (board.lanes === lanes) board.lanes = null
      throw error
    }
  }

  function readingOf(regionId: RegionId, board: RegionBoard, ctx: PageContext): Reading {
    const known = board.readings.get(ctx.lang)
    if (known !== undefined) return known
    const hearers = new Hearers(`lanes ${regionId} ${ctx.lang}`, deps.topics)
    const reading: Reading = {
      ...{ ctx: everybodys(ctx), desks: new Set(), hearers },
      ...{ newest: null, toldMark: 0 },
    }
    board.readings.set(ctx.lang, reading)
    return reading
  }

  function asNewest(reading: Reading, text: string): Drawing {
    const before = reading.newest
    reading.newest = before?.text === text ? before : { text, mark: (before?.mark ?? 0) + 1 }
    return reading.newest
  }

  /**
   * The queue and the counts are due. What changed is owed to each desk, whose line takes the newest when it has room;
   * that waits grew meanwhile comes seldom and is short, and is told to all who hear it at once.
   */
  async function tellLanes(regionId: RegionId, board: RegionBoard, changed: boolean): Promise<void> {
    const region = deps.companies.region(regionId)
    if (region === undefined) return
    for (const reading of board.readings.values()) {
      const { hearers, desks } = reading
      const isShort = (reading.newest?.text.length ?? 0) <= SHORT_CHARS
      // A desk that is away is owed what changed, and not the ages that grew meanwhile.
      for (const stream of changed || !isShort ? desks : hearers.missing(desks))
        if (changed || stream.line !== null) owe(board, stream, 'lanes')
      if (changed || !isShort || hearers.isEmpty) continue
      try {
        const { text, mark } = await lanesOf(region, board, reading.ctx)
        if (mark !== reading.toldMark) hearers.tell(text)
        reading.toldMark = mark
      } catch (error) {
        log.warn({ error }, 'board.push_failed')
        board.changed = true
      }
    }
  }

  async function timedLanes(of: Parameters<typeof readLanes>[0], region: Region, board: RegionBoard) {
    const startedAtMs = clock.nowMs()
    const lanes = await readLanes(of, region)
    board.readMs = clock.nowMs() - startedAtMs
    return lanes
  }

  /** What is made at once goes at once, and only drawings are waited for. One desk's trouble is not the next one's. */
  async function pumpAll(streams: Iterable<Stream>): Promise<void> {
    const drawings: Promise<void>[] = []
    const failed = (error: unknown) => log.warn({ error }, 'board.push_failed')
    for (const stream of streams)
      try {
        const drawing = stream.pump()
        if (drawing instanceof Promise) drawings.push(drawing.catch(failed))
      } catch (error) {
        failed(error)
      }
    await Promise.all(drawings)
  }

  async function beatOnce(): Promise<void> {
    const nowMs = clock.nowMs()
    for (const [regionId, board] of boards) {
      const sinceMs = nowMs - board.drawnAtMs
      const { least, most } = LANES_EVERY_MS
      const gapMs = Math.min(most, Math.max(least, DRAWN_SHARE * board.readMs))
      const changed = board.changed && sinceMs >= gapMs
      const isDue = changed || sinceMs >= REDRAW_EVERY_MS
      if (isDue) {
        board.changed = false
        board.drawnAtMs = nowMs
        board.lanes = null
      }
      const isTurnOfCars = nowMs - board.lookedAtMs >= CARS_EVERY_MS
      if (isTurnOfCars) board.lookedAtMs = nowMs
      if (isTurnOfCars) board.cars.look(seenCars(regionId))
      // The cars first, to all: they wait for no drawing.
      await pumpAll([...board.due].filter((stream) => !stream.owes('lanes')))
      if (isDue) await tellLanes(regionId, board, changed)
      const due = [...board.due]
      board.due.clear()
      // Whose drawing is the first of its language waits for it; the others then have it at once.
      const [first, ...others] = due
      if (first !== undefined) await pumpAll([first])
      await pumpAll(others)
      // What failed, what the line does not take yet, or what came to be owed meanwhile.
      for (const stream of due) if (stream.isBehind && board.desks.has(stream)) board.due.add(stream)
    }
  }

  function beat(): void {
    if (stopped) return
    cancel = clock.after(BEAT_MS, () => {
      void beatOnce()
        .catch((error: unknown) => log.warn({ error }, 'board.beat_failed'))
        .finally(beat)
    })
  }

  return {
    page(regionId, ctx) {
      const board = boardOf(regionId)
      // What a page begins with is of now.
      board.lanes = null
      const cars = board.cars.page()
      const reading = readingOf(regionId, board, ctx)
      let its: Stream | undefined
      return {
        parts: [
          ...cars.parts,
          {
            ...{ name: 'hexes', isHeard: true },
            make(had, line) {
              if (its !== undefined) board.hexHearers.add(its, line)
              return board.hexes.message(had, deps.surge.counted(regionId), currencyOf(regionId))
            },
          },
          {
            ...{ name: 'lanes', isHeard: true },
            make(had, line) {
              const region = deps.companies.region(regionId)
              if (region === undefined) return null
              if (its !== undefined) reading.hearers.add(its, line)
              // While it was drawn a newer one may have been told to all.
              const newestUnlessHad = () => (reading.newest?.mark === had ? null : reading.newest)
              const drawn = lanesOf(region, board, ctx)
              return drawn instanceof Promise ? drawn.then(newestUnlessHad) : newestUnlessHad()
            },
          },
        ],
        follow(stream) {
          its = stream
          board.desks.add(stream)
          reading.desks.add(stream)
          boards.set(regionId, board)
          const leaveCars = cars.follow(stream)
          stream.onReady = () => void board.due.add(stream)
          // Told at the next beat: a map that is dragged says many.
          lookers.set(stream, (view) => board.cars.turn(stream, view))
          return () => {
            leaveCars()
            reading.hearers.remove(stream)
            board.hexHearers.remove(stream)
            reading.desks.delete(stream)
            board.desks.delete(stream)
            board.due.delete(stream)
            lookers.delete(stream)
            if (board.desks.size === 0 && boards.get(regionId) === board) boards.delete(regionId)
          }
        },
      }
    },
    look: (stream, view) => lookers.get(stream)?.(view),
    start: beat,
    stop() {
      stopped = true
      cancel?.()
    },
  }
}

/** A page's context without whose page it is. */
function everybodys(ctx: PageContext): PageContext {
  return { ...ctx, csrf: '', nonce: '', viewer: null }
}
