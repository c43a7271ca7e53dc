/** When a ride's rider was told to expect the car, and when it is expected by now. */
import { isEnded } from '../engine/ride.ts'
import type { LoadedRide } from '../rides/rides.ts'

/**
 * What the rider was told, epoch ms: the pickup promised at the assignment (of a booked ride no sooner than it was booked
 * for), then the arrival: of a shared ride its promise, else the length in the quote. Null while nothing was said.
 */
export function toldAtMs(ride: LoadedRide): number | null {
  const isOnItsWay = ride.state === 'assigned' || ride.state === 'en_route'
  if (isOnItsWay && ride.assigned_at && ride.pickup_eta_s !== null)
    return Math.max(
      ride.assigned_at.getTime() + ride.pickup_eta_s * 1_000,
      ride.scheduled_for?.getTime() ?? 0,
    )
  if (ride.state !== 'in_progress') return null
  if (ride.latest_dropoff_at !== null) return ride.latest_dropoff_at.getTime()
  return ride.boarded_at === null ? null : ride.boarded_at.getTime() + ride.duration_s * 1_000
}

/** When the car is at its next stop for the ride; of an ended ride when it ended, of a booked one its pickup. */
export function expectedAtMs(ride: LoadedRide, etaS: number | null, nowMs: number): number | null {
  if (ride.state === 'scheduled') return ride.scheduled_for?.getTime() ?? null
  if (isEnded(ride.state)) return ride.ended_at?.getTime() ?? null
  return etaS === null || ride.state === 'arrived' ? null : nowMs + etaS * 1_000
}

/** Behind what the rider was told, seconds; negative is early, null unknown. */
export function latenessS(ride: LoadedRide, expected: number | null): number | null {
  const told = toldAtMs(ride)
  return told === null || expected === null ? null : (expected - told) / 1_000
}
