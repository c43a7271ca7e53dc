/** A driver's breaks: begun and ended by one press, or call. */
import { Elysia } from 'elysia'
import { endBreak, startBreak } from '../drivers/breaks.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { Random } from '../io/random.ts'
import { orTellDriver, refusalProblem } from '../rides/refusals.ts'
import { type ActDeps, act } from '../web/act.ts'
import type { WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { onlyKey } from './shapes.ts'

interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}

const HOME = '/driver'

export function breakRoutes(deps: ActDeps & { readonly shell: Shell; readonly random: Random }) {
  function begin(asked: Asked): Promise<Response> {
    const begun = act(deps, { ...asked, route: 'POST /driver/break' }, async (unit) => {
      const { company_id: companyId, id: driverId } = await requireDriver(unit.db, asked.web)
      const started = await startBreak(unit, deps.random, { companyId, driverId })
      if (!started.ok) throw refusalProblem(started.reason)
      return { location: HOME, json: started.value, status: 201 }
    })
    return orTellDriver(asked.web, begun)
  }

  function end(asked: Asked): Promise<Response> {
    return act(deps, { ...asked, route: 'DELETE /driver/break' }, async (unit) => {
      const { company_id: companyId, id: driverId } = await requireDriver(unit.db, asked.web)
      return { location: HOME, json: { ended: await endBreak(unit, { companyId, driverId }) } }
    })
  }

  return new Elysia({ name: 'breaks' })
    .use(deps.shell)
    .post('/driver/break', ({ request, web, body }) => begin({ request, web, body }), { body: onlyKey })
    .post('/api/v1/driver/break', ({ request, web, body }) => begin({ request, web, body }), {
      body: onlyKey,
    })
    .post('/driver/break/end', ({ request, web, body }) => end({ request, web, body }), { body: onlyKey })
    .delete('/api/v1/driver/break', ({ request, web, body }) => end({ request, web, body }), {
      body: onlyKey,
    })
}
