/** A Valhalla server, asked over HTTP through the one way out. */
import type { Outgoing } from '../../io/outgoing.ts'
import { OutsideError } from '../../io/outside.ts'
import type { RoutingProvider } from '../provider.ts'
import { saysNoWay, valhallaProvider } from './wire.ts'

/** Above every budget: who asks decides how long an answer is of use. */
const TIMEOUT_MS = 5_000

export function valhallaByUrl(url: string, outgoing: Pick<Outgoing, 'ask'>): RoutingProvider {
  const base = url.endsWith('/') ? url : `${url}/`
  return valhallaProvider('valhalla by url', async (verb, query, signal) => {
    const { status, text } = await outgoing.ask({
      ...{ service: 'router', url: new URL(verb, base), body: JSON.stringify(query), timeoutMs: TIMEOUT_MS },
      headers: { 'content-type': 'application/json' },
      ...(signal && { signal }),
    })
    const answer = parsed(text)
    if (status === 200) return answer
    const { error_code: code, error: words } = (answer ?? {}) as { error_code?: number; error?: string }
    if (status === 400 && saysNoWay({ ...(typeof code === 'number' && { code }) })) return null
    throw new OutsideError(
      'router',
      `Valhalla answered ${status}${typeof words === 'string' ? `: ${words}` : ''}`,
    )
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new OutsideError('router', 'Valhalla answered with something that is not JSON', { cause: error })
  }
}
