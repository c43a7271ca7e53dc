/** The one way out: tables of addresses, and real servers that send us elsewhere, hang, flood or lie. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { LookupFunction } from 'node:net'
import fc from 'fast-check'
import { reachOf } from '../../src/io/outgoing/addresses.ts'
import { makeOutgoing, OutgoingError, type OutgoingRequest } from '../../src/io/outgoing.ts'
import { OutsideError } from '../../src/io/outside.ts'

describe('an address', () => {
  test.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['100.63.255.255', 'public'],
    ['100.128.0.0', 'public'],
    ['223.255.255.255', 'public'],
    ['2606:4700:4700::1111', 'public'],
    ['2a00:1450:4001:82a::200e', 'public'],
    ['10.0.0.1', 'private'],
    ['127.0.0.1', 'private'],
    ['127.255.255.254', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['::1', 'private'],
    ['0:0:0:0:0:0:0:1', 'private'],
    ['fd00:ec2::254', 'private'],
    ['fc00::1', 'private'],
    // The same in another coat.
    ['::ffff:127.0.0.1', 'private'],
    ['::ffff:7f00:1', 'private'],
    ['0:0:0:0:0:ffff:a00:1', 'private'],
    ['::FFFF:192.168.0.1', 'private'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::808:808', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:169.254.169.254', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['64:ff9b:1::a00:1', 'never'],
    ['169.254.169.254', 'never'],
    ['0.0.0.0', 'never'],
    ['::', 'never'],
    ['::127.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['224.0.0.1', 'never'],
    ['198.18.0.1', 'never'],
    ['192.0.2.7', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['2002:7f00:1::', 'never'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never'],
    ['2001:db8::1', 'never'],
    ['100::1', 'never'],
    ['localhost', 'never'],
    ['', 'never'],
  ])('%s is %s', (address, reach) => {
    expect(reachOf(address)).toBe(reach as never)
  })

  test('of IPv4 reaches as far in every coat', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number)
        const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
        for (const coat of [`::ffff:${address}`, `::ffff:${hex}`, `0:0:0:0:0:FFFF:${hex}`, `64:ff9b::${hex}`])
          expect(reachOf(coat)).toBe(reachOf(address))
      }),
    )
  })
})

/** What a lookup of any name says; tests change it. */
let names: Record<string, readonly string[]> = {}
let lookups = 0
const lookup: LookupFunction = (hostname, options, done) => {
  lookups += 1
  const found = (names[hostname] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
  if (found.length === 0) done(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), '', 0)
  else if (options.all === true) done(null, found)
  else done(null, found[0]!.address, found[0]!.family)
}

let elsewhereHits = 0
const seen: { path: string; host: string | null; body: string; encoding: string | null }[] = []
const elsewhere = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch() {
    elsewhereHits += 1
    return new Response('secrets')
  },
})
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  async fetch(request) {
    const { pathname } = new URL(request.url)
    const { headers } = request
    seen.push({
      path: pathname,
      host: headers.get('host'),
      body: await request.text(),
      encoding: headers.get('accept-encoding'),
    })
    if (pathname === '/elsewhere')
      return new Response(null, { status: 302, headers: { location: `http://127.0.0.1:${elsewhere.port}/` } })
    if (pathname === '/for-good')
      return new Response(null, { status: 308, headers: { location: 'http://169.254.169.254/' } })
    if (pathname === '/large') return new Response('x'.repeat(2_000))
    if (pathname === '/flood') return new Response(endless(0))
    if (pathname === '/drip') return new Response(endless(20))
    if (pathname === '/silent') return new Promise<Response>(() => {})
    if (pathname === '/packed')
      return new Response(Bun.gzipSync(Buffer.alloc(10_000_000)), { headers: { 'content-encoding': 'gzip' } })
    if (pathname === '/broken') return new Response('wrong', { status: 500 })
    return new Response('{"ok":true}', { headers: { 'content-type': 'application/json', etag: '"7"' } })
  },
})

/** A body without an end, a chunk every few ms. */
function endless(everyMs: number): ReadableStream {
  let isOpen = true
  return new ReadableStream({
    async pull(controller) {
      if (everyMs > 0) await Bun.sleep(everyMs)
      if (isOpen) controller.enqueue(new Uint8Array(100))
    },
    cancel() {
      isOpen = false
    },
  })
}

const HOST = `geo.example.test:${server.port}`
const outgoing = makeOutgoing({
  allowed: [`http://${HOST}/search`, 'https://api.example.test', `http://169.254.169.254`],
  privateHosts: [HOST, '169.254.169.254'],
  lookup,
})

beforeAll(() => {
  names = { 'geo.example.test': ['127.0.0.1'] }
})
afterAll(() => {
  outgoing.close()
  server.stop(true)
  elsewhere.stop(true)
})

async function refusal(url: string, more: Partial<OutgoingRequest> = {}, from = outgoing): Promise<string> {
  try {
    await from.ask({ service: 'geocoder', url, ...more })
  } catch (error) {
    expect(error).toBeInstanceOf(OutgoingError)
    expect(error).toBeInstanceOf(OutsideError)
    expect((error as OutgoingError).service).toBe('geocoder')
    return (error as OutgoingError).reason
  }
  return 'answered'
}

describe('whom we ask', () => {
  test('a configured host is asked by its name, whatever the path', async () => {
    const answer = await outgoing.ask({ service: 'geocoder', url: `http://${HOST}/other?q=Br%C3%BCcke` })
    expect(answer).toMatchObject({ status: 200, text: '{"ok":true}', headers: { etag: '"7"' } })
    expect(seen.at(-1)).toMatchObject({ path: '/other', host: HOST, encoding: 'identity' })
  })

  test('with a body it is posted', async () => {
    await outgoing.ask({ service: 'router', url: `http://${HOST}/route`, body: '{"é":1}' })
    expect(seen.at(-1)).toMatchObject({ path: '/route', body: '{"é":1}' })
  })

  test('an answer that says no is an answer', async () => {
    expect(await outgoing.ask({ service: 'geocoder', url: `http://${HOST}/broken` })).toMatchObject({
      status: 500,
      text: 'wrong',
    })
  })

  test.each([
    ['http://other.example.test/', 'host_not_allowed'],
    [`http://geo.example.test/`, 'host_not_allowed'], // another port
    [`https://${HOST}/`, 'host_not_allowed'], // another scheme
    ['http://api.example.test/', 'host_not_allowed'],
    [`http://geo.example.test.evil.test:${server.port}/`, 'host_not_allowed'],
    [`http://evil.test/?http://${HOST}/`, 'host_not_allowed'],
    [`http://${HOST}@evil.test/`, 'bad_address'],
    [`http://somebody:secret@${HOST}/`, 'bad_address'],
    ['http://127.0.0.1/', 'host_not_allowed'],
    ['http://2130706433/', 'host_not_allowed'],
    ['http://[::1]/', 'host_not_allowed'],
    ['file:///etc/passwd', 'bad_address'],
    ['ftp://geo.example.test/', 'bad_address'],
    ['no address', 'bad_address'],
    // Also where somebody allowed it: nothing of ours lives there.
    ['http://169.254.169.254/latest/meta-data', 'private_address'],
  ])('%s is refused: %s', async (url, reason) => {
    const before = lookups
    expect(await refusal(url)).toBe(reason)
    expect(lookups).toBe(before)
  })

  test('a path that begins with two slashes stays at the host', async () => {
    await outgoing.ask({ service: 'geocoder', url: `http://${HOST}//evil.test/` })
    expect(seen.at(-1)).toMatchObject({ path: '//evil.test/', host: HOST })
  })
})

describe('where a name leads', () => {
  /** Allowed, and not named as private. */
  const strict = (host: string, privateHosts: readonly string[] = []) =>
    makeOutgoing({ allowed: [`http://${host}`], privateHosts, lookup })

  test.each([
    [['127.0.0.1']],
    [['10.1.2.3']],
    [['::1']],
    [['::ffff:10.0.0.1']],
    [['fd12:3456::1']],
    // Among good ones, in any place.
    [['93.184.216.34', '192.168.0.10']],
    [['192.168.0.10', '93.184.216.34']],
    [['2606:4700::1111', '169.254.169.254']],
  ])('a name at %p is refused', async (addresses) => {
    names['sly.example.test'] = addresses
    const host = `sly.example.test:${server.port}`
    const before = seen.length
    const asker = strict(host)
    expect(await refusal(`http://${host}/`, {}, asker)).toBe('private_address')
    expect(seen.length).toBe(before)
    asker.close()
  })

  test('a name that leads in may lead in when the operator named it, with its port or without', async () => {
    names['inside.example.test'] = ['127.0.0.1']
    const host = `inside.example.test:${server.port}`
    for (const named of [host, 'inside.example.test']) {
      const asker = strict(host, [named])
      expect(await refusal(`http://${host}/`, {}, asker)).toBe('answered')
      asker.close()
    }
    expect(await refusal(`http://${host}/`, {}, strict(host, ['inside.example.test:1']))).toBe(
      'private_address',
    )
    expect(await refusal(`http://${host}/`, {}, strict(host, ['example.test']))).toBe('private_address')
  })

  test('a named one is still not led to where machines keep their credentials', async () => {
    names['inside.example.test'] = ['169.254.169.254']
    const host = `inside.example.test:${server.port}`
    expect(await refusal(`http://${host}/`, {}, strict(host, [host]))).toBe('private_address')
  })

  test('a name that changes its mind after the check is asked no second time: the checked address is the one used', async () => {
    // The first answer is harmless and the next one is not: whoever looks twice would connect to the second.
    let times = 0
    const turning: LookupFunction = (_, options, done) => {
      times += 1
      const address = times === 1 ? '127.0.0.1' : '10.0.0.1'
      if (options.all === true) done(null, [{ address, family: 4 }])
      else done(null, address, 4)
    }
    const host = `turning.example.test:${server.port}`
    const asker = makeOutgoing({ allowed: [`http://${host}`], privateHosts: [host], lookup: turning })
    expect(await refusal(`http://${host}/turned`, {}, asker)).toBe('answered')
    expect(times).toBe(1)
    asker.close()
  })

  test('a name nobody knows, and a lookup that never answers', async () => {
    const host = `unknown.example.test:${server.port}`
    expect(await refusal(`http://${host}/`, {}, strict(host))).toBe('no_such_name')
    const asker = makeOutgoing({ allowed: [`http://${host}`], privateHosts: [], lookup: () => {} })
    expect(await refusal(`http://${host}/`, { timeoutMs: 50 }, asker)).toBe('timed_out')
  })
})

describe('on https', () => {
  const read = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')
  const ca = read('cert.pem')
  const secure = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    tls: { cert: ca, key: read('key.pem') },
    fetch: () => new Response('sealed'),
  })
  afterAll(() => secure.stop(true))

  test.each([
    ['geo.example.test', ca, 'answered'],
    // Another name than the certificate's, and a certificate nobody vouches for.
    ['other.example.test', ca, 'unreachable'],
    ['geo.example.test', undefined, 'unreachable'],
  ])('%s', async (name, trusted, outcome) => {
    names[name] = ['127.0.0.1']
    const origin = `https://${name}:${secure.port}`
    const asker = makeOutgoing({
      ...{ allowed: [origin], privateHosts: [name], lookup },
      ...(trusted !== undefined && { ca: trusted }),
    })
    expect(await refusal(`${origin}/`, {}, asker)).toBe(outcome)
    asker.close()
  })
})

describe('what comes back', () => {
  test('a redirect is not followed', async () => {
    expect(await refusal(`http://${HOST}/elsewhere`)).toBe('redirected')
    expect(await refusal(`http://${HOST}/for-good`)).toBe('redirected')
    expect(elsewhereHits).toBe(0)
  })

  test('a body too large is left, announced or not', async () => {
    expect(await refusal(`http://${HOST}/large`, { maxBytes: 1_999 })).toBe('too_large')
    expect(await refusal(`http://${HOST}/large`, { maxBytes: 2_000 })).toBe('answered')
    expect(await refusal(`http://${HOST}/flood`, { maxBytes: 5_000 })).toBe('too_large')
  })

  test('a packed body is not unpacked', async () => {
    expect(await refusal(`http://${HOST}/packed`)).toBe('unreachable')
  })

  test('the deadline is for all of it: silence, and a body that never ends', async () => {
    expect(await refusal(`http://${HOST}/silent`, { timeoutMs: 60 })).toBe('timed_out')
    expect(await refusal(`http://${HOST}/drip`, { timeoutMs: 150 })).toBe('timed_out')
  })

  test('whoever asked may give up, before and meanwhile', async () => {
    expect(await refusal(`http://${HOST}/`, { signal: AbortSignal.abort() })).toBe('timed_out')
    expect(await refusal(`http://${HOST}/silent`, { signal: AbortSignal.timeout(30) })).toBe('timed_out')
  })

  test('a server that is not there, or breaks off in the middle', async () => {
    const closed = Bun.listen({
      port: 0,
      hostname: '127.0.0.1',
      socket: {
        data(socket) {
          socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')
        },
      },
    })
    const asker = makeOutgoing({
      allowed: [`http://127.0.0.1:${closed.port}`],
      privateHosts: ['127.0.0.1'],
    })
    expect(await refusal(`http://127.0.0.1:${closed.port}/`, {}, asker)).toBe('unreachable')
    closed.stop(true)
    expect(await refusal(`http://127.0.0.1:${closed.port}/`, {}, asker)).toBe('unreachable')
    asker.close()
  })

  test('a connection the other side has closed meanwhile is opened again', async () => {
    let connections = 0
    const impatient = Bun.listen<{ asked: number }>({
      port: 0,
      hostname: '127.0.0.1',
      socket: {
        open(socket) {
          connections += 1
          socket.data = { asked: 0 }
        },
        data(socket) {
          socket.data.asked += 1
          // Keeps the line open after the first answer, and hangs up at the second question.
          if (socket.data.asked === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')
          else socket.terminate()
        },
      },
    })
    const asker = makeOutgoing({
      allowed: [`http://127.0.0.1:${impatient.port}`],
      privateHosts: ['127.0.0.1'],
    })
    for (let round = 0; round < 3; round++)
      expect(await refusal(`http://127.0.0.1:${impatient.port}/`, {}, asker)).toBe('answered')
    expect(connections).toBe(3)
    asker.close()
    impatient.stop(true)
  })
})
