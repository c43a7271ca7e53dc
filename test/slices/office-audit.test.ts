import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { record } from '../../src/audit/audit.ts'
import { dayEndMs, dayStartMs } from '../../src/backoffice/days.ts'
import type { IdentityId } from '../../src/engine/units.ts'
import { readCsv } from '../../src/io/csv.ts'
import { csvLine } from '../../src/io/csv-write.ts'
import { type AppWorld, type Person, startApp } from '../support/app-world.ts'
import { askRide } from '../support/ride-steps.ts'

interface Entry {
  readonly sequence: string
  readonly at: string
  readonly action: string
  readonly actor: string | null
  readonly subject: string | null
  readonly company: string | null
  readonly detail: Record<string, unknown>
}
interface Answer {
  readonly entries: readonly Entry[]
  readonly next: string | null
}

const DAY_MS = 86_400_000
const NASTY = '=HYPERLINK("https://evil.example","pay here")'
let world: AppWorld
let platform: Person

beforeAll(async () => {
  world = await startApp({ running: false })
  platform = world.platform
  const { canal, uptown, db, random, clock } = world
  const atMs = clock.nowMs()
  await record(db, random, {
    action: 'company.changed',
    ...{ atMs, companyId: canal.companyId, actorId: canal.admin.identityId, subject: canal.companyId },
    detail: { before: { name: 'Canal' }, after: { name: NASTY } },
    ...{ address: '192.0.2.7', requestId: 'request-of-canal' },
  })
  await record(db, random, {
    action: 'membership.granted',
    ...{ atMs, companyId: uptown.companyId, actorId: uptown.admin.identityId },
    ...{ subject: uptown.driver.identityId, detail: { role: 'dispatcher' } },
  })
  const signIn = (identityId: IdentityId, at = atMs) =>
    record(db, random, { action: 'session.started', atMs: at, actorId: identityId, subject: random.uuid() })
  await signIn(canal.driver.identityId)
  await signIn(canal.rider.identityId)
  await signIn(canal.dispatcher.identityId, atMs - 120 * DAY_MS)
  await signIn(uptown.driver.identityId)
  await record(db, random, { action: 'mail.retried', atMs, actorId: canal.driver.identityId })
}, 60_000)
afterAll(() => world?.stop())

const ask = (who: Person, query = '') => who.client.done<Answer>('GET', `/api/v1/audit${query}`)
const actors = ({ entries }: Answer) => new Set(entries.map(({ actor }) => actor))

describe('whose entries one sees', () => {
  test("an admin sees the company's and those of the people who work there, and nothing else", async () => {
    const answer = await ask(world.canal.admin)
    expect(actors(answer)).toEqual(new Set(['Max Weber', 'Bo Lindqvist', 'Ines Duarte']))
    expect(answer.entries.every(({ company }) => company === null || company === 'Canal Street Cars')).toBe(
      true,
    )
    // What concerns the installation is not theirs, even where one of their own did it.
    expect(answer.entries.map(({ action }) => action)).not.toContain('mail.retried')
  })

  test('the other company sees its own only', async () => {
    const answer = await ask(world.uptown.admin)
    expect(JSON.stringify(answer)).not.toMatch(/Canal|Bo Lindqvist|Ines|Max Weber|192\.0\.2\.7/)
    expect(answer.entries).toHaveLength(2)
  })

  test.each(['who=Bo', 'subject=Canal', 'text=192.0.2.7', 'text=request-of-canal', 'action=company.changed'])(
    'no filter reaches over to the other company: %s',
    async (query) => {
      expect((await ask(world.uptown.admin, `?${query}`)).entries).toEqual([])
    },
  )

  test('the platform sees everything', async () => {
    const seen = actors(await ask(platform))
    for (const name of ['Bo Lindqvist', 'Ada Okafor', 'Uri Strand', 'Ursa Wharf'])
      expect(seen).toContain(name)
  })

  test.each(['rider', 'driver', 'dispatcher'] as const)('a %s sees none of it', async (role) => {
    for (const path of ['/admin/audit', '/admin/audit/export', '/api/v1/audit'])
      expect((await world.canal[role].client.get(path)).status).toBe(403)
  })
})

describe('finding an entry', () => {
  const FILTERS: [string, string, (entry: Entry) => boolean][] = [
    ['by who did it', 'who=lindqvist', ({ actor }) => actor === 'Bo Lindqvist'],
    ['by their address', 'who=bo@demo', ({ actor }) => actor === 'Bo Lindqvist'],
    ['by the action', 'action=company.changed', ({ action }) => action === 'company.changed'],
    ['by words in the detail', 'text=hyperlink', ({ action }) => action === 'company.changed'],
    ['by where it came from', 'text=192.0.2', ({ action }) => action === 'company.changed'],
    ['by the request', 'text=request-of-canal', ({ action }) => action === 'company.changed'],
  ]
  test.each(FILTERS)('%s', async (_how, query, fits) => {
    const { entries } = await ask(world.canal.admin, `?${query}`)
    expect(entries.length).toBeGreaterThan(0)
    expect(entries.every(fits)).toBe(true)
  })

  test('by whom it was done to, by name and by id', async () => {
    const { uptown } = world
    for (const subject of ['Uri', uptown.driver.identityId]) {
      const { entries } = await ask(uptown.admin, `?subject=${subject}`)
      expect(entries.map(({ action }) => action)).toContain('membership.granted')
    }
  })

  test('signs that mean something to a search are looked for as they are', async () => {
    for (const text of ['%', '_', '\\', "'", '%25'])
      expect((await ask(world.canal.admin, `?text=${encodeURIComponent(`${text}nowhere`)}`)).entries).toEqual(
        [],
      )
  })

  test('days are those of the company, its clock changes included', () => {
    const zone = 'America/New_York'
    expect(new Date(dayStartMs('2026-11-21', zone)).toISOString()).toBe('2026-11-21T05:00:00.000Z')
    expect(new Date(dayStartMs('2026-07-01', zone)).toISOString()).toBe('2026-07-01T04:00:00.000Z')
    expect(dayEndMs('2026-11-01', zone) - dayStartMs('2026-11-01', zone)).toBe(25 * 3_600_000)
    expect(dayEndMs('2026-03-08', zone) - dayStartMs('2026-03-08', zone)).toBe(23 * 3_600_000)
    for (const far of ['Pacific/Kiritimati', 'Pacific/Pago_Pago', 'Asia/Kathmandu']) {
      const start = dayStartMs('2026-11-21', far)
      expect(new Intl.DateTimeFormat('en-CA', { timeZone: far, dateStyle: 'short' }).format(start)).toBe(
        '2026-11-21',
      )
      expect(new Intl.DateTimeFormat('en-CA', { timeZone: far, dateStyle: 'short' }).format(start - 1)).toBe(
        '2026-11-20',
      )
    }
  })

  test('a day in the past shows that day; words alone reach back 90 days and say so', async () => {
    const { admin } = world.canal
    const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'America/New_York', dateStyle: 'short' }).format(
      world.clock.nowMs() - 120 * DAY_MS,
    )
    const { entries } = await ask(admin, `?from=${day}&to=${day}`)
    expect(entries.map(({ actor }) => actor)).toEqual(['Ines Duarte'])
    expect((await ask(admin, `?text=session`)).entries.map(({ actor }) => actor)).not.toContain('Ines Duarte')
    expect((await ask(admin, `?text=session&from=${day}`)).entries.map(({ actor }) => actor)).toContain(
      'Ines Duarte',
    )
    expect(await (await admin.client.get('/admin/audit?text=session')).text()).toContain('looked for back to')
  })

  test.each(['from=yesterday', 'to=2026-02-30', 'before=-1', 'before=x', 'format=xml'])(
    'a query that makes no sense is told so: %s',
    async (query) => {
      const path = query.startsWith('format') ? '/admin/audit/export' : '/api/v1/audit'
      expect((await world.canal.admin.client.get(`${path}?${query}`)).status).toBe(422)
    },
  )

  test('page after page, nothing twice and nothing left out, while new entries come', async () => {
    const { admin, companyId } = world.canal
    const add = (count: number) =>
      Promise.all(
        Array.from({ length: count }, () =>
          record(world.db, world.random, {
            action: 'flag.switched',
            ...{ atMs: world.clock.nowMs(), companyId, actorId: admin.identityId, subject: companyId },
          }),
        ),
      )
    await add(120)
    const seen: string[] = []
    let before: string | null = null
    do {
      const page: Answer = await ask(
        admin,
        `?action=flag.switched${before === null ? '' : `&before=${before}`}`,
      )
      seen.push(...page.entries.map(({ sequence }) => sequence))
      before = page.next
      await add(1)
    } while (before !== null)
    expect(seen).toHaveLength(120)
    expect(new Set(seen).size).toBe(120)
    expect(seen).toEqual(seen.toSorted((a, b) => Number(BigInt(b) - BigInt(a))))
  })
})

describe('taking it along', () => {
  test('as CSV, formulas shown instead of run', async () => {
    const { admin } = world.canal
    const answer = await admin.client.get('/admin/audit/export?format=csv&action=company.changed')
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="audit-[\d-]+\.csv"$/)
    expect(answer.headers.get('cache-control')).toContain('no-store')
    const rows = readCsv(await answer.text())
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ action: 'company.changed', actor: 'Max Weber', address: '192.0.2.7' })
    expect(JSON.parse(rows[0]!.detail!)).toMatchObject({ after: { name: NASTY } })
  })

  const NEUTRAL: [string, string][] = [
    [NASTY, `"'=HYPERLINK(""https://evil.example"",""pay here"")"`],
    ['+1+cmd', "'+1+cmd"],
    ['-2+3', "'-2+3"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', `"'\t=1"`],
    ['\r=1', `"'\r=1"`],
    ['  =1', "'  =1"],
    ['＝1', "'＝1"],
    ['-40.5', '-40.5'],
    ['+12125550142', '+12125550142'],
    ['a=b', 'a=b'],
    ['two\nlines, one field', '"two\nlines, one field"'],
    ['', ''],
  ]
  test.each(NEUTRAL)('a field %j', (text, written) => {
    expect(csvLine([text])).toBe(`${written}\r\n`)
  })

  test('as JSON, all of it and only theirs', async () => {
    const answer = await world.uptown.admin.client.get('/admin/audit/export?format=json')
    const entries = (await answer.json()) as Entry[]
    expect(entries.map(({ action }) => action)).toEqual([
      'audit.exported',
      'session.started',
      'membership.granted',
    ])
    expect(JSON.stringify(entries)).not.toContain('Canal')
    const none = await world.uptown.admin.client.get('/admin/audit/export?format=json&who=nobody-like-this')
    expect(await none.json()).toEqual([])
  })

  test('more than one batch, whole', async () => {
    const { admin, companyId } = world.canal
    const values = Array.from({ length: 2_300 }, () => ({
      ...{ id: world.random.uuid(), at: new Date(), company_id: companyId, action: 'tariff.changed' },
      ...{ actor_id: null, subject: null, subject_kind: null, address: null, request_id: null },
    }))
    await world.db.insertInto('audit_entries').values(values).execute()
    const text = await (await admin.client.get('/admin/audit/export?action=tariff.changed')).text()
    expect(readCsv(text)).toHaveLength(2_300)
  })
})

describe('the desk', () => {
  test('leaves an entry for what it does to a ride', async () => {
    const { canal } = world
    const { id } = await askRide(canal.rider, 'at the corner')
    await canal.dispatcher.client.done('POST', `/api/v1/board/rides/${id}/cancellation`, {
      reason: 'rang off',
    })
    const { entries } = await ask(canal.admin, `?subject=${id}`)
    expect(entries).toHaveLength(1)
    expect(entries[0]).toMatchObject({
      ...{ action: 'ride.cancelled', actor: 'Ines Duarte', company: 'Canal Street Cars' },
      detail: { reason: 'rang off', before: { state: 'requested' }, after: { state: 'cancelled' } },
    })
  })
})

test('the page says it in words, keeps the filter, and runs nothing of it', async () => {
  const page = await (
    await world.canal.admin.client.get('/admin/audit?action=company.changed&who=Max')
  ).text()
  expect(page).toContain('changed a company')
  expect(page).toContain('value="Max"')
  expect(page).toContain('=HYPERLINK(&quot;')
  expect(page).toContain('href="/admin/audit/export?who=Max&amp;action=company.changed&amp;format=csv"')
})

test('nothing went wrong on our side', () => {
  expect(world.lines).toEqual([])
})
