/** What stands beside a ride under way. */
import type { DriverId, RideId } from '../../../src/engine/units.ts'
import { api, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal, onRide }) => {
  /** The driver waits for the rider's code. */
  const startWithout = async (): Promise<Use> => {
    const rideId = await onRide(2)
    await world.db
      .insertInto('start_codes')
      .values({
        ...{ company_id: canal.companyId, ride_id: rideId as RideId },
        driver_id: canal.driver.driverId as DriverId,
        ...{ code: '4821', wrong_tries: 0, opened_at: null, opened_by: null, reason: null },
      })
      .execute()
    const body = { reason: 'Rider has no phone at hand' }
    return { path: `/board/rides/${rideId}/start`, by: 'dispatcher', body, status: 303 }
  }
  /** A link to the rider's ride; its path. */
  const link = async (): Promise<string> => {
    const path = `/rides/${await onRide(1, canal.rider)}/share`
    const { csrf } = canal.rider.client.session!
    const answer = await canal.rider.client.form(
      path,
      { csrf, key: crypto.randomUUID() },
      { accept: 'application/json' },
    )
    return new URL(((await answer.json()) as { url: string }).url).pathname
  }
  const ofRider = (tail: string, more: Partial<Use>) => async (): Promise<Use> => ({
    ...{ path: `/rides/${await onRide(3, canal.rider)}/safety${tail}`, by: 'rider' as const },
    ...more,
  })
  const ofDriver = (more: Partial<Use>) => async (): Promise<Use> => ({
    ...{ path: `/driver/rides/${await onRide(3)}/safety`, by: 'driver' as const },
    ...more,
  })
  /** Help was asked for. */
  const ofDesk = (tail: 'seen' | 'closing' | null, more: Partial<Use>) => async (): Promise<Use> => {
    const rideId = await onRide(3)
    const { id } = await canal.driver.client.done<{ id: string }>(
      'POST',
      `/api/v1/driver/rides/${rideId}/safety`,
      {},
    )
    const path = `/board/rides/${rideId}/safety${tail === null ? '' : `/${id}/${tail}`}`
    return { path, by: 'dispatcher', ...more }
  }
  const live = (use: () => Promise<Use>) => async (): Promise<Use> => {
    const { path, ...more } = await use()
    return { path: `/live${path}`, ...more }
  }
  return {
    'POST /rides/:id/share': async () => ({
      ...{ path: `/rides/${await onRide(1, canal.rider)}/share`, body: {}, status: 303 },
    }),
    'POST /rides/:id/share/end': async () => ({
      ...{ path: `/rides/${await onRide(1, canal.rider)}/share/end`, body: {}, status: 303 },
    }),
    'GET /s/:token': async () => ({ path: await link() }),
    'WS /s/:token/live': async () => ({ path: `${await link()}/live` }),
    'GET /s/:token/live': async () => ({ path: `${await link()}/live` }),
    'GET /rides/:id/safety': ofRider('', {}),
    'POST /rides/:id/safety': ofRider('', { body: {}, status: 303 }),
    'POST /api/v1/rides/:id/safety': api(ofRider('', { body: {}, status: 201 })),
    'WS /live/rides/:id/safety': live(ofRider('', {})),
    'GET /live/rides/:id/safety': live(ofRider('', {})),
    'WS /live/driver/rides/:id/safety': live(ofDriver({})),
    'GET /live/driver/rides/:id/safety': live(ofDriver({})),
    'GET /driver/rides/:id/safety': ofDriver({}),
    'POST /driver/rides/:id/safety': ofDriver({ body: {}, status: 303 }),
    'POST /api/v1/driver/rides/:id/safety': api(ofDriver({ body: {}, status: 201 })),
    'GET /board/rides/:id/safety': ofDesk(null, {}),
    'WS /live/board/rides/:id/safety': live(ofDesk(null, {})),
    'GET /live/board/rides/:id/safety': live(ofDesk(null, {})),
    'POST /board/rides/:id/safety/:alert/seen': ofDesk('seen', { body: {}, status: 303 }),
    'POST /board/rides/:id/safety/:alert/closing': ofDesk('closing', {
      ...{ body: { words: 'Called back, all is well' }, status: 303 },
    }),
    'POST /board/rides/:id/start': startWithout,
    'POST /api/v1/board/rides/:id/start': api(startWithout),
  }
}
