import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { distanceM } from '../../src/engine/geo.ts'
import { seededRandom } from '../../src/engine/units.ts'
import type { PingReason } from '../../src/positions/batch.ts'
import { type Ping, pingBatchShape, pingMessageShape } from '../../src/positions/shapes.ts'
import { RECENT_FIXES } from '../../src/positions/track.ts'
import { type TrailPoint, trailDistanceM } from '../../src/positions/trail.ts'
import { judgePings, RememberingTrack as Track, timesOf, type Verdict } from '../support/pings.ts'

const NOW = Date.UTC(2026, 10, 21, 18)
/** One metre to the north, in degrees. */
const M = 1 / 111_195

function ping(seconds: number, more: Partial<Ping> = {}): Ping {
  return {
    seq: Math.round(seconds * 10) + 10_000,
    at: NOW + seconds * 1000,
    lat: 40.75,
    lng: -73.98,
    accuracy: 6,
    ...more,
  }
}

function judgeOne(track: Track, one: Ping, nowMs = one.at ?? NOW): string {
  return word(judgePings(track, [one], nowMs)[0]!)
}

function word(verdict: Verdict): string {
  return verdict.kind === 'live' ? 'live' : `${verdict.kind} ${verdict.reason}`
}

describe('one ping', () => {
  const table: [what: string, more: Partial<Ping>, verdict: string][] = [
    ['a plain one', {}, 'live'],
    ['with speed and heading', { speed: 12, heading: 271 }, 'live'],
    ['without knowing its speed and heading', { speed: null, heading: null }, 'live'],
    ['as accurate as it must be', { accuracy: 100 }, 'live'],
    ['at a pole', { lat: 90, lng: 0 }, 'live'],
    ['at the other pole', { lat: -90, lng: -180 }, 'live'],
    ['on the equator, off the coast', { lat: 0, lng: 9 }, 'live'],
    ['a little ahead of our clock', { at: NOW + 5_000 }, 'live'],
    ['half a minute old', { at: NOW - 30_000 }, 'live'],
    ['a latitude that is not a number', { lat: Number.NaN }, 'refused invalid'],
    ['an infinite longitude', { lng: Number.POSITIVE_INFINITY }, 'refused invalid'],
    ['nothing where a number should be', { lng: null }, 'refused invalid'],
    ['latitude 91', { lat: 91 }, 'refused invalid'],
    ['latitude just over 90', { lat: 90.000001 }, 'refused invalid'],
    ['longitude 181', { lng: 181 }, 'refused invalid'],
    ['longitude -181', { lng: -181 }, 'refused invalid'],
    ['no time', { at: null }, 'refused invalid'],
    ['a time before 1970', { at: -1 }, 'refused invalid'],
    ['a time no calendar has', { at: 1e300 }, 'refused invalid'],
    ['no accuracy', { accuracy: null }, 'refused invalid'],
    ['a negative accuracy', { accuracy: -1 }, 'refused invalid'],
    ['a negative speed', { speed: -1 }, 'refused invalid'],
    ['a heading over 360', { heading: 361 }, 'refused invalid'],
    ['0/0', { lat: 0, lng: 0 }, 'refused zero'],
    ['0/0 with a negative sign', { lat: -0, lng: 0 }, 'refused zero'],
    ['from the future', { at: NOW + 5_001 }, 'refused future'],
    ['too old for any ride', { at: NOW - 2 * 3_600_000 - 1 }, 'refused too_old'],
    ['too old to move the car', { at: NOW - 30_001 }, 'trail stale'],
    ['good to a kilometre', { accuracy: 1_000 }, 'refused inaccurate'],
    ['at the speed of an aeroplane, by its own word', { speed: 250 }, 'refused impossible_speed'],
  ]
  test.each(table)('%s', (_what, more, verdict) => {
    expect(judgeOne(new Track(), ping(0, more), NOW)).toBe(verdict)
  })

  test('longitude 180 is stored as -180, a heading of 360 as 0', () => {
    const [verdict] = judgePings(new Track(), [ping(0, { lng: 180, heading: 360 })], NOW)
    expect(verdict).toMatchObject({ kind: 'live', fix: { lng: -180, headingDeg: 0 } })
  })

  test('a car crosses the antimeridian without jumping', () => {
    const track = new Track()
    expect(judgeOne(track, ping(0, { lat: 0.1, lng: 179.9999 }))).toBe('live')
    expect(judgeOne(track, ping(1, { lat: 0.1, lng: -179.9999 }))).toBe('live')
  })
})

describe('a ping after others', () => {
  test('the same one again is a duplicate', () => {
    const track = new Track()
    expect(judgeOne(track, ping(0))).toBe('live')
    expect(judgeOne(track, ping(0))).toBe('refused duplicate')
  })

  test('the same number with another time is a duplicate, the same time with another number too', () => {
    const track = new Track()
    judgeOne(track, ping(0, { seq: 7 }))
    expect(judgeOne(track, ping(1, { seq: 7 }))).toBe('refused duplicate')
    expect(judgeOne(track, ping(0, { seq: 8 }))).toBe('refused duplicate')
  })

  test('a page opened anew counts from one again, and is heard', () => {
    const track = new Track()
    for (let second = 0; second < 10; second++) judgeOne(track, ping(second, { seq: second + 1 }))
    for (let second = 10; second < 30; second++)
      expect(judgeOne(track, ping(second, { seq: second - 9 }))).toBe('live')
  })

  test('an older one than the newest completes the trail and does not move the car', () => {
    const track = new Track()
    judgeOne(track, ping(10))
    expect(judgeOne(track, ping(8), NOW + 10_000)).toBe('trail out_of_order')
    expect(track.recent.map((fix) => fix.atMs)).toEqual([NOW + 8_000, NOW + 10_000])
  })

  test('a step from a good place to one that is none is refused', () => {
    const said = { speed: 2, heading: 12 }
    const polar = new Track()
    expect(judgeOne(polar, ping(0, { lat: 89.99999, lng: 0, ...said }))).toBe('live')
    expect(judgeOne(polar, ping(1, { lat: 90.00001, lng: 0, ...said }))).toBe('refused invalid')
    const offshore = new Track()
    expect(judgeOne(offshore, ping(0, { lat: 0.00001, lng: 0, ...said }))).toBe('live')
    expect(judgeOne(offshore, ping(1, { lat: 0, lng: 0, ...said }))).toBe('refused zero')
  })

  test('a late one that does not fit between its neighbours is refused', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    judgeOne(track, ping(10))
    expect(judgeOne(track, ping(5, { lat: 40.76 }), NOW + 10_000)).toBe('refused impossible_speed')
  })

  test('several in under a second, as far apart as their errors, are believed', () => {
    const track = new Track()
    for (let step = 0; step < 20; step++) {
      expect(judgeOne(track, ping(step / 5, { lat: 40.75 + (step % 2) * 20 * M, accuracy: 20 }))).toBe('live')
    }
  })

  test('a claim of bad accuracy does not excuse a jump', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    expect(judgeOne(track, ping(1, { lat: 40.75 + 200 * M, accuracy: 100 }))).toBe('refused impossible_speed')
  })

  test('after a tunnel the car may be kilometres on', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    expect(judgeOne(track, ping(120, { lat: 40.75 + 3_000 * M }))).toBe('live')
    expect(track.recent.at(-1)!.afterJump).toBe(false)
  })

  test('without a heading of its own it gets the way it moved; standing still it keeps the last', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    judgeOne(track, ping(2, { lng: -73.98 + 40 * M }))
    expect(track.recent.at(-1)!.headingDeg).toBeCloseTo(90, 0)
    judgeOne(track, ping(4, { lng: -73.98 + 41 * M }))
    expect(track.recent.at(-1)!.headingDeg).toBeCloseTo(90, 0)
    judgeOne(track, ping(6, { lat: 40.75 - 40 * M, lng: -73.98 + 41 * M }))
    expect(track.recent.at(-1)!.headingDeg).toBeCloseTo(180, 0)
  })
})

describe('jumps', () => {
  const THERE = 40.9

  test('there and back: the bad ones are refused, the good ones after them believed at once', () => {
    const track = new Track()
    const words = [0, 1, 2, 3, 4, 5, 6].map((second) =>
      judgeOne(track, ping(second, { lat: second === 2 || second === 3 ? THERE : 40.75 + second * 10 * M })),
    )
    expect(words).toEqual([
      'live',
      'live',
      'refused impossible_speed',
      'refused impossible_speed',
      'live',
      'live',
      'live',
    ])
    expect(trailDistanceM(track.recent)).toBeCloseTo(60, 0)
  })

  test('a consistent new place is believed within ten seconds, and the way there is not billed', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    const words: string[] = []
    for (let second = 1; second <= 12; second++)
      words.push(judgeOne(track, ping(second, { lat: THERE + second * 10 * M })))
    const refused = words.filter((one) => one === 'refused impossible_speed').length
    expect(words.slice(refused)).toEqual(Array.from({ length: 12 - refused }, () => 'live'))
    expect(refused).toBeLessThan(10)
    expect(track.recent[1]!.afterJump).toBe(true)
    expect(trailDistanceM(track.recent)).toBeLessThan(12 * 10)
  })

  test('also at one ping every five seconds', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    const words = [5, 10, 15].map((second) => judgeOne(track, ping(second, { lat: THERE })))
    expect(words.at(-1)).toBe('live')
  })

  test('a first fix in the wrong place does not lock the car there', () => {
    const track = new Track()
    judgeOne(track, ping(0, { lat: THERE }))
    let second = 1
    while (judgeOne(track, ping(second, { lat: 40.75 })) !== 'live') second++
    expect(second).toBeLessThanOrEqual(10)
  })

  test('wrong places that do not agree with one another are never believed', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    for (let second = 1; second < 30; second++)
      expect(judgeOne(track, ping(second, { lat: 41 + second / 10 }))).toBe('refused impossible_speed')
  })

  test('a fix some streets ahead now and then, all day long, costs not a metre', () => {
    const track = new Track()
    const trail: TrailPoint[] = []
    let wrong = 0
    for (let second = 0; second < 600; second++) {
      const isWrong = second % 20 === 10
      const one = ping(second, { lat: 40.75 + (second * 10 + (isWrong ? 700 : 0)) * M })
      const [verdict] = judgePings(track, [one], one.at!)
      if (verdict!.kind === 'live') trail.push(verdict!.fix)
      else wrong++
    }
    expect(wrong).toBe(30)
    expect(trailDistanceM(trail)).toBeCloseTo(5_990, 0)
  })

  test('a jump that time alone makes possible is still not billed', () => {
    const track = new Track()
    judgeOne(track, ping(0))
    const jump = 250 * M
    const words = [1, 2, 3, 4].map((second) => judgeOne(track, ping(second, { lat: 40.75 + jump })))
    expect(words).toEqual([
      'refused impossible_speed',
      'refused impossible_speed',
      'refused impossible_speed',
      'live',
    ])
    expect(trailDistanceM(track.recent)).toBe(0)
  })
})

/** A drive with turns, one fix a second, 0 to 20 m/s: the truth that bad pings are mixed into. */
function drive(seed: number, seconds: number): Ping[] {
  const next = seededRandom(seed)
  const pings: Ping[] = []
  let [lat, lng, headingRad, speedMps] = [40.75, -73.98, next() * 6.28, 8]
  for (let second = 0; second < seconds; second++) {
    speedMps = Math.min(20, Math.max(0, speedMps + (next() - 0.5) * 4))
    if (next() < 0.05) headingRad += Math.PI / 2
    lat += speedMps * Math.cos(headingRad) * M
    lng += (speedMps * Math.sin(headingRad) * M) / Math.cos((lat * Math.PI) / 180)
    pings.push({ seq: second + 1, at: NOW + second * 1000, lat, lng, accuracy: 4 + next() * 8 })
  }
  return pings
}

type Spoil = (good: Ping, next: () => number) => Ping
const SPOILED: [PingReason, Spoil][] = [
  ['invalid', (good, next) => ({ ...good, lat: next() < 0.5 ? Number.NaN : 91 + next() })],
  ['invalid', (good, next) => ({ ...good, lng: next() < 0.5 ? null : 181 })],
  ['zero', (good) => ({ ...good, lat: 0, lng: 0 })],
  ['future', (good, next) => ({ ...good, at: good.at! + 10_000 + next() * 1e7 })],
  ['too_old', (good, next) => ({ ...good, at: good.at! - 3 * 3_600_000 - next() * 1e7 })],
  ['duplicate', (good) => good],
  [
    'inaccurate',
    (good, next) => ({
      ...good,
      at: good.at! + 500,
      lat: good.lat! + next() / 100,
      accuracy: 101 + next() * 1e3,
    }),
  ],
  ['impossible_speed', (good, next) => ({ ...good, at: good.at! + 500, lat: good.lat! + 0.01 + next() })],
  ['impossible_speed', (good, next) => ({ ...good, at: good.at! + 500, lng: good.lng! - 0.01 - next() })],
]

describe('a whole drive', () => {
  const drives = fc.record({ seed: fc.integer(), seconds: fc.integer({ min: 60, max: 600 }) })

  test('with bad pings mixed in it is as long as without, to 2 %', () => {
    fc.assert(
      fc.property(drives, fc.double({ min: 0, max: 0.6, noNaN: true }), ({ seed, seconds }, share) => {
        const clean = drive(seed, seconds)
        const next = seededRandom(seed + 1)
        const track = new Track()
        const trail: TrailPoint[] = []
        const counted: Partial<Record<PingReason, number>> = {}
        const expected: Partial<Record<PingReason, number>> = {}
        const take = (one: Ping, nowMs: number) => {
          const [verdict] = judgePings(track, [one], nowMs)
          if (verdict!.kind !== 'refused') trail.push(verdict!.fix)
          if (verdict!.kind !== 'live') counted[verdict!.reason] = (counted[verdict!.reason] ?? 0) + 1
        }
        for (const good of clean) {
          take(good, good.at!)
          if (next() >= share) continue
          const [reason, spoil] = SPOILED[Math.floor(next() * SPOILED.length)]!
          expected[reason] = (expected[reason] ?? 0) + 1
          take(
            { ...spoil(good, next), seq: reason === 'duplicate' ? good.seq : 100_000 + good.seq },
            good.at! + 500,
          )
        }
        expect(counted).toEqual(expected)
        const truthM = trailDistanceM(
          clean.map((p) => ({ lat: p.lat!, lng: p.lng!, atMs: p.at!, accuracyM: p.accuracy! })),
        )
        expect(Math.abs(trailDistanceM(trail) - truthM)).toBeLessThanOrEqual(truthM * 0.02)
      }),
    )
  })

  test('in batches, each shuffled and some sent twice, it is the same drive', () => {
    fc.assert(
      fc.property(drives, fc.integer({ min: 1, max: 50 }), ({ seed, seconds }, size) => {
        const clean = drive(seed, seconds)
        const next = seededRandom(seed + 2)
        const track = new Track()
        const heard: number[] = []
        for (let from = 0; from < clean.length; from += size) {
          const batch = clean.slice(from, from + size)
          const shuffled = batch.map((one) => ({ one, order: next() })).toSorted((a, b) => a.order - b.order)
          const sent = shuffled.map(({ one }) => one)
          for (const again of next() < 0.3 ? [sent, sent] : [sent]) {
            for (const verdict of judgePings(track, again, batch.at(-1)!.at! + 200))
              if (verdict.kind !== 'refused') heard.push(verdict.fix.atMs)
          }
        }
        expect(heard).toEqual(clean.map((one) => one.at!))
      }),
    )
  })

  test('what a ping says of its speed changes nothing while cars can be so fast', () => {
    // One that says all is mostly believed at a glance; one without speed is asked every question by itself.
    const edges: readonly Partial<Ping>[] = [
      ...[{ accuracy: 100 }, { accuracy: 100.01 }, { accuracy: 0 }, { accuracy: -1 }, { accuracy: null }],
      ...[{ heading: 0 }, { heading: 359.9 }, { heading: 360 }, { heading: 361 }, { heading: -1 }],
      ...[{ lat: 0, lng: 0 }, { lat: 90 }, { lat: 90.1 }, { lng: 180.1 }, { lat: Number.NaN }, { lng: null }],
      ...[{ at: NOW }, { at: -1 }, { at: null }, { seq: 1 }, { seq: 20 }],
    ]
    const changes = fc.array(fc.option(fc.constantFrom(...edges), { freq: 4 }), {
      minLength: 60,
      maxLength: 60,
    })
    /** How late it came, and how far beside the way it was taken, so that some are as far as a car just gets. */
    const slips = fc.array(
      fc.record({ backMs: fc.constantFrom(0, 0, 0, 1_000, 31_000), asideM: fc.nat(160) }),
      { minLength: 60, maxLength: 60 },
    )
    fc.assert(
      fc.property(fc.integer(), changes, slips, fc.integer({ min: 1, max: 20 }), (seed, odd, slip, size) => {
        const sent = drive(seed, 60).map((good, n) => {
          const { backMs, asideM } = slip[n]!
          const moved = { at: good.at! - backMs, lat: good.lat! + (n % 3 === 0 ? asideM * M : 0) }
          return { ...good, heading: 12, ...moved, ...odd[n] }
        })
        const heard = [{ speed: 8 }, { speed: 60 }, {}].map((speed) => {
          const track = new Track()
          const verdicts: Verdict[] = []
          for (let from = 0; from < sent.length; from += size) {
            const batch = sent.slice(from, from + size).map((one) => ({ ...one, ...speed }))
            verdicts.push(...judgePings(track, batch, NOW + (from + size) * 1000))
          }
          return { verdicts, times: timesOf(track) }
        })
        expect(heard[0]).toEqual(heard[2]!)
        expect(heard[1]).toEqual(heard[2]!)
      }),
    )
  })

  test('what moves the car is never older than what moved it before, whatever comes', () => {
    const anyNumber = fc.oneof(
      fc.double(),
      fc.constantFrom(0, 180, -180, 90, Number.NaN, Number.POSITIVE_INFINITY),
      fc.constant(null),
    )
    const anyPing: fc.Arbitrary<Ping> = fc.record({
      seq: fc.nat(50),
      at: fc.oneof(
        fc.integer({ min: -60, max: 60 }).map((second) => NOW + second * 1000),
        anyNumber,
      ),
      lat: fc.oneof(fc.double({ min: 40.7, max: 40.8, noNaN: true }), anyNumber),
      lng: fc.oneof(fc.double({ min: -74, max: -73.9, noNaN: true }), anyNumber),
      accuracy: fc.oneof(fc.double({ min: 0, max: 200, noNaN: true }), anyNumber),
      speed: anyNumber,
      heading: anyNumber,
    })
    fc.assert(
      fc.property(
        fc.array(fc.array(anyPing, { minLength: 1, maxLength: 20 }), { maxLength: 20 }),
        (batches) => {
          const track = new Track()
          let newest = Number.NEGATIVE_INFINITY
          batches.forEach((batch, index) => {
            const nowMs = NOW + index * 1000
            const verdicts = judgePings(track, batch, nowMs)
            expect(verdicts.length).toBe(batch.length)
            for (const verdict of verdicts) {
              if (verdict.kind === 'refused') continue
              const { lat, lng, atMs, headingDeg } = verdict.fix
              expect(Math.abs(lat) <= 90 && lng >= -180 && lng < 180).toBe(true)
              expect(headingDeg >= 0 && headingDeg < 360).toBe(true)
              if (verdict.kind !== 'live') continue
              expect(atMs).toBeGreaterThan(newest)
              expect(atMs).toBeGreaterThanOrEqual(nowMs - 30_000)
              newest = atMs
            }
          })
          const times = timesOf(track)
          expect(times).toEqual(track.recent.slice(-RECENT_FIXES).map((fix) => fix.atMs))
          expect(times).toEqual(times.toSorted((a, b) => a - b))
          expect(times.length).toBeLessThanOrEqual(64)
        },
      ),
    )
  })

  test('neighbours in the trail can be driven, or the trail says that they were not', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const next = seededRandom(seed)
        const track = new Track()
        for (let second = 0; second < 60; second++) {
          const one = ping(second, { lat: 40.75 + (next() < 0.5 ? next() : 0), lng: -73.98 + next() / 1e4 })
          judgePings(track, [one], one.at!)
        }
        for (let index = 1; index < track.recent.length; index++) {
          const [from, to] = [track.recent[index - 1]!, track.recent[index]!]
          const limitM = ((to.atMs - from.atMs) / 1000) * 60 + 60
          expect(to.afterJump || distanceM(from, to) <= limitM).toBe(true)
        }
      }),
    )
  })
})

describe('the shape of what a phone sends', () => {
  const good = { seq: 1, at: NOW, lat: 40.75, lng: -73.98, accuracy: 5 }

  test('a batch of one to 500 pings', () => {
    expect(pingBatchShape.safeParse({ pings: [good] }).success).toBe(true)
    expect(pingBatchShape.safeParse({ pings: Array(500).fill(good) }).success).toBe(true)
    expect(pingBatchShape.safeParse({ pings: Array(501).fill(good) }).success).toBe(false)
    expect(pingBatchShape.safeParse({ pings: [] }).success).toBe(false)
    expect(pingMessageShape.safeParse({ type: 'pings', pings: [good] }).success).toBe(true)
  })

  test('a number that is none is for the checks to count, it does not cost the batch', () => {
    const sent = JSON.parse(JSON.stringify({ pings: [good, { ...good, lat: Number.NaN }] }))
    expect(pingBatchShape.safeParse(sent).success).toBe(true)
    expect(
      pingBatchShape.safeParse(
        JSON.parse(`{"pings":[{"seq":1,"at":1e999,"lat":-1e999,"lng":0,"accuracy":1}]}`),
      ).success,
    ).toBe(true)
  })

  test.each([
    ['a field nobody knows', { ...good, driverId: 'bo' }, 'pings.0'],
    ['text for a number', { ...good, lat: '40.75' }, 'pings.0.lat'],
    ['a missing place', { seq: 1, at: NOW, accuracy: 5 }, 'pings.0.lat'],
    ['half a number', { ...good, seq: 1.5 }, 'pings.0.seq'],
    ['a negative number', { ...good, seq: -1 }, 'pings.0.seq'],
    ['a list', [], 'pings.0'],
  ])('%s is refused, and the answer names the field', (_what, one, path) => {
    const parsed = pingBatchShape.safeParse({ pings: [one] })
    expect(parsed.success).toBe(false)
    expect(parsed.error!.issues.map((issue) => issue.path.join('.'))).toContain(path)
  })
})
