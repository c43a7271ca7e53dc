import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFIG_VARIABLES, parseConfig } from '../../src/io/config.ts'

const ROOT = join(import.meta.dir, '..', '..')
const read = (name: string) => readFileSync(join(ROOT, name), 'utf8')

interface Package {
  packageManager: string
  scripts: Record<string, string>
}
interface Service {
  image?: string
  build?: string
  command?: string[]
  environment?: Record<string, string>
  ports?: string[]
  healthcheck?: { test: string[] }
  depends_on?: Record<string, { condition: string }>
}
interface Fly {
  kill_signal: string
  kill_timeout: number
  build: { dockerfile: string }
  deploy: { release_command: string }
  env: Record<string, string>
  http_service: { internal_port: number; checks: { path: string }[] }
  checks: Record<string, { port: number; path: string }>
}

const manifest = JSON.parse(read('package.json')) as Package
const compose = Bun.YAML.parse(read('compose.yaml')) as { services: Record<string, Service>; volumes: object }
const fly = Bun.TOML.parse(read('fly.toml')) as unknown as Fly
const dockerfile = read('Dockerfile').split('\n')
const instructions = (name: string) =>
  dockerfile.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1))

const HEALTH_PATHS = ['/health/live', '/health/ready']
/** Of src/cli.ts that a server is started or prepared with. */
const COMMANDS = ['serve', 'migrate']
const DEFAULT_PORT = parseConfig({}).port

function expectOurCommand(words: readonly string[]): void {
  expect(words.slice(0, 2)).toEqual(['bun', 'src/cli.ts'])
  expect(COMMANDS).toContain(words[2]!)
  expect(existsSync(join(ROOT, words[1]!))).toBe(true)
  const offered = Object.values(manifest.scripts)
  expect(offered).toContain(words.join(' '))
}

describe('the container image', () => {
  test('it stands on the Bun that the project is pinned to', () => {
    const version = manifest.packageManager.replace('bun@', '')
    expect(instructions('FROM')).toEqual([`oven/bun:${version}-debian`])
  })

  test('it copies only what exists, and what the ignore file lets through', () => {
    const copied = instructions('COPY').flatMap((line) => line.split(' ').slice(0, -1))
    const allowed = read('.dockerignore')
      .split('\n')
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1))
    expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
    expect(copied.toSorted()).toEqual(allowed.toSorted())
  })

  test('it does not run as root, listens where it says, and starts the server', () => {
    expect(instructions('USER')).toEqual(['bun'])
    expect(instructions('EXPOSE')).toEqual([String(DEFAULT_PORT)])
    expectOurCommand(JSON.parse(instructions('CMD').at(-1)!))
    const settings = Object.fromEntries(
      instructions('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('='))),
    )
    expect(Object.keys(settings).filter((name) => !CONFIG_VARIABLES.includes(name))).toEqual([])
    expect(parseConfig(settings)).toMatchObject({ port: DEFAULT_PORT, host: '0.0.0.0', dataDir: '/data' })
  })
})

describe('the compose file', () => {
  test('every service is built here or named by image, and waits only for services with a health check', () => {
    for (const service of Object.values(compose.services)) {
      expect(service.build === '.' || service.image !== undefined).toBe(true)
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const awaited = compose.services[name]!
        expect(condition).toBe(
          awaited.healthcheck === undefined ? 'service_completed_successfully' : 'service_healthy',
        )
      }
    }
  })

  test('what it sets for us is what we read, once its placeholders are filled', () => {
    const { app, migrate } = compose.services
    const filled = Object.fromEntries(
      Object.entries(app!.environment!).map(([name, value]) => [name, fillIn(value)]),
    )
    expect(Object.keys(filled).filter((name) => !CONFIG_VARIABLES.includes(name))).toEqual([])
    const config = parseConfig(filled)
    expect(new URL(config.databaseUrl!).hostname).toBe('postgres')
    expect(new URL(config.redisUrl!).hostname).toBe('redis')
    expect(Object.keys(compose.services)).toContain('redis')
    expect(migrate!.environment).toEqual(app!.environment!)
    expectOurCommand(migrate!.command!)
  })

  test('the server is reached on loopback at our port', () => {
    expect(compose.services.app!.ports).toEqual([`127.0.0.1:${DEFAULT_PORT}:${DEFAULT_PORT}`])
  })
})

/** `${NAME:-default}` as compose fills it; what must be given is long enough for a secret. */
function fillIn(text: string): string {
  return text.replaceAll(/\$\{(\w+):([?-])([^}]*)\}/g, (_all, _name, kind: string, rest: string) =>
    kind === '-' ? rest : 'x'.repeat(32),
  )
}

describe('the Fly.io file', () => {
  test('it builds our image, checks our health paths on the port we listen on', () => {
    expect(existsSync(join(ROOT, fly.build.dockerfile))).toBe(true)
    const port = parseConfig(fly.env).port
    expect(fly.http_service.internal_port).toBe(port)
    for (const check of Object.values(fly.checks)) expect(check.port).toBe(port)
    const paths = [...fly.http_service.checks, ...Object.values(fly.checks)].map((check) => check.path)
    expect(paths.toSorted()).toEqual(HEALTH_PATHS)
  })

  test('it stops us with SIGTERM and leaves time for it, and sets only what we read', () => {
    expect(fly.kill_signal).toBe('SIGTERM')
    expect(fly.kill_timeout).toBeGreaterThan(10)
    expect(Object.keys(fly.env).filter((name) => !CONFIG_VARIABLES.includes(name))).toEqual([])
    expectOurCommand(fly.deploy.release_command.split(' '))
  })
})

describe('the example environment', () => {
  const lines = read('.env.example').split('\n')

  test('it names every variable we read, once, and no other', () => {
    const named = lines
      .map((line) => /^#?([A-Z][A-Z0-9_]*)=/.exec(line)?.[1])
      .filter((name) => name !== undefined)
    expect(named.toSorted()).toEqual(CONFIG_VARIABLES.toSorted())
  })

  test('what it sets is what holds without it', () => {
    const set = Object.fromEntries(
      lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('=', 2)),
    )
    expect(parseConfig(set)).toEqual(parseConfig({}))
  })
})

describe('the commands', () => {
  test('scripts that start something name a file that exists', () => {
    const files = Object.values(manifest.scripts).flatMap((script) => script.match(/\bsrc\/\S+\.ts\b/g) ?? [])
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  })

  test('the demo installs without the tools of development, the tests with them', () => {
    expect(manifest.scripts.demo).toStartWith('bun install --frozen-lockfile --production && ')
    expect(manifest.scripts.test).toStartWith('bun install --frozen-lockfile && ')
  })

  test('CI runs the command that tests run by, on the pinned Bun', () => {
    const script = read('.ci/run')
    expect(script).toContain('packageManager')
    expect(script).toContain('npx --yes "$BUN" run test')
  })
})
