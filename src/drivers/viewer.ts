/** The driver behind a request. */
import type { Kysely } from 'kysely'
import type { Tables } from '../io/tables.ts'
import { requireViewer, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany } from '../web/reach.ts'
import { driverOfIdentity, type LoadedDriver } from './drivers.ts'

/**
 * Who the viewer is as a driver. Inside a unit of work give its own `db`: a second connection asked for while
 * holding one can starve the pool.
 * @throws HttpProblem 404 for a viewer who drives for nobody
 */
export async function requireDriver(db: Kysely<Tables>, web: WebContext): Promise<LoadedDriver> {
  const driver = await driverOfIdentity(db, actingCompany(web), requireViewer(web).identityId)
  if (driver === undefined) throw notThere()
  return driver
}
