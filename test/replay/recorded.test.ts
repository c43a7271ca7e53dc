import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { seededRandom } from '../../src/engine/units.ts'
import { inOrder, parseRecorded, readRecorded } from '../../src/replay/recorded.ts'
import { madeUpFile } from './synthetic.ts'

const SAN_FRANCISCO = `trip_id,vehicle_id,request_time_utc,local_date,local_seconds_of_day,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,trip_distance_m,trip_duration_s,pickup_gap_s,dropoff_gap_s,gps_fixes
1,140,1211594406,2008-05-23,68406,37.78562,-122.40953,37.80621,-122.41645,3166,887,49,1,15
`
const NEW_YORK = `trip_id,request_time_utc,local_seconds_of_day,pickup_lat,pickup_lng,dropoff_lat,dropoff_lng,trip_distance_m,trip_duration_s,payment,fare_usd
1,1357016400,0,40.716976,-73.956528,40.715008,-73.962440,708,120,CSH,3.50
2,1357016460,60,40.779728,-73.955383,40.760326,-73.967758,2752,240,CSH,6.50
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recorded-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a trip file', () => {
  test('of San Francisco or New York is known by its header, the local day by its seconds', () => {
    expect(parseRecorded(SAN_FRANCISCO)).toEqual([
      {
        requestedAtMs: 1_211_594_406_000,
        localDate: '2008-05-23',
        localSecondsOfDay: 68_406,
        pickup: { lat: 37.78562, lng: -122.40953 },
        dropoff: { lat: 37.80621, lng: -122.41645 },
        distanceM: 3_166,
        durationS: 887,
      },
    ])
    expect(parseRecorded(NEW_YORK).map(({ localDate }) => localDate)).toEqual(['2013-01-01', '2013-01-01'])
  })

  test('reads the same with gzip or without, and with Windows line ends', async () => {
    const text = madeUpFile({ count: 20, seed: 1 })
    await Bun.write(join(folder, 'plain.csv'), text.replaceAll('\n', '\r\n'))
    await Bun.write(join(folder, 'packed.csv'), Bun.gzipSync(Buffer.from(text)))
    const plain = await readRecorded(join(folder, 'plain.csv'), '--trips')
    expect(plain).toHaveLength(20)
    expect(await readRecorded(join(folder, 'packed.csv'), '--trips')).toEqual(plain)
  })

  test('that is missing, cut short or something else is refused by the name of its flag', async () => {
    const packed = Bun.gzipSync(Buffer.from(madeUpFile({ count: 200, seed: 1 })))
    await Bun.write(join(folder, 'cut.csv.gz'), packed.slice(0, 500))
    expect(readRecorded(join(folder, 'none.csv'), '--trips')).rejects.toThrow(/^--trips: .*cannot be read$/)
    expect(readRecorded(join(folder, 'cut.csv.gz'), '--history')).rejects.toThrow(/^--history: .*gzip/)
    expect(() => parseRecorded('a,b\n1,2\n')).toThrow('no column request_time_utc')
    expect(() => parseRecorded(NEW_YORK.split('\n')[0]!)).toThrow('no ride')
  })

  test('with a bad cell is refused by line and column', () => {
    expect(() => parseRecorded(NEW_YORK.replace('40.779728', '91'))).toThrow(/^line 3, pickup_lat: /)
    expect(() => parseRecorded(NEW_YORK.replace(',708,', ',,'))).toThrow(/^line 2, trip_distance_m: /)
    expect(() => parseRecorded(NEW_YORK.replace(',120,', ',soon,'))).toThrow(/^line 2, trip_duration_s: /)
  })
})

describe('whole-minute stamps', () => {
  const minute = parseRecorded(
    `${NEW_YORK.split('\n')[0]}\n${Array.from({ length: 200 }, (_, n) => `${n},1357016400,0,40.7,-73.9,40.8,-73.9,700,120`).join('\n')}`,
  )

  test('are spread inside their minute, in order, the same for the same seed', () => {
    const spread = inOrder(minute, seededRandom(7))
    const offsetsMs = spread.map(({ requestedAtMs }) => requestedAtMs - 1_357_016_400_000)
    expect(Math.min(...offsetsMs)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...offsetsMs)).toBeLessThan(60_000)
    expect(new Set(offsetsMs).size).toBeGreaterThan(150)
    expect(offsetsMs).toEqual(offsetsMs.toSorted((a, b) => a - b))
    expect(inOrder(minute, seededRandom(7))).toEqual(spread)
    expect(inOrder(minute, seededRandom(8))).not.toEqual(spread)
  })

  test('are left alone where the file counts seconds', () => {
    const exact = parseRecorded(madeUpFile({ count: 100, seed: 2 }))
    const stamps = (rides: typeof exact) => rides.map(({ requestedAtMs }) => requestedAtMs)
    expect(stamps(inOrder(exact, seededRandom(7)))).toEqual(stamps(exact).toSorted((a, b) => a - b))
  })
})
