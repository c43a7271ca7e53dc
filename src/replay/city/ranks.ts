/** The demo's ranks: two stations where cabs queue, drawn along the blocks around them. */

import { distanceM } from '../../engine/geo.ts'
import type { LatLng, RandomFn } from '../../engine/units.ts'
import { contains, shapeOf, type ZoneArea } from '../../engine/zone.ts'
import type { RoadGraph } from '../roads.ts'

export interface Rank {
  readonly slug: string
  readonly name: string
  readonly area: ZoneArea
}

export const RANKS: readonly Rank[] = [
  {
    slug: 'grand-central',
    name: 'Grand Central rank',
    area: block([-73.9747, 40.7534], [-73.9778, 40.7547], [-73.9797, 40.752], [-73.9766, 40.7507]),
  },
  {
    slug: 'penn-station',
    name: 'Penn Station rank',
    area: block([-73.9903, 40.751], [-73.9943, 40.7526], [-73.9965, 40.7496], [-73.9925, 40.748]),
  },
]
/** Places in each, for the demo's two hundred cars. */
export const RANK_PLACES = 8

function block(...corners: [lng: number, lat: number][]): ZoneArea {
  return { type: 'Polygon', coordinates: [[...corners, corners[0]!]] }
}

/** Further away than this nobody drives to a rank for nothing. */
const WORTH_IT_M = 2_500
/** Of the cars, so many per hundred stand at one rank at most: the streets stay full of others. */
const CARS_PER_HUNDRED = 3

/** Who of the city's cars stands at which rank, or is on the way there. */
export interface Ranks {
  /** A corner of a rank near enough that wants another car, and how to leave it; null for none. */
  join(near: LatLng): { readonly node: number; leave(): void } | null
  /** Some corner of some rank, where a rider comes out of the station; null in a city without. */
  someCorner(): number | null
}

export function makeRanks(
  roads: RoadGraph,
  { cars, random }: { readonly cars: number; readonly random: RandomFn },
): Ranks {
  const most = Math.min(RANK_PLACES, Math.floor((cars * CARS_PER_HUNDRED) / 100))
  const nodes = Array.from({ length: roads.nodeCount }, (_, node) => node)
  const ranks = RANKS.map(({ area }) => {
    const shape = shapeOf({ id: '' as never, area, hysteresisM: 0 })
    return { standing: 0, corners: nodes.filter((node) => contains(shape, roads.point(node))) }
  }).filter(({ corners }) => corners.length > 0 && most > 0)
  const someOf = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!

  return {
    join(near) {
      const open = ranks.filter(
        ({ standing, corners }) => standing < most && distanceM(near, roads.point(corners[0]!)) < WORTH_IT_M,
      )
      if (open.length === 0) return null
      const rank = someOf(open)
      rank.standing++
      let left = false
      return {
        node: someOf(rank.corners),
        leave() {
          if (!left) rank.standing--
          left = true
        },
      }
    },
    someCorner: () => (ranks.length === 0 ? null : someOf(someOf(ranks).corners)),
  }
}
