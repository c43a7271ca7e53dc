import type { Role } from '../io/tables/accounts.ts'
import type { BodyKind } from './body.ts'

/** What somebody can be to us; one person is several at once. Everybody who is signed in may ride. */
export type Standing = 'visitor' | 'rider' | Role | 'platform'

/** `own`: what belongs to them; `company`: to a company they hold this role in; `all`: to anybody. */
export type Extent = 'own' | 'company' | 'all'

/** Who may use a route, and how far each of them reaches; who is not named may not use it. */
export type Reach = Readonly<Partial<Record<Standing, Extent>>>

/** What a route can be about. A slice's own word for it, once it has one. */
export type Thing =
  | 'ride'
  | 'quote'
  | 'offer'
  | 'company'
  | 'region'
  | 'zone'
  | 'tariff'
  | 'promo'
  | 'person'
  | 'deleted'
  | 'deletable'
  | 'avatar'
  | 'upload'
  | 'session'
  | 'campus'
  | 'place_import'
  | 'letter'
  | 'passkey'
  | 'licence'
  | 'driver'
  | 'note'
  | 'view'
  | 'vehicle'
  | 'invitation'
  | 'application'
  | 'saved_place'

interface Route {
  /** WS stands for the opening of a socket. */
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'WS'
  /** As the route is written, parameters with their colon. */
  readonly path: string
  /** What a body may be sent as; forms for pages and JSON for the API unless said here. */
  readonly accepts?: readonly BodyKind[]
  /** `origin`: no token, because there is no session yet whose rights could be borrowed. */
  readonly csrf?: 'token' | 'origin'
  /** The same for everybody, so nobody's session is looked up: it must work while the database does not. */
  readonly impersonal?: true
}

/** A route about nobody's thing in particular: a page of one's own, a list of what one may see, a company's desk. */
interface OpenRoute extends Route {
  readonly who: 'anyone' | 'signed_in' | readonly (Role | 'platform')[]
  /** For addresses that name something all the same: it is everybody's, or knowing the address is the right to it. */
  readonly about?: 'public' | 'secret'
}

/** A route about one thing, named in its address or body: whose it must be is asked of every request (web/reach.ts). */
interface RouteAboutThing extends Route {
  readonly about: Thing
  readonly who: Reach
}

export type Permission = OpenRoute | RouteAboutThing

/** Whether a row says how far each reaches, and not only whom it is open to. */
export function isReach(who: Permission['who']): who is Reach {
  return typeof who === 'object' && !Array.isArray(who)
}

const DRIVER: readonly Role[] = ['driver']
const DESK: readonly Role[] = ['dispatcher', 'admin']
const OWN: Reach = { rider: 'own' }
/** Also of those who did not sign in: their quotes belong to nobody. */
const OWN_OR_NOBODYS: Reach = { visitor: 'own', rider: 'own' }
const DRIVERS_OWN: Reach = { driver: 'own' }
const DESKS: Reach = { dispatcher: 'company', admin: 'company' }
/** People of one company know each other's faces. */
const FACES: Reach = {
  ...{ rider: 'own', driver: 'company', dispatcher: 'company', operator: 'company', admin: 'company' },
  platform: 'all',
}
/** What belongs to a company, for its admins; everything for who runs the installation. */
const OFFICES: Reach = { admin: 'company', platform: 'all' }
const PLATFORM: Reach = { platform: 'all' }
const OFFICE: readonly (Role | 'platform')[] = ['admin', 'platform']

/** The one permission table: the guard reads it for every request, and a test walks it. */
export const PERMISSIONS: readonly Permission[] = [
  { method: 'GET', path: '/', who: 'anyone' },
  { method: 'GET', path: '/at/:slug', about: 'public', who: 'anyone' },
  { method: 'GET', path: '/sign-in', who: 'anyone' },
  { method: 'POST', path: '/sign-in', who: 'anyone' },
  // With a session the token is asked for all the same; without one there is nothing to end.
  { method: 'POST', path: '/sign-out', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/api/v1/session', who: 'anyone' },
  { method: 'POST', path: '/api/v1/session', who: 'anyone', csrf: 'origin' },
  { method: 'DELETE', path: '/api/v1/session', who: 'signed_in' },
  { method: 'POST', path: '/sign-in/passkey', who: 'anyone' },
  { method: 'GET', path: '/sign-in/second', who: 'anyone' },
  { method: 'POST', path: '/sign-in/second', who: 'anyone' },
  { method: 'POST', path: '/api/v1/session/second', who: 'anyone', csrf: 'origin' },
  { method: 'POST', path: '/api/v1/session/passkey', who: 'anyone', csrf: 'origin' },
  { method: 'POST', path: '/api/v1/session/passkey-options', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/confirm', who: 'signed_in' },
  { method: 'POST', path: '/confirm', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/session/confirmation', who: 'signed_in' },
  { method: 'GET', path: '/account/security', who: 'signed_in' },
  { method: 'GET', path: '/account/security/app', who: 'signed_in' },
  { method: 'POST', path: '/account/security/app', who: 'signed_in' },
  { method: 'POST', path: '/account/security/app/removal', who: 'signed_in' },
  { method: 'GET', path: '/account/security/passkeys/new', who: 'signed_in' },
  { method: 'POST', path: '/account/security/passkeys', who: 'signed_in' },
  { method: 'POST', path: '/account/security/passkeys/:id/removal', about: 'passkey', who: OWN },
  { method: 'GET', path: '/account/security/backup-codes', who: 'signed_in' },
  { method: 'POST', path: '/account/security/backup-codes', who: 'signed_in' },
  { method: 'POST', path: '/account/security/backup-codes/kept', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/account/passkey-options', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/tokens', who: 'anyone', csrf: 'origin' },
  { method: 'POST', path: '/api/v1/tokens/refresh', who: 'anyone', csrf: 'origin' },
  { method: 'DELETE', path: '/api/v1/tokens', who: 'signed_in' },
  { method: 'GET', path: '/account/devices', who: 'signed_in' },
  { method: 'POST', path: '/account/devices/:id/end', about: 'session', who: OWN },
  { method: 'POST', path: '/account/devices/end-others', who: 'signed_in' },
  { method: 'GET', path: '/api/v1/sessions', who: 'signed_in' },
  { method: 'DELETE', path: '/api/v1/sessions', who: 'signed_in' },
  { method: 'DELETE', path: '/api/v1/sessions/:id', about: 'session', who: OWN },
  // Visitors choose a theme too; it stays with their browser.
  { method: 'POST', path: '/theme', who: 'anyone' },
  { method: 'GET', path: '/account/profile', who: 'signed_in' },
  { method: 'POST', path: '/account/profile', who: 'signed_in' },
  { method: 'POST', path: '/account/phone', who: 'signed_in' },
  { method: 'POST', path: '/account/looks', who: 'signed_in' },
  { method: 'GET', path: '/account/notifications', who: 'signed_in' },
  { method: 'POST', path: '/account/notifications', who: 'signed_in' },
  { method: 'GET', path: '/account/privacy', who: 'signed_in' },
  { method: 'POST', path: '/account/privacy', who: 'signed_in' },
  { method: 'GET', path: '/account/export', who: 'signed_in' },
  { method: 'POST', path: '/account/email', who: 'signed_in' },
  { method: 'GET', path: '/new-email/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/new-email/:token', about: 'secret', who: 'anyone' },
  { method: 'GET', path: '/old-email/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/old-email/:token', about: 'secret', who: 'anyone' },
  { method: 'GET', path: '/account/deletion', who: 'signed_in' },
  { method: 'POST', path: '/account/deletion', who: 'signed_in' },
  { method: 'GET', path: '/goodbye', who: 'anyone' },
  { method: 'GET', path: '/account-back/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/account-back/:token', about: 'secret', who: 'anyone' },

  { method: 'GET', path: '/register', who: 'anyone' },
  { method: 'POST', path: '/register', who: 'anyone' },
  { method: 'POST', path: '/api/v1/registrations', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/api/v1/captcha', who: 'anyone' },
  { method: 'POST', path: '/password-strength', who: 'anyone' },
  { method: 'POST', path: '/verifications', who: 'anyone' },
  { method: 'POST', path: '/api/v1/verifications', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/verify/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/verify/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/api/v1/verifications/:token', about: 'secret', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/account/verification', who: 'signed_in' },
  { method: 'POST', path: '/account/verification', who: 'signed_in' },
  { method: 'GET', path: '/drive', who: 'anyone' },
  { method: 'POST', path: '/drive', who: 'signed_in' },
  { method: 'GET', path: '/forgot-password', who: 'anyone' },
  { method: 'POST', path: '/forgot-password', who: 'anyone' },
  { method: 'POST', path: '/api/v1/password-resets', who: 'anyone', csrf: 'origin' },
  { method: 'GET', path: '/account/password', who: 'signed_in' },
  { method: 'POST', path: '/account/password', who: 'signed_in' },
  { method: 'GET', path: '/invitations/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/invitations/:token', about: 'secret', who: 'anyone' },
  { method: 'GET', path: '/reset-password/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/reset-password/:token', about: 'secret', who: 'anyone' },
  { method: 'POST', path: '/api/v1/password-resets/:token', about: 'secret', who: 'anyone', csrf: 'origin' },

  { method: 'GET', path: '/assets/:hash/:name', about: 'public', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/favicon.ico', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/rider.webmanifest', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/driver.webmanifest', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/worker.js', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/offline', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/health/live', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/health/ready', who: 'anyone', impersonal: true },
  // Loopback or the metrics token; checked by the route.
  { method: 'GET', path: '/metrics', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/api/docs/openapi.json', who: 'anyone', impersonal: true },

  // Nothing is there but on a developer's own machine; checked by the route.
  { method: 'GET', path: '/outbox', who: 'anyone' },
  { method: 'GET', path: '/design', who: ['dispatcher', 'operator', 'admin', 'platform'] },
  { method: 'GET', path: '/outbox/:id', about: 'public', who: 'anyone' },

  { method: 'GET', path: '/account/avatar', who: 'signed_in' },
  { method: 'POST', path: '/account/avatar', who: 'signed_in', accepts: ['multipart', 'form'] },
  { method: 'DELETE', path: '/api/v1/account/avatar', who: 'signed_in' },
  { method: 'POST', path: '/account/avatar/removal', who: 'signed_in' },
  // A ride together counts as one's own for as long as it lasts, and a day longer.
  { method: 'GET', path: '/avatars/:id', about: 'avatar', who: FACES },
  {
    method: 'GET',
    path: '/uploads/:id',
    about: 'upload',
    who: { rider: 'own', admin: 'company', platform: 'all' },
  },

  { method: 'GET', path: '/account/places', who: 'signed_in' },
  { method: 'POST', path: '/account/places', who: 'signed_in' },
  { method: 'POST', path: '/account/places/:id', about: 'saved_place', who: OWN },
  { method: 'POST', path: '/account/places/:id/removal', about: 'saved_place', who: OWN },
  { method: 'GET', path: '/api/v1/account/places', who: 'signed_in' },

  { method: 'GET', path: '/request', who: 'anyone' },
  { method: 'GET', path: '/places', who: 'anyone' },
  { method: 'GET', path: '/api/v1/places', who: 'anyone' },
  { method: 'GET', path: '/api/v1/places/nearest', who: 'anyone' },
  { method: 'POST', path: '/quotes', who: 'anyone' },
  { method: 'GET', path: '/quotes/:id', about: 'quote', who: OWN_OR_NOBODYS },
  { method: 'POST', path: '/api/v1/quotes', who: 'anyone' },
  { method: 'POST', path: '/free-waits', about: 'quote', who: OWN },
  { method: 'POST', path: '/api/v1/free-waits', about: 'quote', who: OWN },
  { method: 'GET', path: '/rides', who: 'signed_in' },
  { method: 'POST', path: '/rides', about: 'quote', who: OWN },
  { method: 'GET', path: '/rides/:id', about: 'ride', who: OWN },
  { method: 'GET', path: '/rides/:id/cancellation', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/cancellation', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/messages', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/messages/seen', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/messages/:seq/report', about: 'ride', who: OWN },
  { method: 'GET', path: '/api/v1/rides/:id/messages', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/messages', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/booking', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/booking', about: 'ride', who: OWN },
  { method: 'GET', path: '/rides/:id/change', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/change', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/change-quotes', about: 'ride', who: OWN },
  { method: 'GET', path: '/rides/:id/changes/:quote', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/changes', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/changes', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/changes/withdrawal', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/changes/withdrawal', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/instead', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/instead', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/share', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/share/end', about: 'ride', who: OWN },
  { method: 'GET', path: '/s/:token', about: 'secret', who: 'anyone' },
  { method: 'WS', path: '/s/:token/live', about: 'secret', who: 'anyone' },
  { method: 'GET', path: '/s/:token/live', about: 'secret', who: 'anyone' },
  { method: 'GET', path: '/rides/:id/receipt', about: 'ride', who: OWN },
  { method: 'GET', path: '/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/cases/:kind/steps', about: 'ride', who: OWN },
  { method: 'GET', path: '/api/v1/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/cases/:kind/steps', about: 'ride', who: OWN },
  { method: 'WS', path: '/live/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'GET', path: '/live/rides/:id/cases/:kind', about: 'ride', who: OWN },
  { method: 'GET', path: '/cases', who: 'signed_in' },
  { method: 'GET', path: '/api/v1/cases', who: 'signed_in' },
  { method: 'WS', path: '/live/cases', who: 'signed_in' },
  { method: 'GET', path: '/live/cases', who: 'signed_in' },
  { method: 'GET', path: '/rides/:id/receipt.pdf', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/receipt/letter', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/rating', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/rating', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/tip', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/tip', about: 'ride', who: OWN },
  { method: 'GET', path: '/api/v1/rides', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/rides', about: 'quote', who: OWN },
  { method: 'GET', path: '/api/v1/rides/:id', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/cancellation', about: 'ride', who: OWN },
  { method: 'WS', path: '/live/rides/:id', about: 'ride', who: OWN },
  { method: 'GET', path: '/live/rides/:id', about: 'ride', who: OWN },

  { method: 'GET', path: '/rides/:id/safety', about: 'ride', who: OWN },
  { method: 'POST', path: '/rides/:id/safety', about: 'ride', who: OWN },
  { method: 'POST', path: '/api/v1/rides/:id/safety', about: 'ride', who: OWN },
  { method: 'WS', path: '/live/rides/:id/safety', about: 'ride', who: OWN },
  { method: 'GET', path: '/live/rides/:id/safety', about: 'ride', who: OWN },
  { method: 'WS', path: '/live/driver/rides/:id/safety', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/live/driver/rides/:id/safety', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/driver/rides/:id/safety', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/safety', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/driver/rides/:id/safety', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/board/rides/:id/safety', about: 'ride', who: DESKS },
  { method: 'WS', path: '/live/board/rides/:id/safety', about: 'ride', who: DESKS },
  { method: 'GET', path: '/live/board/rides/:id/safety', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/safety/:alert/seen', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/safety/:alert/closing', about: 'ride', who: DESKS },

  { method: 'GET', path: '/driver', who: DRIVER },
  // Also for those who asked to drive and do not yet; others are told that they do not.
  { method: 'GET', path: '/driver/licence', who: 'signed_in' },
  { method: 'POST', path: '/driver/licence', who: 'signed_in' },
  { method: 'POST', path: '/driver/licence/pictures', who: 'signed_in', accepts: ['multipart', 'form'] },
  { method: 'POST', path: '/driver/capability', who: DRIVER },
  { method: 'GET', path: '/driver/earnings', who: DRIVER },
  { method: 'GET', path: '/driver/settings', who: DRIVER },
  { method: 'POST', path: '/driver/settings', who: DRIVER },
  { method: 'GET', path: '/driver/papers', who: DRIVER },
  { method: 'GET', path: '/driver/messages', who: DRIVER },
  { method: 'POST', path: '/driver/messages', who: DRIVER },
  { method: 'POST', path: '/driver/messages/read', who: DRIVER },
  { method: 'POST', path: '/driver/messages/delivered', who: DRIVER },
  { method: 'GET', path: '/api/v1/driver/messages', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/messages', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/messages/read', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/messages/delivered', who: DRIVER },
  { method: 'GET', path: '/driver/earnings.csv', who: DRIVER },
  { method: 'GET', path: '/api/v1/driver/earnings', who: DRIVER },
  { method: 'GET', path: '/driver/cases', who: DRIVER },
  { method: 'GET', path: '/driver/rides/:id/cases/:kind', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/cases/:kind/steps', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/api/v1/driver/cases', who: DRIVER },
  { method: 'WS', path: '/live/driver/cases', who: DRIVER },
  { method: 'GET', path: '/live/driver/cases', who: DRIVER },
  { method: 'GET', path: '/api/v1/driver/rides/:id/cases/:kind', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/driver/rides/:id/cases/:kind/steps', about: 'ride', who: DRIVERS_OWN },
  { method: 'WS', path: '/live/driver/rides/:id/cases/:kind', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/live/driver/rides/:id/cases/:kind', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/driver/ratings', who: DRIVER },
  { method: 'GET', path: '/api/v1/driver/ratings', who: DRIVER },
  { method: 'GET', path: '/driver/rides/:id/rating', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/rating', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/driver/rides/:id/rating', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/shift', who: DRIVER },
  { method: 'POST', path: '/driver/shift/end', who: DRIVER },
  { method: 'POST', path: '/driver/phone', who: DRIVER },
  { method: 'POST', path: '/driver/break', who: DRIVER },
  { method: 'POST', path: '/driver/break/end', who: DRIVER },
  { method: 'POST', path: '/offers/:id/acceptance', about: 'offer', who: DRIVERS_OWN },
  { method: 'POST', path: '/offers/:id/decline', about: 'offer', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/messages', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/messages/seen', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/driver/rides/:id/messages/:seq/report', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/api/v1/driver/rides/:id/messages', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/driver/rides/:id/messages', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/rides/:id/steps', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/rides/:id/changes/:change/answer', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/rides/:id/changes/:change/answer', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/rides/:id/on-my-way', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/rides/:id/hand-back', about: 'ride', who: DRIVERS_OWN },
  { method: 'GET', path: '/api/v1/driver', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/shift', who: DRIVER },
  { method: 'DELETE', path: '/api/v1/driver/shift', who: DRIVER },
  { method: 'POST', path: '/api/v1/driver/break', who: DRIVER },
  { method: 'DELETE', path: '/api/v1/driver/break', who: DRIVER },
  { method: 'POST', path: '/api/v1/offers/:id/acceptance', about: 'offer', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/offers/:id/decline', about: 'offer', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/rides/:id/steps', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/rides/:id/on-my-way', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/rides/:id/hand-back', about: 'ride', who: DRIVERS_OWN },
  { method: 'POST', path: '/api/v1/positions', who: DRIVER },
  { method: 'WS', path: '/live/driver', who: DRIVER },
  { method: 'GET', path: '/live/driver', who: DRIVER },

  { method: 'GET', path: '/board', who: DESK },
  { method: 'GET', path: '/board/queue', who: DESK },
  { method: 'GET', path: '/board/find', who: DESK },
  { method: 'GET', path: '/api/v1/board/find', who: DESK },
  { method: 'GET', path: '/board/callers', who: DESK },
  { method: 'GET', path: '/api/v1/board/callers', who: DESK },
  { method: 'GET', path: '/board/bookings', who: DESK },
  { method: 'POST', path: '/board/bookings', who: DESK },
  { method: 'POST', path: '/api/v1/board/bookings', who: DESK },
  { method: 'GET', path: '/board/bookings/:id', about: 'quote', who: DESKS },
  { method: 'POST', path: '/board/bookings/:id', about: 'quote', who: DESKS },
  { method: 'POST', path: '/api/v1/board/bookings/:id', about: 'quote', who: DESKS },
  { method: 'GET', path: '/board/table', who: DESK },
  { method: 'GET', path: '/board/cases', who: DESK },
  // Of reports the admins' alone; checked by the route.
  { method: 'GET', path: '/board/rides/:id/cases/:kind', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/cases/:kind/steps', about: 'ride', who: DESKS },
  { method: 'GET', path: '/api/v1/board/cases', who: DESK },
  { method: 'WS', path: '/live/board/cases', who: DESK },
  { method: 'GET', path: '/live/board/cases', who: DESK },
  { method: 'GET', path: '/api/v1/board/rides/:id/cases/:kind', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/cases/:kind/steps', about: 'ride', who: DESKS },
  { method: 'WS', path: '/live/board/rides/:id/cases/:kind', about: 'ride', who: DESKS },
  { method: 'GET', path: '/live/board/rides/:id/cases/:kind', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/ratings', who: DESK },
  { method: 'POST', path: '/board/rides/:id/rating/seen', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/rides/:id', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/drivers/:id', about: 'driver', who: DESKS },
  { method: 'GET', path: '/api/v1/board/drivers/:id', about: 'driver', who: DESKS },
  { method: 'POST', path: '/board/drivers/:id/hold', about: 'driver', who: DESKS },
  { method: 'POST', path: '/api/v1/board/drivers/:id/hold', about: 'driver', who: DESKS },
  { method: 'POST', path: '/board/drivers/:id/return', about: 'driver', who: DESKS },
  { method: 'POST', path: '/api/v1/board/drivers/:id/return', about: 'driver', who: DESKS },
  { method: 'GET', path: '/board/messages', who: DESK },
  { method: 'POST', path: '/board/messages', who: DESK },
  { method: 'GET', path: '/api/v1/board/messages', who: DESK },
  { method: 'POST', path: '/api/v1/board/messages', who: DESK },
  { method: 'GET', path: '/board/past', who: DESK },
  { method: 'GET', path: '/api/v1/board/past', who: DESK },
  { method: 'GET', path: '/board/now', who: DESK },
  { method: 'GET', path: '/api/v1/board/now', who: DESK },
  { method: 'GET', path: '/board/deeds', who: DESK },
  { method: 'GET', path: '/api/v1/board/deeds', who: DESK },
  { method: 'GET', path: '/board/handover', who: DESK },
  { method: 'GET', path: '/api/v1/board/handover', who: DESK },
  { method: 'POST', path: '/board/handover', who: DESK },
  { method: 'POST', path: '/api/v1/board/handover', who: DESK },
  { method: 'POST', path: '/board/handover/taken', who: DESK },
  { method: 'POST', path: '/api/v1/board/handover/taken', who: DESK },
  { method: 'POST', path: '/board/handover/:id', about: 'note', who: DESKS },
  { method: 'POST', path: '/api/v1/board/handover/:id', about: 'note', who: DESKS },
  { method: 'GET', path: '/board/zones', who: DESK },
  { method: 'GET', path: '/api/v1/board/zones', who: DESK },
  { method: 'GET', path: '/board/views', who: DESK },
  { method: 'GET', path: '/api/v1/board/views', who: DESK },
  { method: 'POST', path: '/board/views', who: DESK },
  { method: 'POST', path: '/api/v1/board/views', who: DESK },
  { method: 'POST', path: '/board/views/:id', about: 'view', who: DESKS },
  { method: 'POST', path: '/api/v1/board/views/:id', about: 'view', who: DESKS },
  { method: 'POST', path: '/board/views/:id/deletion', about: 'view', who: DESKS },
  { method: 'POST', path: '/api/v1/board/views/:id/deletion', about: 'view', who: DESKS },
  { method: 'POST', path: '/board/drivers/:id/messages', about: 'driver', who: DESKS },
  { method: 'GET', path: '/api/v1/board/drivers/:id/messages', about: 'driver', who: DESKS },
  { method: 'POST', path: '/api/v1/board/drivers/:id/messages', about: 'driver', who: DESKS },
  { method: 'POST', path: '/board/drivers/:id/messages/seen', about: 'driver', who: DESKS },
  { method: 'POST', path: '/api/v1/board/drivers/:id/messages/seen', about: 'driver', who: DESKS },
  { method: 'GET', path: '/board/rides/:id/trace', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/rides/:id/trace/export', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/merges', about: 'ride', who: DESKS },
  { method: 'GET', path: '/api/v1/board/merges', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/batches', who: DESK },
  { method: 'POST', path: '/api/v1/board/batches', who: DESK },
  { method: 'GET', path: '/board/batches/:id', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/batches/:id/undo', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/batches/:id/undo', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/assignment', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/parting', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/parting', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/joining', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/joining', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/reassignment', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/reassignment', about: 'ride', who: DESKS },
  { method: 'GET', path: '/board/rides/:id/edit', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/edit', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/edit', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/price', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/price', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/agreement', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/agreement', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/resumption', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/resumption', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/undo', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/undo', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/release', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/cancellation', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/messages', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/messages/seen', about: 'ride', who: DESKS },
  { method: 'GET', path: '/api/v1/board/rides/:id/messages', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/messages', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/start', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/start', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/patience', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/wider-search', about: 'ride', who: DESKS },
  { method: 'POST', path: '/board/rides/:id/postponement', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/patience', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/wider-search', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/postponement', about: 'ride', who: DESKS },
  { method: 'GET', path: '/api/v1/board/rides', who: DESK },
  { method: 'GET', path: '/api/v1/board/needs', who: DESK },
  { method: 'GET', path: '/api/v1/board/cars', who: DESK },
  { method: 'GET', path: '/api/v1/board/rides/:id/candidates', about: 'ride', who: DESKS },
  { method: 'GET', path: '/api/v1/board/rides/:id/trace', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/assignment', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/release', about: 'ride', who: DESKS },
  { method: 'POST', path: '/api/v1/board/rides/:id/cancellation', about: 'ride', who: DESKS },
  { method: 'WS', path: '/live/board', who: DESK },
  { method: 'GET', path: '/live/board', who: DESK },

  { method: 'GET', path: '/admin/licences', who: OFFICE },
  { method: 'GET', path: '/admin/licences/:id', about: 'licence', who: OFFICES },
  { method: 'POST', path: '/admin/licences/:id/decision', about: 'licence', who: OFFICES },
  { method: 'GET', path: '/admin/drivers/:id', about: 'driver', who: OFFICES },
  { method: 'POST', path: '/admin/drivers/:id/capability', about: 'driver', who: OFFICES },
  { method: 'GET', path: '/admin', who: OFFICE },
  { method: 'GET', path: '/admin/people', who: OFFICE },
  { method: 'GET', path: '/admin/people/:id', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/roles', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/roles/removal', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/ban', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/ban/lift', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/sessions/end', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/reset-letter', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/unlock', about: 'person', who: OFFICES },
  { method: 'POST', path: '/admin/people/:id/impersonation', about: 'person', who: OFFICES },
  // Nothing is there but for who looks through another's eyes; checked by the route.
  { method: 'POST', path: '/impersonation/end', who: 'signed_in' },
  { method: 'GET', path: '/admin/joining', who: OFFICE },
  { method: 'POST', path: '/admin/invitations', about: 'company', who: OFFICES },
  { method: 'POST', path: '/admin/invitations/:id/letter', about: 'invitation', who: OFFICES },
  { method: 'POST', path: '/admin/invitations/:id/withdrawal', about: 'invitation', who: OFFICES },
  { method: 'POST', path: '/admin/applications/:id/approval', about: 'application', who: OFFICES },
  { method: 'POST', path: '/admin/applications/:id/rejection', about: 'application', who: OFFICES },
  { method: 'GET', path: '/admin/campuses', who: ['platform'] },
  { method: 'POST', path: '/admin/campuses', who: ['platform'] },
  { method: 'GET', path: '/admin/campuses/:id', about: 'campus', who: PLATFORM },
  { method: 'POST', path: '/admin/campuses/:id', about: 'campus', who: PLATFORM },
  { method: 'POST', path: '/admin/campuses/:id/removal', about: 'campus', who: PLATFORM },
  { method: 'POST', path: '/admin/campuses/:id/domains', about: 'campus', who: PLATFORM },
  { method: 'POST', path: '/admin/campuses/:id/domains/removal', about: 'campus', who: PLATFORM },
  { method: 'GET', path: '/admin/places', who: ['platform'] },
  { method: 'POST', path: '/admin/places/imports', who: ['platform'], accepts: ['multipart', 'form'] },
  { method: 'GET', path: '/admin/places/imports/:id', about: 'place_import', who: PLATFORM },
  { method: 'POST', path: '/admin/places/removal', who: ['platform'] },
  { method: 'GET', path: '/admin/companies', who: OFFICE },
  { method: 'GET', path: '/admin/companies/new', who: ['platform'] },
  { method: 'POST', path: '/admin/companies', who: ['platform'] },
  { method: 'POST', path: '/admin/companies/file', who: ['platform'] },
  { method: 'GET', path: '/admin/companies/:id', about: 'company', who: OFFICES },
  { method: 'POST', path: '/admin/companies/:id', about: 'company', who: OFFICES },
  { method: 'POST', path: '/admin/companies/:id/flags', about: 'company', who: OFFICES },
  { method: 'POST', path: '/admin/companies/:id/deletion', about: 'company', who: PLATFORM },
  { method: 'GET', path: '/admin/zones', who: OFFICE },
  { method: 'GET', path: '/admin/regions/:id/zones/new', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/zones', about: 'region', who: OFFICES },
  { method: 'GET', path: '/admin/regions/:id/surge', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/surge', about: 'region', who: OFFICES },
  { method: 'GET', path: '/admin/regions/:id/duty', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/duty', about: 'region', who: OFFICES },
  { method: 'GET', path: '/admin/vehicles/:id', about: 'vehicle', who: OFFICES },
  { method: 'POST', path: '/admin/vehicles/:id', about: 'vehicle', who: OFFICES },
  { method: 'GET', path: '/admin/zones/:id', about: 'zone', who: OFFICES },
  { method: 'POST', path: '/admin/zones/:id', about: 'zone', who: OFFICES },
  { method: 'POST', path: '/admin/zones/:id/closing', about: 'zone', who: OFFICES },
  { method: 'GET', path: '/admin/promos', who: OFFICE },
  { method: 'POST', path: '/admin/companies/:id/promos', about: 'company', who: OFFICES },
  { method: 'POST', path: '/admin/promos/:id/closing', about: 'promo', who: OFFICES },
  { method: 'GET', path: '/admin/tariffs', who: OFFICE },
  { method: 'GET', path: '/admin/tariffs/:id', about: 'tariff', who: OFFICES },
  { method: 'POST', path: '/admin/tariffs/:id/withdrawal', about: 'tariff', who: OFFICES },
  { method: 'GET', path: '/admin/regions/:id/tariffs/:class', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/tariffs/:class', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/tariffs/:class/discard', about: 'region', who: OFFICES },
  { method: 'GET', path: '/admin/regions/:id/tariffs/:class/preview', about: 'region', who: OFFICES },
  { method: 'POST', path: '/admin/regions/:id/tariffs/:class/publication', about: 'region', who: OFFICES },
  { method: 'GET', path: '/admin/deleted', who: OFFICE },
  { method: 'POST', path: '/admin/deleted/:id/restoration', about: 'deleted', who: OFFICES },
  { method: 'GET', path: '/admin/fleet', who: OFFICE },
  { method: 'GET', path: '/admin/deletion/:kind/:id', about: 'deletable', who: OFFICES },
  { method: 'POST', path: '/admin/deletion/:kind/:id', about: 'deletable', who: OFFICES },
  { method: 'GET', path: '/admin/audit', who: OFFICE },
  { method: 'GET', path: '/admin/audit/export', who: OFFICE },
  { method: 'GET', path: '/api/v1/audit', who: OFFICE },
  { method: 'GET', path: '/admin/mail', who: OFFICE },
  { method: 'POST', path: '/admin/mail/:id/retry', about: 'letter', who: OFFICES },
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

/**
 * What keeps routes and table apart, as readable lines: a route without a row, a row without a route, a doubled row,
 * and an address that names a thing of which the row does not say what it is and whose it must be.
 */
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
    ...table
      .filter(({ path, about }) => path.includes(':') && about === undefined)
      .map((row) => `${name(row)} does not say what it is about`),
    ...(rows.size < table.length ? ['a route stands twice in the permission table'] : []),
  ]
}
