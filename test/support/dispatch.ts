/**
 * The dispatch core without its web front: the real functions on a real Postgres and a clock that stands until it is
 * moved. One `Desk` is one process; several on one database are several servers.
 */
import type { Insertable } from 'kysely'
import type { QueueZones } from '../../src/companies/companies.ts'
import type { Region } from '../../src/companies/regions.ts'
import { loadZones, queueZonesOf } from '../../src/companies/zones.ts'
import { makeHints } from '../../src/dispatch/hints.ts'
import { acceptOffer, assignByDesk, declineOffer, liveOfferOfDriver } from '../../src/dispatch/offers.ts'
import { makeOutlook } from '../../src/dispatch/outlook.ts'
import { makeDispatcher, type TickFigures } from '../../src/dispatch/tick.ts'
import { makeTraceKeeper, type TraceKeeper } from '../../src/dispatch/trace-keeper.ts'
import { endShift, startShift } from '../../src/drivers/drivers.ts'
import type { Wish } from '../../src/engine/final-fare.ts'
import { destination } from '../../src/engine/geo.ts'
import {
  assert,
  type DriverId,
  type IdentityId,
  type LatLng,
  type OfferId,
  type QuoteId,
  type RideId,
  type ZoneId,
} from '../../src/engine/units.ts'
import type { UsablePromo } from '../../src/fares/promos.ts'
import { makeQuotes } from '../../src/fares/quotes.ts'
import { makeSurge } from '../../src/fares/surge.ts'
import type { LocalBusHub } from '../../src/io/bus/local.ts'
import { makeLocalBus } from '../../src/io/bus/local.ts'
import type { News } from '../../src/io/bus.ts'
import { type ManualClock, manualClock } from '../../src/io/clock.ts'
import { commit, type Work } from '../../src/io/commit.ts'
import { createLog } from '../../src/io/log.ts'
import type { Db } from '../../src/io/postgres.ts'
import { type Random, seededRandomSource } from '../../src/io/random.ts'
import type { PaymentMethod, QuotedSurge } from '../../src/io/tables/rides.ts'
import type { ZoneRow } from '../../src/io/tables/zones.ts'
import { checkInvariants, type Violation } from '../../src/ops/invariants.ts'
import { makeFleet } from '../../src/positions/fleet.ts'
import { makeHandles } from '../../src/positions/handles.ts'
import {
  cancelByRider,
  type DriverStep,
  findRide,
  type LoadedRide,
  releaseRide,
  requestRide,
  takeDriverStep,
} from '../../src/rides/rides.ts'
import type { Roads } from '../../src/roads/roads.ts'
import {
  BRYANT_PARK,
  type City,
  type Driver,
  foundCity,
  type RegionSettings,
  type Rider,
  START_MS,
  TIMES_SQUARE,
  WALL_STREET,
} from './cast.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import type { DatabaseTwin } from './servers.ts'

export const SECRET = 'a secret of the tests that is long enough to sign with'

export interface CoreWorld {
  readonly database: TestDatabase
  readonly db: Db
  readonly clock: ManualClock
  readonly random: Random
  readonly city: City
  /** Joins the news of all processes of this world, as Redis would. */
  readonly hub: LocalBusHub
  /** Zones with a queue, as `addZone` made them. */
  queueZones: QueueZones | undefined
  /** What the office set of the region since the start. */
  settings: Partial<Region>
}

let worlds = 0

/**
 * An empty city of a company of its own, on a database of its own unless one is given: a test that looks at its own
 * company's rows alone may share one. `seed` makes its ids and chances repeat.
 */
export async function startWorld(
  options: RegionSettings & { flavour?: DatabaseTwin; database?: TestDatabase; seed?: number } = {},
): Promise<CoreWorld> {
  const { flavour, database: given, seed = ++worlds, ...settings } = options
  const database = given ?? (await testDatabase(flavour))
  const clock = manualClock(START_MS)
  const random = seededRandomSource(seed, clock)
  const city = await foundCity(database.db, random, { slug: `canal-street-${seed}`, ...settings })
  return {
    database,
    db: database.db,
    clock,
    random,
    city,
    hub: new Set(),
    queueZones: undefined,
    settings: {},
  }
}

/** A zone with a queue, around a point. */
export async function addZone(
  world: CoreWorld,
  at: LatLng,
  zone: Partial<Insertable<ZoneRow>> & { reachM?: number } = {},
): Promise<ZoneId> {
  const { reachM = 100, ...settings } = zone
  const id = world.random.uuid() as ZoneId
  const ring = [45, 135, 225, 315, 45].map((bearing) => destination(at, bearing, reachM * Math.SQRT2))
  await world.db
    .insertInto('zones')
    .values({
      ...{ company_id: world.city.companyId, id, region_id: world.city.regionId, slug: id.slice(-12) },
      ...{ name: 'Bryant Park rank', kind: 'rank', has_queue: true, hysteresis_m: 30, places_most: 50 },
      ...{ on_decline: 'end', outside_rides: false },
      area: JSON.stringify({ type: 'Polygon', coordinates: [ring.map(({ lat, lng }) => [lng, lat])] }),
      ...settings,
    })
    .execute()
  await rereadZones(world)
  return id
}

/** What news of a company makes each process do. */
export async function rereadZones(world: CoreWorld): Promise<void> {
  const own = (await loadZones(world.db)).filter(({ regionId }) => regionId === world.city.regionId)
  world.queueZones = queueZonesOf(own).get(world.city.regionId)
}

export interface Ask {
  readonly pickup?: LatLng
  readonly dropoff?: LatLng
  readonly stops?: readonly LatLng[]
  readonly payment?: PaymentMethod
  readonly class?: 'standard' | 'accessible' | 'black'
  readonly shared?: boolean
  readonly seats?: number
  readonly pickupAtMs?: number
  readonly surge?: QuotedSurge
  readonly promo?: UsablePromo
}

export type Desk = ReturnType<typeof openDesk>

/**
 * One process: its bus, fleet and dispatcher, and what people do through it.
 * @param hears whether a piece of news reaches the fleet; by default all does
 * @param traced whether it keeps what its ticks saw; written by `desk.trace.flush()`
 * @param aroundTrace what stands between the tick and that keeper, such as a stopwatch
 * @param isOffering whether the engine offers rides, or leaves them to the desk
 * @param hearingSinceMs since when the positions of other processes reach it; by default always
 * @param roads how long ways take; by default by the region's set speed
 */
export function openDesk(
  world: CoreWorld,
  {
    db = world.db,
    hears = () => true,
    hearingSinceMs = () => 0,
    traced = false,
    aroundTrace = (keeper) => keeper,
    isOffering = () => true,
    roads,
  }: {
    db?: Db
    hears?: () => boolean
    hearingSinceMs?: () => number
    traced?: boolean
    aroundTrace?: (keeper: TraceKeeper) => TraceKeeper
    isOffering?: () => boolean
    roads?: Roads
  } = {},
) {
  const { clock, random, city, hub } = world
  const log = createLog('silent')
  const bus = makeLocalBus(log, hub)
  const deps = { db, bus, clock }
  const handles = makeHandles()
  const fleet = makeFleet({ db, clock, handles })
  const news: News[] = []
  const changed = (driverId: DriverId | null) => {
    if (driverId !== null && hears()) fleet.markChanged(driverId)
  }
  bus.on('ride.changed', (item) => {
    news.push(item)
    changed(item.driverId)
    changed(item.previousDriverId)
  })
  bus.on('offer.changed', (item) => {
    news.push(item)
    changed(item.driverId)
  })
  bus.on('shift.changed', (item) => {
    news.push(item)
    changed(item.driverId)
  })
  const holder = random.uuid()
  const outlook = makeOutlook(deps)
  const hints = makeHints(deps)
  const surge = makeSurge({ ...deps, rulesOf: () => world.settings.surge ?? null })
  const trace = traced ? aroundTrace(makeTraceKeeper({ db, clock, log, fleet }, city.region)) : undefined
  const dispatcher = makeDispatcher(
    {
      ...deps,
      random,
      log,
      fleet,
      outlook,
      hints,
      surge,
      regionNow: () => ({ ...city.region, ...world.settings }),
      holder,
      hearingSinceMs,
      queueZones: () => world.queueZones,
      isOffering,
      ...(roads && { roads }),
      ...(trace && { trace }),
    },
    city.region,
  )
  const { companyId, regionId } = city
  const inOneUnit = <T>(work: (unit: Work) => Promise<T>): Promise<T> => commit(deps, work)

  const desk = {
    deps,
    bus,
    handles,
    fleet,
    outlook,
    hints,
    surge,
    dispatcher,
    trace,
    holder,
    /** All news this process heard, in order. */
    news,
    inOneUnit,

    /** One tick; this process must hold the region. */
    async tick(): Promise<TickFigures> {
      const figures = await dispatcher.run()
      assert(figures !== null, 'this process holds the region')
      return figures
    },

    ping(driver: Pick<Driver, 'id'>, at: LatLng, ageMs = 0): void {
      fleet.moved(regionId, {
        driverId: driver.id,
        ...at,
        headingDeg: 0,
        speedMps: 0,
        accuracyM: 8,
        atMs: clock.nowMs() - ageMs,
      })
    },

    async goOnShift(driver: Driver, at: LatLng = BRYANT_PARK): Promise<void> {
      const started = await inOneUnit((unit) =>
        startShift(unit, random, { companyId, regionId, driverId: driver.id, vehicleId: driver.vehicleId }),
      )
      assert(started.ok, 'the driver can go on shift')
      desk.ping(driver, at)
    },

    goOffShift: (driver: Driver) =>
      inOneUnit((unit) => endShift(unit, { companyId, driverId: driver.id, reason: 'driver' })),

    quotes: (rider: Rider | null, ask: Ask = {}) =>
      inOneUnit((unit) =>
        makeQuotes(
          unit,
          { random, secret: SECRET, pickupEtaS: () => null },
          {
            companyId,
            regionId,
            riderId: rider?.id ?? null,
            pickup: { ...(ask.pickup ?? TIMES_SQUARE), label: 'Times Square' },
            dropoff: { ...(ask.dropoff ?? WALL_STREET), label: 'Wall Street' },
            stops: ask.stops?.map((at, n) => ({ ...at, label: `Stop ${n + 1}` })),
            seats: ask.seats ?? 1,
            travelModel: city.region.travel,
            timeZone: city.region.timeZone,
            sharing: city.region.sharing,
            pickupAtMs: ask.pickupAtMs,
            surge: () => ask.surge ?? null,
            promo: ask.promo,
          },
        ),
      ),

    requestAt: (rider: Rider, quoteId: QuoteId, payment: PaymentMethod = 'account') =>
      inOneUnit((unit) =>
        requestRide(
          unit,
          { random, secrets: [SECRET] },
          {
            companyId,
            riderId: rider.id,
            riderName: rider.name,
            quoteId,
            payment,
            note: '',
            unfulfilledAfterS: city.region.unfulfilledAfterS,
            leadFloorS: city.region.leadFloorS,
          },
        ),
      ),

    async request(rider: Rider, ask: Ask = {}): Promise<LoadedRide> {
      const quotes = await desk.quotes(rider, ask)
      const quote = quotes.find(
        (candidate) =>
          candidate.class === (ask.class ?? 'standard') && candidate.shared === (ask.shared ?? false),
      )
      assert(quote !== undefined, 'the class has a tariff')
      const asked = await desk.requestAt(rider, quote.id, ask.payment)
      assert(asked.ok, 'a fresh quote becomes a ride')
      return asked.value
    },

    offerOf: (driver: Pick<Driver, 'id'>) => liveOfferOfDriver(db, companyId, driver.id),

    acceptById: (driver: Driver, offerId: OfferId) =>
      inOneUnit((unit) =>
        acceptOffer(unit, random, {
          companyId,
          offerId,
          driverId: driver.id,
          actor: { kind: 'driver', id: driver.identityId },
        }),
      ),

    /** Tap accept on the offer that is on the screen. */
    async accept(driver: Driver) {
      const offer = await desk.offerOf(driver)
      assert(offer !== undefined, 'the driver has an offer on the screen')
      return desk.acceptById(driver, offer.id)
    },

    async decline(driver: Driver) {
      const offer = await desk.offerOf(driver)
      assert(offer !== undefined, 'the driver has an offer on the screen')
      return inOneUnit((unit) => declineOffer(unit, { companyId, offerId: offer.id, driverId: driver.id }))
    },

    step: (driver: Driver, rideId: RideId, step: DriverStep, wish?: Wish, stop?: number) =>
      inOneUnit((unit) =>
        takeDriverStep(unit, random, {
          companyId,
          rideId,
          driverId: driver.id,
          actor: { kind: 'driver', id: driver.identityId },
          step,
          wish,
          stop,
        }),
      ),

    /** Take several steps, each of which must be allowed. */
    async drive(driver: Driver, rideId: RideId, steps: readonly DriverStep[]): Promise<LoadedRide> {
      let ride: LoadedRide | undefined
      for (const step of steps) {
        const taken = await desk.step(driver, rideId, step)
        assert(taken.ok, `the driver may ${step}`)
        ride = taken.value
      }
      assert(ride !== undefined, 'there is at least one step')
      return ride
    },

    handBack: (driver: Driver, rideId: RideId) =>
      inOneUnit((unit) =>
        releaseRide(unit, random, {
          companyId,
          rideId,
          driverId: driver.id,
          actor: { kind: 'driver', id: driver.identityId },
          reason: 'flat tyre',
        }),
      ),

    cancel: (rider: Rider, rideId: RideId, agreedFeeMinor = 0) =>
      inOneUnit((unit) =>
        cancelByRider(unit, random, { companyId, rideId, riderId: rider.id, agreedFeeMinor }),
      ),

    assign: (dispatcherId: IdentityId, rideId: RideId, driver: Driver) =>
      inOneUnit((unit) =>
        assignByDesk(unit, random, { companyId, rideId, driverId: driver.id, dispatcherId, pickupEtaS: 120 }),
      ),

    async ride(rideId: RideId): Promise<LoadedRide> {
      const ride = await findRide(db, companyId, rideId)
      assert(ride !== undefined, 'the ride is there')
      return ride
    },

    /** As SIGKILL does it: nothing is handed over, and the news no longer reaches it. */
    async die(): Promise<void> {
      await bus.close()
    },
  }
  return desk
}

/** What is broken of this company, by this world's clock. */
export async function violationsOf({ db, clock, city }: CoreWorld): Promise<Violation[]> {
  const all = await checkInvariants(db, { nowMs: clock.nowMs() })
  return all.filter((violation) => violation.companyId === null || violation.companyId === city.companyId)
}

/** What time does to the lease of a process that died: others may take the region. */
export async function letLeaseLapse({ db, city }: CoreWorld): Promise<void> {
  await db
    .updateTable('region_leases')
    .set({ expires_at: new Date(0) })
    .where('region_id', '=', city.regionId)
    .execute()
}
