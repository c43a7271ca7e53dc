/** What the back office shows of a company's regions. */
import type { RegionProps, SideProps } from '../../views/backoffice/regions.ts'
import { surgeText } from '../../views/parts/surge.ts'
import type { Companies, Region } from '../companies/companies.ts'
import { standingIn } from '../dispatch/queues.ts'
import { shadowSince } from '../dispatch/shadow.ts'
import { windowAt } from '../engine/policy-hours.ts'
import type { ShadowSide } from '../engine/shadow.ts'
import { stepsOf, surgeOf } from '../engine/surge.ts'
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
        ...{ id: region.id, name: region.name, timeZone: region.timeZone },
        surge: surgeWords(region, companies.company(companyId)?.currency ?? 'USD'),
        ...{ driveLimitS: region.driveLimitS, restS: region.restS, emergencyNumber: region.emergencyNumber },
        swapGainS: region.swapGainS,
        shadow: await shadowOf(db, region, nowMs),
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

const DAY_MS = 86_400_000

async function shadowOf(db: Db, region: Region, nowMs: number): Promise<RegionProps['shadow']> {
  const { companyId, id: regionId, slug, shadowPolicy } = region
  if (shadowPolicy === null) return null
  const sums = await shadowSince(db, companyId, { regionId, sinceMs: nowMs - DAY_MS })
  if (sums === null) return { slug, policy: shadowPolicy, day: null }
  const { ticks, waiting, changed } = sums
  const side = (of: ShadowSide, tookMs: number): SideProps => ({
    rides: of.rides,
    etaMeanS: of.rides === 0 ? null : of.etaS / of.rides,
    costMeanS: of.costS / waiting,
    decideMeanMs: tookMs / ticks,
  })
  const live = side(sums.live, sums.liveMs)
  return {
    ...{ slug, policy: shadowPolicy },
    day: { ticks, waiting, changed, live, shadow: side(sums.shadow, sums.shadowMs) },
  }
}

function surgeWords({ surge }: Region, currency: string): string | null {
  const most = surge === null ? null : surgeOf(surge, stepsOf(surge))
  return most === null ? null : surgeText(most, currency)
}
