/** Two promises kept by every route, walked through the permission table: its headers, and one effect a key. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import { answerPolicy, contentSecurityPolicy, fixedHeaders } from '../../src/web/headers.ts'
import { PERMISSIONS, type Permission } from '../../src/web/permissions.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'
import { EXAMPLE_PATH } from '../support/company-file.ts'
import { allUses } from './uses/all.ts'
import { makeWalk, type Use, type Uses } from './uses/walk.ts'

/** Unsafe routes that take no one-time key, each with the reason why sending twice does no more than sending once. */
const WITHOUT_KEY: Readonly<Record<string, string>> = {
  'POST /sign-in': 'a second session is a second device; wrong tries are counted',
  'POST /api/v1/session': 'as sign-in',
  'POST /sign-in/passkey': 'the challenge is good once',
  'POST /sign-in/second': 'the code, and the step it answers, are good once',
  'POST /api/v1/session/second': 'the code, and the step it answers, are good once',
  'POST /api/v1/session/passkey': 'the challenge is good once',
  'POST /api/v1/session/passkey-options': 'a challenge that runs out by itself',
  'POST /api/v1/account/passkey-options': 'a challenge that runs out by itself',
  'POST /confirm': 'gives a factor once more, and changes nothing else',
  'POST /api/v1/session/confirmation': 'as the form',
  'POST /account/security/app': 'the code is good once, and a second app is refused',
  'POST /account/security/passkeys': 'the challenge is good once',
  'POST /api/v1/tokens': 'as sign-in',
  'POST /api/v1/tokens/refresh': 'the refresh token is good once, and sent again it ends its family',
  'DELETE /api/v1/tokens': 'ended is ended',
  'POST /sign-out': 'ended is ended',
  'DELETE /api/v1/session': 'ended is ended',
  'POST /impersonation/end': 'ended is ended',
  'POST /theme': 'sets a cookie to what was asked',
  'POST /password-strength': 'measures, and keeps nothing',
  'POST /register': 'an address is registered once, and the answer is the same whoever has it',
  'POST /api/v1/registrations': 'as the form',
  'POST /verifications': 'a newer letter takes the place of the older; how many a day is limited',
  'POST /api/v1/verifications': 'as the form',
  'POST /verify/:token': 'the token is good once',
  'POST /api/v1/verifications/:token': 'the token is good once',
  'POST /forgot-password': 'a newer letter takes the place of the older; how many a day is limited',
  'POST /api/v1/password-resets': 'as the form',
  'POST /reset-password/:token': 'the token is good once',
  'POST /api/v1/password-resets/:token': 'the token is good once',
  'POST /invitations/:token': 'the token is good once',
  'POST /new-email/:token': 'the token is good once',
  'POST /old-email/:token': 'the token is good once',
  'POST /account-back/:token': 'the token is good once',
  'POST /api/v1/positions': 'a repeated ping is refused as a repeat',
}

/** Of those whose use in the walk is a refusal: one that goes through. */
const THROUGH: Readonly<Record<string, () => Promise<Use>>> = {
  'POST /admin/companies': async () => ({
    path: '/admin/companies',
    by: 'platform',
    body: {
      ...{ name: 'Quay Cabs', slug: 'quay', currency: 'USD', time_zone: 'America/New_York', locale: 'en-US' },
      ...{
        lat: '40.75',
        lng: '-73.98',
        radius_km: '5',
        base: '3',
        per_km: '2',
        per_minute: '1',
        minimum: '8',
      },
      ...{ phone: '', admin_name: 'Rosa Quay', admin_email: 'rosa@quay.example' },
    },
  }),
  'POST /admin/companies/file': async () => ({
    path: '/admin/companies/file',
    by: 'platform',
    body: { file: readFileSync(EXAMPLE_PATH, 'utf8') },
  }),
  'POST /admin/companies/:id/deletion': async () => {
    const id = world.random.uuid()
    await world.db
      .insertInto('companies')
      .values({
        ...{
          id: id as never,
          slug: 'short-lived',
          name: 'Short Lived Cabs',
          host: null,
          currency: 'USD' as never,
        },
        ...{ time_zone: 'UTC', locale: 'en', phone: null },
      })
      .execute()
    await world.companies.reload()
    return {
      path: `/admin/companies/${id}/deletion`,
      by: 'platform',
      body: { reason: 'a walk through all routes' },
    }
  },
}

let world: AppWorld
let uses: Uses
let leavers = 0

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  uses = await allUses(await makeWalk(world))
}, 60_000)
afterAll(() => world?.stop())

const nameOf = ({ method, path }: Permission) => `${method} ${path}`
const isUnsafe = ({ method }: Permission) => method !== 'GET' && method !== 'WS'

async function clientFor(use: Use): Promise<Client> {
  const by = use.by ?? 'rider'
  if (use.spends !== true) return (by === 'platform' ? world.platform : world.canal[by]).client
  leavers++
  return (await world.newRider(`Leaver${'i'.repeat(leavers)} Tester`)).client
}

/** With `key` as a field of the form or a header of the call; null sends none. */
function send(client: Client, row: Permission, use: Use, key: string | null): Promise<Response> {
  if (row.method === 'GET') return client.get(use.path)
  if (row.path.startsWith('/api/'))
    return client.call(row.method, use.path, use.body, key === null ? {} : { 'idempotency-key': key })
  return client[use.files === undefined ? 'form' : 'upload'](use.path, {
    ...(use.body as Record<string, string>),
    ...(use.files as Record<string, never>),
    ...(key === null ? {} : { key }),
  })
}

describe('every answer has the full header set', () => {
  const PRIVATE = 'no-store'
  /** What is the same for everybody and may be kept. */
  const KEPT: Readonly<Record<string, RegExp>> = {
    'GET /assets/:hash/:name': /^public, max-age=31536000, immutable$/,
    'GET /favicon.ico': /^public, /,
    // A face under an address that changes with it, for the browser of who may see it.
    'GET /avatars/:id': /^(no-store|private, )/,
  }

  /** A file that somebody sent is a page that can do nothing. */
  const FILE_POLICY =
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"

  /** What is missing or wrong. */
  function wrongIn({ headers, status }: Response, name: string): string[] {
    const wrong: string[] = []
    const { 'cache-control': _, ...fixed } = fixedHeaders(world.config)
    // The address itself is the secret, and the page has no forms that would suffer from it.
    if (name.startsWith('GET /s/') && status === 200) fixed['referrer-policy'] = 'no-referrer'
    for (const [header, value] of Object.entries(fixed))
      if (headers.get(header) !== value) wrong.push(`${header}: ${headers.get(header)}`)
    const policy = headers.get('content-security-policy') ?? ''
    const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1] ?? ''
    const known = [contentSecurityPolicy(world.config)(nonce), FILE_POLICY, answerPolicy()]
    if (!known.includes(policy)) wrong.push(`content-security-policy: ${policy}`)
    const cached = headers.get('cache-control') ?? ''
    if (status < 400 && KEPT[name] !== undefined ? !KEPT[name].test(cached) : cached !== PRIVATE)
      wrong.push(`cache-control: ${cached}`)
    if (!/^[0-9a-f-]{36}$/.test(headers.get('x-request-id') ?? '')) wrong.push('x-request-id')
    const type = headers.get('content-type')
    const isText = type === null || /^(text\/|application\/(problem\+)?json)/.test(type)
    const isEmpty = status === 204 || (status >= 300 && status < 400) || type === null
    if (!isEmpty && isText && !/; ?charset=utf-8$/i.test(type ?? '')) wrong.push(`content-type: ${type}`)
    for (const header of ['server', 'x-powered-by', 'access-control-allow-origin'])
      if (headers.has(header)) wrong.push(`${header} is told`)
    return wrong
  }

  for (const row of PERMISSIONS.filter(({ method }) => method !== 'WS')) {
    const name = nameOf(row)
    test(name, async () => {
      const use = await uses[name]!()
      const client = await clientFor(use)
      const answers: [string, Response][] = [
        ['done', await send(client, row, use, crypto.randomUUID())],
        ['to a visitor', await send(world.stranger, row, use, null)],
        ['to another company', await send(world.uptown.rider.client, row, use, null)],
      ]
      if (isUnsafe(row))
        answers.push([
          'of a broken body',
          await client.call(row.method, use.path, '{', { 'content-type': 'text/x' }),
        ])
      const wrong = answers.flatMap(([what, answer]) =>
        wrongIn(answer, name).map((mistake) => `${what} (${answer.status}): ${mistake}`),
      )
      for (const [, answer] of answers) await answer.body?.cancel()
      expect(wrong).toEqual([])
    })
  }
})

/** Longer than any answer of a program here. */
const MOST_COMPARED = 20_000

describe('sent twice under one key', () => {
  const kept = (key: string) =>
    world.db.selectFrom('idempotency_keys').select('status').where('key', '=', key).execute()
  const read = async (response: Response) => {
    const text = (await response.text()).slice(0, MOST_COMPARED)
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true
    return {
      status: response.status,
      to: response.headers.get('location'),
      body: isJson ? JSON.parse(text) : text,
    }
  }

  for (const row of PERMISSIONS.filter(isUnsafe)) {
    const name = nameOf(row)
    if (WITHOUT_KEY[name] !== undefined) continue
    test(`${name} is done once and answered the same, and another body is refused`, async () => {
      const use = await (THROUGH[name] ?? uses[name]!)()
      const client = await clientFor(use)
      const key = crypto.randomUUID()
      const first = await read(await send(client, row, use, key))
      expect(first.status, JSON.stringify(first.body).slice(0, 300)).toBeLessThan(400)
      expect(await kept(key)).toEqual([{ status: first.status }])
      // Whoever ended the session they came with cannot ask again.
      if (use.spends === true) return
      expect(await read(await send(client, row, use, key))).toEqual(first)
      await world.db
        .updateTable('idempotency_keys')
        .set({ body_hash: 'that of another body' })
        .where('key', '=', key)
        .execute()
      expect((await send(client, row, use, key)).status).toBe(422)
    })
  }

  test('what takes no key is a route that is there, and there are few', () => {
    const routes = new Set(PERMISSIONS.filter(isUnsafe).map(nameOf))
    expect(Object.keys(WITHOUT_KEY).filter((name) => !routes.has(name))).toEqual([])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
