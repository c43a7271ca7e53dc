/** The cars of a moment in few bytes, and rides as they were. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { FRAME_STATES, packFrame, type RideMoment, rideAt, unpackFrame } from '../../src/engine/past.ts'
import type { DriverId } from '../../src/engine/units.ts'

const car = fc.record({
  driverId: fc.uuid().map((id) => id as DriverId),
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
  headingDeg: fc.double({ min: -720, max: 720, noNaN: true }),
  state: fc.constantFrom(...FRAME_STATES),
})

test('what was packed comes back: ids and states as they were, places to 11 cm, headings to two degrees', () => {
  fc.assert(
    fc.property(fc.array(car, { maxLength: 40 }), (cars) => {
      const packed = packFrame(cars)
      expect(packed.length).toBe(1 + 26 * cars.length)
      const back = unpackFrame(packed)!
      expect(back.map(({ driverId, state }) => [driverId, state])).toEqual(
        cars.map(({ driverId, state }) => [driverId, state]),
      )
      for (const [n, { lat, lng, headingDeg }] of back.entries()) {
        expect(Math.abs(lat - cars[n]!.lat)).toBeLessThanOrEqual(0.51e-6)
        expect(Math.abs(lng - cars[n]!.lng)).toBeLessThanOrEqual(0.51e-6)
        const apart = ((((headingDeg - cars[n]!.headingDeg) % 360) + 540) % 360) - 180
        expect(Math.abs(apart)).toBeLessThanOrEqual(1.001)
      }
      // A part of a larger buffer, as a database's driver hands it over.
      const inside = new Uint8Array([9, ...packed, 9]).subarray(1, packed.length + 1)
      expect(unpackFrame(inside)).toEqual(back)
    }),
  )
})

test('torn bytes, another version and a state nobody knows are no cars', () => {
  const packed = packFrame([
    { driverId: crypto.randomUUID() as DriverId, lat: 1, lng: 2, headingDeg: 3, state: 'free' },
  ])
  expect(unpackFrame(packed.slice(0, -1))).toBeNull()
  expect(unpackFrame(new Uint8Array([2, ...packed.slice(1)]))).toBeNull()
  expect(unpackFrame(new Uint8Array([...packed.slice(0, -1), 99]))).toBeNull()
  expect(unpackFrame(new Uint8Array([]))).toBeNull()
})

test('a ride is what its last event by then made of it, and nothing before its first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100), { minLength: 1 }), fc.nat(110), (times, atMs) => {
      const moments = times
        .toSorted((a, b) => a - b)
        .map((at, n): RideMoment => ({ atMs: at, state: n === 0 ? 'requested' : 'assigned', driverId: null }))
      // One by one, as they happened.
      let state: RideMoment | null = null
      for (const moment of moments) if (moment.atMs <= atMs) state = moment
      expect(rideAt(moments, atMs)).toEqual(state)
    }),
  )
})
