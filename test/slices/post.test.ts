import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { makeLimits } from '../../src/io/limits.ts'
import { createLog } from '../../src/io/log.ts'
import { type Mailer, smtpMailer } from '../../src/io/mail.ts'
import { systemRandom } from '../../src/io/random.ts'
import { type Notice, notify } from '../../src/notices/notices.ts'
import { forgetOldLetters, KEPT_MS, LEASE_MS, makePost, PAUSES_MS } from '../../src/notices/post.ts'
import { type MailSink, startMailSink } from '../support/mail.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const START_MS = Date.UTC(2026, 10, 21, 9)
const PUBLIC_URL = 'https://cabs.example.org'
const TOKEN = 'a-token-that-opens-an-account'

let database: TestDatabase
let clock: ReturnType<typeof manualClock>
let sink: MailSink
let logged: string[]

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  await database.db.deleteFrom('notices').execute()
  sink?.stop()
  sink = startMailSink()
  clock = manualClock(START_MS)
  logged = []
})
afterAll(() => sink.stop())

function post(options: { mailer?: Mailer | null; keepLinks?: boolean } = {}) {
  const log = createLog('debug', { write: (line) => void logged.push(line) })
  return makePost({
    ...{ db: database.db, clock, log, publicUrl: PUBLIC_URL },
    limits: makeLimits({ log, exempt: [] }),
    mailer:
      options.mailer === undefined
        ? smtpMailer({ smtpUrl: sink.url, from: 'Example Cabs <hello@cabs.example.org>' })
        : options.mailer,
    keepLinks: options.keepLinks ?? false,
  })
}

const letter = (to = 'ada@x.example', more: { dedupeKey?: string; name?: string } = {}): Notice => ({
  kind: 'verify_email',
  to,
  identityId: null,
  data: { name: more.name ?? 'Ada Okafor', link: `/verify/${TOKEN}`, hours: 24 },
  ...(more.dedupeKey === undefined ? {} : { dedupeKey: more.dedupeKey }),
})

async function write(...notices: Notice[]): Promise<void> {
  await database.db.transaction().execute(async (db) => {
    for (const notice of notices) await notify({ db, atMs: clock.nowMs() }, systemRandom(clock), notice)
  })
}

const rows = () => database.db.selectFrom('notices').selectAll().orderBy('id').execute()

describe('a letter', () => {
  test('is sent once the deed it speaks of is committed, with links of our own address', async () => {
    await write(letter())
    expect(await post().deliver()).toBe(1)
    const [mail] = sink.mails
    expect(mail).toMatchObject({
      from: 'hello@cabs.example.org',
      to: ['ada@x.example'],
      subject: 'Confirm your e-mail address',
    })
    expect(mail!.text).toContain(`${PUBLIC_URL}/verify/${TOKEN}`)
    expect(mail!.raw).toMatch(/auto-submitted: auto-generated/i)
    expect(await post().deliver()).toBe(0)
    expect(sink.mails.length).toBe(1)
  })

  test('is not there when the deed was rolled back', async () => {
    const undone = database.db.transaction().execute(async (db) => {
      await notify({ db, atMs: clock.nowMs() }, systemRandom(clock), letter())
      throw new Error('undone')
    })
    expect(await undone.catch(() => 'undone')).toBe('undone')
    expect(await post().deliver()).toBe(0)
  })

  test('that has left keeps no link, and no line of the log ever has one', async () => {
    await write(letter(), letter('gone@x.example'))
    sink.answerTo = (address) => (address === 'gone@x.example' ? '550 nobody here' : null)
    await post().deliver()
    const sent = (await rows()).find(({ address }) => address === 'ada@x.example')!
    expect(sent).toMatchObject({ state: 'sent', data: { name: 'Ada Okafor', hours: 24 } })
    expect(JSON.stringify(sent)).not.toContain(TOKEN)
    expect(logged.join('\n')).toContain('mail.given_up')
    expect(logged.join('\n')).not.toContain(TOKEN)
  })

  test('with the same key is written once, however many write it at the same time', async () => {
    const one = letter('ada@x.example', { dedupeKey: 'locked_out:ada:1' })
    await Promise.all(Array.from({ length: 20 }, () => write(one)))
    expect((await rows()).length).toBe(1)
    clock.advance(24 * 3_600_000)
    await write(one)
    expect((await rows()).length).toBe(1)
  })
})

describe('a letter the server does not take', () => {
  test('for now: it is tried again after growing pauses, and given up after the last', async () => {
    sink.answerTo = () => '451 busy'
    await write(letter())
    const sender = post()
    for (const pauseMs of PAUSES_MS) {
      await sender.deliver()
      expect((await rows())[0]).toMatchObject({ state: 'waiting', error: expect.stringContaining('451') })
      clock.advance(pauseMs - 1)
      expect(await sender.deliver()).toBe(0)
      clock.advance(1)
    }
    expect(PAUSES_MS).toEqual(PAUSES_MS.toSorted((a, b) => a - b))
    await sender.deliver()
    expect((await rows())[0]).toMatchObject({ state: 'dead', tries: PAUSES_MS.length + 1 })
    clock.advance(LEASE_MS * 100)
    expect(await sender.deliver()).toBe(0)
  })

  test('for good: it is given up at once', async () => {
    sink.answerTo = () => '550 nobody here'
    await write(letter())
    expect(await post().deliver()).toBe(1)
    expect((await rows())[0]).toMatchObject({ state: 'dead', tries: 1 })
  })

  test('because nobody listens: it waits, and goes when the server is back', async () => {
    const { url } = sink
    sink.stop()
    await write(letter())
    const away = smtpMailer({ smtpUrl: url, from: 'hello@cabs.example.org' })
    await post({ mailer: away }).deliver()
    expect((await rows())[0]!.state).toBe('waiting')
    sink = startMailSink()
    clock.advance(PAUSES_MS[0]!)
    expect(await post().deliver()).toBe(1)
  })

  test('with one bad address the others still go', async () => {
    sink.answerTo = (address) => (address.startsWith('bad') ? '550 nobody here' : null)
    await write(
      ...Array.from({ length: 9 }, (_, n) => letter(`${n % 3 === 0 ? 'bad' : 'good'}${n}@x.example`)),
    )
    await post().deliver()
    expect(sink.mails.flatMap(({ to }) => to).toSorted()).toEqual(
      [1, 2, 4, 5, 7, 8].map((n) => `good${n}@x.example`),
    )
  })
})

describe('several processes', () => {
  test('send each letter once between them', async () => {
    const addresses = Array.from({ length: 120 }, (_, n) => `p${String(n).padStart(3, '0')}@x.example`)
    await write(...addresses.map((address) => letter(address)))
    const sent = await Promise.all([post(), post(), post()].map((sender) => sender.deliver()))
    expect(sent.reduce((sum, count) => sum + count)).toBe(120)
    expect(sink.mails.flatMap(({ to }) => to).toSorted()).toEqual(addresses)
  })

  test('take over what one died with, after its claim ran out', async () => {
    await write(letter())
    const taken = Promise.withResolvers<void>()
    const dying: Mailer = {
      send: () => {
        taken.resolve()
        return new Promise(() => {})
      },
    }
    void post({ mailer: dying }).deliver()
    await taken.promise
    expect(await post().deliver()).toBe(0)
    clock.advance(LEASE_MS)
    expect(await post().deliver()).toBe(1)
    expect(sink.mails.length).toBe(1)
  })

  test('one that comes back late with bad news changes nothing', async () => {
    await write(letter())
    const taken = Promise.withResolvers<void>()
    const wake = Promise.withResolvers<void>()
    const slow: Mailer = {
      async send(mail) {
        taken.resolve()
        await wake.promise
        return smtpMailer({ smtpUrl: 'smtp://127.0.0.1:1', from: 'hello@x.example' }).send(mail)
      },
    }
    const late = post({ mailer: slow }).deliver()
    await taken.promise
    clock.advance(LEASE_MS)
    await post().deliver()
    wake.resolve()
    await late
    expect((await rows())[0]).toMatchObject({ state: 'sent', tries: 2, error: null })
  })
})

describe('one person', () => {
  test('gets at most 400 letters a minute; the rest waits its turn', async () => {
    let sent = 0
    const counting: Mailer = {
      async send() {
        sent++
      },
    }
    await write(...Array.from({ length: 410 }, () => letter()), letter('bo@x.example'))
    const sender = post({ mailer: counting })
    expect(await sender.deliver()).toBe(401)
    expect(sent).toBe(401)
    const waiting = (await rows()).filter(({ state }) => state === 'waiting')
    expect(waiting.map(({ tries }) => tries)).toEqual(Array(10).fill(0))
    expect(waiting.every(({ due_at }) => due_at.getTime() <= START_MS + 61_000)).toBe(true)
  }, 30_000)
})

describe('where nothing sends', () => {
  test('letters are kept: with their link for the outbox, without it where no outbox opens', async () => {
    await write(letter())
    expect(await post({ mailer: null, keepLinks: true }).deliver()).toBe(1)
    expect((await rows())[0]).toMatchObject({ state: 'kept', data: { link: `/verify/${TOKEN}` } })
    await write(letter('bo@x.example'))
    await post({ mailer: null }).deliver()
    expect((await rows()).find(({ address }) => address === 'bo@x.example')!.data).not.toHaveProperty('link')
  })
})

describe('letters', () => {
  test('are forgotten in the end, unless they still wait', async () => {
    await write(letter(), letter('bad@x.example'))
    sink.answerTo = (address) => (address.startsWith('bad') ? '451 busy' : null)
    await post().deliver()
    expect(await forgetOldLetters(database.db, START_MS + KEPT_MS)).toBe(0)
    expect(await forgetOldLetters(database.db, START_MS + KEPT_MS + 1)).toBe(1)
    expect((await rows()).map(({ state }) => state)).toEqual(['waiting'])
  })
})
