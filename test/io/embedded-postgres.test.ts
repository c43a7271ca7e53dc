import { afterEach, describe, expect, test } from 'bun:test'
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/io/embedded-postgres.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { withClient } from '../support/postgres.ts'
import { makeTempDir, reapWithUs, removeDir } from '../support/servers.ts'

const TIMEOUT_MS = 30_000
const STRANGER_UID = 1234
const CHILD = join(import.meta.dir, '..', 'support', 'embedded-child.ts')
const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** A data folder whose server ends with the test, whatever happens in it. */
function dataFolder(...below: string[]): string {
  const top = makeTempDir('embedded')
  const dataDir = join(top, ...below)
  mkdirSync(dataDir, { recursive: true })
  reapWithUs(dataDir)
  cleanups.push(() => removeDir(top))
  return dataDir
}

async function start(dataDir: string): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(dataDir)
  cleanups.push(() => server.stop())
  return server
}

/** As root only: whether that user can read this clone, which may itself lie in root's closed home. */
function canReachUs(uid: number): boolean {
  return spawnSync('/bin/ls', [import.meta.dir], { uid, gid: uid, stdio: 'ignore' }).status === 0
}

async function startChild(dataDir: string) {
  const child = Bun.spawn([process.execPath, CHILD, dataDir], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  })
  cleanups.push(() => child.kill('SIGKILL'))
  const first = await child.stdout.getReader().read()
  const said = JSON.parse(new TextDecoder().decode(first.value)) as { pid: number; adopted: boolean }
  return { child, ...said }
}

const countRows = (server: EmbeddedPostgres) =>
  withClient(server.connection, async (client) => {
    const found = await client.query('select count(*)::int as count from kept')
    return found.rows[0].count as number
  })

describe('the embedded Postgres', () => {
  test(
    'the first start makes a database, the next one finds what was in it',
    async () => {
      const dataDir = dataFolder()
      const first = await start(dataDir)
      expect(first.adopted).toBe(false)
      await withClient(first.connection, (client) => client.query('create table kept as select 1 as id'))
      await first.stop()
      expect(first.pid()).toBeNull()

      const second = await start(dataDir)
      expect(await countRows(second)).toBe(1)
    },
    TIMEOUT_MS,
  )

  test(
    'what it acknowledged survives its being killed in the middle of inserts, and it comes back by itself',
    async () => {
      const dataDir = dataFolder()
      const server = await start(dataDir)
      const killedPid = server.pid()!
      let acknowledged = 0
      await withClient(server.connection, async (client) => {
        await client.query('create table kept (id serial primary key)')
        await expect(
          (async () => {
            for (;;) {
              await client.query('insert into kept default values')
              acknowledged += 1
              if (acknowledged === 200) process.kill(killedPid, 'SIGKILL')
            }
          })(),
        ).rejects.toThrow()
      })
      while (server.pid() === killedPid || server.pid() === null) await Bun.sleep(20)
      const again = await start(dataDir)
      const kept = await countRows(again)
      expect(acknowledged).toBeGreaterThanOrEqual(200)
      // One more may have been written whose answer the kill cut off.
      expect(kept - acknowledged).toBeOneOf([0, 1])
    },
    TIMEOUT_MS,
  )

  test(
    'the orphan of a killed process is adopted, not started twice',
    async () => {
      const dataDir = dataFolder()
      const { child, pid } = await startChild(dataDir)
      child.kill('SIGKILL')
      await child.exited

      const server = await start(dataDir)
      expect(server.adopted).toBe(true)
      expect(server.pid()).toBe(pid)
      await server.stop()
      expect(server.pid()).toBeNull()
    },
    TIMEOUT_MS,
  )

  test(
    'of two processes that start at once one serves both, and the last to leave ends it',
    async () => {
      const dataDir = dataFolder()
      const [child, server] = await Promise.all([startChild(dataDir), start(dataDir)])
      expect(child.pid).toBe(server.pid()!)
      await server.stop()
      expect(server.pid()).toBe(child.pid)
      child.child.stdin.end()
      await child.child.exited
      expect(server.pid()).toBeNull()
    },
    TIMEOUT_MS,
  )

  test(
    "a lock file that names somebody else's process does not keep it from starting",
    async () => {
      const dataDir = dataFolder()
      const first = await start(dataDir)
      await first.stop()
      writeFileSync(join(dataDir, 'postgres', 'postmaster.pid'), `${process.pid}\n${dataDir}\n1\n5432\n`)
      const second = await start(dataDir)
      expect(second.adopted).toBe(false)
    },
    TIMEOUT_MS,
  )

  test(
    'a first start that was cut off leaves nothing that looks like a database',
    async () => {
      const dataDir = dataFolder()
      const leftover = join(dataDir, 'postgres.new-1')
      mkdirSync(leftover)
      writeFileSync(join(leftover, 'PG_VERSION'), '18\n')
      utimesSync(leftover, 0, 0)
      await start(dataDir)
      expect(readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-'))).toEqual([])
    },
    TIMEOUT_MS,
  )

  test(
    'it works below a folder that others cannot enter, whoever owns it',
    async () => {
      const dataDir = dataFolder('home', 'data')
      const home = join(dataDir, '..')
      chmodSync(join(home, '..'), 0o711)
      chmodSync(home, 0o700)
      if (process.getuid?.() === 0 && canReachUs(STRANGER_UID)) {
        chownSync(dataDir, STRANGER_UID, STRANGER_UID)
        chownSync(home, STRANGER_UID, STRANGER_UID)
      }
      const server = await start(dataDir)
      expect(
        await withClient(server.connection, async (client) => (await client.query('select 1')).rowCount),
      ).toBe(1)
      expect(statSync(join(dataDir, 'postgres')).mode & 0o077).toBe(0)
    },
    TIMEOUT_MS,
  )

  test(
    'where the path is too long for a socket, the socket lies in a closed folder elsewhere',
    async () => {
      const dataDir = dataFolder('a'.repeat(60), 'b'.repeat(60))
      const server = await start(dataDir)
      const socketDir = server.connection.host!
      cleanups.push(() => removeDir(socketDir))
      expect(socketDir.startsWith(dataDir)).toBe(false)
      expect(statSync(socketDir).mode & 0o077).toBe(0)
      expect(existsSync(join(socketDir, '.s.PGSQL.5432'))).toBe(true)
    },
    TIMEOUT_MS,
  )

  test('a data folder that cannot be made is said in one line that names it', async () => {
    const dataDir = dataFolder()
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    const error = await startEmbeddedPostgres(join(file, 'data')).then(
      () => null,
      (error: unknown) => error,
    )
    expect(error).toBeInstanceOf(OutsideError)
    const { message } = error as OutsideError
    expect(message).toContain(join(file, 'data'))
    expect(message).toContain('DATA_DIR')
    expect(message).not.toContain('\n')
  })
})
