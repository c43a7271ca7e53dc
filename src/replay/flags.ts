/** The command line of a replay. */

import { parseArgs } from 'node:util'
import { z } from 'zod'
import type { Policy } from '../engine/decide.ts'
import { ReplayInputError } from './recorded.ts'

export const USAGE =
  'replay --trips FILE --fleet N --policy nearest|batch --seed S [--history FILE]… [--max-wait S] [--json]'

export interface ReplayFlags {
  readonly trips: string
  readonly fleet: number
  readonly policy: Policy['kind']
  readonly seed: number
  readonly history: readonly string[]
  readonly maxWaitS: number
  readonly json: boolean
}

const whole = (least: number, most: number) =>
  z
    .string('is missing')
    .regex(/^\d{1,10}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}`)

const Flags = z.strictObject({
  trips: z.string('is missing').min(1, 'must name a file'),
  fleet: whole(1, 100_000),
  policy: z.enum(['nearest', 'batch'], {
    error: ({ input }) => (input === undefined ? 'is missing' : 'must be nearest or batch'),
  }),
  seed: whole(0, 4_294_967_295),
  history: z.array(z.string().min(1, 'must name a file')).default([]),
  'max-wait': whole(1, 86_400).default(600),
  json: z.boolean().default(false),
})

/**
 * Read the flags after `replay`.
 * @throws ReplayInputError naming each flag that is unknown, missing or wrong, and what is expected
 */
export function parseFlags(args: readonly string[]): ReplayFlags {
  const parsed = Flags.safeParse(valuesOf(args))
  if (!parsed.success) {
    const wrongs = parsed.error.issues.map((issue) => `--${String(issue.path[0])} ${issue.message}`)
    throw new ReplayInputError(`${[...new Set(wrongs)].join('\n')}\nUsage: ${USAGE}`)
  }
  const { 'max-wait': maxWaitS, ...flags } = parsed.data
  return { ...flags, maxWaitS }
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        trips: { type: 'string' },
        fleet: { type: 'string' },
        policy: { type: 'string' },
        seed: { type: 'string' },
        history: { type: 'string', multiple: true },
        'max-wait': { type: 'string' },
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
