/** Whose desk a request is at: the viewer's own company, on its home region. */
import type { Companies, Company, Region } from '../companies/companies.ts'
import type { WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import { actingCompany } from '../web/reach.ts'

export interface Desk {
  readonly company: Company
  readonly region: Region
}

/** @throws HttpProblem 404 for who has no desk, or one without a region */
export function deskOf({ companies }: { readonly companies: Companies }, web: WebContext): Desk {
  const company = companies.company(actingCompany(web))
  const region = company && companies.homeRegion(company.id)
  if (company === undefined || region === undefined) throw notThere()
  return { company, region }
}

/** Where a page of this desk hears what changes; it says whose it is, since a socket brings no header. */
export function liveAddress({ company }: Pick<Desk, 'company'>): string {
  return `/live/board?desk=${company.id}`
}
