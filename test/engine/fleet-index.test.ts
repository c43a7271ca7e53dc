import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cellToBoundary, cellToLatLng, getPentagons } from 'h3-js'
import { FleetIndex, type Handle, type NearestQuery, type Traits } from '../../src/engine/fleet-index.ts'
import { distanceM } from '../../src/engine/geo.ts'
import { BugError, type DriverId, type LatLng, seededRandom } from '../../src/engine/units.ts'

const STANDARD: Traits = { classMask: 1, seats: 4, attributes: 0 }
const ANYBODY = { k: 8, maxM: Number.POSITIVE_INFINITY, classMask: -1, seatsMin: 0, attributes: 0 }

interface Car {
  driverId: DriverId
  at: LatLng
  traits: Traits
  available: boolean
}

/** The same answers by looking at everybody: the rule the index has to keep. */
class BruteForce {
  readonly cars = new Map<DriverId, Car>()

  nearest(query: NearestQuery, handleOf: (driverId: DriverId) => Handle): [DriverId, number][] {
    return [...this.cars.values()]
      .filter(({ available, traits, driverId }) => {
        if (!available || (traits.classMask & query.classMask) === 0 || traits.seats < query.seatsMin)
          return false
        if ((traits.attributes & query.attributes) !== query.attributes) return false
        return !query.exclude?.has(driverId) && (query.eligible?.(handleOf(driverId)) ?? true)
      })
      .map((car): [DriverId, number] => [car.driverId, distanceM(car.at, query)])
      .filter(([, metres]) => metres <= query.maxM)
      .sort(([a, metresA], [b, metresB]) => metresA - metresB || (a < b ? -1 : 1))
      .slice(0, query.k)
  }
}

/** An index and its brute-force twin, told the same things. */
class Pair {
  readonly index: FleetIndex
  readonly brute = new BruteForce()

  constructor(resolution?: number, crowd?: number) {
    this.index = new FleetIndex({ resolution, crowd })
  }

  add(name: string, at: LatLng, traits = STANDARD, available = true): Handle {
    const driverId = name as DriverId
    this.brute.cars.set(driverId, { driverId, at, traits, available })
    const handle = this.index.add(driverId, at, traits)
    this.index.setAvailable(handle, available)
    return handle
  }

  expectSame(query: NearestQuery): void {
    const out = this.index.makeResult(query.k)
    const count = this.index.nearest(query, out)
    const seen = Array.from({ length: count }, (_, i): [DriverId, number] => {
      return [this.index.driverIdOf(out.handles[i]!), out.distancesM[i]!]
    })
    expect(out.count).toBe(count)
    const expected = this.brute.nearest(query, (driverId) => this.index.handleOf(driverId))
    expect(seen.map(([driverId]) => driverId)).toEqual(expected.map(([driverId]) => driverId))
    for (const [i, [, metres]] of seen.entries())
      expect(Math.abs(metres - expected[i]![1])).toBeLessThan(1e-6)
  }
}

type Point = readonly [number, number]
const gap = ([latA, lngA]: Point, [latB, lngB]: Point) =>
  distanceM({ lat: latA, lng: lngA }, { lat: latB, lng: lngB })
const toVector = ([lat, lng]: Point) => {
  const [phi, lambda] = [(lat * Math.PI) / 180, (lng * Math.PI) / 180]
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)] as const
}
const within = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const PENTAGON = cellToLatLng(getPentagons(5)[3]!)
/** On the edge of two faces of the icosahedron: half-way between two of its corners, as any pentagon's neighbour tells. */
const EDGE = ((): LatLng => {
  const corners = getPentagons(0).map((cell) => cellToLatLng(cell))
  const [from, to] = [
    corners[0]!,
    corners.slice(1).sort((a, b) => gap(corners[0]!, a) - gap(corners[0]!, b))[0]!,
  ]
  const [x, y, z] = [0, 1, 2].map((i) => toVector(from)[i]! + toVector(to)[i]!)
  return {
    lat: (Math.atan2(z!, Math.hypot(x!, y!)) * 180) / Math.PI,
    lng: (Math.atan2(y!, x!) * 180) / Math.PI,
  }
})()
const PLACES: Record<string, LatLng> = {
  'on an edge of faces': EDGE,
  'in the city': { lat: 40.75, lng: -73.98 },
  'at the north pole': { lat: 90, lng: 0 },
  'at the south pole': { lat: -90, lng: 0 },
  'on the antimeridian': { lat: -17.8, lng: -180 },
  'at a pentagon': { lat: PENTAGON[0], lng: PENTAGON[1] },
}

/** Points within about `spreadDeg` of a place, or right on it, wrapped onto the map; some share the same few spots. */
function around(place: LatLng, spreadDeg: number): fc.Arbitrary<LatLng> {
  const widest = Math.min(180, spreadDeg / Math.max(0.01, Math.cos((place.lat * Math.PI) / 180)))
  const near = fc.tuple(within(-spreadDeg, spreadDeg), within(-widest, widest)).map(([dLat, dLng]) => {
    const lng = place.lng + dLng
    return {
      lat: Math.max(-90, Math.min(90, place.lat + dLat)),
      lng: lng < -180 ? lng + 360 : lng >= 180 ? lng - 360 : lng,
    }
  })
  const grid = fc.tuple(fc.integer({ min: -2, max: 2 }), fc.integer({ min: -2, max: 2 })).map(([i, j]) => ({
    lat: Math.max(-90, Math.min(90, place.lat + (i * spreadDeg) / 4)),
    lng: ((((place.lng + (j * spreadDeg) / 4 + 180) % 360) + 360) % 360) - 180,
  }))
  return fc.oneof({ weight: 4, arbitrary: near }, { weight: 1, arbitrary: grid })
}

const traits = fc.record({
  classMask: fc.constantFrom(1, 2, 4, 3, 5),
  seats: fc.integer({ min: 1, max: 7 }),
  attributes: fc.integer({ min: 0, max: 3 }),
})

function queriesAt(point: fc.Arbitrary<LatLng>): fc.Arbitrary<NearestQuery> {
  return fc
    .tuple(
      point,
      fc.record({
        k: fc.integer({ min: 1, max: 12 }),
        maxM: fc.oneof(within(0, 20_000), fc.constant(Number.POSITIVE_INFINITY)),
        classMask: fc.constantFrom(1, 2, 4, 7),
        seatsMin: fc.integer({ min: 0, max: 5 }),
        attributes: fc.constantFrom(0, 0, 1, 3),
      }),
    )
    .map(([at, rest]) => ({ ...at, ...rest }))
}

type Step =
  | { do: 'add'; at: LatLng; traits: Traits }
  | { do: 'move'; which: number; at: LatLng }
  | { do: 'nudge'; which: number; dLat: number; dLng: number }
  | { do: 'available'; which: number; available: boolean }
  | { do: 'traits'; which: number; traits: Traits }
  | { do: 'remove'; which: number }
  | { do: 'lay out' }
  | { do: 'ask'; query: NearestQuery }

function stepsAt(place: LatLng, spreadDeg: number): fc.Arbitrary<Step[]> {
  const at = around(place, spreadDeg)
  const which = fc.nat(1e6)
  const nudge = within(-0.002, 0.002)
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant('add' as const), at, traits }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('move' as const), which, at }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('nudge' as const), which, dLat: nudge, dLng: nudge }),
      },
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('available' as const),
          which,
          available: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('traits' as const), which, traits }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), which }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('lay out' as const) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('ask' as const), query: queriesAt(at) }) },
    ),
    { minLength: 1, maxLength: 120 },
  )
}

function play(steps: readonly Step[], resolution: number, crowd?: number): void {
  const pair = new Pair(resolution, crowd)
  const { index, brute } = pair
  let added = 0
  for (const step of steps) {
    if (step.do === 'ask') {
      pair.expectSame(step.query)
      continue
    }
    if (step.do === 'lay out') {
      index.layOut()
      continue
    }
    if (step.do === 'add') {
      pair.add(`driver-${(added++ * 7919) % 1000}`, step.at, step.traits, added % 3 !== 0)
      continue
    }
    const cars = [...brute.cars.values()]
    const car = cars[step.which % Math.max(1, cars.length)]
    if (car === undefined) continue
    const handle = index.handleOf(car.driverId)
    if (step.do === 'move' || step.do === 'nudge') {
      const lat = step.do === 'move' ? step.at.lat : car.at.lat + step.dLat
      const lng = step.do === 'move' ? step.at.lng : car.at.lng + step.dLng
      if (Math.abs(lat) > 90 || lng < -180 || lng >= 180) continue
      car.at = { lat, lng }
      index.move(handle, lat, lng)
    } else if (step.do === 'available') {
      car.available = step.available
      index.setAvailable(handle, step.available)
    } else if (step.do === 'traits') {
      car.traits = step.traits
      index.setTraits(handle, step.traits)
    } else {
      brute.cars.delete(car.driverId)
      index.remove(handle)
    }
  }
  expect(index.size).toBe(brute.cars.size)
  expect(index.availableCount).toBe([...brute.cars.values()].filter((car) => car.available).length)
  for (const car of brute.cars.values()) {
    const handle = index.handleOf(car.driverId)
    expect(index.positionOf(handle)).toEqual(car.at)
    expect(index.isAvailable(handle)).toBe(car.available)
    expect(index.traitsOf(handle)).toEqual(car.traits)
  }
}

describe('the nearest are those that looking at everybody finds, in its order', () => {
  for (const [name, place] of Object.entries(PLACES)) {
    for (const [spreadDeg, resolution] of [
      [0.03, 9],
      [0.5, 8],
      [3, 5],
    ] as const) {
      test(`${name}, ${spreadDeg}° around, whatever happened before, at resolution ${resolution}`, () => {
        fc.assert(
          fc.property(stepsAt(place, spreadDeg), (steps) => play(steps, resolution)),
          { numRuns: 60 },
        )
      })
    }
  }

  test('anywhere on the globe, at the coarsest and the finest resolution', () => {
    for (const resolution of [0, 1, 3, 15]) {
      fc.assert(
        fc.property(stepsAt({ lat: 0, lng: 0 }, 90), (steps) => play(steps, resolution)),
        { numRuns: 20 },
      )
    }
  })

  test('when the fleet outgrows its cells in the middle of it all', () => {
    const place = PLACES['in the city']!
    fc.assert(
      fc.property(stepsAt(place, 0.03), fc.integer({ min: 0, max: 20 }), (steps, crowd) =>
        play(steps, 8, crowd),
      ),
      { numRuns: 40 },
    )
  })

  test('for a thousand queries among five thousand cars', () => {
    const random = seededRandom(20261121)
    const pair = new Pair()
    const point = () => ({ lat: 40.75 + (random() - 0.5) ** 3, lng: -73.98 + (random() - 0.5) ** 3 })
    for (let i = 0; i < 5_000; i++) {
      const classMask = [1, 1, 2, 4][i % 4]!
      pair.add(`driver-${i}`, point(), { classMask, seats: 4, attributes: i % 2 }, random() < 0.3)
    }
    for (let i = 0; i < 1_000; i++) {
      const maxM = i % 2 === 0 ? 5_000 : 500
      pair.expectSame({ ...ANYBODY, ...point(), maxM, classMask: [1, 2, 4, 6][i % 4]!, attributes: i % 2 })
    }
  })
})

describe('edges', () => {
  const HERE = { lat: 40.75, lng: -73.98 }

  test('nobody is found in an empty fleet, or by asking for nobody', () => {
    const pair = new Pair()
    pair.expectSame({ ...ANYBODY, ...HERE })
    pair.add('a', HERE)
    expect(pair.index.nearest({ ...ANYBODY, ...HERE, k: 0 }, pair.index.makeResult(0))).toBe(0)
    expect(pair.index.nearest({ ...ANYBODY, ...HERE, maxM: -1 }, pair.index.makeResult(8))).toBe(0)
  })

  test('asking for more than there are finds all', () => {
    const pair = new Pair()
    for (let i = 0; i < 20; i++) pair.add(`driver-${i}`, { lat: 40.75 + i / 100, lng: -73.98 })
    pair.expectSame({ ...ANYBODY, ...HERE, k: 1_000 })
  })

  test('cars in one point come in the order of their ids, wherever k cuts', () => {
    const pair = new Pair()
    for (let i = 0; i < 300; i++) pair.add(`driver-${(i * 7919) % 300}`, HERE)
    for (const k of [1, 2, 8, 299, 300, 301]) {
      pair.expectSame({ ...ANYBODY, ...HERE, k })
      pair.expectSame({ ...ANYBODY, lat: 40.76, lng: -73.97, k })
    }
  })

  test('cars as far to the left as to the right are ranked as the haversine says', () => {
    fc.assert(
      fc.property(within(-89, 89), within(1e-9, 1), fc.integer({ min: 1, max: 8 }), (lat, offset, k) => {
        const pair = new Pair()
        for (const [i, [dLat, dLng]] of [
          [0, 1],
          [0, -1],
          [1, 0],
          [-1, 0],
          [1, 1],
          [-1, -1],
          [1, -1],
          [-1, 1],
        ].entries()) {
          pair.add(`driver-${(i * 3) % 8}`, { lat: lat + dLat! * offset, lng: 10 + dLng! * offset })
        }
        pair.expectSame({ ...ANYBODY, lat, lng: 10, k })
      }),
    )
  })

  test('a car a thousandth of a millimetre nearer is nearer', () => {
    const pair = new Pair()
    pair.add('far', { lat: 40.76, lng: -73.98 })
    pair.add('near', { lat: 40.76 - 1e-11, lng: -73.98 })
    pair.expectSame({ ...ANYBODY, ...HERE, k: 1 })
  })

  test('the other side of the Earth is within reach', () => {
    const pair = new Pair()
    for (let i = 0; i < 5; i++) pair.add(`driver-${i}`, { lat: -40.75 + i / 1e6, lng: 106.02 })
    pair.expectSame({ ...ANYBODY, ...HERE, k: 3 })
    pair.expectSame({ ...ANYBODY, ...HERE, k: 5, maxM: 20_015_000 })
  })

  test('the limit is inclusive', () => {
    const pair = new Pair()
    const at = { lat: 40.76, lng: -73.97 }
    pair.add('a', at)
    const maxM = distanceM(at, HERE)
    expect(pair.index.nearest({ ...ANYBODY, ...HERE, maxM }, pair.index.makeResult(8))).toBe(1)
    const lessM = maxM - 1e-6
    expect(pair.index.nearest({ ...ANYBODY, ...HERE, maxM: lessM }, pair.index.makeResult(8))).toBe(0)
  })

  test('cars on the corners of cells are found from either side', () => {
    const pair = new Pair()
    const corners = getPentagons(9).flatMap((cell) => cellToBoundary(cell))
    corners.forEach(([lat, lng], i) => {
      pair.add(`driver-${i}`, { lat, lng: lng >= 180 ? lng - 360 : lng })
    })
    for (const [lat, lng] of corners) pair.expectSame({ ...ANYBODY, lat, lng, k: 3 })
  })

  test('those left out and those not eligible are passed over', () => {
    const pair = new Pair()
    const handles = Array.from({ length: 12 }, (_, i) =>
      pair.add(`driver-${i}`, { ...HERE, lat: 40 + i / 1e3 }),
    )
    pair.expectSame({ ...ANYBODY, ...HERE, k: 3, exclude: new Set(['driver-11' as DriverId]) })
    pair.expectSame({ ...ANYBODY, ...HERE, k: 3, eligible: (handle) => handle !== handles[10] })
  })

  test('a driver with two classes is found once', () => {
    const pair = new Pair()
    pair.add('both', HERE, { classMask: 3, seats: 4, attributes: 0 })
    pair.expectSame({ ...ANYBODY, ...HERE, classMask: 3 })
    pair.expectSame({ ...ANYBODY, ...HERE, classMask: 2 })
  })

  test('a driver is not found before being available, nor after being taken', () => {
    const { index } = new Pair()
    const handle = index.add('bo' as DriverId, HERE, STANDARD)
    const out = index.makeResult(1)
    expect(index.nearest({ ...ANYBODY, ...HERE, k: 1 }, out)).toBe(0)
    index.setAvailable(handle, true)
    index.setAvailable(handle, true)
    expect(index.nearest({ ...ANYBODY, ...HERE, k: 1 }, out)).toBe(1)
    index.remove(handle)
    expect(index.nearest({ ...ANYBODY, ...HERE, k: 1 }, out)).toBe(0)
    expect(index.handleOf('bo' as DriverId)).toBe(-1)
    expect(index.size + index.availableCount).toBe(0)
  })

  test('what cannot be is a mistake of ours, and changes nothing', () => {
    const { index } = new Pair()
    const handle = index.add('bo' as DriverId, HERE, STANDARD)
    index.setAvailable(handle, true)
    expect(() => index.add('bo' as DriverId, HERE, STANDARD)).toThrow(BugError)
    for (const [lat, lng] of [
      [Number.NaN, 0],
      [0, Number.NaN],
      [91, 0],
      [0, 181],
      [Number.POSITIVE_INFINITY, 0],
    ] as const) {
      expect(() => index.move(handle, lat, lng)).toThrow(BugError)
      expect(() => index.nearest({ ...ANYBODY, lat, lng }, index.makeResult(8))).toThrow(BugError)
    }
    expect(() => index.nearest({ ...ANYBODY, ...HERE, k: 9 }, index.makeResult(8))).toThrow(BugError)
    expect(() => index.move(7, 0, 0)).toThrow(BugError)
    index.remove(handle)
    expect(() => index.positionOf(handle)).toThrow(BugError)
  })
})
