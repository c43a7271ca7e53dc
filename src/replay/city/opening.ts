/** How the city looks when the curtain rises: the rides that an hour under way would have open, and the cars in them. */
import { distanceM } from '../../engine/geo.ts'
import type { LatLng, RandomFn } from '../../engine/units.ts'
import type { RoadGraph } from '../roads.ts'
import { AROUND_RIDE_S, type Hour, type WantedRide } from './hour.ts'

/** A ride already under way: what is left of it is asked for anew, by somebody next to a car that waits there. */
export interface Scene {
  readonly kind: 'on_board' | 'boarding' | 'on_the_way'
  readonly carNode: number
  readonly fromNode: number
  readonly toNode: number
  readonly pickup: LatLng
  readonly dropoff: LatLng
}

/** How the time before a recorded ride's boarding is spent. */
const BOARDING_S = 40
/** Nothing is asked for over a way shorter than this. */
const SHORTEST_LEFT_M = 100
/** What a car on its way to a pickup makes of a second, as the crow flies. */
const STRAIGHT_MPS = 3.9
const NODES_TRIED = 120
/** Of the rides on board, every so many-th is about to end, so that who comes in sees one end before long. */
const NEARLY_THERE_EVERY = 8
const NEARLY_THERE_S = [15, 60] as const

/** The scenes of the hour at second `atS`, at most `most`, spread over all that are open then. */
export function scenesAt(
  hour: Hour,
  { atS, most, roads, random }: { atS: number; most: number; roads: RoadGraph; random: RandomFn },
): Scene[] {
  const scenes: Scene[] = []
  for (const ride of hour.rides) {
    const ageS = atS - ride.atS
    if (ageS < 0 || ageS > ride.durationS + AROUND_RIDE_S) continue
    const scene = sceneOf(ride, { ageS, roads, random })
    if (scene !== null) scenes.push(scene)
  }
  while (scenes.length > most) scenes.splice(Math.floor(random() * scenes.length), 1)
  let onBoard = 0
  return scenes.map((scene) =>
    scene.kind === 'on_board' && onBoard++ % NEARLY_THERE_EVERY === 0
      ? nearlyThere(scene, roads, random)
      : scene,
  )
}

/** The same ride a minute or less before its end, unless it is that short already. */
function nearlyThere(scene: Scene, roads: RoadGraph, random: RandomFn): Scene {
  const route = roads.route(scene.fromNode, scene.toNode)
  if (route === null) return scene
  const leftS = NEARLY_THERE_S[0] + random() * (NEARLY_THERE_S[1] - NEARLY_THERE_S[0])
  const at = route.reachedS.findLastIndex((seconds) => seconds <= route.durationS - leftS)
  const node = route.nodes[Math.max(0, at)]!
  return distanceM(roads.point(node), scene.dropoff) < SHORTEST_LEFT_M
    ? scene
    : { ...scene, carNode: node, fromNode: node, pickup: roads.point(node) }
}

function sceneOf(
  ride: WantedRide,
  { ageS, roads, random }: { ageS: number; roads: RoadGraph; random: RandomFn },
): Scene | null {
  const { fromNode, toNode, pickup, dropoff } = ride
  const beforePickupS = AROUND_RIDE_S - BOARDING_S
  if (ageS < beforePickupS) {
    const carNode = nodeAbout(roads, pickup, { awayM: (beforePickupS - ageS) * STRAIGHT_MPS, random })
    return { kind: 'on_the_way', carNode, fromNode, toNode, pickup, dropoff }
  }
  if (ageS < AROUND_RIDE_S) return { kind: 'boarding', carNode: fromNode, fromNode, toNode, pickup, dropoff }
  const route = roads.route(fromNode, toNode)
  if (route === null) return null
  const drivenShare = (ageS - AROUND_RIDE_S) / ride.durationS
  const at = route.reachedS.findIndex((seconds) => seconds >= drivenShare * route.durationS)
  const node = route.nodes[Math.max(0, at)]!
  const here = roads.point(node)
  if (distanceM(here, dropoff) < SHORTEST_LEFT_M) return null
  return { kind: 'on_board', carNode: node, fromNode: node, toNode, pickup: here, dropoff }
}

/** Some node about so far from a point; the best of a number drawn at random. */
export function nodeAbout(
  roads: RoadGraph,
  point: LatLng,
  { awayM, random }: { awayM: number; random: RandomFn },
): number {
  let [best, bestMissM] = [roads.nearestNode(point).node, awayM]
  for (let tried = 0; tried < NODES_TRIED; tried++) {
    const node = Math.floor(random() * roads.nodeCount)
    const missM = Math.abs(distanceM(point, roads.point(node)) - awayM)
    if (missM < bestMissM) [best, bestMissM] = [node, missM]
  }
  return best
}
