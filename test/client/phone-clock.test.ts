/** What time it is on a phone whose clock is wrong. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/phone-clock.js'

const SERVER_MS = Date.UTC(2026, 10, 22, 12)
const HOUR_MS = 3_600_000

/** A phone whose clock the test sets; time passes for both of its clocks. */
function phone(offMs: number, kept?: { load(): number; save(ms: number): void }) {
  let wall = SERVER_MS + offMs
  let steady = 0
  let server = SERVER_MS
  const clock = globalThis.createHoneycabClock({
    wallMs: () => wall,
    steadyMs: () => steady,
    ...(kept && { kept }),
  })
  return {
    clock,
    pass(ms: number) {
      wall += ms
      steady += ms
      server += ms
    },
    /** It sleeps: of its clocks only the one on the wall goes on. */
    sleep(ms: number) {
      wall += ms
      server += ms
    },
    set(ms: number) {
      wall += ms
    },
    serverMs: () => server,
    /** News from the server, read so much later than it was written. */
    hear: (lateMs = 0) => clock.learn(server - lateMs),
    wallMs: () => wall,
  }
}

describe('the phone’s clock', () => {
  test('is taken for right until the server says otherwise, and small differences are the way’s', () => {
    const { clock, hear, wallMs } = phone(400)
    expect(clock.nowMs()).toBe(wallMs())
    hear(900)
    expect(clock.offsetMs()).toBe(0)
  })

  for (const hours of [-7, -1, 1, 9])
    test(`${hours} hours wrong: the time of the fixes is right, whichever clock the receiver tells`, () => {
      const { clock, hear, pass, serverMs, wallMs } = phone(hours * HOUR_MS)
      hear()
      pass(60_000)
      expect(clock.nowMs()).toBe(serverMs())
      // The satellites' time, and the phone's own.
      expect(clock.fixAtMs(serverMs() - 800)).toBe(serverMs() - 800)
      expect(clock.fixAtMs(wallMs() - 800)).toBe(serverMs() - 800)
    })

  test('set right in the middle, backwards at once, forwards with the next two words of the server', () => {
    const fast = phone(3 * HOUR_MS)
    fast.hear()
    fast.pass(1_000)
    fast.set(-3 * HOUR_MS)
    expect(fast.clock.nowMs()).toBe(fast.serverMs())

    const slow = phone(-3 * HOUR_MS)
    slow.hear()
    slow.set(3 * HOUR_MS)
    slow.hear()
    slow.hear()
    expect(slow.clock.nowMs()).toBe(slow.serverMs())
  })

  test('a phone that slept still knows the time', () => {
    const { clock, hear, sleep, serverMs } = phone(HOUR_MS)
    hear()
    sleep(40 * 60_000)
    expect(clock.nowMs()).toBe(serverMs())
  })

  test('news that lay around for a minute does not set the time back', () => {
    const { clock, hear, pass, serverMs } = phone(-2 * HOUR_MS)
    hear()
    pass(5_000)
    hear(60_000)
    expect(clock.nowMs()).toBe(serverMs())
    hear(0)
    hear(45_000)
    expect(clock.nowMs()).toBe(serverMs())
  })

  test('what was learned holds on the next page, also without network', () => {
    const disk = { ms: 0 }
    const kept = { load: () => disk.ms, save: (ms: number) => Object.assign(disk, { ms }) }
    phone(5 * HOUR_MS, kept).hear()
    const next = phone(5 * HOUR_MS, kept)
    expect(next.clock.nowMs()).toBe(next.serverMs())
  })

  test('with news at most a second late, it is never wrong by more than three seconds', () => {
    const act = fc.oneof(
      fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 600_000 }) }),
      fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 0, max: 3_600_000 }) }),
      fc.record({ do: fc.constant('hear' as const), ms: fc.integer({ min: 0, max: 1_000 }) }),
    )
    fc.assert(
      fc.property(fc.integer({ min: -12 * HOUR_MS, max: 12 * HOUR_MS }), fc.array(act), (offMs, acts) => {
        const { clock, hear, pass, sleep, serverMs } = phone(offMs)
        hear()
        for (const { do: what, ms } of acts) {
          if (what === 'pass') pass(ms)
          if (what === 'sleep') sleep(ms)
          if (what === 'hear') hear(ms)
          expect(Math.abs(clock.nowMs() - serverMs())).toBeLessThanOrEqual(3_000)
        }
      }),
    )
  })
})
