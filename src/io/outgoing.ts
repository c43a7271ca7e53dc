/**
 * The one way out over HTTP: to hosts the configuration names, never to private addresses unless an operator named that host,
 * without redirects, within a deadline and a size. What is asked from outside (an address somebody types) can choose what is
 * asked for, and never whom.
 */
import { lookup as systemLookup } from 'node:dns'
import http from 'node:http'
import https from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import type { Config } from './config.ts'
import { reachOf } from './outgoing/addresses.ts'
import { OutsideError, type OutsideService } from './outside.ts'

export type OutgoingRefusal =
  /** Not http or https, with a name and password in it, or no address at all. */
  | 'bad_address'
  /** Nobody configured this host and port. */
  | 'host_not_allowed'
  | 'private_address'
  /** The name is unknown, or its servers do not answer. */
  | 'no_such_name'
  | 'redirected'
  | 'timed_out'
  | 'too_large'
  /** Refused, reset, or a certificate that is not theirs. */
  | 'unreachable'

/** A request that was not made, or whose answer was not taken. */
export class OutgoingError extends OutsideError {
  override name = 'OutgoingError'
  readonly reason: OutgoingRefusal

  constructor(
    service: OutsideService,
    reason: OutgoingRefusal,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(service, message, options)
    this.reason = reason
  }
}

export interface OutgoingRequest {
  /** Whom it is for, in errors and logs. */
  readonly service: OutsideService
  readonly url: string | URL
  /** With a body it is a POST. */
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
  /** For the whole of it: name, connection, answer. 3 s unless said. */
  readonly timeoutMs?: number
  /** Of the answer's body. 1 MiB unless said. */
  readonly maxBytes?: number
  /** Ends it early, as `timed_out`. */
  readonly signal?: AbortSignal
}

export interface OutgoingAnswer {
  /** 200 to 299, 304 or 400 to 599: whether that is good is the asker's to say. */
  readonly status: number
  /** By lower-case name; of several the first. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

export interface Outgoing {
  /**
   * Ask.
   * @throws OutgoingError with the reason; never anything else
   */
  ask(request: OutgoingRequest): Promise<OutgoingAnswer>
  /** Let go of idle connections. */
  close(): void
}

export interface OutgoingOptions {
  /** Addresses from the configuration; their scheme, host and port are allowed, whatever the path. */
  readonly allowed: readonly string[]
  /** Of those, which may be at private addresses: `host` or `host:port`, named by the operator. */
  readonly privateHosts: readonly string[]
  /** Names to addresses; the system's unless a test says otherwise. */
  readonly lookup?: LookupFunction
  /** A certificate authority to trust, for tests. */
  readonly ca?: string
}

const DEFAULT_TIMEOUT_MS = 3_000
const DEFAULT_MAX_BYTES = 1_048_576
/** More at once to one host wait, against their deadline. */
const MOST_SOCKETS = 16
const IDLE_SOCKETS = 4

/** The way out to what this configuration names; every address of it that we ask over HTTP stands here. */
export function openOutgoing(config: Config): Outgoing {
  const named = [config.geocoder?.url, config.valhallaUrl]
  const allowed = named.filter((address) => address != null)
  return makeOutgoing({ allowed, privateHosts: config.outgoingPrivateHosts })
}

export function makeOutgoing(options: OutgoingOptions): Outgoing {
  const allowed = new Set(options.allowed.map((address) => new URL(address).origin))
  const named = new Set(options.privateHosts.map((host) => host.toLowerCase()))
  const pool = { keepAlive: true, maxSockets: MOST_SOCKETS, maxFreeSockets: IDLE_SOCKETS }
  const agents = { http: new http.Agent(pool), https: new https.Agent(pool) }

  const mayBePrivate = (url: URL) => named.has(url.host) || named.has(url.hostname)

  /** The address itself, or what its name led to, is no place for us to go. */
  function isBarred(address: string, url: URL): boolean {
    const reach = reachOf(address)
    return reach === 'never' || (reach === 'private' && !mayBePrivate(url))
  }

  function settle(request: OutgoingRequest): URL {
    const { service } = request
    const url = URL.canParse(String(request.url)) ? new URL(request.url) : null
    if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username || url.password)
      throw new OutgoingError(service, 'bad_address', 'not an http address')
    if (!allowed.has(url.origin))
      throw new OutgoingError(service, 'host_not_allowed', `${url.origin} is not configured`)
    const literal = url.hostname.replace(/^\[|\]$/g, '')
    if (isIP(literal) !== 0 && isBarred(literal, url)) throw barred(service, url)
    return url
  }

  /**
   * Looks the name up when a connection is made, and hands on only what was checked: a name that changes its mind between
   * a check and the connection (DNS rebinding) gains nothing.
   */
  const guardedLookup =
    (request: OutgoingRequest, url: URL): LookupFunction =>
    (hostname, lookupOptions, done) => {
      const find = options.lookup ?? (systemLookup as LookupFunction)
      find(hostname, { ...lookupOptions, all: true }, (error, addresses) => {
        const found = Array.isArray(addresses) ? addresses : []
        if (error !== null || found.length === 0) {
          const message = `${hostname} has no address`
          done(new OutgoingError(request.service, 'no_such_name', message, { cause: error }), '', 0)
        } else if (found.some(({ address }) => isBarred(address, url))) {
          // One bad address among good ones is a bad name: which one is taken would be chance.
          done(barred(request.service, url), '', 0)
        } else if (lookupOptions.all === true) done(null, found)
        else done(null, found[0]!.address, found[0]!.family)
      })
    }

  function once(request: OutgoingRequest, url: URL, deadline: AbortSignal): Promise<OutgoingAnswer> {
    const { service, body, maxBytes = DEFAULT_MAX_BYTES } = request
    const late = () => new OutgoingError(service, 'timed_out', `${url.host} took too long`)
    if (deadline.aborted) return Promise.reject(late())
    return new Promise((resolve, reject) => {
      const isTls = url.protocol === 'https:'
      const sent = (isTls ? https : http).request(url, {
        method: body === undefined ? 'GET' : 'POST',
        agent: isTls ? agents.https : agents.http,
        lookup: guardedLookup(request, url),
        ...(options.ca !== undefined && { ca: options.ca }),
        headers: {
          // Packed answers are not taken: what is small on the way may be large here.
          'accept-encoding': 'identity',
          accept: 'application/json',
          'user-agent': 'Honeycab',
          ...(body !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
          }),
          ...request.headers,
        },
      })
      const fail = (error: Error) => {
        reject(error)
        sent.destroy()
      }
      const onDeadline = () => fail(late())
      deadline.addEventListener('abort', onDeadline, { once: true })
      const over = () =>
        fail(new OutgoingError(service, 'too_large', `${url.host} sent over ${maxBytes} bytes`))
      sent.on('error', (error: Error & { code?: string }) => {
        if (error instanceof OutgoingError) return reject(error)
        // A connection kept open that the other side had closed meanwhile: not their answer to this.
        if (sent.reusedSocket && error.code === 'ECONNRESET') return reject(new StaleConnection())
        reject(new OutgoingError(service, 'unreachable', `${url.host} did not answer`, { cause: error }))
      })
      sent.on('close', () => deadline.removeEventListener('abort', onDeadline))
      sent.on('response', (answer) => {
        const status = answer.statusCode ?? 0
        if (status >= 300 && status < 400 && status !== 304)
          return fail(new OutgoingError(service, 'redirected', `${url.host} wanted to send us elsewhere`))
        const encoding = answer.headers['content-encoding'] ?? 'identity'
        if (encoding !== 'identity')
          return fail(
            new OutgoingError(service, 'unreachable', `${url.host} sent ${encoding}, not asked for`),
          )
        if (Number(answer.headers['content-length'] ?? 0) > maxBytes) return over()
        const parts: Buffer[] = []
        let bytes = 0
        answer.on('data', (part: Buffer) => {
          bytes += part.length
          if (bytes > maxBytes) over()
          else parts.push(part)
        })
        answer.on('error', (error) =>
          reject(new OutgoingError(service, 'unreachable', `${url.host} broke off`, { cause: error })),
        )
        answer.on('aborted', () => reject(new OutgoingError(service, 'unreachable', `${url.host} broke off`)))
        answer.on('end', () => {
          if (answer.complete)
            resolve({
              status,
              headers: plainHeaders(answer.headers),
              text: Buffer.concat(parts).toString('utf8'),
            })
          else reject(new OutgoingError(service, 'unreachable', `${url.host} broke off`))
        })
      })
      sent.end(body)
    })
  }

  return {
    async ask(request) {
      const url = settle(request)
      const deadline = AbortSignal.any([
        AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS),
        ...(request.signal ? [request.signal] : []),
      ])
      try {
        return await once(request, url, deadline)
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw asOutgoing(request, error)
      }
      try {
        return await once(request, url, deadline)
      } catch (error) {
        throw asOutgoing(request, error)
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

class StaleConnection extends Error {}

function barred(service: OutsideService, url: URL): OutgoingError {
  const message = `${url.host} is at a private address; name it in OUTGOING_PRIVATE_HOSTS if it is meant to be`
  return new OutgoingError(service, 'private_address', message)
}

function asOutgoing({ service }: OutgoingRequest, error: unknown): OutgoingError {
  if (error instanceof OutgoingError) return error
  return new OutgoingError(service, 'unreachable', 'could not be asked', { cause: error })
}

function plainHeaders(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? (value[0] ?? '') : (value ?? ''),
    ]),
  )
}
