/**
 * One of the two servers of `bench wire` and `bench live`, in a process of its own so that its processor time is its own: `product` is
 * the whole of Honeycab on a throwaway database, `bare` a Bun.serve that parses, stores under the driver and answers.
 */
import { createApp } from '../src/app.ts'
import type { IdentityId } from '../src/engine/units.ts'
import { makeLocalBus } from '../src/io/bus/local.ts'
import { systemClock } from '../src/io/clock.ts'
import { parseConfig, withPort } from '../src/io/config.ts'
import { createLog } from '../src/io/log.ts'
import { openOutgoing } from '../src/io/outgoing.ts'
import { systemRandom } from '../src/io/random.ts'
import { makeMemoryPositions } from '../src/positions/memory-store.ts'
import { seedDemo } from '../src/replay/city/seed.ts'
import { testFiles } from '../test/support/files.ts'
import { testDatabase } from '../test/support/postgres.ts'
import { freePort } from '../test/support/servers.ts'

export interface ReadyServer {
  readonly port: number
  /** Of each driver; the bare server looks at nothing of them. */
  readonly sessions: readonly { cookie: string; csrf: string }[]
  /** Of each rider, where some were asked for. */
  readonly riders: readonly { cookie: string; csrf: string }[]
  /** Of each dispatcher, where some were asked for. */
  readonly desks: readonly { cookie: string; csrf: string }[]
}

/** How the process fared since it was asked the last time. */
export interface LiveFigures {
  /** How late a timer of the event loop came. */
  readonly loops: number
  readonly loopP50Ms: number
  readonly loopP95Ms: number
  readonly loopP99Ms: number
  /** Processor time in cores. */
  readonly cores: number
}

interface Ping {
  readonly seq: number
  readonly lat: number
  readonly lng: number
}

interface Line {
  readonly driver: string
  seq: number
}

async function product(drivers: number, riders: number, desks: number): Promise<ReadyServer> {
  const database = await testDatabase()
  const { db } = database
  const clock = systemClock()
  const random = systemRandom(clock)
  await seedDemo(db, { random, nowMs: clock.nowMs(), city: { drivers, riders: Math.max(1, riders + desks) } })
  // As in production, but for where the lines go.
  const log = createLog('info', { write: () => {} })
  const config = withPort(
    parseConfig({
      SESSION_SECRETS: 'a secret of the bench that is long enough to sign with',
      TILE_URL: '',
      RATE_LIMIT_EXEMPT: '127.0.0.1,::1',
    }),
    freePort(),
  )
  const app = await createApp({
    ...{ clock, random, log, config, db, walled: database.walled, bus: makeLocalBus(log) },
    ...{ store: makeMemoryPositions(), files: testFiles().files, outgoing: openOutgoing(config) },
  })
  app.elysia.listen({ port: config.port, hostname: '127.0.0.1' })
  app.start()
  const people = await db
    .selectFrom('drivers')
    .select('identity_id')
    .orderBy('call_sign')
    .limit(drivers)
    .execute()
  const asking = await db
    .selectFrom('identities')
    .select('id')
    .where('id', 'not in', db.selectFrom('drivers').select('identity_id'))
    .where('id', 'not in', db.selectFrom('memberships').select('identity_id'))
    .limit(riders + desks)
    .execute()
  const dispatching = asking.splice(riders)
  if (dispatching.length > 0) {
    const { id: companyId } = await db.selectFrom('companies').select('id').executeTakeFirstOrThrow()
    const at = new Date(clock.nowMs())
    await db
      .insertInto('memberships')
      .values(
        dispatching.map(({ id }) => ({
          ...{ company_id: companyId, identity_id: id, role: 'dispatcher' as const, created_at: at },
        })),
      )
      .execute()
  }
  /** One after the other: thousands at once would wait for a connection for too long. */
  const sessionsOf = async (people: { id: IdentityId }[]) => {
    const minted: Awaited<ReturnType<typeof app.auth.mintSession>>[] = []
    for (const person of people) minted.push(await app.auth.mintSession(person.id))
    return minted
  }
  return {
    ...{ port: config.port, sessions: await sessionsOf(people.map(({ identity_id: id }) => ({ id }))) },
    ...{ riders: await sessionsOf(asking), desks: await sessionsOf(dispatching) },
  }
}

const LOOP_EVERY_MS = 10

/** Watch the event loop from now on. @returns figures since the call before */
function watchLoop(): () => LiveFigures {
  let lateMs: number[] = []
  let dueMs = performance.now() + LOOP_EVERY_MS
  let [sinceMs, usage] = [performance.now(), process.cpuUsage()]
  const look = () => {
    lateMs.push(Math.max(0, performance.now() - dueMs))
    dueMs = performance.now() + LOOP_EVERY_MS
    setTimeout(look, LOOP_EVERY_MS)
  }
  setTimeout(look, LOOP_EVERY_MS)
  return () => {
    const sorted = lateMs.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0
    const { user, system } = process.cpuUsage(usage)
    const figures = {
      ...{ loops: sorted.length, loopP50Ms: at(0.5), loopP95Ms: at(0.95), loopP99Ms: at(0.99) },
      cores: (user + system) / 1_000 / (performance.now() - sinceMs),
    }
    lateMs = []
    ;[sinceMs, usage] = [performance.now(), process.cpuUsage()]
    return figures
  }
}

async function bare(drivers: number): Promise<ReadyServer> {
  const latest = new Map<string, Ping>()
  const take = (driver: string, pings: readonly Ping[]) => {
    let seq = 0
    for (const ping of pings) {
      latest.set(driver, ping)
      seq = ping.seq
    }
    return seq
  }
  const ackOf = (seq: number) => `{"type":"ack","seq":${seq},"refused":{},"pings":[]}`
  // What came together is answered together, as the product does it.
  const due = new Set<Bun.ServerWebSocket<Line>>()
  const answer = () => {
    for (const socket of due) socket.sendText(ackOf(socket.data.seq))
    due.clear()
  }
  let opened = 0
  const server = Bun.serve<Line, never>({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request, self) {
      const driver = request.headers.get('cookie') ?? ''
      if (self.upgrade(request, { data: { driver: `${driver} ${opened++}`, seq: 0 } })) return undefined
      const { pings } = (await request.json()) as { pings: Ping[] }
      return new Response(ackOf(take(driver, pings)), { headers: { 'content-type': 'application/json' } })
    },
    websocket: {
      message(socket, message) {
        const pings =
          typeof message === 'string' ? (JSON.parse(message) as { pings: Ping[] }).pings : readBare(message)
        socket.data.seq = take(socket.data.driver, pings)
        if (due.size === 0) setImmediate(answer)
        due.add(socket)
      },
    },
  })
  const sessions = Array.from({ length: drivers }, (_, n) => ({ cookie: `driver=${n}`, csrf: '' }))
  return { port: server.port!, sessions, riders: [], desks: [] }
}

/** What a frame holds of a ping that `take` looks at; nothing is checked. */
function readBare(frame: Buffer): Ping[] {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  const pings: Ping[] = []
  for (let at = 8; at < frame.byteLength; at += 32) {
    const [seq, lat, lng] = [
      view.getUint32(at + 8, true),
      view.getInt32(at + 12, true) / 1e7,
      view.getInt32(at + 16, true) / 1e7,
    ]
    pings.push({ seq, lat, lng })
  }
  return pings
}

if (import.meta.main) {
  const [kind, drivers, riders = '0', desks = '0'] = process.argv.slice(2)
  let live: (() => LiveFigures) | undefined
  process.on('message', (message) => {
    if (message === 'stop') process.exit(0)
    if (message === 'tidy') Bun.gc(true)
    // Nobody else pays for being watched.
    if (message === 'live') live ??= watchLoop()
    if (message === 'live') process.send?.(live?.())
    // Of the thread that serves alone, or of all.
    else process.send?.(message === 'serving' ? process.threadCpuUsage() : process.cpuUsage())
  })
  process.send?.(
    await (kind === 'bare' ? bare(Number(drivers)) : product(Number(drivers), Number(riders), Number(desks))),
  )
}
