import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { sql } from 'kysely'
import { parseConfig } from '../../src/io/config.ts'
import { createLog } from '../../src/io/log.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { connect, type Database, open } from '../../src/io/postgres.ts'
import { type Cluster, startPostgres } from '../support/postgres.ts'
import { freePort, makeTempDir, removeDir } from '../support/servers.ts'

const TIMEOUT_MS = 30_000
const SECRET = 'x'.repeat(32)

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  )

describe('a database that is away', () => {
  let cluster: Cluster
  let database: Database

  beforeAll(async () => {
    cluster = await startPostgres({ flavour: 'embedded' })
    database = await open(cluster.connection, 2, createLog('silent'))
  }, TIMEOUT_MS)
  afterAll(async () => {
    await database.stop()
    await cluster.stop()
  }, TIMEOUT_MS)

  const ask = () => sql<{ one: number }>`select 1 as one`.execute(database.db)

  test(
    'when it is killed the work in hand fails as an outside failure, and later work succeeds by itself',
    async () => {
      const working = failureOf(sql`select pg_sleep(3)`.execute(database.db))
      const killedPid = cluster.pid()!
      process.kill(killedPid, 'SIGKILL')
      expect(await working).toBeInstanceOf(OutsideError)
      while (cluster.pid() === killedPid || cluster.pid() === null) await Bun.sleep(20)
      while ((await failureOf(ask())) !== null) await Bun.sleep(20)
      expect((await ask()).rows).toEqual([{ one: 1 }])
    },
    TIMEOUT_MS,
  )

  test(
    'when it hangs new work is given up, not queued for ever, and goes on once it answers',
    async () => {
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'honeycab'
      and pid <> pg_backend_pid()`.execute(database.db)
      const pid = cluster.pid()!
      // Both connections the pool may have are busy, or have to be made by a server that does not answer.
      process.kill(pid, 'SIGSTOP')
      const failures = await Promise.all(
        [1, 2, 3].map(() => failureOf(sql`select pg_sleep(3)`.execute(database.db))),
      )
      process.kill(pid, 'SIGCONT')
      const given = failures.filter((failure) => failure !== null)
      expect(given.length).toBeGreaterThan(0)
      for (const failure of given) expect(failure).toBeInstanceOf(OutsideError)
      expect((await ask()).rows).toEqual([{ one: 1 }])
    },
    TIMEOUT_MS,
  )

  test(
    'a statement that takes too long is ended by the server and the connection stays good',
    async () => {
      const error = await failureOf(sql`select pg_sleep(60)`.execute(database.db))
      expect(error).toMatchObject({ code: '57014' })
      expect((await ask()).rows).toEqual([{ one: 1 }])
    },
    TIMEOUT_MS,
  )
})

describe('a start without a database', () => {
  test('an address where nobody listens is said in one line, without the password', async () => {
    const port = freePort()
    const config = parseConfig({
      DATABASE_URL: `postgres://honeycab:hunter2@127.0.0.1:${port}/cabs`,
      SESSION_SECRETS: SECRET,
    })
    const error = await failureOf(connect(config, createLog('silent')))
    expect(error).toBeInstanceOf(OutsideError)
    const { message } = error as OutsideError
    expect(message).toContain(`127.0.0.1:${port}/cabs`)
    expect(message).not.toContain('hunter2')
    expect(message).not.toContain('\n')
  })

  test('with the embedded one a folder that cannot be made is said in one line', async () => {
    const top = makeTempDir('away')
    await Bun.write(join(top, 'file'), '')
    const config = parseConfig({ DATA_DIR: join(top, 'file', 'data') })
    const error = await failureOf(connect(config, createLog('silent')))
    expect((error as Error).message).toContain(join(top, 'file', 'data'))
    removeDir(top)
  })
})
