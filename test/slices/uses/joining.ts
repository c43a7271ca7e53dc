/** Registering, confirming an address, forgotten passwords. */
import { invite } from '../../../src/accounts/invitations.ts'
import { assert } from '../../../src/engine/units.ts'
import { commit } from '../../../src/io/commit.ts'
import { linkTo } from '../../support/letters.ts'
import { plain, type Use, type UsesOf } from './walk.ts'

const GOOD_PASSWORD = 'seven quiet harbours'
let newcomers = 0

export const uses: UsesOf = ({ world, canal }) => {
  const newcomer = () => `newcomer${newcomers++}@walk.example`
  const register = { name: 'New Comer', password: GOOD_PASSWORD, as: 'rider' }

  /** Where the link of a letter leads, which a call of `path` had sent. */
  async function letterAfter(path: string, body: Record<string, unknown>): Promise<string> {
    const answer = await world.stranger.call('POST', path, body)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return linkTo(world.db, String(body.email))
  }
  const verifying = () => letterAfter('/api/v1/registrations', { ...register, email: newcomer() })
  async function resetting(): Promise<string> {
    const person = await world.newRider(`Forgetful${newcomers++} Tester`)
    return letterAfter('/api/v1/password-resets', { email: person.email })
  }
  /** An invitation for somebody else than who opens it: whoever took it would be staff for the rest of the walk. */
  async function inviting(): Promise<{ id: string; link: string }> {
    const email = newcomer()
    const viewer = { identityId: canal.admin.identityId, name: canal.admin.name }
    const made = await commit(world, async (unit) => {
      const wanted = { companyId: canal.companyId, email, role: 'operator' } as const
      return invite(unit, world.random, { viewer, from: { address: '', requestId: '' } }, wanted)
    })
    assert(made.ok, 'nobody has the role yet')
    return { id: made.value, link: await linkTo(world.db, email) }
  }
  /** Somebody who asked Canal Street to drive. */
  async function applying(): Promise<string> {
    const { identityId } = await world.newRider(`Applicant${newcomers++} Tester`)
    const id = world.random.uuid()
    const asked_at = new Date(world.clock.nowMs())
    await world.db
      .insertInto('driver_applications')
      .values({ company_id: canal.companyId, id, identity_id: identityId, asked_at })
      .execute()
    return id
  }
  const byAdmin = (body: Record<string, unknown>) => ({ by: 'admin', body, status: 303 }) as const
  const at = (path: string, use: Partial<Use> = {}) => ({ path, ...use })
  const apiOf = (link: string, name: string) => `/api/v1/${name}/${link.split('/').at(-1)}`
  const reset = { password: GOOD_PASSWORD }

  return {
    'GET /register': plain('/register', { status: 303 }),
    'POST /register': () => at('/register', { body: { ...register, email: newcomer() } }),
    'POST /api/v1/registrations': () =>
      at('/api/v1/registrations', { body: { ...register, email: newcomer() }, status: 202 }),
    'GET /api/v1/captcha': plain('/api/v1/captcha'),
    'POST /password-strength': plain('/password-strength', { body: { password: GOOD_PASSWORD } }),
    'POST /verifications': () => at('/verifications', { body: { email: newcomer() } }),
    'POST /api/v1/verifications': () =>
      at('/api/v1/verifications', { body: { email: newcomer() }, status: 202 }),
    'GET /verify/:token': async () => at(await verifying()),
    'POST /verify/:token': async () => at(await verifying(), { body: {} }),
    'POST /api/v1/verifications/:token': async () =>
      at(apiOf(await verifying(), 'verifications'), { body: {} }),
    'GET /account/verification': plain('/account/verification', { status: 303 }),
    'POST /account/verification': plain('/account/verification', { body: {}, status: 303 }),
    'GET /drive': plain('/drive'),
    'POST /drive': plain('/drive', { body: {}, status: 303 }),
    'GET /forgot-password': plain('/forgot-password'),
    'POST /forgot-password': () => at('/forgot-password', { body: { email: newcomer() } }),
    'POST /api/v1/password-resets': () =>
      at('/api/v1/password-resets', { body: { email: newcomer() }, status: 202 }),
    'GET /account/password': plain('/account/password'),
    'POST /account/password': plain('/account/password', { body: reset, status: 303, spends: true }),
    'GET /invitations/:token': async () => at((await inviting()).link),
    'POST /invitations/:token': async () => at((await inviting()).link, { body: {}, status: 409 }),
    'GET /admin/joining': plain('/admin/joining', { by: 'admin' }),
    'POST /admin/invitations': () =>
      at('/admin/invitations', byAdmin({ email: newcomer(), role: 'operator', company: canal.companyId })),
    'POST /admin/invitations/:id/letter': async () =>
      at(`/admin/invitations/${(await inviting()).id}/letter`, byAdmin({})),
    'POST /admin/invitations/:id/withdrawal': async () =>
      at(`/admin/invitations/${(await inviting()).id}/withdrawal`, byAdmin({})),
    'POST /admin/applications/:id/approval': async () =>
      at(`/admin/applications/${await applying()}/approval`, byAdmin({ call_sign: `9${newcomers++}` })),
    'POST /admin/applications/:id/rejection': async () =>
      at(`/admin/applications/${await applying()}/rejection`, byAdmin({ reason: 'no car free' })),
    'GET /reset-password/:token': async () => at(await resetting()),
    'POST /reset-password/:token': async () => at(await resetting(), { body: reset }),
    'POST /api/v1/password-resets/:token': async () =>
      at(apiOf(await resetting(), 'password-resets'), { body: reset, status: 204 }),
  }
}
