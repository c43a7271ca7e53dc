/** What a run of several riders brings its driver. */

import { roundHalfUp } from './fare.ts'
import { assert } from './units.ts'

/**
 * The driver is paid by the run: the tariff's share of what all its riders pay before tax, rounded once, so that nothing
 * is lost in the rounding of each. The parts are each ride's own, in minor units, and sum to it.
 */
export function payOfRun(beforeTaxMinor: readonly number[], shareBasisPoints: number): number[] {
  const wholeMinor = beforeTaxMinor.reduce((total, minor) => total + minor, 0)
  return splitMinor(roundHalfUp((wholeMinor * shareBasisPoints) / 10_000), beforeTaxMinor)
}

/**
 * Split an amount by weights to the last minor unit: each gets the whole units of its share, and those left over go to
 * the largest remainders (Hamilton's method), the first of equals. All weights zero: even parts.
 * @throws BugError for a negative or fractional amount or weight, or for nobody to give it to
 */
export function splitMinor(totalMinor: number, weights: readonly number[]): number[] {
  assert(Number.isSafeInteger(totalMinor) && totalMinor >= 0, 'an amount to split is whole minor units')
  assert(
    weights.length > 0 && weights.every((weight) => Number.isSafeInteger(weight) && weight >= 0),
    'weights',
  )
  const given = weights.every((weight) => weight === 0) ? weights.map(() => 1) : weights
  const whole = BigInt(given.reduce((total, weight) => total + weight, 0))
  // Exact for any amount of money: the products of two may not fit a double.
  const shares = given.map((weight, place) => {
    const product = BigInt(totalMinor) * BigInt(weight)
    return { place, minor: Number(product / whole), remainder: product % whole }
  })
  let left = totalMinor - shares.reduce((total, { minor }) => total + minor, 0)
  const parts = shares.map(({ minor }) => minor)
  for (const { place } of shares.toSorted((a, b) =>
    a.remainder === b.remainder ? a.place - b.place : a.remainder > b.remainder ? -1 : 1,
  )) {
    if (left-- <= 0) break
    parts[place]!++
  }
  return parts
}
