/** Calls for help that stand open in a region, for the lane above the queue. */
import type { SafetyLaneProps } from '../../views/board/props.ts'
import type { Region } from '../companies/companies.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import { openAlerts } from '../safety/safety.ts'

export async function readSafetyLane(
  { db, clock }: { db: Db; clock: Clock },
  region: Region,
): Promise<SafetyLaneProps> {
  const alerts = await openAlerts(db, region.companyId, region.id)
  return {
    nowMs: Math.floor(clock.nowMs()),
    cards: alerts.map((alert) => ({
      ...{ id: alert.id, rideId: alert.ride_id, side: alert.side, callSign: alert.call_sign },
      from: alert.pickup_label,
      ...{ raisedAtMs: alert.raised_at.getTime(), isSeen: alert.seen_at !== null },
    })),
  }
}
