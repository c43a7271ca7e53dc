import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { ATTRIBUTES, attributeBits, attributesIn, hasAttributes } from '../../src/engine/attributes.ts'

const some = fc.subarray([...ATTRIBUTES])

test('bits and names say the same, whatever the order and however often each is named', () => {
  fc.assert(
    fc.property(some, some, (names, again) => {
      const bits = attributeBits([...names, ...again, ...names])
      expect(attributesIn(bits)).toEqual(ATTRIBUTES.filter((name) => [...names, ...again].includes(name)))
    }),
  )
})

test('a car is one for whoever needs nothing that it has not', () => {
  fc.assert(
    fc.property(some, some, (offered, needed) => {
      expect(hasAttributes(attributeBits(offered), attributeBits(needed))).toBe(
        needed.every((name) => offered.includes(name)),
      )
    }),
  )
})

test('rows keep the bits, so they stay as they are', () => {
  expect(ATTRIBUTES.map((name) => attributeBits([name]))).toEqual([1, 2, 4])
  expect(attributesIn(8)).toEqual([])
})
