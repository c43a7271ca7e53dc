import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { lettersTo } from '../support/letters.ts'

let world: AppWorld

beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const send = (person: Person, path: string, fields: Record<string, string> = {}) =>
  person.client.form(path, { ...fields, key: crypto.randomUUID() })
const pageOf = async (person: Person) => (await person.client.get('/admin/joining')).text()

/** Somebody who asked Canal Street to drive, and the address of their application. */
async function applicant(name: string): Promise<{ person: Person; path: string }> {
  const person = await world.newRider(name)
  expect((await send(person, '/drive')).headers.get('location')).toBe('/drive')
  const { id } = await world.db
    .selectFrom('driver_applications')
    .select('id')
    .where('identity_id', '=', person.identityId)
    .executeTakeFirstOrThrow()
  return { person, path: `/admin/applications/${id}` }
}

describe('whoever asks to drive', () => {
  test('asks once, is told so, and is nobody new until the office has decided', async () => {
    const { person } = await applicant('Dana First')
    await send(person, '/drive')
    expect(await (await person.client.get('/drive')).text()).toContain(
      'Your application is with Canal Street Cars',
    )
    const rows = await world.db
      .selectFrom('driver_applications')
      .select('id')
      .where('identity_id', '=', person.identityId)
      .execute()
    expect(rows).toHaveLength(1)
    expect((await person.client.get('/driver')).status).toBe(403)
    expect(await pageOf(world.canal.admin)).toContain('Dana First')
    expect(await pageOf(world.uptown.admin)).not.toContain('Dana')
  })

  test('approved, is a driver with a call sign, from their next request on', async () => {
    const { person, path } = await applicant('Dilip Second')
    const taken = await send(world.canal.admin, `${path}/approval`, { call_sign: '204' })
    expect([taken.status, await taken.text()]).toEqual([
      422,
      expect.stringContaining('Another driver has this call sign'),
    ])
    const done = await send(world.canal.admin, `${path}/approval`, { call_sign: '305' })
    expect(done.headers.get('location')).toBe('/admin/joining?done=approved')
    const driver = await world.db
      .selectFrom('drivers')
      .select(['call_sign', 'company_id'])
      .where('identity_id', '=', person.identityId)
      .executeTakeFirstOrThrow()
    expect(driver).toEqual({ call_sign: '305', company_id: world.canal.companyId })
    const fresh = await world.auth.mintSession(person.identityId)
    expect((await world.stranger.get('/driver', { cookie: fresh.cookie })).status).toBe(200)
    expect((await lettersTo(world.db, person.email))[0]).toMatchObject({
      kind: 'roles_changed',
      data: { roles: 'driver' },
    })
    expect((await send(world.canal.admin, `${path}/rejection`, { reason: 'too late' })).status).toBe(404)
    const trail = await world.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject', '=', person.identityId)
      .orderBy('sequence')
      .execute()
    expect(trail.map(({ action }) => action)).toEqual([
      'driver.applied',
      'membership.granted',
      'driver.approved',
    ])
  })

  test('turned down, reads why in a letter, and may ask again', async () => {
    const { person, path } = await applicant('Dora Third')
    const silent = await send(world.canal.admin, `${path}/rejection`, { reason: '' })
    expect([silent.status, await silent.text()]).toEqual([422, expect.stringContaining('Say why')])
    expect((await send(world.canal.admin, `${path}/rejection`, { reason: 'no car is free' })).status).toBe(
      303,
    )
    expect((await lettersTo(world.db, person.email))[0]).toMatchObject({
      ...{ kind: 'application_rejected', data: { company: 'Canal Street Cars', reason: 'no car is free' } },
    })
    expect(await (await person.client.get('/drive')).text()).toContain('Apply to drive')
    await send(person, '/drive')
    expect(await pageOf(world.canal.admin)).toContain('Dora Third')
  })

  test('is decided once, also when two of the office do it at the same time', async () => {
    const { path } = await applicant('Dunja Fourth')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        send(world.canal.admin, `${path}/approval`, { call_sign: `7${n}` }),
      ),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 303)).toHaveLength(1)
    expect(statuses.filter((status) => ![303, 404].includes(status))).toEqual([])
  })
})

describe('the office', () => {
  test('invites, sends again and withdraws', async () => {
    const { admin, companyId } = world.canal
    const fields = { email: 'Sam@Mail.example', role: 'dispatcher', company: companyId }
    expect((await send(admin, '/admin/invitations', fields)).headers.get('location')).toBe(
      '/admin/joining?done=invited',
    )
    expect(await pageOf(admin)).toContain('sam@mail.example')
    const { id } = await world.db.selectFrom('invitations').select('id').executeTakeFirstOrThrow()
    expect((await send(admin, `/admin/invitations/${id}/letter`)).status).toBe(303)
    expect(await lettersTo(world.db, 'sam@mail.example')).toHaveLength(2)
    expect((await send(world.uptown.admin, `/admin/invitations/${id}/withdrawal`)).status).toBe(404)
    expect((await send(admin, `/admin/invitations/${id}/withdrawal`)).status).toBe(303)
    expect(await pageOf(admin)).not.toContain('sam@mail.example')
    expect((await send(admin, `/admin/invitations/${id}/letter`)).status).toBe(404)
  })

  test('is told at the field what is wrong, and may not invite drivers, for others, or whom it has', async () => {
    const { admin, companyId, dispatcher } = world.canal
    const invite = async (fields: Record<string, string>) => {
      const answer = await send(admin, '/admin/invitations', {
        role: 'operator',
        company: companyId,
        ...fields,
      })
      return [answer.status, await answer.text()]
    }
    expect(await invite({ email: 'nobody' })).toEqual([422, expect.stringContaining('field-email-error')])
    expect((await invite({ email: 'a@b.example', role: 'driver' }))[0]).toBe(422)
    expect((await invite({ email: 'a@b.example', company: world.uptown.companyId }))[0]).toBe(404)
    expect(await invite({ email: dispatcher.email, role: 'dispatcher' })).toEqual([
      422,
      expect.stringContaining('They have this role already.'),
    ])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
