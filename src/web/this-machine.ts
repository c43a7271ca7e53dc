/** Whether a request comes from somebody at this very machine, to a server that nobody else is meant to reach. */
import type { Config } from '../io/config.ts'
import type { WebContext } from './context.ts'

const LOOPBACK_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]'])
const LOOPBACK_ADDRESSES = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])
/** What proxies and tunnels leave on a request. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/** The embedded default: our own database, and no address that others would know. */
export function isLocalDefault(config: Pick<Config, 'databaseUrl' | 'publicUrl'>): boolean {
  return config.databaseUrl === null && LOOPBACK_HOSTS.has(new URL(config.publicUrl).hostname)
}

/**
 * The embedded default, asked for directly: a loopback name and address on the request. The name counts too: a page elsewhere can have its own name lead to 127.0.0.1, and a tunnel
 * calls from there.
 */
export function atThisMachine(
  config: Pick<Config, 'databaseUrl' | 'publicUrl'>,
  request: Request,
  web: Pick<WebContext, 'address'>,
): boolean {
  return (
    isLocalDefault(config) &&
    LOOPBACK_HOSTS.has(new URL(request.url).hostname) &&
    LOOPBACK_ADDRESSES.has(web.address) &&
    FORWARDED.every((name) => !request.headers.has(name))
  )
}
