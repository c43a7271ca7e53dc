import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { lettersTo } from '../support/letters.ts'
import { goOnline } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const key = () => ({ key: crypto.randomUUID() })
const page = async (person: Person, path: string) => (await person.client.get(path)).text()
const remove = (by: Person, kind: string, id: string, reason = 'sold to somebody') =>
  by.client.form(`/admin/deletion/${kind}/${id}`, { ...key(), reason })
const deletionOf = async (subject: string) =>
  (
    await world.db
      .selectFrom('deletions')
      .select('id')
      .where('subject_id', '=', subject)
      .where('restored_at', 'is', null)
      .executeTakeFirstOrThrow()
  ).id
const bringBack = async (by: Person, subject: string) =>
  by.client.form(`/admin/deleted/${await deletionOf(subject)}/restoration`, key())
const deedsOf = async (subject: string) =>
  (
    await world.db
      .selectFrom('audit_entries')
      .select(['action', 'company_id'])
      .where('subject', '=', subject)
      .orderBy('sequence')
      .execute()
  ).map(({ action }) => action)

describe('a car', () => {
  test('is deleted with a reason, gone from the driver’s choice, listed with who and why, and brought back', async () => {
    const { admin, driver } = world.canal
    expect(await page(admin, '/admin/fleet')).toContain(`/admin/deletion/vehicle/${driver.vehicleId}`)
    const refused = await remove(admin, 'vehicle', driver.vehicleId, '')
    expect([refused.status, (await refused.text()).includes('Say why')]).toEqual([422, true])
    expect((await remove(admin, 'vehicle', driver.vehicleId)).headers.get('location')).toBe(
      '/admin/deleted?done=deleted',
    )
    expect(await page(admin, '/admin/fleet')).not.toContain(driver.vehicleId)
    expect(await page(driver, '/driver')).not.toContain(driver.vehicleId)
    const start = await driver.client.call('POST', '/api/v1/driver/shift', { vehicleId: driver.vehicleId })
    expect(start.ok).toBe(false)
    const listed = await page(admin, '/admin/deleted')
    for (const words of ['HC 2041 A', 'sold to somebody', admin.name]) expect(listed).toContain(words)
    expect(await page(world.uptown.admin, '/admin/deleted')).not.toContain('HC 2041 A')
    expect((await bringBack(world.uptown.admin, driver.vehicleId)).status).toBe(404)
    expect((await bringBack(admin, driver.vehicleId)).headers.get('location')).toBe(
      '/admin/deleted?done=restored',
    )
    expect(await page(admin, '/admin/deleted')).toContain('Nothing is deleted.')
    await goOnline(world, driver)
    expect(await deedsOf(driver.vehicleId)).toEqual(['vehicle.deleted', 'vehicle.restored'])
  })

  test('that is out on the road stays', async () => {
    const { admin, driver } = world.canal
    const refused = await remove(admin, 'vehicle', driver.vehicleId)
    expect([refused.status, (await refused.text()).includes('on shift in this car')]).toEqual([409, true])
  })
})

describe('a driver', () => {
  test('is deleted: the shift ends, the role goes, the account stays; and comes back with the role', async () => {
    const { admin, driver } = world.canal
    expect((await remove(admin, 'driver', driver.driverId)).status).toBe(303)
    expect((await driver.client.get('/driver')).status).toBe(403)
    expect((await driver.client.get('/rides')).status).toBe(200)
    expect((await remove(admin, 'driver', driver.driverId)).status).toBe(404)
    expect((await bringBack(admin, driver.driverId)).status).toBe(303)
    expect((await driver.client.get('/driver')).status).toBe(200)
    expect(await deedsOf(driver.driverId)).toEqual(['driver.deleted', 'driver.restored'])
  })
})

describe('a person', () => {
  test('who works for one company is its admin’s to delete and to bring back, and is told', async () => {
    const { admin, dispatcher } = world.canal
    expect((await remove(world.uptown.admin, 'person', dispatcher.identityId)).status).toBe(404)
    expect((await remove(admin, 'person', dispatcher.identityId, 'left the company')).status).toBe(303)
    expect((await dispatcher.client.get('/board')).status).toBe(303)
    expect(await page(admin, '/admin/deleted')).toContain('left the company')
    expect((await bringBack(admin, dispatcher.identityId)).status).toBe(303)
    expect((await lettersTo(world.db, dispatcher.email)).map(({ kind }) => kind)).toEqual([
      'account_restored',
      'account_deleted',
    ])
    expect(await deedsOf(dispatcher.identityId)).toEqual(['account.deleted', 'account.restored'])
  })

  test('who only rides, or works elsewhere too, is the platform’s', async () => {
    const { admin, otherRider, otherDriver } = world.canal
    await world.db
      .insertInto('memberships')
      .values({ company_id: world.uptown.companyId, identity_id: otherDriver.identityId, role: 'operator' })
      .execute()
    for (const person of [otherRider, otherDriver])
      expect((await remove(admin, 'person', person.identityId)).status).toBe(404)
    expect((await remove(world.platform, 'person', otherRider.identityId)).status).toBe(303)
    expect((await bringBack(admin, otherRider.identityId)).status).toBe(404)
    expect((await bringBack(world.platform, otherRider.identityId)).status).toBe(303)
  })

  test('is not deleted here by themselves', async () => {
    const { admin } = world.canal
    expect((await remove(admin, 'person', admin.identityId)).status).toBe(403)
  })

  test('needs a factor given lately', async () => {
    const { admin, rider } = world.uptown
    await world.db
      .insertInto('memberships')
      .values({ company_id: world.uptown.companyId, identity_id: rider.identityId, role: 'operator' })
      .execute()
    await world.db
      .updateTable('sessions')
      .set({ proved_at: new Date(world.clock.nowMs() - 11 * 60_000) })
      .where('identity_id', '=', admin.identityId)
      .execute()
    world.bus.publish({
      ...{ type: 'session.changed', identityId: admin.identityId, reopen: false },
      sessionId: (
        await world.db
          .selectFrom('sessions')
          .select('id')
          .where('identity_id', '=', admin.identityId)
          .executeTakeFirstOrThrow()
      ).id,
    })
    const answer = await remove(admin, 'person', rider.identityId)
    expect(answer.headers.get('location')).toStartWith('/confirm?next=%2Fadmin%2Fdeletion%2Fperson')
  })
})

test('a closed company comes back by the platform, with its people’s roles', async () => {
  const { platform, uptown, canal } = world
  const closing = await platform.client.form(`/admin/companies/${uptown.companyId}/deletion`, {
    ...key(),
    reason: 'closed for good',
  })
  expect(closing.status).toBe(303)
  expect((await uptown.dispatcher.client.get('/board')).status).toBe(403)
  expect(await page(canal.admin, '/admin/deleted')).not.toContain('Uptown')
  expect(await page(platform, '/admin/deleted')).toContain('closed for good')
  expect((await bringBack(platform, uptown.companyId)).status).toBe(303)
  expect((await uptown.dispatcher.client.get('/board')).status).toBe(200)
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
