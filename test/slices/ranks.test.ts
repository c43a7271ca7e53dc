import { afterAll, beforeAll, expect, test } from 'bun:test'
import { destination } from '../../src/engine/geo.ts'
import type { LatLng, RegionId, ZoneId } from '../../src/engine/units.ts'
import { type AppWorld, BRYANT_PARK, type Crew, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'

let world: AppWorld
let canal: Crew
beforeAll(async () => {
  world = await startApp({ places: false })
  canal = world.canal
  await world.db
    .insertInto('policy_windows')
    .values({
      ...{
        company_id: canal.companyId,
        region_id: canal.regionId,
        position: 0,
        weekdays: [1, 2, 3, 4, 5, 6, 7],
      },
      ...{ from_minute: 0, until_minute: 1_440, policy: 'nearest', batch_window_ms: null, radius_m: 4_000 },
      candidates: null,
    })
    .execute()
  await addRank(canal, 'Times Square rank', TIMES_SQUARE)
  await addRank(world.uptown, 'Uptown rank', TIMES_SQUARE)
}, 60_000)
afterAll(() => world?.stop())

async function addRank(crew: Crew, name: string, at: LatLng): Promise<void> {
  const ring = [45, 135, 225, 315, 45].map((bearing) => destination(at, bearing, 150))
  await world.db
    .insertInto('zones')
    .values({
      ...{
        company_id: crew.companyId,
        id: crypto.randomUUID() as ZoneId,
        region_id: crew.regionId as RegionId,
      },
      ...{ slug: 'times-square', name, kind: 'rank', has_queue: true, hysteresis_m: 30, places_most: 8 },
      ...{ on_decline: 'end', outside_rides: false },
      area: JSON.stringify({ type: 'Polygon', coordinates: [ring.map(({ lat, lng }) => [lng, lat])] }),
    })
    .execute()
  await world.companies.reload()
}

const says =
  (...words: string[]) =>
  (message: string) =>
    words.every((word) => message.includes(word))
const read = async (
  who: { client: { call(method: 'GET', path: string): Promise<Response> } },
  path: string,
) => (await (await who.client.call('GET', path)).text()).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
const rankIn = async (who: Crew['driver']) =>
  (
    (await (await who.client.call('GET', '/api/v1/driver')).json()) as {
      queue: Record<string, unknown> | null
    }
  ).queue

test('a driver reads the place, sees it move, and is told why it is lost; the desk sees who stands there', async () => {
  const { driver, otherDriver, dispatcher } = canal
  const desk = dispatcher.client.live('/live/board')
  await goOnline(world, driver, TIMES_SQUARE)
  await desk.next(says('id="board-zones"', '1 of 8'))
  await goOnline(world, otherDriver, TIMES_SQUARE)
  await desk.next(says('id="board-zones"', '2 of 8'))
  expect(await rankIn(driver)).toMatchObject({ kind: 'standing', zone: 'Times Square rank', rank: 1, of: 2 })
  expect(await rankIn(otherDriver)).toMatchObject({ rank: 2, of: 2, enteredAs: 2 })
  expect(await read(dispatcher, '/board')).toContain('Times Square rank 2 of 8')

  const page = otherDriver.client.live('/live/driver')
  await page.next(says('You are 2nd of 2'))
  await driver.client.done('DELETE', '/api/v1/driver/shift', {})
  await page.next(says('You are 1st of 1', 'next'))
  await desk.next(says('id="board-zones"', '1 of 8'))
  page.close()
  desk.close()

  // Who only drove through is not told that a place was lost; who had waited is.
  await goOnline(world, driver, BRYANT_PARK)
  expect(await rankIn(driver)).toBeNull()
  await world.db
    .updateTable('queue_places')
    .set({ entered_at: new Date(Date.now() - 1_200_000) })
    .where('driver_id', '=', driver.driverId)
    .execute()
  expect(await rankIn(driver)).toMatchObject({ kind: 'lost', reason: 'off_shift' })
  expect(await read(driver, '/driver')).toContain('You went offline.')
}, 30_000)

test('an offer by turn says so, and the ride ends the wait', async () => {
  const { rider, otherDriver } = canal
  const page = otherDriver.client.live('/live/driver')
  const ride = await askRide(rider)
  await page.next(says('your turn at Times Square rank'))
  page.close()
  await assign({ ...canal, driver: otherDriver }, ride.id)
  expect(await rankIn(otherDriver)).toBeNull()
  await world.db
    .updateTable('zones')
    .set({ places_most: 1 })
    .where('company_id', '=', canal.companyId)
    .execute()
}, 30_000)

test('a company sees its own ranks and hours, and no other company’s', async () => {
  const own = await read(canal.admin, `/admin/companies/${canal.companyId}`)
  expect(own).toContain('Times Square rank')
  expect(own).toContain(
    'Every day, 00:00 to 24:00 now each request at once, the nearest car · looks 4 km far first',
  )
  expect(own).not.toContain('Uptown rank')
  expect((await canal.admin.client.call('GET', `/admin/companies/${world.uptown.companyId}`)).status).toBe(
    404,
  )
  expect(await read(canal.dispatcher, '/board')).not.toContain('Uptown rank')
  expect(await read(world.uptown.dispatcher, '/board')).toContain('Uptown rank nobody waits')
})
