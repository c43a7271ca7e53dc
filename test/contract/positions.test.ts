import { afterAll, afterEach, beforeAll, describe, expect, test } from 'bun:test'
import { distanceM } from '../../src/engine/geo.ts'
import type { DriverId, RegionId } from '../../src/engine/units.ts'
import { manualClock, systemClock } from '../../src/io/clock.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { COMMAND_TIMEOUT_MS, openRedis, type Redis } from '../../src/io/redis.ts'
import { type MemoryRegions, makeMemoryPositions } from '../../src/positions/memory-store.ts'
import { makeRedisPositions } from '../../src/positions/redis-store.ts'
import type { Position, PositionStore } from '../../src/positions/store.ts'
import { startRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { describeWith } from '../support/servers.ts'
import { eventually } from './eventually.ts'

const log = createLog('silent')
const random = systemRandom(systemClock())
const T0 = Date.UTC(2026, 10, 21, 18)
const clock = manualClock(T0)
const BO = 'bo' as DriverId
const KIM = 'kim' as DriverId

let regions = 0
const newRegion = () => `region-${regions++}-${random.uuid().slice(-6)}` as RegionId

function at(driverId: DriverId, seconds: number, place: Partial<Position> = {}): Position {
  return {
    driverId,
    lat: 40.75,
    lng: -73.98,
    headingDeg: 90,
    speedMps: 8.5,
    accuracyM: 6,
    atMs: T0 + seconds * 1000,
    ...place,
  }
}

/** One world's stores: each `open` is what one process would have. */
interface Twin {
  open(): Promise<PositionStore>
}

function positionStoreContract(twin: () => Twin): void {
  const opened: PositionStore[] = []
  const open = async () => {
    const store = await twin().open()
    opened.push(store)
    return store
  }
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close()
  })

  test('what was put is there for a process that starts later', async () => {
    const region = newRegion()
    const first = await open()
    first.put(region, [at(BO, 1), at(KIM, 2, { lat: 40.7, speedMps: null })])
    await first.flush()
    await first.close()
    const loaded = await (await open()).load(region)
    expect(loaded.map((position) => position.driverId).toSorted()).toEqual([BO, KIM])
    const kim = loaded.find((position) => position.driverId === KIM)!
    expect(kim).toMatchObject({ headingDeg: 90, speedMps: null, accuracyM: 6, atMs: T0 + 2000 })
    // A geo set keeps places to about half a metre.
    expect(distanceM(kim, { lat: 40.7, lng: -73.98 })).toBeLessThan(1)
  })

  test('the newest position wins, whatever the order and whoever puts it', async () => {
    const region = newRegion()
    const [one, other] = [await open(), await open()]
    one.put(region, [at(BO, 5, { lat: 40.705 })])
    await one.flush()
    other.put(region, [at(BO, 3, { lat: 40.703 }), at(KIM, 1)])
    await other.flush()
    one.put(region, [at(BO, 4, { lat: 40.704 })])
    await one.flush()
    const bo = (await other.load(region)).find((position) => position.driverId === BO)!
    expect(bo.atMs).toBe(T0 + 5000)
    expect(bo.lat).toBeCloseTo(40.705, 4)
  })

  test('of several positions put at once the newest wins', async () => {
    const region = newRegion()
    const store = await open()
    store.put(region, [at(BO, 2, { lat: 40.72 }), at(BO, 9, { lat: 40.79 }), at(BO, 4, { lat: 40.74 })])
    await store.flush()
    expect((await store.load(region)).map((position) => position.atMs)).toEqual([T0 + 9000])
  })

  test('regions do not see each other', async () => {
    const [here, there] = [newRegion(), newRegion()]
    const store = await open()
    store.put(here, [at(BO, 1)])
    await store.flush()
    expect(await store.load(there)).toEqual([])
  })

  test('a driver removed is gone, and comes back with any position', async () => {
    const region = newRegion()
    const [one, other] = [await open(), await open()]
    one.put(region, [at(BO, 5), at(KIM, 5)])
    await one.flush()
    other.remove(region, BO)
    await other.flush()
    expect((await one.load(region)).map((position) => position.driverId)).toEqual([KIM])
    other.put(region, [at(BO, 3)])
    await other.flush()
    expect((await one.load(region)).map((position) => position.driverId).toSorted()).toEqual([BO, KIM])
  })

  test('removed and put again before the flush, a driver is there', async () => {
    const region = newRegion()
    const store = await open()
    store.put(region, [at(BO, 5)])
    await store.flush()
    store.remove(region, BO)
    store.put(region, [at(BO, 4)])
    await store.flush()
    expect((await store.load(region)).map((position) => position.atMs)).toEqual([T0 + 4000])
  })

  test('put and removed before the flush, a driver is gone', async () => {
    const region = newRegion()
    const store = await open()
    store.put(region, [at(BO, 5)])
    store.remove(region, BO)
    await store.flush()
    expect(await store.load(region)).toEqual([])
  })

  test('other processes hear what is put, the one that put it does not', async () => {
    const region = newRegion()
    const [one, other] = [await open(), await open()]
    const heard: Position[] = []
    const own: Position[] = []
    await other.onMoved(region, (batch) => heard.push(...batch))
    await one.onMoved(region, (batch) => own.push(...batch))
    const moved = [at(BO, 1, { lng: -180, headingDeg: 359.5 }), at(KIM, 1, { speedMps: null })]
    one.put(region, moved)
    await one.flush()
    await eventually('the other heard both', () => heard.length === 2)
    expect(heard).toEqual(moved)
    expect(own).toEqual([])
  })

  test('who stopped listening hears nothing more', async () => {
    const region = newRegion()
    const [one, other] = [await open(), await open()]
    const heard: string[] = []
    const stop = await other.onMoved(region, () => heard.push('stopped'))
    await other.onMoved(region, () => heard.push('listening'))
    stop()
    one.put(region, [at(BO, 1)])
    await one.flush()
    await eventually('the one still listening heard it', () => heard.length > 0)
    expect(heard).toEqual(['listening'])
  })

  test('places that a geo set cannot hold are kept like any other', async () => {
    const region = newRegion()
    const store = await open()
    const places = [
      { lat: 90, lng: 0 },
      { lat: -90, lng: -180 },
      { lat: 85.06, lng: 10 },
      { lat: -85.0511, lng: -180 },
      { lat: 85.05112878, lng: -73.98 },
      { lat: -85.05112878, lng: 179.99999999 },
      { lat: 0.001, lng: 179.9999 },
    ]
    store.put(
      region,
      places.map((place, index) => at(`d${index}` as DriverId, 1, place)),
    )
    await store.flush()
    const loaded = await store.load(region)
    expect(loaded.length).toBe(places.length)
    places.forEach((place, index) => {
      const found = loaded.find((position) => position.driverId === `d${index}`)!
      expect(distanceM(found, place)).toBeLessThan(1)
    })
  })

  test('a driver who drives off the edge of the geo set and back is in one place', async () => {
    const region = newRegion()
    const store = await open()
    for (const [second, lat] of [
      [1, 85],
      [2, 85.2],
      [3, 85.04],
    ] as const) {
      store.put(region, [at(BO, second, { lat })])
      await store.flush()
      const loaded = await store.load(region)
      expect(loaded.length).toBe(1)
      expect(loaded[0]!.lat).toBeCloseTo(lat, 4)
    }
  })

  test('a large batch is written whole', async () => {
    const region = newRegion()
    const store = await open()
    const batch = Array.from({ length: 2_500 }, (_, index) =>
      at(`d${index}` as DriverId, 1, { lat: 40 + index / 1e4 }),
    )
    store.put(region, batch)
    await store.flush()
    expect((await store.load(region)).length).toBe(batch.length)
    expect(store.figures()).toMatchObject({ pending: 0, written: batch.length, dropped: 0, failures: 0 })
  })
}

describe('position store in memory', () => {
  const shared: MemoryRegions = new Map()
  positionStoreContract(() => ({ open: async () => makeMemoryPositions(shared) }))
})

describeWith('redis', 'position store on Redis', () => {
  let server: TestRedis
  const lines: Redis[] = []
  /** Patient by default: a busy test machine is not a frozen server. */
  const open = async (commandTimeoutMs = 5_000) => {
    const redis = await openRedis({ url: server.url, log, random, commandTimeoutMs })
    lines.push(redis)
    return { redis, store: makeRedisPositions({ redis, clock, log, random }) }
  }
  beforeAll(async () => {
    server = await startRedis()
  }, 30_000)
  afterEach(() => {
    for (const line of lines.splice(0)) line.close()
  })
  afterAll(() => server.stop())

  positionStoreContract(() => ({ open: async () => (await open()).store }))

  describe('that hears the others', () => {
    positionStoreContract(() => ({
      async open() {
        const { store } = await open()
        const listening = new Map<RegionId, Promise<unknown>>()
        return {
          ...store,
          put(region, batch) {
            if (!listening.has(region))
              listening.set(
                region,
                store.onMoved(region, () => {}),
              )
            store.put(region, batch)
          },
          async flush() {
            await Promise.all(listening.values())
            await store.flush()
          },
        }
      },
    }))

    /** How often a script was run so far. */
    const scripts = () =>
      withRedis(server.url, async (client) =>
        Number(/cmdstat_eval:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0),
      )

    test('positions go in without the script once this process alone writes a driver', async () => {
      const region = newRegion()
      const { store } = await open()
      await store.onMoved(region, () => {})
      store.put(region, [at(BO, 1), at(KIM, 1, { lat: 89 })])
      await store.flush()
      const before = await scripts()
      store.put(region, [at(BO, 2, { lat: 40.71 }), at(KIM, 2, { lat: 88 })])
      await store.flush()
      expect(await scripts()).toBe(before)
      const loaded = await store.load(region)
      expect(loaded.map(({ atMs }) => atMs)).toEqual([T0 + 2000, T0 + 2000])
      expect(loaded.find(({ driverId }) => driverId === BO)!.lat).toBeCloseTo(40.71, 4)
      expect(loaded.find(({ driverId }) => driverId === KIM)!.lat).toBe(88)
    })

    test('who begins to listen hears the very next positions of a process that was alone', async () => {
      const region = newRegion()
      const [{ store: one }, { store: other }] = [await open(), await open()]
      await one.onMoved(region, () => {})
      const said = () =>
        withRedis(server.url, async (client) =>
          Number(/cmdstat_publish:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0),
        )
      const put = async (second: number) => {
        one.put(region, [at(BO, second), at(KIM, second)])
        await one.flush()
      }
      await put(1)
      const before = await said()
      await put(2)
      expect((await said()) - before).toBe(1)
      const heard: Position[] = []
      await other.onMoved(region, (batch) => heard.push(...batch))
      await put(3)
      // Asked who listens, and then told.
      expect((await said()) - before).toBe(3)
      await put(4)
      expect((await said()) - before).toBe(4)
      await eventually('it heard both', () => heard.length === 4)
      expect(heard).toEqual([at(BO, 3), at(KIM, 3), at(BO, 4), at(KIM, 4)])
    })

    test('whom another process wrote meanwhile is compared first', async () => {
      const region = newRegion()
      const [{ store: one }, { store: other }] = [await open(), await open()]
      const heard: number[] = []
      await one.onMoved(region, (batch) => heard.push(...batch.map(({ atMs }) => atMs)))
      for (const second of [1, 2]) {
        one.put(region, [at(BO, second), at(KIM, second)])
        await one.flush()
      }
      other.put(region, [at(BO, 9, { lat: 40.79 })])
      await other.flush()
      await eventually('the one heard it', () => heard.length === 1)
      one.put(region, [at(BO, 5, { lat: 40.75 }), at(KIM, 5)])
      await one.flush()
      const times = new Map((await one.load(region)).map(({ driverId, atMs }) => [driverId, atMs]))
      expect([times.get(BO), times.get(KIM)]).toEqual([T0 + 9000, T0 + 5000])
    })
  })

  test('a geo set of the region can be asked for what is near', async () => {
    const region = newRegion()
    const { store } = await open()
    store.put(region, [at(BO, 1), at(KIM, 1, { lat: 41 })])
    await store.flush()
    const near = await withRedis(server.url, (client) =>
      client.geoSearch(`{${region}}:geo`, { latitude: 40.75, longitude: -73.98 }, { radius: 2, unit: 'km' }),
    )
    expect(near).toEqual([BO])
  })

  test('what a process of the release before wrote and said is read, and replaced by what is newer alone', async () => {
    const region = newRegion()
    const { store } = await open()
    const heard: Position[] = []
    await store.onMoved(region, (batch) => heard.push(...batch))
    await withRedis(server.url, async (client) => {
      for (const [driverId, atMs] of [
        [BO, T0 + 5_000],
        [KIM, T0 + 1_000],
      ] as const) {
        await client.sendCommand(['GEOADD', `{${region}}:geo`, '-739800000e-7', '407500000e-7', driverId])
        await client.hSet(`{${region}}:last`, driverId, `[${atMs},90000e-3,8500e-3,6000e-3]`)
      }
      const item = `["bo",407500000e-7,-739800000e-7,90000e-3,8500e-3,6000e-3,${T0 + 5_000}]`
      await client.publish(`{${region}}:moved`, `{"from":"before","moved":[${item}]}`)
    })
    await eventually('it was heard', () => heard.length > 0)
    expect(heard).toEqual([at(BO, 5)])
    const before = await store.load(region)
    expect(before.find(({ driverId }) => driverId === BO)).toMatchObject({ headingDeg: 90, speedMps: 8.5 })
    store.put(region, [at(BO, 3, { lat: 40.7 }), at(KIM, 3, { lat: 40.7 })])
    await store.flush()
    const loaded = new Map((await store.load(region)).map((position) => [position.driverId, position]))
    expect([loaded.get(BO)!.atMs, loaded.get(KIM)!.atMs]).toEqual([T0 + 5_000, T0 + 3_000])
    expect(loaded.get(BO)!.lat).toBeCloseTo(40.75, 4)
    expect(loaded.get(KIM)!.lat).toBeCloseTo(40.7, 4)
  })

  test('positions gather until the flush is due, one call a region', async () => {
    const region = newRegion()
    const { store } = await open()
    for (let second = 0; second < 50; second++) store.put(region, [at(BO, second)])
    expect(store.figures()).toMatchObject({ pending: 1, written: 0 })
    clock.advance(150)
    await eventually('the flush was done', () => store.figures().written === 1)
    expect((await store.load(region))[0]!.atMs).toBe(T0 + 49_000)
  })

  test('who was silent for half a day is forgotten', async () => {
    const region = newRegion()
    const { store } = await open()
    store.put(region, [at(BO, 0 - 13 * 3600), at(KIM, 0)])
    await store.flush()
    const keys = () =>
      withRedis(server.url, async (client) => [
        await client.hKeys(`{${region}}:last`),
        await client.zRange(`{${region}}:geo`, 0, -1),
      ])
    await eventually('only the other is left', async () => Bun.deepEquals(await keys(), [[KIM], [KIM]]))
    expect((await store.load(region)).map((position) => position.driverId)).toEqual([KIM])
  })

  test('what is not ours on the channel is passed over', async () => {
    const region = newRegion()
    const [{ store: one }, { store: other }] = [await open(), await open()]
    const heard: Position[] = []
    await other.onMoved(region, (batch) => heard.push(...batch))
    await withRedis(server.url, async (client) => {
      for (const text of ['', '{', '[]', '{"from":"x","moved":[["bo",91,0,0,0,0,0]]}']) {
        await client.publish(`{${region}}:moved`, text)
      }
    })
    one.put(region, [at(BO, 1)])
    await one.flush()
    await eventually('the good one was heard', () => heard.length > 0)
    expect(heard).toEqual([at(BO, 1)])
  })

  test('an emptied Redis is filled again by those who know', async () => {
    const region = newRegion()
    const { store } = await open()
    store.put(region, [at(BO, 1), at(KIM, 1)])
    await store.flush()
    await server.flush()
    expect(await store.load(region)).toEqual([])
    store.put(region, [at(BO, 2)])
    await store.flush()
    await store.flush()
    expect((await store.load(region)).map((position) => position.driverId).toSorted()).toEqual([BO, KIM])
  })

  test('a dead Redis costs nothing but time: puts do not throw, and all is there when it is back', async () => {
    const region = newRegion()
    const [{ store: one }, { store: other }] = [await open(), await open()]
    const heard = new Map<DriverId, number>()
    await other.onMoved(region, (batch) => {
      for (const { driverId, atMs } of batch) heard.set(driverId, Math.max(atMs, heard.get(driverId) ?? 0))
    })
    one.put(region, [at(BO, 1), at(KIM, 1)])
    await one.flush()
    await server.kill()
    for (let second = 2; second < 200; second++) one.put(region, [at(BO, second)])
    await one.flush()
    expect(one.figures().pending).toBe(1)
    expect(one.figures().failures).toBeGreaterThan(0)
    await expect(one.load(region)).rejects.toThrow('Redis')
    await server.restart()
    await eventually('both are in the new Redis', async () => {
      clock.advance(1_000)
      const loaded = await one.load(region).catch(() => [])
      return loaded.length === 2 && loaded.some((position) => position.atMs === T0 + 199_000)
    })
    await eventually('the other process heard them', () => heard.get(BO) === T0 + 199_000)
  }, 20_000)

  test('a frozen Redis is given up in time, and what it does after waking does not undo the newer', async () => {
    const region = newRegion()
    const { store, redis } = await open(COMMAND_TIMEOUT_MS)
    store.put(region, [at(BO, 1)])
    await store.flush()
    server.freeze()
    try {
      store.put(region, [at(BO, 2)])
      await store.flush()
      expect(redis.isReady()).toBe(false)
      store.put(region, [at(BO, 3)])
      await store.flush()
      expect(store.figures()).toMatchObject({ pending: 1, written: 1 })
    } finally {
      server.thaw()
    }
    await eventually('the newest is there', async () => {
      clock.advance(1_000)
      const loaded = await store.load(region).catch(() => [])
      return loaded[0]?.atMs === T0 + 3000
    })
    expect(store.figures().pending).toBe(0)
  }, 20_000)

  test('an idle line stays open', async () => {
    const { redis } = await open()
    // Longer than a command may take: the library's own timeout would have cut the line here.
    await Bun.sleep(450)
    expect(await redis.run((client) => client.ping())).toBe('PONG')
  })

  test('a process starts without Redis and takes it up when it comes', async () => {
    await server.kill()
    const region = newRegion()
    const { store, redis } = await open()
    const heard: Position[] = []
    await store.onMoved(region, (batch) => heard.push(...batch))
    store.put(region, [at(KIM, 1)])
    await store.flush()
    await server.restart()
    await eventually('the line stands', () => redis.isReady())
    const { store: other } = await open()
    other.put(region, [at(BO, 1)])
    await other.flush()
    await eventually('it hears others', () => heard.some((position) => position.driverId === BO))
    await eventually('it wrote what waited', async () => (await other.load(region)).length === 2)
  }, 20_000)
})
