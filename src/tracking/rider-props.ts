/** The rider's page from the rider's state. */
import { optionName } from '../../views/rides/quotes.ts'
import type {
  RideDriverProps,
  RideStatusProps,
  RideStopProps,
  SearchStep,
} from '../../views/rides/ride-props.ts'
import type { AskedDriver, RiderState } from '../dispatch/rider-state.ts'
import { assert, never } from '../engine/units.ts'
import { reasonProps } from '../fares/lines.ts'
import { referenceOf, shortName } from '../rides/rides.ts'
import { vehicleWords } from '../rides/routes.ts'
import { type LoadedStop, standingOf } from '../rides/stops.ts'

export interface Beside {
  readonly usualWaitS: number | null
  /** The driver's average; null while there is none. */
  readonly stars: number | null
}

export function riderProps(state: RiderState, { usualWaitS, stars }: Beside): RideStatusProps {
  const { ride, nowMs } = state
  const core = {
    id: ride.id,
    reference: referenceOf(ride),
    nowMs,
    className: optionName(ride),
    pickup: { label: ride.pickup_label, point: { lat: ride.pickup_lat, lng: ride.pickup_lng } },
    dropoff: { label: ride.dropoff_label, point: { lat: ride.dropoff_lat, lng: ride.dropoff_lng } },
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    ...(ride.scheduled_for === null ? {} : { bookedForMs: ride.scheduled_for.getTime() }),
    ...(state.stops.length === 0 ? {} : { stops: state.stops.map(stopProps) }),
    ...(state.shared === null ? {} : { shared: state.shared }),
  }
  switch (ride.state) {
    case 'scheduled':
      assert(ride.scheduled_for !== null && ride.release_at !== null, 'a booked ride has a time and a plan')
      assert(state.cancellation !== null, 'a booked ride can be cancelled')
      return {
        ...core,
        phase: 'booked',
        state: ride.state,
        pickupAtMs: ride.scheduled_for.getTime(),
        searchFromMs: ride.release_at.getTime(),
        rideDurationS: ride.duration_s,
        seats: ride.seats,
        cancel: state.cancellation,
      }
    case 'requested': {
      const live = state.asked.find((asked) => asked.outcome === 'asking' && asked.expiresAtMs > nowMs)
      return {
        ...core,
        phase: 'searching',
        state: ride.state,
        steps: searchSteps(state, live),
        offer:
          live === undefined
            ? null
            : { expiresAtMs: live.expiresAtMs, totalMs: live.expiresAtMs - live.atMs },
        usualWaitS,
        askedCount: new Set(state.asked.map(({ driverId }) => driverId)).size,
        givesUpAtMs: ride.deadline_at.getTime(),
        putOffUntilMs: putOffUntilMs(state),
        ...(state.cancellation !== null &&
          state.cancellation.feeMinor > 0 && { cancelFeeMinor: state.cancellation.feeMinor }),
      }
    }
    case 'assigned':
    case 'en_route':
    case 'arrived':
    case 'in_progress': {
      const driver = driverOf(state)
      assert(driver !== null, 'a ride with a driver has a driver and a vehicle to name')
      return {
        ...core,
        phase: 'moving',
        state: ride.state,
        driver: { ...driver, stars },
        etaS: state.etaS,
        rideDurationS: state.shared?.aboardS ?? ride.duration_s,
        seenAtMs: state.car?.seenAtMs ?? null,
        startCode: state.startCode,
        waitsUntilMs: state.noShowFromMs,
        waiting: state.waiting,
        cancel: state.cancellation,
        checking: state.checking,
        isNearerCar: ride.swaps > 0,
      }
    }
    case 'completed':
    case 'cancelled':
    case 'no_show':
    case 'unfulfilled':
      return {
        ...core,
        phase: 'ended',
        state: ride.state,
        driver: driverOf(state),
        endedAtMs: ride.ended_at?.getTime() ?? nowMs,
        changes: reasonProps(state.changes),
        chargedMinor: state.payment?.amountMinor ?? 0,
        endedBy: ride.ended_by === 'dispatcher' ? 'desk' : ride.ended_by === 'system' ? null : ride.ended_by,
        requestedAtMs: ride.requested_at.getTime(),
        words: ride.end_words,
      }
    default:
      return never(ride.state)
  }
}

function stopProps(stop: LoadedStop): RideStopProps {
  const { label, lat, lng } = stop
  return { label, point: { lat, lng }, standing: standingOf(stop) }
}

function driverOf({ driver, vehicle }: RiderState): RideDriverProps | null {
  if (driver === null || vehicle === null) return null
  return {
    name: shortName(driver.name),
    callSign: driver.callSign,
    vehicle: vehicleWords(vehicle.colour, vehicle.makeModel),
    plate: vehicle.plate,
  }
}

/** The last few are enough: a page is not a log. */
const MOST_ENDED_STEPS = 4

function searchSteps(state: RiderState, live: AskedDriver | undefined): SearchStep[] {
  const ended = state.asked
    .filter((asked) => asked.outcome !== 'asking')
    .map((asked): SearchStep => {
      const kind = asked.outcome === 'accepted' ? 'released' : 'declined'
      return { kind, atMs: asked.endedAtMs ?? asked.atMs }
    })
    .concat(state.lost.map(({ kind, atMs }) => ({ kind: 'lost', trouble: kind, atMs })))
    .toSorted((a, b) => ('atMs' in a ? a.atMs : 0) - ('atMs' in b ? b.atMs : 0))
  const offUntilMs = putOffUntilMs(state)
  return [
    { kind: 'sent', atMs: (state.ride.booked_at ?? state.ride.requested_at).getTime() },
    ...ended.slice(-MOST_ENDED_STEPS),
    ...(live === undefined ? [] : [{ kind: 'asking' as const, atMs: live.atMs, etaS: live.pickupEtaS }]),
    ...(state.ride.rescue_at === null
      ? []
      : [{ kind: 'rescue' as const, atMs: state.ride.rescue_at.getTime() }]),
    ...(state.waitsFor === null ? [] : [{ kind: 'finishing' as const, etaS: state.waitsFor.etaS }]),
    offUntilMs === null
      ? { kind: 'looking', radiusM: state.searchRadiusM }
      : { kind: 'put_off', untilMs: offUntilMs },
  ]
}

/** While nobody is asked because the desk put it off. */
function putOffUntilMs({ ride, nowMs }: RiderState): number | null {
  const untilMs = ride.put_off_until?.getTime() ?? 0
  return untilMs > nowMs ? untilMs : null
}
