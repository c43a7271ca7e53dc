/** What the page of a decision trace is drawn from. */
import type { RideState } from '../../src/engine/ride.ts'
import type { LookKind, SeenState } from '../../src/engine/trace.ts'
import type { Gate, GateCounts, Step } from '../../src/engine/trace-gates.ts'
import type { Why } from '../../src/engine/trace-why.ts'
import type { DriverId, LatLng, RideId, VehicleClass } from '../../src/engine/units.ts'
import type { PaneEvent } from './props.ts'

/** Somebody was asked: how that went, and when it ended. */
export interface TraceAnswer {
  readonly kind: 'asking' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn' | 'had_it' | 'gone'
  /** When it ended; for `asking`, when it will. Epoch ms; null for an offer that was never made. */
  readonly atMs: number | null
  readonly reason: string | null
}

export interface TraceDriver {
  readonly driverId: DriverId
  readonly callSign: string
  readonly name: string
  readonly gate: Gate
  readonly state: SeenState
  readonly at: LatLng
  readonly headingDeg: number
  readonly ageS: number
  readonly distanceM: number
  readonly etaS: number | null
  readonly costS: number | null
  readonly pickupCostS: number | null
  readonly isSoonFree: boolean
  /** The other ride's reference. */
  readonly otherRide: string | null
  readonly answer: TraceAnswer | null
}

/** One row of the time line: what happened, or one look (several ticks that said the same). */
export type TraceMoment =
  | { readonly kind: 'event'; readonly event: PaneEvent }
  | {
      readonly kind: 'look'
      readonly atMs: number
      readonly untilMs: number
      readonly ticks: number
      readonly outcome: LookKind
      readonly callSign: string | null
      readonly radiusM: number
      readonly gates: GateCounts
    }

export interface TraceLook {
  readonly atMs: number
  readonly untilMs: number
  readonly ticks: number
  readonly outcome: LookKind
  readonly radiusM: number
  readonly gates: GateCounts
  readonly policy: string
  readonly waiting: number
  readonly cars: number
  readonly decidedMs: number
  /** The last through the gates first, then the cheapest. */
  readonly drivers: readonly TraceDriver[]
}

export interface TraceProps {
  readonly nowMs: number
  readonly ride: {
    readonly id: RideId
    readonly reference: string
    readonly state: RideState
    readonly requestedAtMs: number
    readonly from: LatLng & { readonly label: string }
    readonly to: { readonly label: string }
    readonly class: VehicleClass
    readonly shared: boolean
  }
  /** From the request to the first driver who took it, its end without one, or now. */
  readonly waitedMs: number
  readonly outcome: TraceOutcome
  readonly asked: Readonly<Record<'declined' | 'lapsed' | 'withdrawn' | 'accepted' | 'asking', number>>
  readonly why: Why
  readonly moments: readonly TraceMoment[]
  /** The look that is shown; null where none was kept. */
  readonly look: TraceLook | null
  /** Shown are those who came through this step; null shows everybody. */
  readonly step: Step | null
  /** The driver whose cost is broken down. */
  readonly chosen: TraceDriver | null
  /** The look is the newest, and more will come. */
  readonly isLive: boolean
  readonly keptDays: number
}

export type TraceOutcome =
  /** Booked ahead, and not looked for yet. */
  | { readonly kind: 'booked' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'taken'; readonly callSign: string }
  | { readonly kind: 'given'; readonly callSign: string; readonly by: string }
  | { readonly kind: 'given_up' }
  | { readonly kind: 'cancelled' }
