/** The process Valhalla runs in: a question in, the engine's words out, one after the other. It ends with its parent. */
import { type Answer, type Question, READY } from './from-tiles.ts'

interface Actor {
  route(query: string): Promise<string>
  matrix(query: string): Promise<string>
  traceAttributes(query: string): Promise<string>
}
const METHODS = { sources_to_targets: 'matrix', route: 'route', trace_attributes: 'traceAttributes' } as const

async function live(config: string): Promise<void> {
  // By a name only known when it runs: the package need not be installed where nobody asks for it.
  const name: string = '@valhallajs/valhallajs'
  const valhalla = (await import(name)) as { Actor: new (config: string) => Actor }
  const actor = new valhalla.Actor(config)
  let last: Promise<void> = Promise.resolve()
  const answer = async ({ id, verb, query }: Question): Promise<Answer> => {
    try {
      return { id, text: await actor[METHODS[verb]](query) }
    } catch (error) {
      return { id, error: error instanceof Error ? error.message : String(error) }
    }
  }
  process.on('message', (question: Question) => {
    last = last.then(async () => void process.send?.(await answer(question)))
  })
  process.send?.(READY)
}

if (import.meta.main) {
  // Ctrl-C reaches the whole terminal; who started us decides, and our channel ends with them.
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(0))
  live(process.argv[2] ?? '').catch(() => process.exit(1))
}
