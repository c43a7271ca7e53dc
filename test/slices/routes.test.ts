import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { PERMISSIONS, type Permission, permissionGaps } from '../../src/web/permissions.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'
import { allUses } from './uses/all.ts'
import { makeWalk, type Use, type UserRole, type Uses } from './uses/walk.ts'

type Role = UserRole

let world: AppWorld
let uses: Uses

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  uses = await allUses(await makeWalk(world))
}, 60_000)
afterAll(() => world?.stop())

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
        : use.files !== undefined
          ? await client.upload(use.path, {
              key: crypto.randomUUID(),
              ...(use.body as Record<string, string>),
              ...use.files,
            })
          : await client.form(use.path, {
              ...(row.path === '/quotes' || row.path.startsWith('/sign-')
                ? {}
                : { key: crypto.randomUUID() }),
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
