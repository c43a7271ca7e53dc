/** What comes after a ride: receipt, tip and ratings, the driver's books, what was left behind, what went wrong. */
import { Elysia } from 'elysia'
import type { Flags } from '../companies/flags.ts'
import type { PageDeps } from '../companies/page-context.ts'
import type { Limits } from '../io/limits.ts'
import type { Random } from '../io/random.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { Roads } from '../roads/roads.ts'
import type { ActDeps } from '../web/act.ts'
import type { WebContext } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { caseRoutes } from './case-routes.ts'
import type { CaseDeps } from './case-sides.ts'
import { earningsRoutes } from './earnings-routes.ts'
import { ratingRoutes } from './rating-routes.ts'
import { receiptRoutes } from './receipt-routes.ts'

export interface AftercareDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly flags: Flags
  readonly fleet: Pick<Fleet, 'car'>
  readonly roads: Pick<Roads, 'streetsOf'>
}

export interface Asking {
  readonly request: Request
  readonly web: WebContext
}
export interface Asked extends Asking {
  readonly body: unknown
}

export function aftercareRoutes(deps: CaseDeps) {
  return new Elysia({ name: 'aftercare' })
    .use(receiptRoutes(deps))
    .use(ratingRoutes(deps))
    .use(earningsRoutes(deps))
    .use(caseRoutes(deps))
}
