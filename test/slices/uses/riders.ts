/** Places, prices, and a rider's rides. */
import { askPrices, bookRide } from '../../support/ride-steps.ts'
import { api, plain, type Use, type UsesOf } from './walk.ts'

const PLACE = { to: 'The blue door', to_lat: '40.758', to_lng: '-73.9855', kind: 'other', name: 'Blue door' }
const PLACES = { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } }

export const uses: UsesOf = ({ world, canal, rideOf, otherWay, asked }) => {
  const TO = { to: '350 Fifth Ave', to_lat: '40.7484', to_lng: '-73.9857' }
  const askWay = (body: (quoteId: string) => Record<string, unknown>) => async (): Promise<Use> => {
    const rideId = await rideOf(canal.rider)
    const quoteId = await otherWay(rideId, canal.rider)
    return { path: `/rides/${rideId}/changes`, by: 'rider', status: 303, body: body(quoteId) }
  }
  const takeBack = async (): Promise<Use> => ({
    ...{ path: `/rides/${(await asked()).rideId}/changes/withdrawal`, by: 'rider', status: 303, body: {} },
  })
  const inHours = (hours: number) => Math.round(world.clock.nowMs()) + hours * 3_600_000
  const ride =
    (tail: string, more: Partial<Use> = {}) =>
    async (): Promise<Use> => ({
      ...{ path: `/rides/${await rideOf(canal.rider)}${tail}`, by: 'rider' },
      ...more,
    })
  /** Everybody who walks past may wait for five cars at most. */
  async function freshQuote(): Promise<string> {
    await world.db.deleteFrom('free_waits').execute()
    return (await askPrices(canal.rider)).options[0]!.quoteId
  }
  /** A ride that is looked for, and the price of another class beside its own. */
  async function searching(): Promise<{ rideId: string; quoteId: string }> {
    await world.limits.forgive('rides_person', canal.rider.identityId)
    const { options } = await askPrices(canal.rider)
    const asked = { quoteId: options[0]!.quoteId, payment: 'cash', note: '' }
    const { id } = await canal.rider.client.done<{ id: string }>('POST', '/api/v1/rides', asked)
    return { rideId: id, quoteId: options.find((option) => option.class === 'black')!.quoteId }
  }
  async function savedPlace(): Promise<string> {
    await world.db.deleteFrom('saved_places').where('identity_id', '=', canal.rider.identityId).execute()
    const saved = await canal.rider.client.form('/account/places', { ...PLACE, key: crypto.randomUUID() })
    if (saved.status !== 303) throw new Error(`a place was not saved: ${saved.status}`)
    const places = await canal.rider.client.done<{ saved: { id: string }[] }>('GET', '/api/v1/account/places')
    return places.saved[0]!.id
  }
  return {
    'GET /request': plain('/request?from=Times+Square'),
    'GET /places': plain('/places?q=times&field=from'),
    'GET /api/v1/places': plain('/api/v1/places?q=times'),
    'GET /api/v1/places/nearest': plain('/api/v1/places/nearest?lat=40.758&lng=-73.9855'),
    'POST /quotes': plain('/quotes', {
      body: {
        from: '',
        from_lat: '40.758',
        from_lng: '-73.9855',
        to: '',
        to_lat: '40.7074',
        to_lng: '-74.0113',
      },
      status: 303,
    }),
    'GET /quotes/:id': async () => ({
      path: `/quotes/${(await askPrices(canal.rider)).id}`,
      by: 'rider',
    }),
    'POST /api/v1/quotes': plain('/api/v1/quotes', { body: PLACES, status: 201 }),
    'POST /free-waits': async () => ({
      ...{ path: '/free-waits', by: 'rider', status: 303 },
      body: { quote_id: await freshQuote() },
    }),
    'POST /api/v1/free-waits': async () => ({
      ...{ path: '/api/v1/free-waits', by: 'rider', status: 201 },
      body: { quoteId: await freshQuote() },
    }),
    'POST /rides/:id/instead': async () => {
      const { rideId, quoteId } = await searching()
      return { path: `/rides/${rideId}/instead`, by: 'rider', body: { quote_id: quoteId }, status: 303 }
    },
    'POST /api/v1/rides/:id/instead': async () => {
      const { rideId, quoteId } = await searching()
      return { path: `/api/v1/rides/${rideId}/instead`, by: 'rider', body: { quoteId }, status: 201 }
    },
    'GET /account/places': plain('/account/places'),
    'POST /account/places': plain('/account/places', { body: PLACE, status: 303 }),
    'POST /account/places/:id': async () => ({
      ...{ path: `/account/places/${await savedPlace()}`, by: 'rider', status: 303 },
      body: { name: 'The corner' },
    }),
    'POST /account/places/:id/removal': async () => ({
      ...{ path: `/account/places/${await savedPlace()}/removal`, by: 'rider', body: {}, status: 303 },
    }),
    'GET /api/v1/account/places': plain('/api/v1/account/places'),
    'GET /rides': plain('/rides'),
    'POST /rides': async () => ({
      ...{ path: '/rides', by: 'rider', status: 303 },
      body: { quote_id: (await askPrices(canal.rider)).options[0]!.quoteId, payment: 'cash' },
    }),
    'GET /rides/:id': ride(''),
    'GET /rides/:id/cancellation': ride('/cancellation'),
    'POST /rides/:id/cancellation': ride('/cancellation', { body: { fee_minor: '0' }, status: 303 }),
    'POST /rides/:id/booking': async () => ({
      ...{ path: `/rides/${(await bookRide(canal.rider, inHours(2))).id}/booking`, by: 'rider', status: 303 },
      body: { quote_id: (await askPrices(canal.rider, inHours(5))).options[0]!.quoteId },
    }),
    'POST /api/v1/rides/:id/booking': async () => ({
      ...{ path: `/api/v1/rides/${(await bookRide(canal.rider, inHours(2))).id}/booking`, by: 'rider' },
      body: { quoteId: (await askPrices(canal.rider, inHours(5))).options[0]!.quoteId },
    }),
    'GET /rides/:id/change': ride('/change'),
    'POST /rides/:id/change': ride('/change', { body: TO, status: 303 }),
    'POST /api/v1/rides/:id/change-quotes': async () => ({
      ...{ path: `/api/v1/rides/${await rideOf(canal.rider)}/change-quotes`, by: 'rider', status: 201 },
      body: { to: { lat: 40.7484, lng: -73.9857 } },
    }),
    'GET /rides/:id/changes/:quote': async () => {
      const rideId = await rideOf(canal.rider)
      return { path: `/rides/${rideId}/changes/${await otherWay(rideId, canal.rider)}`, by: 'rider' }
    },
    'POST /rides/:id/changes': askWay((quoteId) => ({ quote_id: quoteId })),
    'POST /api/v1/rides/:id/changes': async () => ({
      ...(await api(askWay((quoteId) => ({ quoteId })))()),
      status: 201,
    }),
    'POST /rides/:id/changes/withdrawal': takeBack,
    'POST /api/v1/rides/:id/changes/withdrawal': api(takeBack),
    'GET /api/v1/rides': plain('/api/v1/rides'),
    'POST /api/v1/rides': async () => ({
      ...{ path: '/api/v1/rides', by: 'rider', status: 201 },
      body: { quoteId: (await askPrices(canal.rider)).options[0]!.quoteId, payment: 'cash' },
    }),
    'GET /api/v1/rides/:id': api(ride('')),
    'POST /api/v1/rides/:id/cancellation': api(ride('/cancellation', { body: { feeMinor: 0 } })),
    'GET /live/rides/:id': async () => ({
      path: `/live/rides/${await rideOf(canal.rider)}`,
      by: 'rider',
    }),
    'WS /live/rides/:id': async () => ({
      path: `/live/rides/${await rideOf(canal.rider)}`,
      by: 'rider',
    }),
  }
}
