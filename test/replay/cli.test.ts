import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFlags } from '../../src/replay/flags.ts'
import { percentile } from '../../src/replay/report.ts'
import { madeUpFile } from './synthetic.ts'

let folder: string
let trips: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replay-'))
  trips = join(folder, 'trips.csv')
  await Bun.write(trips, madeUpFile({ count: 300, seed: 21 }))
})
afterAll(() => rm(folder, { recursive: true }))

const command = join(import.meta.dir, '../../src/replay/cli.ts')
async function run(...args: string[]) {
  const child = Bun.spawn([process.execPath, command, ...args], { stdout: 'pipe', stderr: 'pipe' })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { out, err, code }
}

const KEYS = [
  'policy',
  'fleet',
  'seed',
  'requests',
  'served_share',
  'served_share_by_length_quartile',
  'wait_mean_s',
  'wait_p50_s',
  'wait_p95_s',
  'pickup_km',
  'repositioning_km',
  'empty_km_share',
  'occupied_time_share',
  'rides_per_car',
  'cancels',
]
const CLOCKED = ['tick_p50_ms', 'tick_p99_ms', 'wall_s']

describe('the replay command', () => {
  test('prints a table, and with --json its figures as the last line; all but the clocked ones repeat', async () => {
    const args = ['--trips', trips, '--fleet', '50', '--policy', 'batch', '--seed', '4', '--json']
    const [once, again] = await Promise.all([run(...args), run(...args)])
    expect([once.code, once.err]).toEqual([0, ''])
    expect(once.out).toStartWith('Policy')
    const parsed = [once, again].map(({ out }) => JSON.parse(out.trimEnd().split('\n').at(-1)!))
    expect(Object.keys(parsed[0])).toEqual([...KEYS, ...CLOCKED])
    const repeats = parsed.map((figures) => KEYS.map((key) => figures[key]))
    expect(repeats[0]).toEqual(repeats[1])
    const [figures] = parsed
    expect(figures).toMatchObject({ policy: 'batch', fleet: 50, seed: 4, requests: 300 })
    expect(figures.cancels.no_driver_in_time).toBe(Math.round(300 * (1 - figures.served_share)))
    expect(figures.served_share_by_length_quartile).toHaveLength(4)
  })

  test('ignores the replayed day in its history', async () => {
    const args = ['--trips', trips, '--fleet', '50', '--policy', 'nearest', '--seed', '4', '--json']
    const last = ({ out }: { out: string }) => JSON.parse(out.trimEnd().split('\n').at(-1)!)
    const [without, withOwnDay] = await Promise.all([run(...args), run(...args, '--history', trips)])
    const repeats = [last(without), last(withOwnDay)].map((figures) => KEYS.map((key) => figures[key]))
    expect(repeats[0]).toEqual(repeats[1])
    expect(withOwnDay.out).toContain('Demand learned from 0 rides of other days.')
  })

  test('ends with 2 and one clear message when a flag or a file is wrong', async () => {
    const [flag, file] = await Promise.all([
      run('--fleet', '0'),
      run('--trips', join(folder, 'none.csv'), '--fleet', '5', '--policy', 'batch', '--seed', '1'),
    ])
    expect(flag).toMatchObject({ code: 2, out: '' })
    expect(flag.err).toContain('--fleet must be a whole number from 1 to 100000')
    expect(file).toMatchObject({ code: 2, out: '' })
    expect(file.err).toContain('--trips: ')
  })
})

test('rides that lie months apart are refused', async () => {
  const far = join(folder, 'far.csv')
  await Bun.write(
    far,
    `${madeUpFile({ count: 2, seed: 1 })}${madeUpFile({ count: 1, seed: 1, daysLater: 40 }).split('\n')[1]}\n`,
  )
  const { code, err } = await run('--trips', far, '--fleet', '5', '--policy', 'batch', '--seed', '1')
  expect({ code, err }).toEqual({ code: 2, err: '--trips: its rides lie more than 31 days apart\n' })
})

describe('the flags', () => {
  const good = ['--trips', 'a.csv', '--fleet', '300', '--policy', 'batch', '--seed', '1']

  test('are read, with a longest wait of ten minutes unless told', () => {
    expect(parseFlags(good)).toEqual({
      trips: 'a.csv',
      fleet: 300,
      policy: 'batch',
      seed: 1,
      history: [],
      maxWaitS: 600,
      json: false,
    })
    const more = ['--history', 'b.csv', '--history', 'c.csv', '--max-wait', '300', '--json']
    expect(parseFlags([...good, ...more])).toMatchObject({
      history: ['b.csv', 'c.csv'],
      maxWaitS: 300,
      json: true,
    })
  })

  const wrong: [string, string[], RegExp][] = [
    ['unknown', [...good, '--speed', '2'], /--speed/],
    ['a word too many', [...good, 'now'], /now/],
    ['missing', good.slice(2), /^--trips is missing/],
    ['without a value', ['--trips', '--fleet', '3'], /--trips/],
    ['a policy nobody has', [...good, '--policy', 'magic'], /^--policy must be nearest or batch/],
    ['no whole number', [...good, '--fleet', '2.5'], /^--fleet must be a whole number/],
    ['out of range', [...good, '--seed', '4294967296'], /^--seed must be a whole number/],
    ['a wait of nothing', [...good, '--max-wait', '0'], /^--max-wait must be a whole number/],
  ]
  for (const [name, args, message] of wrong) {
    test(`are refused by name when ${name}`, () => {
      expect(() => parseFlags(args)).toThrow(message)
    })
  }
})

test('a percentile is a value that was seen', () => {
  const values = Array.from({ length: 20 }, (_, n) => n + 1)
  expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([10, 19, 20, 20])
  expect(percentile([], 50)).toBe(0)
})
