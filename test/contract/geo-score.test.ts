import { afterAll, beforeAll, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { LatLng } from '../../src/engine/units.ts'
import { geoScore, isOnGeoMap } from '../../src/positions/geo-score.ts'
import { startRedis, type TestRedis, withRedis } from '../support/redis.ts'
import { describeWith } from '../support/servers.ts'

const MAX_LAT = 85.05112878
const STEPS = 2 ** 26

/** A number between the next ones that a double can hold. */
function neighbours(value: number): number[] {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const next = (by: bigint) => {
    const other = new DataView(new ArrayBuffer(8))
    other.setBigUint64(0, bits.getBigUint64(0) + by)
    return other.getFloat64(0)
  }
  return value === 0 ? [0, -0, 5e-324, -5e-324] : [next(-1n), value, next(1n)]
}

/** Anywhere, on a seam between two steps or right beside it, and as phones say it. */
function along(max: number): fc.Arbitrary<number> {
  const anywhere = fc.double({ min: -max, max, noNaN: true })
  const seam = fc
    .tuple(fc.integer({ min: 0, max: STEPS }), fc.nat(2))
    .map(([step, which]) => neighbours((step / STEPS) * 2 * max - max)[which]!)
  const said = anywhere.map((value) => Math.round(value * 1e7) / 1e7)
  return fc.oneof(anywhere, seam, said)
}

const point = fc.record({ lat: along(MAX_LAT), lng: along(180) }).filter(isOnGeoMap)

const BORDERS: readonly LatLng[] = [-MAX_LAT, 0, MAX_LAT, 40.75]
  .flatMap(neighbours)
  .flatMap((lat) => [-180, 0, 180, -73.98].flatMap(neighbours).map((lng) => ({ lat, lng })))
  .filter(isOnGeoMap)

describeWith('redis', 'the score of a place in a geo set', () => {
  let server: TestRedis
  beforeAll(async () => {
    server = await startRedis()
  }, 30_000)
  afterAll(() => server.stop())

  /** The scores that Redis keeps: by GEOADD of the places, and by ZADD with ours. */
  const kept = (places: readonly LatLng[]) =>
    withRedis(server.url, async (client) => {
      const members = places.map((_, index) => `${index}`)
      await client.flushAll()
      await client.sendCommand([
        'GEOADD',
        'theirs',
        ...places.flatMap(({ lat, lng }, i) => [`${lng}`, `${lat}`, members[i]!]),
      ])
      await client.sendCommand([
        'ZADD',
        'ours',
        ...places.flatMap((at, i) => [`${geoScore(at)}`, members[i]!]),
      ])
      return [await client.zmScore('ours', members), await client.zmScore('theirs', members)] as const
    })

  test('is the one GEOADD gives it, anywhere on the map', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(point, { minLength: 500, maxLength: 1_000 }), async (places) => {
        const [ours, theirs] = await kept(places)
        expect(ours).toEqual(theirs)
      }),
      { numRuns: 20 },
    )
  }, 30_000)

  test('is the one GEOADD gives it on the borders and right beside them', async () => {
    expect(BORDERS.length).toBeGreaterThan(80)
    const [ours, theirs] = await kept(BORDERS)
    expect(ours).toEqual(theirs)
  })
})

test('off the map are the poles, and longitude 180, which is -180', () => {
  const off = [
    { lat: 85.0511288, lng: 0 },
    { lat: -90, lng: 0 },
    { lat: 0, lng: 180 },
    { lat: 0, lng: -180.1 },
  ]
  expect(off.map(isOnGeoMap)).toEqual([false, false, false, false])
  expect(isOnGeoMap({ lat: MAX_LAT, lng: -180 })).toBe(true)
})
