/** What the viewer can take back now, in words. */
import type { UndoProps } from '../../views/board/undo.ts'
import type { Region } from '../companies/companies.ts'
import { type LoadedDeskAct, openActOf } from '../dispatch/desk-acts.ts'
import { findRide, type LoadedRide, referenceOf } from '../rides/rides.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import type { BoardDeps } from './read.ts'
import { driverNames, referencesOf } from './store.ts'

/** The newest act of the viewer; null when its time is over, or it was one of many at once. */
export async function readUndo(
  { db, clock, random }: Pick<BoardDeps, 'db' | 'clock' | 'random'>,
  web: Pick<WebContext, 'viewer'>,
  region: Region,
): Promise<UndoProps | null> {
  const nowMs = Math.floor(clock.nowMs())
  const { companyId } = region
  const act = await openActOf(db, companyId, { actorId: requireViewer(web).identityId, nowMs })
  if (act === undefined || act.batch_id !== null || act.region_id !== region.id) return null
  const ride = await findRide(db, companyId, act.ride_id)
  if (ride === undefined || ride.version !== act.ride_version) return null
  const drivers = [ride.driver_id, act.before.driverId].flatMap((id) => id ?? [])
  const names = await driverNames(db, companyId, drivers)
  const car = (id: LoadedRide['driver_id']) => (id && names.get(id)?.callSign) || 'the driver'
  const others = (act.before.together ?? []).map(({ rideId }) => rideId)
  const along = await referencesOf(db, companyId, others)
  const named = [referenceOf(ride), ...along.values()]
  return {
    ...{ actId: act.id, rideId: ride.id, untilMs: act.undo_until.getTime(), nowMs },
    text: `${inWords(named)} ${said(act, car(act.before.driverId), car(ride.driver_id))}.`,
    key: () => random.uuid(),
  }
}

/** "HC-1", "HC-1 and HC-2", "HC-1, HC-2 and HC-3". */
function inWords(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function said({ kind }: LoadedDeskAct, before: string, after: string): string {
  switch (kind) {
    case 'assign':
      return `given to ${after}`
    case 'reassign':
      return `given to ${after} instead of ${before}`
    case 'release':
      return `taken from ${before}`
    case 'cancel':
      return 'cancelled'
    case 'hold':
      return 'put off'
    case 'unhold':
      return 'is asked for again'
    case 'widen':
      return 'is looked for wider'
    case 'edit':
      return 'changed'
    case 'merge':
      return 'goes together with others'
    case 'part':
      return 'goes alone again'
    case 'join':
      return `put into the car of ${after}`
  }
}
