import type { Role } from '../io/tables/accounts.ts'
import type { BodyKind } from './body.ts'

/** Who may use a route at all; which ride, offer or company is theirs is decided by the slice. */
export type Who = 'anyone' | 'signed_in' | readonly (Role | 'platform')[]

export interface Permission {
  /** WS stands for the opening of a socket. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'WS'
  /** As the route is written, parameters with their colon. */
  readonly path: string
  readonly who: Who
  /** What a body may be sent as; forms for pages and JSON for the API unless said here. */
  readonly accepts?: readonly BodyKind[]
  /** `origin`: no token, because there is no session yet whose rights could be borrowed. */
  readonly csrf?: 'token' | 'origin'
  /** The same for everybody, so nobody's session is looked up: it must work while the database does not. */
  readonly impersonal?: true
}

const DRIVER: readonly Role[] = ['driver']
const DESK: readonly Role[] = ['dispatcher', 'admin']
const OFFICE: readonly (Role | 'platform')[] = ['admin', 'platform']

/** The one permission table: the guard reads it for every request, and a test holds it against all routes. */
export const PERMISSIONS: readonly Permission[] = [
  { method: 'GET', path: '/', who: 'anyone' },
  { method: 'GET', path: '/at/:slug', who: 'anyone' },
  { method: 'GET', path: '/sign-in', who: 'anyone' },
  { method: 'POST', path: '/sign-in', who: 'anyone' },
  // With a session the token is asked for all the same; without one there is nothing to end.
  { method: 'POST', path: '/sign-out', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/api/v1/session', who: 'anyone' },
  { method: 'POST', path: '/api/v1/session', who: 'anyone', csrf: 'origin' },
  { method: 'DELETE', path: '/api/v1/session', who: 'signed_in' },

  { method: 'GET', path: '/register', who: 'anyone' },
  { method: 'POST', path: '/register', who: 'anyone' },
  { method: 'POST', path: '/api/v1/registrations', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/api/v1/captcha', who: 'anyone' },
  { method: 'POST', path: '/password-strength', who: 'anyone' },
  { method: 'POST', path: '/verifications', who: 'anyone' },
  { method: 'POST', path: '/api/v1/verifications', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/verify/:token', who: 'anyone' },
  { method: 'POST', path: '/verify/:token', who: 'anyone' },
  { method: 'POST', path: '/api/v1/verifications/:token', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/account/verification', who: 'signed_in' },
  { method: 'POST', path: '/account/verification', who: 'signed_in' },
  { method: 'GET', path: '/forgot-password', who: 'anyone' },
  { method: 'POST', path: '/forgot-password', who: 'anyone' },
  { method: 'POST', path: '/api/v1/password-resets', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/reset-password/:token', who: 'anyone' },
  { method: 'POST', path: '/reset-password/:token', who: 'anyone' },
  { method: 'POST', path: '/api/v1/password-resets/:token', who: 'anyone', csrf: 'origin' },

  { method: 'GET', path: '/assets/:hash/:name', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/favicon.ico', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/health/live', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/health/ready', who: 'anyone', impersonal: true },
  // Loopback or the metrics token; checked by the route.
  { method: 'GET', path: '/metrics', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/api/docs/openapi.json', who: 'anyone', impersonal: true },

  // Nothing is there but on a developer's own machine; checked by the route.
  { method: 'GET', path: '/outbox', who: 'anyone' },
  { method: 'GET', path: '/outbox/:id', who: 'anyone' },

  { method: 'GET', path: '/request', who: 'anyone' },
  { method: 'GET', path: '/places', who: 'anyone' },
  { method: 'GET', path: '/api/v1/places', who: 'anyone' },
  { method: 'POST', path: '/quotes', who: 'anyone' },
  { method: 'GET', path: '/quotes/:id', who: 'anyone' },
  { method: 'POST', path: '/api/v1/quotes', who: 'anyone' },
  { method: 'GET', path: '/rides', who: 'signed_in' },
  { method: 'POST', path: '/rides', who: 'signed_in' },
  { method: 'GET', path: '/rides/:id', who: 'signed_in' },
  { method: 'GET', path: '/rides/:id/cancellation', who: 'signed_in' },
  { method: 'POST', path: '/rides/:id/cancellation', who: 'signed_in' },
  { method: 'GET', path: '/rides/:id/receipt', who: 'signed_in' },
  { method: 'GET', path: '/api/v1/rides', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/rides', who: 'signed_in' },
  { method: 'GET', path: '/api/v1/rides/:id', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/rides/:id/cancellation', who: 'signed_in' },
  { method: 'WS', path: '/live/rides/:id', who: 'signed_in' },

  { method: 'GET', path: '/driver', who: DRIVER },
  { method: 'GET', path: '/driver/earnings', who: DRIVER },
  { method: 'POST', path: '/driver/shift', who: DRIVER },
  { method: 'POST', path: '/driver/shift/end', who: DRIVER },
  { method: 'POST', path: '/offers/:id/acceptance', who: DRIVER },
  { method: 'POST', path: '/offers/:id/decline', who: DRIVER },
  { method: 'POST', path: '/rides/:id/steps', who: DRIVER },
  { method: 'POST', path: '/rides/:id/hand-back', who: DRIVER },
  { method: 'GET', path: '/api/v1/driver', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/shift', who: DRIVER },
  { method: 'DELETE', path: '/api/v1/driver/shift', who: DRIVER },
  { method: 'POST', path: '/api/v1/offers/:id/acceptance', who: DRIVER },
  { method: 'POST', path: '/api/v1/offers/:id/decline', who: DRIVER },
  { method: 'POST', path: '/api/v1/rides/:id/steps', who: DRIVER },
  { method: 'POST', path: '/api/v1/rides/:id/hand-back', who: DRIVER },
  { method: 'POST', path: '/api/v1/positions', who: DRIVER },
  { method: 'WS', path: '/live/driver', who: DRIVER },

  { method: 'GET', path: '/board', who: DESK },
  { method: 'GET', path: '/board/queue', who: DESK },
  { method: 'GET', path: '/board/table', who: DESK },
  { method: 'GET', path: '/board/rides/:id', who: DESK },
  { method: 'POST', path: '/board/rides/:id/assignment', who: DESK },
  { method: 'POST', path: '/board/rides/:id/release', who: DESK },
  { method: 'POST', path: '/board/rides/:id/cancellation', who: DESK },
  { method: 'GET', path: '/api/v1/board/rides', who: DESK },
  { method: 'GET', path: '/api/v1/board/rides/:id/candidates', who: DESK },
  { method: 'POST', path: '/api/v1/board/rides/:id/assignment', who: DESK },
  { method: 'POST', path: '/api/v1/board/rides/:id/release', who: DESK },
  { method: 'POST', path: '/api/v1/board/rides/:id/cancellation', who: DESK },
  { method: 'WS', path: '/live/board', who: DESK },

  { method: 'GET', path: '/admin/audit', who: OFFICE },
  { method: 'GET', path: '/admin/audit/export', who: OFFICE },
  { method: 'GET', path: '/api/v1/audit', who: OFFICE },
]

const byRoute = new Map(
  PERMISSIONS.map((permission) => [`${permission.method} ${permission.path}`, permission]),
)

/** The table's row for a route. */
export function permissionFor(method: string, path: string): Permission | undefined {
  return byRoute.get(`${method} ${path}`)
}

export interface RouteName {
  readonly method: string
  readonly path: string
}

/** What keeps routes and table apart, as readable lines: a route without a row, a row without a route, a doubled row. */
export function permissionGaps(
  routes: readonly RouteName[],
  table: readonly Permission[] = PERMISSIONS,
): string[] {
  const name = ({ method, path }: RouteName) => `${method} ${path}`
  const rows = new Set(table.map(name))
  const real = new Set(routes.map(name))
  return [
    ...[...real].filter((route) => !rows.has(route)).map((route) => `no permission for ${route}`),
    ...[...rows].filter((row) => !real.has(row)).map((row) => `no route for ${row}`),
    ...(rows.size < table.length ? ['a route stands twice in the permission table'] : []),
  ]
}
