import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { passwordRow } from '../../src/accounts/credentials.ts'
import { commit } from '../../src/io/commit.ts'
import { deletePerson } from '../../src/privacy/deletions.ts'
import { type AppWorld, PASSWORD, type Person, startApp } from '../support/app-world.ts'
import { makeClient } from '../support/client.ts'
import { addApp } from '../support/factor.ts'
import { lettersTo, linkTo } from '../support/letters.ts'
import { askPrices, askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

let world: AppWorld
beforeAll(async () => {
  world = await startApp({ running: false })
}, 60_000)
afterAll(() => world?.stop())

const key = () => ({ key: crypto.randomUUID() })
const page = async (person: Person, path: string) => (await person.client.get(path)).text()
const rowOf = ({ identityId }: Person) =>
  world.db.selectFrom('identities').selectAll().where('id', '=', identityId).executeTakeFirstOrThrow()
const deedsOf = async ({ identityId }: Person) =>
  (
    await world.db
      .selectFrom('audit_entries')
      .select('action')
      .where('subject', '=', identityId)
      .orderBy('sequence')
      .execute()
  ).map(({ action }) => action)
const isSignedIn = async ({ client }: Person) => (await client.get('/rides')).status === 200

/** What somebody without a session does with a link: look, then press the button. */
async function follow(path: string): Promise<Response> {
  const looked = await world.stranger.get(path)
  const text = await looked.text()
  if (looked.status !== 200) return new Response(text, { status: looked.status })
  const csrf = /name="csrf" value="([^"]+)"/.exec(text)![1]!
  const cookie = looked.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  return world.stranger.form(path, { csrf }, { cookie })
}
/** Somebody who may sign in with the tests' password; it is hashed once, since that is slow on purpose. */
let hash: string | null = null
async function withPassword(name: string): Promise<Person> {
  const person = await world.newRider(name)
  if (hash === null) {
    await world.auth.setPassword((await world.newRider('Hash Maker')).identityId, PASSWORD)
    const made = await world.db.selectFrom('credentials').select('password').executeTakeFirstOrThrow()
    hash = made.password
  }
  const at = new Date(world.clock.nowMs())
  const { identityId } = person
  await world.db
    .insertInto('credentials')
    .values(passwordRow(world.random, { identityId, hash: hash!, at }))
    .execute()
  return person
}
async function signsIn(email: string): Promise<boolean> {
  const client = makeClient({ origin: world.stranger.origin })
  return (await client.call('POST', '/api/v1/session', { email, password: PASSWORD })).ok
}
async function stale(person: Person): Promise<Person> {
  await world.db
    .updateTable('sessions')
    .set({ proved_at: new Date(world.clock.nowMs() - 11 * 60_000) })
    .where('identity_id', '=', person.identityId)
    .execute()
  return person
}

describe('a new e-mail address', () => {
  test('counts once its link is opened and its button pressed; the old one is told', async () => {
    const rider = await withPassword('Nora New')
    const asked = await rider.client.form('/account/email', { ...key(), email: ' Nora@New.Example ' })
    expect(asked.headers.get('location')).toBe('/account/profile?saved=email')
    const link = await linkTo(world.db, 'nora@new.example')
    expect((await world.stranger.get(link)).status).toBe(200)
    expect((await rowOf(rider)).email).toBe(rider.email)
    expect(await (await follow(link)).text()).toContain('This is your address now')
    expect(await rowOf(rider)).toMatchObject({ email: 'nora@new.example', email_verified: true })
    expect(await page(rider, '/account/profile')).toContain('nora@new.example')
    const [told] = await lettersTo(world.db, rider.email)
    expect(told).toMatchObject({ kind: 'email_changed', data: { newEmail: 'nora@new.example', hours: 72 } })
    expect([await signsIn('nora@new.example'), await signsIn(rider.email)]).toEqual([true, false])
    expect((await follow(link)).status).toBe(404)
    expect((await deedsOf(rider)).filter((deed) => deed.startsWith('email.'))).toEqual([
      'email.change_asked',
      'email.changed',
    ])
  })

  test('of somebody else gets no letter, and the page says nothing else than always', async () => {
    const [rider, other] = [await world.newRider('Pia Prober'), await world.newRider('Otto Owner')]
    const asked = await rider.client.form('/account/email', { ...key(), email: other.email })
    expect(asked.headers.get('location')).toBe('/account/profile?saved=email')
    expect((await lettersTo(world.db, other.email)).filter(({ kind }) => kind === 'confirm_email')).toEqual(
      [],
    )
  })

  test('that somebody else took meanwhile stays theirs', async () => {
    const [rider, other] = [await world.newRider('Late Comer'), await world.newRider('Early Bird')]
    await rider.client.form('/account/email', { ...key(), email: 'wanted@both.example' })
    const link = await linkTo(world.db, 'wanted@both.example')
    await world.db
      .updateTable('identities')
      .set({ email: 'wanted@both.example' })
      .where('id', '=', other.identityId)
      .execute()
    const answer = await follow(link)
    expect(answer.status).toBe(404)
    expect(await answer.text()).toContain('has an account of its own by now')
    expect((await rowOf(rider)).email).toBe(rider.email)
  })

  test('asked for twice: only the newer link counts', async () => {
    const rider = await world.newRider('Twice Asker')
    await rider.client.form('/account/email', { ...key(), email: 'first@twice.example' })
    await rider.client.form('/account/email', { ...key(), email: 'second@twice.example' })
    expect((await follow(await linkTo(world.db, 'first@twice.example'))).status).toBe(404)
    expect((await follow(await linkTo(world.db, 'second@twice.example'))).status).toBe(200)
  })

  test('needs a factor given lately; nonsense and the present address come back', async () => {
    const rider = await world.newRider('Form Filler')
    for (const [email, words] of [
      ['not an address', 'e-mail address'],
      [rider.email, 'This is your address already.'],
    ] as const) {
      const answer = await rider.client.form('/account/email', { ...key(), email })
      expect(answer.status).toBe(422)
      expect(await answer.text()).toContain(words)
    }
    const proving = await stale(await world.newRider('Stale Mover'))
    const answer = await proving.client.form('/account/email', { ...key(), email: 'a@b.example' })
    expect(answer.headers.get('location')).toBe('/confirm?next=%2Faccount%2Fprofile')
  })

  test('pressed fifty times at once changes it once', async () => {
    const rider = await world.newRider('Racy Mover')
    await rider.client.form('/account/email', { ...key(), email: 'racy@moved.example' })
    const link = await linkTo(world.db, 'racy@moved.example')
    const answers = await Promise.all(Array.from({ length: 50 }, () => follow(link)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(
      (await lettersTo(world.db, rider.email)).filter(({ kind }) => kind === 'email_changed'),
    ).toHaveLength(1)
  })
})

describe('“this was not me”', () => {
  async function stolen(name: string): Promise<{ victim: Person; undo: string }> {
    const victim = await withPassword(name)
    const thief = `thief-of-${victim.email}`
    await victim.client.form('/account/email', { ...key(), email: thief })
    await follow(await linkTo(world.db, thief))
    return { victim, undo: await linkTo(world.db, victim.email) }
  }

  test('puts the address back, ends every session and the password, and sends a link to a new one', async () => {
    const { victim, undo } = await stolen('Vera Victim')
    expect(await isSignedIn(victim)).toBe(true)
    expect(await (await follow(undo)).text()).toContain('Your old address is back')
    expect((await rowOf(victim)).email).toBe(victim.email)
    expect(await isSignedIn(victim)).toBe(false)
    expect(await signsIn(victim.email)).toBe(false)
    const [letter] = await lettersTo(world.db, victim.email)
    expect(letter!.kind).toBe('reset_password')
    expect((await world.stranger.get(String(letter!.data.link))).status).toBe(200)
  })

  test('takes out what was put in since the change was asked for, and leaves what was there before', async () => {
    const victim = await withPassword('Vanna Robbed')
    const { identityId } = victim
    const passkey = (name: string) =>
      world.db
        .insertInto('passkeys')
        .values({
          ...{
            id: world.random.uuid(),
            identity_id: identityId,
            credential_id: `${name}-${identityId}`,
            transports: [],
          },
          ...{ public_key: Buffer.from([1]), counter: 0, name, synced: false },
          created_at: new Date(world.clock.nowMs()),
        })
        .execute()
    const phone = (number: string) => victim.client.form('/account/phone', { ...key(), phone: number })
    await passkey('Her own')
    expect((await phone('+12125550142')).status).toBe(303)
    const thief = `thief-of-${victim.email}`
    // Asked for twice: what came between the two is the thief's as well.
    await victim.client.form('/account/email', { ...key(), email: `first-${thief}` })
    await passkey('Between')
    await victim.client.form('/account/email', { ...key(), email: thief })
    await follow(await linkTo(world.db, thief))
    await passkey('After')
    expect((await phone('+12125550199')).status).toBe(303)
    expect((await phone('+12125550198')).status).toBe(303)
    // Last, for with it the session has another cookie.
    await addApp({ get: victim.client.get, post: victim.client.form }, world.clock)
    const undo = await linkTo(world.db, victim.email)
    expect(await (await world.stranger.get(undo)).text()).toContain('since the change was asked for')
    expect(await (await follow(undo)).text()).toContain(
      'taken out: the authenticator app, 2 passkeys, the backup codes and the phone number.',
    )
    expect((await rowOf(victim)).phone).toBe('+12125550142')
    const left = await world.db
      .selectFrom('passkeys')
      .select('name')
      .where('identity_id', '=', identityId)
      .execute()
    expect(left).toEqual([{ name: 'Her own' }])
    for (const table of ['totp_secrets', 'backup_codes', 'backup_code_sheets'] as const) {
      const rows = world.db.selectFrom(table).select('identity_id').where('identity_id', '=', identityId)
      expect(await rows.execute(), table).toEqual([])
    }
    expect(await deedsOf(victim)).toContain('second_factor.disabled')
  })

  test('works after a second change, and the thief’s own way back does not', async () => {
    const { victim, undo } = await stolen('Vito Twice')
    const thief = `thief-of-${victim.email}`
    await victim.client.form('/account/email', { ...key(), email: `other-${thief}` })
    await follow(await linkTo(world.db, `other-${thief}`))
    const thiefsUndo = await linkTo(world.db, thief)
    expect((await follow(undo)).status).toBe(200)
    expect((await follow(thiefsUndo)).status).toBe(404)
    expect((await rowOf(victim)).email).toBe(victim.email)
  })

  test('brings an account back that was deleted along the way', async () => {
    const { victim, undo } = await stolen('Vic Deleted')
    expect((await victim.client.form('/account/deletion', key())).status).toBe(303)
    expect((await follow(undo)).status).toBe(200)
    expect(await rowOf(victim)).toMatchObject({ email: victim.email, deleted_at: null })
  })
})

describe('deleting an account', () => {
  test('says what goes and what stays, asks for a factor, and ends access at once', async () => {
    const rider = await withPassword('Lea Leaver')
    const live = rider.client.live('/live/rides/01a1fdbb-4087-765b-b19b-5006690fea69')
    live.close()
    const text = await page(rider, '/account/deletion')
    for (const words of ['What stays, and why', 'within 30 days', rider.email]) expect(text).toContain(words)
    const answer = await rider.client.form('/account/deletion', key())
    expect(answer.headers.get('location')).toBe('/goodbye')
    expect(answer.headers.getSetCookie().join()).toContain('honeycab=; Max-Age=0')
    expect(await isSignedIn(rider)).toBe(false)
    expect(await signsIn(rider.email)).toBe(false)
    expect((await rowOf(rider)).deleted_at).not.toBeNull()
    expect(await lettersTo(world.db, rider.email)).toMatchObject([
      { kind: 'account_deleted', data: { days: 30 } },
    ])
    expect(await deedsOf(rider)).toEqual(['account.deleted'])
    const proving = await stale(await world.newRider('Stan Leaver'))
    expect((await proving.client.form('/account/deletion', key())).headers.get('location')).toBe(
      '/confirm?next=%2Faccount%2Fdeletion',
    )
  })

  test('takes the name off the board, the driver’s page and the search, and keeps the ride', async () => {
    const { canal } = world
    const rider = await world.newRider('Sanna Searchable')
    await goOnline(world, canal.driver)
    const ride = await askRide(rider)
    await assign(canal, ride.id)
    await takeSteps(canal.driver, ride.id, 4)
    const search = () => page(canal.dispatcher, '/board/table?show=ended&q=Searchable')
    const before = await search()
    await rider.client.form('/account/deletion', key())
    expect(await search()).not.toContain('Sanna')
    expect(before).toContain('Sanna')
    expect(await page(canal.dispatcher, `/board/rides/${ride.id}`)).toContain('Deleted person')
    expect(await page(canal.driver, '/driver')).not.toContain('Sanna')
    await follow(await linkTo(world.db, rider.email))
    expect(await search()).toContain('Sanna')
  })

  test('is refused while a ride is open, with what to do', async () => {
    const rider = await world.newRider('Busy Rider')
    const ride = await askRide(rider)
    const refused = await rider.client.form('/account/deletion', key())
    expect(refused.status).toBe(409)
    expect(await refused.text()).toContain('Finish or cancel it first')
    await rider.client.done('POST', `/api/v1/rides/${ride.id}/cancellation`, { feeMinor: 0 })
    expect((await rider.client.form('/account/deletion', key())).status).toBe(303)
  })

  test('is refused to a driver with a ride; else the shift ends and the driver is off the fleet', async () => {
    const { canal } = world
    const driver = canal.otherDriver
    await goOnline(world, driver)
    const ride = await askRide(await world.newRider('Carried Along'))
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${ride.id}/assignment`, {
      driverId: driver.driverId,
    })
    const refused = await driver.client.form('/account/deletion', key())
    expect([refused.status, (await refused.text()).includes('hand back the ride')]).toEqual([409, true])
    await takeSteps(driver, ride.id, 4)
    expect((await driver.client.form('/account/deletion', key())).status).toBe(303)
    const [row] = await world.db
      .selectFrom('drivers')
      .select(['name', 'deleted_at'])
      .where('id', '=', driver.driverId)
      .execute()
    expect(row).toMatchObject({ name: 'Deleted driver' })
    expect(row!.deleted_at).not.toBeNull()
    const open = await world.db
      .selectFrom('shifts')
      .select('id')
      .where('driver_id', '=', driver.driverId)
      .where('ended_at', 'is', null)
      .execute()
    expect(open).toEqual([])
    await follow(await linkTo(world.db, driver.email))
    expect(
      await world.db
        .selectFrom('drivers')
        .select(['name', 'deleted_at'])
        .where('id', '=', driver.driverId)
        .execute(),
    ).toEqual([{ name: driver.name, deleted_at: null }])
  })

  test('is refused to the only administrator; of two who leave at once one stays', async () => {
    const { uptown, canal } = world
    const refused = await uptown.admin.client.form('/account/deletion', key())
    expect([refused.status, (await refused.text()).includes('only administrator')]).toEqual([409, true])
    const second = await world.newRider('Second Admin')
    await world.db
      .insertInto('memberships')
      .values({ company_id: canal.companyId, identity_id: second.identityId, role: 'admin' })
      .execute()
    const answers = await Promise.all(
      [canal.admin, second].map(({ client }) => client.form('/account/deletion', key())),
    )
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
  })

  test('asked fifty times at once is one deletion with one letter', async () => {
    const rider = await world.newRider('Rosa Leaver')
    await Promise.all(Array.from({ length: 50 }, () => rider.client.form('/account/deletion', key())))
    expect(await deedsOf(rider)).toEqual(['account.deleted'])
    expect((await lettersTo(world.db, rider.email)).map(({ kind }) => kind)).toEqual(['account_deleted'])
  })

  test('races with asking for a ride: never both', async () => {
    for (let round = 0; round < 10; round++) {
      const rider = await world.newRider(`Round${round} Racer`)
      const { options } = await askPrices(rider)
      const by = { id: rider.identityId, address: '', requestId: '' }
      const [asked, deleted] = await Promise.all([
        rider.client.call('POST', '/api/v1/rides', {
          ...{ quoteId: options[0]!.quoteId, payment: 'cash', note: '' },
        }),
        commit(world, (unit) =>
          deletePerson(unit, world.random, { identityId: rider.identityId, by, reason: null }),
        ),
      ])
      expect([asked.ok, deleted.ok].filter(Boolean)).toHaveLength(1)
    }
  })
})

describe('the way back', () => {
  test('works once, tells by letter, and old sessions stay ended', async () => {
    const rider = await withPassword('Bea Back')
    await rider.client.form('/account/deletion', key())
    const link = await linkTo(world.db, rider.email)
    expect(await (await follow(link)).text()).toContain('Your account is back')
    expect((await follow(link)).status).toBe(404)
    expect(await isSignedIn(rider)).toBe(false)
    expect(await signsIn(rider.email)).toBe(true)
    expect((await lettersTo(world.db, rider.email))[0]).toMatchObject({
      kind: 'account_restored',
      data: { by: 'person' },
    })
    expect((await deedsOf(rider)).filter((deed) => deed.startsWith('account.'))).toEqual([
      'account.deleted',
      'account.restored',
    ])
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
