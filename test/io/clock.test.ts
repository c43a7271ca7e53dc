import { describe, expect, test } from 'bun:test'
import { calibrate, manualClock, systemClock } from '../../src/io/clock.ts'

const NOON_MS = Date.UTC(2026, 10, 21, 12)

describe('the manual clock', () => {
  test('it stands still until it is moved', () => {
    const clock = manualClock(NOON_MS)
    expect([clock.nowMs(), clock.nowMs()]).toEqual([NOON_MS, NOON_MS])
    clock.advance(250)
    expect(clock.nowMs()).toBe(NOON_MS + 250)
  })

  test('timers fire in the order of their instants, each seeing its own, ties in the order they were set', () => {
    const clock = manualClock(NOON_MS)
    const fired: [string, number][] = []
    for (const [name, delayMs] of [
      ['late', 300],
      ['early', 100],
      ['tie', 100],
      ['after', 301],
    ] as const) {
      clock.after(delayMs, () => fired.push([name, clock.nowMs() - NOON_MS]))
    }
    clock.advance(300)
    expect(fired).toEqual([
      ['early', 100],
      ['tie', 100],
      ['late', 300],
    ])
    expect(clock.pending()).toBe(1)
  })

  test('a timer set by a timer fires in the same move when it falls due in it', () => {
    const clock = manualClock(NOON_MS)
    let ticks = 0
    const tick = () => {
      ticks += 1
      clock.after(1_000, tick)
    }
    clock.after(1_000, tick)
    clock.advance(10_000)
    expect(ticks).toBe(10)
  })

  test('a cancelled timer does not fire', () => {
    const clock = manualClock(NOON_MS)
    let fired = false
    const cancel = clock.after(10, () => {
      fired = true
    })
    cancel()
    clock.advance(20)
    expect(fired).toBe(false)
  })

  test('waiting for its timers, each ends before the next one starts', async () => {
    const clock = manualClock(NOON_MS)
    const said: string[] = []
    for (const name of ['a', 'b']) {
      clock.after(10, async () => {
        said.push(`${name} starts`)
        await Promise.resolve()
        said.push(`${name} ends`)
      })
    }
    await clock.advanceAndWait(10)
    expect(said).toEqual(['a starts', 'a ends', 'b starts', 'b ends'])
  })
})

describe('the system clock', () => {
  test('a step of the wall clock does not move it', () => {
    const clock = systemClock()
    const beforeMs = clock.nowMs()
    const realNow = Date.now
    Date.now = () => realNow() + 3_600_000
    try {
      expect(clock.nowMs() - beforeMs).toBeLessThan(60_000)
    } finally {
      Date.now = realNow
    }
  })

  test('calibrated, it goes by the database', () => {
    const clock = systemClock()
    clock.calibrate(NOON_MS)
    const nowMs = clock.nowMs()
    expect(nowMs).toBeGreaterThanOrEqual(NOON_MS)
    expect(nowMs).toBeLessThan(NOON_MS + 60_000)
  })

  test('a wait longer than a timer can hold does not fire at once', async () => {
    const clock = systemClock()
    let fired = false
    const cancel = clock.after(2 ** 31 + 5, () => {
      fired = true
    })
    await new Promise<void>((done) => clock.after(5, done))
    expect(fired).toBe(false)
    cancel()
  })
})

describe('setting the clock by the database', () => {
  /** An answer that took `tookMs`; returns what the clock was set to, if it was. */
  async function setBy(tookMs: number, slowestMs?: number): Promise<number | null> {
    const set: number[] = []
    let counterMs = 5_000
    const clock = { calibrate: (nowMs: number) => void set.push(nowMs) }
    const ask = async () => {
      counterMs += tookMs
      return NOON_MS
    }
    const isSet = await calibrate(clock, ask, {
      counterMs: () => counterMs,
      ...(slowestMs === undefined ? {} : { slowestMs }),
    })
    expect(isSet).toBe(set.length === 1)
    return set[0] ?? null
  }

  test('half the way is added to what it says', async () => {
    expect(await setBy(40)).toBe(NOON_MS + 20)
  })

  test('an answer that waited for a free connection does not move the clock', async () => {
    expect(await setBy(2_000)).toBeNull()
  })

  test('the first answer counts however slow it is', async () => {
    expect(await setBy(2_000, Number.POSITIVE_INFINITY)).toBe(NOON_MS + 1_000)
  })
})
