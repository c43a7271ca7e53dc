import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { loadCompanies } from '../../src/companies/companies.ts'
import { holdLease } from '../../src/dispatch/lease.ts'
import { makeOffer } from '../../src/dispatch/offers.ts'
import { makeWaitingLook } from '../../src/dispatch/waiting-look.ts'
import { claimQuote } from '../../src/fares/quotes.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import type { News } from '../../src/io/bus.ts'
import { commit, sweepOutbox } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { makeFleet } from '../../src/positions/fleet.ts'
import { lockRide } from '../../src/rides/rides.ts'
import {
  BRYANT_PARK,
  type Driver,
  foundCity,
  makeDriver,
  makeRider,
  type Rider,
  SHARING,
  TIMES_SQUARE,
} from '../support/cast.ts'
import {
  type CoreWorld,
  type Desk,
  letLeaseLapse,
  openDesk,
  SECRET,
  startWorld,
  violationsOf,
} from '../support/dispatch.ts'
import { multiplyRide } from '../support/many-rides.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())

beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
})

afterEach(async () => {
  expect(await violationsOf(world)).toEqual([])
  await world.db.deleteFrom('outbox').execute()
})

test('nobody is asked on a position older than thirty seconds', async () => {
  await desk.goOnShift(bo)
  await desk.request(ada)
  world.clock.advance(30_001)
  expect((await desk.tick()).offered).toBe(0)
  desk.ping(bo, BRYANT_PARK, 30_000)
  expect((await desk.tick()).offered).toBe(1)
})

test('a driver silent for two minutes is set off shift, and loses the offer', async () => {
  await desk.goOnShift(bo)
  world.clock.advance(120_000)
  expect((await desk.tick()).setOffline).toBe(0)
  world.clock.advance(1)
  expect((await desk.tick()).setOffline).toBe(1)
  expect((await desk.tick()).setOffline).toBe(0)
  const shift = await world.db
    .selectFrom('shifts')
    .selectAll()
    .where('driver_id', '=', bo.id)
    .executeTakeFirstOrThrow()
  expect(shift.end_reason).toBe('silent')
  expect(desk.news.at(-1)).toMatchObject({ type: 'shift.changed', driverId: bo.id, state: 'off' })
})

test('a driver silent on a ride stays on shift: the ride is for the watchdog to look after', async () => {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.accept(bo)
  world.clock.advance(600_000)
  expect((await desk.tick()).setOffline).toBe(0)
  expect((await desk.ride(ride.id)).state).toBe('assigned')
})

test('while positions of other processes cannot be heard nobody is set off shift, and for two minutes after', async () => {
  await desk.die()
  await letLeaseLapse(world)
  let sinceMs = Number.POSITIVE_INFINITY
  const other = openDesk(world, { hearingSinceMs: () => sinceMs })
  await other.goOnShift(bo)
  world.clock.advance(600_000)
  expect((await other.tick()).setOffline).toBe(0)
  sinceMs = world.clock.nowMs()
  world.clock.advance(120_000)
  expect((await other.tick()).setOffline).toBe(0)
  world.clock.advance(1)
  expect((await other.tick()).setOffline).toBe(1)
})

test('a process that has just started gives every phone two minutes to be heard', async () => {
  await desk.goOnShift(bo)
  world.clock.advance(60_000)
  await desk.die()
  await letLeaseLapse(world)
  const next = openDesk(world)
  world.clock.advance(120_000)
  expect((await next.tick()).setOffline).toBe(0)
  world.clock.advance(1)
  expect((await next.tick()).setOffline).toBe(1)
})

test('the offers and the deadline of a process that died are kept by the next one', async () => {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  await desk.tick()
  await desk.die()
  await letLeaseLapse(world)
  world.clock.advance(15_000)
  const next = openDesk(world)
  expect(await next.tick()).toMatchObject({ expired: 1, waiting: 1 })
  world.clock.advance(585_000)
  expect(await next.tick()).toMatchObject({ unfulfilled: 1 })
  expect((await next.ride(ride.id)).state).toBe('unfulfilled')
})

test('a request that finds nobody waits and looks further', async () => {
  await desk.goOnShift(bo, { lat: TIMES_SQUARE.lat - 0.03, lng: TIMES_SQUARE.lng })
  await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  world.clock.advance(140_000)
  desk.ping(bo, { lat: TIMES_SQUARE.lat - 0.03, lng: TIMES_SQUARE.lng })
  expect(await desk.tick()).toMatchObject({ offered: 1 })
})

test('of hundreds that wait without any car hardly one is read, and the first car is asked at once all the same', async () => {
  const own = await startWorld({ database, ...SHARING, unfulfilled_after_s: 1_200 })
  const there = openDesk(own)
  const dora = await makeDriver(own.db, own.random, own.city, 'Dora Klein')
  const { id } = await there.request(ada)
  await multiplyRide(own.db, id, { times: 600 })
  // Merged ones go alone again once somebody would be late, with or without cars.
  const together = [await there.request(ada, { shared: true }), await there.request(ada, { shared: true })]
  await own.db
    .updateTable('rides')
    .set({ merged_id: own.random.uuid() })
    .where(
      'id',
      'in',
      together.map((ride) => ride.id),
    )
    .execute()
  const look = makeWaitingLook(there.deps, own.city.region)
  const sizes = async (couldGive: boolean) => {
    const { rides, unread } = await look({ couldGive })
    return [rides.length, unread]
  }
  expect(await sizes(false)).toEqual([603, 0])
  own.clock.advance(2_000)
  expect(await sizes(false)).toEqual([2, 601])
  // With a car all are read; without one now and then, for what is told of their wait.
  expect(await sizes(true)).toEqual([603, 0])
  own.clock.advance(4_999)
  expect(await sizes(false)).toEqual([2, 601])
  own.clock.advance(1)
  expect(await sizes(false)).toEqual([603, 0])

  expect(await there.tick()).toMatchObject({ waiting: 602, offered: 0 })
  own.clock.advance(2_000)
  expect(await there.tick()).toMatchObject({ waiting: 602, offered: 0 })
  await there.goOnShift(dora)
  expect(await there.tick()).toMatchObject({ waiting: 602, offered: 1 })
  expect(await there.offerOf(dora)).toBeDefined()
  own.clock.advance(700_000)
  await there.tick()
  const marks = await Promise.all(together.map(async (ride) => (await there.ride(ride.id)).merged_id))
  expect(marks).toEqual([null, null])
  await there.die()
})

test('what the office sets of a region counts from the next tick on', async () => {
  const faraway = { lat: TIMES_SQUARE.lat - 0.03, lng: TIMES_SQUARE.lng }
  await desk.goOnShift(bo, faraway)
  const ride = await desk.request(ada)
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
  world.settings = { radiusM: 5_000, offerTtlS: 7 }
  expect(await desk.tick()).toMatchObject({ offered: 1 })
  const [offer] = await world.db.selectFrom('offers').selectAll().where('ride_id', '=', ride.id).execute()
  expect(offer!.expires_at.getTime() - offer!.offered_at.getTime()).toBe(7_000)
})

test('a region read anew is as the office set it, but for its clock and its speed', async () => {
  const companies = await loadCompanies(world.db)
  const { regionId } = world.city
  const before = companies.region(regionId)!
  await companies.reload()
  expect(companies.region(regionId)).toBe(before)
  await world.db
    .updateTable('regions')
    .set({ candidates: 9, swap_gain_s: 90, time_zone: 'Asia/Tokyo' })
    .where('id', '=', regionId)
    .execute()
  await companies.reload()
  expect(companies.region(regionId)).toEqual({ ...before, candidates: 9, swapGainS: 90 })
})

test('a region matches its own company’s drivers alone', async () => {
  const elsewhere = await foundCity(world.db, world.random, { slug: `harbour-${world.random.digits(8)}` })
  const neighbour = openDesk({ ...world, city: elsewhere })
  const foreign = await makeDriver(world.db, world.random, elsewhere, 'Foreign Driver')
  await neighbour.goOnShift(foreign, TIMES_SQUARE)
  await desk.request(ada)
  await desk.fleet.reload()
  expect(await desk.tick()).toMatchObject({ waiting: 1, offered: 0 })
})

test('one process at a time holds a region; the next one takes over when it stops', async () => {
  const second = openDesk(world)
  await desk.tick()
  expect(await second.dispatcher.run()).toBeNull()
  expect(second.dispatcher.holdsLease()).toBe(false)
  await desk.dispatcher.stop()
  expect(await second.dispatcher.run()).not.toBeNull()
  expect(second.dispatcher.holdsLease()).toBe(true)
})

test('the epoch grows with every change of holder, and only then', async () => {
  const epochOf = async (holder: string) => (await holdLease(world.db, world.city.regionId, holder))?.epoch
  expect(await epochOf('a')).toBe(1)
  expect(await epochOf('a')).toBe(1)
  expect(await epochOf('b')).toBeUndefined()
  await letLeaseLapse(world)
  expect(await epochOf('b')).toBe(2)
  await letLeaseLapse(world)
  expect(await epochOf('b')).toBe(3)
})

test('a holder that slept while another took over changes nothing when it wakes', async () => {
  await desk.goOnShift(bo)
  await desk.request(ada)
  await desk.tick()
  await desk.decline(bo)
  const cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
  await desk.goOnShift(cleo)
  await letLeaseLapse(world)
  const second = openDesk(world)
  expect(await second.dispatcher.run()).not.toBeNull()
  // Asleep since before its half time: it still believes in its lease, and would ask Cleo.
  expect(desk.dispatcher.holdsLease()).toBe(true)
  expect(await desk.dispatcher.run()).toBeNull()
  expect(await desk.offerOf(cleo)).toBeUndefined()
  expect(desk.dispatcher.holdsLease()).toBe(false)
  second.ping(cleo, BRYANT_PARK)
  expect((await second.tick()).offered).toBe(1)
})

test('nobody takes a region over in the middle of another’s write', async () => {
  const lease = await holdLease(world.db, world.city.regionId, 'a')
  await letLeaseLapse(world)
  const order: string[] = []
  const written = commit(desk.deps, async (unit) => {
    await sql`SELECT 1 FROM region_leases WHERE region_id = ${world.city.regionId} FOR SHARE`.execute(unit.db)
    const taken = holdLease(world.db, world.city.regionId, 'b').then((next) => {
      order.push('taken over')
      expect(next?.epoch).toBe(lease!.epoch + 1)
    })
    await sql`SELECT pg_sleep(0.1)`.execute(unit.db)
    order.push('written')
    return { taken }
  })
  await (await written).taken
  expect(order).toEqual(['written', 'taken over'])
})

test('what a dead process committed but never told, another one tells once', async () => {
  const mute = { ...desk.deps, bus: { ...desk.bus, publish: () => {} } }
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  await desk.tick()
  const offer = (await desk.offerOf(bo))!
  await world.db.deleteFrom('outbox').execute()
  // As if killed between the commit and the first word: the rows stay, nobody was told.
  await commit({ ...mute, db: withoutForgetting(world) }, async (unit) => {
    unit.tell({
      type: 'offer.changed',
      companyId: world.city.companyId,
      regionId: world.city.regionId,
      offerId: offer.id,
      rideId: ride.id,
      driverId: bo.id,
      state: 'pending',
    })
  })
  const heard: News[] = []
  const bus = makeLocalBus(createLog('silent'))
  bus.on('offer.changed', (news) => void heard.push(news))
  expect(await sweepOutbox({ db: world.db, bus })).toBe(0)
  await world.db
    .updateTable('outbox')
    .set({ created_at: new Date(0) })
    .execute()
  const counts = await Promise.all([1, 2, 3].map(() => sweepOutbox({ db: world.db, bus })))
  expect(counts.toSorted()).toEqual([0, 0, 1])
  expect(heard).toMatchObject([{ type: 'offer.changed', offerId: offer.id, state: 'pending' }])
  expect(await sweepOutbox({ db: world.db, bus })).toBe(0)
})

/** The database of a process that dies with its commit: nothing after the transaction reaches it. */
function withoutForgetting({ db }: CoreWorld): CoreWorld['db'] {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'deleteFrom')
        return () => {
          throw new Error('the process is dead')
        }
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

test('what was told leaves nothing behind', async () => {
  await desk.request(ada)
  let left = 1
  for (let tries = 0; left > 0 && tries < 100; tries++) {
    await Bun.sleep(5)
    left = (await world.db.selectFrom('outbox').select('id').execute()).length
  }
  expect(left).toBe(0)
})

test('news that belongs to a unit of work that failed is never told', async () => {
  const before = desk.news.length
  const failed = commit(desk.deps, async (unit) => {
    unit.tell({
      type: 'shift.changed',
      companyId: world.city.companyId,
      regionId: world.city.regionId,
      driverId: bo.id,
      state: 'on',
    })
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(desk.news).toHaveLength(before)
})

test('a row that stays locked is an outside failure to try again later, not a mistake of ours', async () => {
  const ride = await desk.request(ada)
  await desk.inOneUnit(async (unit) => {
    await lockRide(unit.db, world.city.companyId, ride.id)
    const second = desk.inOneUnit(async (other) => {
      await sql`SET LOCAL lock_timeout = '20ms'`.execute(other.db)
      await lockRide(other.db, world.city.companyId, ride.id)
    })
    await expect(second).rejects.toBeInstanceOf(OutsideError)
  })
})

test('one ride that cannot be handled does not keep the others waiting', async () => {
  const cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
  await desk.goOnShift(bo)
  await desk.goOnShift(cleo)
  const cursed = await desk.request(ada)
  const other = await desk.request(ada)
  await sql`
    CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'cursed' USING ERRCODE = 'check_violation'; END $$`.execute(world.db)
  await sql`
    CREATE TRIGGER curse BEFORE INSERT ON offers FOR EACH ROW
    WHEN (NEW.ride_id = ${sql.lit(cursed.id)}) EXECUTE FUNCTION curse()`.execute(world.db)
  try {
    expect(await desk.tick()).toMatchObject({ waiting: 2, proposed: 2, offered: 1 })
    const live = await world.db
      .selectFrom('offers')
      .select('ride_id')
      .where('company_id', '=', world.city.companyId)
      .execute()
    expect(live).toEqual([{ ride_id: other.id }])
  } finally {
    await sql`DROP FUNCTION curse CASCADE`.execute(world.db)
  }
})

test('an offer the situation has overtaken is not made', async () => {
  await desk.goOnShift(bo)
  const ride = await desk.request(ada)
  const offer = {
    companyId: world.city.companyId,
    regionId: world.city.regionId,
    rideId: ride.id,
    driverId: bo.id,
    pickupDistanceM: 100,
    pickupEtaS: 20,
    ttlS: 15,
  }
  const make = (more: Partial<typeof offer> = {}) =>
    desk.inOneUnit((unit) => makeOffer(unit, world.random, { ...offer, ...more }))
  const cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
  expect(await make({ driverId: cleo.id })).toBeNull()
  expect(await make()).not.toBeNull()
  expect(await make()).toBeNull()
  await desk.accept(bo)
  const other = await desk.request(ada)
  expect(await make({ rideId: other.id })).toBeNull()
  await desk.cancel(ada, other.id)
  await desk.goOnShift(cleo)
  expect(await make({ rideId: other.id, driverId: cleo.id })).toBeNull()
})

test('an answer of the database that was long on its way does not undo a newer one', async () => {
  await desk.goOnShift(bo)
  const answers: (() => void)[] = []
  let hold = true
  const slow = new Proxy(world.db, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (name === 'selectFrom' && hold) {
        hold = false
        // The first look reads now, and its answer arrives when it is let go.
        return (...args: [never]) => delayed(target.selectFrom(...args), answers)
      }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const fleet = makeFleet({ db: slow, clock: world.clock })
  fleet.markChanged(bo.id)
  const first = fleet.settle()
  while (answers.length === 0) await Bun.sleep(1)
  await desk.goOffShift(bo)
  fleet.markChanged(bo.id)
  const second = fleet.settle()
  // Let the second be the first to end, if it can be.
  await Promise.race([second, Bun.sleep(50)])
  answers[0]!()
  await Promise.all([first, second])
  expect(fleet.car(bo.id)).toBeUndefined()
})

/** A query builder whose `execute` asks at once and answers when it is let go. */
function delayed<T extends object>(query: T, answers: (() => void)[]): T {
  return new Proxy(query, {
    get(target, name) {
      const value = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'execute')
        return (...args: unknown[]) => {
          const next: unknown = value.apply(target, args)
          return typeof next === 'object' && next !== null ? delayed(next, answers) : next
        }
      return async () => {
        const rows: unknown = await value.call(target)
        await new Promise<void>((resolve) => answers.push(resolve))
        return rows
      }
    },
  })
}

test('a quote is kept for its rider alone, until it expires, as it was signed, and once', async () => {
  const eve = await makeRider(world.db, world.random, 'Eve Brandt')
  const [standard, accessible, black] = await desk.quotes(ada)
  expect(await desk.requestAt(eve, standard!.id)).toEqual({ ok: false, reason: 'not_found' })
  expect((await desk.requestAt(ada, standard!.id)).ok).toBe(true)
  expect(await desk.requestAt(ada, standard!.id)).toEqual({ ok: false, reason: 'already_used' })
  await world.db
    .updateTable('quotes')
    .set({ fare_minor: 1, driver_minor: 1 })
    .where('id', '=', black!.id)
    .execute()
  expect(await desk.requestAt(ada, black!.id)).toEqual({ ok: false, reason: 'altered' })
  world.clock.advance(300_000)
  expect(await desk.requestAt(ada, accessible!.id)).toEqual({ ok: false, reason: 'expired' })
  world.clock.advance(-1)
  expect((await desk.requestAt(ada, accessible!.id)).ok).toBe(true)
})

test('a quote given to nobody belongs to who asks first; another company never sees it', async () => {
  const [quote] = await desk.quotes(null)
  const elsewhere = await foundCity(world.db, world.random, { slug: `harbour-${world.random.digits(8)}` })
  const foreign = openDesk({ ...world, city: elsewhere })
  expect(await foreign.requestAt(ada, quote!.id)).toEqual({ ok: false, reason: 'not_found' })
  expect((await desk.requestAt(ada, quote!.id)).ok).toBe(true)
})

test('a promise signed with a secret of before is kept, one with a foreign secret is not', async () => {
  const [quote] = await desk.quotes(ada)
  const claim = (secrets: string[]) =>
    desk.inOneUnit((unit) =>
      claimQuote(unit, secrets, { companyId: world.city.companyId, quoteId: quote!.id, riderId: ada.id }),
    )
  expect((await claim(['a newer secret', SECRET])).ok).toBe(true)
  expect(await claim(['a foreign secret'])).toEqual({ ok: false, reason: 'altered' })
})

test('the price of a quote is what its lines say, to the minor unit, and so is the driver’s part', async () => {
  for (const quote of await desk.quotes(ada)) {
    expect(quote.lines.reduce((total, line) => total + line.amountMinor, 0)).toBe(quote.fare_minor)
    const taxMinor = quote.lines.find((line) => line.code === 'tax')?.amountMinor ?? 0
    expect(quote.driver_minor).toBe(Math.floor((quote.fare_minor - taxMinor) * 0.8 + 0.5))
  }
})
