/** An authenticator app, as a person has it on their phone. */
import { generate } from 'otplib'
import { assert } from '../../src/engine/units.ts'
import type { Clock } from '../../src/io/clock.ts'

export interface AuthenticatorApp {
  /** Base32, without spaces. */
  readonly secret: string
  /** The six digits it shows `aheadS` from now. */
  code(aheadS?: number): Promise<string>
}

export function authenticatorApp(secret: string, clock: Pick<Clock, 'nowMs'>): AuthenticatorApp {
  return {
    secret,
    code: (aheadS = 0) => generate({ secret, epoch: Math.floor(clock.nowMs() / 1000) + aheadS }),
  }
}

/** Somebody at a browser. */
interface Sitter {
  get(path: string): Promise<Response>
  post(path: string, fields: Record<string, string>): Promise<Response>
}

/** What the set-up page tells the app, and its form sends back. */
export async function readSetUp(page: Response): Promise<{ secret: string; sealed: string }> {
  const markup = await page.text()
  const secret = /<code class="secret">([^<]+)</.exec(markup)?.[1]?.replaceAll(' ', '')
  const sealed = /name="sealed" value="([^"]+)"/.exec(markup)?.[1]
  assert(secret !== undefined && sealed !== undefined, 'the set-up page has a secret and a form')
  return { secret, sealed }
}

/** Set an authenticator app up, as somebody who has just signed in. */
export async function addApp(person: Sitter, clock: Pick<Clock, 'nowMs'>): Promise<AuthenticatorApp> {
  const { secret, sealed } = await readSetUp(await person.get('/account/security/app'))
  const app = authenticatorApp(secret, clock)
  const fields = { key: crypto.randomUUID(), sealed, code: await app.code() }
  const answer = await person.post('/account/security/app', fields)
  assert(answer.status === 303, `the app is set up, and not ${answer.status}`)
  return app
}
