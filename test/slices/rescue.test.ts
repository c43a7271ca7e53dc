import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { lookWider, putOff } from '../../src/dispatch/rescue.ts'
import { destination } from '../../src/engine/geo.ts'
import { RESCUE_AFTER_MISSES } from '../../src/engine/rescue.ts'
import type { CompanyId, LatLng } from '../../src/engine/units.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import { type Driver, makeDrivers, makeRider, type Rider, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const UNFULFILLED_AFTER_S = 600

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let drivers: Driver[]

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database, unfulfilled_after_s: UNFULFILLED_AFTER_S })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  drivers = await makeDrivers(world.db, world.random, world.city, ['Bo', 'Cy', 'Di', 'Ed', 'Fay', 'Gus'])
})
afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

const near = (n: number): LatLng => destination(TIMES_SQUARE, n * 60, 300)

/** One driver after the other is asked; the first so many say no, the rest let it lapse. */
async function missed(declines: number, misses = RESCUE_AFTER_MISSES): Promise<LoadedRide> {
  const ride = await desk.request(ada)
  for (const [n, driver] of drivers.slice(0, misses).entries()) {
    await desk.goOnShift(driver, near(n))
    await desk.tick()
    expect((await desk.offerOf(driver))?.ride_id).toBe(ride.id)
    if (n < declines) expect((await desk.decline(driver)).ok).toBe(true)
    else {
      await world.clock.advance(world.city.region.offerTtlS * 1_000)
      await desk.tick()
    }
  }
  return desk.ride(ride.id)
}

const about = (ride: LoadedRide) => ({
  ...{ companyId: world.city.companyId, rideId: ride.id, unfulfilledAfterS: UNFULFILLED_AFTER_S },
  actor: { kind: 'dispatcher', id: ada.id } as const,
})
const wider = (ride: LoadedRide) => desk.inOneUnit((unit) => lookWider(unit, world.random, about(ride)))
const later = (ride: LoadedRide, minutes: 5 | 10) =>
  desk.inOneUnit((unit) => putOff(unit, world.random, { ...about(ride), minutes }))
const seeAll = () => {
  for (const [n, driver] of drivers.entries()) desk.ping(driver, near(n))
}
const asked = async () =>
  (await Promise.all(drivers.map((driver) => desk.offerOf(driver)))).flatMap((offer, n) =>
    offer === undefined ? [] : [n],
  )

describe('a ride that nobody takes', () => {
  test('comes to the rescue queue with its fifth miss, and the engine goes on asking', async () => {
    const early = await missed(2, RESCUE_AFTER_MISSES - 1)
    expect(early).toMatchObject({ misses: RESCUE_AFTER_MISSES - 1, rescue_at: null })
    const [fifth, sixth] = drivers.slice(RESCUE_AFTER_MISSES - 1) as [Driver, Driver]
    await desk.goOnShift(fifth, near(4))
    await desk.tick()
    const atMs = world.clock.nowMs()
    await desk.decline(fifth)
    expect(await desk.ride(early.id)).toMatchObject({ misses: 5, rescue_at: new Date(atMs) })
    await desk.goOnShift(sixth, near(5))
    await desk.tick()
    expect((await desk.accept(sixth)).ok).toBe(true)
    expect(await desk.ride(early.id)).toMatchObject({ state: 'assigned', rescue_at: null, wider_at: null })
  })

  test('is looked for wider: as far as it goes, and who let it lapse is asked again, who said no is not', async () => {
    const ride = await missed(3)
    seeAll()
    await desk.tick()
    expect(await asked()).toEqual([])
    // One more is on shift, farther than a ride of this age looks.
    const sixth = drivers[RESCUE_AFTER_MISSES]!
    await desk.goOnShift(sixth, destination(TIMES_SQUARE, 0, 7_500))
    await desk.tick()
    expect(await asked()).toEqual([])
    const looked = await wider(ride)
    expect(looked.ok && looked.value).toMatchObject({
      wider_at: new Date(world.clock.nowMs()),
      deadline_at: new Date(world.clock.nowMs() + UNFULFILLED_AFTER_S * 1_000),
    })
    const seen: number[] = []
    for (let n = 0; n < 4; n++) {
      seeAll()
      desk.ping(sixth, destination(TIMES_SQUARE, 0, 7_500))
      await desk.tick()
      const now = await asked()
      for (const driver of now) await desk.decline(drivers[driver]!)
      seen.push(...now)
    }
    expect(seen.toSorted()).toEqual([3, 4, 5])
  })

  test('is put off: nobody is asked before, the open offer is taken back, and the search gets its time again', async () => {
    const ride = await missed(5)
    const sixth = drivers[RESCUE_AFTER_MISSES]!
    await desk.goOnShift(sixth, near(5))
    await desk.tick()
    expect(await asked()).toEqual([5])
    const untilMs = world.clock.nowMs() + 300_000
    const off = await later(ride, 5)
    expect(off.ok && off.value).toMatchObject({
      put_off_until: new Date(untilMs),
      deadline_at: new Date(untilMs + UNFULFILLED_AFTER_S * 1_000),
    })
    expect(await asked()).toEqual([])
    for (const aheadMs of [150_000, 149_000]) {
      await world.clock.advance(aheadMs)
      desk.ping(sixth, near(5))
      expect(await desk.tick()).toMatchObject({ waiting: 0, offered: 0 })
    }
    await world.clock.advance(1_000)
    desk.ping(sixth, near(5))
    expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 1 })
    expect(await asked()).toEqual([5])
    // It ends by itself like any other.
    await world.clock.advance(UNFULFILLED_AFTER_S * 1_000)
    await desk.tick()
    expect((await desk.ride(ride.id)).state).toBe('unfulfilled')
  })

  test('is helped while it waits, in its company, and not after', async () => {
    const ride = await missed(5)
    const elsewhere = { ...about(ride), companyId: world.random.uuid() as CompanyId }
    expect(await desk.inOneUnit((unit) => lookWider(unit, world.random, elsewhere))).toEqual({
      ok: false,
      reason: 'not_found',
    })
    await desk.cancel(ada, ride.id)
    expect(await wider(ride)).toEqual({ ok: false, reason: 'not_allowed_now' })
    expect(await later(ride, 10)).toEqual({ ok: false, reason: 'not_allowed_now' })
  })

  test('is put off while a driver says yes: one of both happens, whole', async () => {
    for (let round = 0; round < 4; round++) {
      const rider = await makeRider(world.db, world.random, `Rider ${round}`)
      const [driver] = await makeDrivers(world.db, world.random, world.city, [`Driver ${round}`])
      await desk.goOnShift(driver!, near(round))
      const ride = await desk.request(rider)
      await desk.tick()
      const offer = await desk.offerOf(driver!)
      const [accepted, off] = await Promise.all([desk.acceptById(driver!, offer!.id), later(ride, 5)])
      expect(accepted.ok).not.toBe(off.ok)
      const after = await desk.ride(ride.id)
      expect(after.state).toBe(accepted.ok ? 'assigned' : 'requested')
      expect(after.put_off_until === null).toBe(accepted.ok)
      await desk.cancel(rider, ride.id, 10_000)
      await desk.goOffShift(driver!)
    }
  })
})
