/** Whether a link to a ride is open, as its rider's page says it. */
import type { ShareProps } from '../../views/rides/share.ts'
import { hasOpenRun } from '../engine/ride.ts'
import type { Config } from '../io/config.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { LoadedRide } from '../rides/rides.ts'
import { type RideShare, shareOf } from '../rides/shares.ts'

type ShareConfig = Pick<Config, 'publicUrl' | 'sessionSecrets'>

/** The whole address; null where there is no link, or its secret is gone. */
export function shareUrl({ publicUrl }: Pick<Config, 'publicUrl'>, share: RideShare | null): string | null {
  return share === null || share.token === null ? null : new URL(`/s/${share.token}`, publicUrl).href
}

/** Null where there is nothing to share, and no link that could be ended. */
export async function shareProps(
  deps: { readonly db: Db; readonly random: Random; readonly config: ShareConfig },
  ride: LoadedRide,
): Promise<ShareProps | null> {
  const share = await shareOf(deps.db, deps.config.sessionSecrets, ride)
  if (share === null && !hasOpenRun(ride.state)) return null
  return {
    rideId: ride.id,
    mayOpen: hasOpenRun(ride.state),
    open: share === null ? null : { url: shareUrl(deps.config, share), openedAtMs: share.openedAtMs },
    key: deps.random.uuid(),
  }
}
