import { isIP } from 'node:net'

/** What stands for the client where there is no socket, as in tests that call the app directly. */
const NO_SOCKET = '127.0.0.1'

/**
 * The client's address. Behind a trusted proxy it is the last entry of X-Forwarded-For, the one our own proxy
 * wrote; whatever stands before it came from outside.
 */
export function clientAddress(request: Request, socketAddress: string | null, trustProxy: boolean): string {
  const direct = socketAddress ?? NO_SOCKET
  if (!trustProxy) return direct
  const last = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? direct : last
}
