/** The history of a ride as the desk reads it: its events, its offers and what the watchdog said of its cars, in order. */
import type { PaneEvent } from '../../views/board/props.ts'
import { alarmWords } from '../../views/board/watch.ts'
import type { LoadedAlarm } from '../dispatch/alarms.ts'
import type { LoadedOffer } from '../dispatch/offers.ts'
import type { CompanyId, DriverId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'
import type { LoadedRideEvent } from '../rides/rides.ts'
import { driverNames, namesOf } from './store.ts'

/** What happened to a ride and to its offers, in words that name people. */
export async function paneEvents(
  { db }: { readonly db: Db },
  companyId: CompanyId,
  {
    events,
    offers,
    alarms,
  }: {
    events: readonly LoadedRideEvent[]
    offers: readonly LoadedOffer[]
    alarms: readonly LoadedAlarm[]
  },
): Promise<PaneEvent[]> {
  const driverIds = [
    ...events.flatMap((event) => event.driver_id ?? []),
    ...offers.map((offer) => offer.driver_id),
    ...alarms.map((alarm) => alarm.driver_id),
  ]
  const drivers = await driverNames(db, companyId, driverIds)
  const people = await namesOf(
    db,
    events.flatMap((event) => event.actor_id ?? []),
  )
  const callSign = (driverId: DriverId | null) => (driverId && drivers.get(driverId)?.callSign) || null
  const happened = events.map((event): PaneEvent => {
    const byDriver = event.actor_kind === 'driver' ? callSign(event.driver_id) : null
    return {
      atMs: event.at.getTime(),
      kind: event.type as PaneEvent['kind'],
      by:
        event.actor_kind === 'system'
          ? null
          : (byDriver ?? (event.actor_id && people.get(event.actor_id)) ?? null),
      callSign: callSign(event.driver_id),
      reason: event.reason,
      ...(event.said_at !== null && { saidAtMs: event.said_at.getTime() }),
    }
  })
  // An accepted offer is the assignment that follows it; said once.
  const asked = offers
    .filter((offer) => offer.state !== 'accepted')
    .map(
      (offer): PaneEvent => ({
        atMs: (offer.ended_at ?? offer.offered_at).getTime(),
        kind: `offer_${offer.state}`,
        by: callSign(offer.driver_id),
        callSign: callSign(offer.driver_id),
        reason: offer.reason,
      }),
    )
  // That the ride was taken from the car is the release that follows it; said once.
  const watched = alarms.flatMap((alarm): PaneEvent[] => {
    const about = { by: null, callSign: callSign(alarm.driver_id) }
    const raisedAtMs = alarm.raised_at.getTime()
    return [
      {
        ...{ atMs: raisedAtMs, kind: 'alarm_raised', ...about },
        reason: alarmWords({ kind: alarm.kind, sinceMs: alarm.since_at.getTime() }, raisedAtMs),
      },
      ...(alarm.outcome === 'recovered' && alarm.ended_at !== null
        ? [{ atMs: alarm.ended_at.getTime(), kind: 'alarm_ended' as const, ...about, reason: null }]
        : []),
    ]
  })
  return [...happened, ...asked, ...watched].toSorted((a, b) => a.atMs - b.atMs)
}
