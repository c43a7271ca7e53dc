/** Help: who is told, what the desk sees and says, and that nothing is lost or said twice. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { manualClock } from '../../src/io/clock.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, pingAt, type RideAnswer, takeSteps } from '../support/ride-steps.ts'

const clock = manualClock(Date.UTC(2026, 10, 22, 15))
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false, clock })
}, 60_000)
afterAll(() => world?.stop())
afterEach(async () => {
  const { driver, dispatcher } = world.canal
  const { ride } = await driver.client.done<{ ride: RideAnswer | null }>('GET', '/api/v1/driver')
  if (ride?.state === 'in_progress')
    await driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
  else if (ride !== null)
    await dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/cancellation`, { reason: 'over' })
  await driver.client.call('DELETE', '/api/v1/driver/shift')
})

interface Alert {
  readonly id: string
  readonly seenAtMs: number | null
}

async function ride(steps: number): Promise<string> {
  const { canal } = world
  await goOnline(world, canal.driver)
  const { id } = await askRide(canal.rider)
  await assign(canal, id)
  await takeSteps(canal.driver, id, steps)
  await world.fleet.settle()
  return id
}
const help = (id: string) => world.canal.rider.client.done<Alert>('POST', `/api/v1/rides/${id}/safety`, {})
const textOf = async (path: string, by: 'rider' | 'driver' | 'dispatcher') =>
  (await world.canal[by].client.get(path)).text()
const fixesOf = (alertId: string) =>
  world.db
    .selectFrom('safety_fixes')
    .select(['at', 'lat'])
    .where('alert_id', '=', alertId)
    .orderBy('at')
    .execute()

test('the desk reads it on top of what needs it, sees where the car was on its way, and the rider that it did', async () => {
  const { dispatcher, driver } = world.canal
  const id = await ride(1)
  for (let n = 1; n <= 4; n++) {
    clock.advance(6_000)
    const at = { lat: 40.7536 + n * 0.0004, lng: -73.9832 }
    await driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
  }
  expect(await textOf(`/rides/${id}/safety`, 'rider')).toContain('Tell the desk now')
  const alert = await help(id)
  const queue = await textOf('/board/queue', 'dispatcher')
  expect(queue).toContain('data-unseen="1"')
  expect(queue).toContain(`/board/rides/${id}/safety`)
  while ((await fixesOf(alert.id)).length < 4) await Bun.sleep(5)

  const page = await textOf(`/board/rides/${id}/safety`, 'dispatcher')
  expect(page).toContain('The rider asked for help')
  expect(page).toContain('I have it in hand')
  const looked = await world.db
    .selectFrom('audit_entries')
    .select('actor_id')
    .where('action', '=', 'safety.viewed')
    .where('subject', '=', id)
    .execute()
  expect(looked.map(({ actor_id }) => actor_id)).toEqual([dispatcher.identityId])
  // The driver is told nothing.
  expect(await textOf('/driver', 'driver')).not.toContain('asked for help')

  await dispatcher.client.form(`/board/rides/${id}/safety/${alert.id}/seen`, { key: crypto.randomUUID() })
  expect(await textOf(`/rides/${id}/safety`, 'rider')).toContain('The desk has seen it')
  expect(await textOf(`/rides/${id}`, 'rider')).toContain('The desk has seen it')
  expect(await textOf('/driver', 'driver')).not.toContain('The desk has seen it')
  expect(await textOf('/board/queue', 'dispatcher')).toContain('data-unseen="0"')
  const words = 'Called back, all is well'
  await dispatcher.client.form(`/board/rides/${id}/safety/${alert.id}/closing`, {
    words,
    key: crypto.randomUUID(),
  })
  expect(await textOf('/board/queue', 'dispatcher')).not.toContain('Safety button')
  expect(await textOf(`/board/rides/${id}/safety`, 'dispatcher')).toContain(words)
  const after = await textOf(`/rides/${id}/safety`, 'rider')
  expect(after).toContain('The desk closed your call')
  expect(after).not.toContain(words)
})

const looksAt = async (id: string) => {
  const looks = await world.db
    .selectFrom('audit_entries')
    .select(['actor_id', 'detail'])
    .where('action', '=', 'safety.viewed')
    .where('subject', '=', id)
    .orderBy('at')
    .execute()
  return looks.map(({ actor_id, detail }) => [actor_id, (detail as { alert: string }).alert])
}
const has = (words: string) => (message: string) => message.startsWith('<') && message.includes(words)

test('a look is written down once: with its page, its line and all that comes back; later, or at another call, anew', async () => {
  const { dispatcher } = world.canal
  const id = await ride(3)
  const first = await help(id)
  const path = `/board/rides/${id}/safety`
  const look = async () => {
    expect(await textOf(path, 'dispatcher')).toContain('The rider asked for help')
    const live = dispatcher.client.live(`/live${path}`)
    await live.next(has('id="safety-now"'))
    return live
  }
  const lines = [await look(), await look()]
  expect(await looksAt(id)).toEqual([[dispatcher.identityId, first.id]])
  await dispatcher.client.form(`${path}/${first.id}/closing`, { words: 'Well', key: crypto.randomUUID() })
  clock.advance(1_000)
  const second = await help(id)
  await world.tracking.flush()
  // Who has the page open sees the new call, and that is a look at it.
  await lines[0]!.next(has(`call-${second.id}`))
  expect(await looksAt(id)).toContainEqual([dispatcher.identityId, second.id])
  clock.advance(11 * 60_000)
  lines.push(await look())
  expect((await looksAt(id)).filter(([, alert]) => alert === second.id).length).toBeGreaterThan(1)
  for (const line of lines) line.close()
})

test('who called reads by itself that the desk has seen it, and that it is over; the other side hears nothing of it', async () => {
  const { dispatcher, rider, driver, otherRider } = world.canal
  const id = await ride(3)
  const path = `/rides/${id}/safety`
  expect(await textOf(path, 'rider')).toContain(`data-live="/live${path}"`)
  const live = rider.client.live(`/live${path}`)
  const drivers = driver.client.live(`/live/driver${path}`)
  await live.next(has('Tell the desk now'))
  await drivers.next(has('Tell the desk now'))
  const alert = await help(id)
  await world.tracking.flush()
  expect(await live.next(has('The desk was told'))).toStartWith('<section id="help"')
  const desk = (tail: string, body: Record<string, string>) =>
    dispatcher.client.form(`/board/rides/${id}/safety/${alert.id}/${tail}`, {
      ...body,
      key: crypto.randomUUID(),
    })
  await desk('seen', {})
  await world.tracking.flush()
  await live.next(has('The desk has seen it'))
  // Without sockets the same.
  const polled = await rider.client.get(`/live${path}`, { accept: 'application/json' })
  expect(await polled.text()).toContain('The desk has seen it')
  await desk('closing', { words: 'Called back, all is well' })
  await world.tracking.flush()
  const over = await live.next(has('The desk closed your call'))
  expect(over).toContain('Tell the desk now')
  expect(over).not.toContain('Called back')
  const heard = await driver.client.get(`/live/driver${path}`, { accept: 'application/json' })
  expect(await heard.text()).not.toContain('The desk')
  expect(await otherRider.client.live(`/live${path}`).opened).not.toBe('open')
  expect(await dispatcher.client.live(`/live${path}`).opened).not.toBe('open')
  for (const line of [live, drivers]) line.close()
})

test('the desk’s page tells what changes by itself, moves the car, and keeps who looked', async () => {
  const { dispatcher, otherDispatcher, driver, rider } = {
    ...world.canal,
    otherDispatcher: world.canal.admin,
  }
  const id = await ride(3)
  const alert = await help(id)
  const path = `/board/rides/${id}/safety`
  expect(await textOf(path, 'dispatcher')).toContain(`data-live="/live${path}"`)
  clock.advance(1_000)
  const live = otherDispatcher.client.live(`/live${path}`)
  expect(await live.next(has('id="safety-now"'))).toContain('I have it in hand')
  expect(await looksAt(id)).toEqual([
    [dispatcher.identityId, alert.id],
    [otherDispatcher.identityId, alert.id],
  ])
  clock.advance(5_000)
  const at = { lat: 40.7544, lng: -73.9832 }
  await driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, at)] })
  await world.tracking.flush()
  const car = await live.next((message) => message.includes('"car"') && message.includes('40.7544'))
  expect(JSON.parse(car)).toMatchObject({ type: 'car', ...at })
  await dispatcher.client.form(`${path}/${alert.id}/seen`, { key: crypto.randomUUID() })
  await world.tracking.flush()
  await live.next(has('Seen by'))
  for (const other of [rider, driver, world.uptown.dispatcher])
    expect(await other.client.live(`/live${path}`).opened).not.toBe('open')
  live.close()
})

test('pressed ten times at once it is one call; after it is closed one may call again', async () => {
  const { dispatcher } = world.canal
  const id = await ride(3)
  const ids = new Set(
    (await Promise.all(Array.from({ length: 10 }, () => help(id)))).map((alert) => alert.id),
  )
  expect(ids.size).toBe(1)
  const [first] = ids
  await dispatcher.client.form(`/board/rides/${id}/safety/${first}/closing`, {
    words: 'A wrong press',
    key: crypto.randomUUID(),
  })
  expect((await help(id)).id).not.toBe(first!)
})

test('a driver calls for themselves; nobody calls about a ride that nobody drives, or that is long over', async () => {
  const { driver, rider } = world.canal
  const waiting = await askRide(rider)
  expect((await rider.client.call('POST', `/api/v1/rides/${waiting.id}/safety`, {})).status).toBe(409)
  await rider.client.done('POST', `/api/v1/rides/${waiting.id}/cancellation`, { feeMinor: 0 })

  const id = await ride(3)
  await driver.client.done('POST', `/api/v1/driver/rides/${id}/safety`, {})
  expect(await textOf('/board/queue', 'dispatcher')).toContain('Driver in car')
  // What the driver asked for is not the rider's to read.
  expect(await textOf(`/rides/${id}/safety`, 'rider')).toContain('Do you need help?')
  await driver.client.done('POST', `/api/v1/rides/${id}/steps`, { step: 'finish' })
  clock.advance(29 * 60_000)
  expect(await textOf(`/rides/${id}`, 'rider')).toContain(`/rides/${id}/safety`)
  expect((await rider.client.call('POST', `/api/v1/rides/${id}/safety`, {})).status).toBe(201)
  clock.advance(31 * 60_000)
  expect(await textOf(`/board/rides/${id}/safety`, 'dispatcher')).toContain('The driver asked for help')
})

test('after sunset the driver’s page is dark, as all of theirs; the rider’s is as their phone has it', async () => {
  const id = await ride(2)
  expect(await textOf(`/driver/rides/${id}/safety`, 'driver')).not.toContain('data-theme')
  // From the late morning in New York to the evening.
  clock.advance(8 * 3_600_000)
  expect(await textOf(`/driver/rides/${id}/safety`, 'driver')).toContain('data-theme="dark"')
  expect(await textOf(`/rides/${id}/safety`, 'rider')).not.toContain('data-theme')
})
