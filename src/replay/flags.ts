/** The command line of a replay. */

import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { ReplayInputError } from './input.ts'
import { IDLE_RULES, type IdleRule, POLICY_NAMES, type PolicyName } from './policies.ts'
import { SCENARIOS, type ScenarioName } from './scenarios.ts'

export const USAGE = `replay --trips FILE --fleet N[,N…] --policy NAME[,NAME…] --seed S[,S…|-S]
       [--scenario ${Object.keys(SCENARIOS).join('|')}] [--day DATE[,DATE…]|each] [--from HH:MM] [--to HH:MM]
       [--history FILE]… [--roads DIR] [--max-wait S] [--idle ${IDLE_RULES.join('|')}]
       [--behaviour obliging|people] [--oracle] [--jobs N] [--report FILE] [--json]
Policies: ${POLICY_NAMES.join(', ')}`

/** What all runs of a command have in common; also what a process that helps is told. */
export interface Setting {
  readonly trips: string
  readonly history: readonly string[]
  /** Directory of a road graph; without it cars drive straight lines with a detour. */
  readonly roads: string | null
  /** Local seconds of the day: requests from and before. */
  readonly fromS: number
  readonly toS: number
  readonly maxWaitS: number
  readonly idle: IdleRule | null
  readonly behaviour: 'obliging' | 'people'
}

export interface ReplayFlags extends Setting {
  readonly scenario: ScenarioName | null
  /** Local days; `each` for all of the file one by one, null for the whole file as one. */
  readonly days: readonly string[] | 'each' | null
  readonly fleets: readonly number[]
  readonly policies: readonly PolicyName[]
  readonly seeds: readonly number[]
  readonly oracle: boolean
  readonly jobs: number
  readonly report: string | null
  readonly json: boolean
}

const SEED_MAX = 4_294_967_295
const SEEDS_MAX = 1_000

const isWhole = (text: string, least: number, most: number) =>
  /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most

const whole = (least: number, most: number) =>
  z
    .string('is missing')
    .refine((text) => isWhole(text, least, most), `must be a whole number from ${least} to ${most}`)
    .transform(Number)

const list = (text: string) => [...new Set(text.split(',').map((each) => each.trim()))]

const wholes = (least: number, most: number) =>
  z
    .string('is missing')
    .transform(list)
    .refine(
      (all) => all.every((text) => isWhole(text, least, most)),
      `must be a whole number from ${least} to ${most}, or several with commas between`,
    )
    .transform((all) => all.map(Number))

const seeds = z.string('is missing').transform((text, context) => {
  const [, first, last] = /^(\d{1,10})-(\d{1,10})$/.exec(text) ?? []
  const all =
    first !== undefined && last !== undefined && Number(last) - Number(first) < SEEDS_MAX
      ? Array.from({ length: Math.max(0, Number(last) - Number(first) + 1) }, (_, n) =>
          String(Number(first) + n),
        )
      : list(text)
  if (all.length > 0 && all.length <= SEEDS_MAX && all.every((each) => isWhole(each, 0, SEED_MAX)))
    return all.map(Number)
  context.addIssue(`must be whole numbers from 0 to ${SEED_MAX}, as 1 or 1,2,3 or 1-5, at most ${SEEDS_MAX}`)
  return z.NEVER
})

const policies = z
  .string('is missing')
  .transform(list)
  .pipe(z.array(z.enum(POLICY_NAMES, `must be of ${POLICY_NAMES.join(', ')}; several with commas between`)))

const days = z.union([
  z.literal('each'),
  z
    .string()
    .transform(list)
    .pipe(z.array(z.iso.date('must be days as 2008-05-23, several with commas between, or each'))),
])

const timeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day as 00:05')
  .transform((text) => 3_600 * Number(text.slice(0, 2)) + 60 * Number(text.slice(3)))

const file = z.string('is missing').min(1, 'must name a file')

const Flags = z
  .strictObject({
    scenario: z
      .enum(Object.keys(SCENARIOS) as [ScenarioName], `must be of ${Object.keys(SCENARIOS).join(', ')}`)
      .nullable()
      .default(null),
    trips: file,
    history: z.array(file).default([]),
    roads: z.string().min(1, 'must name a directory').nullable().default(null),
    day: days.nullable().default(null),
    from: timeOfDay.default(0),
    to: timeOfDay.default(86_400),
    fleet: wholes(1, 100_000),
    policy: policies,
    seed: seeds,
    'max-wait': whole(1, 86_400).default(600),
    idle: z
      .enum(IDLE_RULES, `must be of ${IDLE_RULES.join(', ')}`)
      .nullable()
      .default(null),
    behaviour: z.enum(['obliging', 'people'], 'must be obliging or people').default('obliging'),
    oracle: z.boolean().default(false),
    jobs: whole(1, 256).default(availableParallelism()),
    report: file.nullable().default(null),
    json: z.boolean().default(false),
  })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be later than --from' })

/**
 * Read the flags after `replay`; those of a scenario count where the command says nothing else.
 * @throws ReplayInputError naming each flag that is unknown, missing or wrong, and what is expected
 */
export function parseFlags(args: readonly string[]): ReplayFlags {
  const given = valuesOf(args)
  const scenario = SCENARIOS[given.scenario as ScenarioName] as (typeof SCENARIOS)[ScenarioName] | undefined
  const parsed = Flags.safeParse({ ...scenario?.flags, ...given })
  if (!parsed.success) {
    const wrongs = parsed.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`)
    const needed = scenario && wrongs.includes('--trips is missing') ? `\n${scenario.needs}` : ''
    throw new ReplayInputError(`${[...new Set(wrongs)].join('\n')}${needed}\nUsage: ${USAGE}`)
  }
  const { from, to, day, fleet, policy, seed, 'max-wait': maxWaitS, ...flags } = parsed.data
  const lists = { days: day, fleets: fleet, policies: policy, seeds: seed }
  return { ...flags, ...lists, fromS: from, toS: to, maxWaitS }
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        scenario: { type: 'string' },
        trips: { type: 'string' },
        history: { type: 'string', multiple: true },
        roads: { type: 'string' },
        day: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        fleet: { type: 'string' },
        policy: { type: 'string' },
        seed: { type: 'string' },
        'max-wait': { type: 'string' },
        idle: { type: 'string' },
        behaviour: { type: 'string' },
        oracle: { type: 'boolean' },
        jobs: { type: 'string' },
        report: { type: 'string' },
        json: { type: 'boolean' },
      },
      strict: true,
      allowPositionals: false,
    }).values
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n').slice(0, 2).join(' ') : String(cause)
    throw new ReplayInputError(`${why}\nUsage: ${USAGE}`, { cause })
  }
}
