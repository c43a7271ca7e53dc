/** The gates a car must come through to be asked for a ride, and the funnel they make. Pure. */

/** The gates in the order they are asked; who comes through all of them is `passed`, `promised` or `chosen`. */
export const GATES = [
  ...(['too_far', 'silent'] as const),
  ...(['offered', 'to_pickup', 'waiting', 'on_board', 'paused'] as const),
  ...(['class', 'seats', 'attributes'] as const),
  ...(['asked_before', 'kept_for_queue', 'too_late', 'not_listed'] as const),
  ...(['not_their_turn', 'sharing', 'promised', 'passed', 'chosen'] as const),
] as const
export type Gate = (typeof GATES)[number]

/** The funnel: each step holds whoever came through its gates and all before. */
export const STEPS = ['near', 'fresh', 'free', 'fits', 'running', 'asked'] as const
export type Step = (typeof STEPS)[number]

/** At which step each gate drops a car; null for who was asked. */
export const DROPPED_AT: Readonly<Record<Gate, Step | null>> = {
  too_far: 'near',
  silent: 'fresh',
  ...{ offered: 'free', to_pickup: 'free', waiting: 'free', on_board: 'free', paused: 'free' },
  ...{ class: 'fits', seats: 'fits', attributes: 'fits' },
  ...{ asked_before: 'running', kept_for_queue: 'running', too_late: 'running', not_listed: 'running' },
  ...{ not_their_turn: 'asked', sharing: 'asked', promised: 'asked', passed: 'asked' },
  chosen: null,
}

/** Cars by the gate that stopped them. */
export type GateCounts = Readonly<Partial<Record<Gate, number>>>

/** How many cars came through each step of the funnel, from the counts by gate. */
export function funnelOf(gates: GateCounts): Record<Step, number> {
  let left = Object.values(gates).reduce((sum, cars) => sum + cars, 0)
  return Object.fromEntries(
    STEPS.map((step) => {
      for (const gate of GATES) if (DROPPED_AT[gate] === step) left -= gates[gate] ?? 0
      return [step, left]
    }),
  ) as Record<Step, number>
}

/** Whether a car that this gate stopped had come through a step. */
export function cameThrough(gate: Gate, step: Step): boolean {
  const at = DROPPED_AT[gate]
  return at === null || STEPS.indexOf(at) > STEPS.indexOf(step)
}

/** The step at which nobody was left; null while somebody came through all, and was asked. */
export function emptiedAt(gates: GateCounts): Step | null {
  const funnel = funnelOf(gates)
  return STEPS.find((step) => funnel[step] === 0) ?? null
}
