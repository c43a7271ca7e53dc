import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { CASE_WITHIN_MS } from '../../src/engine/ride-case.ts'
import type { RideId } from '../../src/engine/units.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { lettersTo } from '../support/letters.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
let ada: Person
beforeAll(async () => {
  world = await startApp({ running: false })
  ada = world.canal.rider
}, 60_000)
afterAll(() => world?.stop())

async function driven(): Promise<string> {
  await world.limits.forgive('rides_person', ada.identityId)
  const { id } = await askRide(ada)
  await goOnline(world, world.canal.driver)
  await assign(world.canal, id)
  await takeSteps(world.canal.driver, id, 4)
  return id
}

const send = (who: Person, path: string, body: Record<string, string>) =>
  who.client.form(path, { ...body, key: crypto.randomUUID() })
const text = async (who: Person, path: string) => (await who.client.get(path)).text()
const kindsOf = async (who: Person) => (await lettersTo(world.db, who.email)).map(({ kind }) => kind)

describe('something lost', () => {
  test('goes from the rider to the driver and back, every step in words, by letter, and to an end', async () => {
    const { driver, dispatcher } = world.canal
    const id = await driven()
    const path = `/rides/${id}/cases/lost-item`
    expect(await text(ada, `/rides/${id}/receipt`)).toContain(`href="${path}"`)
    expect(await text(ada, path)).toContain('What did you lose?')
    const wrong = await send(ada, path, { text: 'my <b>phone</b>' })
    expect(wrong.status).toBe(422)
    const again = await wrong.text()
    expect(again).toContain('Choose what it is about.')
    expect(again).toContain('my &lt;b&gt;phone')
    const told = { topic: 'phone', text: 'A black one, on the back seat' }
    const sent = await Promise.all([send(ada, path, told), send(ada, path, told)])
    expect(sent.map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [303, path],
      [303, path],
    ])
    const cases = await world.db
      .selectFrom('ride_cases')
      .select('last_seq')
      .where('ride_id', '=', id as RideId)
      .execute()
    expect(cases).toEqual([{ last_seq: 1 }])
    expect(await kindsOf(driver)).toContain('lost_item')

    const theirs = `/driver${path}`
    expect(await text(driver, '/driver/cases')).toContain(theirs)
    const shown = await text(driver, theirs)
    expect(shown).toContain('on the back seat')
    expect(shown).not.toContain('Ada')
    expect((await send(driver, `${theirs}/steps`, { step: 'close', text: 'no' })).status).toBe(409)
    expect((await send(driver, `${theirs}/steps`, { step: 'write', text: ' ' })).status).toBe(422)
    expect((await send(driver, `${theirs}/steps`, { step: 'found', text: '' })).status).toBe(303)
    expect((await lettersTo(world.db, ada.email))[0]).toMatchObject({
      kind: 'case_news',
      data: { step: 'found', by: 'driver', link: path },
    })
    expect(await text(ada, path)).toContain('Found')
    expect(await text(dispatcher, '/board/cases')).toContain(`/board${path}`)
    const answer = { step: 'write', text: 'You can fetch it at Canal Street 12.' }
    expect((await send(dispatcher, `/board${path}/steps`, answer)).status).toBe(303)
    expect(await text(ada, path)).toContain('You can fetch it at Canal Street 12.')
    // Who is quicker ends it; the other is told that it has moved on.
    const ends = await Promise.all([
      send(ada, `${path}/steps`, { step: 'returned', text: '' }),
      send(driver, `${theirs}/steps`, { step: 'returned', text: '' }),
    ])
    expect(ends.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect(await text(ada, path)).toContain('Returned')
    expect((await send(ada, `${path}/steps`, { step: 'reopen', text: 'It was another phone.' })).status).toBe(
      303,
    )
    expect(await text(driver, '/driver/cases')).toContain('Open')
  })

  test('is nobody else’s to see or to touch', async () => {
    const { otherRider, otherDriver } = world.canal
    const id = await driven()
    const path = `/rides/${id}/cases/lost-item`
    await send(ada, path, { topic: 'keys', text: 'A ring with three keys' })
    for (const [who, prefix] of [
      [otherRider, ''],
      [otherDriver, '/driver'],
      [world.uptown.dispatcher, '/board'],
    ] as const) {
      expect((await who.client.get(`${prefix}${path}`)).status).toBe(404)
      expect((await send(who, `${prefix}${path}/steps`, { step: 'write', text: 'x' })).status).toBe(404)
    }
    expect((await ada.client.get(`/board${path}`)).status).toBe(403)
  })

  test('can be told of for 30 days after a ride that was driven to its end', async () => {
    const id = await driven()
    await world.db
      .updateTable('rides')
      .set({ ended_at: new Date(world.clock.nowMs() - CASE_WITHIN_MS) })
      .where('id', '=', id as RideId)
      .execute()
    const late = await send(ada, `/rides/${id}/cases/lost-item`, { topic: 'keys', text: 'Mine' })
    expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('30 days')])
    const { id: open } = await askRide(ada)
    expect((await send(ada, `/rides/${open}/cases/problem`, { topic: 'car', text: 'x' })).status).toBe(409)
    await ada.client.done('POST', `/api/v1/rides/${open}/cancellation`, { feeMinor: 0 })
    expect((await send(ada, `/rides/${open}/cases/lost-item`, { topic: 'keys', text: 'x' })).status).toBe(409)
    expect((await send(ada, `/rides/${open}/cases/problem`, { topic: 'other', text: 'x' })).status).toBe(303)
  })
})

describe('on open pages and for programs', () => {
  const flush = () => world.tracking.flush()
  const has = (words: string) => (message: string) => message.startsWith('<') && message.includes(words)

  test('each side reads at once what another one wrote, and its own name for who that was', async () => {
    const { driver, dispatcher } = world.canal
    const path = `/rides/${await driven()}/cases/lost-item`
    expect(await text(ada, path)).not.toContain('data-live')
    await send(ada, path, { topic: 'phone', text: 'A black one' })
    const pages = [
      [ada, '', 'Your driver'],
      [driver, '/driver', 'You'],
      [dispatcher, '/board', 'The driver'],
    ] as const
    const open = pages.map(([who, prefix, name]) => {
      const live = who.client.live(`/live${prefix}${path}`)
      return { who, prefix, name, live }
    })
    for (const { who, prefix, live } of open) {
      expect(await text(who, `${prefix}${path}`)).toContain(`data-live="/live${prefix}${path}"`)
      expect(await live.next(has('id="case"'))).toContain('A black one')
    }
    await send(driver, `/driver${path}/steps`, { step: 'found', text: 'It lay under the seat' })
    await flush()
    for (const { name, live } of open) {
      const told = await live.next(has('It lay under the seat'))
      expect(told).toContain(`<b>${name}</b> found it`)
    }
    // Without sockets the same, and what was typed and is wrong is not drawn over.
    const polled = await driver.client.get(`/live/driver${path}`, { accept: 'application/json' })
    expect(await polled.text()).toContain('It lay under the seat')
    const wrong = await (await send(ada, `${path}/steps`, { step: 'write', text: ' ' })).text()
    expect(wrong).toContain('Write a few words first.')
    expect(wrong).not.toContain('data-live')
    for (const { live } of open) live.close()
  })

  test('each list says by itself what came, and a report to the rider and the office alone', async () => {
    const { driver, dispatcher, admin, otherRider } = world.canal
    const id = await driven()
    const lists = [
      [ada, '/cases', ''],
      [driver, '/driver/cases', '/driver'],
      [dispatcher, '/board/cases', '/board'],
      [admin, '/board/cases', '/board'],
    ] as const
    const open = lists.map(([who, path, prefix]) => {
      const href = (kind: string) => `href="${prefix}/rides/${id}/cases/${kind}"`
      return { who, path, href, live: who.client.live(`/live${path}`) }
    })
    for (const { who, path, href, live } of open) {
      expect(await text(who, path)).toContain(`data-live="/live${path}"`)
      expect(await live.next(has('id="cases"'))).not.toContain(href('lost-item'))
    }
    await send(ada, `/rides/${id}/cases/lost-item`, { topic: 'phone', text: 'A black one' })
    await flush()
    for (const { href, live } of open) expect(await live.next(has(href('lost-item')))).toContain('Open')
    await send(ada, `/rides/${id}/cases/problem`, { topic: 'car', text: 'It smelled.' })
    await flush()
    const [mine, drivers, desks, office] = open
    for (const { href, live } of [mine!, office!]) await live.next(has(href('problem')))
    await send(driver, `/driver/rides/${id}/cases/lost-item/steps`, { step: 'found', text: '' })
    await flush()
    for (const { live, href } of [drivers!, desks!]) {
      const itsRow = new RegExp(`<a [^>]*${href('lost-item')}>.*?</a>`)
      const found = await live.next((message) => itsRow.exec(message)?.[0].includes('>Found<') === true)
      expect(found).not.toContain(href('problem'))
    }
    // Without sockets the same; and who has no part in it has an empty list.
    const polled = await ada.client.get('/live/cases', { accept: 'application/json' })
    expect(await polled.text()).toContain(`/rides/${id}/cases/problem`)
    expect(await text(otherRider, '/cases')).not.toContain(id)
    expect(await text(world.uptown.dispatcher, '/board/cases')).not.toContain(id)
    const own = await ada.client.done<{ cases: object[] }>('GET', '/api/v1/cases')
    expect(own.cases).toContainEqual(expect.objectContaining({ rideId: id, kind: 'problem', state: 'open' }))
    for (const { live } of open) live.close()
  })

  test('a line is for whom the page is for', async () => {
    const { otherRider, otherDriver, driver, dispatcher, admin } = world.canal
    const id = await driven()
    for (const kind of ['lost-item', 'problem']) {
      const topic = kind === 'problem' ? 'car' : 'phone'
      await send(ada, `/rides/${id}/cases/${kind}`, { topic, text: 'words' })
    }
    const opened = (who: Person, prefix: string, kind: string) => {
      const live = who.client.live(`/live${prefix}/rides/${id}/cases/${kind}`)
      return live.opened.then((how) => {
        live.close()
        return how === 'open'
      })
    }
    expect(await opened(otherRider, '', 'lost-item')).toBe(false)
    expect(await opened(otherDriver, '/driver', 'lost-item')).toBe(false)
    expect(await opened(driver, '/driver', 'lost-item')).toBe(true)
    // What is reported is between the rider and the office.
    expect(await opened(driver, '/driver', 'problem')).toBe(false)
    expect(await opened(dispatcher, '/board', 'problem')).toBe(false)
    expect(await opened(admin, '/board', 'problem')).toBe(true)
    expect((await driver.client.call('GET', `/api/v1/driver/rides/${id}/cases/problem`)).status).toBe(404)
    expect((await dispatcher.client.call('GET', `/api/v1/board/rides/${id}/cases/problem`)).status).toBe(404)
  })

  test('programs take the same steps, and are told what may come next', async () => {
    interface Case {
      readonly state: string | null
      readonly steps: string[]
      readonly messages: { side: string; step: string; text: string }[]
    }
    const { driver, dispatcher } = world.canal
    const id = await driven()
    const path = `/rides/${id}/cases/lost-item`
    const api = <T = Case>(who: Person, prefix: string, tail = '', body?: object) =>
      who.client.done<T>(body === undefined ? 'GET' : 'POST', `/api/v1${prefix}${path}${tail}`, body)
    expect(await api(ada, '')).toMatchObject({ state: null, mayOpen: true, messages: [], steps: [] })
    const told = { topic: 'phone', text: 'A black one' }
    expect(await api(ada, '', '', told)).toEqual({ state: 'open' } as never)
    const wrong = await ada.client.call('POST', `/api/v1${path}`, { topic: 'moon', text: 'x' })
    expect(wrong.status).toBe(422)
    expect(wrong.headers.get('content-type')).toContain('application/problem+json')
    const listed = await driver.client.done<{ cases: object[] }>('GET', '/api/v1/driver/cases')
    expect(listed.cases[0]).toMatchObject({ rideId: id, kind: 'lost_item', state: 'open' })
    expect(JSON.stringify(listed)).not.toContain('Ada')
    const desks = await dispatcher.client.done<{ cases: object[] }>('GET', '/api/v1/board/cases')
    expect(desks.cases).toContainEqual(
      expect.objectContaining({ rideId: id, driverName: expect.any(String) }),
    )

    const { steps } = await api(driver, '/driver')
    expect(steps).toContain('found')
    expect(await api(driver, '/driver', '/steps', { step: 'found' })).toEqual({ state: 'found' } as never)
    const late = await driver.client.call('POST', `/api/v1/driver${path}/steps`, {
      step: 'close',
      text: 'no',
    })
    expect(late.status).toBe(409)
    expect(await api(dispatcher, '/board')).toMatchObject({
      state: 'found',
      messages: [
        { side: 'rider', step: 'open', text: 'A black one' },
        { side: 'driver', step: 'found', text: '' },
      ],
    })
  })
})

describe('a report', () => {
  test('reaches the office alone, waits there, and is answered by letter', async () => {
    const { driver, dispatcher, admin } = world.canal
    const id = await driven()
    const path = `/rides/${id}/cases/problem`
    await send(ada, path, { topic: 'driving', text: 'He drove through a red light.' })
    expect(await kindsOf(ada)).toContain('case_news')
    expect((await driver.client.get(`/driver${path}`)).status).toBe(404)
    expect((await dispatcher.client.get(`/board${path}`)).status).toBe(404)
    expect(await text(dispatcher, '/board/cases')).not.toContain(path)
    expect(await text(admin, '/board/cases')).toContain(`/board${path}`)
    expect(await text(admin, '/admin')).toContain('href="/board/cases"')
    const said = await send(admin, `/board${path}/steps`, { step: 'write', text: 'We spoke with him.' })
    expect(said.status).toBe(303)
    const [letter] = await lettersTo(world.db, ada.email)
    expect(letter).toMatchObject({ kind: 'case_news', data: { case: 'problem', text: 'We spoke with him.' } })
    expect(await text(ada, path)).toContain('Answered')
    expect((await send(admin, `/board${path}/steps`, { step: 'close', text: '' })).status).toBe(422)
    expect((await send(ada, `${path}/steps`, { step: 'write', text: 'Thank you.' })).status).toBe(303)
    expect(await text(admin, `/board${path}`)).toContain('Thank you.')
    const audited = await world.db
      .selectFrom('audit_entries')
      .select('actor_id')
      .where('action', '=', 'case.handled')
      .where('subject', '=', id)
      .execute()
    expect(audited).toEqual([{ actor_id: admin.identityId }])
    // The driver's own handle on the database sees nothing of it either.
    const scope = {
      ...{ companyIds: [world.canal.companyId], staffedIds: [], personId: driver.identityId },
      everywhere: false,
    }
    const seen = await world
      .walled(scope)
      .selectFrom('ride_cases')
      .select('kind')
      .where('ride_id', '=', id as RideId)
      .execute()
    expect(seen).toEqual([])
  })
})
