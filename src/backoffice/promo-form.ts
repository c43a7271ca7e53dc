/** A new code as its form says it: a sum or a share off, between two days, for so many uses and so much money in all. */
import { addDays, isDay } from '../engine/day.ts'
import { instantsAt } from '../engine/wall-clock.ts'
import { type PromoDraft, promoShape } from '../fares/promo-shape.ts'
import { HttpProblem } from '../web/problem.ts'
import { basisPointsOf, minorOf } from './amounts.ts'

type Typed = Readonly<Record<string, string>>
const FIELDS = ['letters', 'off', 'amount', 'percent', 'most', 'starts', 'ends', 'uses', 'budget', 'key']

export type ReadPromo =
  | { readonly ok: true; readonly typed: Typed; readonly promo: PromoDraft }
  | { readonly ok: false; readonly typed: Typed; readonly errors: ReadonlyMap<string, string> }

/**
 * Read the form. Days are those of the region's wall: from the first's midnight until the end of the last.
 * @throws HttpProblem 422 for a field that is none of it
 */
export function readPromo(
  body: unknown,
  { currency, timeZone }: { readonly currency: string; readonly timeZone: string },
): ReadPromo {
  const given = Object.entries((body ?? {}) as Record<string, unknown>)
  const stray = given.filter(([name, value]) => !FIELDS.includes(name) || typeof value !== 'string')
  if (stray.length > 0)
    throw new HttpProblem(422, 'This form cannot be read.', {
      errors: stray.map(([name]) => ({ field: name.slice(0, 80), message: 'This field is not known.' })),
    })
  const typed = Object.fromEntries(given) as Typed
  const errors = new Map<string, string>()
  const text = (name: string) => (typed[name] ?? '').trim()
  const read = <T>(name: string, of: (text: string) => T | null, words: string): T | null => {
    if (text(name) === '') return null
    const value = of(text(name))
    if (value === null) errors.set(name, words)
    return value
  }
  const sum = (name: string) =>
    read(name, (typed) => minorOf(typed, currency) || null, 'An amount, such as 5.00.')
  const day = (name: string, later: number) =>
    read(
      name,
      (typed) =>
        isDay(typed) ? (instantsAt({ day: addDays(typed, later), minute: 0 }, timeZone)[0] ?? null) : null,
      'A day, such as 2026-12-01.',
    )
  const isShare = typed.off === 'share'
  const candidate = {
    code: text('letters'),
    offMinor: isShare ? null : sum('amount'),
    offBasisPoints: isShare
      ? read('percent', (typed) => basisPointsOf(typed) || null, 'Percent, such as 20.')
      : null,
    mostMinor: isShare ? sum('most') : null,
    startsAtMs: day('starts', 0),
    endsAtMs: day('ends', 1),
    usesMost: read(
      'uses',
      (typed) => (/^[1-9]\d{0,7}$/.test(typed) ? Number(typed) : null),
      'A whole number from 1.',
    ),
    budgetMinor: sum('budget'),
  }
  const off = isShare ? 'percent' : 'amount'
  if (text(off) === '') errors.set(off, 'This field is needed.')
  const promo = promoShape.safeParse(candidate)
  for (const { path } of promo.error?.issues ?? []) {
    const [field, words] = MISTAKES[String(path[0])] ?? [off, 'This is too much.']
    const name = field === 'off' ? off : field
    if (!errors.has(name)) errors.set(name, words)
  }
  return errors.size === 0 && promo.success
    ? { ok: true, typed, promo: promo.data }
    : { ok: false, typed, errors }
}

const MISTAKES: Readonly<Record<string, readonly [field: string, words: string]>> = {
  code: ['letters', '3 to 20 letters, digits and hyphens, such as WELCOME5.'],
  offMinor: ['off', 'This is too much.'],
  offBasisPoints: ['off', 'At most 100 percent.'],
  mostMinor: ['most', 'This is too much.'],
  endsAtMs: ['ends', 'The last day comes after the first.'],
  usesMost: ['uses', 'This is too much.'],
  budgetMinor: ['budget', 'This is too much.'],
}
