/** What the README and the docs promise to a reader: links that lead somewhere, and commands that run as written. */
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Glob } from 'bun'
import { until } from './support/served.ts'
import { freePort, makeTempDir, removeDir } from './support/servers.ts'

const ROOT = join(import.meta.dir, '..')
const readme = await Bun.file(join(ROOT, 'README.md')).text()
const { packageManager, scripts } = (await Bun.file(join(ROOT, 'package.json')).json()) as {
  packageManager: string
  scripts: Record<string, string>
}
const folder = makeTempDir('readme')
afterAll(() => removeDir(folder))

/** The lines of the shell blocks. */
function commands(markdown: string): string[] {
  return [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = '']) => block.trim().split('\n'))
}

async function run(
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([process.execPath, ...command], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, err }
}

describe('the README', () => {
  test('gives exactly the two commands for a fresh machine, on the pinned Bun', () => {
    const fresh = commands(readme).filter((line) => line.startsWith('npx'))
    expect(fresh).toEqual([`npx --yes ${packageManager} run demo`, `npx --yes ${packageManager} run test`])
  })

  test('names only scripts that exist', () => {
    const named = [...readme.matchAll(/\bbun run ([a-z]+)/g)].map(([, name]) => name!)
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
  })

  test('replays the shipped hour by the command it shows', async () => {
    const line = commands(readme).find((command) => command.startsWith('bun run replay'))
    const { code, out, err } = await run([...line!.split(' ').slice(1), '--json'])
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out.trim().split('\n').at(-1)!)).toMatchObject({
      policy: 'batch',
      fleet: 2500,
      seed: 1,
    })
  }, 120_000)

  test('migrates and starts by the commands it shows, on a folder of its own', async () => {
    const env = { DATA_DIR: join(folder, 'data'), PORT: String(freePort()), LOG_LEVEL: 'warn' }
    expect((await run(['run', 'migrate'], env)).code).toBe(0)
    const child = Bun.spawn([process.execPath, 'src/cli.ts', 'serve'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdout: 'ignore',
      stderr: 'inherit',
    })
    expect(scripts.start).toBe('bun src/cli.ts serve')
    try {
      const ready = () =>
        fetch(`http://127.0.0.1:${env.PORT}/health/ready`).then(
          (answer) => answer.ok,
          () => false,
        )
      await until('the server is ready', ready, 60_000)
    } finally {
      child.kill('SIGTERM')
    }
    expect(await child.exited).toBe(0)
  }, 120_000)

  test('every bench gives right answers only', async () => {
    const { code, out } = await run(['run', 'bench', '--json'], { BENCH_SMALL: '1' })
    const reports = out
      .split('\n')
      .filter((line) => line.startsWith('{"bench"'))
      .map((line) => JSON.parse(line) as { bench: string; wrong: number })
    expect(reports.map(({ bench, wrong }) => [bench, wrong])).toEqual([
      ['nearest', 0],
      ['update', 0],
      ['wire', 0],
      ['fanout', 0],
      ['live', 0],
      ['redis', 0],
      ['views', 0],
      ['pages', 0],
      ['board', 0],
      ['assign', 0],
      ['eta', 0],
      ['replay', 0],
      ['session', 0],
      ['sign-in', 0],
      ['watchdog', 0],
      ['trace', 0],
    ])
    expect(code).toBe(0)
  }, 480_000)
})

test('links and pictures of the documents lead to files that are there', async () => {
  const missing: string[] = []
  for await (const file of new Glob('{*.md,docs/**/*.md,samples/**/*.md}').scan(ROOT)) {
    const text = await Bun.file(join(ROOT, file)).text()
    for (const [, target = ''] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g))
      if (!/^[a-z]+:/.test(target) && !existsSync(join(ROOT, dirname(file), target)))
        missing.push(`${file}: ${target}`)
  }
  expect(missing).toEqual([])
})
