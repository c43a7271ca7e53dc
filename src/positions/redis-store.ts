/**
 * The position store of several processes. A region's keys share a hash tag, so that in a cluster they lie together:
 *
 *     {region}:geo    where: the geo set, one member a driver
 *     {region}:seen   when: a sorted set by the time of the fix, which decides what is newer
 *     {region}:last   the rest of the position, and its place too where a geo set cannot hold it
 *     {region}:epoch  made with the keys; another value than before means that Redis was emptied meanwhile
 *
 * Puts are gathered and handed over by one script call a region every FLUSH_MS; the last position of a driver wins.
 */
import type { DriverId, RegionId } from '../engine/units.ts'
import type { Unsubscribe } from '../io/bus.ts'
import type { Cancel, Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Random } from '../io/random.ts'
import type { Redis } from '../io/redis.ts'
import {
  keysOf,
  messageOf,
  readMessage,
  readPlace,
  readRecord,
  WRITE_SCRIPT,
  writeArguments,
} from './redis-format.ts'
import type { MovedHandler, Position, PositionStore } from './store.ts'

/** Long enough to gather a thousand cars into one call, short beside the ping rate. */
export const FLUSH_MS = 150
/** After a flush that failed; the line to Redis may come back sooner and flushes at once. */
const RETRY_MS = 1_000
/** One call holds the server for some milliseconds at most; what is left goes with the next. */
const MAX_A_CALL = 5_000
/** Drivers of one process that may wait for a store that is away. */
const MAX_PENDING = 200_000
/** Who was silent for half a day is not coming back as the same shift. */
const KEEP_MS = 12 * 3_600_000
const LOAD_PAGE = 1_000

interface Waiting {
  readonly moves: Map<DriverId, Position>
  /** Done before the moves: who left and came back is there. */
  readonly removals: Set<DriverId>
}

interface RegionState {
  waiting: Waiting
  /** What this process put, to write it again when Redis was emptied. */
  readonly own: Map<DriverId, Position>
  epoch: string | null
  readonly handlers: Set<MovedHandler>
}

export function makeRedisPositions(deps: {
  redis: Redis
  clock: Clock
  log: Logger
  random: Random
}): PositionStore {
  const { redis, clock, log, random } = deps
  const me = random.uuid()
  const regions = new Map<RegionId, RegionState>()
  const counts = { written: 0, dropped: 0, failures: 0 }
  let timer: Cancel | null = null
  let running: Promise<void> | null = null
  let isFailing = false
  let closed = false
  let hearingSinceMs = 0

  function regionOf(regionId: RegionId): RegionState {
    const region = regions.get(regionId) ?? {
      waiting: nothingWaiting(),
      own: new Map(),
      epoch: null,
      handlers: new Set(),
    }
    regions.set(regionId, region)
    return region
  }

  function pending(): number {
    let count = 0
    for (const { waiting } of regions.values()) count += waiting.moves.size
    return count
  }

  function schedule(delayMs: number): void {
    if (closed || timer !== null) return
    timer = clock.after(delayMs, () => {
      timer = null
      void flush()
    })
  }

  function cancelTimer(): void {
    timer?.()
    timer = null
  }

  /** One flush at a time; who asks during one gets the next, which takes what came meanwhile. */
  async function flush(): Promise<void> {
    while (running !== null) await running
    running = flushAll()
    try {
      await running
    } finally {
      running = null
    }
  }

  async function flushAll(): Promise<void> {
    for (const [regionId, region] of regions) {
      if (!(await flushRegion(regionId, region))) return schedule(RETRY_MS)
    }
    if (pending() > 0) schedule(FLUSH_MS)
  }

  /** @returns false when the store did not take it; what was taken out waits again */
  async function flushRegion(regionId: RegionId, region: RegionState): Promise<boolean> {
    const { moves, removals } = region.waiting
    if (moves.size === 0 && removals.size === 0) return true
    const taken = takeSome(region)
    try {
      await write(regionId, region, taken)
      if (isFailing) log.info({ regionId }, 'positions.flushed_again')
      isFailing = false
      return true
    } catch (error) {
      counts.failures++
      if (!isFailing) log.warn({ error, regionId }, 'positions.flush_failed')
      isFailing = true
      giveBack(region, taken)
      return false
    }
  }

  async function write(regionId: RegionId, region: RegionState, taken: Waiting): Promise<void> {
    const batch = [...taken.moves.values()]
    const epoch = await redis.run((client) =>
      client.eval(WRITE_SCRIPT, {
        keys: keysOf(regionId).all,
        arguments: writeArguments({
          channel: keysOf(regionId).channel,
          message: messageOf(me, batch),
          forgetBeforeMs: clock.nowMs() - KEEP_MS,
          newEpoch: random.uuid(),
          removals: [...taken.removals],
          batch,
        }),
      }),
    )
    counts.written += batch.length
    const wasEmptied = region.epoch !== null && region.epoch !== epoch
    region.epoch = String(epoch)
    if (wasEmptied) writeAgain(region)
  }

  function writeAgain(region: RegionState): void {
    for (const position of region.own.values()) keepNewest(region.waiting.moves, position)
    schedule(0)
  }

  /** The line was away: say again what we hold if it was emptied, and hear again what the others hold. */
  const stopReturn = redis.onReturn(() => {
    hearingSinceMs = clock.nowMs()
    for (const [regionId, region] of regions) {
      // One position is enough to learn the epoch, and the script refuses it if it is old news.
      const some = region.own.values().next().value
      if (some !== undefined) keepNewest(region.waiting.moves, some)
      if (region.handlers.size > 0) void hearAgain(regionId, region)
    }
    void flush()
  })

  async function hearAgain(regionId: RegionId, region: RegionState): Promise<void> {
    try {
      const all = await load(regionId)
      for (const handler of [...region.handlers]) handler(all)
    } catch (error) {
      log.warn({ error, regionId }, 'positions.load_failed')
    }
  }

  async function load(regionId: RegionId): Promise<Position[]> {
    const { geo, last } = keysOf(regionId)
    const found = new Map<DriverId, Position>()
    let cursor = '0'
    do {
      const page = await redis.run((client) => client.hScan(last, cursor, { COUNT: LOAD_PAGE }))
      cursor = page.cursor
      if (page.entries.length === 0) continue
      const ids = page.entries.map((entry) => entry.field)
      const places = await redis.run((client) => client.geoPos(geo, ids))
      page.entries.forEach(({ field, value }, index) => {
        const position = readRecord(field, value, readPlace(places[index]))
        // A scan may show an entry twice.
        if (position !== null) found.set(position.driverId, position)
      })
    } while (cursor !== '0')
    return [...found.values()]
  }

  return {
    put(regionId, batch) {
      const region = regionOf(regionId)
      const waitingCount = pending()
      for (const position of batch) {
        const isNew = !region.waiting.moves.has(position.driverId)
        if (isNew && waitingCount >= MAX_PENDING) counts.dropped++
        else {
          keepNewest(region.waiting.moves, position)
          keepNewest(region.own, position)
        }
      }
      schedule(FLUSH_MS)
    },
    load,
    async onMoved(regionId, handler) {
      const region = regionOf(regionId)
      const entry: MovedHandler = (batch) => handler(batch)
      region.handlers.add(entry)
      const stop: Unsubscribe = await redis.subscribe(keysOf(regionId).channel, (text) => {
        const message = readMessage(text)
        if (message === null) log.warn({ regionId, length: text.length }, 'positions.message_refused')
        else if (message.from !== me && message.batch.length > 0) entry(message.batch)
      })
      return () => {
        region.handlers.delete(entry)
        stop()
      }
    },
    remove(regionId, driverId) {
      const { waiting, own } = regionOf(regionId)
      waiting.moves.delete(driverId)
      own.delete(driverId)
      waiting.removals.add(driverId)
      schedule(FLUSH_MS)
    },
    flush,
    hearingSinceMs: () => (redis.isReady() ? hearingSinceMs : Number.POSITIVE_INFINITY),
    figures: () => ({ pending: pending(), ...counts }),
    async close() {
      stopReturn()
      await flush()
      closed = true
      cancelTimer()
      for (const region of regions.values()) region.handlers.clear()
    },
  }
}

function nothingWaiting(): Waiting {
  return { moves: new Map(), removals: new Set() }
}

function keepNewest(map: Map<DriverId, Position>, position: Position): void {
  const known = map.get(position.driverId)
  if (known === undefined || known.atMs < position.atMs) map.set(position.driverId, position)
}

/** All that waits, or the first MAX_A_CALL moves of it; removals go first and all at once. */
function takeSome(region: RegionState): Waiting {
  const { moves, removals } = region.waiting
  if (moves.size <= MAX_A_CALL) {
    region.waiting = nothingWaiting()
    return { moves, removals }
  }
  const taken = { moves: new Map([...moves].slice(0, MAX_A_CALL)), removals }
  for (const driverId of taken.moves.keys()) moves.delete(driverId)
  region.waiting = { moves, removals: new Set() }
  return taken
}

/** Put back what could not be written, unless something newer came or the driver left meanwhile. */
function giveBack(region: RegionState, taken: Waiting): void {
  const { moves, removals } = region.waiting
  for (const position of taken.moves.values()) {
    if (!removals.has(position.driverId)) keepNewest(moves, position)
  }
  for (const driverId of taken.removals) removals.add(driverId)
}
