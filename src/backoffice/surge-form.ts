/** The office's form of what a region adds where it is busy: percents and sums as people say them. */
import { z } from 'zod'
import { SURGE_FIELDS, type SurgeFields } from '../../views/backoffice/surge.ts'
import { type SurgeRules, stepsOf } from '../engine/surge.ts'
import { readForm } from '../web/forms.ts'
import { surgeShape } from './surge-shape.ts'

export type SurgeErrors = Readonly<Partial<Record<keyof SurgeFields, string>>>

const text = z.string().trim().max(20).default('')
const surgeForm = z.strictObject({
  kind: z.enum(['off', 'multiply', 'add']),
  ...{ most_percent: text, step_percent: text, most_sum: text, step_sum: text },
  ...{ from_pressure: text, full_pressure: text, least_around: text, least_in_region: text },
  key: z.string().max(128).optional(),
})

/** Without a better idea: twice the price at most, or ten of the currency. */
const DEFAULTS = {
  multiply: surgeShape.parse({ kind: 'multiply' }),
  add: surgeShape.parse({ kind: 'add' }),
}

/** Digits behind the point of a currency's amounts: yen have none. */
export function digitsOf(currency: string): number {
  return (
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  )
}

/** The form of a region as it stands; what is off shows what it would begin with. */
export function fieldsOf(rules: SurgeRules | null, currency: string): SurgeFields {
  const multiply = rules?.kind === 'multiply' ? rules : DEFAULTS.multiply
  const add = rules?.kind === 'add' ? rules : DEFAULTS.add
  const common = rules ?? DEFAULTS.multiply
  const [percent, sum] = [
    multiply as Extract<SurgeRules, { kind: 'multiply' }>,
    add as Extract<SurgeRules, { kind: 'add' }>,
  ]
  const major = (minor: number) => (minor / 10 ** digitsOf(currency)).toFixed(digitsOf(currency))
  return {
    kind: rules?.kind ?? 'off',
    most_percent: String((percent.capBasisPoints - 10_000) / 100),
    step_percent: String(percent.stepBasisPoints / 100),
    ...{ most_sum: major(sum.capMinor), step_sum: major(sum.stepMinor) },
    ...{ from_pressure: String(common.fromPressure), full_pressure: String(common.fullPressure) },
    ...{ least_around: String(common.leastAround), least_in_region: String(common.leastInRegion) },
  }
}

/** The rules a form asks for, null for none; or what is wrong with it and what was typed. */
export function readSurge(
  body: unknown,
  currency: string,
):
  | { readonly ok: true; readonly rules: SurgeRules | null }
  | { readonly ok: false; readonly typed: SurgeFields; readonly errors: SurgeErrors } {
  const form = readForm(surgeForm, body, SURGE_FIELDS)
  if (!form.ok) {
    const { kind = '', ...typed } = form.typed
    return {
      ok: false,
      typed: { ...fieldsOf(null, currency), ...typed, kind: kindOf(kind) },
      errors: Object.fromEntries(form.errors),
    }
  }
  const { key: _key, ...typed } = form.data
  if (typed.kind === 'off') return { ok: true, rules: null }
  const errors: Partial<Record<keyof SurgeFields, string>> = {}
  const scale = 10 ** digitsOf(currency)
  /** A number within bounds, in whole parts of `1 / scale`; what is not is said beside the field. */
  const read = (name: keyof SurgeFields, bounds: { least: number; most: number; scale: number }) => {
    const { least, most, scale: parts } = bounds
    const value = /^\d{1,9}([.,]\d{1,6})?$/.test(typed[name])
      ? Number(typed[name].replace(',', '.'))
      : Number.NaN
    const whole = Math.round(value * parts)
    if (value >= least && value <= most && Math.abs(whole - value * parts) < 1e-6) return whole
    errors[name] =
      parts === 1 ? `A whole number from ${least} to ${most}.` : `A number from ${least} to ${most}.`
    return least * parts
  }
  const thresholds = {
    fromPressure: read('from_pressure', { least: 0.1, most: 100, scale: 100 }) / 100,
    fullPressure: read('full_pressure', { least: 0.1, most: 100, scale: 100 }) / 100,
    leastAround: read('least_around', { least: 1, most: 10_000, scale: 1 }),
    leastInRegion: read('least_in_region', { least: 1, most: 100_000, scale: 1 }),
  }
  const [mostField, stepField] =
    typed.kind === 'multiply'
      ? (['most_percent', 'step_percent'] as const)
      : (['most_sum', 'step_sum'] as const)
  const bounds =
    typed.kind === 'multiply'
      ? { least: 1, most: 400, scale: 100 }
      : { least: 1 / scale, most: 10_000_000 / scale, scale }
  const [most, step] = [read(mostField, bounds), read(stepField, bounds)]
  const rules: SurgeRules =
    typed.kind === 'multiply'
      ? { kind: 'multiply', capBasisPoints: 10_000 + most, stepBasisPoints: step, ...thresholds }
      : { kind: 'add', capMinor: most, stepMinor: step, ...thresholds }
  if (errors[mostField] === undefined && errors[stepField] === undefined) {
    if (step > most) errors[stepField] = 'A step is at most all that may be added.'
    else if (stepsOf(rules) > 100) errors[stepField] = 'That makes more than a hundred steps.'
  }
  if (errors.from_pressure === undefined && errors.full_pressure === undefined)
    if (rules.fullPressure <= rules.fromPressure) errors.full_pressure = 'More people than where it begins.'
  if (Object.keys(errors).length > 0) return { ok: false, typed, errors }
  return { ok: true, rules: surgeShape.parse(rules) }
}

function kindOf(text: string): SurgeFields['kind'] {
  return text === 'multiply' || text === 'add' ? text : 'off'
}
