import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { RideId } from '../../src/engine/units.ts'
import { minuteText, wallTimeAt } from '../../src/engine/wall-clock.ts'
import { type AppWorld, type Person, startApp, TIMES_SQUARE, WALL_STREET } from '../support/app-world.ts'
import { askPrices, bookRide, type RideAnswer } from '../support/ride-steps.ts'

const HOUR_MS = 3_600_000
const ZONE = 'America/New_York'

let world: AppWorld
let ada: Person

beforeAll(async () => {
  world = await startApp({ running: false })
  ada = world.canal.rider
}, 60_000)
afterAll(() => world?.stop())

const inHours = (hours: number) => Math.ceil((world.clock.nowMs() + hours * HOUR_MS) / 60_000) * 60_000

const WAY = {
  ...{ from: 'Times Square', from_lat: '40.758', from_lng: '-73.9855' },
  ...{ to: 'Wall Street', to_lat: '40.7074', to_lng: '-74.0113' },
}

/** The form as a browser without script sends it. */
function later(atMs: number): Record<string, string> {
  const { day, minute } = wallTimeAt(atMs, ZONE)
  return { ...WAY, when: 'later', day, time: minuteText(minute) }
}

const idIn = (text: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? ''

test('a ride is booked with a plain form: choose Later, a day and a time, agree on the price', async () => {
  const form = await (await ada.client.get('/request')).text()
  expect(form).toContain('name="when" value="later"')
  const at = inHours(30)
  const asked = await ada.client.form('/quotes', later(at))
  expect(asked.status).toBe(303)
  const prices = await (await ada.client.get(asked.headers.get('location')!)).text()
  expect(prices).toContain('The price is promised now.')
  expect(prices).toContain('Book Standard')
  const booked = await ada.client.form('/rides', {
    ...{ quote_id: idIn(prices, 'quote_id'), payment: 'cash', key: crypto.randomUUID() },
  })
  expect(booked.status).toBe(303)
  const page = await (await ada.client.get(booked.headers.get('location')!)).text()
  expect(page).toContain(`Booked for ${minuteText(wallTimeAt(at, ZONE).minute)}`)
  const ride = await ada.client.done<{ scheduledForMs: number; state: string }>(
    'GET',
    `/api/v1${booked.headers.get('location')}`,
  )
  expect(ride).toMatchObject({ state: 'scheduled', scheduledForMs: at })
  // It is first among the rides, under the time of its pickup.
  expect(await (await ada.client.get('/rides')).text()).toContain(minuteText(wallTimeAt(at, ZONE).minute))
})

test('a time that the clocks skip, that comes twice, that is past or far off, or none: said, and the words stay', async () => {
  const refused = async (fields: Record<string, string>) => {
    const answer = await ada.client.form('/quotes', { ...WAY, when: 'later', ...fields })
    expect(answer.status).toBe(422)
    const text = await answer.text()
    expect(text).toContain('value="Times Square"')
    return text
  }
  expect(await refused({ day: '2027-03-14', time: '02:30' })).toContain('there is no 02:30 on that day')
  const twice = await refused({ day: '2027-11-07', time: '01:30' })
  expect(twice).toContain('01:30 comes twice')
  expect(twice).toContain('01:30 EDT')
  expect(twice).toContain('01:30 EST')
  // Said which, it is only too far ahead.
  expect(await refused({ day: '2027-11-07', time: '01:30', fold: '2' })).toContain('next 30 days')
  expect(await refused({ day: '2020-01-01', time: '12:00' })).toContain('too soon to book ahead')
  expect(await refused({ day: '2026-02-30', time: '12:00' })).toContain('Choose a day and a time')
  expect(await refused({ day: '', time: '' })).toContain('Choose a day and a time')
})

test('where a region takes no bookings there is no Later', async () => {
  const set = async (days: number) => {
    await world.db.updateTable('regions').set({ book_ahead_days: days }).execute()
    world.bus.publish({ type: 'company.changed', companyId: world.canal.companyId })
    const shows = async () => (await (await ada.client.get('/request')).text()).includes('name="when"')
    // Each process reads anew after the news.
    for (let tries = 0; tries < 100 && (await shows()) !== days > 0; tries++) await Bun.sleep(20)
    expect(await shows()).toBe(days > 0)
  }
  await set(0)
  try {
    const answer = await ada.client.call('POST', '/api/v1/quotes', {
      from: { lat: 40.758, lng: -73.9855 },
      to: { lat: 40.7074, lng: -74.0113 },
      pickupAtMs: inHours(3),
    })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('cannot be booked ahead here')
  } finally {
    await set(30)
  }
})

test('who has a ride at that time already is warned, and may book all the same', async () => {
  const rider = await world.newRider('Noor Haddad')
  const at = inHours(5)
  const first = await bookRide(rider, at)
  const asked = await rider.client.done<{ collidesWith: { rideId: string }[] }>('POST', '/api/v1/quotes', {
    from: { lat: 40.75, lng: -73.98 },
    to: { lat: 40.7074, lng: -74.0113 },
    pickupAtMs: at + 600_000,
  })
  expect(asked.collidesWith.map(({ rideId }) => rideId)).toEqual([first.id])
  const form = await rider.client.form('/quotes', later(at + 600_000))
  const prices = await (await rider.client.get(form.headers.get('location')!)).text()
  expect(prices).toContain('You have a ride booked')
  expect((await bookRide(rider, at + 600_000)).state).toBe('scheduled')
  // Two hours on there is nothing in the way.
  const clear = await rider.client.form('/quotes', later(at + 4 * HOUR_MS))
  expect(await (await rider.client.get(clear.headers.get('location')!)).text()).not.toContain(
    'You have a ride',
  )
})

test('a booking is changed through the same form, and is not in its own way', async () => {
  const rider = await world.newRider('Adaeze Obi')
  const ride = await bookRide(rider, inHours(6))
  const page = await (await rider.client.get(`/rides/${ride.id}`)).text()
  const href = /href="(\/request\?change=[^"]+)"/.exec(page)![1]!.replaceAll('&amp;', '&')
  const form = await (await rider.client.get(href)).text()
  expect(form).toContain('Change your booking')
  expect(idIn(form, 'change')).toBe(ride.id)
  const at = inHours(7)
  const asked = await rider.client.form('/quotes', { ...later(at), change: ride.id })
  const prices = await (await rider.client.get(asked.headers.get('location')!)).text()
  expect(prices).not.toContain('You have a ride')
  expect(prices).toContain('Change to Standard')
  const changed = await rider.client.form(`/rides/${ride.id}/booking`, {
    ...{ quote_id: idIn(prices, 'quote_id'), key: crypto.randomUUID() },
  })
  expect(changed.headers.get('location')).toBe(`/rides/${ride.id}`)
  const now = await rider.client.done<RideAnswer & { scheduledForMs: number }>(
    'GET',
    `/api/v1/rides/${ride.id}`,
  )
  expect(now).toMatchObject({ state: 'scheduled', scheduledForMs: at })
  // The desk reads what was changed.
  const pane = await (await world.canal.dispatcher.client.get(`/board/rides/${ride.id}`)).text()
  expect(pane).toContain('Booking changed')
  expect(pane).toContain('→')
})

test('a booking of somebody else is not there to be changed, nor is one put to a price for now', async () => {
  const [rider, eve] = [await world.newRider('Kofi Mensah'), await world.newRider('Lena Park')]
  const ride = await bookRide(rider, inHours(4))
  const [hers, foreign] = [await askPrices(rider), await askPrices(eve, inHours(5))]
  const rebook = async (person: Person, quoteId: string) =>
    (await person.client.call('POST', `/api/v1/rides/${ride.id}/booking`, { quoteId })).status
  expect(await rebook(eve, foreign.options[0]!.quoteId)).toBe(404)
  expect(await rebook(rider, foreign.options[0]!.quoteId)).toBe(404)
  expect(await rebook(rider, hers.options[0]!.quoteId)).toBe(409)
})

test('the desk sees bookings in a tab of their own, the next first, and not among those who wait', async () => {
  const rider = await world.newRider('Theo Brandt')
  const [late, soon] = [await bookRide(rider, inHours(200)), await bookRide(rider, inHours(1))]
  const { rides } = await world.canal.dispatcher.client.done<{ rides: { rideId: string; state: string }[] }>(
    'GET',
    '/api/v1/board/rides?show=booked',
  )
  const order = rides.map(({ rideId }) => rideId)
  expect(order[0]).toBe(soon.id)
  expect(order.at(-1)).toBe(late.id)
  const live = await world.canal.dispatcher.client.done<{ rides: { state: string }[] }>(
    'GET',
    '/api/v1/board/rides?show=live',
  )
  expect(live.rides.filter(({ state }) => state === 'scheduled')).toEqual([])
})

test('the desk books for a caller who has ridden with the company, at a price it reads out first', async () => {
  const desk = world.canal.dispatcher.client
  const rider = await world.newRider('Yara Okonkwo')
  const at = inHours(8)
  const ask = (fields: Record<string, string> = {}) =>
    desk.form('/board/bookings', { ...later(at), caller: 'okonkwo', key: crypto.randomUUID(), ...fields })
  // Somebody of whom this company knows nothing is not found, by no name or address.
  for (const caller of ['okonkwo', rider.email])
    expect(await (await ask({ caller })).text()).toContain('has ridden with')
  await bookRide(rider, inHours(8))
  const priced = await ask()
  expect(priced.status).toBe(303)
  const prices = await (await desk.get(priced.headers.get('location')!)).text()
  expect(prices).toContain('Yara Okonkwo')
  // They have that ride already: said, and not refused.
  expect(prices).toContain('has a ride at')
  const booked = await desk.form(priced.headers.get('location')!, {
    ...{ quote_id: idIn(prices, 'quote_id'), payment: 'cash', note: '', key: crypto.randomUUID() },
  })
  expect(booked.status).toBe(303)
  const rideId = booked.headers.get('location')!.split('=')[1]!
  const ride = await rider.client.done<{ state: string; scheduledForMs: number }>(
    'GET',
    `/api/v1/rides/${rideId}`,
  )
  expect(ride).toMatchObject({ state: 'scheduled', scheduledForMs: at })
  const pane = await (await desk.get(`/board/rides/${rideId}`)).text()
  expect(pane).toContain(world.canal.dispatcher.name)
  // Another company's desk knows nobody of that name, and the prices are not there.
  const uptown = world.uptown.dispatcher.client
  expect((await uptown.get(priced.headers.get('location')!)).status).toBe(404)
})

test('of several callers one is chosen, and what is wrong is said with the words kept', async () => {
  const desk = world.canal.dispatcher.client
  for (const name of ['Rafa Lind', 'Rafaela Lind']) await bookRide(await world.newRider(name), inHours(9))
  const several = await desk.form('/board/bookings', {
    ...later(inHours(9)),
    caller: 'Lind',
    key: crypto.randomUUID(),
  })
  expect(several.status).toBe(422)
  const text = await several.text()
  expect(text).toContain('Several people fit')
  expect(text).toContain('value="Times Square"')
  const chosen = await desk.form('/board/bookings', {
    ...{ ...later(inHours(9)), caller: 'Lind', rider_id: idIn(text, 'rider_id'), key: crypto.randomUUID() },
  })
  expect(chosen.status).toBe(303)
})

test('somebody new is kept with their first ride, as a person of this company alone, and told of by no letter', async () => {
  const desk = world.canal.dispatcher.client
  const ask = async (fields: Record<string, string>) => {
    const priced = await desk.form('/board/bookings', { ...WAY, at: 'in 3 hours', key: crypto.randomUUID() })
    const at = priced.headers.get('location')!
    const prices = await (await desk.get(at)).text()
    const quote = { quote_id: idIn(prices, 'quote_id'), payment: 'cash', key: crypto.randomUUID() }
    return desk.form(at, { ...quote, ...fields })
  }
  const unnamed = await ask({ caller_phone: '(212) 555-0190' })
  expect([unnamed.status, await unnamed.text()]).toEqual([409, expect.stringContaining('Ask for their name')])
  const unreachable = await ask({ caller_name: 'Wen Li', caller_phone: '12' })
  expect([unreachable.status, await unreachable.text()]).toEqual([
    409,
    expect.stringContaining('value="Wen Li"'),
  ])
  const booked = await ask({ caller_name: 'Wen Li', caller_phone: '(212) 555-0190' })
  expect(booked.status).toBe(303)
  const found = (by: Person) =>
    by.client.done<{ callers: { id: string; name: string; reach: string }[] }>(
      'GET',
      '/api/v1/board/callers?q=2125550190',
    )
  const { callers } = await found(world.canal.dispatcher)
  expect(callers).toMatchObject([{ name: 'Wen Li', reach: '+1 212 555 0190' }])
  expect((await found(world.uptown.dispatcher)).callers).toEqual([])
  const letters = await world.db
    .selectFrom('notices')
    .select('kind')
    .where('identity_id', '=', callers[0]!.id as Person['identityId'])
    .execute()
  expect(letters).toEqual([])
  // The number is theirs by now: another name for it is a slip.
  const again = await ask({ caller_name: 'Wendy Lee', caller_phone: '+12125550190' })
  expect([again.status, await again.text()]).toEqual([409, expect.stringContaining('has ridden with you')])
})

test('who rang is put right on their ride: name and number, checked as in booking, by version, and taken back', async () => {
  const { dispatcher, admin } = world.canal
  const desk = dispatcher.client
  const book = async (name: string, phone: string) => {
    const priced = await desk.form('/board/bookings', { ...WAY, at: 'in 3 hours', key: crypto.randomUUID() })
    const at = priced.headers.get('location')!
    const quoteId = idIn(await (await desk.get(at)).text(), 'quote_id')
    return desk.done<{ id: string }>('POST', `/api/v1${at}`, {
      ...{ quoteId, payment: 'cash', caller: { name, phone } },
    })
  }
  const { id } = await book('Olu Adey', '(212) 555-0171')
  await book('Somebody Else', '(212) 555-0172')
  const person = () =>
    world.db
      .selectFrom('rides')
      .innerJoin('identities', 'identities.id', 'rides.rider_id')
      .select(['rides.rider_name', 'rides.version', 'identities.name', 'identities.phone'])
      .where('rides.id', '=', id as RideId)
      .executeTakeFirstOrThrow()
  const before = await person()
  const page = await (await desk.get(`/board/rides/${id}/edit`)).text()
  expect(page).toMatch(/name="caller_phone"[^>]*value="\+1 212 555 0171"/)
  const send = (fields: Record<string, string>) =>
    desk.form(`/board/rides/${id}/edit`, {
      ...{ rider_name: 'Olu Adey', note: '', caller_phone: '(212) 555-0171' },
      ...{ version: String(before.version), key: crypto.randomUUID(), ...fields },
    })
  const wrong = await send({ rider_name: 'Olu Adeyemi', caller_phone: '12' })
  const text = await wrong.text()
  expect([wrong.status, text]).toEqual([422, expect.stringContaining('value="Olu Adeyemi"')])
  expect(text).toMatch(/name="caller_phone"[^>]*aria-invalid="true"/)
  expect(text).toContain('Type their number, with the country code')
  expect((await send({ rider_name: ' ' })).status).toBe(422)
  const taken = await send({ caller_phone: '+1 212 555 0172' })
  expect([taken.status, await taken.text()]).toEqual([409, expect.stringContaining('Somebody else whom you')])
  expect(await person()).toEqual(before)

  const done = await send({ rider_name: 'Olu Adeyemi', caller_phone: '212 555 0173' })
  expect([done.status, done.headers.get('location')]).toEqual([303, `/board?ride=${id}`])
  const after = await person()
  expect(after).toMatchObject({ rider_name: 'Olu Adeyemi', name: 'Olu Adeyemi', phone: '+12125550173' })
  const board = await (await desk.get(`/board?ride=${id}`)).text()
  expect(board).toContain('tel:+12125550173')
  const found = async (q: string) =>
    (await desk.done<{ callers: { name: string }[] }>('GET', `/api/v1/board/callers?q=${q}`)).callers
  expect(await found('2125550173')).toMatchObject([{ name: 'Olu Adeyemi' }])
  expect(await found('2125550171')).toEqual([])
  // Another desk that still looks at the ride as it was is told who changed it.
  const stale = await admin.client.call('POST', `/api/v1/board/rides/${id}/edit`, {
    ...{ riderName: 'Olu A.', note: '', phone: '2125550179', version: before.version },
  })
  expect([stale.status, await stale.text()]).toEqual([
    409,
    expect.stringContaining(`${dispatcher.name} changed`),
  ])
  const trail = await world.db
    .selectFrom('audit_entries')
    .select(['action', 'detail'])
    .where('subject', '=', id)
    .where('action', '=', 'ride.edited')
    .execute()
  expect(trail).toHaveLength(1)
  expect(JSON.stringify(trail)).toContain('phone')
  expect(JSON.stringify(trail)).not.toContain('5550173')
  const act = /name="act" value="([^"]+)"/.exec(board)![1]!
  await desk.done('POST', `/api/v1/board/rides/${id}/undo`, { act })
  expect(await person()).toMatchObject({ rider_name: 'Olu Adey', name: 'Olu Adey', phone: '+12125550171' })

  const same = { riderName: 'Olu Adey', note: '', phone: '212 555 0171' }
  expect((await desk.call('POST', `/api/v1/board/rides/${id}/edit`, same)).status).toBe(409)
  const unread = await desk.call('POST', `/api/v1/board/rides/${id}/edit`, { ...same, phone: 'none' })
  expect(unread.status).toBe(422)
})

test('of two desks that give one number to two callers at once, one does; and an account’s number is its own', async () => {
  const { dispatcher, admin } = world.canal
  const book = async (name: string, phone: string) => {
    const desk = dispatcher.client
    const priced = await desk.form('/board/bookings', { ...WAY, at: 'in 4 hours', key: crypto.randomUUID() })
    const at = priced.headers.get('location')!
    const quoteId = idIn(await (await desk.get(at)).text(), 'quote_id')
    return desk.done<{ id: string }>('POST', `/api/v1${at}`, {
      ...{ quoteId, payment: 'cash', caller: { name, phone } },
    })
  }
  const [one, two] = [await book('Uma Roy', '(212) 555-0181'), await book('Ute Rau', '(212) 555-0182')]
  const give = (by: Person, id: string, riderName: string) =>
    by.client.call('POST', `/api/v1/board/rides/${id}/edit`, { riderName, note: '', phone: '2125550183' })
  const answers = await Promise.all([give(dispatcher, one.id, 'Uma Roy'), give(admin, two.id, 'Ute Rau')])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  const rider = await world.newRider('Vera Blum')
  const ride = await bookRide(rider, inHours(12))
  const theirs = await give(dispatcher, ride.id, 'Vera Blum')
  expect([theirs.status, await theirs.text()]).toEqual([409, expect.stringContaining('theirs to change')])
  expect(await (await dispatcher.client.get(`/board/rides/${ride.id}/edit`)).text()).not.toContain(
    'name="caller_phone"',
  )
})

test('who is blocked is not booked for, by whatever way they are chosen', async () => {
  const desk = world.canal.dispatcher.client
  const rider = await world.newRider('Bruno Blanc')
  await bookRide(rider, inHours(10))
  const ban = { company_id: world.canal.companyId, identity_id: rider.identityId, banned_by: null }
  await world.db
    .insertInto('company_bans')
    .values({ ...ban, reason: 'left without paying', until: null, banned_at: new Date() })
    .execute()
  const priced = await desk.form('/board/bookings', {
    ...WAY,
    caller: 'Bruno Blanc',
    key: crypto.randomUUID(),
  })
  expect([priced.status, await priced.text()]).toEqual([422, expect.stringContaining('left without paying')])
  const nobodys = await desk.form('/board/bookings', { ...WAY, key: crypto.randomUUID() })
  const at = nobodys.headers.get('location')!
  const refused = await desk.call('POST', `/api/v1${at}`, {
    ...{ quoteId: idIn(await (await desk.get(at)).text(), 'quote_id'), payment: 'cash' },
    riderId: rider.identityId,
  })
  expect(refused.status).toBe(409)
})

test('when is said in words, and what no clock shows is said with the words kept', async () => {
  const desk = world.canal.dispatcher.client
  const asked = await desk.form('/board/bookings', { ...WAY, at: 'after lunch', key: crypto.randomUUID() })
  const text = await asked.text()
  expect([asked.status, text]).toEqual([422, expect.stringContaining('value="after lunch"')])
  expect(text).toContain('Type a time, such as 18:30')
})

test('a program prices by phone as the form does: in a caller’s name or in nobody’s, and is told what cannot be', async () => {
  const desk = world.canal.dispatcher.client
  const rider = await world.newRider('Quentin Obi')
  await bookRide(rider, inHours(11))
  const PATH = '/api/v1/board/bookings'
  const way = { from: { ...TIMES_SQUARE, label: 'Times Square' }, to: WALL_STREET }
  interface Prices {
    readonly id: string
    readonly options: readonly {
      readonly quoteId: string
      readonly class: string
      readonly fareMinor: number
    }[]
  }
  const body = { ...way, seats: 2, pickupAtMs: inHours(20), riderId: rider.identityId }
  const prices = await desk.done<Prices>('POST', PATH, body)
  const own = await askPrices(rider, inHours(20))
  const fares = (options: readonly { readonly fareMinor: number }[]) =>
    options.map(({ fareMinor }) => fareMinor)
  expect(fares(prices.options)).toEqual(fares(own.options))
  const chosen = { quoteId: prices.options[0]!.quoteId, payment: 'cash', note: '' }
  const ride = await desk.done<RideAnswer>('POST', `${PATH}/${prices.id}`, chosen)
  expect((await rider.client.done<RideAnswer>('GET', `/api/v1/rides/${ride.id}`)).state).toBe('scheduled')
  // For somebody new, whose name comes with the price they say yes to.
  const nobodys = await desk.done<Prices>('POST', PATH, way)
  const named = { caller: { name: 'Wanda New', phone: '(212) 555-0148' } }
  const quote = { quoteId: nobodys.options[0]!.quoteId, payment: 'cash', note: '' }
  expect((await desk.call('POST', `${PATH}/${nobodys.id}`, { ...quote, ...named })).status).toBe(201)
  for (const [wrong, status] of [
    [{ ...way, to: way.from }, 422],
    [{ ...way, to: { lat: 51.5, lng: 0 } }, 422],
    [{ ...way, pickupAtMs: inHours(-1) }, 422],
    [{ ...way, seats: 9 }, 422],
    // Nobody who has to do with this company.
    [{ ...way, riderId: world.uptown.rider.identityId }, 404],
    [{ ...way, riderId: crypto.randomUUID() }, 404],
  ] as const)
    expect((await desk.call('POST', PATH, wrong)).status, JSON.stringify(wrong)).toBe(status)
})
