import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  allowedCaseSteps,
  CASE_KINDS,
  CASE_STEPS,
  type CaseKind,
  type CaseSide,
  type CaseState,
  isCaseOver,
  nextCaseState,
} from '../../src/engine/ride-case.ts'

const kind = fc.constantFrom<CaseKind>(...CASE_KINDS)
const move = fc.record({
  side: fc.constantFrom<CaseSide>('rider', 'driver', 'desk'),
  step: fc.constantFrom(...CASE_STEPS),
})
const STATES: Record<CaseKind, readonly CaseState[]> = {
  lost_item: ['open', 'found', 'returned', 'closed'],
  problem: ['open', 'answered', 'closed'],
}

describe('a case', () => {
  test('whatever is pressed by whom, stays in its own states, and what is allowed is exactly what is taken', () => {
    fc.assert(
      fc.property(kind, fc.array(move, { maxLength: 30 }), (of, moves) => {
        let state: CaseState = 'open'
        for (const one of moves) {
          const next = nextCaseState(of, state, one)
          expect(allowedCaseSteps(of, state, one.side).includes(one.step)).toBe(next.ok)
          if (!next.ok) continue
          // What is over is only opened again, and by a side that may.
          if (isCaseOver(state)) expect([one.step, next.value]).toEqual(['reopen', 'open'])
          state = next.value
          expect(STATES[of]).toContain(state)
        }
      }),
    )
  })

  test('can always be ended by rider and desk, or opened again by them: nobody is stuck', () => {
    for (const of of CASE_KINDS)
      for (const state of STATES[of])
        for (const side of ['rider', 'desk'] as const) {
          const steps = allowedCaseSteps(of, state, side)
          expect(steps).toContain(isCaseOver(state) ? 'reopen' : 'close')
        }
  })

  test('a driver has no say in a report, and cannot close what a rider misses', () => {
    for (const state of STATES.problem) expect(allowedCaseSteps('problem', state, 'driver')).toEqual([])
    expect(allowedCaseSteps('lost_item', 'open', 'driver')).toEqual(['write', 'not_found', 'found'])
    expect(allowedCaseSteps('lost_item', 'found', 'driver')).toEqual(['write', 'returned'])
    for (const state of STATES.lost_item)
      expect(allowedCaseSteps('lost_item', state, 'driver')).not.toContain('close')
  })
})
