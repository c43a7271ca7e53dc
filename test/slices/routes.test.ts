/**
 * The permission table walked by machine: every route, by everybody there is, on their own thing, another person's and
 * another company's. What each of them must be answered is read from the table.
 */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  isReach,
  PERMISSIONS,
  type Permission,
  permissionGaps,
  type Standing,
} from '../../src/web/permissions.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { type Client, makeClient } from '../support/client.ts'
import { allUses } from './uses/all.ts'
import { makeWalk, type Use, type Uses } from './uses/walk.ts'

const ROLES = ['rider', 'driver', 'dispatcher', 'operator', 'admin'] as const

/** Somebody who tries a route. */
interface Caller {
  readonly name: string
  readonly client: Client
  readonly standings: readonly Standing[]
  readonly firm: 'canal' | 'uptown' | null
  /** Null for visitors. */
  readonly person: Person | null
}

/** `sign in` and `not for you` are said of the route, `not there` of the thing. */
type Verdict = 'allowed' | 'sign in' | 'not for you' | 'not there'

let world: AppWorld
let uses: Uses
let callers: Caller[]
let cases = 0
/** Who was tried on which route, to see in the end that nobody was left out. */
const tried = new Map<string, Set<string>>()

beforeAll(async () => {
  world = await startApp({ running: false, passwords: true })
  uses = await allUses(await makeWalk(world))
  callers = castOf(world)
}, 60_000)
afterAll(() => world?.stop())

function castOf({ canal, uptown, platform, stranger }: AppWorld): Caller[] {
  const staff = (as: Standing): Standing[] => (as === 'rider' ? ['rider'] : ['rider', as])
  const foreign = ROLES.map((as) => ({ standings: staff(as), firm: 'uptown' as const, person: uptown[as] }))
  return [
    { name: 'visitor', client: stranger, standings: ['visitor'], firm: null, person: null },
    ...ROLES.map((as) => ({
      ...{
        name: as,
        client: canal[as].client,
        standings: staff(as),
        firm: 'canal' as const,
        person: canal[as],
      },
    })),
    ...(['otherRider', 'otherDriver'] as const).map((who) => ({
      ...{ name: who, client: canal[who].client, firm: 'canal' as const, person: canal[who] },
      standings: staff(who === 'otherRider' ? 'rider' : 'driver'),
    })),
    ...foreign.map((caller, n) => ({
      ...caller,
      name: `${ROLES[n]} of Uptown`,
      client: caller.person.client,
    })),
    ...foreign.map((caller, n) => ({
      ...caller,
      name: `${ROLES[n]} of Uptown at the address of Canal Street`,
      client: makeClient({ origin: stranger.origin, session: caller.person.client.session }),
    })),
    {
      name: 'platform',
      client: platform.client,
      standings: ['rider', 'platform'],
      firm: null,
      person: platform,
    },
  ]
}

/** Whose the thing of a use is. */
const ownerOf = ({ by = 'rider' }: Use): Person => (by === 'platform' ? world.platform : world.canal[by])

function verdictFor({ who }: Permission, use: Use, caller: Caller): Verdict {
  const isVisitor = caller.person === null
  if (!isReach(who)) {
    if (who === 'anyone' || (who === 'signed_in' && !isVisitor)) return 'allowed'
    const isListed = who !== 'signed_in' && caller.standings.some((as) => who.includes(as as never))
    return isListed ? 'allowed' : isVisitor ? 'sign in' : 'not for you'
  }
  const extents = caller.standings.flatMap((as) => who[as] ?? [])
  if (extents.length === 0) return isVisitor ? 'sign in' : 'not for you'
  const reaches =
    (extents.includes('own') && caller.person === ownerOf(use)) ||
    (extents.includes('company') && caller.firm === 'canal') ||
    extents.includes('all')
  return reaches ? 'allowed' : 'not there'
}

interface Answer {
  /** With 101 for a socket that opened and 404 for one that did not. */
  readonly status: number
  readonly text: string
  readonly to: string
}

interface Sending {
  readonly headers?: Record<string, string>
  readonly fields?: Record<string, string>
}

async function send(client: Client, row: Permission, use: Use, more: Sending = {}): Promise<Answer> {
  if (row.method === 'WS') {
    const live = client.live(use.path, more.headers)
    const opened = await live.opened
    live.close()
    return { status: opened === 'open' ? 101 : 404, text: '', to: '' }
  }
  const takesKey = row.csrf !== 'origin' && row.who !== 'anyone'
  const response =
    row.method === 'GET'
      ? await client.get(use.path, more.headers)
      : row.path.startsWith('/api/')
        ? await client.call(row.method, use.path, use.body, more.headers)
        : await client[use.files === undefined ? 'form' : 'upload'](
            use.path,
            {
              ...(takesKey && { key: crypto.randomUUID() }),
              ...(use.body as Record<string, string>),
              ...(use.files as Record<string, never>),
              ...more.fields,
            },
            more.headers,
          )
  return { status: response.status, text: await response.text(), to: response.headers.get('location') ?? '' }
}

const STATUS: Record<Exclude<Verdict, 'allowed'>, number> = {
  'sign in': 401,
  'not for you': 403,
  'not there': 404,
}

/** Her rides' marks, not the name at the top of her own pages. */
const tellsOfAda = ({ text }: Answer) => /\bAda\b(?! Okafor)|blue door|HC 2041/.test(text)

/** What is wrong with an answer that had to be a refusal; null when nothing is. */
function wrongRefusal(row: Permission, verdict: Exclude<Verdict, 'allowed'>, got: Answer): string | null {
  const leads = verdict === 'sign in' && !/^\/(api|live)\//.test(row.path)
  const expected = row.method === 'WS' ? 404 : leads ? 303 : STATUS[verdict]
  if (got.status !== expected) return `${got.status} instead of ${expected}`
  if (leads && row.method !== 'WS' && !got.to.startsWith('/sign-in')) return `sent to ${got.to}`
  return tellsOfAda(got) ? "was told something of Ada's ride" : null
}

/** Nobody is refused for who they are, and nothing fails; whether it can be done now is another matter. */
function wrongWelcome(row: Permission, caller: Caller, got: Answer): string | null {
  const isRefused = [401, 403, 404].includes(got.status) || got.status >= 500
  if (isRefused || got.to.startsWith('/sign-in'))
    return `refused with ${got.status} ${got.text.slice(0, 200)}`
  const seesCanal = caller.firm === 'uptown' && caller.name.endsWith('Uptown') && row.about === undefined
  return seesCanal && tellsOfAda(got) ? 'saw Canal Street' : null
}

async function attempt(row: Permission, use: Use, caller: Caller): Promise<string | null> {
  const verdict = verdictFor(row, use, caller)
  const isUnsafe = row.method !== 'GET' && row.method !== 'WS'
  const isMain = caller.person === ownerOf(use)
  // What changes something is done once for each role it is open to, and by its owner at the end.
  if (verdict === 'allowed' && isUnsafe) {
    const isOpenToAll = row.who === 'anyone' || row.who === 'signed_in'
    if (isMain || isOpenToAll || use.spends === true || caller.firm !== 'canal') return null
  }
  cases++
  const name = `${row.method} ${row.path}`
  if (verdict !== 'allowed') return wrongRefusal(row, verdict, await send(caller.client, row, use))
  const mine = isUnsafe ? await uses[name]!() : use
  return wrongWelcome(row, caller, await send(caller.client, row, mine))
}

/** What another site could make a signed-in browser send. */
async function forgeries(row: Permission, use: Use): Promise<string[]> {
  if (row.method === 'GET') return []
  const { client } = ownerOf(use)
  const elsewhere = { origin: 'https://elsewhere.example' }
  const wrong: string[] = []
  const refuse = async (what: string, more: Sending, statuses: number[]) => {
    cases++
    const { status } = await send(client, row, use, more)
    if (!statuses.includes(status)) wrong.push(`${what}: ${status}`)
  }
  await refuse('from another site', { headers: elsewhere }, [row.method === 'WS' ? 404 : 403])
  if (row.method === 'WS') return wrong
  const sandboxed = { origin: 'null', 'sec-fetch-site': 'cross-site' }
  await refuse('from a sandbox of another site', { headers: sandboxed }, [403])
  const noToken = row.path.startsWith('/api/')
    ? { headers: { 'x-csrf-token': '' } }
    : { fields: { csrf: '' } }
  await refuse('without the token', noToken, [403])
  const plain = { headers: { 'content-type': 'text/plain' } }
  if (use.body !== undefined) await refuse('as plain text', plain, [403, 415])
  return wrong
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
      const use = await uses[name]!()
      const wrong = await forgeries(row, use)
      const seen = new Set<string>()
      tried.set(name, seen)
      for (const caller of callers) {
        seen.add(caller.name)
        const found = await attempt(row, use, caller)
        if (found !== null) wrong.push(`${caller.name}: ${found}`)
      }
      expect(wrong).toEqual([])
      cases++
      const owner = use.spends === true ? await world.newRider(`Leaver${cases} Tester`) : ownerOf(use)
      const again = row.method === 'GET' || row.method === 'WS' ? use : await uses[name]!()
      const got = await send(owner.client, row, again)
      expect(got.status, got.text.slice(0, 600)).toBe(use.status ?? (row.method === 'WS' ? 101 : 200))
    })
  }

  test('nothing went wrong on our side meanwhile', () => {
    expect(world.lines).toEqual([])
  })

  test('nobody was left out', () => {
    const everybody = callers.map(({ name }) => name)
    for (const [route, seen] of tried) expect([...seen], route).toEqual(everybody)
    expect(tried.size).toBe(PERMISSIONS.length)
    console.log(`${tried.size} routes, ${cases} cases, 100 % covered`)
  })
})
