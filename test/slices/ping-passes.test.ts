import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { LIMITS } from '../../src/io/limits.ts'
import { type AppWorld, type DriverPerson, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'

const PATH = '/api/v1/positions'
const NOW_MS = Date.UTC(2026, 10, 22, 15)
/** With it a call always goes the whole way. */
const BASIC = 'Basic aG9uZXljYWI6eA=='

const FRIENDS = ['https://one.example', 'https://two.example']

const clock = manualClock(NOW_MS)
let world: AppWorld
let bo: DriverPerson
let cy: DriverPerson
let seq = 0

beforeAll(async () => {
  // No address is exempt: a pass has its limit, too.
  world = await startApp({ clock, env: { RATE_LIMIT_EXEMPT: '', ALLOWED_ORIGINS: FRIENDS.join() } })
  bo = world.canal.driver
  cy = world.canal.otherDriver
  for (const { client, vehicleId } of [bo, cy])
    await client.done('POST', '/api/v1/driver/shift', { vehicleId })
  await world.fleet.settle()
})
afterAll(() => world.stop())

function ping(more: object = {}) {
  clock.advance(100)
  seq++
  return {
    seq,
    at: clock.nowMs(),
    lat: TIMES_SQUARE.lat + seq * 1e-6,
    lng: TIMES_SQUARE.lng,
    accuracy: 6,
    ...more,
  }
}

function send({ client }: { client: Client }, body: unknown = { pings: [ping()] }, headers = {}) {
  return client.call('POST', PATH, body, headers)
}

/** Whether a call came in on a pass. */
async function passes(call: () => Promise<Response>): Promise<{ answer: Response; onPass: boolean }> {
  const before = world.passes.figures().used
  const answer = await call()
  return { answer, onPass: world.passes.figures().used === before + 1 }
}

async function newPass(person: DriverPerson): Promise<void> {
  clock.advance(60_000)
  expect((await send(person)).status).toBe(200)
}

describe('a call that got through leaves a pass', () => {
  test('the next one is taken at once, moves the car, and is answered alike', async () => {
    await newPass(bo)
    const whole = await send(bo, { pings: [ping()] }, { 'sec-fetch-site': 'same-origin' })
    const { answer, onPass } = await passes(() => send(bo))
    // Another header that counts goes the whole way, and took the pass's place.
    expect(onPass).toBe(false)
    const second = await passes(() => send(bo))
    expect(second.onPass).toBe(true)
    expect(await second.answer.json()).toEqual({ type: 'ack', seq, refused: {}, pings: [] })
    expect(world.positions.latest(bo.driverId)?.lat).toBe(TIMES_SQUARE.lat + seq * 1e-6)
    const names = (response: Response) => [...response.headers.keys()].sort()
    expect(names(second.answer)).toEqual(names(whole))
    expect(second.answer.headers.get('x-request-id')).not.toBe(answer.headers.get('x-request-id'))
  })

  test('every answer on it bears an id of its own', async () => {
    await newPass(bo)
    await send(cy)
    const ids: string[] = []
    for (let times = 0; times < 20; times++) {
      const { answer, onPass } = await passes(() => send(times % 2 === 0 ? bo : cy))
      expect(onPass).toBe(true)
      ids.push(answer.headers.get('x-request-id')!)
    }
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('each answer may be read by the scripts that the call came from, and by no others', async () => {
    for (const origin of [...FRIENDS, null, ...FRIENDS]) {
      const headers = origin === null ? {} : { origin }
      await passes(() => send(bo, { pings: [ping()] }, headers))
      const { answer, onPass } = await passes(() => send(bo, { pings: [ping()] }, headers))
      expect(onPass).toBe(true)
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect(answer.headers.get('vary')).toBe('origin')
    }
  })

  test('what is wrong with a ping, or with a whole call, is said in the same words', async () => {
    const far = () => ping({ accuracy: 4_000 })
    const bodies: (() => unknown)[] = [
      () => ({ pings: [far(), ping()] }),
      () => ({ pings: [ping({ lat: null })] }),
      () => ({ pings: [] }),
      () => ({ pings: [ping({ driverId: cy.driverId })] }),
      () => ({ pings: [ping()], more: 1 }),
      () => ({ pings: [ping({ seq: -1 })] }),
      () => ({ pings: [ping({ lat: '40.7' })] }),
      () => [ping()],
      () => null,
      () => 'no JSON {',
      () => JSON.stringify({ pings: [ping()] }).padEnd(70_000),
      () => `{"pings":[${'['.repeat(100)}`,
    ]
    for (const body of bodies) {
      await newPass(bo)
      const [onPass, whole] = [await send(bo, body()), await send(cy, body(), { authorization: BASIC })]
      const words = async (answer: Response) =>
        (await answer.text()).replaceAll(/"seq":\d+/g, '"seq":0').replace(/"reference":"[^"]*"/, '')
      expect([onPass.status, await words(onPass)]).toEqual([whole.status, await words(whole)])
    }
  })
})

describe('a pass opens nothing else', () => {
  test('without its very token, cookie, origin, host or kind of body a call goes the whole way', async () => {
    await newPass(bo)
    await newPass(cy)
    const { cookie, csrf } = bo.client.session!
    const others: [headers: Record<string, string>, status: number][] = [
      [{ 'x-csrf-token': 'of.another' }, 403],
      [{ 'x-csrf-token': cy.client.session!.csrf }, 403],
      [{ cookie: cy.client.session!.cookie }, 403],
      [{ cookie: 'nobody=1' }, 401],
      [{ origin: 'https://elsewhere.example' }, 403],
      [{ 'content-type': 'text/plain' }, 415],
      [{ 'x-session-token': cookie }, 401],
      [{ authorization: `Bearer ${csrf}` }, 401],
    ]
    for (const [headers, status] of others) {
      const { answer, onPass } = await passes(() => send(bo, { pings: [ping()] }, headers))
      expect([headers, answer.status, onPass]).toEqual([headers, status, false])
    }
    // What a proxy in front adds for everybody is no proof of anybody.
    const basic = { authorization: BASIC }
    expect((await send(bo, { pings: [ping()] }, basic)).status).toBe(200)
    expect((await send(bo, { pings: [ping()] }, { ...basic, cookie: 'nobody=1' })).status).toBe(401)
  })

  test('it lasts a minute, and not longer when the clock is set back', async () => {
    await newPass(bo)
    clock.advance(59_000)
    expect((await passes(() => send(bo))).onPass).toBe(true)
    clock.advance(1_000)
    expect((await passes(() => send(bo))).onPass).toBe(false)
    expect((await passes(() => send(bo))).onPass).toBe(true)
  })

  test('who sends more than hands or phones do meets the limit', async () => {
    await newPass(bo)
    const body = { pings: [ping()] }
    let taken = 0
    while ((await send(bo, body)).status === 200 && taken < 1_000) taken++
    expect(taken).toBeGreaterThan(200)
    expect(taken).toBeLessThanOrEqual(LIMITS.unsafe_person.points + 240)
  })
})

describe('a pass ends', () => {
  test('off shift nothing is taken', async () => {
    const { client, vehicleId } = cy
    await newPass(cy)
    expect((await passes(() => send(cy))).onPass).toBe(true)
    await client.done('DELETE', '/api/v1/driver/shift')
    await world.fleet.settle()
    expect((await send(cy)).status).toBe(409)
    await client.done('POST', '/api/v1/driver/shift', { vehicleId })
    await world.fleet.settle()
  })

  test('with its session, at once', async () => {
    await newPass(cy)
    expect((await passes(() => send(cy))).onPass).toBe(true)
    await world.auth.signOut((await viewerOf(cy))!)
    expect((await send(cy)).status).toBe(401)
  })
})

async function viewerOf(person: DriverPerson) {
  const request = new Request(`${person.client.origin}/`, {
    headers: { cookie: person.client.session!.cookie },
  })
  return (await world.auth.recognise(request, 'page')).viewer
}
