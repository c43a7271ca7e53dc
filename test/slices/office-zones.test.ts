import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { ZoneId } from '../../src/engine/units.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const SQUARE = '40.750, -73.990\n40.750, -73.980\n40.760, -73.980\n40.760, -73.990'
const FIELDS = {
  ...{
    name: 'Bryant Park rank',
    kind: 'rank',
    area: SQUARE,
    queue: 'on',
    hysteresis_m: '40',
    places_most: '6',
  },
  on_decline: 'keep',
}
const send = (who: Client, path: string, fields: Record<string, string>) =>
  who.form(path, { key: crypto.randomUUID(), ...fields })
const draw = (fields: Record<string, string> = {}, who = world.canal.admin.client) =>
  send(who, `/admin/regions/${world.canal.regionId}/zones`, { ...FIELDS, ...fields })
const idIn = (answer: Response) =>
  /\/admin\/zones\/([0-9a-f-]{36})/.exec(answer.headers.get('location') ?? '')![1]!
const pageOf = async (id: string) => (await world.canal.admin.client.get(`/admin/zones/${id}`)).text()
const seenIn = (page: string) => /name="seen" value="([^"]+)"/.exec(page)![1]!
const lastEntry = (action: string) =>
  world.db
    .selectFrom('audit_entries')
    .selectAll()
    .where('action', '=', action)
    .orderBy('sequence', 'desc')
    .executeTakeFirstOrThrow()
const row = (id: string) =>
  world.db
    .selectFrom('zones')
    .selectAll()
    .where('id', '=', id as ZoneId)
    .executeTakeFirstOrThrow()

describe('a zone that is drawn', () => {
  test('counts at once, here and by the news, and is audited', async () => {
    const { canal } = world
    const told: string[] = []
    const stop = world.bus.on('company.changed', ({ companyId }) => void told.push(companyId))
    const drawn = await draw()
    expect(drawn.headers.get('location')).toMatch(/\?done=drawn$/)
    const id = idIn(drawn)
    expect(world.companies.zones(canal.regionId)).toContainEqual(
      expect.objectContaining({
        id,
        name: 'Bryant Park rank',
        hasQueue: true,
        placesMost: 6,
        onDecline: 'keep',
      }),
    )
    expect(world.companies.queueZones(canal.regionId)?.index.at({ lat: 40.755, lng: -73.985 })).toHaveLength(
      1,
    )
    expect(await row(id)).toMatchObject({ slug: 'bryant-park-rank', outside_rides: false, hysteresis_m: 40 })
    expect(await lastEntry('zone.drawn')).toMatchObject({
      ...{ actor_id: canal.admin.identityId, company_id: canal.companyId, subject: id },
      detail: { after: { name: 'Bryant Park rank', area: '4 corners, 0.94 km² around 40.75500, -73.98500' } },
    })
    expect(told).toEqual([canal.companyId])
    stop()
  })

  test('sent twice is drawn once', async () => {
    const key = crypto.randomUUID()
    const fields = { name: 'Twice', key }
    const [first, again] = [await draw(fields), await draw(fields)]
    expect(again.headers.get('location')).toBe(first.headers.get('location')!)
    const rows = await world.db.selectFrom('zones').select('id').where('name', '=', 'Twice').execute()
    expect(rows).toHaveLength(1)
  })

  test('a name that gives no short name, or one that is taken, gets one all the same', async () => {
    expect(await row(idIn(await draw({ name: '中央駅' })))).toMatchObject({ slug: 'zone' })
    expect(await row(idIn(await draw({ name: '東駅' })))).toMatchObject({ slug: 'zone-2' })
    expect(await row(idIn(await draw({ name: 'Twice!' })))).toMatchObject({ slug: 'twice-2' })
  })

  test.each([
    [
      'a bow',
      { area: '40.75, -73.99\n40.76, -73.98\n40.75, -73.98\n40.76, -73.99' },
      'crosses or touches itself near 40.75500, -73.98500.',
    ],
    ['another city', { area: '51.50, -0.12\n51.50, -0.11\n51.51, -0.11' }, 'No part of it lies in Manhattan'],
    ['the name of another', { name: 'Twice' }, 'Another zone of this region has this name.'],
    ['no name', { name: ' ' }, 'A zone needs a name.'],
    ['places for nobody', { places_most: '0' }, 'A whole number from 1 to 500.'],
    ['a margin of a mile', { hysteresis_m: '1609' }, 'A whole number from 0 to 500.'],
  ])('%s is refused at its field, and what was typed stays', async (_what, change, words) => {
    const refused = await draw({ name: 'Refused', ...change })
    expect(refused.status).toBe(422)
    const page = await refused.text()
    expect(page).toContain(words)
    expect(page).toContain('aria-invalid="true"')
    if (!('area' in change)) expect(page).toContain(SQUARE)
    else expect(page).toContain(change.area)
  })

  test('another company’s region and zone are not there, and without a word of them', async () => {
    const { uptown, canal } = world
    expect((await draw({ name: 'Ours now' }, uptown.admin.client)).status).toBe(404)
    const id = idIn(await draw({ name: 'Not yours' }))
    expect((await uptown.admin.client.get(`/admin/zones/${id}`)).status).toBe(404)
    expect((await send(uptown.admin.client, `/admin/zones/${id}/closing`, { closed: 'yes' })).status).toBe(
      404,
    )
    expect(await (await uptown.admin.client.get('/admin/zones')).text()).not.toContain('Not yours')
    expect(await (await canal.admin.client.get('/admin/zones')).text()).toContain('Not yours')
  })
})

describe('a zone that is there', () => {
  test('is shown as it is, and saved as shown nothing changes', async () => {
    const id = idIn(await draw({ name: 'As it is', outside_rides: 'on' }))
    const page = await pageOf(id)
    expect(page).toContain('40.75, -73.99\n40.75, -73.98\n40.76, -73.98\n40.76, -73.99')
    const fields = { ...FIELDS, name: 'As it is', outside_rides: 'on', seen: seenIn(page) }
    const saved = await send(world.canal.admin.client, `/admin/zones/${id}`, fields)
    expect(saved.headers.get('location')).toBe(`/admin/zones/${id}?done=changed`)
    const entries = world.db.selectFrom('audit_entries').select('id').where('subject', '=', id)
    expect(await entries.where('action', '=', 'zone.changed').execute()).toEqual([])
  })

  test('changed, says what changed; changed by two, the second is shown so and loses nothing', async () => {
    const { client } = world.canal.admin
    const id = idIn(await draw({ name: 'Two desks' }))
    const seen = seenIn(await pageOf(id))
    const mine = { ...FIELDS, name: 'Two desks', seen }
    const moved = SQUARE.replaceAll('40.76', '40.77')
    expect((await send(client, `/admin/zones/${id}`, { ...mine, area: moved })).status).toBe(303)
    expect(await lastEntry('zone.changed')).toMatchObject({
      detail: {
        before: { area: '4 corners, 0.94 km² around 40.75500, -73.98500' },
        after: { area: '4 corners, 1.87 km² around 40.76000, -73.98500' },
      },
    })
    const late = await send(client, `/admin/zones/${id}`, { ...mine, places_most: '9' })
    expect(late.status).toBe(422)
    const page = await late.text()
    expect(page).toContain('Somebody changed this zone since you opened it.')
    expect(page).toContain('value="9"')
    expect(await row(id)).toMatchObject({ places_most: 6 })
    const again = await send(client, `/admin/zones/${id}`, { ...mine, places_most: '9', seen: seenIn(page) })
    expect(again.status).toBe(303)
    expect(await row(id)).toMatchObject({ places_most: 9 })
  })

  test('closed, nobody queues in it any more; opened again, they do', async () => {
    const { canal } = world
    const id = idIn(
      await draw({ name: 'Comes and goes', area: '40.7580, -73.9860\n40.7580, -73.9850\n40.7586, -73.9850' }),
    )
    const close = (closed: string) => send(canal.admin.client, `/admin/zones/${id}/closing`, { closed })
    const isKnown = () => world.companies.zones(canal.regionId).some((zone) => zone.id === id)
    expect((await close('yes')).headers.get('location')).toBe(`/admin/zones/${id}?done=closed`)
    expect(isKnown()).toBe(false)
    expect(await (await canal.admin.client.get('/admin/zones')).text()).toContain('One closed zone')
    expect(await pageOf(id)).toContain('It is closed')
    expect((await close('yes')).status).toBe(303)
    expect((await close('no')).headers.get('location')).toBe(`/admin/zones/${id}?done=opened`)
    expect(isKnown()).toBe(true)
    const entries = world.db.selectFrom('audit_entries').select('action').where('subject', '=', id)
    expect((await entries.orderBy('sequence').execute()).map(({ action }) => action)).toEqual([
      'zone.drawn',
      'zone.closed',
      'zone.opened',
    ])
  })
})
