/** The back office: everything under `/admin`. */
import { Elysia } from 'elysia'
import type { Auth } from '../accounts/accounts.ts'
import type { Joining } from '../accounts/joining.ts'
import type { PageDeps } from '../companies/page-context.ts'
import type { CommitDeps } from '../io/commit.ts'
import type { Random } from '../io/random.ts'
import type { ToPage } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { auditRoutes } from './audit-routes.ts'

import { campusRoutes } from './campus-routes.ts'
import { impersonationRoutes } from './impersonation-routes.ts'
import { mailRoutes } from './mail-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { personActs } from './person-acts.ts'

export interface OfficeDeps extends CommitDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly toPage: ToPage
  readonly auth: Auth
  readonly joining: Pick<Joining, 'forgot'>
}

export function officeRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'office' })
    .use(peopleRoutes(deps))
    .use(personActs(deps))
    .use(impersonationRoutes(deps))
    .use(auditRoutes(deps))
    .use(campusRoutes(deps))
    .use(mailRoutes(deps))
}
