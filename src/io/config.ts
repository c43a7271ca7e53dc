/** The environment, parsed once at the start; nothing else reads it. */
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { makeDataDir } from './data-dir.ts'
import type { LogLevel } from './log.ts'

/** An S3-compatible bucket for uploaded files. */
export interface BucketConfig {
  readonly name: string
  /** Null: Amazon's own, by region. */
  readonly endpoint: string | null
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

/** A geocoder elsewhere, for addresses our own list does not have. */
export interface GeocoderConfig {
  readonly name: 'nominatim' | 'photon' | 'mapbox'
  /** Without a slash at the end. */
  readonly url: string
  readonly key: string | null
  /** Questions all processes together may ask. */
  readonly perSecond: number
  readonly perDay: number | null
  /** How long answers are kept; 0: not at all. */
  readonly cacheDays: number
}

export interface Config {
  /** 0 lets the system choose; see `withPort`. */
  port: number
  host: string
  /** Absolute. Holds the embedded database, uploads and the made session secret. */
  dataDir: string
  /** Null: the embedded Postgres under `dataDir`. */
  databaseUrl: string | null
  databasePoolSize: number
  /** Null: uploads lie in a folder under `dataDir`. */
  bucket: BucketConfig | null
  /** Null: positions and news stay in this process. */
  redisUrl: string | null
  /** Where people reach us, an origin without a slash at the end; links are built from it. */
  publicUrl: string
  /** Null when `publicUrl` follows from the port. */
  publicUrlGiven: string | null
  /** Origins whose forms and sockets are accepted; `publicUrl` is one of them. */
  allowedOrigins: readonly string[]
  /** Origins beyond our own whose scripts may call the API. */
  corsOrigins: readonly string[]
  /** How many proxies of ours stand in front and write `X-Forwarded-For`; 0: the header is not read. */
  trustProxy: number
  /** The first signs, all verify; at least one after `loadConfig`. */
  sessionSecrets: readonly string[]
  /** Null: no tiles over our own map. */
  tileUrl: string | null
  tileAttribution: string
  /** Null: addresses are looked up in our own list alone. */
  geocoder: GeocoderConfig | null
  /** Hosts (`host` or `host:port`) that we may ask although they are at private addresses; others are refused there. */
  outgoingPrivateHosts: readonly string[]
  /** A Valhalla server; null: none. */
  valhallaUrl: string | null
  /** Absolute: a folder of routing tiles for Valhalla beside this process; null: none. */
  valhallaTiles: string | null
  /** Addresses and CIDR blocks that limits by address pass over. */
  rateLimitExempt: readonly string[]
  /** Null: letters are kept and not sent. */
  smtpUrl: string | null
  /** Who letters are from: an address, or `Name <address>`. */
  mailFrom: string
  /** Null: metrics for loopback only. */
  metricsToken: string | null
  /** Audit entries older than this are removed. */
  auditRetentionDays: number
  logLevel: LogLevel
}

export interface ConfigProblem {
  variable: string
  /** What is expected, and what was given where that is no secret. */
  message: string
}

/** The environment cannot be used; the message names each variable and what it should be. */
export class ConfigError extends Error {
  override name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(({ variable, message }) => `${variable}: ${message}`).join('; '))
    this.problems = problems
  }
}

/** Values of these never appear in a message: they may be, or hold, a password. */
const SECRET_VARIABLES = new Set([
  'DATABASE_URL',
  'REDIS_URL',
  'SESSION_SECRETS',
  'METRICS_TOKEN',
  'S3_SECRET_ACCESS_KEY',
  'SMTP_URL',
  'GEOCODER_KEY',
])
const MIN_SECRET_LENGTH = 32
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** `name@host`, or with a name of plain characters in front of it in angle brackets. */
const MAIL_FROM_FORM = /^(?:[^<>"@,;:\p{Cc}]+<[^<>\s@,;]+@[^<>\s@,;]+>|[^<>\s@,;]+@[^<>\s@,;]+)$/u
const OSM_TILES = 'https://tile.openstreetmap.org/{z}/{x}/{y}.png'
const OSM_ATTRIBUTION = '© OpenStreetMap contributors'

const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `expected a whole number from ${min} to ${max}`,
    })
    .transform(Number)

const urlOf = (protocols: readonly string[], example: string) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `expected an address like ${example}`,
  })

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

const httpOrigin = (text: string) => {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return ['http:', 'https:'].includes(url.protocol) && `${url.origin}/` === url.href
}

const SHAPE = {
  PORT: wholeNumber(0, 65535).default(3000),
  // Loopback: a first start on a laptop or a fresh server is not open to the network before someone says so.
  HOST: z
    .string()
    .regex(/^\S+$/, { error: 'expected an address or host name without spaces' })
    .default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: urlOf(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/name')
    .nullable()
    .default(null),
  DATABASE_POOL_SIZE: wholeNumber(2, 200).default(16),
  REDIS_URL: urlOf(['redis:', 'rediss:'], 'redis://host:6379').nullable().default(null),
  S3_BUCKET: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{1,62}$/, { error: 'expected the name of a bucket' })
    .nullable()
    .default(null),
  S3_ENDPOINT: z
    .string()
    .refine(httpOrigin, { error: 'expected an origin without a path, like https://s3.example.org' })
    .transform((text) => new URL(text).origin)
    .nullable()
    .default(null),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/, { error: 'expected a region, like eu-central-1' })
    .default('us-east-1'),
  S3_ACCESS_KEY_ID: z.string().nullable().default(null),
  S3_SECRET_ACCESS_KEY: z.string().nullable().default(null),
  PUBLIC_URL: z
    .string()
    .refine(httpOrigin, { error: 'expected an origin without a path, like https://cabs.example.org' })
    .transform((text) => new URL(text).origin)
    .nullable()
    .default(null),
  ALLOWED_ORIGINS: list
    .refine((origins) => origins.every(httpOrigin), {
      error: 'expected origins parted by commas, like https://a.example.org,https://b.example.org',
    })
    .transform((origins) => origins.map((origin) => new URL(origin).origin))
    .default([]),
  TRUST_PROXY: z
    .string()
    .regex(/^(on|off|true|false|[0-9])$/, { error: 'expected on, off, or how many proxies there are' })
    .transform((text) => ({ on: 1, true: 1, off: 0, false: 0 })[text] ?? Number(text))
    .default(0),
  SESSION_SECRETS: list
    .refine(
      (secrets) => secrets.length > 0 && secrets.every((secret) => secret.length >= MIN_SECRET_LENGTH),
      {
        error: `expected secrets of at least ${MIN_SECRET_LENGTH} characters, parted by commas, the newest first`,
      },
    )
    .default([]),
  TILE_URL: z
    .string()
    .refine(
      (text) =>
        text === '' ||
        (/^https?:\/\//.test(text) && ['{z}', '{x}', '{y}'].every((part) => text.includes(part))),
      {
        error: 'expected a tile address with {z}, {x} and {y}, or nothing for no tiles',
      },
    )
    .default(OSM_TILES),
  TILE_ATTRIBUTION: z.string().default(OSM_ATTRIBUTION),
  VALHALLA_URL: urlOf(['http:', 'https:'], 'https://valhalla.example.org').nullable().default(null),
  VALHALLA_TILES: z.string().nullable().default(null),
  GEOCODER: z
    .enum(['nominatim', 'photon', 'mapbox'], { error: 'expected nominatim, photon or mapbox' })
    .nullable()
    .default(null),
  GEOCODER_URL: z
    .string()
    .refine(isPlainHttp, { error: 'expected an address like https://photon.example.org, without a query' })
    .transform((text) => text.replace(/\/+$/, ''))
    .nullable()
    .default(null),
  GEOCODER_KEY: z.string().min(8, { error: 'expected at least 8 characters' }).nullable().default(null),
  GEOCODER_PER_SECOND: wholeNumber(1, 100).nullable().default(null),
  GEOCODER_PER_DAY: wholeNumber(1, 999_999_999).nullable().default(null),
  GEOCODER_CACHE_DAYS: wholeNumber(0, 365).default(30),
  OUTGOING_PRIVATE_HOSTS: list
    .refine((hosts) => hosts.every(isHost), {
      error: 'expected hosts parted by commas, like localhost,valhalla.internal:8002',
    })
    .transform((hosts) => hosts.map((host) => host.toLowerCase()))
    .default([]),
  RATE_LIMIT_EXEMPT: list
    .refine((blocks) => blocks.every(isAddressOrBlock), {
      error: 'expected addresses or CIDR blocks parted by commas, like 127.0.0.1,10.0.0.0/8',
    })
    .default([]),
  SMTP_URL: urlOf(['smtp:', 'smtps:'], 'smtp://user:password@mail.example.org:587').nullable().default(null),
  MAIL_FROM: z
    .string()
    .regex(MAIL_FROM_FORM, { error: 'expected an address, like Example Cabs <hello@cabs.example.org>' })
    .nullable()
    .default(null),
  METRICS_TOKEN: z.string().min(16, { error: 'expected at least 16 characters' }).nullable().default(null),
  // Less than a month would not let anybody look into what happened; the database refuses it too.
  AUDIT_RETENTION_DAYS: wholeNumber(31, 36_500).default(400),
  LOG_LEVEL: z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
}
const ENVIRONMENT = z.object(SHAPE)

/** The environment variables we read, in the order in which they are explained. */
export const CONFIG_VARIABLES: readonly string[] = Object.keys(SHAPE)

/** What may be left out, said by an empty value too: `PORT=` in a file means the default. */
const EMPTY_IS_A_VALUE = new Set(['TILE_URL', 'TILE_ATTRIBUTION'])

/**
 * Read the configuration out of an environment. Touches nothing else: `sessionSecrets` is empty where it is
 * to be made by `loadConfig`.
 * @throws ConfigError with every problem at once
 */
export function parseConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.keys(SHAPE)
      .map((name) => [name, EMPTY_IS_A_VALUE.has(name) ? env[name] : env[name]?.trim() || undefined] as const)
      .filter(([, value]) => value !== undefined),
  )
  const parsed = ENVIRONMENT.safeParse(given)
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => problemOf(issue, given))
  if (given.DATABASE_URL !== undefined && given.SESSION_SECRETS === undefined) {
    const message = `expected a secret of at least ${MIN_SECRET_LENGTH} characters, because DATABASE_URL is set and several processes must share it`
    problems.push({ variable: 'SESSION_SECRETS', message })
  }
  if (given.S3_BUCKET !== undefined)
    for (const variable of ['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'])
      if (given[variable] === undefined)
        problems.push({ variable, message: 'expected the key that may use S3_BUCKET' })
  if ((given.GEOCODER === 'nominatim' || given.GEOCODER === 'photon') && given.GEOCODER_URL === undefined)
    problems.push({
      variable: 'GEOCODER_URL',
      message: `expected the address of your ${given.GEOCODER}, because GEOCODER names it`,
    })
  if (given.GEOCODER === 'mapbox' && given.GEOCODER_KEY === undefined)
    problems.push({
      variable: 'GEOCODER_KEY',
      message: 'expected an access token, because GEOCODER is mapbox',
    })
  if (given.SMTP_URL !== undefined && given.MAIL_FROM === undefined)
    problems.push({
      variable: 'MAIL_FROM',
      message: 'expected the address letters come from, because SMTP_URL is set',
    })
  if (given.VALHALLA_URL !== undefined && given.VALHALLA_TILES !== undefined)
    problems.push({ variable: 'VALHALLA_TILES', message: 'expected nothing, because VALHALLA_URL is set' })
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const value = parsed.data
  const base = {
    host: value.HOST,
    dataDir: resolve(value.DATA_DIR),
    databaseUrl: value.DATABASE_URL,
    databasePoolSize: value.DATABASE_POOL_SIZE,
    redisUrl: value.REDIS_URL,
    bucket: bucketOf(value),
    trustProxy: value.TRUST_PROXY,
    sessionSecrets: value.SESSION_SECRETS,
    tileUrl: value.TILE_URL === '' ? null : value.TILE_URL,
    tileAttribution: value.TILE_ATTRIBUTION,
    geocoder: geocoderOf(value),
    outgoingPrivateHosts: value.OUTGOING_PRIVATE_HOSTS,
    valhallaUrl: value.VALHALLA_URL,
    valhallaTiles: value.VALHALLA_TILES === null ? null : resolve(value.VALHALLA_TILES),
    rateLimitExempt: value.RATE_LIMIT_EXEMPT,
    smtpUrl: value.SMTP_URL,
    mailFrom: value.MAIL_FROM ?? 'honeycab@localhost',
    metricsToken: value.METRICS_TOKEN,
    auditRetentionDays: value.AUDIT_RETENTION_DAYS,
    logLevel: value.LOG_LEVEL,
  }
  return { ...base, ...addresses(value.PORT, value.PUBLIC_URL, value.ALLOWED_ORIGINS) }
}

function bucketOf(value: z.infer<typeof ENVIRONMENT>): BucketConfig | null {
  const { S3_BUCKET: name, S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = value
  if (name === null || accessKeyId === null || secretAccessKey === null) return null
  return { name, endpoint: value.S3_ENDPOINT, region: value.S3_REGION, accessKeyId, secretAccessKey }
}

const MAPBOX = 'https://api.mapbox.com'
/** The public Nominatim's own rule; others are asked more. */
const PER_SECOND = { nominatim: 1, photon: 10, mapbox: 10 }

function geocoderOf(value: z.infer<typeof ENVIRONMENT>): GeocoderConfig | null {
  const { GEOCODER: name, GEOCODER_URL: given, GEOCODER_KEY: key, GEOCODER_CACHE_DAYS: cacheDays } = value
  const url = given ?? (name === 'mapbox' ? MAPBOX : null)
  if (name === null || url === null) return null
  const perSecond = value.GEOCODER_PER_SECOND ?? PER_SECOND[name]
  return { name, url, key, perSecond, perDay: value.GEOCODER_PER_DAY, cacheDays }
}

/** The configuration once the system has chosen a port: links and origins that follow from it move along. */
export function withPort(config: Config, port: number): Config {
  return { ...config, ...addresses(port, config.publicUrlGiven, config.corsOrigins) }
}

function addresses(port: number, publicUrlGiven: string | null, added: readonly string[]) {
  const own = ownOrigins(port, publicUrlGiven)
  const corsOrigins = added.filter((origin) => !own.includes(origin))
  return {
    ...{ port, publicUrl: own[0]!, publicUrlGiven, corsOrigins },
    allowedOrigins: [...new Set([...own, ...added])],
  }
}

function ownOrigins(port: number, publicUrlGiven: string | null): string[] {
  if (publicUrlGiven !== null) return [publicUrlGiven]
  // One machine's three names for itself; which one a browser shows depends on what was typed.
  return ['localhost', '127.0.0.1', '[::1]'].map((host) => new URL(`http://${host}:${port}`).origin)
}

/** An http address that may have a path, and nothing behind it or in front of its host. */
function isPlainHttp(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, search, hash, username, password } = new URL(text)
  return ['http:', 'https:'].includes(protocol) && search + hash + username + password === ''
}

/** A name or address as it stands in a URL, with or without a port, and nothing else. */
function isHost(text: string): boolean {
  if (!URL.canParse(`tcp://${text}`)) return false
  const url = new URL(`tcp://${text}`)
  return url.host.toLowerCase() === text.toLowerCase() && url.hostname !== ''
}

function isAddressOrBlock(text: string): boolean {
  const [address = '', bits, rest] = text.split('/')
  const family = isIP(address)
  if (family === 0 || rest !== undefined) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}

function problemOf(issue: z.core.$ZodIssue, given: Record<string, string | undefined>): ConfigProblem {
  const variable = String(issue.path[0])
  const shown = SECRET_VARIABLES.has(variable) ? '' : `, got "${given[variable] ?? ''}"`
  return { variable, message: `${issue.message}${shown}` }
}

/**
 * The configuration of this process: `parseConfig`, then the data folder and the session secret on disk.
 * @throws ConfigError when a value is wrong or the data folder cannot be written
 */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const config = parseConfig(env)
  if (config.sessionSecrets.length > 0) return config
  try {
    makeDataDir(config.dataDir)
    return { ...config, sessionSecrets: [readOrMakeSecret(join(config.dataDir, 'session-secret'))] }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new ConfigError([
      {
        variable: 'DATA_DIR',
        message: `expected a folder we may write to, got "${config.dataDir}" (${why})`,
      },
    ])
  }
}

function readOrMakeSecret(path: string): string {
  const made = `${path}.${process.pid}`
  writeFileSync(made, crypto.getRandomValues(new Uint8Array(32)).toHex(), { mode: 0o600 })
  try {
    // A link appears whole or not at all: of two processes starting at once, both read the first one's secret.
    linkSync(made, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(made)
  }
  const secret = readFileSync(path, 'utf8').trim()
  if (secret.length < MIN_SECRET_LENGTH) throw new Error(`${path} does not hold a secret; remove it`)
  return secret
}
