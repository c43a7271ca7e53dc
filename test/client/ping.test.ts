import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/ping.js'

const { createPinger, pillText, hiddenText, lowPct } = globalThis.HoneycabPing
const START_MS = Date.UTC(2026, 10, 21, 18, 0, 0)
const TIMES_SQUARE = { lat: 40.758, lng: -73.9855 }
/** About 9 m of latitude: a car at walking pace for a second, at driving pace for less. */
const STEP_DEG = 0.00008

type Sent = { by: 'socket' | 'post'; seqs: number[]; ats: number[] }

/** A phone whose time, receiver, network and disk the test moves by hand. */
function phone({ disk = { lastSeq: 0, pings: [] as Ping[] } } = {}) {
  let nowMs = START_MS
  const ticks: { everyMs: number; call: () => void; nextMs: number }[] = []
  let report: PositionCallback = () => {}
  let complain: PositionErrorCallback = () => {}
  let asked = 0
  let frozenAtMs: number | null = null
  const network = { socket: true, post: true, answers: true }
  const sent: Sent[] = []
  const taken: number[] = []
  const place = { ...TIMES_SQUARE }
  let lastState: PingState | null = null

  const receiver = { isDead: false }
  const timedOut = { code: 3, PERMISSION_DENIED: 1 } as GeolocationPositionError
  let last: GeolocationPosition
  const position = (speed: number | null, accuracy = 6): GeolocationPosition => {
    last = {
      timestamp: frozenAtMs ?? nowMs,
      coords: { latitude: place.lat, longitude: place.lng, accuracy, speed, heading: null },
    } as GeolocationPosition
    return last
  }

  const record = (by: Sent['by'], pings: Ping[]) =>
    sent.push({ by, seqs: pings.map((ping) => ping.seq), ats: pings.map((ping) => ping.at) })

  const pinger = createPinger({
    geolocation: {
      watchPosition: (onFix, onTrouble) => {
        report = onFix
        complain = onTrouble ?? complain
        return 1
      },
      clearWatch: () => {},
      getCurrentPosition: (onFix, onTrouble, options) => {
        asked++
        if (receiver.isDead && options?.maximumAge === 0) onTrouble?.(timedOut)
        else if (receiver.isDead) onFix(last)
        else onFix(position(0))
      },
    },
    clock: {
      nowMs: () => nowMs,
      fixAtMs: (timestampMs) => timestampMs,
      every: (everyMs, call) => {
        const tick = { everyMs, call, nextMs: nowMs + everyMs }
        ticks.push(tick)
        return () => ticks.splice(ticks.indexOf(tick), 1)
      },
    },
    store: {
      load: async () => structuredClone(disk),
      put: async (ping) => {
        disk.lastSeq = ping.seq
        disk.pings.push(ping)
        taken.push(ping.seq)
      },
      remove: async (seqs) => {
        disk.pings = disk.pings.filter((ping) => !seqs.includes(ping.seq))
      },
    },
    transport: {
      send: (pings) => {
        if (!network.socket) return false
        record('socket', pings)
        if (network.answers) queueMicrotask(() => pinger.acked({ seq: pings.at(-1)?.seq ?? 0 }))
        return true
      },
      post: async (pings) => {
        if (!network.post) return 'failed'
        record('post', pings)
        return { seq: pings.at(-1)?.seq ?? 0 }
      },
    },
    onChange: (state) => {
      lastState = state
    },
  })

  /** Let time pass second by second; a driving car reports each second, a standing one is silent. */
  async function pass(seconds: number, car: 'driving' | 'standing') {
    for (let i = 0; i < seconds; i++) {
      nowMs += 1_000
      if (car === 'driving') {
        place.lat += STEP_DEG
        report(position(9))
      }
      for (const tick of ticks) {
        if (nowMs < tick.nextMs) continue
        tick.nextMs += tick.everyMs
        tick.call()
      }
      await Bun.sleep(0)
    }
  }

  return {
    pinger,
    sent,
    taken,
    disk,
    network,
    pass,
    fix: (speed: number | null, accuracy?: number) => report(position(speed, accuracy)),
    deny: () => complain({ code: 1, PERMISSION_DENIED: 1 } as GeolocationPositionError),
    state: () => {
      if (lastState === null) throw new Error('the pinger has said nothing yet')
      return lastState
    },
    nowMs: () => nowMs,
    asked: () => asked,
    receiver,
    /** From now on the receiver answers with this moment's fix and its time, as laptops do. */
    freeze: () => {
      frozenAtMs = nowMs
    },
  }
}

const clockTime = (atMs: number) => new Date(atMs).toISOString().slice(11, 16)

describe('cadence', () => {
  test('a moving car is sent every five seconds', async () => {
    const { pinger, sent, pass, fix } = phone()
    await pinger.start(true)
    fix(9)
    await pass(30, 'driving')
    const ats = sent.flatMap((message) => message.ats)
    expect(ats.map((at) => (at - START_MS) / 1_000)).toEqual([0, 5, 10, 15, 20, 25, 30])
  })

  test('a standing car is sent at least every fifteen seconds, also when its receiver says nothing', async () => {
    const { pinger, sent, pass, fix, asked } = phone()
    await pinger.start(true)
    fix(0)
    await pass(65, 'standing')
    const ats = [START_MS, ...sent.flatMap((message) => message.ats).slice(1)]
    const gapsS = ats.slice(1).map((at, i) => (at - (ats[i] ?? 0)) / 1_000)
    expect(ats.length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...gapsS)).toBeLessThanOrEqual(15)
    expect(asked()).toBeGreaterThanOrEqual(4)
  })

  test('a receiver that answers with its last fix says that the car still stands there', async () => {
    const { pinger, sent, pass, fix, freeze, state, nowMs } = phone()
    await pinger.start(true)
    fix(0)
    freeze()
    await pass(65, 'standing')
    expect(sent.length).toBeGreaterThanOrEqual(5)
    expect(nowMs() - (sent.at(-1)?.ats.at(-1) ?? 0)).toBeLessThanOrEqual(15_000)
    expect(state().fix?.atMs).toBeGreaterThan(nowMs() - 15_000)
  })

  test('a standing car whose receiver has no fresh fix keeps the place the receiver vouches for', async () => {
    const { pinger, sent, pass, fix, receiver, nowMs } = phone()
    await pinger.start(true)
    fix(null)
    receiver.isDead = true
    await pass(65, 'standing')
    expect(nowMs() - (sent.at(-1)?.ats.at(-1) ?? 0)).toBeLessThanOrEqual(15_000)
  })

  test('a car that drove into a tunnel is not claimed to stand at its mouth', async () => {
    const { pinger, sent, pass, fix, receiver, nowMs, state } = phone()
    await pinger.start(true)
    fix(9)
    await pass(10, 'driving')
    receiver.isDead = true
    const before = sent.length
    await pass(40, 'standing')
    expect(sent.length).toBe(before)
    expect(pillText(state(), nowMs(), clockTime).text).toStartWith('We have not seen you since 18:00.')
  })

  test('with little battery left a moving car is sent every ten seconds, and the page says so', async () => {
    const { pinger, sent, pass, fix, state, nowMs } = phone()
    await pinger.start(true)
    pinger.lowBattery(lowPct({ level: 0.14, charging: false }))
    fix(9)
    await pass(30, 'driving')
    expect(sent.flatMap(({ ats }) => ats).map((at) => (at - START_MS) / 1_000)).toEqual([0, 10, 20, 30])
    expect(pillText(state(), nowMs(), clockTime).text).toBe(
      'Live · 0 s · all sent · battery 14 %, every 10 s',
    )
    pinger.lowBattery(lowPct({ level: 0.14, charging: true }))
    await pass(10, 'driving')
    expect(sent.flatMap(({ ats }) => ats).slice(-2)).toEqual([nowMs() - 5_000, nowMs()])
    expect(lowPct({ level: 0.21, charging: false })).toBeNull()
  })

  test('off shift nothing is taken or sent, though the page knows how good the location is', async () => {
    const { pinger, sent, pass, fix, state, disk } = phone()
    await pinger.start(false)
    fix(9)
    await pass(20, 'driving')
    expect(sent).toEqual([])
    expect(disk.pings).toEqual([])
    expect(pillText(state(), START_MS + 20_000, clockTime).text).toBe('Location good, ±6 m')
  })
})

describe('without network', () => {
  test('positions wait, and when it returns the newest goes first, alone, then the rest in order', async () => {
    const { pinger, sent, pass, fix, network, state, nowMs } = phone()
    await pinger.start(true)
    fix(9)
    await pass(1, 'driving')
    sent.length = 0
    network.socket = false
    network.post = false
    pinger.connection(false)
    await pass(30, 'driving')
    expect(sent).toEqual([])
    expect(state().offline).toBe(true)
    const waiting = state().waiting
    expect(pillText(state(), nowMs(), clockTime).text).toBe(
      `No network. Keep driving: ${waiting} positions wait here and go out first thing.`,
    )
    network.socket = true
    pinger.connection(true)
    await Bun.sleep(0)
    expect(sent.map((message) => message.seqs.length)).toEqual([1, waiting - 1])
    const [first, rest] = sent
    expect(first?.seqs[0]).toBeGreaterThan(rest?.seqs.at(-1) ?? Number.POSITIVE_INFINITY)
    expect(rest?.ats).toEqual([...(rest?.ats ?? [])].sort((a, b) => a - b))
    expect(state().waiting).toBe(0)
  })

  test('what waits is forgotten only when it is acknowledged', async () => {
    const { pinger, pass, fix, network, disk, state, sent } = phone()
    network.answers = false
    await pinger.start(true)
    fix(9)
    await pass(2, 'driving')
    expect(sent).toHaveLength(1)
    expect(disk.pings).toHaveLength(1)
    pinger.acked({ seq: (sent[0]?.seqs[0] ?? 0) - 1 })
    expect(state().waiting).toBe(1)
    pinger.acked({ seq: sent[0]?.seqs[0] ?? 0 })
    expect(state().waiting).toBe(0)
    expect(disk.pings).toEqual([])
  })

  test('a socket that swallows a message is given up after ten seconds: the same pings go by POST', async () => {
    const { pinger, pass, fix, network, sent } = phone()
    network.answers = false
    await pinger.start(true)
    fix(0)
    await pass(11, 'standing')
    expect(sent.map((message) => message.by)).toEqual(['socket', 'post'])
    expect(sent[1]?.seqs).toEqual(sent[0]?.seqs)
  })

  test('without a socket, POST carries the positions', async () => {
    const { pinger, pass, fix, network, sent, state } = phone()
    network.socket = false
    await pinger.start(true)
    fix(9)
    await pass(10, 'driving')
    expect(sent.map((message) => message.by)).toEqual(['post', 'post', 'post'])
    expect(state().offline).toBe(false)
  })

  test('a day without network keeps a bounded queue, the newest', async () => {
    const { pinger, pass, fix, network, disk, nowMs } = phone()
    network.socket = false
    network.post = false
    await pinger.start(true)
    fix(9)
    await pass(6_200, 'driving')
    expect(disk.pings).toHaveLength(1_200)
    expect(disk.pings.at(-1)?.at).toBe(nowMs())
  }, 20_000)
})

describe('whatever the network does', () => {
  test('each position arrives, the newest first after each gap, and nothing is kept that was acknowledged', async () => {
    const sky = fc.record({
      seconds: fc.integer({ min: 1, max: 40 }),
      socket: fc.boolean(),
      post: fc.boolean(),
      answers: fc.boolean(),
      car: fc.constantFrom('driving' as const, 'standing' as const),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(sky, { minLength: 1, maxLength: 8 }), async (skies) => {
        const { pinger, sent, taken, pass, fix, network, disk, state } = phone()
        await pinger.start(true)
        fix(9)
        for (const { seconds, car, ...how } of skies) {
          const wasOpen = network.socket
          Object.assign(network, how)
          if (wasOpen !== how.socket) pinger.connection(how.socket)
          await pass(seconds, car)
        }
        Object.assign(network, { socket: true, post: true, answers: true })
        const before = sent.length
        const newest = Math.max(...taken)
        const isNewestWaiting = disk.pings.some(({ seq }) => seq === newest)
        pinger.connection(true)
        await Bun.sleep(0)
        if (isNewestWaiting && !sent.slice(0, before).some(({ seqs }) => seqs.includes(newest)))
          expect(sent[before]?.seqs).toEqual([newest])
        await pass(30, 'standing')
        const arrived = new Set(sent.flatMap(({ seqs }) => seqs))
        expect(taken.filter((seq) => !arrived.has(seq))).toEqual([])
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b))
        expect(state().waiting).toBe(0)
        expect(disk.pings).toEqual([])
        expect(Math.max(...sent.map(({ seqs }) => seqs.length))).toBeLessThanOrEqual(100)
        for (const { ats } of sent) expect(ats).toEqual(ats.toSorted((a, b) => a - b))
      }),
      { numRuns: 60 },
    )
  }, 20_000)
})

describe('across reloads', () => {
  test('seq goes on growing, and what waited is sent', async () => {
    const disk = { lastSeq: 0, pings: [] as Ping[] }
    const before = phone({ disk })
    before.network.socket = false
    before.network.post = false
    await before.pinger.start(true)
    before.fix(9)
    await before.pass(10, 'driving')
    const waited = disk.pings.map((ping) => ping.seq)
    expect(waited).toHaveLength(3)

    const after = phone({ disk })
    await after.pinger.start(true)
    await Bun.sleep(0)
    after.fix(9)
    await after.pass(1, 'driving')
    const seqs = after.sent.flatMap((message) => message.seqs)
    expect(seqs.slice(0, 3).sort()).toEqual(waited)
    expect(Math.max(...seqs)).toBeGreaterThan(Math.max(...waited))
    expect(new Set(seqs).size).toBe(seqs.length)
  })
})

describe('what the pill says', () => {
  test('live: the age of the fix, and that all is sent', async () => {
    const { pinger, pass, fix, state, nowMs } = phone()
    await pinger.start(true)
    fix(0)
    await pass(2, 'standing')
    expect(pillText(state(), nowMs(), clockTime)).toEqual({ tone: 'ok', text: 'Live · 2 s · all sent' })
  })

  test('blocked location says what to do', async () => {
    const { pinger, deny, state, nowMs } = phone()
    await pinger.start(true)
    deny()
    expect(pillText(state(), nowMs(), clockTime).text).toBe(
      'Location is blocked. Allow it for this page in the browser’s site settings; it goes on by itself.',
    )
  })

  test('a clock that runs ahead is named, because the server believes none of its fixes', async () => {
    const { pinger, fix, state, nowMs, network, sent } = phone()
    network.answers = false
    await pinger.start(true)
    fix(9)
    pinger.acked({ seq: 0, refused: { future: 1 } })
    expect(sent).toHaveLength(1)
    expect(pillText(state(), nowMs(), clockTime).text).toBe(
      'This phone’s clock is ahead. Set it to automatic time, or no offers can come.',
    )
  })

  test('a page that was hidden says for how long; a glance elsewhere is not worth a word', () => {
    expect(hiddenText(130_000)).toBe(
      'This page was hidden for 2 min 10 s, so no offers came. Keep it open while you drive.',
    )
    expect(hiddenText(120_000)).toContain('2 min,')
    expect(hiddenText(6_000)).toBeNull()
  })

  test('of a hidden page that went on sending nothing is said, and on a ride it is the rider who saw nothing', () => {
    expect(hiddenText(130_000, { wasSeen: true })).toBeNull()
    expect(hiddenText(40_000, { onRide: true })).toBe(
      'This page was hidden for 40 s, so nobody saw where you were. Keep it open while you drive.',
    )
  })
})
