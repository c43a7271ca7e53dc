import { isIP } from 'node:net'

/** What stands for the client where there is no socket, as in tests that call the app directly. */
const NO_SOCKET = '127.0.0.1'

/**
 * The client's address. Each of our own proxies adds to X-Forwarded-For whom it was called by, so behind `proxies`
 * of them it is that many entries from the end; whatever stands before came from outside. Fewer entries all come
 * from ours, and the first of them is the client.
 */
export function clientAddress(request: Request, socketAddress: string | null, proxies: number): string {
  const direct = socketAddress ?? NO_SOCKET
  const forwarded = request.headers.get('x-forwarded-for')
  if (proxies === 0 || forwarded === null) return direct
  const entries = forwarded.split(',')
  const client = entries[Math.max(0, entries.length - proxies)]?.trim() ?? ''
  return isIP(client) === 0 ? direct : client
}
