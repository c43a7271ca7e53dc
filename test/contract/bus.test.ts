import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import type { CompanyId, DriverId, IdentityId, OfferId, RegionId, RideId } from '../../src/engine/units.ts'
import { type LocalBusHub, makeLocalBus } from '../../src/io/bus/local.ts'
import { makeRedisBus } from '../../src/io/bus/redis.ts'
import {
  type Bus,
  CELLS_LIMIT,
  HELD_LIMIT,
  HINTS_LIMIT,
  type News,
  type OfferChanged,
  type RideChanged,
  type SessionChanged,
  type SessionEnded,
  type ShiftChanged,
} from '../../src/io/bus.ts'
import { systemClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { COMMAND_TIMEOUT_MS, openRedis, type Redis } from '../../src/io/redis.ts'
import { startRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { describeWith } from '../support/servers.ts'
import { eventually } from './eventually.ts'

const random = systemRandom(systemClock())
const place = { companyId: 'canal' as CompanyId, regionId: 'manhattan' as RegionId }
const rideChanged: RideChanged = {
  type: 'ride.changed',
  ...place,
  rideId: 'r1' as RideId,
  riderId: 'ada' as IdentityId,
  driverId: 'bo' as DriverId,
  previousDriverId: null,
  state: 'assigned',
  event: 'assign',
}
const offerChanged: OfferChanged = {
  type: 'offer.changed',
  ...place,
  offerId: 'o1' as OfferId,
  rideId: 'r1' as RideId,
  driverId: 'bo' as DriverId,
  state: 'pending',
}
const shiftChanged: ShiftChanged = {
  type: 'shift.changed',
  ...place,
  driverId: 'bo' as DriverId,
  state: 'on',
}
const sessionEnded: SessionEnded = { type: 'session.ended', sessionId: 's1', identityId: 'ada' as IdentityId }
const sessionChanged: SessionChanged = {
  type: 'session.changed',
  sessionId: 's1',
  identityId: 'ada' as IdentityId,
  reopen: true,
}
const everyKind: News[] = [rideChanged, offerChanged, shiftChanged, sessionEnded, sessionChanged]

const many = <T>(length: number, one: (n: number) => T): T[] => Array.from({ length }, (_, n) => one(n))
const uuid = (n: number) => `01a203db-5cc9-77c5-a37d-${String(n).padStart(12, '0')}`
/** Lists as long as news may carry, of what fills them in a large city. */
const longest: News[] = [
  {
    ...{ type: 'region.decided', ...place, reachShare: 0.123456789 },
    held: many(HELD_LIMIT, (n) => ({
      rideId: uuid(n) as RideId,
      driverId: uuid(n) as DriverId,
      pickupAtMs: 1_795_000_000_000 + n,
    })),
  },
  {
    ...{ type: 'region.hints', ...place, daysLeft: 0 },
    hints: many(HINTS_LIMIT, (n) => ({
      driverId: uuid(n) as DriverId,
      label: 'ж'.repeat(200),
      at: { lat: 40.123456789012, lng: -73.123456789012 },
      savedS: 1234.56789,
    })),
  },
  {
    ...{ type: 'region.cells', ...place, rules: null },
    cells: many(CELLS_LIMIT, (n) => ({
      ...{
        cell: `88${n.toString(16).padStart(13, '0')}`,
        asking: 12.3456789012,
        free: 12.3456789012,
        step: 10_000,
      },
      busy: { asking: 12.3456789012, free: 12.3456789012, overAtMs: 1_795_000_000_000 },
    })),
  },
  { type: 'desk.messaged', ...place, driverIds: many(2_000, (n) => uuid(n) as DriverId) },
]

function listenToAll(bus: Bus): News[] {
  const heard: News[] = []
  for (const { type } of everyKind) bus.on(type, (news) => void heard.push(news))
  return heard
}

function busContract(openOne: () => Promise<Bus>): void {
  const opened: Bus[] = []
  const open = async () => {
    const bus = await openOne()
    opened.push(bus)
    return bus
  }
  afterEach(async () => {
    for (const bus of opened.splice(0)) await bus.close()
  })

  test('handlers of this process have heard the news when publish returns', async () => {
    const bus = await open()
    const heard = listenToAll(bus)
    for (const news of everyKind) bus.publish(news)
    expect(heard).toEqual(everyKind)
  })

  test('every kind of news reaches other processes whole, in order, and each once', async () => {
    const [one, other, third] = [await open(), await open(), await open()]
    const [own, heard, thirdHeard] = [listenToAll(one), listenToAll(other), listenToAll(third)]
    for (const news of everyKind) one.publish(news)
    await eventually('the others heard it all', () =>
      [heard, thirdHeard].every(({ length }) => length >= everyKind.length),
    )
    // News that goes the other way proves that nothing of the first is still under way.
    other.publish(shiftChanged)
    await eventually('the first heard the answer', () => own.length > everyKind.length)
    expect(heard).toEqual([...everyKind, shiftChanged])
    expect(thirdHeard.slice(0, everyKind.length)).toEqual(everyKind)
    expect(own).toEqual([...everyKind, shiftChanged])
  })

  test('the longest news there can be reaches other processes whole', async () => {
    const [one, other] = [await open(), await open()]
    const heard: News[] = []
    for (const { type } of longest) other.on(type, (news) => void heard.push(news))
    for (const news of longest) one.publish(news)
    await eventually('the other heard it all', () => heard.length >= longest.length)
    expect(heard).toEqual(longest)
  })

  test('a handler hears only the kind it asked for', async () => {
    const bus = await open()
    const heard: string[] = []
    bus.on('offer.changed', (news) => void heard.push(news.type))
    for (const news of everyKind) bus.publish(news)
    expect(heard).toEqual(['offer.changed'])
  })

  test('who unsubscribed hears nothing more, also when it ends itself while being told', async () => {
    const bus = await open()
    const heard: string[] = []
    const stop = bus.on('ride.changed', () => {
      heard.push('once')
      stop()
    })
    bus.on('ride.changed', () => void heard.push('always'))
    bus.publish(rideChanged)
    bus.publish(rideChanged)
    expect(heard).toEqual(['once', 'always', 'always'])
  })

  test('a handler that fails, at once or later, costs the others nothing', async () => {
    const bus = await open()
    const heard: string[] = []
    bus.on('ride.changed', () => {
      throw new Error('at once')
    })
    bus.on('ride.changed', async () => {
      await Promise.resolve()
      throw new Error('later')
    })
    bus.on('ride.changed', () => void heard.push('heard'))
    bus.publish(rideChanged)
    await Promise.resolve()
    expect(heard).toEqual(['heard'])
  })

  test('a closed bus hears and tells nothing', async () => {
    const [one, other] = [await open(), await open()]
    const [own, heard] = [listenToAll(one), listenToAll(other)]
    await one.close()
    one.publish(rideChanged)
    other.publish(shiftChanged)
    const third = await open()
    third.publish(offerChanged)
    await eventually('the open ones still talk', () => heard.some((news) => news.type === 'offer.changed'))
    expect(heard.some((news) => news.type === 'ride.changed')).toBe(false)
    expect(own).toEqual([])
  })
}

describe('bus of one process', () => {
  const hub: LocalBusHub = new Set()
  busContract(async () => makeLocalBus(createLog('silent'), hub))

  test('a failing handler leaves a line in the log', () => {
    const lines: string[] = []
    const bus = makeLocalBus(createLog('error', { write: (line) => lines.push(line) }))
    bus.on('session.ended', () => {
      throw new Error('broken')
    })
    bus.publish(sessionEnded)
    expect(lines.join('')).toContain('bus.handler_failed')
  })
})

describeWith('redis', 'bus on Redis', () => {
  let server: TestRedis
  const log = createLog('silent')
  const lines: Redis[] = []
  /** Patient by default: a busy test machine is not a frozen server. */
  const open = async (commandTimeoutMs = 5_000) => {
    const redis = await openRedis({ url: server.url, log, random, commandTimeoutMs })
    lines.push(redis)
    return { redis, bus: await makeRedisBus({ redis, log, random }) }
  }
  beforeAll(async () => {
    server = await startRedis()
  }, 30_000)
  afterEach(() => {
    for (const line of lines.splice(0)) line.close()
  })
  afterAll(() => server.stop())

  busContract(async () => (await open()).bus)

  test('what is not news, or has a field too many, is refused', async () => {
    const { bus } = await open()
    const heard = listenToAll(bus)
    const bad = [
      '',
      '{',
      '[]',
      '{"from":"x"}',
      JSON.stringify({ from: 'x', news: { ...sessionEnded, more: 1 } }),
    ]
    bad.push(JSON.stringify({ from: 'x', news: { ...rideChanged, state: 'flying' } }), 'x'.repeat(1_100_000))
    const good = JSON.stringify({ from: 'x', news: sessionEnded })
    await withRedis(server.url, async (client) => {
      for (const text of [...bad, good]) await client.publish('honeycab:news', text)
    })
    await eventually('the good one came', () => heard.length > 0)
    expect(heard).toEqual([sessionEnded])
  })

  test('with Redis dead news stays in the process, and afterwards everyone knows that some was missed', async () => {
    const [one, other] = [await open(), await open()]
    const [own, heard] = [listenToAll(one.bus), listenToAll(other.bus)]
    const gaps: string[] = []
    one.bus.onGap(() => void gaps.push('one'))
    other.bus.onGap(() => void gaps.push('other'))
    await server.kill()
    await eventually('the loss was noticed', () => !one.redis.isReady() && !other.redis.isReady())
    one.bus.publish(rideChanged)
    expect(own).toEqual([rideChanged])
    await server.restart()
    await eventually('both lines stand', () => one.redis.isReady() && other.redis.isReady())
    await eventually('both were told', () => gaps.includes('one') && gaps.includes('other'))
    one.bus.publish(offerChanged)
    await eventually('news travels again', () => heard.length > 0)
    expect(heard).toEqual([offerChanged])
  }, 20_000)

  test('with Redis frozen publish does not wait', async () => {
    const [one, other] = [await open(COMMAND_TIMEOUT_MS), await open(COMMAND_TIMEOUT_MS)]
    const [own, heard] = [listenToAll(one.bus), listenToAll(other.bus)]
    server.freeze()
    try {
      for (let times = 0; times < 100; times++) one.bus.publish(rideChanged)
      expect(own.length).toBe(100)
      await eventually('the line was given up', () => !one.redis.isReady())
    } finally {
      server.thaw()
    }
    await eventually('both lines stand', () => one.redis.isReady() && other.redis.isReady())
    one.bus.publish(sessionEnded)
    await eventually('news travels again', () => heard.some((news) => news.type === 'session.ended'))
  }, 20_000)
})
