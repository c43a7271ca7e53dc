/**
 * A tariff as a form: every table a run of numbered fields (`schedule.0.name`), so that it works without script. A row
 * whose name (or fee) is left empty is no row; what is wrong is said at the field it was typed in.
 */
import type { z } from 'zod'
import type { TariffRules, ZoneRule } from '../engine/tariff.ts'
import { minuteText } from '../engine/wall-clock.ts'
import { type TariffDraft, tariffDraftShape } from '../fares/tariff-shape.ts'
import type { TariffFigures } from '../fares/tariffs.ts'
import { HttpProblem } from '../web/problem.ts'
import { oneLine } from '../web/text.ts'
import { timeOfDay } from '../web/time-shape.ts'
import { amountText, basisPointsOf, minorOf, percentField, secondsOf, spanField } from './amounts.ts'

/** Field name -> what stands in it. */
export type Typed = Readonly<Record<string, string>>
/** Field name -> what is wrong with it, a sentence. */
export type Mistakes = ReadonlyMap<string, string>

const PLAIN = {
  baseMinor: { field: 'base', as: 'amount' },
  bookingFeeMinor: { field: 'booking_fee', as: 'amount' },
  perKmMinor: { field: 'per_km', as: 'amount' },
  perMinuteMinor: { field: 'per_minute', as: 'amount' },
  minimumMinor: { field: 'minimum', as: 'amount' },
  taxBasisPoints: { field: 'tax', as: 'percent' },
  taxLabel: { field: 'tax_label', as: 'text' },
  cancelFeeMinor: { field: 'cancel_fee', as: 'amount' },
  cancelFreeS: { field: 'cancel_free', as: 'minutes' },
  noShowFeeMinor: { field: 'no_show_fee', as: 'amount' },
  noShowAfterS: { field: 'no_show_after', as: 'minutes' },
  driverShareBasisPoints: { field: 'driver_share', as: 'percent' },
} as const satisfies Record<string, { field: string; as: Kind }>

const ROWS = {
  schedule: ['name', 'from', 'until', 'percent', 'add', 'holidays', ...days()],
  zones: ['name', 'kind', 'zone', 'to', 'at', 'amount', 'percent', 'rank', 'both', 'varies'],
  cancellation: ['from', 'after', 'fee'],
} as const satisfies Record<string, readonly string[]>
type Table = keyof typeof ROWS
const ROWS_MOST: Record<Table, number> = { schedule: 100, zones: 200, cancellation: 20 }
const SINGLE = new Set<string>([
  ...Object.values(PLAIN).map(({ field }) => field),
  ...['holidays', 'waiting.grace', 'waiting.per_minute', 'waiting.most', 'booked.free', 'booked.fee'],
  ...['rounding.to', 'rounding.mode', 'revision', 'next', 'key'],
])

type Kind = 'amount' | 'percent' | 'more_percent' | 'minutes' | 'hours' | 'text' | 'rank' | 'time'
const HOUR_S = 3_600

function days(): string[] {
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => `day${weekday}`)
}

/** How many rows of a table were sent or are shown. */
export function rowsOf(typed: Typed, table: Table): number {
  const numbers = Object.keys(typed).map((name) => new RegExp(`^${table}\\.(\\d+)\\.`).exec(name)?.[1])
  return Math.max(-1, ...numbers.flatMap((n) => (n === undefined ? [] : [Number(n)]))) + 1
}

/** The fields of a tariff that is there. */
export function typedOf(figures: TariffFigures): Typed {
  const { currency, rules } = figures
  const sum = (minor: number) => amountText(minor, currency)
  const typed: Record<string, string> = {}
  for (const [name, { field, as }] of Object.entries(PLAIN)) {
    const value = figures[name as keyof typeof PLAIN]
    typed[field] =
      typeof value === 'string'
        ? value
        : as === 'amount'
          ? sum(value)
          : as === 'percent'
            ? percentField(value)
            : spanField(value, 60)
  }
  typed.holidays = rules.holidays.join('\n')
  for (const [n, row] of rules.schedule.entries())
    Object.assign(
      typed,
      fieldsIn(`schedule.${n}`, {
        ...{ name: row.name, from: minuteText(row.fromMinute), until: minuteText(row.untilMinute % 1_440) },
        ...{ percent: percentField(row.factorBasisPoints - 10_000), add: sum(row.addMinor) },
        holidays: row.holidays ? 'on' : '',
        ...Object.fromEntries(row.weekdays.map((weekday) => [`day${weekday}`, 'on'])),
      }),
    )
  for (const [n, rule] of rules.zones.entries())
    Object.assign(typed, fieldsIn(`zones.${n}`, ruleFields(rule, sum)))
  for (const [n, step] of rules.cancellation.entries())
    Object.assign(
      typed,
      fieldsIn(`cancellation.${n}`, {
        ...{ from: step.from, after: spanField(step.afterS, 60), fee: sum(step.feeMinor) },
      }),
    )
  return { ...typed, ...termFields(rules, sum) }
}

function ruleFields(rule: ZoneRule, sum: (minor: number) => string): Record<string, string> {
  const common = { name: rule.name, kind: rule.kind, rank: String(rule.rank) }
  switch (rule.kind) {
    case 'fee':
      return { ...common, zone: rule.zone, at: rule.at, amount: sum(rule.amountMinor) }
    case 'toll':
      return { ...common, zone: rule.zone, amount: sum(rule.amountMinor) }
    case 'tax':
      return { ...common, zone: rule.zone, at: rule.at, percent: percentField(rule.taxBasisPoints) }
    case 'flat':
      return {
        ...{ ...common, zone: rule.from, to: rule.to, amount: sum(rule.amountMinor) },
        ...{ both: rule.bothWays ? 'on' : '', varies: rule.varies ? 'on' : '' },
      }
  }
}

function termFields({ waiting, bookedAhead, rounding }: TariffRules, sum: (minor: number) => string): Typed {
  return {
    'waiting.grace': waiting === null ? '2' : spanField(waiting.graceS, 60),
    'waiting.per_minute': waiting === null ? '' : sum(waiting.perMinuteMinor),
    'waiting.most': waiting?.mostMinor == null ? '' : sum(waiting.mostMinor),
    'booked.free': bookedAhead === null ? '' : spanField(bookedAhead.freeUntilS, HOUR_S),
    'booked.fee': bookedAhead === null ? '' : sum(bookedAhead.feeMinor),
    'rounding.to': rounding === null ? '' : sum(rounding.toMinor),
    'rounding.mode': rounding?.mode ?? 'half_up',
  }
}

function fieldsIn(row: string, fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${row}.${name}`, value]))
}

export type ReadTariff =
  | {
      readonly ok: true
      readonly draft: TariffDraft
      readonly revision: number | null
      readonly preview: boolean
    }
  | { readonly ok: false; readonly typed: Typed; readonly mistakes: Mistakes }

/**
 * Read the form.
 * @throws HttpProblem 422 for a field that is none of it, or is no text
 */
export function readTariff(body: unknown, currency: string): ReadTariff {
  const typed = textsOf(body)
  const mistakes = new Map<string, string>()
  const read = (field: string, as: Kind) => readField(typed, field, as, { currency, mistakes })
  const plain = Object.fromEntries(
    Object.entries(PLAIN).map(([name, { field, as }]) => [name, read(field, as)]),
  )
  const places = { schedule: [] as number[], zones: [] as number[], cancellation: [] as number[] }
  const rows = (table: Table, isThere: (row: string) => boolean) =>
    Array.from({ length: rowsOf(typed, table) }, (_, n) => n).filter((n) => {
      const there = isThere(`${table}.${n}`)
      if (there) places[table].push(n)
      return there
    })
  const has = (field: string) => (typed[field] ?? '').trim() !== ''
  const isOn = (field: string) => typed[field] === 'on'
  const candidate = {
    ...plain,
    rules: {
      schedule: rows('schedule', (row) => has(`${row}.name`)).map((n) => {
        const row = `schedule.${n}`
        const percent = has(`${row}.percent`) ? read(`${row}.percent`, 'more_percent') : 0
        return {
          name: read(`${row}.name`, 'text'),
          weekdays: [1, 2, 3, 4, 5, 6, 7].filter((weekday) => isOn(`${row}.day${weekday}`)),
          holidays: isOn(`${row}.holidays`),
          fromMinute: read(`${row}.from`, 'time'),
          untilMinute: read(`${row}.until`, 'time'),
          factorBasisPoints: typeof percent === 'number' ? 10_000 + percent : percent,
          addMinor: has(`${row}.add`) ? read(`${row}.add`, 'amount') : 0,
        }
      }),
      holidays: (typed.holidays ?? '').split(/[\s,;]+/).filter((day) => day !== ''),
      zones: rows('zones', (row) => has(`${row}.name`) || has(`${row}.amount`)).map((n) =>
        zoneRuleOf(typed, `zones.${n}`, read),
      ),
      waiting: has('waiting.per_minute')
        ? {
            graceS: read('waiting.grace', 'minutes'),
            perMinuteMinor: read('waiting.per_minute', 'amount'),
            mostMinor: has('waiting.most') ? read('waiting.most', 'amount') : null,
          }
        : null,
      cancellation: rows('cancellation', (row) => has(`${row}.fee`)).map((n) => ({
        from: typed[`cancellation.${n}.from`],
        afterS: has(`cancellation.${n}.after`) ? read(`cancellation.${n}.after`, 'minutes') : 0,
        feeMinor: read(`cancellation.${n}.fee`, 'amount'),
      })),
      bookedAhead: has('booked.fee')
        ? { freeUntilS: read('booked.free', 'hours'), feeMinor: read('booked.fee', 'amount') }
        : null,
      rounding: has('rounding.to')
        ? { toMinor: read('rounding.to', 'amount'), mode: typed['rounding.mode'] }
        : null,
    },
  }
  const draft = tariffDraftShape.safeParse(candidate)
  for (const issue of draft.error?.issues ?? []) {
    const field = fieldOf(issue.path, places)
    if (!mistakes.has(field)) mistakes.set(field, mistakeText(issue, field, candidate.rules.holidays))
  }
  if (mistakes.size > 0 || !draft.success) return { ok: false, typed, mistakes }
  const revision = /^\d{1,9}$/.test(typed.revision ?? '') ? Number(typed.revision) : null
  return { ok: true, draft: draft.data, revision, preview: typed.next === 'preview' }
}

function zoneRuleOf(typed: Typed, row: string, read: (field: string, as: Kind) => unknown): unknown {
  const kind = typed[`${row}.kind`]
  const zone = typed[`${row}.zone`]
  const rank = (typed[`${row}.rank`] ?? '').trim() === '' ? 0 : read(`${row}.rank`, 'rank')
  const common = { kind, name: read(`${row}.name`, 'text'), rank }
  const amountMinor = () => read(`${row}.amount`, 'amount')
  const at = typed[`${row}.at`]
  if (kind === 'tax') return { ...common, zone, at, taxBasisPoints: read(`${row}.percent`, 'percent') }
  if (kind === 'toll') return { ...common, zone, amountMinor: amountMinor() }
  if (kind === 'fee') return { ...common, zone, at, amountMinor: amountMinor() }
  const [bothWays, varies] = [typed[`${row}.both`] === 'on', typed[`${row}.varies`] === 'on']
  return { ...common, from: zone, to: typed[`${row}.to`], bothWays, varies, amountMinor: amountMinor() }
}

/** Every field as one text. */
function textsOf(body: unknown): Record<string, string> {
  const texts: Record<string, string> = {}
  const unknown: { field: string; message: string }[] = []
  for (const [name, value] of Object.entries((body ?? {}) as Record<string, unknown>)) {
    if (!isField(name)) unknown.push({ field: name.slice(0, 80), message: 'This field is not known.' })
    else if (typeof value !== 'string') unknown.push({ field: name, message: 'This should be one text.' })
    else texts[name] = value
  }
  if (unknown.length > 0)
    throw new HttpProblem(422, 'This form cannot be read.', { errors: unknown.slice(0, 20) })
  return texts
}

function isField(name: string): boolean {
  if (SINGLE.has(name)) return true
  const found = /^(schedule|zones|cancellation)\.(\d{1,3})\.([a-z0-9]+)$/.exec(name)
  const table = found?.[1] as Table | undefined
  return (
    table !== undefined &&
    Number(found![2]) < ROWS_MOST[table] + 5 &&
    (ROWS[table] as readonly string[]).includes(found![3]!)
  )
}

const WORDS: Record<Exclude<Kind, 'text'>, string> = {
  amount: 'An amount, such as 3.50.',
  percent: 'Percent, such as 8.88.',
  more_percent: 'Percent more, such as 25; -10 for less.',
  minutes: 'Minutes, such as 2 or 1.5.',
  hours: 'Hours, such as 12.',
  rank: 'A whole number from 0 to 100.',
  time: 'A time of the day, such as 22:00.',
}

function readField(
  typed: Typed,
  field: string,
  as: Kind,
  { currency, mistakes }: { currency: string; mistakes: Map<string, string> },
): unknown {
  const text = (typed[field] ?? '').trim()
  if (as === 'text') {
    const line = oneLine(text)
    if (line === '') mistakes.set(field, 'This field is needed.')
    return line
  }
  const value = {
    amount: () => minorOf(text, currency),
    percent: () => basisPointsOf(text),
    more_percent: () => basisPointsOf(text, true),
    minutes: () => secondsOf(text, 60),
    hours: () => secondsOf(text, HOUR_S),
    rank: () => (/^\d{1,3}$/.test(text) ? Number(text) : null),
    time: () => timeOfDay.safeParse(text).data ?? null,
  }[as]()
  if (value === null) mistakes.set(field, WORDS[as])
  return value
}

/** The field a path of the shape was made from. */
function fieldOf(path: readonly PropertyKey[], places: Record<Table, number[]>): string {
  const [first, second, n, name] = path
  if (first !== 'rules') return PLAIN[first as keyof typeof PLAIN]?.field ?? ''
  if (second === 'schedule' || second === 'zones' || second === 'cancellation') {
    const row = `${second}.${places[second][Number(n)] ?? Number(n)}`
    return `${row}.${FIELD_OF[second][String(name)] ?? FIELD_OF[second].row}`
  }
  const terms: Readonly<Record<string, string>> = {
    ...{ graceS: 'waiting.grace', perMinuteMinor: 'waiting.per_minute', mostMinor: 'waiting.most' },
    ...{ freeUntilS: 'booked.free', feeMinor: 'booked.fee', toMinor: 'rounding.to', mode: 'rounding.mode' },
  }
  return second === 'holidays' ? 'holidays' : (terms[String(n ?? '')] ?? String(second))
}

/** `row`: where what is wrong with a whole row is said. */
const FIELD_OF: Record<Table, Readonly<Record<string, string>> & { readonly row: string }> = {
  schedule: {
    ...{ row: 'name', name: 'name', weekdays: 'name', factorBasisPoints: 'percent', addMinor: 'add' },
    ...{ fromMinute: 'from', untilMinute: 'until' },
  },
  zones: {
    ...{ row: 'name', name: 'name', kind: 'kind', zone: 'zone', from: 'zone', to: 'to', at: 'at' },
    ...{ amountMinor: 'amount', taxBasisPoints: 'percent', rank: 'rank' },
  },
  cancellation: { row: 'fee', from: 'from', afterS: 'after', feeMinor: 'fee' },
}

/** Shapes speak in parts of sentences and of minor units; people read what to do. */
function mistakeText(issue: z.core.$ZodIssue, field: string, holidays: readonly string[]): string {
  if (/^zones\.\d+\.(zone|to)$/.test(field)) return 'Choose a zone.'
  if (issue.code === 'too_big') return issue.origin === 'string' ? 'This is too long.' : 'This is too much.'
  if (issue.code === 'too_small') return 'This is too little.'
  if (field === 'holidays' && typeof issue.path[2] === 'number')
    return `“${holidays[issue.path[2]]?.slice(0, 20)}” is no day; write them as 2026-12-25.`
  const known: Readonly<Record<string, string>> = {
    'begins on no day': 'Choose the days on which it begins, or holidays.',
    'changes nothing: say factorBasisPoints or addMinor': 'It changes nothing: say percent or an amount.',
    'names a day twice': 'A day stands here twice.',
  }
  return known[issue.message] ?? 'This is not valid.'
}
