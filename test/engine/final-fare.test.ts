import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { drivenOf, type TrailFix } from '../../src/engine/driven.ts'
import { priceTrip, type Tariff, type Trip } from '../../src/engine/fare.ts'
import { finalFare, type RideEvidence, type Wish } from '../../src/engine/final-fare.ts'
import { destination, distanceM } from '../../src/engine/geo.ts'
import { NO_ZONES, PLAIN_RULES } from '../../src/engine/tariff.ts'

const START = { lat: 40.75, lng: -73.99 }
const BOARDED_MS = Date.parse('2026-11-01T05:30:00Z')
/** A car going north at 10 m/s, seen every 5 s. */
const fixesFor = (seconds: number, everyS = 5): TrailFix[] =>
  Array.from({ length: Math.floor(seconds / everyS) + 1 }, (_, n) => ({
    ...destination(START, 0, n * everyS * 10),
    ...{ atMs: BOARDED_MS + n * everyS * 1_000, accuracyM: 8 },
  }))
const span = (seconds: number) => ({ fromMs: BOARDED_MS, untilMs: BOARDED_MS + seconds * 1_000 })

describe('what was driven', () => {
  test('is the length of the line, the time on board, and all of it seen', () => {
    const driven = drivenOf(fixesFor(600), span(600))
    expect(driven.distanceM).toBeCloseTo(6_000, 0)
    expect(driven).toMatchObject({ durationS: 600, coveredShare: 1 })
    expect(driven.way).toHaveLength(121)
  })

  test('over a gap counts straight, and says how much was not seen', () => {
    const fixes = fixesFor(600).filter(
      ({ atMs }) => atMs <= BOARDED_MS + 100_000 || atMs >= BOARDED_MS + 400_000,
    )
    const driven = drivenOf(fixes, span(600))
    expect(driven.distanceM).toBeCloseTo(6_000, 0)
    expect(driven.coveredShare).toBeCloseTo(0.5, 2)
  })

  test('leaves out jumps, what is too inaccurate, and what a standing car trembles', () => {
    const jump = { ...destination(START, 90, 40_000), atMs: BOARDED_MS + 302_000, accuracyM: 5 }
    const blur = { ...destination(START, 90, 300), atMs: BOARDED_MS + 303_000, accuracyM: 900 }
    const all = [...fixesFor(600), jump, blur].toSorted((a, b) => a.atMs - b.atMs)
    expect(drivenOf(all, span(600)).distanceM).toBeCloseTo(6_000, 0)
    const standing = Array.from({ length: 100 }, (_, n) => ({
      ...destination(START, (n % 4) * 90, 6),
      ...{ atMs: BOARDED_MS + n * 5_000, accuracyM: 8 },
    }))
    expect(drivenOf(standing, span(495))).toMatchObject({ distanceM: 0, stoodS: 495 })
  })

  test('of nothing is nothing: no fixes, and a ride of no length', () => {
    expect(drivenOf([], span(600))).toMatchObject({ distanceM: 0, durationS: 600, coveredShare: 0, way: [] })
    expect(drivenOf(fixesFor(600), span(0))).toMatchObject({ distanceM: 0, durationS: 0, coveredShare: 0 })
  })

  test('never counts more than the fixes are apart, and never more than all was seen', () => {
    const fix = fc.record({
      away: fc.integer({ min: 0, max: 5_000 }),
      bearing: fc.integer({ min: 0, max: 359 }),
      after: fc.integer({ min: 1, max: 200 }),
      accuracyM: fc.option(fc.integer({ min: 1, max: 300 })),
    })
    fc.assert(
      fc.property(fc.array(fix, { maxLength: 60 }), (steps) => {
        let atMs = BOARDED_MS
        const fixes = steps.map(({ away, bearing, after, accuracyM }) => {
          atMs += after * 1_000
          return { ...destination(START, bearing, away), atMs, accuracyM }
        })
        const driven = drivenOf(fixes, { fromMs: BOARDED_MS, untilMs: atMs })
        let lengthM = 0
        for (let n = 1; n < driven.way.length; n++) lengthM += distanceM(driven.way[n - 1]!, driven.way[n]!)
        expect(driven.distanceM).toBeCloseTo(lengthM, 3)
        expect(driven.coveredShare).toBeGreaterThanOrEqual(0)
        expect(driven.coveredShare).toBeLessThanOrEqual(1)
      }),
    )
  })
})

const TARIFF: Tariff = {
  ...{ currency: 'USD', baseMinor: 300, bookingFeeMinor: 0, perKmMinor: 200, perMinuteMinor: 50 },
  ...{ minimumMinor: 0, taxBasisPoints: 1_000, cancelFeeMinor: 0, cancelFreeS: 0 },
  ...{ noShowFeeMinor: 0, noShowAfterS: 0 },
  rules: { ...PLAIN_RULES, waiting: { graceS: 120, perMinuteMinor: 60, mostMinor: null } },
}
const trip: Trip = { leg: { distanceM: 5_000, durationS: 600 }, time: null, zones: NO_ZONES }
const quoted = priceTrip(TARIFF, trip)
const promised = { ...quoted, trip, dropoff: destination(START, 0, 6_000) }
const seen = (over: Partial<RideEvidence> = {}, seconds = 600): RideEvidence => ({
  ...{
    waitedS: null,
    stopWaitsS: [],
    wish: null,
    driven: drivenOf(fixesFor(seconds), span(seconds)),
    zones: NO_ZONES,
  },
  ...over,
})

describe('the fare at the end', () => {
  test('is the promise, line by line, whatever was driven', () => {
    const final = finalFare(TARIFF, promised, seen({}, 1_800))
    expect(final).toEqual({ fare: quoted, reasons: [], wishRefused: null })
    expect(quoted.totalMinor).toBe(1_980)
  })

  test('has the wait beyond the grace, which is named: 5 minutes are 3 paid ones, 1.80 and its tax', () => {
    const final = finalFare(TARIFF, promised, seen({ waitedS: 300 }))
    expect(final.fare.totalMinor).toBe(2_178)
    expect(final.reasons).toEqual([{ code: 'waited', differenceMinor: 198, measured: 300 }])
    expect(finalFare(TARIFF, promised, seen({ waitedS: 120 })).reasons).toEqual([])
    expect(finalFare(TARIFF, promised, seen({ waitedS: null })).fare).toEqual(quoted)
  })

  test('has the waits at agreed stops, each beyond a grace of its own, named apart from that at the pickup', () => {
    const final = finalFare(TARIFF, promised, seen({ waitedS: 180, stopWaitsS: [300, 60, 121] }))
    // One minute at the pickup; three minutes and a second at the stops, of which the second was within its grace.
    expect(final.fare.lines.find(({ code }) => code === 'waiting')).toMatchObject({ amountMinor: 241 })
    expect(final.reasons).toMatchObject([
      { code: 'waited', measured: 180 },
      { code: 'waited_at_stop', measured: 481 },
    ])
    const sum = final.reasons.reduce((total, { differenceMinor }) => total + differenceMinor, 0)
    expect(promised.totalMinor + sum).toBe(final.fare.totalMinor)
    expect(finalFare(TARIFF, promised, seen({ stopWaitsS: [120, 0] })).reasons).toEqual([])
    const { rules, ...plain } = TARIFF
    expect(finalFare(plain, promised, seen({ stopWaitsS: [3_600] })).fare.totalMinor).toBe(
      promised.totalMinor,
    )
  })

  test('a stay at an agreed stop is no other stop, and not driven time as well', () => {
    const stands = fixesFor(300).concat(
      Array.from({ length: 60 }, (_, n) => ({
        ...{ ...fixesFor(300).at(-1)!, atMs: BOARDED_MS + (300 + (n + 1) * 10) * 1_000 },
      })),
    )
    const pauses = [{ fromMs: BOARDED_MS + 310_000, untilMs: BOARDED_MS + 890_000 }]
    const driven = drivenOf(stands, { ...span(900), pauses })
    expect(drivenOf(stands, span(900))).toMatchObject({ stoodS: 600, durationS: 900 })
    expect(driven).toMatchObject({ stoodS: 20, durationS: 320, distanceM: expect.closeTo(3_000, 0) })
    const claimed = finalFare(TARIFF, promised, seen({ wish: 'stop', driven }))
    expect(claimed).toMatchObject({ reasons: [], wishRefused: 'not_borne_out' })
  })

  test('goes by what was driven once the rider wanted elsewhere, up or down', () => {
    const further = finalFare(TARIFF, promised, seen({ wish: 'destination' }, 1_000))
    // 10 km and 16:40: 3.00 + 20.00 + 8.33 = 31.33 and 3.13 of tax.
    expect(further.fare.totalMinor).toBe(3_446)
    expect(further.reasons).toEqual([
      { code: 'destination_changed', differenceMinor: 1_466, measured: 4_000 },
    ])
    const nearer = finalFare(TARIFF, promised, seen({ wish: 'destination' }, 300))
    // 3 km and 5 minutes: 3.00 + 6.00 + 2.50 = 11.50 and 1.15 of tax.
    expect(nearer.fare.totalMinor).toBe(1_265)
    expect(nearer.reasons[0]).toMatchObject({ differenceMinor: 1_265 - 1_980 })
  })

  test('does not change by a wish that the trail does not bear out, or that it is too thin for', () => {
    for (const wish of ['destination', 'stop'] as const)
      expect(finalFare(TARIFF, promised, seen({ wish }))).toEqual({
        ...{ fare: quoted, reasons: [], wishRefused: 'not_borne_out' },
      })
    const holes = drivenOf(fixesFor(1_800, 90), span(1_800))
    expect(finalFare(TARIFF, promised, seen({ wish: 'way', driven: holes })).wishRefused).toBe(
      'trail_too_thin',
    )
    expect(
      finalFare(TARIFF, promised, seen({ wish: 'way', driven: drivenOf([], span(600)) })).wishRefused,
    ).toBe('trail_too_thin')
  })

  test('another way at the rider’s wish is charged by its length, with the wait on top, each for itself', () => {
    const final = finalFare(TARIFF, promised, seen({ wish: 'way', waitedS: 180 }, 800))
    expect(final.reasons.map(({ code }) => code)).toEqual(['way_chosen', 'waited'])
    expect(final.reasons[0]!.measured).toBe(3_000)
    const sum = final.reasons.reduce((total, { differenceMinor }) => total + differenceMinor, 0)
    expect(promised.totalMinor + sum).toBe(final.fare.totalMinor)
  })

  test('a ride through a change of clocks takes as long as it takes', () => {
    // On board at 01:30 EDT, there 40 minutes later: the wall shows 01:10 EST.
    expect(drivenOf(fixesFor(2_400), span(2_400)).durationS).toBe(2_400)
  })

  test('always equals the promise and its named differences; only a nearer destination makes it less', () => {
    const wish = fc.option(fc.constantFrom<Wish>('destination', 'stop', 'way'))
    const seconds = fc.integer({ min: 0, max: 4_000 })
    fc.assert(
      fc.property(wish, seconds, fc.option(fc.integer({ min: 0, max: 3_000 })), (wish, driven, waitedS) => {
        const final = finalFare(TARIFF, promised, seen({ wish, waitedS }, driven))
        const differences = final.reasons.reduce((total, { differenceMinor }) => total + differenceMinor, 0)
        expect(final.fare.totalMinor).toBe(promised.totalMinor + differences)
        expect(final.fare.lines.reduce((total, line) => total + line.amountMinor, 0)).toBe(
          final.fare.totalMinor,
        )
        if (wish !== 'destination') expect(final.fare.totalMinor).toBeGreaterThanOrEqual(promised.totalMinor)
        if (final.reasons.length === 0) expect(final.fare).toEqual(quoted)
      }),
    )
  })
})
