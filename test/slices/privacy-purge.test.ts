import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { sql } from 'kysely'
import { manualClock } from '../../src/io/clock.ts'
import { commit } from '../../src/io/commit.ts'
import { notify } from '../../src/notices/notices.ts'
import { checkInvariants } from '../../src/ops/invariants.ts'
import { deletePerson, PURGE_AFTER_DAYS } from '../../src/privacy/deletions.ts'
import { FORGOTTEN_PLACE } from '../../src/privacy/forget-rides.ts'
import { purgeDeleted } from '../../src/privacy/purge.ts'
import { forgetOldKeys } from '../../src/web/idempotency.ts'
import { type AppWorld, type DriverPerson, type Person, startApp } from '../support/app-world.ts'
import { lettersTo, linkTo } from '../support/letters.ts'
import { blob, jpeg } from '../support/pictures.ts'
import { askRide, assign, goOnline, takeSteps } from '../support/ride-steps.ts'

const DAY_MS = 86_400_000
const clock = manualClock(Date.now())
let world: AppWorld
let leaver: Person
let stayer: Person
let driver: DriverPerson
let rideIds: string[]
let avatarId: string

const key = () => ({ key: crypto.randomUUID() })
/** What of these words stands anywhere in the database. */
async function found(words: readonly string[]): Promise<string[]> {
  const { rows: columns } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and table_name not like 'kysely%'`.execute(world.db)
  const hits: string[] = []
  for (const { table_name, column_name } of columns)
    for (const word of words) {
      const { rows } = await sql`
        select 1 from ${sql.table(table_name)}
        where position(lower(${word}) in lower(${sql.ref(column_name)}::text)) > 0 limit 1`.execute(world.db)
      if (rows.length > 0) hits.push(`${word} in ${table_name}.${column_name}`)
    }
  return hits
}
const balances = async () =>
  (
    await sql<{ account: string; total: string }>`
      select account, sum(amount_minor)::text as total from ledger_entries group by 1 order by 1`.execute(
      world.db,
    )
  ).rows

beforeAll(async () => {
  world = await startApp({ clock })
  const { canal } = world
  driver = canal.otherDriver
  leaver = await world.newRider('Lorelei Vanishing')
  stayer = await world.newRider('Stella Staying')
  const sent = await leaver.client.upload(
    '/account/avatar',
    { ...key(), picture: blob(await jpeg()) },
    { accept: 'application/json' },
  )
  avatarId = ((await sent.json()) as { avatarId: string }).avatarId
  await leaver.client.form('/account/phone', { ...key(), phone: '+12125550177' })
  await leaver.client.form('/account/email', { ...key(), email: 'lorelei@new.example' })
  await goOnline(world, driver)
  rideIds = []
  for (const rider of [leaver, stayer]) {
    const ride = await askRide(rider, `note of ${rider.name}`)
    await assign({ ...canal, driver }, ride.id)
    await takeSteps(driver, ride.id, 4)
    rideIds.push(ride.id)
  }
  const cancelled = await askRide(leaver)
  await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${cancelled.id}/cancellation`, {
    reason: 'Lorelei Vanishing rang',
  })
  rideIds.push(cancelled.id)
}, 60_000)
afterAll(() => world?.stop())

describe('a person who left', () => {
  test('is purged when their days are over and not before; of many purgers one does it', async () => {
    const before = await balances()
    await leaver.client.form('/account/deletion', key())
    clock.advance((PURGE_AFTER_DAYS - 1) * DAY_MS)
    expect(await purgeDeleted(world)).toBe(0)
    clock.advance(DAY_MS + 60_000)
    const purges = await Promise.all(Array.from({ length: 5 }, () => purgeDeleted(world)))
    expect(purges.toSorted()).toEqual([0, 0, 0, 0, 1])
    expect(await purgeDeleted(world)).toBe(0)
    expect(await balances()).toEqual(before)
    expect(await checkInvariants(world.db, { nowMs: clock.nowMs() })).toEqual([])
  })

  test('leaves no name, address, telephone, note or letter anywhere', async () => {
    // Answers kept for one-time keys of the desk, which the keeper forgets after a day.
    await forgetOldKeys(world.db, clock.nowMs())
    expect(await found(['lorelei', 'vanishing', leaver.email, 'lorelei@new.example', '12125550177'])).toEqual(
      [],
    )
  })

  test('leaves the rides and their price, with the places to about a kilometre', async () => {
    const rows = await world.db
      .selectFrom('rides')
      .selectAll()
      .where('rider_id', '=', leaver.identityId)
      .orderBy('number')
      .execute()
    expect(rows).toMatchObject([
      {
        ...{ rider_name: 'Deleted person', note: '', state: 'completed' },
        ...{ pickup_label: FORGOTTEN_PLACE, dropoff_label: FORGOTTEN_PLACE, pickup_lat: 40.76 },
      },
      { state: 'cancelled', end_reason: null },
    ])
    expect(rows[0]!.fare_minor).toBeGreaterThan(0)
    const trails = await world.db
      .selectFrom('ride_trails')
      .select('ride_id')
      .where('ride_id', '=', rideIds[0] as never)
      .execute()
    expect(trails).toEqual([])
    const reasons = await world.db
      .selectFrom('ride_events')
      .select('reason')
      .where('ride_id', 'in', [rideIds[0], rideIds[2]] as never[])
      .where('reason', 'is not', null)
      .execute()
    expect(reasons).toEqual([])
  })

  test('leaves a row that nobody can be told by, and no way in', async () => {
    const row = await world.db
      .selectFrom('identities')
      .selectAll()
      .where('id', '=', leaver.identityId)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      ...{ name: 'Deleted person', email: `deleted-${leaver.identityId}@deleted.invalid`, phone: null },
      ...{ avatar_id: null, privacy: {}, notify: {}, email_verified: false, platform: false },
    })
    expect(row.purged_at).not.toBeNull()
    for (const table of [
      'sessions',
      'credentials',
      'notices',
      'idempotency_keys',
      'one_time_links',
    ] as const) {
      const rows = await world.db
        .selectFrom(table)
        .select('identity_id')
        .where('identity_id', '=', leaver.identityId)
        .execute()
      expect(rows, table).toEqual([])
    }
  })

  test('leaves no picture: its files are gone with the next sweep', async () => {
    await world.uploads.sweep()
    const rows = await world.db.selectFrom('uploads').select('id').where('id', '=', avatarId).execute()
    expect(rows).toEqual([])
    const files = await world.files.list('uploads/', { limit: 100 })
    expect(files.filter(({ key: file }) => file.includes(avatarId))).toEqual([])
  })

  test('leaves deeds in the audit trail without what was said in them, and the purge itself', async () => {
    const rows = await world.db
      .selectFrom('audit_entries')
      .select(['action', 'detail', 'address'])
      .where('subject', '=', leaver.identityId)
      .orderBy('sequence')
      .execute()
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['phone.changed', 'email.change_asked', 'account.deleted', 'account.purged']),
    )
    expect(rows.filter(({ address }) => address !== null)).toEqual([])
    for (const { action, detail } of rows)
      expect(detail).toEqual(action === 'account.purged' ? {} : { removed: 'this person was deleted' })
  })

  test('may not come back, and their address is free again', async () => {
    const back = await lettersTo(world.db, leaver.email)
    expect(back).toEqual([])
    const again = await world.auth.createPerson({
      ...{ name: 'Lorelei Vanishing', email: leaver.email, password: null, memberships: [] },
    })
    expect(again.ok).toBe(true)
    if (again.ok) await world.db.deleteFrom('identities').where('id', '=', again.value).execute()
  })

  test('takes nothing of anybody else along', async () => {
    const ride = await world.db
      .selectFrom('rides')
      .selectAll()
      .where('id', '=', rideIds[1] as never)
      .executeTakeFirstOrThrow()
    expect(ride).toMatchObject({
      ...{ rider_name: stayer.name, pickup_label: 'Times Square', note: `note of ${stayer.name}` },
    })
    expect((await found([stayer.name])).length).toBeGreaterThan(1)
  })
})

describe('a driver who left', () => {
  test('leaves rides, shifts and books under a made-up name, and riders keep their receipts', async () => {
    const { canal } = world
    // The session is long over by this clock, so the deed is done by the system's hand.
    const before = await balances()
    const by = { id: null, address: '', requestId: '' }
    await commit(world, (unit) =>
      deletePerson(unit, world.random, { identityId: driver.identityId, by, reason: null }),
    )
    clock.advance((PURGE_AFTER_DAYS + 1) * DAY_MS)
    expect(await purgeDeleted(world)).toBe(1)
    expect(await balances()).toEqual(before)
    expect(await checkInvariants(world.db, { nowMs: clock.nowMs() })).toEqual([])
    expect(await found([driver.name, driver.email])).toEqual([])
    const row = await world.db
      .selectFrom('drivers')
      .selectAll()
      .where('id', '=', driver.driverId)
      .executeTakeFirstOrThrow()
    expect(row.name).toBe('Deleted driver')
    expect(row.call_sign).toMatch(/^x-[0-9a-f]{10}$/)
    const rides = await world.db
      .selectFrom('rides')
      .select('rider_name')
      .where('driver_id', '=', driver.driverId)
      .where('rider_id', '=', stayer.identityId)
      .execute()
    expect(rides).toEqual([{ rider_name: stayer.name }])
    const roles = await world.db
      .selectFrom('memberships')
      .select('role')
      .where('identity_id', '=', driver.identityId)
      .execute()
    expect(roles).toEqual([])
    expect(canal.driver.name).not.toBe(driver.name)
  })
})

test('somebody who came back in time is not purged', async () => {
  const back = await world.newRider('Barry Backer')
  await back.client.form('/account/deletion', key())
  const link = await linkTo(world.db, back.email)
  const looked = await world.stranger.get(link)
  const csrf = /name="csrf" value="([^"]+)"/.exec(await looked.text())![1]!
  const cookie = looked.headers.getSetCookie()[0]!.split(';')[0]!
  expect((await world.stranger.form(link, { csrf }, { cookie })).status).toBe(200)
  clock.advance((PURGE_AFTER_DAYS + 1) * DAY_MS)
  expect(await purgeDeleted(world)).toBe(0)
  expect((await found([back.name])).length).toBeGreaterThan(0)
})

test('letters to somebody who is deleted are not written, but for the way back', async () => {
  const gone = await world.newRider('Gina Gone')
  await gone.client.form('/account/deletion', key())
  await commit(world, (unit) =>
    notify(unit, world.random, {
      ...{ kind: 'phone_changed', to: gone.email, identityId: gone.identityId },
      data: { name: gone.name, atMs: unit.atMs, phone: null },
    }),
  )
  expect((await lettersTo(world.db, gone.email)).map(({ kind }) => kind)).toEqual(['account_deleted'])
})

describe('the database lets nothing else be changed', () => {
  const entry = { action: 'x.y', subject: '01a1fdbb-4087-765b-b19b-5006690fea69' }
  test.each([
    ["update audit_entries set detail = '{}', address = null", 'append-only'],
    ['update ride_events set reason = null', 'append-only'],
  ])('%s without a purge', async (statement, words) => {
    await expect(sql.raw(statement).execute(world.db)).rejects.toThrow(words)
  })
  test.each([
    [`update audit_entries set action = '${entry.action}'`, 'append-only'],
    [`update audit_entries set subject = '${entry.subject}', address = null`, 'append-only'],
    ["update audit_entries set address = '10.0.0.1'", 'append-only'],
    ['delete from audit_entries', 'append-only'],
    ["update ride_events set reason = 'other words'", 'append-only'],
    ["update ride_events set reason = null, to_state = 'completed', type = 'finish'", 'append-only'],
    ['delete from ride_events', 'append-only'],
  ])('%s even during one', async (statement, words) => {
    const attempt = world.db.transaction().execute(async (trx) => {
      await sql`select set_config('honeycab.purge', 'person', true)`.execute(trx)
      await sql.raw(statement).execute(trx)
    })
    await expect(attempt).rejects.toThrow(words)
  })
})

test('nothing went wrong on our side meanwhile', () => {
  expect(world.lines).toEqual([])
})
