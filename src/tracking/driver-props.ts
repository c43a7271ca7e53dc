/** The driver's page from the driver's state. */
import type {
  DriverMainProps,
  DriverScene,
  EndedRide,
  HoursProps,
  WeekDay,
} from '../../views/drivers/props.ts'
import type { HelpProps } from '../../views/safety/line.ts'
import type { Chat } from '../chat/chat.ts'
import type { DriverMessage } from '../chat/desk-messages.ts'
import { chatProps } from '../chat/props.ts'
import type { LoadedZone, Region } from '../companies/companies.ts'
import { outlinesOf } from '../companies/zones.ts'
import { type DriverState, startOfDayMs } from '../dispatch/driver-state.ts'
import type { LoadedVehicle } from '../drivers/drivers.ts'
import type { WorkingHours } from '../drivers/hours.ts'
import { attributesIn } from '../engine/attributes.ts'
import { daysBetween, localDay } from '../engine/day.ts'
import type { LatLng } from '../engine/units.ts'
import type { PaidWaiting } from '../rides/final-fare.ts'
import { wordsFor } from '../rides/refusals.ts'
import { firstName, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { standingOf } from '../rides/stops.ts'
import { wayToAnswer } from './way-props.ts'

export interface DriverPageFacts {
  /** Of the ride under way. */
  readonly chat: Chat | null
  /** What this driver asked the desk for during the ride; null for nothing. */
  readonly help: HelpProps | null
  /** What the desk wrote and the driver has not read. */
  readonly fromDesk: readonly DriverMessage[]
  readonly state: DriverState
  readonly region: Region
  readonly currency: string
  readonly companyPhone: string | null
  /** Rides that ended in the last seven days, for the bars. */
  readonly week: readonly LoadedRide[]
  readonly freeWaitS: number
  readonly noShowFeeMinor: number
  /** While waiting: from when on the rider pays for it. */
  readonly waiting: PaidWaiting | null
  /** What was charged for the ride that just ended. */
  readonly justChargedMinor: number
  /** Where an offered ride goes, as far as the driver may know before accepting; null where no area is known. */
  readonly dropoffArea: { readonly name: string; readonly at: LatLng } | null
  /** Along the streets, as far as this driver may know: the ride, and the way to the rider; null where not known. */
  readonly ways: { readonly route: readonly LatLng[] | null; readonly approach: readonly LatLng[] | null }
  /** The region's zones with a queue. */
  readonly ranks: readonly LoadedZone[]
  readonly notice?: string
  /** Since when another phone of theirs than this tells where the car is; null where none does. */
  readonly otherPhoneSinceMs: number | null
  readonly key: () => string
}

export function driverProps(facts: DriverPageFacts): DriverMainProps {
  const { state, region, currency } = facts
  const { driver, nowMs } = state
  const common = {
    driver: { id: driver.id, callSign: driver.call_sign },
    nowMs,
    scene: sceneOf(state, region, facts),
    ranks: outlinesOf(facts.ranks),
    today: {
      earnedMinor: state.today.earnedMinor,
      currency,
      rides: state.today.rides,
      onlineS: Math.round(state.today.onShiftMs / 1000),
    },
    navigator: driver.navigates_by,
    hours: hoursProps(state.working.hours),
    key: facts.key,
    companyPhone: facts.companyPhone,
    ...(state.held === null ? {} : { held: state.held }),
    fromDesk: facts.fromDesk.map(({ id, text, mustRead, sentAtMs }) => ({ id, text, mustRead, sentAtMs })),
    ...(facts.otherPhoneSinceMs === null ? {} : { otherPhoneSinceMs: facts.otherPhoneSinceMs }),
    ...(facts.notice === undefined ? {} : { notice: facts.notice }),
  }
  if (state.ride !== null)
    return {
      ...common,
      state: 'ride',
      nudge: state.nudge,
      breakAfter: state.working.pause !== null,
      ride: rideOf(facts, state.ride),
      stops: state.stops.map(({ at, ...stop }) => stop),
      wayAsked: wayToAnswer(state.wayAsked, nowMs),
      joining: state.offer === null ? null : offerOf(state.offer, facts.dropoffArea, null),
      justEnded: state.justEnded === null ? null : endedOf(state.justEnded, facts.justChargedMinor),
      ...(facts.help !== null && { help: facts.help }),
      ...(facts.chat === null
        ? {}
        : { chat: chatProps(facts.chat, state.ride, { driverName: driver.name, key: facts.key }) }),
    }
  const justEnded =
    state.justEnded === null ? {} : { ended: endedOf(state.justEnded, facts.justChargedMinor) }
  const vehicles = state.vehicles.map(vehicleProps)
  if (state.shift === null)
    return {
      ...common,
      state: 'off',
      taken: state.taken,
      deskTook: state.deskTook,
      week: weekOf(facts.week, nowMs, region.timeZone),
      vehicles,
      chosenVehicleId: vehicles[0]?.id ?? null,
      hindrance: state.hindrance === null ? null : wordsFor(state.hindrance),
      licenceDaysLeft: daysLeftOf(state, region.timeZone),
      // The shift ended with it, not by the driver: there may be cash to collect.
      ...(state.working.hours?.leftMs === 0 && justEnded),
    }
  const shiftStartedAtMs = state.shift.started_at.getTime()
  if (state.offer !== null)
    return {
      ...common,
      state: 'offer',
      offer: offerOf(state.offer, facts.dropoffArea, queuedAt(state)),
    }
  if (state.working.pause?.beganAtMs != null)
    return {
      ...common,
      state: 'break',
      beganAtMs: state.working.pause.beganAtMs,
      onBreakS: Math.round(state.working.onBreakMs / 1000),
      ...justEnded,
    }
  const out = vehicles.find((vehicle) => vehicle.id === state.shift?.vehicle_id)
  return {
    ...common,
    state: 'waiting',
    shiftStartedAtMs,
    vehicle: out === undefined ? '' : `${out.name} · ${out.plate}`,
    pausedUntilMs: state.pausedUntilMs,
    ...(state.hint === null
      ? {}
      : {
          hint: {
            ...state.hint.at,
            label: state.hint.label,
            distanceM: state.hint.distanceM,
            savedS: state.hint.savedS,
          },
        }),
    hintsInDays: state.hintsInDays,
    madeRoom: state.madeRoom,
    taken: state.taken,
    deskTook: state.deskTook,
    ...justEnded,
    ...(state.queue === null ? {} : { rank: state.queue }),
  }
}

export function vehicleProps({ id, colour, make_model, plate, class: vehicleClass, seats }: LoadedVehicle) {
  return { id, name: `${colour} ${make_model}`, plate, class: vehicleClass, seats }
}

/** So long before the driving hours end the page begins to speak of it. */
const HOURS_NEAR_MS = 30 * 60_000

export function hoursProps(hours: WorkingHours['hours']): HoursProps | null {
  if (hours === null) return null
  const { leftMs, endsAtMs, restedAtMs, driveLimitMs, restMs } = hours
  return {
    leftS: Math.floor(leftMs / 1000),
    endsAtMs,
    warnAtMs: endsAtMs === null ? null : endsAtMs - HOURS_NEAR_MS,
    restedAtMs,
    driveLimitS: driveLimitMs / 1000,
    restS: restMs / 1000,
  }
}

/** Why this offer came: the turn at a rank. */
function queuedAt({ offer, queue }: DriverState): string | null {
  return offer?.offer.zone_id != null && queue?.kind === 'standing' ? `your turn at ${queue.zone}` : null
}

/** A week before, the page begins to speak of it, as the letters do. */
const LICENCE_NEAR_DAYS = 7

function daysLeftOf({ drivesUntilMs, nowMs }: DriverState, timeZone: string): number | null {
  if (drivesUntilMs === null || drivesUntilMs <= nowMs) return null
  const days = daysBetween(localDay(nowMs, timeZone), localDay(drivesUntilMs - 1, timeZone))
  return days <= LICENCE_NEAR_DAYS ? days : null
}

/** While the way to the rider is still to be driven. */
export const APPROACHING = new Set<LoadedRide['state']>(['requested', 'assigned', 'en_route'])

function sceneOf(
  state: DriverState,
  region: Region,
  { dropoffArea, ways }: Pick<DriverPageFacts, 'dropoffArea' | 'ways'>,
): DriverScene {
  const ride = state.ride ?? state.offer?.ride ?? null
  const car =
    state.car === null
      ? null
      : {
          lat: state.car.lat,
          lng: state.car.lng,
          headingDeg: state.car.headingDeg,
          ageMs: Math.max(0, state.nowMs - state.car.seenAtMs),
        }
  const center = car ?? region.center
  if (ride === null) return { center: pointOf(center), car }
  const from = { lat: ride.pickup_lat, lng: ride.pickup_lng }
  const door = { lat: ride.dropoff_lat, lng: ride.dropoff_lng }
  const to = state.ride === null ? dropoffArea?.at : door
  const approaching = car !== null && APPROACHING.has(ride.state)
  return {
    center: pointOf(center),
    car,
    from,
    ...(to === undefined ? {} : { to }),
    ...(state.rideStops.length === 0
      ? {}
      : { stops: state.rideStops.map((stop) => ({ ...pointOf(stop), isPassed: stop.left_at !== null })) }),
    ...(ways.route === null ? {} : { route: ways.route }),
    ...(approaching ? { approach: ways.approach ?? [pointOf(car), from] } : {}),
  }
}

function pointOf({ lat, lng }: LatLng): LatLng {
  return { lat, lng }
}

function offerOf(
  { offer, ride, directionDeg, together }: NonNullable<DriverState['offer']>,
  dropoffArea: DriverPageFacts['dropoffArea'],
  pickupArea: string | null,
) {
  return {
    id: offer.id,
    earnedMinor: together?.earnedMinor ?? ride.driver_minor,
    fareMinor: together?.fareMinor ?? ride.fare_minor,
    currency: ride.currency,
    class: ride.class,
    seats: together?.seats ?? ride.seats,
    shared: ride.shared,
    ...(together !== null && {
      together: { riders: together.riders, paysBothWays: together.paysBothWays, pickups: together.pickups },
    }),
    addedS: offer.added_s,
    payment: ride.payment_method,
    needs: attributesIn(together?.attributes ?? ride.attributes),
    ...bookedForOf(ride),
    expiresAtMs: offer.expires_at.getTime(),
    totalMs: offer.expires_at.getTime() - offer.offered_at.getTime(),
    pickup: {
      label: ride.pickup_label,
      area: pickupArea,
      durationS: offer.pickup_eta_s,
      distanceM: offer.pickup_distance_m,
    },
    dropoff: {
      area: dropoffArea?.name ?? 'Drop-off',
      bearingDeg: directionDeg,
      durationS: together?.driveS ?? ride.duration_s,
      distanceM: ride.distance_m,
    },
  }
}

function bookedForOf({ scheduled_for: at }: LoadedRide): { bookedForMs?: number } {
  return at === null ? {} : { bookedForMs: at.getTime() }
}

function rideOf({ state, freeWaitS, noShowFeeMinor, waiting }: DriverPageFacts, ride: LoadedRide) {
  return {
    id: ride.id,
    reference: referenceOf(ride),
    state: ride.state as 'assigned' | 'en_route' | 'arrived' | 'in_progress',
    riderName: state.rider?.name ?? firstName(ride.rider_name),
    riderAvatarId: state.rider?.avatarId ?? null,
    seats: ride.seats,
    needs: attributesIn(ride.attributes),
    note: ride.note,
    payment: ride.payment_method,
    ...bookedForOf(ride),
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    pickup: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label, area: null },
    dropoff: { lat: ride.dropoff_lat, lng: ride.dropoff_lng, label: ride.dropoff_label, area: null },
    stops: state.rideStops.map((stop) => ({
      ...{ place: stop.place, label: stop.label, lat: stop.lat, lng: stop.lng },
      standing: standingOf(stop),
    })),
    left:
      state.etaS === null || state.distanceLeftM === null
        ? null
        : { durationS: state.etaS, distanceM: state.distanceLeftM },
    codeTriesLeft: state.codeTriesLeft,
    freeWaitS,
    noShowFromMs: state.noShowFromMs,
    noShowFeeMinor,
    waiting,
  }
}

function endedOf(ride: LoadedRide, chargedMinor: number): EndedRide {
  const outcome = ride.state === 'completed' || ride.state === 'no_show' ? ride.state : 'cancelled'
  return {
    id: ride.id,
    reference: referenceOf(ride),
    outcome,
    chargedMinor,
    earnedMinor: outcome === 'completed' ? ride.driver_minor : 0,
    currency: ride.currency,
    payment: ride.payment_method,
    riderName: firstName(ride.rider_name),
  }
}

/** The seven days that end today, each by its local midnight. */
export function weekOf(rides: readonly LoadedRide[], nowMs: number, timeZone: string): WeekDay[] {
  const days: WeekDay[] = []
  let endMs = nowMs + 1
  for (let back = 0; back < 7; back++) {
    const startMs = startOfDayMs(endMs - 1, timeZone)
    const name = new Intl.DateTimeFormat('en', { weekday: 'long', timeZone }).format(startMs)
    days.unshift({
      letter: name[0] ?? '',
      name,
      earnedMinor: earnedBetween(rides, startMs, endMs),
      isToday: back === 0,
    })
    endMs = startMs
  }
  return days
}

function earnedBetween(rides: readonly LoadedRide[], startMs: number, endMs: number): number {
  return rides
    .filter((ride) => ride.state === 'completed' && ride.ended_at !== null)
    .filter((ride) => ride.ended_at!.getTime() >= startMs && ride.ended_at!.getTime() < endMs)
    .reduce((total, ride) => total + ride.driver_minor, 0)
}
