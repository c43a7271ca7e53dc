/** A class of a region as the office's pages about its prices reach it. */
import type { Company, Region } from '../companies/companies.ts'
import type { RegionId, VehicleClass } from '../engine/units.ts'
import type { Publisher, TariffPlace } from '../fares/tariff-versions.ts'
import type { TariffFigures } from '../fares/tariffs.ts'
import type { WebContext } from '../web/context.ts'
import { HttpProblem, notThere } from '../web/problem.ts'
import { requireReach } from '../web/reach.ts'
import type { Viewer } from '../web/viewer.ts'
import type { OfficeDeps } from './routes.ts'
import { officeContext, officeScope } from './scope.ts'
import { standingVersions } from './tariff-read.ts'

export interface Asked {
  readonly request: Request
  readonly web: WebContext
  readonly body: unknown
}
/** A request for a page. */
export type Page = Omit<Asked, 'body'>

/** A class of a region, within reach. */
export interface Priced {
  readonly company: Company
  readonly region: Region
  readonly place: TariffPlace
  /** Where its draft is. */
  readonly path: string
}

/** Refused by the draft as it is kept, thrown out of the unit of work. */
export class Refused extends HttpProblem {
  override name = 'Refused'
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(422, message, { errors: [{ field, message }] })
  }
}

/** What the routes about prices share. */
export function priceReach({ clock, companies, ...deps }: OfficeDeps) {
  /** The class, where region and company are there; whether it may be reached is for the caller to ask. */
  function classOf(regionId: RegionId, vehicleClass: VehicleClass): Priced {
    const region = companies.region(regionId)
    const company = region && companies.company(region.companyId)
    if (region === undefined || company === undefined) throw notThere()
    const place = { companyId: company.id, regionId: region.id, class: vehicleClass }
    return { company, region, place, path: `/admin/regions/${region.id}/tariffs/${vehicleClass}` }
  }

  return {
    /** The class of a region that the viewer reaches. */
    reachClass(web: WebContext, id: string, vehicleClass: VehicleClass): Priced {
      const region = requireReach(web, companies.region(id as RegionId))
      return classOf(region.id, vehicleClass)
    },

    /** A tariff within reach, drafts too, and its class. */
    async reachTariff(web: WebContext, id: string) {
      const row = await web.db.selectFrom('tariffs').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) throw notThere()
      requireReach(web, { companyId: row.company_id })
      return { row, priced: classOf(row.region_id, row.class) }
    },

    /** A page of the office in the region's time zone and currency. */
    contextOf({ request, web }: Page, { company, region }: Pick<Priced, 'company' | 'region'>) {
      const page = officeContext({ ...deps, companies }, { request, web }, officeScope(web, companies))
      return { ...page, timeZone: region.timeZone, currency: company.currency }
    },

    /** The figures that count for the class now. */
    async inForce(web: WebContext, { region, place }: Priced): Promise<TariffFigures | null> {
      const versions = await standingVersions(web.db, region, clock.nowMs())
      const found = versions.find((one) => one.class === place.class && one.standing === 'in force')
      return found?.figures ?? null
    },
  }
}

/** Who does it, for the trail. */
export function byOf(viewer: Viewer, { address, requestId }: WebContext): Publisher {
  return { actorId: viewer.identityId, address, requestId }
}
