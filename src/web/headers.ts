/** The header set of every response, errors and static files too. */

export interface HeaderConfig {
  readonly publicUrl: string
  readonly allowedOrigins: readonly string[]
  readonly tileUrl: string | null
}

const TWO_YEARS_S = 63_072_000

/** Headers that are the same for every response of this process. */
export function fixedHeaders(config: HeaderConfig): Record<string, string> {
  const headers: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    // Not no-referrer: browsers then send `Origin: null` with our own forms.
    'referrer-policy': 'same-origin',
    'permissions-policy':
      'geolocation=(self), screen-wake-lock=(self), camera=(self), microphone=(), payment=(), usb=()',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Pages are private unless their route says otherwise.
    'cache-control': 'no-store',
  }
  if (config.publicUrl.startsWith('https:')) headers['strict-transport-security'] = `max-age=${TWO_YEARS_S}`
  return headers
}

/** The content security policy for one response; `nonce` admits an inline script of ours. */
export function contentSecurityPolicy(config: HeaderConfig): (nonce: string) => string {
  const tiles = tileSource(config.tileUrl)
  // Safari before 15.4 does not count a WebSocket of the same host as 'self'.
  // A source list has no words for IPv6 literals; there 'self' has to do.
  const sockets = config.allowedOrigins
    .filter((origin) => !origin.includes('['))
    .map((origin) => origin.replace(/^http/, 'ws'))
  return (nonce) =>
    [
      "default-src 'none'",
      `script-src 'self' 'nonce-${nonce}'`,
      "style-src 'self'",
      ["img-src 'self' data:", tiles].filter(Boolean).join(' '),
      "font-src 'self'",
      ["connect-src 'self'", ...sockets].join(' '),
      "form-action 'self'",
      "manifest-src 'self'",
      "worker-src 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ].join('; ')
}

/** The policy of an answer that is no page: should a browser show it, nothing in it may do anything. */
export function answerPolicy(): string {
  return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'"
}

/** `https://{s}.tile.example/{z}/…` becomes `https://*.tile.example`. */
function tileSource(tileUrl: string | null): string | null {
  const match = tileUrl?.match(/^(https?:\/\/[^/?#]+)/)
  return match?.[1]?.replace(/\{[^}]*\}/g, '*') ?? null
}
