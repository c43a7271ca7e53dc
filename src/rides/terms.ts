/** What a ride costs its rider to cancel, by how far it has come. */
import { bookedAheadTerms, type CancellationTerms, cancellationTerms, type Tariff } from '../engine/fare.ts'
import type { LoadedRide } from './store.ts'

/**
 * The terms of a ride by its tariff. One booked ahead goes by the tariff's rule for those until somebody drives it; once
 * its own time has passed without a driver, it costs nothing any more.
 */
export function cancellationTermsOf(
  tariff: Pick<Tariff, 'cancelFeeMinor' | 'cancelFreeS' | 'rules'>,
  ride: LoadedRide,
  nowMs: number,
): CancellationTerms {
  const pickupAtMs = ride.scheduled_for?.getTime() ?? null
  const waits = ride.state === 'scheduled' || (ride.state === 'requested' && nowMs < (pickupAtMs ?? 0))
  if (waits && pickupAtMs !== null)
    return bookedAheadTerms(tariff, { pickupAtMs, fareMinor: ride.fare_minor }, nowMs)
  return cancellationTerms(
    tariff,
    {
      state: ride.state,
      assignedAtMs: ride.assigned_at?.getTime() ?? null,
      setOffAtMs: ride.set_off_at?.getTime() ?? null,
      arrivedAtMs: ride.arrived_at?.getTime() ?? null,
      fareMinor: ride.fare_minor,
    },
    nowMs,
  )
}
