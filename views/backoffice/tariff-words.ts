/** A tariff in words: its figures, its rules, where its tables by time leave gaps or meet, and how two of them differ. */
import { DAY_MINUTES } from '../../src/engine/policy-hours.ts'
import { type ScheduleRow, scheduleCover, type TariffRules, type ZoneRule } from '../../src/engine/tariff.ts'
import { money } from '../parts/format.ts'

/** The figures of a tariff as they are kept; money in minor units. */
export interface TariffFigureProps {
  readonly currency: string
  readonly baseMinor: number
  readonly bookingFeeMinor: number
  readonly perKmMinor: number
  readonly perMinuteMinor: number
  readonly minimumMinor: number
  readonly taxBasisPoints: number
  readonly taxLabel: string
  readonly cancelFeeMinor: number
  readonly cancelFreeS: number
  readonly noShowFeeMinor: number
  readonly noShowAfterS: number
  readonly driverShareBasisPoints: number
  readonly rules: TariffRules
}

/** What zones are called, closed ones too, by id. */
export type ZoneNames = ReadonlyMap<string, string>

/** The plain figures, label and text. */
export function figureFacts(figures: TariffFigureProps): [label: string, text: string][] {
  const sum = (minor: number) => money(minor, figures.currency)
  return [
    ['Base', sum(figures.baseMinor)],
    ['Booking fee', sum(figures.bookingFeeMinor)],
    ['A kilometre', sum(figures.perKmMinor)],
    ['A minute', sum(figures.perMinuteMinor)],
    ['Minimum before tax', sum(figures.minimumMinor)],
    ['Tax', `${percentText(figures.taxBasisPoints)}, ${figures.taxLabel}`],
    ['Cancelling', `${sum(figures.cancelFeeMinor)}, free for ${spanText(figures.cancelFreeS)}`],
    ['No-show', `${sum(figures.noShowFeeMinor)} after ${spanText(figures.noShowAfterS)}`],
    ['The driver’s part', percentText(figures.driverShareBasisPoints)],
  ]
}

/** The figures that matter most, in a line. */
export function figureLine({ currency, ...figures }: TariffFigureProps): string {
  const sum = (minor: number) => money(minor, currency)
  const { rules } = figures
  const count = rules.schedule.length + rules.zones.length
  const ruleText = count === 0 ? '' : count === 1 ? ' · one rule' : ` · ${count} rules`
  return `${sum(figures.baseMinor)} + ${sum(figures.perKmMinor)} a km + ${sum(figures.perMinuteMinor)} a minute, at least ${sum(figures.minimumMinor)}${ruleText}`
}

/** Every rule as a sentence, in the order in which they are kept. */
export function ruleSentences(
  { rules, currency }: Pick<TariffFigureProps, 'rules' | 'currency'>,
  zones: ZoneNames,
): string[] {
  const sum = (minor: number) => money(minor, currency)
  const { waiting, bookedAhead, rounding } = rules
  return [
    ...rules.schedule.map((row) => scheduleSentence(row, sum)),
    ...(rules.holidays.length === 0 ? [] : [`Holidays: ${rules.holidays.join(', ')}.`]),
    ...rules.zones.map((rule) => zoneSentence(rule, sum, zones)),
    ...(waiting === null
      ? []
      : [
          `Waiting: ${sum(waiting.perMinuteMinor)} a minute after ${spanText(waiting.graceS)}${waiting.mostMinor === null ? '' : `, at most ${sum(waiting.mostMinor)}`}.`,
        ]),
    ...rules.cancellation.map(
      ({ from, afterS, feeMinor }) =>
        `Cancelled ${afterS === 0 ? '' : `${spanText(afterS)} or more `}after ${STATE_WORDS[from]}: ${sum(feeMinor)}.`,
    ),
    ...(bookedAhead === null
      ? []
      : [
          `Booked ahead: cancelling is free until ${spanText(bookedAhead.freeUntilS)} before the pickup, then ${sum(bookedAhead.feeMinor)}.`,
        ]),
    ...(rounding === null ? [] : [`Rounded ${ROUNDING_WORDS[rounding.mode]} to ${sum(rounding.toMinor)}.`]),
  ]
}

export const STATE_WORDS = {
  assigned: 'a driver was found',
  en_route: 'the driver set off',
  arrived: 'the driver arrived',
} as const
export const ROUNDING_WORDS = { half_up: 'to the nearest', up: 'up', down: 'down' } as const

function scheduleSentence(row: ScheduleRow, sum: (minor: number) => string): string {
  return `${row.name}: ${rowTimes(row)}, ${variationText(row, sum)}.`
}

/** `Monday to Friday 22:00 to 06:00 of the next day`. */
export function rowTimes({ weekdays, holidays, fromMinute, untilMinute }: ScheduleRow): string {
  const days = [weekdays.length === 0 ? '' : daysText(weekdays), holidays ? 'holidays' : ''].filter(
    (text) => text !== '',
  )
  const next = untilMinute <= fromMinute && untilMinute > 0 ? ' of the next day' : ''
  const isWhole = fromMinute === 0 && (untilMinute === 0 || untilMinute === DAY_MINUTES)
  return isWhole
    ? `${days.join(' and ')}, all day`
    : `${days.join(' and ')} ${minuteText(fromMinute)} to ${minuteText(untilMinute === 0 ? DAY_MINUTES : untilMinute)}${next}`
}

function variationText({ factorBasisPoints, addMinor }: ScheduleRow, sum: (minor: number) => string): string {
  const points = factorBasisPoints - 10_000
  const parts = [
    points === 0 ? '' : `${percentText(Math.abs(points))} ${points > 0 ? 'more' : 'less'}`,
    addMinor === 0 ? '' : `${sum(addMinor)} more`,
  ]
  return parts.filter((text) => text !== '').join(' and ')
}

const END_WORDS = { pickup: 'that begin in', dropoff: 'that end in', either: 'that begin or end in' } as const

function zoneSentence(rule: ZoneRule, sum: (minor: number) => string, zones: ZoneNames): string {
  const named = (id: string) => zones.get(id) ?? 'a zone that is gone'
  const rank = rule.rank === 0 ? '' : ` Rank ${rule.rank}.`
  switch (rule.kind) {
    case 'fee':
      return `${rule.name}: ${sum(rule.amountMinor)} for rides ${END_WORDS[rule.at]} ${named(rule.zone)}.${rank}`
    case 'toll':
      return `${rule.name}: ${sum(rule.amountMinor)} for rides that cross the border of ${named(rule.zone)}.${rank}`
    case 'tax':
      return `${rule.name}: ${percentText(rule.taxBasisPoints)} tax for rides ${END_WORDS[rule.at]} ${named(rule.zone)}.${rank}`
    case 'flat':
      return `${rule.name}: ${sum(rule.amountMinor)} flat from ${named(rule.from)} to ${named(rule.to)}${rule.bothWays ? ' and back' : ''}${rule.varies ? ', more at the hours above and when it is busy' : ''}.${rank}`
  }
}

/** What to know of a schedule's times: which rows meet, and whether there are hours without one. */
export function coverSentences(schedule: readonly ScheduleRow[]): {
  gaps: string | null
  overlaps: string[]
} {
  const { gaps, overlaps } = scheduleCover(schedule)
  const hours = gaps.reduce((sum, [from, until]) => sum + until - from, 0) / 60
  const [first] = gaps
  const gapText =
    first === undefined
      ? null
      : gaps.length === 1
        ? `No row counts from ${weekText(first[0])} to ${weekText(first[1])}: the plain figures do.`
        : `No row counts for ${Math.round(hours * 10) / 10} hours of the week, the first time from ${weekText(first[0])} to ${weekText(first[1])}: the plain figures do.`
  return {
    gaps: schedule.length === 0 ? null : gapText,
    overlaps: overlaps.map(({ rows: [a, b], span: [from, until] }) => {
      const [one, other] = [schedule[a]!.name, schedule[b]!.name]
      return `“${one}” and “${other}” meet, first from ${weekText(from)} to ${weekText(until)}: “${one}” counts, for it stands first.`
    }),
  }
}

/** How one tariff differs from another, a sentence each; empty for not at all. */
export function differenceSentences(
  before: TariffFigureProps | null,
  after: TariffFigureProps,
  zones: ZoneNames,
): string[] {
  if (before === null) return ['It is the first tariff of its class.']
  const was = new Map(figureFacts(before))
  const figures = figureFacts(after).flatMap(([label, text]) =>
    was.get(label) === text ? [] : [`${label}: ${was.get(label)} becomes ${text}.`],
  )
  const [old, now] = [ruleSentences(before, zones), ruleSentences(after, zones)]
  const isSame = old.length === now.length && old.every((sentence, n) => sentence === now[n])
  const added = now.filter((sentence) => !old.includes(sentence)).map((sentence) => `New: ${sentence}`)
  const gone = old.filter((sentence) => !now.includes(sentence)).map((sentence) => `Gone: ${sentence}`)
  const moved = !isSame && added.length + gone.length === 0 ? ['The rules stand in another order.'] : []
  return [...figures, ...added, ...gone, ...moved]
}

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const

/** `Every day`, `Monday to Friday`, `Monday and Sunday`. */
export function daysText(weekdays: readonly number[]): string {
  if (weekdays.length === 7) return 'Every day'
  const sorted = weekdays.toSorted((a, b) => a - b)
  const names = sorted.map((weekday) => DAYS[weekday - 1]!)
  const isRun = sorted.length > 2 && sorted.at(-1)! - sorted[0]! === sorted.length - 1
  if (isRun) return `${names[0]} to ${names.at(-1)}`
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A minute of the week, 0 to 10,080: `Monday 06:00`. */
function weekText(minute: number): string {
  const day = Math.floor(minute / DAY_MINUTES)
  return `${DAYS[day % 7]} ${minuteText(minute % DAY_MINUTES)}`
}

/** Minutes after midnight: `07:30`, `24:00`. */
export function minuteText(minute: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`
}

/** Hundredths of a percent: `8.88 %`. */
export function percentText(basisPoints: number): string {
  return `${basisPoints / 100} %`
}

/** Seconds: `2 min`, `90 s`, `1 h 30 min`; exact, never rounded. */
export function spanText(seconds: number): string {
  if (seconds === 0) return 'no time'
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return [
    [h, 'h'],
    [min, 'min'],
    [s, 's'],
  ]
    .flatMap(([value, unit]) => (value === 0 ? [] : [`${value} ${unit}`]))
    .join(' ')
}
