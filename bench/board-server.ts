/**
 * The server of `bench board`: the whole product on a throwaway database, with a fleet on shift that drives. The cars'
 * fixes come as from another process, so what is measured of this one is what its boards cost, and not the phones.
 */
import { createApp } from '../src/app.ts'
import type { DriverId, IdentityId, RegionId, ShiftId } from '../src/engine/units.ts'
import { makeLocalBus } from '../src/io/bus/local.ts'
import { systemClock } from '../src/io/clock.ts'
import { parseConfig, withPort } from '../src/io/config.ts'
import { createLog } from '../src/io/log.ts'
import { openOutgoing } from '../src/io/outgoing.ts'
import { systemRandom } from '../src/io/random.ts'
import { type MemoryRegions, makeMemoryPositions } from '../src/positions/memory-store.ts'
import { seedDemo } from '../src/replay/city/seed.ts'
import { testFiles } from '../test/support/files.ts'
import { testDatabase } from '../test/support/postgres.ts'
import { freePort } from '../test/support/servers.ts'

export interface Session {
  readonly cookie: string
  readonly csrf: string
}

export interface ReadyBoard {
  readonly port: number
  readonly desks: readonly Session[]
  readonly riders: readonly Session[]
}

/** Half of them where the board looks first, half all over the city. */
const MIDDLE = { south: 40.715, west: -74.005, height: 0.06, width: 0.035 }
const CITY = { south: 40.7, west: -74.02, height: 0.17, width: 0.1 }
const ROWS_A_STATEMENT = 1_000
/** As often as the rated load has it: each car every two seconds, some in each twentieth of a second. */
const PING_EVERY_MS = 2_000
const TURN_MS = 50
const SPEED_MPS = 9
const METRES_A_DEGREE = 111_195

async function serve(drivers: number, riders: number, desks: number): Promise<ReadyBoard> {
  const database = await testDatabase()
  const { db } = database
  const clock = systemClock()
  const random = systemRandom(clock)
  const log = createLog('warn', { write: () => {} })
  const { companyId, regionId } = await seedDemo(db, {
    ...{ random, nowMs: clock.nowMs(), city: { drivers, riders: riders + desks } },
  })
  const crews = await db
    .selectFrom('driver_vehicles')
    .select(['driver_id', 'vehicle_id'])
    .distinctOn('driver_id')
    .orderBy('driver_id')
    .execute()
  for (let from = 0; from < crews.length; from += ROWS_A_STATEMENT)
    await db
      .insertInto('shifts')
      .values(
        crews.slice(from, from + ROWS_A_STATEMENT).map(({ driver_id, vehicle_id }) => ({
          ...{
            company_id: companyId,
            id: random.uuid() as ShiftId,
            region_id: regionId,
            driver_id,
            vehicle_id,
          },
          ...{ started_at: new Date(clock.nowMs()), ended_at: null, end_reason: null },
        })),
      )
      .execute()
  const others = await db
    .selectFrom('identities')
    .select('id')
    .where('id', 'not in', db.selectFrom('memberships').select('identity_id'))
    .limit(riders + desks)
    .execute()
  const atDesks = others.splice(riders)
  await db
    .insertInto('memberships')
    .values(
      atDesks.map(({ id }) => ({
        ...{ company_id: companyId, identity_id: id, role: 'dispatcher' as const },
        created_at: new Date(clock.nowMs()),
      })),
    )
    .execute()
  const config = withPort(
    parseConfig({
      SESSION_SECRETS: 'a secret of the bench that is long enough to sign with',
      TILE_URL: '',
      RATE_LIMIT_EXEMPT: '127.0.0.1,::1',
    }),
    freePort(),
  )
  const shared: MemoryRegions = new Map()
  const app = await createApp({
    ...{ clock, random, log, config, db, walled: database.walled, bus: makeLocalBus(log) },
    ...{ store: makeMemoryPositions(shared), files: testFiles().files, outgoing: openOutgoing(config) },
  })
  drive(
    regionId,
    crews.map(({ driver_id: id }) => id),
    makeMemoryPositions(shared),
  )
  app.elysia.listen({ port: config.port, hostname: '127.0.0.1' })
  app.start()
  const sessionsOf = async (people: readonly { id: IdentityId }[]) => {
    const minted: Session[] = []
    for (const { id } of people) minted.push(await app.auth.mintSession(id))
    return minted
  }
  return { port: config.port, riders: await sessionsOf(others), desks: await sessionsOf(atDesks) }
}

/** From now on, for good: each car to and fro along a street of its own. */
function drive(
  regionId: RegionId,
  driverIds: readonly DriverId[],
  store: ReturnType<typeof makeMemoryPositions>,
): void {
  const cars = driverIds.map((driverId, n) => {
    const area = n % 2 === 0 ? MIDDLE : CITY
    const heading = ((n * 137) % 360) * (Math.PI / 180)
    return {
      ...{ driverId, heading, forth: 1 },
      lat: area.south + Math.random() * area.height,
      lng: area.west + Math.random() * area.width,
    }
  })
  const stepDeg = (SPEED_MPS * PING_EVERY_MS) / 1_000 / METRES_A_DEGREE
  let turn = 0
  const turns = PING_EVERY_MS / TURN_MS
  const move = () => {
    const atMs = Date.now()
    const batch = []
    for (let n = turn % turns; n < cars.length; n += turns) {
      const car = cars[n]!
      if (turn % 997 === n % 997) car.forth = -car.forth
      car.lat += car.forth * stepDeg * Math.cos(car.heading)
      car.lng += car.forth * stepDeg * Math.sin(car.heading) * 1.3
      const headingDeg = ((car.heading * 180) / Math.PI + (car.forth < 0 ? 180 : 0)) % 360
      const { driverId, lat, lng } = car
      batch.push({ driverId, lat, lng, headingDeg, speedMps: SPEED_MPS, accuracyM: 6, atMs })
    }
    turn++
    store.put(regionId, batch)
  }
  for (let n = 0; n < turns; n++) move()
  setInterval(move, TURN_MS)
}

if (import.meta.main) {
  const [drivers, riders, desks] = process.argv.slice(2).map(Number)
  process.on('message', (message) => {
    if (message === 'stop') process.exit(0)
  })
  process.send?.(await serve(drivers!, riders!, desks!))
}
