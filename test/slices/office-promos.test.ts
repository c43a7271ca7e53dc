import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { readPromo } from '../../src/backoffice/promo-form.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'

const HERE = { currency: 'USD', timeZone: 'America/New_York' }
const SUM = { letters: 'welcome 5', off: 'sum', amount: '5.00' }
const SHARE = { letters: 'TWENTY', off: 'share', percent: '20', most: '8' }

describe('the form of a code', () => {
  test('a sum or a share, from the first day’s midnight to the end of the last, by the wall', () => {
    expect(
      readPromo({ ...SUM, starts: '2026-11-01', ends: '2026-11-01', uses: '100', budget: '250' }, HERE),
    ).toMatchObject({
      ok: true,
      promo: {
        ...{ code: 'WELCOME5', offMinor: 500, offBasisPoints: null, mostMinor: null, usesMost: 100 },
        budgetMinor: 25_000,
        // Clocks go back that day: it has 25 hours.
        ...{ startsAtMs: Date.UTC(2026, 10, 1, 4), endsAtMs: Date.UTC(2026, 10, 2, 5) },
      },
    })
    expect(readPromo({ ...SHARE, amount: '' }, HERE)).toMatchObject({
      promo: {
        offMinor: null,
        offBasisPoints: 2_000,
        mostMinor: 800,
        startsAtMs: null,
        endsAtMs: null,
        usesMost: null,
      },
    })
  })

  test.each([
    [
      'letters of another kind',
      { ...SUM, letters: 'gruß!' },
      { letters: '3 to 20 letters, digits and hyphens, such as WELCOME5.' },
    ],
    ['nothing off', { ...SUM, amount: '' }, { amount: 'This field is needed.' }],
    ['nought off', { ...SUM, amount: '0' }, { amount: 'An amount, such as 5.00.' }],
    ['more than all', { ...SHARE, percent: '120' }, { percent: 'At most 100 percent.' }],
    [
      'an end before it begins',
      { ...SUM, starts: '2026-12-10', ends: '2026-12-01' },
      { ends: 'The last day comes after the first.' },
    ],
    ['a day that is none', { ...SUM, ends: '2027-02-29' }, { ends: 'A day, such as 2026-12-01.' }],
    ['half a use', { ...SUM, uses: '0.5' }, { uses: 'A whole number from 1.' }],
  ])('%s is said at its field', (_what, fields, errors) => {
    const read = readPromo(fields, HERE)
    expect(read.ok ? {} : Object.fromEntries(read.errors)).toEqual(errors as never)
  })

  test('fields of other forms are refused', () => {
    expect(() => readPromo({ ...SUM, wheels: '4' }, HERE)).toThrow('This form cannot be read.')
  })
})

describe('codes in the office', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startApp({ running: false })
  }, 60_000)
  afterAll(() => world?.stop())
  const path = () => `/admin/companies/${world.canal.companyId}/promos`
  const send = (to: string, fields: Record<string, string>, who: Client = world.canal.admin.client) =>
    who.form(to, { key: crypto.randomUUID(), ...fields })
  const page = async (who: Client = world.canal.admin.client) => (await who.get('/admin/promos')).text()
  const words = async () => (await page()).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')

  test('is made, listed with what it takes off, and audited; the same letters once', async () => {
    expect(await words()).toContain('No code yet.')
    expect((await send(path(), { ...SUM, uses: '100', budget: '250' })).headers.get('location')).toBe(
      '/admin/promos?done=made',
    )
    expect((await send(path(), { ...SHARE, starts: '2040-01-01' })).status).toBe(303)
    const listed = await words()
    expect(listed).toMatch(/WELCOME5 open \$5\.00 off 0 of 100 uses · \$0\.00 of \$250\.00 spent/)
    expect(listed).toMatch(/TWENTY to come 20 % off, at most \$8\.00 0 uses/)
    const again = await send(path(), { ...SUM, letters: 'Welcome5', budget: '99' })
    expect(again.status).toBe(422)
    const refused = await again.text()
    expect(refused).toContain('A code with these letters is open already.')
    expect(refused).toContain('value="99"')
    const entry = await world.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', 'promo.created')
      .orderBy('sequence')
      .executeTakeFirstOrThrow()
    expect(entry).toMatchObject({ actor_id: world.canal.admin.identityId, company_id: world.canal.companyId })
  })

  test('closed, it counts no more, and its letters are free', async () => {
    const closing = /action="(\/admin\/promos\/[0-9a-f-]+\/closing)"[\s\S]*?aria-label="Close WELCOME5"/.exec(
      (await page()).split('<li>').find((row) => row.includes('WELCOME5'))!,
    )![1]!
    expect((await send(closing, {}, world.uptown.admin.client)).status).toBe(404)
    expect((await send(closing, {})).headers.get('location')).toBe('/admin/promos?done=closed')
    expect((await send(closing, {})).status).toBe(303)
    expect(await words()).toContain('WELCOME5 closed')
    expect((await send(path(), SUM)).status).toBe(303)
  })

  test('another company’s are not there', async () => {
    const { uptown } = world
    expect(await page(uptown.admin.client)).not.toContain('TWENTY')
    expect((await send(path(), { ...SUM, letters: 'THEIRS' }, uptown.admin.client)).status).toBe(404)
  })
})
