/** The driver behind a request. */
import type { Kysely } from 'kysely'
import type { Tables } from '../io/tables.ts'
import { notThere } from '../web/problem.ts'
import { companyOf, type Viewer } from '../web/viewer.ts'
import { driverOfIdentity, type LoadedDriver } from './drivers.ts'

/**
 * Who the viewer is as a driver. Inside a unit of work give its own `db`: a second connection asked for while
 * holding one can starve the pool.
 * @throws HttpProblem 404 for a viewer who drives for nobody
 */
export async function requireDriver(db: Kysely<Tables>, viewer: Viewer): Promise<LoadedDriver> {
  const companyId = companyOf(viewer, ['driver'])
  const driver = companyId === null ? undefined : await driverOfIdentity(db, companyId, viewer.identityId)
  if (driver === undefined) throw notThere()
  return driver
}
