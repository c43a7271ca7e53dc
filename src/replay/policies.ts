/** The policies a replay compares, by name: how requests are matched, and what idle cars do. */
import { DEFAULT_POLICY, type Policy } from '../engine/decide.ts'
import type { Ground } from './ground.ts'

/** Stand where the last ride ended; follow the last hour's pickups; or what is learned of other days, where told. */
export const IDLE_RULES = ['stay', 'last-hour', 'demand'] as const
export type IdleRule = (typeof IDLE_RULES)[number]

export const POLICY_NAMES = [
  'nearest',
  'batch',
  'burst',
  'swapping',
  'longest-wait',
  'plain',
  'pooled',
  'foreknown',
] as const
export type PolicyName = (typeof POLICY_NAMES)[number]

export interface ReplayPolicy {
  readonly name: PolicyName
  readonly matching: Policy
  /** What idle cars do if the command line says nothing else. */
  readonly idle: IdleRule
  /** Requests are known so many seconds before they are made, and demand from the very day: for comparison only. */
  readonly knownAheadS: number
  /** Riders share cars of so many seats, and arrive at most so much later than alone and at once; null: they do not. */
  readonly pooling: { readonly seats: number; readonly detourS: number } | null
}

// Long enough for requests to meet, short enough that a car let go does not stand about; 10 to 30 s differ little.
const BATCH_MS = 15_000

/** Riders who may share a car have to meet: 30 s in Alonso-Mora and others. */
const POOL_BATCH_MS = 30_000
/** A driver is sent elsewhere for no less: about what a rider notices. */
const SWAP_GAIN_S = 60
// A car held for somebody who has not asked yet drives nobody meanwhile: more than a few minutes ahead costs more rides.
const KNOWN_AHEAD_S = 60

/**
 * A policy for riders who wait at most so long. Nearest at once looks as far as the longest wait allows. A batch begins at
 * two thirds of that and looks further while the rider waits: a car that would come from far is often wanted nearer by
 * before it is there. The longest wait asks far cars while near ones stand, so it looks half as far at first.
 */
export function replayPolicy(name: PolicyName, maxWaitS: number, ground: Ground): ReplayPolicy {
  const reachM = maxWaitS / ground.leastSPerM
  const all = { name, idle: 'demand', knownAheadS: 0, pooling: null } as const
  const everybody = { ...DEFAULT_POLICY, radiusMaxM: reachM, pickupWithinS: maxWaitS }
  switch (name) {
    case 'nearest':
      return { ...all, matching: { ...everybody, kind: 'nearest', radiusM: reachM } }
    case 'batch':
      return {
        ...all,
        matching: { ...everybody, batchWindowMs: BATCH_MS, radiusM: (2 * reachM) / 3 },
      }
    case 'burst':
      return {
        ...all,
        matching: { ...everybody, batchWindowMs: 2_000, radiusM: reachM, candidates: 48 },
      }
    case 'swapping':
      return {
        ...all,
        matching: { ...replayPolicy('batch', maxWaitS, ground).matching, swapGainS: SWAP_GAIN_S },
      }
    case 'pooled':
      return {
        ...all,
        ...{ idle: 'stay', pooling: { seats: 4, detourS: 600 } },
        matching: { ...everybody, batchWindowMs: POOL_BATCH_MS },
      }
    case 'foreknown':
      return { ...replayPolicy('batch', maxWaitS, ground), name, knownAheadS: KNOWN_AHEAD_S }
    case 'longest-wait':
      return { ...all, matching: { ...everybody, kind: 'longest_wait', radiusM: reachM / 2 } }
    case 'plain':
      return { ...all, idle: 'last-hour', matching: plainBatch(everybody, reachM) }
  }
}

/** The reference: 30 s batches, as many pickups as can be at the least total pickup time, and nothing else. */
function plainBatch(everybody: Policy, reachM: number): Policy {
  return {
    ...everybody,
    batchWindowMs: 30_000,
    radiusM: reachM,
    candidates: 64,
    evenWaitS: Number.POSITIVE_INFINITY,
    dropCostS: 1_000_000,
    waitedWeight: 0,
    tripWeight: 0,
    soonFreeWithinS: 0,
    idleWorthS: 0,
    enoughIdle: 0,
  }
}
