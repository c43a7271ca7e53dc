import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PERMISSIONS } from '../../src/web/permissions.ts'
import { type AppWorld, BRYANT_PARK, type Person, startApp } from '../support/app-world.ts'
import { askRide, goOnline, pingAt } from '../support/ride-steps.ts'

let world: AppWorld
let api: Operation[]

interface Schema {
  readonly type?: string
  readonly properties?: Record<string, Schema>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
}
interface Operation {
  readonly method: string
  readonly path: string
  readonly body: Schema | null
  readonly query: readonly string[]
}

const ID = '01a1fdbb-4087-765b-b19b-5006690fea69'
/** In the form of a letter's token, and nobody's. */
const TOKEN = 'A'.repeat(43)
/** In every value sent, and never to be seen in an answer. */
const MARK = 'zq-mark-7f'

beforeAll(async () => {
  world = await startApp({ running: false })
  const document = (await (await world.stranger.get('/api/docs/openapi.json')).json()) as {
    paths: Record<
      string,
      Record<string, { requestBody?: unknown; parameters: { name: string; in: string }[] }>
    >
  }
  api = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { requestBody, parameters }]) => ({
      method: method.toUpperCase(),
      path: path
        .replaceAll('{token}', TOKEN)
        .replaceAll(/\{(id|change)\}/g, ID)
        .replace('{kind}', 'lost-item'),
      body:
        (requestBody as { content: Record<string, { schema: Schema }> } | undefined)?.content[
          'application/json'
        ]?.schema ?? null,
      query: parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    })),
  )
}, 30_000)
afterAll(() => world?.stop())

/** Somebody whose role opens the route. */
function whoFor(path: string): Person {
  const { canal } = world
  if (path.includes('/board')) return canal.dispatcher
  return /driver|offers|positions|steps|hand-back|on-my-way|answer/.test(path) ? canal.driver : canal.rider
}

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** What holds for every answer; returns its text. */
async function decent(response: Response, what: string): Promise<string> {
  const text = await response.text()
  expect(response.status, `${what}: ${text.slice(0, 200)}`).toBeLessThan(500)
  for (const [name, value] of Object.entries(HEADERS))
    expect(response.headers.get(name), `${name} of ${what}`).toBe(value)
  expect(response.headers.get('content-security-policy'), what).toContain("default-src 'none'")
  expect(response.headers.get('x-request-id'), what).toBeTruthy()
  expect(text.includes(MARK), `${what} echoes`).toBe(false)
  return text
}

/** A body the shape accepts. */
function proper(schema: Schema): unknown {
  if (schema.enum !== undefined) return schema.enum[0]
  if (schema.const !== undefined) return schema.const
  const [one] = schema.anyOf ?? schema.oneOf ?? []
  if (one !== undefined) return proper(one)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, of]) => [
          name,
          // The same words as somebody's name would be no password.
          name === 'password' ? 'seven quiet harbours' : proper(of),
        ]),
      )
    case 'array':
      return [proper(schema.items ?? {})]
    case 'number':
    case 'integer':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    case 'string':
      return schema.format === 'uuid'
        ? ID
        : schema.format === 'email'
          ? 'nobody@demo.honeycab'
          : schema.pattern === undefined
            ? 'words of some length'
            : 'letters'
    default:
      return 1
  }
}

/** Calls that come before a session, or end the one they come with: no one-time key, and other refusals first. */
const SIGNS_IN = /\/(session|tokens|tokens\/refresh)$/
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
const WRONG: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER + 2,
  'NaN',
  `${MARK} `.repeat(300),
  `${MARK}\0`,
  '\ud800',
  [],
  [MARK],
  {},
  { other: MARK },
  { $ne: null },
  "' OR 1=1 --",
  '../../etc/passwd',
  '<script>alert(1)</script>',
]

/** The fields, outermost names, that a refusal speaks of; none where it is none. */
function fieldsNamed(text: string): (string | undefined)[] {
  const { errors = [] } = JSON.parse(text) as { errors?: { field: string }[] }
  return errors.map(({ field }) => field.split('.')[0])
}

describe('a malformed call of the API', () => {
  test('is described well enough to be made: every unsafe operation says what its body is', () => {
    expect(api.filter(({ method, body }) => method !== 'GET' && body === null)).toEqual([])
    expect(api.find(({ path }) => path === '/api/v1/places')!.query).toEqual(
      expect.arrayContaining(['q', 'lat', 'lng']),
    )
  })

  test('never fails on our side; a refused field is named and its value never sent back', async () => {
    let sent = 0
    for (const { method, path, body } of api) {
      if (body === null || SIGNS_IN.test(path)) continue
      const { client } = whoFor(path)
      const good = proper(body) as Record<string, unknown>
      // A proof of work cannot be made up; it may be left out.
      delete good.altcha
      const shape = body.oneOf?.[0] ?? body
      const names = [...Object.keys(shape.properties ?? {}), 'unknownField']
      for (const name of names)
        for (const wrong of WRONG) {
          const bad = { ...good, [name]: wrong }
          const what = `${method} ${path} ${name}=${String(JSON.stringify(wrong)).slice(0, 40)}`
          const response = await client.call(method, path, bad)
          const text = await decent(response, what)
          sent++
          if (name === 'unknownField') expect(response.status, what).toBe(422)
          if (response.status !== 422) continue
          const named = fieldsNamed(text)
          if (named.includes(name)) continue
          // A text that will do is refused for what else the made-up call is refused for.
          const without = await client.call(method, path, good)
          expect(named, what).toEqual(fieldsNamed(await without.text()))
        }
      for (const name of shape.required ?? []) {
        const { [name]: _left, ...rest } = good
        const response = await client.call(method, path, rest)
        const { errors } = JSON.parse(await decent(response, `${method} ${path} without ${name}`))
        expect(errors).toContainEqual({ field: name, message: 'This field is needed.' })
        sent++
      }
    }
    expect(sent).toBeGreaterThan(400)
  }, 30_000)

  test('no JSON, JSON of another kind, too deep, too large or of another type is refused as such', async () => {
    for (const { method, path, body } of api) {
      if (body === null) continue
      const { client } = SIGNS_IN.test(path) ? world.stranger && { client: world.stranger } : whoFor(path)
      const status = async (sent: string, headers: Record<string, string> = {}) => {
        const response = await client.call(method, path, sent, headers)
        await decent(response, `${method} ${path} ${sent.slice(0, 30)}`)
        return response.status
      }
      if (SIGNS_IN.test(path) && method === 'DELETE') continue
      for (const broken of ['{', '"', 'undefined', '{"a":NaN}', '\u0000', '{"a":1}}'])
        expect(await status(broken), `${path} ${broken}`).toBe(400)
      for (const other of ['[]', '1', '"text"', 'null', 'true'])
        expect([200, 400, 404, 409, 422]).toContain(await status(other))
      expect(await status(deep(5_000))).toBe(400)
      expect(await status(JSON.stringify({ a: 'x'.repeat(70_000) }))).toBe(413)
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'x',
      ])
        expect(await status('{}', { 'content-type': type }), `${path} as ${type}`).toBe(415)
    }
  }, 30_000)

  test('without its token or with one of another session is refused, and without a one-time key names it', async () => {
    const { canal } = world
    for (const { method, path, body } of api) {
      if (body === null || SIGNS_IN.test(path)) continue
      const person = whoFor(path)
      const good = proper(body)
      for (const token of ['', 'short', canal.otherRider.client.session!.csrf])
        expect((await person.client.call(method, path, good, { 'x-csrf-token': token })).status, path).toBe(
          403,
        )
      expect(
        (await person.client.call(method, path, good, { origin: 'https://elsewhere.example' })).status,
      ).toBe(403)
      // These do the same however often they are sent, or once by their own token.
      if (
        /quotes|positions|session|tokens|passkey|registrations|verifications|password-resets|price$|board\/bookings$/.test(
          path,
        )
      )
        continue
      for (const key of ['', 'short', `${MARK} with spaces`, 'k'.repeat(129)]) {
        const response = await person.client.call(method, path, good, { 'idempotency-key': key })
        const { errors } = JSON.parse(await decent(response, `${path} with key ${key}`))
        expect(response.status, path).toBe(422)
        expect(errors[0].field).toBe('key')
      }
    }
  })

  test('addresses and queries that make no sense lead nowhere', async () => {
    for (const { method, path, query } of api) {
      const { client } = whoFor(path)
      if (path.includes(ID))
        for (const id of ['1', 'null', MARK, `${ID}x`, '..%2f..', '%27', 'a'.repeat(3_000)]) {
          const response = await client.call(method, path.replace(ID, id), method === 'GET' ? undefined : {})
          expect(response.status, `${path} ${id}`).toBe(404)
          await decent(response, `${path} ${id}`)
        }
      for (const name of query)
        for (const value of ['%00', 'NaN', '1e999', '%F0%9F', 'x'.repeat(4_000), '[]', '-1'])
          await decent(await client.get(`${path}?${name}=${value}`), `${path}?${name}=${value.slice(0, 20)}`)
    }
    for (const path of [
      '/%',
      '/%00',
      '/api/v1/%c0',
      '/rides/%2e%2e',
      '//elsewhere',
      '/api/v1/nothing',
      '/assets/x/y',
    ])
      await decent(await world.stranger.get(path), path)
    for (const method of ['PUT', 'PATCH', 'OPTIONS', 'PURGE'])
      await decent(await world.stranger.call(method, '/api/v1/rides'), method)
  })
})

describe('a malformed form', () => {
  const FIELDS = [
    'from',
    'from_lat',
    'to_lng',
    'seats',
    'quote_id',
    'payment',
    'note',
    'fee_minor',
    'step',
    'reason',
    'driver_id',
    'vehicle_id',
    'key',
    'email',
    'next',
  ]
  const VALUES = ['', 'NaN', '-1', '9'.repeat(40), '\0', 'x'.repeat(5_000), "' OR 1=1 --", '\ud800']

  test('never fails on our side, of whatever field and page', async () => {
    // A key alone deletes an account; with a ride open it does not.
    const staying = await world.newRider('Stays Around')
    await askRide(staying)
    for (const { method, path, accepts, who } of PERMISSIONS) {
      if (method !== 'POST' || path.startsWith('/api/') || path === '/sign-out') continue
      const { client } = path === '/account/deletion' ? staying : whoFor(path)
      const to = path.replace(':id', ID)
      for (const field of FIELDS)
        for (const value of VALUES) {
          const response = await client.form(to, { [field]: value }, { accept: 'text/html' })
          await decent(response, `${path} ${field}=${value.slice(0, 20)}`)
        }
      const twice = await client.form(`${to}`, {}, {})
      await decent(twice, path)
      for (const csrf of ['', 'x', world.canal.otherRider.client.session!.csrf]) {
        const response = await client.form(to, { csrf })
        expect(response.status, `${path} with token ${csrf.slice(0, 5)}`).toBe(403)
      }
      // Where megabytes may come, nothing is read of somebody who may not send them.
      const isUnread = accepts?.includes('multipart') && who !== 'signed_in'
      const tooLong = await client.form(to, { note: 'x'.repeat(70_000) })
      expect(tooLong.status, path).toBe(isUnread ? 403 : 413)
      const otherKind = await client.form(to, {}, { 'content-type': 'application/json' })
      expect(otherKind.status, path).toBe(isUnread ? 403 : 415)
      expect((await client.form(to, {}, { origin: 'null' })).status).toBe(403)
    }
  }, 30_000)
})

describe('a ping that cannot be', () => {
  test('is counted by its reason and does not move the car', async () => {
    const { otherDriver: driver } = world.canal
    await goOnline(world, driver)
    const nowMs = Math.floor(world.clock.nowMs())
    const near = { lat: BRYANT_PARK.lat, lng: BRYANT_PARK.lng }
    const cases: [reason: string, ping: Record<string, unknown>][] = [
      ['invalid', { lat: 91 }],
      ['invalid', { lng: 181 }],
      ['invalid', { lat: -90.0001 }],
      ['zero', { lat: 0, lng: 0 }],
      ['future', { at: nowMs + 3_600_000 }],
      ['too_old', { at: nowMs - 3 * 24 * 3_600_000 }],
      ['inaccurate', { accuracy: 5_000, at: nowMs + 10 }],
      ['impossible_speed', { lat: near.lat + 0.5, at: nowMs + 20 }],
    ]
    const live = driver.client.live('/live/driver')
    await live.next((message) => message.startsWith('<'))
    for (const [reason, wrong] of cases) {
      const before = JSON.stringify(world.positions.latest(driver.driverId))
      const counted = () => world.positions.figures().refused[reason as 'invalid']
      const wasCounted = counted()
      const answer = await driver.client.done('POST', '/api/v1/positions', {
        pings: [{ ...pingAt(world, near), ...wrong }],
      })
      expect(answer, JSON.stringify(wrong)).toMatchObject({ type: 'ack', refused: { [reason]: 1 } })
      live.clear()
      live.send({ type: 'pings', pings: [{ ...pingAt(world, near), ...wrong }] })
      const ack = JSON.parse(await live.next((message) => message.includes('"ack"')))
      expect(ack, JSON.stringify(wrong)).toMatchObject({ refused: { [reason]: 1 } })
      expect(counted()).toBe(wasCounted + 2)
      expect(JSON.stringify(world.positions.latest(driver.driverId))).toBe(before)
    }
    const metrics = await (await world.stranger.get('/metrics')).text()
    expect(metrics).toMatch(/honeycab_pings_refused\{reason="invalid"\} 6/)
    const repeated = pingAt(world, near)
    const send = (ping: unknown) =>
      driver.client.done<{ refused: unknown }>('POST', '/api/v1/positions', { pings: [ping] })
    expect((await send(repeated)).refused).toEqual({})
    expect((await send(repeated)).refused).toEqual({ duplicate: 1 })
    for (const pings of [
      [],
      'NaN',
      [{ ...pingAt(world), lat: 'NaN' }],
      [{ ...pingAt(world), who: MARK }],
      Array(501).fill(pingAt(world)),
    ]) {
      const response = await driver.client.call('POST', '/api/v1/positions', { pings })
      expect(response.status).toBe(422)
      expect(await decent(response, 'pings')).toContain('"field":"pings')
    }
    live.close()
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
