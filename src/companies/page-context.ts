/** From a request to what every page needs to know about it. */
import type { PageContext, ViewerProps } from '../../views/page.ts'
import { LANGUAGES, THEME_COOKIE, THEMES } from '../accounts/preferences.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Config } from '../io/config.ts'
import type { Assets } from '../web/assets.ts'
import type { ToPage, WebContext } from '../web/context.ts'
import { readCookie } from '../web/cookies.ts'
import { HttpProblem } from '../web/problem.ts'
import type { Viewer } from '../web/viewer.ts'
import type { Companies, Company, Region } from './companies.ts'

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
  const company = visitedCompany(companies, request)
  const region = company && companies.homeRegion(company.id)
  if (company === undefined || region === undefined)
    throw new HttpProblem(
      404,
      'No company answers at this address. Open the address your taxi company gave you.',
    )
  return { company, region }
}

/** The company on whose pages a visitor is; undefined where several share an address and none was chosen. */
export function visitedCompany(companies: Companies, request: Request): Company | undefined {
  const slug = readCookie(request.headers.get('cookie'), COMPANY_COOKIE)
  return companies.forVisitor(new URL(request.url).host, slug)
}

/** The company whose pages a request asks for; null where none answers to the address. */
export function companyAt(companies: Companies, request: Request): CompanyId | null {
  return visitedCompany(companies, request)?.id ?? null
}

/** The context of a page of this company; `live` names the page's socket. */
export function pageContext(
  deps: PageDeps,
  page: { request: Request; web: WebContext; place: Place; live?: string },
): PageContext {
  const { company, region } = page.place
  const local = { timeZone: region.timeZone, currency: company.currency }
  const isDesk = page.web.viewer?.memberships.some(
    ({ companyId, role }) => companyId === company.id && role !== 'driver',
  )
  const { id, name, slug } = company
  return contextIn(deps, page, isDesk ? { ...local, desk: { id, name, slug } } : local)
}

function contextIn(
  { assets, config }: PageDeps,
  { request, web, live }: { request: Request; web: WebContext; live?: string },
  local: Pick<PageContext, 'timeZone' | 'currency'> & { desk?: Pick<Company, 'id' | 'name' | 'slug'> },
): PageContext {
  const { pathname, search } = new URL(request.url)
  const theme = themeOf(web.viewer, request)
  return {
    ...local,
    asset: (name) => assets.url(name),
    nonce: web.nonce,
    csrf: web.csrf(local.desk?.id),
    lang: LANGUAGES.find((language) => language === web.viewer?.language) ?? 'en',
    ...(theme === undefined ? {} : { theme }),
    path: `${pathname}${search}`,
    map: { tilesUrl: config.tileUrl, attribution: config.tileAttribution },
    viewer: web.viewer === null ? null : viewerProps(web.viewer),
    ...(live === undefined ? {} : { live }),
  }
}

/** What the person chose; for who is signed out, what this browser was left with. */
function themeOf(viewer: Viewer | null, request: Request): PageContext['theme'] {
  const chosen = viewer === null ? readCookie(request.headers.get('cookie'), THEME_COOKIE) : viewer.theme
  return THEMES.find((theme) => theme === chosen)
}

/** Everybody who is signed in may ride; the other roles come from the memberships. */
export function viewerProps(viewer: Viewer): ViewerProps {
  const roles = new Set<ViewerProps['roles'][number]>(['rider'])
  for (const { role } of viewer.memberships) if (role !== 'operator') roles.add(role)
  if (viewer.platform) roles.add('platform')
  return { name: viewer.name, roles: [...roles], borrowed: viewer.impersonatorId !== null }
}

/** The context of pages that belong to no company in particular, such as sign-in and mistakes. */
export function makeToPage(deps: PageDeps): ToPage {
  return (web, request, live) => {
    const company = visitedCompany(deps.companies, request) ?? deps.companies.all[0]
    const region = company && deps.companies.homeRegion(company.id)
    const local = { timeZone: region?.timeZone ?? 'UTC', currency: company?.currency ?? 'USD' }
    return contextIn(deps, { request, web, ...(live === undefined ? {} : { live }) }, local)
  }
}
