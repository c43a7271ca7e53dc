/** The second step of signing in, confirming, and a person's own factors. */
import { PASSWORD } from '../../support/app-world.ts'
import { plain, type UsesOf } from './walk.ts'

const BYTES = 'bm8ga2V5'
const NO_KEY = {
  id: BYTES,
  rawId: BYTES,
  type: 'public-key',
  response: { clientDataJSON: BYTES, authenticatorData: BYTES, signature: BYTES },
}
const WRONG_CODE = '000000'
/** What gives the session new tokens, so the one that the walk holds is spent by it. */
const SPENDS = { spends: true } as const

export const uses: UsesOf = ({ world, canal }) => {
  /** The only passkey of the rider's, there to be taken away: with one left, a password would no longer do. */
  async function passkey(): Promise<string> {
    const id = crypto.randomUUID()
    await world.db.deleteFrom('passkeys').where('identity_id', '=', canal.rider.identityId).execute()
    await world.db
      .insertInto('passkeys')
      .values({
        ...{ id, identity_id: canal.rider.identityId, credential_id: id, public_key: Buffer.from(id) },
        ...{ counter: 0, name: 'A key', synced: false, created_at: new Date() },
      })
      .execute()
    return id
  }
  return {
    'POST /sign-in/passkey': plain('/sign-in/passkey', {
      body: { passkey: JSON.stringify(NO_KEY) },
      status: 422,
    }),
    'GET /sign-in/second': plain('/sign-in/second', { status: 303 }),
    'POST /sign-in/second': plain('/sign-in/second', { body: { code: WRONG_CODE }, status: 422 }),
    'POST /api/v1/session/second': plain('/api/v1/session/second', {
      body: { pending: 'nobody waits under this', code: WRONG_CODE },
      status: 401,
    }),
    'POST /api/v1/session/passkey': plain('/api/v1/session/passkey', {
      body: { passkey: NO_KEY },
      status: 401,
    }),
    'POST /api/v1/session/passkey-options': plain('/api/v1/session/passkey-options', {
      body: { step: 'sign_in' },
    }),
    'GET /confirm': plain('/confirm?next=/account/security'),
    'POST /confirm': plain('/confirm', {
      ...SPENDS,
      body: { password: PASSWORD, next: '/account/security' },
      status: 303,
    }),
    'POST /api/v1/session/confirmation': plain('/api/v1/session/confirmation', {
      ...SPENDS,
      body: { password: PASSWORD },
    }),
    'GET /account/security': plain('/account/security'),
    'GET /account/security/app': plain('/account/security/app'),
    'POST /account/security/app': plain('/account/security/app', {
      body: { sealed: 'never sealed', code: WRONG_CODE },
      status: 422,
    }),
    'POST /account/security/app/removal': plain('/account/security/app/removal', { body: {}, status: 303 }),
    'GET /account/security/passkeys/new': plain('/account/security/passkeys/new'),
    'POST /account/security/passkeys': plain('/account/security/passkeys', {
      body: { name: 'A key', passkey: '{}' },
      status: 422,
    }),
    'POST /account/security/passkeys/:id/removal': async () => ({
      ...{ path: `/account/security/passkeys/${await passkey()}/removal`, by: 'rider' },
      ...{ body: {}, status: 303 },
    }),
    'GET /account/security/backup-codes': plain('/account/security/backup-codes'),
    'POST /account/security/backup-codes': plain('/account/security/backup-codes', {
      body: {},
      status: 303,
    }),
    'POST /account/security/backup-codes/kept': plain('/account/security/backup-codes/kept', {
      body: {},
      status: 303,
    }),
    'POST /api/v1/account/passkey-options': plain('/api/v1/account/passkey-options', {
      body: { purpose: 'prove' },
    }),
  }
}
