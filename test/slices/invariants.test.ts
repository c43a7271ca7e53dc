import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type RawBuilder, sql } from 'kysely'
import { createLog } from '../../src/io/log.ts'
import { checkInvariants, INVARIANT_RULES, type InvariantRule } from '../../src/ops/invariants.ts'
import { makeKeeper } from '../../src/ops/keeper.ts'
import { BRYANT_PARK, type Driver, makeDrivers, makeRiders, TIMES_SQUARE } from '../support/cast.ts'
import { type CoreWorld, openDesk, startWorld } from '../support/dispatch.ts'

let world: CoreWorld
/** One ride has ended and was paid, one is driven, one is offered, one waits. */
let rides: { ended: string; driven: string; offered: string; waiting: string }
let bo: Driver
let cleo: Driver
let dee: Driver

beforeAll(async () => {
  world = await startWorld()
  const desk = openDesk(world)
  const [ada] = await makeRiders(world.db, world.random, ['Ada Okafor'])
  const drivers = await makeDrivers(world.db, world.random, world.city, [
    'Bo Lindqvist',
    'Cleo Marsh',
    'Dee Novak',
  ])
  ;[bo, cleo, dee] = drivers as [Driver, Driver, Driver]
  await desk.goOnShift(bo, TIMES_SQUARE)
  const ended = await desk.request(ada!)
  await desk.tick()
  await desk.accept(bo)
  await desk.drive(bo, ended.id, ['set_off', 'arrive', 'board', 'finish'])
  const driven = await desk.request(ada!)
  await desk.tick()
  await desk.accept(bo)
  await desk.goOnShift(cleo, BRYANT_PARK)
  const offered = await desk.request(ada!)
  await desk.tick()
  const waiting = await desk.request(ada!)
  rides = { ended: ended.id, driven: driven.id, offered: offered.id, waiting: waiting.id }
}, 60_000)

afterAll(() => world.database.stop())

const look = (db = world.db) => checkInvariants(db, { nowMs: world.clock.nowMs() })

test('a city at work breaks no rule', async () => {
  expect(await look()).toEqual([])
})

/** What must be taken away, and what then be done, so that the rule is broken. */
const PLANTS: Record<InvariantRule, () => RawBuilder<unknown>[]> = {
  driver_two_open_rides: () => [
    sql`DROP INDEX rides_one_open_a_driver`,
    sql`UPDATE rides SET state = 'assigned', driver_id = ${bo.id} WHERE id = ${rides.waiting}`,
  ],
  driver_two_open_runs: () => [sql`DROP INDEX runs_one_open_a_driver`, openRun(rides.waiting, bo)],
  ride_two_open_runs: () => [sql`DROP INDEX run_rides_one_open_a_ride`, openRun(rides.driven, dee)],
  run_over_its_seats: () => [...shareRun(), sql`UPDATE rides SET seats = 16 WHERE id = ${rides.driven}`],
  run_stops_not_its_rides: () => shareRun(),
  driver_two_live_offers: () => [
    sql`DROP INDEX offers_one_live_a_driver`,
    copyOffer({ ride: rides.waiting }),
  ],
  ride_two_live_offers: () => [sql`DROP INDEX offers_one_live_a_ride`, copyOffer({ driver: dee })],
  ride_two_accepted_offers: () => [
    sql`DROP INDEX offers_one_accepted_a_ride`,
    copyOffer({ ride: rides.driven, driver: dee, state: 'accepted' }),
  ],
  driver_two_open_shifts: () => [sql`DROP INDEX shifts_one_open_a_driver`, openShift(bo, dee)],
  vehicle_two_open_shifts: () => [sql`DROP INDEX shifts_one_open_a_vehicle`, openShift(dee, bo)],
  run_open_without_its_ride: () => [openRun(rides.ended, dee)],
  ride_open_without_its_run: () => [
    sql`UPDATE run_rides SET left_at = joined_at WHERE ride_id = ${rides.driven}`,
  ],
  driver_on_a_ride_off_shift: () => [sql`UPDATE shifts SET ended_at = started_at WHERE driver_id = ${bo.id}`],
  offer_live_for_a_ride_that_moved_on: () => [
    sql`UPDATE rides SET state = 'cancelled', ended_at = now() WHERE id = ${rides.offered}`,
  ],
  offer_live_for_a_driver_not_free: () => [
    sql`UPDATE shifts SET ended_at = started_at WHERE driver_id = ${cleo.id}`,
  ],
  offer_accepted_for_a_ride_not_driven: () => [
    sql`UPDATE offers SET released_at = NULL WHERE ride_id = ${rides.ended}`,
  ],
  offer_past_its_expiry: () => [
    sql`UPDATE offers SET offered_at = offered_at - interval '1 min', expires_at = expires_at - interval '46 s'
        WHERE state = 'pending'`,
  ],
  ride_past_its_deadline: () => [
    sql`UPDATE rides SET deadline_at = deadline_at - interval '631 s' WHERE id = ${rides.waiting}`,
  ],
  ride_past_its_release: () => [
    sql`UPDATE rides SET state = 'scheduled', booked_at = requested_at, scheduled_for = deadline_at,
        release_at = deadline_at - interval '631 s' WHERE id = ${rides.waiting}`,
  ],
  news_left_untold: () => [sql`INSERT INTO outbox (news, created_at) VALUES ('{}', now() - interval '61 s')`],
  ride_without_its_events: () => [sql`UPDATE rides SET version = version + 1 WHERE id = ${rides.driven}`],
  ride_events_with_a_gap: () => [
    sql`INSERT INTO ride_events (company_id, ride_id, version, type, from_state, to_state, at, actor_kind)
        VALUES (${world.city.companyId}, ${rides.waiting}, 2, 'arrive', 'en_route', 'arrived', now(), 'system')`,
  ],
  ride_two_captures: () => [sql`DROP INDEX payments_one_capture_a_ride`, pay(rides.ended, 'no_show', 100)],
  ride_completed_without_its_fare: () => [sql`UPDATE payments SET amount_minor = amount_minor - 1`],
  payment_its_ride_does_not_owe: () => [pay(rides.driven, 'fare', 100)],
  fare_not_as_promised_without_a_reason: () => [
    sql`UPDATE quotes SET fare_minor = fare_minor + 1
        WHERE id = (SELECT quote_id FROM rides WHERE id = ${rides.ended})`,
  ],
  code_beyond_its_uses: () => [
    sql`INSERT INTO promos (company_id, id, code, off_minor, currency, starts_at, uses, created_at)
        VALUES (${world.city.companyId}, ${world.random.uuid()}, 'SPRING', 500, 'USD', now(), 1, now())`,
  ],
  payment_without_its_books: () => [pay(rides.driven, 'fare', 100)],
  ledger_not_zero: () => [
    sql`INSERT INTO ledger_entries SELECT company_id, transaction_id, 3, account, 1, currency
        FROM ledger_entries WHERE seq = 1`,
  ],
}

const openRun = (rideId: string, driver: Driver) => sql`
  WITH run AS (
    INSERT INTO runs (company_id, id, driver_id, shared, opened_at)
    VALUES (${world.city.companyId}, ${world.random.uuid()}, ${driver.id}, (SELECT shared FROM rides WHERE id = ${rideId}),
      now()) RETURNING *)
  INSERT INTO run_rides (company_id, run_id, ride_id, shared, joined_at)
  SELECT company_id, id, ${rideId}, shared, opened_at FROM run`
/** Bo's ride becomes a shared one with somebody on board, in a run without stops. */
const shareRun = () => [
  sql`ALTER TABLE run_rides DROP CONSTRAINT run_rides_ride_id_shared_fkey, DROP CONSTRAINT run_rides_run_id_shared_fkey`,
  sql`UPDATE rides SET shared = true, state = 'in_progress', latest_pickup_at = now(), latest_dropoff_at = now()
      WHERE id = ${rides.driven}`,
  sql`UPDATE runs SET shared = true WHERE closed_at IS NULL`,
  sql`UPDATE run_rides SET shared = true WHERE left_at IS NULL`,
]
const openShift = (driver: Driver, carOf: Driver) => sql`
  INSERT INTO shifts (company_id, id, region_id, driver_id, vehicle_id, started_at)
  VALUES (${world.city.companyId}, ${world.random.uuid()}, ${world.city.regionId}, ${driver.id}, ${carOf.vehicleId}, now())`
const pay = (rideId: string, kind: string, amountMinor: number) => sql`
  INSERT INTO payments (company_id, id, ride_id, kind, method, state, amount_minor, currency, captured_at)
  VALUES (${world.city.companyId}, ${world.random.uuid()}, ${rideId}, ${kind}, 'account', 'captured', ${amountMinor},
    'USD', now())`
const copyOffer = ({ ride, driver, state }: { ride?: string; driver?: Driver; state?: string }) => sql`
  INSERT INTO offers (company_id, id, region_id, ride_id, driver_id, state, pickup_distance_m, pickup_eta_s, offered_at,
    expires_at, ended_at)
  SELECT company_id, ${world.random.uuid()}::uuid, region_id, coalesce(${ride ?? null}::uuid, ride_id),
    coalesce(${driver?.id ?? null}::uuid, driver_id), ${state ?? 'pending'}, 1, 1, offered_at, expires_at,
    ${state === undefined ? null : new Date()}::timestamptz
  FROM offers WHERE state = 'pending'`

class Undo extends Error {}

for (const rule of INVARIANT_RULES)
  test(`a planted ${rule.replaceAll('_', ' ')} is found`, async () => {
    let found: string[] = []
    const planted = world.db.transaction().execute(async (db) => {
      for (const query of PLANTS[rule]()) await query.execute(db)
      found = (await checkInvariants(db, { nowMs: world.clock.nowMs() })).map((violation) => violation.rule)
      throw new Undo()
    })
    await expect(planted).rejects.toBeInstanceOf(Undo)
    expect(found).toContain(rule)
  })

test('what is left standing after the plants is whole again', async () => {
  expect(await look()).toEqual([])
})

test('a running process looks each minute and raises the alarm', async () => {
  const lines: string[] = []
  const log = createLog('error', { write: (line) => void lines.push(line) })
  const { deps, fleet } = openDesk(world)
  const keeper = makeKeeper({
    companies: { regions: [] },
    ...{ ...deps, log, fleet, random: world.random, auditRetentionDays: 400 },
    post: { deliver: async () => 0 },
    closeEndedSessions: async () => {},
    uploads: { sweep: async () => 0 },
    roads: { learn: async () => {} },
  })
  keeper.start()
  // The offer on Cleo's screen is long over, and nobody ticks.
  world.clock.advance(60_000)
  while (lines.length === 0) await Bun.sleep(5)
  keeper.stop()
  expect(JSON.parse(lines[0]!)).toMatchObject({
    event: 'invariant.broken',
    rule: 'offer_past_its_expiry',
    companyId: world.city.companyId,
  })
})
