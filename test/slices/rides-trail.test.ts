import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { distanceM } from '../../src/engine/geo.ts'
import { vehicleWords } from '../../src/rides/routes.ts'
import { thinned } from '../../src/rides/trail.ts'

const degree = (min: number, max: number) => fc.double({ min, max, noNaN: true })

test('a driven line keeps its ends, is never long, and leaves out what a standing car trembles', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ lat: degree(40.7, 40.9), lng: degree(-74.02, -73.9) }), { maxLength: 2000 }),
      (fixes) => {
        const line = thinned(fixes)
        expect(line.length).toBeLessThanOrEqual(Math.min(fixes.length, 401))
        if (fixes.length === 0) return
        expect(distanceM(line[0]!, fixes[0]!)).toBeLessThan(2)
        expect(distanceM(line.at(-1)!, fixes.at(-1)!)).toBeLessThan(2)
      },
    ),
    { numRuns: 50 },
  )
  const corner = { lat: 40.75, lng: -73.99 }
  const standing = Array.from({ length: 500 }, (_, i) => ({ lat: 40.75 + (i % 2) / 50_000, lng: -73.99 }))
  expect(thinned([corner, ...standing]).length).toBeLessThanOrEqual(2)
})

test('a vehicle begins its line with a capital', () => {
  expect(vehicleWords('white', 'Toyota Camry')).toBe('White Toyota Camry')
  expect(vehicleWords('', 'Toyota Camry')).toBe('Toyota Camry')
})
