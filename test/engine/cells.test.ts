import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { latLngToCell } from 'h3-js'
import { type Balls, CellTree, CHILDREN, NEIGHBOURS } from '../../src/engine/cells.ts'
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
  test('a point is in its cell, its tile and its district, anywhere and at any resolution', () => {
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
        const leaves = latLngs.map(([lat, lng]) => tree.leafAt(...vector(lat, lng)))
        for (const [i, leaf] of leaves.entries()) {
          const at = vector(...latLngs[i]!)
          const tile = Math.floor(leaf / CHILDREN)
          expect(isIn(tree.leaves, leaf, at)).toBe(true)
          expect(isIn(tree.tiles, tile, at)).toBe(true)
          expect(isIn(tree.districts, tree.districtOf[tile]!, at)).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })

  test('two points are in one leaf when h3-js puts them in one cell, but at the edges of faces', () => {
    for (const resolution of [7, 9]) {
      const random = seededRandom(7)
      const tree = new CellTree(resolution)
      const cellOf = new Map<number, string>()
      for (let i = 0; i < 20_000; i++) {
        const lat = 40.75 + (random() - 0.5) / 10
        const lng = -73.98 + (random() - 0.5) / 10
        const leaf = tree.leafAt(...vector(lat, lng))
        const cell = latLngToCell(lat, lng, resolution)
        expect(cellOf.get(leaf) ?? cell).toBe(cell)
        cellOf.set(leaf, cell)
      }
      expect(new Set(cellOf.values()).size).toBe(cellOf.size)
    }
  })

  test('tiles know those around them, whichever came first', () => {
    const random = seededRandom(11)
    const tree = new CellTree(8)
    for (let i = 0; i < 2_000; i++) tree.leafAt(...vector(40 + random(), -74 + random()))
    let met = 0
    for (let tile = 0; tile < tree.tiles.count; tile++) {
      expect(tree.neighbours[tile * NEIGHBOURS + 4]).toBe(tile)
      for (let n = 0; n < NEIGHBOURS; n++) {
        const other = tree.neighbours[tile * NEIGHBOURS + n]!
        if (other < 0) continue
        met++
        expect(tree.neighbours[other * NEIGHBOURS + NEIGHBOURS - 1 - n]).toBe(tile)
      }
    }
    expect(met).toBeGreaterThan(tree.tiles.count * 5)
  })

  test('a cell is made once', () => {
    const tree = new CellTree(9)
    const leaf = tree.leafAt(...vector(40.75, -73.98))
    expect(tree.leafAt(...vector(40.75, -73.98))).toBe(leaf)
    expect(tree.tiles.count).toBe(1)
  })
})
