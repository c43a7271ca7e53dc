/** What the desk sees of the pickup watchdog: the cars it speaks of, in words for the table, the pane and the list. */
import type { AlarmProps, TableRow } from '../../views/board/props.ts'
import { alarmWords } from '../../views/board/watch.ts'
import { type LoadedAlarm, liveAlarms } from '../dispatch/alarms.ts'
import type { RideId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { LoadedRide } from '../rides/rides.ts'

export type AlarmsByRide = ReadonlyMap<RideId, LoadedAlarm>

/** The alarms of a region that hold of its open rides; what was said of a car before, or of a way that is over, is left out. */
export async function alarmsOn(
  db: Db,
  region: Parameters<typeof liveAlarms>[1],
  open: readonly LoadedRide[],
): Promise<AlarmsByRide> {
  const alarms = await liveAlarms(db, region)
  if (alarms.length === 0) return new Map()
  const byRide = new Map(open.map((ride) => [ride.id, ride]))
  return new Map(
    alarms
      .filter((alarm) => {
        const ride = byRide.get(alarm.ride_id)
        const isOnItsWay = ride?.state === 'assigned' || ride?.state === 'en_route'
        return isOnItsWay && ride.driver_id === alarm.driver_id
      })
      .map((alarm) => [alarm.ride_id, alarm]),
  )
}

export function alarmProps(alarm: LoadedAlarm): AlarmProps {
  return {
    kind: alarm.kind,
    sinceMs: alarm.since_at.getTime(),
    actsAtMs: alarm.acts_at.getTime(),
    hasAnswered: alarm.answered_at !== null,
    isLeft: alarm.left_at !== null,
  }
}

/** The note of a row whose car the watchdog speaks of. */
export function alarmNote(alarm: LoadedAlarm, nowMs: number): Pick<TableRow, 'note' | 'noteTone'> {
  return { note: alarmWords(alarmProps(alarm), nowMs), noteTone: alarm.kind === 'dark' ? 'danger' : 'warn' }
}
