/** Starts the living city beside a running server, with sessions of its own making, and keeps it alive. */
import { join } from 'node:path'
import type { Auth } from '../../accounts/accounts.ts'
import type { DriverId, LatLng } from '../../engine/units.ts'
import type { Cancel, Clock } from '../../io/clock.ts'
import type { Logger, LogLevel } from '../../io/log.ts'
import type { Db } from '../../io/postgres.ts'
import type { Session } from './phone.ts'
import type { Briefing, DriverBriefing } from './process.ts'

export interface CityHost {
  /** Process id of the city, null while it is being started again. */
  pid(): number | null
  /** Resolves when the city's process has ended. */
  stop(): Promise<void>
}

export interface CityHostOptions {
  readonly db: Db
  readonly auth: Pick<Auth, 'mintSession'>
  /** Where a driver was last seen, for a city that starts again beside a server that did not. */
  readonly lastSeen: (driverId: DriverId) => LatLng | null
  readonly clock: Clock
  readonly log: Logger
  readonly logLevel: LogLevel
  /** Where the server can be reached from this machine, an origin. */
  readonly baseUrl: string
}

const SEED = 20_130_101
/** Twenty minutes past: the record is complete there, and the streets are full. */
const START_AT_S = 20 * 60
/** Share of the cars that demand keeps busy. */
export const BUSY_SHARE = 0.55
const MINT_AT_ONCE = 8
/** Patterns of the simulated people's addresses; nobody else's end so. */
export const DRIVERS = '%@cars.demo.honeycab'
export const RIDERS = '%@riders.demo.honeycab'
const RESTART_MS = [1_000, 2_000, 5_000, 15_000]
/** A process that ran for so long did not die of its start. */
const SETTLED_MS = 60_000
const STOP_WITHIN_MS = 2_000

export async function hostCity(options: CityHostOptions): Promise<CityHost> {
  const { clock, log } = options
  const drivers = await mintSessions(options, DRIVERS)
  const riders = await mintSessions(options, RIDERS)
  let child: ReturnType<typeof spawnCity> | null = null
  let stopping = false
  let failures = 0
  let cancel: Cancel = () => {}

  function withPlace({ driverId, ...session }: Minted): DriverBriefing {
    const seen = driverId === null ? null : options.lastSeen(driverId)
    return { ...session, at: seen === null ? null : { lat: seen.lat, lng: seen.lng } }
  }

  function start(): void {
    const startedAtMs = clock.nowMs()
    const started = spawnCity({
      ...{ baseUrl: options.baseUrl, logLevel: options.logLevel, nowMs: startedAtMs },
      ...{ seed: SEED, startAtS: START_AT_S, busyShare: BUSY_SHARE },
      ...{ drivers: drivers.map(withPlace), riders },
    })
    child = started
    void started.exited.then((exitCode) => {
      child = null
      if (stopping) return
      failures = clock.nowMs() - startedAtMs > SETTLED_MS ? 0 : failures
      const waitMs = RESTART_MS[Math.min(failures++, RESTART_MS.length - 1)]!
      log.warn({ exitCode, waitMs }, 'city.ended')
      cancel = clock.after(waitMs, start)
    })
  }
  start()

  return {
    pid: () => child?.pid ?? null,
    async stop() {
      stopping = true
      cancel()
      const running = child
      if (running === null) return
      running.stdin.end()
      const cancelKill = clock.after(STOP_WITHIN_MS, () => running.kill('SIGKILL'))
      await running.exited
      cancelKill()
    },
  }
}

function spawnCity(briefing: Briefing) {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'process.ts')], {
    stdin: 'pipe',
    stdout: 'inherit',
    stderr: 'inherit',
  })
  // The pipe stays open: its end, however it comes about, is the city's end too.
  child.stdin.write(`${JSON.stringify(briefing)}\n`)
  child.stdin.flush()
  return child
}

export interface Minted extends Session {
  /** Null for a rider. */
  readonly driverId: DriverId | null
}

/** A session for each simulated person; those of an earlier start, which nobody holds any more, are ended. */
export async function mintSessions(
  { db, auth }: Pick<CityHostOptions, 'db' | 'auth'>,
  emails: string,
): Promise<Minted[]> {
  const people = await db
    .selectFrom('identities')
    .leftJoin('drivers', 'drivers.identity_id', 'identities.id')
    .select(['identities.id', 'drivers.id as driverId'])
    .where('identities.email', 'like', emails)
    .orderBy('identities.id')
    .execute()
  const ids = people.map(({ id }) => id)
  if (ids.length === 0) return []
  await db.deleteFrom('sessions').where('identity_id', 'in', ids).execute()
  const minted: Minted[] = new Array(ids.length)
  let next = 0
  const worker = async () => {
    for (let at = next++; at < people.length; at = next++) {
      const { id, driverId } = people[at]!
      minted[at] = { ...(await auth.mintSession(id)), driverId }
    }
  }
  await Promise.all(Array.from({ length: MINT_AT_ONCE }, worker))
  return minted
}
