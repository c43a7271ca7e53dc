/**
 * A desk's day on the real app: cars that really go dark, stall, drive off, fall silent, leave their way, come late and
 * wait in vain, a request nobody takes, a quarter of an hour without cars, papers that end and a call for help. Phones tell
 * where they are, the region looks by its own tick; only the clock is moved on, so that nobody has to wait for minutes.
 */

import { addDays, localDay } from '../../src/engine/day.ts'
import { QUARTER_MS } from '../../src/engine/needs.ts'
import { RESCUE_AFTER_MISSES } from '../../src/engine/rescue.ts'
import { assert, type LatLng } from '../../src/engine/units.ts'
import { type Clock, systemClock } from '../../src/io/clock.ts'
import {
  BRYANT_PARK,
  type DriverPerson,
  type Person,
  startApp,
  TIMES_SQUARE,
  WALL_STREET,
} from './app-world.ts'
import { type DriverAnswer, pingAt, type QuoteAnswer, type RideAnswer, takeSteps } from './ride-steps.ts'

const ZONE = 'America/New_York'
const HOUR_MS = 3_600_000

interface MovedClock extends Clock {
  moveOn(ms: number): void
}

/** Evening where the company is, so that a licence of today ends soon; runs by itself, and can be moved on. */
function eveningClock(): MovedClock {
  const base = systemClock()
  const hourOf = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', timeZone: ZONE })
  let aheadMs = -12 * HOUR_MS
  while (Number(hourOf.format(base.nowMs() + aheadMs)) !== 19) aheadMs += HOUR_MS
  return {
    nowMs: () => base.nowMs() + aheadMs,
    after: (delayMs, fn) => base.after(delayMs, fn),
    moveOn(ms) {
      aheadMs += ms
    },
  }
}

export const TROUBLES = [
  ...(['dark', 'retreating', 'stalled', 'help', 'silent', 'no_show', 'late', 'off_route'] as const),
  ...(['rescue', 'waiting', 'uncovered', 'papers'] as const),
] as const
export type TroubleKind = (typeof TROUBLES)[number]

/** One thing that needs the desk. */
export interface Trouble {
  readonly kind: TroubleKind
  /** Its card in the list of what needs somebody, or among the calls for help. */
  readonly card: string
  readonly ride: RideAnswer | null
  readonly callSign: string | null
}

/** A healthy phone is heard in every step: a position is stale after 30 s. */
const STEP_MS = 24_000
/** So many steps make the slowest of all troubles, a car that is late. */
const STEPS = 21
/** When riders ask for whom nobody drives. */
const ASKED_AT_STEP = 18
/** So far ahead a quarter of an hour has no car, and still has none ten minutes later. */
const QUARTERS_FROM_MS = 71 * 60_000
/** The steps themselves take a while. */
const ROOM_MS = 3 * 60_000
/** So far a car drives in a step: 150 km/h, for the sake of time. */
const FAR_DEG = 0.009
/** Where only those stand who say no. */
const NOBODY_GOES: LatLng = { lat: 40.7484, lng: -73.9967 }
/** Where cars wait and where they move to and fro: farther from a pickup than a car may stand still at. */
const HOME: LatLng = BRYANT_PARK
const BESIDE: LatLng = { lat: BRYANT_PARK.lat, lng: BRYANT_PARK.lng + 0.0015 }

interface Car {
  readonly driver: DriverPerson
  readonly callSign: string
  readonly home: LatLng
  at: LatLng
  isOnline: boolean
}

export type ShiftWorld = Awaited<ReturnType<typeof startShift>>

/** @param each so many of every kind of trouble at once */
export async function startShift(each = 1) {
  const clock = eveningClock()
  // Cars are looked for within a metre: who stands at the very spot is asked by the engine, all others by the desk.
  const world = await startApp({ clock, running: false, places: true, radiusM: 1, noShowAfterS: 240 })
  // Everything runs by itself but the region's tick: that is called in a row here, so that one can be waited for.
  const dispatchers = world.dispatchers.splice(0)
  world.start()
  world.dispatchers.push(...dispatchers)
  let looks = 0
  let isOver = false
  /** Nobody waits between looks while the clock is moved on. */
  let isHurried = false
  /** Whose phone is not heard. */
  let silent: string[] = []
  const cars = new Map<string, Car>()
  const looking = (async () => {
    while (!isOver) {
      for (const dispatcher of dispatchers) await dispatcher.run()
      looks++
      // While the desk works phones go on telling, and who is asked says no: the desk gives, and drivers who do not answer
      // would be paused.
      if (looks % 20 === 0) {
        await tell(silent)
        await declineAll()
      }
      await Bun.sleep(isHurried ? 40 : 150)
    }
  })()
  const { canal } = world
  const admin = canal.admin.client
  const today = localDay(clock.nowMs(), ZONE)

  const counts = Array.from({ length: each }, (_, n) => n)
  const roles = ['dark', 'retreating', 'stalled', 'help', 'silent', 'no_show', 'late', 'off_route'] as const
  for (const n of counts) {
    for (const role of roles) await addCar(`${role} ${n}`, HOME)
    // Not one that is given a ride of others, as the nearest.
    await addCar(`papers ${n}`, WALL_STREET)
    for (const turn of ['a', 'b', 'c', 'd', 'e']) await addCar(`spare ${n}${turn}`, HOME)
  }
  for (let n = 0; n < RESCUE_AFTER_MISSES; n++) await addCar(`refusing ${n}`, NOBODY_GOES)
  const ending = counts.map((n) => carOf(`papers ${n}`).driver.identityId)
  await world.db
    .updateTable('licences')
    .set({ expires_on: today })
    .where('identity_id', 'in', ending)
    .execute()
  // Two days of the past on which nobody drove: what is booked for later has no car.
  for (const daysAgo of [1, 2, 3, 7, 8]) {
    const hours = Array.from({ length: 24 }, () => 0)
    await world.db
      .insertInto('service_days')
      .values({
        ...{ company_id: canal.companyId, region_id: canal.regionId, local_day: addDays(today, -daysAgo) },
        ...{ cars: hours, asked: hours, learned_at: new Date(clock.nowMs()) },
      })
      .execute()
  }
  let people = 0

  async function addCar(name: string, home: LatLng): Promise<void> {
    const callSign = String(301 + cars.size)
    const driver = await world.newDriver(`Car${callSign} ${name}`, callSign)
    cars.set(name, { driver, callSign, home, at: home, isOnline: false })
  }

  function carOf(name: string): Car {
    const car = cars.get(name)
    if (car === undefined) throw new Error(`no car ${name}`)
    return car
  }

  /** Until the region has looked once from beginning to end. */
  async function looked(): Promise<void> {
    const seen = looks
    while (looks < seen + 2) await Bun.sleep(10)
  }

  /** Phones tell where they are, but for those that are silent. Who is off shift is told so. */
  async function tell(notThese: readonly string[] = []): Promise<void> {
    const told = [...cars].filter(
      ([name, car]) => car.isOnline && !notThese.some((role) => name.startsWith(role)),
    )
    await Promise.all(
      told.map(([, { driver, at }]) =>
        driver.client.call('POST', '/api/v1/positions', { pings: [pingAt(world, at)] }),
      ),
    )
    await world.fleet.settle()
  }

  async function declineAll(): Promise<void> {
    const open = await world.db
      .selectFrom('offers')
      .select(['id', 'driver_id'])
      .where('state', '=', 'pending')
      .execute()
    // Those who are there to refuse are answered for where that is counted.
    const others = [...cars].filter(([name]) => !name.startsWith('refusing'))
    const byDriver = new Map(others.map(([, { driver }]) => [driver.driverId as string, driver]))
    // It may be over by now.
    for (const { id, driver_id } of open)
      await byDriver.get(driver_id)?.client.call('POST', `/api/v1/offers/${id}/decline`, {})
  }

  async function goOnline(): Promise<void> {
    for (const car of cars.values()) {
      // A shift ends by itself, too: of a phone that was silent for long, or taken off the road.
      const { shift } = await car.driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
      if (shift !== null) continue
      await car.driver.client.done('POST', '/api/v1/driver/shift', { vehicleId: car.driver.vehicleId })
      car.isOnline = true
    }
    await tell()
  }

  /** Somebody who rides for the first time. */
  function newRider(name = 'Rider'): Promise<Person> {
    return world.newRider(`${name}${++people} Night`)
  }

  async function ask(
    from: LatLng & { label: string } = AT_TIMES_SQUARE,
    pickupAtMs?: number,
  ): Promise<RideAnswer & { rider: Person }> {
    const rider = await newRider()
    const later = pickupAtMs === undefined ? {} : { pickupAtMs }
    const to = { ...WALL_STREET, label: 'Wall Street' }
    const { options } = await rider.client.done<QuoteAnswer>('POST', '/api/v1/quotes', {
      from,
      to,
      seats: 1,
      ...later,
    })
    const quoteId = options[0]!.quoteId
    const ride = await rider.client.done<RideAnswer>('POST', '/api/v1/rides', {
      quoteId,
      payment: 'cash',
      note: '',
    })
    return { ...ride, rider }
  }

  /** Given by another hand than the desk's that is looked at, and driven so far. */
  async function given(name: string, steps: number): Promise<RideAnswer> {
    const ride = await ask()
    await admin.done('POST', `/api/v1/board/rides/${ride.id}/assignment`, {
      driverId: carOf(name).driver.driverId,
    })
    await takeSteps(carOf(name).driver, ride.id, steps)
    return ride
  }

  /** One after the other is asked, and says no, until the ride is one for the desk. */
  async function refuse(rideId: string): Promise<void> {
    const nos = [...cars].filter(([name]) => name.startsWith('refusing'))
    for (let no = 0; no < RESCUE_AFTER_MISSES; ) {
      for (const [, { driver }] of nos) {
        const { offer } = await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
        if (offer?.rideId !== rideId) continue
        await driver.client.done('POST', `/api/v1/offers/${offer.id}/decline`, {})
        no++
      }
      await looked()
    }
  }

  /** What needs somebody, as the board has it. */
  async function needs(): Promise<readonly { kind: string; id: string }[]> {
    return (
      await canal.dispatcher.client.done<{ needs: { kind: string; id: string }[] }>(
        'GET',
        '/api/v1/board/needs',
      )
    ).needs
  }

  /**
   * On to where four quarters of an hour still begin within the hour that is looked at when the desk comes to them: not before
   * 61 minutes, when it would be the cars on shift that count, and not after 120.
   */
  function moveOnToQuarters(): void {
    const asked = clock.nowMs() + ASKED_AT_STEP * STEP_MS + QUARTERS_FROM_MS + ROOM_MS
    clock.moveOn(QUARTER_MS - (asked % QUARTER_MS))
  }

  /** Every kind, all there at the same time. */
  async function makeTroubles(): Promise<Trouble[]> {
    moveOnToQuarters()
    // Nobody was heard while the clock went on; whose shift ends by that goes online again.
    await tell()
    await looked()
    await goOnline()
    isHurried = true
    const rides = new Map<string, RideAnswer>()
    const give = async (role: string, steps: number) => {
      for (const n of counts) rides.set(`${role} ${n}`, await given(`${role} ${n}`, steps))
    }
    const alerts = new Map<string, string>()
    for (let step = 0; step <= STEPS; step++) {
      if (step === 0) await give('late', 0)
      if (step === 8) for (const role of ['silent', 'off_route', 'help']) await give(role, 3)
      if (step === 15) await give('stalled', 0)
      if (step === 14) await give('no_show', 2)
      if (step === 17) await give('retreating', 0)
      // What takes a while comes before what the watchdog acts upon by itself within a minute.
      if (step === ASKED_AT_STEP) {
        for (const n of counts)
          rides.set(`rescue ${n}`, await ask({ ...NOBODY_GOES, label: '230 West 27th Street' }))
        await Promise.all(counts.map((n) => refuse(rides.get(`rescue ${n}`)!.id)))
        for (const n of counts) rides.set(`waiting ${n}`, await ask())
        const quarter = Math.ceil((clock.nowMs() + QUARTERS_FROM_MS) / QUARTER_MS) * QUARTER_MS
        for (const n of counts)
          rides.set(`uncovered ${n}`, await ask(AT_TIMES_SQUARE, quarter + (n % 4) * QUARTER_MS + 5 * 60_000))
        for (const n of counts) {
          const { id } = await carOf(`help ${n}`).driver.client.done<{ id: string }>(
            'POST',
            `/api/v1/driver/rides/${rides.get(`help ${n}`)!.id}/safety`,
            {},
          )
          alerts.set(`help ${n}`, `safety-${id}`)
        }
        await give('dark', 0)
      }
      clock.moveOn(STEP_MS)
      for (const [name, car] of cars) car.at = moved(name, car, step)
      silent = [...(step >= 17 ? ['silent'] : []), ...(step >= 20 ? ['dark'] : [])]
      await tell(silent)
      await looked()
    }
    const named = TROUBLES.flatMap((kind) => counts.map((n) => ({ kind, name: `${kind} ${n}` })))
    const find = async (): Promise<(Trouble | null)[]> => {
      const cards = new Set((await needs()).map(({ id }) => id))
      const quarters = [...cards].filter((id) => id.startsWith('quarter-'))
      return named.map(({ kind, name }) => {
        const ride = rides.get(name) ?? null
        const driver = cars.get(name)?.driver
        const card =
          alerts.get(name) ??
          (kind === 'uncovered'
            ? quarters.shift()
            : kind === 'papers'
              ? `papers-${driver?.driverId}`
              : `${CARDS[kind as keyof typeof CARDS]}${ride?.id}`)
        if (card === undefined || (kind !== 'help' && !cards.has(card))) return null
        return { kind, card, ride, callSign: cars.get(name)?.callSign ?? null }
      })
    }
    // What the last look saw has to be written; none of it waits for the clock any more.
    let made = await find()
    for (let tries = 0; tries < 100 && made.includes(null); tries++) {
      await looked()
      made = await find()
    }
    const missing = named.filter((_, n) => made[n] === null).map(({ name }) => name)
    assert(missing.length === 0, `all are on the list but ${missing.join(', ')}`)
    isHurried = false
    return made.filter((trouble) => trouble !== null)
  }

  /** The call sign of a car that has nothing to do. */
  async function freeCar(): Promise<string> {
    for (const [name, { driver, callSign }] of cars) {
      if (!name.startsWith('spare')) continue
      const { ride, offer, shift } = await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
      if (ride === null && offer === null && shift !== null) return callSign
    }
    throw new Error('no car is free')
  }

  /** All that is open is ended, and whoever was taken off the road is back. */
  async function clearUp(): Promise<void> {
    silent = []
    for (const { driver } of cars.values()) {
      const { ride } = await driver.client.done<DriverAnswer>('GET', '/api/v1/driver')
      if (ride?.state === 'in_progress')
        await driver.client.done('POST', `/api/v1/rides/${ride.id}/steps`, { step: 'finish' })
    }
    const open = await world.db
      .selectFrom('rides')
      .select('id')
      .where('state', 'not in', ['completed', 'cancelled', 'no_show', 'unfulfilled'])
      .execute()
    for (const { id } of open)
      await admin.done('POST', `/api/v1/board/rides/${id}/cancellation`, { reason: 'the night is over' })
    const held = await world.db.selectFrom('drivers').select('id').where('held_at', 'is not', null).execute()
    for (const { id } of held) await admin.done('POST', `/api/v1/board/drivers/${id}/return`, {})
  }

  return {
    ...{ world, clock, canal, freeCar, goOnline, newRider, ask, tell, looked, needs, makeTroubles, clearUp },
    async stop(): Promise<void> {
      isOver = true
      await looking
      await world.stop()
    },
  }
}

/** How each kind's card in the list is called, before the ride's own id. */
const CARDS: Readonly<Record<Exclude<TroubleKind, 'papers' | 'help' | 'uncovered'>, string>> = {
  ...{ dark: 'alarm-', retreating: 'alarm-', stalled: 'alarm-', silent: 'silent-', no_show: 'no-show-' },
  ...{ late: 'late-', off_route: 'off-', rescue: 'queue-', waiting: 'queue-' },
}

const AT_TIMES_SQUARE = { ...TIMES_SQUARE, label: 'Times Square' }

/** Where a car is after one more step. */
function moved(name: string, car: Car, step: number): LatLng {
  const { at, home } = car
  const [role] = name.split(' ')
  if (role === 'off_route' && step >= 9)
    return at.lat < home.lat + 6 * FAR_DEG ? { lat: at.lat + FAR_DEG, lng: at.lng } : at
  if (role === 'retreating' && step >= 19) return { lat: at.lat - FAR_DEG, lng: at.lng }
  // Whoever went far away last time comes back as fast as it went.
  if (Math.abs(at.lat - home.lat) > FAR_DEG)
    return { lat: at.lat + Math.sign(home.lat - at.lat) * FAR_DEG, lng: home.lng }
  if (role === 'stalled' || home !== HOME) return home
  // A place is left by two fixes in a row outside of it.
  return step % 4 < 2 ? HOME : BESIDE
}
