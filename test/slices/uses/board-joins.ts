/** The desk puts riders who share into one car. */
import { sql } from 'kysely'
import { api, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal, rideOf, online }) => {
  const { client } = canal.dispatcher
  const driverId = canal.driver.driverId
  /** A waiting ride whose rider chose to share; the walk's region asks nobody, so it is said here. */
  const shared = async () => {
    const rideId = await rideOf()
    const inAnHour = new Date(world.clock.nowMs() + 3_600_000)
    await sql`UPDATE rides SET shared = true, latest_pickup_at = ${inAnHour}, latest_dropoff_at = ${inAnHour}
      WHERE id = ${rideId}`.execute(world.db)
    await sql`UPDATE quotes SET shared = true, shared_detour_s = 600, shared_wait_s = 3600
      WHERE id = (SELECT quote_id FROM rides WHERE id = ${rideId})`.execute(world.db)
    return rideId
  }
  const join = (body: Record<string, unknown>) => async (): Promise<Use> => {
    await online()
    const first = await shared()
    await client.done('POST', `/api/v1/board/rides/${first}/assignment`, { driverId })
    return { path: `/board/rides/${await shared()}/joining`, by: 'dispatcher', body, status: 303 }
  }
  const part = async (): Promise<Use> => {
    const rides = [{ id: await shared() }, { id: await shared() }]
    await sql`UPDATE rides SET merged_id = ${crypto.randomUUID()} WHERE id IN (${rides[0]!.id}, ${rides[1]!.id})`.execute(
      world.db,
    )
    return { path: `/board/rides/${rides[0]!.id}/parting`, by: 'dispatcher', body: {}, status: 303 }
  }
  return {
    'POST /board/rides/:id/parting': part,
    'POST /api/v1/board/rides/:id/parting': api(part),
    'POST /board/rides/:id/joining': join({ driver_id: driverId }),
    'POST /api/v1/board/rides/:id/joining': api(join({ driverId })),
  }
}
