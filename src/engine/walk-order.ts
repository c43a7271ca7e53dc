/**
 * In which order to look at the cells around a point: near ones first, from where in its own cell the point lies. The
 * lattice is everywhere the same, so this is worked out once.
 */

/** Rings around a cell that the order covers; with tiles of eight, a step leads into a neighbour at most. */
export const RINGS = 7
/** Cells within those rings, the one in the middle too. */
export const CELLS = 1 + 3 * RINGS * (RINGS + 1)
/** A cell's middle parallelogram is cut into BINS × BINS by the offset from the centre along both axes. */
export const BINS = 8
/** Offsets along an axis lie within two thirds of a spacing; a little more for rounding. */
const OFFSET_MOST = 2 / 3 + 1e-6
const SIDE = (2 * OFFSET_MOST) / BINS
const PER_BIN = 1 / SIDE
/** From the middle of a bin to its farthest corner, along the long diagonal. */
const BIN_REACH = (SIDE * Math.sqrt(3)) / 2

/** CELLS steps a bin, along a and b. */
export const STEPS_A = new Int8Array(BINS * BINS * CELLS)
export const STEPS_B = new Int8Array(BINS * BINS * CELLS)
/** From any point of the bin, in spacings: the centre of this cell, and of all that come later, is at least so far. */
export const AT_LEAST = new Float32Array(BINS * BINS * CELLS)
/** The same for all cells that the order leaves out. */
export const BEYOND = (RINGS + 1 - OFFSET_MOST) * (Math.sqrt(3) / 2)
layOrders()

/** Where the order for a point with these offsets begins. */
export function orderFor(offA: number, offB: number): number {
  // Integers to the compiler too: a double for an index takes the slow way through every array.
  const binA = ((offA + OFFSET_MOST) * PER_BIN) | 0
  const binB = ((offB + OFFSET_MOST) * PER_BIN) | 0
  return (binB * BINS + binA) * CELLS
}

function layOrders(): void {
  const steps: (readonly [number, number])[] = []
  for (let a = -RINGS; a <= RINGS; a++)
    for (let b = -RINGS; b <= RINGS; b++) if (Math.abs(a + b) <= RINGS) steps.push([a, b])
  for (let bin = 0; bin < BINS * BINS; bin++) {
    const offA = ((bin % BINS) + 0.5) * SIDE - OFFSET_MOST
    const offB = (Math.floor(bin / BINS) + 0.5) * SIDE - OFFSET_MOST
    steps
      .map(([a, b]) => ({ a, b, away: length(a - offA, b - offB) }))
      .sort((one, two) => one.away - two.away)
      .forEach(({ a, b, away }, n) => {
        STEPS_A[bin * CELLS + n] = a
        STEPS_B[bin * CELLS + n] = b
        // Rounded to a short number, and downwards to be safe.
        AT_LEAST[bin * CELLS + n] = Math.max(0, away - BIN_REACH - 1e-6)
      })
  }
}

/** Of a way in lattice coordinates, whose axes are 60° apart, in spacings. */
function length(a: number, b: number): number {
  return Math.sqrt(a * a + a * b + b * b)
}
