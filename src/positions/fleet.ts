/**
 * The fleet in memory: where each car on shift is and whether it is free, one H3 index a region. It is a copy:
 * duty comes from the database (again after any news of a driver), positions from the pings, and all of it can
 * be thrown away and loaded anew.
 */
import type { TravelModel } from '../engine/eta.ts'
import { FleetIndex, type Handle, type NearestResult } from '../engine/fleet-index.ts'
import type { SoonFree } from '../engine/soon-free.ts'
import {
  type CompanyId,
  type DriverId,
  type IdentityId,
  type LatLng,
  type RegionId,
  VEHICLE_CLASSES,
  type VehicleClass,
} from '../engine/units.ts'
import type { Clock } from '../io/clock.ts'
import type { Db } from '../io/postgres.ts'
import { DropOffs, rideLeftS } from './drop-offs.ts'
import { type Duty, loadDuty } from './duty.ts'
import { type DriverHandle, type DriverHandles, makeHandles } from './handles.ts'
import type { Position } from './store.ts'

/** Two missed fixes at the slowest rate of 15 s: a position older than this is no ground for an offer. */
export const POSITION_FRESH_MS = 30_000
/** A car with a rider on board that was not heard of for so long is waited for by nobody. */
const ON_BOARD_UNHEARD_MS = 120_000

/** What a car is doing, in the words of the board. */
export type CarState = 'free' | 'offered' | 'to_pickup' | 'waiting' | 'on_board' | 'paused' | 'silent'

export interface Car {
  duty: Duty
  position: Position | null
  /** Its slot in the region's index, once it has a position. */
  handle: Handle | null
}

interface RegionFleet {
  index: FleetIndex
  dropOffs: DropOffs
  /** The one buffer for the answers of `nearestFreeM`. */
  nearestOne: NearestResult
  cars: Map<DriverId, Car>
}

export interface Fleet {
  /** Load everything anew; at start and now and then, should any news have been missed. */
  reload(): Promise<void>
  /** The news says that something about this driver changed; looked up before the next `settle`. */
  markChanged(driverId: DriverId): void
  /** Look up who changed, and take cars out of the matching or put them back by the age of their position. */
  settle(): Promise<void>
  /** @param driver saves the look-up by the position's driver */
  moved(regionId: RegionId, position: Position, driver?: DriverHandle): void
  index(regionId: RegionId): FleetIndex
  /** Who has a rider on board, by where and when they let them out; as of the last `settle`. */
  soonFree(regionId: RegionId): SoonFree
  cars(regionId: RegionId): Iterable<Car>
  car(driverId: DriverId): Car | undefined
  /** The same by the driver's number. */
  carAt(driver: DriverHandle): Car | undefined
  /** Which of a company's drivers on shift this person is. */
  driverAtWork(companyId: CompanyId, identityId: IdentityId): DriverId | undefined
  stateOf(car: Car): CarState
  /** Where the nearest free car is that could take the request; null if none is within reach. */
  nearestFree(
    regionId: RegionId,
    at: LatLng,
    wanted: { vehicleClass: VehicleClass; seats: number; attributes: number; maxM: number },
  ): LatLng | null
  onDutyChanged(handler: (driverId: DriverId) => void): void
}

/** One bit a class, in the order of the classes. */
export function classMaskOf(vehicleClass: VehicleClass): number {
  return 1 << VEHICLE_CLASSES.indexOf(vehicleClass)
}

/** Whether the driver may be asked for a ride at an instant: able, awake, not on a break, with hours left. */
export function takesOffers({ duty }: Pick<Car, 'duty'>, atMs: number): boolean {
  if (duty.pausedUntilMs !== null && atMs < duty.pausedUntilMs) return false
  if (duty.hoursEndAtMs !== null && atMs >= duty.hoursEndAtMs) return false
  return duty.breakSinceMs === null && mayDrive({ duty }, atMs)
}

/** Whether the driver may drive, as far as the database said when it was last asked. */
export function mayDrive({ duty }: Pick<Car, 'duty'>, nowMs: number): boolean {
  return duty.drivesUntilMs === null || nowMs < duty.drivesUntilMs
}

/**
 * An empty fleet; call `reload` before the first tick.
 * @param deps.handles the process's numbers of drivers; its own where nobody else knows any
 * @param deps.travelOf how long ways take in a region now; left out, by its set speed
 */
export function makeFleet(deps: {
  db: Db
  clock: Clock
  handles?: DriverHandles
  travelOf?: (regionId: RegionId) => TravelModel | undefined
}): Fleet {
  const { db, clock, handles = makeHandles() } = deps
  const byHandle: (Car | undefined)[] = []
  /** The index each of them is in. */
  const indexAt: (FleetIndex | undefined)[] = []
  const regions = new Map<RegionId, RegionFleet>()
  const regionOf = new Map<DriverId, RegionId>()
  /** By company and person, see `personKey`. */
  const atWork = new Map<string, DriverId>()
  /** Fixes of drivers whose shift is not known here yet: a phone may be faster than the news. */
  const early = new Map<DriverId, Position>()
  const handlers: ((driverId: DriverId) => void)[] = []
  let changed = new Set<DriverId>()
  let lastLook: Promise<unknown> = Promise.resolve()

  /** One look at the database after the other: an answer that was long on its way must not undo a newer one. */
  function inTurn(look: () => Promise<void>): Promise<void> {
    const turn = lastLook.then(look, look)
    lastLook = turn
    return turn
  }

  function fleetOf(regionId: RegionId): RegionFleet {
    let fleet = regions.get(regionId)
    if (fleet === undefined) {
      const index = new FleetIndex()
      fleet = {
        index,
        dropOffs: new DropOffs(),
        nearestOne: index.makeResult(1),
        cars: new Map(),
      }
      regions.set(regionId, fleet)
    }
    return fleet
  }

  function forget(driverId: DriverId): void {
    const regionId = regionOf.get(driverId)
    if (regionId === undefined) return
    const fleet = fleetOf(regionId)
    const car = fleet.cars.get(driverId)
    if (car?.handle != null) fleet.index.remove(car.handle)
    fleet.dropOffs.forget(driverId)
    if (car?.position) early.set(driverId, car.position)
    fleet.cars.delete(driverId)
    byHandle[handles.of(driverId)] = undefined
    if (car !== undefined) atWork.delete(personKey(car.duty))
    regionOf.delete(driverId)
  }

  function put(duty: Duty): void {
    if (regionOf.has(duty.driverId) && regionOf.get(duty.driverId) !== duty.regionId) forget(duty.driverId)
    const fleet = fleetOf(duty.regionId)
    let car = fleet.cars.get(duty.driverId)
    if (car === undefined) {
      car = { duty, position: early.get(duty.driverId) ?? null, handle: null }
      early.delete(duty.driverId)
      fleet.cars.set(duty.driverId, car)
      byHandle[handles.of(duty.driverId)] = car
      indexAt[handles.of(duty.driverId)] = fleet.index
      atWork.set(personKey(duty), duty.driverId)
      regionOf.set(duty.driverId, duty.regionId)
    }
    car.duty = duty
    if (car.handle !== null) fleet.index.setTraits(car.handle, traitsOf(duty))
    place(fleet, car)
  }

  function place(fleet: RegionFleet, car: Car): void {
    if (car.position !== null && car.handle === null)
      car.handle = fleet.index.add(car.duty.driverId, car.position, traitsOf(car.duty))
    if (car.handle !== null) {
      fleet.index.setAvailable(car.handle, stateOf(car) === 'free')
    }
    const leftS = soonFreeInS(car)
    if (leftS === null) fleet.dropOffs.forget(car.duty.driverId)
    else fleet.dropOffs.put(car.duty.driverId, car.duty.onBoard!.dropoff, traitsOf(car.duty), leftS)
  }

  /** Seconds until the rider on board is out; null for a car that is not to be waited for. */
  function soonFreeInS({ duty, position }: Car): number | null {
    const nowMs = clock.nowMs()
    if (duty.onBoard === null || duty.hasOffer || position === null) return null
    const unheardMs = nowMs - position.atMs
    if (unheardMs > ON_BOARD_UNHEARD_MS) return null
    const seenAt = unheardMs > POSITION_FRESH_MS ? null : position
    const leftS = rideLeftS(duty.onBoard, seenAt, deps.travelOf?.(duty.regionId) ?? duty.travel, nowMs)
    const freeAtMs = nowMs + leftS * 1_000
    return takesOffers({ duty }, freeAtMs) ? leftS : null
  }

  function stateOf(car: Car): CarState {
    const nowMs = clock.nowMs()
    // Whoever rests may have put the phone away.
    if (car.duty.breakSinceMs !== null && car.duty.rideId === null) return 'paused'
    if (car.position === null || nowMs - car.position.atMs > POSITION_FRESH_MS) return 'silent'
    switch (car.duty.rideState) {
      case 'assigned':
      case 'en_route':
        return 'to_pickup'
      case 'arrived':
        return 'waiting'
      case 'in_progress':
        return 'on_board'
    }
    if (car.duty.hasOffer) return 'offered'
    // Who may not drive any more stays on shift until the next tick.
    return takesOffers(car, nowMs) ? 'free' : 'paused'
  }

  return {
    reload: () =>
      inTurn(async () => {
        const duties = await loadDuty(db, clock.nowMs())
        const present = new Set(duties.map((duty) => duty.driverId))
        for (const driverId of [...regionOf.keys()]) if (!present.has(driverId)) forget(driverId)
        for (const duty of duties) put(duty)
        for (const { index } of regions.values()) index.layOut()
        for (const driverId of early.keys()) if (!present.has(driverId)) early.delete(driverId)
      }),
    markChanged: (driverId) => void changed.add(driverId),
    settle: () =>
      inTurn(async () => {
        if (changed.size > 0) {
          const asked = [...changed]
          changed = new Set()
          try {
            const duties = await loadDuty(db, clock.nowMs(), asked)
            const present = new Set(duties.map((duty) => duty.driverId))
            for (const driverId of asked) if (!present.has(driverId)) forget(driverId)
            for (const duty of duties) put(duty)
          } catch (error) {
            for (const driverId of asked) changed.add(driverId)
            throw error
          }
          for (const driverId of asked) for (const handler of handlers) handler(driverId)
        }
        for (const fleet of regions.values()) for (const car of fleet.cars.values()) place(fleet, car)
      }),
    moved(regionId, position, driver = handles.of(position.driverId)) {
      const car = byHandle[driver]
      if (car === undefined || car.duty.regionId !== regionId) {
        early.set(position.driverId, position)
        return
      }
      car.position = position
      if (car.handle === null) place(fleetOf(regionId), car)
      else indexAt[driver]!.move(car.handle, position.lat, position.lng)
    },
    index: (regionId) => fleetOf(regionId).index,
    soonFree: (regionId) => fleetOf(regionId).dropOffs,
    cars: (regionId) => fleetOf(regionId).cars.values(),
    car(driverId) {
      const regionId = regionOf.get(driverId)
      return regionId === undefined ? undefined : fleetOf(regionId).cars.get(driverId)
    },
    driverAtWork: (companyId, identityId) => atWork.get(personKey({ companyId, identityId })),
    carAt: (driver) => byHandle[driver],
    stateOf,
    nearestFree(regionId, at, wanted) {
      const { index, nearestOne } = fleetOf(regionId)
      const found = index.nearest(
        {
          lat: at.lat,
          lng: at.lng,
          k: 1,
          maxM: wanted.maxM,
          classMask: classMaskOf(wanted.vehicleClass),
          seatsMin: wanted.seats,
          attributes: wanted.attributes,
        },
        nearestOne,
      )
      return found === 0 ? null : index.positionOf(nearestOne.handles[0]!)
    },
    onDutyChanged: (handler) => void handlers.push(handler),
  }
}

function personKey({ companyId, identityId }: { companyId: CompanyId; identityId: IdentityId }): string {
  return `${companyId} ${identityId}`
}

function traitsOf(duty: Duty): { classMask: number; seats: number; attributes: number } {
  return { classMask: classMaskOf(duty.vehicleClass), seats: duty.seats, attributes: duty.attributes }
}
