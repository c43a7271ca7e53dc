import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { cellToLatLng, getPentagons, latLngToCell } from 'h3-js'
import { type Balls, CellTree } from '../../src/engine/cells.ts'
import { seededRandom } from '../../src/engine/units.ts'

const RAD = Math.PI / 180

function vector(lat: number, lng: number): [number, number, number] {
  return [
    Math.cos(lat * RAD) * Math.cos(lng * RAD),
    Math.cos(lat * RAD) * Math.sin(lng * RAD),
    Math.sin(lat * RAD),
  ]
}

function isIn(balls: Balls, slot: number, [x, y, z]: [number, number, number]): boolean {
  return Math.sqrt(balls.chord2(slot, x, y, z)) <= balls.at[4 * slot + 3]!
}

describe('the tree of cells', () => {
  test('a point is in its cell, its patch and its district, anywhere and at any resolution', () => {
    const points = fc.array(
      fc.tuple(
        fc.double({ min: -90, max: 90, noNaN: true }),
        fc.double({ min: -180, max: 180, noNaN: true }),
      ),
      { minLength: 1, maxLength: 100 },
    )
    fc.assert(
      fc.property(points, fc.integer({ min: 0, max: 15 }), (latLngs, resolution) => {
        const tree = new CellTree(resolution)
        const leaves = latLngs.map(([lat, lng]) => tree.leafAt(lat, lng, ...vector(lat, lng)))
        for (const [i, leaf] of leaves.entries()) {
          const at = vector(...latLngs[i]!)
          const patch = tree.leaves.parents[leaf]!
          expect(isIn(tree.leaves, leaf, at)).toBe(true)
          expect(isIn(tree.patches, patch, at)).toBe(true)
          expect(isIn(tree.districts, tree.patches.parents[patch]!, at)).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('a car that drives on is given the cell h3-js would give, though h3-js is seldom asked', () => {
    const [pentagonLat, pentagonLng] = cellToLatLng(getPentagons(8)[5]!)
    for (const [startLat, startLng] of [
      [40.75, -73.98],
      [pentagonLat, pentagonLng],
    ] as const) {
      const random = seededRandom(7)
      const tree = new CellTree(8)
      const leafOf = (lat: number, lng: number) => tree.leaves.slotOf(latLngToCell(lat, lng, 8))
      let lat = startLat
      let lng = startLng
      let leaf = tree.leafAt(lat, lng, ...vector(lat, lng))
      for (let i = 0; i < 20_000; i++) {
        lat = startLat + Math.max(-0.02, Math.min(0.02, lat - startLat + (random() - 0.5) / 100))
        lng = startLng + Math.max(-0.02, Math.min(0.02, lng - startLng + (random() - 0.5) / 100))
        if (tree.holds(leaf, ...vector(lat, lng))) continue
        leaf = tree.leafAt(lat, lng, ...vector(lat, lng))
        expect(leaf).toBe(leafOf(lat, lng)!)
      }
    }
  })

  test('a cell is made once', () => {
    const tree = new CellTree(9)
    const leaf = tree.leafAt(40.75, -73.98, ...vector(40.75, -73.98))
    expect(tree.leafAt(40.75, -73.98, ...vector(40.75, -73.98))).toBe(leaf)
  })
})
