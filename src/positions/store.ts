/** Where drivers are, shared between processes. The newest position wins, whoever writes it and in whatever order. */
import type { DriverId, LatLng, RegionId } from '../engine/units.ts'
import type { Unsubscribe } from '../io/bus.ts'

/** A fix we believed, of one driver. */
export interface Position extends LatLng {
  readonly driverId: DriverId
  /** 0 is north, clockwise, below 360; the way it moved where the phone did not say. */
  readonly headingDeg: number
  /** Null when the phone did not say. */
  readonly speedMps: number | null
  readonly accuracyM: number
  /** When the phone took the fix, epoch ms. */
  readonly atMs: number
}

export type MovedHandler = (batch: readonly Position[]) => void

export interface StoreFigures {
  /** Positions waiting for the next flush. */
  pending: number
  /** Positions handed over to the shared store since the start. */
  written: number
  /** Positions given up because too many waited while the shared store was away. */
  dropped: number
  /** Flushes that the shared store did not answer in time. */
  failures: number
}

/** Twins: `makeMemoryPositions`, and `makeRedisPositions` for several processes. */
export interface PositionStore {
  /**
   * Remember these positions; an older one than the known is ignored. Returns at once and never throws: a store
   * that is away gets the newest ones when it is back.
   */
  put(regionId: RegionId, batch: readonly Position[]): void
  /**
   * All positions known of a region, for the start of a process.
   * @throws OutsideError when the shared store does not answer
   */
  load(regionId: RegionId): Promise<Position[]>
  /**
   * Hear what other processes put, and everything again after the connection was away. Positions may repeat or
   * come out of order: the handler keeps the newest. Resolves when listening has begun.
   */
  onMoved(regionId: RegionId, handler: MovedHandler): Promise<Unsubscribe>
  /** Forget a driver, and with it how new its last position was. */
  remove(regionId: RegionId, driverId: DriverId): void
  /** Hand over now what waits; resolves when it was written or the store did not answer. */
  flush(): Promise<void>
  /**
   * Since when positions of other processes come in without a break, epoch ms; Infinity while they do not. Who was
   * silent before then may only not have been heard.
   */
  hearingSinceMs(): number
  figures(): StoreFigures
  close(): Promise<void>
}
