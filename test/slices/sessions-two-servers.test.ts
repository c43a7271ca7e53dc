/** Sessions that end here are over there too: promises 20 and 31 of the quality bars, on two processes. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { endSessions, rotateSoon } from '../../src/accounts/session-life.ts'
import { makeRedisBus } from '../../src/io/bus/redis.ts'
import { type ManualClock, manualClock, systemClock } from '../../src/io/clock.ts'
import { commit, type Work } from '../../src/io/commit.ts'
import { systemRandom } from '../../src/io/random.ts'
import { openRedis, type Redis } from '../../src/io/redis.ts'
import { type AppOptions, type AppWorld, type Process, startApp } from '../support/app-world.ts'
import { type Client, makeClient, type Session } from '../support/client.ts'
import type { LiveClient } from '../support/live-client.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { describeWith } from '../support/servers.ts'

const SIGNED_OUT = 4401
const COME_BACK = 1012

function endings(openWorld: () => Promise<AppOptions>): void {
  let world: AppWorld
  let there: Process
  let clock: ManualClock

  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 10, 21, 9))
    world = await startApp({ ...(await openWorld()), clock, running: true })
    there = await world.beside()
  }, 60_000)
  afterAll(() => world?.stop())

  /** Bo with a fresh session, at both processes: a page open there, its requests kept in memory at both. */
  async function bo(): Promise<{
    session: Session
    here: Client
    away: Client
    live: LiveClient
    id: string
  }> {
    const session = await world.auth.mintSession(world.canal.driver.identityId)
    const here = makeClient({ origin: world.canal.driver.client.origin, session })
    const away = makeClient({ origin: there.origin, session })
    const live = away.live('/live/driver')
    expect(await live.opened).toBe('open')
    expect([await nameAt(here), await nameAt(away)]).toEqual(['Bo Lindqvist', 'Bo Lindqvist'])
    const { sessions } = await here.done<{ sessions: { id: string; current: boolean }[] }>(
      'GET',
      '/api/v1/sessions',
    )
    return { session, here, away, live, id: sessions.find(({ current }) => current)!.id }
  }

  async function nameAt(client: Client): Promise<string | null> {
    const { viewer } = await client.done<{ viewer: { name: string } | null }>('GET', '/api/v1/session')
    return viewer?.name ?? null
  }

  const unit = <T>(work: (unit: Work) => Promise<T>) => commit(world, work)
  const me = () => world.canal.driver.identityId

  /** Let this much time go by for all timers, with the world's real work in between. */
  async function pass(ms: number): Promise<void> {
    for (let gone = 0; gone < ms; gone += 100) {
      clock.advance(100)
      await Bun.sleep(10)
    }
  }

  const ENDS: Record<string, (who: Awaited<ReturnType<typeof bo>>) => Promise<unknown>> = {
    'signing out': ({ here }) => here.form('/sign-out', {}),
    'a new password': () => world.auth.setPassword(me(), 'three hundred and five'),
    'a ban': () =>
      unit(async (work) => {
        await work.db
          .updateTable('identities')
          .set({ banned_at: new Date(work.atMs) })
          .where('id', '=', me())
          .execute()
        await endSessions(work, me())
      }),
    'one of the devices signed out': async ({ id }) => {
      const other = makeClient({
        origin: world.canal.driver.client.origin,
        session: await world.auth.mintSession(me()),
      })
      expect((await other.form(`/account/devices/${id}/end`, { key: crypto.randomUUID() })).status).toBe(303)
    },
    'all other devices signed out': async () => {
      const other = makeClient({
        origin: world.canal.driver.client.origin,
        session: await world.auth.mintSession(me()),
      })
      expect((await other.call('DELETE', '/api/v1/sessions')).status).toBe(200)
    },
  }
  for (const [deed, end] of Object.entries(ENDS))
    test(`${deed} closes the page at another process and ends its requests, without a clock's help`, async () => {
      const who = await bo()
      await end(who)
      expect(await who.live.closed).toBe(SIGNED_OUT)
      // News between processes take a moment; what is kept in memory ends with them or within a second.
      await pass(1_000)
      expect([await nameAt(who.here), await nameAt(who.away)]).toEqual([null, null])
      await world.db
        .updateTable('identities')
        .set({ banned_at: null as never })
        .where('id', '=', me())
        .execute()
    })

  test('an end by time, or one whose news were lost, closes the page within two seconds', async () => {
    for (const set of [{ expires_at: new Date(clock.nowMs() + 1) }, null]) {
      const who = await bo()
      // As another process would do it, were the bus away.
      if (set === null) await world.db.deleteFrom('sessions').where('id', '=', who.id).execute()
      else await world.db.updateTable('sessions').set(set).where('id', '=', who.id).execute()
      await pass(1_000)
      expect(await nameAt(who.away)).toBeNull()
      await pass(1_000)
      expect(await who.live.closed).toBe(SIGNED_OUT)
    }
  })

  test('a changed role closes the page so that it comes back, and what it may see then is asked anew', async () => {
    const who = await bo()
    const row = { company_id: world.canal.companyId, identity_id: me(), role: 'driver' as const }
    await unit(async (work) => {
      await work.db
        .deleteFrom('memberships')
        .where('identity_id', '=', me())
        .where('role', '=', 'driver')
        .execute()
      await rotateSoon(work, me())
    })
    expect(await who.live.closed).toBe(COME_BACK)
    await pass(1_000)
    expect(await who.away.live('/live/driver').opened).not.toBe('open')
    expect((await who.away.get('/driver')).status).toBe(403)
    await world.db.insertInto('memberships').values(row).execute()
    await pass(1_000)
    const again = who.away.live('/live/driver')
    expect(await again.opened).toBe('open')
    again.close()
  })

  test('a program that refreshed at one process has lost its old token at the other', async () => {
    const issued = await unit((work) =>
      world.auth.startSession(work, {
        ...{ identityId: me(), kind: 'token', remembered: true, secondFactor: false, origin: null },
      }),
    )
    const nameOf = async (token: string) => {
      const answer = await fetch(`${there.origin}/api/v1/session`, { headers: { 'x-session-token': token } })
      return answer.status
    }
    expect(await nameOf(issued.tokens!.accessToken)).toBe(200)
    const refreshed = await world.auth.refresh(issued.tokens!.refreshToken)
    if (!refreshed.ok) throw new Error('refused')
    await pass(1_000)
    expect(await nameOf(issued.tokens!.accessToken)).toBe(401)
    expect(await nameOf(refreshed.value.tokens!.accessToken)).toBe(200)
    // The spent one comes back at the other process: the family is over at both.
    expect((await there.app.auth.refresh(issued.tokens!.refreshToken)).ok).toBe(false)
    await pass(1_000)
    expect(await nameOf(refreshed.value.tokens!.accessToken)).toBe(401)
    expect((await world.auth.refresh(refreshed.value.tokens!.refreshToken)).ok).toBe(false)
  })
}

describe('two processes with news in memory', () => {
  endings(async () => ({}))
})

describeWith('redis', 'two processes with news through Redis', () => {
  let redis: TestRedis
  const lines: Redis[] = []
  beforeAll(async () => {
    redis = await startRedis()
  }, 30_000)
  afterAll(async () => {
    for (const line of lines) line.close()
    await redis?.stop()
  })

  endings(async () => ({
    openBus: async (log) => {
      const random = systemRandom(systemClock())
      const line = await openRedis({ url: redis.url, log, random })
      lines.push(line)
      return makeRedisBus({ redis: line, log, random })
    },
  }))

  test('losing all of Redis signs nobody out', async () => {
    const world = await startApp({
      openBus: async (log) => {
        const random = systemRandom(systemClock())
        const line = await openRedis({ url: redis.url, log, random })
        lines.push(line)
        return makeRedisBus({ redis: line, log, random })
      },
    })
    const { client } = world.canal.rider
    try {
      const program = await commit(world, (work) =>
        world.auth.startSession(work, {
          identityId: world.canal.rider.identityId,
          ...{ kind: 'token', remembered: true, secondFactor: false, origin: null },
        }),
      )
      const look = async () => [
        await client.done<unknown>('GET', '/api/v1/session'),
        (
          await fetch(`${client.origin}/api/v1/session`, {
            headers: { 'x-session-token': program.tokens!.accessToken },
          })
        ).status,
      ]
      const person = { viewer: { name: 'Ada Okafor' } }
      expect(await look()).toMatchObject([person, 200])
      await redis.flush()
      expect(await look()).toMatchObject([person, 200])
      redis.freeze()
      expect(await look()).toMatchObject([person, 200])
      redis.thaw()
      await redis.kill()
      expect(await look()).toMatchObject([person, 200])
      await redis.restart()
      expect(await look()).toMatchObject([person, 200])
    } finally {
      await world.stop()
    }
  }, 30_000)
})
