/** One JSON line an event on standard output; the words that must never be written are removed here. */
import pino from 'pino'

export type Logger = pino.Logger
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

const SECRET_KEYS = [
  'password',
  'passwordHash',
  'token',
  'secret',
  'secrets',
  'cookie',
  'authorization',
  'csrf',
  'sessionSecrets',
  'databaseUrl',
  'redisUrl',
  'metricsToken',
  '["set-cookie"]',
  '["x-session-token"]',
  '["x-csrf-token"]',
]
/** pino matches a key where the path says it lies, so the depths that occur are spelled out. */
const REDACTED = SECRET_KEYS.flatMap((key) =>
  key.startsWith('[') ? [key, `*${key}`, `*.*${key}`] : [key, `*.${key}`, `*.*.${key}`],
)

/**
 * A logger whose lines read `{"level":"info","time":"…","event":"ride.requested",…}`.
 * @param destination where lines go; standard output unless a test wants to read them
 */
export function createLog(level: LogLevel, destination?: { write(line: string): void }): Logger {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[removed]' },
    serializers: { error: pino.stdSerializers.err },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The logger of one request, socket or tick: each of its lines carries the same `correlationId`. */
export function correlated(log: Logger, correlationId: string): Logger {
  return log.child({ correlationId })
}
