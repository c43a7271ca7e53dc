/** How pages beside a ride's own hear what is new of it: as its page does. */
import type { Clock } from '../io/clock.ts'
import type { RideLineDeps } from '../web/ride-lines.ts'
import type { Tracking } from './push.ts'

export function rideFollower(deps: {
  readonly tracking: Pick<Tracking, 'rides' | 'due'>
  readonly clock: Clock
}): RideLineDeps['followRide'] {
  const { tracking, clock } = deps
  return (rideId, stream, { growsOld }) => {
    stream.onReady = () => tracking.due(stream)
    const nowMs = clock.nowMs()
    return tracking.rides.add(rideId, {
      ...{ stream, carAtMs: nowMs, redrawnAtMs: nowMs },
      // What no clock changes need not be drawn again without news.
      isOver: () => !growsOld,
    })
  }
}
