import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { UnitVector } from '../../src/engine/unit-vector.ts'

const RAD = Math.PI / 180
const latitude = fc.double({ min: -90, max: 90, noNaN: true })
const longitude = fc.double({ min: -180, max: 180, noNaN: true })
const near = fc.double({ min: -3, max: 3, noNaN: true })

test('a point is the library’s vector to the last digits, whatever was asked before', () => {
  const vector = new UnitVector()
  const isSame = (lat: number, lng: number) => {
    vector.point(lat, lng)
    expect(Math.abs(vector.x - Math.cos(lat * RAD) * Math.cos(lng * RAD))).toBeLessThan(4e-16)
    expect(Math.abs(vector.y - Math.cos(lat * RAD) * Math.sin(lng * RAD))).toBeLessThan(4e-16)
    expect(Math.abs(vector.z - Math.sin(lat * RAD))).toBeLessThan(4e-16)
  }
  fc.assert(
    fc.property(latitude, longitude, near, near, (lat, lng, dLat, dLng) => {
      isSame(lat, lng)
      isSame(Math.max(-90, Math.min(90, lat + dLat)), Math.max(-180, Math.min(180, lng + dLng)))
    }),
    { numRuns: 2_000 },
  )
})
