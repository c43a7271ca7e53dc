import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { LIMITS, type Limits, makeLimits } from '../../src/io/limits.ts'
import { createLog } from '../../src/io/log.ts'
import { systemRandom } from '../../src/io/random.ts'
import { openRedis, type Redis } from '../../src/io/redis.ts'
import { startRedis, type TestRedis } from '../support/redis.ts'
import { describeWith } from '../support/servers.ts'

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

describeWith('redis', 'a limit counted in Redis', () => {
  let server: TestRedis
  const lines: Redis[] = []

  /** The limits of one of several processes. */
  async function process(): Promise<Limits> {
    const redis = await openRedis({ url: server.url, log, random: systemRandom(manualClock(0)) })
    lines.push(redis)
    return makeLimits({ log, exempt: [], redis })
  }

  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    for (const line of lines) line.close()
    await server.stop()
  })

  test('is one count for all processes', async () => {
    const [here, there] = [await process(), await process()]
    await use(here, 'sign_in_email', 'ada@x', LIMITS.sign_in_email.points)
    assertRefused(await there.take('sign_in_email', 'ada@x'))
    await there.forgive('sign_in_email', 'ada@x')
    expect(await here.take('sign_in_email', 'ada@x')).toEqual({ allowed: true })
  })

  test('goes on here when Redis hangs or is gone, and still refuses', async () => {
    const limits = await process()
    for (const [away, back] of [
      [() => server.freeze(), () => server.thaw()],
      [() => server.kill(), () => server.restart()],
    ] as const) {
      await away()
      const key = crypto.randomUUID()
      const takes = Array.from({ length: LIMITS.sign_in_email.points }, () =>
        limits.take('sign_in_email', key),
      )
      expect((await Promise.all(takes)).every(({ allowed }) => allowed)).toBe(true)
      assertRefused(await limits.take('sign_in_email', key))
      await back()
    }
  }, 20_000)
})
