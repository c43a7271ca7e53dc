/** `honeycab demo`: the server, a city to try it with, and its pulse on the terminal. */
import type { CompanyId } from './engine/units.ts'
import type { Config } from './io/config.ts'
import type { Db } from './io/postgres.ts'
import { systemRandom } from './io/random.ts'
import { type Running, serve } from './main.ts'
import { importPlaces } from './places/places.ts'
import { hostCity } from './replay/city/host.ts'
import { samplePlaces } from './replay/city/sample.ts'
import { type DemoWorld, seedDemo } from './replay/city/seed.ts'
import { type DemoSignIn, demoSignIns } from './replay/city/sign-ins.ts'

const PULSE_MS = 10_000
/** The simulated people all come from this machine, which limits by address would take for one. */
const OWN_ADDRESSES = ['127.0.0.1', '::1']

/**
 * Start the server on a demo world, then the city that uses it; `say` gets every line meant for people.
 * @throws OutsideError, as `serve` does
 */
export async function startDemo(config: Config, say: (line: string) => void): Promise<Running> {
  let world: DemoWorld | undefined
  const running = await serve({
    config: { ...config, rateLimitExempt: [...config.rateLimitExempt, ...OWN_ADDRESSES] },
    progress: say,
    async prepare({ database, clock }) {
      world = await seedDemo(database.db, { random: systemRandom(clock), nowMs: clock.nowMs() })
      say('Loading the places of Manhattan')
      await importPlaces(database.db, { dataset: 'manhattan', csv: await samplePlaces() })
    },
  })
  const { app, database, clock, log } = running
  const startedAt = new Date(clock.nowMs())
  const signIns = await demoSignIns({
    db: database.db,
    auth: app.auth,
    random: systemRandom(clock),
    dataDir: config.dataDir,
  })
  say('Waking the city: 200 cars on the roads of Manhattan')
  const city = await hostCity({
    ...{ db: database.db, auth: app.auth, clock, log },
    logLevel: config.logLevel,
    baseUrl: loopback(running.config),
  })
  for (const line of welcome(running.address, signIns)) say(line)
  const pulse = setInterval(() => {
    readPulse(database.db, { companyId: world!.companyId, since: startedAt }).then(
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

/** Where the city finds the server, whatever name it has for others. */
function loopback({ host, port }: Config): string {
  const everywhere = ['0.0.0.0', '::', 'localhost'].includes(host)
  const name = everywhere ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host
  return `http://${name}:${port}`
}

function welcome(address: string, signIns: readonly DemoSignIn[]): string[] {
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
  return ['', `Honeycab runs at ${address}`, '', ...table.map((line) => `  ${line}`), '']
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
