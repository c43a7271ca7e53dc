/** Why nobody took a ride, or why it took so long: the one reason that held most of its wait. Pure. */
import type { LookKind } from './trace.ts'
import { DROPPED_AT, emptiedAt, GATES, type Gate, type GateCounts } from './trace-gates.ts'

/** A look, or several that said the same, without its cars. */
export interface LookInTime {
  readonly kind: LookKind
  readonly gates: GateCounts
  readonly radiusM: number
  /** The first and the last tick of it, epoch ms. */
  readonly atMs: number
  readonly untilMs: number
  readonly ticks: number
}

/** What kept the ride waiting while nobody was asked. */
export type Hindrance =
  /** The desk alone gave rides. */
  | { readonly kind: 'switched_off' }
  /** No car at all within the radius; `farther` cars were seen beyond it. */
  | { readonly kind: 'nobody_near'; readonly radiusM: number; readonly farther: number }
  /** `cars` were near, and this gate dropped the last of them; `stopped` by it. */
  | { readonly kind: 'gate'; readonly gate: Gate; readonly stopped: number; readonly cars: number }
  /** A driver about to be free was waited for. */
  | { readonly kind: 'held' }

export interface Why {
  readonly ticks: number
  /** Of the ticks that asked nobody; null when every one asked somebody, or there was none. */
  readonly hindrance: Hindrance | null
  /** Share of the ticks without a question in which that was so, 0 to 1. */
  readonly share: number
  /** The widest look, metres. */
  readonly radiusM: number
}

/**
 * The hindrance that held in most of the ticks that asked nobody; of equal ones the later.
 * @param looks in the order of time
 */
export function whyOf(looks: readonly LookInTime[]): Why {
  const votes = new Map<string, { hindrance: Hindrance; ticks: number }>()
  let idle = 0
  for (const look of looks) {
    const hindrance = hindranceIn(look)
    if (hindrance === null) continue
    idle += look.ticks
    const key = hindrance.kind === 'gate' ? hindrance.gate : hindrance.kind
    votes.set(key, { hindrance, ticks: (votes.get(key)?.ticks ?? 0) + look.ticks })
  }
  const most = [...votes.values()].reduce<{ hindrance: Hindrance; ticks: number } | null>(
    (best, vote) => (best === null || vote.ticks >= best.ticks ? vote : best),
    null,
  )
  return {
    ticks: looks.reduce((sum, { ticks }) => sum + ticks, 0),
    hindrance: most?.hindrance ?? null,
    share: most === null ? 0 : most.ticks / idle,
    radiusM: looks.reduce((widest, { radiusM }) => Math.max(widest, radiusM), 0),
  }
}

/** What one look found in the way; null where it asked somebody. */
export function hindranceIn({
  kind,
  gates,
  radiusM,
}: Pick<LookInTime, 'kind' | 'gates' | 'radiusM'>): Hindrance | null {
  if (kind === 'off') return { kind: 'switched_off' }
  if (kind === 'hold') return { kind: 'held' }
  if (kind !== 'none') return null
  const step = emptiedAt(gates)
  const farther = gates.too_far ?? 0
  if (step === null || step === 'near') return { kind: 'nobody_near', radiusM, farther }
  const [gate, stopped] = GATES.flatMap((name) =>
    DROPPED_AT[name] === step && gates[name] !== undefined ? [[name, gates[name]] as const] : [],
  ).reduce((best, next) => (next[1] > best[1] ? next : best))
  const cars = Object.values(gates).reduce((sum, count) => sum + count, 0) - farther
  return { kind: 'gate', gate, stopped, cars }
}
