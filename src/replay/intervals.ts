/** Means over seeds, and how sure one can be of them. */

export interface Mean {
  readonly mean: number
  /** Half the width of the 95 % interval by Student's t; null with one value, which tells nothing of its spread. */
  readonly pm: number | null
}

/** Student's t for 95 % two-sided, 1 to 30 degrees of freedom. */
const T_95 = [
  12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281, 2.201, 2.1788, 2.1604,
  2.1448, 2.1314, 2.1199, 2.1098, 2.1009, 2.093, 2.086, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555,
  2.0518, 2.0484, 2.0452, 2.0423,
] as const
const NORMAL_95 = 1.959964

/** The quantile; past the table by Cornish and Fisher's expansion, which there is right to four digits. */
export function studentT95(freedom: number): number {
  const z = NORMAL_95
  return (
    T_95[freedom - 1] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  )
}

/** @param values at least one */
export function meanOf(values: readonly number[]): Mean {
  const count = values.length
  const mean = values.reduce((sum, value) => sum + value, 0) / count
  if (count < 2) return { mean, pm: null }
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, pm: (studentT95(count - 1) * Math.sqrt(squares / (count - 1))) / Math.sqrt(count) }
}
