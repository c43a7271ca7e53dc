import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { forgetOldPlaces, standingIn } from '../../src/dispatch/queues.ts'
import { destination } from '../../src/engine/geo.ts'
import type { LatLng, RideId, ZoneId } from '../../src/engine/units.ts'
import { BRYANT_PARK, type Driver, makeDrivers, makeRider, type Rider, WALL_STREET } from '../support/cast.ts'
import {
  addZone,
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  rereadZones,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let zoneId: ZoneId
let bo: Driver
let wen: Driver
let kit: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  ;[bo, wen, kit] = (await makeDrivers(world.db, world.random, world.city, ['Bo', 'Wen', 'Kit'])) as [
    Driver,
    Driver,
    Driver,
  ]
  zoneId = await addZone(world, BRYANT_PARK)
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

/** Who stands in the queue, first first. */
async function queue(): Promise<string[]> {
  const places = await standingIn(world.db, world.city.companyId, world.city.regionId)
  const names = new Map([bo, wen, kit].map(({ id, name }) => [id, name]))
  return places.map(({ driverId }) => names.get(driverId)!)
}
const placesOf = (driver: Driver) =>
  world.db
    .selectFrom('queue_places')
    .selectAll()
    .where('driver_id', '=', driver.id)
    .orderBy('entered_at')
    .execute()
/** At the far side of the rank, so that whoever comes later and stands in the middle is nearer to riders. */
const FAR_SIDE = destination(BRYANT_PARK, 0, 90)
/** One comes after the other, each seen by a tick. */
async function lineUp(...drivers: Driver[]): Promise<void> {
  for (const [n, driver] of drivers.entries()) {
    await desk.goOnShift(driver, n === 0 ? FAR_SIDE : BRYANT_PARK)
    await desk.tick()
    world.clock.advance(1_000)
  }
}
/** Everybody's phone goes on, as it does. */
function pingAll(...drivers: Driver[]): void {
  for (const driver of drivers) desk.ping(driver, BRYANT_PARK)
}
const offered = async (driver: Driver) => (await desk.offerOf(driver))?.ride_id

describe('a rank', () => {
  test('whoever came first is asked first, though others stand nearer; then the next', async () => {
    await lineUp(bo, wen, kit)
    expect(await queue()).toEqual(['Bo', 'Wen', 'Kit'])
    const first = await desk.request(ada, { pickup: BRYANT_PARK })
    await desk.tick()
    expect(await offered(bo)).toBe(first.id)
    expect((await desk.offerOf(bo))?.zone_id).toBe(zoneId)
    const second = await desk.request(await makeRider(world.db, world.random, 'Zoe'), { pickup: BRYANT_PARK })
    await desk.tick()
    expect(await offered(wen)).toBe(second.id)
  })

  test('its cars are not asked for rides from elsewhere, unless the rule says so', async () => {
    await lineUp(bo)
    await desk.request(ada, { pickup: destination(BRYANT_PARK, 90, 400) })
    expect((await desk.tick()).offered).toBe(0)
    await world.db.updateTable('zones').set({ outside_rides: true }).where('id', '=', zoneId).execute()
    await rereadZones(world)
    expect((await desk.tick()).offered).toBe(1)
    expect((await desk.offerOf(bo))?.zone_id).toBeNull()
    // Saying no to such a ride says nothing about the rank.
    await desk.decline(bo)
    await desk.tick()
    expect((await placesOf(bo))[0]).toMatchObject({ left_at: null, moved_at: null })
  })

  test('rides there are matched as anywhere when nobody stands in it', async () => {
    await desk.goOnShift(bo, destination(BRYANT_PARK, 90, 400))
    await desk.request(ada, { pickup: BRYANT_PARK })
    expect((await desk.tick()).offered).toBe(1)
    expect((await desk.offerOf(bo))?.zone_id).toBeNull()
  })

  test('a full one takes nobody more until somebody leaves', async () => {
    await world.db.updateTable('zones').set({ places_most: 2 }).where('id', '=', zoneId).execute()
    await rereadZones(world)
    await lineUp(bo, wen, kit)
    expect(await queue()).toEqual(['Bo', 'Wen'])
    desk.ping(bo, WALL_STREET)
    await desk.tick()
    expect(await queue()).toEqual(['Wen', 'Kit'])
  })

  test('one that is closed empties', async () => {
    await lineUp(bo)
    await world.db.updateTable('zones').set({ deleted_at: new Date() }).where('id', '=', zoneId).execute()
    await rereadZones(world)
    await desk.tick()
    expect(await placesOf(bo)).toMatchObject([{ left_reason: 'closed' }])
  })
})

describe('a place', () => {
  test('outlives lost signal, jitter at the border and another process that takes the region over', async () => {
    await lineUp(bo, wen, kit)
    world.clock.advance(60_000)
    pingAll(wen, kit)
    desk.ping(wen, destination(BRYANT_PARK, 90, 120))
    await desk.tick()
    expect(await queue()).toEqual(['Bo', 'Wen', 'Kit'])
    await desk.die()
    await letLeaseLapse(world)
    const other = openDesk(world, { hearingSinceMs: () => world.clock.nowMs() })
    desk = other
    // It has heard of nobody yet.
    await desk.tick()
    expect(await queue()).toEqual(['Bo', 'Wen', 'Kit'])
    pingAll(bo, wen, kit)
    await desk.tick()
    const ride = await desk.request(ada, { pickup: BRYANT_PARK })
    await desk.tick()
    expect(await offered(bo)).toBe(ride.id)
  })

  test.each([
    ['driving away', 'left', async () => desk.ping(bo, destination(BRYANT_PARK, 90, 300))],
    [
      'a long silence',
      'silent',
      async () => {
        world.clock.advance(90_001)
        pingAll(wen)
      },
    ],
    [
      'going off shift',
      'off_shift',
      async () => {
        await desk.goOffShift(bo)
      },
    ],
  ])('is lost by %s', async (_how, reason, act) => {
    await lineUp(bo, wen)
    await act()
    await desk.tick()
    expect(await queue()).toEqual(['Wen'])
    expect(await placesOf(bo)).toMatchObject([{ left_reason: reason, entered_as: 1 }])
    // Who comes back stands behind.
    if (reason === 'off_shift') await desk.goOnShift(bo)
    pingAll(bo, wen)
    await desk.tick()
    expect(await queue()).toEqual(['Wen', 'Bo'])
  })

  test('is lost by taking a ride, at once, and so it is when the desk gives one', async () => {
    await lineUp(bo, wen, kit)
    await desk.request(ada, { pickup: BRYANT_PARK })
    await desk.tick()
    await desk.accept(bo)
    expect(await queue()).toEqual(['Wen', 'Kit'])
    const another = await desk.request(await makeRider(world.db, world.random, 'Zoe'), {
      pickup: WALL_STREET,
    })
    expect((await desk.assign(ada.id, another.id, wen)).ok).toBe(true)
    expect(await queue()).toEqual(['Kit'])
  })

  test('comes back when the rider cancels before getting in; not when the driver hands the ride back', async () => {
    await lineUp(bo, wen)
    const ride = await desk.request(ada, { pickup: BRYANT_PARK })
    await desk.tick()
    await desk.accept(bo)
    await desk.cancel(ada, ride.id)
    pingAll(bo, wen)
    await desk.tick()
    expect(await queue()).toEqual(['Bo', 'Wen'])
    world.clock.advance(1_000)
    const next = await desk.request(ada, { pickup: BRYANT_PARK })
    await desk.tick()
    await desk.accept(bo)
    await desk.handBack(bo, next.id)
    pingAll(bo, wen)
    await desk.tick()
    expect(await queue()).toEqual(['Wen', 'Bo'])
  })
})

describe('saying no', () => {
  const ask = async (): Promise<RideId> => {
    const ride = await desk.request(await makeRider(world.db, world.random, 'Somebody'), {
      pickup: BRYANT_PARK,
    })
    await desk.tick()
    return ride.id
  }

  test('sends to the end, and the ride goes to the next', async () => {
    await lineUp(bo, wen)
    const ride = await ask()
    await desk.decline(bo)
    expect(await queue()).toEqual(['Wen', 'Bo'])
    expect((await placesOf(bo))[0]).toMatchObject({ moved_reason: 'declined' })
    await desk.tick()
    expect(await offered(wen)).toBe(ride)
  })

  test('keeps the place where the rule says so; that ride goes to the next all the same', async () => {
    await world.db.updateTable('zones').set({ on_decline: 'keep' }).where('id', '=', zoneId).execute()
    await lineUp(bo, wen)
    const ride = await ask()
    await desk.decline(bo)
    expect(await queue()).toEqual(['Bo', 'Wen'])
    await desk.tick()
    expect(await offered(wen)).toBe(ride)
  })

  test('letting one offer lapse is forgiven, the second one goes to the end', async () => {
    await lineUp(bo, wen)
    await ask()
    const letLapse = async () => {
      expect(await offered(bo)).toBeDefined()
      world.clock.advance(15_000)
      pingAll(bo, wen)
      await desk.tick()
    }
    await letLapse()
    expect(await queue()).toEqual(['Bo', 'Wen'])
    await ask()
    await letLapse()
    expect(await queue()).toEqual(['Wen', 'Bo'])
    expect((await placesOf(bo))[0]).toMatchObject({ moved_reason: 'expired', lapses: 0 })
    expect((await placesOf(wen))[0]).toMatchObject({ moved_reason: null, lapses: 1 })
  })
})

test('a ride that came by turn is not taken over by a nearer car; one that did not, is', async () => {
  world = await startWorld({ database, swap_gain_s: 60 })
  desk = openDesk(world)
  const names = ['Bo', 'Wen']
  ;[bo, wen] = (await makeDrivers(world.db, world.random, world.city, names)) as [Driver, Driver]
  await addZone(world, BRYANT_PARK, { reachM: 1_000 })
  const [far, pickup, outside] = [-900, 900, 1_200].map((m) => destination(BRYANT_PARK, 90, m)) as [
    LatLng,
    LatLng,
    LatLng,
  ]
  for (const byTurn of [true, false]) {
    await desk.goOnShift(bo, far)
    await desk.tick()
    if (!byTurn) await world.db.updateTable('zones').set({ has_queue: false }).execute()
    await rereadZones(world)
    const ride = await desk.request(ada, { pickup })
    await desk.tick()
    await desk.accept(bo)
    await desk.goOnShift(wen, outside)
    world.clock.advance(1_000)
    desk.ping(bo, far)
    desk.ping(wen, outside)
    await desk.tick()
    expect((await offered(wen)) === ride.id).toBe(!byTurn)
    await desk.cancel(ada, ride.id)
    for (const driver of [bo, wen]) await desk.goOffShift(driver)
    await desk.tick()
  }
})

test('drivers who say no in the same moment, while the tick looks, all stand in one order', async () => {
  await lineUp(bo, wen, kit)
  for (const name of ['a', 'b', 'c'])
    await desk.request(await makeRider(world.db, world.random, name), { pickup: BRYANT_PARK })
  await desk.tick()
  await Promise.all([desk.decline(bo), desk.decline(wen), desk.decline(kit), desk.tick()])
  const places = await standingIn(world.db, world.city.companyId, world.city.regionId)
  expect(places.map(({ driverId }) => driverId).toSorted()).toEqual(
    [bo, wen, kit].map(({ id }) => id).toSorted(),
  )
  expect(new Set(places.map(({ order }) => order)).size).toBe(3)
})

test('a process that lost the region moves nobody', async () => {
  await lineUp(bo, wen)
  await letLeaseLapse(world)
  const other = openDesk(world)
  other.ping(bo, BRYANT_PARK)
  other.ping(wen, BRYANT_PARK)
  await other.tick()
  // The old holder thinks it still holds it, and that Bo has gone.
  desk.ping(bo, WALL_STREET)
  expect(await desk.dispatcher.run()).toBeNull()
  expect(await queue()).toEqual(['Bo', 'Wen'])
})

test('news of a queue name everybody whose place may be another one', async () => {
  await lineUp(bo, wen)
  desk.news.length = 0
  const heard: unknown[] = []
  desk.bus.on('queue.changed', (news) => void heard.push(news))
  desk.ping(bo, WALL_STREET)
  await desk.tick()
  expect(heard).toMatchObject([{ zoneId, driverIds: expect.arrayContaining([bo.id, wen.id]) }])
  await desk.tick()
  expect(heard).toHaveLength(1)
})

test('places that were left a month ago are forgotten, open ones never', async () => {
  await lineUp(bo, wen)
  desk.ping(bo, WALL_STREET)
  await desk.tick()
  const dayMs = 86_400_000
  await forgetOldPlaces(world.db, world.clock.nowMs() + 29 * dayMs)
  expect(await placesOf(bo)).toHaveLength(1)
  await forgetOldPlaces(world.db, world.clock.nowMs() + 31 * dayMs)
  expect(await placesOf(bo)).toHaveLength(0)
  expect(await placesOf(wen)).toHaveLength(1)
})
