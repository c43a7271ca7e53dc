import { afterAll, beforeAll, expect, test } from 'bun:test'
import { z } from 'zod'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { type Served, startServed, until } from '../support/served.ts'
import { describeWith, freePort } from '../support/servers.ts'
import { type Asked, askSurely, type Crew, crewAt, foundTown, phoneAt, type Town } from '../support/town.ts'

const DRIVERS = 20
const ASK_EVERY_MS = 700
/** How long the server lives until it is killed: too short to take the region over, and long enough to be busy. */
const LIVES_MS = [1_000, 6_500, 500, 6_500, 1_000]

describeWith('postgres-server', 'a server killed five times while people use it', () => {
  const port = freePort()
  const asked: Asked[] = []
  let database: TestDatabase
  let served: Served
  let town: Town
  let crew: Crew

  const start = async () => {
    served = await startServed({ databaseUrl: database.url, port })
  }
  const openRides = async () => {
    const rows = await database.db.selectFrom('rides').select('id').where('ended_at', 'is', null).execute()
    return rows.length
  }

  beforeAll(async () => {
    database = await testDatabase('server')
    town = await foundTown(database, { drivers: DRIVERS, riders: 40 })
    await start()
    crew = await crewAt(town, { baseUrl: served.address, sessions: town.drivers })
    let stopped = false
    let turn = 0
    const asking: Promise<void>[] = []
    const timer = setInterval(() => {
      const session = town.riders[turn++ % town.riders.length]!
      asking.push(
        askSurely(town, { baseUrl: served.address, session, givesUp: () => stopped }).then(
          (ride) => void (ride !== null && asked.push(ride)),
        ),
      )
    }, ASK_EVERY_MS)
    for (const lifeMs of LIVES_MS) {
      await Bun.sleep(lifeMs * (1 + 0.2 * town.random.fraction()))
      await served.kill()
      await start()
    }
    clearInterval(timer)
    setTimeout(() => {
      stopped = true
    }, 10_000)
    await Promise.all(asking)
    await until('every ride has ended', async () => (await openRides()) === 0, 45_000)
  }, 120_000)
  afterAll(async () => {
    crew?.stop()
    await served?.stop()
    await database?.stop()
  }, 20_000)

  test('no ride that was answered is lost, and each was driven to its end', async () => {
    const rides = await database.db.selectFrom('rides').select(['id', 'state']).execute()
    const states = new Map<string, string>(rides.map(({ id, state }) => [id, state]))
    expect(asked.length).toBeGreaterThan(20)
    expect(asked.filter(({ rideId }) => states.get(rideId) !== 'completed')).toEqual([])
  })

  test('a request whose answer was lost has one effect, and the same answer when it is sent again', async () => {
    const counted = await database.db
      .selectFrom('rides')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
    expect(counted.count).toBe(asked.length)
    for (const { key, body, session, rideId } of asked) {
      const again = await phoneAt(town, served.address, session).send('POST', '/api/v1/rides', body, key)
      expect(again).toMatchObject({ status: 201, body: { id: rideId } })
    }
  }, 20_000)

  test('every rule holds: runs, offers, shifts, one capture a ride, books that sum to zero', async () => {
    expect(await checkInvariants(database.db, { nowMs: town.clock.nowMs() })).toEqual([])
    const captures = await database.db.selectFrom('payments').select('ride_id').execute()
    expect(captures.map(({ ride_id }) => ride_id as string).toSorted()).toEqual(
      asked.map(({ rideId }) => rideId).toSorted(),
    )
    const { sum } = await database.db
      .selectFrom('ledger_entries')
      .select((eb) => eb.fn.sum<number>('amount_minor').as('sum'))
      .executeTakeFirstOrThrow()
    expect(Number(sum)).toBe(0)
  })

  test('no driver is stuck: all are free again, and the next riders are served', async () => {
    const free = z.object({ shift: z.object({}), ride: z.null(), offer: z.null() })
    for (const session of town.drivers) {
      const { body } = await phoneAt(town, served.address, session).get('/api/v1/driver')
      expect(free.safeParse(body).success).toBe(true)
    }
    const finishedBefore = crew.finished()
    for (const session of town.riders.slice(0, 3)) await askSurely(town, { baseUrl: served.address, session })
    await until('the new rides are finished', () => crew.finished() >= finishedBefore + 3, 25_000)
  }, 30_000)
})
