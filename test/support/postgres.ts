/** Throwaway databases: a cluster a test process, a migrated template in it, and a clone for whoever asks. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/io/embedded-postgres.ts'
import { createLog } from '../../src/io/log.ts'
import { migrate } from '../../src/io/migrate.ts'
import { type Database, open } from '../../src/io/postgres.ts'
import { postmasterPid } from '../../src/io/postmaster-pid.ts'
import { chooseRunAs, runToEnd } from '../../src/io/run-as.ts'
import { type DatabaseTwin, findServer, freePort, makeTempDir, reapWithUs, removeDir } from './servers.ts'

/** Nothing here must survive a power cut, and the suite must be quick. */
const FORGETFUL = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
const TEMPLATE = 'honeycab_template'
const START_DEADLINE_MS = 30_000

export interface Cluster {
  connection: pg.ClientConfig
  /** For `DATABASE_URL`; null for the embedded one, which has a socket only. */
  url: string | null
  pid(): number | null
  /** End it and remove its folder. */
  stop(): Promise<void>
}

/** A cluster of one's own, to be stopped, killed or frozen; for anything else take `testDatabase`. */
export async function startPostgres(options: {
  flavour: DatabaseTwin
  /** Existing and empty, or a cluster of before; by default a fresh temporary one. */
  folder?: string
  /** As in production: what was acknowledged survives a crash. */
  durable?: boolean
}): Promise<Cluster> {
  const folder = options.folder ?? makeTempDir('pg')
  mkdirSync(folder, { recursive: true })
  reapWithUs(folder)
  const settings = options.durable === true ? {} : FORGETFUL
  if (options.flavour === 'server') return startServer(folder, settings)
  const server: EmbeddedPostgres = await startEmbeddedPostgres(folder, { settings })
  const stop = async () => {
    await server.stop()
    removeDir(folder)
  }
  return { connection: server.connection, url: null, pid: server.pid, stop }
}

async function startServer(folder: string, settings: Record<string, string>): Promise<Cluster> {
  const binaries = findServer('postgres-server')
  if (binaries === null) throw new Error('no Postgres server on this machine')
  const cluster = join(folder, 'cluster')
  const runAs = chooseRunAs(binaries, folder, cluster)
  if (!existsSync(cluster)) {
    mkdirSync(cluster, { mode: 0o700 })
    runAs.own(cluster)
    const flags = [
      '-D',
      cluster,
      '-U',
      'honeycab',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    ]
    const made = await runToEnd(runAs, join(binaries, 'initdb'), flags)
    if (made.exitCode !== 0) throw new Error(made.output)
  }
  const port = freePort()
  const all = { ...settings, port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args } = runAs.wrap(join(binaries, 'postgres'), ['-D', cluster, ...flags])
  const log = openSync(join(folder, 'postgres.log'), 'a')
  spawn(command, args, {
    ...runAs.ids,
    env: runAs.env,
    cwd: '/',
    stdio: ['ignore', log, log],
    detached: true,
  }).unref()

  const connection = { host: '127.0.0.1', port, user: 'honeycab', database: 'postgres' }
  await untilReady(connection)
  const stop = async () => {
    const pid = postmasterPid(cluster)
    if (pid !== null) process.kill(pid, 'SIGINT')
    while (postmasterPid(cluster) !== null) await Bun.sleep(20)
    removeDir(folder)
  }
  const url = `postgres://honeycab@127.0.0.1:${port}/postgres`
  return { connection, url, pid: () => postmasterPid(cluster), stop }
}

async function untilReady(connection: pg.ClientConfig): Promise<void> {
  const deadlineMs = performance.now() + START_DEADLINE_MS
  for (;;) {
    try {
      return await withClient(connection, async () => {})
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await Bun.sleep(20)
    }
  }
}

/** Run `body` with one connection, closed afterwards. */
export async function withClient<T>(
  connection: pg.ClientConfig,
  body: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection)
  client.on('error', () => {})
  try {
    await client.connect()
    return await body(client)
  } finally {
    await client.end().catch(() => {})
  }
}

export interface TestDatabase extends Database {
  /** For `DATABASE_URL` of a process under test; null on the embedded Postgres. */
  url: string | null
}

/**
 * A migrated, empty database of one's own, on a cluster that the whole test process shares; a few
 * milliseconds. `stop` drops it.
 */
export async function testDatabase(flavour: DatabaseTwin = 'embedded'): Promise<TestDatabase> {
  const cluster = await sharedCluster(flavour)
  const name = `test_${crypto.randomUUID().replaceAll('-', '')}`
  const maintenance = { ...cluster.connection, database: 'postgres' }
  await withClient(maintenance, (client) => client.query(`create database ${name} template ${TEMPLATE}`))
  const connection = { ...cluster.connection, database: name }
  const drop = () =>
    withClient(maintenance, async (client) => {
      await client.query(`drop database ${name} with (force)`)
    })
  const database = await open(connection, 20, createLog('silent'), drop)
  const url = cluster.url === null ? null : new URL(`/${name}`, cluster.url).href
  return { ...database, url }
}

const clusters = new Map<DatabaseTwin, Promise<Cluster>>()

function sharedCluster(flavour: DatabaseTwin): Promise<Cluster> {
  const running = clusters.get(flavour) ?? startWithTemplate(flavour)
  clusters.set(flavour, running)
  return running
}

async function startWithTemplate(flavour: DatabaseTwin): Promise<Cluster> {
  const cluster = await startPostgres({ flavour })
  const maintenance = { ...cluster.connection, database: 'postgres' }
  await withClient(maintenance, (client) => client.query(`create database ${TEMPLATE}`))
  await migrate({ ...cluster.connection, database: TEMPLATE })
  return cluster
}
