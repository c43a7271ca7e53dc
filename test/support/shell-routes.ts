/** Routes that go right and wrong in every way, for tests of the shell, and two people who use them. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { assert, type CompanyId } from '../../src/engine/units.ts'
import { OutsideError } from '../../src/io/outside.ts'
import { seeOther } from '../../src/web/context.ts'
import type { Permission } from '../../src/web/permissions.ts'
import { HttpProblem, notThere } from '../../src/web/problem.ts'
import { requireReach } from '../../src/web/reach.ts'
import type { Shell } from '../../src/web/shell.ts'

export const ADA = { name: 'Ada Okafor', email: 'ada@demo.honeycab', password: 'larks above the canal' }
export const BO = { name: 'Bo Lindqvist', email: 'bo@demo.honeycab', password: 'two hundred and four' }

const noteShape = z.strictObject({
  note: z.string().max(20),
  seats: z.coerce.number().int().min(1).max(8).optional(),
  pin: z.enum(['a', 'b']).optional(),
})
export const SECRET = 'postgres://app:hunter2@db/honeycab'

export const routes = (shell: Shell) =>
  new Elysia({ name: 'test-routes' })
    .use(shell)
    .get('/open', () => 'open')
    .get('/mine', ({ web }) => web.viewer!.name)
    .get('/style', ({ web }) => web.viewer?.name ?? 'nobody')
    .get('/desk', () => 'the desk')
    .get('/companies/:id', ({ web, params }) => {
      requireReach(web, { companyId: params.id as CompanyId })
      return web.viewer!.name
    })
    .get('/wheel', () => 'the wheel')
    .get('/file', () => new Response('body{}', { headers: { 'cache-control': 'public, immutable' } }))
    .get('/gone', () => seeOther('/open'))
    .get('/bug', () => assert(false, SECRET))
    .get('/thrown', () => {
      throw new Error(SECRET)
    })
    .get('/outside', () => {
      throw new OutsideError('postgres', SECRET)
    })
    .get('/refused', () => {
      throw new HttpProblem(409, 'That changed in the meantime.')
    })
    .get('/hidden', () => {
      throw notThere()
    })
    .get('/wrong-answer', () => ({ secret: SECRET }) as never, {
      response: z.strictObject({ fine: z.string() }),
    })
    .get('/numbered/:id', ({ params }) => params.id, { params: z.object({ id: z.uuid() }) })
    .get('/asked', ({ query }) => query.q, { query: z.strictObject({ q: z.string().max(5) }) })
    .post('/notes', ({ body }) => body, { body: noteShape })
    .post('/api/v1/notes', ({ body }) => body, { body: noteShape })
    .post('/wordless', () => 'done')
    .get('/unlisted', () => 'nobody may')
    .ws('/live/test', { message: (socket, text) => void socket.send(text) })

const ANYONE: [Permission['method'], string][] = [
  ['GET', '/open'],
  ['GET', '/file'],
  ['GET', '/gone'],
  ['GET', '/bug'],
  ['GET', '/thrown'],
  ['GET', '/outside'],
  ['GET', '/refused'],
  ['GET', '/hidden'],
  ['GET', '/wrong-answer'],
  ['GET', '/numbered/:id'],
  ['GET', '/asked'],
  ['POST', '/wordless'],
]
export const permissions: Permission[] = [
  ...ANYONE.map(([method, path]): Permission => ({ method, path, about: 'public', who: 'anyone' })),
  { method: 'GET', path: '/mine', who: 'signed_in' },
  { method: 'GET', path: '/style', who: 'anyone', impersonal: true },
  { method: 'GET', path: '/companies/:id', about: 'company', who: { rider: 'own', driver: 'company' } },
  { method: 'GET', path: '/desk', who: ['dispatcher', 'admin'] },
  { method: 'GET', path: '/wheel', who: ['driver'] },
  { method: 'POST', path: '/notes', who: 'signed_in' },
  { method: 'POST', path: '/api/v1/notes', who: 'signed_in' },
  { method: 'WS', path: '/live/test', who: 'signed_in' },
]
