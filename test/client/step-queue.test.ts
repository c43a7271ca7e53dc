/** Steps that wait on the phone: whatever the network does, each counts once, in order, or is told as not counted. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import '../../public/step-queue.js'

const { createStepQueue } = globalThis.HoneycabSteps

function memoryStore(kept: QueuedStep[] = []): StepStore & { kept: QueuedStep[] } {
  return {
    kept,
    all: async () => structuredClone(kept).sort((a, b) => a.n - b.n),
    add: async (step) => void kept.push(step),
    remove: async (ns) => {
      for (const n of ns)
        kept.splice(
          kept.findIndex((step) => step.n === n),
          1,
        )
    },
  }
}

const press = (step: string, rideId = 'r1'): Omit<QueuedStep, 'n'> => ({
  ...{ driverId: 'bo', rideId, step, verb: step, action: `/rides/${rideId}/steps` },
  ...{ body: `step=${step}&key=${rideId}-${step}`, saidAtMs: 0 },
})

const ORDER = ['set_off', 'arrive', 'board', 'finish']

/** A server that does each key once, one step after the other; the network loses calls, or only their answers. */
class Server {
  readonly done: string[] = []
  cancelled = false
  readonly #answers = new Map<string, StepAnswer>()

  answer({ step, body }: QueuedStep): StepAnswer {
    const known = this.#answers.get(body)
    if (known !== undefined) return known
    const isNext = !this.cancelled && ORDER[this.done.length] === step
    if (isNext) this.done.push(step)
    const answer: StepAnswer = isNext ? 'done' : { refused: 'moved on' }
    this.#answers.set(body, answer)
    return answer
  }
}

type Weather = 'through' | 'call lost' | 'answer lost'

describe('steps without network', () => {
  test('go out in order, once each, and nothing is left', async () => {
    const server = new Server()
    const store = memoryStore()
    const queue = createStepQueue({
      store,
      send: async (step) => server.answer(step),
      onChange: () => {},
      onRefused: () => {},
    })
    for (const step of ['set_off', 'arrive', 'board']) await queue.add(press(step))
    expect(queue.waiting().map(({ step }) => step)).toEqual(['set_off', 'arrive', 'board'])
    await queue.flush()
    expect(server.done).toEqual(['set_off', 'arrive', 'board'])
    expect(store.kept).toEqual([])
  })

  test('the same press twice waits once', async () => {
    const store = memoryStore()
    const queue = createStepQueue({
      store,
      send: async () => 'later',
      onChange: () => {},
      onRefused: () => {},
    })
    await queue.add(press('arrive'))
    await queue.add(press('arrive'))
    expect(store.kept).toHaveLength(1)
  })

  test('a ride that was cancelled meanwhile is told once, with the steps that stood on it; another ride’s goes on', async () => {
    const told: unknown[] = []
    const sent: string[] = []
    const queue = createStepQueue({
      store: memoryStore(),
      send: async (step) => {
        sent.push(`${step.rideId} ${step.step}`)
        return step.rideId === 'r1' ? { refused: 'It was cancelled.' } : 'done'
      },
      onChange: () => {},
      onRefused: (step, words, dropped) => told.push([step.step, words, dropped.map((each) => each.step)]),
    })
    await queue.add(press('arrive'))
    await queue.add(press('board'))
    await queue.add(press('set_off', 'r2'))
    await queue.flush()
    expect(told).toEqual([['arrive', 'It was cancelled.', ['board']]])
    expect(sent).toEqual(['r1 arrive', 'r2 set_off'])
    expect(queue.waiting()).toEqual([])
  })

  test('who is signed out keeps them', async () => {
    const states: boolean[] = []
    const queue = createStepQueue({
      store: memoryStore(),
      send: async () => 'signed_out',
      onChange: (_waiting, { signedOut }) => states.push(signedOut),
      onRefused: () => {},
    })
    await queue.add(press('arrive'))
    await queue.flush()
    expect(queue.waiting()).toHaveLength(1)
    expect(states.at(-1)).toBe(true)
  })

  test('whatever is lost, reloaded or sent from two tabs: each counts once, in order', async () => {
    const weather = fc.constantFrom<Weather>('through', 'call lost', 'answer lost')
    const acts = fc.array(fc.constantFrom('press', 'flush', 'reload', 'both tabs'), {
      minLength: 1,
      maxLength: 20,
    })
    await fc.assert(
      fc.asyncProperty(acts, fc.array(weather, { maxLength: 40 }), async (plan, skies) => {
        const server = new Server()
        const store = memoryStore()
        const refused: string[] = []
        let nth = 0
        const open = () =>
          createStepQueue({
            store,
            send: async (step) => {
              await Promise.resolve()
              const sky = skies[nth++] ?? 'through'
              if (sky === 'call lost') return 'later'
              const answer = server.answer(step)
              return sky === 'answer lost' ? 'later' : answer
            },
            onChange: () => {},
            onRefused: (step) => refused.push(step.step),
          })
        let queue = open()
        const pressed: string[] = []
        for (const act of plan) {
          const next = ORDER[pressed.length]
          if (act === 'press' && next !== undefined) {
            pressed.push(next)
            await queue.add(press(next))
          }
          if (act === 'flush') await queue.flush()
          if (act === 'reload') queue = open()
          if (act === 'both tabs') {
            await open().flush()
            await queue.flush()
          }
        }
        skies.length = 0
        await queue.flush()
        expect(server.done).toEqual(pressed)
        expect(refused).toEqual([])
        expect(store.kept).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})
