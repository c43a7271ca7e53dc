import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PERMISSIONS, type Permission, permissionGaps } from '../../src/web/permissions.ts'
import { type AppWorld, PASSWORD, type Person, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'
import { askPrices, askRide, type DriverAnswer, goOnline, pingAt, takeSteps } from '../support/ride-steps.ts'

const PLACES = { from: { lat: 40.758, lng: -73.9855 }, to: { lat: 40.7074, lng: -74.0113 } }
const NOTE = 'by the blue door'

type Role = 'rider' | 'driver' | 'dispatcher'

/** One use of a route: by whom, with what, and how it ends when it is theirs to use. */
interface Use {
  readonly path: string
  readonly by?: Role
  readonly body?: Record<string, unknown>
  readonly status?: number
  /** About something of somebody's: others with the same role are told that it is not there. */
  readonly owned?: boolean
}

let world: AppWorld
let uses: Record<string, () => Promise<Use> | Use>

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  const { canal } = world
  // A person may ask for so many rides a minute; the desk and the driver work on those of somebody else.
  const adaeze = await world.newRider('Adaeze Obi')
  const rideOf = async (rider = adaeze) => (await askRide(rider, NOTE)).id
  const assigned = async (steps: number, rider: Person) => {
    const rideId = await rideOf(rider)
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${rideId}/assignment`, {
      driverId: canal.driver.driverId,
    })
    await takeSteps(canal.driver, rideId, steps)
    return rideId
  }
  const freed = async () => {
    const { ride } = await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
    if (ride === null) return
    const reason = 'the next part of the walk'
    const released = await canal.dispatcher.client.call('POST', `/api/v1/board/rides/${ride.id}/release`, {
      reason,
    })
    if (!released.ok)
      await canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
  }
  const offered = async () => {
    await freed()
    const { rides } = await canal.dispatcher.client.done<{ rides: { rideId: string; state: string }[] }>(
      'GET',
      '/api/v1/board/rides',
    )
    for (const ride of rides.filter(({ state }) => state === 'requested'))
      await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.rideId}/cancellation`, {
        reason: 'walk',
      })
    await rideOf()
    await goOnline(world, canal.driver)
    for (const dispatcher of world.dispatchers) await dispatcher.run()
    const { offer } = await canal.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
    return offer!.id
  }
  const onRide = async (steps = 0, rider = adaeze) => {
    await freed()
    await goOnline(world, canal.driver)
    return assigned(steps, rider)
  }
  const offline = async () => {
    await freed()
    await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
  }
  const online = async () => {
    await freed()
    await goOnline(world, canal.driver)
  }
  const anyone =
    (path: string, more: Partial<Use> = {}) =>
    () => ({ path, ...more })
  const rides = (tail: string, more: Partial<Use>) => async () => ({
    path: `/rides/${await rideOf(canal.rider)}${tail}`,
    by: 'rider' as const,
    owned: true,
    ...more,
  })
  const api = (use: () => Promise<Use>) => async () => {
    const { path, ...rest } = await use()
    return { ...rest, path: `/api/v1${path}`, status: rest.status === 303 ? 200 : (rest.status ?? 200) }
  }
  const answer = (tail: string) => async (): Promise<Use> => ({
    ...{ path: `/offers/${await offered()}/${tail}`, by: 'driver', body: {}, owned: true, status: 303 },
  })
  const drive = (tail: string, body: Record<string, unknown>) => async (): Promise<Use> => ({
    ...{ path: `/rides/${await onRide()}/${tail}`, by: 'driver', body, owned: true, status: 303 },
  })
  const desk =
    (tail: string, prepare: () => Promise<string>, body: () => Record<string, unknown>) => async () => ({
      ...{
        path: `/board/rides/${await prepare()}/${tail}`,
        by: 'dispatcher' as const,
        body: body(),
        owned: true,
      },
      status: 303,
    })
  const reason = { reason: 'the rider rang' }
  const waitingRide = async () => {
    await online()
    return rideOf()
  }
  const driverId = canal.driver.driverId
  uses = {
    'GET /': anyone('/'),
    'GET /at/:slug': anyone('/at/canal-street', { status: 303 }),
    'GET /sign-in': anyone('/sign-in', { status: 303 }),
    'POST /sign-in': anyone('/sign-in', { body: { email: 'x@y.example', password: 'wrong' }, status: 422 }),
    'POST /sign-out': anyone('/sign-out', { body: {}, status: 303 }),
    'GET /api/v1/session': anyone('/api/v1/session'),
    'POST /api/v1/session': anyone('/api/v1/session', {
      body: { email: canal.rider.email, password: PASSWORD },
    }),
    'DELETE /api/v1/session': anyone('/api/v1/session', { status: 204 }),
    'GET /assets/:hash/:name': async () => ({ path: /\/assets\/\w+\/app\.css/.exec(await pageOf('/'))![0] }),
    'GET /favicon.ico': anyone('/favicon.ico'),
    'GET /health/live': anyone('/health/live'),
    'GET /health/ready': anyone('/health/ready'),
    'GET /metrics': anyone('/metrics'),
    'GET /api/docs/openapi.json': anyone('/api/docs/openapi.json'),
    'GET /request': anyone('/request?from=Times+Square'),
    'GET /places': anyone('/places?q=times&field=from'),
    'GET /api/v1/places': anyone('/api/v1/places?q=times'),
    'POST /quotes': anyone('/quotes', {
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
      owned: true,
    }),
    'POST /api/v1/quotes': anyone('/api/v1/quotes', { body: PLACES, status: 201 }),
    'GET /rides': anyone('/rides'),
    'POST /rides': async () => ({
      ...{ path: '/rides', by: 'rider', owned: true, status: 303 },
      body: { quote_id: (await askPrices(canal.rider)).options[0]!.quoteId, payment: 'cash' },
    }),
    'GET /rides/:id': rides('', {}),
    'GET /rides/:id/cancellation': rides('/cancellation', {}),
    'POST /rides/:id/cancellation': rides('/cancellation', { body: { fee_minor: '0' }, status: 303 }),
    'GET /rides/:id/receipt': async () => ({
      path: `/rides/${await onRide(4, canal.rider)}/receipt`,
      by: 'rider',
      owned: true,
    }),
    'GET /api/v1/rides': anyone('/api/v1/rides'),
    'POST /api/v1/rides': async () => ({
      ...{ path: '/api/v1/rides', by: 'rider', owned: true, status: 201 },
      body: { quoteId: (await askPrices(canal.rider)).options[0]!.quoteId, payment: 'cash' },
    }),
    'GET /api/v1/rides/:id': api(rides('', {})),
    'POST /api/v1/rides/:id/cancellation': api(rides('/cancellation', { body: { feeMinor: 0 } })),
    'WS /live/rides/:id': async () => ({
      path: `/live/rides/${await rideOf(canal.rider)}`,
      by: 'rider',
      owned: true,
    }),
    'GET /driver': anyone('/driver', { by: 'driver' }),
    'GET /driver/earnings': anyone('/driver/earnings', { by: 'driver' }),
    'POST /driver/shift': async () => {
      await offline()
      const body = { vehicle_id: canal.driver.vehicleId }
      return { path: '/driver/shift', by: 'driver', body, status: 303 }
    },
    'POST /driver/shift/end': async () => {
      await online()
      return { path: '/driver/shift/end', by: 'driver', body: {}, status: 303 }
    },
    'POST /offers/:id/acceptance': answer('acceptance'),
    'POST /offers/:id/decline': answer('decline'),
    'POST /rides/:id/steps': drive('steps', { step: 'set_off' }),
    'POST /rides/:id/hand-back': drive('hand-back', { reason: 'flat tyre' }),
    'GET /api/v1/driver': anyone('/api/v1/driver', { by: 'driver' }),
    'POST /api/v1/driver/shift': async () => {
      await offline()
      return { path: '/api/v1/driver/shift', by: 'driver', body: {}, status: 201 }
    },
    'DELETE /api/v1/driver/shift': anyone('/api/v1/driver/shift', { by: 'driver' }),
    'POST /api/v1/offers/:id/acceptance': api(answer('acceptance')),
    'POST /api/v1/offers/:id/decline': api(answer('decline')),
    'POST /api/v1/rides/:id/steps': api(drive('steps', { step: 'set_off' })),
    'POST /api/v1/rides/:id/hand-back': api(drive('hand-back', { reason: 'flat tyre' })),
    'POST /api/v1/positions': async () => {
      await online()
      return { path: '/api/v1/positions', by: 'driver', body: { pings: [pingAt(world)] } }
    },
    'WS /live/driver': anyone('/live/driver', { by: 'driver' }),
    'GET /board': anyone('/board', { by: 'dispatcher' }),
    'GET /board/queue': anyone('/board/queue', { by: 'dispatcher' }),
    'GET /board/table': anyone('/board/table', { by: 'dispatcher' }),
    'GET /board/rides/:id': async () => ({
      path: `/board/rides/${await rideOf()}`,
      by: 'dispatcher',
      owned: true,
    }),
    'POST /board/rides/:id/assignment': desk('assignment', waitingRide, () => ({ driver_id: driverId })),
    'POST /board/rides/:id/release': desk('release', onRide, () => reason),
    'POST /board/rides/:id/cancellation': desk('cancellation', waitingRide, () => reason),
    'GET /api/v1/board/rides': anyone('/api/v1/board/rides', { by: 'dispatcher' }),
    'GET /api/v1/board/rides/:id/candidates': async () => ({
      ...{ path: `/api/v1/board/rides/${await rideOf()}/candidates`, by: 'dispatcher', owned: true },
    }),
    'POST /api/v1/board/rides/:id/assignment': api(desk('assignment', waitingRide, () => ({ driverId }))),
    'POST /api/v1/board/rides/:id/release': api(desk('release', onRide, () => reason)),
    'POST /api/v1/board/rides/:id/cancellation': api(desk('cancellation', waitingRide, () => reason)),
    'WS /live/board': anyone('/live/board', { by: 'dispatcher' }),
  }
}, 60_000)
afterAll(() => world?.stop())

const pageOf = async (path: string) => (await world.stranger.get(path)).text()

/** What a use answers: the status, with 101 for a socket that opened. */
async function statusOf(
  client: Client,
  row: Permission,
  use: Use,
): Promise<{ status: number; text: string; to: string }> {
  if (row.method === 'WS') {
    const live = client.live(use.path)
    const opened = await live.opened
    live.close()
    return { status: opened === 'open' ? 101 : 404, text: '', to: '' }
  }
  const response =
    row.method === 'GET'
      ? await client.get(use.path)
      : row.path.startsWith('/api/')
        ? await client.call(row.method, use.path, use.body)
        : await client.form(use.path, {
            ...(row.path === '/quotes' || row.path.startsWith('/sign-') ? {} : { key: crypto.randomUUID() }),
            ...(use.body as Record<string, string>),
          })
  return { status: response.status, text: await response.text(), to: response.headers.get('location') ?? '' }
}

function refusalFor(
  row: Permission,
  use: Use,
  person: { role: Role | 'admin' | null; own: boolean },
): number | null {
  const socket = row.method === 'WS'
  const api = row.path.startsWith('/api/')
  if (person.role === null && row.who === 'anyone') return use.owned === true ? 404 : null
  if (person.role === null) return socket ? 404 : api ? 401 : 303
  if (typeof row.who !== 'string' && !row.who.includes(person.role as never)) return socket ? 404 : 403
  return use.owned === true && !person.own ? 404 : null
}

describe('the permission table', () => {
  test('holds a row for every route, and a route for every row', () => {
    expect(permissionGaps(world.elysia.routes)).toEqual([])
  })

  test('every row is used in this walk', () => {
    expect(Object.keys(uses).toSorted()).toEqual(
      PERMISSIONS.map(({ method, path }) => `${method} ${path}`).toSorted(),
    )
  })
})

describe('a route is for those it is for', () => {
  for (const row of PERMISSIONS) {
    const name = `${row.method} ${row.path}`
    test(`${name}`, async () => {
      const { canal, uptown, stranger } = world
      const use = await uses[name]!()
      const owner: Person = use.by === undefined ? canal.rider : canal[use.by]
      const people: [string, { client: Client; role: Role | 'admin' | null; own: boolean }][] = [
        ['signed out', { client: stranger, role: null, own: false }],
        ...(['rider', 'driver', 'dispatcher', 'admin'] as const).flatMap((role) => [
          [
            `${role} of Canal Street`,
            { client: canal[role].client, role, own: isTheirs(use, role) },
          ] as const,
          [`${role} of Uptown`, { client: uptown[role].client, role, own: false }] as const,
        ]),
        ['another rider', { client: canal.otherRider.client, role: 'rider', own: false }],
        ['another driver', { client: canal.otherDriver.client, role: 'driver', own: false }],
      ] as never
      const wrong: string[] = []
      for (const [who, person] of people) {
        const refused = refusalFor(row, use, person)
        if (refused === null) continue
        const got = await statusOf(person.client, row, use)
        if (got.status !== refused) wrong.push(`${who}: ${got.status} instead of ${refused}`)
        if (got.status === 303 && !got.to.startsWith('/sign-in')) wrong.push(`${who}: sent to ${got.to}`)
        const ada = person.client === canal.rider.client
        if (!ada && /Ada|blue door|HC 2041/.test(got.text))
          wrong.push(`${who}: was told something of Ada's ride`)
      }
      // Whom it is not about may use it too, and sees nothing of Canal Street.
      if (row.method === 'GET' && use.owned !== true && typeof row.who !== 'string') {
        const colleague = uptown[use.by!]
        const got = await statusOf(colleague.client, row, use)
        if (got.status !== 200) wrong.push(`Uptown's own: ${got.status}`)
        if (/Ada|blue door|HC 2041|Canal Street/.test(got.text)) wrong.push("Uptown's own: saw Canal Street")
      }
      expect(wrong).toEqual([])
      // These end the session they came with.
      const leaves = /\/(sign-out|session)$/.test(row.path) && row.method !== 'GET'
      const whoEnds = leaves ? await world.newRider(`Leaver${name.length} Tester`) : owner
      const got = await statusOf(whoEnds.client, row, use)
      expect(got.status, got.text.slice(0, 600)).toBe(use.status ?? (row.method === 'WS' ? 101 : 200))
    })
  }

  test('nothing went wrong on our side meanwhile', () => {
    expect(world.lines).toEqual([])
  })
})

/** Whether a use is this role's at Canal Street: its own, or for the desk the admin's too. */
function isTheirs(use: Use, role: Role | 'admin'): boolean {
  return use.by === role || (use.by === 'dispatcher' && role === 'admin')
}
