/** How pages beside a ride's own hear what is new: of a ride as its page does, of cases as their readers. */
import type { Clock } from '../io/clock.ts'
import type { PageLineDeps } from '../web/page-lines.ts'
import type { Tracking } from './push.ts'

export function pageFollowers(deps: {
  readonly tracking: Pick<Tracking, 'rides' | 'caseLists' | 'due'>
  readonly clock: Clock
}): Pick<PageLineDeps, 'followRide' | 'followCases'> {
  const { tracking, clock } = deps
  return {
    followRide(rideId, stream, { growsOld }) {
      stream.onReady = () => tracking.due(stream)
      const nowMs = clock.nowMs()
      return tracking.rides.add(rideId, {
        ...{ stream, carAtMs: nowMs, redrawnAtMs: nowMs },
        // What no clock changes need not be drawn again without news.
        isOver: () => !growsOld,
      })
    },
    followCases(reader, stream) {
      stream.onReady = () => tracking.due(stream)
      return tracking.caseLists.add(reader, { stream })
    },
  }
}
