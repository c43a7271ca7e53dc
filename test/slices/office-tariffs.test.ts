import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { readTariff, type Typed, typedOf } from '../../src/backoffice/tariff-form.ts'
import { readPublication } from '../../src/backoffice/tariff-publication.ts'
import { PLAIN_RULES, type TariffRules } from '../../src/engine/tariff.ts'
import type { ZoneId } from '../../src/engine/units.ts'
import type { TariffFigures } from '../../src/fares/tariffs.ts'
import { coverSentences, differenceSentences, ruleSentences } from '../../views/backoffice/tariff-words.ts'
import { type AppWorld, startApp } from '../support/app-world.ts'
import type { Client } from '../support/client.ts'
import { askPrices, askRide } from '../support/ride-steps.ts'

const JFK = '01a20000-0000-7000-8000-000000000001' as ZoneId
const LGA = '01a20000-0000-7000-8000-000000000002' as ZoneId
const NAMES = new Map<string, string>([
  [JFK, 'JFK'],
  [LGA, 'LaGuardia'],
])
const PLAIN: TariffFigures = {
  ...{ currency: 'USD', baseMinor: 300, bookingFeeMinor: 150, perKmMinor: 160, perMinuteMinor: 50 },
  ...{ minimumMinor: 800, taxBasisPoints: 888, taxLabel: 'New York sales tax', cancelFeeMinor: 500 },
  ...{ cancelFreeS: 120, noShowFeeMinor: 700, noShowAfterS: 180, driverShareBasisPoints: 8_000 },
  rules: PLAIN_RULES,
}
const RULES: TariffRules = {
  schedule: [
    {
      ...{ name: 'Night', weekdays: [1, 2, 3, 4, 5], holidays: false, fromMinute: 1_320, untilMinute: 360 },
      ...{ factorBasisPoints: 12_500, addMinor: 0 },
    },
    {
      ...{ name: 'Weekend', weekdays: [6, 7], holidays: true, fromMinute: 0, untilMinute: 0 },
      ...{ factorBasisPoints: 9_000, addMinor: 200 },
    },
  ],
  holidays: ['2026-12-25', '2028-02-29'],
  zones: [
    { kind: 'fee', zone: JFK, at: 'either', name: 'Airport fee', rank: 0, amountMinor: 525 },
    { kind: 'toll', zone: JFK, name: 'Tunnel', rank: 0, amountMinor: 900 },
    { kind: 'tax', zone: LGA, at: 'pickup', name: 'Queens tax', rank: 2, taxBasisPoints: 450 },
    {
      ...{ kind: 'flat', from: JFK, to: LGA, bothWays: true, name: 'Between airports', rank: 1 },
      ...{ amountMinor: 4_500, varies: false },
    },
  ],
  waiting: { graceS: 90, perMinuteMinor: 40, mostMinor: 2_000 },
  cancellation: [{ from: 'en_route', afterS: 150, feeMinor: 400 }],
  bookedAhead: { freeUntilS: 43_200, feeMinor: 1_000 },
  rounding: { toMinor: 5, mode: 'half_up' },
}
const form = (change: Record<string, string> = {}): Typed => ({
  ...typedOf({ ...PLAIN, rules: RULES }),
  ...change,
})
const mistakesOf = (typed: Typed) => {
  const read = readTariff(typed, 'USD')
  return read.ok ? {} : Object.fromEntries(read.mistakes)
}

describe('the form of a tariff', () => {
  test('says what the tariff says, and is read back as it was', () => {
    const { currency: _currency, ...draft } = { ...PLAIN, rules: RULES }
    expect(readTariff({ ...form(), revision: '3', next: 'preview' }, 'USD')).toEqual({
      ...{ ok: true, draft, revision: 3, preview: true },
    } as never)
  })

  test('any amounts, shares and spans come back to the last digit, in currencies of no, two and three decimals', () => {
    const money = fc.integer({ min: 0, max: 1_000_000 })
    const figures = fc.record({
      ...{ currency: fc.constantFrom('USD', 'JPY', 'KWD'), baseMinor: money, bookingFeeMinor: money },
      ...{ perKmMinor: money, perMinuteMinor: money, minimumMinor: money },
      ...{ taxBasisPoints: fc.integer({ min: 0, max: 10_000 }), taxLabel: fc.constant('Tax') },
      ...{ cancelFeeMinor: money, cancelFreeS: fc.integer({ min: 0, max: 86_400 }), noShowFeeMinor: money },
      ...{ noShowAfterS: fc.integer({ min: 0, max: 86_400 }) },
      driverShareBasisPoints: fc.integer({ min: 0, max: 10_000 }),
      rules: fc.constant(PLAIN_RULES as TariffRules),
    })
    fc.assert(
      fc.property(figures, (tariff) => {
        const read = readTariff(typedOf(tariff), tariff.currency)
        const { currency: _currency, ...draft } = tariff
        expect(read.ok && read.draft).toEqual(draft as never)
      }),
      { numRuns: 300 },
    )
  })

  test('an empty row is none, wherever it stands', () => {
    const typed = form({
      'schedule.0.name': ' ',
      'zones.1.name': '',
      'zones.1.amount': '',
      'cancellation.0.fee': '',
    })
    const read = readTariff(typed, 'USD')
    expect(read.ok && read.draft.rules.schedule.map(({ name }) => name)).toEqual(['Weekend'])
    expect(read.ok && read.draft.rules.zones.map(({ kind }) => kind)).toEqual(['fee', 'tax', 'flat'])
    expect(read.ok && read.draft.rules.cancellation).toEqual([])
  })

  test.each([
    ['a price with a comma', { base: '3,50' }, { base: 'An amount, such as 3.50.' }],
    ['a tenth of a cent', { per_km: '1.605' }, { per_km: 'An amount, such as 3.50.' }],
    ['no name for the tax', { tax_label: ' ' }, { tax_label: 'This field is needed.' }],
    ['tax above all', { tax: '101' }, { tax: 'This is too much.' }],
    ['a row on no day', noDays(0), { 'schedule.0.name': 'Choose the days on which it begins, or holidays.' }],
    [
      'a row that changes nothing',
      { 'schedule.0.percent': '' },
      { 'schedule.0.name': 'It changes nothing: say percent or an amount.' },
    ],
    [
      'a time that is none',
      { 'schedule.1.from': '25:00' },
      { 'schedule.1.from': 'A time of the day, such as 22:00.' },
    ],
    [
      'a day that is none',
      { holidays: '2027-02-29' },
      { holidays: '“2027-02-29” is no day; write them as 2026-12-25.' },
    ],
    ['a day twice', { holidays: '2027-02-28 2027-02-28' }, { holidays: 'A day stands here twice.' }],
    ['a rule without a zone', { 'zones.0.zone': '' }, { 'zones.0.zone': 'Choose a zone.' }],
    ['a flat fare to nowhere', { 'zones.3.to': '' }, { 'zones.3.to': 'Choose a zone.' }],
    ['a rule without a name', { 'zones.0.name': '' }, { 'zones.0.name': 'This field is needed.' }],
    [
      'behind an empty row',
      { 'zones.0.name': '', 'zones.0.amount': '', 'zones.1.amount': 'much' },
      { 'zones.1.amount': 'An amount, such as 3.50.' },
    ],
    ['a rank of its own', { 'zones.2.rank': '7000' }, { 'zones.2.rank': 'A whole number from 0 to 100.' }],
    ['grace in words', { 'waiting.grace': 'two' }, { 'waiting.grace': 'Minutes, such as 2 or 1.5.' }],
    ['a fee without its hours', { 'booked.free': '' }, { 'booked.free': 'Hours, such as 12.' }],
    ['steps of one cent', { 'rounding.to': '0.01' }, { 'rounding.to': 'This is too little.' }],
  ])('%s is said at its field', (_what, change, mistakes) => {
    expect(mistakesOf(form(change as Record<string, string>))).toEqual(mistakes as never)
  })

  test('fields of other forms are refused', () => {
    for (const stray of [
      { wheels: '4' },
      { 'schedule.0.colour': 'red' },
      { 'schedule.999.name': 'x' },
      { base: ['1', '2'] },
    ])
      expect(() => readTariff({ ...form(), ...stray }, 'USD')).toThrow('This form cannot be read.')
  })
})

function noDays(row: number): Record<string, string> {
  return Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((weekday) => [`schedule.${row}.day${weekday}`, '']))
}

describe('a tariff in words', () => {
  test('every rule is a sentence', () => {
    expect(ruleSentences({ rules: RULES, currency: 'USD' }, NAMES)).toEqual([
      'Night: Monday to Friday 22:00 to 06:00 of the next day, 25 % more.',
      'Weekend: Saturday and Sunday and holidays, all day, 10 % less and $2.00 more.',
      'Holidays: 2026-12-25, 2028-02-29.',
      'Airport fee: $5.25 for rides that begin or end in JFK.',
      'Tunnel: $9.00 for rides that cross the border of JFK.',
      'Queens tax: 4.5 % tax for rides that begin in LaGuardia. Rank 2.',
      'Between airports: $45.00 flat from JFK to LaGuardia and back. Rank 1.',
      'Waiting: $0.40 a minute after 1 min 30 s, at most $20.00.',
      'Cancelled 2 min 30 s or more after the driver set off: $4.00.',
      'Booked ahead: cancelling is free until 12 h before the pickup, then $10.00.',
      'Rounded to the nearest to $0.05.',
    ])
  })

  test('gaps and overlaps of a week are said plainly', () => {
    expect(coverSentences(RULES.schedule)).toEqual({
      gaps: 'No row counts for 86 hours of the week, the first time from Monday 00:00 to Monday 22:00: the plain figures do.',
      overlaps: [
        '“Night” and “Weekend” meet, first from Saturday 00:00 to Saturday 06:00: “Night” counts, for it stands first.',
      ],
    })
    expect(coverSentences([])).toEqual({ gaps: null, overlaps: [] })
  })

  test('how a draft differs: figures, what is new and what is gone', () => {
    const dearer = { ...PLAIN, baseMinor: 350, rules: { ...RULES, rounding: null } }
    expect(differenceSentences({ ...PLAIN, rules: RULES }, dearer, NAMES)).toEqual([
      'Base: $3.00 becomes $3.50.',
      'Gone: Rounded to the nearest to $0.05.',
    ])
    const turned = { ...PLAIN, rules: { ...RULES, schedule: RULES.schedule.toReversed() } }
    expect(differenceSentences({ ...PLAIN, rules: RULES }, turned, NAMES)).toEqual([
      'The rules stand in another order.',
    ])
    expect(differenceSentences(PLAIN, PLAIN, NAMES)).toEqual([])
    expect(differenceSentences(null, PLAIN, NAMES)).toEqual(['It is the first tariff of its class.'])
  })
})

describe('from when on', () => {
  const NOW_MS = Date.UTC(2026, 10, 21, 18)
  const read = (fields: Record<string, string>) =>
    readPublication({ revision: '1', ...fields }, 'America/New_York', NOW_MS)
  test('at once, or by the wall of the region; of a time that comes twice the first', () => {
    expect(read({ when: 'now' })).toMatchObject({ ok: true, fromMs: null })
    const midnight = read({ when: 'later', day: '2026-12-01' })
    expect(midnight).toMatchObject({ ok: true, fromMs: Date.UTC(2026, 11, 1, 5) })
    // Clocks go back on 7 November 2027: 01:30 is 05:30 UTC, and 06:30 UTC once more.
    expect(read({ when: 'later', day: '2027-11-07', time: '01:30' })).toMatchObject({
      fromMs: Date.UTC(2027, 10, 7, 5, 30),
    })
  })

  test.each([
    [
      'a time clocks skip',
      { when: 'later', day: '2027-03-14', time: '02:30' },
      'time',
      'Clocks go forward over this time',
    ],
    ['the past', { when: 'later', day: '2026-11-20' }, 'day', 'This has gone by.'],
    ['no day', { when: 'later' }, 'day', 'A day, such as'],
    ['a day and “at once”', { when: 'now', day: '2026-12-01' }, 'day', 'Choose “From a day and time”'],
    ['the next century', { when: 'later', day: '2126-01-01' }, 'day', 'more than five years off'],
  ])('%s is refused', (_what, fields, field, words) => {
    const refused = read(fields)
    expect(refused.ok ? '' : refused.errors[field]).toContain(words)
  })
})

describe('in the office', () => {
  let world: AppWorld
  beforeAll(async () => {
    world = await startApp({ running: false })
  }, 60_000)
  afterAll(() => world?.stop())

  const path = () => `/admin/regions/${world.canal.regionId}/tariffs/standard`
  const send = (to: string, fields: Record<string, string>, who: Client = world.canal.admin.client) =>
    who.form(to, { key: crypto.randomUUID(), ...fields })
  const textOf = async (to: string) =>
    (await (await world.canal.admin.client.get(to)).text())
      .replaceAll(/<[^>]+>/g, ' ')
      .replaceAll(/\s+/g, ' ')
  const plain = () => typedOf({ ...PLAIN, taxLabel: 'New York sales tax' })
  const revision = async () => {
    const page = await (await world.canal.admin.client.get(path())).text()
    return /name="revision" value="(\d*)"/.exec(page)![1]!
  }
  const priceOf = async () => {
    const { options } = await askPrices(world.canal.rider)
    return options.find((option) => option.class === 'standard')!.fareMinor
  }

  test('a draft is kept, previewed on the rides there were, published from now on, and priced by at once', async () => {
    await askRide(world.canal.rider, 'a ride to preview')
    const before = await priceOf()
    expect(await textOf(path())).not.toContain('The draft as it is kept')
    const saved = await send(path(), { ...plain(), booking_fee: '3.50', revision: '', next: 'preview' })
    expect(saved.headers.get('location')).toBe(`${path()}/preview`)
    // A draft prices nobody.
    expect(await priceOf()).toBe(before)
    const preview = await textOf(`${path()}/preview`)
    expect(preview).toContain('Booking fee: $1.50 becomes $3.50.')
    expect(preview).toMatch(/Rides 1 As promised then \$29\.51 With the draft \$31\.68 Difference \+\$2\.17/)
    expect(preview).toContain('Booking fee +$2.00 · New York sales tax +$0.17')
    expect(preview).toContain('1 dearer, 0 cheaper, 0 the same (+7.4 %).')
    const published = await send(`${path()}/publication`, { when: 'now', revision: await revision() })
    expect(published.headers.get('location')).toBe('/admin/tariffs?done=published')
    expect(await priceOf()).toBe(before + 217)
    const list = await textOf('/admin/tariffs')
    expect(list).toMatch(/Version 2 in force .* published by Max Weber/)
    expect(list).toContain('One earlier version')
    const entry = await world.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('action', '=', 'tariff.published')
      .executeTakeFirstOrThrow()
    expect(entry).toMatchObject({
      actor_id: world.canal.admin.identityId,
      detail: { before: { bookingFeeMinor: 150 }, after: { bookingFeeMinor: 350 } },
    })
  })

  test('two who draft at once: the second is told, keeps what was typed, and may put it in its place', async () => {
    const first = await send(path(), { ...plain(), base: '4.00', revision: '' })
    expect(first.status).toBe(303)
    const second = await send(path(), { ...plain(), base: '5.00', revision: '' })
    expect(second.status).toBe(422)
    const page = await second.text()
    expect(page).toContain('Somebody changed this draft since you opened it.')
    expect(page).toContain('value="5.00"')
    const seen = /name="revision" value="(\d+)"/.exec(page)![1]!
    expect((await send(path(), { ...plain(), base: '5.00', revision: seen })).status).toBe(303)
    // Publishing what somebody else looked at is refused too.
    const late = await send(`${path()}/publication`, { when: 'now', revision: seen })
    expect(late.status).toBe(422)
    expect(await late.text()).toContain('Somebody changed the draft meanwhile.')
    expect((await send(`${path()}/discard`, {})).status).toBe(303)
    expect((await send(`${path()}/discard`, {})).status).toBe(404)
    expect((await world.canal.admin.client.get(`${path()}/preview`)).headers.get('location')).toBe(path())
  })

  test('one for later waits, can be withdrawn once, and never after it is in force', async () => {
    await send(path(), { ...plain(), base: '9.00', revision: '' })
    const before = await priceOf()
    const day = new Date(world.clock.nowMs() + 40 * 86_400_000).toISOString().slice(0, 10)
    const later = { when: 'later', day, time: '04:00', revision: await revision() }
    expect((await send(`${path()}/publication`, later)).status).toBe(303)
    expect(await priceOf()).toBe(before)
    const list = await (await world.canal.admin.client.get('/admin/tariffs')).text()
    expect(list).toContain('to come')
    const withdrawal = /action="(\/admin\/tariffs\/[0-9a-f-]+\/withdrawal)"/.exec(list)![1]!
    expect((await send(withdrawal, {}, world.uptown.admin.client)).status).toBe(404)
    const key = crypto.randomUUID()
    for (let n = 0; n < 2; n++) expect((await send(withdrawal, { key })).status).toBe(303)
    expect((await send(withdrawal, {})).status).toBe(404)
    expect(await textOf('/admin/tariffs')).toContain('withdrawn')
    const inForce = await world.db
      .selectFrom('tariffs')
      .select('id')
      .where('region_id', '=', world.canal.regionId)
      .where('class', '=', 'standard')
      .where('state', '=', 'published')
      .executeTakeFirstOrThrow()
    expect((await send(`/admin/tariffs/${inForce.id}/withdrawal`, {})).status).toBe(409)
    // What a version says is read there, and a draft begins with it.
    expect(await textOf(`/admin/tariffs/${inForce.id}`)).toContain('Draft from this one')
  })

  test('a zone that a rule names: the rule is on its page, and closing it is told to whoever publishes', async () => {
    const { canal } = world
    const drawn = await send(`/admin/regions/${canal.regionId}/zones`, {
      ...{
        name: 'Times Square',
        kind: 'area',
        area: '40.757, -73.987\n40.757, -73.984\n40.759, -73.984\n40.759, -73.987',
      },
      ...{ hysteresis_m: '30', places_most: '5', on_decline: 'end' },
    })
    const zone = /\/admin\/zones\/([0-9a-f-]{36})/.exec(drawn.headers.get('location')!)![1]!
    const rule = {
      ...{
        'zones.0.kind': 'fee',
        'zones.0.name': 'Square fee',
        'zones.0.zone': zone,
        'zones.0.at': 'pickup',
      },
      'zones.0.amount': '2.50',
    }
    expect((await send(path(), { ...plain(), ...rule, revision: '' })).status).toBe(303)
    expect(await textOf(`${path()}/preview`)).toContain('Square fee +$2.50')
    expect(await textOf(`/admin/zones/${zone}`)).toContain('Prices name it: the draft of Standard .')
    await send(`/admin/zones/${zone}/closing`, { closed: 'yes' })
    const refused = await send(`${path()}/publication`, { when: 'now', revision: await revision() })
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('A rule names a zone that was closed.')
    expect(await textOf(path())).toContain('Times Square (closed)')
    await send(`${path()}/discard`, {})
  })

  test('another company’s prices are not there', async () => {
    const { uptown } = world
    for (const to of [path(), `${path()}/preview`])
      expect((await uptown.admin.client.get(to)).status).toBe(404)
    expect((await send(path(), { ...plain(), revision: '' }, uptown.admin.client)).status).toBe(404)
    expect(
      (await send(`${path()}/publication`, { when: 'now', revision: '1' }, uptown.admin.client)).status,
    ).toBe(404)
  })
})
