/** What a busy place adds, in figures and words. */
import type { SurgeTerms } from '../../src/engine/fare.ts'
import { money } from './format.ts'

/** `+30 %` or `+$3.00`. */
export function surgeText(surge: SurgeTerms, currency: string): string {
  if (surge.addMinor !== undefined) return `+${money(surge.addMinor, currency, 'en')}`
  const percent = ((surge.factorBasisPoints ?? 10_000) - 10_000) / 100
  return `+${Math.round(percent * 10) / 10} %`
}
