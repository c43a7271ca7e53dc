/** What a tracking page is about, for those who may follow it. */
import { type PageDeps, type Place, placeOf } from '../companies/page-context.ts'
import type { LoadedDriver } from '../drivers/drivers.ts'
import { requireDriver } from '../drivers/viewer.ts'
import type { RideId } from '../engine/units.ts'
import { findRide, type LoadedRide, ridersThing } from '../rides/rides.ts'
import type { WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { mayReach } from '../web/reach.ts'
import { type FollowDeps, regionOfDriver } from './pages.ts'

export interface FollowedRide {
  readonly ride: LoadedRide
  readonly place: Place
}

/** @throws HttpProblem 404 where there is none, or none for this viewer */
export async function followedRide(
  deps: Pick<PageDeps, 'companies'>,
  request: Request,
  web: WebContext,
  rideId: string,
): Promise<FollowedRide> {
  const place = placeOf(deps.companies, request)
  const ride = await findRide(web.db, place.company.id, rideId as RideId)
  if (ride === undefined || !mayReach(web, ridersThing(ride))) throw notThere()
  return { ride, place }
}

export function ownDriver(web: WebContext): Promise<LoadedDriver> {
  return requireDriver(web.db, web)
}

export function placeOfDriver(deps: Omit<FollowDeps, 'db'>, driver: LoadedDriver): Place {
  const company = deps.companies.company(driver.company_id)
  if (company === undefined) throw notThere()
  return { company, region: regionOfDriver(deps, driver) }
}

export const BORROWED_EYES = 'Where the car is, only the driver’s own phone can say.'

/** Who looks through a driver's eyes sits somewhere else. */
export function mayPing(web: WebContext): boolean {
  return web.viewer?.impersonatorId == null
}
