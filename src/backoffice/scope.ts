/** How far somebody reaches in the back office: the companies they are admin of, or for the platform's people all. */
import type { AuditScope } from '../audit/search.ts'
import type { Companies, Company } from '../companies/companies.ts'
import { type PageDeps, pageContext } from '../companies/page-context.ts'
import type { CompanyId } from '../engine/units.ts'
import { requireViewer, type ToPage, type WebContext } from '../web/context.ts'
import { notThere } from '../web/problem.ts'
import type { Viewer } from '../web/viewer.ts'
import type { OfficeDeps } from './routes.ts'

export interface OfficeScope {
  readonly viewer: Viewer
  /** Everything is theirs to see. */
  readonly platform: boolean
  /** The companies they may look into; for the platform all there are. */
  readonly companyIds: readonly CompanyId[]
}

/** @throws HttpProblem 404 for who has nothing to do here */
export function officeScope(web: Pick<WebContext, 'viewer'>, companies: Companies): OfficeScope {
  const viewer = requireViewer(web)
  if (viewer.platform) return { viewer, platform: true, companyIds: companies.all.map(({ id }) => id) }
  const companyIds = viewer.memberships
    .filter(({ role }) => role === 'admin')
    .map(({ companyId }) => companyId)
  if (companyIds.length === 0) throw notThere()
  return { viewer, platform: false, companyIds: [...new Set(companyIds)] }
}

/** The part of the trail they may read. */
export function auditScope({ platform, companyIds }: Omit<OfficeScope, 'viewer'>): AuditScope {
  return platform ? { all: true } : { companyIds }
}

/** The companies of a scope by name, for choices and labels. */
export function companiesOf({ companyIds }: OfficeScope, companies: Companies): Company[] {
  return companies.all
    .filter(({ id }) => companyIds.includes(id))
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

/** A page of the back office, in the time zone of the company where there is but one. */
export function officeContext(
  deps: PageDeps & { readonly toPage: ToPage },
  asked: { readonly request: Request; readonly web: WebContext },
  scope: OfficeScope,
) {
  const [only, ...more] = companiesOf(scope, deps.companies)
  const region = only && more.length === 0 ? deps.companies.homeRegion(only.id) : undefined
  return only !== undefined && region !== undefined
    ? pageContext(deps, { ...asked, place: { company: only, region } })
    : deps.toPage(asked.web, asked.request)
}

/**
 * Read anew what this process keeps of companies, after one was founded, changed or brought back: whoever did it is
 * answered by what they did, and not by what the news will make known.
 */
export async function rereadCompanies({
  companies,
  flags,
}: Pick<OfficeDeps, 'companies' | 'flags'>): Promise<void> {
  await Promise.all([companies.reload(), flags.reload()])
}
