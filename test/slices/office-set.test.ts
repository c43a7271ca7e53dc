/** What the office sets on its pages: hours, emergency number, what cars have; and that a company file leaves it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { foundCompany } from '../../src/backoffice/found.ts'
import { parseCompanyFile } from '../../src/backoffice/mistakes.ts'
import { reportLines } from '../../src/backoffice/report.ts'
import { type AppWorld, startApp, TIMES_SQUARE } from '../support/app-world.ts'
import { type Example, exampleWith } from '../support/company-file.ts'
import { askRide, assign, goOnline } from '../support/ride-steps.ts'
import { until } from '../support/served.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const send = (path: string, fields: Record<string, string>, who = world.canal.admin.client) =>
  who.form(path, { key: crypto.randomUUID(), ...fields })
const text = async (answer: Response) =>
  (await answer.text()).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ')
const entriesOf = (subject: string) =>
  world.db
    .selectFrom('audit_entries')
    .select(['action', 'actor_id', 'detail'])
    .where('subject', '=', subject)
    .orderBy('sequence')
    .execute()

describe('hours and the emergency number of a region', () => {
  const path = () => `/admin/regions/${world.canal.regionId}/duty`
  const region = () => world.companies.region(world.canal.regionId)
  const FIELDS = { drive_limit_hours: '9.5', rest_hours: '11', emergency_number: '911' }

  test('count at once where drivers and riders see them, with who changed them under the form', async () => {
    const { admin, driver, rider, companyId, regionId } = world.canal
    const saved = await send(path(), FIELDS)
    expect(saved.headers.get('location')).toBe(`${path()}?done=saved`)
    expect(region()).toMatchObject({ driveLimitS: 34_200, restS: 39_600, emergencyNumber: '911' })
    expect(await entriesOf(regionId)).toEqual([
      {
        ...{ action: 'region.changed', actor_id: admin.identityId },
        detail: {
          before: { drive_limit_s: null, rest_s: 28_800, emergency_number: '112' },
          after: { drive_limit_s: 34_200, rest_s: 39_600, emergency_number: '911' },
        },
      },
    ])
    const page = await text(await admin.client.get(path()))
    expect(page).toContain('Max Weber')
    expect(page).toContain('Driving time: no limit → 9.5 h')
    expect(page).toContain('Emergency number: 112 → 911')
    expect(await text(await admin.client.get(`/admin/companies/${companyId}`))).toContain(
      '9.5 h driving, then 11 h rest · call 911',
    )
    await goOnline(world, driver)
    const ride = await askRide(rider)
    await assign(world.canal, ride.id)
    expect(await (await rider.client.get(`/rides/${ride.id}/safety`)).text()).toContain('tel:911')
    const { ends } = { ends: world.fleet.car(driver.driverId)!.duty.hoursEndAtMs }
    expect(ends! - world.clock.nowMs()).toBeWithin(34_100_000, 34_200_001)
  })

  test('an empty limit is none, and the fleet forgets it without a word from the driver', async () => {
    await send(path(), { ...FIELDS, drive_limit_hours: '' })
    expect(region()?.driveLimitS).toBeNull()
    const { driverId } = world.canal.driver
    await until('nobody counts', () => world.fleet.car(driverId)?.duty.hoursEndAtMs === null, 5_000)
  })

  test('what cannot be is said at its field, what was typed stays, and nothing changes', async () => {
    const before = region()
    for (const [fields, words] of [
      [{ drive_limit_hours: '0.5' }, 'From 1 to 24 hours'],
      [{ drive_limit_hours: '25' }, 'From 1 to 24 hours'],
      [{ drive_limit_hours: '8.33' }, 'From 1 to 24 hours'],
      [{ rest_hours: '' }, 'From 1 to 24 hours'],
      [{ emergency_number: 'police' }, 'The number as it is dialled there'],
      [{ emergency_number: '++' }, 'The number as it is dialled there'],
    ] as const) {
      const refused = await send(path(), { ...FIELDS, ...fields })
      expect(refused.status).toBe(422)
      const page = await refused.text()
      expect(page).toContain(words)
      expect(page).toContain(`value="${Object.values(fields)[0]}"`)
    }
    expect(region()).toEqual(before!)
  })

  test('the same once more is no entry; another company’s region is not there', async () => {
    const count = (await entriesOf(world.canal.regionId)).length
    await send(path(), { ...FIELDS, drive_limit_hours: '' })
    expect(await entriesOf(world.canal.regionId)).toHaveLength(count)
    expect((await send(path(), FIELDS, world.uptown.admin.client)).status).toBe(404)
    expect((await world.uptown.admin.client.get(path())).status).toBe(404)
  })
})

describe('what a car has', () => {
  const path = () => `/admin/vehicles/${world.canal.otherDriver.vehicleId}`
  const withSeat = () =>
    world.fleet.nearestFree(world.canal.regionId, TIMES_SQUARE, {
      ...{ vehicleClass: 'standard' as const, seats: 1, attributes: 1, maxM: 5_000 },
    })

  test('is ticked in the office, and the car on the road gets the rides that need it', async () => {
    const { admin, otherDriver } = world.canal
    await goOnline(world, otherDriver)
    expect(withSeat()).toBeNull()
    const saved = await send(path(), { child_seat: 'on', pets: 'on' })
    expect(saved.headers.get('location')).toBe(`${path()}?done=saved`)
    await until('the fleet knows', () => withSeat() !== null, 5_000)
    const page = await text(await admin.client.get(path()))
    expect(page).toContain('It has: nothing → Child seat, Pet on board')
    expect(await entriesOf(otherDriver.vehicleId)).toMatchObject([
      { action: 'vehicle.changed', detail: { before: { has: [] }, after: { has: ['child_seat', 'pets'] } } },
    ])
  })

  test('taken away again counts as soon; a car of another company, or one that is gone, is not there', async () => {
    await send(path(), {})
    await until('the fleet knows', () => withSeat() === null, 5_000)
    expect((await send(path(), { pets: 'on' }, world.uptown.admin.client)).status).toBe(404)
    expect((await send(`/admin/vehicles/${crypto.randomUUID()}`, {})).status).toBe(404)
    expect((await send(path(), { swimming_pool: 'on' })).status).toBe(422)
  })
})

describe('a company file that is read again', () => {
  const found = (change: (file: Example) => void = () => {}, overOffice = false) =>
    foundCompany(
      { db: world.db, clock: world.clock, random: world.random },
      parseCompanyFile(exampleWith(change)),
      { overOffice },
    )
  const told = async (...of: Parameters<typeof found>) =>
    reportLines((await found(...of)).entries).filter((line) => !line.startsWith('kept'))

  test('leaves what the office set, says so, changes the rest, and has the last word only when told to', async () => {
    await found()
    const company = await world.db
      .selectFrom('companies')
      .select(['id', 'phone'])
      .where('slug', '=', 'hudson-street')
      .executeTakeFirstOrThrow()
    const region = await world.db
      .selectFrom('regions')
      .select('id')
      .where('company_id', '=', company.id)
      .executeTakeFirstOrThrow()
    const car = await world.db
      .selectFrom('vehicles')
      .select(['id', 'plate'])
      .where('company_id', '=', company.id)
      .where('plate', '=', 'HS 101 C')
      .executeTakeFirstOrThrow()
    await world.companies.reload()
    const office = world.platform.client
    const settings = { name: 'Hudson Street Cabs', locale: 'en-US', phone: '+1 212 555 0199' }
    await send(
      `/admin/companies/${company.id}`,
      { ...settings, tax_number: 'TX 7', licence_number: 'B00456' },
      office,
    )
    const duty = { drive_limit_hours: '10', rest_hours: '8', emergency_number: '911' }
    expect((await send(`/admin/regions/${region.id}/duty`, duty, office)).status).toBe(303)
    expect((await send(`/admin/vehicles/${car.id}`, { child_seat: 'on' }, office)).status).toBe(303)

    const change = (file: Example) => {
      file.company.timeZone = 'America/Chicago'
      file.regions[0]!.radiusM = 4_000
      file.vehicles[0]!.colour = 'blue'
    }
    expect(await told(change)).toEqual([
      'changed  company  hudson-street: timeZone "America/New_York" -> "America/Chicago"',
      'changed  region   downtown: timeZone "America/New_York" -> "America/Chicago", radiusM 3000 -> 4000',
      'changed  vehicle  HS 101 C: colour "green" -> "blue"',
      'left     company  hudson-street: phone stays "+1 212 555 0199", as the office set it',
      'left     region   downtown: driveLimitS stays 36000, as the office set it',
      'left     vehicle  HS 101 C: has child_seat stays, as the office set it',
    ])
    expect(await told(change, true)).toEqual([
      'changed  company  hudson-street: phone "+1 212 555 0199" -> "+1 212 555 0167"',
      'changed  region   downtown: driveLimitS 36000 -> none',
      'changed  vehicle  HS 101 C: has child_seat -> child_seat and pets',
    ])
    // From then on the file and the office agree again.
    expect(await told(change)).toEqual([])
    expect(
      await world.db
        .selectFrom('companies')
        .select(['tax_number', 'licence_number'])
        .where('id', '=', company.id)
        .executeTakeFirstOrThrow(),
    ).toEqual({ tax_number: 'TX 7', licence_number: 'B00456' })
  })

  test('a telephone number is one', async () => {
    const refused = await send(`/admin/companies/${world.canal.companyId}`, {
      ...{ name: 'Canal Street Cars', locale: 'en-US', phone: 'ask for Joe' },
    })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('A telephone number, such as')
  })
})
