/** The page of one click: why nobody took a ride, the same as JSON and as a file, and for whom. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Why } from '../../src/engine/trace-why.ts'
import { whySentence } from '../../views/board/trace-words.ts'
import { type AppWorld, BRYANT_PARK, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { askRide, assign, type DriverAnswer, goOnline } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const text = (markup: string) => markup.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
async function tick(): Promise<void> {
  await world.fleet.settle()
  for (const dispatcher of world.dispatchers) await dispatcher.run()
  for (const trace of world.traces) await trace.flush()
}

interface TraceJson {
  readonly sentence: string
  readonly looks: readonly {
    readonly atMs: number
    readonly kind: string
    readonly callSign: string | null
    readonly drivers: readonly { callSign: string; gate: string; answer: { kind: string } | null }[]
  }[]
}

describe('a ride that one driver declined and nobody else could take', () => {
  let rideId: string
  const desk = () => world.canal.dispatcher.client
  const page = async (query = '') => {
    const answer = await desk().get(`/board/rides/${rideId}/trace${query}`)
    expect(answer.status).toBe(200)
    return answer.text()
  }
  const json = () => desk().done<TraceJson>('GET', `/api/v1/board/rides/${rideId}/trace`)

  beforeAll(async () => {
    const { rider, driver } = world.canal
    const ride = await askRide(rider, 'by the blue door')
    rideId = ride.id
    expect(text(await page())).toContain('Nobody has taken it for 0:0')
    expect(text(await page())).toContain('The engine has not looked for a driver.')
    await tick()
    // With nobody idle, new requests look half as far.
    expect((await json()).sentence).toContain('no car was within 1.3 km, and none farther off')
    await goOnline(world, driver, BRYANT_PARK)
    await tick()
    const { offer } = await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
    await driver.client.done('POST', `/api/v1/offers/${offer!.id}/decline`)
    await tick()
    await Bun.sleep(5)
    await tick()
  })

  test('says so in one sentence, and who was asked when', async () => {
    const words = text(await page())
    expect(words).toMatch(/Nobody has taken it for 0:\d\d: one driver was asked \(1 declined\); otherwise/)
    expect(words).toMatch(/Nobody to ask .*Chose 204 .*204 declined .*Nobody to ask/)
  })

  test('shows the newest look, and another one by its link; the funnel filters the cars', async () => {
    const newest = text(await page())
    expect(newest).toMatch(/1 near .*1 fresh .*1 free .*1 right car .*0 in the running 1 asked before/)
    expect(newest).toMatch(/204 Bo Lindqvist .* declined this ride/)
    const { looks } = await json()
    const asked = looks.find(({ kind }) => kind === 'offer')!
    expect(asked).toMatchObject({
      callSign: '204',
      drivers: [{ gate: 'chosen', answer: { kind: 'declined' } }],
    })
    const then = await page(`?at=${asked.atMs}`)
    expect(text(then)).toMatch(/204, cost \d+ .*Pickup, \d:\d\d away/)
    expect(text(then)).toContain('1 asked')
    const running = await page('?step=running')
    expect(text(running)).toContain('Nobody came through “in the running”.')
    expect(running).not.toContain('data-car=')
  })

  test('nonsense in the address shows the newest look', async () => {
    const cars = (markup: string) => markup.match(/data-car=/g)?.length
    expect(cars(await page('?at=yesterday&step=all&driver=204'))).toBe(1)
    expect(cars(await page('?at=99999999999999999999'))).toBe(1)
  })

  test('is to be had as JSON and as a table; who takes it along is written down', async () => {
    const body = JSON.stringify(await json())
    expect(body).not.toMatch(/Ada|Okafor|blue door|Wall Street/)
    const csv = await desk().get(`/board/rides/${rideId}/trace/export`)
    expect(csv.headers.get('content-disposition')).toMatch(/attachment; filename="trace-HC-\d+\.csv"/)
    const lines = (await csv.text()).trim().split('\r\n')
    expect(lines[0]).toStartWith('ride,looked_at,until,ticks,outcome')
    const { looks } = await json()
    expect(lines).toHaveLength(1 + looks.reduce((sum, { drivers }) => sum + Math.max(1, drivers.length), 0))
    expect(new Set(lines.map((line) => line.split(',').length))).toEqual(new Set([22]))
    expect(lines.some((line) => /,offer,.*,204,Bo Lindqvist,chosen,free,/.test(line))).toBe(true)
    const file = await desk().get(`/board/rides/${rideId}/trace/export?format=json`)
    expect(((await file.json()) as TraceJson).looks).toHaveLength(looks.length)
    const noted = await world.db
      .selectFrom('audit_entries')
      .select(['subject', 'company_id'])
      .where('action', '=', 'ride.trace_exported')
      .execute()
    expect(noted).toEqual(Array(2).fill({ subject: rideId, company_id: world.canal.companyId }))
  })

  test('stands on the board one press away', async () => {
    const pane = await (await desk().get(`/board/rides/${rideId}`)).text()
    expect(pane).toContain(`href="/board/rides/${rideId}/trace"`)
  })

  test('is seen by its own desk alone, in the database too', async () => {
    const { canal, uptown } = world
    for (const who of [uptown.dispatcher, canal.rider, canal.driver])
      expect([403, 404]).toContain((await who.client.get(`/board/rides/${rideId}/trace`)).status)
    const seenBy = (scope: Partial<Parameters<typeof world.walled>[0]>) =>
      world
        .walled({ companyIds: [], staffedIds: [], personId: null, everywhere: false, ...scope })
        .selectFrom('ride_looks')
        .select('ride_id')
        .execute()
    expect(await seenBy({ companyIds: [canal.companyId], personId: canal.rider.identityId })).toEqual([])
    expect(await seenBy({ staffedIds: [uptown.companyId] })).toEqual([])
    expect((await seenBy({ staffedIds: [canal.companyId] })).length).toBeGreaterThan(2)
  })

  test('tells who gave it by hand in the end', async () => {
    const { driver } = world.canal
    await assign(world.canal, rideId)
    const words = text(await page())
    expect(words).toMatch(/Ines Duarte gave it to 204 by hand after 0:\d\d/)
    await driver.client.done('POST', `/api/v1/rides/${rideId}/hand-back`, { reason: 'flat tyre' })
    await tick()
    const { looks } = await json()
    expect(looks.at(-1)!.drivers[0]).toMatchObject({ gate: 'asked_before' })
  })
})

test('who was taken at the first question says so; a ride without looks says that none is kept', async () => {
  const { uptown } = world
  const ride = await askRide(uptown.rider)
  await goOnline(world, uptown.driver, TIMES_SQUARE)
  await tick()
  const { offer } = await uptown.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
  await uptown.driver.client.done('POST', `/api/v1/offers/${offer!.id}/acceptance`)
  const trace = async (id: string) =>
    text(await (await uptown.dispatcher.client.get(`/board/rides/${id}/trace`)).text())
  expect(await trace(ride.id)).toMatch(/811 took it after 0:\d\d, the first who was asked\./)
  await goOnline(world, uptown.otherDriver, TIMES_SQUARE)
  const given = await askRide(uptown.otherRider)
  await assign({ ...uptown, driver: uptown.otherDriver }, given.id)
  expect(await trace(given.id)).toContain('No look at this ride is kept.')
})

describe('the sentence', () => {
  const nobody = { declined: 0, lapsed: 0, withdrawn: 0, accepted: 0, asking: 0 }
  const why = (hindrance: Why['hindrance']): Why => ({ ticks: 9, hindrance, share: 1, radiusM: 2_400 })
  const said = (more: Partial<Parameters<typeof whySentence>[0]>) =>
    whySentence({ outcome: { kind: 'given_up' }, asked: nobody, waitedMs: 600_000, why: why(null), ...more })

  test('names what stood in the way', () => {
    const cases: [Why['hindrance'], string][] = [
      [{ kind: 'switched_off' }, 'automatic offers were off, so the desk alone gave rides'],
      [{ kind: 'held' }, 'it was held for a driver about to be free nearby'],
      [{ kind: 'nobody_near', radiusM: 2_400, farther: 3 }, 'no car was within 2.4 km, only 3 farther off'],
      [
        { kind: 'gate', gate: 'on_board', stopped: 9, cars: 12 },
        'no car near was free; most had riders on board (9 of 12 cars within 2.4 km)',
      ],
      [
        { kind: 'gate', gate: 'silent', stopped: 1, cars: 1 },
        'no car near had a pin newer than 30 s (1 of 1 car within 2.4 km)',
      ],
    ]
    for (const [hindrance, words] of cases)
      expect(said({ why: why(hindrance) })).toBe(`Nobody took it in 10:00: ${words}.`)
  })

  test('counts the answers', () => {
    expect(said({ asked: { ...nobody, declined: 2, lapsed: 1 } })).toBe(
      'Nobody took it in 10:00: 3 drivers were asked (2 declined, 1 let it lapse).',
    )
    expect(said({ outcome: { kind: 'waiting' }, waitedMs: 9_000, asked: { ...nobody, asking: 1 } })).toBe(
      'Nobody has taken it for 0:09: one driver was asked (1 is being asked now).',
    )
    expect(
      said({
        outcome: { kind: 'taken', callSign: '204' },
        asked: { ...nobody, accepted: 1 },
        waitedMs: 61_000,
      }),
    ).toBe('204 took it after 1:01, the first who was asked.')
    expect(said({ outcome: { kind: 'booked' }, waitedMs: 0 })).toBe(
      'It is booked ahead; a driver is looked for when its time comes.',
    )
    expect(said({ outcome: { kind: 'cancelled' }, why: { ...why(null), ticks: 0 } })).toBe(
      'Cancelled after 10:00 without a driver. The engine has not looked for a driver.',
    )
  })
})
