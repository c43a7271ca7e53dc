/** A process that helps with the runs of a replay command; it is told what to do by the one that started it (crew.ts). */
import { doOne, type FromHelper, type ToHelper } from './crew.ts'
import { ReplayInputError } from './input.ts'
import { type Material, readMaterial } from './runs.ts'

let material: Material

async function answer(message: ToHelper): Promise<FromHelper> {
  if ('spec' in message) return { result: doOne(material, message.spec) }
  material = await readMaterial(message.setting)
  return { ready: true }
}

process.on('message', (message: ToHelper) => {
  answer(message).then(
    (told) => process.send!(told),
    (wrong: unknown) => {
      if (!(wrong instanceof ReplayInputError)) throw wrong
      process.send!({ wrong: wrong.message } satisfies FromHelper)
    },
  )
})
// Whoever asked is gone: nobody waits for an answer.
process.on('disconnect', () => process.exit(0))
