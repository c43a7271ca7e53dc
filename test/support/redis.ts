/** A Redis server of a test's own, which it may empty, freeze, end and start again on the same port. */
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from 'redis'
import { findServer, freePort, makeTempDir, reapWithUs, removeDir } from './servers.ts'

export interface TestRedis {
  /** For `REDIS_URL`. */
  url: string
  flush(): Promise<void>
  /** As a machine that hangs: connections stay open, nothing is answered. */
  freeze(): void
  thaw(): void
  /** As a machine that died; what it held is gone. */
  kill(): Promise<void>
  /** Once killed: an empty one on the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const START_DEADLINE_MS = 10_000
const PORT_TRIES = 5

export async function startRedis(): Promise<TestRedis> {
  const program = findServer('redis')
  if (program === null) throw new Error('no redis-server on this machine')
  const folder = makeTempDir('redis')
  reapWithUs(folder)
  let { running, port } = await startSomewhere(program, folder)
  const url = `redis://127.0.0.1:${port}`
  const kill = async () => {
    running.process.kill('SIGKILL')
    await running.ended
  }
  return {
    url,
    flush: () => withRedis(url, async (client) => void (await client.flushAll())),
    freeze: () => void running.process.kill('SIGSTOP'),
    thaw: () => void running.process.kill('SIGCONT'),
    kill,
    restart: async () => {
      const started = await startOn(program, folder, port)
      if (started === null) throw new Error(`port ${port} was taken meanwhile`)
      running = started
    },
    stop: async () => {
      await kill()
      removeDir(folder)
    },
  }
}

async function startSomewhere(program: string, folder: string) {
  for (let tries = 0; tries < PORT_TRIES; tries++) {
    const port = freePort()
    const running = await startOn(program, folder, port)
    if (running !== null) return { running, port }
  }
  throw new Error(`redis-server did not start on ${PORT_TRIES} ports`)
}

async function startOn(program: string, folder: string, port: number) {
  const flags = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ]
  const child = spawn(program, flags, { stdio: 'ignore', detached: true })
  child.unref()
  writeFileSync(join(folder, 'redis.pid'), `${child.pid}\n`)
  let exited = false
  const ended = new Promise<void>((done) => {
    child.on('exit', () => {
      exited = true
      done()
    })
  })
  const deadlineMs = performance.now() + START_DEADLINE_MS
  while (!exited && performance.now() < deadlineMs) {
    try {
      await withRedis(`redis://127.0.0.1:${port}`, async (client) => void (await client.ping()))
      return { process: child, ended }
    } catch {
      await Bun.sleep(20)
    }
  }
  child.kill('SIGKILL')
  return null
}

function oneTryClient(url: string) {
  return createClient({ url, socket: { reconnectStrategy: false, connectTimeout: 1_000 } })
}

/** Run `body` with one connection that does not try again, closed afterwards. */
export async function withRedis<T>(
  url: string,
  body: (client: ReturnType<typeof oneTryClient>) => Promise<T>,
): Promise<T> {
  const client = oneTryClient(url)
  client.on('error', () => {})
  try {
    await client.connect()
    return await body(client)
  } finally {
    client.destroy()
  }
}
