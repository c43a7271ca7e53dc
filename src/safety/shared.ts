/** What both ends of a call for help say and keep alike: who called, and the desk. */
import type { AuditAction } from '../audit/actions.ts'
import { record } from '../audit/audit.ts'
import type { Companies } from '../companies/companies.ts'
import type { PageDeps } from '../companies/page-context.ts'
import { assert, type RegionId } from '../engine/units.ts'
import type { Work } from '../io/commit.ts'
import type { Db } from '../io/postgres.ts'
import type { Random } from '../io/random.ts'
import type { Fleet } from '../positions/fleet.ts'
import type { LoadedRide } from '../rides/rides.ts'
import type { ActDeps } from '../web/act.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import type { PageLineDeps } from '../web/page-lines.ts'
import type { Shell } from '../web/shell.ts'
import { helpProps } from './props.ts'
import type { LoadedSafetyAlert } from './safety.ts'

export interface SafetyRouteDeps extends ActDeps, PageDeps {
  readonly shell: Shell
  readonly random: Random
  readonly fleet: Pick<Fleet, 'car'>
  readonly lines: PageLineDeps
}

export interface Asking {
  readonly request: Request
  readonly web: WebContext
}
export interface Asked extends Asking {
  readonly body: unknown
}

export function placeOfRide(companies: Companies, ride: LoadedRide) {
  const company = companies.company(ride.company_id)
  const region = companies.region(ride.region_id as RegionId)
  assert(company !== undefined && region !== undefined, 'a ride lies in a region of a company we know')
  return { company, region }
}

/** Who did it, for the trail. */
export function keepAct(
  random: Random,
  { web }: Asking,
  unit: { readonly db: Db | Work['db']; readonly atMs: number },
  entry: { readonly action: AuditAction; readonly ride: LoadedRide; readonly detail: object },
): Promise<void> {
  return record(unit.db, random, {
    ...{ action: entry.action, atMs: unit.atMs, actorId: requireViewer(web).identityId },
    ...{ companyId: entry.ride.company_id, subject: entry.ride.id, detail: { ...entry.detail } },
    ...{ address: web.address, requestId: web.requestId },
  })
}

export function alertJson(alert: LoadedSafetyAlert) {
  return { id: alert.id, rideId: alert.ride_id, ...helpProps(alert) }
}
