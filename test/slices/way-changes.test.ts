/** Another way for a ride that has its price: who must agree, what it costs, and that races leave one answer. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { priceTrip } from '../../src/engine/fare.ts'
import { destination } from '../../src/engine/geo.ts'
import { type LatLng, type QuoteId, type RideId, seededRandom } from '../../src/engine/units.ts'
import { makeChangeQuote } from '../../src/fares/change-quotes.ts'
import { findQuote, promisedFare } from '../../src/fares/quotes.ts'
import { tariffById } from '../../src/fares/tariffs.ts'
import { travelThrough } from '../../src/fares/through.ts'
import { fareOfRide } from '../../src/rides/final-fare.ts'
import { eventsOfRide, type LoadedRide } from '../../src/rides/rides.ts'
import {
  answerChange,
  askChange,
  CHANGE_ANSWER_MS,
  changesOfRide,
  withdrawChange,
} from '../../src/rides/way-changes.ts'
import { lastQuestion } from '../../src/rides/way-questions.ts'
import {
  BRYANT_PARK,
  type Driver,
  makeDriver,
  makeRider,
  type Rider,
  TIMES_SQUARE,
  WALL_STREET,
} from '../support/cast.ts'
import { type CoreWorld, type Desk, openDesk, SECRET, startWorld, violationsOf } from '../support/dispatch.ts'
import { type TestDatabase, testDatabase } from '../support/postgres.ts'

const FIFTH: LatLng = { lat: 40.7829, lng: -73.9589 }

let database: TestDatabase
let world: CoreWorld
let desk: Desk
let ada: Rider
let bo: Driver

beforeAll(async () => {
  database = await testDatabase()
}, 60_000)
afterAll(() => database.stop())
beforeEach(async () => {
  world = await startWorld({ database })
  desk = openDesk(world)
  ada = await makeRider(world.db, world.random, 'Ada Okafor')
  bo = await makeDriver(world.db, world.random, world.city, 'Bo Lindqvist')
  await desk.goOnShift(bo, TIMES_SQUARE)
})

/** A ride of Ada's with so many of the driver's steps done; none yet taken by anybody with -1. */
async function rideAt(steps: number): Promise<LoadedRide> {
  const ride = await desk.request(ada)
  if (steps < 0) return ride
  await desk.tick()
  await desk.accept(bo)
  const done = (['set_off', 'arrive', 'board'] as const).slice(0, steps)
  return done.length === 0 ? desk.ride(ride.id) : desk.drive(bo, ride.id, done)
}

/** The price of another end, by way of where the car is if it is given. */
async function priced(rideId: RideId, to: LatLng, by: readonly LatLng[] = []): Promise<QuoteId> {
  const ride = await desk.ride(rideId)
  const quote = await desk.inOneUnit(async (unit) => {
    const promise = (await findQuote(unit.db, ride.company_id, ride.quote_id))!
    const places = [{ lat: ride.pickup_lat, lng: ride.pickup_lng }, ...by, to]
    return makeChangeQuote(
      unit,
      { random: world.random, secret: SECRET },
      {
        ...{ promise, riderId: ada.id, places, stops: [], dropoff: { ...to, label: '1071 Fifth Ave' } },
        tariff: await tariffById(unit.db, ride.company_id, ride.tariff_id),
        leg: travelThrough(places, world.city.region.travel),
      },
    )
  })
  return quote.id
}

const ask = (rideId: RideId, quoteId: QuoteId, riderId = ada.id) =>
  desk.inOneUnit((unit) =>
    askChange(
      unit,
      { random: world.random, secrets: [SECRET] },
      { companyId: world.city.companyId, rideId, riderId, quoteId },
    ),
  )
const answer = (rideId: RideId, changeId: string, agrees: boolean, driver = bo) =>
  desk.inOneUnit((unit) =>
    answerChange(unit, world.random, {
      ...{ companyId: world.city.companyId, rideId, driverId: driver.id, changeId, agrees },
      actor: { kind: 'driver', id: driver.identityId },
    }),
  )
const takeBack = (rideId: RideId) =>
  desk.inOneUnit((unit) =>
    withdrawChange(unit, world.random, { companyId: world.city.companyId, rideId, riderId: ada.id }),
  )

async function asked(ride: LoadedRide, to = FIFTH): Promise<string> {
  const put = await ask(ride.id, await priced(ride.id, to))
  if (!put.ok) throw new Error(put.reason)
  return put.value.change.id
}
const eventTypes = async (rideId: RideId) =>
  (await eventsOfRide(world.db, world.city.companyId, rideId)).map(({ type }) => type)
const stateOf = async (rideId: RideId) =>
  (await changesOfRide(world.db, world.city.companyId, rideId)).map(({ state }) => state)

describe('another way', () => {
  test('holds at once while nobody drives, and whoever is asked is asked anew', async () => {
    const ride = await desk.request(ada)
    await desk.tick()
    expect((await desk.offerOf(bo))?.state).toBe('pending')
    const put = await ask(ride.id, await priced(ride.id, FIFTH))
    expect(put.ok && put.value.change.state).toBe('agreed')
    expect(await desk.offerOf(bo)).toBeUndefined()
    expect(await desk.ride(ride.id)).toMatchObject({
      ...{ state: 'requested', dropoff_label: '1071 Fifth Ave', dropoff_lat: FIFTH.lat },
    })
    expect(await eventTypes(ride.id)).toEqual(['request', 'agree_change'])
    await desk.tick()
    expect((await desk.offerOf(bo))?.ride_id).toBe(ride.id)
    expect(await violationsOf(world)).toEqual([])
  })

  for (const [steps, state] of ['assigned', 'en_route', 'arrived', 'in_progress'].entries())
    test(`of a ride in ${state} holds once its driver agrees, and nothing changes before`, async () => {
      const ride = await rideAt(steps)
      const changeId = await asked(ride)
      const still = await desk.ride(ride.id)
      expect(still).toMatchObject({ fare_minor: ride.fare_minor, dropoff_label: 'Wall Street' })
      const agreed = await answer(ride.id, changeId, true)
      if (!agreed.ok) throw new Error(agreed.reason)
      const after = agreed.value
      const quote = (await findQuote(world.db, world.city.companyId, after.quote_id))!
      expect(after).toMatchObject({
        ...{ state, fare_minor: quote.fare_minor, driver_minor: quote.driver_minor },
        ...{ dropoff_label: '1071 Fifth Ave', distance_m: quote.distance_m },
      })
      expect(after.fare_minor).not.toBe(ride.fare_minor)
      expect(await stateOf(ride.id)).toEqual(['agreed'])
      expect((await eventTypes(ride.id)).slice(-2)).toEqual(['ask_change', 'agree_change'])
      expect(await violationsOf(world)).toEqual([])
    })

  test('is priced as the promise was: the same tariff, hour and surge, by another way', async () => {
    const surge = { factorBasisPoints: 12_500, addMinor: 0 }
    const ride = await desk.request(ada, { surge })
    const before = (await findQuote(world.db, world.city.companyId, ride.quote_id))!
    world.clock.advance(60_000)
    const quote = (await findQuote(world.db, world.city.companyId, await priced(ride.id, FIFTH)))!
    const tariff = await tariffById(world.db, world.city.companyId, ride.tariff_id)
    const leg = travelThrough([TIMES_SQUARE, FIFTH], world.city.region.travel)
    const expected = priceTrip(tariff, { ...promisedFare(before).trip, leg })
    expect(quote.fare_minor).toBe(expected.totalMinor)
    expect(quote.lines.find(({ code }) => code === 'surge')).toBeDefined()
    expect(quote).toMatchObject({ replaces: ride.quote_id, tariff_id: ride.tariff_id, shared: false })
  })

  test('of a ride under way counts from where the car is: more for going back than from the start', async () => {
    const ride = await rideAt(3)
    const back = destination(TIMES_SQUARE, 0, 1_000)
    const fromStart = await findQuote(world.db, world.city.companyId, await priced(ride.id, back))
    const fromHere = await findQuote(
      world.db,
      world.city.companyId,
      await priced(ride.id, back, [WALL_STREET]),
    )
    expect(fromHere!.fare_minor).toBeGreaterThan(fromStart!.fare_minor * 2)
  })

  test('that is refused, or not answered in time by our clock, leaves the ride as it was, and both are told', async () => {
    const ride = await rideAt(1)
    const told = async () => {
      const question = await lastQuestion(world.db, await desk.ride(ride.id), world.clock.nowMs())
      return question === null ? null : question.state
    }
    expect(await told()).toBeNull()
    const first = await asked(ride)
    expect(await told()).toBe('pending')
    expect((await answer(ride.id, first, false)).ok).toBe(true)
    expect(await told()).toBe('refused')
    expect(await answer(ride.id, first, true)).toEqual({ ok: false, reason: 'change_over' })

    const second = await asked(await desk.ride(ride.id))
    world.clock.advance(CHANGE_ANSWER_MS - 1)
    expect(await told()).toBe('pending')
    world.clock.advance(1)
    // Said so from that moment on, whoever writes it down.
    expect(await told()).toBe('expired')
    expect(await answer(ride.id, second, true)).toEqual({ ok: false, reason: 'change_too_late' })
    expect(await takeBack(ride.id)).toEqual({ ok: false, reason: 'change_over' })
    expect(await stateOf(ride.id)).toEqual(['refused', 'pending'])
    desk.news.length = 0
    await desk.tick()
    expect(await stateOf(ride.id)).toEqual(['refused', 'expired'])
    expect(desk.news).toContainEqual(expect.objectContaining({ event: 'drop_change', driverId: bo.id }))
    world.clock.advance(4 * 60_000)
    expect(await told()).toBeNull()

    expect(await desk.ride(ride.id)).toMatchObject({
      ...{ fare_minor: ride.fare_minor, quote_id: ride.quote_id, dropoff_label: 'Wall Street' },
    })
    expect((await eventTypes(ride.id)).slice(-4)).toEqual([
      ...['ask_change', 'drop_change', 'ask_change', 'drop_change'],
    ])
  })

  test('may be asked for again after an answer that nobody wrote down, and one question at a time', async () => {
    const ride = await rideAt(1)
    const [one, other] = [await priced(ride.id, FIFTH), await priced(ride.id, BRYANT_PARK)]
    expect((await ask(ride.id, one)).ok).toBe(true)
    expect(await ask(ride.id, other)).toEqual({ ok: false, reason: 'change_pending' })
    world.clock.advance(CHANGE_ANSWER_MS)
    expect((await ask(ride.id, other)).ok).toBe(true)
    expect(await stateOf(ride.id)).toEqual(['expired', 'pending'])
    expect((await takeBack(ride.id)).ok).toBe(true)
    // A price that was asked with is spent, and held for two minutes at most.
    expect(await ask(ride.id, other)).toEqual({ ok: false, reason: 'changed_meanwhile' })
    const third = await priced(ride.id, FIFTH)
    world.clock.advance(120_000)
    expect(await ask(ride.id, third)).toEqual({ ok: false, reason: 'expired' })
  })

  test('is nobody else’s to ask or to answer, and its price buys no other ride', async () => {
    const eve = await makeRider(world.db, world.random, 'Eve Brandt')
    const cy = await makeDriver(world.db, world.random, world.city, 'Cy Twombly')
    const ride = await rideAt(1)
    const quoteId = await priced(ride.id, FIFTH)
    expect(await ask(ride.id, quoteId, eve.id)).toEqual({ ok: false, reason: 'not_found' })
    expect(await desk.requestAt(ada, quoteId)).toEqual({ ok: false, reason: 'not_found' })
    // Nor does the price of a new ride change one that is there.
    const [fresh] = await desk.quotes(ada, { dropoff: FIFTH })
    expect(await ask(ride.id, fresh!.id)).toEqual({ ok: false, reason: 'not_found' })
    const put = await ask(ride.id, quoteId)
    const changeId = put.ok ? put.value.change.id : ''
    expect(await answer(ride.id, changeId, true, cy)).toEqual({ ok: false, reason: 'not_found' })
    await world.db
      .updateTable('quotes')
      .set({ fare_minor: 1, driver_minor: 0 })
      .where('id', '=', ride.quote_id)
      .execute()
    const altered = await priced(ride.id, BRYANT_PARK)
    await world.db
      .updateTable('quotes')
      .set({ fare_minor: 1, driver_minor: 0 })
      .where('id', '=', altered)
      .execute()
    await takeBack(ride.id)
    expect(await ask(ride.id, altered)).toEqual({ ok: false, reason: 'altered' })
  })

  test('of a shared car is refused, and so is that of a ride that waits for its hour or is over', async () => {
    const late = await rideAt(3)
    const quoteId = await priced(late.id, FIFTH)
    await desk.step(bo, late.id, 'finish')
    expect(await ask(late.id, quoteId)).toEqual({ ok: false, reason: 'not_allowed_now' })
    const pooled = await world.db
      .selectFrom('rides')
      .selectAll()
      .where('id', '=', late.id)
      .executeTakeFirstOrThrow()
    expect(await lastQuestion(world.db, { ...pooled, shared: true }, world.clock.nowMs())).toBeNull()
  })

  test('falls with the driver it was put to, and the next one is not asked about it', async () => {
    const ride = await rideAt(1)
    const changeId = await asked(ride)
    await desk.handBack(bo, ride.id)
    expect(await stateOf(ride.id)).toEqual(['withdrawn'])
    expect(await answer(ride.id, changeId, true)).toEqual({ ok: false, reason: 'not_found' })
    const question = await lastQuestion(world.db, await desk.ride(ride.id), world.clock.nowMs())
    expect(question).toMatchObject({ state: 'withdrawn', isDriverGone: true })
  })

  test('is what the final fare knows as promised, whatever the driver says was asked for on the way', async () => {
    const ride = await rideAt(3)
    const agreed = await answer(ride.id, await asked(ride), true)
    if (!agreed.ok) throw new Error(agreed.reason)
    const fromMs = world.clock.nowMs()
    await world.db
      .insertInto('ride_trails')
      .values(
        Array.from({ length: 61 }, (_, n) => ({
          ...{ company_id: world.city.companyId, ride_id: ride.id, at: new Date(fromMs + n * 10_000) },
          ...{ lat: TIMES_SQUARE.lat + ((FIFTH.lat - TIMES_SQUARE.lat) * n) / 60, accuracy_m: 8 },
          lng: TIMES_SQUARE.lng + ((FIFTH.lng - TIMES_SQUARE.lng) * n) / 60,
        })),
      )
      .execute()
    world.clock.advance(600_000)
    const ended = await desk.step(bo, ride.id, 'finish', 'destination')
    expect(ended.ok && ended.value.fare_minor).toBe(agreed.value.fare_minor)
    const fare = (await fareOfRide(world.db, world.city.companyId, ride.id))!
    expect(fare).toMatchObject({ promised_minor: agreed.value.fare_minor, reasons: [] })
    expect(fare.evidence).toMatchObject({ wish: 'destination', wishRefused: 'not_borne_out' })
    expect(await violationsOf(world)).toEqual([])
  })
})

describe('of many at once one counts', () => {
  const outcomes = (answers: readonly { ok: boolean; reason?: string }[]) =>
    answers.map((one) => (one.ok ? 'ok' : one.reason)).toSorted()

  test('two questions', async () => {
    const ride = await rideAt(2)
    const quotes = [await priced(ride.id, FIFTH), await priced(ride.id, BRYANT_PARK)]
    const answers = await Promise.all([0, 1, 0, 1, 0, 1].map((n) => ask(ride.id, quotes[n]!)))
    expect(outcomes(answers).filter((said) => said === 'ok')).toHaveLength(1)
    expect(new Set(outcomes(answers))).toEqual(new Set(['ok', 'change_pending']))
    expect(await stateOf(ride.id)).toEqual(['pending'])
  })

  test('two changes while nobody drives: the second price is not of that way any more', async () => {
    const ride = await rideAt(-1)
    const quotes = [await priced(ride.id, FIFTH), await priced(ride.id, BRYANT_PARK)]
    const answers = await Promise.all(quotes.map((quoteId) => ask(ride.id, quoteId)))
    expect(outcomes(answers)).toEqual(['changed_meanwhile', 'ok'])
  })

  test('yes, no and taking it back', async () => {
    const ride = await rideAt(2)
    const changeId = await asked(ride)
    const answers = await Promise.all([
      answer(ride.id, changeId, true),
      answer(ride.id, changeId, false),
      takeBack(ride.id),
      answer(ride.id, changeId, true),
    ])
    expect(outcomes(answers)).toEqual(['change_over', 'change_over', 'change_over', 'ok'])
  })

  test('agreeing against finishing: the fare is the new one or the old one, as it was agreed before or not', async () => {
    for (let n = 0; n < 6; n++) {
      const ride = await rideAt(3)
      const changeId = await asked(ride)
      const [agreed, ended] = await Promise.all(
        n % 2 === 0
          ? [answer(ride.id, changeId, true), desk.step(bo, ride.id, 'finish')]
          : [desk.step(bo, ride.id, 'finish'), answer(ride.id, changeId, true)].toReversed(),
      )
      expect(ended!.ok).toBe(true)
      const after = await desk.ride(ride.id)
      const fare = (await fareOfRide(world.db, world.city.companyId, ride.id))!
      expect(fare.total_minor).toBe(after.fare_minor)
      if (agreed!.ok) expect(after.quote_id).not.toBe(ride.quote_id)
      else expect(after).toMatchObject({ quote_id: ride.quote_id, fare_minor: ride.fare_minor })
      expect(await stateOf(ride.id)).toEqual([agreed!.ok ? 'agreed' : 'withdrawn'])
      desk.ping(bo, TIMES_SQUARE)
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('agreeing against cancelling and handing back', async () => {
    const chance = seededRandom(20261122)
    for (let n = 0; n < 6; n++) {
      const ride = await rideAt(1)
      const changeId = await asked(ride)
      const gone = n % 2 === 0 ? () => desk.cancel(ada, ride.id, 10_000) : () => desk.handBack(bo, ride.id)
      const tries: (() => Promise<{ ok: boolean }>)[] = [() => answer(ride.id, changeId, true), gone]
      if (chance() < 0.5) tries.reverse()
      await Promise.all(tries.map((one) => one()))
      const [change] = await changesOfRide(world.db, world.city.companyId, ride.id)
      const after = await desk.ride(ride.id)
      expect(['agreed', 'withdrawn']).toContain(change!.state)
      expect(after.quote_id === ride.quote_id).toBe(change!.state === 'withdrawn')
      expect(after.driver_id === null || after.state === 'cancelled').toBe(true)
      if (after.state === 'requested') await desk.cancel(ada, ride.id, 10_000)
      desk.ping(bo, TIMES_SQUARE)
      // Who handed a ride back is asked for the next one.
      await world.db.updateTable('drivers').set({ paused_until: null }).where('id', '=', bo.id).execute()
    }
    expect(await violationsOf(world)).toEqual([])
  })

  test('the last moment: agreed or expired, never both', async () => {
    const ride = await rideAt(1)
    const changeId = await asked(ride)
    world.clock.advance(CHANGE_ANSWER_MS - 1)
    const answered = answer(ride.id, changeId, true)
    world.clock.advance(1)
    const [agreed] = await Promise.all([answered, desk.tick()])
    const states = await stateOf(ride.id)
    expect(states).toEqual([agreed.ok ? 'agreed' : 'expired'])
    expect(await violationsOf(world)).toEqual([])
  })
})
