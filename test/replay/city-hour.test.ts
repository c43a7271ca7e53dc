import { describe, expect, test } from 'bun:test'
import { booleanPointInPolygon } from '@turf/turf'
import { distanceM } from '../../src/engine/geo.ts'
import { seededRandom } from '../../src/engine/units.ts'
import { MANHATTAN } from '../../src/replay/city/area.ts'
import { BO_CALL_SIGN, BO_VEHICLES, simulatedDrivers, simulatedRiders } from '../../src/replay/city/cast.ts'
import { AROUND_RIDE_S, firstFrom, thinHour } from '../../src/replay/city/hour.ts'
import { scenesAt } from '../../src/replay/city/opening.ts'
import { sampleRides, sampleRoads } from '../../src/replay/city/sample.ts'

const roads = await sampleRoads()
const recorded = await sampleRides()
const BUSY_CARS = 100
const hour = thinHour(recorded, { roads, busyCars: BUSY_CARS, random: seededRandom(1) })

describe('the hour of the living city', () => {
  test('the same seed asks for the same rides', () => {
    const again = thinHour(recorded, { roads, busyCars: BUSY_CARS, random: seededRandom(1) })
    const other = thinHour(recorded, { roads, busyCars: BUSY_CARS, random: seededRandom(2) })
    expect(again).toEqual(hour)
    expect(other).not.toEqual(hour)
  })

  test('demand keeps about the wanted number of cars busy in every ten minutes of the full part', () => {
    for (let fromS = 300; fromS < 2_700; fromS += 600) {
      const asked = hour.rides.filter((ride) => ride.atS >= fromS && ride.atS < fromS + 600)
      const workS = asked.reduce((sum, ride) => sum + ride.durationS + AROUND_RIDE_S, 0)
      expect(workS / 600 / BUSY_CARS).toBeGreaterThan(0.85)
      expect(workS / 600 / BUSY_CARS).toBeLessThan(1.15)
    }
  })

  test('rides come in the order of time and begin and end at different corners near the recorded places', () => {
    expect(hour.rides.map((ride) => ride.atS)).toEqual(
      hour.rides.map((ride) => ride.atS).toSorted((a, b) => a - b),
    )
    for (const ride of hour.rides) {
      expect(ride.fromNode).not.toBe(ride.toNode)
      expect(distanceM(ride.pickup, roads.point(ride.fromNode))).toBeLessThan(125)
      expect(distanceM(ride.dropoff, roads.point(ride.toNode))).toBeLessThan(125)
      expect(ride.atS).toBeLessThan(hour.lengthS)
    }
  })

  test('the next ride is the first not yet due, and none is left at the end', () => {
    expect(firstFrom(hour, 0)).toBe(0)
    expect(hour.rides[firstFrom(hour, 1200)]!.atS).toBeGreaterThanOrEqual(1200)
    expect(firstFrom(hour, hour.lengthS)).toBe(hour.rides.length)
  })

  test('without a record there is no demand', () => {
    expect(thinHour([], { roads, busyCars: 10, random: seededRandom(1) }).rides).toEqual([])
  })
})

describe('the opening', () => {
  const scenes = scenesAt(hour, { atS: 1200, most: 110, roads, random: seededRandom(3) })

  test('has rides on board, boarding and on the way, and no more than there are cars for', () => {
    const kinds = new Set(scenes.map((scene) => scene.kind))
    expect(kinds).toEqual(new Set(['on_board', 'boarding', 'on_the_way']))
    expect(scenes.length).toBeGreaterThan(BUSY_CARS * 0.6)
    expect(scenesAt(hour, { atS: 1200, most: 5, roads, random: seededRandom(3) })).toHaveLength(5)
  })

  test('what is left of a ride begins where its car is, and some rides are a minute from their end', () => {
    const onBoard = scenes.filter((scene) => scene.kind === 'on_board')
    for (const scene of onBoard) expect(scene.pickup).toEqual(roads.point(scene.carNode))
    const leftS = onBoard.map((scene) => roads.route(scene.fromNode, scene.toNode)!.durationS)
    expect(leftS.filter((seconds) => seconds < 75).length).toBeGreaterThan(0)
  })

  test('lies in the region, as do all roads', () => {
    const inside = ({ lat, lng }: { lat: number; lng: number }) =>
      booleanPointInPolygon([lng, lat], MANHATTAN as GeoJSON.Polygon)
    for (const scene of scenes) expect(inside(scene.pickup) && inside(scene.dropoff)).toBe(true)
    for (let node = 0; node < roads.nodeCount; node++) expect(inside(roads.point(node))).toBe(true)
    const governorsIsland = { lat: 40.6895, lng: -74.0168 }
    const rooseveltIsland = { lat: 40.762, lng: -73.9497 }
    expect(inside(governorsIsland) || inside(rooseveltIsland)).toBe(false)
  })
})

describe('the cast', () => {
  const drivers = simulatedDrivers(200)

  test('no two people share a name, an address, a call sign or a plate', () => {
    const people = [...drivers, ...simulatedRiders(300)]
    expect(new Set(people.map(({ email }) => email)).size).toBe(500)
    expect(new Set(drivers.map(({ name }) => name)).size).toBe(200)
    expect(new Set(drivers.map(({ callSign }) => callSign)).size).toBe(200)
    const plates = [...drivers.map(({ vehicle }) => vehicle.plate), ...BO_VEHICLES.map(({ plate }) => plate)]
    expect(new Set(plates).size).toBe(202)
  })

  test('204 is Bo, and nobody else', () => {
    expect(BO_CALL_SIGN).toBe('204')
    expect(drivers.map(({ callSign }) => callSign)).not.toContain('204')
  })

  test('of ten cars seven are standard, two accessible, one black', () => {
    const count = (wanted: string) => drivers.filter(({ vehicle }) => vehicle.class === wanted).length
    expect([count('standard'), count('accessible'), count('black')]).toEqual([140, 40, 20])
  })
})
