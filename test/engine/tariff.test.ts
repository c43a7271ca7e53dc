import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Fare, lineMinor, priceTrip, type Tariff, type Trip } from '../../src/engine/fare.ts'
import {
  localTimeAt,
  NO_ZONES,
  PLAIN_RULES,
  type ScheduleRow,
  scheduleAt,
  scheduleCover,
  type TariffRules,
  type ZoneRule,
  zoneRulesFor,
} from '../../src/engine/tariff.ts'
import { seededRandom, type ZoneId } from '../../src/engine/units.ts'
import { shapeOf, type ZoneArea } from '../../src/engine/zone.ts'
import { crosses, zonesOfWay } from '../../src/engine/zone-way.ts'

const NEW_YORK = 'America/New_York'
const [AIRPORT, TERMINAL, CENTRE, BRIDGE] = ['airport', 'terminal', 'centre', 'bridge'] as ZoneId[]
const CITY: Tariff = {
  currency: 'USD',
  baseMinor: 300,
  bookingFeeMinor: 100,
  perKmMinor: 200,
  perMinuteMinor: 50,
  minimumMinor: 800,
  taxBasisPoints: 1_000,
  cancelFeeMinor: 500,
  cancelFreeS: 120,
  noShowFeeMinor: 700,
  noShowAfterS: 300,
}
const row = (over: Partial<ScheduleRow>): ScheduleRow => ({
  ...{ name: 'Night', weekdays: [1, 2, 3, 4, 5, 6, 7], holidays: false },
  ...{ fromMinute: 22 * 60, untilMinute: 5 * 60, factorBasisPoints: 12_500, addMinor: 0 },
  ...over,
})
const NIGHT = row({})
const FEAST = row({ name: 'Holiday', weekdays: [], holidays: true, fromMinute: 0, untilMinute: 1_440 })
const WEEKEND = row({ name: 'Weekend', weekdays: [6, 7], fromMinute: 0, untilMinute: 1_440 })
const rulesWith = (over: Partial<TariffRules>): TariffRules => ({ ...PLAIN_RULES, ...over })
/** The name of the row that counts in New York at an instant. */
const nameAt = (iso: string, schedule: readonly ScheduleRow[], holidays: readonly string[] = []) =>
  scheduleAt({ schedule, holidays }, localTimeAt(Date.parse(iso), NEW_YORK))?.name ?? null

describe('tables by time, worked by hand', () => {
  test('midnight: a night that began on Friday is Friday’s until it ends on Saturday', () => {
    const friday = [row({ name: 'Friday night', weekdays: [5] })]
    expect(nameAt('2026-11-20T21:59:59-05:00', friday)).toBeNull()
    expect(nameAt('2026-11-20T22:00:00-05:00', friday)).toBe('Friday night')
    expect(nameAt('2026-11-20T23:59:59-05:00', friday)).toBe('Friday night')
    expect(nameAt('2026-11-21T00:00:00-05:00', friday)).toBe('Friday night')
    expect(nameAt('2026-11-21T04:59:59-05:00', friday)).toBe('Friday night')
    expect(nameAt('2026-11-21T05:00:00-05:00', friday)).toBeNull()
    expect(nameAt('2026-11-21T22:00:00-05:00', friday)).toBeNull()
    const sunday = [row({ name: 'Sunday night', weekdays: [7] })]
    expect(nameAt('2026-11-23T00:30:00-05:00', sunday)).toBe('Sunday night')
  })

  test('clocks go forward: 02:00 to 03:00 does not come on that day, and 05:00 ends the night an hour sooner', () => {
    const gone = [row({ name: 'Gone', fromMinute: 120, untilMinute: 180 })]
    // 8 March 2026: 01:59:59 EST is followed by 03:00:00 EDT.
    expect(nameAt('2026-03-08T06:59:59Z', gone)).toBeNull()
    expect(nameAt('2026-03-08T07:00:00Z', gone)).toBeNull()
    expect(nameAt('2026-03-09T06:00:00Z', gone)).toBe('Gone')
    expect(nameAt('2026-03-08T08:59:59Z', [NIGHT])).toBe('Night')
    expect(nameAt('2026-03-08T09:00:00Z', [NIGHT])).toBeNull()
  })

  test('clocks go back: 01:00 to 02:00 comes twice, and 05:00 ends the night an hour later', () => {
    const twice = [row({ name: 'Twice', fromMinute: 60, untilMinute: 120 })]
    // 1 November 2026: 01:59:59 EDT is followed by 01:00:00 EST.
    for (const iso of ['2026-11-01T05:00:00Z', '2026-11-01T05:59:59Z', '2026-11-01T06:00:00Z'])
      expect(nameAt(iso, twice)).toBe('Twice')
    expect(nameAt('2026-11-01T06:59:59Z', twice)).toBe('Twice')
    expect(nameAt('2026-11-01T07:00:00Z', twice)).toBeNull()
    expect(nameAt('2026-11-01T09:59:59Z', [NIGHT])).toBe('Night')
    expect(nameAt('2026-11-01T10:00:00Z', [NIGHT])).toBeNull()
  })

  test('a leap day is a day: its holiday counts in 2028, and 29 February 2027 never comes', () => {
    const days = ['2027-02-29', '2028-02-29']
    expect(nameAt('2028-02-29T12:00:00-05:00', [FEAST], days)).toBe('Holiday')
    expect(nameAt('2028-02-28T23:59:59-05:00', [FEAST], days)).toBeNull()
    expect(nameAt('2028-03-01T00:00:00-05:00', [FEAST], days)).toBeNull()
    expect(nameAt('2027-02-28T12:00:00-05:00', [FEAST], days)).toBeNull()
    expect(nameAt('2027-03-01T12:00:00-05:00', [FEAST], days)).toBeNull()
    expect(localTimeAt(Date.parse('2028-02-29T12:00:00-05:00'), NEW_YORK)).toEqual({
      ...{ day: '2028-02-29', weekday: 2, minute: 720 },
    })
  })

  test('on a holiday only tables of holidays begin; the night before runs into it', () => {
    const tables = [WEEKEND, NIGHT, FEAST]
    const christmas = ['2026-12-25']
    expect(nameAt('2026-12-25T04:59:00-05:00', tables, christmas)).toBe('Night')
    expect(nameAt('2026-12-25T05:00:00-05:00', tables, christmas)).toBe('Holiday')
    expect(nameAt('2026-12-25T23:00:00-05:00', tables, christmas)).toBe('Holiday')
    expect(nameAt('2026-12-26T00:00:00-05:00', tables, christmas)).toBe('Weekend')
    // The night of a holiday that no table speaks of: nothing began on it.
    expect(nameAt('2026-12-26T01:00:00-05:00', [NIGHT], christmas)).toBeNull()
  })

  test('of rows that meet the first counts, and by the wall of the region, not of UTC', () => {
    expect(nameAt('2026-11-21T23:00:00-05:00', [NIGHT, WEEKEND])).toBe('Night')
    expect(nameAt('2026-11-21T23:00:00-05:00', [WEEKEND, NIGHT])).toBe('Weekend')
    expect(nameAt('2026-11-23T00:00:00Z', [WEEKEND])).toBe('Weekend')
    // Nepal is 5:45 ahead: 22:00 there is 16:15 UTC.
    const kathmandu = (iso: string) =>
      scheduleAt({ schedule: [NIGHT], holidays: [] }, localTimeAt(Date.parse(iso), 'Asia/Kathmandu'))
    expect(kathmandu('2026-11-21T16:14:59Z')).toBeNull()
    expect(kathmandu('2026-11-21T16:15:00Z')).toBe(NIGHT)
  })

  test('what no row covers, and where two meet, is said in minutes of the week', () => {
    const day = row({ name: 'Day', fromMinute: 5 * 60, untilMinute: 22 * 60 })
    expect(scheduleCover([NIGHT, day])).toEqual({ gaps: [], overlaps: [] })
    expect(scheduleCover([])).toEqual({ gaps: [[0, 10_080]], overlaps: [] })
    const late = row({ weekdays: [7], fromMinute: 23 * 60, untilMinute: 60 })
    const early = row({ weekdays: [1], fromMinute: 30, untilMinute: 90 })
    expect(scheduleCover([early, late])).toEqual({
      gaps: [[90, 10_020]],
      overlaps: [{ rows: [0, 1], span: [30, 60] }],
    })
  })

  test('all through a year a minute finds the row that brute force finds', () => {
    const tables = [row({ name: 'a', weekdays: [5, 6] }), WEEKEND, NIGHT, FEAST]
    const holidays = ['2026-03-08', '2026-11-01', '2026-12-25', '2026-12-31']
    const start = Date.parse('2026-01-01T00:00:00Z')
    for (let n = 0; n < 365 * 24 * 60; n += 23) {
      const time = localTimeAt(start + n * 60_000, NEW_YORK)
      const dayBefore = localTimeAt(Date.parse(`${time.day}T12:00:00Z`) - 86_400_000, 'UTC')
      const covers = (table: ScheduleRow, on: { day: string; weekday: number }, minute: number) => {
        const until = table.untilMinute > table.fromMinute ? table.untilMinute : table.untilMinute + 1_440
        const begins = holidays.includes(on.day) ? table.holidays : table.weekdays.includes(on.weekday)
        return begins && minute >= table.fromMinute && minute < until
      }
      const slow = tables.find(
        (table) => covers(table, time, time.minute) || covers(table, dayBefore, time.minute + 1_440),
      )
      if ((scheduleAt({ schedule: tables, holidays }, time)?.name ?? null) !== (slow?.name ?? null))
        throw new Error(`${time.day} ${time.minute}`)
    }
  })
})

const fee = (over: Partial<Extract<ZoneRule, { kind: 'fee' }>>): ZoneRule => ({
  ...{ kind: 'fee', zone: AIRPORT!, name: 'Airport fee', rank: 0, at: 'either', amountMinor: 500 },
  ...over,
})
const toll: ZoneRule = { kind: 'toll', zone: BRIDGE!, name: 'Bridge', rank: 0, amountMinor: 650 }
const flat: ZoneRule = {
  ...{ kind: 'flat', from: CENTRE!, to: AIRPORT!, bothWays: false, name: 'Centre to airport', rank: 0 },
  ...{ amountMinor: 7_000, varies: false },
}
const amounts = (fare: Fare) => fare.lines.map((line) => [line.code, line.amountMinor])
const LEG = { distanceM: 10_000, durationS: 1_200 }
const trip = (over: Partial<Trip>): Trip => ({ leg: LEG, time: null, zones: NO_ZONES, ...over })
const NIGHT_TIME = { day: '2026-11-20', weekday: 5, minute: 23 * 60 }

describe('fares, worked by hand', () => {
  test('10 km in 20 minutes at night from the airport over the bridge, busy, shared, with a code', () => {
    const tariff = {
      ...CITY,
      rules: rulesWith({
        schedule: [NIGHT],
        zones: [fee({}), toll],
        rounding: { toMinor: 5, mode: 'half_up' },
      }),
    }
    const fare = priceTrip(
      tariff,
      trip({
        time: NIGHT_TIME,
        zones: { pickup: [AIRPORT!], dropoff: [], crossed: [BRIDGE!] },
        surge: { factorBasisPoints: 12_000, addMinor: 100 },
        sharedDiscountBasisPoints: 2_000,
        promo: { code: 'HELLO', offMinor: 1_000 },
      }),
    )
    expect(amounts(fare)).toEqual([
      ['base', 300],
      ['booking_fee', 100],
      ['distance', 2_000],
      ['time', 1_000],
      ['zone_fee', 500],
      ['toll', 650],
      ['schedule', 825], // a quarter of 33.00
      ['surge', 925], // a fifth of 41.25, and 1.00
      ['shared', -1_030], // a fifth of 51.50: without fee and toll
      ['promo', -1_000],
      ['tax', 427], // a tenth of 42.70
      ['rounding', -2], // 46.97 to 46.95
    ])
    expect(fare.totalMinor).toBe(4_695)
  })

  test('a flat fare takes the place of base, distance and time, and neither night nor surge changes it', () => {
    const zones = { pickup: [CENTRE!], dropoff: [AIRPORT!], crossed: [BRIDGE!] }
    const flatly = (rule: ZoneRule, over: Partial<Trip> = {}) =>
      priceTrip(
        { ...CITY, rules: rulesWith({ schedule: [NIGHT], zones: [rule, toll, fee({ at: 'dropoff' })] }) },
        trip({ time: NIGHT_TIME, zones, surge: { factorBasisPoints: 15_000 }, ...over }),
      )
    expect(amounts(flatly(flat))).toEqual([
      ['booking_fee', 100],
      ['flat_fare', 7_000],
      ['zone_fee', 500],
      ['toll', 650],
      ['tax', 825],
    ])
    expect(lineMinor(flatly({ ...flat, varies: true } as ZoneRule).lines, 'surge')).toBe(4_375)
    const back = { pickup: [AIRPORT!], dropoff: [CENTRE!], crossed: [] }
    expect(lineMinor(flatly(flat, { zones: back }).lines, 'flat_fare')).toBe(0)
    expect(
      lineMinor(flatly({ ...flat, bothWays: true } as ZoneRule, { zones: back }).lines, 'flat_fare'),
    ).toBe(7_000)
  })

  test('a flat fare below the minimum stays what it is', () => {
    const cheap = { ...flat, amountMinor: 400 } as ZoneRule
    const fare = priceTrip(
      { ...CITY, taxBasisPoints: 0, rules: rulesWith({ zones: [cheap] }) },
      trip({ zones: { pickup: [CENTRE!], dropoff: [AIRPORT!], crossed: [] } }),
    )
    expect(fare.totalMinor).toBe(500)
  })

  test('the minimum is that of the ride itself: a fee of the airport comes on top', () => {
    const fare = priceTrip(
      { ...CITY, rules: rulesWith({ zones: [fee({})] }) },
      trip({
        leg: { distanceM: 500, durationS: 60 },
        zones: { pickup: [AIRPORT!], dropoff: [AIRPORT!], crossed: [] },
      }),
    )
    expect(amounts(fare)).toEqual([
      ['base', 300],
      ['booking_fee', 100],
      ['distance', 100],
      ['time', 50],
      ['zone_fee', 500],
      ['minimum', 250],
      ['tax', 130],
    ])
  })

  test('waiting costs from the end of the grace on, by the second, up to its most', () => {
    const waited = (waitedS: number, mostMinor: number | null = null) =>
      lineMinor(
        priceTrip(
          { ...CITY, rules: rulesWith({ waiting: { graceS: 120, perMinuteMinor: 60, mostMinor } }) },
          trip({ waitedS }),
        ).lines,
        'waiting',
      )
    expect([0, 120, 121, 150, 300, 3_600].map((s) => waited(s))).toEqual([0, 0, 1, 30, 180, 3_480])
    expect(waited(3_600, 1_000)).toBe(1_000)
    // Each stop on the way has a grace of its own; the most is of all waits together.
    const stops = (stopWaitsS: number[], mostMinor: number | null = null) =>
      lineMinor(
        priceTrip(
          { ...CITY, rules: rulesWith({ waiting: { graceS: 120, perMinuteMinor: 60, mostMinor } }) },
          trip({ waitedS: 180, stopWaitsS }),
        ).lines,
        'waiting',
      )
    expect([stops([]), stops([120, 119]), stops([180, 240]), stops([180, 240], 100)]).toEqual([
      60, 60, 240, 100,
    ])
  })

  test('the tax of a zone takes the place of the tariff’s, under its own name', () => {
    const county: ZoneRule = {
      ...{ kind: 'tax', zone: AIRPORT!, name: 'County tax', rank: 0, at: 'dropoff', taxBasisPoints: 400 },
    }
    const fare = (dropoff: ZoneId[]) =>
      priceTrip({ ...CITY, rules: rulesWith({ zones: [county] }) }, trip({ zones: { ...NO_ZONES, dropoff } }))
    expect(fare([AIRPORT!]).lines.at(-1)).toEqual({
      ...{ code: 'tax', amountMinor: 136, quantity: 400, name: 'County tax' },
    })
    expect(fare([]).lines.at(-1)).toEqual({ code: 'tax', amountMinor: 340, quantity: 1_000 })
    const free = { ...county, taxBasisPoints: 0 } as ZoneRule
    const untaxed = priceTrip(
      { ...CITY, rules: rulesWith({ zones: [free] }) },
      trip({ zones: { ...NO_ZONES, dropoff: [AIRPORT!] } }),
    )
    expect(untaxed.totalMinor).toBe(3_400)
  })

  test('a code takes off a part up to its most, and never more than there is', () => {
    const off = (promo: NonNullable<Trip['promo']>) =>
      lineMinor(priceTrip(CITY, trip({ promo })).lines, 'promo')
    expect(off({ code: 'A', offBasisPoints: 5_000 })).toBe(-1_700)
    expect(off({ code: 'A', offBasisPoints: 5_000, mostMinor: 600 })).toBe(-600)
    expect(off({ code: 'A', offMinor: 90_000 })).toBe(-3_400)
    expect(priceTrip(CITY, trip({ promo: { code: 'A', offMinor: 90_000 } })).totalMinor).toBe(0)
  })

  test('rounding is named, and goes the way it says', () => {
    const rounded = (mode: 'half_up' | 'up' | 'down', toMinor: number) => {
      const fare = priceTrip(
        { ...CITY, taxBasisPoints: 33, rules: rulesWith({ rounding: { mode, toMinor } }) },
        trip({}),
      )
      return [fare.totalMinor, lineMinor(fare.lines, 'rounding')]
    }
    // 34.00 and 0.11 of tax.
    expect(rounded('half_up', 5)).toEqual([3_410, -1])
    expect(rounded('up', 5)).toEqual([3_415, 4])
    expect(rounded('down', 100)).toEqual([3_400, -11])
    expect(rounded('half_up', 100)).toEqual([3_400, -11])
  })
})

describe('zones', () => {
  test('where zones lie over each other the highest rank counts at each end, equals all', () => {
    const rules = [
      fee({ zone: AIRPORT!, name: 'Airport', rank: 1 }),
      fee({ zone: TERMINAL!, name: 'Terminal', rank: 2 }),
      fee({ zone: CENTRE!, name: 'Centre', rank: 1 }),
    ]
    const names = (pickup: ZoneId[], dropoff: ZoneId[]) =>
      zoneRulesFor(rules, { pickup, dropoff, crossed: [] }).fees.map(({ name }) => name)
    expect(names([AIRPORT!, TERMINAL!], [])).toEqual(['Terminal'])
    expect(names([AIRPORT!, CENTRE!], [])).toEqual(['Airport', 'Centre'])
    expect(names([TERMINAL!, AIRPORT!], [CENTRE!])).toEqual(['Terminal', 'Centre'])
    expect(names([AIRPORT!], [AIRPORT!])).toEqual(['Airport'])
    expect(names([], [])).toEqual([])
    const flats = [flat, { ...flat, rank: 3, name: 'Better' } as ZoneRule]
    expect(zoneRulesFor(flats, { pickup: [CENTRE!], dropoff: [AIRPORT!], crossed: [] }).flat?.name).toBe(
      'Better',
    )
  })

  const area = (...rings: number[][][]): ZoneArea => ({ type: 'Polygon', coordinates: rings })
  const box = (west: number, south: number, east: number, north: number): number[][] => [
    ...[
      [west, south],
      [east, south],
      [east, north],
      [west, north],
    ],
    [west, south],
  ]
  const shape = (id: ZoneId, drawn: ZoneArea) => shapeOf({ id, area: drawn, hysteresisM: 0 })

  test('who gets in at a hole of a zone is not in it', () => {
    const ring = shape(AIRPORT!, area(box(0, 0, 10, 10), box(4, 4, 6, 6).toReversed()))
    expect(
      zonesOfWay(
        [ring],
        [
          { lat: 5, lng: 5 },
          { lat: 5, lng: 20 },
        ],
      ),
    ).toEqual({
      ...{ pickup: [], dropoff: [], crossed: [AIRPORT!] },
    })
    expect(
      zonesOfWay(
        [ring],
        [
          { lat: 1, lng: 1 },
          { lat: 2, lng: 2 },
        ],
      ),
    ).toEqual({
      ...{ pickup: [AIRPORT!], dropoff: [AIRPORT!], crossed: [] },
    })
  })

  test('a way through a zone crosses it, whether a point of it lies inside or not; one past it does not', () => {
    const bridge = shape(BRIDGE!, area(box(0, 0, 1, 1)))
    expect(
      crosses(bridge, [
        { lat: 0.5, lng: -5 },
        { lat: 0.6, lng: 5 },
      ]),
    ).toBe(true)
    expect(
      crosses(bridge, [
        { lat: 2, lng: -5 },
        { lat: 2, lng: 5 },
      ]),
    ).toBe(false)
    expect(
      crosses(bridge, [
        { lat: 0.2, lng: 0.2 },
        { lat: 0.8, lng: 0.8 },
      ]),
    ).toBe(false)
    expect(crosses(bridge, [])).toBe(false)
    const around = [
      [-1, 0.5],
      [-1, 2],
      [2, 2],
      [2, 0.5],
    ].map(([lng, lat]) => ({ lat: lat!, lng: lng! }))
    expect(crosses(bridge, around)).toBe(false)
  })

  test('at the 180th meridian a zone in two parts is one, and the way goes the short way round', () => {
    const fiji = shape(AIRPORT!, {
      type: 'MultiPolygon',
      coordinates: [[box(179.5, -18, 180, -17)], [box(-180, -18, -179.5, -17)]],
    })
    const at = (lng: number) => ({ lat: -17.5, lng })
    expect(crosses(fiji, [at(179.8), at(-179.8)])).toBe(false)
    expect(crosses(fiji, [at(179), at(-179)])).toBe(true)
    expect(crosses(fiji, [at(178), at(179)])).toBe(false)
    expect(zonesOfWay([fiji], [at(-180), at(-179)])).toEqual({
      ...{ pickup: [AIRPORT!], dropoff: [], crossed: [AIRPORT!] },
    })
  })

  test('crossing agrees with many small steps along the way', () => {
    const triangle = shape(
      BRIDGE!,
      area([
        [0, 0],
        [4, 1],
        [1, 4],
        [0, 0],
      ]),
    )
    // On a raster beside the corners: what lies exactly on a border is neither inside nor outside.
    const degrees = fc.integer({ min: -200, max: 600 }).map((n) => n / 100 + 0.0037)
    const at = fc.record({ lat: degrees, lng: degrees })
    let crossed = 0
    fc.assert(
      fc.property(at, at, (a, b) => {
        const steps = Array.from({ length: 401 }, (_, n) => ({
          lat: a.lat + ((b.lat - a.lat) * n) / 400,
          lng: a.lng + ((b.lng - a.lng) * n) / 400,
        }))
        const slow = crosses(triangle, steps)
        const fast = crosses(triangle, [a, b])
        expect(fast).toBe(slow)
        if (fast) crossed++
      }),
      { numRuns: 300 },
    )
    expect(crossed).toBeGreaterThan(20)
  })
})

test('a million seeded trips under every rule: whole, summed, never below nothing', () => {
  const seed = Number(process.env.SEED ?? 11)
  const chance = seededRandom(seed)
  const tariff: Tariff = {
    ...CITY,
    rules: rulesWith({
      schedule: [
        NIGHT,
        WEEKEND,
        row({ name: 'Lunch', fromMinute: 700, untilMinute: 760, factorBasisPoints: 8_000 }),
      ],
      zones: [fee({}), toll, flat, fee({ zone: CENTRE!, at: 'pickup', rank: 2, amountMinor: 275 })],
      waiting: { graceS: 120, perMinuteMinor: 45, mostMinor: 3_000 },
      rounding: { toMinor: 5, mode: 'half_up' },
    }),
  }
  const some = (id: ZoneId, share: number) => (chance() < share ? [id] : [])
  for (let n = 0; n < 1_000_000; n++) {
    const fare = priceTrip(tariff, {
      leg: { distanceM: chance() * 80_000, durationS: chance() * 8_000 },
      time: {
        day: '2026-11-20',
        weekday: 1 + Math.floor(chance() * 7),
        minute: Math.floor(chance() * 1_440),
      },
      zones: { pickup: some(CENTRE!, 0.4), dropoff: some(AIRPORT!, 0.3), crossed: some(BRIDGE!, 0.3) },
      surge: chance() < 0.3 ? { factorBasisPoints: 10_000 + Math.floor(chance() * 20_000) } : null,
      waitedS: chance() < 0.2 ? chance() * 2_000 : 0,
      stopWaitsS: chance() < 0.1 ? [chance() * 900, chance() * 900] : undefined,
      sharedDiscountBasisPoints: chance() < 0.2 ? Math.floor(chance() * 9_000) : undefined,
      promo:
        chance() < 0.1
          ? { code: 'P', offBasisPoints: Math.floor(chance() * 10_001), mostMinor: 2_000 }
          : null,
    })
    let totalMinor = 0
    for (const line of fare.lines) totalMinor += line.amountMinor
    if (
      totalMinor !== fare.totalMinor ||
      !Number.isSafeInteger(totalMinor) ||
      totalMinor < 0 ||
      totalMinor % 5 !== 0
    )
      throw new Error(`fare ${n} of seed ${seed} is ${fare.totalMinor}, its lines ${totalMinor}`)
  }
}, 30_000)
