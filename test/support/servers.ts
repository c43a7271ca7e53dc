/** Which real servers this machine has, how a suite asks for one, and how none outlives the tests. */
import { describe, test } from 'bun:test'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type Server = 'postgres-server' | 'redis' | 'chromium'

const CHROMIUM_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]
/** Debian keeps each major beside the others; Homebrew and most others put one on the path. */
const DEBIAN_POSTGRES = '/usr/lib/postgresql'

/** Where the program lies, or null when this machine has none. */
export function findServer(server: Server): string | null {
  if (server === 'redis') return Bun.which('redis-server')
  if (server === 'postgres-server') return findPostgresBin()
  return process.env.CHROMIUM || CHROMIUM_PATHS.find((path) => existsSync(path)) || Bun.which('chromium')
}

function findPostgresBin(): string | null {
  const majors = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : []
  const newestFirst = majors.toSorted((a, b) => Number(b) - Number(a))
  const folder = newestFirst
    .map((major) => join(DEBIAN_POSTGRES, major, 'bin'))
    .find((bin) => existsSync(join(bin, 'postgres')))
  const onPath = Bun.which('postgres')
  return folder ?? (onPath === null ? null : join(onPath, '..'))
}

const inCi = () => process.env.CI === 'true'

/**
 * A suite that needs a server: where it is missing the suite shows as skipped, and in CI (`CI=true`), where
 * nothing may be skipped, as failed.
 */
export function describeWith(server: Server, name: string, body: () => void): void {
  if (findServer(server) !== null) {
    describe(name, body)
  } else if (inCi()) {
    const refuse = () => {
      throw new Error(`CI must have ${server}; nothing may be skipped there`)
    }
    describe(name, () => {
      test(`${server} is installed`, refuse)
    })
  } else {
    describe.skip(`${name} (no ${server} on this machine)`, body)
  }
}

export type StoreTwin = 'memory' | 'redis'
export type DatabaseTwin = 'embedded' | 'server'

/** `BACKENDS=memory,embedded` runs fewer on a laptop; CI runs all. */
function chosen<T extends string>(all: readonly T[]): T[] {
  const wanted = process.env.BACKENDS?.split(',').map((name) => name.trim())
  return all.filter((twin) => inCi() || wanted === undefined || wanted.includes(twin))
}

/** One suite a twin of the position store and the bus: `describeStores('positions', (twin) => …)`. */
export function describeStores(name: string, body: (twin: StoreTwin) => void): void {
  for (const twin of chosen<StoreTwin>(['memory', 'redis'])) {
    if (twin === 'memory') describe(`${name} (memory)`, () => body(twin))
    else describeWith('redis', `${name} (redis)`, () => body(twin))
  }
}

/** One suite a kind of Postgres: the embedded 18, and the one installed on the machine. */
export function describeDatabases(name: string, body: (twin: DatabaseTwin) => void): void {
  for (const twin of chosen<DatabaseTwin>(['embedded', 'server'])) {
    if (twin === 'embedded') describe(`${name} (embedded Postgres)`, () => body(twin))
    else describeWith('postgres-server', `${name} (Postgres server)`, () => body(twin))
  }
}

/** A port nobody listens on now; somebody else may still be quicker, so callers try again. */
export function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } })
  const { port } = listener
  listener.stop(true)
  return port
}

/** A folder under the system's temporary one; short, because sockets lie in it. */
export function makeTempDir(label: string): string {
  return mkdtempSync(join(tmpdir(), `hc-${label}-`))
}

/**
 * Watches us from outside: however we end, it then kills what the folder's pid files name and removes the
 * folder. In the background of a shell that ends at once, because `--isolate` kills the children of a file.
 */
const REAPER = `
alive() { kill -0 "$1" 2>/dev/null && ! grep -qs ') Z ' "/proc/$1/stat"; }
(
  while alive "$2" && [ -d "$1" ]; do sleep 0.5; done
  for file in "$1"/*.pid "$1"/*/postmaster.pid; do
    [ -f "$file" ] && kill -KILL "$(head -n 1 "$file")" 2>/dev/null
  done
  sleep 0.2
  rm -rf "$1"
) &
`

/** See that servers whose pid files lie in `folder` (`*.pid`, or a Postgres cluster one level down) end with us. */
export function reapWithUs(folder: string): void {
  spawn('/bin/sh', ['-c', REAPER, 'sh', folder, String(process.pid)], {
    stdio: 'ignore',
    detached: true,
  }).unref()
}

export function removeDir(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
