/** A ride as the API says it: the ride's own facts, without where the car is now. */
import { attributesIn } from '../engine/attributes.ts'
import { referenceOf } from './rides.ts'
import type { LoadedRide } from './store.ts'

export function rideJson(ride: LoadedRide) {
  return {
    id: ride.id,
    reference: referenceOf(ride),
    state: ride.state,
    version: ride.version,
    class: ride.class,
    seats: ride.seats,
    /** What the car must have. */
    needs: attributesIn(ride.attributes),
    shared: ride.shared,
    payment: ride.payment_method,
    note: ride.note,
    pickup: { lat: ride.pickup_lat, lng: ride.pickup_lng, label: ride.pickup_label },
    dropoff: { lat: ride.dropoff_lat, lng: ride.dropoff_lng, label: ride.dropoff_label },
    distanceM: Math.round(ride.distance_m),
    durationS: Math.round(ride.duration_s),
    fareMinor: ride.fare_minor,
    currency: ride.currency,
    /** Of a shared ride: there by then at the latest. */
    arriveByAtMs: ride.latest_dropoff_at?.getTime() ?? null,
    requestedAtMs: (ride.booked_at ?? ride.requested_at).getTime(),
    /** Of a ride booked ahead: when the car is to be there, and when a driver is looked for, as planned now. */
    scheduledForMs: ride.scheduled_for?.getTime() ?? null,
    searchFromMs: ride.release_at?.getTime() ?? null,
    assignedAtMs: ride.assigned_at?.getTime() ?? null,
    arrivedAtMs: ride.arrived_at?.getTime() ?? null,
    boardedAtMs: ride.boarded_at?.getTime() ?? null,
    endedAtMs: ride.ended_at?.getTime() ?? null,
    endedBy: ride.ended_by,
    endReason: ride.end_reason,
  }
}
