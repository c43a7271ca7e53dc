/** Cells by arithmetic against h3-js itself. */
import { describe, expect, test } from 'bun:test'
import { cellToLatLng, getPentagons, latLngToCell } from 'h3-js'
import { Lattice, type Place } from '../../src/engine/lattice.ts'
import { type RandomFn, seededRandom } from '../../src/engine/units.ts'

const RAD = Math.PI / 180
const SEED = 20_261_121

function vector(lat: number, lng: number): [number, number, number] {
  return [
    Math.cos(lat * RAD) * Math.cos(lng * RAD),
    Math.cos(lat * RAD) * Math.sin(lng * RAD),
    Math.sin(lat * RAD),
  ]
}

function placeOf(): Place {
  return { face: 0, a: 0, b: 0, offA: 0, offB: 0 }
}

/** Evenly over the sphere. */
function anywhere(random: RandomFn): [number, number] {
  return [Math.asin(2 * random() - 1) / RAD, 360 * random() - 180]
}

describe('the cell of a point by arithmetic', () => {
  test('is that of h3-js for a million points over the globe', () => {
    const random = seededRandom(SEED)
    const here = placeOf()
    const centre = placeOf()
    let wrong = 0
    let asked = 0
    let across = 0
    for (const resolution of [5, 7, 8, 9, 10]) {
      const lattice = new Lattice(resolution)
      for (let i = 0; i < 200_000; i++) {
        const [lat, lng] = anywhere(random)
        if (!lattice.locate(...vector(lat, lng), here)) {
          asked++
          continue
        }
        const cell = latLngToCell(lat, lng, resolution)
        lattice.locate(...vector(...cellToLatLng(cell)), centre)
        if (centre.face === here.face && centre.a === here.a && centre.b === here.b) continue
        // A cell across an edge or at a pentagon has several addresses; each must still be this cell's alone.
        across++
        for (let j = 0; j < 20; j++) {
          const [lat2, lng2] = near([lat, lng], lattice.spacing, random)
          if (!lattice.locate(...vector(lat2, lng2), centre)) continue
          if (centre.face !== here.face || centre.a !== here.a || centre.b !== here.b) continue
          if (latLngToCell(lat2, lng2, resolution) !== cell) wrong++
        }
      }
    }
    expect(wrong).toBe(0)
    // Too near to a border to tell: a few in a million. Cells across an edge of two faces: those on the edges.
    expect(asked).toBeLessThan(50)
    expect(across).toBeLessThan(5_000)
  })

  test('is one cell of h3-js for each address, at pentagons, across edges of faces, at every resolution', () => {
    const random = seededRandom(SEED)
    const out = placeOf()
    for (let resolution = 0; resolution <= 15; resolution++) {
      const lattice = new Lattice(resolution)
      const spots = getPentagons(resolution).map((cell) => cellToLatLng(cell) as [number, number])
      for (let i = 0; i < 20; i++) spots.push(edgePoint(lattice, random))
      const cells = new Map<string, string>()
      for (let i = 0; i < 8_000; i++) {
        const spot = spots[i % spots.length]!
        const [lat, lng] = near(spot, 6 * lattice.spacing, random)
        if (!lattice.locate(...vector(lat, lng), out)) continue
        const address = `${out.face} ${out.a} ${out.b}`
        const cell = latLngToCell(lat, lng, resolution)
        expect(cells.get(address) ?? cell).toBe(cell)
        cells.set(address, cell)
      }
    }
  })

  test('leaves a point on a corner of cells to h3-js', () => {
    const lattice = new Lattice(8)
    const out = placeOf()
    const [lat, lng] = [40.75, -73.98]
    lattice.locate(...vector(lat, lng), out)
    // From inside one cell to inside another the way leads over a border: halving finds it.
    let low = 0
    let high = 0.02
    for (let i = 0; i < 60; i++) {
      const middle = (low + high) / 2
      const there = placeOf()
      lattice.locate(...vector(lat + middle, lng), there)
      if (there.a === out.a && there.b === out.b) low = middle
      else high = middle
    }
    expect(lattice.locate(...vector(lat + low, lng), placeOf())).toBe(false)
    expect(lattice.locate(...vector(lat, lng), placeOf())).toBe(true)
  })
})

/** A point on the edge of two faces, by halving the way between two that are on different ones. */
function edgePoint(lattice: Lattice, random: RandomFn): [number, number] {
  const one = placeOf()
  const two = placeOf()
  for (;;) {
    const from = anywhere(random)
    const to: [number, number] = [Math.max(-89, Math.min(89, from[0] + 20 * random() - 10)), from[1]]
    lattice.locate(...vector(...from), one)
    lattice.locate(...vector(...to), two)
    if (one.face === two.face) continue
    let [low, high] = [from[0], to[0]]
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2
      lattice.locate(...vector(middle, from[1]), two)
      if (two.face === one.face) low = middle
      else high = middle
    }
    return [low, from[1]]
  }
}

function near([lat, lng]: [number, number], reach: number, random: RandomFn): [number, number] {
  const widest = Math.min(180, reach / RAD / Math.max(0.01, Math.cos(lat * RAD)))
  const turned = lng + (2 * random() - 1) * widest
  return [
    Math.max(-90, Math.min(90, lat + ((2 * random() - 1) * reach) / RAD)),
    ((((turned + 180) % 360) + 360) % 360) - 180,
  ]
}
