/** The back office: everything under `/admin`. */
import { Elysia } from 'elysia'
import type { Auth } from '../accounts/accounts.ts'
import type { Joining } from '../accounts/joining.ts'
import type { Flags } from '../companies/flags.ts'
import type { PageDeps } from '../companies/page-context.ts'
import type { SurgeNow } from '../fares/surge.ts'
import type { Limits } from '../io/limits.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Geocoding } from '../places/places.ts'
import type { ActDeps } from '../web/act.ts'
import type { ToPage } from '../web/context.ts'
import type { Shell } from '../web/shell.ts'
import { auditRoutes } from './audit-routes.ts'

import { campusRoutes } from './campus-routes.ts'
import { companyRoutes } from './company-routes.ts'
import { deletedRoutes } from './deleted-routes.ts'
import { foundingRoutes } from './founding-routes.ts'
import { impersonationRoutes } from './impersonation-routes.ts'
import { joiningOffice } from './joining-routes.ts'
import { licenceOfficeRoutes } from './licence-routes.ts'
import { mailRoutes } from './mail-routes.ts'
import { peopleRoutes } from './people-routes.ts'
import { personActs } from './person-acts.ts'
import { placesOfficeRoutes } from './places-routes.ts'
import { promoRoutes } from './promo-routes.ts'
import { regionDutyRoutes } from './region-duty-routes.ts'
import { startRoutes } from './start-routes.ts'
import { surgeRoutes } from './surge-routes.ts'
import { tariffPreviewRoutes } from './tariff-preview-routes.ts'
import { tariffRoutes } from './tariff-routes.ts'
import { vehicleRoutes } from './vehicle-routes.ts'
import { zoneRoutes } from './zone-routes.ts'

export interface OfficeDeps extends ActDeps, PageDeps {
  /** For what lies beyond every request's wall: tries to sign in, whose eyes are borrowed. */
  readonly system: Db
  readonly shell: Shell
  readonly random: Random
  readonly limits: Limits
  readonly toPage: ToPage
  readonly auth: Auth
  readonly flags: Flags
  readonly geocoding: Geocoding
  readonly joining: Pick<Joining, 'forgot'>
  readonly surge: Pick<SurgeNow, 'counted'>
}

export function officeRoutes(deps: OfficeDeps) {
  return new Elysia({ name: 'office' })
    .use(startRoutes(deps))
    .use(peopleRoutes(deps))
    .use(personActs(deps))
    .use(impersonationRoutes(deps))
    .use(foundingRoutes(deps))
    .use(companyRoutes(deps))
    .use(zoneRoutes(deps))
    .use(surgeRoutes(deps))
    .use(regionDutyRoutes(deps))
    .use(vehicleRoutes(deps))
    .use(tariffRoutes(deps))
    .use(promoRoutes(deps))
    .use(tariffPreviewRoutes(deps))
    .use(auditRoutes(deps))
    .use(deletedRoutes(deps))
    .use(campusRoutes(deps))
    .use(placesOfficeRoutes(deps))
    .use(licenceOfficeRoutes(deps))
    .use(joiningOffice(deps))
    .use(mailRoutes(deps))
}
