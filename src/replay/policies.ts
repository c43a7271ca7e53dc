/** The policies a replay compares, by name: how requests are matched, and what idle cars do. */
import { DEFAULT_POLICY, type Policy } from '../engine/decide.ts'
import type { Ground } from './ground.ts'

/** Stand where the last ride ended; follow the last hour's pickups; or what is learned of other days, where told. */
export const IDLE_RULES = ['stay', 'last-hour', 'demand'] as const
export type IdleRule = (typeof IDLE_RULES)[number]

export const POLICY_NAMES = ['nearest', 'batch', 'burst', 'longest-wait', 'plain'] as const
export type PolicyName = (typeof POLICY_NAMES)[number]

export interface ReplayPolicy {
  readonly name: PolicyName
  readonly matching: Policy
  /** What idle cars do if the command line says nothing else. */
  readonly idle: IdleRule
}

// Long enough for requests to meet, short enough that a car let go does not stand about; 10 to 30 s differ little.
const BATCH_MS = 15_000

/**
 * A policy for riders who wait at most so long. Nearest at once looks as far as the longest wait allows. A batch begins at
 * two thirds of that and looks further while the rider waits: a car that would come from far is often wanted nearer by
 * before it is there. The longest wait asks far cars while near ones stand, so it looks half as far at first.
 */
export function replayPolicy(name: PolicyName, maxWaitS: number, ground: Ground): ReplayPolicy {
  const reachM = maxWaitS / ground.leastSPerM
  const everybody = { ...DEFAULT_POLICY, radiusMaxM: reachM, pickupWithinS: maxWaitS }
  switch (name) {
    case 'nearest':
      return { name, idle: 'demand', matching: { ...everybody, kind: 'nearest', radiusM: reachM } }
    case 'batch':
      return {
        name,
        idle: 'demand',
        matching: { ...everybody, batchWindowMs: BATCH_MS, radiusM: (2 * reachM) / 3 },
      }
    case 'burst':
      return {
        name,
        idle: 'demand',
        matching: { ...everybody, batchWindowMs: 2_000, radiusM: reachM, candidates: 48 },
      }
    case 'longest-wait':
      return { name, idle: 'demand', matching: { ...everybody, kind: 'longest_wait', radiusM: reachM / 2 } }
    case 'plain':
      return { name, idle: 'last-hour', matching: plainBatch(everybody, reachM) }
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
