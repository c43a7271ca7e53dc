/** One search for everything, as far as the desk of one company may see. */
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide } from '../support/ride-steps.ts'

interface Found {
  rides: { id: string; reference: string; riderName: string }[]
  drivers: { callSign: string; plate: string; state: string | null }[]
  people: { name: string; phone: string | null; isBlocked: boolean }[]
  places: { label: string; point: { lat: number } }[]
}

let world: AppWorld
let noor: Person
let rideId: string
beforeAll(async () => {
  world = await startApp({ running: false, places: true })
  noor = await world.newRider('Noor Al-Haddad 100%')
  rideId = (await askRide(noor)).id
  await world.db
    .updateTable('identities')
    .set({ phone: '+12125550142' })
    .where('id', '=', noor.identityId)
    .execute()
}, 60_000)
afterAll(() => world?.stop())

const find = (q: string, by = world.canal.dispatcher) =>
  by.client.done<Found>('GET', `/api/v1/board/find?q=${encodeURIComponent(q)}`)

test('a ride is found by number, rider, telephone and address, each also in part', async () => {
  const [ride] = (await find('Haddad')).rides
  expect(ride).toMatchObject({ id: rideId, riderName: 'Noor Al-Haddad 100%' })
  const number = ride!.reference.slice(3)
  for (const words of [
    ride!.reference,
    number,
    ride!.reference.toLowerCase(),
    'haddad noor',
    '(212) 555-01',
    '100%',
  ])
    expect([words, (await find(words)).rides.map(({ id }) => id)]).toEqual([words, [rideId]])
  const page = await (await world.canal.dispatcher.client.get(`/board/rides/${rideId}`)).text()
  const [label = ''] = /(?<=<bdi dir="ltr">)[^<]+/.exec(page) ?? []
  expect((await find(label.slice(2))).rides.map(({ id }) => id)).toContain(rideId)
})

test('wild cards are letters like any other', async () => {
  for (const words of ['%%', '__', '\\\\', '100_']) expect((await find(words)).rides).toEqual([])
})

test('drivers are found by call sign, name and plate, however it is spaced', async () => {
  for (const words of ['204', 'lindqvist', 'HC 2041 A', 'hc2041a', 'call sign 204'])
    expect([words, (await find(words)).drivers.map(({ callSign }) => callSign)]).toEqual([words, ['204']])
  expect((await find('204')).drivers[0]).toMatchObject({ state: null, plate: 'HC 2041 A' })
})

test('people are found by name and number, and it is said who is blocked', async () => {
  const person = async () => (await find('+1 212 555 0142')).people[0]
  expect(await person()).toMatchObject({ name: noor.name, phone: '+12125550142', isBlocked: false })
  const [byNow, ban] = [new Date(), { company_id: world.canal.companyId, identity_id: noor.identityId }]
  await world.db
    .insertInto('company_bans')
    .values({ ...ban, reason: 'left without paying', until: null, banned_by: null, banned_at: byNow })
    .execute()
  expect(await person()).toMatchObject({ isBlocked: true })
  await world.db.deleteFrom('company_bans').where('identity_id', '=', noor.identityId).execute()
})

test('places are found, too, and a page without scripts lists all', async () => {
  expect((await find('grand central')).places[0]?.point.lat).toBeCloseTo(40.75, 1)
  const page = await (await world.canal.dispatcher.client.get('/board/find?q=haddad')).text()
  expect(page).toContain(`href="/board?ride=${rideId}"`)
  expect(await (await world.canal.dispatcher.client.get('/board/find?q=zzzz')).text()).toContain(
    'Nothing fits “zzzz”',
  )
})

test('another company finds nothing of it, by no words', async () => {
  const { reference } = (await find('Haddad')).rides[0]!
  const theirs = world.uptown.dispatcher
  for (const words of ['Haddad', reference, '5550142', '204'])
    expect(await find(words, theirs)).toMatchObject({ rides: [], drivers: [], people: [] })
})
