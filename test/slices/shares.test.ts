/** A ride's link: what it shows, to whom, and how it ends. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import type { RideId } from '../../src/engine/units.ts'
import { type AppWorld, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { makeClient } from '../support/client.ts'
import { askRide, assign, goOnline, type RideAnswer, takeSteps } from '../support/ride-steps.ts'

const NOTE = 'marked note by the blue door'
const CODE = '4821'
const MARKED = {
  rider: 'Markedrider',
  driver: 'Markeddriver',
  pickup: '77 Marked Row',
  dropoff: '99 Marked Row',
}
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false, places: true })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(async () => {
  await world.limits.forgive('rides_person', world.canal.rider.identityId)
  const { driver, dispatcher } = world.canal
  const { ride } = await driver.client.done<{ ride: RideAnswer | null }>('GET', '/api/v1/driver')
  if (ride?.state === 'in_progress')
    await driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
  else if (ride !== null)
    await dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/cancellation`, { reason: 'over' })
})

async function underWay(steps = 1): Promise<RideAnswer> {
  const { canal } = world
  await canal.driver.client.call('DELETE', '/api/v1/driver/shift')
  await goOnline(world, canal.driver)
  const ride = await askRide(canal.rider, NOTE)
  await assign(canal, ride.id)
  await takeSteps(canal.driver, ride.id, steps)
  // No beat runs here: the fleet looks up who changed when pages are drawn.
  await world.tracking.flush()
  return ride
}

function press(rideId: string, what = 'share', by = world.canal.rider): Promise<Response> {
  const key = crypto.randomUUID()
  return by.client.form(`/rides/${rideId}/${what}`, { key }, { accept: 'application/json' })
}

async function pathOf(answer: Response): Promise<string> {
  expect(answer.status).toBe(200)
  const { url } = (await answer.json()) as { url: string }
  return new URL(url).pathname
}

/** As somebody who has the address and nothing else. */
const look = (path: string) =>
  fetch(`${world.canal.rider.client.origin}${path}`, { headers: { accept: 'text/html' } })

/** As its page does. */
const watch = (path: string) => makeClient({ origin: world.canal.rider.client.origin }).live(`${path}/live`)

/** What differs from page to page by itself. */
const bare = (markup: string) => markup.replace(/nonce="[^"]*"/g, '')

test('who has the link sees the car and its plate, and nothing of anybody', async () => {
  const ride = await underWay()
  await world.db
    .insertInto('start_codes')
    .values({
      ...{ company_id: world.canal.companyId, ride_id: ride.id as RideId },
      driver_id: world.canal.driver.driverId,
      ...{ code: CODE, wrong_tries: 0, opened_at: null, opened_by: null, reason: null },
    })
    .execute()
  await world.canal.rider.client.done('POST', `/api/v1/rides/${ride.id}/messages`, { text: 'marked words' })
  const { rider, driver } = world.canal
  for (const [id, name] of [
    [rider.identityId, MARKED.rider],
    [driver.identityId, MARKED.driver],
  ] as const)
    await world.db.updateTable('identities').set({ name }).where('id', '=', id).execute()
  await world.db
    .updateTable('rides')
    .set({ pickup_label: MARKED.pickup, dropoff_label: MARKED.dropoff })
    .where('id', '=', ride.id as RideId)
    .execute()
  const path = await pathOf(await press(ride.id))
  // 256 bits.
  expect(path).toMatch(/^\/s\/[\w-]{43}$/)

  const page = await look(path)
  expect(page.status).toBe(200)
  expect(page.headers.get('referrer-policy')).toBe('no-referrer')
  expect(page.headers.get('cache-control')).toBe('no-store')
  expect(page.headers.get('x-robots-tag')).toContain('noindex')
  // A visitor is given nothing to be known again by.
  expect(page.headers.get('set-cookie')).toBeNull()
  const markup = await page.text()
  const { plate, make_model } = await world.db
    .selectFrom('vehicles')
    .select(['plate', 'make_model'])
    .where('id', '=', world.canal.driver.vehicleId)
    .executeTakeFirstOrThrow()
  expect(markup).toContain(plate)
  expect(markup).toContain(make_model)
  expect(markup).toMatch(/Pickup in \d+ min|Nearly at the pickup/)
  // Without script it asks again by itself.
  expect(markup).toMatch(/<noscript><meta http-equiv="refresh" content="\d+"><\/noscript>/)

  const live = watch(path)
  const car = JSON.parse(await live.next((message) => message.includes('"car"')))
  expect(Object.keys(car).sort()).toEqual(['ageMs', 'etaS', 'headingDeg', 'lat', 'lng', 'n', 'type'])
  expect(await live.next((message) => message.startsWith('<'))).toContain(plate)
  live.close()
  const polled = await (await look(`${path}/live`)).text()
  expect(polled).toContain(plate)
  const { fare_minor } = await world.db
    .selectFrom('rides')
    .select('fare_minor')
    .where('id', '=', ride.id as RideId)
    .executeTakeFirstOrThrow()
  const secrets = [
    ...[...Object.values(MARKED), rider.email, driver.email, rider.identityId, driver.driverId],
    ...[ride.id, ride.reference, NOTE, 'marked words', `>${CODE}<`, [...CODE].join(' ')],
    ...[TIMES_SQUARE, WALL_STREET].flatMap(({ lat, lng }) => [String(lat), String(lng)]),
    `$${(fare_minor / 100).toFixed(2)}`,
  ]
  for (const secret of secrets) expect(`${markup}${polled}${live.messages.join()}`).not.toContain(secret)

  // On the rider's own page it stands to be handed on, and to be ended.
  const own = await (await rider.client.get(`/rides/${ride.id}`)).text()
  expect(own).toContain(path)
  expect(own).toContain('Stop sharing')
})

test('of the token nothing is kept but its hash: not in the rows, the answers, the trail, or the log', async () => {
  const ride = await underWay()
  const path = await pathOf(await press(ride.id))
  await look(path)
  const token = path.slice('/s/'.length)
  const kept = await Promise.all([
    world.db.selectFrom('ride_shares').selectAll().execute(),
    world.db.selectFrom('idempotency_keys').selectAll().execute(),
    world.db.selectFrom('audit_entries').selectAll().execute(),
    world.db.selectFrom('outbox').selectAll().execute(),
  ])
  expect(kept[0]).not.toEqual([])
  expect(JSON.stringify(kept)).not.toContain(token)
  expect(JSON.stringify(world.lines)).not.toContain(token)
})

test('many presses make one link, at once too; after an end it is another one', async () => {
  const ride = await underWay()
  const answers = await Promise.all(Array.from({ length: 6 }, () => press(ride.id)))
  const paths = new Set(await Promise.all(answers.map(pathOf)))
  expect(paths.size).toBe(1)
  const [first] = [...paths]
  expect((await look(first!)).status).toBe(200)

  expect((await press(ride.id, 'share/end')).status).toBe(200)
  expect((await look(first!)).status).toBe(404)
  expect((await look(`${first}/live`)).status).toBe(404)
  expect(await watch(first!).opened).not.toBe('open')
  const second = await pathOf(await press(ride.id))
  expect(second).not.toBe(first!)
  expect((await look(first!)).status).toBe(404)
  expect((await look(second)).status).toBe(200)
  const rows = await world.db
    .selectFrom('ride_shares')
    .where('ride_id', '=', ride.id as RideId)
    .selectAll()
    .execute()
  expect(rows).toHaveLength(1)
})

test('it dies with the ride, and then says what a link says that never was', async () => {
  const ride = await underWay(3)
  const path = await pathOf(await press(ride.id))
  expect(await (await look(path)).text()).toMatch(/There in|Nearly there/)
  const live = watch(path)
  await live.next((message) => message.includes('data-state="in_progress"'))
  await world.canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })

  const over = await look(path)
  const never = await look(`/s/${'a'.repeat(43)}`)
  const odd = await look('/s/no-token')
  expect([over.status, never.status, odd.status]).toEqual([404, 404, 404])
  const [overText, neverText, oddText] = await Promise.all([over.text(), never.text(), odd.text()])
  expect(overText).toContain('This link has ended')
  expect(bare(overText)).toBe(bare(neverText))
  expect(bare(oddText)).toBe(bare(neverText))
  await world.tracking.flush()
  expect(await live.closed).toBe(4410)
  expect((await look(`${path}/live`)).status).toBe(404)
  // Nor is there a link for a ride that is over.
  expect((await press(ride.id)).status).toBe(409)
})

test('the line tells each step, to whoever has the link alone, and closes when it ends', async () => {
  const ride = await underWay()
  const path = await pathOf(await press(ride.id))
  const [one, other] = [watch(path), watch(path)]
  for (const live of [one, other]) await live.next((message) => message.includes('data-state="en_route"'))
  await world.canal.driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'arrive' })
  await world.tracking.flush()
  for (const live of [one, other]) await live.next((message) => message.includes('data-state="arrived"'))
  // The rider's distance to the door is the rider's: three of them would tell where it is.
  expect(one.messages.join()).not.toContain('pickupM')
  // A stream is its own page's: with another token, or one that is none, its name opens nothing.
  const { stream } = one.of<{ stream: string }>('stream')[0]!
  expect((await look(`/s/${'a'.repeat(43)}/live?stream=${stream}&after=1`)).status).toBe(404)
  // Nobody's page may send anything.
  other.send({ type: 'pings', pings: [] })
  expect(await other.closed).toBe(1008)

  await press(ride.id, 'share/end')
  await world.tracking.flush()
  expect(await one.closed).toBe(4410)
  expect((await look(`${path}/live?stream=${stream}&after=1`)).status).toBe(404)
})

test('only who rides opens and ends it', async () => {
  const ride = await underWay()
  const { canal, uptown } = world
  for (const by of [canal.otherRider, canal.driver, canal.dispatcher, uptown.rider])
    expect((await press(ride.id, 'share', by)).status).toBe(404)
  const path = await pathOf(await press(ride.id))
  for (const by of [canal.otherRider, canal.driver, canal.dispatcher, uptown.rider])
    expect((await press(ride.id, 'share/end', by)).status).toBe(404)
  expect((await look(path)).status).toBe(200)
  // While nobody drives there is nothing to follow; a link that is open waits for the next car.
  await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/release`, { reason: 'test' })
  const waiting = await (await look(path)).text()
  expect(waiting).toContain('Finding a car')
  expect(waiting).not.toContain('class="plate"')
})

test('without script the form opens it and ends it, and the page says which', async () => {
  const ride = await underWay()
  const { client } = world.canal.rider
  expect(await (await client.get(`/rides/${ride.id}`)).text()).toContain('Share this ride')
  const opened = await client.form(`/rides/${ride.id}/share`, { key: crypto.randomUUID() })
  expect(opened.status).toBe(303)
  expect(opened.headers.get('location')).toBe(`/rides/${ride.id}#share`)
  const page = await (await client.get(`/rides/${ride.id}`)).text()
  const path = page.match(/value="[^"]*(\/s\/[\w-]{43})"/)?.[1]
  expect((await look(path!)).status).toBe(200)
  await client.form(`/rides/${ride.id}/share/end`, { key: crypto.randomUUID() })
  expect(await (await client.get(`/rides/${ride.id}`)).text()).not.toContain('/s/')
})
