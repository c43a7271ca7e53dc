import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cellToLatLng, gridDisk, latLngToCell } from 'h3-js'
import { travel } from '../../src/engine/eta.ts'
import { type DemandThere, HINT_RULES, type HintSituation, hintsFor } from '../../src/engine/hints.ts'
import type { DriverId, LatLng } from '../../src/engine/units.ts'

const MIDDLE = latLngToCell(40.7549, -73.984, 8)
const TOWN = gridDisk(MIDDLE, 3)
const centreOf = (cell: string): LatLng => {
  const [lat, lng] = cellToLatLng(cell)
  return { lat, lng }
}
const demandIn = (cell: string, demand: number): DemandThere => ({ cell, centre: centreOf(cell), demand })
const travelS = (from: LatLng, to: LatLng) => travel(from, to).durationS

/** Idle drivers by cell, and nobody else in town. */
function standing(
  cells: readonly string[],
): Pick<HintSituation, 'idle' | 'supplyOf' | 'underWay' | 'travelS'> {
  const idle = cells.map((cell, n) => ({ driverId: `d${n}` as DriverId, at: centreOf(cell), cell }))
  const supply = new Map<string, number>()
  for (const cell of cells) supply.set(cell, (supply.get(cell) ?? 0) + 1)
  return { idle, underWay: [], supplyOf: (cell) => supply.get(cell) ?? 0, travelS }
}

describe('a hint to an idle driver', () => {
  const edge = TOWN.at(-1)!

  test('names the place where the wait is shorter, way included', () => {
    const [hint, ...more] = hintsFor({ ...standing([edge]), cells: [demandIn(MIDDLE, 10)] })
    expect(more).toEqual([])
    expect(hint!.cell).toBe(MIDDLE)
    // Nobody asks at the edge; in the middle ten in 25 minutes, for one car.
    expect(hint!.waitHereS).toBe(3_600)
    expect(hint!.waitThereS).toBe(150)
    expect(hint!.savedS).toBeCloseTo(3_600 - 150 - hint!.driveS, 6)
  })

  test('is not given to whoever stands in the best place, nor without demand, nor for a minute', () => {
    expect(hintsFor({ ...standing([MIDDLE]), cells: [demandIn(MIDDLE, 10)] })).toEqual([])
    expect(hintsFor({ ...standing([edge]), cells: [] })).toEqual([])
    const near = gridDisk(MIDDLE, 1).at(-1)!
    const even = [demandIn(MIDDLE, 10), demandIn(near, 9)]
    expect(hintsFor({ ...standing([near]), cells: even })).toEqual([])
  })

  test('counts those who are under way already', () => {
    const cells = [demandIn(MIDDLE, 1)]
    expect(hintsFor({ ...standing([edge]), cells })).toHaveLength(1)
    const others = Array.from({ length: 6 }, (_, n) => ({
      driverId: `other${n}` as DriverId,
      at: centreOf(TOWN[20 + n]!),
      cell: TOWN[20 + n]!,
      to: MIDDLE,
    }))
    expect(hintsFor({ ...standing([edge]), underWay: others, cells })).toEqual([])
  })

  const town = fc.record({
    cars: fc.array(fc.nat(TOWN.length - 1), { minLength: 1, maxLength: 25 }),
    demands: fc.array(fc.tuple(fc.nat(TOWN.length - 1), fc.double({ min: 0.05, max: 12, noNaN: true })), {
      maxLength: 12,
    }),
  })
  const madeOf = ({ cars, demands }: { cars: number[]; demands: [number, number][] }): HintSituation => ({
    ...standing(cars.map((n) => TOWN[n]!)),
    cells: [...new Map(demands.map(([n, demand]) => [TOWN[n]!, demand]))].map(([cell, demand]) =>
      demandIn(cell, demand),
    ),
  })

  test('saves at least two minutes by the same count, and is the same for the same town', () => {
    fc.assert(
      fc.property(town, (made) => {
        const situation = madeOf(made)
        const hints = hintsFor(situation)
        expect(hintsFor(situation)).toEqual(hints)
        for (const { savedS, waitHereS, waitThereS, driveS } of hints) {
          expect(savedS).toBeGreaterThanOrEqual(HINT_RULES.savedLeastS)
          expect(savedS).toBeCloseTo(waitHereS - waitThereS - driveS, 6)
          expect(waitHereS).toBeLessThanOrEqual(HINT_RULES.waitMostS)
          expect(driveS).toBeLessThanOrEqual(HINT_RULES.farthestS)
        }
      }),
    )
  })

  test('sends nobody to where the cars outnumber what may come', () => {
    fc.assert(
      fc.property(town, (made) => {
        const situation = madeOf(made)
        const sent = new Map<string, number>()
        for (const { cell } of hintsFor(situation)) sent.set(cell, (sent.get(cell) ?? 0) + 1)
        for (const [cell, count] of sent) {
          const { demand } = situation.cells.find((known) => known.cell === cell)!
          // Beyond the mean and four deviations the chance of one more request is below the least that counts.
          expect(count).toBeLessThanOrEqual(demand + 4 * Math.sqrt(demand) + 1)
        }
      }),
    )
  })
})
