/**
 * What the decision trace costs the tick that is traced: real ticks of a region on a real Postgres, a batch that finds
 * drivers and one in which nobody is free. Measured is what the tick calls (`weighed` for each ride, `look` once) against
 * the rest of the same tick; what is worked out and written after it stands in the table.
 */

import { sql } from 'kysely'
import type { TraceKeeper } from '../src/dispatch/trace-keeper.ts'
import { looksOf } from '../src/dispatch/trace-store.ts'
import { destination } from '../src/engine/geo.ts'
import { assert, type ShiftId, seededRandom } from '../src/engine/units.ts'
import { type Driver, makeDrivers, makeRider, TIMES_SQUARE } from '../test/support/cast.ts'
import { openDesk, startWorld } from '../test/support/dispatch.ts'
import { type Bench, IS_SMALL, median, type Report } from './run.ts'

const CARS = IS_SMALL ? 60 : 1_000
const FREE_SHARE = 0.3
const RIDES = IS_SMALL ? 10 : 150
const TICKS = IS_SMALL ? 2 : 15
const REACH_M = 4_000

interface Measured {
  readonly tickMs: number
  readonly hookMs: number
  /** Processor time of this process; the database's is its own. */
  readonly tickCpuMs: number
  readonly afterCpuMs: number
  readonly offered: number
}

function cpuMs(since?: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** A stopwatch around what the tick calls of the keeper. */
function stopwatch() {
  const watch = { ms: 0 }
  const within = <T>(work: () => T): T => {
    const startedMs = performance.now()
    const value = work()
    watch.ms += performance.now() - startedMs
    return value
  }
  const around = (keeper: TraceKeeper): TraceKeeper => ({
    ...keeper,
    weighed: (ride, candidates, driverOf) => within(() => keeper.weighed(ride, candidates, driverOf)),
    look: (tick) => within(() => keeper.look(tick)),
  })
  return { watch, around }
}

/** @param freeShare of the cars that are free; the others are on a break */
async function measure(freeShare: number): Promise<{ ticks: Measured[]; wrong: number; bytesALook: number }> {
  const random = seededRandom(20_261_121)
  const world = await startWorld()
  const place = () => destination(TIMES_SQUARE, 360 * random(), REACH_M * Math.sqrt(random()))
  const { companyId, regionId } = world.city
  const { watch, around } = stopwatch()
  const desk = openDesk(world, { traced: true, aroundTrace: around })
  const drivers: Driver[] = await makeDrivers(
    world.db,
    world.random,
    world.city,
    Array.from({ length: CARS }, (_, n) => `Driver ${n}`),
  )
  await world.db
    .insertInto('shifts')
    .values(
      drivers.map((driver) => ({
        ...{
          company_id: companyId,
          id: world.random.uuid() as ShiftId,
          region_id: regionId,
          driver_id: driver.id,
        },
        ...{ vehicle_id: driver.vehicleId, started_at: new Date(world.clock.nowMs()), ended_at: null },
        end_reason: null,
      })),
    )
    .execute()
  const onBreak = drivers.slice(Math.round(CARS * freeShare)).map(({ id }) => id)
  if (onBreak.length > 0)
    await world.db
      .updateTable('drivers')
      .set({ paused_until: new Date(world.clock.nowMs() + 86_400_000) })
      .where('id', 'in', onBreak)
      .execute()
  const rides = []
  for (let n = 0; n < RIDES; n++)
    rides.push(await desk.request(await makeRider(world.db, world.random, `Rider ${n}`), { pickup: place() }))
  await desk.fleet.reload()

  const ticks: Measured[] = []
  let offers = 0
  // The first tick warms up, and takes the lease.
  for (let n = 0; n <= TICKS; n++) {
    for (const driver of drivers) desk.ping(driver, place())
    watch.ms = 0
    const cpu = process.cpuUsage()
    const startedMs = performance.now()
    const { offered } = await desk.tick()
    const tickMs = performance.now() - startedMs
    const tickCpuMs = cpuMs(cpu)
    const afterwards = process.cpuUsage()
    await desk.trace!.flush()
    const afterCpuMs = cpuMs(afterwards)
    offers += offered
    if (n > 0) ticks.push({ tickMs, hookMs: watch.ms, tickCpuMs, afterCpuMs, offered })
    await world.db.deleteFrom('offers').where('company_id', '=', companyId).execute()
    await desk.fleet.reload()
    world.clock.advance(2_000)
  }
  let told = 0
  let wrong = 0
  for (const ride of rides) {
    const looks = await looksOf(world.db, companyId, ride.id)
    if (looks.reduce((sum, look) => sum + look.ticks, 0) !== TICKS + 1) wrong++
    told += looks.filter(({ kind }) => kind === 'offer').length
  }
  // Every offer has its look, and no look names an offer that was not made.
  wrong += Math.abs(told - offers)
  const { bytes } = await world.db
    .selectFrom('ride_looks')
    .select(sql<string>`avg(pg_column_size(ride_looks.*))`.as('bytes'))
    .executeTakeFirstOrThrow()
  await desk.dispatcher.stop()
  await world.database.stop()
  assert(ticks.length === TICKS, 'every tick was measured')
  return { ticks, wrong, bytesALook: Number(bytes) }
}

async function run(): Promise<Report> {
  const figures: Record<string, number> = {}
  const table = []
  let wrong = 0
  for (const [name, freeShare] of [
    ['asking', FREE_SHARE],
    ['nobody_free', 0],
  ] as const) {
    const measured = await measure(freeShare)
    const of = (figure: (tick: Measured) => number) => median(measured.ticks.map(figure))
    figures[`trace_percent_of_tick_${name}`] = of(({ hookMs, tickMs }) => (100 * hookMs) / (tickMs - hookMs))
    figures[`trace_percent_of_tick_cpu_${name}`] = of(
      ({ hookMs, tickCpuMs }) => (100 * hookMs) / (tickCpuMs - hookMs),
    )
    wrong += measured.wrong
    table.push({
      ...{ batch: name, cars: CARS, waiting: RIDES, offers: of(({ offered }) => offered) },
      'tick ms': of(({ tickMs }) => tickMs).toFixed(1),
      'of it trace ms': of(({ hookMs }) => hookMs).toFixed(2),
      'tick cpu ms': of(({ tickCpuMs }) => tickCpuMs).toFixed(1),
      'after it cpu ms': of(({ afterCpuMs }) => afterCpuMs).toFixed(1),
      'bytes a look': Math.round(measured.bytesALook),
      wrong: measured.wrong,
    })
  }
  return { figures, table, wrong, skipped: [] }
}

export const bench: Bench = { name: 'trace', run }
