/** Where somebody is signed in, and the tokens of programs. */
import { PASSWORD } from '../../support/app-world.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal }) => {
  /** Another session of Ada's. */
  async function another(): Promise<string> {
    await world.auth.mintSession(canal.rider.identityId)
    const { sessions } = await canal.rider.client.done<{ sessions: { id: string; current: boolean }[] }>(
      'GET',
      '/api/v1/sessions',
    )
    return sessions.find(({ current }) => !current)!.id
  }

  return {
    'GET /account/devices': plain('/account/devices'),
    'POST /account/devices/:id/end': async () => ({
      path: `/account/devices/${await another()}/end`,
      body: {},
      status: 303,
    }),
    'POST /account/devices/end-others': plain('/account/devices/end-others', { body: {}, status: 303 }),
    'GET /api/v1/sessions': plain('/api/v1/sessions'),
    'DELETE /api/v1/sessions': plain('/api/v1/sessions'),
    'DELETE /api/v1/sessions/:id': async () => ({ path: `/api/v1/sessions/${await another()}` }),
    'POST /api/v1/tokens': plain('/api/v1/tokens', {
      body: { email: canal.rider.email, password: PASSWORD },
    }),
    'POST /api/v1/tokens/refresh': plain('/api/v1/tokens/refresh', {
      body: { refreshToken: 'hcr_nobody.knows' },
      status: 401,
    }),
    // The walk comes with cookies; a program's own way out is in session-header.test.ts.
    'DELETE /api/v1/tokens': plain('/api/v1/tokens', { status: 403 }),
  }
}
