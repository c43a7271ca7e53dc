/** Where a driver and a desk are: the company and the region their pages speak of. */
import type { Companies } from '../companies/companies.ts'
import type { Place } from '../companies/page-context.ts'
import type { LoadedDriver } from '../drivers/drivers.ts'
import { regionOfDriver } from '../tracking/pages.ts'
import type { WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany } from '../web/reach.ts'
import type { AftercareDeps } from './routes.ts'

export function placeOfDriver(deps: Pick<AftercareDeps, 'companies' | 'fleet'>, driver: LoadedDriver): Place {
  const company = deps.companies.company(driver.company_id)
  if (company === undefined) throw notThere()
  return { company, region: regionOfDriver(deps, driver) }
}

/** The desk of the viewer's own company, in its home region. */
export function deskOf({ companies }: { readonly companies: Companies }, web: WebContext): Place {
  const company = companies.company(actingCompany(web))
  const region = company && companies.homeRegion(company.id)
  if (company === undefined || region === undefined) throw notThere()
  return { company, region }
}
