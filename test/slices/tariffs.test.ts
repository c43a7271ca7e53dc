import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { parseCompanyFile } from '../../src/backoffice/mistakes.ts'
import { PLAIN_RULES, type TariffRules, type ZoneRule } from '../../src/engine/tariff.ts'
import type { ZoneId } from '../../src/engine/units.ts'
import { type TariffDraft, tariffDraftShape } from '../../src/fares/tariff-shape.ts'
import {
  discardDraft,
  publishDraft,
  saveDraft,
  tariffDraft,
  tariffVersions,
  withdrawTariff,
} from '../../src/fares/tariff-versions.ts'
import { tariffsInForce } from '../../src/fares/tariffs.ts'
import { makeRider, START_MS, TIMES_SQUARE, WALL_STREET } from '../support/cast.ts'
import { exampleWith } from '../support/company-file.ts'
import { addZone, type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const HOUR_MS = 3_600_000
let database: TestDatabase
let world: CoreWorld
let desk: Desk

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
})

const draft = (over: Partial<TariffDraft> = {}, rules: Partial<TariffRules> = {}): TariffDraft => ({
  ...{ baseMinor: 400, bookingFeeMinor: 0, perKmMinor: 100, perMinuteMinor: 0, minimumMinor: 0 },
  ...{ taxBasisPoints: 0, taxLabel: 'Tax', cancelFeeMinor: 500, cancelFreeS: 120, noShowFeeMinor: 500 },
  ...{ noShowAfterS: 300, driverShareBasisPoints: 8_000, rules: { ...PLAIN_RULES, ...rules } as never },
  ...over,
})
const place = () => ({
  ...{ companyId: world.city.companyId, regionId: world.city.regionId, class: 'standard' as const },
  by: {},
})
const save = (wanted: TariffDraft, revision: number | null = null) =>
  desk.inOneUnit((unit) =>
    saveDraft(unit, world.random, { ...place(), draft: wanted, currency: 'USD', revision }),
  )
const publish = (fromMs: number | null, revision = 1) =>
  desk.inOneUnit((unit) => publishDraft(unit, world.random, { ...place(), revision, fromMs }))
const withdraw = (tariffId: string) =>
  desk.inOneUnit((unit) =>
    withdrawTariff(unit, world.random, { companyId: world.city.companyId, tariffId, by: {} }),
  )
const inForce = async (atMs: number) => {
  const tariffs = await tariffsInForce(world.db, world.city.companyId, {
    ...{ regionId: world.city.regionId, at: new Date(atMs) },
  })
  return tariffs.find((tariff) => tariff.class === 'standard')
}

describe('a tariff', () => {
  test('is drafted, priced by nobody, published from an instant on, and counts from then', async () => {
    const saved = await save(draft())
    expect(saved.ok && saved.value.revision).toBe(1)
    expect((await inForce(START_MS + HOUR_MS))?.version).toBe(1)
    const published = await publish(START_MS + HOUR_MS)
    expect(published).toMatchObject({ ok: true, value: { version: 2 } })
    expect((await inForce(START_MS + HOUR_MS - 1))?.version).toBe(1)
    expect(await inForce(START_MS + HOUR_MS)).toMatchObject({
      version: 2,
      baseMinor: 400,
      rules: PLAIN_RULES,
    })
    expect(await tariffDraft(world.db, place())).toBeUndefined()
  })

  test('that comes into force later does so, whatever was published for before it meanwhile', async () => {
    await save(draft({ baseMinor: 900 }))
    await publish(START_MS + HOUR_MS)
    await save(draft({ baseMinor: 600 }))
    expect(await publish(null)).toMatchObject({ ok: true, value: { version: 3 } })
    expect((await inForce(START_MS + 1))?.version).toBe(3)
    expect((await inForce(START_MS + HOUR_MS))?.version).toBe(2)
  })

  test('may be withdrawn while it is not in force, and not after', async () => {
    await save(draft())
    const published = await publish(START_MS + HOUR_MS)
    if (!published.ok) throw new Error(published.reason)
    expect(await withdraw(published.value.id)).toEqual({ ok: true, value: { version: 2 } })
    expect(await withdraw(published.value.id)).toEqual({ ok: false, reason: 'not_found' })
    expect((await inForce(START_MS + HOUR_MS))?.version).toBe(1)
    await save(draft())
    const again = await publish(null)
    if (!again.ok) throw new Error(again.reason)
    expect(again.value.version).toBe(3)
    expect(await withdraw(again.value.id)).toEqual({ ok: false, reason: 'in_force' })
    const versions = await tariffVersions(world.db, world.city.companyId, world.city.regionId)
    expect(versions.filter((one) => one.class === 'standard').map((one) => [one.version, one.state])).toEqual(
      [
        [2, 'withdrawn'],
        [3, 'published'],
        [1, 'published'],
      ],
    )
  })

  test('is published neither into the past, nor twice for one instant, nor by who saw another draft', async () => {
    expect(await publish(null)).toEqual({ ok: false, reason: 'not_found' })
    await save(draft())
    expect(await publish(START_MS - 1)).toEqual({ ok: false, reason: 'in_the_past' })
    expect(await save(draft({ baseMinor: 1 }), 7)).toEqual({ ok: false, reason: 'changed_meanwhile' })
    expect(await save(draft({ baseMinor: 1 }))).toEqual({ ok: false, reason: 'changed_meanwhile' })
    expect((await save(draft({ baseMinor: 1 }), 1)).ok).toBe(true)
    expect(await publish(START_MS + HOUR_MS, 1)).toEqual({ ok: false, reason: 'changed_meanwhile' })
    expect((await publish(START_MS + HOUR_MS, 2)).ok).toBe(true)
    await save(draft())
    expect(await publish(START_MS + HOUR_MS)).toEqual({ ok: false, reason: 'taken' })
    expect(await desk.inOneUnit((unit) => discardDraft(unit, world.random, place()))).toBe(true)
    expect(await desk.inOneUnit((unit) => discardDraft(unit, world.random, place()))).toBe(false)
  })

  test('that two people publish at once is published once', async () => {
    await save(draft())
    const answers = await Promise.all(Array.from({ length: 8 }, () => publish(START_MS + HOUR_MS)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
  })

  test('that is published cannot be changed or deleted, by anybody', async () => {
    const change = world.db
      .updateTable('tariffs')
      .set({ base_minor: 1 })
      .where('region_id', '=', world.city.regionId)
      .execute()
    expect(change).rejects.toThrow('stays as it is')
    const removal = world.db.deleteFrom('tariffs').where('region_id', '=', world.city.regionId).execute()
    expect(removal).rejects.toThrow('stays as it is')
  })

  test('says nothing of zones that its region does not have', async () => {
    const zones: ZoneRule[] = [
      {
        ...{ kind: 'fee', zone: world.random.uuid() as ZoneId, name: 'Fee' },
        ...{ rank: 0, at: 'either', amountMinor: 1 },
      },
    ]
    expect(await save(draft({}, { zones }))).toEqual({ ok: false, reason: 'unknown_zone' })
  })
})

describe('a price', () => {
  test('has the lines of the zones it touches and of the hour, and is quoted by the tariff of the pickup', async () => {
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    const airport = await addZone(world, TIMES_SQUARE, { name: 'Airport', kind: 'airport' })
    const saved = await save(
      draft(
        {},
        {
          zones: [
            { kind: 'fee', zone: airport, name: 'Airport fee', rank: 0, at: 'pickup', amountMinor: 525 },
          ],
          schedule: [
            {
              ...{ name: 'All day', weekdays: [1, 2, 3, 4, 5, 6, 7], holidays: false, fromMinute: 0 },
              ...{ untilMinute: 1_440, factorBasisPoints: 10_000, addMinor: 150 },
            },
          ],
        },
      ),
    )
    expect(saved.ok).toBe(true)
    await publish(START_MS + HOUR_MS)
    const codes = async (ask: Parameters<Desk['quotes']>[1]) => {
      const [quote] = await desk.quotes(ada, ask)
      return { quote: quote!, codes: quote!.lines.map((line) => line.code) }
    }
    expect((await codes({})).codes).not.toContain('zone_fee')
    // What is booked ahead has the tariff of its pickup, and nothing for how busy it is today.
    const surge = { addMinor: 300, why: { asking: 18 } }
    const booked = await codes({ pickupAtMs: START_MS + HOUR_MS, surge })
    expect(booked.codes).toEqual(['base', 'distance', 'zone_fee', 'schedule'])
    world.clock.advance(HOUR_MS)
    const ahead = await codes({ surge })
    expect(ahead.codes).toEqual(['base', 'distance', 'zone_fee', 'schedule', 'surge'])
    expect(ahead.quote.trip).toMatchObject({
      ...{ pickupAtMs: START_MS + HOUR_MS, timeZone: 'America/New_York' },
      ...{ zones: { pickup: [airport], dropoff: [], crossed: [airport] } },
      surge: { addMinor: 300, why: { asking: 18 } },
    })
    expect((await desk.requestAt(ada, ahead.quote.id)).ok).toBe(true)
    const back = await codes({ pickup: WALL_STREET, dropoff: TIMES_SQUARE, pickupAtMs: START_MS + HOUR_MS })
    expect(back.codes).toEqual(['base', 'distance', 'schedule'])
    await world.db.updateTable('zones').set({ deleted_at: new Date() }).where('id', '=', airport).execute()
    expect((await codes({ pickupAtMs: START_MS + HOUR_MS })).codes).not.toContain('zone_fee')
  })

  test('whose zones, hour or surge were changed behind our back is not kept', async () => {
    const ada = await makeRider(world.db, world.random, 'Ada Okafor')
    const [quote] = await desk.quotes(ada, { surge: { addMinor: 300 } })
    const altered = { ...quote!.trip!, surge: { addMinor: 100 } }
    // No type lets anybody change it; somebody at the database may.
    await world.db
      .updateTable('quotes')
      .set({ trip: JSON.stringify(altered) } as never)
      .where('id', '=', quote!.id)
      .execute()
    expect(await desk.requestAt(ada, quote!.id)).toEqual({ ok: false, reason: 'altered' })
  })
})

describe('rules in a file', () => {
  const rulesIn = (rules: Record<string, unknown>) => {
    const text = exampleWith((file) => {
      file.regions[0]!.tariffs.standard!.rules = rules
    })
    return parseCompanyFile(text).regions[0]!.tariffs.standard!.rules as unknown
  }

  test('are written with times, weekdays and slugs, and what they leave out is plain', () => {
    expect(
      rulesIn({
        schedule: [
          {
            name: 'Night',
            days: ['sunday', 'friday'],
            from: '22:00',
            until: '05:00',
            factorBasisPoints: 12_500,
          },
        ],
        holidays: ['2028-02-29'],
        zones: [{ kind: 'toll', zone: 'tunnel', name: 'Tunnel', amountMinor: 650 }],
        rounding: { toMinor: 5 },
      }),
    ).toEqual({
      ...PLAIN_RULES,
      schedule: [
        {
          ...{ name: 'Night', weekdays: [5, 7], holidays: false, fromMinute: 1_320, untilMinute: 300 },
          ...{ factorBasisPoints: 12_500, addMinor: 0 },
        },
      ],
      holidays: ['2028-02-29'],
      zones: [{ kind: 'toll', zone: 'tunnel', name: 'Tunnel', rank: 0, amountMinor: 650 }],
      rounding: { toMinor: 5, mode: 'half_up' },
    })
  })

  test('that cannot be are refused with where and why', () => {
    const wrong = (rules: Record<string, unknown>) => {
      try {
        rulesIn(rules)
        return 'accepted'
      } catch (error) {
        return (error as Error).message.replaceAll('regions[0].tariffs.standard.rules.', '')
      }
    }
    const night = { name: 'Night', from: '22:00', until: '05:00', factorBasisPoints: 12_500 }
    expect(wrong({ schedule: [{ ...night, from: '25:00' }] })).toContain('schedule[0].from should be a time')
    expect(wrong({ schedule: [{ ...night, days: [] }] })).toContain('schedule[0] begins on no day')
    expect(wrong({ schedule: [{ ...night, factorBasisPoints: 10_000 }] })).toContain('changes nothing')
    expect(wrong({ schedule: [{ ...night, factorBasisPoints: 0 }] })).toContain('should be 5000 or more')
    expect(wrong({ holidays: ['2027-02-29'] })).toContain('holidays[0] should be a day')
    expect(wrong({ holidays: ['2027-02-28', '2027-02-28'] })).toContain('names a day twice')
    expect(wrong({ zones: [{ kind: 'gift' }] })).toContain('should be a rule of kind')
    expect(wrong({ rounding: { toMinor: 1 } })).toContain('rounding.toMinor should be 2 or more')
  })

  test('an editor sends the engine’s own form, and it comes back the same', () => {
    const whole = draft({}, { waiting: { graceS: 60, perMinuteMinor: 50, mostMinor: null } })
    expect(tariffDraftShape.parse(JSON.parse(JSON.stringify(whole)))).toEqual(whole)
    expect(tariffDraftShape.safeParse({ ...whole, baseMinor: -1 }).success).toBe(false)
    expect(tariffDraftShape.safeParse({ ...whole, baseMinor: 0.5 }).success).toBe(false)
  })
})
