import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { distanceM } from '../../src/engine/geo.ts'
import { sampleRoads } from '../../src/replay/city/sample.ts'
import { driveTo, endsAtMs, nextNode, spotOn, standAt, type Way } from '../../src/replay/city/way.ts'

const roads = await sampleRoads()
const node = fc.integer({ min: 0, max: roads.nodeCount - 1 })
const T0 = 1_700_000_000_000

/** Metres from the nearest piece of road between two nodes that the way names. */
function offRoadM(way: Way, at: { lat: number; lng: number }): number {
  let least = Number.POSITIVE_INFINITY
  for (let index = 1; index < way.points.length; index++) {
    const [from, to] = [way.points[index - 1]!, way.points[index]!]
    const alongM = distanceM(from, at) + distanceM(at, to) - distanceM(from, to)
    least = Math.min(least, alongM)
  }
  return way.points.length === 1 ? distanceM(way.points[0]!, at) : least
}

/** Whether each step of a way follows an edge; a first point between two nodes lies on the one before. */
function followsEdges(way: Way): boolean {
  return way.nodes.every((to, index) => {
    const from = way.nodes[index - 1]
    if (index === 0 || from === null || from === undefined || to === null || from === to) return true
    const edge = roads.route(from, to, { by: 'length' })
    return edge !== null && edge.nodes.length <= 3
  })
}

describe('a car on its way', () => {
  test('is always on a road of its way, wherever it goes and whenever it is looked at', () => {
    fc.assert(
      fc.property(node, node, fc.double({ min: 0, max: 1, noNaN: true }), (from, to, share) => {
        const way = driveTo(roads, standAt(roads, from, T0), { toNode: to, nowMs: T0 })
        const spot = spotOn(way, T0 + share * (endsAtMs(way) - T0))
        expect(offRoadM(way, spot)).toBeLessThan(0.01)
        expect(followsEdges(way)).toBe(true)
      }),
      { numRuns: 40 },
    )
  })

  test('sent elsewhere it goes on to the next corner first, without a jump', () => {
    fc.assert(
      fc.property(
        fc.tuple(node, node, node),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        ([from, to, then], share) => {
          const first = driveTo(roads, standAt(roads, from, T0), { toNode: to, nowMs: T0 })
          const nowMs = T0 + share * (endsAtMs(first) - T0)
          const second = driveTo(roads, first, { toNode: then, nowMs })
          expect(distanceM(spotOn(first, nowMs), spotOn(second, nowMs))).toBeLessThan(0.01)
          const corner = nextNode(first, nowMs)
          expect(second.nodes).toContain(corner)
          const atCornerMs = second.atMs[second.nodes.indexOf(corner)]!
          expect(offRoadM(first, spotOn(second, (nowMs + atCornerMs) / 2))).toBeLessThan(0.01)
        },
      ),
      { numRuns: 40 },
    )
  })

  test('passes its points in the order of time and stays at the last one', () => {
    const way = driveTo(roads, standAt(roads, 10, T0), { toNode: 4000, nowMs: T0 })
    expect(way.atMs).toEqual(way.atMs.toSorted((a, b) => a - b))
    const after = spotOn(way, endsAtMs(way) + 60_000)
    expect({ lat: after.lat, lng: after.lng }).toEqual(roads.point(4000))
    expect(after).toMatchObject({ isMoving: false, speedMps: 0 })
    expect(nextNode(way, endsAtMs(way) + 1)).toBe(4000)
  })

  test('takes the time the road graph names, longer when it only drifts', () => {
    const route = roads.route(10, 4000)!
    const way = driveTo(roads, standAt(roads, 10, T0), { toNode: 4000, nowMs: T0 })
    const slow = driveTo(roads, standAt(roads, 10, T0), { toNode: 4000, nowMs: T0, slowness: 2 })
    expect(endsAtMs(way) - T0).toBeCloseTo(route.durationS * 1000, 0)
    expect(endsAtMs(slow) - T0).toBeCloseTo(route.durationS * 2000, 0)
  })

  test('that stands already where it is sent is there at once', () => {
    const way = driveTo(roads, standAt(roads, 77, T0), { toNode: 77, nowMs: T0 })
    expect(endsAtMs(way)).toBe(T0)
    expect(spotOn(way, T0)).toMatchObject({ ...roads.point(77), isMoving: false })
  })
})
