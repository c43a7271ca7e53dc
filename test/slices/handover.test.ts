/** What one shift of the desk leaves to the next, and who did what during it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { partsOfNote } from '../../src/board/note-links.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'

interface Note {
  readonly id: string
  readonly text: string
  readonly isPinned: boolean
  readonly taken: { by: string } | null
  readonly done: { by: string } | null
}

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const PATH = '/api/v1/board/handover'
const first = () => world.canal.dispatcher.client
/** The one who comes next. */
const second = () => world.canal.admin.client
const notes = async (shows = 'open') =>
  (await first().done<{ notes: Note[] }>('GET', `${PATH}?shows=${shows}`)).notes
const write = async (text: string, pinned = false) =>
  (await first().done<{ id: string }>('POST', PATH, { text, pinned })).id
const noteOf = async (id: string, shows?: string) => (await notes(shows)).find((note) => note.id === id)

describe('a note', () => {
  test('is new to whoever comes next and not to who wrote it, and is taken over once', async () => {
    const id = await write('The lift at the pier is broken')
    const page = async (client: ReturnType<typeof first>) => (await client.get('/board/handover')).text()
    expect(await page(first())).not.toContain('New for you')
    expect(await page(second())).toContain('New for you')
    expect(await (await first().get('/board')).text()).toContain('not taken over')
    // Nobody takes over from themselves.
    expect(await first().done<object>('POST', `${PATH}/taken`, { ids: [id] })).toEqual({ taken: 0 })
    const both = await Promise.all(
      [1, 2].map(() => second().done<{ taken: number }>('POST', `${PATH}/taken`, { ids: [id] })),
    )
    expect(both.map(({ taken }) => taken).toSorted()).toEqual([0, 1])
    expect(await noteOf(id)).toMatchObject({ taken: { by: world.canal.admin.name } })
    expect(await page(second())).not.toContain('New for you')
  })

  test('stays on top while it is pinned, goes to the history when it is done, and comes back', async () => {
    const pinned = await write('Airport queue closed until Monday', true)
    const later = await write('later')
    expect((await notes())[0]).toMatchObject({ id: pinned, isPinned: true })
    const to = (id: string, wanted: string) =>
      second().done<{ changed: boolean }>('POST', `${PATH}/${id}`, { to: wanted })
    expect(await to(pinned, 'unpin')).toMatchObject({ changed: true })
    expect((await notes())[0]).toMatchObject({ id: later })
    expect(await to(pinned, 'done')).toMatchObject({ changed: true })
    expect(await to(pinned, 'done')).toMatchObject({ changed: false })
    expect(await noteOf(pinned)).toBeUndefined()
    expect(await noteOf(pinned, 'done')).toMatchObject({ done: { by: world.canal.admin.name } })
    await to(pinned, 'reopen')
    expect(await noteOf(pinned)).toMatchObject({ done: null })
  })

  test('leads to the ride and the car it speaks of, where they are the company’s', async () => {
    const { canal } = world
    const ride = await askRide(canal.rider)
    const { callSign } = await canal.dispatcher.client
      .done<{ driver: { callSign: string } }>('GET', `/api/v1/board/drivers/${canal.driver.driverId}`)
      .then(({ driver }) => driver)
    await write(`${ride.reference} waits for car ${callSign}; <b>HC-999999999</b> is none of ours`)
    const page = await (await second().get('/board/handover')).text()
    expect(page).toContain(`<a href="/board?ride=${ride.id}">${ride.reference}</a>`)
    expect(page).toContain(`<a href="/board?driver=${canal.driver.driverId}">car ${callSign}</a>`)
    expect(page).toContain('&lt;b&gt;HC-999999999&lt;/b&gt;')
  })

  test('of another company is not there', async () => {
    const id = await write('ours')
    const foreign = world.uptown.dispatcher.client
    expect((await foreign.call('POST', `${PATH}/${id}`, { to: 'done' })).status).toBe(404)
    expect(await foreign.done<object>('POST', `${PATH}/taken`, { ids: [id] })).toEqual({ taken: 0 })
    expect(await foreign.done<object>('GET', PATH)).toEqual({ notes: [] })
  })

  test('words in parts are the words again, whatever they are', () => {
    const word = fc.constantFrom(
      'HC-20418',
      'car 204',
      'Driver #7A',
      'hc-',
      'car',
      ' ',
      'عربى',
      '204',
      '-',
      'cab 12',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join('')),
        ),
        (text) => {
          const parts = partsOfNote(text)
          expect(parts.map((part) => part.text).join('')).toBe(text)
          expect(parts.some((part) => part.text === '')).toBe(false)
        },
      ),
    )
    expect(partsOfNote('HC-7 and car 204, cars 3')).toMatchObject([
      { kind: 'ride', number: 7 },
      { kind: 'text', text: ' and ' },
      { kind: 'car', callSign: '204' },
      { kind: 'text', text: ', cars 3' },
    ])
  })
})

describe('who did what', () => {
  interface Deed {
    readonly action: string
    readonly by: string
    readonly about: string | null
    readonly atMs: number
  }
  const deeds = async (query = '') =>
    (await first().done<{ deeds: Deed[]; next: string | null }>('GET', `/api/v1/board/deeds${query}`)).deeds

  test('by ride, by driver, by person and by kind, newest first; nothing of sign-ins, rights or others', async () => {
    const { canal, uptown } = world
    await goOnline(world, canal.driver)
    const ride = await askRide(canal.rider)
    await assign(canal, ride.id)
    await second().done('POST', `/api/v1/board/rides/${ride.id}/release`, { reason: 'test' })
    await first().done('POST', `/api/v1/board/drivers/${canal.driver.driverId}/hold`, { reason: 'test' })
    await first().done('POST', `/api/v1/board/drivers/${canal.driver.driverId}/return`, {})
    expect(await deeds(`?about=${ride.reference}`)).toMatchObject([
      { action: 'ride.released', by: canal.admin.name, about: ride.reference },
      { action: 'ride.assigned', by: canal.dispatcher.name, about: ride.reference },
    ])
    expect(
      (await deeds(`?who=${encodeURIComponent(canal.admin.name)}`)).every(
        ({ by }) => by === canal.admin.name,
      ),
    ).toBe(true)
    expect((await deeds('?action=driver.held')).map(({ action }) => action)).toEqual(['driver.held'])
    expect(await deeds('?about=no-such-car')).toEqual([])
    const all = await deeds()
    expect(all.map(({ atMs }) => atMs)).toEqual(all.map(({ atMs }) => atMs).toSorted((a, b) => b - a))
    expect(all.filter(({ action }) => /^(session|membership|company)\./.test(action))).toEqual([])
    const foreign = await uptown.dispatcher.client.done<{ deeds: Deed[] }>('GET', '/api/v1/board/deeds')
    expect(foreign.deeds).toEqual([])
    const page = await (await first().get(`/board/deeds?about=${ride.reference}`)).text()
    expect(page).toContain(`href="/board?ride=${ride.id}"`)
    expect(page).toContain('took a ride from a driver')
  })

  test('within a time of the region’s wall; what cannot be read filters nothing', async () => {
    expect(await deeds('?from=2099-01-01T00:00')).toEqual([])
    expect(await deeds('?to=2001-01-01T00:00')).toEqual([])
    expect((await deeds('?from=yesterday&action=nothing.known')).length).toBeGreaterThan(0)
  })
})

test('the supervisor’s page: a request that waits, and to each what they may decide', async () => {
  const { canal } = world
  const ride = await askRide(canal.rider)
  interface Now {
    readonly needs: readonly { readonly rideId?: string }[]
    readonly approvals: { readonly licences: number | null }
  }
  const read = (client: ReturnType<typeof first>) => client.done<Now>('GET', '/api/v1/board/now')
  const { needs, approvals } = await read(first())
  expect(needs.map(({ rideId }) => rideId)).toContain(ride.id)
  expect(approvals.licences).toBe(null)
  expect((await read(second())).approvals.licences).toBeNumber()
  const page = await (await first().get('/board/now')).text()
  expect(page).toContain(`href="/board?ride=${ride.id}"`)
  expect(page).toContain('/live/board')
})
