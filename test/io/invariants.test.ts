import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { sql } from 'kysely'
import type { IdentityId } from '../../src/engine/units.ts'
import type { LoadedRide } from '../../src/rides/rides.ts'
import { type City, type Driver, foundCity, makeDriver, makeRider, type Rider } from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, startWorld } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'
import { describeDatabases } from '../support/servers.ts'

/** What the database said, by the name of the index, check or trigger that refused. */
async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return (error as { constraint?: string }).constraint ?? String(error)
  }
  return 'accepted'
}

describeDatabases('the database refuses', (flavour) => {
  let database: TestDatabase
  let world: CoreWorld
  let desk: Desk
  let ada: Rider
  let bo: Driver
  let cleo: Driver
  let ride: LoadedRide
  let other: LoadedRide
  let abroad: City

  beforeAll(async () => {
    database = await testDatabase(flavour)
  }, 60_000)
  afterAll(() => database.stop())

  beforeEach(async () => {
    world = await startWorld({ database })
    desk = openDesk(world)
    ada = await makeRider(world.db, world.random, 'Ada Okafor')
    bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
    cleo = await makeDriver(world.db, world.random, world.city, 'Cleo Marsh')
    await desk.goOnShift(bo)
    ride = await desk.request(ada)
    other = await desk.request(ada)
    abroad = await foundCity(world.db, world.random, { slug: `harbour-${world.random.digits(8)}` })
  })

  const run = (query: ReturnType<typeof sql>) => query.execute(world.db)
  const assign = (id: string, driver: Driver) =>
    run(sql`UPDATE rides SET state = 'assigned', driver_id = ${driver.id} WHERE id = ${id}`)
  const insertOffer = (rideId: string, driver: Driver, state = 'pending') =>
    run(sql`
      INSERT INTO offers (company_id, id, region_id, ride_id, driver_id, state, pickup_distance_m, pickup_eta_s,
        offered_at, expires_at, ended_at)
      VALUES (${world.city.companyId}, ${world.random.uuid()}, ${world.city.regionId}, ${rideId}, ${driver.id},
        ${state}, 100, 20, now(), now() + interval '15 s', ${state === 'pending' ? null : new Date()})`)
  const insertRun = (rideId: string, driver: Driver, shared = false) =>
    run(sql`
      WITH run AS (
        INSERT INTO runs (company_id, id, driver_id, shared, opened_at)
        VALUES (${world.city.companyId}, ${world.random.uuid()}, ${driver.id}, ${shared}, now()) RETURNING *)
      INSERT INTO run_rides (company_id, run_id, ride_id, shared, joined_at)
      SELECT company_id, id, ${rideId}, shared, opened_at FROM run`)
  const joinRun = (rideId: string, driver: Driver, shared = false) =>
    run(sql`
      INSERT INTO run_rides (company_id, run_id, ride_id, shared, joined_at)
      SELECT company_id, id, ${rideId}, ${shared}, now() FROM runs WHERE driver_id = ${driver.id}`)
  const insertShift = (driver: Driver, vehicleId: string, companyId: string = world.city.companyId) =>
    run(sql`
      INSERT INTO shifts (company_id, id, region_id, driver_id, vehicle_id, started_at)
      VALUES (${companyId}, ${world.random.uuid()}, ${world.city.regionId}, ${driver.id}, ${vehicleId}, now())`)
  const insertPayment = (id: string, rideId: string, kind = 'fare', amountMinor = 1000) =>
    run(sql`
      INSERT INTO payments (company_id, id, ride_id, kind, method, state, amount_minor, currency, captured_at)
      VALUES (${world.city.companyId}, ${id}, ${rideId}, ${kind}, 'account', 'captured', ${amountMinor}, 'USD', now())`)
  const book = (amounts: readonly [number, string][]) =>
    world.db.transaction().execute(async (db) => {
      const paymentId = world.random.uuid()
      const transactionId = world.random.uuid()
      const { companyId } = world.city
      await sql`
        INSERT INTO payments (company_id, id, ride_id, kind, method, state, amount_minor, currency, captured_at)
        VALUES (${companyId}, ${paymentId}, ${ride.id}, 'fare', 'account', 'captured', 1000, 'USD', now())`.execute(
        db,
      )
      await sql`
        INSERT INTO ledger_transactions (company_id, id, payment_id, at)
        VALUES (${companyId}, ${transactionId}, ${paymentId}, now())`.execute(db)
      for (const [n, [amountMinor, currency]] of amounts.entries())
        await sql`
          INSERT INTO ledger_entries (company_id, transaction_id, seq, account, amount_minor, currency)
          VALUES (${companyId}, ${transactionId}, ${n + 1}, 'a', ${amountMinor}, ${currency})`.execute(db)
    })

  test('a second open ride or run of a driver', async () => {
    await assign(ride.id, bo)
    expect(await refusal(assign(other.id, bo))).toBe('rides_one_open_a_driver')
    await insertRun(ride.id, bo)
    expect(await refusal(insertRun(other.id, bo))).toBe('runs_one_open_a_driver')
  })

  test('a second open run of a ride', async () => {
    await insertRun(ride.id, bo)
    expect(await refusal(insertRun(ride.id, cleo))).toBe('run_rides_one_open_a_ride')
  })

  test('a rider beside another one who did not choose to share', async () => {
    await insertRun(ride.id, bo)
    expect(await refusal(joinRun(other.id, bo))).toBe('run_rides_alone')
    expect(await refusal(joinRun(other.id, bo, true))).toMatch(/^run_rides_.*shared_fkey/)
    expect(await refusal(insertRun(other.id, cleo, true))).toBe('run_rides_ride_id_shared_fkey')
  })

  test('a second live offer of a driver, and of a ride', async () => {
    await insertOffer(ride.id, bo)
    expect(await refusal(insertOffer(other.id, bo))).toBe('offers_one_live_a_driver')
    expect(await refusal(insertOffer(ride.id, cleo))).toBe('offers_one_live_a_ride')
  })

  test('a second accepted offer of a ride, unless the first was given back', async () => {
    await insertOffer(ride.id, bo, 'accepted')
    expect(await refusal(insertOffer(ride.id, cleo, 'accepted'))).toBe('offers_one_accepted_a_ride')
    await run(sql`UPDATE offers SET released_at = now() WHERE ride_id = ${ride.id}`)
    expect(await refusal(insertOffer(ride.id, cleo, 'accepted'))).toBe('accepted')
  })

  test('an offer that ended without saying when, or is live with an end', async () => {
    await insertOffer(ride.id, bo)
    expect(await refusal(run(sql`UPDATE offers SET state = 'declined' WHERE ride_id = ${ride.id}`))).toMatch(
      /^offers_/,
    )
    expect(await refusal(run(sql`UPDATE offers SET ended_at = now() WHERE ride_id = ${ride.id}`))).toMatch(
      /^offers_/,
    )
  })

  test('a second capture of a ride, whatever it is for', async () => {
    await insertPayment(world.random.uuid(), ride.id)
    expect(await refusal(insertPayment(world.random.uuid(), ride.id, 'no_show'))).toBe(
      'payments_one_capture_a_ride',
    )
  })

  test('a payment of nothing, of less, or beyond the range of money', async () => {
    for (const amountMinor of [0, -1, 1_000_000_001])
      expect(await refusal(insertPayment(world.random.uuid(), ride.id, 'fare', amountMinor))).toMatch(
        /^payments_amount_minor/,
      )
  })

  test('books that do not sum to zero in each currency', async () => {
    const usd = (amountMinor: number): [number, string] => [amountMinor, 'USD']
    expect(await refusal(book([usd(1000)]))).toBe('ledger_sums_to_zero')
    expect(await refusal(book([usd(1000), usd(-999)]))).toBe('ledger_sums_to_zero')
    expect(await refusal(book([usd(1000), [-1000, 'EUR']]))).toBe('ledger_sums_to_zero')
    expect(await refusal(book([usd(1000), usd(-600), usd(-400)]))).toBe('accepted')
  })

  test('any change of what happened: events and books are append-only', async () => {
    await book([
      [1000, 'USD'],
      [-1000, 'USD'],
    ])
    for (const table of ['ride_events', 'ledger_transactions', 'ledger_entries']) {
      const name = sql.table(table)
      const mine = sql`WHERE company_id = ${world.city.companyId}`
      expect(await refusal(run(sql`DELETE FROM ${name} ${mine}`))).toBe('append_only')
      expect(await refusal(run(sql`UPDATE ${name} SET company_id = company_id ${mine}`))).toBe('append_only')
      expect(await refusal(run(sql`TRUNCATE ${name} CASCADE`))).toBe('append_only')
    }
  })

  test('a second open shift of a driver, and of a car', async () => {
    expect(await refusal(insertShift(bo, cleo.vehicleId))).toBe('shifts_one_open_a_driver')
    expect(await refusal(insertShift(cleo, bo.vehicleId))).toBe('shifts_one_open_a_vehicle')
  })

  test('a row that reaches into another company', async () => {
    const foreign = await makeDriver(world.db, world.random, abroad, 'Foreign Driver')
    expect(await refusal(assign(ride.id, foreign))).toBe('rides_company_id_driver_id_fkey')
    expect(await refusal(insertOffer(ride.id, foreign))).toBe('offers_company_id_driver_id_fkey')
    expect(await refusal(insertRun(ride.id, foreign))).toBe('runs_company_id_driver_id_fkey')
    expect(await refusal(insertShift(cleo, foreign.vehicleId))).toBe('shifts_company_id_vehicle_id_fkey')
    expect(await refusal(insertShift(cleo, cleo.vehicleId, abroad.companyId))).toMatch(/^shifts_company_id_/)
    expect(
      await refusal(run(sql`UPDATE rides SET region_id = ${abroad.regionId} WHERE id = ${ride.id}`)),
    ).toBe('rides_company_id_region_id_fkey')
    expect(
      await refusal(
        run(
          sql`INSERT INTO driver_vehicles VALUES (${world.city.companyId}, ${bo.id}, ${foreign.vehicleId})`,
        ),
      ),
    ).toBe('driver_vehicles_company_id_vehicle_id_fkey')
  })

  test('a ride on the road without a driver, a waiting one with, and an end that is none', async () => {
    const set = (change: ReturnType<typeof sql>) => run(sql`UPDATE rides SET ${change} WHERE id = ${ride.id}`)
    for (const state of ['assigned', 'en_route', 'arrived', 'in_progress'])
      expect(await refusal(set(sql`state = ${state}`))).toMatch(/^rides_driver_named/)
    for (const state of ['completed', 'no_show'])
      expect(await refusal(set(sql`state = ${state}, ended_at = now()`))).toMatch(/^rides_driver_named/)
    expect(await refusal(set(sql`driver_id = ${bo.id}`))).toMatch(/^rides_nobody_yet/)
    expect(await refusal(set(sql`ended_at = now()`))).toMatch(/^rides_ended/)
    expect(await refusal(set(sql`state = 'cancelled'`))).toMatch(/^rides_ended/)
    expect(await refusal(set(sql`state = 'forgotten', driver_id = ${bo.id}, ended_at = now()`))).toMatch(
      /^rides_state/,
    )
  })

  test('two rides from one quote, and two events of one version', async () => {
    const copied = sql`
      INSERT INTO rides (company_id, id, region_id, rider_id, quote_id, tariff_id, state, version, class, seats,
        payment_method, rider_name, pickup_lat, pickup_lng, pickup_label, dropoff_lat, dropoff_lng, dropoff_label,
        distance_m, duration_s, fare_minor, driver_minor, currency, requested_at, deadline_at, changed_at)
      SELECT company_id, ${world.random.uuid()}::uuid, region_id, rider_id, quote_id, tariff_id, state, version, class,
        seats, payment_method, rider_name, pickup_lat, pickup_lng, pickup_label, dropoff_lat, dropoff_lng,
        dropoff_label, distance_m, duration_s, fare_minor, driver_minor, currency, requested_at, deadline_at, changed_at
      FROM rides WHERE id = ${ride.id}`
    expect(await refusal(run(copied))).toBe('rides_quote_id_key')
    const event = sql`
      INSERT INTO ride_events (company_id, ride_id, version, type, to_state, at, actor_kind)
      VALUES (${world.city.companyId}, ${ride.id}, 1, 'request', 'requested', now(), 'system')`
    expect(await refusal(run(event))).toBe('ride_events_pkey')
  })

  test('a rider nobody knows', async () => {
    const nobody = world.random.uuid() as IdentityId
    expect(await refusal(run(sql`UPDATE rides SET rider_id = ${nobody} WHERE id = ${ride.id}`))).toBe(
      'rides_rider_id_fkey',
    )
  })
})
