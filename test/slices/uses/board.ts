/** The dispatch desk. */
import { askPrices } from '../../support/ride-steps.ts'
import { api, plain, type Use, type UsesOf } from './walk.ts'

const REASON = { reason: 'the rider rang' }

export const uses: UsesOf = ({ canal, rideOf, online, onRide, watched }) => {
  const { driverId } = canal.driver
  const waitingRide = async () => {
    await online()
    return rideOf()
  }
  const desk =
    (tail: string, prepare: () => Promise<string>, body: Record<string, unknown>) =>
    async (): Promise<Use> => ({
      ...{ path: `/board/rides/${await prepare()}/${tail}`, by: 'dispatcher' },
      ...{ body, status: 303 },
    })
  return {
    'GET /board': plain('/board', { by: 'dispatcher' }),
    'GET /board/bookings': plain('/board/bookings', { by: 'dispatcher' }),
    'POST /board/bookings': async () => {
      await rideOf(canal.rider)
      const way = { from_lat: '40.758', from_lng: '-73.9855', to_lat: '40.7074', to_lng: '-74.0113' }
      return {
        ...{ path: '/board/bookings', by: 'dispatcher', status: 303 },
        body: { caller: canal.rider.email, from: '', to: '', ...way },
      }
    },
    'POST /api/v1/board/bookings': () => ({
      ...{ path: '/api/v1/board/bookings', by: 'dispatcher' as const, status: 201 },
      body: { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } },
    }),
    'GET /board/bookings/:id': async () => {
      await rideOf(canal.rider)
      return { path: `/board/bookings/${(await askPrices(canal.rider)).id}`, by: 'dispatcher' }
    },
    'POST /board/bookings/:id': async () => {
      await rideOf(canal.rider)
      const { id, options } = await askPrices(canal.rider)
      return {
        ...{ path: `/board/bookings/${id}`, by: 'dispatcher', status: 303 },
        body: { quote_id: options[0]!.quoteId, payment: 'cash' },
      }
    },
    'GET /board/queue': plain('/board/queue', { by: 'dispatcher' }),
    'GET /board/table': plain('/board/table', { by: 'dispatcher' }),
    'GET /board/rides/:id': async () => ({
      path: `/board/rides/${await rideOf()}`,
      by: 'dispatcher',
    }),
    'GET /board/rides/:id/trace': async () => ({
      path: `/board/rides/${await rideOf()}/trace`,
      by: 'dispatcher',
    }),
    'GET /board/rides/:id/trace/export': async () => ({
      path: `/board/rides/${await rideOf()}/trace/export?format=csv`,
      by: 'dispatcher',
    }),
    'GET /api/v1/board/rides/:id/trace': async () => ({
      path: `/api/v1/board/rides/${await rideOf()}/trace`,
      by: 'dispatcher',
    }),
    'POST /board/rides/:id/assignment': desk('assignment', waitingRide, { driver_id: driverId }),
    'POST /board/rides/:id/release': desk('release', onRide, REASON),
    'POST /board/rides/:id/cancellation': desk('cancellation', waitingRide, REASON),
    'POST /board/rides/:id/patience': desk('patience', watched, {}),
    'POST /board/rides/:id/wider-search': desk('wider-search', waitingRide, {}),
    'POST /board/rides/:id/postponement': desk('postponement', waitingRide, { minutes: '10' }),
    'POST /api/v1/board/rides/:id/patience': api(desk('patience', watched, {})),
    'POST /api/v1/board/rides/:id/wider-search': api(desk('wider-search', waitingRide, {})),
    'POST /api/v1/board/rides/:id/postponement': api(desk('postponement', waitingRide, { minutes: 10 })),
    'GET /api/v1/board/cars': plain('/api/v1/board/cars', { by: 'dispatcher' }),
    'GET /api/v1/board/needs': plain('/api/v1/board/needs', { by: 'dispatcher' }),
    'GET /api/v1/board/rides': plain('/api/v1/board/rides', { by: 'dispatcher' }),
    'GET /api/v1/board/rides/:id/candidates': async () => ({
      path: `/api/v1/board/rides/${await rideOf()}/candidates`,
      by: 'dispatcher',
    }),
    'POST /api/v1/board/rides/:id/assignment': api(desk('assignment', waitingRide, { driverId })),
    'POST /api/v1/board/rides/:id/release': api(desk('release', onRide, REASON)),
    'POST /api/v1/board/rides/:id/cancellation': api(desk('cancellation', waitingRide, REASON)),
    'GET /live/board': plain('/live/board', { by: 'dispatcher' }),
    'WS /live/board': plain('/live/board', { by: 'dispatcher' }),
  }
}
