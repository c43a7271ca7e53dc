import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  cancellationTerms,
  driverShareMinor,
  FARE_LINE_CODES,
  type Fare,
  noShowFromMs,
  priceLeg,
  roundHalfUp,
  type Tariff,
} from '../../src/engine/fare.ts'
import type { RIDE_STATES } from '../../src/engine/ride.ts'
import { seededRandom } from '../../src/engine/units.ts'

const CITY: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 100,
  perKmMinor: 160,
  perMinuteMinor: 50,
  minimumMinor: 800,
  taxBasisPoints: 888,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 700,
  noShowAfterS: 300,
}
const FREE: Tariff = {
  ...CITY,
  baseMinor: 0,
  bookingFeeMinor: 0,
  perKmMinor: 0,
  perMinuteMinor: 0,
  minimumMinor: 0,
  taxBasisPoints: 0,
}
const amounts = (fare: Fare) => Object.fromEntries(fare.lines.map((line) => [line.code, line.amountMinor]))
const sum = (fare: Fare) => fare.lines.reduce((total, line) => total + line.amountMinor, 0)

describe('worked by hand', () => {
  test('5.8 km in 14 minutes: 3.00 + 1.00 + 9.28 + 7.00 = 20.28, tax 1.80, to pay 22.08', () => {
    const fare = priceLeg(CITY, { distanceM: 5800, durationS: 840 })
    expect(amounts(fare)).toEqual({ base: 300, booking_fee: 100, distance: 928, time: 700, tax: 180 })
    expect(fare).toMatchObject({ totalMinor: 2208, currency: 'USD' })
    expect(fare.lines.map((line) => [line.quantity, line.unitMinor])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [5.8, 160],
      [14, 50],
      [888, undefined],
    ])
  })

  test('500 m in 2 minutes is 5.80 and is topped up to the minimum of 8.00, then taxed 0.71', () => {
    const fare = priceLeg(CITY, { distanceM: 500, durationS: 120 })
    expect(amounts(fare)).toEqual({
      base: 300,
      booking_fee: 100,
      distance: 80,
      time: 100,
      minimum: 220,
      tax: 71,
    })
    expect(fare.totalMinor).toBe(871)
  })

  test('a ride to the same corner costs the minimum', () => {
    const fare = priceLeg(CITY, { distanceM: 0, durationS: 0 })
    expect(amounts(fare)).toEqual({ base: 300, booking_fee: 100, minimum: 400, tax: 71 })
  })

  test('halves are rounded up, where the metres say a half and where the seconds do', () => {
    const perKm = { ...FREE, perKmMinor: 100 }
    expect(priceLeg(perKm, { distanceM: 1005, durationS: 0 }).totalMinor).toBe(101)
    expect(priceLeg(perKm, { distanceM: 1004.9, durationS: 0 }).totalMinor).toBe(100)
    const perMinute = { ...FREE, perMinuteMinor: 50 }
    expect(priceLeg(perMinute, { distanceM: 0, durationS: 33 }).totalMinor).toBe(28)
    expect(priceLeg(perMinute, { distanceM: 0, durationS: 32 }).totalMinor).toBe(27)
  })

  test('tax of exactly half a cent goes up', () => {
    const taxed = { ...FREE, baseMinor: 250, taxBasisPoints: 1000 }
    expect(amounts(priceLeg(taxed, { distanceM: 0, durationS: 0 }))).toEqual({ base: 250, tax: 25 })
    expect(amounts(priceLeg({ ...taxed, baseMinor: 255 }, { distanceM: 0, durationS: 0 })).tax).toBe(26)
    expect(amounts(priceLeg({ ...taxed, baseMinor: 254 }, { distanceM: 0, durationS: 0 })).tax).toBe(25)
  })

  test('a tariff of nothing costs nothing and says nothing', () => {
    expect(priceLeg(FREE, { distanceM: 9000, durationS: 900 })).toEqual({
      lines: [],
      totalMinor: 0,
      currency: 'USD',
    })
  })

  test('the driver has a share of all but the tax', () => {
    const fare = priceLeg(CITY, { distanceM: 5800, durationS: 840 })
    expect(driverShareMinor(fare, 8000)).toBe(1622)
    expect(driverShareMinor(fare, 0)).toBe(0)
    expect(driverShareMinor(fare, 10_000)).toBe(2028)
  })
})

test('a leg that cannot be is our own mistake', () => {
  for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => priceLeg(CITY, { distanceM: bad, durationS: 0 })).toThrow('distance')
    expect(() => priceLeg(CITY, { distanceM: 0, durationS: bad })).toThrow('duration')
  }
  expect(() => priceLeg(CITY, { distanceM: 1e12, durationS: 0 })).toThrow('range of money')
})

const tariffs = fc.record({
  currency: fc.constant('USD'),
  baseMinor: fc.nat(5000),
  bookingFeeMinor: fc.nat(1000),
  perKmMinor: fc.nat(2000),
  perMinuteMinor: fc.nat(500),
  minimumMinor: fc.nat(5000),
  taxBasisPoints: fc.nat(10_000),
  cancelFeeMinor: fc.nat(5000),
  cancelFreeS: fc.nat(600),
  noShowFeeMinor: fc.nat(5000),
  noShowAfterS: fc.nat(600),
})
const legs = fc.record({
  distanceM: fc.double({ min: 0, max: 500_000, noNaN: true }),
  durationS: fc.double({ min: 0, max: 50_000, noNaN: true }),
})

test('the lines sum to the total, each at most once, none of nothing, in the order of a receipt', () => {
  fc.assert(
    fc.property(tariffs, legs, (tariff, leg) => {
      const fare = priceLeg(tariff, leg)
      expect(sum(fare)).toBe(fare.totalMinor)
      expect(fare.lines.every((line) => Number.isSafeInteger(line.amountMinor) && line.amountMinor > 0)).toBe(
        true,
      )
      const places = fare.lines.map((line) => FARE_LINE_CODES.indexOf(line.code))
      expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b))
    }),
  )
})

test('further and longer never costs less', () => {
  fc.assert(
    fc.property(tariffs, legs, legs, (tariff, leg, more) => {
      const longer = {
        distanceM: leg.distanceM + more.distanceM,
        durationS: leg.durationS + more.durationS,
      }
      expect(priceLeg(tariff, longer).totalMinor).toBeGreaterThanOrEqual(priceLeg(tariff, leg).totalMinor)
    }),
  )
})

test('before tax a ride costs at least the minimum, and the tax is right to half a minor unit', () => {
  fc.assert(
    fc.property(tariffs, legs, (tariff, leg) => {
      const fare = priceLeg(tariff, leg)
      const taxMinor = amounts(fare).tax ?? 0
      const netMinor = fare.totalMinor - taxMinor
      expect(netMinor).toBeGreaterThanOrEqual(tariff.minimumMinor)
      // In integers, so that the test does not round as the code does.
      const twice = 2 * (taxMinor * 10_000 - netMinor * tariff.taxBasisPoints)
      expect(twice > -10_000 && twice <= 10_000).toBe(true)
    }),
  )
})

test('the driver’s share and the company’s are whole and make up the fare less tax', () => {
  fc.assert(
    fc.property(tariffs, legs, fc.nat(10_000), (tariff, leg, shareBasisPoints) => {
      const fare = priceLeg(tariff, leg)
      const driverMinor = driverShareMinor(fare, shareBasisPoints)
      const companyMinor = fare.totalMinor - (amounts(fare).tax ?? 0) - driverMinor
      expect(Number.isSafeInteger(driverMinor) && driverMinor >= 0 && companyMinor >= 0).toBe(true)
    }),
  )
})

test('a million seeded fares: whole, summed, within the range of money', () => {
  const seed = Number(process.env.SEED ?? 7)
  const chance = seededRandom(seed)
  for (let n = 0; n < 1_000_000; n++) {
    const fare = priceLeg(CITY, { distanceM: chance() * 100_000, durationS: chance() * 10_000 })
    let totalMinor = 0
    for (const line of fare.lines) totalMinor += line.amountMinor
    if (totalMinor !== fare.totalMinor || !Number.isSafeInteger(totalMinor) || totalMinor < 871)
      throw new Error(`fare ${n} of seed ${seed} is ${fare.totalMinor}, its lines ${totalMinor}`)
  }
})

test('rounding leaves whole numbers alone', () => {
  expect([0, 0.4, 0.5, 1, 1.5, 2.5, 1e9].map(roundHalfUp)).toEqual([0, 0, 1, 1, 2, 3, 1e9])
})

describe('cancelling', () => {
  const ASSIGNED_MS = 1_000_000
  const terms = (state: (typeof RIDE_STATES)[number], atMs: number, fareMinor = 2208) =>
    cancellationTerms(
      CITY,
      { state, assignedAtMs: state === 'requested' ? null : ASSIGNED_MS, fareMinor },
      atMs,
    )

  test('costs nothing while nobody was found, with no end in sight', () => {
    expect(terms('requested', ASSIGNED_MS * 2)).toEqual({
      feeMinor: 0,
      freeUntilMs: null,
      wasFreeUntilMs: null,
      laterFeeMinor: 500,
    })
  })

  test('costs nothing for two minutes after the assignment, then the fee', () => {
    for (const state of ['assigned', 'en_route'] as const) {
      expect(terms(state, ASSIGNED_MS + 119_999)).toMatchObject({
        feeMinor: 0,
        freeUntilMs: ASSIGNED_MS + 120_000,
      })
      expect(terms(state, ASSIGNED_MS + 120_000)).toEqual({
        feeMinor: 500,
        freeUntilMs: null,
        wasFreeUntilMs: ASSIGNED_MS + 120_000,
        laterFeeMinor: 500,
      })
    }
  })

  test('costs the fee as soon as the car is there', () => {
    expect(terms('arrived', ASSIGNED_MS + 1)).toMatchObject({
      feeMinor: 500,
      freeUntilMs: null,
      wasFreeUntilMs: null,
    })
  })

  test('never costs more than the ride', () => {
    expect(terms('arrived', ASSIGNED_MS, 300)).toMatchObject({ feeMinor: 300, laterFeeMinor: 300 })
  })

  test('never gets cheaper while the ride goes on', () => {
    for (let last = 0, atMs = ASSIGNED_MS; atMs < ASSIGNED_MS + 200_000; atMs += 1000) {
      const { feeMinor } = terms('en_route', atMs)
      expect(feeMinor).toBeGreaterThanOrEqual(last)
      last = feeMinor
    }
  })

  test('a rider counts as missing from the end of the free wait', () => {
    expect(noShowFromMs(CITY, ASSIGNED_MS)).toBe(ASSIGNED_MS + 300_000)
  })
})
