/** What is said about a ride: who reads it, how far, in which order, and until when. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, type DriverPerson, type Person, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

interface Messages {
  readonly messages: readonly { seq: number; side: string; text: string; sentAtMs: number }[]
  readonly unread: number
  readonly readByOthers: number
  readonly isClosed: boolean
}
type Side = '' | '/driver' | '/board'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())
const driving: DriverPerson[] = []
afterEach(async () => {
  for (const driver of driving.splice(0)) await driver.client.call('DELETE', '/api/v1/driver/shift')
})

const path = (rideId: string, side: Side) => `/api/v1${side}/rides/${rideId}/messages`
const say = (person: Person, rideId: string, side: Side, text: string) =>
  person.client.done<{ seq: number }>('POST', path(rideId, side), { text })
const read = (person: Person, rideId: string, side: Side) =>
  person.client.done<Messages>('GET', path(rideId, side))
const look = (person: Person, rideId: string, side: Side, seen: number, typing = 'no') =>
  person.client.form(`${side}/rides/${rideId}/messages/seen`, { seen: String(seen), typing })

/** A ride that the driver has accepted. */
async function ride(): Promise<string> {
  const { canal } = world
  await goOnline(world, canal.driver)
  driving.push(canal.driver)
  const { id } = await askRide(canal.rider)
  await assign(canal, id)
  return id
}
async function end(rideId: string): Promise<void> {
  await takeSteps(world.canal.driver, rideId, 4)
}

test('all three hear what each says, in one order, and each knows what is new to them', async () => {
  const { canal } = world
  const id = await ride()
  await say(canal.rider, id, '', 'I’m at the entrance')
  await say(canal.driver, id, '/driver', 'I’m here')
  await say(canal.dispatcher, id, '/board', 'Blue Camry')
  const texts = ['I’m at the entrance', 'I’m here', 'Blue Camry']
  for (const [person, side, unread] of [
    [canal.rider, '', 2],
    [canal.driver, '/driver', 1],
    [canal.dispatcher, '/board', 0],
  ] as const) {
    const chat = await read(person, id, side)
    expect(chat.messages.map(({ seq, text }) => [seq, text])).toEqual(texts.map((text, i) => [i + 1, text]))
    // Whoever spoke has read what was said before.
    expect(chat.unread).toBe(unread)
  }
  await end(id)
})

test('how far the others have read only grows, and never beyond what was said', async () => {
  const { canal } = world
  const id = await ride()
  for (const text of ['one', 'two', 'three']) await say(canal.rider, id, '', text)
  await look(canal.driver, id, '/driver', 2)
  expect((await read(canal.rider, id, '')).readByOthers).toBe(2)
  await look(canal.driver, id, '/driver', 1)
  expect((await read(canal.rider, id, '')).readByOthers).toBe(2)
  await look(canal.driver, id, '/driver', 900_000)
  expect((await read(canal.rider, id, '')).readByOthers).toBe(3)
  expect((await read(canal.driver, id, '/driver')).unread).toBe(0)
  await end(id)
})

test('twenty messages at once are all kept, numbered without a gap, each once', async () => {
  const { canal } = world
  const id = await ride()
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      n % 2 === 0 ? say(canal.rider, id, '', `r${n}`) : say(canal.driver, id, '/driver', `d${n}`),
    ),
  )
  const numbers = Array.from({ length: 20 }, (_, n) => n + 1)
  expect(sent.map(({ seq }) => seq).toSorted((a, b) => a - b)).toEqual(numbers)
  const { messages } = await read(canal.dispatcher, id, '/board')
  expect(messages.map(({ seq }) => seq)).toEqual(numbers)
  expect(new Set(messages.map(({ text }) => text)).size).toBe(20)
  await end(id)
})

test('a message sent again after a lost answer is there once', async () => {
  const { canal } = world
  const id = await ride()
  const key = crypto.randomUUID()
  const answers = await Promise.all(
    Array.from({ length: 5 }, () =>
      canal.rider.client.call('POST', path(id, ''), { text: 'once' }, { 'idempotency-key': key }),
    ),
  )
  expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
  expect((await read(canal.rider, id, '')).messages).toHaveLength(1)
  await end(id)
})

test('a driver who takes the ride over reads nothing of what was said with the one before', async () => {
  const { canal } = world
  const id = await ride()
  await say(canal.rider, id, '', 'my door code is 4711')
  await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/release`, { reason: 'car trouble' })
  // Not theirs any more: not there.
  expect((await canal.driver.client.call('GET', path(id, '/driver'))).status).toBe(404)
  expect((await canal.driver.client.call('POST', path(id, '/driver'), { text: 'hello' })).status).toBe(404)
  await goOnline(world, canal.otherDriver)
  driving.push(canal.otherDriver)
  await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/assignment`, {
    driverId: canal.otherDriver.driverId,
  })
  expect((await read(canal.otherDriver, id, '/driver')).messages).toEqual([])
  await say(canal.rider, id, '', 'red coat')
  expect((await read(canal.otherDriver, id, '/driver')).messages.map(({ text }) => text)).toEqual([
    'red coat',
  ])
  expect((await read(canal.rider, id, '')).messages).toHaveLength(2)
  await takeSteps(canal.otherDriver, id, 4)
})

test('before there is a driver rider and desk talk; when the ride is over nobody does, and it can be read', async () => {
  const { canal } = world
  await goOnline(world, canal.driver)
  driving.push(canal.driver)
  const { id } = await askRide(canal.rider)
  await say(canal.rider, id, '', 'is anybody coming')
  await say(canal.dispatcher, id, '/board', 'in a minute')
  await assign(canal, id)
  await end(id)
  const refused = await canal.rider.client.call('POST', path(id, ''), { text: 'thank you' })
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain('over')
  const chat = await read(canal.rider, id, '')
  expect([chat.isClosed, chat.messages.length]).toEqual([true, 2])
})

test('a report is kept once, told to the desk and to the audit trail; one’s own words cannot be reported', async () => {
  const { canal } = world
  const id = await ride()
  await say(canal.rider, id, '', 'mine')
  await say(canal.driver, id, '/driver', 'something unkind')
  const report = (seq: number) =>
    canal.rider.client.form(`/rides/${id}/messages/${seq}/report`, { key: crypto.randomUUID() })
  expect((await report(1)).status).toBe(404)
  expect((await report(99)).status).toBe(404)
  expect((await report(2)).status).toBe(303)
  expect((await report(2)).status).toBe(303)
  const pane = await canal.dispatcher.client.get(`/board/rides/${id}`)
  expect(await pane.text()).toContain('reported')
  expect(await (await canal.rider.client.get(`/rides/${id}`)).text()).toContain('reported')
  expect(await (await canal.driver.client.get('/driver')).text()).not.toContain('reported')
  const entries = await world.db
    .selectFrom('audit_entries')
    .select(['subject', 'actor_id', 'detail'])
    .where('action', '=', 'message.reported')
    .where('subject', '=', id)
    .execute()
  expect(entries[0]).toMatchObject({ actor_id: canal.rider.identityId, detail: { message: 2 } })
  await end(id)
})

test('what cannot be said is refused with the reason, and nothing is kept', async () => {
  const { canal } = world
  const id = await ride()
  for (const text of ['', '   \n ', 'x'.repeat(501)])
    expect((await canal.rider.client.call('POST', path(id, ''), { text })).status).toBe(422)
  // Another company's desk, and a rider who is not in it.
  for (const [person, side] of [
    [world.uptown.dispatcher, '/board'],
    [world.uptown.rider, ''],
    [canal.otherDriver, '/driver'],
  ] as const)
    expect((await person.client.call('POST', path(id, side), { text: 'hello' })).status).toBe(404)
  expect((await read(canal.rider, id, '')).messages).toEqual([])
  await end(id)
})
