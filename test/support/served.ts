/** Honeycab as it runs for real: a process of its own, started, watched, stopped and killed by a test. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTempDir, reapWithUs, removeDir } from './servers.ts'

const CLI = join(import.meta.dir, '..', '..', 'src', 'cli.ts')
/** Shared by the processes of one test, as in production. */
export const SECRET = 'a secret of the tests that is long enough to sign with'
const READY_WITHIN_MS = 60_000
const POLL_MS = 25

export interface ServedOptions {
  readonly command?: 'serve' | 'demo'
  readonly databaseUrl?: string | null
  readonly redisUrl?: string | null
  /** By default one the system chooses. */
  readonly port?: number
  /** By default a temporary one that goes with the process. */
  readonly dataDir?: string
  readonly env?: Readonly<Record<string, string>>
}

export interface Served {
  readonly pid: number
  /** An origin. */
  readonly address: string
  readonly port: number
  /** All it has printed so far. */
  output(): string
  errors(): string
  /** How long the start took until it was ready for traffic. */
  readonly readyAfterMs: number
  signal(name: 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'): void
  /** As a power cut: nothing is finished, nothing is said. */
  kill(): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number>
}

interface Spawned {
  readonly child: ReturnType<typeof Bun.spawn>
  output(): string
  errors(): string
}

function spawn(options: ServedOptions & { dataDir: string }): Spawned {
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? '',
    HOME: process.env.HOME ?? '',
    PORT: String(options.port ?? 0),
    DATA_DIR: options.dataDir,
    SESSION_SECRETS: SECRET,
    RATE_LIMIT_EXEMPT: '127.0.0.1',
    TILE_URL: '',
    LOG_LEVEL: 'info',
    ...(options.databaseUrl && { DATABASE_URL: options.databaseUrl }),
    ...(options.redisUrl && { REDIS_URL: options.redisUrl }),
    ...options.env,
  }
  const child = Bun.spawn([process.execPath, CLI, options.command ?? 'serve'], {
    env,
    cwd: options.dataDir,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  return { child, output: collect(child.stdout), errors: collect(child.stderr) }
}

function collect(stream: ReadableStream<Uint8Array>): () => string {
  const decoder = new TextDecoder()
  let text = ''
  void (async () => {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true })
  })()
  return () => text
}

/**
 * Start a process and wait until it takes traffic.
 * @throws with what it printed, when it ended instead
 */
export async function startServed(options: ServedOptions): Promise<Served> {
  const startedAtMs = performance.now()
  const ownDir = makeTempDir('served')
  const { child, output, errors } = spawn({ dataDir: ownDir, ...options })
  writeFileSync(join(ownDir, 'served.pid'), `${child.pid}\n`)
  reapWithUs(ownDir)
  const kill = async () => {
    child.kill('SIGKILL')
    await child.exited
    removeDir(ownDir)
  }
  try {
    const address = await untilReady({ child, output, errors }, options.port)
    return {
      pid: child.pid,
      address,
      port: Number(new URL(address).port),
      output,
      errors,
      readyAfterMs: performance.now() - startedAtMs,
      signal: (name) => child.kill(name),
      kill,
      async stop() {
        child.kill('SIGTERM')
        const exitCode = await child.exited
        removeDir(ownDir)
        return exitCode
      },
    }
  } catch (error) {
    await kill()
    throw error
  }
}

async function untilReady({ child, output, errors }: Spawned, port?: number): Promise<string> {
  const deadlineMs = performance.now() + READY_WITHIN_MS
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const said = /Honeycab runs at (\S+)/.exec(output())?.[1]?.replace('localhost', '127.0.0.1')
    // What it says is where people come in, which is another place when something stands in front.
    const address = said && port ? `http://127.0.0.1:${port}` : said
    if (address !== undefined && (await isReady(address))) return address
    await Bun.sleep(POLL_MS)
  }
  throw new Error(`it did not start (exit code ${child.exitCode}): ${errors()}\n${output()}`)
}

/** Whether it says that it takes traffic. */
export async function isReady(address: string): Promise<boolean> {
  return fetch(`${address}/health/ready`).then(
    (response) => response.ok,
    () => false,
  )
}

/** Run a start that is expected to fail; by default each in a folder of its own. */
export async function failedStart(
  options: ServedOptions,
): Promise<{ exitCode: number; output: string; errors: string }> {
  const ownDir = makeTempDir('served')
  const { child, output, errors } = spawn({ dataDir: ownDir, ...options })
  const exitCode = await child.exited
  removeDir(ownDir)
  return { exitCode, output: output(), errors: errors() }
}

/** The value of one sample of a metrics page, such as `honeycab_cars{region="a",state="free"}`; 0 when absent. */
export async function metric(address: string, sample: string): Promise<number> {
  const text = await (await fetch(`${address}/metrics`)).text()
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `))
  return line === undefined ? 0 : Number(line.slice(sample.length + 1))
}

/**
 * Wait until something is so.
 * @returns milliseconds it took
 * @throws when it is not so in time
 */
export async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<number> {
  const startedAtMs = performance.now()
  while (!(await isSo())) {
    if (performance.now() - startedAtMs > withinMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await Bun.sleep(POLL_MS)
  }
  return performance.now() - startedAtMs
}
