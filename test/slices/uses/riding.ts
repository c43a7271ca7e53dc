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
  return {
    'POST /board/rides/:id/start': startWithout,
    'POST /api/v1/board/rides/:id/start': api(startWithout),
  }
}
