/** The port to a road engine: times between points, a way to draw, and the streets that a trail of fixes followed. */
import type { Estimate } from '../engine/speeds.ts'
import type { LatLng } from '../engine/units.ts'

/** A way along the streets, as far as it goes. */
export interface RoadWay extends Estimate {
  /** Corners in order, both ends among them. */
  readonly points: readonly LatLng[]
}

/** A way that a trail followed; it tells no time, the trail does. */
export type MatchedWay = Pick<RoadWay, 'points' | 'distanceM'>

/**
 * Real roads. Seconds are as the engine's map has them, most often of free streets; what rides took over them is learned
 * apart. Points a few hundred metres from any road are laid onto it; farther ones have no way.
 */
export interface RoutingProvider {
  /** For logs and metrics. */
  readonly name: string
  /**
   * From each to each: rows as `from`, columns as `to`; null where no road leads.
   * @throws OutsideError when the engine cannot be asked or says nothing that can be used
   */
  matrix(asked: {
    readonly from: readonly LatLng[]
    readonly to: readonly LatLng[]
    readonly signal?: AbortSignal
  }): Promise<(Estimate | null)[][]>
  /** The quickest way by these stops, at least two, in order; null where no road leads. Throws as `matrix`. */
  route(asked: { readonly stops: readonly LatLng[]; readonly signal?: AbortSignal }): Promise<RoadWay | null>
  /** The streets under a trail, given in the order of time; null where it follows none. Throws as `matrix`. */
  match(asked: {
    readonly points: readonly LatLng[]
    readonly signal?: AbortSignal
  }): Promise<MatchedWay | null>
  /** Let go of what it holds. */
  close(): Promise<void>
}
