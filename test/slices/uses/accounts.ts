/** Signing in and out. */
import { PASSWORD } from '../../support/app-world.ts'
import { plain, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal }) => ({
  'GET /sign-in': plain('/sign-in', { status: 303 }),
  'POST /sign-in': plain('/sign-in', { body: { email: 'x@y.example', password: 'wrong' }, status: 422 }),
  'POST /sign-out': plain('/sign-out', { body: {}, status: 303, spends: true }),
  'GET /api/v1/session': plain('/api/v1/session'),
  'POST /api/v1/session': plain('/api/v1/session', {
    body: { email: canal.rider.email, password: PASSWORD },
    spends: true,
  }),
  'DELETE /api/v1/session': plain('/api/v1/session', { status: 204, spends: true }),
})
