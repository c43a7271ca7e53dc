import { describe, expect, test } from 'bun:test'
import { clientAddress } from '../../src/web/address.ts'
import { ownPath } from '../../src/web/context.ts'
import { contentSecurityPolicy } from '../../src/web/headers.ts'

describe("the client's address", () => {
  const from = (forwarded: string, trust: boolean) =>
    clientAddress(
      new Request('http://localhost/', { headers: { 'x-forwarded-for': forwarded } }),
      '192.0.2.1',
      trust,
    )

  test('is the socket’s unless the proxy is trusted', () => {
    expect(from('203.0.113.9', false)).toBe('192.0.2.1')
  })

  test('behind a trusted proxy is what that proxy wrote, not what came before it', () => {
    expect(from('10.0.0.1, 6.6.6.6, 203.0.113.9', true)).toBe('203.0.113.9')
    expect(from('2001:db8::7', true)).toBe('2001:db8::7')
  })

  test('is the socket’s when the header holds no address', () => {
    for (const forged of ['', 'unknown', '1.2.3', '203.0.113.9, evil', '<script>']) {
      expect(from(forged, true)).toBe('192.0.2.1')
    }
  })
})

test('tiles are the only other source of pictures, and none where there are no tiles', () => {
  const config = { publicUrl: 'http://localhost', allowedOrigins: [], tileUrl: null }
  expect(contentSecurityPolicy(config)('n')).toContain("img-src 'self' data:;")
  const osm = { ...config, tileUrl: 'https://tile.openstreetmap.org/{z}/{x}/{y}.png' }
  expect(contentSecurityPolicy(osm)('n')).toContain("img-src 'self' data: https://tile.openstreetmap.org;")
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
