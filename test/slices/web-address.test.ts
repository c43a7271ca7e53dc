import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { clientAddress } from '../../src/web/address.ts'
import { ownPath } from '../../src/web/context.ts'
import { contentSecurityPolicy } from '../../src/web/headers.ts'

describe("the client's address", () => {
  const from = (forwarded: string, proxies: number) =>
    clientAddress(
      new Request('http://localhost/', { headers: { 'x-forwarded-for': forwarded } }),
      '192.0.2.1',
      proxies,
    )

  test('is the socket’s unless the proxy is trusted', () => {
    expect(from('203.0.113.9', 0)).toBe('192.0.2.1')
  })

  test('behind a trusted proxy is what that proxy wrote, not what came before it', () => {
    expect(from('10.0.0.1, 6.6.6.6, 203.0.113.9', 1)).toBe('203.0.113.9')
    expect(from('2001:db8::7', 1)).toBe('2001:db8::7')
  })

  test('behind two is what the outer one wrote, however much was forged in front', () => {
    expect(from('6.6.6.6, 203.0.113.9, 10.0.0.2', 2)).toBe('203.0.113.9')
    expect(from('203.0.113.9, 10.0.0.2', 2)).toBe('203.0.113.9')
    expect(from('203.0.113.9', 2)).toBe('203.0.113.9')
  })

  test('is the socket’s when the header holds no address', () => {
    for (const forged of ['', 'unknown', '1.2.3', '203.0.113.9, evil', '<script>']) {
      expect(from(forged, 1)).toBe('192.0.2.1')
    }
  })
})

test('tiles are the only other source of pictures, and none where there are no tiles', () => {
  const config = { publicUrl: 'http://localhost', allowedOrigins: [], tileUrl: null }
  expect(contentSecurityPolicy(config)('n')).toContain("img-src 'self' data:;")
  const osm = { ...config, tileUrl: 'https://tile.openstreetmap.org/{z}/{x}/{y}.png' }
  expect(contentSecurityPolicy(osm)('n')).toContain("img-src 'self' data: https://tile.openstreetmap.org;")
})

test('wherever a path of ours leads, a browser stays with us', () => {
  const origin = 'https://cabs.example.org'
  const part = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    '\t',
    '\n',
    '@',
    ':',
    '?',
    '#',
    '%2f',
    '//',
    'evil.example',
  )
  const made = fc.array(fc.oneof(part, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 8 })
  const next = fc.oneof(
    fc.webUrl(),
    made.map((parts) => `/${parts.join('')}`),
    made.map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(next, (asked) => {
      const path = ownPath(asked, '/fallback')
      // As a browser reads a Location header.
      const there = new URL(path, `${origin}/sign-in`)
      expect(there.origin).toBe(origin)
      expect(path).toMatch(/^\/(?![/\\])/)
      expect(ownPath(path, '/other')).toBe(path)
    }),
    { numRuns: 5_000 },
  )
})

test('a path of ours stays as it is, anything else becomes the fallback', () => {
  expect(ownPath('/rides/7?a=b#c', '/')).toBe('/rides/7?a=b#c')
  for (const foreign of [
    'rides',
    '//x.example',
    '/\\x.example',
    'http:/x',
    '/\n/x.example',
    '/..//x.example',
    null,
  ]) {
    expect(ownPath(foreign, '/home')).toBe('/home')
  }
})
