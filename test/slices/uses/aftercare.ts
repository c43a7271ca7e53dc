/** What comes after a ride. */
import type { Person } from '../../support/app-world.ts'
import { api, plain, type Use, type UserRole, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ canal, onRide }) => {
  const over =
    (by: UserRole, prefix: string, tail: string, more: Partial<Use> = {}, rider?: Person) =>
    async (): Promise<Use> => ({
      ...{ path: `${prefix}/rides/${await onRide(4, rider)}${tail}`, by },
      ...more,
    })
  const mine = (tail: string, more: Partial<Use> = {}) => over('rider', '', tail, more, canal.rider)
  const drivers = (tail: string, more: Partial<Use> = {}) => over('driver', '/driver', tail, more)
  const desks = (tail: string, more: Partial<Use> = {}) => over('dispatcher', '/board', tail, more)
  return {
    'GET /rides/:id/receipt': mine('/receipt'),
    'GET /rides/:id/receipt.pdf': mine('/receipt.pdf'),
    'POST /rides/:id/receipt/letter': mine('/receipt/letter', { body: {}, status: 303 }),
    'POST /rides/:id/tip': mine('/tip', { body: { amount_minor: '300' }, status: 303 }),
    'POST /api/v1/rides/:id/tip': api(mine('/tip', { body: { amountMinor: 300 } })),
    'POST /rides/:id/rating': mine('/rating', { body: { stars: '5' }, status: 303 }),
    'POST /api/v1/rides/:id/rating': api(mine('/rating', { body: { stars: 5 } })),
    'GET /driver/earnings': plain('/driver/earnings', { by: 'driver' }),
    'GET /driver/earnings.csv': plain('/driver/earnings.csv', { by: 'driver' }),
    'GET /api/v1/driver/earnings': plain('/api/v1/driver/earnings', { by: 'driver' }),
    'GET /driver/ratings': plain('/driver/ratings', { by: 'driver' }),
    'GET /api/v1/driver/ratings': plain('/api/v1/driver/ratings', { by: 'driver' }),
    'GET /driver/rides/:id/rating': drivers('/rating'),
    'POST /driver/rides/:id/rating': drivers('/rating', { body: { stars: '4' }, status: 303 }),
    'POST /api/v1/driver/rides/:id/rating': api(drivers('/rating', { body: { stars: 4 } })),
    'GET /board/ratings': plain('/board/ratings', { by: 'dispatcher' }),
    'POST /board/rides/:id/rating/seen': desks('/rating/seen', { body: { side: 'rider' }, status: 303 }),
  }
}
