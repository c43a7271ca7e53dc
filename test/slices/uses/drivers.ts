/** A driver's shift, offers and rides. */
import { pingAt } from '../../support/ride-steps.ts'
import { api, plain, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal, online, offline, offered, onRide, watched, asked }) => {
  const answerWay = (body: Record<string, unknown>) => async (): Promise<Use> => {
    const { rideId, changeId } = await asked()
    return { path: `/rides/${rideId}/changes/${changeId}/answer`, by: 'driver', body, status: 303 }
  }
  const answer = (tail: string) => async (): Promise<Use> => ({
    ...{ path: `/offers/${await offered()}/${tail}`, by: 'driver', body: {}, status: 303 },
  })
  const drive = (tail: string, body: Record<string, unknown>) => async (): Promise<Use> => ({
    ...{ path: `/rides/${await onRide()}/${tail}`, by: 'driver', body, status: 303 },
  })
  const onMyWay = async (): Promise<Use> => ({
    ...{ path: `/rides/${await watched()}/on-my-way`, by: 'driver', body: {}, status: 303 },
  })
  const onShift =
    (path: string, status = 303) =>
    async (): Promise<Use> => {
      await online()
      return { path, by: 'driver', body: {}, status }
    }
  return {
    'GET /driver': plain('/driver', { by: 'driver' }),
    'GET /driver/settings': plain('/driver/settings', { by: 'driver' }),
    'POST /driver/settings': plain('/driver/settings', {
      ...{ by: 'driver', body: { navigates_by: 'waze' }, status: 303 },
    }),
    'GET /driver/papers': plain('/driver/papers', { by: 'driver' }),
    'POST /driver/shift': async () => {
      await offline()
      const body = { vehicle_id: canal.driver.vehicleId }
      return { path: '/driver/shift', by: 'driver', body, status: 303 }
    },
    'POST /driver/shift/end': async () => {
      await online()
      return { path: '/driver/shift/end', by: 'driver', body: {}, status: 303 }
    },
    'POST /driver/phone': onShift('/driver/phone'),
    'POST /driver/break': onShift('/driver/break'),
    'POST /driver/break/end': onShift('/driver/break/end'),
    'POST /api/v1/driver/break': api(onShift('/driver/break', 201)),
    'DELETE /api/v1/driver/break': plain('/api/v1/driver/break', { by: 'driver' }),
    'POST /offers/:id/acceptance': answer('acceptance'),
    'POST /offers/:id/decline': answer('decline'),
    'POST /rides/:id/steps': drive('steps', { step: 'set_off' }),
    'POST /rides/:id/changes/:change/answer': answerWay({ answer: 'agree' }),
    'POST /api/v1/rides/:id/changes/:change/answer': api(answerWay({ agrees: true })),
    'POST /rides/:id/on-my-way': onMyWay,
    'POST /rides/:id/hand-back': drive('hand-back', { reason: 'flat tyre' }),
    'GET /api/v1/driver': plain('/api/v1/driver', { by: 'driver' }),
    'POST /api/v1/driver/shift': async () => {
      await offline()
      return { path: '/api/v1/driver/shift', by: 'driver', body: {}, status: 201 }
    },
    'DELETE /api/v1/driver/shift': plain('/api/v1/driver/shift', { by: 'driver' }),
    'POST /api/v1/offers/:id/acceptance': api(answer('acceptance')),
    'POST /api/v1/offers/:id/decline': api(answer('decline')),
    'POST /api/v1/rides/:id/steps': api(drive('steps', { step: 'set_off' })),
    'POST /api/v1/rides/:id/on-my-way': api(onMyWay),
    'POST /api/v1/rides/:id/hand-back': api(drive('hand-back', { reason: 'flat tyre' })),
    'POST /api/v1/positions': async () => {
      await online()
      return { path: '/api/v1/positions', by: 'driver', body: { pings: [pingAt(world)] } }
    },
    'GET /live/driver': plain('/live/driver', { by: 'driver' }),
    'WS /live/driver': plain('/live/driver', { by: 'driver' }),
  }
}
