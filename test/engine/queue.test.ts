import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  placeAfterOffer,
  type QueueCar,
  type QueueChange,
  type QueuePlace,
  queueChanges,
} from '../../src/engine/queue.ts'
import type { DriverId, LatLng, ZoneId } from '../../src/engine/units.ts'
import { ABSENCE_MS, type Zone, ZoneIndex } from '../../src/engine/zone.ts'

const NOW_MS = 1_800_000_000_000
const box = (west: number, south: number, east: number, north: number) => ({
  type: 'Polygon' as const,
  coordinates: [
    [
      [west, south],
      [east, south],
      [east, north],
      [west, north],
      [west, south],
    ],
  ],
})
const RANK: Zone = { id: 'rank' as ZoneId, area: box(0, 0, 0.002, 0.002), hysteresisM: 30 }
const PIER: Zone = { id: 'pier' as ZoneId, area: box(0.01, 0, 0.012, 0.002), hysteresisM: 30 }
const IN_RANK: LatLng = { lat: 0.001, lng: 0.001 }
const AT_PIER: LatLng = { lat: 0.001, lng: 0.011 }
const AWAY: LatLng = { lat: 0.05, lng: 0.05 }
const zones = new ZoneIndex([RANK, PIER])
const rulesOf = (placesMost: number) => new Map([RANK, PIER].map(({ id }) => [id, { placesMost }]))

const car = (id: string, at: LatLng | null, more: { ageMs?: number; hasRide?: boolean } = {}): QueueCar => ({
  driverId: id as DriverId,
  seen: at && { ...at, atMs: NOW_MS - (more.ageMs ?? 0), accuracyM: 5 },
  hasRide: more.hasRide ?? false,
})
const place = (id: string, order: number, zoneId = RANK.id): QueuePlace => ({
  driverId: id as DriverId,
  zoneId,
  order,
})
const changes = (places: QueuePlace[], cars: QueueCar[], placesMost = 10) =>
  queueChanges({ zones, rules: rulesOf(placesMost), places, cars, nowMs: NOW_MS, hearingSinceMs: 0 }).map(
    said,
  )
const said = (change: QueueChange) =>
  `${change.driverId} ${change.type}s ${change.zoneId}${change.type === 'leave' ? `: ${change.reason}` : ''}`

describe('who stands in a queue', () => {
  test('whoever comes joins, the one seen there first in front; equal instants by id', () => {
    const cars = [
      car('c', IN_RANK),
      car('b', IN_RANK),
      car('a', IN_RANK, { ageMs: -1 }),
      car('d', IN_RANK, { ageMs: 2_000 }),
    ]
    expect(changes([], cars)).toEqual(['d joins rank', 'b joins rank', 'c joins rank', 'a joins rank'])
  })

  test('nothing changes for who stays, is silent for a while, or passes by with a rider', () => {
    const places = [place('a', 1), place('b', 2)]
    const cars = [
      car('a', IN_RANK),
      car('b', IN_RANK, { ageMs: ABSENCE_MS }),
      car('c', IN_RANK, { hasRide: true }),
    ]
    expect(changes(places, cars)).toEqual([])
  })

  test.each([
    ['drove away', [car('a', AWAY)], 'a leaves rank: left'],
    ['was silent for too long', [car('a', IN_RANK, { ageMs: ABSENCE_MS + 1 })], 'a leaves rank: silent'],
    ['went off shift', [], 'a leaves rank: off_shift'],
    ['has a ride', [car('a', IN_RANK, { hasRide: true })], 'a leaves rank: ride'],
  ])('who %s loses the place', (_what, cars, change) => {
    expect(changes([place('a', 1)], cars as QueueCar[])).toEqual([change as string])
  })

  test('who drives from one queue to another leaves the first and joins the second', () => {
    expect(changes([place('a', 1)], [car('a', AT_PIER)])).toEqual(['a leaves rank: left', 'a joins pier'])
  })

  test('a full queue takes nobody until a place is free, and then who was seen there first', () => {
    const places = [place('a', 1), place('b', 2)]
    const coming = [car('d', IN_RANK), car('c', IN_RANK, { ageMs: 1_000 })]
    expect(changes(places, [car('a', IN_RANK), car('b', IN_RANK), ...coming], 2)).toEqual([])
    expect(changes(places, [car('a', IN_RANK), car('b', AWAY), ...coming], 2)).toEqual([
      'b leaves rank: left',
      'c joins rank',
    ])
  })
})

test('any day at two ranks: queues are as a list that people join at the end and drop out of', () => {
  const spot = fc.constantFrom<LatLng | null>(IN_RANK, AT_PIER, AWAY, null)
  const step = fc.record({
    car: fc.integer({ min: 0, max: 7 }),
    at: spot,
    hasRide: fc.boolean(),
    offShift: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, placesMost) => {
      const cars = new Map<string, QueueCar>()
      /** The model: one list a zone. */
      const lists = new Map<ZoneId, DriverId[]>([
        [RANK.id, []],
        [PIER.id, []],
      ])
      let places: QueuePlace[] = []
      let order = 0
      for (const { car: n, at, hasRide, offShift } of steps) {
        const id = `car-${n}`
        if (offShift) cars.delete(id)
        else cars.set(id, car(id, at, { hasRide: hasRide && at !== null }))
        const changed = queueChanges({
          zones,
          rules: rulesOf(placesMost),
          places,
          cars: cars.values(),
          nowMs: NOW_MS,
          hearingSinceMs: 0,
        })
        for (const { type, driverId, zoneId } of changed) {
          places = places.filter((known) => known.driverId !== driverId)
          if (type === 'join') places.push({ driverId, zoneId, order: order++ })
        }
        const standsIn = (driverId: DriverId): ZoneId | null => {
          const known = cars.get(driverId)
          if (known === undefined || known.hasRide || known.seen === null || known.seen.lat > 0.01)
            return null
          return known.seen.lng < 0.005 ? RANK.id : PIER.id
        }
        for (const [zoneId, list] of lists)
          lists.set(
            zoneId,
            list.filter((driverId) => standsIn(driverId) === zoneId),
          )
        for (const driverId of [...cars.keys()].toSorted() as DriverId[]) {
          const zoneId = standsIn(driverId)
          const list = zoneId === null ? undefined : lists.get(zoneId)!
          if (list !== undefined && !list.includes(driverId) && list.length < placesMost) list.push(driverId)
        }
        for (const [zoneId, list] of lists)
          expect(
            places
              .filter((known) => known.zoneId === zoneId)
              .toSorted((a, b) => a.order - b.order)
              .map((known) => known.driverId),
          ).toEqual(list)
      }
    }),
    { numRuns: 150 },
  )
})

test('declining goes to the end or keeps the place, as the rule says; a lapse is forgiven once', () => {
  expect(placeAfterOffer({ onDecline: 'end' }, 0, 'declined')).toEqual({ toEnd: true, lapses: 0 })
  expect(placeAfterOffer({ onDecline: 'keep' }, 1, 'declined')).toEqual({ toEnd: false, lapses: 1 })
  for (const onDecline of ['end', 'keep'] as const) {
    expect(placeAfterOffer({ onDecline }, 0, 'expired')).toEqual({ toEnd: false, lapses: 1 })
    expect(placeAfterOffer({ onDecline }, 1, 'expired')).toEqual({ toEnd: true, lapses: 0 })
  }
})
