/** Somebody's browser or program: keeps a session, says where it comes from, opens sockets. */
import { type LiveClient, openLive } from './live-client.ts'

export interface Session {
  /** `name=value` */
  readonly cookie: string
  readonly csrf: string
}

export interface Client {
  readonly origin: string
  readonly session: Session | null
  /** A page, or with `accept` something else; redirects are not followed. */
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** A page's form; a list is a field that is there several times. */
  form(
    path: string,
    fields: Record<string, string | readonly string[]>,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** A page's form with files. */
  upload(
    path: string,
    fields: Record<string, string | Blob>,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** A call of the API, with a fresh one-time key unless one is given. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>
  /** As `call`, and its JSON; throws when the answer is no 2xx. */
  done<T>(method: string, path: string, body?: unknown): Promise<T>
  live(path: string, headers?: Record<string, string>): LiveClient
}

export function makeClient({ origin, session = null }: { origin: string; session?: Session | null }): Client {
  const signedIn: Record<string, string> = session === null ? {} : { cookie: session.cookie }

  function ask(
    path: string,
    init: { method: string; headers: Record<string, string>; body?: string | FormData },
  ) {
    return fetch(`${origin}${path}`, {
      ...init,
      headers: { ...signedIn, ...init.headers },
      redirect: 'manual',
    })
  }

  const client: Client = {
    origin,
    session,
    get: (path, headers = {}) => ask(path, { method: 'GET', headers: { accept: 'text/html', ...headers } }),
    form: (path, fields, headers = {}) =>
      ask(path, {
        method: 'POST',
        headers: {
          ...{ accept: 'text/html', origin, 'content-type': 'application/x-www-form-urlencoded' },
          ...headers,
        },
        body: new URLSearchParams(
          Object.entries({ csrf: session?.csrf ?? '', ...fields }).flatMap(([name, value]) =>
            [value].flat().map((one) => [name, one]),
          ),
        ).toString(),
      }),
    upload: (path, fields, headers = {}) => {
      const body = new FormData()
      for (const [name, value] of Object.entries({ csrf: session?.csrf ?? '', ...fields }))
        if (typeof value === 'string') body.append(name, value)
        else body.append(name, value, 'C:\\fakepath\\../../evil.html')
      return ask(path, { method: 'POST', headers: { accept: 'text/html', origin, ...headers }, body })
    },
    call: (method, path, body, headers = {}) =>
      ask(path, {
        method,
        headers: {
          ...{ accept: 'application/json', origin, 'idempotency-key': crypto.randomUUID() },
          ...(session === null ? {} : { 'x-csrf-token': session.csrf }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    async done<T>(method: string, path: string, body?: unknown) {
      const answer = await client.call(method, path, body)
      const text = await answer.text()
      if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`)
      return JSON.parse(text) as T
    },
    live: (path, headers = {}) =>
      openLive(`${origin.replace(/^http/, 'ws')}${path}`, { origin, ...signedIn, ...headers }),
  }
  return client
}
