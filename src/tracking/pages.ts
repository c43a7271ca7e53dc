/** The pages that follow something: a rider's ride, a driver's shift. Read, then draw; page, push and API share it. */

import type { RideWays } from '../../views/rides/ride-map.ts'
import { readChat } from '../chat/chat.ts'
import { unreadOf } from '../chat/desk-messages.ts'
import { chatProps } from '../chat/props.ts'
import type { Companies, Region } from '../companies/companies.ts'
import type { PageDeps } from '../companies/page-context.ts'
import { type DriverState, driverState, startOfDayMs } from '../dispatch/driver-state.ts'
import { type RiderState, riderState, type StateDeps, wayLeft } from '../dispatch/rider-state.ts'
import type { UsualWait } from '../dispatch/usual-wait.ts'
import type { LoadedDriver } from '../drivers/drivers.ts'
import { otherPhoneSince } from '../drivers/phones.ts'
import { distanceM } from '../engine/geo.ts'
import { isEnded } from '../engine/ride.ts'
import { assert, type LatLng } from '../engine/units.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { Clock } from '../io/clock.ts'
import type { Random } from '../io/random.ts'
import { paymentsOfRides } from '../money/money.ts'
import { nearestArea } from '../places/places.ts'
import { paidWaitingOf } from '../rides/final-fare.ts'
import { rideJson } from '../rides/json.ts'
import { endedRidesOfDriver, type LoadedRide, shortName } from '../rides/rides.ts'
import { stopsJson, stopsOfRide } from '../rides/stops.ts'
import { questionJson } from '../rides/way-questions.ts'
import type { Roads } from '../roads/roads.ts'
import { helpProps } from '../safety/props.ts'
import { mayAskForHelp, newestAlertOf } from '../safety/safety.ts'
import { APPROACHING, type DriverPageFacts, driverProps } from './driver-props.ts'
import type { DriverStars } from './driver-stars.ts'
import { insteadProps } from './instead-props.ts'
import { riderProps } from './rider-props.ts'
import { shareProps } from './share-props.ts'
import { wayChangeProps } from './way-props.ts'

export interface FollowDeps extends StateDeps {
  /** What knows ways along streets; left out, none is. */
  readonly roads?: Pick<Roads, 'model' | 'way' | 'streetsOf'>
  readonly clock: Clock
  readonly random: Random
  readonly companies: Companies
  readonly usualWait: UsualWait
  readonly driverStars: DriverStars
}

const DAY_MS = 86_400_000
const WEEK_LIMIT = 2000

export function regionOf(companies: Companies, of: { region_id: LoadedRide['region_id'] }): Region {
  const region = companies.region(of.region_id)
  assert(region !== undefined, 'every ride lies in a region we know')
  return region
}

export function stateOfRide(deps: FollowDeps, ride: LoadedRide): Promise<RiderState> {
  return riderState(deps, {
    ride,
    region: regionOf(deps.companies, ride),
    nowMs: Math.floor(deps.clock.nowMs()),
  })
}

export async function riderPageProps(deps: FollowDeps & Pick<PageDeps, 'config'>, ride: LoadedRide) {
  const state = await stateOfRide(deps, ride)
  const usualWaitS = ride.state === 'requested' ? await deps.usualWait(ride.company_id, ride.region_id) : null
  const stars = await starsOf(deps, ride)
  const chat = await readChat(deps.db, ride, { side: 'rider', nowMs: state.nowMs })
  const help = await newestAlertOf(deps.db, ride, 'rider')
  const driverName = state.driver?.name ?? null
  const way = wayChangeProps(ride, state.wayAsked, deps.random.uuid())
  return {
    ...riderProps(state, { usualWaitS, stars }),
    ...(way !== null && { way }),
    share: await shareProps(deps, ride),
    companyPhone: phoneOf(deps, ride),
    mayCallForHelp: mayAskForHelp(ride, state.nowMs),
    ...(help !== undefined && { help: helpProps(help) }),
    instead: await insteadProps(deps, ride, state.nowMs),
    chat: chatProps(chat, ride, { driverName, key: () => deps.random.uuid() }),
  }
}

/** What riders found of who drives, while they do; null while too few said. */
async function starsOf(deps: Pick<FollowDeps, 'driverStars'>, ride: LoadedRide): Promise<number | null> {
  if (ride.driver_id === null || isEnded(ride.state)) return null
  return deps.driverStars(ride.company_id, ride.driver_id)
}

function phoneOf(deps: Pick<FollowDeps, 'companies'>, ride: LoadedRide): string | null {
  return deps.companies.company(ride.company_id)?.phone ?? null
}

/** The ways that a ride's page begins with: the one that was driven lies on its streets once it is whole. */
export async function waysOf(
  { roads, db }: Pick<FollowDeps, 'roads' | 'db'>,
  ride: LoadedRide,
  trail: readonly LatLng[],
): Promise<RideWays> {
  if (roads === undefined) return { trail, way: null }
  if (ride.state === 'completed') return { trail: (await roads.streetsOf(trail)) ?? trail, way: null }
  if (isEnded(ride.state)) return { trail, way: null }
  return { trail, way: await roads.way(placesOf(ride, await stopsOfRide(db, ride.company_id, ride.id))) }
}

/** Where a ride leads, in order. */
function placesOf(ride: LoadedRide, stops: readonly LatLng[]): LatLng[] {
  const [pickup, dropoff] = endsOf(ride)
  return [pickup, ...stops.map(({ lat, lng }) => ({ lat, lng })), dropoff]
}

function endsOf(ride: LoadedRide): [pickup: LatLng, dropoff: LatLng] {
  return [
    { lat: ride.pickup_lat, lng: ride.pickup_lng },
    { lat: ride.dropoff_lat, lng: ride.dropoff_lng },
  ]
}

/** Along the streets: the ride, and while the car is on its way there, to the rider. Of an offer only the latter. */
async function driverWays({ roads }: FollowDeps, { ride, rideStops, offer, car }: DriverState) {
  const shown = ride ?? offer?.ride
  if (roads === undefined || shown === undefined) return { route: null, approach: null }
  const [pickup] = endsOf(shown)
  const approaches = car !== null && APPROACHING.has(shown.state)
  return {
    route: ride === null ? null : await roads.way(placesOf(ride, rideStops)),
    approach: approaches ? await roads.way([{ lat: car.lat, lng: car.lng }, pickup]) : null,
  }
}

/** The ride as the API tells its rider: the record, what moves, and whom to call. */
export async function followedRideJson(deps: FollowDeps, state: RiderState) {
  const { driver, vehicle, car, nowMs } = state
  return {
    ...rideJson(state.ride),
    driver:
      driver === null || vehicle === null
        ? null
        : {
            name: shortName(driver.name),
            callSign: driver.callSign,
            vehicle: `${vehicle.colour} ${vehicle.makeModel}`,
            plate: vehicle.plate,
            stars: await starsOf(deps, state.ride),
          },
    companyPhone: phoneOf(deps, state.ride),
    car:
      car === null
        ? null
        : {
            lat: car.lat,
            lng: car.lng,
            headingDeg: car.headingDeg,
            ageMs: Math.max(0, nowMs - car.seenAtMs),
          },
    startCode: state.startCode,
    etaS: state.etaS === null ? null : Math.round(state.etaS),
    stopsBefore: state.shared?.stopsBefore ?? 0,
    asked: state.asked.length,
    waitsForEtaS: state.waitsFor === null ? null : Math.round(state.waitsFor.etaS),
    searchRadiusM: Math.round(state.searchRadiusM),
    cancellation: state.cancellation,
    checking: state.checking,
    needsRescue: state.ride.rescue_at !== null,
    putOffUntilMs: state.ride.put_off_until?.getTime() ?? null,
    endWords: state.ride.end_words,
    wayAsked: questionJson(state.wayAsked, 'rider'),
    stops: stopsJson(state.stops),
    payment: state.payment,
  }
}

/**
 * The message that moves the rider's car on the map; null while nobody may see one. Sent once a second to each open
 * page, so it costs no look-up beyond the ride itself.
 */
export function carMessage(
  deps: Omit<FollowDeps, 'db'>,
  ride: LoadedRide,
  { forRider }: { readonly forRider: boolean },
): string | null {
  const { car, etaS } = wayLeft(deps, ride, regionOf(deps.companies, ride))
  if (car === null) return null
  const nowMs = deps.clock.nowMs()
  return JSON.stringify({
    type: 'car',
    lat: car.lat,
    lng: car.lng,
    headingDeg: car.headingDeg,
    ageMs: Math.max(0, Math.round(nowMs - car.seenAtMs)),
    etaS: etaS === null ? null : Math.round(etaS),
    // In a straight line, while it is on its way there: what "near" is measured by. From three of them anybody could
    // work out the door, so only who rides is told.
    ...(forRider && {
      pickupM: APPROACHING.has(ride.state)
        ? Math.round(distanceM(car, { lat: ride.pickup_lat, lng: ride.pickup_lng }))
        : null,
    }),
  })
}

/** The region a driver works in: that of the shift, else the company's home. */
export function regionOfDriver(
  deps: { readonly companies: Companies; readonly fleet: Pick<FollowDeps['fleet'], 'car'> },
  driver: Pick<LoadedDriver, 'id' | 'company_id'>,
): Region {
  const onShift = deps.fleet.car(driver.id)?.duty.regionId
  const region =
    onShift === undefined ? deps.companies.homeRegion(driver.company_id) : deps.companies.region(onShift)
  assert(region !== undefined, 'a company with drivers has a region')
  return region
}

export function stateOfDriver(
  deps: FollowDeps,
  driver: LoadedDriver,
  seenRideId?: string,
): Promise<DriverState> {
  const region = regionOfDriver(deps, driver)
  return driverState(deps, {
    driver,
    region,
    nowMs: Math.floor(deps.clock.nowMs()),
    seenRideId,
    queueZones: deps.companies.queueZones(region.id),
  })
}

/**
 * @param asked.notice what the page answers first: an outcome the driver has to know
 * @param asked.seenRideId the ended ride whose result the driver has put away
 */
export async function driverPageProps(
  deps: FollowDeps,
  driver: LoadedDriver,
  {
    notice,
    seenRideId,
    sessionId,
  }: { notice?: string | undefined; seenRideId?: string | undefined; sessionId?: string } = {},
) {
  const region = regionOfDriver(deps, driver)
  const state = await stateOfDriver(deps, driver, seenRideId)
  const company = deps.companies.company(driver.company_id)
  assert(company !== undefined, 'every driver drives for a company we know')
  const tariff =
    state.ride === null ? null : await tariffById(deps.db, driver.company_id, state.ride.tariff_id)
  const charged =
    state.justEnded === null
      ? new Map()
      : await paymentsOfRides(deps.db, driver.company_id, [state.justEnded.id])
  const chat =
    state.ride === null ? null : await readChat(deps.db, state.ride, { side: 'driver', nowMs: state.nowMs })
  const unread = await unreadOf(deps.db, { companyId: driver.company_id, driverId: driver.id })
  const help = state.ride === null ? undefined : await newestAlertOf(deps.db, state.ride, 'driver')
  const facts: DriverPageFacts = {
    chat,
    help: help === undefined ? null : helpProps(help),
    fromDesk: unread,
    state,
    region,
    currency: company.currency,
    companyPhone: company.phone,
    week: state.shift === null && state.ride === null ? await weekOfRides(deps, driver, region) : [],
    freeWaitS: tariff?.noShowAfterS ?? 0,
    noShowFeeMinor: state.ride === null ? 0 : Math.min(tariff?.noShowFeeMinor ?? 0, state.ride.fare_minor),
    waiting: state.ride === null || tariff === null ? null : await paidWaitingOf(deps.db, state.ride, tariff),
    justChargedMinor: (state.justEnded && charged.get(state.justEnded.id)?.amount_minor) ?? 0,
    ranks: deps.companies.queueZones(region.id)?.zones ?? [],
    dropoffArea: await areaOf(deps, state.offer?.ride ?? null),
    ways: await driverWays(deps, state),
    key: () => deps.random.uuid(),
    otherPhoneSinceMs:
      sessionId === undefined || state.shift === null
        ? null
        : await otherPhoneSince(deps.db, {
            ...{ companyId: driver.company_id, driverId: driver.id, sessionId, nowMs: state.nowMs },
          }),
    ...(notice === undefined ? {} : { notice }),
  }
  return driverProps(facts)
}

/** What a driver may know of the way before saying yes: the neighbourhood, not the door. */
async function areaOf(deps: FollowDeps, ride: LoadedRide | null): Promise<DriverPageFacts['dropoffArea']> {
  if (ride === null) return null
  const area = await nearestArea(deps.db, { lat: ride.dropoff_lat, lng: ride.dropoff_lng })
  return area === null ? null : { name: area.name, at: { lat: area.lat, lng: area.lng } }
}

/** Local midnight six days ago: with today, seven days. */
function weekStartMs(nowMs: number, region: Region): number {
  return startOfDayMs(startOfDayMs(nowMs, region.timeZone) - 6 * DAY_MS + DAY_MS / 2, region.timeZone)
}

function weekOfRides(deps: FollowDeps, driver: LoadedDriver, region: Region): Promise<LoadedRide[]> {
  const since = new Date(weekStartMs(deps.clock.nowMs(), region))
  return endedRidesOfDriver(deps.db, driver.company_id, { driverId: driver.id, since, limit: WEEK_LIMIT })
}

/** The driver's state as the API and the socket of a program say it. */
export function driverJson(state: DriverState) {
  return {
    driverId: state.driver.id,
    callSign: state.driver.call_sign,
    shift:
      state.shift === null
        ? null
        : {
            id: state.shift.id,
            vehicleId: state.shift.vehicle_id,
            startedAtMs: state.shift.started_at.getTime(),
          },
    vehicles: state.vehicles.map(({ id, class: vehicleClass, seats, plate }) => ({
      id,
      class: vehicleClass,
      seats,
      plate,
    })),
    pausedUntilMs: state.pausedUntilMs,
    held: state.held,
    break: state.working.pause,
    hours: hoursJson(state.working),
    offer:
      state.offer === null
        ? null
        : {
            id: state.offer.offer.id,
            rideId: state.offer.ride.id,
            expiresAtMs: state.offer.offer.expires_at.getTime(),
            remainingMs: Math.max(0, state.offer.offer.expires_at.getTime() - state.nowMs),
            etaS: state.offer.offer.pickup_eta_s,
            pickupDistanceM: Math.round(state.offer.offer.pickup_distance_m),
            pickup: rideJson(state.offer.ride).pickup,
            fareMinor: state.offer.together?.fareMinor ?? state.offer.ride.fare_minor,
            earnedMinor: state.offer.together?.earnedMinor ?? state.offer.ride.driver_minor,
            currency: state.offer.ride.currency,
            // To take one more rider along; null for a run of its own.
            addedS: state.offer.offer.added_s,
            // Where a desk merged several riders: how many, and where the others get in. Null for one.
            together:
              state.offer.together === null
                ? null
                : { riders: state.offer.together.riders, pickups: state.offer.together.pickups },
          },
    ride:
      state.ride === null || state.rider === null
        ? null
        : {
            ...rideJson(state.ride),
            riderName: state.rider.name,
            riderAvatarId: state.rider.avatarId,
            stops: stopsJson(state.rideStops),
          },
    stops: state.stops.map(({ rideId, kind, riderName, seats, label, at, etaS }) => ({
      ...{ rideId, kind, riderName, seats, label, ...at },
      etaS: etaS === null ? null : Math.round(etaS),
    })),
    wayAsked: questionJson(state.wayAsked, 'driver'),
    noShowFromMs: state.noShowFromMs,
    codeTriesLeft: state.codeTriesLeft,
    nudge: state.nudge,
    taken: state.taken,
    hint:
      state.hint === null
        ? null
        : {
            label: state.hint.label,
            ...state.hint.at,
            distanceM: Math.round(state.hint.distanceM),
            savedS: state.hint.savedS,
          },
    queue: state.queue,
    today: state.today,
  }
}

function hoursJson({ hours }: DriverState['working']) {
  if (hours === null) return null
  const { drivenMs, leftMs, endsAtMs, restedAtMs } = hours
  return { drivenMs, leftMs, endsAtMs, restedAtMs }
}
