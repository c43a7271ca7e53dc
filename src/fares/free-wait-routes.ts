/** "Tell me when one is free", pressed on the fare choice or sent by a program. */
import { Elysia } from 'elysia'
import { z } from 'zod'
import { placeOf } from '../companies/page-context.ts'
import type { QuoteId } from '../engine/units.ts'
import { act } from '../web/act.ts'
import type { WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { FREE_WAIT_MS, waitForFree } from './free-waits.ts'
import { findQuote, quotesThing } from './quotes.ts'
import type { FareRouteDeps } from './routes.ts'

const key = z.string().max(128).optional()
const waitForm = z.strictObject({ quote_id: z.uuid(), key })
const waitBody = z.strictObject({ quoteId: z.uuid() })

export function freeWaitRoutes(deps: FareRouteDeps) {
  /** Pressed twice it counts once, so it needs no key. */
  function wait(asked: { request: Request; web: WebContext; body: unknown }, quoteId: string) {
    const { company } = placeOf(deps.companies, asked.request)
    const route = { ...asked, route: 'POST /free-waits', keyless: true } as const
    return act(deps, route, async (unit, viewer) => {
      const quote = await findQuote(unit.db, company.id, quoteId as QuoteId)
      if (quote === undefined || !mayReach(asked.web, quotesThing(quote))) throw notThere()
      if (quote.scheduled_for !== null || quote.shared)
        throw new HttpProblem(409, 'This is for rides of now, alone. Nothing was changed.')
      if (!(await waitForFree(unit, deps.random, { quote, identityId: viewer.identityId })))
        throw new HttpProblem(
          409,
          'You wait for five cars already. One of them is enough to write to you about.',
        )
      return {
        location: `/quotes/${quote.set_id}`,
        json: { quoteId: quote.id, untilMs: unit.atMs + FREE_WAIT_MS },
        status: 201,
      }
    })
  }

  return new Elysia({ name: 'free-waits' })
    .use(deps.shell)
    .post('/free-waits', ({ request, web, body }) => wait({ request, web, body }, body.quote_id), {
      body: waitForm,
    })
    .post('/api/v1/free-waits', ({ request, web, body }) => wait({ request, web, body }, body.quoteId), {
      body: waitBody,
    })
}
