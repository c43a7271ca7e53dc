/** What a rider asks with: needs of the car, places of their own, being told of a free car, another car meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { attributeBits } from '../../src/engine/attributes.ts'
import { localDay } from '../../src/engine/day.ts'
import { manualClock } from '../../src/io/clock.ts'
import {
  type AppWorld,
  BRYANT_PARK,
  type Person,
  startApp,
  TIMES_SQUARE,
  WALL_STREET,
} from '../support/app-world.ts'
import { goOnline, pingAt, type RideAnswer } from '../support/ride-steps.ts'

const ZONE = 'America/New_York'
const FROM = { ...TIMES_SQUARE, label: 'Times Square' }
const TO = { ...WALL_STREET, label: 'Wall Street' }
const WAY = {
  ...{ from: FROM.label, from_lat: `${FROM.lat}`, from_lng: `${FROM.lng}` },
  ...{ to: TO.label, to_lat: `${TO.lat}`, to_lng: `${TO.lng}` },
}

interface Option {
  readonly quoteId: string
  readonly class: string
  readonly etaS: number | null
}

const clock = manualClock(Date.UTC(2026, 10, 21, 14))
let world: AppWorld
beforeAll(async () => {
  world = await startApp({ clock, running: false, places: true })
}, 60_000)
afterAll(() => world?.stop())
beforeEach(async () => {
  await world.canal.driver.client.call('DELETE', '/api/v1/driver/shift')
  await equip([])
})

async function equip(names: Parameters<typeof attributeBits>[0], vehicleClass?: 'black'): Promise<void> {
  await world.db
    .updateTable('vehicles')
    .set({ attributes: attributeBits(names), class: vehicleClass ?? 'standard' })
    .where('id', '=', world.canal.driver.vehicleId)
    .execute()
}

let riders = 0
/** Somebody who has not ridden yet. */
const rider = () => world.newRider(`Noor${++riders} Haddad`)

async function options(who: Person, needs: string[] = []): Promise<Option[]> {
  const body = { from: FROM, to: TO, seats: 1, needs }
  return (await who.client.done<{ options: Option[] }>('POST', '/api/v1/quotes', body)).options
}

function ask(who: Person, quoteId: string): Promise<RideAnswer> {
  return who.client.done('POST', '/api/v1/rides', { quoteId, payment: 'cash', note: 'blue umbrella' })
}

async function tick(): Promise<void> {
  for (const dispatcher of world.dispatchers) await dispatcher.run()
}

async function offerOf(): Promise<{ rideId: string } | null> {
  const day = await world.canal.driver.client.done<{ offer: { rideId: string } | null }>(
    'GET',
    '/api/v1/driver',
  )
  return day.offer
}

/** The driver is still there as time goes on. */
async function stay(): Promise<void> {
  await world.canal.driver.client.done('POST', '/api/v1/positions', { pings: [pingAt(world, BRYANT_PARK)] })
  await world.fleet.settle()
}

describe('what the car must have', () => {
  test('only a car that has it counts as free, and only such a car is asked', async () => {
    const who = await rider()
    await goOnline(world, world.canal.driver)
    expect((await options(who))[0]).toMatchObject({ class: 'standard', etaS: expect.any(Number) })
    const [seat] = await options(who, ['child_seat'])
    expect(seat).toMatchObject({ class: 'standard', etaS: null })
    const ride = await ask(who, seat!.quoteId)
    expect(ride).toMatchObject({ needs: ['child_seat'] })
    await tick()
    expect(await offerOf()).toBeNull()

    await world.canal.driver.client.done('DELETE', '/api/v1/driver/shift')
    await equip(['child_seat', 'pets'])
    await goOnline(world, world.canal.driver)
    expect((await options(who, ['child_seat', 'pets']))[0]!.etaS).not.toBeNull()
    await tick()
    expect(await offerOf()).toMatchObject({ rideId: ride.id })
    await who.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
  })

  test('the plain form asks for it, keeps it when a word is wrong, and the prices say it', async () => {
    const { client } = await rider()
    const wrong = await client.form('/quotes', {
      ...WAY,
      to: '',
      to_lat: '',
      to_lng: '',
      child_seat: 'on',
      seats: '3',
    })
    expect(wrong.status).toBe(422)
    const form = await wrong.text()
    expect(form).toContain('name="child_seat" checked')
    expect(form).toContain('<option value="3" selected>')
    const asked = await client.form('/quotes', { ...WAY, child_seat: 'on', pets: 'on', seats: '3' })
    const prices = await (await client.get(asked.headers.get('location')!)).text()
    expect(prices).toContain('Only cars with a child seat and room for a pet.')
    expect(prices).toContain('name="pets" checked form="again"')
    // Another thing is none of ours.
    expect((await client.form('/quotes', { ...WAY, jacuzzi: 'on' })).status).toBe(422)
    const unknown = await client.call('POST', '/api/v1/quotes', { from: FROM, to: TO, needs: ['jacuzzi'] })
    expect(unknown.status).toBe(422)
  })

  test('it is part of what is signed: a row that was changed behind our back is not a promise', async () => {
    const who = await rider()
    const [seat] = await options(who, ['child_seat'])
    await world.db
      .updateTable('quotes')
      .set({ attributes: 0 } as never)
      .where('id', '=', seat!.quoteId as never)
      .execute()
    const refused = await who.client.call('POST', '/api/v1/rides', {
      quoteId: seat!.quoteId,
      payment: 'cash',
    })
    expect(refused.status).toBe(409)
  })
})

describe('places of one’s own', () => {
  const home = { to: '828 Broadway', to_lat: '40.7333', to_lng: '-73.9909', kind: 'home', name: '' }

  test('home is saved, moved by saving another one, offered without a word typed, renamed and removed', async () => {
    const { client } = await rider()
    const save = (place: Record<string, string>) =>
      client.form('/account/places', { ...place, key: crypto.randomUUID() })
    expect((await save(home)).headers.get('location')).toBe('/account/places?done=saved')
    expect((await save({ ...home, to: '1071 Fifth Ave', to_lat: '40.783' })).status).toBe(303)
    expect((await save({ ...home, to: 'Grand Central', kind: 'other', name: 'Trains' })).status).toBe(303)
    const own = () =>
      client.done<{ saved: { id: string; name: string; label: string }[] }>('GET', '/api/v1/account/places')
    const { saved } = await own()
    expect(saved.map(({ name, label }) => [name, label])).toEqual([
      ['Home', '1071 Fifth Ave'],
      ['Trains', 'Grand Central'],
    ])
    const list = await (await client.get('/places?q=&field=to')).text()
    expect(list).toContain('data-label="1071 Fifth Ave"')
    expect(list).toContain('>Home<')
    const request = await (await client.get('/request')).text()
    expect(request).toMatch(/href="\/request\?to=1071\+Fifth\+Ave[^"]*"/)
    // With the second end known, a press without script fills in the first.
    const half = await (await client.get('/request?to=Wall+Street&to_lat=40.7074&to_lng=-74.0113')).text()
    expect(half).toMatch(/href="\/request\?from=1071\+Fifth\+Ave[^"]*to=Wall\+Street/)

    const trains = saved[1]!.id
    const renamed = await client.form(`/account/places/${trains}`, {
      name: 'Station',
      key: crypto.randomUUID(),
    })
    expect(renamed.status).toBe(303)
    expect((await own()).saved[1]!.name).toBe('Station')
    await client.form(`/account/places/${trains}/removal`, { key: crypto.randomUUID() })
    expect((await own()).saved).toHaveLength(1)
    const gone = await client.form(`/account/places/${trains}/removal`, { key: crypto.randomUUID() })
    expect(gone.status).toBe(404)
  })

  test('a place without a name, and words that fit several places, are said where they stand', async () => {
    const { client } = await rider()
    const nameless = await client.form('/account/places', {
      ...home,
      kind: 'other',
      key: crypto.randomUUID(),
    })
    expect(nameless.status).toBe(422)
    expect(await nameless.text()).toContain('Give it a name.')
    const unclear = await client.form('/account/places', {
      ...{ to: 'times squ', kind: 'other', name: 'Lights', key: crypto.randomUUID() },
    })
    expect(unclear.status).toBe(422)
    const page = await unclear.text()
    expect(page).toContain('Did you mean, for “times squ”')
    expect(page).toMatch(/href="\/account\/places\?to=[^"]*name=Lights/)
  })

  test('there are twenty of them, and one home, however many are saved at once', async () => {
    const { client, identityId } = await rider()
    const all = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        client.form('/account/places', {
          ...{ ...home, key: crypto.randomUUID() },
          ...(n < 3 ? {} : { kind: 'other', name: `Place ${n}` }),
        }),
      ),
    )
    expect(all.map(({ status }) => status).toSorted()).toEqual([
      ...Array.from({ length: 22 }, () => 303),
      ...[409, 409],
    ])
    const rows = await world.db
      .selectFrom('saved_places')
      .select('kind')
      .where('identity_id', '=', identityId)
      .execute()
    expect(rows).toHaveLength(20)
    expect(rows.filter(({ kind }) => kind === 'home')).toHaveLength(1)
  })

  test('where somebody rode is offered once, the newest first, and to nobody else', async () => {
    const who = await rider()
    const ride = await ask(who, (await options(who))[0]!.quoteId)
    await who.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
    const again = await ask(who, (await options(who))[0]!.quoteId)
    await who.client.done('POST', `/api/v1/rides/${again.id}/cancellation`, { feeMinor: 0 })
    const { recent } = await who.client.done<{ recent: { label: string }[] }>('GET', '/api/v1/account/places')
    expect(recent.map(({ label }) => label)).toEqual(['Wall Street', 'Times Square'])
    const stranger = await rider()
    expect(await stranger.client.done('GET', '/api/v1/account/places')).toEqual({ saved: [], recent: [] })
    expect(await (await world.stranger.get('/places?q=&field=to')).text()).not.toContain('Wall Street')
  })
})

describe('“Tell me when one is free”', () => {
  const letters = (identityId: Person['identityId']) =>
    world.db
      .selectFrom('notices')
      .select('data')
      .where('kind', '=', 'car_free')
      .where('identity_id', '=', identityId)
      .execute()

  test('a class without a free car offers it; pressed, it is told once, by letter and on the page', async () => {
    const who = await rider()
    await goOnline(world, world.canal.driver)
    const black = (await options(who)).find((option) => option.class === 'black')!
    const { set_id } = await world.db
      .selectFrom('quotes')
      .select('set_id')
      .where('id', '=', black.quoteId as never)
      .executeTakeFirstOrThrow()
    const page = async () => (await who.client.get(`/quotes/${set_id}`)).text()
    expect(await page()).toContain(`name="quote_id" value="${black.quoteId}">Tell me when`)
    for (let n = 0; n < 2; n++) {
      const pressed = await who.client.form('/free-waits', { quote_id: black.quoteId })
      expect(pressed.headers.get('location')).toBe(`/quotes/${set_id}`)
    }
    expect(await page()).toContain('We write to you once a Black is free near here')
    await tick()
    expect(await letters(who.identityId)).toEqual([])

    await world.canal.driver.client.done('DELETE', '/api/v1/driver/shift')
    await equip([], 'black')
    await goOnline(world, world.canal.driver)
    for (let n = 0; n < 2; n++) {
      clock.advance(11_000)
      await stay()
      await tick()
    }
    const told = await letters(who.identityId)
    expect(told).toHaveLength(1)
    expect(told[0]!.data).toMatchObject({ class: 'black', from: 'Times Square' })
    expect(await page()).toContain('A Black is free near you now.')
  })

  test('nobody is told after half an hour, and five at once are enough', async () => {
    const who = await rider()
    const quotes: string[] = []
    for (let n = 0; n < 2; n++) quotes.push(...(await options(who)).map(({ quoteId }) => quoteId))
    const answers: number[] = []
    for (const quoteId of quotes)
      answers.push((await who.client.call('POST', '/api/v1/free-waits', { quoteId })).status)
    expect(answers).toEqual([201, 201, 201, 201, 201, 409])
    clock.advance(31 * 60_000)
    await goOnline(world, world.canal.driver)
    await tick()
    expect(await letters(who.identityId)).toEqual([])
  })
})

describe('another car while the search goes on', () => {
  test('after half a minute the other class that is free is offered, and one press asks for it instead', async () => {
    const who = await rider()
    await equip([], 'black')
    await goOnline(world, world.canal.driver)
    const offered = await options(who)
    const ride = await ask(who, offered[0]!.quoteId)
    const page = async () => (await who.client.get(`/rides/${ride.id}`)).text()
    expect(await page()).not.toContain('is free right now')
    clock.advance(31_000)
    await stay()
    const waiting = await page()
    expect(waiting).toContain('Black is free right now')
    const black = offered.find((option) => option.class === 'black')!.quoteId
    const press = (client = who.client) =>
      client.form(`/rides/${ride.id}/instead`, { quote_id: black, key: crypto.randomUUID() })
    // Two presses at once are one change.
    const both = await Promise.all([press(), press()])
    const places = both.map((answer) => answer.headers.get('location'))
    expect(both.map(({ status }) => status)).toEqual([303, 303])
    const next = places.find((place) => place !== `/rides/${ride.id}`)!
    expect(places).toContain(`/rides/${ride.id}`)
    expect(await who.client.done('GET', `/api/v1${next}`)).toMatchObject({
      ...{ state: 'requested', class: 'black', note: 'blue umbrella' },
    })
    expect(await who.client.done('GET', `/api/v1/rides/${ride.id}`)).toMatchObject({ state: 'cancelled' })
    await tick()
    expect(await offerOf()).toMatchObject({ rideId: next.split('/').at(-1)! })
    await who.client.done('POST', `/api/v1${next}/cancellation`, { feeMinor: 0 })
  })

  test('a price for another way, of another rider, or that ran out changes nothing', async () => {
    const who = await rider()
    const offered = await options(who)
    const ride = await ask(who, offered[0]!.quoteId)
    const instead = async (quoteId: string, client = who.client) =>
      (await client.call('POST', `/api/v1/rides/${ride.id}/instead`, { quoteId })).status
    const elsewhere = (await options(who)).find((option) => option.class === 'black')!
    expect(await instead(elsewhere.quoteId)).toBe(409)
    expect(await instead(offered[0]!.quoteId)).toBe(409)
    const other = await rider()
    const black = offered.find((option) => option.class === 'black')!
    expect(await instead(black.quoteId, other.client)).toBe(404)
    clock.advance(5 * 60_000 + 1)
    expect(await instead(black.quoteId)).toBe(409)
    const still = await who.client.done<RideAnswer>('GET', `/api/v1/rides/${ride.id}`)
    expect(still).toMatchObject({ state: 'requested', class: 'standard' })
    await who.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
  })
})

describe('rides of before', () => {
  test('are narrowed down by kind, days and words; the address says it, and what is asked for again is the same way', async () => {
    const who = await rider()
    const [standard] = await options(who, ['pets'])
    const first = await ask(who, standard!.quoteId)
    await who.client.done('POST', `/api/v1/rides/${first.id}/cancellation`, { feeMinor: 0 })
    // The next day, where the rides are.
    clock.advance(24 * 3_600_000)
    const quotes = await who.client.done<{ options: Option[] }>('POST', '/api/v1/quotes', {
      ...{ from: TO, to: { ...BRYANT_PARK, label: '100% Bryant_Park' }, seats: 2 },
    })
    const second = await ask(who, quotes.options[0]!.quoteId)
    const list = async (query: string) => {
      const { rides } = await who.client.done<{ rides: RideAnswer[] }>('GET', `/api/v1/rides?${query}`)
      return rides.map(({ id }) => id)
    }
    expect(await list('')).toEqual([second.id, first.id])
    expect(await list('state=ended')).toEqual([first.id])
    expect(await list('state=coming')).toEqual([second.id])
    expect(await list('state=completed')).toEqual([])
    expect(await list('q=times')).toEqual([first.id])
    // Signs of a pattern are letters.
    expect(await list('q=100%25 bryant_p')).toEqual([second.id])
    expect(await list('q=%25')).toEqual([second.id])
    expect(await list('q=b_yant')).toEqual([])
    expect(await list(`q=${first.reference.toLowerCase()}`)).toEqual([first.id])
    expect(await list('q=wall&state=ended')).toEqual([first.id])
    const [today, yesterday] = [0, 1].map((ago) => localDay(clock.nowMs() - ago * 24 * 3_600_000, ZONE))
    expect(await list(`from=${today}`)).toEqual([second.id])
    expect(await list(`until=${yesterday}`)).toEqual([first.id])
    expect(await list(`from=${yesterday}&until=${today}`)).toEqual([second.id, first.id])
    expect(await list('from=2026-02-30&until=&q=&state=')).toEqual([second.id, first.id])

    const page = await (await who.client.get('/rides?state=ended&q=times')).text()
    expect(page).toContain('value="times"')
    const ways = [...page.matchAll(/href="(\/request\?[^"]+)"/g)].map(([, href]) =>
      href!.replaceAll('&amp;', '&'),
    )
    const again = new URL(ways[0]!, 'http://x').searchParams
    expect([again.get('from'), again.get('to'), again.get('pets')]).toEqual([
      'Times Square',
      'Wall Street',
      'on',
    ])
    const back = new URL(ways[1]!, 'http://x').searchParams
    expect([back.get('from'), back.get('to')]).toEqual(['Wall Street', 'Times Square'])
    const form = await (await who.client.get(ways[0]!)).text()
    expect(form).toContain('value="Times Square"')
    expect(await (await who.client.get('/rides?q=nowhere')).text()).toContain('No ride fits that.')
    await who.client.done('POST', `/api/v1/rides/${second.id}/cancellation`, { feeMinor: 0 })
  })
})
