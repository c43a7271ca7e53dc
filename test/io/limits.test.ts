import { describe, expect, test } from 'bun:test'
import { LIMITS, type Limits, makeLimits } from '../../src/io/limits.ts'
import { createLog } from '../../src/io/log.ts'

const log = createLog('silent')
const ADDRESS_POINTS = LIMITS.sign_in_address.points

async function use(limits: Limits, name: 'sign_in_address' | 'sign_in_email', key: string, times: number) {
  let last = await limits.take(name, key)
  for (let i = 1; i < times; i++) last = await limits.take(name, key)
  return last
}

describe('a limit', () => {
  test('lets through what it allows, then says how long to wait', async () => {
    const limits = makeLimits({ log, exempt: [] })
    expect(await use(limits, 'sign_in_email', 'ada@x', LIMITS.sign_in_email.points)).toEqual({
      allowed: true,
    })
    const refused = await limits.take('sign_in_email', 'ada@x')
    assertRefused(refused)
    expect(refused.retryAfterS).toBeGreaterThan(LIMITS.sign_in_email.windowS - 10)
    expect(refused.retryAfterS).toBeLessThanOrEqual(LIMITS.sign_in_email.windowS)
  })

  test('counts each key and each name for itself', async () => {
    const limits = makeLimits({ log, exempt: [] })
    await use(limits, 'sign_in_email', 'ada@x', 100)
    expect(await limits.take('sign_in_email', 'bo@x')).toEqual({ allowed: true })
    expect(await limits.take('sign_in_address', 'ada@x')).toEqual({ allowed: true })
  })

  test('forgives', async () => {
    const limits = makeLimits({ log, exempt: [] })
    await use(limits, 'sign_in_email', 'ada@x', 100)
    await limits.forgive('sign_in_email', 'ada@x')
    expect(await limits.take('sign_in_email', 'ada@x')).toEqual({ allowed: true })
  })

  test('never holds for exempt addresses, written either way', async () => {
    const limits = makeLimits({ log, exempt: ['127.0.0.1', '10.0.0.0/8', '2001:db8:1::/48'] })
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.200.3.4', '2001:db8:1:2::3']) {
      expect(await use(limits, 'sign_in_address', address, ADDRESS_POINTS + 5)).toEqual({ allowed: true })
    }
    for (const address of ['127.0.0.2', '11.0.0.1', '2001:db8:2::1']) {
      assertRefused(await use(limits, 'sign_in_address', address, ADDRESS_POINTS + 5))
    }
  })

  test('counts a whole /64 of IPv6 as one, and an IPv4 address over IPv6 as itself', async () => {
    const limits = makeLimits({ log, exempt: [] })
    await use(limits, 'sign_in_address', '2001:db8:0:7::1', ADDRESS_POINTS)
    assertRefused(await limits.take('sign_in_address', '2001:db8::7:ffff:0:0:2'))
    expect(await limits.take('sign_in_address', '2001:db8:0:8::1')).toEqual({ allowed: true })
    await use(limits, 'sign_in_address', '::ffff:192.0.2.8', ADDRESS_POINTS)
    assertRefused(await limits.take('sign_in_address', '192.0.2.8'))
  })
})

function assertRefused(taken: Awaited<ReturnType<Limits['take']>>): asserts taken is {
  allowed: false
  retryAfterS: number
} {
  expect(taken.allowed).toBe(false)
}
