/**
 * What a tariff says beyond its plain figures: tables by weekday, hour and holiday, rules by zone, waiting, what
 * cancelling costs when, and rounding. `fare.ts` prices by it; here is what applies when and where. Pure.
 */
import { addDays, type Day, localDay, WEEK_MINUTES, weekMinute } from './day.ts'
import { DAY_MINUTES } from './policy-hours.ts'
import type { ZoneId } from './units.ts'

/** Hundredths of a percent that leave a figure as it is. */
export const WHOLE = 10_000

/**
 * From one time of the day to another, on some days, the way costs a part more (or less) and a sum on top. The clock on
 * the wall counts: an hour that clocks skip does not come, one that they repeat comes twice.
 */
export interface ScheduleRow {
  /** What the line of the fare says, "Night". */
  readonly name: string
  /** 1 is Monday, 7 Sunday (ISO 8601): the days on which it begins, unless they are holidays. */
  readonly weekdays: readonly number[]
  /** Whether it begins on the tariff's holidays too, whatever weekday they are. */
  readonly holidays: boolean
  /** Minutes after midnight by the wall, 0 to 1439. */
  readonly fromMinute: number
  /** 0 to 1440, not included; not after `fromMinute`: of the next day. */
  readonly untilMinute: number
  /** Of base, distance and time, in hundredths of a percent: 12,500 is a quarter more. */
  readonly factorBasisPoints: number
  readonly addMinor: number
}

export const RULE_ENDS = ['pickup', 'dropoff', 'either'] as const
/** At which end of a ride a zone counts; at `either` it counts once, also when both lie in it. */
export type RuleEnd = (typeof RULE_ENDS)[number]

interface OfZone<Z> {
  readonly zone: Z
  /** What the line of the fare says, "Airport fee". */
  readonly name: string
  /** Where rules of one kind meet at one place, the highest rank counts; of equals all do. */
  readonly rank: number
}
/** A sum on top for rides that begin or end in a zone. */
export interface ZoneFee<Z = ZoneId> extends OfZone<Z> {
  readonly kind: 'fee'
  readonly at: RuleEnd
  readonly amountMinor: number
}
/** A sum for each ride whose way crosses the zone's border; several tolls on one way are all due. */
export interface ZoneToll<Z = ZoneId> extends OfZone<Z> {
  readonly kind: 'toll'
  readonly amountMinor: number
}
/** Another tax than the tariff's; of several the highest rank, of equals the first. */
export interface ZoneTax<Z = ZoneId> extends OfZone<Z> {
  readonly kind: 'tax'
  readonly at: RuleEnd
  readonly taxBasisPoints: number
}
/** From one zone to another for one sum instead of base, distance and time; of several the highest rank, then the first. */
export interface FlatFare<Z = ZoneId> {
  readonly kind: 'flat'
  readonly from: Z
  readonly to: Z
  readonly bothWays: boolean
  readonly name: string
  readonly rank: number
  readonly amountMinor: number
  /** Whether the tables by time and surge change it too. */
  readonly varies: boolean
}
export type ZoneRule<Z = ZoneId> = ZoneFee<Z> | ZoneToll<Z> | ZoneTax<Z> | FlatFare<Z>

/** A driver at the pickup waits so long for nothing, counted from the first believed fix there; then by the second. */
export interface WaitingRule {
  readonly graceS: number
  readonly perMinuteMinor: number
  /** No more than this however long it takes; null: no end. */
  readonly mostMinor: number | null
}

export const FEE_STATES = ['assigned', 'en_route', 'arrived'] as const
export type FeeState = (typeof FEE_STATES)[number]
/** What cancelling costs from so many seconds after a ride came into a state; of those that came the largest counts. */
export interface CancellationStep {
  readonly from: FeeState
  readonly afterS: number
  readonly feeMinor: number
}

/** Cancelling a ride booked ahead: free until so long before its pickup, then a fee. */
export interface BookedAheadRule {
  readonly freeUntilS: number
  readonly feeMinor: number
}

export const ROUNDINGS = ['half_up', 'up', 'down'] as const
/** What is to be paid is a whole multiple of `toMinor`; the difference is a line of its own. */
export interface RoundingRule {
  readonly toMinor: number
  readonly mode: (typeof ROUNDINGS)[number]
}

/** `Z` is how zones are named: by id where rules are kept, by slug in a company's file. */
export interface TariffRules<Z = ZoneId> {
  readonly schedule: readonly ScheduleRow[]
  readonly holidays: readonly Day[]
  readonly zones: readonly ZoneRule<Z>[]
  readonly waiting: WaitingRule | null
  /** Empty: the tariff's plain fee and free time count. */
  readonly cancellation: readonly CancellationStep[]
  readonly bookedAhead: BookedAheadRule | null
  readonly rounding: RoundingRule | null
}

export const PLAIN_RULES: TariffRules<never> = {
  schedule: [],
  holidays: [],
  zones: [],
  waiting: null,
  cancellation: [],
  bookedAhead: null,
  rounding: null,
}

/** An instant as the tables see it: the day on the wall and the minute of that day. */
export interface LocalTime {
  readonly day: Day
  /** 1 is Monday. */
  readonly weekday: number
  /** 0 to 1439. */
  readonly minute: number
}

/** What the clock and calendar on the wall of a time zone show at an instant. */
export function localTimeAt(atMs: number, timeZone: string): LocalTime {
  const minuteOfWeek = weekMinute(atMs, timeZone)
  return {
    day: localDay(atMs, timeZone),
    weekday: Math.floor(minuteOfWeek / DAY_MINUTES) + 1,
    minute: minuteOfWeek % DAY_MINUTES,
  }
}

/**
 * The row of the schedule that counts at a time, null for none; of several the first in the list. A row that runs past
 * midnight belongs to the day it began on: the night before a holiday is not the holiday's.
 */
export function scheduleAt(
  { schedule, holidays }: Pick<TariffRules<unknown>, 'schedule' | 'holidays'>,
  time: LocalTime,
): ScheduleRow | null {
  const before = { day: addDays(time.day, -1), weekday: ((time.weekday + 5) % 7) + 1 }
  return (
    schedule.find((row) => {
      const past = row.untilMinute <= row.fromMinute
      if (time.minute >= row.fromMinute && (past || time.minute < row.untilMinute))
        return beginsOn(row, time, holidays)
      return past && time.minute < row.untilMinute && beginsOn(row, before, holidays)
    }) ?? null
  )
}

function beginsOn(
  row: ScheduleRow,
  { day, weekday }: Pick<LocalTime, 'day' | 'weekday'>,
  holidays: readonly Day[],
): boolean {
  return holidays.includes(day) ? row.holidays : row.weekdays.includes(weekday)
}

/** Where two rows of a schedule could both count in a week without holidays, by their places in the list. */
export interface RowsMeet {
  readonly rows: readonly [number, number]
  /** Minutes of the week, the last one not included. */
  readonly span: readonly [from: number, until: number]
}

/** The minutes of an ordinary week that no row covers, and the first stretch in which each two rows meet. */
export function scheduleCover(schedule: readonly ScheduleRow[]): {
  readonly gaps: readonly (readonly [from: number, until: number])[]
  readonly overlaps: readonly RowsMeet[]
} {
  const spans = schedule.flatMap((row, place) =>
    weekSpans(row).map(([from, until]) => ({ place, from, until })),
  )
  const overlaps = new Map<string, RowsMeet>()
  for (const [n, a] of spans.entries())
    for (const b of spans.slice(n + 1)) {
      const span = [Math.max(a.from, b.from), Math.min(a.until, b.until)] as const
      const rows = [Math.min(a.place, b.place), Math.max(a.place, b.place)] as const
      if (span[0] < span[1] && !overlaps.has(rows.join())) overlaps.set(rows.join(), { rows, span })
    }
  const gaps: [number, number][] = []
  let covered = 0
  for (const { from, until } of spans.toSorted((a, b) => a.from - b.from)) {
    if (from > covered) gaps.push([covered, from])
    covered = Math.max(covered, until)
  }
  if (covered < WEEK_MINUTES) gaps.push([covered, WEEK_MINUTES])
  return { gaps, overlaps: [...overlaps.values()] }
}

function weekSpans({ weekdays, fromMinute, untilMinute }: ScheduleRow): [number, number][] {
  const until = untilMinute > fromMinute ? untilMinute : untilMinute + DAY_MINUTES
  return weekdays.flatMap((weekday): [number, number][] => {
    const start = (weekday - 1) * DAY_MINUTES
    const [from, to] = [start + fromMinute, start + until]
    return to <= WEEK_MINUTES
      ? [[from, to]]
      : [
          [from, WEEK_MINUTES],
          [0, to - WEEK_MINUTES],
        ]
  })
}

/** In which zones a ride begins and ends, and whose borders its way crosses. */
export interface TripZones {
  readonly pickup: readonly ZoneId[]
  readonly dropoff: readonly ZoneId[]
  readonly crossed: readonly ZoneId[]
}
export const NO_ZONES: TripZones = { pickup: [], dropoff: [], crossed: [] }

/** The rules by zone that count for a ride. */
export interface AppliedZones {
  readonly flat: FlatFare | null
  readonly fees: readonly ZoneFee[]
  readonly tolls: readonly ZoneToll[]
  readonly tax: ZoneTax | null
}

/** Which of the rules count where a ride begins, ends and goes: at each end those of the highest rank. */
export function zoneRulesFor(rules: readonly ZoneRule[], zones: TripZones): AppliedZones {
  if (rules.length === 0) return { flat: null, fees: [], tolls: [], tax: null }
  const [pickup, dropoff] = [new Set(zones.pickup), new Set(zones.dropoff)]
  const crossed = new Set(zones.crossed)
  const holdsAtPickup = ({ zone, at }: ZoneFee | ZoneTax) => at !== 'dropoff' && pickup.has(zone)
  const holdsAtDropoff = ({ zone, at }: ZoneFee | ZoneTax) => at !== 'pickup' && dropoff.has(zone)
  const fees = rules.filter((rule) => rule.kind === 'fee')
  const counted = new Set([
    ...ofHighestRank(fees.filter(holdsAtPickup)),
    ...ofHighestRank(fees.filter(holdsAtDropoff)),
  ])
  const flats = rules.filter(
    (rule) =>
      rule.kind === 'flat' &&
      ((pickup.has(rule.from) && dropoff.has(rule.to)) ||
        (rule.bothWays && pickup.has(rule.to) && dropoff.has(rule.from))),
  ) as FlatFare[]
  const taxes = rules.filter((rule) => rule.kind === 'tax')
  return {
    flat: ofHighestRank(flats)[0] ?? null,
    fees: fees.filter((fee) => counted.has(fee)),
    tolls: rules.filter((rule) => rule.kind === 'toll').filter(({ zone }) => crossed.has(zone)),
    tax: ofHighestRank(taxes.filter((rule) => holdsAtPickup(rule) || holdsAtDropoff(rule)))[0] ?? null,
  }
}

function ofHighestRank<T extends { readonly rank: number }>(rules: readonly T[]): T[] {
  const highest = Math.max(...rules.map(({ rank }) => rank))
  return rules.filter(({ rank }) => rank === highest)
}

/** Every zone that rules speak of, once. */
export function zonesOf<Z>(rules: Pick<TariffRules<Z>, 'zones'>): Z[] {
  return [
    ...new Set(rules.zones.flatMap((rule) => (rule.kind === 'flat' ? [rule.from, rule.to] : [rule.zone]))),
  ]
}

/** The same rules with their zones named otherwise, as between a company's file and the database. */
export function renameZones<A, B>(rules: TariffRules<A>, rename: (zone: A) => B): TariffRules<B> {
  return {
    ...rules,
    zones: rules.zones.map((rule) =>
      rule.kind === 'flat'
        ? { ...rule, from: rename(rule.from), to: rename(rule.to) }
        : { ...rule, zone: rename(rule.zone) },
    ),
  }
}
