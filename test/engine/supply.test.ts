import { heapStats } from 'bun:jsc'
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cellToLatLng, getPentagons, latLngToCell } from 'h3-js'
import { FleetIndex, type Handle } from '../../src/engine/fleet-index.ts'
import { SUPPLY_RESOLUTION } from '../../src/engine/supply.ts'
import { type DriverId, type LatLng, seededRandom } from '../../src/engine/units.ts'

interface Car {
  readonly handle: Handle
  at: LatLng
  classMask: number
  available: boolean
}

const PENTAGON = cellToLatLng(getPentagons(SUPPLY_RESOLUTION)[4]!)
const PLACES: Record<string, LatLng> = {
  'in the city': { lat: 40.75, lng: -73.98 },
  'at a pentagon': { lat: PENTAGON[0], lng: PENTAGON[1] },
  'on the antimeridian': { lat: -17.8, lng: 180 },
  'at the pole': { lat: 89.99, lng: 0 },
}

/** Every cell's count of every class, by looking at everybody. */
function expectCounted(index: FleetIndex, cars: readonly Car[]): void {
  for (const classMask of [1, 2, 4, 7]) {
    const counted = new Map<string, number>()
    for (const { at, available, classMask: its } of cars) {
      const cell = latLngToCell(at.lat, at.lng, SUPPLY_RESOLUTION)
      const counts = available && (its & classMask) !== 0
      counted.set(cell, (counted.get(cell) ?? 0) + (counts ? 1 : 0))
    }
    for (const [cell, count] of counted) expect(index.supplyOf(cell, classMask)).toBe(count)
  }
}

const step = fc.record({
  which: fc.nat(20),
  kind: fc.constantFrom('nudge', 'nudge', 'jump', 'available', 'traits', 'anew'),
  north: fc.double({ min: -1, max: 1, noNaN: true }),
  east: fc.double({ min: -1, max: 1, noNaN: true }),
  classMask: fc.constantFrom(1, 2, 4, 5),
})

describe('cars free in a cell', () => {
  for (const [name, place] of Object.entries(PLACES)) {
    test(`are those that counting finds, ${name}, whatever they do`, () => {
      fc.assert(
        fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 12 }), (steps, crowd) => {
          const index = new FleetIndex({ crowd })
          const cars: Car[] = []
          const wrapped = (lng: number) => ((((lng + 180) % 360) + 360) % 360) - 180
          for (const { which, kind, north, east, classMask } of steps) {
            const car = cars[which]
            if (car === undefined) {
              const at = {
                lat: Math.min(90, place.lat + north / 50),
                lng: wrapped(place.lng + east / 50),
              }
              const handle = index.add(`${cars.length}` as DriverId, at, {
                classMask,
                seats: 4,
                attributes: 0,
              })
              index.setAvailable(handle, true)
              cars.push({ handle, at, classMask, available: true })
            } else if (kind === 'available') {
              car.available = !car.available
              index.setAvailable(car.handle, car.available)
            } else if (kind === 'traits') {
              car.classMask = classMask
              index.setTraits(car.handle, { classMask, seats: 4, attributes: 0 })
            } else if (kind === 'anew') {
              car.available = false
              index.remove(car.handle)
              const again = index.add(`again ${which}` as DriverId, car.at, {
                classMask: car.classMask,
                seats: 4,
                attributes: 0,
              })
              expect(again).toBe(car.handle)
              index.setAvailable(again, true)
              car.available = true
              index.remove(again)
              index.add(`${which}` as DriverId, car.at, { classMask: car.classMask, seats: 4, attributes: 0 })
              car.available = false
            } else {
              const far = kind === 'jump' ? 50 : 500
              car.at = {
                lat: Math.max(-90, Math.min(90, car.at.lat + north / far)),
                lng: wrapped(car.at.lng + east / far),
              }
              index.move(car.handle, car.at.lat, car.at.lng)
            }
          }
          expectCounted(index, cars)
        }),
        { numRuns: 100 },
      )
    })
  }

  test('are counted without garbage', () => {
    const random = seededRandom(5)
    const index = new FleetIndex()
    const handles = Array.from({ length: 500 }, (_, i) => {
      const at = { lat: 40.7 + random() / 10, lng: -74 + random() / 10 }
      const handle = index.add(`${i}` as DriverId, at, { classMask: 1, seats: 4, attributes: 0 })
      index.setAvailable(handle, true)
      return handle
    })
    const drive = () => {
      for (let i = 0; i < 60_000; i++) {
        index.move(handles[i % 500]!, 40.7 + random() / 10, -74 + random() / 10)
      }
    }
    drive()
    Bun.gc(true)
    const before = heapStats().heapSize
    drive()
    expect((heapStats().heapSize - before) / 60_000).toBeLessThan(1)
  })
})
