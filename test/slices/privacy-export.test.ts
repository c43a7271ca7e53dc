import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { exportParts, subjectOf } from '../../src/privacy/export.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
let rider: Person
let other: Person

interface Exported {
  readonly madeAt: string
  readonly person: { readonly id: string; readonly name: string }
  readonly parts: readonly { readonly title: string; readonly rows: readonly Record<string, unknown>[] }[]
}

beforeAll(async () => {
  world = await startApp({ running: false })
  const { canal } = world
  rider = await world.newRider('Xenia <b>Own</b>')
  other = await world.newRider('Otto Other')
  await goOnline(world, canal.driver)
  for (const [person, note] of [
    [rider, 'mine: =1+1'],
    [other, 'not mine'],
  ] as const) {
    const ride = await askRide(person, note)
    await assign(canal, ride.id)
    await takeSteps(canal.driver, ride.id, 4)
  }
}, 60_000)
afterAll(() => world?.stop())

const taken = async (person: Person) =>
  JSON.parse(await (await person.client.get('/account/export?as=json')).text()) as Exported
const rowsOf = ({ parts }: Exported, title: string) => parts.find((part) => part.title === title)?.rows ?? []

describe('an export', () => {
  test('holds the person, their rides with price and way, letters and sessions, and nobody else', async () => {
    const mine = await taken(rider)
    expect(mine.person).toEqual({ id: rider.identityId, name: rider.name })
    expect(rowsOf(mine, 'You')).toMatchObject([{ email: rider.email, name: rider.name }])
    expect(rowsOf(mine, 'Your rides')).toMatchObject([
      { company: 'Canal Street Cars', note: 'mine: =1+1', state: 'completed', pickup_label: 'Times Square' },
    ])
    expect(rowsOf(mine, 'What your rides cost')).toHaveLength(1)
    expect(rowsOf(mine, 'What happened to your rides').length).toBeGreaterThan(4)
    expect(rowsOf(mine, 'Where you are signed in')).toHaveLength(1)
    const text = JSON.stringify(mine)
    for (const foreign of [
      other.identityId,
      other.email,
      'not mine',
      world.canal.driver.identityId,
      'Bo Lind',
    ])
      expect(text).not.toContain(foreign)
  })

  test('gives drivers what they drove, without who rode, from where and where to', async () => {
    const { driver } = world.canal
    const theirs = await taken(driver)
    expect(rowsOf(theirs, 'Rides you drove')).toHaveLength(2)
    expect(rowsOf(theirs, 'Rides you drove')[0]).toMatchObject({ state: 'completed' })
    expect(rowsOf(theirs, 'Your shifts')).toHaveLength(1)
    expect(rowsOf(theirs, 'You as a driver')).toMatchObject([{ call_sign: '204' }])
    expect(rowsOf(theirs, 'Your accounts in the books').length).toBeGreaterThan(0)
    const text = JSON.stringify(theirs)
    for (const foreign of [rider.identityId, rider.name, 'mine', 'Times Square'])
      expect(text).not.toContain(foreign)
  })

  test('comes as a page too, in which what somebody typed is text', async () => {
    const answer = await rider.client.get('/account/export?as=html')
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="honeycab-data-[\d-]+\.html"$/,
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const text = await answer.text()
    expect(text).toContain('Everything that is kept about Xenia &lt;b&gt;Own&lt;/b&gt;')
    expect(text).toContain('<td>mine: =1+1</td>')
    expect(text).toContain('Nothing is kept here.')
    expect(text).toEndWith('</main></body></html>\n')
    expect(text).not.toContain('not mine')
  })

  test('is in the audit trail, and the person is told by letter', async () => {
    const deeds = await world.db
      .selectFrom('audit_entries')
      .select(['actor_id', 'detail'])
      .where('action', '=', 'data.exported')
      .where('subject', '=', rider.identityId)
      .orderBy('sequence')
      .execute()
    expect(deeds).toMatchObject([
      { actor_id: rider.identityId, detail: { as: 'json' } },
      { detail: { as: 'html' } },
    ])
    const letters = await world.db
      .selectFrom('notices')
      .select('kind')
      .where('identity_id', '=', rider.identityId)
      .execute()
    expect(letters.map(({ kind }) => kind)).toEqual(['data_export', 'data_export'])
  })

  test('asks for a factor again after a while', async () => {
    const stale = await world.newRider('Stale Taker')
    await world.db
      .updateTable('sessions')
      .set({ proved_at: new Date(world.clock.nowMs() - 11 * 60_000) })
      .where('identity_id', '=', stale.identityId)
      .execute()
    const answer = await stale.client.get('/account/export')
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/confirm?next=%2Faccount%2Fprivacy')
  })

  test('is taken six times an hour at most', async () => {
    const eager = await world.newRider('Eager Taker')
    const statuses: number[] = []
    for (let n = 0; n < 7; n++) {
      const answer = await eager.client.get('/account/export')
      statuses.push(answer.status)
      await answer.text()
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 429])
  })

  test('of more than a batch misses nothing and repeats nothing', async () => {
    const busy = await world.newRider('Busy Quoter')
    const {
      id: _id,
      set_id: _set,
      ...like
    } = await world.db.selectFrom('quotes').selectAll().limit(1).executeTakeFirstOrThrow()
    const rows = Array.from({ length: 1_201 }, (_, n) => ({
      ...like,
      id: world.random.uuid() as never,
      set_id: world.random.uuid(),
      rider_id: busy.identityId,
      lines: JSON.stringify(like.lines),
      trip: JSON.stringify(like.trip),
      stops: '[]',
      distance_m: n,
    }))
    await world.db.insertInto('quotes').values(rows).execute()
    const person = (await subjectOf(world.db, busy.identityId))!
    const seen: unknown[] = []
    for (const { title, rows } of exportParts({ db: world.db, uploads: { read: async () => null } }, person))
      if (title === 'Prices you asked for') for await (const row of rows) seen.push(row.distance_m)
    expect(seen).toHaveLength(1_201)
    expect(new Set(seen).size).toBe(1_201)
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
