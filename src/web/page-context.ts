/** From a request to what every page needs to know about it. */
import type { PageContext, ViewerProps } from '../../views/page.ts'
import type { Companies, Company, Region } from '../companies/companies.ts'
import type { Config } from '../io/config.ts'
import type { Assets } from './assets.ts'
import type { WebContext } from './context.ts'
import { HttpProblem } from './problem.ts'
import type { Viewer } from './viewer.ts'

export interface PageDeps {
  readonly assets: Assets
  readonly config: Config
  readonly companies: Companies
}

/** The company whose pages a visitor is on, and the region they show. */
export interface Place {
  readonly company: Company
  readonly region: Region
}

/** The cookie that `/at/SLUG` sets where several companies share an address. */
export const COMPANY_COOKIE = 'honeycab-at'

/**
 * Whose page this is: by host name, by the company chosen before, or the only one there is.
 * @throws HttpProblem 404 where no company answers to this address
 */
export function placeOf(companies: Companies, request: Request): Place {
  const slug = new RegExp(`(?:^|;\\s*)${COMPANY_COOKIE}=([a-z0-9-]{1,40})`).exec(
    request.headers.get('cookie') ?? '',
  )
  const company = companies.forVisitor(new URL(request.url).host, slug?.[1] ?? null)
  const region = company && companies.homeRegion(company.id)
  if (company === undefined || region === undefined)
    throw new HttpProblem(
      404,
      'No company answers at this address. Open the address your taxi company gave you.',
    )
  return { company, region }
}

/** The context of a page of this company; `live` names the page's socket. */
export function pageContext(
  { assets, config }: PageDeps,
  page: { request: Request; web: WebContext; place: Place; live?: string },
): PageContext {
  const url = new URL(page.request.url)
  return {
    asset: (name) => assets.url(name),
    nonce: page.web.nonce,
    csrf: page.web.csrf(),
    lang: 'en',
    timeZone: page.place.region.timeZone,
    currency: page.place.company.currency,
    path: `${url.pathname}${url.search}`,
    map: { tilesUrl: config.tileUrl, attribution: config.tileAttribution },
    viewer: page.web.viewer === null ? null : viewerProps(page.web.viewer),
    ...(page.live === undefined ? {} : { live: page.live }),
  }
}

/** Everybody who is signed in may ride; the other roles come from the memberships. */
export function viewerProps(viewer: Viewer): ViewerProps {
  const roles = new Set<ViewerProps['roles'][number]>(['rider'])
  for (const { role } of viewer.memberships) if (role !== 'operator') roles.add(role)
  return { name: viewer.name, roles: [...roles] }
}
