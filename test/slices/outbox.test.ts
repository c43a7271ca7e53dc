import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { parseConfig } from '../../src/io/config.ts'
import { outboxOpen } from '../../src/notices/outbox.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { keptLetter } from '../support/mail.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

describe('the outbox', () => {
  test('shows what was not sent, with the link of each letter to press', async () => {
    const id = await keptLetter(world, {
      ...{ to: 'ada@x.example', name: 'Ada <b>', link: '/verify/the-token' },
    })
    const list = await (await world.stranger.get('/outbox')).text()
    expect(list).toContain(`href="/outbox/${id}"`)
    expect(list).toContain('ada@x.example')
    expect(list).not.toContain('the-token')
    const letter = await (await world.stranger.get(`/outbox/${id}`)).text()
    expect(letter).toContain('href="/verify/the-token"')
    expect(letter).toContain('Hello Ada &lt;b&gt;,')
  })

  test('has no letter that does not lie in it', async () => {
    expect((await world.stranger.get(`/outbox/${crypto.randomUUID()}`)).status).toBe(404)
    expect((await world.stranger.get('/outbox/7')).status).toBe(404)
  })

  test('is not there for who came by a proxy or a tunnel, or under another name', async () => {
    const ways: Record<string, string>[] = [
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { host: 'rebound.example' },
    ]
    for (const headers of ways)
      expect((await world.stranger.get('/outbox', headers)).status, JSON.stringify(headers)).toBe(404)
  })
})

describe('who can read the outbox', () => {
  const SECRETS = { SESSION_SECRETS: 'a secret of the tests that is long enough to sign with' }
  const asked = (
    env: Record<string, string>,
    { url = 'http://localhost:3000/outbox', address = '127.0.0.1' } = {},
  ) => outboxOpen(parseConfig({ ...SECRETS, ...env }), new Request(url), { address })

  test.each<[string, boolean, Parameters<typeof asked>]>([
    ['somebody at this machine', true, [{}]],
    ['… by its IPv6 address', true, [{}, { url: 'http://[::1]:3000/', address: '::1' }]],
    ['somebody in the same network', false, [{ HOST: '0.0.0.0' }, { address: '192.168.1.7' }]],
    ['… who says localhost', false, [{}, { address: '192.168.1.7' }]],
    ['a page elsewhere whose name leads here', false, [{}, { url: 'http://rebound.example:3000/outbox' }]],
    ['anybody, where mail is sent', false, [{ SMTP_URL: 'smtp://mail:25', MAIL_FROM: 'a@b.example' }]],
    ['anybody, with a database of its own', false, [{ DATABASE_URL: 'postgres://db/x' }]],
    ['anybody, under a public address', false, [{ PUBLIC_URL: 'https://cabs.example.org' }]],
  ])('%s: %p', (_who, open, given) => {
    expect(asked(...given)).toBe(open)
  })
})
