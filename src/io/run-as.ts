/**
 * Whom Postgres may run as. It refuses the superuser, yet containers and fresh servers often have nobody
 * else; and it refuses a user whom the system has no name for, as containers like to have.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, lchownSync, lstatSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
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
/** Whom to be inside a namespace: an ordinary first user, "nobody", "daemon"; one of them has a name anywhere. */
const INNER_UIDS = [1000, NOBODY, 1]
/** Nothing of our own environment (PGHOST, secrets) reaches the server. */
const ENV: Record<string, string> = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }

interface Ids {
  uid: number
  gid: number
}

/**
 * The first way that can run the binaries and reach the data folder.
 * @param cluster the database's own folder in `dataDir`, which may not exist yet
 * @throws OutsideError naming what to do when there is none
 */
export function chooseRunAs(binaries: string, dataDir: string, cluster: string): RunAs {
  const isRoot = process.getuid?.() === 0
  const self = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  // Who made the folder or the clone can certainly reach it, also in a home that is closed to others.
  const owners = isRoot ? [homeOwner(dataDir), homeOwner(binaries), { uid: NOBODY, gid: NOBODY }] : []
  const users = [isRoot ? ordinaryOwner(cluster) : null, self, ...owners].filter((user) => user !== null)
  const ways = users.flatMap((user) => (user.uid === 0 ? [mapped(user)] : [plain(user), mapped(user)]))
  const failures: string[] = []
  for (const way of ways) {
    const failure = tryOut(way, binaries, dataDir)
    if (failure === null) return way
    failures.push(failure)
  }
  throw new OutsideError(
    'postgres',
    `The embedded Postgres cannot run here as ${isRoot ? 'root' : `user ${self.uid}`} (${failures[0]}). ` +
      `Start Honeycab as ${isRoot ? 'an ordinary' : 'another'} user, or set DATABASE_URL to a Postgres 15 or newer.`,
  )
}

function ordinaryOwner(path: string): Ids | null {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found === undefined || found.uid === 0 ? null : { uid: found.uid, gid: found.gid }
}

/** The owner of the innermost folder on the way that is not root's: of a home, where root put a clone in one. */
function homeOwner(path: string): Ids | null {
  return ordinaryOwner(path) ?? (path === dirname(path) ? null : homeOwner(dirname(path)))
}

function plain(user: Ids): RunAs {
  return {
    ids: user.uid === process.getuid?.() ? {} : user,
    env: ENV,
    ownerUid: user.uid,
    wrap: (command, args) => ({ command, args: [...args] }),
    own: (path) => handOver(path, user),
  }
}

/**
 * A user namespace (util-linux): inside it runs as somebody with a name who is not root; outside, its files
 * and rights stay those of `user`, so folders closed to others are no obstacle.
 */
function mapped(user: Ids): RunAs {
  const inner = INNER_UIDS.find(hasName) ?? NOBODY
  const flags = ['--user', `--map-user=${inner}`, `--map-group=${inner}`, '--']
  return {
    ...plain(user),
    wrap: (command, args) => ({ command: 'unshare', args: [...flags, command, ...args] }),
  }
}

function hasName(uid: number): boolean {
  return spawnSync('id', ['-un', String(uid)], { stdio: 'ignore' }).status === 0
}

/** Null when it can enter the folder and run the binaries, else what the system said. */
function tryOut(way: RunAs, binaries: string, dataDir: string): string | null {
  const trial = ['-c', 'id -un && cd "$1" && "$2" --version', 'sh', dataDir, join(binaries, 'postgres')]
  const { command, args } = way.wrap('/bin/sh', trial)
  const tried = spawnSync(command, args, { ...way.ids, cwd: '/', env: way.env, encoding: 'utf8' })
  if (tried.status === 0) return null
  return tried.error?.message ?? tried.stderr.trim().split('\n').at(-1) ?? 'no reason given'
}

function handOver(path: string, { uid, gid }: Ids): void {
  if (lstatSync(path).uid === uid) return
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    lchownSync(join(entry.parentPath, entry.name), uid, gid)
  }
  // Last, because its owner says whether the rest was done.
  chownSync(path, uid, gid)
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
    const child = spawn(command, args, {
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
