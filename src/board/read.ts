/** What the desk sees: counts, what needs it, and one ride in full, read for one region of one company. */
import type { BookedLaneProps } from '../../views/board/booked.ts'
import type { QueueProps } from '../../views/board/need-props.ts'
import type { BoardCounts, Candidate, PaneProps } from '../../views/board/props.ts'
import { readChat } from '../chat/chat.ts'
import { chatProps } from '../chat/props.ts'
import type { Region } from '../companies/companies.ts'
import { alarmsOfRide } from '../dispatch/alarms.ts'
import { goesWith } from '../dispatch/merged-state.ts'
import { type LoadedOffer, offersOfRide } from '../dispatch/offers.ts'
import type { Outlook } from '../dispatch/outlook.ts'
import { findDriver, findVehicle } from '../drivers/drivers.ts'
import { travel } from '../engine/eta.ts'
import { byFailure } from '../engine/needs.ts'
import { allowedEvents, isEnded, type RideState } from '../engine/ride.ts'
import type { LatLng, RideId } from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import { type CarState, classMaskOf, type Fleet } from '../positions/fleet.ts'
import { eventsOfRide, findRide, type LoadedRide, openRidesOfDriver, referenceOf } from '../rides/rides.ts'
import { startCodeOf } from '../rides/start-code.ts'
import { standingOf, stopsOfRide } from '../rides/stops.ts'
import { type Roads, type TravelDeps, travelIn } from '../roads/roads.ts'
import { readBooked } from './booked.ts'
import { callerOfRide } from './caller-edit.ts'
import { readNeeds, waitingNeed } from './needs.ts'
import { paneEvents } from './pane-events.ts'
import { spoken } from './phone-number.ts'
import { sharedCarsFor } from './shared-cars.ts'
import { countOpen, countOverdue, liveOffersOf, requestsByDeadline, ridesInStates } from './store.ts'
import { alarmProps, alarmsOn } from './watch.ts'

export interface BoardDeps extends TravelDeps {
  readonly roads?: Pick<Roads, 'model' | 'way'>
  readonly db: Db
  readonly clock: Clock
  readonly random: Random
  readonly fleet: Fleet
  readonly outlook: Outlook
}

/** More cars on a ride than one desk works with; the oldest come first. */
export const DRIVEN_LIMIT = 2_000
/** A list that nobody reads to its end; how many more wait is said, and the table finds them. */
const CARDS_MOST = 60
/** The desk may send a car from further than the matcher would ask. */
const CANDIDATE_REACH_M = 25_000
/** As many as one types the number of. */
export const CANDIDATES = 9

export interface BoardView {
  readonly counts: BoardCounts
  readonly queue: QueueProps
  readonly booked: BookedLaneProps
}

/** The counters and lanes that every desk of a region has in common. */
export async function readBoard(
  deps: BoardDeps,
  region: Region,
  selectedRideId: RideId | null,
): Promise<BoardView> {
  const { db, fleet } = deps
  const { companyId, id: regionId } = region
  const nowMs = Math.floor(deps.clock.nowMs())
  const [waiting, driven, open, overdue, booked] = await Promise.all([
    requestsByDeadline(db, companyId, { regionId, limit: CARDS_MOST }),
    drivenRides(deps, region, nowMs),
    countOpen(db, companyId, regionId),
    countOverdue(db, companyId, { regionId, nowMs }),
    readBooked(deps, region),
  ])
  const ids = waiting.map((ride) => ride.id)
  const asking = await liveOffersOf(db, companyId, ids)
  const alarms = await alarmsOn(db, { companyId, regionId }, driven)
  const needs = await readNeeds(deps, region, { nowMs, driven, alarms, quarters: booked.quarters })
  const states = Map.groupBy(fleet.cars(regionId), (car) => fleet.stateOf(car))
  const inState = (...of: readonly CarState[]) =>
    of.reduce((sum, state) => sum + (states.get(state)?.length ?? 0), 0)
  const unassigned = open.get('requested') ?? 0
  const cards = [...waiting.map((ride) => waitingNeed(deps, ride, asking.get(ride.id) ?? null)), ...needs]
  return {
    booked: booked.lane,
    counts: {
      trouble: needs.length + overdue,
      unassigned,
      free: inState('free', 'offered'),
      toPickup: inState('to_pickup'),
      waiting: inState('waiting'),
      onBoard: inState('on_board'),
      break: inState('paused'),
      silent: inState('silent'),
    },
    queue: {
      ...{ nowMs, selectedRideId, total: unassigned + needs.length },
      cards: byFailure(cards).slice(0, CARDS_MOST),
    },
  }
}

/** Open rides with a driver, the oldest first. */
function drivenRides({ db }: BoardDeps, region: Region, nowMs: number): Promise<LoadedRide[]> {
  const states: RideState[] = ['assigned', 'en_route', 'arrived', 'in_progress']
  return ridesInStates(db, region.companyId, {
    ...{ regionId: region.id, states, filters: {}, nowMs, limit: DRIVEN_LIMIT },
  })
}

/** Best first: who is free and near; whoever was asked for this ride already comes after who was not, and it is said. */
export function candidatesFor(
  deps: BoardDeps,
  region: Region,
  ride: LoadedRide,
  offers: readonly LoadedOffer[],
  most = CANDIDATES,
): { candidates: Candidate[]; considered: number } {
  const index = deps.fleet.index(region.id)
  const found = index.makeResult(most)
  const count = index.nearest(
    {
      lat: ride.pickup_lat,
      lng: ride.pickup_lng,
      k: most,
      maxM: CANDIDATE_REACH_M,
      classMask: classMaskOf(ride.class),
      seatsMin: ride.seats,
      attributes: ride.attributes,
    },
    found,
  )
  const answers = new Map(offers.map((offer) => [offer.driver_id, offer.state]))
  const model = travelIn(deps, region)
  const pickup = pickupOf(ride)
  const candidates: Candidate[] = []
  const askedBefore: Candidate[] = []
  for (let i = 0; i < count; i++) {
    const car = deps.fleet.car(index.driverIdOf(found.handles[i]!))
    if (car?.position == null) continue
    const { driverId, callSign, driverName } = car.duty
    const against = askedBeforeWords(answers.get(driverId))
    const those = against === null ? candidates : askedBefore
    const way = travel(car.position, pickup, model)
    those.push({
      driverId,
      callSign,
      name: driverName,
      state: 'free',
      point: { lat: car.position.lat, lng: car.position.lng },
      etaS: way.durationS,
      reason: against ?? whyHere(i, way.distanceM),
      seenAtMs: car.position.atMs,
    })
  }
  const sameClass = [...deps.fleet.cars(region.id)].filter((car) => car.duty.vehicleClass === ride.class)
  return { candidates: [...candidates, ...askedBefore], considered: sameClass.length }
}

/** Null for who was never asked, or whose offer was taken back before they answered. */
function askedBeforeWords(answered: LoadedOffer['state'] | undefined): string | null {
  if (answered === 'declined') return 'declined before'
  if (answered === 'expired') return 'let it lapse before'
  return answered === 'accepted' ? 'had it before' : null
}

function whyHere(rank: number, roadM: number): string {
  return rank === 0 ? 'nearest' : `${(roadM / 1000).toFixed(1)} km`
}

function pickupOf(ride: LoadedRide): LatLng {
  return { lat: ride.pickup_lat, lng: ride.pickup_lng }
}

function dropoffOf(ride: LoadedRide): LatLng {
  return { lat: ride.dropoff_lat, lng: ride.dropoff_lng }
}

/** One ride in full; null for a ride of somebody else, or none. */
export async function readPane(
  deps: BoardDeps,
  region: Region,
  rideId: RideId,
  notice?: string,
): Promise<PaneProps | null> {
  const { db } = deps
  const nowMs = Math.floor(deps.clock.nowMs())
  const ride = await findRide(db, region.companyId, rideId)
  if (ride === undefined || ride.region_id !== region.id) return null
  const [offers, events, driver, vehicle, alarms, chat] = await Promise.all([
    offersOfRide(db, ride.company_id, ride.id),
    eventsOfRide(db, ride.company_id, ride.id),
    ride.driver_id === null ? undefined : findDriver(db, ride.company_id, ride.driver_id),
    ride.vehicle_id === null ? undefined : findVehicle(db, ride.company_id, ride.vehicle_id),
    alarmsOfRide(db, ride.company_id, ride.id),
    readChat(db, ride, { side: 'desk', nowMs }),
  ])
  const [code, { phone }] = await Promise.all([startCodeOf(db, ride), callerOfRide(db, ride)])
  const [live] = (await alarmsOn(db, { companyId: region.companyId, regionId: region.id }, [ride])).values()
  const position = driver === undefined ? null : (deps.fleet.car(driver.id)?.position ?? null)
  const found = allowedEvents(ride.state).some((type) => type === 'assign' || type === 'release')
    ? candidatesFor(deps, region, ride, offers)
    : { candidates: [], considered: 0 }
  const stops = (await stopsOfRide(db, ride.company_id, ride.id)).map((stop) => ({
    ...{ lat: stop.lat, lng: stop.lng, label: stop.label, standing: standingOf(stop) },
  }))
  const way = isEnded(ride.state)
    ? null
    : await deps.roads?.way([pickupOf(ride), ...stops.map(({ lat, lng }) => ({ lat, lng })), dropoffOf(ride)])
  return {
    nowMs,
    chat: chatProps(chat, ride, { driverName: driver?.name ?? null, key: () => deps.random.uuid() }),
    way: way ?? null,
    stops,
    codeTriesLeft: code === null || code.isOpen ? null : code.triesLeft,
    ride: {
      id: ride.id,
      reference: referenceOf(ride),
      version: ride.version,
      state: ride.state,
      requestedAtMs: (ride.state === 'requested'
        ? ride.requested_at
        : (ride.booked_at ?? ride.requested_at)
      ).getTime(),
      booking:
        ride.scheduled_for === null || ride.release_at === null
          ? null
          : { pickupAtMs: ride.scheduled_for.getTime(), searchFromMs: ride.release_at.getTime() },
      from: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label },
      to: { lat: ride.dropoff_lat, lng: ride.dropoff_lng, label: ride.dropoff_label },
      distanceM: ride.distance_m,
      riderName: ride.rider_name,
      phone: phone === null ? null : spoken(phone),
      class: ride.class,
      seats: ride.seats,
      fareMinor: ride.fare_minor,
      currency: ride.currency,
      payment: ride.payment_method,
      note: ride.note,
      driver:
        driver === undefined
          ? null
          : {
              id: driver.id,
              callSign: driver.call_sign,
              name: driver.name,
              vehicle: vehicle === undefined ? '' : `${vehicle.colour} ${vehicle.make_model}`,
              plate: vehicle?.plate ?? '',
              seenAtMs: position?.atMs ?? null,
              point: position === null ? null : { lat: position.lat, lng: position.lng },
            },
      shared:
        ride.latest_dropoff_at === null
          ? null
          : { latestAtMs: ride.latest_dropoff_at.getTime(), ...(await othersInCar(deps, ride)) },
      putOffUntilMs: ride.put_off_until?.getTime() ?? null,
    },
    alarm: live === undefined ? null : alarmProps(live),
    rescue:
      ride.state === 'requested' && ride.rescue_at !== null
        ? {
            misses: ride.misses,
            widerAtMs: ride.wider_at?.getTime() ?? null,
          }
        : null,
    ...found,
    sharedCars: await sharedCarsFor(deps, region, ride),
    events: await paneEvents(deps, region.companyId, { events, offers, alarms }),
    ...(notice === undefined ? {} : { notice }),
    key: () => deps.random.uuid(),
  }
}

async function othersInCar({ db }: BoardDeps, ride: LoadedRide) {
  const waiting = (await goesWith(db, ride.company_id, [ride])).get(ride.id)
  if (waiting !== undefined) return { isMerged: true, others: waiting.map(otherOf) }
  if (ride.driver_id === null || isEnded(ride.state)) return { others: [] }
  const rides = await openRidesOfDriver(db, ride.company_id, ride.driver_id)
  return { others: rides.filter(({ id }) => id !== ride.id).map(otherOf) }
}

function otherOf(other: Pick<LoadedRide, 'id' | 'number' | 'rider_name' | 'state'>) {
  return { id: other.id, reference: referenceOf(other), riderName: other.rider_name, state: other.state }
}
