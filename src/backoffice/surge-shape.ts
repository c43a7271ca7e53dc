/** What a region may add where it is busy, as a company file and the office's form say it. */
import { z } from 'zod'
import { type SurgeRules, stepsOf } from '../engine/surge.ts'

/** Five times the price is a fault of the hand, whatever the rush. */
const FACTOR_MOST_BASIS_POINTS = 50_000
/** More steps than anybody can tell apart are a fault too. */
const STEPS_MOST = 100

const whole = (least: number, most: number) => z.int().min(least).max(most)
const pressure = z.number().min(0.1).max(100)
const common = {
  /** People asking for one free car, from which prices rise, and at which they are at their cap. */
  fromPressure: pressure.default(1.5),
  fullPressure: pressure.default(4),
  /** Up to so many people asking around a cell, and in the region, nothing is added. */
  leastAround: whole(1, 10_000).default(5),
  leastInRegion: whole(1, 100_000).default(20),
}

export const surgeShape = z
  .discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('multiply'),
      capBasisPoints: whole(10_001, FACTOR_MOST_BASIS_POINTS).default(20_000),
      stepBasisPoints: whole(1, FACTOR_MOST_BASIS_POINTS).default(1_000),
      ...common,
    }),
    z.strictObject({
      kind: z.literal('add'),
      capMinor: whole(1, 10_000_000).default(1_000),
      stepMinor: whole(1, 10_000_000).default(100),
      ...common,
    }),
  ])
  .superRefine((rules, context) => {
    const issue = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    const [step, most] =
      rules.kind === 'multiply'
        ? [rules.stepBasisPoints, rules.capBasisPoints - 10_000]
        : [rules.stepMinor, rules.capMinor]
    const stepField = rules.kind === 'multiply' ? 'stepBasisPoints' : 'stepMinor'
    if (step > most) issue(stepField, 'is more than all that may be added')
    else if (stepsOf(rules) > STEPS_MOST)
      issue(stepField, `makes more than ${STEPS_MOST} steps up to the cap`)
    if (rules.fullPressure <= rules.fromPressure) issue('fullPressure', 'should be more than fromPressure')
  }) satisfies z.ZodType<SurgeRules, unknown>
