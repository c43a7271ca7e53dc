import { describe, expect, test } from 'bun:test'
import { CompanyFileError, parseCompanyFile } from '../../src/backoffice/mistakes.ts'
import { type Example, example, exampleWith } from '../support/company-file.ts'

function mistakesIn(text: string): string[] {
  try {
    parseCompanyFile(text)
    return []
  } catch (error) {
    if (!(error instanceof CompanyFileError)) throw error
    return error.mistakes.map(({ path, message }) => `${path} ${message}`)
  }
}
const mistakesWith = (change: (file: Example) => void) => mistakesIn(exampleWith(change))

describe('a company file', () => {
  test('the shipped example is in order, and what it leaves out is filled in', () => {
    const file = parseCompanyFile(JSON.stringify(example()))
    expect(file.company).toMatchObject({ slug: 'hudson-street', host: null })
    expect(file.regions[0]).toMatchObject({
      circuity: 1.3,
      batchWindowMs: 1000,
      candidates: 16,
      offerTtlS: 15,
      unfulfilledAfterS: 600,
      swapGainS: null,
      shadowPolicy: null,
    })
    expect(file.people.at(-1)).toMatchObject({ roles: [], vehicles: [] })
  })

  test('every mistake is listed with its path, wherever it stands', () => {
    const found = mistakesWith((file) => {
      file.company.currency = 'USX'
      file.company.timeZone = '+02:00'
      file.regions[0]!.zom = 13
      file.regions[0]!.tariffs.standard!.perKmMinor = 1.5
      delete file.regions[0]!.tariffs.black!.taxLabel
      file.vehicles[1]!.plate = ' hs 101  c'
      file.vehicles[2]!.seats = 40
      file.people[1]!.email = 'ROSA@hudson-street.example'
      file.people[2]!.vehicles = ['HS 999 Z']
      delete file.people[3]!.callSign
      file.people[4]!.callSign = '11'
      file.people[5]!.callSign = '14'
    })
    expect(found.toSorted()).toEqual([
      'company.currency should be a currency of ISO 4217, such as "USD"',
      'company.timeZone should be a time zone, such as "America/New_York"',
      'people[1].email is rosa@hudson-street.example, as in people[0] already',
      'people[2].vehicles[0] is no car of this file: HS 999 Z',
      'people[3].callSign is missing: a driver needs one',
      'people[3].vehicles[0] is no car of this file: HS 102 C',
      'people[4].callSign is 11, as in people[2] already',
      'people[5].callSign is for drivers, and "driver" is not among the roles',
      'regions[0].tariffs.black.taxLabel is missing',
      'regions[0].tariffs.standard.perKmMinor should be a whole number',
      'regions[0].zom is no field of a company file',
      'vehicles[1].plate is HS 101 C, as in vehicles[0] already',
      'vehicles[2].seats should be 16 or less',
    ])
  })

  test('a licence is a driver’s, of a country, until a day of the calendar', () => {
    const found = mistakesWith((file) => {
      file.people[0]!.licence = { ...file.people[2]!.licence }
      file.people[2]!.licence = { number: '1', country: 'USA', expiresOn: '2030-02-30' }
      file.people[3]!.licence!.issuedOn = '2039-01-01'
      file.company.licences = 'sometimes'
    })
    expect(found.map((line) => line.split(' ')[0]).toSorted()).toEqual([
      'company.licences',
      'people[0].licence',
      'people[2].licence.country',
      'people[2].licence.expiresOn',
      'people[2].licence.number',
      'people[3].licence.expiresOn',
    ])
  })

  test('a car of a class that nothing prices is a mistake', () => {
    expect(mistakesWith((file) => delete file.regions[0]!.tariffs.black)).toEqual([
      'vehicles[3].class has no tariff in any region: black',
    ])
  })

  test('what is no JSON, or no document of ours, is refused in words', () => {
    expect(mistakesIn('{')).toEqual([' The file is not JSON; a comma or quote may be missing.'])
    for (const text of ['null', '[]', '7', '{}', '{"people":[null,3,{"vehicles":7}]}'])
      expect(mistakesIn(text)).not.toEqual([])
    expect(mistakesIn('{}')).toEqual(['company is missing', 'regions is missing'])
  })
})

describe('the area of a region', () => {
  const square = (west: number, south: number, sizeDeg: number) => [
    [west, south],
    [west + sizeDeg, south],
    [west + sizeDeg, south + sizeDeg],
    [west, south + sizeDeg],
    [west, south],
  ]
  const areaMistakes = (type: string, coordinates: unknown) =>
    mistakesWith((file) => {
      file.regions[0]!.area = { type, coordinates }
      delete file.regions[0]!.zones
      file.regions[0]!.center = { lat: 40.75, lng: -73.95 }
    }).map((line) => line.replace('regions[0].area', 'area'))

  test('a polygon with a hole and a polygon of several parts are taken', () => {
    expect(areaMistakes('Polygon', [square(-74, 40.7, 0.1), square(-73.98, 40.72, 0.01)])).toEqual([])
    expect(areaMistakes('MultiPolygon', [[square(-74, 40.7, 0.1)], [square(-73.8, 40.7, 0.1)]])).toEqual([])
    expect(areaMistakes('Polygon', [square(-74, 40.7, 0.1)])).toEqual([])
  })

  test('an open ring is refused', () => {
    expect(areaMistakes('Polygon', [square(-74, 40.7, 0.1).slice(0, 4)])).toEqual([
      'area.coordinates[0] is not closed: its last point should be its first',
    ])
    expect(areaMistakes('Polygon', [square(-74, 40.7, 0.1).slice(0, 2)])[0]).toBe(
      'area.coordinates[0] should have at least four points, the last of them equal to the first',
    )
  })

  test('a ring that crosses itself is refused, and so are rings that cross each other', () => {
    const [a, b, c, d] = square(-74, 40.7, 0.1)
    expect(areaMistakes('Polygon', [[a, c, b, d, a]])).toEqual([
      'area.coordinates[0] crosses itself near -73.95000, 40.75000',
    ])
    const rings = [square(-74, 40.7, 0.1), square(-73.95, 40.75, 0.1)]
    const [crossing, ...more] = areaMistakes('Polygon', rings)
    expect(crossing).toStartWith('area has rings that cross or touch each other near')
    expect(more).toEqual([])
    expect(areaMistakes('MultiPolygon', [[rings[0]], [rings[1]]])).toEqual([crossing!])
  })

  test('degrees that do not exist, and pairs with the latitude first, are refused', () => {
    const swapped = square(-74, 40.7, 0.1).map(([lng, lat]) => [lat, lng])
    expect(areaMistakes('Polygon', [swapped])).toEqual([
      'regions[0].center lies outside the area (whose points have the longitude first)',
    ])
    const far = square(-74, 40.7, 0.1).map(([lng, lat]) => [lng! - 180, lat])
    expect(areaMistakes('Polygon', [far])[0]).toBe(
      'area.coordinates[0][0][0] should be a longitude from -180 to 180',
    )
    expect(areaMistakes('Polygon', [[[40.7, -174]]])).toContain(
      'area.coordinates[0][0][1] should be a latitude from -90 to 90; GeoJSON puts the longitude first',
    )
    expect(areaMistakes('Polygon', [[[-74, 40.7, 12]]])).toEqual([
      'area.coordinates[0][0] should be two numbers, longitude and latitude',
    ])
  })

  test('an area across the 180th meridian, one too small, and a whole Feature are refused', () => {
    const across = [
      [179, 40],
      [-179, 40],
      [-179, 41],
      [179, 41],
      [179, 40],
    ]
    expect(areaMistakes('Polygon', [across])[0]).toBe(
      'area.coordinates[0] leaps across the 180th meridian: cut the area in two there',
    )
    expect(areaMistakes('Polygon', [square(-73.95, 40.75, 0.0005)])).toEqual([
      'area is smaller than a hectare',
    ])
    expect(areaMistakes('Feature', [])[0]).toContain('of a Feature take what stands in its "geometry"')
  })

  test('an area of very many points is refused before its edges are compared', () => {
    const round = Array.from({ length: 2_500 }, (_, n) => [
      -73.95 + Math.cos(n / 400) / 10,
      40.75 + Math.sin(n / 400) / 10,
    ])
    expect(areaMistakes('Polygon', [round])).toEqual(['area has 2500 points; 2000 are enough'])
  })
})

describe('the zones of a region', () => {
  const square = (west: number, south: number, size: number) => [
    [west, south],
    [west + size, south],
    [west + size, south + size],
    [west, south + size],
    [west, south],
  ]
  const rank = (more: Record<string, unknown> = {}) => ({
    slug: 'union-square',
    name: 'Union Square',
    kind: 'rank',
    area: { type: 'Polygon', coordinates: [square(-73.99, 40.735, 0.001)] },
    ...more,
  })
  const zoneMistakes = (...zones: unknown[]) =>
    mistakesWith((file) => {
      file.regions[0]!.zones = zones
    }).map((line) => line.replace('regions[0].', ''))

  test('what an entry leaves out is filled in', () => {
    const file = parseCompanyFile(
      exampleWith((of) => void Object.assign(of.regions[0]!, { zones: [rank()] })),
    )
    expect(file.regions[0]!.zones[0]).toMatchObject({
      ...{ hysteresisM: 30, placesMost: 50, onDecline: 'end', outsideRides: false, closed: false },
    })
  })

  test('a bad polygon is told with the zone’s name and the place', () => {
    const crossed = [square(-73.99, 40.735, 0.001)[0], ...square(-73.99, 40.735, 0.001).slice(2, 3)]
    const bow = [crossed[0], crossed[1], [-73.989, 40.735], [-73.99, 40.736], crossed[0]]
    expect(
      zoneMistakes(rank(), rank({ slug: 'bow', name: 'Bow', area: { type: 'Polygon', coordinates: [bow] } })),
    ).toEqual(['zones[1].area.coordinates[0] crosses itself near -73.98950, 40.73550 (Bow)'])
    const open = square(-73.99, 40.735, 0.001).slice(0, 4)
    expect(zoneMistakes(rank({ area: { type: 'Polygon', coordinates: [open] } }))).toEqual([
      'zones[0].area.coordinates[0] is not closed: its last point should be its first (Union Square)',
    ])
    const leap = [
      [179.99, 40],
      [-179.99, 40],
      [-179.99, 40.01],
      [179.99, 40.01],
      [179.99, 40],
    ]
    expect(zoneMistakes(rank({ area: { type: 'Polygon', coordinates: [leap] } }))).toContain(
      'zones[0].area.coordinates[0] leaps across the 180th meridian: cut the area in two there (Union Square)',
    )
  })

  test('one that is too small, too far, named twice or of an unknown kind is refused', () => {
    expect(
      zoneMistakes(rank({ area: { type: 'Polygon', coordinates: [square(-73.99, 40.735, 0.00005)] } })),
    ).toEqual(['zones[0].area is smaller than a stand for three cars (100 m²) (Union Square)'])
    expect(
      zoneMistakes(rank({ area: { type: 'Polygon', coordinates: [square(-70, 40.735, 0.001)] } })),
    ).toEqual(['zones[0].area lies outside the area of its region (Union Square)'])
    expect(zoneMistakes(rank(), rank({ name: 'Again' }))).toEqual([
      'zones[1].slug is union-square, as in regions[0].zones[0] already (Again)',
    ])
    expect(zoneMistakes(rank({ kind: 'taxi stand', hysteresisM: 900 })).toSorted()).toEqual([
      'zones[0].hysteresisM should be 500 or less (Union Square)',
      'zones[0].kind should be one of: rank, airport, area (Union Square)',
    ])
  })
})

describe('policies by weekday and hour', () => {
  const hourMistakes = (policyHours: unknown, more: Record<string, unknown> = {}) =>
    mistakesWith((file) => void Object.assign(file.regions[0]!, { policyHours, ...more })).map((line) =>
      line.replace('regions[0].', ''),
    )
  const nights = { days: ['friday', 'saturday'], from: '22:00', until: '04:00', policy: 'nearest' }

  test('windows that meet are told where', () => {
    expect(
      hourMistakes([nights, { days: ['saturday'], from: '03:00', until: '09:00', radiusM: 500 }]),
    ).toEqual(['policyHours[1] overlaps policyHours[0] from saturday 03:00 to saturday 04:00'])
    expect(
      hourMistakes([nights, { days: ['sunday'], from: '04:00', until: '24:00', policy: 'batch' }]),
    ).toEqual([])
  })

  test('gaps are the region’s own policy, unless the file wants none', () => {
    expect(hourMistakes([nights])).toEqual([])
    expect(hourMistakes([nights], { policyHoursCoverWeek: true })).toEqual([
      'policyHours has no policy from monday 00:00 to friday 22:00, and policyHoursCoverWeek wants one',
    ])
    expect(
      hourMistakes([{ from: '00:00', until: '24:00', candidates: 8 }], { policyHoursCoverWeek: true }),
    ).toEqual([])
  })

  test('a time that is none, a day named twice and a window that changes nothing are refused', () => {
    expect(
      hourMistakes([
        { from: '24:00', until: '25:00', policy: 'batch' },
        { ...nights, days: ['friday', 'friday'] },
        { from: '08:00', until: '09:00' },
      ]).toSorted(),
    ).toEqual([
      'policyHours[0].from should be before "24:00"',
      'policyHours[0].until should be a time of the day, such as "07:30" or "24:00"',
      'policyHours[1].days names a day twice',
      'policyHours[2] changes nothing: say policy, batchWindowMs, radiusM or candidates',
    ])
  })
})

describe('where it is busy', () => {
  const surgeMistakes = (surge: unknown) =>
    mistakesWith((file) => void Object.assign(file.regions[0]!, { surge })).map((line) =>
      line.replace('regions[0].surge', 'surge'),
    )

  test('a factor or a sum is enough, and none at all', () => {
    expect(surgeMistakes({ kind: 'multiply' })).toEqual([])
    expect(surgeMistakes({ kind: 'add', capMinor: 500, stepMinor: 50 })).toEqual([])
    expect(surgeMistakes(null)).toEqual([])
  })

  test('what cannot be meant is refused with where', () => {
    expect(surgeMistakes({ kind: 'multiply', capBasisPoints: 90_000 })).toEqual([
      'surge.capBasisPoints should be 50000 or less',
    ])
    expect(surgeMistakes({ kind: 'multiply', capBasisPoints: 12_000, stepBasisPoints: 2_500 })).toEqual([
      'surge.stepBasisPoints is more than all that may be added',
    ])
    expect(surgeMistakes({ kind: 'add', capMinor: 100_000, stepMinor: 1 })).toEqual([
      'surge.stepMinor makes more than 100 steps up to the cap',
    ])
    expect(surgeMistakes({ kind: 'add', fromPressure: 3, fullPressure: 3 })).toEqual([
      'surge.fullPressure should be more than fromPressure',
    ])
    expect(surgeMistakes({ kind: 'add', capBasisPoints: 20_000 })).toHaveLength(1)
  })
})
