/** What the desk does to one ride beside giving and taking it. */
import { goOnline } from '../../support/ride-steps.ts'
import { api, type Use, type UsesOf } from './walk.ts'

export const uses: UsesOf = ({ world, canal, rideOf, online, onRide }) => {
  const { driverId } = canal.otherDriver
  const { client } = canal.dispatcher
  const on = (rideId: string, tail: string) => `/board/rides/${rideId}/${tail}`

  /** The driver has a ride, and the other one none. */
  const besideFree = async () => {
    const other = await canal.otherDriver.client.done<{ ride: { id: string } | null }>(
      'GET',
      '/api/v1/driver',
    )
    if (other.ride !== null)
      await client.done('POST', `/api/v1${on(other.ride.id, 'release')}`, {
        reason: 'the next part of the walk',
      })
    await goOnline(world, canal.otherDriver)
    return onRide()
  }
  const heldRide = async () => {
    const rideId = await rideOf()
    await client.done('POST', `/api/v1${on(rideId, 'postponement')}`, { minutes: 10 })
    return rideId
  }
  const undone = async (): Promise<Use> => {
    await online()
    const rideId = await rideOf()
    const held = await client.done<{ undo: { act: string } }>(
      'POST',
      `/api/v1${on(rideId, 'postponement')}`,
      {
        minutes: 5,
      },
    )
    return { path: on(rideId, 'undo'), by: 'dispatcher', body: { act: held.undo.act }, status: 303 }
  }
  const desk =
    (tail: string, prepare: () => Promise<string>, body: Record<string, unknown>) =>
    async (): Promise<Use> => ({ path: on(await prepare(), tail), by: 'dispatcher', body, status: 303 })
  const reason = 'the rider rang'
  const way = {
    from: '',
    from_lat: '40.758',
    from_lng: '-73.9855',
    to: '',
    to_lat: '40.7536',
    to_lng: '-73.9832',
  }
  const agreed = (name: 'quote_id' | 'quoteId') => async (): Promise<Use> => {
    const rideId = await rideOf()
    const priced = await client.done<{ quoteId: string }>('POST', `/api/v1${on(rideId, 'price')}`, {
      seats: 2,
    })
    return { path: on(rideId, 'agreement'), by: 'dispatcher', body: { [name]: priced.quoteId }, status: 303 }
  }
  const asked = (use: () => Promise<Use>) => async () => ({ ...(await use()), status: 201 })
  return {
    'POST /board/rides/:id/reassignment': desk('reassignment', besideFree, { driver_id: driverId, reason }),
    'POST /api/v1/board/rides/:id/reassignment': api(desk('reassignment', besideFree, { driverId, reason })),
    'GET /board/rides/:id/edit': async () => ({ path: on(await rideOf(), 'edit'), by: 'dispatcher' }),
    'POST /board/rides/:id/edit': desk('edit', rideOf, {
      rider_name: 'Noor Haddad',
      note: 'by the red door',
    }),
    'POST /api/v1/board/rides/:id/edit': api(
      desk('edit', rideOf, { riderName: 'Noor Haddad', note: 'by the red door' }),
    ),
    'POST /board/rides/:id/price': desk('price', rideOf, way),
    'POST /api/v1/board/rides/:id/price': api(asked(desk('price', rideOf, { seats: 2 }))),
    'POST /board/rides/:id/agreement': agreed('quote_id'),
    'POST /api/v1/board/rides/:id/agreement': api(agreed('quoteId')),
    'POST /board/rides/:id/resumption': desk('resumption', heldRide, {}),
    'POST /api/v1/board/rides/:id/resumption': api(desk('resumption', heldRide, {})),
    'POST /board/rides/:id/undo': undone,
    'POST /api/v1/board/rides/:id/undo': api(undone),
  }
}
