import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DEFAULT_TRAVEL, travel } from '../../src/engine/eta.ts'
import { destination, distanceM } from '../../src/engine/geo.ts'
import { type WeekHour, weekHourOf } from '../../src/engine/speeds.ts'
import { type DrivenLeg, learnSpeeds, SpeedFit, SWEEPS } from '../../src/engine/speeds-fit.ts'
import { type LatLng, seededRandom } from '../../src/engine/units.ts'

const MIDTOWN = { lat: 40.7549, lng: -73.984 }
const NOON: WeekHour = { hour: 12, isWeekend: false }
const SEED = 7

/** Legs of a made-up city whose pace is known: `slowness` times what the set speed expects. */
function driven(
  count: number,
  slowness: (leg: { from: LatLng; to: LatLng; when: WeekHour }) => number,
): DrivenLeg[] {
  const random = seededRandom(SEED)
  return Array.from({ length: count }, () => {
    const from = destination(MIDTOWN, 360 * random(), 5_000 * random())
    const to = destination(from, 360 * random(), 500 + 5_000 * random())
    const when = { hour: Math.floor(24 * random()), isWeekend: random() < 0.3 }
    const expected = travel(from, to)
    // Drivers differ: a tenth more or less.
    const s = expected.durationS * slowness({ from, to, when }) * (0.9 + 0.2 * random())
    return { from, to, when, expected, distanceM: 1.1 * expected.distanceM, durationS: s }
  })
}

const ahead = (from: LatLng, when: WeekHour, speeds = learnSpeeds([])) =>
  travel(from, destination(from, 30, 2_000), { ...DEFAULT_TRAVEL, learned: { speeds, when } })

describe('speeds learned from rides', () => {
  test('without a ride they say what the set speed says', () => {
    const expected = travel(MIDTOWN, destination(MIDTOWN, 30, 2_000))
    expect(ahead(MIDTOWN, NOON).durationS).toBeCloseTo(expected.durationS, 6)
    expect(ahead(MIDTOWN, NOON).distanceM).toBeCloseTo(expected.distanceM, 6)
  })

  test('a city twice as slow, and ways a tenth longer, are told as that', () => {
    const speeds = learnSpeeds(driven(3_000, () => 2))
    const expected = travel(MIDTOWN, destination(MIDTOWN, 30, 2_000))
    const told = ahead(MIDTOWN, NOON, speeds)
    expect(told.durationS / expected.durationS).toBeWithin(1.9, 2.1)
    expect(told.distanceM / expected.distanceM).toBeWithin(1.07, 1.13)
  })

  test('a rush hour slows its hour and no other', () => {
    const speeds = learnSpeeds(driven(6_000, ({ when }) => (when.hour === 8 && !when.isWeekend ? 2 : 1)))
    const noon = ahead(MIDTOWN, NOON, speeds).durationS
    expect(ahead(MIDTOWN, { hour: 8, isWeekend: false }, speeds).durationS / noon).toBeWithin(1.7, 2.1)
    expect(ahead(MIDTOWN, { hour: 8, isWeekend: true }, speeds).durationS / noon).toBeWithin(0.8, 1.25)
  })

  test('a slow quarter slows ways through it, and those elsewhere little', () => {
    const north = destination(MIDTOWN, 0, 3_000)
    const speeds = learnSpeeds(driven(8_000, ({ from }) => (distanceM(from, north) < 2_000 ? 2 : 1)))
    const south = destination(MIDTOWN, 180, 4_000)
    expect(ahead(north, NOON, speeds).durationS / ahead(south, NOON, speeds).durationS).toBeGreaterThan(1.4)
  })

  test('one wild ride moves next to nothing, and one out of all proportion nothing at all', () => {
    const [one] = driven(1, () => 4)
    const before = ahead(one!.from, one!.when).durationS
    expect(ahead(one!.from, one!.when, learnSpeeds([one!])).durationS / before).toBeWithin(1, 2)
    const fit = new SpeedFit()
    fit.add({ ...one!, durationS: 40 * one!.expected.durationS })
    fit.add({ ...one!, distanceM: Number.NaN })
    fit.add({ ...one!, durationS: 0 })
    expect(fit.legs).toBe(0)
  })

  test('learning by slices and in one go come to the same', () => {
    const legs = driven(500, () => 1.3)
    const fit = new SpeedFit()
    for (const leg of legs) fit.add(leg)
    for (let n = 0; n < SWEEPS - 1; n++) fit.sweep()
    const nearly = ahead(MIDTOWN, NOON, fit.learned())
    fit.sweep()
    const whole = ahead(MIDTOWN, NOON, fit.learned())
    expect(whole).toEqual(ahead(MIDTOWN, NOON, learnSpeeds(legs)))
    // Another round would say the same to the second: so many are enough.
    expect(Math.abs(whole.durationS - nearly.durationS)).toBeLessThan(1)
  })

  test('anywhere on Earth a leg is no shorter than straight, and nobody walks or flies', () => {
    const speeds = learnSpeeds(driven(300, () => 1.5))
    const point = fc.record({
      lat: fc.double({ min: -90, max: 90, noNaN: true }),
      lng: fc.double({ min: -180, max: 180, noNaN: true }),
    })
    const when = fc.record({ hour: fc.integer({ min: 0, max: 23 }), isWeekend: fc.boolean() })
    fc.assert(
      fc.property(point, point, when, (from, to, at) => {
        const leg = travel(from, to, { ...DEFAULT_TRAVEL, learned: { speeds, when: at } })
        expect(leg.distanceM).toBeGreaterThanOrEqual(distanceM(from, to) * (1 - 1e-6) - 1e-3)
        expect(leg.durationS).toBeGreaterThanOrEqual(leg.distanceM / 36 - 1e-6)
        expect(leg.durationS).toBeLessThanOrEqual(leg.distanceM / 0.8 + 1e-6)
      }),
    )
  })
})

test('the hour is the one on the wall, also on the days when clocks change', () => {
  const newYork = 'America/New_York'
  // 2026-11-01: two o'clock comes as one o'clock again.
  expect(weekHourOf(Date.parse('2026-11-01T05:30:00Z'), newYork)).toEqual({ hour: 1, isWeekend: true })
  expect(weekHourOf(Date.parse('2026-11-01T06:30:00Z'), newYork)).toEqual({ hour: 1, isWeekend: true })
  expect(weekHourOf(Date.parse('2026-11-02T04:59:00Z'), newYork)).toEqual({ hour: 23, isWeekend: true })
  expect(weekHourOf(Date.parse('2026-11-02T05:00:00Z'), newYork)).toEqual({ hour: 0, isWeekend: false })
})
