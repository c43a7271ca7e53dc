/**
 * The position store of several processes. A region's keys share a hash tag, so that in a cluster they lie together:
 *
 *     {region}:geo    where: the geo set, one member a driver, written as the sorted set it is
 *     {region}:last   when, which decides what is newer, and the rest of the position; its place too where a geo set
 *                     cannot hold it
 *     {region}:epoch  made with the keys; another value than before means that Redis was emptied meanwhile
 *
 * Puts are gathered and handed over every FLUSH_MS, all positions of a region by one command a key; the last position of
 * a driver wins. Drivers whom another process may have written since are handed over by a script, which compares first.
 * Positions are published only where somebody else listens: the answer to a publication says how many do.
 */
import type { DriverId, RegionId } from '../engine/units.ts'
import type { Unsubscribe } from '../io/bus.ts'
import type { Cancel, Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Random } from '../io/random.ts'
import type { Redis } from '../io/redis.ts'
import {
  forgetCommand,
  isFrom,
  keysOf,
  movedMessage,
  plainCommands,
  readMessage,
  readPlace,
  readRecord,
  writeCommand,
  writtenAtMs,
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
/** How often those are looked for who were silent for too long: who ends a shift is removed at once. */
const SWEEP_EVERY_MS = 3_600_000
/** Who was silent for half a day is not coming back as the same shift. */
const KEEP_MS = 12 * 3_600_000
const LOAD_PAGE = 1_000

/** A driver as this process put them last. */
interface Slot {
  readonly driverId: DriverId
  /** Written again when Redis was emptied; null once the driver was removed. */
  latest: Position | null
  /** In the region's `waiting`. */
  waits: boolean
  /** Last written by this process, as far as is known: while it hears the others, it knows. */
  isMine: boolean
}

interface Taken {
  readonly slots: readonly Slot[]
  /** Done before the moves: who left and came back is there. */
  readonly removals: ReadonlySet<DriverId>
}

interface RegionState {
  readonly slots: Map<DriverId, Slot>
  waiting: Slot[]
  removals: Set<DriverId>
  epoch: string | null
  /** Another process listens, by the answer to the last publication. */
  isHeard: boolean
  sweepAtMs: number
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
    const known = regions.get(regionId)
    if (known !== undefined) return known
    const region: RegionState = {
      slots: new Map(),
      waiting: [],
      removals: new Set(),
      epoch: null,
      isHeard: false,
      sweepAtMs: 0,
      handlers: new Set(),
    }
    regions.set(regionId, region)
    return region
  }

  function pending(): number {
    let count = 0
    for (const { waiting } of regions.values()) for (const slot of waiting) if (slot.latest !== null) count++
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
    if (region.waiting.length === 0 && region.removals.size === 0) return true
    const taken = takeSome(region)
    try {
      await write(regionId, region, taken)
      if (isFailing) log.info({ regionId }, 'positions.flushed_again')
      isFailing = false
      sweepIfDue(regionId, region)
      return true
    } catch (error) {
      counts.failures++
      if (!isFailing) log.warn({ error, regionId }, 'positions.flush_failed')
      isFailing = true
      giveBack(region, taken)
      return false
    }
  }

  async function write(regionId: RegionId, region: RegionState, taken: Taken): Promise<void> {
    const { channel } = keysOf(regionId)
    const mine: Position[] = []
    const contested: Position[] = []
    // Without hearing the others, anybody may have written anything.
    const isHearing = region.handlers.size > 0 && redis.isReady()
    for (const slot of taken.slots) {
      if (slot.latest === null) continue
      if (isHearing && slot.isMine) mine.push(slot.latest)
      else contested.push(slot.latest)
      // From now on it is ours, unless somebody else is heard of while this is on its way.
      slot.isMine = isHearing
    }
    const newEpoch = random.uuid()
    const answers: Promise<unknown>[] = []
    if (contested.length > 0 || taken.removals.size > 0) {
      const removals = [...taken.removals]
      const command = writeCommand(regionId, { channel, from: me, newEpoch, removals, batch: contested })
      answers.push(redis.run((client) => client.sendCommand(command)))
    }
    if (mine.length > 0) answers.push(writeMine(regionId, region, { newEpoch, batch: mine }))
    // A new epoch is what nobody had set before: the keys were made by this flush.
    const epochs = (await Promise.all(answers)).map((epoch) => String(epoch ?? newEpoch))
    counts.written += mine.length + contested.length
    const epoch = epochs.at(-1)!
    const wasEmptied = region.epoch !== null && epochs.some((answered) => answered !== region.epoch)
    region.epoch = epoch
    if (wasEmptied) writeAgain(region)
  }

  /** Those of ours alone; answers the epoch. */
  async function writeMine(
    regionId: RegionId,
    region: RegionState,
    { newEpoch, batch }: { newEpoch: string; batch: readonly Position[] },
  ): Promise<unknown> {
    const { channel } = keysOf(regionId)
    const isTold = region.isHeard
    const { writes, publish, epoch } = plainCommands(regionId, { channel, from: me, newEpoch, batch, isTold })
    const [listening, known] = await redis.run(async (client) => {
      const all = await Promise.all([...writes, publish, epoch].map((command) => client.sendCommand(command)))
      return all.slice(-2)
    })
    // One of them is this process itself: positions come from here only while it hears the others.
    region.isHeard = Number(listening) > 1
    if (region.isHeard && !isTold) {
      const message = movedMessage(me, batch)
      await redis.run((client) => client.publish(channel, message))
    }
    return known
  }

  function sweepIfDue(regionId: RegionId, region: RegionState): void {
    const nowMs = clock.nowMs()
    if (nowMs < region.sweepAtMs) return
    region.sweepAtMs = nowMs + SWEEP_EVERY_MS
    sweep(regionId).catch((error: unknown) => log.warn({ error, regionId }, 'positions.sweep_failed'))
  }

  /** Forget who was silent for too long; a driver who comes back meanwhile stays. */
  async function sweep(regionId: RegionId): Promise<void> {
    const { last } = keysOf(regionId)
    const beforeMs = clock.nowMs() - KEEP_MS
    let cursor = '0'
    do {
      const page = await redis.run((client) => client.hScan(last, cursor, { COUNT: LOAD_PAGE }))
      cursor = page.cursor
      const silent = page.entries
        .filter(({ value }) => (writtenAtMs(value) ?? 0) < beforeMs)
        .map(({ field, value }) => ({ driverId: field, record: value }))
      if (silent.length > 0) await redis.run((client) => client.sendCommand(forgetCommand(regionId, silent)))
    } while (cursor !== '0')
  }

  function writeAgain(region: RegionState): void {
    for (const slot of region.slots.values()) {
      slot.isMine = false
      letWait(region, slot)
    }
    schedule(0)
  }

  /** The line was away: say again what we hold if it was emptied, and hear again what the others hold. */
  const stopReturn = redis.onReturn(() => {
    hearingSinceMs = clock.nowMs()
    for (const [regionId, region] of regions) {
      for (const slot of region.slots.values()) slot.isMine = false
      // One position is enough to learn the epoch, and the script refuses it if it is old news.
      const some = region.slots.values().next().value
      if (some !== undefined) letWait(region, some)
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
      for (const position of batch) {
        const { driverId, atMs } = position
        let slot = region.slots.get(driverId)
        if (slot?.latest != null && slot.latest.atMs >= atMs) continue
        if (slot?.waits !== true && region.waiting.length >= MAX_PENDING) {
          counts.dropped++
          continue
        }
        if (slot === undefined) {
          slot = { driverId, latest: null, waits: false, isMine: false }
          region.slots.set(driverId, slot)
        }
        slot.latest = position
        letWait(region, slot)
      }
      schedule(FLUSH_MS)
    },
    load,
    async onMoved(regionId, handler) {
      const region = regionOf(regionId)
      const entry: MovedHandler = (batch) => handler(batch)
      region.handlers.add(entry)
      const stop: Unsubscribe = await redis.subscribe(keysOf(regionId).channel, (text) => {
        if (isFrom(me, text)) return
        const message = readMessage(text)
        if (message === null) return log.warn({ regionId, length: text.length }, 'positions.message_refused')
        for (const { driverId } of message.batch) {
          const slot = region.slots.get(driverId)
          if (slot !== undefined) slot.isMine = false
        }
        if (message.batch.length > 0) entry(message.batch)
      })
      return () => {
        region.handlers.delete(entry)
        stop()
      }
    },
    remove(regionId, driverId) {
      const region = regionOf(regionId)
      const slot = region.slots.get(driverId)
      if (slot !== undefined) slot.latest = null
      region.slots.delete(driverId)
      region.removals.add(driverId)
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

function letWait(region: RegionState, slot: Slot): void {
  if (slot.waits) return
  slot.waits = true
  region.waiting.push(slot)
}

/** All that waits, or the first MAX_A_CALL drivers of it; removals go first and all at once. */
function takeSome(region: RegionState): Taken {
  const { waiting, removals } = region
  const slots = waiting.length <= MAX_A_CALL ? waiting : waiting.slice(0, MAX_A_CALL)
  region.waiting = waiting.slice(slots.length)
  region.removals = new Set()
  for (const slot of slots) slot.waits = false
  return { slots, removals }
}

/** Let wait again what could not be written, with what came meanwhile; nobody knows what of it was. */
function giveBack(region: RegionState, taken: Taken): void {
  for (const slot of taken.slots) {
    slot.isMine = false
    if (slot.latest !== null) letWait(region, slot)
  }
  for (const driverId of taken.removals) region.removals.add(driverId)
}
