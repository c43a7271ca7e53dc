import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Agenda } from '../../src/replay/agenda.ts'

test('happenings come out by time, those of one instant in the order they were set', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (instants) => {
      const agenda = new Agenda<number>()
      instants.forEach((atMs, n) => {
        agenda.add(atMs, n)
      })
      const taken: [number, number][] = []
      while (agenda.nextAtMs() < Number.POSITIVE_INFINITY) {
        const { atMs, what } = agenda.take()!
        taken.push([atMs, what])
      }
      const inOrder = instants.map((atMs, n): [number, number] => [atMs, n])
      expect(taken).toEqual(inOrder.toSorted(([a, n], [b, m]) => a - b || n - m))
      expect(agenda.take()).toBeUndefined()
    }),
  )
})
