import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { gridDisk } from 'h3-js'
import { aheadRefusal, collide, waitsFromMs } from '../../src/engine/booking.ts'
import {
  FEWEST_WAITS,
  LEAD_MOST_S,
  leadS,
  UNLEARNED_LEAD_S,
  WAIT_CLASSES_S,
  WAIT_COUNTS,
  WaitModel,
  waitCellOf,
  waitClass,
} from '../../src/engine/lead-time.ts'

const TIMES_SQUARE = { lat: 40.758, lng: -73.9855 }
const HERE = waitCellOf(TIMES_SQUARE)
const FAR = waitCellOf({ lat: 41.2, lng: -73.2 })

/** A model of these waits, all of one place and hour. */
function learned(waits: readonly (number | null)[], { cell = HERE, hour = 18 } = {}): WaitModel {
  const model = new WaitModel()
  const counts = new Array<number>(WAIT_COUNTS).fill(0)
  for (const wait of waits) counts[waitClass(wait)]!++
  model.add({ cell, hour, counts })
  return model
}

test('nothing is known before enough riders waited', () => {
  expect(new WaitModel().usualWaitS(TIMES_SQUARE, 18)).toBeNull()
  expect(learned(new Array(FEWEST_WAITS - 1).fill(100)).usualWaitS(TIMES_SQUARE, 18)).toBeNull()
  expect(learned(new Array(FEWEST_WAITS).fill(100)).usualWaitS(TIMES_SQUARE, 18)).toBe(120)
})

test('nine of ten had their car within the usual wait, as counting one by one says', () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 4_000 })), { minLength: FEWEST_WAITS, maxLength: 200 }),
      (waits) => {
        const usual = learned(waits).usualWaitS(TIMES_SQUARE, 18)!
        const within = (limitS: number) => waits.filter((wait) => wait !== null && wait <= limitS).length
        const wanted = WAIT_CLASSES_S.find((limitS) => within(limitS) >= 0.9 * waits.length) ?? LEAD_MOST_S
        expect(usual).toBe(wanted)
      },
    ),
    { numRuns: 100 },
  )
})

test('a place and an hour of its own counts before the region does', () => {
  const model = learned(new Array(40).fill(100))
  model.add({ cell: FAR, hour: 18, counts: countsOf(1_100, 400) })
  expect(model.usualWaitS(TIMES_SQUARE, 18)).toBe(120)
  // Nobody rode here at three: what holds anywhere at that hour, and where that is nothing, at all.
  expect(model.usualWaitS(TIMES_SQUARE, 3)).toBe(1_200)
  model.add({ cell: FAR, hour: 3, counts: countsOf(200, 40) })
  expect(model.usualWaitS(TIMES_SQUARE, 3)).toBe(240)
})

test('places and hours beside count for half', () => {
  const beside = gridDisk(HERE, 1).find((cell) => cell !== HERE)!
  const model = new WaitModel()
  model.add({ cell: beside, hour: 18, counts: countsOf(100, FEWEST_WAITS) })
  model.add({ cell: HERE, hour: 19, counts: countsOf(100, FEWEST_WAITS) })
  model.add({ cell: FAR, hour: 18, counts: countsOf(2_000, 1_000) })
  expect(model.usualWaitS(TIMES_SQUARE, 18)).toBe(120)
})

function countsOf(waitS: number, riders: number): number[] {
  const counts = new Array<number>(WAIT_COUNTS).fill(0)
  counts[waitClass(waitS)] = riders
  return counts
}

test('the lead lies between the floor and three quarters of an hour, and grows with all that is known', () => {
  const known = fc.option(fc.integer({ min: 0, max: 10_000 }))
  fc.assert(
    fc.property(
      known,
      known,
      known,
      fc.integer({ min: 60, max: 2_700 }),
      (usualWaitS, recentWaitS, pickupEtaS, floorS) => {
        const lead = leadS({ usualWaitS, recentWaitS, pickupEtaS, floorS })
        expect(lead).toBeGreaterThanOrEqual(floorS)
        expect(lead).toBeLessThanOrEqual(LEAD_MOST_S)
        const more = {
          usualWaitS: usualWaitS ?? UNLEARNED_LEAD_S,
          recentWaitS: recentWaitS ?? 0,
          pickupEtaS: pickupEtaS ?? 0,
        }
        for (const name of ['usualWaitS', 'recentWaitS', 'pickupEtaS'] as const)
          expect(leadS({ ...more, [name]: more[name] + 600, floorS })).toBeGreaterThanOrEqual(lead)
      },
    ),
  )
})

test('an unlearned place gets a quarter of an hour and a minute to spare; a slow evening half as much again', () => {
  const none = { usualWaitS: null, recentWaitS: null, pickupEtaS: null, floorS: 600 }
  expect(leadS(none)).toBe(960)
  expect(leadS({ ...none, usualWaitS: 240 })).toBe(600)
  expect(leadS({ ...none, usualWaitS: 600, recentWaitS: 800 })).toBe(1_260)
})

test('a ride is booked 20 minutes ahead at least, and as far as the region allows', () => {
  const rules = { nowMs: 1_000_000, aheadMostS: 86_400 }
  expect(aheadRefusal(1_000_000 + 1_199_999, rules)).toBe('too_soon')
  expect(aheadRefusal(1_000_000 + 1_200_000, rules)).toBeNull()
  expect(aheadRefusal(1_000_000 + 86_400_000, rules)).toBeNull()
  expect(aheadRefusal(1_000_000 + 86_400_001, rules)).toBe('too_far')
})

test('a driver who comes early waits for the booked time first', () => {
  expect(waitsFromMs(1_000, 5_000)).toBe(5_000)
  expect(waitsFromMs(6_000, 5_000)).toBe(6_000)
  expect(waitsFromMs(1_000, null)).toBe(1_000)
})

test('two rides collide when nobody could ride both, whichever is named first', () => {
  const first = { fromMs: 0, durationS: 600 }
  expect(collide(first, { fromMs: 1_199_999, durationS: 60 })).toBe(true)
  expect(collide(first, { fromMs: 1_200_000, durationS: 60 })).toBe(false)
  const span = fc.record({
    fromMs: fc.integer({ min: 0, max: 1e7 }),
    durationS: fc.integer({ min: 0, max: 5_000 }),
  })
  fc.assert(fc.property(span, span, (a, b) => collide(a, b) === collide(b, a)))
})
