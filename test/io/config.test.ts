import { describe, expect, test } from 'bun:test'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, loadConfig, parseConfig, withPort } from '../../src/io/config.ts'
import { makeTempDir, removeDir } from '../support/servers.ts'

const SECRET = 'a-secret-of-more-than-thirty-two-characters'

function problemsOf(env: Record<string, string>): ConfigError {
  try {
    parseConfig(env)
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error(`accepted ${JSON.stringify(env)}`)
}

describe('the configuration', () => {
  test('an empty environment is enough: loopback, embedded, everything of our own', () => {
    expect(parseConfig({})).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      dataDir: join(process.cwd(), 'data'),
      databaseUrl: null,
      redisUrl: null,
      publicUrl: 'http://localhost:3000',
      trustProxy: 0,
      rateLimitExempt: [],
      metricsToken: null,
      auditRetentionDays: 400,
      logLevel: 'info',
    })
  })

  test.each([
    ['PORT', 'eighty', 'whole number'],
    ['PORT', '65536', 'whole number'],
    ['PORT', '0x50', 'whole number'],
    ['PORT', '-1', 'whole number'],
    ['HOST', 'two words', 'without spaces'],
    ['DATABASE_POOL_SIZE', '1', '2 to 200'],
    ['DATABASE_URL', 'mysql://host/name', 'postgres://'],
    ['REDIS_URL', 'localhost:6379', 'redis://'],
    ['PUBLIC_URL', 'cabs.example.org', 'https://'],
    ['PUBLIC_URL', 'https://example.org/cabs', 'without a path'],
    ['PUBLIC_URL', 'ftp://example.org', 'origin'],
    ['ALLOWED_ORIGINS', 'https://a.example.org,nowhere', 'commas'],
    ['TRUST_PROXY', 'maybe', 'on, off'],
    ['TRUST_PROXY', '-1', 'how many proxies'],
    ['SMTP_URL', 'mail.example.org', 'smtp://'],
    ['MAIL_FROM', 'nobody', 'Example Cabs <'],
    ['MAIL_FROM', 'a@b.example, c@d.example', 'Example Cabs <'],
    ['SESSION_SECRETS', 'short', '32 characters'],
    ['S3_ENDPOINT', 's3.example.org', 'https://'],
    ['S3_REGION', 'EU West', 'region'],
    ['TILE_URL', 'https://tiles.example.org/{z}/{x}', '{y}'],
    ['GEOCODER', 'google', 'photon or mapbox'],
    ['GEOCODER', 'photon', 'because GEOCODER names it'],
    ['GEOCODER', 'mapbox', 'access token'],
    ['GEOCODER_URL', 'https://me:secret@photon.example.org', 'without a query'],
    ['GEOCODER_URL', 'photon.example.org', 'https://photon'],
    ['GEOCODER_PER_SECOND', '0', '1 to 100'],
    ['GEOCODER_CACHE_DAYS', '366', '0 to 365'],
    ['OUTGOING_PRIVATE_HOSTS', 'http://localhost', 'parted by commas'],
    ['OUTGOING_PRIVATE_HOSTS', 'localhost,10.0.0.0/8', 'parted by commas'],
    ['RATE_LIMIT_EXEMPT', '10.0.0.0/33', 'CIDR'],
    ['RATE_LIMIT_EXEMPT', 'localhost', 'CIDR'],
    ['METRICS_TOKEN', 'short', '16 characters'],
    ['AUDIT_RETENTION_DAYS', '7', '31 to'],
    ['LOG_LEVEL', 'loud', 'one of'],
  ])('%s=%s stops the start, names the variable and says what is expected', (variable, value, expected) => {
    const along: Record<string, string> =
      variable === 'DATABASE_URL'
        ? { SESSION_SECRETS: SECRET }
        : variable === 'SMTP_URL'
          ? { MAIL_FROM: 'a@b.example' }
          : {}
    const error = problemsOf({ ...along, [variable]: value })
    expect(error.problems).toHaveLength(1)
    // Some name another one that is missing beside them.
    const named =
      variable === 'GEOCODER' && value !== 'google' ? /^GEOCODER_(URL|KEY)$/ : new RegExp(`^${variable}$`)
    expect(error.problems[0]!.variable).toMatch(named)
    expect(error.message).toStartWith(`${error.problems[0]!.variable}: `)
    expect(error.message).toContain(expected)
    expect(error.message).not.toContain('\n')
  })

  test('all problems are told at once', () => {
    const error = problemsOf({ PORT: 'x', LOG_LEVEL: 'x' })
    expect(error.problems.map((problem) => problem.variable)).toEqual(['PORT', 'LOG_LEVEL'])
  })

  test('a wrong value that may hold a password is not repeated', () => {
    const secret = 'hunter2hunter2'
    const wrong = {
      DATABASE_URL: `mysql://me:${secret}@host/name`,
      REDIS_URL: `http://:${secret}@host`,
      SESSION_SECRETS: secret,
      METRICS_TOKEN: secret,
    }
    expect(problemsOf(wrong).message).not.toContain(secret)
  })

  test('a bucket needs the key that may use it, whose secret is never repeated', () => {
    const error = problemsOf({ S3_BUCKET: 'uploads' })
    expect(error.problems.map(({ variable }) => variable)).toEqual([
      'S3_ACCESS_KEY_ID',
      'S3_SECRET_ACCESS_KEY',
    ])
    expect(problemsOf({ S3_BUCKET: '../etc' }).message).toContain('S3_BUCKET: expected the name of a bucket')
    expect(parseConfig({}).bucket).toBeNull()
    const keys = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'secret' }
    expect(parseConfig({ S3_BUCKET: 'uploads', ...keys }).bucket).toEqual({
      ...{ name: 'uploads', endpoint: null, region: 'us-east-1' },
      ...{ accessKeyId: 'id', secretAccessKey: 'secret' },
    })
  })

  test('a geocoder is asked as its own rules say, unless said otherwise', () => {
    expect(parseConfig({}).geocoder).toBeNull()
    expect(
      parseConfig({ GEOCODER: 'nominatim', GEOCODER_URL: 'http://localhost:8080/nominatim/' }).geocoder,
    ).toEqual({
      ...{ name: 'nominatim', url: 'http://localhost:8080/nominatim', key: null },
      ...{ perSecond: 1, perDay: null, cacheDays: 30 },
    })
    expect(
      parseConfig({
        GEOCODER: 'mapbox',
        GEOCODER_KEY: 'pk.secret-token',
        GEOCODER_CACHE_DAYS: '0',
        GEOCODER_PER_DAY: '500',
      }).geocoder,
    ).toEqual({
      ...{ name: 'mapbox', url: 'https://api.mapbox.com', key: 'pk.secret-token' },
      ...{ perSecond: 10, perDay: 500, cacheDays: 0 },
    })
    expect(problemsOf({ GEOCODER: 'mapbox', GEOCODER_KEY: 'secret' }).message).not.toContain('secret"')
  })

  test('a shared database needs session secrets that its processes share', () => {
    const error = problemsOf({ DATABASE_URL: 'postgres://host/name' })
    expect(error.problems.map((problem) => problem.variable)).toEqual(['SESSION_SECRETS'])
  })

  test('several session secrets keep their order, the newest first', () => {
    expect(parseConfig({ SESSION_SECRETS: `${SECRET}-2, ${SECRET}-1` }).sessionSecrets).toEqual([
      `${SECRET}-2`,
      `${SECRET}-1`,
    ])
  })

  test('an empty value means the default, except for tiles, where it turns them off', () => {
    const config = parseConfig({ PORT: '', REDIS_URL: '', TILE_URL: '' })
    expect(config).toMatchObject({ port: 3000, redisUrl: null, tileUrl: null })
  })

  test('loopback accepts its three names; a public address only itself and those added', () => {
    expect(parseConfig({ PORT: '8080' }).allowedOrigins).toEqual([
      'http://localhost:8080',
      'http://127.0.0.1:8080',
      'http://[::1]:8080',
    ])
    const config = parseConfig({
      PUBLIC_URL: 'https://Cabs.example.org/',
      ALLOWED_ORIGINS: 'https://old.example.org',
    })
    expect(config.publicUrl).toBe('https://cabs.example.org')
    expect(config.allowedOrigins).toEqual(['https://cabs.example.org', 'https://old.example.org'])
  })

  test('a port chosen by the system moves the links along, not a public address that was given', () => {
    const moved = withPort(parseConfig({ PORT: '0', ALLOWED_ORIGINS: 'https://a.example.org' }), 4321)
    expect(moved).toMatchObject({ port: 4321, publicUrl: 'http://localhost:4321' })
    expect(moved.allowedOrigins).toContain('http://127.0.0.1:4321')
    expect(moved.allowedOrigins).toContain('https://a.example.org')
    expect(moved.allowedOrigins).not.toContain('http://localhost:0')
    expect(withPort(parseConfig({ PUBLIC_URL: 'https://a.example.org' }), 1).publicUrl).toBe(
      'https://a.example.org',
    )
  })

  test('without given secrets one is made once, and only its owner reads it', () => {
    const dataDir = makeTempDir('config')
    const first = loadConfig({ DATA_DIR: join(dataDir, 'data') })
    const second = loadConfig({ DATA_DIR: join(dataDir, 'data') })
    const path = join(dataDir, 'data', 'session-secret')
    expect(second.sessionSecrets).toEqual(first.sessionSecrets)
    expect(first.sessionSecrets).toEqual([readFileSync(path, 'utf8')])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    removeDir(dataDir)
  })

  test('a data folder that cannot be written is said by its variable and place', () => {
    const dataDir = makeTempDir('config')
    const file = join(dataDir, 'file')
    writeFileSync(file, '')
    expect(() => loadConfig({ DATA_DIR: join(file, 'data') })).toThrow(/^DATA_DIR: .*\/file\/data/)
    removeDir(dataDir)
  })
})
