/** The demand of the living city: an hour of recorded rides, thinned to a fleet, which begins anew when it is over. */
import type { LatLng, RandomFn } from '../../engine/units.ts'
import { inOrder, type RecordedRide } from '../recorded.ts'
import type { RoadGraph } from '../roads.ts'

/** A ride somebody will ask for, between two nodes of the road graph. */
export interface WantedRide {
  /** Seconds into the hour. */
  readonly atS: number
  readonly fromNode: number
  readonly toNode: number
  readonly pickup: LatLng
  readonly dropoff: LatLng
  /** As recorded; what the ride takes here depends on the road. */
  readonly durationS: number
}

export interface Hour {
  /** After so many seconds it begins anew. */
  readonly lengthS: number
  /** In the order of their time. */
  readonly rides: readonly WantedRide[]
}

/** What keeps a car busy besides the ride itself: the way to the pickup and the boarding. */
export const AROUND_RIDE_S = 190
/** Farther from any road than this, a recorded place is a fault of the meter or lies in another borough. */
const OFF_ROAD_M = 120
/** Shorter rides are meters switched on and off. */
const SHORTEST_S = 90

/**
 * Take from each minute as many recorded rides as keep `busyCars` cars at work, and no more: the record has some
 * thirteen thousand cabs. What a minute lacks, the next ones make up for.
 * @param random decides which; the same numbers give the same hour
 */
export function thinHour(
  recorded: readonly RecordedRide[],
  { roads, busyCars, random }: { roads: RoadGraph; busyCars: number; random: RandomFn },
): Hour {
  const ordered = inOrder(recorded, random)
  const first = ordered[0]
  if (first === undefined) return { lengthS: 3600, rides: [] }
  const minutes = new Map<number, RecordedRide[]>()
  for (const ride of ordered) {
    const minute = Math.floor((ride.requestedAtMs - first.requestedAtMs) / 60_000)
    minutes.set(minute, [...(minutes.get(minute) ?? []), ride])
  }
  const lastMinute = Math.max(...minutes.keys())
  const rides: WantedRide[] = []
  let owedS = 0
  for (let minute = 0; minute <= lastMinute; minute++) {
    owedS += busyCars * 60
    const pool = [...(minutes.get(minute) ?? [])]
    while (owedS > 0 && pool.length > 0) {
      const [ride] = pool.splice(Math.floor(random() * pool.length), 1)
      const wanted = ride === undefined ? null : onRoads(ride, roads, first.requestedAtMs)
      if (wanted === null) continue
      rides.push(wanted)
      owedS -= wanted.durationS + AROUND_RIDE_S
    }
    // A thin minute is made up for, a thin quarter of an hour is not: that would be a rush nobody saw.
    owedS = Math.min(owedS, busyCars * 120)
  }
  return { lengthS: (lastMinute + 1) * 60, rides: rides.toSorted((a, b) => a.atS - b.atS) }
}

function onRoads(ride: RecordedRide, roads: RoadGraph, hourStartMs: number): WantedRide | null {
  const from = roads.nearestNode(ride.pickup)
  const to = roads.nearestNode(ride.dropoff)
  if (from.distanceM > OFF_ROAD_M || to.distanceM > OFF_ROAD_M || from.node === to.node) return null
  if (ride.durationS < SHORTEST_S) return null
  return {
    atS: (ride.requestedAtMs - hourStartMs) / 1000,
    fromNode: from.node,
    toNode: to.node,
    pickup: ride.pickup,
    dropoff: ride.dropoff,
    durationS: ride.durationS,
  }
}

/** The first ride at or after a second of the hour, as an index; `rides.length` when none is left. */
export function firstFrom(hour: Hour, atS: number): number {
  const index = hour.rides.findIndex((ride) => ride.atS >= atS)
  return index === -1 ? hour.rides.length : index
}
