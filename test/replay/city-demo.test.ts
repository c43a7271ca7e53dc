import { afterAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { freePort, makeTempDir, reapWithUs, removeDir } from '../support/servers.ts'

const CLI = join(import.meta.dir, '..', '..', 'src', 'cli.ts')
const folders: string[] = []
afterAll(() => {
  for (const folder of folders) removeDir(folder)
})

function runDemo(settings: Record<string, string>) {
  const dataDir = makeTempDir('demo')
  folders.push(dataDir)
  reapWithUs(dataDir)
  const { DATABASE_URL: _database, REDIS_URL: _redis, ...env } = process.env
  return Bun.spawn([process.execPath, CLI, 'demo'], {
    env: { ...env, PORT: '0', DATA_DIR: dataDir, ...settings },
    stdout: 'pipe',
    stderr: 'pipe',
  })
}

/** What was said up to the line that fits. What comes after it is read, too: nobody hangs up on the demo. */
async function saidUntil(stream: ReadableStream<Uint8Array>, wanted: RegExp): Promise<string> {
  let said = ''
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    said += decoder.decode(read.value, { stream: true })
    if (!wanted.test(said)) continue
    void (async () => {
      while (!(await reader.read()).done);
    })()
    return said
  }
  throw new Error(`the demo ended before it said ${wanted}: ${said}`)
}

describe('the demo command', () => {
  test('shows its progress, the sign-ins, and the pulse of a city at work; Ctrl-C ends it in order', async () => {
    const demo = runDemo({})
    // On a busy machine the first pulse may come before the last driver is awake.
    const said = await saidUntil(demo.stdout, /^demo: cars 200, .*\n/m)
    expect(said).toContain('Migrating the database')
    expect(said).toMatch(/Honeycab runs at http:\/\/localhost:\d+/)
    for (const name of ['ada', 'bo', 'ines', 'max'])
      expect(said).toMatch(new RegExp(`${name}@demo\\.honeycab +[a-z]+-[a-z]+-[a-z]+-\\d{4} +http`))
    expect(said).toMatch(/^demo: cars 200, waiting \d+, on the way \d+, riding \d+, completed \d+$/m)
    demo.kill('SIGINT')
    expect([await demo.exited, await new Response(demo.stderr).text()]).toEqual([0, ''])
  }, 60_000)

  test('says in one line that its port is taken, and fails', async () => {
    const port = freePort()
    const taken = Bun.serve({ port, hostname: '127.0.0.1', fetch: () => new Response() })
    const demo = runDemo({ PORT: String(port) })
    expect(await demo.exited).toBe(1)
    expect(await new Response(demo.stderr).text()).toMatch(/^Port \d+ is taken\. .*\n$/)
    await taken.stop(true)
  }, 30_000)

  test('says in one line that its folder cannot be written, and fails', async () => {
    const demo = runDemo({ DATA_DIR: '/dev/null/data' })
    expect(await demo.exited).toBe(1)
    expect(await new Response(demo.stderr).text()).toMatch(
      /^DATA_DIR: expected a folder we may write to, .*\n$/,
    )
  }, 30_000)

  test('says in one line that the database cannot be reached, without its password, and fails', async () => {
    const demo = runDemo({
      DATABASE_URL: `postgres://honeycab:hidden@127.0.0.1:${freePort()}/honeycab`,
      SESSION_SECRETS: 'a secret long enough to sign with in tests',
    })
    expect(await demo.exited).toBe(1)
    const mistake = await new Response(demo.stderr).text()
    expect(mistake).toMatch(/^Cannot reach the database at 127\.0\.0\.1:\d+\/honeycab: .*\n$/)
    expect(mistake).not.toContain('hidden')
  }, 30_000)
})
