/** One JSON line an event on standard output; the words that must never be written are removed here. */
import pino from 'pino'

export type Logger = pino.Logger
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

const SECRET_KEYS: ReadonlySet<string> = new Set([
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
  'set-cookie',
  'x-session-token',
  'x-csrf-token',
])
const CENSORED = '[removed]'
/** What is logged is flat or nearly so; deeper lies what a library keeps for itself. */
const DEEPEST = 4

/**
 * The same facts without what must never be written, copied only where there is something to remove. By hand, since
 * pino's own redaction walks all its paths for every line, which costs more than the rest of a short request.
 */
function withoutSecrets<T>(value: T, depth = 0): T {
  if (typeof value !== 'object' || value === null || value instanceof Error || depth > DEEPEST) return value
  let copy: Record<string, unknown> | null = null
  const facts = value as Record<string, unknown>
  for (const key of Object.keys(facts)) {
    const kept = SECRET_KEYS.has(key) ? CENSORED : withoutSecrets(facts[key], depth + 1)
    if (kept === facts[key]) continue
    copy ??= (Array.isArray(value) ? [...value] : { ...facts }) as Record<string, unknown>
    copy[key] = kept
  }
  return (copy ?? value) as T
}

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
    formatters: { level: (label) => ({ level: label }), log: (facts) => withoutSecrets(facts) },
    serializers: { error: (error: Error) => withoutSecrets(pino.stdSerializers.err(error)) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** The logger of one request, socket or tick: each of its lines carries the same `correlationId`. */
export function correlated(log: Logger, correlationId: string): Logger {
  return log.child({ correlationId })
}
