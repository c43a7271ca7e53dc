/** Views of the board under a name: one's own and the desk's, the one a board begins with, and two who change one at once. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { listOfSearch, searchOf } from '../../src/board/saved-search.ts'
import { MOST_VIEWS } from '../../src/board/saved-views.ts'
import { VEHICLE_CLASSES } from '../../src/engine/units.ts'
import { NOTE_KINDS, TABLE_SHOWS } from '../../views/board/props.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'

interface View {
  readonly id: string
  readonly name: string
  readonly search: string
  readonly isShared: boolean
  readonly isOwn: boolean
  readonly isFirst: boolean
  readonly version: number
}

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const PATH = '/api/v1/board/views'
const ines = () => world.canal.dispatcher.client
const max = () => world.canal.admin.client
type Client = ReturnType<typeof ines>
const viewsOf = async (client: Client) => (await client.done<{ views: View[] }>('GET', PATH)).views
const save = async (client: Client, body: object) =>
  (await client.done<{ id: string }>('POST', PATH, body)).id
const viewOf = async (client: Client, id: string) => (await viewsOf(client)).find((view) => view.id === id)
const problem = async (answer: Response) => ({
  status: answer.status,
  detail: ((await answer.json()) as { detail: string }).detail,
})
const page = async (client: Client, path = '/board') => (await client.get(path)).text()

describe('a search', () => {
  test('is kept as the board writes it: whatever the table can show comes back the same', () => {
    const words = fc.string({ minLength: 1, maxLength: 80 }).map((text) => text.trim())
    const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
    const search = fc
      .record({
        show: some(fc.constantFrom(...TABLE_SHOWS)),
        q: some(words),
        class: some(fc.constantFrom(...VEHICLE_CLASSES)),
        from: some(words),
        late: some(fc.constant('yes')),
        note: some(fc.constantFrom(...NOTE_KINDS)),
        ride: some(fc.uuid()),
      })
      .map((said) =>
        new URLSearchParams(
          Object.entries(said).flatMap(([name, value]) => (value ? [[name, value]] : [])),
        ).toString(),
      )
    fc.assert(
      fc.property(search, (text) => {
        const read = listOfSearch(text)
        if (read === null) return
        const written = searchOf(read)
        expect(listOfSearch(written)).toEqual(read)
        expect(searchOf(listOfSearch(written)!)).toBe(written)
        expect(written).not.toContain('ride=')
      }),
    )
  })
})

describe('a view', () => {
  test('is one’s own until it is shared with the desk, and nobody else’s thing', async () => {
    const id = await save(ines(), { name: 'Late at night', search: 'note=rescue&late=yes&show=live' })
    expect(await viewOf(ines(), id)).toMatchObject({
      ...{ name: 'Late at night', search: 'late=yes&note=rescue', isShared: false, isOwn: true, version: 1 },
    })
    expect(await viewOf(max(), id)).toBeUndefined()
    expect(await page(max())).not.toContain('Late at night')
    for (const tail of ['', '/deletion'])
      expect((await max().call('POST', `${PATH}/${id}${tail}`, { version: 1 })).status).toBe(404)
    await ines().done('POST', `${PATH}/${id}`, { version: 1, shared: true })
    expect(await viewOf(max(), id)).toMatchObject({ isShared: true, isOwn: false, version: 2 })
    expect(await page(max())).toContain('data-saved-view="Late at night"')
    // Another company has no such view, shared or not.
    const foreign = world.uptown.dispatcher.client
    expect(await viewOf(foreign, id)).toBeUndefined()
    for (const tail of ['', '/deletion'])
      expect((await foreign.call('POST', `${PATH}/${id}${tail}`, { version: 2 })).status).toBe(404)
  })

  test('of the desk is anybody’s to rename, and its owner’s to keep to themselves', async () => {
    const id = await save(ines(), { name: 'Airport', search: 'to=JFK', shared: true })
    expect(await problem(await max().call('POST', `${PATH}/${id}`, { version: 1, shared: false }))).toEqual({
      ...{
        status: 409,
        detail: 'Whoever made it says whether it is shared. Save it as one of your own instead.',
      },
    })
    await max().done('POST', `${PATH}/${id}`, { version: 1, name: 'To the airport' })
    expect(await viewOf(ines(), id)).toMatchObject({ name: 'To the airport', version: 2, isOwn: true })
    // By form, without the box that only its owner has, it stays shared.
    const form = { name: 'Airport runs', version: '2', key: crypto.randomUUID() }
    expect((await max().form(`/board/views/${id}`, form)).status).toBe(303)
    expect(await viewOf(ines(), id)).toMatchObject({ name: 'Airport runs', isShared: true })
    const { deeds } = await ines().done<{ deeds: { action: string; by: string }[] }>(
      'GET',
      '/api/v1/board/deeds',
    )
    expect(deeds[0]).toMatchObject({ action: 'view.changed', by: world.canal.admin.name })
  })

  test('that somebody changed meanwhile is not changed by an older picture of it, and it is said who was first', async () => {
    const id = await save(ines(), { name: 'Wheelchairs', search: 'class=accessible', shared: true })
    const answers = await Promise.all(
      [ines(), max()].map((client, n) =>
        client.call('POST', `${PATH}/${id}`, { version: 1, name: `Ramp ${n}` }),
      ),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
    const lost = await problem(answers.find(({ status }) => status === 409)!)
    const first = answers[0]!.ok ? world.canal.dispatcher.name : world.canal.admin.name
    expect(lost.detail).toMatch(new RegExp(`^${first} changed this view \\d+ s ago\\. Nothing was done`))
    const gone = await Promise.all(
      [ines(), max()].map((client) => client.call('POST', `${PATH}/${id}/deletion`, { version: 2 })),
    )
    expect(gone.map(({ status }) => status).toSorted()).toEqual([200, 404])
  })

  test('has a name that no other has where it stands; with the same name once one’s own, once the desk’s', async () => {
    await save(ines(), { name: 'Evening', search: '' })
    expect((await ines().call('POST', PATH, { name: 'EVENING', search: 'late=yes' })).status).toBe(409)
    await save(max(), { name: 'Evening', search: '' })
    const shared = await save(ines(), { name: 'evening', search: '', shared: true })
    expect((await max().call('POST', PATH, { name: 'Evening', shared: true })).status).toBe(409)
    const races = await Promise.all(
      Array.from({ length: 4 }, () => max().call('POST', PATH, { name: 'Raced', search: '' })),
    )
    expect(races.map(({ status }) => status).toSorted()).toEqual([201, 409, 409, 409])
    expect((await viewOf(max(), shared))?.name).toBe('evening')
  })

  test('refuses what no board can show, a name of nothing, and one too many', async () => {
    for (const body of [
      { name: 'x', search: 'show=everything' },
      { name: ' ', search: '' },
      { name: 'y'.repeat(41), search: '' },
    ])
      expect((await ines().call('POST', PATH, body)).status).toBe(422)
    const operator = world.canal.operator.client
    expect((await operator.get(PATH)).status).toBe(403)
    const free = MOST_VIEWS - (await viewsOf(max())).filter(({ isShared }) => !isShared).length
    for (let n = 0; n < free; n++) await save(max(), { name: `No. ${n}`, search: '' })
    expect(
      (await problem(await max().call('POST', PATH, { name: 'one more', search: '' }))).detail,
    ).toStartWith('40 views are as many as fit.')
  })
})

describe('the board', () => {
  test('begins with the view that its reader chose, once at most, and says so where it shows something else', async () => {
    const { dispatcher } = world.canal
    const table = async (path: string) =>
      /data-address="([^"]*)"/.exec(await page(dispatcher.client, path))?.[1]
    expect(await table('/board')).toBe('/board/table')
    const first = await save(ines(), { name: 'On board', search: 'show=on_board', first: true })
    expect(await table('/board')).toBe('/board/table?show=on_board')
    const second = await save(ines(), { name: 'Booked', search: 'show=booked', first: true })
    expect((await viewsOf(ines())).filter(({ isFirst }) => isFirst).map(({ id }) => id)).toEqual([second])
    expect(await table('/board')).toBe('/board/table?show=booked')
    // An address that says what to show is meant as it stands, and every tab has one.
    expect(await table('/board?show=live')).toBe('/board/table')
    expect(await page(ines())).toContain('href="/board?show=live"')
    expect(await page(ines())).toContain('data-first')
    expect(await page(max())).not.toContain('data-first')
    await ines().done('POST', `${PATH}/${second}`, { version: 1, first: false })
    expect(await table('/board')).toBe('/board/table')
    await ines().done('POST', `${PATH}/${first}`, { version: 1, first: true })
    await ines().done('POST', `${PATH}/${first}/deletion`, { version: 1 })
    expect(await table('/board')).toBe('/board/table')
  })

  test('a shared view that its owner takes back begins nobody else’s board any more', async () => {
    const id = await save(ines(), { name: 'Ours', search: 'show=ended', shared: true })
    await max().done('POST', `${PATH}/${id}`, { version: 1, first: true })
    expect(await page(max())).toContain('data-address="/board/table?show=ended"')
    await ines().done('POST', `${PATH}/${id}`, { version: 1, shared: false })
    expect(await page(max())).toContain('data-address="/board/table"')
  })

  test('works by forms: saved from what is shown, refused with the words kept, deleted and put back', async () => {
    const { client } = world.canal.dispatcher
    const key = () => crypto.randomUUID()
    const saved = await client.form('/board/views', {
      ...{ name: 'To Pier 61', search: 'to=Pier 61', shared: 'yes', key: key() },
    })
    expect([saved.status, saved.headers.get('location')]).toEqual([303, '/board?to=Pier+61'])
    const board = await page(client, '/board?to=Pier+61')
    expect(board).toMatch(/<a class="views-item"[^>]*data-saved-view="To Pier 61"[^>]*aria-current="true"/)
    for (const [name, status, words] of [
      ['', 422, 'Give it a name'],
      ['to pier 61', 409, 'There is a view of that name already'],
    ] as const) {
      const again = await client.form('/board/views', { name, search: 'late=yes', shared: 'yes', key: key() })
      const markup = await again.text()
      expect(again.status).toBe(status)
      expect(markup).toContain(words)
      expect(markup).toContain(`name="name" value="${name}"`)
      expect(markup).toContain('<input type="hidden" name="search" value="late=yes">')
    }
    const { id } = (await viewsOf(client)).find(({ name }) => name === 'To Pier 61')!
    const deleted = await client.form(`/board/views/${id}/deletion`, { version: '1', key: key() })
    expect(deleted.status).toBe(303)
    const list = await page(client, deleted.headers.get('location')!)
    expect(list).toContain('“<bdi>To Pier 61</bdi>” is deleted.')
    expect(list).toContain('Put it back')
    const lost = await client.form(`/board/views/${id}`, { name: 'x', version: '1', key: key() })
    expect(lost.status).toBe(404)
    expect(await lost.text()).toContain('That view is not there any more.')
  })
})
