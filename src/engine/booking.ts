/** Rides booked ahead: how soon and how far, when the driver's wait begins, and which of them collide. */

/** Nearer than this a ride is asked for now: a matcher needs time for its promise. */
export const AHEAD_LEAST_S = 1_200
/** A rider's bookings that are still to come; more than a person rides, fewer than what blocks a fleet. */
export const MOST_BOOKED = 10

export type AheadRefusal = 'too_soon' | 'too_far'

/** Whether a pickup lies far enough ahead, and not too far; null when it may be booked. */
export function aheadRefusal(
  pickupAtMs: number,
  { nowMs, aheadMostS }: { nowMs: number; aheadMostS: number },
): AheadRefusal | null {
  if (pickupAtMs < nowMs + AHEAD_LEAST_S * 1_000) return 'too_soon'
  return pickupAtMs > nowMs + aheadMostS * 1_000 ? 'too_far' : null
}

/** From when a driver at the pickup waits for the rider: who comes early waits for the booked time first. Epoch ms. */
export function waitsFromMs(arrivedAtMs: number, scheduledForMs: number | null): number {
  return Math.max(arrivedAtMs, scheduledForMs ?? arrivedAtMs)
}

/** A ride as it fills its rider's time. */
export interface Span {
  readonly fromMs: number
  readonly durationS: number
}

/** What lies between two rides at least: nobody gets out of one car and into the next at once. */
const BETWEEN_MS = 10 * 60_000

/** Whether one person could not ride both. */
export function collide(a: Span, b: Span): boolean {
  return (
    a.fromMs < b.fromMs + b.durationS * 1_000 + BETWEEN_MS &&
    b.fromMs < a.fromMs + a.durationS * 1_000 + BETWEEN_MS
  )
}
