/** The region's parts side by side: what is counted in each, and a table and a queue narrowed to one. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { AreaIndex } from '../../src/engine/area.ts'
import { manualClock } from '../../src/io/clock.ts'
import type { AreaProps } from '../../views/board/areas.ts'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { askRide, assign, bookRide, goOnline, takeSteps } from '../support/ride-steps.ts'

const clock = manualClock(Date.UTC(2026, 10, 21, 14))
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ places: true, running: false, clock })
}, 60_000)
afterAll(() => world?.stop())

type Area = Omit<AreaProps, 'around'> & { around: string | null }
const desk = () => world.canal.dispatcher.client
/** What was told of cars so far is known to the fleet. */
const zones = async (client = desk()) => {
  await world.fleet.settle()
  return (await client.done<{ zones: Area[] }>('GET', '/api/v1/board/zones')).zones
}
const figures = ({ free, soon, waiting, booked }: Area) => [free, soon, waiting, booked]
const rides = async (search: string) =>
  (await desk().done<{ rides: { reference: string }[] }>('GET', `/api/v1/board/rides?${search}`)).rides.map(
    ({ reference }) => reference,
  )
const hexagonOf = (at: typeof BRYANT_PARK) => new AreaIndex([]).areaOf(at)

describe('a part of the region', () => {
  test('counts cars free, cars free soon, who waits, and who is booked for the next quarter of an hour', async () => {
    const { canal } = world
    expect((await zones()).filter(({ kind }) => kind === 'hexagon')).toEqual([])
    const ride = await askRide(canal.rider, '', { from: TIMES_SQUARE, to: BRYANT_PARK })
    const at = hexagonOf(TIMES_SQUARE)
    const here = async (id = at) => figures((await zones()).find((area) => area.id === id)!)
    expect(await here()).toEqual([0, 0, 1, 0])
    await goOnline(world, canal.driver, TIMES_SQUARE)
    expect(await here()).toEqual([1, 0, 1, 0])
    await assign(canal, ride.id)
    expect((await zones()).map(figures)).not.toContainEqual([1, 0, 1, 0])
    await takeSteps(canal.driver, ride.id, 3)
    // On board, and minutes from where the rider goes.
    const there = hexagonOf(BRYANT_PARK)
    expect(await here(there)).toEqual([0, 1, 0, 0])
    const [tile] = (await zones()).filter(({ id }) => id === there)
    expect(tile).toMatchObject({ kind: 'hexagon' })
    expect(tile!.name.length).toBeGreaterThan(3)
  })

  test('a booking counts from a quarter of an hour before its pickup', async () => {
    const rider = await world.newRider('Adaeze Obi')
    await bookRide(rider, clock.nowMs() + 40 * 60_000)
    const at = hexagonOf(TIMES_SQUARE)
    const booked = async () => (await zones()).find(({ id }) => id === at)?.booked ?? 0
    expect(await booked()).toBe(0)
    clock.advance(24 * 60_000)
    expect(await booked()).toBe(0)
    clock.advance(2 * 60_000)
    expect(await booked()).toBe(1)
  })

  test('of another company is not counted', async () => {
    await askRide(world.uptown.rider)
    const ours = (await zones()).reduce((sum, { waiting }) => sum + waiting, 0)
    expect(ours).toBe(0)
    const theirs = (await zones(world.uptown.dispatcher.client)).reduce(
      (sum, { waiting }) => sum + waiting,
      0,
    )
    expect(theirs).toBe(1)
  })
})

describe('a table narrowed to a part', () => {
  test('lists those that are picked up there, and the queue those cards; elsewhere is said to be no part', async () => {
    const { canal } = world
    const here = await askRide(canal.otherRider)
    const at = hexagonOf(TIMES_SQUARE)
    expect(await rides(`zone=${at}`)).toContain(here.reference)
    expect(await rides(`zone=${at}&show=unassigned&q=${here.reference}`)).toEqual([here.reference])
    expect(await rides(`zone=${hexagonOf(WALL_STREET)}`)).toEqual([])
    // A well-formed zone that is none of this region's.
    expect(await rides(`zone=${crypto.randomUUID()}`)).toEqual([])
    expect((await desk().get('/board/table?zone=%27%3B--')).status).toBe(422)
    const board = await (await desk().get(`/board?zone=${at}`)).text()
    expect(board).toContain(`data-area="${at}"`)
    expect(board).toMatch(/id="board-narrowed"[^>]*role="status">/)
    const elsewhere = await (await desk().get(`/board?zone=${hexagonOf(WALL_STREET)}`)).text()
    expect(elsewhere).not.toContain(`data-area="${at}"`)
    expect(elsewhere).toContain('Nobody is waiting.')
  })

  test('is said by the name of the part where such a view is kept, and where cars of it are written to', async () => {
    const at = hexagonOf(TIMES_SQUARE)
    const { name } = (await zones()).find(({ id }) => id === at)!
    for (const search of [`late=yes&zone=${at}`, `show=cars&zone=${at}`]) {
      await desk().done('POST', '/api/v1/board/views', { name: `Busy ${search.length}`, search })
      const shown = await (await desk().get(`/board/views?${search}`)).text()
      expect(shown.split(name).length).toBeGreaterThanOrEqual(3)
      expect(shown).not.toContain('zone that is gone')
    }
    const gone = await (await desk().get(`/board/views?zone=${crypto.randomUUID()}`)).text()
    expect(gone).toContain('in a zone that is gone')
    const { dispatcher, otherDriver } = world.canal
    await goOnline(world, otherDriver, TIMES_SQUARE)
    await dispatcher.client.done('POST', '/api/v1/board/messages', {
      ...{ audience: { kind: 'cars', search: `zone=${at}` }, text: 'Road closed', mustRead: false },
    })
    const sent = await world.db.selectFrom('desk_sendings').select('audience').execute()
    expect(sent.some(({ audience }) => audience.includes(name))).toBe(true)
    await otherDriver.client.done('DELETE', '/api/v1/driver/shift')
  })

  test('lists the cars that are seen there', async () => {
    const cars = async (search: string) =>
      (await desk().done<{ cars: { callSign: string }[] }>('GET', `/api/v1/board/cars?${search}`)).cars.map(
        ({ callSign }) => callSign,
      )
    const { otherDriver } = world.canal
    await goOnline(world, otherDriver, TIMES_SQUARE)
    await world.fleet.settle()
    expect(await cars(`zone=${hexagonOf(TIMES_SQUARE)}&q=163`)).toEqual(['163'])
    expect(await cars(`zone=${hexagonOf(WALL_STREET)}`)).toEqual([])
    expect(await cars(`zone=${hexagonOf(TIMES_SQUARE)}&state=paused`)).toEqual([])
    const page = await (await desk().get(`/board/table?show=cars&zone=${hexagonOf(TIMES_SQUARE)}`)).text()
    expect(page).toContain('<input type="hidden" name="zone"')
  })
})
