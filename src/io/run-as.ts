/**
 * Whom Postgres may run as. It refuses the superuser, yet containers and fresh servers often have nobody
 * else; so as root it runs where it does not see that it is root, or as the user "nobody".
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, lchownSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { OutsideError } from './outside.ts'

export interface RunAs {
  /** Options for `spawn`. */
  ids: { uid?: number; gid?: number }
  env: Record<string, string>
  /** Who owns the files it makes, as we see them. */
  ownerUid: number
  wrap(command: string, args: readonly string[]): { command: string; args: string[] }
  /** Hand a folder of ours, and all in it, to it. */
  own(path: string): void
}

const NOBODY = 65534
/** Nothing of our own environment (PGHOST, secrets) reaches the server. */
const ENV: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

const SELF: RunAs = {
  ids: {},
  env: ENV,
  ownerUid: process.getuid?.() ?? 0,
  wrap: (command, args) => ({ command, args: [...args] }),
  own: () => {},
}

/** A user namespace (util-linux): inside it is uid 1000, outside its files stay root's, so closed folders are no obstacle. */
const MAPPED: RunAs = {
  ...SELF,
  own: (path) => handOver(path, 0, 0),
  wrap: (command, args) => ({
    command: 'unshare',
    args: ['--user', '--map-user=1000', '--map-group=1000', '--', command, ...args],
  }),
}

function asUser(uid: number, gid: number): RunAs {
  return {
    ids: { uid, gid },
    env: ENV,
    ownerUid: uid,
    wrap: SELF.wrap,
    own: (path) => handOver(path, uid, gid),
  }
}

function handOver(path: string, uid: number, gid: number): void {
  if (lstatSync(path).uid === uid) return
  chownSync(path, uid, gid)
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid)
  }
}

/**
 * The first way that can run the binaries and reach the data folder.
 * @param cluster the database's own folder in `dataDir`, which may not exist yet
 * @throws OutsideError naming what to do when there is none
 */
export function chooseRunAs(binaries: string, dataDir: string, cluster: string): RunAs {
  if (process.getuid?.() !== 0) return SELF
  const owners = [dataDir, binaries].flatMap(ordinaryOwner)
  const ways = [...ordinaryOwner(cluster), MAPPED, ...owners, asUser(NOBODY, NOBODY)]
  for (const way of ways) {
    const trial = ['-c', 'cd "$1" && "$2" --version', 'sh', dataDir, join(binaries, 'postgres')]
    const { command, args } = way.wrap('/bin/sh', trial)
    if (spawnSync(command, args, { ...way.ids, cwd: '/', env: way.env, stdio: 'ignore' }).status === 0)
      return way
  }
  throw new OutsideError(
    'postgres',
    `Postgres does not run as root, and neither user namespaces nor uid ${NOBODY} can reach ${binaries} and ${dataDir}. ` +
      'Start Honeycab as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whoever made it (a data folder from before, a clone in somebody's home) can certainly reach it. */
function ordinaryOwner(path: string): RunAs[] {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined || found.uid === 0 ? [] : [asUser(found.uid, found.gid)]
}

/** Run a command to its end and collect what it wrote. */
export function runToEnd(
  runAs: RunAs,
  program: string,
  arguments_: readonly string[],
): Promise<{ exitCode: number; output: string }> {
  const { command, args } = runAs.wrap(program, arguments_)
  return new Promise((done) => {
    let output = ''
    const child: ChildProcess = spawn(command, args, {
      ...runAs.ids,
      env: runAs.env,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const collect = (chunk: unknown) => {
      output += String(chunk)
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    child.on('error', (error) => done({ exitCode: 127, output: error.message }))
    child.on('close', (code) => done({ exitCode: code ?? 1, output }))
  })
}
