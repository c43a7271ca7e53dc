/** What the back office shows of a company's regions. */
import type { RegionProps } from '../../views/backoffice/regions.ts'
import type { Companies } from '../companies/companies.ts'
import { standingIn } from '../dispatch/queues.ts'
import { windowAt } from '../engine/policy-hours.ts'
import type { CompanyId } from '../engine/units.ts'
import type { Db } from '../io/postgres.ts'

/** Every region of the company with its policies and open zones, and who stands in queues just now. */
export async function readRegions(
  { db, companies, nowMs }: { readonly db: Db; readonly companies: Companies; readonly nowMs: number },
  companyId: CompanyId,
): Promise<RegionProps[]> {
  const regions = companies.regions.filter((region) => region.companyId === companyId)
  return Promise.all(
    regions.map(async (region) => {
      const zones = companies.zones(region.id)
      const standing = zones.some(({ hasQueue }) => hasQueue)
        ? await standingIn(db, companyId, region.id)
        : []
      const now = windowAt(region.policyHours, nowMs, region.timeZone)
      const { policy: kind, batchWindowMs, radiusM, candidates } = region
      return {
        ...{ name: region.name, timeZone: region.timeZone },
        swapGainS: region.swapGainS,
        policy: { kind, batchWindowMs, radiusM, candidates },
        hours: region.policyHours.map((window, n) => ({ ...window, isNow: n === now })),
        zones: zones.map(({ id, name, kind, hasQueue, placesMost, onDecline, outsideRides }) => ({
          ...{ name, kind },
          queue: hasQueue
            ? {
                ...{ placesMost, onDecline, outsideRides },
                standing: standing.filter(({ zoneId }) => zoneId === id).length,
              }
            : null,
        })),
      }
    }),
  )
}
