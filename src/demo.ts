/** `honeycab demo`: the server, a city to try it with, and its pulse on the terminal. */
import { isIP } from 'node:net'
import { demoGoesWithout } from './accounts/staff-factor.ts'
import type { CompanyId } from './engine/units.ts'
import { type Config, ConfigError } from './io/config.ts'
import { makeDataDir } from './io/data-dir.ts'
import type { Db } from './io/postgres.ts'
import { systemRandom } from './io/random.ts'
import { type Running, serve } from './main.ts'
import { hasOutbox } from './notices/outbox.ts'
import { importPlaces } from './places/places.ts'
import { BUSY_SHARE, hostCity } from './replay/city/host.ts'
import { makePastDays } from './replay/city/past-days.ts'
import { makeRoadDay } from './replay/city/road-day.ts'
import { sampleGround, samplePlaces, sampleRides } from './replay/city/sample.ts'
import { DEMO_CITY, type DemoWorld, seedDemo } from './replay/city/seed.ts'
import { type DemoSignIn, demoSignIns } from './replay/city/sign-ins.ts'
import { graphRouting } from './replay/graph-routing.ts'

const PULSE_MS = 10_000
/** A city that starts again takes its cars up where they were, unless that was too long ago to be true. */
const JUST_SEEN_MS = 60_000
/** The simulated people all come from this machine, which limits by address would take for one. */
const OWN_ADDRESSES = ['127.0.0.1', '::1']

/**
 * Start the server on a demo world, then the city that uses it; `say` gets every line meant for people.
 * @throws OutsideError, as `serve` does, and ConfigError when the passwords cannot be kept in the data folder
 */
export async function startDemo(given: Config, say: (line: string) => void): Promise<Running> {
  checkDataDir(given)
  const own = isIP(given.host) === 0 ? OWN_ADDRESSES : [...OWN_ADDRESSES, given.host]
  const config = { ...given, rateLimitExempt: [...given.rateLimitExempt, ...own] }
  const roads = await sampleGround()
  say('Starting the database')
  let world: DemoWorld | undefined
  const running = await serve({
    config,
    progress: say,
    routing: async () => graphRouting(roads),
    async prepare({ database, clock }) {
      world = await seedDemo(database.db, { random: systemRandom(clock), nowMs: clock.nowMs() })
      await makePastDays(database.db, world, {
        nowMs: clock.nowMs(),
        cars: DEMO_CITY.drivers,
        busyCars: DEMO_CITY.drivers * BUSY_SHARE,
        recorded: sampleRides,
      })
      await makeRoadDay(database.db, world, { nowMs: clock.nowMs(), recorded: sampleRides, roads })
      say('Loading the places of Manhattan')
      await importPlaces(database.db, { dataset: 'manhattan', csv: await samplePlaces() })
    },
  })
  try {
    return await wake(running, { companyId: world!.companyId, say })
  } catch (error) {
    await running.stop()
    throw error
  }
}

/** Sign-ins, city and pulse, on a server that listens. */
async function wake(
  running: Running,
  { companyId, say }: { companyId: CompanyId; say: (line: string) => void },
): Promise<Running> {
  const { app, clock, config, database, log } = running
  const { db } = database
  const since = new Date(clock.nowMs())
  const signIns = await demoSignIns({
    ...{ db, auth: app.auth, random: systemRandom(clock) },
    dataDir: config.dataDir,
  })
  say('Loading the roads of Manhattan and waking its drivers and riders')
  const city = await hostCity({
    ...{ db, auth: app.auth, clock, log, logLevel: config.logLevel },
    lastSeen: (driverId) =>
      app.positions.ageMs(driverId) < JUST_SEEN_MS ? app.positions.latest(driverId) : null,
    baseUrl: loopback(config),
  })
  const told = { letters: hasOutbox(config), factors: !demoGoesWithout(config) }
  for (const line of welcome(running.address, signIns, told)) say(line)
  const pulse = setInterval(() => {
    readPulse(db, { companyId, since }).then(
      (counts) => say(pulseLine(counts)),
      (error: unknown) => log.warn({ error }, 'demo.pulse_failed'),
    )
  }, PULSE_MS)
  return {
    ...running,
    async stop() {
      clearInterval(pulse)
      await city.stop()
      await running.stop()
    },
  }
}

/** With a database of its own the server needs no data folder; the demo does, for its passwords. */
function checkDataDir({ dataDir }: Config): void {
  try {
    makeDataDir(dataDir)
  } catch (error) {
    const message = `expected a folder we may write to, got "${dataDir}" (${(error as Error).message})`
    throw new ConfigError([{ variable: 'DATA_DIR', message }])
  }
}

/** Where the city finds the server, whatever name it has for others. */
function loopback({ host, port }: Config): string {
  const everywhere = ['0.0.0.0', '::', 'localhost'].includes(host)
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

/**
 * @param told.letters whether they are kept here, to be read
 * @param told.factors whether staff need a second factor
 */
export function welcome(
  address: string,
  signIns: readonly DemoSignIn[],
  told: { readonly letters: boolean; readonly factors: boolean },
): string[] {
  const rows = [
    ['role', 'e-mail', 'password', 'page to open'],
    ...signIns.map(({ role, email, password, page }) => [role, email, password, `${address}${page}`]),
  ]
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return [
    ...['', `Honeycab runs at ${address}`, '', ...table.map((line) => `  ${line}`), ''],
    ...(told.letters ? [`  Letters are not sent here; read them at ${address}/outbox`, ''] : []),
    ...(told.factors
      ? ['  Dispatcher and admin first add a second factor, as everywhere but on one’s own machine', '']
      : []),
  ]
}

export interface Pulse {
  readonly cars: number
  readonly waiting: number
  readonly onTheWay: number
  readonly riding: number
  readonly completed: number
}

/** Cars on shift and rides by where they are; `completed` counts from `since`. */
export async function readPulse(
  db: Db,
  { companyId, since }: { companyId: CompanyId; since: Date },
): Promise<Pulse> {
  const [cars, rides] = await Promise.all([
    db
      .selectFrom('shifts')
      .select((eb) => eb.fn.countAll<number>().as('cars'))
      .where('company_id', '=', companyId)
      .where('ended_at', 'is', null)
      .executeTakeFirstOrThrow(),
    db
      .selectFrom('rides')
      .select((eb) => {
        const count = eb.fn.countAll<number>()
        return [
          count.filterWhere('state', '=', 'requested').as('waiting'),
          count.filterWhere('state', 'in', ['assigned', 'en_route', 'arrived']).as('onTheWay'),
          count.filterWhere('state', '=', 'in_progress').as('riding'),
          count.filterWhere('state', '=', 'completed').filterWhere('ended_at', '>=', since).as('completed'),
        ]
      })
      .where('company_id', '=', companyId)
      .where((eb) => eb.or([eb('ended_at', 'is', null), eb('ended_at', '>=', since)]))
      .executeTakeFirstOrThrow(),
  ])
  return { ...cars, ...rides }
}

export function pulseLine({ cars, waiting, onTheWay, riding, completed }: Pulse): string {
  return `demo: cars ${cars}, waiting ${waiting}, on the way ${onTheWay}, riding ${riding}, completed ${completed}`
}
