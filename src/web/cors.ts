/** Whose scripts may read our API across origins: those that ALLOWED_ORIGINS names, and nobody else. */

/** For scripts only: pages and their fragments are for our own origin. */
const FOR_SCRIPTS = /^\/api\//
const METHODS = 'GET, POST, PUT, PATCH, DELETE'
const SENT = 'authorization, content-type, idempotency-key, x-csrf-token, x-session-token'
const READ = 'retry-after, x-request-id'
/** Browsers ask again after this; a name taken off the list is refused at the latest then, and at once by the real call. */
const PREFLIGHT_S = 600

/** What the answer to this request says about who may read it. */
export function corsHeaders(request: Request, origins: readonly string[]): Record<string, string> {
  if (origins.length === 0 || !FOR_SCRIPTS.test(new URL(request.url).pathname)) return {}
  const origin = request.headers.get('origin')
  // Also where the origin is not on the list: a cache must not hand out one origin's answer to another.
  const vary = { vary: 'origin' }
  if (origin === null || !origins.includes(origin)) return vary
  return {
    ...vary,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': READ,
  }
}

/** The answer to a browser that asks whether a script there may call us; null for anything else. */
export function preflight(request: Request, origins: readonly string[]): Response | null {
  if (request.method !== 'OPTIONS' || !request.headers.has('access-control-request-method')) return null
  const answer = corsHeaders(request, origins)
  if (answer['access-control-allow-origin'] === undefined) return null
  const headers = {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': SENT,
    'access-control-max-age': String(PREFLIGHT_S),
  }
  return new Response(null, { status: 204, headers })
}
