/**
 * Valhalla from tiles on disk, without a server to run: the engine's own library in a process of ours beside this one,
 * started with the first question and ended with us. Not in a thread: with 3.6.1 under Bun 1.4.5 a thread that is ended
 * during a search takes the whole process with it, and a search that never ends could not be ended at all.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '../../io/clock.ts'
import { OutsideError } from '../../io/outside.ts'
import type { RoutingProvider } from '../provider.ts'
import { valhallaConfig } from './config.ts'
import { saysNoWay, type Verb, valhallaProvider } from './wire.ts'

export const PACKAGE = '@valhallajs/valhallajs'
export const PACKAGE_VERSION = '3.6.1'
/** Nobody waits as long; a search that does not end by then never will. */
const HUNG_MS = 20_000

export interface Question {
  readonly id: number
  readonly verb: Verb
  readonly query: string
}
/** The helper's first word: what is said to it earlier would be said to nobody. */
export const READY = 'ready'
/** An answer, or how it failed. */
export type Answer =
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly error: string }

/** Whether the engine's package is there. */
export function isInstalled(): boolean {
  try {
    return existsSync(Bun.resolveSync(PACKAGE, import.meta.dir))
  } catch {
    return false
  }
}

interface Waiting {
  resolve(answer: unknown): void
  reject(error: unknown): void
  readonly cancel: () => void
}

interface Helper {
  readonly child: Bun.Subprocess
  ask(question: Question): void
}

export interface FromTiles extends RoutingProvider {
  /** Process id of the helper; null while none runs. */
  pid(): number | null
}

/** @param tilesDir as `honeycab roads` makes it, absolute */
export function valhallaFromTiles(tilesDir: string, clock: Pick<Clock, 'after'>): FromTiles {
  const waiting = new Map<number, Waiting>()
  let helper: Helper | null = null
  let ids = 0

  function start(): Helper {
    const early: Question[] = []
    let isReady = false
    const started = Bun.spawn(
      [process.execPath, join(import.meta.dir, 'helper.ts'), JSON.stringify(valhallaConfig(tilesDir))],
      {
        ...{ stdin: 'ignore', stdout: 'ignore', stderr: 'ignore', serialization: 'json' },
        ipc(said: Answer | typeof READY) {
          if (said !== READY) return settle(said)
          isReady = true
          for (const question of early) started.send(question)
        },
        onExit(_child, code, signal) {
          if (helper?.child === started) helper = null
          failAll(new OutsideError('router', `Valhalla’s helper ended (${signal ?? code})`))
        },
      },
    )
    // Questions under way do not keep a process that wants to end.
    started.unref()
    return {
      child: started,
      ask: (question) => (isReady ? void started.send(question) : void early.push(question)),
    }
  }

  function failAll(error: unknown): void {
    for (const { reject, cancel } of waiting.values()) {
      cancel()
      reject(error)
    }
    waiting.clear()
  }

  function settle(answer: Answer): void {
    const asked = waiting.get(answer.id)
    if (asked === undefined) return
    waiting.delete(answer.id)
    asked.cancel()
    if ('text' in answer) asked.resolve(JSON.parse(answer.text))
    else if (saysNoWay({ words: answer.error })) asked.resolve(null)
    else asked.reject(new OutsideError('router', `Valhalla said: ${answer.error}`))
  }

  const provider = valhallaProvider(
    'valhalla from tiles',
    (verb, query) =>
      new Promise((resolve, reject) => {
        helper ??= start()
        const asking = helper
        const id = ids++
        const cancel = clock.after(HUNG_MS, () => asking.child.kill('SIGKILL'))
        waiting.set(id, { resolve, reject, cancel })
        asking.ask({ id, verb, query: JSON.stringify(query) })
      }),
    async () => {
      const ending = helper?.child
      ending?.kill('SIGKILL')
      await ending?.exited
    },
  )
  return { ...provider, pid: () => helper?.child.pid ?? null }
}
