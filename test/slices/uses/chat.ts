/** Messages about a ride. */
import { api, type Use, type UsesOf } from './walk.ts'

const SAID = { text: 'by the blue door' }

export const uses: UsesOf = ({ canal, rideOf, onRide }) => {
  const sides = [
    { by: 'rider', prefix: '' },
    { by: 'driver', prefix: '/driver' },
    { by: 'dispatcher', prefix: '/board' },
  ] as const
  const all: ReturnType<UsesOf> = {}
  for (const { by, prefix } of sides) {
    const mine = () => (by === 'rider' ? rideOf(canal.rider) : onRide())
    const use = (tail: string, more: Partial<Use>) => async (): Promise<Use> => ({
      ...{ path: `${prefix}/rides/${await mine()}/messages${tail}`, by },
      ...more,
    })
    all[`POST ${prefix}/rides/:id/messages`] = use('', { body: SAID, status: 303 })
    all[`POST ${prefix}/rides/:id/messages/seen`] = use('/seen', { body: { seen: '0' }, status: 303 })
    all[`GET /api/v1${prefix}/rides/:id/messages`] = api(use('', {}))
    all[`POST /api/v1${prefix}/rides/:id/messages`] = api(use('', { body: SAID, status: 201 }))
    if (by === 'dispatcher') continue
    all[`POST ${prefix}/rides/:id/messages/:seq/report`] = async () => {
      const rideId = await mine()
      // Something that somebody else has said.
      const { seq } = await canal.dispatcher.client.done<{ seq: number }>(
        'POST',
        `/api/v1/board/rides/${rideId}/messages`,
        SAID,
      )
      return { path: `${prefix}/rides/${rideId}/messages/${seq}/report`, by, body: {}, status: 303 }
    }
  }
  return all
}
