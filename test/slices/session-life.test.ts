/** Tokens of sessions: made, changed, ended. Promise 30 of the quality bars, sentence by sentence. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { type Kysely, sql } from 'kysely'
import * as migration from '../../migrations/2026-11-21_08_sessions.ts'
import { makeAuth } from '../../src/accounts/accounts.ts'
import { SPENT_GRACE_MS } from '../../src/accounts/recognise.ts'
import { endSessions, LIFE, rotateSoon } from '../../src/accounts/session-life.ts'
import { tokenHash } from '../../src/accounts/session-tokens.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { type Clock, calibrate, systemClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import { type Front, person, startFront } from '../support/front.ts'
import {
  bearer,
  DAY,
  HOUR,
  MINUTE,
  ORIGIN,
  pairOf,
  SECOND,
  start,
  startProgram,
  unitOf,
  whoIs,
} from '../support/sessions.ts'

const ADA = 'Ada Okafor'
let front: Front
let ada: IdentityId
let max: IdentityId

beforeAll(async () => {
  front = await startFront()
  ada = await person(front, { name: ADA, email: 'ada@demo.honeycab', password: null })
  max = await person(front, { name: 'Max Weber', email: 'max@demo.honeycab', password: null })
}, 60_000)
afterAll(() => front.stop())
// What the caches keep is over.
beforeEach(() => front.clock.advance(2 * SECOND))

const byCookie = (cookie: string) => whoIs(front, { cookie })
const later = (ms: number) => front.clock.advance(ms)
/** The token of a cookie's pair or of a program's text, without its signature. */
const tokenOf = (text: string) => decodeURIComponent(text.replace(/^honeycab=/, '')).split('.')[0]!

/** The letters that say that a session of Ada's ended because a spent token came back, from an instant on. */
const reuseLetters = (sinceMs: number) =>
  front.db
    .selectFrom('notices')
    .select(['address', 'data', 'dedupe_key'])
    .where('kind', '=', 'session_reused')
    .where('identity_id', '=', ada)
    .where('created_at', '>=', new Date(sinceMs))
    .execute()

/** What was told of sessions while `work` ran. */
async function told(work: () => Promise<unknown>): Promise<string[]> {
  const news: string[] = []
  const offs = [
    front.bus.on('session.ended', ({ sessionId }) => void news.push(`ended ${sessionId}`)),
    front.bus.on(
      'session.changed',
      ({ sessionId, reopen }) => void news.push(`${reopen ? 'reopen' : 'changed'} ${sessionId}`),
    ),
  ]
  await work()
  for (const off of offs) off()
  return news
}

describe('a token', () => {
  test('has 256 random bits, differs each time, and its kind is to be seen where a program holds it', async () => {
    const [one, two] = [await start(front, ada), await start(front, ada)]
    const program = await startProgram(front, ada)
    const tokens = [
      tokenOf(pairOf(one.cookie)),
      tokenOf(pairOf(two.cookie)),
      program.tokens.accessToken.split('.')[0]!.replace(/^hca_/, ''),
      program.tokens.refreshToken.split('.')[0]!.replace(/^hcr_/, ''),
    ]
    expect(new Set(tokens).size).toBe(4)
    for (const token of tokens) expect(Buffer.from(token, 'base64url').length).toBe(32)
  })

  test('stands in the database only as its hash', async () => {
    const browser = await start(front, ada)
    const { tokens } = await startProgram(front, ada)
    const texts = [pairOf(browser.cookie), tokens.accessToken, tokens.refreshToken].map((text) =>
      tokenOf(text),
    )
    await byCookie(pairOf(browser.cookie))
    await whoIs(front, bearer(tokens.accessToken))
    await whoIs(front, bearer(tokens.refreshToken))
    await front.auth.refresh(tokens.refreshToken)
    const rows = await front.db.selectFrom('session_tokens').selectAll().execute()
    expect(front.lines.join('')).toContain('http.request')
    for (const text of texts.filter((_, n) => n !== 1)) {
      expect(rows.map(({ hash }) => hash)).toContain(tokenHash(text))
      expect(JSON.stringify(rows)).not.toContain(text)
    }
    for (const text of texts) {
      const others = JSON.stringify([
        await front.db.selectFrom('sessions').selectAll().execute(),
        await front.db.selectFrom('audit_entries').selectAll().execute(),
        await front.db.selectFrom('outbox').selectAll().execute(),
      ])
      expect(others).not.toContain(text)
      expect(front.lines.join('')).not.toContain(text)
    }
  })

  test('of a browser comes in a cookie that only this host gets, over https, out of reach of scripts', async () => {
    const secure = await startFront({ publicUrl: 'https://cabs.example' })
    try {
      const id = await person(secure, { name: ADA, email: 'ada@demo.honeycab', password: null })
      const flags = (line: string | null) => line!.split('; ').slice(1).toSorted()
      const kept = await start(secure, id)
      expect(kept.cookie).toStartWith('__Host-honeycab=')
      expect(flags(kept.cookie)).toEqual(['HttpOnly', 'Max-Age=1209600', 'Path=/', 'SameSite=Lax', 'Secure'])
      const forgotten = await start(secure, id, { remembered: false })
      expect(flags(forgotten.cookie)).toEqual(['HttpOnly', 'Path=/', 'SameSite=Lax', 'Secure'])
    } finally {
      await secure.stop()
    }
  })
})

describe('new tokens', () => {
  test('come with a factor or a new password: at once, for the same session, and the old one opens nothing', async () => {
    const before = await start(front, ada)
    expect((await byCookie(pairOf(before.cookie))).name).toBe(ADA)
    later(HOUR)
    const after = await unitOf(front, (unit) =>
      front.auth.rotateSession(unit, before.viewer, { secondFactor: true }, ORIGIN),
    )
    expect(after.sessionId).toBe(before.sessionId)
    expect(after.viewer).toMatchObject({ secondFactor: true, provedAtMs: front.clock.nowMs() })
    expect((await byCookie(pairOf(before.cookie))).name).toBeNull()
    expect((await byCookie(pairOf(after.cookie))).name).toBe(ADA)
    // A request that was under way is no theft.
    later(SPENT_GRACE_MS - SECOND)
    expect((await byCookie(pairOf(before.cookie))).name).toBeNull()
    expect((await byCookie(pairOf(after.cookie))).name).toBe(ADA)
    later(2 * SECOND)
    expect(await told(() => byCookie(pairOf(before.cookie)))).toEqual([`ended ${before.sessionId}`])
    expect((await byCookie(pairOf(after.cookie))).name).toBeNull()
  })

  test('come to a program with the answer, and its old ones open and buy nothing', async () => {
    const before = await startProgram(front, ada)
    const after = await unitOf(front, (unit) =>
      front.auth.rotateSession(unit, before.viewer, { proved: true }, ORIGIN),
    )
    expect(after.cookie).toBeNull()
    expect((await whoIs(front, bearer(before.tokens.accessToken))).status).toBe(401)
    expect((await whoIs(front, bearer(after.tokens!.accessToken))).name).toBe(ADA)
  })

  test('are refused to a session that ended meanwhile', async () => {
    const { viewer } = await start(front, ada)
    await unitOf(front, (unit) => endSessions(unit, ada))
    const attempt = unitOf(front, (unit) => front.auth.rotateSession(unit, viewer, {}, ORIGIN))
    await expect(attempt).rejects.toMatchObject({ status: 401 })
  })

  test('come at the next use after others changed a role; sockets open again, programs refresh', async () => {
    const browser = await start(front, ada)
    const program = await startProgram(front, ada)
    const cookie = pairOf(browser.cookie)
    expect((await byCookie(cookie)).cookie).toBeNull()
    const news = await told(() => unitOf(front, (unit) => rotateSoon(unit, ada)))
    expect(news).toContain(`reopen ${browser.sessionId}`)
    expect(news).toContain(`reopen ${program.sessionId}`)
    const next = (await byCookie(cookie)).cookie!
    expect(tokenOf(next)).not.toBe(tokenOf(cookie))
    expect(await byCookie(next)).toMatchObject({ name: ADA, cookie: null })
    later(SPENT_GRACE_MS + SECOND)
    expect((await byCookie(cookie)).name).toBeNull()
    expect((await byCookie(next)).name).toBeNull()
    expect((await whoIs(front, bearer(program.tokens.accessToken))).status).toBe(401)
    const refreshed = await front.auth.refresh(program.tokens.refreshToken)
    expect(refreshed.ok).toBe(true)
  })
})

describe('a session in use', () => {
  test('gets a new cookie once a day; the tokens of its forms and its id stay', async () => {
    const { cookie, csrf, sessionId } = await start(front, ada)
    const first = pairOf(cookie)
    later(DAY - 3 * HOUR)
    expect((await byCookie(first)).cookie).toBeNull()
    later(3 * HOUR)
    const second = (await byCookie(first)).cookie!
    expect(tokenOf(second)).not.toBe(tokenOf(first))
    expect((await byCookie(second)).name).toBe(ADA)
    const devices = await front.app.handle(
      new Request('http://localhost/api/v1/sessions', { headers: { cookie: second } }),
    )
    const { sessions } = (await devices.json()) as { sessions: { id: string; current: boolean }[] }
    expect(sessions[0]).toMatchObject({ id: sessionId, current: true })
    const signOut = await front.app.handle(
      new Request('http://localhost/sign-out', {
        method: 'POST',
        body: new URLSearchParams({ csrf }),
        headers: { cookie: second, 'content-type': 'application/x-www-form-urlencoded' },
      }),
    )
    expect(signOut.status).toBe(303)
    expect((await byCookie(second)).name).toBeNull()
  })

  test('is not lost with an answer: the old cookie is good until the new one has come back', async () => {
    const first = pairOf((await start(front, ada)).cookie)
    later(DAY)
    const lost = (await byCookie(first)).cookie!
    for (let minutes = 0; minutes < 10; minutes++) {
      later(MINUTE)
      expect((await byCookie(first)).name).toBe(ADA)
    }
    later(DAY)
    const again = (await byCookie(first)).cookie!
    expect(tokenOf(again)).not.toBe(tokenOf(lost))
    expect((await byCookie(again)).name).toBe(ADA)
    // The one that nobody got is worth nothing.
    expect((await byCookie(lost)).name).toBeNull()
    expect((await byCookie(again)).name).toBe(ADA)
  })

  test('is offered one new cookie by many requests at once, and none of them is signed out', async () => {
    const first = pairOf((await start(front, ada)).cookie)
    later(DAY)
    const answers = await Promise.all(Array.from({ length: 50 }, () => byCookie(first)))
    expect(answers.filter(({ name }) => name === ADA)).toHaveLength(50)
    const offered = answers.flatMap(({ cookie }) => cookie ?? [])
    expect(offered).toHaveLength(1)
    const mixed = await Promise.all(
      Array.from({ length: 50 }, (_, n) => byCookie(n % 2 === 0 ? first : offered[0]!)),
    )
    expect(mixed.filter(({ name }) => name === ADA)).toHaveLength(50)
    expect((await byCookie(first)).name).toBe(ADA)
  })

  test('ends when its old cookie is used after the grace, for whoever holds the new one too', async () => {
    const { cookie, sessionId } = await start(front, ada)
    const old = pairOf(cookie)
    later(DAY)
    const fresh = (await byCookie(old)).cookie!
    expect((await byCookie(fresh)).name).toBe(ADA)
    later(SPENT_GRACE_MS - SECOND)
    expect((await byCookie(old)).name).toBe(ADA)
    later(2 * SECOND)
    expect(await told(() => byCookie(old))).toEqual([`ended ${sessionId}`])
    expect((await byCookie(fresh)).name).toBeNull()
    const entries = await front.db
      .selectFrom('audit_entries')
      .select(['action', 'actor_id'])
      .where('subject', '=', sessionId)
      .where('action', '=', 'session.reused')
      .execute()
    expect(entries).toEqual([{ action: 'session.reused', actor_id: ada }])
    await byCookie(old)
    expect(await reuseLetters(front.clock.nowMs())).toMatchObject([
      { address: 'ada@demo.honeycab', data: { name: ADA }, dedupe_key: `session_reused:${sessionId}` },
    ])
  })
})

describe('limits', () => {
  const used = { everyMs: 12 * HOUR }
  const kinds = [
    ['remembered', { remembered: true }, LIFE.idleMs, LIFE.rememberedMs],
    ['of the browser only', { remembered: false }, LIFE.browserMs, LIFE.browserMs],
    ['of an admin in borrowed eyes', { impersonator: true }, LIFE.impersonatedMs, LIFE.impersonatedMs],
  ] as const
  for (const [name, { impersonator, ...more }, idleMs, absoluteMs] of kinds.map(
    (kind) => [kind[0], kind[1] as { remembered?: boolean; impersonator?: true }, kind[2], kind[3]] as const,
  )) {
    const begin = () => start(front, ada, { ...more, ...(impersonator && { impersonatorId: max }) })

    test(`a session ${name} ends when it lies idle`, async () => {
      const [one, two] = [pairOf((await begin()).cookie), pairOf((await begin()).cookie)]
      later(idleMs - SECOND)
      expect((await byCookie(one)).name).toBe(ADA)
      later(2 * SECOND)
      expect((await byCookie(two)).name).toBeNull()
    })

    test(`a session ${name} ends for good, however much it is used`, async () => {
      let cookie = pairOf((await begin()).cookie)
      const stepMs = Math.min(used.everyMs, absoluteMs / 4)
      for (let passedMs = stepMs; passedMs < absoluteMs; passedMs += stepMs) {
        later(stepMs)
        const answer = await byCookie(cookie)
        expect(answer.name).toBe(ADA)
        cookie = answer.cookie ?? cookie
      }
      later(stepMs)
      expect((await byCookie(cookie)).name).toBeNull()
    })
  }

  test('an access token lasts a quarter of an hour, a refresh token a week, a family thirty days', async () => {
    const { tokens } = await startProgram(front, ada)
    expect(tokens.accessExpiresAtMs - front.clock.nowMs()).toBe(15 * MINUTE)
    expect(tokens.refreshExpiresAtMs - front.clock.nowMs()).toBe(7 * DAY)
    later(15 * MINUTE - SECOND)
    expect((await whoIs(front, bearer(tokens.accessToken))).name).toBe(ADA)
    later(2 * SECOND)
    expect((await whoIs(front, bearer(tokens.accessToken))).status).toBe(401)
    let { refreshToken } = tokens
    for (let weeks = 0; weeks < 4; weeks++) {
      later(7 * DAY - HOUR)
      const refreshed = await front.auth.refresh(refreshToken)
      if (!refreshed.ok) throw new Error('refused before its time')
      refreshToken = refreshed.value.tokens!.refreshToken
    }
    later(3 * DAY)
    expect(await front.auth.refresh(refreshToken)).toEqual({ ok: false, reason: 'wrong' })
    const unused = await startProgram(front, ada)
    later(7 * DAY + SECOND)
    expect((await front.auth.refresh(unused.tokens.refreshToken)).ok).toBe(false)
  })

  test('what is over is cleaned away, with its tokens; what lives stays', async () => {
    await front.db.deleteFrom('sessions').execute()
    await start(front, ada)
    await start(front, ada, { remembered: false })
    const { tokens } = await startProgram(front, ada)
    await front.auth.refresh(tokens.refreshToken)
    later(13 * HOUR)
    expect(await front.auth.forgetEnded()).toBe(1)
    const left = await front.db.selectFrom('session_tokens').select('purpose').orderBy('purpose').execute()
    // The spent refresh token stays: until it would have run out, its return is a sign of theft.
    expect(left.map(({ purpose }) => purpose)).toEqual(['cookie', 'refresh', 'refresh'])
    later(8 * DAY)
    expect(await front.auth.forgetEnded()).toBe(2)
    expect(await front.db.selectFrom('session_tokens').selectAll().execute()).toEqual([])
  })

  test('who is banned or deleted is nobody, and so is who an admin that was banned looks as', async () => {
    const borrowed = await start(front, ada, { impersonatorId: max })
    const own = await start(front, max)
    const at = new Date(front.clock.nowMs())
    for (const column of ['banned_at', 'deleted_at'] as const) {
      await front.db
        .updateTable('identities')
        .set({ [column]: at })
        .where('id', '=', max)
        .execute()
      later(2 * SECOND)
      expect((await byCookie(pairOf(own.cookie))).name).toBeNull()
      expect((await byCookie(pairOf(borrowed.cookie))).name).toBeNull()
      await expect(start(front, max)).rejects.toMatchObject({ status: 401 })
      await front.db
        .updateTable('identities')
        .set({ [column]: null as never })
        .where('id', '=', max)
        .execute()
      later(2 * SECOND)
      expect((await byCookie(pairOf(own.cookie))).name).toBe('Max Weber')
    }
  })
})

describe('look-ups', () => {
  test('are answered from memory for a second, from the database after, and counted', async () => {
    const cookie = pairOf((await start(front, ada)).cookie)
    const before = front.auth.lookups()
    for (let n = 0; n < 5; n++) await byCookie(cookie)
    later(SECOND)
    await byCookie(cookie)
    await byCookie(`honeycab=${cookie.split('.')[0]}.x`)
    const after = front.auth.lookups()
    expect([after.hit - before.hit, after.miss - before.miss, after.unknown - before.unknown]).toEqual([
      4, 2, 0,
    ])
    await unitOf(front, (unit) => endSessions(unit, ada))
    await byCookie(cookie)
    expect(front.auth.lookups().unknown - before.unknown).toBe(1)
  })

  test('under way while the session ends are not kept', async () => {
    const { cookie } = await start(front, ada)
    const looks = Array.from({ length: 20 }, () => byCookie(pairOf(cookie)))
    await Promise.all([...looks, unitOf(front, (unit) => endSessions(unit, ada))])
    expect((await byCookie(pairOf(cookie))).name).toBeNull()
  })
})

describe('clocks', () => {
  const realNow = Date.now
  afterEach(() => {
    Date.now = realNow
  })
  const authWith = (clock: Clock) => makeAuth({ ...front, clock, log: createLog('silent') })
  const databaseNowMs = async () => {
    const { rows } = await sql<{
      ms: number
    }>`select extract(epoch from clock_timestamp())::float8 * 1000 as ms`.execute(front.db)
    return rows[0]!.ms
  }
  const begin = async (auth: ReturnType<typeof authWith>, clock: Clock) => {
    const { cookie } = await commit({ ...front, clock }, (unit) =>
      auth.startSession(unit, {
        ...{ identityId: ada, kind: 'cookie', remembered: true, secondFactor: false, origin: ORIGIN },
      }),
    )
    return new Request('http://localhost/', { headers: { cookie: pairOf(cookie) } })
  }

  test('a step of the wall clock, either way, neither ends nor prolongs a session', async () => {
    for (const stepMs of [30 * DAY, -30 * DAY]) {
      Date.now = realNow
      const clock = systemClock()
      const auth = authWith(clock)
      const [living, ended] = [await begin(auth, clock), await begin(auth, clock)]
      const { viewer } = await auth.recognise(ended, 'page')
      await front.db
        .updateTable('sessions')
        .set({ expires_at: new Date(clock.nowMs() - 1) })
        .where('id', '=', viewer!.sessionId)
        .execute()
      Date.now = () => realNow() + stepMs
      const fresh = authWith(clock)
      expect((await fresh.recognise(living, 'page')).viewer?.name).toBe(ADA)
      expect((await fresh.recognise(ended, 'page')).viewer).toBeNull()
      expect(await fresh.endedOf([viewer!.sessionId])).toEqual([viewer!.sessionId])
    }
  })

  test('of two servers a day apart agree on a session, once each has asked the database', async () => {
    const right = systemClock()
    await calibrate(right, databaseNowMs)
    const request = await begin(authWith(right), right)
    for (const offMs of [DAY, -DAY, 20 * DAY]) {
      Date.now = () => realNow() + offMs
      const wrong = systemClock()
      await calibrate(wrong, databaseNowMs, { slowestMs: Number.POSITIVE_INFINITY })
      expect(Math.abs(wrong.nowMs() - right.nowMs())).toBeLessThan(2 * SECOND)
      expect((await authWith(wrong).recognise(request, 'page')).viewer?.name).toBe(ADA)
    }
  })
})

describe('a refresh', () => {
  test('spends its token: new ones for the same session, and the old access token opens nothing', async () => {
    const before = await startProgram(front, ada)
    expect((await whoIs(front, bearer(before.tokens.accessToken))).name).toBe(ADA)
    const refreshed = await front.auth.refresh(before.tokens.refreshToken)
    if (!refreshed.ok) throw new Error('refused')
    expect(refreshed.value.sessionId).toBe(before.sessionId)
    expect((await whoIs(front, bearer(before.tokens.accessToken))).status).toBe(401)
    expect((await whoIs(front, bearer(refreshed.value.tokens!.accessToken))).name).toBe(ADA)
  })

  test('with a spent token ends the family: the newest tokens too, told to all and written down', async () => {
    const before = await startProgram(front, ada)
    const refreshed = await front.auth.refresh(before.tokens.refreshToken)
    if (!refreshed.ok) throw new Error('refused')
    const { accessToken, refreshToken } = refreshed.value.tokens!
    const news = await told(async () => {
      expect(await front.auth.refresh(before.tokens.refreshToken)).toEqual({ ok: false, reason: 'wrong' })
    })
    expect(news).toEqual([`ended ${before.sessionId}`])
    expect((await whoIs(front, bearer(accessToken))).status).toBe(401)
    expect((await front.auth.refresh(refreshToken)).ok).toBe(false)
    const entry = await front.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject', '=', before.sessionId)
      .where('action', '=', 'session.reused')
      .execute()
    expect(entry).toHaveLength(1)
  })

  test('asked for fifty times at once with one token is done once, and the family has ended', async () => {
    const before = await startProgram(front, ada)
    const other = await startProgram(front, ada)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => front.auth.refresh(before.tokens.refreshToken)),
    )
    const won = answers.flatMap((answer) => (answer.ok ? [answer.value] : []))
    expect(won).toHaveLength(1)
    expect((await whoIs(front, bearer(won[0]!.tokens!.accessToken))).status).toBe(401)
    expect((await front.auth.refresh(won[0]!.tokens!.refreshToken)).ok).toBe(false)
    expect(await reuseLetters(front.clock.nowMs())).toHaveLength(1)
    expect((await whoIs(front, bearer(other.tokens.accessToken))).name).toBe(ADA)
  })

  test('takes refresh tokens and nothing else', async () => {
    const { cookie } = await start(front, ada)
    const { tokens } = await startProgram(front, ada)
    const value = decodeURIComponent(pairOf(cookie).split(/=(.*)/s)[1]!)
    for (const wrong of [
      '',
      'x',
      value,
      tokens.accessToken,
      `${tokens.refreshToken}x`,
      tokens.refreshToken.split('.')[0]!,
    ])
      expect((await front.auth.refresh(wrong)).ok).toBe(false)
    expect((await front.auth.refresh(tokens.refreshToken)).ok).toBe(true)
  })

  test('races the end of its session without a deadlock, and the end wins', async () => {
    for (let round = 0; round < 10; round++) {
      const { tokens, sessionId } = await startProgram(front, ada)
      await Promise.all([
        front.auth.refresh(tokens.refreshToken),
        unitOf(front, (unit) => endSessions(unit, ada, { onlySessionId: sessionId })),
        front.auth.refresh(tokens.refreshToken),
      ])
      const left = await front.db.selectFrom('sessions').select('id').where('id', '=', sessionId).execute()
      expect(left).toEqual([])
    }
  })
})

describe('ending', () => {
  test('ends all of a person, or all but one, and what they look at through the eyes of others', async () => {
    const [one, two] = [await start(front, max), await start(front, max)]
    const borrowed = await start(front, ada, { impersonatorId: max })
    const adas = await start(front, ada)
    const news = await told(() =>
      unitOf(front, (unit) => endSessions(unit, max, { exceptSessionId: one.sessionId })),
    )
    expect(news).toContain(`ended ${two.sessionId}`)
    expect(news).toContain(`ended ${borrowed.sessionId}`)
    expect((await byCookie(pairOf(one.cookie))).name).toBe('Max Weber')
    expect((await byCookie(pairOf(two.cookie))).name).toBeNull()
    expect((await byCookie(pairOf(borrowed.cookie))).name).toBeNull()
    expect((await byCookie(pairOf(adas.cookie))).name).toBe(ADA)
  })

  test('that is rolled back ends nothing and is told to nobody', async () => {
    const { cookie } = await start(front, ada)
    const news = await told(async () => {
      const attempt = unitOf(front, async (unit) => {
        await endSessions(unit, ada)
        throw new Error('changed our mind')
      })
      await expect(attempt).rejects.toThrow('changed our mind')
    })
    expect(news).toEqual([])
    expect((await byCookie(pairOf(cookie))).name).toBe(ADA)
  })
})

test('whoever was signed in before the migration still is after it, and after it was taken back and done again', async () => {
  const mine = await startFront()
  try {
    const id = await person(mine, { name: ADA, email: 'ada@demo.honeycab', password: null })
    const cookie = pairOf((await start(mine, id)).cookie)
    await startProgram(mine, id)
    await migration.down(mine.db as unknown as Kysely<unknown>)
    const { rows } = await sql<{ token: string }>`select token from sessions`.execute(mine.db)
    expect(rows.map(({ token }) => token)).toContain(tokenHash(tokenOf(cookie)))
    await migration.up(mine.db as unknown as Kysely<unknown>)
    expect((await whoIs(mine, { cookie })).name).toBe(ADA)
  } finally {
    await mine.stop()
  }
})
