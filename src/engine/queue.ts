/**
 * Queues at ranks and airports: who stands in which place. Whoever came first is first; a place outlives lost signal, a
 * pause and an offer that lapsed, and is lost by leaving, going off shift or taking a ride. Pure: the tick writes what
 * this says.
 */
import type { DriverId, ZoneId } from './units.ts'
import { presenceAfter, type Seen, type ZoneIndex } from './zone.ts'

/** What an operator may set for a zone's queue. */
export interface QueueRule {
  /** Nobody more gets a place until one is free. */
  readonly placesMost: number
  /** Who declines a ride of this queue goes to its end, or keeps the place. */
  readonly onDecline: 'end' | 'keep'
  /** Whether those who stand in it are asked for rides from outside the zone too. */
  readonly outsideRides: boolean
}

/** A car's place; of two in one zone the smaller `order` came first. A car has one place at most. */
export interface QueuePlace {
  readonly driverId: DriverId
  readonly zoneId: ZoneId
  readonly order: number
}

export const LEAVE_REASONS = ['left', 'silent', 'closed', 'off_shift', 'ride'] as const
export type LeaveReason = (typeof LEAVE_REASONS)[number]

/** A car on shift, as far as queues are concerned. */
export interface QueueCar {
  readonly driverId: DriverId
  readonly seen: Seen | null
  readonly hasRide: boolean
}

export type QueueChange =
  | {
      readonly type: 'leave'
      readonly driverId: DriverId
      readonly zoneId: ZoneId
      readonly reason: LeaveReason
    }
  | { readonly type: 'join'; readonly driverId: DriverId; readonly zoneId: ZoneId }

/** The first lapse may be a tunnel or a coffee; at this one nobody is looking at that phone. */
export const LAPSES_TO_END = 2

/**
 * What has to change so that the queues are as the cars stand: first who leaves, then who joins, in the order of their
 * fixes and by id where those are equal.
 * @param zones those with a queue, and no others
 * @param rules by zone
 * @param cars every car on shift in the region; a place whose car is not among them is off shift
 */
export function queueChanges({
  zones,
  rules,
  places,
  cars,
  ...when
}: {
  readonly zones: ZoneIndex
  readonly rules: ReadonlyMap<ZoneId, Pick<QueueRule, 'placesMost'>>
  readonly places: readonly QueuePlace[]
  readonly cars: Iterable<QueueCar>
  readonly nowMs: number
  /** See `presenceAfter`. */
  readonly hearingSinceMs: number
}): QueueChange[] {
  const placeOf = new Map(places.map((place) => [place.driverId, place]))
  const leaves: QueueChange[] = []
  const coming: { readonly driverId: DriverId; readonly zoneId: ZoneId; readonly atMs: number }[] = []
  const onShift = new Set<DriverId>()
  for (const { driverId, seen, hasRide } of cars) {
    onShift.add(driverId)
    const before = placeOf.get(driverId)?.zoneId ?? null
    if (hasRide) {
      if (before !== null) leaves.push({ type: 'leave', driverId, zoneId: before, reason: 'ride' })
      continue
    }
    const { zoneId, lost } = presenceAfter(zones, before, seen, when)
    if (before !== null && lost !== null)
      leaves.push({ type: 'leave', driverId, zoneId: before, reason: lost })
    if (zoneId !== null && zoneId !== before) coming.push({ driverId, zoneId, atMs: seen!.atMs })
  }
  for (const { driverId, zoneId } of places)
    if (!onShift.has(driverId)) leaves.push({ type: 'leave', driverId, zoneId, reason: 'off_shift' })

  const standing = new Map<ZoneId, number>()
  for (const { zoneId } of places) standing.set(zoneId, (standing.get(zoneId) ?? 0) + 1)
  for (const { zoneId } of leaves) standing.set(zoneId, standing.get(zoneId)! - 1)
  const joins = coming
    .toSorted((a, b) => a.atMs - b.atMs || (a.driverId < b.driverId ? -1 : 1))
    .flatMap(({ driverId, zoneId }): QueueChange[] => {
      const before = standing.get(zoneId) ?? 0
      if (before >= (rules.get(zoneId)?.placesMost ?? 0)) return []
      standing.set(zoneId, before + 1)
      return [{ type: 'join', driverId, zoneId }]
    })
  return [...leaves, ...joins]
}

/**
 * What an offer of a queue that ended makes of the place.
 * @param lapses how many offers of this queue the driver has let lapse since they came or went to its end
 */
export function placeAfterOffer(
  rule: Pick<QueueRule, 'onDecline'>,
  lapses: number,
  state: 'declined' | 'expired',
): { readonly toEnd: boolean; readonly lapses: number } {
  if (state === 'declined')
    return { toEnd: rule.onDecline === 'end', lapses: rule.onDecline === 'end' ? 0 : lapses }
  return lapses + 1 >= LAPSES_TO_END ? { toEnd: true, lapses: 0 } : { toEnd: false, lapses: lapses + 1 }
}
