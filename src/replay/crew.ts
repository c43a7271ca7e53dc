/** Many runs at once: one process a core, each with its own copy of the files, handed one run after the other. */
import { join } from 'node:path'
import { assert } from '../engine/units.ts'
import type { Setting } from './flags.ts'
import { ReplayInputError } from './input.ts'
import {
  type BoundResult,
  type BoundSpec,
  boundOne,
  type Material,
  type RunResult,
  type RunSpec,
  runOne,
} from './runs.ts'

export type Task = RunSpec | BoundSpec
type ResultOf<T extends Task> = T extends BoundSpec ? BoundResult : RunResult

/** To a helper: first the setting, then one task at a time. */
export type ToHelper = { readonly setting: Setting } | { readonly spec: Task }
/** From a helper: that it is ready for a run, what became of one, or what the person has to put right. */
export type FromHelper =
  | { readonly ready: true }
  | { readonly result: RunResult | BoundResult }
  | { readonly wrong: string }

const HELPER = join(import.meta.dir, 'helper.ts')

/**
 * All runs, in the order they were asked for, whoever did them; the results are those of doing them one by one, but for
 * the clocked figures. Memory grows with `jobs` and not with the number of runs.
 * @param progress called with how many are done
 * @throws ReplayInputError when a file has changed meanwhile and has to be put right
 */
export async function runAll<T extends Task>(
  material: Material,
  specs: readonly T[],
  jobs: number,
  progress: (done: number) => void = () => undefined,
): Promise<ResultOf<T>[]> {
  if (jobs === 1 || specs.length === 1) {
    return specs.map((spec, n) => {
      const result = doOne(material, spec)
      progress(n + 1)
      return result as ResultOf<T>
    })
  }
  const results: ResultOf<T>[] = []
  let next = 0
  let done = 0
  const helpers: Bun.Subprocess[] = []
  const work = () =>
    new Promise<void>((finish, fail) => {
      let mine = -1
      const helper = Bun.spawn([process.execPath, HELPER], {
        stdio: ['ignore', 'inherit', 'inherit'],
        serialization: 'json',
        ipc(message: FromHelper, child) {
          if ('wrong' in message) return fail(new ReplayInputError(message.wrong))
          if ('result' in message) {
            results[mine] = message.result as ResultOf<T>
            progress(++done)
          }
          mine = next++
          if (mine < specs.length) child.send({ spec: specs[mine]! } satisfies ToHelper)
          else {
            finish()
            child.kill()
          }
        },
        onExit(_child, code) {
          fail(new Error(`a helping process ended with ${code} in run ${mine + 1}`))
        },
      })
      helpers.push(helper)
      helper.send({ setting: material.setting } satisfies ToHelper)
    })
  try {
    await Promise.all(Array.from({ length: Math.min(jobs, specs.length) }, work))
  } finally {
    for (const helper of helpers) helper.kill()
  }
  assert(done === specs.length, 'every run has its result')
  return results
}

export function doOne(material: Material, task: Task): RunResult | BoundResult {
  return 'bound' in task ? boundOne(material, task) : runOne(material, task)
}
