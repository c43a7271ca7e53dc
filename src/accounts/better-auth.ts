/** better-auth on our own tables, ids, clock and hashes. Its handler is not mounted: our routes call its `api`. */

import { kyselyAdapter } from '@better-auth/kysely-adapter'
import { betterAuth } from 'better-auth'
import type { Clock } from '../io/clock.ts'
import type { Logger } from '../io/log.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { cookieNames } from '../web/cookies.ts'
import { LONGEST_PASSWORD, type Passwords } from './passwords.ts'
import { hashingTokens } from './session-tokens.ts'

/** A session ends for good after this, however much it is used. */
export const SESSION_S = 14 * 24 * 3600

export interface EngineOptions {
  readonly db: Db
  readonly config: { readonly publicUrl: string; readonly sessionSecrets: readonly string[] }
  readonly clock: Clock
  readonly random: Random
  readonly log: Logger
  readonly passwords: Passwords
}

/** The name under which a password stands among a person's credentials; better-auth's word. */
export const PASSWORD_PROVIDER = 'credential'

export function makeEngine(options: EngineOptions) {
  const { clock, random, log, passwords } = options
  const names = cookieNames(options.config.publicUrl)
  const adapter = kyselyAdapter(options.db, { type: 'postgres', transaction: true })
  return betterAuth({
    appName: 'Honeycab',
    baseURL: options.config.publicUrl,
    // Given as a list, so that no environment variable of better-auth's own can replace it.
    secrets: [{ version: 1, value: options.config.sessionSecrets[0]! }],
    database: (settings) => hashingTokens(adapter(settings)),
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    logger: {
      // Its warnings are wrong passwords, which the audit trail has.
      log: (level, message) => log[level === 'error' ? 'error' : 'debug']({ message }, 'auth.library'),
    },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      maxPasswordLength: LONGEST_PASSWORD,
      password: {
        hash: passwords.hash,
        verify: ({ password, hash }) => passwords.verify(password, hash),
      },
    },
    session: {
      modelName: 'sessions',
      fields: {
        userId: 'identity_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
      expiresIn: SESSION_S,
      disableSessionRefresh: true,
    },
    user: {
      modelName: 'identities',
      fields: { emailVerified: 'email_verified', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    account: {
      modelName: 'credentials',
      fields: {
        userId: 'identity_id',
        providerId: 'provider_id',
        accountId: 'account_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        createdAt: 'created_at',
        updatedAt: 'updated_at',
      },
    },
    verification: {
      modelName: 'verifications',
      fields: { expiresAt: 'expires_at', createdAt: 'created_at', updatedAt: 'updated_at' },
    },
    databaseHooks: {
      session: {
        create: {
          before: async () => {
            const atMs = clock.nowMs()
            const at = new Date(atMs)
            return { data: { createdAt: at, updatedAt: at, expiresAt: new Date(atMs + SESSION_S * 1000) } }
          },
        },
      },
    },
    advanced: {
      database: { generateId: () => random.uuid() },
      // The whole name stands in `cookies`: better-auth's own prefix would be __Secure-, not __Host-.
      useSecureCookies: false,
      cookies: {
        session_token: {
          name: names.session,
          attributes: { secure: names.secure, httpOnly: true, sameSite: 'lax', path: '/' },
        },
      },
    },
  })
}
