/** Cookie names and lines. Browsers refuse the `__Host-` prefix without Secure, so plain http goes without. */

export interface CookieNames {
  readonly session: string
  /** Carries a random value for the forms of people who are not signed in yet. */
  readonly visitor: string
  /** What a sign-in waits under for its second factor. */
  readonly pending: string
  /** Tells a browser that signed in before from a new one; opens nothing. */
  readonly browser: string
  readonly secure: boolean
}

export function cookieNames(publicUrl: string): CookieNames {
  const secure = publicUrl.startsWith('https:')
  const prefix = secure ? '__Host-' : ''
  return {
    session: `${prefix}honeycab`,
    visitor: `${prefix}honeycab-visitor`,
    pending: `${prefix}honeycab-pending`,
    browser: `${prefix}honeycab-browser`,
    secure,
  }
}

/** The value of the first cookie called `name`, percent-decoded; null when absent or badly encoded. */
export function readCookie(header: string | null, name: string): string | null {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=')
    if (equals === -1 || part.slice(0, equals).trim() !== name) continue
    try {
      return decodeURIComponent(part.slice(equals + 1).trim())
    } catch {
      return null
    }
  }
  return null
}

/** One Set-Cookie line; a `maxAgeS` of 0 takes the cookie away, null keeps it until the browser closes. */
export function cookieLine(
  name: string,
  value: string,
  options: { secure: boolean; maxAgeS: number | null },
) {
  return [
    `${name}=${encodeURIComponent(value)}`,
    ...(options.maxAgeS === null ? [] : [`Max-Age=${options.maxAgeS}`]),
    'Path=/',
    'HttpOnly',
    ...(options.secure ? ['Secure'] : []),
    'SameSite=Lax',
  ].join('; ')
}
