/** All a driver needs to see at this moment: shift, offer, ride, and what the day has brought. */
import type { QueueZones } from '../companies/companies.ts'
import type { Region } from '../companies/regions.ts'
import { capabilityOf, type Hindrance } from '../drivers/capability.ts'
import {
  type LoadedDriver,
  type LoadedShift,
  type LoadedVehicle,
  onShiftMs,
  openShift,
  vehiclesOfDriver,
} from '../drivers/drivers.ts'
import { type Held, heldOf } from '../drivers/held.ts'
import { type WorkingHours, workingHours } from '../drivers/hours.ts'
import { waitsFromMs } from '../engine/booking.ts'
import { travel } from '../engine/eta.ts'
import { noShowFromMs } from '../engine/fare.ts'
import { bearingDeg } from '../engine/geo.ts'
import type { LatLng, RideId } from '../engine/units.ts'
import type { Trouble } from '../engine/watchdog.ts'
import { tariffById } from '../fares/tariffs.ts'
import type { DriverHint } from '../io/bus.ts'
import type { StopKind } from '../io/tables/rides.ts'
import {
  endedRidesOfDriver,
  findRide,
  type LoadedRide,
  openRidesOfDriver,
  openStopsOfDriver,
  type RiderToDriver,
  riderToDriver,
} from '../rides/rides.ts'
import { startCodeOf } from '../rides/start-code.ts'
import { type LoadedStop, stopsOfRide } from '../rides/stops.ts'
import { lastQuestion, type WayQuestion } from '../rides/way-questions.ts'
import { travelIn } from '../roads/roads.ts'
import { answersLeft, type LoadedAlarm, liveAlarmOf, takenFromDriver } from './alarms.ts'
import { takenByDesk } from './desk-acts.ts'
import { type OfferedTogether, offeredTogether } from './merged-state.ts'
import { type LoadedOffer, liveOfferOfDriver } from './offers.ts'
import { type DriverQueue, queueOfDriver } from './queue-state.ts'
import { type CarSeen, type StateDeps, wayLeft } from './rider-state.ts'

export interface DriverDay {
  readonly earnedMinor: number
  readonly rides: number
  readonly onShiftMs: number
}

export interface DriverState {
  readonly nowMs: number
  readonly driver: LoadedDriver
  readonly vehicles: readonly LoadedVehicle[]
  readonly shift: LoadedShift | null
  readonly pausedUntilMs: number | null
  /** The break they have or want, and how long they may still drive. */
  readonly working: WorkingHours
  /** A nearer car took their ride over a moment ago. */
  readonly madeRoom: boolean
  /** What the watchdog says of their car, on the way to the rider of `ride`. */
  readonly nudge: (WatchedCar & { readonly actsAtMs: number; readonly answersLeft: number }) | null
  /** The watchdog gave their ride to others a moment ago, and why. */
  readonly taken: (WatchedCar & { readonly atMs: number }) | null
  /** A desk took a ride from them a moment ago, and the reason it gave. */
  readonly deskTook: { readonly reason: string; readonly atMs: number } | null
  /** What keeps the driver from driving now. */
  readonly hindrance: Hindrance | null
  /** Who at the desk keeps them off the road, and why; null where nobody does. */
  readonly held: Held | null
  /** When the licence's last day ends; null without an end. */
  readonly drivesUntilMs: number | null
  readonly offer: {
    offer: LoadedOffer
    ride: LoadedRide
    directionDeg: number
    /** Where a desk merged several; null for one rider. */
    together: OfferedTogether | null
  } | null
  /** Where riders share the car, that of the next stop. */
  readonly ride: LoadedRide | null
  /** The stops of a shared run that are still to be driven, in order, each with the seconds until the car is there. */
  readonly stops: readonly RunStop[]
  /** Another way that the rider of `ride` asked for. */
  readonly wayAsked: WayQuestion | null
  /** Where `ride` stops between its ends, in order. */
  readonly rideStops: readonly LoadedStop[]
  /** Whom `ride` is for. */
  readonly rider: RiderToDriver | null
  readonly car: CarSeen | null
  readonly etaS: number | null
  readonly distanceLeftM: number | null
  readonly noShowFromMs: number | null
  /** How often the start code of `ride` may still be typed; null where none is asked any more. */
  readonly codeTriesLeft: number | null
  /** The last ride, for the minute after it ended, also when the shift ended with it; beside others in the car, too. */
  readonly justEnded: LoadedRide | null
  /** Of the driver who is on shift without a ride; null where there is nothing to say. */
  readonly queue: DriverQueue | null
  readonly today: DriverDay
  /** Where it is busier, for who waits for offers with nothing to do. */
  readonly hint: (DriverHint & { readonly distanceM: number }) | null
  /** Whole days of rides still to be known before there are hints. */
  readonly hintsInDays: number
}

export interface WatchedCar {
  readonly kind: Trouble
  readonly sinceMs: number
}

export interface RunStop {
  readonly rideId: RideId
  readonly kind: StopKind
  /** As the driver may know the rider. */
  readonly riderName: string
  readonly seats: number
  readonly label: string
  readonly at: LatLng
  /** Null while the car's position is unknown. */
  readonly etaS: number | null
}

export interface DriverAsked {
  readonly driver: LoadedDriver
  readonly region: Region
  readonly nowMs: number
  /** The ended ride whose result the driver has put away. */
  readonly seenRideId?: string | undefined
  /** Of the region. */
  readonly queueZones: QueueZones | undefined
}

/** How long the page keeps showing what the last ride brought, unless the next one starts. */
const JUST_ENDED_MS = 60_000

/** How long the page says why a ride went to another car. */
const MADE_ROOM_MS = 3 * 60_000

export async function driverState(
  deps: StateDeps,
  { driver, region, nowMs, seenRideId, queueZones }: DriverAsked,
): Promise<DriverState> {
  const { db, fleet } = deps
  const companyId = driver.company_id
  const sinceMs = startOfDayMs(nowMs, region.timeZone)
  const [capability, vehicles, shift, rides, offer, ended, shiftMs, taken, byDesk, working] =
    await Promise.all([
      capabilityOf(db, { companyId, driverId: driver.id, nowMs }),
      vehiclesOfDriver(db, companyId, driver.id),
      openShift(db, companyId, driver.id),
      openRidesOfDriver(db, companyId, driver.id),
      liveOfferOfDriver(db, companyId, driver.id),
      endedRidesOfDriver(db, companyId, { driverId: driver.id, since: new Date(sinceMs), limit: 500 }),
      onShiftMs(db, companyId, { driverId: driver.id, sinceMs, nowMs }),
      takenFromDriver(db, companyId, { driverId: driver.id, nowMs }),
      takenByDesk(db, companyId, { driverId: driver.id, nowMs }),
      workingHours(db, { companyId, driverId: driver.id, regionId: region.id, nowMs }),
    ])
  const ride = rides[0]
  const live = offer !== undefined && offer.expires_at.getTime() > nowMs ? offer : undefined
  const offered = live === undefined ? undefined : await findRide(db, companyId, live.ride_id)
  const tariff = ride?.state === 'arrived' ? await tariffById(db, companyId, ride.tariff_id) : null
  const way =
    ride === undefined ? { car: null, etaS: null, distanceLeftM: null } : wayLeft(deps, ride, region)
  const position = fleet.car(driver.id)?.position ?? null
  const alarm = ride === undefined ? undefined : await liveAlarmOf(db, ride)
  const code = ride === undefined ? null : await startCodeOf(db, ride)
  const last = ended[0]
  const queue =
    shift === undefined || ride !== undefined
      ? null
      : await queueOfDriver(db, { companyId, driverId: driver.id, at: position, queueZones, nowMs })
  return {
    nowMs,
    driver,
    vehicles,
    shift: shift ?? null,
    pausedUntilMs: pauseOf(driver, nowMs),
    working,
    madeRoom: nowMs - (driver.swapped_at?.getTime() ?? 0) < MADE_ROOM_MS,
    nudge:
      alarm === undefined
        ? null
        : {
            ...carOf(alarm),
            actsAtMs: alarm.acts_at.getTime(),
            answersLeft: await answersLeft(db, alarm),
          },
    taken: taken?.ended_at == null ? null : { ...carOf(taken), atMs: taken.ended_at.getTime() },
    deskTook: byDesk?.reason == null ? null : { reason: byDesk.reason, atMs: byDesk.at.getTime() },
    hindrance: capability?.hindrance ?? null,
    held: driver.held_at === null ? null : await heldOf(db, { companyId, driverId: driver.id }),
    drivesUntilMs: capability?.drivesUntilMs ?? null,
    offer:
      live === undefined || offered === undefined
        ? null
        : {
            offer: live,
            ride: offered,
            together: await offeredTogether(db, live),
            directionDeg: bearingDeg(
              { lat: offered.pickup_lat, lng: offered.pickup_lng },
              { lat: offered.dropoff_lat, lng: offered.dropoff_lng },
            ),
          },
    ride: ride ?? null,
    wayAsked: ride === undefined ? null : await lastQuestion(db, ride, nowMs),
    rideStops: ride === undefined ? [] : await stopsOfRide(db, companyId, ride.id),
    rider: ride === undefined ? null : await riderToDriver(db, ride),
    stops: await stopsOf(deps, { driver, region, rides }),
    ...way,
    car:
      way.car ??
      (position === null
        ? null
        : { lat: position.lat, lng: position.lng, headingDeg: position.headingDeg, seenAtMs: position.atMs }),
    noShowFromMs:
      ride?.arrived_at != null && tariff !== null
        ? noShowFromMs(tariff, waitsFromMs(ride.arrived_at.getTime(), ride.scheduled_for?.getTime() ?? null))
        : null,
    codeTriesLeft: code === null || code.isOpen ? null : code.triesLeft,
    justEnded:
      (ride === undefined || ride.shared) &&
      live === undefined &&
      last?.ended_at != null &&
      last.id !== seenRideId &&
      nowMs - last.ended_at.getTime() < JUST_ENDED_MS
        ? last
        : null,
    queue,
    today: dayOf(ended, shiftMs),
    ...hintNow(deps, {
      driver,
      region,
      isIdle: shift !== undefined && ride === undefined && live === undefined && working.pause === null,
    }),
  }
}

function carOf({ kind, since_at }: LoadedAlarm): WatchedCar {
  return { kind, sinceMs: since_at.getTime() }
}

/** What was said to others stays said to them: whoever has an offer, a ride or no shift is told nothing. */
function hintNow(
  deps: StateDeps,
  { driver, region, isIdle }: { driver: LoadedDriver; region: Region; isIdle: boolean },
): Pick<DriverState, 'hint' | 'hintsInDays'> {
  const { fleet, hints } = deps
  const position = fleet.car(driver.id)?.position
  const hint = isIdle && position != null ? hints.of(region.id, driver.id) : null
  return {
    hint:
      hint === null
        ? null
        : { ...hint, distanceM: travel(position!, hint.at, travelIn(deps, region)).distanceM },
    hintsInDays: isIdle ? hints.daysLeft(region.id) : 0,
  }
}

async function stopsOf(
  deps: StateDeps,
  { driver, region, rides }: { driver: LoadedDriver; region: Region; rides: readonly LoadedRide[] },
): Promise<RunStop[]> {
  if (rides[0]?.shared !== true) return []
  const { db, fleet } = deps
  const model = travelIn(deps, region)
  const open = await openStopsOfDriver(db, driver.company_id, driver.id)
  const names = new Map<RideId, string>()
  for (const ride of rides) names.set(ride.id, (await riderToDriver(db, ride)).name)
  const position = fleet.car(driver.id)?.position ?? null
  let from: LatLng | null = position
  let etaS = 0
  return open.flatMap(({ ride_id: rideId, kind }, n) => {
    const ride = rides.find(({ id }) => id === rideId)
    if (ride === undefined) return []
    const at =
      kind === 'pickup'
        ? { lat: ride.pickup_lat, lng: ride.pickup_lng }
        : { lat: ride.dropoff_lat, lng: ride.dropoff_lng }
    // Where the driver waits for somebody, the car is there.
    if (from !== null && !(n === 0 && ride.state === 'arrived')) etaS += travel(from, at, model).durationS
    const known = from !== null
    if (known) from = at
    const label = kind === 'pickup' ? ride.pickup_label : ride.dropoff_label
    const riderName = names.get(rideId) ?? ''
    return [{ rideId, kind, riderName, seats: ride.seats, label, at, etaS: known ? etaS : null }]
  })
}

/** What rides that ended within a span brought a driver. */
export function dayOf(ended: readonly LoadedRide[], shiftMs: number): DriverDay {
  const completed = ended.filter((ride) => ride.state === 'completed')
  return {
    earnedMinor: completed.reduce((total, ride) => total + ride.driver_minor, 0),
    rides: completed.length,
    onShiftMs: shiftMs,
  }
}

function pauseOf(driver: LoadedDriver, nowMs: number): number | null {
  const untilMs = driver.paused_until?.getTime() ?? 0
  return untilMs > nowMs ? untilMs : null
}

/**
 * The instant a day began in a time zone. Found by stepping back to local midnight and checking the hour again, so
 * that days of 23 and 25 hours come out right.
 */
export function startOfDayMs(nowMs: number, timeZone: string): number {
  const local = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  const secondsInto = (atMs: number): number => {
    const [hour, minute, second] = local.format(atMs).split(':').map(Number)
    return hour! * 3600 + minute! * 60 + second!
  }
  const wholeMs = Math.floor(nowMs / 1000) * 1000
  const guessMs = wholeMs - secondsInto(wholeMs) * 1000
  const offS = secondsInto(guessMs)
  return offS === 0 ? guessMs : guessMs - (offS > 43_200 ? offS - 86_400 : offS) * 1000
}
