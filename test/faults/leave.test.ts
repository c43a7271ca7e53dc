import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres, type TestDatabase, testDatabase } from '../support/postgres.ts'
import { failedStart, isReady, SECRET, type Served, startServed, until } from '../support/served.ts'
import { describeWith, freePort, makeTempDir, removeDir } from '../support/servers.ts'
import { foundTown, phoneAt, type Town } from '../support/town.ts'

/** What a process that is told to go may take. */
const OUT_WITHIN_MS = 10_000

describeWith('postgres-server', 'a process told to go', () => {
  let database: TestDatabase
  let town: Town
  let leaving: Served
  let staying: Served

  beforeAll(async () => {
    database = await testDatabase('server')
    town = await foundTown(database, { drivers: 1, riders: 1 })
    leaving = await startServed({ databaseUrl: database.url })
    staying = await startServed({ databaseUrl: database.url })
  }, 40_000)
  afterAll(async () => {
    await leaving?.kill()
    await staying?.stop()
    await database?.stop()
  }, 20_000)

  test('it says that it is not ready, closes sockets with 1012, finishes what is under way, and exits 0', async () => {
    const socket = new WebSocket(`${leaving.address.replace('http', 'ws')}/live/driver?format=json`, {
      headers: { cookie: town.drivers[0]!.cookie },
    } as unknown as string[])
    const closed = new Promise<number>((resolve) =>
      socket.addEventListener('close', ({ code }) => resolve(code)),
    )
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }))
    const session = town.drivers[0]!
    const phone = phoneAt(town, leaving.address, session)
    const { body } = await phone.get('/api/v1/driver')
    const { vehicles } = body as { vehicles: { id: string }[] }

    // Half of the request is there before the signal, the other half comes once the sockets are closed.
    const text = new TextEncoder().encode(JSON.stringify({ vehicleId: vehicles[0]!.id }))
    const rest = Promise.withResolvers<void>()
    const underWay = fetch(`${leaving.address}/api/v1/driver/shift`, {
      method: 'POST',
      headers: {
        cookie: session.cookie,
        'x-csrf-token': session.csrf,
        'content-type': 'application/json',
        'idempotency-key': town.random.uuid(),
      },
      body: new ReadableStream({
        async start(controller) {
          controller.enqueue(text.slice(0, 5))
          await rest.promise
          controller.enqueue(text.slice(5))
          controller.close()
        },
      }),
    })
    await phone.get('/api/v1/driver')
    await phone.get('/api/v1/driver')

    const startedAtMs = performance.now()
    const exited = leaving.stop()
    await until('it says that it is not ready', async () => (await readiness(leaving.address)) === 503, 2_000)
    expect(await closed).toBe(1012)
    rest.resolve()
    expect((await underWay).status).toBe(201)
    expect(await exited).toBe(0)
    expect(performance.now() - startedAtMs).toBeLessThan(OUT_WITHIN_MS)
  }, 20_000)

  test('the other process goes on, and sees what was finished', async () => {
    expect(await isReady(staying.address)).toBe(true)
    const { body } = await phoneAt(town, staying.address, town.drivers[0]!).get('/api/v1/driver')
    expect(body).toMatchObject({ shift: { id: expect.any(String) } })
  })

  test('told twice at once, as by one Ctrl-C through a package runner, it still leaves in order', async () => {
    staying.signal('SIGTERM')
    await Bun.sleep(100)
    expect(await staying.stop()).toBe(0)
  }, 20_000)
})

/** Status of the readiness page; 0 where nobody listens. */
const readiness = (address: string) =>
  fetch(`${address}/health/ready`).then(
    ({ status }) => status,
    () => 0,
  )

describeWith('postgres-server', 'a process told to go while the database is away', () => {
  test('it leaves within its time all the same', async () => {
    const cluster = await startPostgres({ flavour: 'server' })
    const served = await startServed({ databaseUrl: cluster.url })
    await cluster.stop()
    const startedAtMs = performance.now()
    expect(await served.stop()).toBe(0)
    expect(performance.now() - startedAtMs).toBeLessThan(OUT_WITHIN_MS)
  }, 40_000)
})

describe('a start that cannot be', () => {
  const oneLine = (text: string) => text.trim().split('\n').length === 1

  for (const command of ['serve', 'demo'] as const) {
    test(`${command}: a port that is taken`, async () => {
      const port = freePort()
      const taken = Bun.serve({ port, hostname: '127.0.0.1', fetch: () => new Response() })
      const failed = await failedStart({ command, port })
      taken.stop(true)
      expect(failed.exitCode).not.toBe(0)
      expect(failed.errors).toContain(`Port ${port} is taken`)
      expect(oneLine(failed.errors)).toBe(true)
    }, 30_000)

    test(`${command}: a data folder that cannot be written`, async () => {
      const top = makeTempDir('folder')
      writeFileSync(join(top, 'file'), '')
      for (const secrets of ['', SECRET]) {
        const failed = await failedStart({
          command,
          env: { SESSION_SECRETS: secrets, DATA_DIR: join(top, 'file', 'data') },
        })
        expect(failed.exitCode).not.toBe(0)
        expect(failed.errors).toContain(join(top, 'file', 'data'))
        expect(oneLine(failed.errors)).toBe(true)
      }
      removeDir(top)
    }, 20_000)

    test(`${command}: a database that nobody serves`, async () => {
      const port = freePort()
      const failed = await failedStart({
        command,
        databaseUrl: `postgres://honeycab:hunter2@127.0.0.1:${port}/cabs`,
      })
      expect(failed.exitCode).not.toBe(0)
      expect(failed.errors).toContain(`127.0.0.1:${port}/cabs`)
      expect(failed.errors).not.toContain('hunter2')
      expect(oneLine(failed.errors)).toBe(true)
    }, 20_000)
  }
})
