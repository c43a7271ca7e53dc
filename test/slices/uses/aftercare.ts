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
  /** A ride whose rider misses something. */
  const missed =
    (by: UserRole, prefix: string, tail: string, more: Partial<Use> = {}) =>
    async (): Promise<Use> => {
      const rideId = await onRide(4, canal.rider)
      const told = { topic: 'phone', text: 'A black one', key: crypto.randomUUID() }
      await canal.rider.client.form(`/rides/${rideId}/cases/lost-item`, told)
      return { ...{ path: `${prefix}/rides/${rideId}/cases/lost-item${tail}`, by }, ...more }
    }
  const words = { body: { step: 'write', text: 'Please look again' }, status: 303 }
  const said = { body: words.body }
  const live = (use: () => Promise<Use>) => async (): Promise<Use> => {
    const { path, ...more } = await use()
    return { path: `/live${path}`, ...more }
  }
  return {
    'GET /rides/:id/cases/:kind': mine('/cases/problem'),
    'POST /rides/:id/cases/:kind': mine('/cases/problem', {
      ...{ body: { topic: 'price', text: 'It was too much' }, status: 303 },
    }),
    'POST /rides/:id/cases/:kind/steps': missed('rider', '', '/steps', words),
    'GET /api/v1/rides/:id/cases/:kind': api(mine('/cases/problem')),
    'POST /api/v1/rides/:id/cases/:kind': api(
      mine('/cases/problem', { body: { topic: 'price', text: 'It was too much' }, status: 201 }),
    ),
    'POST /api/v1/rides/:id/cases/:kind/steps': api(missed('rider', '', '/steps', said)),
    'WS /live/rides/:id/cases/:kind': live(missed('rider', '', '')),
    'GET /live/rides/:id/cases/:kind': live(missed('rider', '', '')),
    'GET /api/v1/driver/cases': plain('/api/v1/driver/cases', { by: 'driver' }),
    'GET /api/v1/driver/rides/:id/cases/:kind': api(missed('driver', '/driver', '')),
    'POST /api/v1/driver/rides/:id/cases/:kind/steps': api(missed('driver', '/driver', '/steps', said)),
    'WS /live/driver/rides/:id/cases/:kind': live(missed('driver', '/driver', '')),
    'GET /live/driver/rides/:id/cases/:kind': live(missed('driver', '/driver', '')),
    'GET /api/v1/board/cases': plain('/api/v1/board/cases', { by: 'dispatcher' }),
    'GET /api/v1/board/rides/:id/cases/:kind': api(missed('dispatcher', '/board', '')),
    'POST /api/v1/board/rides/:id/cases/:kind/steps': api(missed('dispatcher', '/board', '/steps', said)),
    'WS /live/board/rides/:id/cases/:kind': live(missed('dispatcher', '/board', '')),
    'GET /live/board/rides/:id/cases/:kind': live(missed('dispatcher', '/board', '')),
    'GET /driver/cases': plain('/driver/cases', { by: 'driver' }),
    'GET /driver/rides/:id/cases/:kind': missed('driver', '/driver', ''),
    'POST /driver/rides/:id/cases/:kind/steps': missed('driver', '/driver', '/steps', words),
    'GET /board/cases': plain('/board/cases', { by: 'dispatcher' }),
    'GET /board/rides/:id/cases/:kind': missed('dispatcher', '/board', ''),
    'POST /board/rides/:id/cases/:kind/steps': missed('dispatcher', '/board', '/steps', words),
    'GET /cases': plain('/cases'),
    'GET /api/v1/cases': plain('/api/v1/cases'),
    'WS /live/cases': plain('/live/cases'),
    'GET /live/cases': plain('/live/cases'),
    'WS /live/driver/cases': plain('/live/driver/cases', { by: 'driver' }),
    'GET /live/driver/cases': plain('/live/driver/cases', { by: 'driver' }),
    'WS /live/board/cases': plain('/live/board/cases', { by: 'dispatcher' }),
    'GET /live/board/cases': plain('/live/board/cases', { by: 'dispatcher' }),
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
