/**
 * What a tariff may say, as files and forms send it. One shape with two spellings: a file names zones by their slug and
 * times as "22:00", what is kept and what an editor sends is the engine's own (`storedRules`).
 */
import { z } from 'zod'
import { isDay } from '../engine/day.ts'
import { DAY_MINUTES } from '../engine/policy-hours.ts'
import { FEE_STATES, ROUNDINGS, RULE_ENDS, type TariffRules } from '../engine/tariff.ts'
import type { ZoneId } from '../engine/units.ts'
import { timeOfDay, WEEKDAYS } from '../web/time-shape.ts'

const whole = (least: number, most: number) => z.int().min(least).max(most)
const text = (most: number) => z.string().trim().min(1).max(most)
const money = whole(0, 100_000_000)

/** The plain figures; money in minor units of the company's currency. */
export const plainTariff = {
  baseMinor: money,
  bookingFeeMinor: money,
  perKmMinor: whole(0, 1_000_000),
  perMinuteMinor: whole(0, 1_000_000),
  minimumMinor: money,
  taxBasisPoints: whole(0, 10_000),
  taxLabel: text(60),
  cancelFeeMinor: money,
  cancelFreeS: whole(0, 86_400),
  noShowFeeMinor: money,
  noShowAfterS: whole(0, 86_400),
  driverShareBasisPoints: whole(0, 10_000),
} as const

const MOST_ROWS = 100
const MOST_RULES = 200
const MOST_HOLIDAYS = 400

const day = z.string().refine(isDay, { error: 'should be a day, such as "2030-12-25"' })
const name = text(60)
const rank = whole(0, 100).default(0)
/** Between half off and ten times as much; anything beyond is a slip of the hand. */
const factor = whole(5_000, 100_000).default(10_000)

const rowWords = { name, factorBasisPoints: factor, addMinor: money.default(0) }
const storedRow = z.strictObject({
  ...rowWords,
  weekdays: z.array(whole(1, 7)).max(7),
  holidays: z.boolean(),
  fromMinute: whole(0, DAY_MINUTES - 1),
  untilMinute: whole(0, DAY_MINUTES),
})
const fileRow = z
  .strictObject({
    ...rowWords,
    /** On which days it begins; all of them unless it says, none for a table of holidays alone. */
    days: z.array(z.enum(WEEKDAYS)).default([...WEEKDAYS]),
    holidays: z.boolean().default(false),
    from: timeOfDay.refine((minute) => minute < DAY_MINUTES, {
      error: 'should be before "24:00"',
      abort: true,
    }),
    /** Not after `from`: of the next day. */
    until: timeOfDay,
  })
  .transform(({ days, from, until, ...row }) => ({
    ...row,
    weekdays: days.map((day) => WEEKDAYS.indexOf(day) + 1).toSorted((a, b) => a - b),
    fromMinute: from,
    untilMinute: until,
  }))

/** A row must begin on some day, name none twice, and change something. */
const rowMakesSense = <T extends z.ZodType<RowWords>>(shape: T) =>
  shape
    .refine(({ weekdays, holidays }) => weekdays.length > 0 || holidays, { error: 'begins on no day' })
    .refine(({ weekdays }) => new Set(weekdays).size === weekdays.length, { error: 'names a day twice' })
    .refine(({ factorBasisPoints, addMinor }) => factorBasisPoints !== 10_000 || addMinor !== 0, {
      error: 'changes nothing: say factorBasisPoints or addMinor',
    })
interface RowWords {
  readonly weekdays: number[]
  readonly holidays: boolean
  readonly factorBasisPoints: number
  readonly addMinor: number
}

function zoneRule<Z>(zone: z.ZodType<Z>) {
  const ofZone = { zone, name, rank }
  const at = z.enum(RULE_ENDS).default('either')
  return z.discriminatedUnion(
    'kind',
    [
      z.strictObject({ kind: z.literal('fee'), ...ofZone, at, amountMinor: money.min(1) }),
      z.strictObject({ kind: z.literal('toll'), ...ofZone, amountMinor: money.min(1) }),
      z.strictObject({ kind: z.literal('tax'), ...ofZone, at, taxBasisPoints: whole(0, 10_000) }),
      z.strictObject({
        ...{ kind: z.literal('flat'), from: zone, to: zone, bothWays: z.boolean().default(false) },
        ...{ name, rank, amountMinor: money, varies: z.boolean().default(false) },
      }),
    ],
    { error: 'should be a rule of kind fee, toll, tax or flat' },
  )
}

const waiting = z.strictObject({
  graceS: whole(0, 3_600).default(120),
  perMinuteMinor: whole(1, 1_000_000),
  mostMinor: money.nullable().default(null),
})
const cancellation = z.strictObject({
  from: z.enum(FEE_STATES),
  afterS: whole(0, 86_400).default(0),
  feeMinor: money,
})
const bookedAhead = z.strictObject({ freeUntilS: whole(0, 30 * 86_400), feeMinor: money })
const rounding = z.strictObject({
  toMinor: whole(2, 100_000),
  mode: z.enum(ROUNDINGS).default('half_up'),
})

function rulesShape<Z>(zone: z.ZodType<Z>, row: z.ZodType<TariffRules['schedule'][number]>) {
  return z.strictObject({
    /** Of rows that meet the first counts; where none does, the plain figures alone. */
    schedule: z.array(row).max(MOST_ROWS).default([]),
    holidays: z
      .array(day)
      .max(MOST_HOLIDAYS)
      .refine((days) => new Set(days).size === days.length, { error: 'names a day twice' })
      .default([]),
    zones: z.array(zoneRule(zone)).max(MOST_RULES).default([]),
    waiting: waiting.nullable().default(null),
    cancellation: z.array(cancellation).max(20).default([]),
    bookedAhead: bookedAhead.nullable().default(null),
    rounding: rounding.nullable().default(null),
  })
}

/** The rules as they are kept, and as an editor sends them: zones by id. */
export const storedRules = rulesShape<ZoneId>(
  z.uuid().transform((id) => id as ZoneId),
  rowMakesSense(storedRow),
)

/** The rules in a company's file: zones by their slug. */
export const fileRules = rulesShape<string>(
  z.string().regex(/^[a-z0-9-]{1,40}$/, { error: 'should be the slug of a zone of this region' }),
  rowMakesSense(fileRow),
)

/** A whole tariff as an editor hands it in. */
export const tariffDraftShape = z.strictObject({ ...plainTariff, rules: storedRules })
export type TariffDraft = z.infer<typeof tariffDraftShape>
