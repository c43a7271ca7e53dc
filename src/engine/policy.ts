/** How a region matches: the terms of a decision, all in seconds and metres, and what each costs. Pure. */

export const POLICY_KINDS = ['nearest', 'batch', 'longest_wait'] as const

/**
 * How a region matches. `nearest` serves each request at once, `batch` collects a window and solves it whole,
 * `longest_wait` asks whoever within reach has been idle longest. Queues of zones come before each of them.
 */
export interface Policy {
  readonly kind: (typeof POLICY_KINDS)[number]
  /** How often the tick of a batch decides; see `tickEveryMs`. */
  readonly batchWindowMs: number
  /** How far a new request looks for a driver, straight line. */
  readonly radiusM: number
  /** What every second of waiting adds to that. */
  readonly radiusGrowthMps: number
  readonly radiusMaxM: number
  /** Nearest drivers considered for each ride; 16 lose next to nothing against all of them. */
  readonly candidates: number
  /** A driver who could be there only later than this after the request is not asked. */
  readonly pickupWithinS: number
  /** The pickup ETA at which one more second counts double, so that a few riders do not pay for the average. */
  readonly evenWaitS: number
  /** What leaving a request for the next tick costs, in seconds, or as much as the farthest pickup in reach costs. */
  readonly dropCostS: number
  /**
   * What every second already waited adds to that: of two requests as near, the older gets the only driver. Near 1, a
   * short city serves everybody late, for the oldest are often far; near 0 it forgets the unlucky.
   */
  readonly waitedWeight: number
  /**
   * What every second less on board adds to that: while cars are scarce, three short rides go before one long one.
   * Who waits gains by `waitedWeight` meanwhile, so a long ride is put off and not left out.
   */
  readonly tripWeight: number
  /** A driver with a rider on board is considered for the next one from so many seconds before the drop-off; 0: never. */
  readonly soonFreeWithinS: number
  /** From the car's stop at a drop-off until it can drive on. */
  readonly dropOffS: number
  /** What it costs that a driver is not free yet, in seconds: rides end later than one thinks, and a free car is sure. */
  readonly soonFreePenaltyS: number
  /** Seconds of a rider's time that a driver's long idling may cost at most; 0 looks at the way alone. */
  readonly idleWorthS: number
  /** While fewer free cars than this come on a waiting request, new requests look less far; 0: always as far. */
  readonly enoughIdle: number
  /** The least share of `radiusM` that a new request looks, however few cars are free. */
  readonly reachShareLeast: number
  /** A ride goes to another car before its pickup where that wins so many seconds at least; 0: never. */
  readonly swapGainS: number
  readonly swapsMost: number
  /** Not when its car is there within so many seconds: the rider looks out for it by now. */
  readonly swapNotWithinS: number
}

/** Rides are told apart by their length up to this; all longer ones are put off alike. */
const LONG_TRIP_S = 3_600
/** Idle for so long a driver has half of what idling is worth. */
const IDLE_HALF_S = 600
// Fast enough to feel at once.
const NEAREST_TICK_MS = 1_000

/** A region's policy until its operator sets another. */
export const DEFAULT_POLICY: Policy = {
  kind: 'batch',
  batchWindowMs: 2_000,
  radiusM: 2_000,
  radiusGrowthMps: 10,
  radiusMaxM: 8_000,
  candidates: 16,
  pickupWithinS: Number.POSITIVE_INFINITY,
  evenWaitS: 300,
  dropCostS: 1_200,
  waitedWeight: 0.2,
  tripWeight: 0.1,
  soonFreeWithinS: 60,
  dropOffS: 30,
  soonFreePenaltyS: 30,
  idleWorthS: 30,
  enoughIdle: 1,
  reachShareLeast: 0.5,
  swapGainS: 0,
  swapsMost: 1,
  swapNotWithinS: 120,
}

/**
 * How far a request of this age looks for a driver, in metres; the rider's page says it too.
 * @param share of the first radius, see `reachShare`; what waiting adds is the same whatever it is, so that whoever is
 *   far from all cars is found in the end
 */
export function searchRadiusM(policy: Policy, ageMs: number, share = 1): number {
  return Math.min(
    policy.radiusMaxM,
    share * policy.radiusM + (policy.radiusGrowthMps * Math.max(0, ageMs)) / 1_000,
  )
}

/** How far one waiting ride looks: as far as the policy goes where the desk said so, else by how long it has waited. */
export function radiusOfRideM(
  policy: Policy,
  ride: { readonly requestedAtMs: number; readonly looksWide?: boolean },
  { nowMs, share = 1 }: { readonly nowMs: number; readonly share?: number },
): number {
  return ride.looksWide === true
    ? policy.radiusMaxM
    : searchRadiusM(policy, nowMs - ride.requestedAtMs, share)
}

/**
 * Which share of its first radius a new request looks, while cars are few. Cars sent far are on the road and not with
 * riders, so fewer are free, so the next is sent farther: the wild goose chase of J. C. Castillo, D. Knoepfle and
 * E. G. Weyl, "Surge Pricing Solves the Wild Goose Chase", EC '17, doi 10.1145/3033274.3085098, who name a limit on the
 * radius as one way out. The cars within a radius grow with its square; so the area, and not the radius, is cut in
 * proportion to the free cars that come on a request: share = √(idle ÷ waiting ÷ `enoughIdle`), from
 * `reachShareLeast` to 1.
 */
export function reachShare(
  policy: Policy,
  cars: { readonly idle: number; readonly waiting: number },
): number {
  // Whose turn it is may be far: that policy asks for nothing else.
  if (policy.kind === 'longest_wait') return 1
  const enough = policy.enoughIdle * cars.waiting
  if (cars.idle >= enough) return 1
  return Math.max(policy.reachShareLeast, Math.sqrt(cars.idle / enough))
}

/**
 * What a driver's idling is worth in the matcher, in seconds taken off their cost: of two nearly as near, who has waited
 * longer gets the ride. It grows ever slower towards `idleWorthS`, so that it never sends a rider a car that comes later
 * than another by more.
 */
export function idleBonusS(policy: Policy, idleS: number): number {
  const waitedS = Math.max(0, idleS)
  return (policy.idleWorthS * waitedS) / (waitedS + IDLE_HALF_S)
}

/** How often the tick should call `decide`, in milliseconds. */
export function tickEveryMs(policy: Policy): number {
  return policy.kind === 'batch' ? policy.batchWindowMs : NEAREST_TICK_MS
}

/** What a pickup costs in the matcher, in seconds: its ETA, and more than that the longer it is. */
export function pickupCostS(policy: Policy, etaS: number): number {
  return etaS + (etaS * etaS) / (2 * policy.evenWaitS)
}

/**
 * What leaving a request for the next tick costs, in seconds: more the longer it has waited and the shorter it is, and
 * never less than the farthest pickup that the tick considers, or a driver in reach could be left idle beside it.
 */
export function dropCostS(
  policy: Policy,
  of: { readonly ageMs: number; readonly tripS: number; readonly farthestCostS: number },
): number {
  const waitedS = Math.max(0, of.ageMs) / 1_000
  const shorterS = Math.max(0, LONG_TRIP_S - of.tripS)
  return (
    Math.max(policy.dropCostS, of.farthestCostS) +
    policy.waitedWeight * waitedS +
    policy.tripWeight * shorterS
  )
}
