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
  'delay_mean_s',
  'pickup_km',
  'repositioning_km',
  'empty_km_share',
  'occupied_time_share',
  'rides_per_car',
  'declines',
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
      scenario: null,
      ...{ fleets: [300], policies: ['batch'], seeds: [1], days: null },
      ...{ history: [], roads: null, fromS: 0, toS: 86_400, maxWaitS: 600 },
      ...{ idle: null, behaviour: 'obliging', oracle: false },
      ...{ jobs: expect.any(Number), report: null, json: false },
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
    ['a policy nobody has', [...good, '--policy', 'magic'], /^--policy must be of nearest, batch/],
    ['no whole number', [...good, '--fleet', '2.5'], /^--fleet must be a whole number/],
    ['out of range', [...good, '--seed', '4294967296'], /^--seed must be whole numbers/],
    ['a list with a hole', [...good, '--fleet', '200,,300'], /^--fleet must be a whole number/],
    ['a span of seeds the wrong way', [...good, '--seed', '5-1'], /^--seed must be whole numbers/],
    ['more seeds than anybody waits for', [...good, '--seed', '1-2000'], /^--seed must be whole numbers/],
    ['a day that is none', [...good, '--day', '2008-02-31'], /^--day must be days/],
    ['a time that is none', [...good, '--from', '25:00'], /^--from must be a time of day/],
    ['an evening before its morning', [...good, '--from', '10:00', '--to', '09:00'], /^--to must be later/],
    ['a scenario nobody knows', [...good, '--scenario', 'b9'], /^--scenario must be of b1, b2/],
    ['a scenario whose file is missing', ['--scenario', 'b1'], /^--trips is missing\nScenario b1 replays/],
    ['people who are robots', [...good, '--behaviour', 'robots'], /^--behaviour must be obliging or people/],
    ['a wait of nothing', [...good, '--max-wait', '0'], /^--max-wait must be a whole number/],
  ]
  for (const [name, args, message] of wrong) {
    test(`are refused by name when ${name}`, () => {
      expect(() => parseFlags(args)).toThrow(message)
    })
  }
})

describe('a scenario', () => {
  test('is nothing but flags, and each may be set otherwise', () => {
    const b2 = parseFlags(['--scenario', 'b2'])
    expect(b2).toMatchObject({ fromS: 300, toS: 2_100, maxWaitS: 300, idle: 'stay', seeds: [1, 2, 3, 4, 5] })
    expect(b2.trips).toEndWith('samples/nyc-taxi-hour/trips.csv.gz')
    const other = ['--scenario', 'b2', '--fleet', '7', '--max-wait', '60', '--seed', '3,9', '--to', '00:10']
    expect(parseFlags(other)).toMatchObject({
      ...{ fleets: [7], maxWaitS: 60, seeds: [3, 9], toS: 600 },
      idle: 'stay',
    })
    expect(parseFlags(['--scenario', 'b1', '--trips', 'a.csv'])).toMatchObject({
      fleets: [225, 250, 300],
      trips: 'a.csv',
    })
  })

  test('b2 runs on the shipped roads and rides', async () => {
    const small = ['--fleet', '60', '--seed', '1', '--policy', 'burst', '--to', '00:06', '--json']
    const { out, code } = await run('--scenario', 'b2', ...small)
    expect(code).toBe(0)
    expect(out).toMatch(/Left out: \d+ rides that are not on the road graph/)
    const figures = JSON.parse(out.trimEnd().split('\n').at(-1)!)
    expect(figures).toMatchObject({ policy: 'burst', fleet: 60, repositioning_km: 0 })
    expect(figures.served_share).toBeWithin(0.2, 1)
  })
})

describe('many runs', () => {
  test('over days, seeds, fleets and policies come back in order, and in parallel as one by one', async () => {
    const two = join(folder, 'two.csv')
    const later = madeUpFile({ count: 200, seed: 5, daysLater: 1 }).split('\n').slice(1).join('\n')
    await Bun.write(two, `${madeUpFile({ count: 200, seed: 4 })}${later}`)
    const grid = ['--fleet', '15,25', '--policy', 'nearest,batch', '--seed', '1-2', '--day', 'each', '--json']
    const [serial, parallel] = await Promise.all([
      run('--trips', two, '--history', two, '--jobs', '1', ...grid),
      run('--trips', two, '--history', two, '--jobs', '3', ...grid),
    ])
    expect([serial.code, parallel.code, parallel.err]).toEqual([0, 0, ''])
    const told = [serial, parallel].map(({ out }) => JSON.parse(out.trimEnd().split('\n').at(-1)!))
    const unclocked = told.map(({ runs }) =>
      runs.map((figures: Record<string, unknown>) => ({
        ...figures,
        tick_p50_ms: 0,
        tick_p99_ms: 0,
        wall_s: 0,
      })),
    )
    expect(unclocked[1]).toEqual(unclocked[0])
    expect(unclocked[0]).toHaveLength(2 * 2 * 2 * 2)
    expect(unclocked[0].slice(0, 3)).toMatchObject([
      { day: '2008-05-23', fleet: 15, policy: 'nearest', seed: 1 },
      { day: '2008-05-23', fleet: 15, policy: 'nearest', seed: 2 },
      { day: '2008-05-23', fleet: 15, policy: 'batch', seed: 1 },
    ])
    const { rows } = told[1]
    expect(rows).toHaveLength(4 * 3)
    const shares = unclocked[0]
      .filter(({ fleet, policy }: Record<string, unknown>) => fleet === 25 && policy === 'batch')
      .map((figures: Record<string, number>) => figures.served_share)
    const all = rows.at(-1)
    expect(all).toMatchObject({ fleet: 25, policy: 'batch', day: null, days: 2, seeds: 2 })
    expect(all.served_share.mean).toBeCloseTo(shares.reduce((a: number, b: number) => a + b, 0) / 4, 9)
    expect(serial.out).toContain('all days')
  })

  test('with an oracle come beside one that knows more, and what nobody could serve more than', async () => {
    const args = [
      '--trips',
      trips,
      '--fleet',
      '12,30',
      '--policy',
      'batch',
      '--seed',
      '1-2',
      '--oracle',
      '--jobs',
      '2',
    ]
    const { out, code } = await run(...args, '--json')
    expect(code).toBe(0)
    const { rows, bounds } = JSON.parse(out.trimEnd().split('\n').at(-1)!)
    expect(rows.map(({ fleet, policy }: Record<string, unknown>) => [fleet, policy])).toEqual([
      [12, 'batch'],
      [12, 'foreknown'],
      [30, 'batch'],
      [30, 'foreknown'],
    ])
    expect(bounds).toHaveLength(2)
    for (const { fleet, served_share_at_most } of bounds)
      for (const row of rows)
        if (row.fleet === fleet) expect(row.served_share.mean).toBeLessThanOrEqual(served_share_at_most)
    expect(bounds[0].served_share_at_most).toBeLessThan(1)
  })

  test('a report that cannot be written is told by its flag', async () => {
    const { code, err } = await run(
      ...['--trips', trips, '--fleet', '9', '--policy', 'batch', '--seed', '1', '--report', folder],
    )
    expect({ code, err }).toEqual({ code: 2, err: `--report: ${folder} cannot be written\n` })
  })

  test('a day the file does not have is refused before anything runs', async () => {
    const args = ['--fleet', '5', '--policy', 'batch', '--seed', '1-4', '--jobs', '2', '--day', '2008-05-01']
    const { code, err } = await run('--trips', trips, ...args)
    expect({ code, err }).toEqual({ code: 2, err: '--day: --trips has no ride on 2008-05-01\n' })
  })
})

test('a percentile is a value that was seen', () => {
  const values = Array.from({ length: 20 }, (_, n) => n + 1)
  expect([50, 95, 99, 100].map((percent) => percentile(values, percent))).toEqual([10, 19, 20, 20])
  expect(percentile([], 50)).toBe(0)
})
