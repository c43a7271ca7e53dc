/** The start code: who sees it, what a wrong one does, and how a ride starts without. */
import { afterAll, afterEach, beforeAll, expect, test } from 'bun:test'
import QRCode from 'qrcode'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, type RideAnswer, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())
afterEach(async () => {
  await world.db.deleteFrom('company_flags').execute()
  const { driver, dispatcher } = world.canal
  const { ride } = await driver.client.done<{ ride: RideAnswer | null }>('GET', '/api/v1/driver')
  if (ride?.state === 'in_progress')
    await driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
  else if (ride !== null)
    await dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/cancellation`, { reason: 'over' })
  await driver.client.call('DELETE', '/api/v1/driver/shift')
})

interface Followed extends RideAnswer {
  readonly startCode: string | null
}
const follow = (id: string) => world.canal.rider.client.done<Followed>('GET', `/api/v1/rides/${id}`)
const board = (id: string, code?: string) =>
  world.canal.driver.client.call('POST', `/api/v1/rides/${id}/steps`, {
    step: 'board',
    ...(code !== undefined && { code }),
  })
const triesLeft = async () =>
  (await world.canal.driver.client.done<{ codeTriesLeft: number | null }>('GET', '/api/v1/driver'))
    .codeTriesLeft

/** The driver waits at the pickup, at a company that asks for codes. */
async function arrived({ asks }: { asks: boolean }): Promise<string> {
  const { canal } = world
  if (asks)
    await world.db
      .insertInto('company_flags')
      .values({ company_id: canal.companyId, flag: 'start_codes', is_on: true, changed_at: new Date() })
      .execute()
  await goOnline(world, canal.driver)
  const { id } = await askRide(canal.rider)
  await assign(canal, id)
  await takeSteps(canal.driver, id, 2)
  return id
}
const reference = async (id: string) =>
  (await world.canal.rider.client.done<{ reference: string }>('GET', `/api/v1/rides/${id}`)).reference

/** The picture on a page, read back from its path, as rows of dark and light. */
function modulesOf(page: string): string[] {
  const side = Number(/class="code-qr" viewBox="0 0 (\d+)/.exec(page)?.[1])
  const rows = Array.from({ length: side }, () => Array.from({ length: side }, () => '.'))
  const path = /class="qr-dark" d="([^"]+)"/.exec(page)?.[1] ?? ''
  for (const [, x, y, long] of path.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3Z/g))
    for (let n = 0; n < Number(long); n++) rows[Number(y)]![Number(x) + n] = '#'
  return rows.map((row) => row.join(''))
}

/** The same with the quiet border of four that readers need. */
function modulesFor(text: string): string[] {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  const at = (x: number, y: number) => x >= 0 && y >= 0 && x < size && y < size && data[y * size + x] === 1
  return Array.from({ length: size + 8 }, (_, y) =>
    Array.from({ length: size + 8 }, (_, x) => (at(x - 4, y - 4) ? '#' : '.')).join(''),
  )
}
const wrongOf = (code: string) => String((Number(code) + 1) % 10_000).padStart(4, '0')

test('where a company asks for none there is none, and the ride starts as ever', async () => {
  const id = await arrived({ asks: false })
  expect((await follow(id)).startCode).toBeNull()
  expect(await triesLeft()).toBeNull()
  expect((await board(id)).status).toBe(200)
})

test('the rider has it on their page, the driver nowhere; without it the ride does not start, with it it does', async () => {
  const { driver, rider } = world.canal
  const id = await arrived({ asks: true })
  const { startCode } = await follow(id)
  expect(startCode).toMatch(/^\d{4}$/)
  const page = await (await rider.client.get(`/rides/${id}`)).text()
  expect(page).toContain(`aria-label="${[...startCode!].join(' ')}"`)
  const text = /<bdi[^>]*>(HC-[\w-]+)/.exec(page)?.[1] ?? (await reference(id))
  expect(modulesOf(page)).toEqual(modulesFor(`${text}/${startCode}`))
  const drivers = await (await driver.client.get('/driver')).text()
  expect(drivers).toContain(`data-reference="${text}"`)
  expect(drivers).toContain('name="code"')
  // By itself, that is: the same four digits may stand in an id, a time, a hash or an icon's path.
  expect(drivers).not.toMatch(new RegExp(`(?<![\\w.-])${startCode}(?![\\w.-])`))
  expect(drivers).not.toContain(`aria-label="${[...startCode!].join(' ')}"`)

  const without = await board(id)
  expect(without.status).toBe(409)
  expect(await triesLeft()).toBe(5)
  expect((await board(id, [...startCode!].join(' '))).status).toBe(200)
  expect(await follow(id)).toMatchObject({ state: 'in_progress', startCode: null })
})

test('five wrong ones are looked at, however many come at once; then the right one opens nothing either', async () => {
  const { dispatcher, driver } = world.canal
  const id = await arrived({ asks: true })
  const code = (await follow(id)).startCode!
  const answers = await Promise.all(Array.from({ length: 12 }, () => board(id, wrongOf(code))))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 409))
  expect(await triesLeft()).toBe(0)
  expect((await board(id, code)).status).toBe(409)
  expect((await follow(id)).state).toBe('arrived')
  expect(await (await driver.client.get('/driver')).text()).toContain('Five wrong codes')

  // The desk sees it, and does without for a reason that is kept.
  expect(await (await dispatcher.client.get(`/board/rides/${id}`)).text()).toContain('Five wrong start codes')
  const reason = 'Rider is known to the driver'
  await dispatcher.client.done('POST', `/api/v1/board/rides/${id}/start`, { reason })
  expect((await follow(id)).startCode).toBeNull()
  expect((await board(id)).status).toBe(200)
  const entry = await world.db
    .selectFrom('audit_entries')
    .select('detail')
    .where('action', '=', 'ride.started_without_code')
    .where('subject', '=', id)
    .executeTakeFirstOrThrow()
  expect(entry.detail).toMatchObject({ reason })
  const again = await dispatcher.client.call('POST', `/api/v1/board/rides/${id}/start`, { reason })
  expect(again.status).toBe(409)
})

test('a wrong one sent twice by its key counts once', async () => {
  const id = await arrived({ asks: true })
  const code = (await follow(id)).startCode!
  const headers = { 'idempotency-key': 'the-same-press' }
  const body = { step: 'board', code: wrongOf(code) }
  for (let n = 0; n < 3; n++) {
    const answer = await world.canal.driver.client.call('POST', `/api/v1/rides/${id}/steps`, body, headers)
    expect(answer.status).toBe(409)
  }
  expect(await triesLeft()).toBe(4)
})

test('a ride that comes back to a driver has a new code with all its tries', async () => {
  const { canal } = world
  const id = await arrived({ asks: true })
  const code = (await follow(id)).startCode!
  await board(id, wrongOf(code))
  await canal.driver.client.done('POST', `/api/v1/rides/${id}/hand-back`, { reason: 'Car trouble' })
  expect((await follow(id)).startCode).toBeNull()
  await assign(canal, id)
  expect((await follow(id)).startCode).toMatch(/^\d{4}$/)
  expect(await triesLeft()).toBe(5)
})
